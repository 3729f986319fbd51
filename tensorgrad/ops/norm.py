"""Normalisation: layer, group, RMS, instance and batch norm, normalize and local_response_norm.

The formulas differentiate the definition; the fused derivatives use the saved mean and 1 / standard deviation.
"""

from .._core.errors import ArgumentError, ShapeError
from .._core.kernels import norm as kernels
from .declare import case, check_tensors, op, public, writes_out
from .rearrange import cat

FINEST = {"float64": 2.0 ** -52, "float32": 2.0 ** -23, "float16": 2.0 ** -10, "bfloat16": 2.0 ** -7}


def standard(x, dims, eps):
    """(x - mean) / std and 1 / std over dims, differentiable."""
    centred = x - x.mean(dims, True)
    rstd = ((centred * centred).mean(dims, True) + eps).rsqrt()
    return centred * rstd, rstd


def through(g, h, rstd, dims):
    """The gradient of x, given the one of h = (x - mean) rstd."""
    return rstd * (g - g.mean(dims, True) - h * (g * h).mean(dims, True))


def last(shape):
    """The dimensions that hold the rows of a layer norm."""
    return tuple(range(-len(shape), 0))


def leading(g, shape):
    """Sum of g over all but the last dimensions."""
    n = g.ndim - len(shape)
    return g.sum(tuple(range(n))) if n else g


def scaled(g, w):
    """g w, for an optional weight."""
    return g if w is None else g * w


layer_norm_raw = op(
    "layer_norm", kernels.layer_norm, inputs="x w b", aux="mean rstd",
    x=lambda g, x, w, shape, eps: through(scaled(g, w), *standard(x, last(shape), eps), last(shape)),
    w=lambda g, x, shape, eps: leading(g * standard(x, last(shape), eps)[0], shape),
    b=lambda g, shape: leading(g, shape),
    fused=lambda needs, g, x, w, mean, rstd, shape: kernels.layer_norm_grad(needs, g, x, w, mean, rstd, shape))


def root_mean_square(x, shape, eps):
    """1 / sqrt(mean x^2 + eps), differentiable."""
    return ((x * x).mean(last(shape), True) + eps).rsqrt()


def rms_norm_x(g, x, w, shape, eps):
    """The gradient of x."""
    rstd, g = root_mean_square(x, shape, eps), scaled(g, w)
    h = x * rstd
    return rstd * (g - h * (g * h).mean(last(shape), True))


rms_norm_raw = op(
    "rms_norm", kernels.rms_norm, inputs="x w", aux="mean rstd", x=rms_norm_x,
    w=lambda g, x, shape, eps: leading(g * x * root_mean_square(x, shape, eps), shape),
    fused=lambda needs, g, x, w, mean, rstd, shape: kernels.rms_norm_grad(needs, g, x, w, mean, rstd, shape))


def channels(w, ndim):
    """A parameter of channels so that it broadcasts over [n, c, ...]."""
    return w.reshape((1, -1) + (1,) * (ndim - 2))


def but_channels(x):
    """All dimensions but that of the channels."""
    return (0, *range(2, x.ndim))


def grouped(x, groups):
    """x [n, c, ...] as [n, groups, the rest]."""
    return x.reshape((x.shape[0], groups, -1 if x.numel() else 0))


def group_norm_x(g, x, w, groups, eps):
    """The gradient of x."""
    g = g if w is None else g * channels(w, g.ndim)
    return through(grouped(g, groups), *standard(grouped(x, groups), 2, eps), 2).reshape(g.shape)


def group_norm_w(g, x, groups, eps):
    """The gradient of the weight."""
    return (g * standard(grouped(x, groups), 2, eps)[0].reshape(g.shape)).sum(but_channels(g))


group_norm_raw = op(
    "group_norm", kernels.group_norm, inputs="x w b", aux="mean rstd", x=group_norm_x, w=group_norm_w,
    b=lambda g: g.sum(but_channels(g)),
    fused=lambda needs, g, x, w, mean, rstd, groups: kernels.group_norm_grad(needs, g, x, w, mean, rstd, groups))


