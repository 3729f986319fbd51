"""Activations: one class a function of nn.functional, with its arguments as attributes."""

import warnings

from .._core.errors import ArgumentError, ShapeError
from ..ops.create import full
from ..ops.declare import check_tensors
from . import functional as F
from .convert import check_cpu
from .module import Module
from .parameter import Parameter


def suffix(module, first=False):
    """", inplace=True" for the repr, where it is."""
    return ("" if first else ", ") + "inplace=True" if module.inplace else ""


class ReLU(Module):
    """max(0, x), element by element, of any shape. Errors: DTypeError for bools, GraphError where inplace meets a leaf that requires
    grad. Source: torch.nn.ReLU.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReLU()(tensorgrad.tensor([-1., 2.]))
    tensor([0., 2.])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.relu(input, self.inplace)

    def extra_repr(self):
        return suffix(self, first=True)


class ReLU6(Module):
    """min(max(0, x), 6), element by element, of any shape. Errors: DTypeError where inplace meets integers, GraphError where it meets a
    leaf that requires grad. Source: torch.nn.ReLU6.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReLU6()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.0000, 0.5000, 2.0000])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.relu6(input, self.inplace)

    def extra_repr(self):
        return suffix(self, first=True)


class LeakyReLU(Module):
    """x where x > 0, negative_slope * x elsewhere, element by element, of any shape. Errors: DTypeError where inplace meets integers,
    GraphError where it meets a leaf that requires grad. Source: torch.nn.LeakyReLU.

    >>> import tensorgrad
    >>> tensorgrad.nn.LeakyReLU()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.0100,  0.5000,  2.0000])
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input):
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}" + suffix(self)


class ELU(Module):
    """x where x > 0, alpha (exp(x) - 1) elsewhere, element by element, of any shape. Errors: DTypeError where inplace meets integers,
    GraphError where it meets a leaf that requires grad. Source: torch.nn.ELU.

    >>> import tensorgrad
    >>> tensorgrad.nn.ELU()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.6321,  0.5000,  2.0000])
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input):
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return f"alpha={self.alpha}" + suffix(self)


class CELU(Module):
    """x where x > 0, alpha (exp(x / alpha) - 1) elsewhere, element by element, of any shape. Errors: ArgumentError for alpha = 0;
    inplace: DTypeError for integers, GraphError for a leaf that requires grad. Source: torch.nn.CELU.

    >>> import tensorgrad
    >>> tensorgrad.nn.CELU()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.6321,  0.5000,  2.0000])
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input):
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return f"alpha={self.alpha}" + suffix(self)


class SELU(Module):
    """scale * ELU(x, alpha), element by element, of any shape, with the constants that keep mean 0 and variance 1: scale 1.0507, alpha
    1.6733. Errors: DTypeError for what is not floating-point, GraphError where inplace meets a leaf that requires grad. Source:
    torch.nn.SELU.

    >>> import tensorgrad
    >>> tensorgrad.nn.SELU()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.1113,  0.5254,  2.1014])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.selu(input, self.inplace)

    def extra_repr(self):
        return suffix(self, first=True)


class GELU(Module):
    """x Phi(x), Phi the normal distribution's; approximate='tanh': 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). Element by element,
    of any shape. Errors: ArgumentError for another approximate. Source: torch.nn.GELU.

    >>> import tensorgrad
    >>> tensorgrad.nn.GELU()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.1587,  0.3457,  1.9545])
    """

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    def forward(self, input):
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x sigmoid(x), element by element, of any shape. Errors: DTypeError for what is not floating-point, GraphError where inplace meets a
    leaf that requires grad. Source: torch.nn.SiLU.

    >>> import tensorgrad
    >>> tensorgrad.nn.SiLU()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.2689,  0.3112,  1.7616])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.silu(input, self.inplace)

    def extra_repr(self):
        return suffix(self, first=True)


