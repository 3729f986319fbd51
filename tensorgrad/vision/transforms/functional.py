"""Transforms as functions, of Pillow's images and of tensors (..., C, H, W): windows and sizes here, the others in colours.py, warps.py
and images.py. Source: torchvision.transforms.functional."""

import numbers

import tensorgrad

from .colours import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    adjust_sharpness,
    autocontrast,
    equalize,
    gaussian_blur,
    invert,
    posterize,
    rgb_to_grayscale,
    solarize,
    to_grayscale,
)
from .images import (
    convert_image_dtype,
    get_dimensions,
    get_image_num_channels,
    get_image_size,
    normalize,
    of,
    pil_to_tensor,
    to_pil_image,
    to_tensor,
)
from .interpolation import InterpolationMode, as_mode
from .warps import affine, perspective, rotate

__all__ = ["InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
           "adjust_sharpness", "affine", "autocontrast", "center_crop", "convert_image_dtype", "crop", "equalize", "erase",
           "five_crop", "gaussian_blur", "get_dimensions", "get_image_num_channels", "get_image_size", "hflip", "invert",
           "normalize", "pad", "perspective", "pil_to_tensor", "posterize", "resize", "resized_crop", "rgb_to_grayscale",
           "rotate", "solarize", "ten_crop", "to_grayscale", "to_pil_image", "to_tensor", "vflip"]


def hflip(img):
    """Left and right exchanged, y[..., i, j] = x[..., i, W - 1 - j]; image (..., H, W) -> the same shape. Errors: TypeError for
    what is no image. Source: torchvision.transforms.functional.hflip.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(6).reshape(1, 2, 3)
    >>> F.hflip(x)
    tensor([[[2, 1, 0],
             [5, 4, 3]]])
    """
    return of(img).hflip(img)


def vflip(img):
    """Top and bottom exchanged, y[..., i, j] = x[..., H - 1 - i, j]; image (..., H, W) -> the same shape. Errors: TypeError for
    what is no image. Source: torchvision.transforms.functional.vflip.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(6).reshape(1, 2, 3)
    >>> F.vflip(x)
    tensor([[[3, 4, 5],
             [0, 1, 2]]])
    """
    return of(img).vflip(img)


def crop(img, top, left, height, width):
    """The window at (top, left), (..., H, W) -> (..., height, width); black where it is outside of the image. Errors: TypeError for
    what is no image, ValueError for a negative height or width. Source: torchvision.transforms.functional.crop.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(6).reshape(1, 2, 3)
    >>> F.crop(x, 0, 1, 2, 2)
    tensor([[[1, 2],
             [4, 5]]])
    """
    if height < 0 or width < 0:
        raise ValueError(f"crop: height and width must be >= 0, got {(height, width)}")
    return of(img).crop(img, top, left, height, width)


