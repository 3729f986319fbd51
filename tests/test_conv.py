"""Convolution against its definition on any geometry, its adjoints, its algorithms, threads, instruction sets and
errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad._core.kernels import conv as kernels
from tensorgrad.ops.conv import like_conv, like_transpose

F = tg.nn.functional
ALGORITHMS = kernels.ALGORITHMS


@pytest.fixture(autouse=True)
def _restore():
    isa, threads = runtime.isa(), tg.get_num_threads()
    yield
    kernels.force("auto")
    runtime.select_isa(isa)
    tg.set_num_threads(threads)


@st.composite
def geometries(draw):
    """x, weight, bias and the arguments of a convolution with at least one window."""
    n = draw(st.integers(1, 3))
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(n))
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    ci, co, kernel = draw(st.integers(1, 5)), draw(st.integers(1, 19)), each(1, 3)
    stride, padding, dilation = each(1, 3), each(0, 2), each(1, 3)
    size = tuple(
        max(1, d * (k - 1) + 1 - 2 * p) + draw(st.integers(0, 9))
        for k, p, d in zip(kernel, padding, dilation, strict=False)
    )
    random = np.random.RandomState(draw(st.integers(0, 1000)))
    x = random.uniform(-1, 1, (draw(st.integers(1, 3)), ci * groups, *size))
    w = random.uniform(-1, 1, (co * groups, ci, *kernel))
    return (
        n,
        x,
        w,
        random.uniform(-1, 1, co * groups),
        {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups},
    )


@given(geometries(), st.sampled_from(ALGORITHMS), st.sampled_from(["scalar", "best"]))
def test_forward_and_gradients_equal_the_definition(geometry, algorithm, isa):
    n, x, w, b, arguments = geometry
    best = runtime.isa()
    if isa == "scalar":
        runtime.select_isa("scalar")
    kernels.force(algorithm)
    try:
        xt, wt, bt = (tg.from_numpy(a.copy()).requires_grad_() for a in (x, w, b))
        y = getattr(F, f"conv{n}d")(xt, wt, bt, **arguments)
        g = np.cos(np.arange(y.numel())).reshape(tuple(y.shape))
        y.backward(tg.from_numpy(g))
    finally:
        runtime.select_isa(best)
    np.testing.assert_allclose(y.detach().numpy(), like_conv(np, x, w, b, **arguments), atol=1e-12)
    np.testing.assert_allclose(bt.grad.numpy(), g.sum((0, *range(2, n + 2))), atol=1e-11)
    # y is linear in x and in w, so <gradient, direction> is <g, the definition in that direction>.
    for tensor, array, place in ((xt, x, 0), (wt, w, 1)):
        direction = np.sin(np.arange(array.size)).reshape(array.shape)
        operands = [x, w]
        operands[place] = direction
        expected = (g * like_conv(np, *operands, **arguments)).sum()
        np.testing.assert_allclose((tensor.grad.numpy() * direction).sum(), expected, atol=1e-9)


@given(geometries(), st.data())
def test_transposed_convolution_equals_the_definition(geometry, data):
    n, x, w, _, arguments = geometry
    groups = arguments["groups"]
    w = w[: groups * (w.shape[0] // groups)].reshape(-1, *w.shape[1:])
    x = np.concatenate([x] * (w.shape[0] // x.shape[1] + 1), 1)[:, : w.shape[0]]
    extra = tuple(
        data.draw(st.integers(0, max(s, d) - 1))
        for s, d in zip(arguments["stride"], arguments["dilation"], strict=False)
    )
    sizes = [
        (i - 1) * s - 2 * p + d * (k - 1) + e + 1
        for i, s, p, d, k, e in zip(
            x.shape[2:],
            arguments["stride"],
            arguments["padding"],
            arguments["dilation"],
            w.shape[2:],
            extra,
            strict=False,
        )
    ]
    call = lambda: getattr(F, f"conv_transpose{n}d")(
        tg.from_numpy(x), tg.from_numpy(w), output_padding=extra, **arguments
    )
    if min(sizes) < 1:
        with pytest.raises(tg.ShapeError, match="would have size"):
            call()
        return
    np.testing.assert_allclose(call().numpy(), like_transpose(np, x, w, output_padding=extra, **arguments), atol=1e-12)


@given(geometries())
def test_unfold_and_fold_are_adjoint(geometry):
    n, x, w, _, arguments = geometry
    if n != 2:
        return
    del arguments["groups"]
    xt = tg.from_numpy(x).requires_grad_()
    columns = F.unfold(xt, w.shape[2:], **arguments)
    g = np.cos(np.arange(columns.numel())).reshape(tuple(columns.shape))
    image = F.fold(tg.from_numpy(g), x.shape[2:], w.shape[2:], **arguments)
    np.testing.assert_allclose((columns.detach().numpy() * g).sum(), (x * image.numpy()).sum(), atol=1e-10)
    columns.backward(tg.from_numpy(g))
    np.testing.assert_array_equal(xt.grad.numpy(), image.numpy())


LAYERS = [
    ((3, 16, 12, 12), (32, 16, 5, 5), 1, 0, 1),
    ((2, 3, 33, 38), (20, 3, 7, 7), 2, 3, 1),
    ((9, 16, 5, 5), (30, 16, 5, 5), 1, 0, 1),
    ((2, 40, 28, 28), (40, 1, 5, 5), 1, 2, 40),
    ((2, 6, 14, 9), (12, 1, 3, 3), 1, 1, 6),
    ((3, 64, 28, 28), (64, 16, 3, 3), 1, 1, 4),
    ((50, 1, 28, 28), (16, 1, 5, 5), 1, 0, 1),
    ((4, 64, 14, 14), (64, 64, 3, 3), 1, 1, 1),
    ((3, 128, 7, 7), (130, 128, 3, 3), 1, 1, 1),
    ((2, 3, 33, 40), (24, 3, 7, 7), 2, 3, 1),
    ((8, 32, 15, 15), (32, 1, 3, 3), 1, 1, 32),
    ((4, 70, 9, 9), (40, 70, 1, 1), 1, 0, 1),
    ((4, 70, 9, 9), (40, 70, 1, 1), 2, 0, 1),
    ((2, 5, 20, 37), (6, 5, 3, 3), 2, 1, 1),
    ((2, 4, 9, 70), (20, 4, 4, 4), 2, 1, 1),
]


def passes(x_shape, w_shape, stride, padding, groups, dtype):
    random = np.random.RandomState(1)
    x, w = (tg.from_numpy(random.uniform(-1, 1, s).astype(dtype)).requires_grad_() for s in (x_shape, w_shape))
    y = tg.conv2d(x, w, None, stride, padding, 1, groups)
    y.backward(tg.from_numpy(random.uniform(-1, 1, tuple(y.shape)).astype(dtype)))
    return [t.detach().numpy().copy() for t in (y, x.grad, w.grad)]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_instruction_sets_and_algorithms_agree(layer, dtype):
    tolerance = 2e-4 if dtype is np.float32 else 1e-11
    runtime.select_isa("scalar")
    expected = passes(*layer, dtype)
    for isa in runtime.isas_available():
        runtime.select_isa(isa)
        for algorithm in ALGORITHMS:
            kernels.force(algorithm)
            y, gx, gw = passes(*layer, dtype)
            np.testing.assert_allclose(y, expected[0], atol=tolerance, rtol=tolerance)
            np.testing.assert_allclose(gx, expected[1], atol=tolerance, rtol=tolerance)
            atol = tolerance
            if algorithm == "winograd" and dtype is np.float32 and gw.shape[2:] == (5, 5):
                atol = 5e-5 * np.sqrt(y[:, 0].size) / 3  # docs/architecture.md
            np.testing.assert_allclose(gw, expected[2], atol=atol, rtol=tolerance)
        kernels.force("auto")


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bits_do_not_depend_on_the_number_of_threads(layer, algorithm):
    kernels.force(algorithm)
    tg.set_num_threads(1)
    expected = passes(*layer, np.float32)
    for threads in (2, 3, 8):
        tg.set_num_threads(threads)
        for a, b in zip(passes(*layer, np.float32), expected, strict=True):
            assert a.tobytes() == b.tobytes()


def test_the_algorithm_is_visible():
    one = (1, 1)
    assert kernels.algorithm((32, 64, 56, 56), (64, 64, 7, 7), one, one, one, 1) == "shift"
    assert kernels.algorithm((8, 512, 7, 7), (512, 512, 4, 4), one, one, one, 1) == "panel"
    assert kernels.algorithm((32, 64, 56, 56), (64, 64, 5, 5), one, one, one, 1) == "winograd"
    assert kernels.algorithm((32, 64, 56, 56), (64, 64, 3, 3), one, one, one, 1) == "winograd"
    assert kernels.algorithm((32, 64, 56, 56), (64, 1, 3, 3), one, one, one, 64) == "depthwise"
    kernels.force("panel")
    assert kernels.algorithm((32, 64, 56, 56), (64, 64, 3, 3), one, one, one, 1) == "panel"


@pytest.mark.parametrize("dtype", [tg.float16, tg.bfloat16])
def test_half_precision_is_computed_in_single(dtype):
    x, w = tg.ones(1, 2, 4, 4).to(dtype), tg.ones(3, 2, 3, 3).to(dtype)
    y = tg.conv2d(x, w)
    assert y.dtype is dtype
    assert y.float().tolist() == [[[[18.0] * 2] * 2] * 3]


def test_same_padding_of_even_kernels_is_larger_behind():
    y = tg.conv1d(tg.tensor([[1.0, 2.0, 3.0]]), tg.tensor([[[1.0, 10.0]]]), padding="same")
    assert y.tolist() == [[21.0, 32.0, 3.0]]


def test_huge_dilation_and_padding():
    far = 10**9
    x, w = tg.ones(1, 1, 3, 3).requires_grad_(), tg.ones(2, 1, 3, 3).requires_grad_()
    y = tg.conv2d(x, w, None, 1, far, far)
    assert y.tolist() == [[[[1.0] * 3] * 3] * 2]
    y.sum().backward()
    assert x.grad.tolist() == [[[[2.0] * 3] * 3]]
    assert w.grad.tolist() == [[[[0, 0, 0], [0, 9, 0], [0, 0, 0]]]] * 2


@pytest.mark.parametrize("isa", runtime.isas_available())
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("columns", [8, 9, 13, 14, 16, 17, 24, 28, 31, 33])
def test_rows_of_any_width_are_joined(columns, dtype, isa):
    """Tiles of the shift algorithm reach over the ends of rows; a block's last tile steps back."""
    runtime.select_isa(isa)
    kernels.force("shift")
    random = np.random.RandomState(columns)
    for m, rows in ((1, 5), (7, 12), (16, 3)):
        x, w, b = (random.uniform(-1, 1, s).astype(dtype) for s in ((2, 3, rows, columns), (m, 3, 3, 3), m))
        y = F.conv2d(*map(tg.from_numpy, (x, w, b)), padding=1).numpy()
        expected = like_conv(np, *(a.astype(np.float64) for a in (x, w, b)), padding=1)
        np.testing.assert_allclose(y, expected, atol=1e-5 if dtype is np.float32 else 1e-12)


