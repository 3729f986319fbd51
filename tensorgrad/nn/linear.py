"""Identity, Linear, Bilinear, Flatten, Unflatten."""

import math

from .._core.errors import ArgumentError
from ..ops.create import empty
from ..ops.declare import check_tensors
from . import functional as F
from . import init
from .convert import check_cpu
from .module import Module
from .parameter import Parameter


def new_parameter(*shape, device=None, dtype=None):
    """An uninitialised Parameter of that shape."""
    check_cpu(device)
    return Parameter(empty(shape, dtype=dtype))


def uniform_bias(bias, fan_in):
    """U(-b, b) with b = 1 / sqrt(fan_in), PyTorch's draw for biases."""
    bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
    init.uniform_(bias, -bound, bound)


class Identity(Module):
    """y = x, of any shape or kind; arguments of the constructor are taken and ignored. No errors: any object comes back. Source:
    torch.nn.Identity.

    >>> import tensorgrad
    >>> tensorgrad.nn.Identity()(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  2.0000])
    """

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


class Linear(Module):
    """y = x W^T + b over the last dimension: (..., in_features) -> (..., out_features).

    weight (out_features, in_features) and bias (out_features) start as U(-b, b), b = 1/sqrt(in_features). Errors: ShapeError for other
    features, DTypeError for another dtype, ArgumentError for a device that is not the CPU. Source: torch.nn.Linear.

    >>> import tensorgrad
    >>> tensorgrad.nn.Linear(3, 2)(tensorgrad.ones(5, 3)).shape
    tensorgrad.Size([5, 2])
    """

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = new_parameter(out_features, in_features, device=device, dtype=dtype)
        self.register_parameter("bias", new_parameter(out_features, device=device, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.Linear(4, 3)
        >>> layer.reset_parameters()
        >>> bool((layer.weight.abs() <= 0.5).all())
        True
        """
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            uniform_bias(self.bias, self.in_features)

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y_k = x1^T W_k x2 + b_k: (..., in1_features), (..., in2_features) -> (..., out_features). weight (out_features, in1_features,
    in2_features) and bias (out_features) start as U(-b, b), b = 1/sqrt(in1_features). Errors: ArgumentError for in1_features < 1,
    ShapeError, DTypeError for different dtypes. Source: torch.nn.Bilinear.

    >>> import tensorgrad
    >>> tensorgrad.nn.Bilinear(2, 3, 4)(tensorgrad.ones(5, 2), tensorgrad.ones(5, 3)).shape
    tensorgrad.Size([5, 4])
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        if in1_features <= 0:
            raise ArgumentError(f"Bilinear: in1_features must be > 0, got {in1_features}")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = new_parameter(out_features, in1_features, in2_features, device=device, dtype=dtype)
        self.register_parameter("bias", new_parameter(out_features, device=device, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.Bilinear(4, 4, 2)
        >>> layer.reset_parameters()
        >>> bool((layer.weight.abs() <= 0.5).all())
        True
        """
        uniform_bias(self.weight, self.in1_features)
        if self.bias is not None:
            uniform_bias(self.bias, self.in1_features)

    def forward(self, input1, input2):
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
                f"out_features={self.out_features}, "
                f"bias={self.bias is not None}")


class Flatten(Module):
    """Joins dimensions start_dim to end_dim into one: (N, C, H, W) -> (N, C*H*W). Errors: OutOfRangeError for dimensions that do not
    exist, ArgumentError for start_dim behind end_dim. Source: torch.nn.Flatten.

    >>> import tensorgrad
    >>> tensorgrad.nn.Flatten()(tensorgrad.ones(2, 3, 4)).shape
    tensorgrad.Size([2, 12])
    """

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        check_tensors("Flatten", input=input)
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Splits dimension dim into unflattened_size (one of them may be -1), the inverse of Flatten: (N, C*H*W) -> (N, C, H, W). Errors:
    TypeError for what are no integers, OutOfRangeError for a dim that does not exist, ShapeError for sizes that do not multiply to its
    size. Source: torch.nn.Unflatten.

    >>> import tensorgrad
    >>> tensorgrad.nn.Unflatten(1, (2, 3))(tensorgrad.ones(4, 6)).shape
    tensorgrad.Size([4, 2, 3])
    """

    def __init__(self, dim, unflattened_size):
        super().__init__()
        if not isinstance(dim, int):
            raise TypeError(f"Unflatten: dim must be an int (named dimensions do not exist), got {dim!r}")
        if not isinstance(unflattened_size, tuple | list) or not all(isinstance(n, int) for n in unflattened_size):
            raise TypeError(f"Unflatten: unflattened_size must be a tuple of ints, got {unflattened_size!r}")
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input):
        check_tensors("Unflatten", input=input)
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
