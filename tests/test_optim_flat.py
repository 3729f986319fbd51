"""What optimisers that search along a line are made of: passes over all parameters as one vector, against NumPy; and LBFGS and
NonlinearCG built on them, against the algorithm written with whole arrays."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorgrad
from tensorgrad import optim
from tensorgrad._core.errors import ShapeError
from tensorgrad._core.kernels import update as kernels

BOUND = {np.float32: 2e-6, np.float64: 1e-14}
REALS = st.sampled_from([np.float32, np.float64])
SHAPES = st.lists(st.sampled_from([(), (0, 2), (3,), (4, 5), (1023,), (1025,), (2, 3, 700), (130, 129), (40000,)]), min_size=1,
                  max_size=6)


def strided(a, step):
    """A tensor of a's values: contiguous, transposed, or every second element."""
    if step == "transposed" and a.ndim == 2:
        return tensorgrad.tensor(np.ascontiguousarray(a.T)).T
    if step == "spread" and a.ndim:
        return tensorgrad.tensor(np.repeat(a, 2, axis=-1))[..., ::2]
    return tensorgrad.tensor(a)


LAYOUTS = st.sampled_from(["contiguous", "transposed", "spread"])


def parameters(rng, shapes, dtype, layouts):
    """Parameters, some without a gradient, and their values and gradients laid end to end."""
    params, gradients = [], []
    for i, shape in enumerate(shapes):
        p = strided(np.asarray(rng.standard_normal(shape), dtype), layouts[i % len(layouts)]).detach().requires_grad_()
        g = np.asarray(rng.standard_normal(shape), dtype) if i % 3 != 2 else np.zeros(shape, dtype)
        if i % 3 != 2:
            p.grad = strided(g, layouts[(i + 1) % len(layouts)])
        params.append(p)
        gradients.append(g.ravel())
    return params, np.concatenate(gradients)


def flat(params):
    return np.concatenate([p.detach().numpy().ravel() for p in params])


def near(got, expected, scale, dtype):
    return abs(got - expected) <= BOUND[dtype] * scale


@given(SHAPES, REALS, st.lists(LAYOUTS, min_size=1, max_size=3), st.integers(0, 100))
def test_flatten_is_cat_with_its_sums(shapes, dtype, layouts, seed):
    rng = np.random.default_rng(seed)
    params, expected = parameters(rng, shapes, dtype, layouts)
    d = rng.standard_normal(expected.size).astype(dtype)
    (g, largest, total), product = kernels.flatten("test", params, True, tensorgrad.tensor(d))
    assert g.numpy().dtype == dtype and (g.numpy() == expected).all()
    wide = expected.astype(float)
    assert largest == np.abs(wide).max(initial=0)
    assert near(total, np.abs(wide).sum(), np.abs(wide).sum(), dtype) and near(product, wide @ d, np.abs(wide) @ np.abs(d), dtype)
    (values, *_), product = kernels.flatten("test", params, False)
    assert (values.numpy() == flat(params)).all() and product == 0


@given(SHAPES, REALS, st.lists(LAYOUTS, min_size=1, max_size=3), st.floats(-3, 3))
def test_place_moves_all_parameters(shapes, dtype, layouts, t):
    rng = np.random.default_rng(len(shapes))
    params, _ = parameters(rng, shapes, dtype, layouts)
    versions = [p._version for p in params]
    before = flat(params)
    start, d = (rng.standard_normal(before.size).astype(dtype) for _ in range(2))
    for begin, (first, move) in ((before, (None, tensorgrad.tensor(d))), (start, (tensorgrad.tensor(start), tensorgrad.tensor(d)))):
        kernels.place("test", params, first, t, move)
        np.testing.assert_allclose(flat(params), begin + dtype(t) * d, rtol=BOUND[dtype], atol=BOUND[dtype])
    kernels.place("test", params, tensorgrad.tensor(start))
    assert (flat(params) == start).all() and all(p._version > v for p, v in zip(params, versions, strict=True))