def test_nothing_behind_a_row_is_seen():
    """Lanes behind the end of a row are masked, not multiplied by 0."""
    for groups, ci in ((3, 1), (1, 3)):
        x, w = tg.ones(1, 3, 6, 10), tg.ones(3, ci, 3, 3).requires_grad_()
        x[:, :, 5] = float("inf")
        y = tg.conv2d(x, w, padding=1, groups=groups)
        assert np.isfinite(y.detach().numpy()[:, :, :4]).all()
        y.sum().backward()
        assert np.isfinite(w.grad.numpy()[:, :, 0]).all()
        assert np.isposinf(w.grad.numpy()[:, :, 1:]).all()


def test_infinity_stays_where_it_is():
    x = tg.zeros(1, 1, 5, 5)
    x[0, 0, 0, 4] = float("inf")
    w = tg.ones(1, 1, 3, 3).requires_grad_()
    tg.conv2d(x, w, padding=1).sum().backward()
    assert not np.isnan(w.grad.numpy()).any()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (((1, 3, 5, 5), (2, 4, 3, 3)), tg.ShapeError, r"3 channels.*\(1, 3, 5, 5\).*\(2, 4, 3, 3\)"),
        (((1, 3, 2, 2), (2, 3, 3, 3)), tg.ShapeError, r"larger than the padded input.*\(1, 3, 2, 2\)"),
        (((5, 5), (2, 3, 3, 3)), tg.ShapeError, r"3 or 4 dimensions.*\(5, 5\)"),
        (((1, 3, 5, 5), (2, 3, 3)), tg.ShapeError, r"weight must have 4 dimensions"),
        (((1, 3, 5, 5), (2, 3, 3, 3), (3,)), tg.ShapeError, r"bias must have shape \(2,\), got \(3,\)"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 0), tg.ArgumentError, r"stride must be in \[1.*\(0, 0\)"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 1, -1), tg.ArgumentError, "padding must be"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 1, 0, 0), tg.ArgumentError, "dilation must be"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 1, 0, 2**62), tg.ArgumentError, "dilation must be"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, (1, 2, 3)), tg.ArgumentError, "stride must be one number or 2"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 1, 0, 1, 0), tg.ArgumentError, "groups must be positive"),
        (((1, 4, 5, 5), (3, 2, 3, 3), None, 1, 0, 1, 2), tg.ShapeError, "groups=2"),
        (((1, 3, 5, 5), (2, 3, 0, 3)), tg.ShapeError, "at least one element"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 2, "same"), tg.ArgumentError, "stride 1"),
        (((1, 3, 5, 5), (2, 3, 3, 3), None, 1, "full"), tg.ArgumentError, "'full'"),
    ],
)
def test_bad_arguments_name_everything(arguments, error, words):
    tensors = [tg.ones(a) if isinstance(a, tuple) else a for a in arguments[:3]]
    with pytest.raises(error, match=words):
        F.conv2d(*tensors, *arguments[3:])


