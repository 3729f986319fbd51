"""out= takes the result of every function that offers it."""

import inspect

import pytest
from samples import arrays, entries, identity, results, to_tensors

import tensorgrad as tg

OFFER = [e for e in entries() if "out" in inspect.signature(e.function).parameters]


@pytest.mark.parametrize("entry", OFFER, ids=[identity(e) for e in OFFER])
def test_out_takes_the_result(entry):
    positional, named = arrays(entry, entry.samples[0])
    plain = entry.function(*to_tensors(positional), **to_tensors(named))
    several = isinstance(plain, tuple)
    out = tuple(tg.empty(0, dtype=t.dtype) for t in plain) if several else tg.empty(0, dtype=plain.dtype)
    returned = entry.function(*to_tensors(positional), **to_tensors(named), out=out)
    for place, back, value in zip(*((out, returned, plain) if several else ([out], [returned], [plain])), strict=True):
        assert back is place and results(place)[0].tolist() == results(value)[0].tolist()


@pytest.mark.parametrize(("make", "expected"), [
    (lambda out: tg.full((2,), 7.0, out=out), [7.0, 7.0]), (lambda out: tg.arange(3.0, out=out), [0.0, 1.0, 2.0]),
    (lambda out: tg.linspace(0, 1, 2, out=out), [0.0, 1.0]), (lambda out: tg.logspace(0, 1, 2, out=out), [1.0, 10.0]),
    (lambda out: tg.zeros(2, out=out), [0.0, 0.0]), (lambda out: tg.ones(2, out=out), [1.0, 1.0]),
    (lambda out: tg.eye(1, out=out), [[1.0]])])
def test_constructors_write_to_out(make, expected):
    out = tg.empty(0)
    assert make(out) is out and out.tolist() == expected


def test_out_is_not_differentiated():
    x, out = tg.ones(2, requires_grad=True), tg.empty(0)
    with pytest.raises(tg.GraphError, match="out="):
        tg.exp(x, out=out)