@given(st.sampled_from([0, 1, 31, 33, 1024, 1025, 16384, 16385, 50001]), REALS, st.floats(-2, 2), st.floats(-2, 2), st.booleans())
def test_a_pass_is_its_formula(n, dtype, a, b, in_place):
    rng = np.random.default_rng(n)
    x, y, z = (rng.standard_normal(n).astype(dtype) for _ in range(3))
    tx, ty, tz = (strided(v, "spread" if i == 2 else "") for i, v in enumerate((x, y, z)))
    out, scaled = tx if in_place else tensorgrad.empty_like(tx), tensorgrad.empty_like(ty)
    *products, largest = kernels.one_pass("test", [(out, a, tx, b, ty), (scaled, a, ty)], [(out, scaled), (out, tz), (ty, ty)], out)
    expected, second = a * x.astype(float) + b * y, a * y.astype(float)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-6 if dtype is np.float32 else 1e-14, atol=BOUND[dtype])
    np.testing.assert_allclose(scaled.numpy(), second, rtol=BOUND[dtype], atol=1e-37)
    assert largest == np.abs(out.numpy()).max(initial=0)
    for got, left, right in zip(products, (expected, expected, y), (second, z, y), strict=True):
        assert near(got, left.astype(float) @ right, 4 * (np.abs(left) @ np.abs(right)) + 1e-30, dtype)


@pytest.mark.parametrize("at", [0, 5, 1500, 20000, 39999])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_shows(value, at):
    p = tensorgrad.zeros(40000, requires_grad=True)
    p.grad = tensorgrad.ones(40000)
    p.grad[at] = value
    (g, largest, total), product = kernels.flatten("test", [p], True, p.detach() + 1)
    expected = math.nan if value != value else math.inf
    np.testing.assert_equal([largest, total, product], [expected, expected, value])
    assert (g.isfinite().logical_not().nonzero() == at).all()


def test_half_parameters_are_searched_in_single_precision():
    p = tensorgrad.tensor([3.0, -1.0], dtype=tensorgrad.float16, requires_grad=True)
    q = tensorgrad.tensor([0.5], dtype=tensorgrad.float64, requires_grad=True)
    p.grad = tensorgrad.tensor([1.0, 2.0], dtype=tensorgrad.float16)
    (g, *_), _ = kernels.flatten("test", [p], True)
    (both, *_), _ = kernels.flatten("test", [p, q], True)
    assert g.dtype is tensorgrad.float32 and both.dtype is tensorgrad.float64 and both.tolist() == [1.0, 2.0, 0.0]
    kernels.place("test", [p, q], None, 0.5, tensorgrad.tensor([1.0, 1.0, 1.0], dtype=tensorgrad.float64))
    assert p.tolist() == [3.5, -0.5] and q.tolist() == [1.0] and p.dtype is tensorgrad.float16


def test_vectors_that_do_not_fit_are_errors():
    p, whole = tensorgrad.ones(3, requires_grad=True), tensorgrad.ones(6).double()
    bad = [lambda: kernels.place("test", [p], tensorgrad.ones(4)),
           lambda: kernels.flatten("test", [p], False, tensorgrad.ones(2)),
           lambda: kernels.flatten("test", [tensorgrad.ones(2).long()], False),
           lambda: kernels.one_pass("test", [], [(whole, tensorgrad.ones(5))]),
           lambda: kernels.one_pass("test", [(whole[::2], 1, whole[:3])], []),
           lambda: kernels.one_pass("test", [(whole, 1, whole), (p.detach(), 1, whole)], []),
           lambda: kernels.one_pass("test", [(whole, 1, whole)] * 3, []),
           lambda: kernels.one_pass("test", [], [(whole, whole)] * 4),
           lambda: kernels.bfloat(whole), lambda: kernels.bfloat(whole.float()[::2]),
           lambda: kernels.newton_schulz(whole.float(), 1, 1, 1, 1), lambda: kernels.newton_schulz(whole.view(2, 3), 1, 1, 1, 1)]
    for call in bad:
        with pytest.raises(ShapeError):
            call()
    assert p.tolist() == [1.0] * 3 and whole.tolist() == [1.0] * 6


def valley(layout="contiguous", dtype=np.float64):
    """Parameters of a badly scaled valley of 60000 dimensions, one of them unused; the closure that an optimiser wants."""
    rng = np.random.default_rng(0)
    params = [strided(rng.standard_normal(s).astype(dtype), layout).detach().requires_grad_()
              for s in ((150, 200), (30001,), (7,), (3, 4))]
    scales = [tensorgrad.tensor(np.exp(rng.uniform(-3, 3, tuple(p.shape))).astype(dtype)) for p in params]

    def loss():
        for p in params:
            p.grad = None
        value = sum((c * (p - 1) ** 2 + 0.1 * (p - 1) ** 4).sum() for p, c in zip(params[:3], scales[:3], strict=True))
        value.backward()
        return value

    return params, loss