def test_dtypes_must_be_equal_and_floating():
    with pytest.raises(tg.DTypeError, match="one dtype"):
        tg.conv1d(tg.ones(1, 1, 3), tg.ones(1, 1, 2, dtype=tg.float64))
    with pytest.raises(tg.DTypeError, match="int64"):
        tg.conv1d(tg.ones(1, 1, 3, dtype=tg.int64), tg.ones(1, 1, 2, dtype=tg.int64))


def test_bad_folds():
    with pytest.raises(tg.ArgumentError, match="unfold: dilation"):
        F.unfold(tg.ones(1, 1, 4, 4), 2, dilation=2**61)
    with pytest.raises(tg.ShapeError, match="unfold: kernel"):
        F.unfold(tg.ones(1, 1, 4, 4), 5)
    with pytest.raises(tg.ShapeError, match="windows"):
        F.fold(tg.ones(1, 4, 5), 4, 2)
    with pytest.raises(tg.ShapeError, match="multiple"):
        F.fold(tg.ones(1, 5, 9), 4, 2)
    with pytest.raises(tg.ArgumentError, match="output_padding"):
        F.conv_transpose2d(tg.ones(1, 1, 4, 4), tg.ones(1, 1, 2, 2), output_padding=1)
    with pytest.raises((tg.ShapeError, tg.OutOfMemoryError)):
        F.conv_transpose2d(tg.ones(1, 1, 4, 4), tg.ones(1, 1, 2, 2), stride=2**30)
