"""Initialisers: they fill a tensor in place, outside the graph, with the numbers that PyTorch would draw."""

import math

from .._core.errors import ArgumentError, DTypeError
from ..autograd import no_grad
from ..ops.create import empty_like, from_numpy, zeros
from ..ops.elementwise import where
from ..ops.random import randperm

__all__ = ["calculate_gain", "constant_", "dirac_", "eye_", "fan", "fans", "kaiming_normal_", "kaiming_uniform_", "normal_",
           "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_"]

GAINS = {"linear": 1, "conv1d": 1, "conv2d": 1, "conv3d": 1, "conv_transpose1d": 1, "conv_transpose2d": 1,
         "conv_transpose3d": 1, "sigmoid": 1, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}


def calculate_gain(nonlinearity, param=None):
    """The factor that keeps the variance through a nonlinearity, a number: 1 for 'linear', convolutions and 'sigmoid', 5/3 for 'tanh',
    sqrt(2) for 'relu', sqrt(2 / (1 + param^2)) for 'leaky_relu' of slope param (0.01), 3/4 for 'selu'. Errors: ArgumentError for another
    name, and a slope that is no number. Source: torch.nn.init.calculate_gain.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.calculate_gain("relu")
    1.4142135623730951
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ArgumentError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope ** 2))
    if nonlinearity not in GAINS:
        raise ArgumentError(f"Unsupported nonlinearity {nonlinearity}")
    return GAINS[nonlinearity]


def fans(tensor):
    """(fan_in, fan_out): inputs and outputs of one unit, times the size of the receptive field: of [o, i, k...] (i prod(k), o prod(k)).
    Errors: ArgumentError below two dimensions. Source: He et al., arXiv:1502.01852.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.fans(tensorgrad.ones(4, 3))
    (3, 4)
    """
    if tensor.ndim < 2:
        raise ArgumentError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got shape "
                            f"{tuple(tensor.shape)}")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def fan(tensor, mode):
    """The fan that mode, 'fan_in' or 'fan_out', names, of a weight [o, i, k...]: i prod(k) or o prod(k). Errors: ArgumentError for
    another mode and below two dimensions. Source: He et al., arXiv:1502.01852.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.fan(tensorgrad.ones(4, 3), "fan_in")
    3
    """
    mode = str(mode).lower()
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return fans(tensor)[mode == "fan_out"]


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """A tensor of any shape filled with uniform numbers of [a, b). Errors: DTypeError for integers, ArgumentError for a > b. Source:
    torch.nn.init.uniform_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.uniform_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """A tensor of any shape filled with normal numbers N(mean, std^2). Errors: DTypeError for integers, ArgumentError for std < 0.
    Source: torch.nn.init.normal_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.normal_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


ROUNDS = 10000  # of drawing anew what fell outside, before an interval counts as hopeless


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """A tensor of any shape filled with normal numbers N(mean, std^2) of [a, b], by rejection: of normal draws where the interval holds
    more than 0.3 of them, else of uniform draws accepted in proportion to the density. Errors: ArgumentError for std <= 0, a > b and an
    interval that is never met, DTypeError for integers. Source: torch.nn.init.trunc_normal_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.trunc_normal_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    if not std > 0:
        raise ArgumentError(f"trunc_normal_: std must be positive, got {std}")

    def below(x):
        return math.erf((x - mean) / std / math.sqrt(2.0)) / 2.0

    if below(b) - below(a) > 0.3:
        low, high = tensor.new_tensor([a, b]).tolist()

        def propose():
            x = empty_like(tensor).normal_(mean, std, generator=generator)
            return x, (x < low) | (x > high)
    else:
        peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2

        def propose():
            x = empty_like(tensor).uniform_(a, b, generator=generator)
            density = ((x - mean) / std) ** 2 * -0.5 - peak
            return x, empty_like(tensor).uniform_(generator=generator).log_() > density

    with no_grad():
        x, rejected = propose()
        for _ in range(ROUNDS):
            if not rejected.sum():
                return tensor.copy_(x)
            again, outside = propose()
            x, rejected = where(rejected, again, x), rejected & outside
    raise ArgumentError(f"trunc_normal_: no draws of mean {mean} and std {std} fall into [{a}, {b}]")


def constant_(tensor, val):
    """A tensor of any shape filled with `val`. Errors: TypeError for what is no number, GraphError for an expanded tensor. Source:
    torch.nn.init.constant_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.constant_(tensorgrad.empty(3, 4), 2.0).shape
    tensorgrad.Size([3, 4])
    """
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor):
    """A tensor of any shape filled with 1. Errors: GraphError for an expanded tensor. Source: torch.nn.init.ones_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.ones_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor):
    """A tensor of any shape filled with 0. Errors: GraphError for an expanded tensor. Source: torch.nn.init.zeros_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.zeros_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    return constant_(tensor, 0.0)


