"""Transforms with a random draw: from tensorgrad's generator in torchvision's order, so equal seeds give equal images."""

import math
import numbers
import random

import tensorgrad

from . import functional as F
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


def probability(name, p):
    """p, which must be in [0, 1]."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p must be in [0, 1], got {p}")
    return p


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
    """All the transforms with probability p, else none; images of any shape that they take. Errors: ValueError for p outside [0,
    1], and those of the transforms. Source: torchvision.transforms.RandomApply.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomApply([transforms.Pad(1)], p=1.0)(torch.ones(1, 2, 2)).shape
    tensorgrad.Size([1, 4, 4])
    """

    def __init__(self, transforms, p=0.5):
        super().__init__()
        self.transforms, self.p = transforms, probability("RandomApply", p)

    def forward(self, img):
        if self.p < tensorgrad.rand(1).item():
            return img
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return "\n".join(["RandomApply(", f"    p={self.p}", *(f"    {t}" for t in self.transforms), ")"])


class RandomOrder:
    """All the transforms in random order (drawn from Python's generator); images of any shape that they take. Errors: those of the
    transforms. Source: torchvision.transforms.RandomOrder.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomOrder([transforms.Pad(1), transforms.Pad(2)])(torch.ones(1, 1, 1)).shape
    tensorgrad.Size([1, 7, 7])
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for i in random.sample(range(len(self.transforms)), len(self.transforms)):
            img = self.transforms[i](img)
        return img


class RandomChoice:
    """One of the transforms, with probabilities in proportion to p (drawn from Python's generator); images of any shape that it
    takes. Errors: ValueError for another number of probabilities, and those of the transforms. Source:
    torchvision.transforms.RandomChoice.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomChoice([transforms.Pad(1), transforms.Pad((1, 1))])(torch.ones(1, 1, 1)).shape
    tensorgrad.Size([1, 3, 3])
    """

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
        self.p = probability(type(self).__name__, p)

    def change(self, img):
        """What may happen. Errors: those of the function that it calls.

        >>> from tensorgrad import tensor
        >>> from tensorgrad.vision.transforms import RandomHorizontalFlip
        >>> RandomHorizontalFlip().change(tensor([[[1, 2]]]))
        tensor([[[2, 1]]])
        """
        raise NotImplementedError(f"{type(self).__name__} must define change")

    def forward(self, img):
        return self.change(img) if happens(self.p) else img


class RandomHorizontalFlip(WithProbability):
    """Left and right exchanged with probability p; (..., H, W) -> the same shape. Errors: ValueError for p outside [0, 1],
    TypeError for what is no image. Source: torchvision.transforms.RandomHorizontalFlip.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomHorizontalFlip(1.0)(torch.tensor([[[1.0, 2.0]]]))
    tensor([[[2., 1.]]])
    """

    def change(self, img):
        return F.hflip(img)


class RandomVerticalFlip(WithProbability):
    """Top and bottom exchanged with probability p; (..., H, W) -> the same shape. Errors: ValueError for p outside [0, 1],
    TypeError for what is no image. Source: torchvision.transforms.RandomVerticalFlip.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomVerticalFlip(1.0)(torch.tensor([[[1.0], [2.0]]])).flatten()
    tensor([2., 1.])
    """

    def change(self, img):
        return F.vflip(img)


class RandomInvert(WithProbability):
    """Full brightness less the value with probability p; (..., C, H, W) -> the same shape. Errors: ValueError for p outside [0, 1],
    TypeError for what is no image. Source: torchvision.transforms.RandomInvert.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomInvert(1.0)(torch.tensor([[[0.25, 1.0]]]))
    tensor([[[0.7500, 0.0000]]])
    """

    def change(self, img):
        return F.invert(img)


class RandomAutocontrast(WithProbability):
    """Stretched to the full range, (x - min) / (max - min), with probability p; (..., C, H, W) -> the same shape. Errors:
    ValueError for p outside [0, 1], TypeError for what is no image. Source: torchvision.transforms.RandomAutocontrast.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomAutocontrast(1.0)(torch.tensor([[[0.25, 0.75]]]))
    tensor([[[0., 1.]]])
    """

    def change(self, img):
        return F.autocontrast(img)


class RandomEqualize(WithProbability):
    """With an equalised histogram with probability p; bytes (..., C, H, W) -> the same shape. Errors: ValueError for p outside [0,
    1], TypeError for what is no image of bytes. Source: torchvision.transforms.RandomEqualize.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomEqualize(1.0)(torch.tensor([[[3, 9]]], dtype=torch.uint8))
    tensor([[[3, 9]]], dtype=tensorgrad.uint8)
    """

    def change(self, img):
        return F.equalize(img)


class RandomPosterize(WithProbability):
    """The highest bits alone, with probability p; bytes (..., C, H, W) -> the same shape. Errors: ValueError for p outside [0, 1]
    or bits outside [0, 8], TypeError for what is no image of bytes. Source: torchvision.transforms.RandomPosterize.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomPosterize(1, 1.0)(torch.tensor([[[3, 200]]], dtype=torch.uint8))
    tensor([[[  0, 128]]], dtype=tensorgrad.uint8)
    """

    shown = ("bits", "p")

    def __init__(self, bits, p=0.5):
        super().__init__(p)
        self.bits = bits

    def change(self, img):
        return F.posterize(img, self.bits)


class RandomSolarize(WithProbability):
    """Values x >= threshold inverted, with probability p; (..., C, H, W) -> the same shape. Errors: ValueError for p outside [0,
    1], TypeError for what is no image and for a threshold above full brightness. Source: torchvision.transforms.RandomSolarize.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomSolarize(0.5, 1.0)(torch.tensor([[[0.25, 0.75]]]))
    tensor([[[0.2500, 0.2500]]])
    """

    shown = ("threshold", "p")

    def __init__(self, threshold, p=0.5):
        super().__init__(p)
        self.threshold = threshold

    def change(self, img):
        return F.solarize(img, self.threshold)


class RandomAdjustSharpness(WithProbability):
    """Sharper or softer with probability p, factor x + (1 - factor) a blurred image; (..., C, H, W) -> the same shape. Errors:
    ValueError for p outside [0, 1] or a factor < 0, TypeError for what is no image. Source:
    torchvision.transforms.RandomAdjustSharpness.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomAdjustSharpness(0.0, 1.0)(torch.ones(1, 3, 3)).mean()
    tensor(1.)
    """

    shown = ("sharpness_factor", "p")

    def __init__(self, sharpness_factor, p=0.5):
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def change(self, img):
        return F.adjust_sharpness(img, self.sharpness_factor)


class RandomGrayscale(WithProbability):
    """Grey, with as many channels as before, with probability p; (..., 1 or 3, H, W) -> the same shape. Errors: ValueError for p
    outside [0, 1] and other numbers of channels. Source: torchvision.transforms.RandomGrayscale.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.RandomGrayscale(1.0)(torch.ones(3, 1, 1)).shape
    tensorgrad.Size([3, 1, 1])
    """

    def __init__(self, p=0.1):
        super().__init__(p)

    def change(self, img):
        return F.rgb_to_grayscale(img, F.get_image_num_channels(img))


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue changed by random factors, in random order; (..., 1 or 3, H, W) -> the same shape.
    Errors: ValueError for negative factors, pairs in the wrong order and hues outside [-0.5, 0.5], TypeError for what is no image.
    Source: torchvision.transforms.ColorJitter.

    A number b stands for factors of [max(0, 1 - b), 1 + b], for the hue of [-b, b]; a pair for itself.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.ColorJitter(brightness=(2, 2))(torch.full((3, 1, 1), 0.25)).flatten()
    tensor([0.5000, 0.5000, 0.5000])
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
        """(order of the four, and their factors, None for what stays as it is). Errors: TypeError for what is no pair.

        >>> from tensorgrad.vision.transforms import ColorJitter
        >>> ColorJitter.get_params((0.5, 0.5), None, None, None)[1:]
        (0.5, None, None, None)
        """
        order = tensorgrad.randperm(4)
        return (order, *(None if v is None else uniform(*v) for v in (brightness, contrast, saturation, hue)))

    def forward(self, img):
        order, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        changes = (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue)
        for i in order.tolist():
            if factors[i] is not None:
                img = changes[i](img, factors[i])
        return img


class GaussianBlur(Transform):
    """Blurred by a Gaussian whose deviation is drawn from sigma (low, high); (..., C, H, W) -> the same shape. Errors: ValueError
    for sizes that are not odd and positive and deviations that are not positive or in the wrong order, TypeError for what is no
    image. Source: torchvision.transforms.GaussianBlur.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.GaussianBlur(3)(torch.ones(1, 4, 4)).shape
    tensorgrad.Size([1, 4, 4])
    """

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
        """The deviation. Errors: ArgumentError for sigma_min > sigma_max.

        >>> from tensorgrad.vision.transforms import GaussianBlur
        >>> 1.0 <= GaussianBlur.get_params(1.0, 2.0) <= 2.0
        True
        """
        return uniform(sigma_min, sigma_max)

    def forward(self, img):
        sigma = self.get_params(*self.sigma)
        return F.gaussian_blur(img, self.kernel_size, [sigma, sigma])


class GaussianNoise(Transform):
    """Normal noise added to a tensor of any shape, x + mean + sigma n, and the result limited to [0, 1] (bytes: 0 to 255) unless
    clip=False. Errors: ValueError for sigma < 0, TypeError for what is no tensor of floats or bytes. Source:
    torchvision.transforms.v2.GaussianNoise.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.GaussianNoise(sigma=0.0, clip=False)(torch.ones(1, 1, 2))
    tensor([[[1., 1.]]])
    """

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
