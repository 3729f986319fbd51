"""Random programs: chains of operations, views and writes in place. Their values are held against the same program in NumPy, their
gradients against finite differences of that, and, where PyTorch is installed, all of it against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorgrad as tg

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None


def fit(x, y):
    """y where it broadcasts to x's shape, else its mean."""
    try:
        same = np.broadcast_shapes(x.shape, y.shape) == tuple(x.shape)
    except ValueError:
        same = False
    return y if same else y.mean()


def put(x, place, value):
    """A copy of an array with a value written to a place."""
    x = x.copy()
    x[place] = value
    return x


def in_place(x, change):
    """A copy of a tensor, changed in place."""
    x = x * 1
    change(x)
    return x


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# name: (with a library t of tensors, with NumPy). x is the value to go on with, y another one; results stay small.
STEPS = {
    "add": (lambda t, x, y: x + fit(x, y), lambda x, y: x + fit(x, y)),
    "subtract": (lambda t, x, y: fit(x, y) - x, lambda x, y: fit(x, y) - x),
    "multiply": (lambda t, x, y: x * t.tanh(fit(x, y)), lambda x, y: x * np.tanh(fit(x, y))),
    "divide": (lambda t, x, y: x / (1 + fit(x, y) ** 2), lambda x, y: x / (1 + fit(x, y) ** 2)),
    "scale": (lambda t, x, y: 0.5 * x - 1, lambda x, y: 0.5 * x - 1),
    "sin": (lambda t, x, y: t.sin(x), lambda x, y: np.sin(x)),
    "tanh": (lambda t, x, y: x.tanh(), lambda x, y: np.tanh(x)),
    "sigmoid": (lambda t, x, y: t.sigmoid(x), lambda x, y: 1 / (1 + np.exp(-x))),
    "exp": (lambda t, x, y: t.exp(-x * x), lambda x, y: np.exp(-x * x)),
    "log": (lambda t, x, y: t.log1p(x * x), lambda x, y: np.log1p(x * x)),
    "sqrt": (lambda t, x, y: (x * x + 0.5).sqrt(), lambda x, y: np.sqrt(x * x + 0.5)),
    "atan2": (lambda t, x, y: t.atan2(x, fit(x, y) ** 2 + 0.5), lambda x, y: np.arctan2(x, fit(x, y) ** 2 + 0.5)),
    "where": (lambda t, x, y: t.where(x > 10, x, fit(x, y).sin()), lambda x, y: np.where(x > 10, x, np.sin(fit(x, y)))),
    "lerp": (lambda t, x, y: t.lerp(x, fit(x, y).expand(x.shape), 0.25), lambda x, y: x + 0.25 * (fit(x, y) - x)),
    "transpose": (lambda t, x, y: x.transpose(0, 1), lambda x, y: x.T),
    "reshape": (lambda t, x, y: x.t().reshape(x.shape), lambda x, y: x.T.reshape(x.shape)),
    "flip": (lambda t, x, y: t.flip(x, (0,)), lambda x, y: x[::-1]),
    "roll": (lambda t, x, y: t.roll(x, 1, 1), lambda x, y: np.roll(x, 1, 1)),
    "slice": (lambda t, x, y: x[-2:, ::2], lambda x, y: x[-2:, ::2]),
    "row": (lambda t, x, y: x[:1].expand(3, x.shape[1]), lambda x, y: np.broadcast_to(x[:1], (3, x.shape[1]))),
    "take": (lambda t, x, y: x[t.tensor([0, 0, -1])], lambda x, y: x[[0, 0, -1]]),
    "cat": (lambda t, x, y: t.cat([x, x.sin()], 0)[:4], lambda x, y: np.concatenate([x, np.sin(x)])[:4]),
    "stack": (lambda t, x, y: t.stack([x, -x]).mean(1), lambda x, y: np.stack([x, -x]).mean(1)),
    "pad": (lambda t, x, y: t.nn.functional.pad(x, (0, 1))[:, -4:], lambda x, y: np.pad(x, ((0, 0), (0, 1)))[:, -4:]),
    "tril": (lambda t, x, y: t.tril(x), lambda x, y: np.tril(x)),
    "sum": (lambda t, x, y: x.sum(0, keepdim=True) * 0.3, lambda x, y: x.sum(0, keepdims=True) * 0.3),
    "mean": (lambda t, x, y: x - x.mean(1, keepdim=True), lambda x, y: x - x.mean(1, keepdims=True)),
    "variance": (lambda t, x, y: x + x.var(), lambda x, y: x + x.var(ddof=1)),
    "largest": (lambda t, x, y: x - x.amax(1, keepdim=True), lambda x, y: x - x.max(1, keepdims=True)),
    "cumsum": (lambda t, x, y: t.cumsum(x, 1) * 0.5, lambda x, y: np.cumsum(x, 1) * 0.5),
    "softmax": (lambda t, x, y: t.softmax(x, -1), lambda x, y: softmax(x)),
    "logsumexp": (lambda t, x, y: x - t.logsumexp(x, 1, keepdim=True), lambda x, y: x - np.log(np.exp(x).sum(1, keepdims=True))),
    "norm": (lambda t, x, y: x / (x * x + 0.1).norm(), lambda x, y: x / np.sqrt(((x * x + 0.1) ** 2).sum())),
    "gram": (lambda t, x, y: (x @ x.t()).tanh(), lambda x, y: np.tanh(x @ x.T)),
    "linear": (lambda t, x, y: t.nn.functional.linear(x, x.sin()), lambda x, y: x @ np.sin(x).T),
    "einsum": (lambda t, x, y: t.einsum("ij,kj->ki", x.tanh(), x.cos()), lambda x, y: np.cos(x) @ np.tanh(x).T),
    "solve": (lambda t, x, y: t.linalg.solve(x @ x.t() + 3 * t.eye(len(x), dtype=x.dtype), x),
              lambda x, y: np.linalg.solve(x @ x.T + 3 * np.eye(len(x)), x)),
    "add_": (lambda t, x, y: in_place(x, lambda z: z.add_(fit(x, y))), lambda x, y: x + fit(x, y)),
    "mul_": (lambda t, x, y: in_place(x, lambda z: z.mul_(fit(x, y).cos())), lambda x, y: x * np.cos(fit(x, y))),
    "sin_": (lambda t, x, y: in_place(x, lambda z: z[1:].sin_()), lambda x, y: np.concatenate([x[:1], np.sin(x[1:])])),
    "write": (lambda t, x, y: in_place(x, lambda z: z.__setitem__((slice(None), 0), fit(x, y).sum() * 0.1)),
              lambda x, y: put(x, (slice(None), 0), fit(x, y).sum() * 0.1)),
    "write to a view": (lambda t, x, y: in_place(x, lambda z: z[0].t().mul_(0.5)), lambda x, y: put(x, 0, x[0] * 0.5)),
    "fill a row": (lambda t, x, y: in_place(x, lambda z: z[-1].fill_(0.25)), lambda x, y: put(x, -1, 0.25)),
    "checkpointed": (lambda t, x, y: t.utils.checkpoint.checkpoint(lambda a: (a * a).sin(), x, use_reentrant=False),
                     lambda x, y: np.sin(x * x)),
}

