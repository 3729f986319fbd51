"""Winograd's convolution in float32 against the direct one in float64: its error, its edges, threads, instruction sets."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad._core.kernels import conv as kernels


@pytest.fixture(autouse=True)
def _restore():
    isa, threads = runtime.isa(), tg.get_num_threads()
    yield
    kernels.force("auto")
    runtime.select_isa(isa)
    tg.set_num_threads(threads)


def operands(n, ci, co, h, w, padding, seed=0, taps=3):
    """x, weight, bias and the gradient of the result."""
    random, more = np.random.RandomState(seed), 2 * padding + 1 - taps
    shapes = (n, ci, h, w), (co, ci, taps, taps), (co,), (n, co, h + more, w + more)
    return [random.uniform(-1, 1, s).astype(np.float32) for s in shapes]


def passes(arrays, padding, algorithm, dtype=np.float32):
    """y and the gradients of x and weight."""
    kernels.force(algorithm)
    x, w, b = (tg.from_numpy(a.astype(dtype)).requires_grad_() for a in arrays[:3])
    y = tg.conv2d(x, w, b, 1, padding)
    y.backward(tg.from_numpy(arrays[3].astype(dtype)))
    return [t.detach().numpy() for t in (y, x.grad, w.grad)]


def check(shape, padding, algorithm="winograd", seed=0, taps=3):
    """Each error stays below 2e-5 (5e-5 in the gradient of a 5 x 5 weight) of the root of the sum of the squares of what is
    added up (docs/architecture.md)."""
    arrays = operands(*shape, padding, seed, taps)
    bounds = 2e-5, 2e-5, 2e-5 if taps == 3 else 5e-5
    n, ci, co = shape[:3]
    windows = n * arrays[3].shape[2] * arrays[3].shape[3]
    terms = taps**2 * ci, taps**2 * co, windows
    exact = passes(arrays, padding, "auto", np.float64)
    for got, expected, count, bound in zip(passes(arrays, padding, algorithm), exact, terms, bounds, strict=True):
        assert np.abs(got - expected).max() <= bound * np.sqrt(count) / 3  # the products have a variance of 1 / 9


@st.composite
def shapes(draw):
    """(n, ci, co, h, w), padding with at least one window, and taps."""
    padding, taps = draw(st.integers(0, 4)), draw(st.sampled_from([3, 5]))
    h, w = (draw(st.integers(max(1, taps - 2 * padding), 19)) for _ in range(2))
    return (draw(st.integers(1, 3)), draw(st.integers(1, 40)), draw(st.integers(1, 40)), h, w), padding, taps


@given(shapes(), st.sampled_from(runtime.isas_available()), st.integers(0, 99))
@example(((1, 1, 1, 1, 1), 1, 3), "scalar", 0)
@example(((1, 1, 1, 1, 1), 2, 5), "scalar", 0)
@example(((1, 16, 16, 57, 3), 0, 3), "scalar", 0)
@example(((2, 17, 33, 5, 38), 2, 3), runtime.isa(), 0)
@example(((2, 17, 33, 5, 38), 2, 5), runtime.isa(), 0)
def test_equals_the_direct_convolution_in_double_precision(geometry, isa, seed):
    best = runtime.isa()
    runtime.select_isa(isa)
    try:
        check(*geometry[:2], seed=seed, taps=geometry[2])
    finally:
        runtime.select_isa(best)
        kernels.force("auto")


# By blocks of tiles; by chunks of output channels; several sums of 128 channels; a weight gradient in pieces; tiles that
# do not fit the shared buffers at once, in the weight gradient and in the chunks.
SHAPES = [
    (2, 16, 16, 30, 29),
    (1, 150, 70, 15, 9),
    (1, 140, 300, 13, 16),
    (3, 130, 132, 12, 7),
    (1, 16, 20, 150, 150),
    (1, 512, 400, 64, 80),
]


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("shape", SHAPES[:5], ids=repr)
def test_every_order_of_work_keeps_the_error(shape, taps):
    check(shape, taps // 2, taps=taps)


def same_bits(shape, taps):
    arrays = operands(*shape, 1, taps=taps)
    tg.set_num_threads(1)
    expected = passes(arrays, 1, "winograd")
    for threads in (2, 3, 8):
        tg.set_num_threads(threads)
        for a, b in zip(passes(arrays, 1, "winograd"), expected, strict=True):
            assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_bits_do_not_depend_on_the_number_of_threads(shape):
    same_bits(shape, 3)


@pytest.mark.parametrize("shape", [(1, 150, 70, 15, 9), (4, 64, 64, 40, 40)], ids=repr)
def test_bits_of_5_by_5_do_not_depend_on_the_number_of_threads(shape):
    same_bits(shape, 5)


def test_the_gradients_of_the_gradients_agree():
    random = np.random.RandomState(0)
    arrays = [random.uniform(-1, 1, s) for s in ((1, 16, 9, 8), (17, 16, 3, 3), (1, 16, 9, 8))]

    def second(algorithm, dtype):
        kernels.force(algorithm)
        x, w, v = (tg.from_numpy(a.astype(dtype)).requires_grad_() for a in arrays)
        (gx,) = tg.autograd.grad((tg.conv2d(x, w, padding=1) ** 2).sum(), x, create_graph=True)
        return [g.numpy() for g in tg.autograd.grad((gx * v).sum(), (x, w))]

    for a, b in zip(second("winograd", np.float32), second("auto", np.float64), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5 * np.abs(b).max())


def test_where_it_is_taken():
    one, two = (1, 1), (2, 2)
    layers = {
        ((32, 64, 56, 56), (64, 64, 3, 3), one, one, one, 1): "winograd",
        ((1, 512, 7, 7), (512, 512, 3, 3), one, one, one, 1): "winograd",
        ((8, 3, 224, 224), (64, 3, 3, 3), one, one, one, 1): "shift",
        ((8, 64, 56, 56), (64, 64, 3, 3), two, one, one, 1): "shift",
        ((8, 64, 56, 56), (64, 64, 3, 3), one, two, two, 1): "shift",
        ((8, 64, 56, 56), (64, 32, 3, 3), one, one, one, 2): "winograd",
        ((8, 64, 56, 56), (64, 64, 5, 5), one, two, one, 1): "winograd",
        ((50, 1, 28, 28), (16, 1, 5, 5), one, two, one, 1): "shift",
        ((8, 64, 56, 56), (64, 64, 5, 3), one, two, one, 1): "shift",
        ((8, 64, 56, 56), (64, 64, 7, 7), one, two, one, 1): "shift",
    }
    for layer, name in layers.items():
        assert kernels.algorithm(*layer) == name
    kernels.force("winograd")  # fits only 3 x 3 and 5 x 5, stride 1, dilation 1
    assert kernels.algorithm((1, 1, 4, 4), (1, 1, 3, 3), one, one, one, 1) == "winograd"
    assert kernels.algorithm((8, 64, 56, 56), (64, 64, 3, 3), two, one, one, 1) == "shift"


def test_forcing_it_where_it_does_not_fit_takes_another_algorithm():
    x, w = tg.ones(1, 2, 6, 6), tg.ones(3, 2, 3, 3)
    kernels.force("winograd")
    assert tg.conv2d(x, w, stride=2).tolist() == [[[[18.0] * 2] * 2] * 3]
    assert tg.conv2d(x.double(), w.double()).tolist() == [[[[18.0] * 4] * 4] * 3]
    assert tg.conv3d(tg.ones(1, 1, 3, 3, 3), tg.ones(1, 1, 3, 3, 3)).item() == 27


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_not_finite_spreads_inside_of_its_tiles_only(value):
    x = np.zeros((1, 16, 20, 20), np.float32)
    x[0, 3, 10, 10] = value
    kernels.force("winograd")
    y = tg.conv2d(tg.from_numpy(x), tg.ones(16, 16, 3, 3), padding=1).numpy()
    assert not np.isfinite(y[0, :, 9:12, 9:12]).any()
    y[:, :, 8:12, 8:12] = 0  # the tile of outputs that sees the element
    assert (y == 0).all()


def test_large_and_tiny_values_keep_their_scale():
    arrays = operands(1, 16, 16, 10, 10, 1)
    arrays[2][:] = 0
    (y, gx, gw) = passes(arrays, 1, "winograd")
    for scale in (2.0**-60, 2.0**60):
        scaled = passes([arrays[0] * np.float32(scale), *arrays[1:]], 1, "winograd")
        for a, b in zip(scaled, (y * np.float32(scale), gx, gw * np.float32(scale)), strict=True):
            np.testing.assert_array_equal(a, b)
