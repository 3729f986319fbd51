"""Transforms with a random draw that say where: crops, turns, and rectangles that are rubbed out. Draws as in random_kinds.py."""

import math
import numbers

import tensorgrad

from . import functional as F
from .interpolation import InterpolationMode, as_mode
from .kinds import Transform
from .random_kinds import WithProbability, from_to, happens, integer, probability, uniform

TRIES = 10  # draws of a window's shape before a fallback is taken


class RandomCrop(Transform):
    """A window at a random place, (..., H, W) -> (..., height, width), after padding if that is given or pad_if_needed. Errors:
    ValueError for a size larger than the image or of other than one or two numbers, those of pad. Source:
    torchvision.transforms.RandomCrop.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomCrop(2)(torch.ones(1, 4, 4)).shape
    tensorgrad.Size([1, 2, 2])
    """

    shown = ("size", "padding")

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__()
        self.size, self.padding, self.pad_if_needed = F.pair(size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    @staticmethod
    def get_params(img, output_size):
        """(top, left, height, width). Errors: ValueError for an image smaller than that.

        >>> from tensorgrad import zeros
        >>> from tensorgrad.vision.transforms import RandomCrop
        >>> RandomCrop.get_params(zeros(3, 8, 6), (8, 6))
        (0, 0, 8, 6)
        """
        _, h, w = F.get_dimensions(img)
        height, width = output_size
        if h < height or w < width:
            raise ValueError(f"RandomCrop: size {(height, width)} is larger than the image {(h, w)}")
        if (h, w) == (height, width):
            return 0, 0, h, w
        return integer(h - height + 1), integer(w - width + 1), height, width

    def forward(self, img):
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        if self.pad_if_needed:
            for axis in (1, 0):
                missing = self.size[axis] - F.get_dimensions(img)[1 + axis]
                if missing > 0:
                    img = F.pad(img, (missing, 0) if axis else (0, missing), self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))


class RandomResizedCrop(Transform):
    """A window with a random share of the area and a random aspect ratio, resized to (..., height, width): Inception's
    augmentation. Errors: ValueError for a scale or ratio that is negative or in the wrong order and a size of other than one or two
    positive numbers. Source: torchvision.transforms.RandomResizedCrop.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomResizedCrop(2)(torch.ones(1, 4, 4)).shape
    tensorgrad.Size([1, 2, 2])
    """

    shown = ("size", "scale", "ratio", "interpolation", "antialias")

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3.0 / 4.0, 4.0 / 3.0), interpolation=InterpolationMode.BILINEAR,
                 antialias=True):
        super().__init__()
        for name, pair in (("scale", scale), ("ratio", ratio)):
            if len(pair) != 2 or not 0 <= pair[0] <= pair[1]:
                raise ValueError(f"RandomResizedCrop: {name} must be (low, high), both >= 0, got {tuple(pair)}")
        self.size, self.scale, self.ratio, self.antialias = F.pair(size), scale, ratio, antialias
        self.interpolation = as_mode(interpolation)

    @staticmethod
    def get_params(img, scale, ratio):
        """(top, left, height, width). Errors: TypeError for what is no image.

        >>> from tensorgrad import zeros
        >>> from tensorgrad.vision.transforms import RandomResizedCrop
        >>> RandomResizedCrop.get_params(zeros(3, 8, 8), (1.0, 1.0), (1.0, 1.0))
        (0, 0, 8, 8)
        """
        _, height, width = F.get_dimensions(img)
        low, high = tensorgrad.log(tensorgrad.tensor([float(r) for r in ratio])).tolist()
        for _ in range(TRIES):
            area = height * width * uniform(*scale)
            aspect = tensorgrad.exp(tensorgrad.empty(1).uniform_(low, high)).item()
            w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < w <= width and 0 < h <= height:
                return integer(height - h + 1), integer(width - w + 1), h, w
        whole = width / height  # the largest window in the middle with an allowed ratio
        w, h = width, height
        if whole < min(ratio):
            h = round(w / min(ratio))
        elif whole > max(ratio):
            w = round(h * max(ratio))
        return (height - h) // 2, (width - w) // 2, h, w

    def forward(self, img):
        return F.resized_crop(img, *self.get_params(img, self.scale, self.ratio), self.size, self.interpolation, self.antialias)

    def extra_repr(self):
        rounded = {name: tuple(round(v, 4) for v in getattr(self, name)) for name in ("scale", "ratio")}
        return (f"size={self.size}, scale={rounded['scale']}, ratio={rounded['ratio']}, "
                f"interpolation={self.interpolation.value}, antialias={self.antialias}")


