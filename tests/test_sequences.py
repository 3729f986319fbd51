"""Recurrent records against the composition of their steps: whole sequences, packed ones, both directions, cells; their
gradients, second derivatives, instruction sets, thread counts, what must fail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core import engine
from tensorgrad._core.errors import ArgumentError, DTypeError, ShapeError
from tensorgrad.ops import rnn

KINDS = ("tanh", "relu", "lstm", "gru")
STATES = {"tanh": 1, "relu": 1, "lstm": 2, "gru": 1}


def floats(shape, seed, dtype):
    return tg.from_numpy(np.random.RandomState(seed).uniform(-1, 1, shape).astype(dtype))


def inputs_of(kind, steps, batch, width, bias, sizes, dtype=np.float64):
    """x, the states, w and b."""
    gates = rnn.GATES[kind] * width
    shape = (sum(sizes), gates) if sizes is not None else (steps, batch, gates)
    states = [floats((batch, width), 2 + i, dtype) for i in range(STATES[kind])]
    return [floats(shape, 1, dtype), *states, floats((gates, width), 4, dtype), floats((gates,), 5, dtype) if bias else None]


def results(function, kind, inputs, sizes, backwards, used):
    """Outputs, and the gradients of all inputs where the outputs in `used` have one."""
    xs = [None if x is None else x.detach().requires_grad_() for x in inputs]
    x, *state, w, b = xs
    y, last = function(kind, x, tuple(state), w, b, None, sizes, backwards)
    outputs = [y, *last]
    sum(((o * floats(o.shape, 7 + i, np.float64).to(o.dtype)).sum() for i, o in enumerate(outputs) if i in used), x.sum() * 0).backward()
    return [o.detach().numpy() for o in outputs] + [(tg.zeros_like(x) if x.grad is None else x.grad).numpy() for x in xs if x is not None]


@settings(max_examples=60)
@given(st.sampled_from(KINDS), st.integers(1, 5), st.integers(0, 60), st.integers(1, 70), st.booleans(), st.booleans(), st.booleans(),
       st.sampled_from([(0,), (1,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]), st.sampled_from([np.float32, np.float64]), st.data())
def test_a_sequence_is_its_steps(kind, steps, batch, width, bias, packed, backwards, used, dtype, data):
    sizes = None
    if packed:
        sizes = tuple(sorted((data.draw(st.integers(1, max(batch, 1))) for _ in range(steps)), reverse=True))
        batch = sizes[0]
    inputs = inputs_of(kind, steps, batch, width, bias, sizes, dtype)
    tolerance = 1e-3 if dtype is np.float32 else 1e-10
    record = results(rnn.sequence, kind, inputs, sizes, backwards, used)
    for a, b in zip(record, results(rnn.unroll, kind, inputs, sizes, backwards, used), strict=True):
        np.testing.assert_allclose(a, b, tolerance, tolerance)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("sizes", "backwards"), [(None, False), (None, True), ((3, 2), False), ((3, 1), True)])
def test_gradients_are_those_of_finite_differences(kind, sizes, backwards):
    xs = [x.requires_grad_() for x in inputs_of(kind, 2, 3, 2, True, sizes)]

    def call(x, *rest):
        y, last = rnn.sequence(kind, x, rest[:-2], *rest[-2:], None, sizes, backwards)
        return y, *last
    assert tg.autograd.gradcheck(call, xs)
    assert tg.autograd.gradgradcheck(call, xs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(), (3,), (0,)])
def test_cells(kind, shape):
    gates, n = rnn.GATES[kind], 5
    xs = [floats((*shape, gates * n), 1, np.float64), *(floats((*shape, n), 2 + i, np.float64) for i in range(STATES[kind])),
          floats((gates * n, n), 4, np.float64), floats((gates * n,), 5, np.float64)]
    xs = [x.requires_grad_() for x in xs]

    def call(x, *rest):
        return tuple(rnn.cell(kind, x, rest[:-2], *rest[-2:]))
    for a, b in zip(call(*xs), rnn.step(kind, xs[0], tuple(xs[1:-2]), *xs[-2:], None), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), 1e-12, 1e-13)
    assert tg.autograd.gradcheck(call, xs)
    assert tg.autograd.gradgradcheck(call, xs)


@pytest.mark.parametrize("kind", KINDS)
def test_the_formulas_agree(kind):
    """What a backward pass without the fused derivative gives."""
    inputs = inputs_of(kind, 3, 4, 6, True, None)
    fused = results(rnn.sequence, kind, inputs, None, False, (0, 1))
    before = engine.use_formulas(True)
    try:
        for a, b in zip(fused, results(rnn.sequence, kind, inputs, None, False, (0, 1)), strict=True):
            np.testing.assert_allclose(a, b, 1e-11, 1e-12)
    finally:
        engine.use_formulas(before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_instruction_sets_and_threads(kind, dtype):
    """100 units are several slices, and enough work a step for a team."""
    sizes = (60, 60, 33, 1)
    inputs = inputs_of(kind, 4, 60, 100, True, sizes, dtype)
    inputs[-2] *= 0.2
    wide = [x.double() for x in inputs]
    for backwards in (False, True):
        expected = results(rnn.unroll, kind, wide, sizes, backwards, (0, 1, 2))
        tolerance = 1e-4 if dtype is np.float32 else 1e-11
        for isa in isa_tables():
            first = None
            for threads in (1, 2, 3, 8):
                result = with_isa(isa, with_threads, threads, results, rnn.sequence, kind, inputs, sizes, backwards, (0, 1, 2))
                first = first or result
                for a, b, c in zip(result, first, expected, strict=True):
                    assert a.tobytes() == b.tobytes()
                    np.testing.assert_allclose(a, c, tolerance, tolerance)


@pytest.mark.parametrize("dtype", [tg.float32, tg.float64])
def test_rows_that_are_a_power_of_two_apart(dtype):
    """Gates and states get rows of a length of their own there."""
    tg.manual_seed(0)
    layer = tg.nn.LSTM(3, 128).to(dtype)
    x = tg.randn(3, 2, 3, dtype=dtype).requires_grad_()
    layer(x)[0].square().sum().backward()
    fused = [x.grad.clone(), *(p.grad.clone() for p in layer.parameters())]
    before = engine.use_formulas(True)
    try:
        x.grad = None
        layer.zero_grad()
        layer(x)[0].square().sum().backward()
    finally:
        engine.use_formulas(before)
    for a, b in zip(fused, [x.grad, *(p.grad for p in layer.parameters())], strict=True):
        assert a.is_contiguous()
        np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-4, 1e-5)


def test_extreme_gates():
    x = tg.tensor([[[1e4, -1e4, 1e4, -1e4, float("inf"), -float("inf"), float("inf"), -float("inf")]]])
    y, (h, c) = rnn.sequence("lstm", x, (tg.zeros(1, 2), tg.ones(1, 2)), tg.zeros(8, 2), None)
    assert c[0, 0].item() == 2 and not y.isnan().any() and h[0, 0].item() == pytest.approx(np.tanh(2), abs=1e-6)


def test_a_double_backward_through_a_layer():
    """A penalty on the gradient of the input."""
    layer = tg.nn.GRU(2, 3, num_layers=2, bidirectional=True).double()
    x = tg.randn(3, 2, 2, dtype=tg.float64).requires_grad_()

    def penalty(x):
        return tg.autograd.grad(layer(x)[0].sum(), x, create_graph=True)[0].square().sum()
    assert tg.autograd.gradcheck(penalty, [x])


def test_what_must_fail():
    x, h, w = tg.ones(2, 3, 8), tg.ones(3, 2), tg.ones(8, 2)
    for error, args in [(ShapeError, (x, (h, tg.ones(3, 3)), w, None)), (ShapeError, (x, (tg.ones(2, 2), h), w, None)),
                        (ShapeError, (x, (h, h), tg.ones(8, 3), None)), (ShapeError, (x, (h, h), w, tg.ones(2))),
                        (ShapeError, (x[:0], (h, h), w, None)), (ShapeError, (x[:, :, :7], (h, h), w, None)),
                        (ShapeError, (x, (h, h), w, None, None, (3, 3))), (ShapeError, (x[0], (h, h), w, None, None, (3, 1))),
                        (ArgumentError, (x.flatten(0, 1), (h, h), w, None, None, (3, 1, 2))), (DTypeError, (x, (h, h), w.double(), None)),
                        (DTypeError, (x.long(), (h.long(), h.long()), w.long(), None))]:
        with pytest.raises(error):
            rnn.sequence("lstm", *args)
    with pytest.raises(ShapeError):
        rnn.lstm_cell_op(tg.ones(3, 8), tg.ones(3, 8), tg.ones(2, 2))