def batch_norm_x(g, x, w, rstd, training, eps):
    """The gradient of x; outside training the statistics are constants."""
    g = g if w is None else g * channels(w, g.ndim)
    if not training:
        return g * channels(rstd, g.ndim)
    return through(g, *standard(x, but_channels(x), eps), but_channels(x))


def batch_norm_w(g, x, mean, rstd, training, eps):
    """The gradient of the weight."""
    if training:
        h = standard(x, but_channels(x), eps)[0]
    else:
        h = (x - channels(mean, x.ndim)) * channels(rstd, x.ndim)
    return (g * h).sum(but_channels(g))


batch_norm_raw = op(
    "batch_norm", kernels.batch_norm, inputs="x w b running_mean running_var", aux="mean rstd",
    x=batch_norm_x, w=batch_norm_w, b=lambda g: g.sum(but_channels(g)),
    fused=lambda needs, g, x, w, mean, rstd, training: kernels.batch_norm_grad(needs, g, x, w, mean, rstd, training))


# ---- definitions for the tests ----

def like_rows(np, x, dims, eps, centred=True):
    """(x - mean) / std over dims."""
    x = x - x.mean(dims, keepdims=True) if centred else x
    return x / np.sqrt((x * x).mean(dims, keepdims=True) + eps)


def like_affine(np, h, w, b, shape):
    """h w + b."""
    h = h if w is None else h * w.reshape(shape)
    return h if b is None else h + b.reshape(shape)


def like_layer_norm(np, x, normalized_shape, w=None, b=None, eps=1e-5):
    """Definition."""
    h = like_rows(np, x, last(normalized_shape), eps) if x.size else x
    return like_affine(np, h, w, b, normalized_shape)


def like_group_norm(np, x, groups, w=None, b=None, eps=1e-5):
    """Definition."""
    h = like_rows(np, x.reshape(x.shape[0], groups, -1), 2, eps).reshape(x.shape) if x.size else x
    return like_affine(np, h, w, b, (1, -1) + (1,) * (x.ndim - 2))


