"""Transforms with a random draw: from tensorgrad's generator in torchvision's order, so equal seeds give equal images."""

import math
import numbers
import random

import tensorgrad

from . import functional as F
from .interpolation import InterpolationMode, as_mode
from .kinds import Transform


def uniform(low, high):
    """A number of [low, high)."""
    return tensorgrad.empty(1).uniform_(float(low), float(high)).item()


def integer(n):
    """A whole number of [0, n)."""
    return tensorgrad.randint(0, n, size=(1,)).item()


def happens(p):
    """True with probability p."""
    return tensorgrad.rand(1).item() < p


def from_to(name, value, positive=True):
    """[low, high] of two numbers, or of one for the interval around 0."""
    if isinstance(value, numbers.Number):
        if positive and value < 0:
            raise ValueError(f"{name}: a single number must be >= 0, got {value}")
        return [-float(value), float(value)]
    if len(value) not in (2, 4):
        raise ValueError(f"{name}: expected one or two numbers, got {tuple(value)}")
    return [float(v) for v in value]


class RandomApply(Transform):
    """All the transforms with probability p, else none."""

    def __init__(self, transforms, p=0.5):
        super().__init__()
        self.transforms, self.p = transforms, p

    def forward(self, img):
        if self.p < tensorgrad.rand(1).item():
            return img
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return "\n".join(["RandomApply(", f"    p={self.p}", *(f"    {t}" for t in self.transforms), ")"])


class RandomOrder:
    """All the transforms in random order (drawn from Python's generator)."""

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for i in random.sample(range(len(self.transforms)), len(self.transforms)):
            img = self.transforms[i](img)
        return img


class RandomChoice:
    """One of the transforms, with probabilities in proportion to p (drawn from Python's generator)."""

    def __init__(self, transforms, p=None):
        if p is not None and len(p) != len(transforms):
            raise ValueError(f"RandomChoice: p must have one number a transform, got {len(p)} for {len(transforms)}")
        self.transforms, self.p = transforms, p

    def __call__(self, img):
        return random.choices(self.transforms, weights=self.p)[0](img)


class WithProbability(Transform):
    """Base class of what happens with probability p, or not."""

    shown: tuple = ("p",)

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def change(self, img):
        """What may happen."""
        raise NotImplementedError(f"{type(self).__name__} must define change")

    def forward(self, img):
        return self.change(img) if happens(self.p) else img


class RandomHorizontalFlip(WithProbability):
    """Left and right exchanged with probability p."""

    def change(self, img):
        return F.hflip(img)


class RandomVerticalFlip(WithProbability):
    """Top and bottom exchanged with probability p."""

    def change(self, img):
        return F.vflip(img)


class RandomInvert(WithProbability):
    """Inverted with probability p."""

    def change(self, img):
        return F.invert(img)


class RandomAutocontrast(WithProbability):
    """Stretched to the full range with probability p."""

    def change(self, img):
        return F.autocontrast(img)


class RandomEqualize(WithProbability):
    """With an equalised histogram with probability p."""

    def change(self, img):
        return F.equalize(img)


class RandomPosterize(WithProbability):
    """The highest bits alone, with probability p."""

    shown = ("bits", "p")

    def __init__(self, bits, p=0.5):
        super().__init__(p)
        self.bits = bits

    def change(self, img):
        return F.posterize(img, self.bits)


class RandomSolarize(WithProbability):
    """Values from threshold on inverted, with probability p."""

    shown = ("threshold", "p")

    def __init__(self, threshold, p=0.5):
        super().__init__(p)
        self.threshold = threshold

    def change(self, img):
        return F.solarize(img, self.threshold)


class RandomAdjustSharpness(WithProbability):
    """Sharper or softer with probability p."""

    shown = ("sharpness_factor", "p")

    def __init__(self, sharpness_factor, p=0.5):
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def change(self, img):
        return F.adjust_sharpness(img, self.sharpness_factor)


class RandomGrayscale(WithProbability):
    """Grey, with as many channels as before, with probability p."""

    def __init__(self, p=0.1):
        super().__init__(p)

    def change(self, img):
        return F.rgb_to_grayscale(img, F.get_image_num_channels(img))


