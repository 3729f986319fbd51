"""Convolution and transposed convolution of 1 to 3 dimensions, im2col (unfold) and col2im (fold).

Convolution and its two adjoints are closed under differentiation: each one's derivatives are the other two. So are
im2col and col2im. Source: Dumoulin, Visin, A guide to convolution arithmetic, 2016.
"""

from .._core.errors import ArgumentError, ShapeError
from .._core.kernels import conv as kernels
from .._core.tensor import TensorBase
from .declare import case, check_tensors, op, public


def but_channels(g):
    """Sum over everything but the channels: the gradient of a bias."""
    return g.sum((0, *range(2, g.ndim)))


conv = op(
    "conv",
    kernels.conv,
    inputs="x w b",
    x=lambda g, w, x_shape, stride, padding, dilation, groups: conv_input(
        g, w, None, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    w=lambda g, x, w_shape, stride, padding, dilation, groups: conv_weight(
        x, g, kernel=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    b=but_channels,
)

conv_input = op(
    "conv_input",
    kernels.conv_input,
    inputs="u w b",
    u=lambda g, w, u_shape, stride, padding, dilation, groups: conv(
        g, w, None, out=u_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    w=lambda g, u, w_shape, stride, padding, dilation, groups: conv_weight(
        g, u, kernel=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    b=but_channels,
)

conv_weight = op(
    "conv_weight",
    kernels.conv_weight,
    inputs="x u",
    x=lambda g, u, x_shape, stride, padding, dilation, groups: conv_input(
        u, g, None, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    u=lambda g, x, u_shape, stride, padding, dilation, groups: conv(
        x, g, None, out=u_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
)

im2col = op(
    "im2col",
    kernels.im2col,
    inputs="x",
    x=lambda g, x_shape, kernel, stride, padding, dilation: col2im(
        g, size=x_shape[2:], kernel=kernel, stride=stride, padding=padding, dilation=dilation
    ),
)

col2im = op(
    "col2im",
    kernels.col2im,
    inputs="x",
    x=lambda g, kernel, stride, padding, dilation: im2col(
        g, kernel=kernel, stride=stride, padding=padding, dilation=dilation
    ),
)


# ---- arguments ----


def spread(value, n, name=""):
    """A number for all of n dimensions, or one for each, as a tuple; name: the function whose kernel_size this is."""
    if isinstance(value, int):
        return (value,) * n
    try:
        value = tuple(value)
    except TypeError:
        raise TypeError(f"{name or 'conv'}: expected an integer or {n} of them, got {value!r}") from None
    if name and len(value) not in (1, n):
        raise ArgumentError(f"{name}: kernel_size must be one number or {n}, got {value}")
    return value * n if len(value) == 1 else value


def batched(name, input, n):
    """The input with a batch dimension, and whether it had none."""
    if not isinstance(input, TensorBase):
        raise TypeError(f"{name}: argument 'input' must be a tensor, got {type(input).__name__}")
    if input.ndim == n + 2:
        return input, False
    if input.ndim != n + 1:
        raise ShapeError(f"{name}: expected an input of {n + 1} or {n + 2} dimensions, got shape {tuple(input.shape)}")
    return input.unsqueeze(0), True


def convolve(name, n, input, weight, bias, stride, padding, dilation, groups):
    """conv with PyTorch's arguments."""
    x, single = batched(name, input, n)
    stride, dilation, out = spread(stride, n), spread(dilation, n), None
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ArgumentError(f"{name}: padding must be 'same', 'valid' or numbers, got {padding!r}")
        if padding == "same":
            if any(s != 1 for s in stride):
                raise ArgumentError(f"{name}: padding='same' needs stride 1, got {stride}; input {tuple(input.shape)}")
            out = tuple(x.shape[2:])
        padding = tuple((d * (k - 1) // 2 if out else 0) for d, k in zip(dilation, weight.shape[2:], strict=False))
    y = conv(x, weight, bias, stride=stride, padding=spread(padding, n), dilation=dilation, groups=groups, out=out)
    return y.squeeze(0) if single else y


def transpose(name, n, input, weight, bias, stride, padding, output_padding, groups, dilation):
    """conv_input with PyTorch's arguments."""
    x, single = batched(name, input, n)
    stride, padding, dilation, extra = (spread(v, n) for v in (stride, padding, dilation, output_padding))
    if weight.ndim != n + 2 or not len(stride) == len(padding) == len(dilation) == len(extra) == n:
        raise ShapeError(
            f"{name}: weight must have {n + 2} dimensions and each argument {n} numbers, got weight "
            f"{tuple(weight.shape)}, stride {stride}, padding {padding}, output_padding {extra}, dilation {dilation}"
        )
    if any(e < 0 or e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=False)):
        raise ArgumentError(
            f"{name}: output_padding must be in [0, the larger of stride and dilation), got output_padding "
            f"{extra}, stride {stride}, dilation {dilation}"
        )
    size = tuple(
        (i - 1) * s - 2 * p + d * (k - 1) + e + 1
        for i, s, p, d, k, e in zip(x.shape[2:], stride, padding, dilation, weight.shape[2:], extra, strict=False)
    )
    if any(s < 1 for s in size):
        raise ShapeError(
            f"{name}: the output would have size {size}; input {tuple(input.shape)}, weight "
            f"{tuple(weight.shape)}, stride {stride}, padding {padding}, dilation {dilation}"
        )
    y = conv_input(x, weight, bias, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return y.squeeze(0) if single else y


# ---- definitions for the tests ----


def like_conv(np, x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """The definition, a loop over the taps."""
    n, single = w.ndim - 2, x.ndim == w.ndim - 1
    x = x[None] if single else x
    stride, dilation = spread(stride, n), spread(dilation, n)
    reach = [d * (k - 1) for d, k in zip(dilation, w.shape[2:], strict=False)]
    pads = (
        [(r // 2, r - r // 2) for r in reach]
        if padding == "same"
        else [(p, p) for p in spread(0 if padding == "valid" else padding, n)]
    )
    x = np.pad(x, [(0, 0), (0, 0), *pads])
    out = [(i - r - 1) // s + 1 for i, r, s in zip(x.shape[2:], reach, stride, strict=False)]
    co, ci = w.shape[0] // groups, w.shape[1]
    y = np.zeros((x.shape[0], w.shape[0], *out), x.dtype)
    for tap in np.ndindex(*w.shape[2:]):
        seen = x[
            (
                ...,
                *(
                    slice(t * d, t * d + (o - 1) * s + 1, s)
                    for t, d, o, s in zip(tap, dilation, out, stride, strict=False)
                ),
            )
        ]
        for g in range(groups):
            y[:, g * co : (g + 1) * co] += np.einsum(
                "nc...,oc->no...", seen[:, g * ci : (g + 1) * ci], w[(slice(g * co, (g + 1) * co), slice(None), *tap)]
            )
    if b is not None:
        y += b.reshape(-1, *[1] * n)
    return y[0] if single else y


def like_transpose(np, x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The definition: every input adds its multiple of the kernel."""
    n, single = w.ndim - 2, x.ndim == w.ndim - 1
    x = x[None] if single else x
    stride, padding, extra, dilation = (spread(v, n) for v in (stride, padding, output_padding, dilation))
    full = [
        (i - 1) * s + d * (k - 1) + 1 + max(e - p, 0)
        for i, s, d, k, e, p in zip(x.shape[2:], stride, dilation, w.shape[2:], extra, padding, strict=False)
    ]
    ci, co = x.shape[1] // groups, w.shape[1]
    y = np.zeros((x.shape[0], co * groups, *full), x.dtype)
    for tap in np.ndindex(*w.shape[2:]):
        place = tuple(
            slice(t * d, t * d + (i - 1) * s + 1, s)
            for t, d, i, s in zip(tap, dilation, x.shape[2:], stride, strict=False)
        )
        for g in range(groups):
            y[(slice(None), slice(g * co, (g + 1) * co), *place)] += np.einsum(
                "nc...,co->no...", x[:, g * ci : (g + 1) * ci], w[(slice(g * ci, (g + 1) * ci), slice(None), *tap)]
            )
    size = [
        (i - 1) * s - 2 * p + d * (k - 1) + e + 1
        for i, s, p, d, k, e in zip(x.shape[2:], stride, padding, dilation, w.shape[2:], extra, strict=False)
    ]
    y = y[(..., *(slice(p, p + z) for p, z in zip(padding, size, strict=False)))]
    if b is not None:
        y = y + b.reshape(-1, *[1] * n)
    return y[0] if single else y


def like_unfold(np, x, kernel_size, dilation=1, padding=0, stride=1):
    """The definition: a convolution with unit kernels."""
    kernel = spread(kernel_size, 2)
    taps = kernel[0] * kernel[1]
    single = x.ndim == 3
    x = x[None] if single else x
    unit = np.eye(taps, dtype=x.dtype).reshape(taps, 1, *kernel)
    y = like_conv(np, x, np.concatenate([unit] * x.shape[1]), None, stride, padding, dilation, x.shape[1])
    y = y.reshape(*y.shape[:2], -1)
    return y[0] if single else y


# ---- public ----

CONV1D = (
    case((2, 3, 8), (4, 3, 3)),
    case((3, 8), (4, 3, 3), (4,), padding=1),
    case((1, 2, 7), (2, 2, 3), padding="same", dilation=2),
    case((2, 4, 9), (6, 2, 3), stride=2, padding=2, dilation=2, groups=2),
    case((0, 2, 5), (3, 2, 2), (3,)),
)
CONV2D = (
    case((2, 2, 5, 5), (3, 2, 3, 3), (3,)),
    case((2, 5, 5), (3, 2, 3, 1), (3,), padding="same"),
    case((1, 4, 6, 5), (2, 2, 3, 2), (2,), stride=(2, 1), padding=(1, 0), groups=2),
    case((2, 3, 4, 4), (2, 3, 1, 1)),
    case((1, 2, 7, 7), (2, 2, 3, 3), None, 2, 2, 2),
    case((1, 3, 5, 5), (3, 1, 3, 3), None, 1, 1, 1, 3),
    case((2, 2, 4, 5), (2, 2, 3, 2), padding="valid"),
    case((0, 2, 5, 5), (3, 2, 3, 3), (3,)),
)
CONV3D = (
    case((1, 2, 3, 4, 3), (2, 2, 2, 3, 2), (2,), padding=1, stride=(1, 2, 1)),
    case((1, 3, 2, 4), (1, 1, 2, 2, 1)),
)


@public(samples=CONV1D, like=like_conv, namespace="nn.functional", on=(-1, 1))
def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y[n, o, p] = bias[o] + sum over c, k of x[n, c, p stride + k dilation - padding] weight[o, c, k].

    input: [n, ci, w] or [ci, w]; weight: [co, ci / groups, kw]; result: [n, co, (w + 2 padding - dilation (kw - 1) - 1) // stride +
    1]. padding: numbers, 'valid' (0) or 'same'. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.conv1d.

    >>> import tensorgrad
    >>> tensorgrad.conv1d(tensorgrad.tensor([[1.0, 2.0, 4.0]]), tensorgrad.tensor([[[-1.0, 1.0]]])).tolist()
    [[1.0, 2.0]]
    """
    return convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@public(samples=CONV2D, like=like_conv, namespace="nn.functional", on=(-1, 1))
def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y[n, o, p] = bias[o] + sum over c, k of x[n, c, p stride + k dilation - padding] weight[o, c, k], p and k pairs.

    input: [n, ci, h, w] or [ci, h, w]; weight: [co, ci / groups, kh, kw]; result: [n, co, oh, ow], each size (in + 2 padding -
    dilation (k - 1) - 1) // stride + 1. padding: numbers, 'valid' (0) or 'same'. Errors: ShapeError, ArgumentError, DTypeError.
    Source: torch.nn.functional.conv2d.

    >>> import tensorgrad
    >>> tensorgrad.conv2d(tensorgrad.ones(1, 1, 3, 3), tensorgrad.ones(1, 1, 2, 2)).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    return convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@public(samples=CONV3D, like=like_conv, namespace="nn.functional", on=(-1, 1))
def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """conv2d with a depth: y[n, o, p] = bias[o] + sum over c, k of x[n, c, p stride + k dilation - padding] weight[o, c, k].

    input: [n, ci, d, h, w] or [ci, d, h, w]; weight: [co, ci / groups, kd, kh, kw]; result: [n, co, od, oh, ow], each size (in + 2
    padding - dilation (k - 1) - 1) // stride + 1. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.conv3d.

    >>> import tensorgrad
    >>> tensorgrad.conv3d(tensorgrad.ones(1, 1, 2, 2, 2), tensorgrad.ones(1, 1, 2, 2, 2)).item()
    8.0
    """
    return convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


@public(
    samples=[
        case((2, 3, 4), (3, 2, 3)),
        case((4, 5), (4, 1, 3), (2,), stride=2, padding=1, output_padding=1, groups=2),
    ],
    like=like_transpose,
    namespace="nn.functional",
    on=(-1, 1),
)
def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The adjoint of conv1d (its gradient in the input), plus bias: y[n, o, p stride + k dilation - padding] += x[n, c, p] weight[c, o,
    k] over all c, p, k.

    input: [n, ci, w] or [ci, w]; weight: [ci, co / groups, kw]; result: [n, co, (w - 1) stride - 2 padding + dilation (kw - 1) +
    output_padding + 1]. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.conv_transpose1d.

    >>> import tensorgrad
    >>> x, w = tensorgrad.tensor([[1.0, 2.0]]), tensorgrad.tensor([[[1.0, 10.0]]])
    >>> tensorgrad.conv_transpose1d(x, w, stride=2).tolist()
    [[1.0, 10.0, 2.0, 20.0]]
    """
    return transpose("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@public(
    samples=[
        case((2, 2, 3, 3), (2, 3, 3, 2), (3,)),
        case((3, 2, 3), (3, 2, 2, 2), stride=2),
        case((1, 4, 3, 3), (4, 1, 3, 3), (2,), stride=(2, 3), padding=1, output_padding=1, groups=2, dilation=2),
        case((1, 2, 4, 4), (2, 2, 1, 1), stride=3),
    ],
    like=like_transpose,
    namespace="nn.functional",
    on=(-1, 1),
)
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The adjoint of conv2d (its gradient in the input), plus bias: y[n, o, p stride + k dilation - padding] += x[n, c, p] weight[c, o,
    k] over all c, p, k, p and k pairs.

    input: [n, ci, h, w] or [ci, h, w]; weight: [ci, co / groups, kh, kw]; result: [n, co, oh, ow], each size (in - 1) stride - 2 padding
    + dilation (k - 1) + output_padding + 1. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.conv_transpose2d.

    >>> import tensorgrad
    >>> tensorgrad.conv_transpose2d(tensorgrad.ones(1, 1, 2, 2), tensorgrad.ones(1, 1, 2, 2)).tolist()
    [[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]]
    """
    return transpose("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@public(
    samples=[case((1, 2, 2, 3, 2), (2, 1, 2, 2, 2), (1,), stride=(1, 2, 1), padding=(0, 1, 0))],
    like=like_transpose,
    namespace="nn.functional",
    on=(-1, 1),
)
def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The adjoint of conv3d (its gradient in the input), plus bias: y[n, o, p stride + k dilation - padding] += x[n, c, p] weight[c, o,
    k] over all c, p, k, p and k triples.

    input: [n, ci, d, h, w] or [ci, d, h, w]; weight: [ci, co / groups, kd, kh, kw]; result: [n, co, od, oh, ow], each size (in - 1)
    stride - 2 padding + dilation (k - 1) + output_padding + 1. Errors: ShapeError, ArgumentError, DTypeError. Source:
    torch.nn.functional.conv_transpose3d.

    >>> import tensorgrad
    >>> tensorgrad.conv_transpose3d(tensorgrad.ones(1, 1, 1, 1, 1), tensorgrad.ones(1, 1, 1, 1, 2)).tolist()
    [[[[[1.0, 1.0]]]]]
    """
    return transpose("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)


for function in (conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d):
    public()(function)


@public(
    samples=[case((2, 2, 4, 5), 2), case((2, 5, 4), [3, 2], 1, [1, 0], 2), case((1, 2, 6, 6), [2, 3], 2, 1)],
    like=like_unfold,
    namespace="nn.functional",
)
def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """The windows of an image as columns (im2col): y[n, (c, k), p] = x[n, c, p stride + k dilation - padding], 0
    outside.

    input: [n, c, h, w] or [c, h, w]; result: [n, c kh kw, windows]. Errors: ShapeError, ArgumentError, DTypeError. Source:
    torch.nn.functional.unfold.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.unfold(tensorgrad.tensor([[[1.0, 2.0, 3.0]]]), (1, 2)).tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    x, single = batched("unfold", input, 2)
    y = im2col(
        x,
        kernel=spread(kernel_size, 2),
        stride=spread(stride, 2),
        padding=spread(padding, 2),
        dilation=spread(dilation, 2),
    )
    return y.squeeze(0) if single else y


@public(
    samples=[
        case((2, 8, 12), [4, 5], 2),
        case((12, 15), output_size=(5, 4), kernel_size=(3, 2), padding=1, stride=(2, 1)),
        case((1, 6, 24), [6, 6], [2, 3], dilation=2, padding=1),
    ],
    namespace="nn.functional",
)
def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Columns added into an image (col2im), the adjoint of unfold: x[n, c, i] = the sum of all y[n, (c, k), p] taken
    from it.

    input: [n, c kh kw, windows] or without n; result: [n, c, *output_size]. Errors: ShapeError, ArgumentError, DTypeError. Source:
    torch.nn.functional.fold.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.fold(tensorgrad.tensor([[1.0, 2.0], [2.0, 3.0]]), (1, 3), (1, 2)).tolist()
    [[[1.0, 4.0, 3.0]]]
    """
    x, single = batched("fold", input, 1)
    y = col2im(
        x,
        size=spread(output_size, 2),
        kernel=spread(kernel_size, 2),
        stride=spread(stride, 2),
        padding=spread(padding, 2),
        dilation=spread(dilation, 2),
    )
    return y.squeeze(0) if single else y


@public(
    samples=[case((5, 2, 3), (3, 3, 4), (4,)), case((4, 1, 2), (2, 2, 3), (3,), 1)],
    like=lambda np, x, w, b, pad=0: np.moveaxis(
        like_conv(np, x.transpose(1, 2, 0), w.transpose(2, 1, 0), b, padding=pad), -1, 0
    ),
    on=(-1, 1),
)
def conv_tbc(input, weight, bias, pad=0):
    """conv1d of sequences, y[p, n, o] = bias[o] + sum over c, j of x[p + j - pad, n, c] weight[j, c, o]: [t, n, ci], weight [k, ci, co],
    bias [co] -> [t + 2 pad - k + 1, n, co].

    Errors: ShapeError, ArgumentError, DTypeError. Source: torch.conv_tbc.

    >>> import tensorgrad
    >>> tensorgrad.conv_tbc(tensorgrad.ones(3, 1, 1), tensorgrad.ones(2, 1, 1), tensorgrad.zeros(1)).flatten().tolist()
    [2.0, 2.0]
    """
    check_tensors("conv_tbc", input=input, weight=weight, bias=bias)
    if input.ndim != 3 or weight.ndim != 3:
        raise ShapeError(
            f"conv_tbc: expected an input [t, n, ci] and a weight [k, ci, co], got {tuple(input.shape)} and {tuple(weight.shape)}"
        )
    return conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)