class Mish(Module):
    """x tanh(softplus(x)), element by element, of any shape. Errors: DTypeError for what is not floating-point, GraphError where inplace
    meets a leaf that requires grad. Source: torch.nn.Mish.

    >>> import tensorgrad
    >>> tensorgrad.nn.Mish()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.3034,  0.3752,  1.9440])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.mish(input, self.inplace)

    def extra_repr(self):
        return suffix(self, first=True)


class Hardtanh(Module):
    """x limited to [min_val, max_val], element by element, of any shape. Errors: ArgumentError for min_val > max_val; inplace: DTypeError
    for integers, GraphError for a leaf that requires grad. Source: torch.nn.Hardtanh.

    >>> import tensorgrad
    >>> tensorgrad.nn.Hardtanh()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None):
        super().__init__()
        for old, new, value in (("min_value", "min_val", min_value), ("max_value", "max_val", max_value)):
            if value is not None:
                warnings.warn(f"Hardtanh: keyword argument `{old}` is deprecated, use `{new}`", FutureWarning, stacklevel=2)
        min_val, max_val = min_val if min_value is None else min_value, max_val if max_value is None else max_value
        if not min_val <= max_val:
            raise ArgumentError(f"Hardtanh: min_val must be at most max_val, got {min_val} and {max_val}")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input):
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self):
        return f"min_val={self.min_val}, max_val={self.max_val}" + suffix(self)


class Hardsigmoid(Module):
    """min(max(0, x + 3), 6) / 6, element by element, of any shape. Errors: DTypeError for what is not floating-point, GraphError where
    inplace meets a leaf that requires grad. Source: torch.nn.Hardsigmoid.

    >>> import tensorgrad
    >>> tensorgrad.nn.Hardsigmoid()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.3333, 0.5833, 0.8333])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """x min(max(0, x + 3), 6) / 6, element by element, of any shape. Errors: DTypeError for what is not floating-point, GraphError where
    inplace meets a leaf that requires grad. Source: torch.nn.Hardswish.

    >>> import tensorgrad
    >>> tensorgrad.nn.Hardswish()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.3333,  0.2917,  1.6667])
    """

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def forward(self, input):
        return F.hardswish(input, self.inplace)


class Threshold(Module):
    """x where x > threshold, value elsewhere, element by element, of any shape. Errors: DTypeError where inplace meets integers,
    GraphError where it meets a leaf that requires grad. Source: torch.nn.Threshold.

    >>> import tensorgrad
    >>> tensorgrad.nn.Threshold(0.1, 20)(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([20.0000,  0.5000,  2.0000])
    """

    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input):
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self):
        return f"threshold={self.threshold}, value={self.value}" + suffix(self)


class Softplus(Module):
    """log(1 + exp(beta x)) / beta; x itself where beta x > threshold. Element by element, of any shape. Errors: TypeError for what is
    neither a tensor nor a number. Source: torch.nn.Softplus.

    >>> import tensorgrad
    >>> tensorgrad.nn.Softplus()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.3133, 0.9741, 2.1269])
    """

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input):
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardshrink(Module):
    """x where |x| > lambd, 0 elsewhere, element by element, of any shape. Errors: TypeError for what is neither a tensor nor a number.
    Source: torch.nn.Hardshrink.

    >>> import tensorgrad
    >>> tensorgrad.nn.Hardshrink()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.])
    """

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        return F.hardshrink(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class Softshrink(Module):
    """x moved by lambd towards 0: x - lambd where x > lambd, x + lambd where x < -lambd, 0 elsewhere. Element by element, of any shape.
    Errors: ArgumentError for lambd < 0. Source: torch.nn.Softshrink.

    >>> import tensorgrad
    >>> tensorgrad.nn.Softshrink()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.5000,  0.0000,  1.5000])
    """

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        return F.softshrink(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class Tanh(Module):
    """tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x)), element by element, of any shape. Errors: TypeError for what is neither a tensor
    nor a number. Source: torch.nn.Tanh.

    >>> import tensorgrad
    >>> tensorgrad.nn.Tanh()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.7616,  0.4621,  0.9640])
    """

    def forward(self, input):
        return F.tanh(input)


class Tanhshrink(Module):
    """x - tanh(x), element by element, of any shape. Errors: DTypeError for what is not floating-point. Source: torch.nn.Tanhshrink.

    >>> import tensorgrad
    >>> tensorgrad.nn.Tanhshrink()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.2384,  0.0379,  1.0360])
    """

    def forward(self, input):
        return F.tanhshrink(input)


class Sigmoid(Module):
    """1 / (1 + exp(-x)), element by element, of any shape. Errors: TypeError for what is neither a tensor nor a number. Source:
    torch.nn.Sigmoid.

    >>> import tensorgrad
    >>> tensorgrad.nn.Sigmoid()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.2689, 0.6225, 0.8808])
    """

    def forward(self, input):
        return F.sigmoid(input)


class LogSigmoid(Module):
    """log(1 / (1 + exp(-x))), element by element, of any shape. Errors: DTypeError for what is not floating-point. Source:
    torch.nn.LogSigmoid.

    >>> import tensorgrad
    >>> tensorgrad.nn.LogSigmoid()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.3133, -0.4741, -0.1269])
    """

    def forward(self, input):
        return F.logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|), element by element, of any shape. Errors: DTypeError for what is not floating-point. Source: torch.nn.Softsign.

    >>> import tensorgrad
    >>> tensorgrad.nn.Softsign()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.5000,  0.3333,  0.6667])
    """

    def forward(self, input):
        return F.softsign(input)


