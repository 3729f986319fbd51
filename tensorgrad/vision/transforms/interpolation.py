"""The names of the ways to interpolate."""

from enum import Enum


class InterpolationMode(Enum):
    """How values between pixels are had; box, hamming and lanczos exist for Pillow's images alone. Errors: ValueError for another
    value. Source: torchvision.transforms.InterpolationMode.

    >>> from tensorgrad.vision import transforms
    >>> transforms.InterpolationMode.NEAREST.value
    'nearest'
    """

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


# Pillow's numbers, by which older programs name the modes.
PIL_NUMBERS = {InterpolationMode.NEAREST: 0, InterpolationMode.LANCZOS: 1, InterpolationMode.BILINEAR: 2,
               InterpolationMode.BICUBIC: 3, InterpolationMode.BOX: 4, InterpolationMode.HAMMING: 5,
               InterpolationMode.NEAREST_EXACT: 0}


def as_mode(interpolation):
    """An InterpolationMode from itself, its name or Pillow's number. TypeError for anything else."""
    if isinstance(interpolation, InterpolationMode):
        return interpolation
    if isinstance(interpolation, int):
        for mode, number in PIL_NUMBERS.items():
            if number == interpolation:
                return mode
    try:
        return InterpolationMode(interpolation)
    except ValueError:
        raise TypeError(f"interpolation must be an InterpolationMode or one of {[m.value for m in InterpolationMode]}, got "
                        f"{interpolation!r}") from None
