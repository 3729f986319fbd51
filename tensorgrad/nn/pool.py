"""Pooling: max, average, adaptive, power-average."""

from . import functional as F
from .conv import ntuple
from .module import Module


class _MaxPool(Module):
    function = ""  # its name in nn.functional

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding, self.dilation, self.return_indices, self.ceil_mode = padding, dilation, return_indices, ceil_mode

    def forward(self, input):
        return getattr(F, self.function)(input, self.kernel_size, self.stride, self.padding, self.dilation,
                                         ceil_mode=self.ceil_mode,
                             return_indices=self.return_indices)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, "
                f"ceil_mode={self.ceil_mode}")


class MaxPool1d(_MaxPool):
    """The maximum of every window, y[t] = max over i < k of x[t s - p + d i]: (N, C, L) or (C, L) -> (N, C, L'), L' = (L + 2p - d(k - 1)
    - 1) // s + 1 (ceil_mode rounds up). Errors: ShapeError, ArgumentError for sizes < 1 and padding > k / 2, DTypeError for integers.
    Source: torch.nn.MaxPool1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.MaxPool1d(2)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 4])
    """

    function = "max_pool1d"


class MaxPool2d(_MaxPool):
    """The maximum of every window: (N, C, H, W) or (C, H, W) -> (N, C, H', W'), H' = (H + 2p - d(k - 1) - 1) // s + 1 (ceil_mode rounds
    up). Errors: ShapeError, ArgumentError for sizes < 1 and padding > k / 2, DTypeError for integers. Source: torch.nn.MaxPool2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.MaxPool2d(2)(tensorgrad.ones(1, 1, 8, 8)).shape
    tensorgrad.Size([1, 1, 4, 4])
    """

    function = "max_pool2d"


class MaxPool3d(_MaxPool):
    """The maximum of every window: (N, C, D, H, W) or (C, D, H, W) -> (N, C, D', H', W'), D' = (D + 2p - d(k - 1) - 1) // s + 1
    (ceil_mode rounds up). Errors: ShapeError, ArgumentError for sizes < 1 and padding > k / 2, DTypeError for integers. Source:
    torch.nn.MaxPool3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.MaxPool3d(2)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 4, 4, 4])
    """

    function = "max_pool3d"


