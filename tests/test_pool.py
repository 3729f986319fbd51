"""Pooling against its definition on any geometry, NaN, indices, derivatives, threads, instruction sets and errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad.ops.pool import like_avg, like_max, pool_put, pool_take

F = tg.nn.functional


@st.composite
def geometries(draw):
    """n, x and the arguments of a pooling with at least one window."""
    n = draw(st.integers(1, 3))
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(n))
    kernel, stride = each(1, 4), each(1, 3)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(max(1, k - 2 * p) + draw(st.integers(0, 9)) for k, p in zip(kernel, padding, strict=False))
    random = np.random.RandomState(draw(st.integers(0, 1000)))
    x = random.permutation(2 * 3 * int(np.prod(size))).reshape(2, 3, *size).astype(float)
    return n, x, {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": draw(st.booleans())}


@given(geometries())
def test_max_pool_equals_the_definition(geometry):
    n, x, arguments = geometry
    xt = tg.from_numpy(x).requires_grad_()
    y, index = getattr(F, f"max_pool{n}d")(xt, **arguments, return_indices=True)
    np.testing.assert_array_equal(y.detach().numpy(), like_max(np, x, **arguments, n=n))
    assert index.dtype is tg.int64
    flat = index.numpy().reshape(2, 3, -1)
    found = np.take_along_axis(x.reshape(2, 3, -1), flat, -1)
    np.testing.assert_array_equal(found.reshape(tuple(y.shape)), y.detach().numpy())
    y.sum().backward()
    expected = np.zeros((2, 3, x[0, 0].size))
    for i in np.ndindex(2, 3):
        np.add.at(expected[i], flat[i], 1)
    np.testing.assert_array_equal(xt.grad.numpy(), expected.reshape(x.shape))


@given(geometries(), st.booleans())
def test_avg_pool_equals_the_definition(geometry, padded):
    n, x, arguments = geometry
    xt = tg.from_numpy(x).requires_grad_()
    y = getattr(F, f"avg_pool{n}d")(xt, **arguments, count_include_pad=padded)
    np.testing.assert_allclose(
        y.detach().numpy(), like_avg(np, x, **arguments, count_include_pad=padded, n=n), atol=1e-9
    )
    g = np.cos(np.arange(y.numel())).reshape(tuple(y.shape))
    y.backward(tg.from_numpy(g))
    direction = np.sin(np.arange(x.size)).reshape(x.shape)
    expected = (g * like_avg(np, direction, **arguments, count_include_pad=padded, n=n)).sum()
    np.testing.assert_allclose((xt.grad.numpy() * direction).sum(), expected, atol=1e-9)


@pytest.mark.parametrize("arguments", [(2,), (3, 1, 1), (3, 2, 1), (2, 3)])
def test_nan_is_the_largest(arguments):
    x = tg.arange(36.0).reshape(1, 6, 6)
    x[0, 3, 3] = float("nan")
    y, index = F.max_pool2d(x, *arguments, return_indices=True)
    seen = index == 21
    assert seen.sum().item() > 0
    assert (np.isnan(y.numpy()) == seen.numpy()).all()


def test_minus_infinity_has_a_place():
    y, index = F.max_pool2d(tg.full((1, 4, 4), float("-inf")), 3, 2, 1, return_indices=True)
    assert y.tolist() == [[[float("-inf")] * 2] * 2]
    assert index.tolist() == [[[0, 1], [4, 5]]]


def test_put_and_take_are_adjoint_and_check_indices():
    x, g = tg.arange(8.0).reshape(2, 4), tg.tensor([[1.0, 2.0], [3.0, 4.0]])
    index = tg.tensor([[3, 0], [1, 1]], dtype=tg.int32)
    assert pool_put(g, index, size=(4,)).tolist() == [[2, 0, 0, 1], [0, 7, 0, 0]]
    assert pool_take(x, index, n=1).tolist() == [[3, 0], [5, 5]]
    for wrong in (4, -2):
        index[1, 0] = wrong
        with pytest.raises(IndexError, match=str(wrong)):
            pool_put(g, index, size=(4,))
        with pytest.raises(IndexError, match=str(wrong)):
            pool_take(x, index, n=1)


def results():
    x = tg.from_numpy(np.random.RandomState(1).uniform(-1, 1, (8, 16, 30, 30)).astype(np.float32)).requires_grad_()
    found = []
    for y in (
        F.max_pool2d(x, 2),
        F.max_pool2d(x, 3, 2, 1),
        F.avg_pool2d(x, 2),
        F.avg_pool2d(x, 3, 1, 1),
        F.adaptive_avg_pool2d(x, (1, 1)),
        F.adaptive_avg_pool2d(x, 7),
        F.adaptive_max_pool2d(x, 4),
    ):
        found += [y.detach().numpy(), tg.autograd.grad(y.sum(), x)[0].numpy()]
    return found


def test_bits_depend_neither_on_threads_nor_much_on_the_instruction_set():
    threads, isa = tg.get_num_threads(), runtime.isa()
    try:
        tg.set_num_threads(1)
        expected = results()
        for n in (2, 3, 8):
            tg.set_num_threads(n)
            assert [a.tobytes() for a in results()] == [a.tobytes() for a in expected]
        for name in runtime.isas_available():
            runtime.select_isa(name)
            for a, b in zip(results(), expected, strict=True):
                np.testing.assert_allclose(a, b, atol=1e-6)
    finally:
        tg.set_num_threads(threads)
        runtime.select_isa(isa)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "words"),
    [
        ("max_pool2d", ((5, 5), 2), tg.ShapeError, r"3 or 4 dimensions.*\(5, 5\)"),
        ("max_pool2d", ((1, 5, 5), 6), tg.ShapeError, r"larger than the padded input.*\(1, 5, 5\)"),
        ("max_pool2d", ((1, 5, 5), 2, 0), tg.ArgumentError, "stride must be"),
        ("max_pool2d", ((1, 5, 5), 0), tg.ArgumentError, "kernel_size must be"),
        ("max_pool2d", ((1, 5, 5), 2, 1, 2), tg.ArgumentError, "at most half"),
        ("max_pool2d", ((1, 5, 5), 2, 1, -1), tg.ArgumentError, "padding must be"),
        ("max_pool2d", ((1, 5, 5), 2, 1, 0, 2**62), tg.ArgumentError, "dilation must be"),
        ("max_pool1d", ((1, 0), 1), tg.ShapeError, "at least one element"),
        ("avg_pool2d", ((1, 5, 5), (1, 2, 3)), tg.ArgumentError, "kernel_size must be one number or 2"),
        ("avg_pool2d", ((1, 5, 5), 2, None, 0, False, True, 0), tg.ArgumentError, "divisor_override"),
        ("adaptive_avg_pool2d", ((1, 5, 5), -1), tg.ArgumentError, "output_size must be"),
        ("adaptive_max_pool2d", ((1, 5, 5), (1, 2, 3)), tg.ArgumentError, "output_size must be"),
    ],
)
def test_bad_arguments_name_everything(name, arguments, error, words):
    with pytest.raises(error, match=words):
        getattr(F, name)(tg.ones(arguments[0]), *arguments[1:])


def test_integers_have_no_kernel():
    with pytest.raises(tg.DTypeError, match="int64"):
        F.max_pool2d(tg.ones(1, 4, 4, dtype=tg.int64), 2)
