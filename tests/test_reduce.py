"""Reductions and scans against NumPy over shapes, memory orders, dims and dtypes; bits; derivatives at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad.autograd import gradcheck, gradgradcheck

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
TOLERANCE = {"float16": 3e-3, "float32": 3e-6, "float64": 1e-13}


@st.composite
def arrays(draw, dtypes=DTYPES, min_dims=0, min_side=1):
    """An array of any memory order: permuted, sliced with steps, broadcast."""
    side = st.one_of(st.integers(min_side, 9), st.sampled_from([65, 130]))
    shape = draw(st.lists(side, min_size=min_dims, max_size=4))
    while np.prod(shape) > 40000:
        shape[int(np.argmax(shape))] //= 8
    dtype = draw(st.sampled_from(dtypes))
    seed = draw(st.integers(0, 2**31 - 1))
    with np.errstate(invalid="ignore"):  # negative numbers as uint8: some of them, which ones differs between CPUs
        x = np.asarray(np.random.RandomState(seed).standard_normal(shape) * 3).astype(dtype)
    x = np.transpose(np.ascontiguousarray(np.transpose(x, draw(st.permutations(range(x.ndim))))))
    if x.ndim and draw(st.booleans()):
        wide = np.zeros([2 * n for n in x.shape], dtype)
        wide[tuple(slice(None, None, 2) for _ in x.shape)] = x
        x = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    return x


@st.composite
def reductions(draw, dtypes=DTYPES):
    x = draw(arrays(dtypes))
    dims = tuple(d for d in range(x.ndim) if draw(st.booleans()))
    return x, dims or tuple(range(x.ndim)), draw(st.booleans())


def agree(found, expected, scale=1.0):
    expected = np.asarray(expected)
    assert tuple(found.shape) == expected.shape
    found = found.numpy()
    if found.dtype.kind == "f":
        tolerance = TOLERANCE[found.dtype.name]
        np.testing.assert_allclose(found, expected.astype("f8"), rtol=tolerance, atol=tolerance * scale)
    else:
        np.testing.assert_array_equal(found, expected)


@given(reductions())
def test_sums_and_products(case):
    x, dims, keep = case
    wide = x.astype("f8") if x.dtype.kind == "f" else x.astype("i8")
    scale = np.sqrt(x.size) * 3
    agree(tg.from_numpy(x).sum(dims, keep), wide.sum(dims, keepdims=keep), scale)
    small = np.sign(x) if x.dtype.kind == "f" else x
    if x.ndim:
        agree(tg.from_numpy(small).prod(dims[0], keep), small.astype(wide.dtype).prod(dims[0], keepdims=keep))
    if x.dtype.kind == "f":
        agree(tg.from_numpy(x).mean(dims, keep), wide.mean(dims, keepdims=keep), scale)


@given(reductions())
def test_extremes_and_truth(case):
    x, dims, keep = case
    t = tg.from_numpy(x)
    agree(t.amax(dims, keep), x.max(dims, keepdims=keep))
    agree(t.amin(dims, keep), x.min(dims, keepdims=keep))
    truth = "uint8" if x.dtype == np.uint8 else "bool"
    agree(t.any(dims, keep), x.any(dims, keepdims=keep).astype(truth))
    agree(t.all(dims, keep), x.all(dims, keepdims=keep).astype(truth))
    agree(t.count_nonzero(dims), np.count_nonzero(x, dims))


@given(reductions(["float16", "float32", "float64"]))
def test_variance_norm_logsumexp(case):
    x, dims, keep = case
    wide, t = x.astype("f8"), tg.from_numpy(x)
    agree(t.var(dims, keepdim=keep, correction=0), wide.var(dims, keepdims=keep), 10)
    agree(t.std(dims, keepdim=keep, correction=0), wide.std(dims, keepdims=keep), 10)
    if x.dtype != np.float16:
        agree(t.norm(2, dims, keep), np.sqrt((wide**2).sum(dims, keepdims=keep)), 10)
    agree(t.logsumexp(dims, keep), np.log(np.exp(wide).sum(dims, keepdims=keep)), 10)


@given(arrays(min_dims=1), st.data())
def test_along_one_dimension(x, data):
    d = data.draw(st.integers(-x.ndim, x.ndim - 1))
    t = tg.from_numpy(x)
    for name in ("max", "min"):
        values, indices = getattr(t, name)(d)
        agree(values, getattr(np, name)(x, d))
        agree(indices, getattr(np, "arg" + name)(x, d))
        agree(getattr(t, "arg" + name)(d, True), getattr(np, "arg" + name)(x, d, keepdims=True))
    wide = x.astype("f8") if x.dtype.kind == "f" else x.astype("i8")
    agree(t.cumsum(d), np.cumsum(wide, d), 30)
    agree(t.cummax(d).values, np.maximum.accumulate(x, d))
    agree(t.cummin(d).values, np.minimum.accumulate(x, d))
    small = np.sign(x) if x.dtype.kind == "f" else x
    agree(tg.from_numpy(small).cumprod(d), np.cumprod(small.astype(wide.dtype), d))


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@given(arrays(["float32", "int64"], min_dims=1), st.data())
def test_indices_as_in_pytorch(x, data):
    d = data.draw(st.integers(0, x.ndim - 1))
    x = np.floor_divide(x, 2)  # many equal ones
    if x.dtype.kind == "f" and data.draw(st.booleans()):
        x[np.random.RandomState(x.size).uniform(size=x.shape) < 0.1] = np.nan
    ours, theirs = tg.from_numpy(x), torch.from_numpy(x.copy())
    for name in ("max", "min", "cummax", "cummin"):
        a, b = getattr(ours, name)(d), getattr(theirs, name)(d)
        np.testing.assert_array_equal(a.values.numpy(), b.values.numpy())
        np.testing.assert_array_equal(a.indices.numpy(), b.indices.numpy())
    down, down_theirs = (t.sort(dim=d, descending=True, stable=True) for t in (ours, theirs))
    np.testing.assert_array_equal(down.values.numpy(), down_theirs.values.numpy())
    np.testing.assert_array_equal(down.indices.numpy(), down_theirs.indices.numpy())
    np.testing.assert_array_equal(ours.median(d).values.numpy(), theirs.median(d).values.numpy())
    np.testing.assert_array_equal(ours.nanmedian(d).values.numpy(), theirs.nanmedian(d).values.numpy())


BIG = [((300, 1000), (0, 1)), ((300, 1000), (0,)), ((300, 1000), (1,)), ((7, 30, 900), (0, 2)), ((200000, 3), (0,)),
       ((200000,), (0,))]


def every_result(x, dims):
    t = tg.from_numpy(x)
    return [r.numpy().tobytes() for r in (t.sum(dims), t.mean(dims), t.var(dims), t.amax(dims), t.logsumexp(dims),
                                          t.cumsum(dims[0]), t.argmax(dims[0]), t.norm(2, dims))]


@pytest.mark.parametrize(("shape", "dims"), BIG)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_do_not_depend_on_threads(shape, dims, dtype):
    x = np.random.RandomState(0).standard_normal(shape).astype(dtype)
    before = tg.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 3, 8):
            tg.set_num_threads(threads)
            found.append(every_result(x, dims))
    finally:
        tg.set_num_threads(before)
    assert all(f == found[0] for f in found)


@pytest.mark.parametrize(("shape", "dims"), BIG)
def test_every_instruction_set(shape, dims):
    x = np.random.RandomState(0).standard_normal(shape).astype("float32")
    found = [[np.frombuffer(r, "float32") for r in results] for results in each_isa(lambda: every_result(x, dims)[:4])]
    for results in found[1:]:
        for a, b in zip(found[0], results, strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-6)


def each_isa(function):
    """function() under every kernel table that this machine runs."""
    before, found = runtime.isa(), []
    try:
        for name in runtime.isas_available():
            runtime.select_isa(name)
            found.append(function())
    finally:
        runtime.select_isa(before)
    return found


LENGTHS = [*range(1, 140), 255, 256, 257, 1000, 4095, 4096, 5000, 33000]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_of_every_length(dtype):
    def rows():
        for n in LENGTHS:
            x = np.random.RandomState(n).standard_normal((3, n)).astype(dtype)
            x[1, n // 2] = np.nan
            t, tolerance = tg.from_numpy(x), 1e-5 if dtype == "float32" else 1e-13
            np.testing.assert_array_equal(t.amax(1).numpy(), x.max(1))
            np.testing.assert_array_equal(t.amin(1).numpy(), x.min(1))
            np.testing.assert_allclose(t.sum(1).numpy(), x.astype("f8").sum(1), tolerance, tolerance * np.sqrt(n))
            np.testing.assert_allclose(tg.from_numpy(np.cos(x)).prod(1).numpy(), np.cos(x).astype("f8").prod(1), 100 * tolerance, 1e-30)
            np.testing.assert_array_equal(t[0].sum().numpy(), t.sum(1)[0].numpy())
            np.testing.assert_array_equal(t.cumsum(1).numpy(), np.cumsum(x.astype("f8"), 1).astype(dtype))
    each_isa(rows)


def test_infinities_are_no_nans():
    x = np.random.RandomState(0).standard_normal(700).astype("float32")
    x[[3, 600]] = np.inf, -np.inf
    assert tg.from_numpy(x).amax().item() == np.inf and tg.from_numpy(x).amin().item() == -np.inf


@pytest.mark.parametrize("rows", range(1, 10))
def test_cumulative_sums_of_several_rows(rows):
    x = np.random.RandomState(rows).standard_normal((rows, 777)).astype("float32")
    whole = np.cumsum(x.astype("f8"), 1).astype("f4"), np.cumprod(x.astype("f8"), 1).astype("f4")
    for found in each_isa(lambda: (tg.from_numpy(x).cumsum(1).numpy(), tg.from_numpy(x).cumprod(1).numpy())):
        np.testing.assert_array_equal(found, whole)
    n = np.arange(rows * 50).reshape(rows, 50)
    np.testing.assert_array_equal(tg.from_numpy(n).cumsum(1).numpy(), np.cumsum(n, 1))


@pytest.mark.parametrize("n", [1000, 10**6])
def test_float_sums_are_accurate(n):
    x = np.random.RandomState(1).uniform(0, 1, n).astype("float32")
    exact = x.astype("f8").sum()
    error = abs(float(tg.from_numpy(x).sum()) - exact) / exact
    assert error <= 2e-7
    columns = tg.from_numpy(np.tile(x[:, None], (1, 3))).sum(0).numpy()
    assert np.abs(columns - exact).max() / exact <= 2e-7
    if torch is not None:
        assert error <= abs(float(torch.from_numpy(x).sum()) - exact) / exact + 6e-8


def leaf(*values):
    return tg.tensor(values, dtype=tg.float64, requires_grad=True)


@pytest.mark.parametrize("values", [(1.0, 2.0, 3.0, 4.0), (0.0, 2.0, 3.0, -1.0), (0.0, 2.0, 0.0, 3.0), (0.0,) * 4])
def test_products_are_differentiable_at_zeros(values):
    assert gradcheck(tg.prod, [leaf(*values)])
    assert gradgradcheck(tg.prod, [leaf(*values)])
    assert gradcheck(lambda x: tg.cumprod(x, 0), [leaf(*values)])
    assert gradgradcheck(lambda x: tg.cumprod(x, 0), [leaf(*values)])


def test_equal_extremes_share_the_gradient():
    x = leaf(1.0, 3.0, 3.0, 2.0)
    assert tg.autograd.grad(x.max(), [x])[0].tolist() == [0, 0.5, 0.5, 0]
    assert tg.autograd.grad(x.amax(0), [x])[0].tolist() == [0, 0.5, 0.5, 0]
    assert tg.autograd.grad(x.max(0).values, [x])[0].tolist() == [0, 1, 0, 0]


def test_roots_have_gradient_zero_at_zero():
    x = leaf(2.0, 2.0)
    assert tg.autograd.grad(x.std(), [x])[0].tolist() == [0, 0]
    z = leaf(0.0, 0.0)
    assert tg.autograd.grad(z.norm(), [z])[0].tolist() == [0, 0]
    assert tg.autograd.grad(z.norm(3), [z])[0].tolist() == [0, 0]


def test_of_nothing():
    x = tg.zeros(0, 3)
    assert x.sum().item() == 0 and x.prod().item() == 1 and x.sum(0).tolist() == [0, 0, 0]
    assert np.isnan(x.mean().item()) and x.all().item() is True and x.any().item() is False
    for call in (x.max, x.amax, x.argmax, lambda: x.max(0), lambda: x.amin(0), lambda: x.argmin(0)):
        with pytest.raises((IndexError, RuntimeError)):
            call()
    assert tuple(x.amax(1).shape) == (0,) and tuple(x.max(1).values.shape) == (0,)


def test_bad_arguments():
    x = tg.zeros(2, 3)
    for call in (lambda: x.sum(2), lambda: x.sum((0, -2)), lambda: x.cumsum(-3), lambda: x.argmax(2)):
        with pytest.raises((IndexError, RuntimeError)):
            call()
    with pytest.raises(TypeError, match="floating"):
        tg.ones(2, dtype=tg.int64).mean()


def test_keywords_as_numpy_spells_them():
    x = tg.ones(2, 3)
    assert tuple(x.sum(axis=1, keepdims=True).shape) == (2, 1)
    assert x.sum(dtype=tg.float64).dtype is tg.float64
    assert tg.ones(3, dtype=tg.uint8).sum().dtype is tg.int64
    assert tg.max(tg.tensor([1, 5]), tg.tensor([3, 2])).tolist() == [3, 5]


@pytest.mark.parametrize("shape", [(3, 511), (2, 512), (2, 1500), (5, 127), (37, 10), (16, 128), (1, 40000)])
def test_extremes_of_rows_and_the_first_place_that_has_them(shape):
    """Long rows are searched in two passes, short ones side by side; NaN wins, wherever it stands."""
    random = np.random.default_rng(8)
    for dtype in ("float32", "float64", "int64"):
        x = random.integers(-50, 50, shape).astype(dtype)
        for nan in (None, 0, shape[1] // 2, shape[1] - 1):
            if nan is not None and dtype != "int64":
                x[shape[0] // 2, nan] = np.nan
            t = tg.tensor(x)
            for name in ("max", "min"):
                wanted, places = getattr(np, name)(x, 1), getattr(np, "arg" + name)(x, 1)
                for values, at, alone in each_isa(lambda t=t, name=name: (
                        getattr(tg, "a" + name)(t, 1), getattr(tg, "arg" + name)(t, 1), getattr(tg, name)(t, 1).values)):
                    np.testing.assert_array_equal(values.numpy(), wanted)
                    np.testing.assert_array_equal(alone.numpy(), wanted)
                    np.testing.assert_array_equal(at.numpy(), places)
