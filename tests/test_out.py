"""out= takes the result of every function that offers it."""

import inspect

import pytest
from samples import arrays, entries, identity, results, to_tensors

import tensorgrad as tg
from tensorgrad._core import runtime

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


A = tg.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("out", [
    tg.empty(2, 3), tg.empty(3, 2).T, tg.empty(4, 6)[::2, ::2], tg.empty(2, 3, dtype=tg.float64), tg.empty(2, 3, dtype=tg.float16),
    tg.empty(3), tg.empty(2, 6).reshape(4, 3)[:2]], ids=lambda t: f"{tuple(t.shape)} {t.stride()} {t.dtype}")
@pytest.mark.parametrize("other", [A, A.T.contiguous().T, A.double(), A.to(tg.int64), 2, 0.5, A[0]])
def test_a_map_writes_to_any_out(out, other):
    """Straight where shape and dtype are the result's, by way of a result elsewhere: the numbers are the same."""
    version = out._version
    assert tg.mul(A, other, out=out) is out and out._version > version
    assert out.tolist() == (A * other).to(out.dtype).tolist()


def test_a_map_writes_to_an_out_in_its_operands_memory():
    for make in (lambda x: x, lambda x: x.T, lambda x: x.flip(0), lambda x: x[0].expand(3, 3)):
        x = tg.arange(9.0).reshape(3, 3)
        expected = (x - 2 * make(x)).tolist()
        assert tg.sub(x, 2 * make(x), out=x).tolist() == expected
        x = tg.arange(9.0).reshape(3, 3)
        expected = (x * make(x)).tolist()
        assert tg.mul(x, make(x), out=x).tolist() == expected


def test_a_refused_out_is_untouched():
    out = tg.zeros(3).expand(2, 3)
    with pytest.raises(tg.GraphError, match="add"):
        tg.add(A, A, out=out)
    whole = tg.zeros(2, 3, dtype=tg.int64)
    with pytest.raises(tg.DTypeError, match="exp"):
        tg.exp(A, out=whole)
    assert out.tolist() == [[0.0] * 3] * 2 and whole.tolist() == [[0] * 3] * 2


def test_out_is_written_without_a_copy():
    x, out = tg.rand(1 << 20), tg.empty(1 << 20)
    runtime.reset_peak_memory()
    tg.add(x, x, out=out)
    tg.exp(x, out=out)
    stats = runtime.memory_stats()
    assert stats["peak"] == stats["in_use"]


def test_out_is_not_differentiated():
    x, out = tg.ones(2, requires_grad=True), tg.empty(0)
    with pytest.raises(tg.GraphError, match="out="):
        tg.exp(x, out=out)