def eye_(tensor):
    """A matrix [n, m] filled with 1 on the diagonal, 0 elsewhere. Errors: ArgumentError unless the tensor is a matrix. Source:
    torch.nn.init.eye_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.eye_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    if tensor.ndim != 2:
        raise ArgumentError(f"Only tensors with 2 dimensions are supported, got shape {tuple(tensor.shape)}")
    with no_grad():
        tensor.zero_()
        for i in range(min(tensor.shape)):
            tensor[i, i] = 1
    return tensor


def dirac_(tensor, groups=1):
    """Convolution weights [co, ci, k...] that pass their input through: 1 at [g co / groups + i, i, k // 2...], 0 elsewhere. Errors:
    ArgumentError for other dimensions, or channels that groups does not divide. Source: torch.nn.init.dirac_.

    >>> import tensorgrad
    >>> tensorgrad.nn.init.dirac_(tensorgrad.empty(3, 3, 3)).shape
    tensorgrad.Size([3, 3, 3])
    """
    if tensor.ndim not in (3, 4, 5):
        raise ArgumentError(f"Only tensors with 3, 4, or 5 dimensions are supported, got shape {tuple(tensor.shape)}")
    if groups <= 0 or tensor.shape[0] % groups:
        raise ArgumentError(f"dim 0 must be divisible by groups, got {tensor.shape[0]} and {groups}")
    per = tensor.shape[0] // groups
    centre = tuple(n // 2 for n in tensor.shape[2:])
    with no_grad():
        tensor.zero_()
        for group in range(groups):
            for i in range(min(per, tensor.shape[1])):
                tensor[(group * per + i, i, *centre)] = 1
    return tensor


def _xavier_std(tensor, gain):
    """gain sqrt(2 / (fan_in + fan_out)), 0 for no units."""
    both = sum(fans(tensor))
    return gain * math.sqrt(2.0 / both) if both else 0.0


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """A weight [o, i, k...] filled with uniform numbers of +-gain sqrt(6 / (fan_in + fan_out)); see fans. Errors: ArgumentError below two
    dimensions, DTypeError for integers. Source: torch.nn.init.xavier_uniform_ (Glorot and Bengio 2010).

    >>> import tensorgrad
    >>> tensorgrad.nn.init.xavier_uniform_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """A weight [o, i, k...] filled with normal numbers of std gain sqrt(2 / (fan_in + fan_out)); see fans. Errors: ArgumentError below
    two dimensions and for gain < 0, DTypeError for integers. Source: torch.nn.init.xavier_normal_ (Glorot and Bengio 2010).

    >>> import tensorgrad
    >>> tensorgrad.nn.init.xavier_normal_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """A weight [o, i, k...] filled with uniform numbers of +-gain sqrt(3 / fan), gain = calculate_gain(nonlinearity, a), fan that of
    mode. Errors: ArgumentError below two dimensions and for another mode or nonlinearity, DTypeError for integers. Source:
    torch.nn.init.kaiming_uniform_ (He et al. 2015).

    >>> import tensorgrad
    >>> tensorgrad.nn.init.kaiming_uniform_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    if 0 in tensor.shape:
        return tensor
    bound = math.sqrt(3.0) * (calculate_gain(nonlinearity, a) / math.sqrt(fan(tensor, mode)))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """A weight [o, i, k...] filled with normal numbers of std gain / sqrt(fan), gain = calculate_gain(nonlinearity, a), fan that of mode.
    Errors: ArgumentError below two dimensions and for another mode or nonlinearity, DTypeError for integers. Source:
    torch.nn.init.kaiming_normal_ (He et al. 2015).

    >>> import tensorgrad
    >>> tensorgrad.nn.init.kaiming_normal_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    if 0 in tensor.shape:
        return tensor
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(fan(tensor, mode)), generator)


def orthogonal_(tensor, gain=1, generator=None):
    """A weight [n, m...] filled with gain times a (semi-)orthogonal matrix Q, the dimensions after the first taken as one: QR of normal
    numbers, signs such that R's diagonal is positive. Errors: ArgumentError below two dimensions, DTypeError for other dtypes than
    float32 and float64. Source: torch.nn.init.orthogonal_ (Saxe et al. 2013).

    >>> import tensorgrad
    >>> tensorgrad.nn.init.orthogonal_(tensorgrad.empty(3, 4)).shape
    tensorgrad.Size([3, 4])
    """
    if tensor.ndim < 2:
        raise ArgumentError(f"Only tensors with 2 or more dimensions are supported, got shape {tuple(tensor.shape)}")
    if tensor.dtype.name in ("float16", "bfloat16"):
        raise DTypeError(f"orthogonal_: the tensor must be float32 or float64, got {tensor.dtype}")
    if tensor.numel() == 0:
        return tensor
    import numpy
    rows = tensor.shape[0]
    cols = tensor.numel() // rows
    with no_grad():
        normal = zeros(rows, cols, dtype=tensor.dtype).normal_(0, 1, generator=generator).numpy()
        q, r = numpy.linalg.qr(normal.T if rows < cols else normal)
        q = q * numpy.sign(numpy.diag(r))
        value = numpy.ascontiguousarray(q.T if rows < cols else q) * gain
        return tensor.copy_(zeros(rows, cols, dtype=tensor.dtype).copy_(from_numpy(value)).view(tuple(tensor.shape)))


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """A matrix [n, m] filled with normal numbers N(0, std^2), of which ceil(sparsity n) in each column are zero. Errors: ArgumentError
    unless the tensor is a matrix, for sparsity outside [0, 1] and std < 0, DTypeError for integers. Source: torch.nn.init.sparse_
    (Martens 2010).

    >>> import tensorgrad
    >>> tensorgrad.nn.init.sparse_(tensorgrad.empty(3, 4), sparsity=0.5).shape
    tensorgrad.Size([3, 4])
    """
    if tensor.ndim != 2:
        raise ArgumentError(f"Only tensors with 2 dimensions are supported, got shape {tuple(tensor.shape)}")
    if not 0 <= sparsity <= 1:
        raise ArgumentError(f"sparse_: sparsity must be in [0, 1], got {sparsity}")
    rows, cols = tensor.shape
    count = math.ceil(sparsity * rows)
    with no_grad():
        tensor.normal_(0, std, generator=generator)
        for col in range(cols):
            for row in randperm(rows, generator=generator).tolist()[:count]:
                tensor[row, col] = 0
    return tensor