def like_batch_norm(np, x, mean=None, var=None, w=None, b=None, training=False, momentum=0.1, eps=1e-5):
    """Definition."""
    shape = (1, -1) + (1,) * (x.ndim - 2)
    h = like_rows(np, x, (0, *range(2, x.ndim)), eps) if training else \
        (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    return like_affine(np, h, w, b, shape)


# ---- public ----

def trailing(shape):
    """normalized_shape as a tuple of ints."""
    return (shape,) if isinstance(shape, int) else tuple(shape)


@public(samples=[case((2, 3), [3]), case((2, 3), [3], (3,), (3,)), case((4, 2, 3), [2, 3], (2, 3)),
                 case((0, 3), [3], (3,), (3,)), case((3, 70), [70], (70,), (70,))],
        like=like_layer_norm, namespace="nn.functional")
def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """y = (x - mean) / sqrt(var + eps) weight + bias, with mean and biased variance over the last dimensions.

    input: [..., *normalized_shape]; weight, bias: normalized_shape. Errors: ShapeError, DTypeError. Source: Ba, Kiros, Hinton 2016;
    torch.nn.functional.layer_norm.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.layer_norm(tensorgrad.tensor([[1.0, 3.0]]), (2,), eps=0.0).tolist()
    [[-1.0, 1.0]]
    """
    return layer_norm_raw(input, weight, bias, shape=trailing(normalized_shape), eps=eps)[0]


@public(samples=[case((2, 3), [3], eps=1e-5), case((2, 3), [3], (3,), eps=1e-5), case((0, 3), [3], (3,)),
                 case((3, 2, 20), [2, 20], (2, 20), eps=1e-5)],
        like=lambda np, x, shape, w=None, eps=None: like_affine(
            np, like_rows(np, x, last(shape), eps or 0, False) if x.size else x, w, None, shape),
        namespace="nn.functional")
def rms_norm(input, normalized_shape, weight=None, eps=None):
    """y = x / sqrt(mean x^2 + eps) weight over the last dimensions; eps=None: the machine epsilon of the dtype.

    input: [..., *normalized_shape]; weight: normalized_shape. Errors: ShapeError, DTypeError. Source: Zhang, Sennrich 2019;
    torch.nn.functional.rms_norm.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.rms_norm(tensorgrad.tensor([3.0, -3.0]), (2,), eps=0.0).tolist()
    [1.0, -1.0]
    """
    check_tensors("rms_norm", input=input)
    eps = FINEST.get(input.dtype.name, 0.0) if eps is None else eps
    return rms_norm_raw(input, weight, shape=trailing(normalized_shape), eps=eps)[0]


@public(samples=[case((2, 4), 2), case((2, 4, 3), 2, (4,), (4,)), case((2, 6, 2, 3), 3, (6,)),
                 case((3, 2, 20), 1, (2,), (2,)), case((0, 4, 2), 2, (4,), (4,))],
        like=like_group_norm, namespace="nn.functional")
def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """y = (x - mean) / sqrt(var + eps) weight + bias, with the statistics of each sample's groups of channels.

    input: [n, c, ...], num_groups divides c; weight, bias: [c]. Errors: ShapeError for other shapes and numbers of groups, ArgumentError
    for one value a group, DTypeError for integers. Source: Wu, He 2018; torch.nn.functional.group_norm.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.group_norm(tensorgrad.tensor([[1.0, 3.0, 2.0, 6.0]]), 2, eps=0.0).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    check_tensors("group_norm", input=input)
    verify("group_norm", input.shape, input.shape[0] * (input.shape[1] // max(num_groups, 1)) if input.ndim > 1 else 1)
    return group_norm_raw(input, weight, bias, groups=num_groups, eps=eps)[0]


def verify(op, shape, size):
    """More than one value a channel, or there is no variance."""
    for n in shape[2:]:
        size *= n
    if size == 1:
        raise ArgumentError(f"{op}: Expected more than 1 value per channel when training, got input size "
                            f"{tuple(shape)}")


@public(samples=[case((4, 3), None, None, training=True), case((4, 3, 2), None, None, (3,), (3,), training=True),
                 case((2, 3, 5, 4), None, None, (3,), (3,), training=True),
                 case((3, 2, 1, 1), None, None, training=True)],
        like=like_batch_norm, namespace="nn.functional")
def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """y = (x - mean) / sqrt(var + eps) weight + bias, with the statistics of each channel over the batch.

    input: [n, c, ...]; everything else [c]. training: batch statistics (biased variance), and running_mean, running_var, if given,
    become (1 - momentum) old + momentum new (unbiased variance) in place; otherwise the running ones are used. Errors: ShapeError;
    ArgumentError for one value a channel, DTypeError. Source: Ioffe, Szegedy 2015; torch.nn.functional.batch_norm.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([[1.0], [3.0]])
    >>> tensorgrad.nn.functional.batch_norm(x, None, None, training=True, eps=0.0).tolist()
    [[-1.0], [1.0]]
    """
    return batch_norm_raw(input, weight, bias, running_mean, running_var, training=bool(training), momentum=momentum,
                          eps=eps)[0]


@public(samples=[case((2, 3, 5)), case((2, 3, 2, 4), None, None, (3,), (3,))],
        like=lambda np, x, mean=None, var=None, w=None, b=None: like_group_norm(np, x, x.shape[1], w, b),
        namespace="nn.functional")
def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True,
                  momentum=0.1, eps=1e-5):
    """y = (x - mean) / sqrt(var + eps) weight + bias, with the statistics of each channel of each sample.

    input: [n, c, ...]; everything else [c]. use_input_stats=False: the running averages take their place; otherwise these, if
    given, move towards the batch's mean of the samples' statistics. Errors: ShapeError; ArgumentError for one spatial element,
    DTypeError. Source: Ulyanov, Vedaldi, Lempitsky 2016; torch.nn.functional.instance_norm.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.instance_norm(tensorgrad.tensor([[[1.0, 3.0]]]), eps=0.0).tolist()
    [[[-1.0, 1.0]]]
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    check_tensors("instance_norm", input=input)
    if input.ndim < 2:
        raise ShapeError(f"instance_norm: input must have the shape (batch, channels, ...), got {tuple(input.shape)}")
    verify("instance_norm", input.shape, 1)
    n, c = input.shape[:2]
    if n == 0 or (running_mean is None and running_var is None):
        return group_norm_raw(input, weight, bias, groups=c, eps=eps)[0]
    copies = [None if t is None else t.repeat(n) for t in (running_mean, running_var, weight, bias)]
    y = batch_norm(input.reshape((1, n * c, *input.shape[2:])), *copies, True, momentum, eps)
    for running, moved in ((running_mean, copies[0]), (running_var, copies[1])):
        if running is not None:
            running.copy_(moved.reshape((n, c)).mean(0))
    return y.reshape(input.shape)


@public(samples=[case((2, 3)), case((4, 3, 2), dim=-1), case((2, 3), p=1.0), case((2, 3), p=3.0, dim=0)], on=(0.5, 3),
        like=lambda np, x, p=2.0, dim=1: x / np.maximum((np.abs(x) ** p).sum(dim, keepdims=True) ** (1 / p), 1e-12),
        namespace="nn.functional")
@writes_out
def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """y = x / max(|x|_p, eps), the p-norm along dim.

    input: any shape, which the result has. Errors: ArgumentError for a dim that appears twice, OutOfRangeError for dim, DTypeError for
    integers. Source: torch.nn.functional.normalize.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.normalize(tensorgrad.tensor([[3.0, 4.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    y = input / input.norm(p, dim, keepdim=True).clamp_min(eps)
    return y


def like_local_response_norm(np, x, size, alpha=1e-4, beta=0.75, k=1.0):
    """Definition."""
    padded = np.pad(x * x, [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * (x.ndim - 2))
    total = sum(padded[:, i:i + x.shape[1]] for i in range(size))
    return x / (k + alpha * total / size) ** beta


@public(samples=[case((2, 5, 3), 3), case((2, 5, 2, 2), 2, alpha=0.5, k=2.0), case((1, 3, 2), 5, alpha=0.1)],
        like=like_local_response_norm, namespace="nn.functional")
def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """y = x / (k + alpha mean of x^2 over `size` neighbouring channels)^beta; channels outside count as zero.

    input: [n, c, ...] with at least 3 dimensions, whose shape the result has. Errors: ArgumentError for size < 1, ShapeError. Source:
    Krizhevsky, Sutskever, Hinton 2012; torch.nn.functional.local_response_norm.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.local_response_norm(tensorgrad.ones(1, 1, 2), 1, alpha=3.0, beta=0.5).tolist()
    [[[0.5, 0.5]]]
    """
    check_tensors("local_response_norm", input=input)
    if input.ndim < 3:
        raise ShapeError("local_response_norm: Expected 3D or higher dimensionality input, got shape "
                         f"{tuple(input.shape)}")
    if size < 1:
        raise ArgumentError(f"local_response_norm: size must be at least 1, got {size}")
    c, squares, total = input.shape[1], input * input, 0
    for shift in range(max(-(size // 2), 1 - c), min((size - 1) // 2, c - 1) + 1):
        part = squares.narrow(1, max(shift, 0), c - abs(shift))
        hole = squares.new_zeros((input.shape[0], abs(shift), *input.shape[2:]))
        total = total + (part if shift == 0 else cat((hole, part), 1) if shift < 0 else cat((part, hole), 1))
    return input / (total * (alpha / size) + k) ** beta
