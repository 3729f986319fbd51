"""Transforms that turn and bend an image."""

import math
import numbers

from . import on_pil, on_tensor
from .images import of
from .interpolation import InterpolationMode, as_mode


def inverse_matrix(center, angle, translate, scale, shear):
    """The six numbers of output -> input for: shear, turn by angle and scale about the centre, then translate."""
    turn, sx, sy = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    a, b, c, d = d / scale, -b / scale, -c / scale, a / scale
    x, y = -cx - tx, -cy - ty
    return [a, b, a * x + b * y + cx, c, d, c * x + d * y + cy]


def check_center(center, name):
    """Errors: ValueError for other than a pair, or nothing."""
    if center is not None and len(center) != 2:
        raise ValueError(f"{name}: center must be two numbers, got {tuple(center)}")


def rotate(img, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=None):
    """Turned counter-clockwise by angle degrees about center (x, y), the middle without: (..., H, W) -> the same shape, or with
    expand one that holds all of it. fill: what appears at the edges, a number or one a channel. Errors: TypeError for what is no
    image and for another interpolation, ValueError for a center of other than two numbers, a fill for other channels, and
    interpolations other than nearest and bilinear of tensors. Source: torchvision.transforms.functional.rotate.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(4.0).reshape(1, 2, 2)
    >>> F.rotate(x, 90)
    tensor([[[1., 3.],
             [0., 2.]]])
    """
    check_center(center, "rotate")
    kind, mode = of(img), as_mode(interpolation)
    if kind is on_pil:
        return on_pil.rotate(img, angle, mode, expand, center, fill)
    _, h, w = on_tensor.size(img)
    middle = (0.0, 0.0) if center is None else (center[0] - w * 0.5, center[1] - h * 0.5)
    matrix = inverse_matrix(middle, -angle, (0.0, 0.0), 1.0, (0.0, 0.0))
    return on_tensor.affine(img, matrix, mode, fill, on_tensor.expanded(matrix, w, h) if expand else None)


def affine(img, angle, translate, scale, shear, interpolation=InterpolationMode.NEAREST, fill=None, center=None):
    """Sheared by shear (x, y) degrees, scaled, turned clockwise by angle degrees, moved by translate (x, y) pixels; (..., H, W) ->
    the same shape. Errors: TypeError for what is no image and for another interpolation, ValueError for scale <= 0, a translate or
    center of other than two numbers, and interpolations other than nearest and bilinear of tensors. Source:
    torchvision.transforms.functional.affine.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(4.0).reshape(1, 2, 2)
    >>> F.affine(x, angle=0, translate=(1, 0), scale=1.0, shear=0)
    tensor([[[0., 0.],
             [0., 2.]]])
    """
    if scale <= 0:
        raise ValueError(f"affine: scale must be positive, got {scale}")
    if len(translate) != 2:
        raise ValueError(f"affine: translate must be two numbers, got {tuple(translate)}")
    check_center(center, "affine")
    shear = (shear, 0.0) if isinstance(shear, numbers.Number) else tuple(shear) * (3 - len(shear))
    kind, mode = of(img), as_mode(interpolation)
    _, h, w = kind.size(img)
    if kind is on_pil:
        middle = (w * 0.5, h * 0.5) if center is None else center
    else:
        middle = (0.0, 0.0) if center is None else (center[0] - w * 0.5, center[1] - h * 0.5)
    return kind.affine(img, inverse_matrix(middle, angle, translate, scale, shear), mode, fill)


def perspective(img, startpoints, endpoints, interpolation=InterpolationMode.BILINEAR, fill=None):
    """The corners startpoints (top left, top right, bottom right, bottom left, as (x, y)) go to endpoints by the map (a x + b y +
    c, d x + e y + f) / (g x + h y + 1), or by the nearest to it; (..., H, W) -> the same shape. Errors: TypeError for what is no
    image, ValueError for other than four points, and interpolations other than nearest and bilinear of tensors. Source:
    torchvision.transforms.functional.perspective.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.arange(4.0).reshape(1, 2, 2)
    >>> corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    >>> F.perspective(x, corners, corners).shape
    tensorgrad.Size([1, 2, 2])
    """
    import numpy as np

    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(f"perspective: startpoints and endpoints must be four points, got {len(startpoints)} and {len(endpoints)}")
    rows, right = [], []
    for (x, y), (u, v) in zip(endpoints, startpoints, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    coefficients = np.linalg.lstsq(np.array(rows, float), np.array(right, float), rcond=None)[0].tolist()
    return of(img).perspective(img, coefficients, as_mode(interpolation), fill)