class RandomCrop(Transform):
    """A window at a random place, after padding if that is given or pad_if_needed."""

    shown = ("size", "padding")

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__()
        self.size, self.padding, self.pad_if_needed = F.pair(size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    @staticmethod
    def get_params(img, output_size):
        """(top, left, height, width). Errors: ValueError for an image smaller than that."""
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


TRIES = 10  # draws of a window's shape before a fallback is taken


class RandomResizedCrop(Transform):
    """A window with a random share of the area and a random aspect ratio, resized: Inception's augmentation."""

    shown = ("size", "scale", "ratio", "interpolation", "antialias")

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3.0 / 4.0, 4.0 / 3.0), interpolation=InterpolationMode.BILINEAR,
                 antialias=True):
        super().__init__()
        for name, pair in (("scale", scale), ("ratio", ratio)):
            if len(pair) != 2 or pair[0] > pair[1]:
                raise ValueError(f"RandomResizedCrop: {name} must be (low, high), got {tuple(pair)}")
        self.size, self.scale, self.ratio, self.antialias = F.pair(size), scale, ratio, antialias
        self.interpolation = as_mode(interpolation)

    @staticmethod
    def get_params(img, scale, ratio):
        """(top, left, height, width)."""
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


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue changed by random factors, in random order.

    A number b stands for factors of [max(0, 1 - b), 1 + b], for the hue of [-b, b]; a pair for itself.
    """

    shown = ("brightness", "contrast", "saturation", "hue")

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        super().__init__()
        self.brightness = self._interval("brightness", brightness, 1, math.inf)
        self.contrast = self._interval("contrast", contrast, 1, math.inf)
        self.saturation = self._interval("saturation", saturation, 1, math.inf)
        self.hue = self._interval("hue", hue, 0, 0.5)

    @staticmethod
    def _interval(name, value, centre, bound):
        low = 0 if centre else -bound
        if isinstance(value, numbers.Number):
            if value < 0:
                raise ValueError(f"ColorJitter: {name} must be >= 0, got {value}")
            value = (max(centre - value, 0.0) if centre else -value, centre + value)
        if len(value) != 2 or not low <= value[0] <= value[1] <= bound:
            raise ValueError(f"ColorJitter: {name} must be between {low} and {bound}, got {tuple(value)}")
        value = (float(value[0]), float(value[1]))
        return None if value == (centre, centre) else value

    @staticmethod
    def get_params(brightness, contrast, saturation, hue):
        """(order of the four, and their factors, None for what stays as it is)."""
        order = tensorgrad.randperm(4)
        return (order, *(None if v is None else uniform(*v) for v in (brightness, contrast, saturation, hue)))

    def forward(self, img):
        order, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        changes = (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue)
        for i in order.tolist():
            if factors[i] is not None:
                img = changes[i](img, factors[i])
        return img


class RandomRotation(Transform):
    """Turned by an angle of (-degrees, degrees), or of the given pair."""

    shown = ("degrees", "interpolation", "expand", "fill")

    def __init__(self, degrees, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=0):
        super().__init__()
        self.degrees, self.interpolation = from_to("RandomRotation: degrees", degrees), as_mode(interpolation)
        self.expand, self.center, self.fill = expand, center, fill

    @staticmethod
    def get_params(degrees):
        """The angle."""
        return uniform(*degrees)

    def forward(self, img):
        return F.rotate(img, self.get_params(self.degrees), self.interpolation, self.expand, self.center, self.fill)


class RandomAffine(Transform):
    """Turned, moved by up to a share of the size, scaled and sheared."""

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
        """(angle, (x, y), scale, (x, y) of the shear); img_size: (width, height)."""
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
    """Seen from another side with probability p; distortion_scale: how far the corners move, in [0, 1]."""

    def __init__(self, distortion_scale=0.5, p=0.5, interpolation=InterpolationMode.BILINEAR, fill=0):
        super().__init__(p)
        self.distortion_scale, self.interpolation, self.fill = distortion_scale, as_mode(interpolation), fill

    @staticmethod
    def get_params(width, height, distortion_scale):
        """(corners of the image, where they go)."""
        x, y = int(distortion_scale * (width // 2)), int(distortion_scale * (height // 2))
        ends = [[integer(x + 1), integer(y + 1)], [width - x - 1 + integer(x + 1), integer(y + 1)],
                [width - x - 1 + integer(x + 1), height - y - 1 + integer(y + 1)], [integer(x + 1), height - y - 1 + integer(y + 1)]]
        return [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], ends

    def change(self, img):
        _, height, width = F.get_dimensions(img)
        return F.perspective(img, *self.get_params(width, height, self.distortion_scale), self.interpolation, self.fill)


class RandomErasing(Transform):
    """A random window of a tensor becomes value with probability p: a number, one a channel, or 'random' for noise."""

    shown = ("p", "scale", "ratio", "value", "inplace")

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"RandomErasing: p must be in [0, 1], got {p}")
        if not 0 <= scale[0] <= scale[1] <= 1 or ratio[0] > ratio[1]:
            raise ValueError(f"RandomErasing: scale and ratio must be (low, high), scale in [0, 1], got {scale} and {ratio}")
        if isinstance(value, str) and value != "random":
            raise ValueError(f"RandomErasing: value must be numbers or 'random', got {value!r}")
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    @staticmethod
    def get_params(img, scale, ratio, value=None):
        """(top, left, height, width, values); the image itself where no window fits."""
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
        if not happens(self.p):
            return img
        value = [self.value] if isinstance(self.value, numbers.Number) else None if self.value == "random" else self.value
        if value is not None and len(value) not in (1, img.shape[-3]):
            raise ValueError(f"RandomErasing: value has {len(value)} numbers for {img.shape[-3]} channels")
        return F.erase(img, *self.get_params(img, self.scale, self.ratio, value), self.inplace)


class GaussianBlur(Transform):
    """Blurred by a Gaussian whose deviation is drawn from sigma (low, high)."""

    shown = ("kernel_size", "sigma")

    def __init__(self, kernel_size, sigma=(0.1, 2.0)):
        super().__init__()
        self.kernel_size = F.pair(kernel_size)
        if any(k <= 0 or k % 2 == 0 for k in self.kernel_size):
            raise ValueError(f"GaussianBlur: kernel_size must be odd and positive, got {kernel_size}")
        self.sigma = (sigma, sigma) if isinstance(sigma, numbers.Number) else tuple(sigma)
        if len(self.sigma) != 2 or not 0 < self.sigma[0] <= self.sigma[1]:
            raise ValueError(f"GaussianBlur: sigma must be positive and (low, high), got {sigma}")

    @staticmethod
    def get_params(sigma_min, sigma_max):
        """The deviation."""
        return uniform(sigma_min, sigma_max)

    def forward(self, img):
        sigma = self.get_params(*self.sigma)
        return F.gaussian_blur(img, self.kernel_size, [sigma, sigma])


class GaussianNoise(Transform):
    """Normal noise added to a tensor, and the result limited to [0, 1] (bytes: 0 to 255) unless clip=False. Source:
    torchvision.transforms.v2.GaussianNoise."""

    shown = ("mean", "sigma", "clip")

    def __init__(self, mean=0.0, sigma=0.1, clip=True):
        super().__init__()
        if sigma < 0:
            raise ValueError(f"GaussianNoise: sigma must be >= 0, got {sigma}")
        self.mean, self.sigma, self.clip = mean, sigma, clip

    def forward(self, img):
        dtype = getattr(img, "dtype", None)
        if not isinstance(img, tensorgrad.Tensor) or not (dtype.is_floating_point or dtype == tensorgrad.uint8):
            raise TypeError(f"GaussianNoise: the image must be a tensor of floats or bytes, got {dtype or type(img).__name__}")
        if dtype == tensorgrad.uint8:
            noise = 255 * self.mean + tensorgrad.randn(img.shape) * 255 * self.sigma
            noisy = img.to(tensorgrad.int16) + noise.to(tensorgrad.int16)
            return (noisy.clamp(0, 255) if self.clip else noisy).to(tensorgrad.uint8)
        noisy = img + (self.mean + tensorgrad.randn_like(img) * self.sigma)
        return noisy.clamp(0, 1) if self.clip else noisy
