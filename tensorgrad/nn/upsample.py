"""Layers that change the grid of an image: upsampling, and channels turned into pixels and back."""

from . import functional as F
from .module import Module


class Upsample(Module):
    """An image on a finer or coarser grid: (N, C, *sizes) -> (N, C, *size), size = floor(sizes * scale_factor) where it is not given.
    'nearest': y[i] = x[floor(i / scale_factor)], where size is given x[floor(i L / L')]; the other modes weigh the neighbours, see
    functional.interpolate. Errors: ShapeError, DTypeError for integers, ArgumentError unless one of size and scale_factor is given and
    mode fits. Source: torch.nn.Upsample.

    >>> import tensorgrad
    >>> tensorgrad.nn.Upsample(scale_factor=2)(tensorgrad.tensor([[[1.0, 2.0]]])).tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None):
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        self.scale_factor = (tuple(float(factor) for factor in scale_factor) if isinstance(scale_factor, tuple) else
                             float(scale_factor) if scale_factor else None)
        self.mode, self.align_corners, self.recompute_scale_factor = mode, align_corners, recompute_scale_factor

    def forward(self, input):
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)

    def extra_repr(self):
        what = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{what}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Upsample(mode="nearest"), y[i, j] = x[floor(i / f), floor(j / g)], f and g the scale_factor, where size is given H' / H and W' / W:
    (N, C, H, W) -> (N, C, H', W'). Errors: ShapeError, DTypeError for integers, ArgumentError unless one of size and scale_factor is
    given. Source: torch.nn.UpsamplingNearest2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.UpsamplingNearest2d(scale_factor=2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 16, 16])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Upsample(mode="bilinear", align_corners=True), the four pixels around (i (H - 1) / (H' - 1), j (W - 1) / (W' - 1)) weighed by their
    nearness: (N, C, H, W) -> (N, C, H', W'). Errors: ShapeError, DTypeError for integers, ArgumentError unless one of size and
    scale_factor is given. Source: torch.nn.UpsamplingBilinear2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.UpsamplingBilinear2d(scale_factor=2)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 16, 16])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Module):
    """y[..., c, h r + i, w r + j] = x[..., c r^2 + i r + j, h, w]: (..., C r^2, H, W) -> (..., C, H r, W r), every r x r block of pixels
    from r^2 channels. Errors: ShapeError unless r^2 divides the channels, ArgumentError for r < 1. Source: torch.nn.PixelShuffle.

    >>> import tensorgrad
    >>> tensorgrad.nn.PixelShuffle(2)(tensorgrad.ones(1, 4, 3, 3)).shape
    tensorgrad.Size([1, 1, 6, 6])
    """

    def __init__(self, upscale_factor):
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input):
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self):
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """y[..., c r^2 + i r + j, h, w] = x[..., c, h r + i, w r + j]: (..., C, H r, W r) -> (..., C r^2, H, W), the opposite of
    PixelShuffle. Errors: ShapeError unless r divides height and width, ArgumentError for r < 1. Source: torch.nn.PixelUnshuffle.

    >>> import tensorgrad
    >>> tensorgrad.nn.PixelUnshuffle(2)(tensorgrad.ones(1, 1, 4, 4)).shape
    tensorgrad.Size([1, 4, 2, 2])
    """

    def __init__(self, downscale_factor):
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input):
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self):
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """The channels of `groups` groups dealt out in turn, y[:, i groups + g] = x[:, g C / groups + i]: (N, C, ...) -> (N, C, ...). Errors:
    ShapeError unless groups divides C and for less than 3 dimensions, ArgumentError for groups < 1. Source: torch.nn.ChannelShuffle.

    >>> import tensorgrad
    >>> tensorgrad.nn.ChannelShuffle(2)(tensorgrad.ones(1, 4, 2, 2)).shape
    tensorgrad.Size([1, 4, 2, 2])
    """

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, input):
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self):
        return f"groups={self.groups}"
