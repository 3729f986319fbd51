"""Softmax and normalisation beyond the registry's samples: any shape against NumPy in float64, extreme values, every
instruction set, thread counts, running averages, what must fail."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad.ops import norm, rows

F = tg.nn.functional
SHAPES = st.lists(st.integers(1, 70), min_size=1, max_size=3).filter(lambda s: np.prod(s) < 20000)


def floats(shape, seed=0, dtype=np.float64):
    return np.random.RandomState(seed).uniform(-4, 4, shape).astype(dtype)


def tensor(array, grad=True):
    t = tg.from_numpy(array.copy())
    return t.requires_grad_() if grad else t


@given(SHAPES, st.integers(-3, 2), st.sampled_from([np.float32, np.float64]))
def test_softmax_is_its_definition(shape, dim, dtype):
    dim = max(min(dim, len(shape) - 1), -len(shape))
    x = floats(shape, 1, dtype)
    tolerance = 1e-5 if dtype is np.float32 else 1e-12
    wide = x.astype(np.float64)
    for function, like in ((tg.softmax, rows.like_softmax), (tg.log_softmax, rows.like_log_softmax)):
        np.testing.assert_allclose(function(tensor(x, False), dim).numpy(), like(np, wide, dim), tolerance, tolerance)


@given(SHAPES, st.integers(0, 2), st.booleans())
def test_softmax_gradient_is_its_definition(shape, dim, logarithm):
    dim = min(dim, len(shape) - 1)
    x, g = tensor(floats(shape, 2)), floats(shape, 3)
    p = rows.like_softmax(np, x.detach().numpy(), dim)
    if logarithm:
        expected = g - p * g.sum(dim, keepdims=True)
    else:
        expected = p * (g - (g * p).sum(dim, keepdims=True))
    (tg.log_softmax if logarithm else tg.softmax)(x, dim).backward(tg.from_numpy(g))
    np.testing.assert_allclose(x.grad.numpy(), expected, 1e-11, 1e-12)


@pytest.mark.parametrize("n", [2, 10, 64, 100, 3000])
@pytest.mark.parametrize("inner", [1, 3])
def test_extreme_logits(n, inner):
    x = np.zeros((2, n, inner), np.float32)
    x[:, 0], x[:, 1] = 1e4, -1e4
    y = tg.softmax(tensor(x), 1).detach().numpy()
    assert (y[:, 0] == 1).all() and (y[:, 1:] == 0).all()
    logp = tg.log_softmax(tensor(x), 1).detach().numpy()
    assert (logp[:, 0] == 0).all() and (logp[:, 1] == -2e4).all()
    x[0, 0] = -np.inf  # one impossible class is no problem, a row of them or a NaN is one for its row alone
    x[1, 0] = np.nan
    y = tg.softmax(tensor(x), 1).detach().numpy()
    assert (y[0, 0] == 0).all() and np.allclose(y[0].sum(0, dtype=float), 1) and np.isnan(y[1]).all()
    assert np.isnan(tg.softmax(tensor(np.full((1, n, inner), -np.inf, np.float32)), 1).detach().numpy()).all()


def network(dtype):
    """Values and gradients of every driver of this family on shapes that take each of its ways."""
    out = []
    for shape in ((300, 10), (70, 257), (3, 20, 130), (2, 1000, 3)):
        x, g = tensor(floats(shape, 4, dtype)), tg.from_numpy(floats(shape, 5, dtype))
        for function in (tg.softmax, tg.log_softmax):
            y = function(x, 1)
            out += [y, *tg.autograd.grad(y, [x], g)]
    for shape in ((300, 40), (5, 16, 3), (4, 24, 7, 7), (40, 8, 20, 20)):
        x, g = tensor(floats(shape, 6, dtype)), tg.from_numpy(floats(shape, 7, dtype))
        w, b = tensor(floats(shape[1], 8, dtype)), tensor(floats(shape[1], 9, dtype))
        v, c = tensor(floats(shape[-1], 8, dtype)), tensor(floats(shape[-1], 9, dtype))
        for y, p in ((F.batch_norm(x, None, None, w, b, True), (w, b)), (F.group_norm(x, 4, w, b), (w, b)),
                     (F.layer_norm(x, shape[-1:], v, c), (v, c)), (F.rms_norm(x, shape[-1:], v), (v,))):
            out += [y, *tg.autograd.grad(y, [x, *p], g)]
    return [t.detach().numpy() for t in out]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_instruction_set_gives_the_same(dtype):
    tables = [with_isa(isa, network, dtype) for isa in isa_tables()]
    tolerance = 2e-4 if dtype is np.float32 else 1e-10
    for table in tables[1:]:
        for a, b in zip(tables[0], table, strict=True):
            np.testing.assert_allclose(a, b, tolerance, tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_do_not_change_a_bit(dtype):
    results = [with_threads(n, network, dtype) for n in (1, 2, 3, 8)]
    for other in results[1:]:
        assert all(a.tobytes() == b.tobytes() for a, b in zip(results[0], other, strict=True))


@given(st.integers(1, 40), st.integers(1, 70), st.integers(1, 40), st.booleans(),
       st.sampled_from([np.float32, np.float64]))
def test_batch_norm_is_its_definition(n, c, hw, training, dtype):
    if n * hw == 1:
        hw = 2
    x, w, b = floats((n, c, hw), 1, dtype), floats(c, 2, dtype), floats(c, 3, dtype)
    mean, var = floats(c, 4, dtype), np.abs(floats(c, 5, dtype)) + dtype(0.5)
    m, v = tensor(mean, False), tensor(var, False)
    y = F.batch_norm(tensor(x), m, v, tensor(w), tensor(b), training, 0.3).detach().numpy()
    wide = [a.astype(np.float64) for a in (x, mean, var, w, b)]
    tolerance = 2e-4 if dtype is np.float32 else 1e-9
    np.testing.assert_allclose(y, norm.like_batch_norm(np, *wide, training), tolerance, tolerance)
    if training:
        mean, var = 0.7 * mean + 0.3 * x.mean((0, 2)), 0.7 * var + 0.3 * x.var((0, 2), ddof=1)
    np.testing.assert_allclose(m.numpy(), mean, tolerance, tolerance)
    np.testing.assert_allclose(v.numpy(), var, tolerance, tolerance)


@pytest.mark.parametrize("training", [False, True])
def test_batch_norm_past_the_cache(training):
    n, c, hw = 3, 3, 700_001  # 25 MB
    x, g, w = floats((n, c, hw), 1, np.float32), floats((n, c, hw), 2, np.float32), floats(c, 3, np.float32)
    mean, var = np.float32([1, 0, -1]), np.float32([1, 2, 3])
    found = []
    for part in (slice(None), 0, 1, 2):  # the whole, and channel by channel, which is small enough for the other way
        def cut(a, part=part):
            return np.ascontiguousarray(a[:, part].reshape(n, -1, hw) if a.ndim == 3 else a[part].reshape(-1))
        t, weight = tensor(cut(x)), tensor(cut(w))
        y = F.batch_norm(t, tensor(cut(mean), False), tensor(cut(var), False), weight, None, training)
        found.append([a.detach().numpy() for a in (y, *tg.autograd.grad(y, [t, weight], tensor(cut(g), False)))])
    for whole, *parts in zip(*found, strict=True):
        np.testing.assert_array_equal(whole, np.concatenate(parts, 1 if whole.ndim == 3 else 0))


def test_norms_keep_small_differences_of_large_numbers():
    x = (np.random.RandomState(0).uniform(-1, 1, (4, 3000)) + 1e4).astype(np.float32)
    expected = norm.like_layer_norm(np, x.astype(np.float64), (3000,))
    np.testing.assert_allclose(F.layer_norm(tensor(x), (3000,)).detach().numpy(), expected, atol=2e-3)
    y = F.batch_norm(tensor(x.T), None, None, training=True).detach().numpy()
    np.testing.assert_allclose(y.T, expected, atol=2e-3)


def test_evaluation_uses_and_keeps_the_running_averages():
    x, mean, var = tensor(floats((3, 2, 4))), tensor(np.ones(2), False), tensor(np.full(2, 4.0), False)
    version = mean._version
    y = F.batch_norm(x, mean, var, eps=0.0)
    np.testing.assert_allclose(y.detach().numpy(), (x.detach().numpy() - 1) / 2)
    assert mean._version == version
    assert tg.autograd.gradcheck(lambda x: F.batch_norm(x, mean, var), (x,))
    assert tg.autograd.gradgradcheck(lambda x: F.batch_norm(x, mean, var), (x,))


def test_instance_norm_moves_the_running_averages():
    x, mean, var = floats((3, 2, 5)), tensor(np.zeros(2), False), tensor(np.ones(2), False)
    y = F.instance_norm(tensor(x), mean, var, momentum=0.5)
    np.testing.assert_allclose(y.detach().numpy(), norm.like_group_norm(np, x, 2), 1e-9, 1e-9)
    np.testing.assert_allclose(mean.numpy(), 0.5 * x.mean(2).mean(0))
    np.testing.assert_allclose(var.numpy(), 0.5 + 0.5 * x.var(2, ddof=1).mean(0))


def test_half_precision_is_computed_in_float32():
    x = tensor(floats((3, 40)), False).to(tg.bfloat16)
    assert tg.softmax(x, 1).dtype == tg.bfloat16
    y = F.layer_norm(x, (40,)).to(tg.float64).numpy()
    expected = norm.like_layer_norm(np, x.to(tg.float64).numpy(), (40,))
    np.testing.assert_allclose(y, expected, 1e-2, 1e-2)


def test_empty_inputs():
    assert F.layer_norm(tg.zeros(0, 3), (3,)).shape == (0, 3)
    assert F.group_norm(tg.zeros(0, 4, 2), 2).shape == (0, 4, 2)
    mean = tg.zeros(4)
    x, w = tg.zeros(0, 4, 2, requires_grad=True), tg.ones(4, requires_grad=True)
    y = F.batch_norm(x, mean, tg.ones(4), w, None, True)
    y.sum().backward()
    assert y.shape == (0, 4, 2) and mean.tolist() == [0.0] * 4 and w.grad.tolist() == [0.0] * 4


@pytest.mark.parametrize(("error", "call"), [
    (tg.OutOfRangeError, lambda: tg.softmax(tg.zeros(2, 3), 2)),
    (tg.DTypeError, lambda: tg.softmax(tg.tensor([1, 2]), 0)),
    (tg.ShapeError, lambda: F.layer_norm(tg.zeros(2, 3), (2,))),
    (tg.ShapeError, lambda: F.layer_norm(tg.zeros(2, 3), ())),
    (tg.ShapeError, lambda: F.layer_norm(tg.zeros(3), (2, 3))),
    (tg.ShapeError, lambda: F.layer_norm(tg.zeros(2, 3), (3,), tg.zeros(2))),
    (tg.ShapeError, lambda: F.rms_norm(tg.zeros(2, 3), (3,), tg.zeros(4))),
    (tg.ShapeError, lambda: F.group_norm(tg.zeros(2, 3), 2)),
    (tg.ShapeError, lambda: F.group_norm(tg.zeros(2, 3), 0)),
    (tg.ShapeError, lambda: F.group_norm(tg.zeros(2, 4), 2, tg.zeros(3))),
    (tg.ShapeError, lambda: F.batch_norm(tg.zeros(3), None, None, training=True)),
    (tg.ShapeError, lambda: F.batch_norm(tg.zeros(2, 3), tg.zeros(2), tg.zeros(3))),
    (tg.ArgumentError, lambda: F.batch_norm(tg.zeros(2, 3), None, None)),
    (tg.ArgumentError, lambda: F.batch_norm(tg.zeros(1, 3), None, None, training=True)),
    (tg.ArgumentError, lambda: F.instance_norm(tg.zeros(2, 3, 1))),
    (tg.ArgumentError, lambda: F.batch_norm(tg.zeros(2, 3), tg.zeros(1).expand(3), tg.ones(3), training=True)),
    (tg.ArgumentError, lambda: F.local_response_norm(tg.zeros(1, 2, 3), 0)),
    (tg.ShapeError, lambda: F.local_response_norm(tg.zeros(2, 3), 2)),
])
def test_bad_arguments(error, call):
    with pytest.raises(error):
        call()


def test_an_implicit_dim_warns():
    with pytest.warns(UserWarning, match="Implicit dimension"):
        assert F.softmax(tg.zeros(2, 4)).tolist() == [[0.25] * 4] * 2