class AvgPool1d(Module):
    """The mean of every window, y[t] = sum over i < k of x[t s - p + i] / k: (N, C, L) or (C, L) -> (N, C, L'), L' = (L + 2p - k) // s +
    1 (ceil_mode rounds up). count_include_pad=False divides by the number of elements inside. Errors: ShapeError, ArgumentError for sizes
    < 1 and padding > k / 2, DTypeError for integers. Source: torch.nn.AvgPool1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AvgPool1d(2)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 4])
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        super().__init__()
        self.kernel_size = ntuple(kernel_size, 1, "AvgPool1d: kernel_size")
        self.stride = ntuple(stride if stride is not None else kernel_size, 1, "AvgPool1d: stride")
        self.padding, self.ceil_mode, self.count_include_pad = ntuple(padding, 1, "AvgPool1d: padding"), ceil_mode, count_include_pad

    def forward(self, input):
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPool(Module):
    function = ""  # its name in nn.functional

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
                 divisor_override=None):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input):
        return getattr(F, self.function)(input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                                         self.count_include_pad, self.divisor_override)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPool):
    """The mean of every window: (N, C, H, W) or (C, H, W) -> (N, C, H', W'), H' = (H + 2p - k) // s + 1 (ceil_mode rounds up).
    count_include_pad=False divides by the number of elements inside, divisor_override by itself. Errors: ShapeError, ArgumentError for
    sizes < 1 and padding > k / 2, DTypeError for integers. Source: torch.nn.AvgPool2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AvgPool2d(2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 4, 4])
    """

    function = "avg_pool2d"


class AvgPool3d(_AvgPool):
    """The mean of every window: (N, C, D, H, W) or (C, D, H, W) -> (N, C, D', H', W'), D' = (D + 2p - k) // s + 1 (ceil_mode rounds up).
    count_include_pad=False divides by the number of elements inside, divisor_override by itself. Errors: ShapeError, ArgumentError for
    sizes < 1 and padding > k / 2, DTypeError for integers. Source: torch.nn.AvgPool3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AvgPool3d(2)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 4, 4, 4])
    """

    function = "avg_pool3d"


class _LPPool(Module):
    function = ""  # its name in nn.functional

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input):
        return getattr(F, self.function)(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self):
        return (f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
                f"ceil_mode={self.ceil_mode}")


class LPPool1d(_LPPool):
    """(sum of x^p)^(1/p) of every window, p = norm_type: (N, C, L) or (C, L) -> (N, C, L'), L' = (L - k) // s + 1 (ceil_mode rounds up).
    Errors: ShapeError, ArgumentError for norm_type 0 and sizes < 1. Source: torch.nn.LPPool1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.LPPool1d(2, 2)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 4])
    """

    function = "lp_pool1d"


class LPPool2d(_LPPool):
    """(sum of x^p)^(1/p) of every window, p = norm_type: (N, C, H, W) or (C, H, W) -> (N, C, H', W'), H' = (H - k) // s + 1 (ceil_mode
    rounds up). Errors: ShapeError, ArgumentError for norm_type 0 and sizes < 1. Source: torch.nn.LPPool2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.LPPool2d(2, 2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 4, 4])
    """

    function = "lp_pool2d"


class LPPool3d(_LPPool):
    """(sum of x^p)^(1/p) of every window, p = norm_type: (N, C, D, H, W) or (C, D, H, W) -> (N, C, D', H', W'), D' = (D - k) // s + 1
    (ceil_mode rounds up). Errors: ShapeError, ArgumentError for norm_type 0 and sizes < 1. Source: torch.nn.LPPool3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.LPPool3d(2, 2)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 4, 4, 4])
    """

    function = "lp_pool3d"


class _AdaptiveAvgPool(Module):
    function = ""  # its name in nn.functional

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, input):
        return getattr(F, self.function)(input, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means of windows chosen so that the result has output_size n, y[i] the mean of x[floor(i L / n) : ceil((i + 1) L / n)]: (N, C, L)
    or (C, L) -> (N, C, n). Errors: ShapeError, ArgumentError for another number of sizes or a negative one, DTypeError for integers.
    Source: torch.nn.AdaptiveAvgPool1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AdaptiveAvgPool1d(2)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 2])
    """

    function = "adaptive_avg_pool1d"


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means of windows chosen so that the result has output_size, along each dimension from floor(i L / n) to ceil((i + 1) L / n) (None:
    n = L): (N, C, H, W) or (C, H, W) -> (N, C, *output_size). Errors: ShapeError, ArgumentError for another number of sizes or a negative
    one, DTypeError for integers. Source: torch.nn.AdaptiveAvgPool2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AdaptiveAvgPool2d(2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 2, 2])
    """

    function = "adaptive_avg_pool2d"


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means of windows chosen so that the result has output_size, along each dimension from floor(i L / n) to ceil((i + 1) L / n) (None:
    n = L): (N, C, D, H, W) or (C, D, H, W) -> (N, C, *output_size). Errors: ShapeError, ArgumentError for another number of sizes or a
    negative one, DTypeError for integers. Source: torch.nn.AdaptiveAvgPool3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AdaptiveAvgPool3d(2)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 2, 2, 2])
    """

    function = "adaptive_avg_pool3d"


class _AdaptiveMaxPool(_AdaptiveAvgPool):
    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input):
        return getattr(F, self.function)(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Maxima of windows chosen so that the result has output_size n, y[i] the maximum of x[floor(i L / n) : ceil((i + 1) L / n)]: (N, C,
    L) or (C, L) -> (N, C, n). Errors: ShapeError, ArgumentError for another number of sizes or a negative one, DTypeError for integers.
    Source: torch.nn.AdaptiveMaxPool1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AdaptiveMaxPool1d(2)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 2])
    """

    function = "adaptive_max_pool1d"


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Maxima of windows chosen so that the result has output_size, along each dimension from floor(i L / n) to ceil((i + 1) L / n) (None:
    n = L): (N, C, H, W) or (C, H, W) -> (N, C, *output_size). Errors: ShapeError, ArgumentError for another number of sizes or a negative
    one, DTypeError for integers. Source: torch.nn.AdaptiveMaxPool2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AdaptiveMaxPool2d(2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 2, 2])
    """

    function = "adaptive_max_pool2d"


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Maxima of windows chosen so that the result has output_size, along each dimension from floor(i L / n) to ceil((i + 1) L / n) (None:
    n = L): (N, C, D, H, W) or (C, D, H, W) -> (N, C, *output_size). Errors: ShapeError, ArgumentError for another number of sizes or a
    negative one, DTypeError for integers. Source: torch.nn.AdaptiveMaxPool3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.AdaptiveMaxPool3d(2)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 2, 2, 2])
    """

    function = "adaptive_max_pool3d"
