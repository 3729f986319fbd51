"""Padding layers: a border of a constant, of zeros, of the reflection, of the edge, of the opposite side."""

from .._core.errors import ShapeError
from ..ops.declare import check_tensors
from . import functional as F
from .conv import ntuple
from .module import Module


class _Pad(Module):
    """padding: one number for all sides, or (left, right, top, bottom, front, back) as far as there are dimensions."""

    spatial = 0
    mode = ""

    def __init__(self, padding):
        super().__init__()
        self.padding = ntuple(padding, 2 * self.spatial, f"{type(self).__name__}: padding")

    def forward(self, input):
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self):
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class _ReflectionPad(_Pad):
    mode = "reflect"


class _ReplicationPad(_Pad):
    mode = "replicate"


class _CircularPad(_Pad):
    mode = "circular"

    def forward(self, input):
        n = self.spatial
        check_tensors(type(self).__name__, input=input)
        if input.dim() not in (n + 1, n + 2):
            raise ShapeError(f"{type(self).__name__}: expected {n + 1} or {n + 2} dimensions, got shape {tuple(input.shape)}")
        return super().forward(input)


class ConstantPad1d(_ConstantPad):
    """x with a border of `value`: (..., L) -> (..., L + left + right), padding (left, right), or one number for all sides; negative ones
    crop. Errors: ArgumentError for another number of them, ShapeError where they crop more than there is. Source: torch.nn.ConstantPad1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ConstantPad1d(1, 0.0)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 10])
    """

    spatial = 1


class ConstantPad2d(_ConstantPad):
    """x with a border of `value`: (..., H, W) -> (..., H + top + bottom, W + left + right), padding (left, right, top, bottom), or one
    number for all sides; negative ones crop. Errors: ArgumentError for another number of them, ShapeError where they crop more than there
    is. Source: torch.nn.ConstantPad2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ConstantPad2d(1, 0.0)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10])
    """

    spatial = 2


class ConstantPad3d(_ConstantPad):
    """x with a border of `value`: (..., D, H, W) -> (..., D + front + back, H + top + bottom, W + left + right), padding (left, right,
    top, bottom, front, back), or one number for all sides; negative ones crop. Errors: ArgumentError for another number of them,
    ShapeError where they crop more than there is. Source: torch.nn.ConstantPad3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ConstantPad3d(1, 0.0)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10, 10])
    """

    spatial = 3


class ZeroPad1d(_ZeroPad):
    """x with a border of zeros: (..., L) -> (..., L + left + right), padding (left, right), or one number for all sides; negative ones
    crop. Errors: ArgumentError for another number of them, ShapeError where they crop more than there is. Source: torch.nn.ZeroPad1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ZeroPad1d(1)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 10])
    """

    spatial = 1


class ZeroPad2d(_ZeroPad):
    """x with a border of zeros: (..., H, W) -> (..., H + top + bottom, W + left + right), padding (left, right, top, bottom), or one
    number for all sides; negative ones crop. Errors: ArgumentError for another number of them, ShapeError where they crop more than there
    is. Source: torch.nn.ZeroPad2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ZeroPad2d(1)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10])
    """

    spatial = 2


class ZeroPad3d(_ZeroPad):
    """x with a border of zeros: (..., D, H, W) -> (..., D + front + back, H + top + bottom, W + left + right), padding (left, right, top,
    bottom, front, back), or one number for all sides; negative ones crop. Errors: ArgumentError for another number of them, ShapeError
    where they crop more than there is. Source: torch.nn.ZeroPad3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ZeroPad3d(1)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10, 10])
    """

    spatial = 3


class ReflectionPad1d(_ReflectionPad):
    """x with a border that mirrors the image, its edge not repeated, y[-i] = x[i]: (N, C, L) or (C, L) -> (N, C, L + left + right),
    padding (left, right), or one number for all sides. Errors: ShapeError for other numbers of dimensions, ArgumentError for a border as
    wide as the image and another number of paddings. Source: torch.nn.ReflectionPad1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReflectionPad1d(1)(tensorgrad.tensor([[1.0, 2.0, 3.0]])).tolist()
    [[2.0, 1.0, 2.0, 3.0, 2.0]]
    """

    spatial = 1