def pad(img, padding, fill=0, padding_mode="constant"):
    """A border of padding pixels, (..., H, W) -> (..., top + H + bottom, left + W + right): one number, (left/right, top/bottom) or
    (left, top, right, bottom). padding_mode: 'constant' (of fill), 'edge', 'reflect' or 'symmetric'. Errors: TypeError for what is
    no image, ValueError for other than 1, 2 or 4 numbers, another mode and (a tensor's mirrored modes) a border wider than the
    image. Source: torchvision.transforms.functional.pad.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(6).reshape(1, 2, 3)
    >>> F.pad(x, (1, 0), fill=9)
    tensor([[[9, 0, 1, 2, 9],
             [9, 3, 4, 5, 9]]])
    """
    if isinstance(padding, int):
        padding = (padding,)
    if not isinstance(padding, (list, tuple)) or len(padding) not in (1, 2, 4):
        raise ValueError(f"pad: padding must be a number or 1, 2 or 4 numbers, got {padding!r}")
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(f"pad: padding_mode must be constant, edge, reflect or symmetric, got {padding_mode!r}")
    left, top, right, bottom = tuple(padding) * (4 // len(padding))
    return of(img).pad(img, left, top, right, bottom, fill, padding_mode)


def center_crop(img, output_size):
    """The window in the middle, (..., H, W) -> (..., height, width); black around an image that is smaller. Errors: TypeError for
    what is no image, ValueError for other than one or two sizes or a negative one. Source:
    torchvision.transforms.functional.center_crop.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(6).reshape(1, 2, 3)
    >>> F.center_crop(x, (2, 1))
    tensor([[[1],
             [4]]])
    """
    height, width = pair(output_size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        x, y = max(width - w, 0), max(height - h, 0)
        img = pad(img, (x // 2, y // 2, (x + 1) // 2, (y + 1) // 2))
        _, h, w = get_dimensions(img)
    return crop(img, round((h - height) / 2.0), round((w - width) / 2.0), height, width)


def pair(size):
    """(height, width) of a number, one number in a list, or two."""
    if isinstance(size, numbers.Number):
        return int(size), int(size)
    if len(size) not in (1, 2):
        raise ValueError(f"a size must be one or two numbers, got {tuple(size)}")
    return size[0], size[-1]


def resized(height, width, size, max_size):
    """(height, width) after the shorter side has become `size`, but the longer one at most max_size."""
    if not isinstance(size, int) and len(size) == 2:
        if max_size is not None:
            raise ValueError(f"resize: max_size goes with one size, that of the shorter side, got {tuple(size)}")
        return tuple(size)
    short = size if isinstance(size, int) else size[0]
    low, high = min(height, width), max(height, width)
    long = int(short * high / low)
    if max_size is not None:
        if max_size <= short:
            raise ValueError(f"resize: max_size must be greater than the size of the shorter side, got {max_size} and {short}")
        if long > max_size:
            short, long = int(max_size * short / long), max_size
    return (long, short) if width <= height else (short, long)


def resize(img, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    """Another size, (..., H, W) -> (..., height, width): size is (height, width), or one number for the shorter side, of which
    max_size limits the longer one. antialias: a wider kernel where a tensor shrinks (Pillow always does that). Errors: TypeError
    for what is no image and for another interpolation, ValueError for other than one or two numbers, sizes that are not positive, a
    max_size that is not larger, an image without pixels and Pillow's interpolations of tensors. Source:
    torchvision.transforms.functional.resize.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms.functional import resize
    >>> resize(tensorgrad.ones(3, 10, 20), 5).shape
    tensorgrad.Size([3, 5, 10])
    """
    if not isinstance(size, int) and len(size) not in (1, 2):
        raise ValueError(f"resize: size must be one or two numbers, got {tuple(size)}")
    kind, mode = of(img), as_mode(interpolation)
    _, h, w = kind.size(img)
    if h < 1 or w < 1:
        raise ValueError(f"resize: the image must have pixels, got height {h} and width {w}")
    height, width = resized(h, w, size, max_size)
    if height < 1 or width < 1:
        raise ValueError(f"resize: sizes must be positive, got {(height, width)}")
    return img if (height, width) == (h, w) else kind.resize(img, height, width, mode, antialias)


def resized_crop(img, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR, antialias=True):
    """crop, then resize: (..., H, W) -> (..., *size). Errors: those of crop and resize. Source:
    torchvision.transforms.functional.resized_crop.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> F.resized_crop(tensorgrad.ones(3, 8, 8), 0, 0, 4, 4, (2, 6)).shape
    tensorgrad.Size([3, 2, 6])
    """
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img, size):
    """The windows in the four corners and in the middle, each (..., height, width) of (..., H, W): top left, top right, bottom
    left, bottom right, centre. Errors: TypeError for what is no image, ValueError for an image that is smaller. Source:
    torchvision.transforms.functional.five_crop.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> [tuple(part.shape) for part in F.five_crop(tensorgrad.ones(3, 8, 8), 4)] == 5 * [(3, 4, 4)]
    True
    """
    height, width = pair(size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        raise ValueError(f"five_crop: size {(height, width)} is larger than the image {(h, w)}")
    corners = ((0, 0), (0, w - width), (h - height, 0), (h - height, w - width))
    return (*(crop(img, y, x, height, width) for y, x in corners), center_crop(img, (height, width)))


def ten_crop(img, size, vertical_flip=False):
    """five_crop of the image (..., H, W) and of its mirror image: ten of (..., height, width). Errors: those of five_crop. Source:
    torchvision.transforms.functional.ten_crop.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> len(F.ten_crop(tensorgrad.ones(3, 8, 8), 4))
    10
    """
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


def erase(img, i, j, h, w, v, inplace=False):
    """A tensor (..., H, W) whose window of h rows and w columns at row i, column j is v, a number or a tensor that broadcasts to
    the window; result: the same shape. Errors: TypeError for what is no tensor, ShapeError for a v that does not broadcast. Source:
    torchvision.transforms.functional.erase.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(6).reshape(1, 2, 3)
    >>> F.erase(x, 0, 1, 2, 2, 0)
    tensor([[[0, 0, 0],
             [3, 0, 0]]])
    """
    if not isinstance(img, tensorgrad.Tensor):
        raise TypeError(f"erase: img must be a tensor, got {type(img).__name__}")
    img = img if inplace else img.clone()
    img[..., i:i + h, j:j + w] = v
    return img