class RandomRotation(Transform):
    """Turned by an angle of (-degrees, degrees), or of the given pair; (..., H, W) -> the same shape, or with expand a larger one.
    Errors: ValueError for negative degrees or other than one or two of them, those of rotate. Source:
    torchvision.transforms.RandomRotation.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomRotation((90, 90))(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    tensor([[[2., 4.],
             [1., 3.]]])
    """

    shown = ("degrees", "interpolation", "expand", "fill")

    def __init__(self, degrees, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=0):
        super().__init__()
        self.degrees, self.interpolation = from_to("RandomRotation: degrees", degrees), as_mode(interpolation)
        self.expand, self.center, self.fill = expand, center, fill

    @staticmethod
    def get_params(degrees):
        """The angle. Errors: TypeError for degrees that are no pair, ArgumentError for one in the wrong order.

        >>> from tensorgrad.vision.transforms import RandomRotation
        >>> -30 <= RandomRotation.get_params([-30, 30]) <= 30
        True
        """
        return uniform(*degrees)

    def forward(self, img):
        return F.rotate(img, self.get_params(self.degrees), self.interpolation, self.expand, self.center, self.fill)


class RandomAffine(Transform):
    """Turned, moved by up to a share of the size, scaled and sheared; (..., H, W) -> the same shape. Errors: ValueError for
    negative degrees, shares outside [0, 1] and scales that are not positive, those of affine. Source:
    torchvision.transforms.RandomAffine.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomAffine(0, translate=(0.0, 0.0))(torch.ones(1, 2, 2)).shape
    tensorgrad.Size([1, 2, 2])
    """

    shown = ("degrees", "translate", "scale", "shear")

    def __init__(self, degrees, translate=None, scale=None, shear=None, interpolation=InterpolationMode.NEAREST, fill=0,
                 center=None):
        super().__init__()
        self.degrees = from_to("RandomAffine: degrees", degrees)
        if translate is not None and (len(translate) != 2 or not all(0 <= t <= 1 for t in translate)):
            raise ValueError(f"RandomAffine: translate must be two numbers in [0, 1], got {translate}")
        if scale is not None and any(s <= 0 for s in scale):
            raise ValueError(f"RandomAffine: scale must be positive, got {scale}")
        self.translate, self.scale = translate, scale
        self.shear = None if shear is None else from_to("RandomAffine: shear", shear)
        self.interpolation, self.fill, self.center = as_mode(interpolation), fill, center

    @staticmethod
    def get_params(degrees, translate, scale_ranges, shears, img_size):
        """(angle, (x, y), scale, (x, y) of the shear); img_size: (width, height). Errors: TypeError for degrees that are no pair,
        ArgumentError for one in the wrong order.

        >>> from tensorgrad.vision.transforms import RandomAffine
        >>> RandomAffine.get_params((90.0, 90.0), None, None, None, (8, 6))
        (90.0, (0, 0), 1.0, (0.0, 0.0))
        """
        angle, move, scale, shear = uniform(*degrees), (0, 0), 1.0, [0.0, 0.0]
        if translate is not None:
            move = tuple(round(uniform(-t * n, t * n)) for t, n in zip(translate, img_size, strict=True))
        if scale_ranges is not None:
            scale = uniform(*scale_ranges)
        if shears is not None:
            shear[0] = uniform(shears[0], shears[1])
            if len(shears) == 4:
                shear[1] = uniform(shears[2], shears[3])
        return angle, move, scale, tuple(shear)

    def forward(self, img):
        params = self.get_params(self.degrees, self.translate, self.scale, self.shear, F.get_image_size(img))
        return F.affine(img, *params, interpolation=self.interpolation, fill=self.fill, center=self.center)

    def extra_repr(self):
        return ", ".join(f"{n}={getattr(self, n)}" for n in self.shown if getattr(self, n) is not None)