class ReflectionPad2d(_ReflectionPad):
    """x with a border that mirrors the image, its edge not repeated, y[-i] = x[i]: (N, C, H, W) or (C, H, W) -> (N, C, H + top + bottom,
    W + left + right), padding (left, right, top, bottom), or one number for all sides. Errors: ShapeError for other numbers of
    dimensions, ArgumentError for a border as wide as the image and another number of paddings. Source: torch.nn.ReflectionPad2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReflectionPad2d(1)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10])
    """

    spatial = 2


class ReflectionPad3d(_ReflectionPad):
    """x with a border that mirrors the image, its edge not repeated, y[-i] = x[i]: (N, C, D, H, W) or (C, D, H, W) -> (N, C, D + front +
    back, H + top + bottom, W + left + right), padding (left, right, top, bottom, front, back), or one number for all sides. Errors:
    ShapeError for other numbers of dimensions, ArgumentError for a border as wide as the image and another number of paddings. Source:
    torch.nn.ReflectionPad3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReflectionPad3d(1)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10, 10])
    """

    spatial = 3


class ReplicationPad1d(_ReplicationPad):
    """x with a border that repeats the edge, y[-i] = x[0]: (N, C, L) or (C, L) -> (N, C, L + left + right), padding (left, right), or one
    number for all sides. Errors: ShapeError for other numbers of dimensions, ArgumentError for what leaves nothing and another number of
    paddings. Source: torch.nn.ReplicationPad1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReplicationPad1d(1)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 10])
    """

    spatial = 1


class ReplicationPad2d(_ReplicationPad):
    """x with a border that repeats the edge, y[-i] = x[0]: (N, C, H, W) or (C, H, W) -> (N, C, H + top + bottom, W + left + right),
    padding (left, right, top, bottom), or one number for all sides. Errors: ShapeError for other numbers of dimensions, ArgumentError for
    what leaves nothing and another number of paddings. Source: torch.nn.ReplicationPad2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReplicationPad2d(1)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10])
    """

    spatial = 2


class ReplicationPad3d(_ReplicationPad):
    """x with a border that repeats the edge, y[-i] = x[0]: (N, C, D, H, W) or (C, D, H, W) -> (N, C, D + front + back, H + top + bottom,
    W + left + right), padding (left, right, top, bottom, front, back), or one number for all sides. Errors: ShapeError for other numbers
    of dimensions, ArgumentError for what leaves nothing and another number of paddings. Source: torch.nn.ReplicationPad3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.ReplicationPad3d(1)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10, 10])
    """

    spatial = 3


class CircularPad1d(_CircularPad):
    """x with a border of the opposite side of the image, y[-i] = x[L - i]: (N, C, L) or (C, L) -> (N, C, L + left + right), padding
    (left, right), or one number for all sides. Errors: ShapeError for other numbers of dimensions, ArgumentError for a border wider than
    the image and another number of paddings. Source: torch.nn.CircularPad1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.CircularPad1d(1)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 10])
    """

    spatial = 1


class CircularPad2d(_CircularPad):
    """x with a border of the opposite side of the image, y[-i] = x[L - i]: (N, C, H, W) or (C, H, W) -> (N, C, H + top + bottom, W + left
    + right), padding (left, right, top, bottom), or one number for all sides. Errors: ShapeError for other numbers of dimensions,
    ArgumentError for a border wider than the image and another number of paddings. Source: torch.nn.CircularPad2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.CircularPad2d(1)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10])
    """

    spatial = 2


class CircularPad3d(_CircularPad):
    """x with a border of the opposite side of the image, y[-i] = x[L - i]: (N, C, D, H, W) or (C, D, H, W) -> (N, C, D + front + back, H
    + top + bottom, W + left + right), padding (left, right, top, bottom, front, back), or one number for all sides. Errors: ShapeError
    for other numbers of dimensions, ArgumentError for a border wider than the image and another number of paddings. Source:
    torch.nn.CircularPad3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.CircularPad3d(1)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 10, 10, 10])
    """

    spatial = 3