def plain_lbfgs(params, closure, steps, lr, size):
    """The algorithm with whole arrays and no line search."""
    ys, ss, before, diagonal, d, t = [], [], None, 1.0, None, None
    for k in range(steps):
        closure()
        g = np.concatenate([(np.zeros(tuple(p.shape)) if p.grad is None else p.grad.numpy()).ravel() for p in params])
        if before is not None:
            y, s = g - before, t * d
            ys, ss, diagonal = [*ys, y][-size:], [*ss, s][-size:], y @ s / (y @ y)
        q, weights = -g, []
        for y, s in zip(reversed(ys), reversed(ss), strict=True):
            weights.append(s @ q / (y @ s))
            q = q - weights[-1] * y
        d = q * diagonal
        for y, s, weight in zip(ys, ss, reversed(weights), strict=True):
            d = d + (weight - y @ d / (y @ s)) * s
        t, before, at = lr if k else lr / max(1.0, np.abs(g).sum()), g, 0
        for p in params:
            p.data.copy_(tensorgrad.tensor((flat([p]) + t * d[at:at + p.numel()]).reshape(tuple(p.shape))))
            at += p.numel()


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "spread"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_lbfgs_is_its_definition(layout, size):
    params, closure = valley(layout)
    unused = params[3].tolist()
    optimizer = optim.LBFGS(params, lr=0.7, max_iter=1, history_size=size)
    for _ in range(12):
        optimizer.step(closure)
    others, closure = valley()
    plain_lbfgs(others, closure, 12, 0.7, size)
    np.testing.assert_allclose(flat(params), flat(others), rtol=1e-8, atol=1e-10)
    assert params[3].tolist() == unused
    state = optimizer.state_dict()["state"][0]
    assert set(state) == {"func_evals", "n_iter", "d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss", "al"}
    assert len(state["old_dirs"]) == len(state["al"]) == size


@pytest.mark.parametrize("make", [lambda p: optim.LBFGS(p, max_iter=3, history_size=2), lambda p: optim.NonlinearCG(p, max_iter=2),
                                  lambda p: optim.LBFGS(p, max_iter=3, line_search_fn="strong_wolfe")])
def test_bits_do_not_depend_on_threads(make):
    before, results = tensorgrad.get_num_threads(), []
    try:
        for threads in (1, 2, 3, 8):
            tensorgrad.set_num_threads(threads)
            params, closure = valley(dtype=np.float32)
            optimizer = make(params)
            for _ in range(3):
                optimizer.step(closure)
            results.append(flat(params).tobytes())
    finally:
        tensorgrad.set_num_threads(before)
    assert all(r == results[0] for r in results)


@pytest.mark.parametrize("make", [optim.NonlinearCG, lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe")])
def test_a_closure_that_fails_leaves_the_parameters_where_the_search_began(make):
    params, closure = valley()
    optimizer, calls = make(params), []

    def failing():
        calls.append(flat(params))
        if len(calls) == 3:
            raise ZeroDivisionError
        return closure()

    with pytest.raises(ZeroDivisionError):
        optimizer.step(failing)
    assert (calls[2] != calls[0]).any()
    assert any((flat(params) == at).all() for at in calls[:2])


@pytest.mark.parametrize("make", [optim.LBFGS, optim.NonlinearCG, lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe")])
@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, 1e-30])
def test_steps_end_whatever_the_gradient_is(make, value):
    x = tensorgrad.ones(5, requires_grad=True)
    optimizer = make([x])
    for group in optimizer.param_groups:
        group.update(tolerance_grad=-1.0, tolerance_change=0.0)

    def closure():
        x.grad = tensorgrad.full((5,), value)
        return x.detach().sum() * value

    for _ in range(2):
        optimizer.step(closure)
    assert value > 1 or x.isfinite().all() or value != value


def test_a_history_that_does_not_fit_is_an_error():
    params, closure = valley()
    optimizer = optim.LBFGS(params, max_iter=1)
    for _ in range(3):
        optimizer.step(closure)
    optimizer.state[params[0]]["old_stps"][-1] = tensorgrad.ones(4)
    before = flat(params)
    with pytest.raises(ShapeError, match="does not fit"):
        optimizer.step(closure)
    assert (flat(params) == before).all()