class RandomPerspective(WithProbability):
    """Seen from another side with probability p; distortion_scale: how far the corners move, in [0, 1] of half the side. (..., H,
    W) -> the same shape. Errors: ValueError for p or distortion_scale outside [0, 1]. Source:
    torchvision.transforms.RandomPerspective.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomPerspective(0.2, 1.0)(torch.ones(1, 4, 4)).shape
    tensorgrad.Size([1, 4, 4])
    """

    def __init__(self, distortion_scale=0.5, p=0.5, interpolation=InterpolationMode.BILINEAR, fill=0):
        super().__init__(p)
        if not 0 <= distortion_scale <= 1:
            raise ValueError(f"RandomPerspective: distortion_scale must be in [0, 1], got {distortion_scale}")
        self.distortion_scale, self.interpolation, self.fill = distortion_scale, as_mode(interpolation), fill

    @staticmethod
    def get_params(width, height, distortion_scale):
        """(corners of the image, where they go). Errors: ValueError for a distortion_scale that is no number.

        >>> from tensorgrad.vision.transforms import RandomPerspective
        >>> RandomPerspective.get_params(8, 6, 0.0)
        ([[0, 0], [7, 0], [7, 5], [0, 5]], [[0, 0], [7, 0], [7, 5], [0, 5]])
        """
        x, y = int(distortion_scale * (width // 2)), int(distortion_scale * (height // 2))
        ends = [[integer(x + 1), integer(y + 1)], [width - x - 1 + integer(x + 1), integer(y + 1)],
                [width - x - 1 + integer(x + 1), height - y - 1 + integer(y + 1)], [integer(x + 1), height - y - 1 + integer(y + 1)]]
        return [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], ends

    def change(self, img):
        _, height, width = F.get_dimensions(img)
        return F.perspective(img, *self.get_params(width, height, self.distortion_scale), self.interpolation, self.fill)


class RandomErasing(Transform):
    """A random window of a tensor (..., C, H, W) becomes value with probability p: a number, one a channel, or 'random' for noise;
    result: the same shape. Errors: ValueError for p or scale outside [0, 1], pairs in the wrong order, ratios that are not positive
    and a value for other channels, TypeError for what is no tensor. Source: torchvision.transforms.RandomErasing.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomErasing(1.0)(torch.ones(1, 8, 8)).min()
    tensor(0.)
    """

    shown = ("p", "scale", "ratio", "value", "inplace")

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
        super().__init__()
        probability("RandomErasing", p)
        if not 0 <= scale[0] <= scale[1] <= 1 or not 0 < ratio[0] <= ratio[1]:
            raise ValueError(f"RandomErasing: scale in [0, 1] and positive ratio must be (low, high), got {scale} and {ratio}")
        if isinstance(value, str) and value != "random":
            raise ValueError(f"RandomErasing: value must be numbers or 'random', got {value!r}")
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    @staticmethod
    def get_params(img, scale, ratio, value=None):
        """(top, left, height, width, values); the image itself where no window fits. Errors: ValueError for other than (..., C, H,
        W), ArgumentError for a negative ratio.

        >>> from tensorgrad import zeros
        >>> from tensorgrad.vision.transforms import RandomErasing
        >>> RandomErasing.get_params(zeros(3, 8, 8), (0.25, 0.25), (1.0, 1.0))[2:4]
        (4, 4)
        """
        channels, height, width = img.shape[-3:]
        low, high = tensorgrad.log(tensorgrad.tensor([float(r) for r in ratio])).tolist()
        for _ in range(TRIES):
            area = height * width * uniform(*scale)
            aspect = tensorgrad.exp(tensorgrad.empty(1).uniform_(low, high)).item()
            h, w = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if not (h < height and w < width):
                continue
            if value is None:
                values = tensorgrad.empty(channels, h, w).normal_()
            else:
                values = tensorgrad.tensor([float(v) for v in value])[:, None, None]
            return integer(height - h + 1), integer(width - w + 1), h, w, values
        return 0, 0, height, width, img

    def forward(self, img):
        if not isinstance(img, tensorgrad.Tensor) or img.ndim < 3:
            what = f"shape {tuple(img.shape)}" if isinstance(img, tensorgrad.Tensor) else type(img).__name__
            raise TypeError(f"RandomErasing: the image must be a tensor (..., C, H, W), got {what}")
        if not happens(self.p):
            return img
        value = [self.value] if isinstance(self.value, numbers.Number) else None if self.value == "random" else self.value
        if value is not None and len(value) not in (1, img.shape[-3]):
            raise ValueError(f"RandomErasing: value has {len(value)} numbers for {img.shape[-3]} channels")
        return F.erase(img, *self.get_params(img, self.scale, self.ratio, value), self.inplace)