numbers = st.floats(-2, 2, allow_nan=False, width=16).map(lambda v: v + 0.0137)
arrays = st.lists(numbers, min_size=12, max_size=12).map(lambda v: np.array(v).reshape(3, 4) + 0.01 * np.arange(12).reshape(3, 4) ** 1.5)
programs = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9)), min_size=1, max_size=9)


def run(which, library, program, a, b):
    """The values after each step; every step sees the last value and one of the earlier ones."""
    values = [a, b]
    for name, other in program:
        step, x, y = STEPS[name][which], values[-1], values[other % len(values)]
        values.append(step(library, x, y) if library else step(x, y))
    return values


def scalar(values):
    """What is differentiated: the last value, and a little of every one before."""
    return (values[-1] * 1.0).sum() + sum(0.1 * v.sum() for v in values[2:-1])


def derive(library, program, a, b):
    """Values, gradients, and gradients of a product with the first gradients."""
    a, b = (library.from_numpy(v.copy()).requires_grad_() for v in (a, b))
    values = run(0, library, program, a, b)
    first = library.autograd.grad(scalar(values), (a, b), create_graph=True, allow_unused=True)
    known = [g for g in first if g is not None and g.requires_grad]
    second = library.autograd.grad(sum((g * g).sum() for g in known), (a, b), allow_unused=True) if known else (None, None)
    return [v.detach().numpy() for v in values], *([None if g is None else g.detach().numpy() for g in gs] for gs in (first, second))


def zero(g, like):
    return np.zeros_like(like) if g is None else g


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs, arrays, arrays)
def test_programs_agree_with_numpy(program, a, b):
    values, first, _ = derive(tg, program, a, b)
    expected = run(1, None, program, a, b)
    for found, value in zip(values, expected, strict=True):
        assert found.shape == value.shape
        np.testing.assert_allclose(found, value, 1e-8, 1e-8)
    direction = np.cos(np.arange(12.0)).reshape(3, 4)
    for k, g in enumerate(first):
        def along(h, k=k):
            inputs = [a, b]
            inputs[k] = inputs[k] + h * direction
            return scalar(run(1, None, program, *inputs))
        numeric = [(along(h) - along(-h)) / (2 * h) for h in (1e-5, 2e-5)]
        if abs(numeric[0] - numeric[1]) < 1e-6 * (1 + abs(numeric[0])):  # else a kink (a tie of largest values) lies in between
            assert (zero(g, a) * direction).sum() == pytest.approx(numeric[0], rel=1e-5, abs=1e-5)


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs, arrays, arrays)
def test_programs_agree_with_pytorch(program, a, b):
    for ours, theirs in zip(derive(tg, program, a, b), derive(torch, program, a, b), strict=True):
        for x, y in zip(ours, theirs, strict=True):
            x, y = zero(x, a), zero(y, a)
            assert x.shape == y.shape
            np.testing.assert_allclose(x, y, 1e-7, 1e-7)


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_differentiable(name):
    values = np.linspace(-1.3, 1.7, 12).reshape(3, 4)
    x, y = tg.tensor(values, requires_grad=True), tg.tensor(np.cos(values), requires_grad=True)
    function = lambda x, y: STEPS[name][0](tg, x, y)
    assert tg.autograd.gradcheck(function, (x, y)) and tg.autograd.gradgradcheck(function, (x, y), atol=1e-4)
