"""Convolutions and the transposed ones of 1 to 3 dimensions, Fold and Unfold."""

import math

from .._core.errors import ArgumentError, ShapeError
from . import functional as F
from . import init
from .linear import new_parameter, uniform_bias
from .module import Module

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def ntuple(value, n, what):
    """`value` n times, or the n values it holds."""
    values = (value,) * n if isinstance(value, int) else tuple(value)
    if len(values) != n:
        raise ArgumentError(f"{what} must be one number or {n}, got {value!r}")
    return values


class _ConvNd(Module):
    """Parameters and geometry common to all: weight (out, in/groups, *kernel), transposed (in, out/groups, *kernel)."""

    spatial = 0
    transposed = False

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias,
                 padding_mode, device, dtype):
        super().__init__()
        name, n = type(self).__name__, self.spatial
        if groups <= 0:
            raise ArgumentError(f"{name}: groups must be a positive integer, got {groups}")
        if in_channels % groups or out_channels % groups:
            raise ArgumentError(f"{name}: in_channels {in_channels} and out_channels {out_channels} must be divisible by "
                             f"groups {groups}")
        if padding_mode not in PADDING_MODES:
            raise ArgumentError(f"{name}: padding_mode must be one of {PADDING_MODES}, got {padding_mode!r}")
        stride, dilation, kernel_size, output_padding = (
            ntuple(value, n, f"{name}: {what}") for what, value in
            (("stride", stride), ("dilation", dilation), ("kernel_size", kernel_size), ("output_padding", output_padding)))
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ArgumentError(f"{name}: padding must be 'same', 'valid' or integers, got {padding!r}")
            if padding == "same" and any(s != 1 for s in stride):
                raise ArgumentError(f"{name}: padding='same' needs stride 1, got {stride}")
        else:
            padding = ntuple(padding, n, f"{name}: padding")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        self.output_padding, self.groups, self.padding_mode = output_padding, groups, padding_mode
        self._reversed_padding_repeated_twice = self._edges()
        rows, columns = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = new_parameter(rows, columns // groups, *kernel_size, device=device, dtype=dtype)
        self.register_parameter("bias", new_parameter(out_channels, device=device, dtype=dtype) if bias else None)
        self.reset_parameters()

    def _edges(self):
        """The padding as functional.pad takes it: (before, after) of the last dimension first."""
        edges = []
        for i in reversed(range(self.spatial)):
            if isinstance(self.padding, str):
                total = self.dilation[i] * (self.kernel_size[i] - 1) if self.padding == "same" else 0
                edges += [total // 2, total - total // 2]
            else:
                edges += [self.padding[i]] * 2
        return edges

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.Conv1d(1, 2, 4)
        >>> layer.reset_parameters()
        >>> bool((layer.weight.abs() <= 0.5).all())
        True
        """
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = self.weight.size(1) * math.prod(self.kernel_size)
            if fan_in != 0:
                uniform_bias(self.bias, fan_in)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        zeros, ones = (0,) * self.spatial, (1,) * self.spatial
        text += f", padding={self.padding}" if self.padding != zeros else ""
        text += f", dilation={self.dilation}" if self.dilation != ones else ""
        text += f", output_padding={self.output_padding}" if self.output_padding != zeros else ""
        text += f", groups={self.groups}" if self.groups != 1 else ""
        text += ", bias=False" if self.bias is None else ""
        return text + (f", padding_mode={self.padding_mode}" if self.padding_mode != "zeros" else "")


class _Conv(_ConvNd):
    function = ""  # its name in nn.functional

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias,
                         padding_mode,
                         device, dtype)

    def _conv_forward(self, input, weight, bias):
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode), 0
        return getattr(F, self.function)(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input):
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_Conv):
    """y[n, o, t] = bias[o] + sum over c, i of weight[o, c, i] x[n, c, t s + i d - p]: (N, in_channels, L) or without N -> (N,
    out_channels, L'), L' = (L + 2p - d(k - 1) - 1) // s + 1; with groups o sees the channels c of its group alone. padding: a number,
    'valid' (0) or 'same' (L' = L); padding_mode says what stands there. weight (out, in/groups, k), bias (out) start as U(-b, b), b =
    1/sqrt(in/groups k). Errors: ShapeError, ArgumentError for sizes, groups and modes, DTypeError. Source: torch.nn.Conv1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Conv1d(4, 6, 3)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 6, 6])
    """

    spatial = 1
    function = "conv1d"


class Conv2d(_Conv):
    """Cross-correlation, y[n, o, t, u] = bias[o] + sum over c, i, j of weight[o, c, i, j] x[n, c, t s + i d - p, u s + j d - p]: (N,
    in_channels, H, W) or without N -> (N, out_channels, H', W'), H' = (H + 2p - d(k - 1) - 1) // s + 1; padding, groups and initial
    values as in Conv1d. Errors: ShapeError, ArgumentError for sizes, groups and modes, DTypeError. Source: torch.nn.Conv2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Conv2d(1, 16, 5, padding=2)(tensorgrad.ones(4, 1, 8, 8)).shape
    tensorgrad.Size([4, 16, 8, 8])
    """

    spatial = 2
    function = "conv2d"


class Conv3d(_Conv):
    """Cross-correlation, as in Conv2d with one more dimension: (N, in_channels, D, H, W) or without N -> (N, out_channels, D', H', W'),
    D' = (D + 2p - d(k - 1) - 1) // s + 1; padding, groups and initial values as in Conv1d. Errors: ShapeError, ArgumentError for sizes,
    groups and modes, DTypeError. Source: torch.nn.Conv3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.Conv3d(4, 6, 3)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 6, 6, 6, 6])
    """

    spatial = 3
    function = "conv3d"


class _ConvTranspose(_ConvNd):
    transposed = True
    function = ""  # its name in nn.functional

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True,
                 dilation=1, padding_mode="zeros", device=None, dtype=None):
        if padding_mode != "zeros":
            raise ArgumentError(f"{type(self).__name__}: padding_mode must be 'zeros', got {padding_mode!r}")
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups,
                         bias,
                         padding_mode, device, dtype)

    def _output_padding(self, input, output_size):
        """output_padding such that the result has output_size (given with or without batch and channels)."""
        if output_size is None:
            return self.output_padding
        n = self.spatial
        if input.dim() not in (n + 1, n + 2):
            raise ShapeError(f"{type(self).__name__}: expected {n + 1} or {n + 2} dimensions, got shape {tuple(input.shape)}")
        if len(output_size) in (input.dim(), n + 2):
            output_size = output_size[-n:]
        if len(output_size) != n:
            raise ShapeError(f"{type(self).__name__}: output_size must have {n} or {input.dim()} elements, got "
                             f"{tuple(output_size)}")
        least = [(size - 1) * s - 2 * p + d * (k - 1) + 1 for size, s, p, d, k in
                 zip(input.shape[-n:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)]
        extra = tuple(size - low for size, low in zip(output_size, least, strict=True))
        if any(not 0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
            raise ArgumentError(f"{type(self).__name__}: output_size {tuple(output_size)} must be from {least} to "
                             f"{[low + s - 1 for low, s in zip(least, self.stride, strict=True)]} for input "
                             f"{tuple(input.shape)}")
        return extra

    def forward(self, input, output_size=None):
        return getattr(F, self.function)(input, self.weight, self.bias, self.stride, self.padding,
                             self._output_padding(input, output_size), self.groups, self.dilation)


class ConvTranspose1d(_ConvTranspose):
    """The adjoint of Conv1d: y[n, o, t s + i d - p] sums weight[c, o, i] x[n, c, t] over c, t, i, plus bias[o]: (N, in_channels, L) or
    without N -> (N, out_channels, L'), L' = (L - 1) s - 2p + d(k - 1) + output_padding + 1, or the output_size of the call; weight (in,
    out/groups, k). Errors: ShapeError, ArgumentError for sizes, groups and modes, DTypeError. Source: torch.nn.ConvTranspose1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ConvTranspose1d(4, 6, 2, stride=2)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 6, 16])
    """

    spatial = 1
    function = "conv_transpose1d"


class ConvTranspose2d(_ConvTranspose):
    """The adjoint of Conv2d, ConvTranspose1d along two dimensions: (N, in_channels, H, W) or without N -> (N, out_channels, H', W'), H' =
    (H - 1) s - 2p + d(k - 1) + output_padding + 1, or the output_size of the call; weight (in, out/groups, kh, kw). Errors: ShapeError,
    ArgumentError for sizes, groups and modes, DTypeError. Source: torch.nn.ConvTranspose2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ConvTranspose2d(4, 6, 2, stride=2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 6, 16, 16])
    """

    spatial = 2
    function = "conv_transpose2d"


class ConvTranspose3d(_ConvTranspose):
    """The adjoint of Conv3d, ConvTranspose1d along three dimensions: (N, in_channels, D, H, W) or without N -> (N, out_channels, D', H',
    W'), D' = (D - 1) s - 2p + d(k - 1) + output_padding + 1, or the output_size of the call; weight (in, out/groups, kd, kh, kw). Errors:
    ShapeError, ArgumentError for sizes, groups and modes, DTypeError. Source: torch.nn.ConvTranspose3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ConvTranspose3d(4, 6, 2, stride=2)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 6, 16, 16, 16])
    """

    spatial = 3
    function = "conv_transpose3d"


class Unfold(Module):
    """Every window as a column (im2col), y[n, (c kh + i) kw + j, l] = x[n, c, t s + i d - p, u s + j d - p] for the window l = t W' + u:
    (N, C, H, W) or (C, H, W) -> (N, C * kh * kw, windows). Errors: ShapeError, ArgumentError for sizes < 1, DTypeError for integers.
    Source: torch.nn.Unfold.

    >>> import tensorgrad
    >>> tensorgrad.nn.Unfold(2)(tensorgrad.ones(1, 3, 4, 4)).shape
    tensorgrad.Size([1, 12, 9])
    """

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input):
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Adds the columns back into an image (col2im), the adjoint of Unfold: (N, C * kh * kw, windows) or without N -> (N, C,
    *output_size). Errors: ShapeError, ArgumentError for sizes < 1, DTypeError for integers. Source: torch.nn.Fold.

    >>> import tensorgrad
    >>> tensorgrad.nn.Fold((4, 4), 2)(tensorgrad.ones(1, 12, 9)).shape
    tensorgrad.Size([1, 3, 4, 4])
    """

    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.output_size = output_size
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input):
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        return f"output_size={self.output_size}, " + Unfold.extra_repr(self)