class GLU(Module):
    """a sigmoid(b), where a and b are the halves of x along dim: of any shape, half as long along dim. Errors: ShapeError for an odd
    size, OutOfRangeError for another dim. Source: torch.nn.GLU.

    >>> import tensorgrad
    >>> tensorgrad.nn.GLU()(tensorgrad.tensor([1.0, 0.0]))
    tensor([0.5000])
    """

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.glu(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax(Module):
    """exp(x) / sum(exp(x)), the sum along dim: of any shape, which the result has. dim None (with a warning): 0 for 0, 1 or 3 dimensions,
    else 1. Errors: OutOfRangeError for another dim, DTypeError for what is not floating-point. Source: torch.nn.Softmax.

    >>> import tensorgrad
    >>> tensorgrad.nn.Softmax(dim=0)(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.0391, 0.1753, 0.7856])
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """x - log(sum(exp(x))), the sum along dim: of any shape, which the result has; dim None as in Softmax. Errors: OutOfRangeError for
    another dim, DTypeError for what is not floating-point. Source: torch.nn.LogSoftmax.

    >>> import tensorgrad
    >>> tensorgrad.nn.LogSoftmax(dim=0)(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-3.2413, -1.7413, -0.2413])
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.log_softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmin(Module):
    """exp(-x) / sum(exp(-x)), the sum along dim: of any shape, which the result has; dim None as in Softmax. Errors: OutOfRangeError for
    another dim, DTypeError for what is not floating-point. Source: torch.nn.Softmin.

    >>> import tensorgrad
    >>> tensorgrad.nn.Softmin(dim=0)(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.7856, 0.1753, 0.0391])
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.softmin(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax2d(Module):
    """exp(x) / sum(exp(x)), the sum over the channels of (N, C, H, W) or (C, H, W), which the result has. Errors: ShapeError for other
    numbers of dimensions, DTypeError for what is not floating-point. Source: torch.nn.Softmax2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Softmax2d()(tensorgrad.ones(1, 2, 3, 3)).shape
    tensorgrad.Size([1, 2, 3, 3])
    """

    def forward(self, input):
        check_tensors("Softmax2d", input=input)
        if input.dim() not in (3, 4):
            raise ShapeError(f"Softmax2d: expected 3D or 4D input, got shape {tuple(input.shape)}")
        return F.softmax(input, -3)


class RReLU(Module):
    """x where x > 0, a x elsewhere, element by element, of any shape; in training each a is drawn from U(lower, upper), in eval it is the
    mean of both. Errors: ArgumentError for lower > upper, GraphError where inplace meets a leaf that requires grad. Source:
    torch.nn.RReLU.

    >>> import tensorgrad
    >>> tensorgrad.nn.RReLU().eval()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.2292,  0.5000,  2.0000])
    """

    def __init__(self, lower=1 / 8, upper=1 / 3, inplace=False):
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input):
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self):
        return f"lower={self.lower}, upper={self.upper}" + suffix(self)


class PReLU(Module):
    """x where x > 0, weight * x elsewhere: (N, C, ...) -> (N, C, ...); weight (num_parameters) is one parameter for all, which takes any
    shape, or one a channel (dimension 1). Errors: ShapeError for another number of channels, DTypeError for what is no dtype,
    ArgumentError for a device that is not the CPU. Source: torch.nn.PReLU.

    >>> import tensorgrad
    >>> tensorgrad.nn.PReLU()(tensorgrad.tensor([-1.0, 0.5, 2.0])).detach()
    tensor([-0.2500,  0.5000,  2.0000])
    """

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        check_cpu(device)
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), float(init), dtype=dtype))

    def reset_parameters(self):
        """Set the weight back to its initial value.

        >>> from tensorgrad import nn
        >>> layer = nn.PReLU(init=0.1)
        >>> layer.weight.data.fill_(7)
        tensor([7.])
        >>> layer.reset_parameters()
        >>> layer.weight.data
        tensor([0.1000])
        """
        self.weight.detach().fill_(self.init)

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"
