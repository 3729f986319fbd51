"""Max unpooling, and max pooling over windows drawn at random."""

from .._core.errors import ArgumentError
from . import functional as F
from .conv import ntuple
from .module import Module


class _MaxUnpool(Module):
    spatial = 0

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.stride, self.padding = (
            ntuple(value, self.spatial, f"{type(self).__name__}: {what}") for what, value in
            (("kernel_size", kernel_size), ("stride", kernel_size if stride is None else stride), ("padding", padding)))

    def forward(self, input, indices, output_size=None):
        unpool = getattr(F, f"max_unpool{self.spatial}d")
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """The opposite of MaxPool1d(return_indices=True): y[indices] = x, 0 for what was lost: (N, C, L') -> (N, C, L), L = (L' - 1) s - 2p +
    k or output_size. Errors: ShapeError, ArgumentError for another number of sizes, OutOfRangeError for indices outside the result,
    DTypeError. Source: torch.nn.MaxUnpool1d.

    >>> import tensorgrad
    >>> y, places = tensorgrad.nn.MaxPool1d(2, return_indices=True)(tensorgrad.ones(1, 4, 8))
    >>> tensorgrad.nn.MaxUnpool1d(2)(y, places).shape
    tensorgrad.Size([1, 4, 8])
    """

    spatial = 1


class MaxUnpool2d(_MaxUnpool):
    """The opposite of MaxPool2d(return_indices=True): y[indices] = x, 0 for what was lost: (N, C, H', W') -> (N, C, H, W), H = (H' - 1) s
    - 2p + k or output_size. Errors: ShapeError, ArgumentError for another number of sizes, OutOfRangeError for indices outside the
    result, DTypeError. Source: torch.nn.MaxUnpool2d.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> y, at = nn.MaxPool2d(2, return_indices=True)(tensorgrad.tensor([[[1.0, 2.0], [4.0, 3.0]]]))
    >>> nn.MaxUnpool2d(2)(y, at).tolist()
    [[[0.0, 0.0], [4.0, 0.0]]]
    """

    spatial = 2


class MaxUnpool3d(_MaxUnpool):
    """The opposite of MaxPool3d(return_indices=True): y[indices] = x, 0 for what was lost: (N, C, D', H', W') -> (N, C, D, H, W), D = (D'
    - 1) s - 2p + k or output_size. Errors: ShapeError, ArgumentError for another number of sizes, OutOfRangeError for indices outside the
    result, DTypeError. Source: torch.nn.MaxUnpool3d.

    >>> import tensorgrad
    >>> y, places = tensorgrad.nn.MaxPool3d(2, return_indices=True)(tensorgrad.ones(1, 4, 8, 8, 8))
    >>> tensorgrad.nn.MaxUnpool3d(2)(y, places).shape
    tensorgrad.Size([1, 4, 8, 8, 8])
    """

    spatial = 3


class _FractionalMaxPool(Module):
    spatial = 0

    def __init__(self, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        super().__init__()
        name, n = type(self).__name__, self.spatial
        if (output_size is None) == (output_ratio is None):
            raise ArgumentError(f"{name}: give either output_size or output_ratio, got {output_size} and {output_ratio}")
        self.kernel_size, self.return_indices = ntuple(kernel_size, n, f"{name}: kernel_size"), return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else ntuple(output_size, n, f"{name}: output_size")
        self.output_ratio = (None if output_ratio is None else (output_ratio,) * n if isinstance(output_ratio, float) else
                             tuple(output_ratio))
        if self.output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ArgumentError(f"{name}: output_ratio must be between 0 and 1, got {output_ratio}")

    def forward(self, input):
        pool = getattr(F, f"fractional_max_pool{self.spatial}d")
        return pool(input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
                    _random_samples=self._random_samples)


class FractionalMaxPool2d(_FractionalMaxPool):
    """The maximum of windows of kernel_size at random distances that average (L - kernel_size) / (output_size - 1): (N, C, H, W) or (C,
    H, W) -> (N, C, *output_size), which is given or int(output_ratio L). Errors: ShapeError, DTypeError for integers, ArgumentError
    unless one of output_size and output_ratio in (0, 1) is given. Source: Graham, Fractional max-pooling, 2014;
    torch.nn.FractionalMaxPool2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.FractionalMaxPool2d(2, output_ratio=0.5)(tensorgrad.ones(1, 1, 8, 6)).shape
    tensorgrad.Size([1, 1, 4, 3])
    """

    spatial = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """The maximum of windows of kernel_size at random distances that average (L - kernel_size) / (output_size - 1): (N, C, D, H, W) or
    (C, D, H, W) -> (N, C, *output_size), which is given or int(output_ratio L). Errors: ShapeError, DTypeError for integers,
    ArgumentError unless one of output_size and output_ratio in (0, 1) is given. Source: torch.nn.FractionalMaxPool3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.FractionalMaxPool3d(2, output_size=3)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 3, 3, 3])
    """

    spatial = 3
