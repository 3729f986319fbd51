"""Transforms of colours."""

from . import on_tensor
from .images import is_pil, of, pil_to_tensor, to_pil_image


def adjust_brightness(img, brightness_factor):
    """factor x, at most full brightness: 0 is black, 1 the image itself; (..., C, H, W) -> the same shape. Errors: TypeError for
    what is no image, ValueError for a factor < 0. Source: torchvision.transforms.functional.adjust_brightness.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4]).reshape(1, 1, 2)
    >>> F.adjust_brightness(x, 2)
    tensor([[[0.4000, 0.8000]]])
    """
    return of(img).adjust_brightness(img, at_least_0("brightness_factor", brightness_factor))


def adjust_contrast(img, contrast_factor):
    """factor x + (1 - factor) mean brightness: 0 is grey, 1 the image itself; (..., 1 or 3, H, W) -> the same shape. Errors:
    TypeError for other numbers of channels, ValueError for a factor < 0. Source: torchvision.transforms.functional.adjust_contrast.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4]).reshape(1, 1, 2)
    >>> F.adjust_contrast(x, 0.5)
    tensor([[[0.2500, 0.3500]]])
    """
    return of(img).adjust_contrast(img, at_least_0("contrast_factor", contrast_factor))


def adjust_saturation(img, saturation_factor):
    """factor x + (1 - factor) its grey values: 0 is grey, 1 the image itself; (..., 1 or 3, H, W) -> the same shape. Errors:
    TypeError for other numbers of channels, ValueError for a factor < 0. Source:
    torchvision.transforms.functional.adjust_saturation.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4, 0.6]).reshape(3, 1, 1)
    >>> F.adjust_saturation(x, 0).flatten()
    tensor([0.3630, 0.3630, 0.3630])
    """
    return of(img).adjust_saturation(img, at_least_0("saturation_factor", saturation_factor))


def adjust_sharpness(img, sharpness_factor):
    """factor x + (1 - factor) a blurred image: 0 is blurred, 1 the image itself; (..., C, H, W) -> the same shape. Errors:
    TypeError for what is no image, ValueError for a factor < 0. Source: torchvision.transforms.functional.adjust_sharpness.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.eye(3).unsqueeze(0)
    >>> F.adjust_sharpness(x, 0)[0, 1, 1]
    tensor(0.5385)
    """
    return of(img).adjust_sharpness(img, at_least_0("sharpness_factor", sharpness_factor))


def at_least_0(name, factor):
    """The factor. ValueError for a negative one."""
    if factor < 0:
        raise ValueError(f"{name} must be >= 0, got {factor}")
    return factor


def adjust_hue(img, hue_factor):
    """The hues turned around their circle, hue_factor of [-0.5, 0.5]: 0.5 is the complementary colour; (..., 1 or 3, H, W) -> the
    same shape. Errors: TypeError for other numbers of channels, ValueError for another factor. Source:
    torchvision.transforms.functional.adjust_hue.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4, 0.6]).reshape(3, 1, 1)
    >>> F.adjust_hue(x, 0.5).flatten()
    tensor([0.6000, 0.4000, 0.2000])
    """
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor must be in [-0.5, 0.5], got {hue_factor}")
    return of(img).adjust_hue(img, hue_factor)


def adjust_gamma(img, gamma, gain=1):
    """gain x^gamma for values in [0, 1], bytes by way of x / 255; (..., C, H, W) -> the same shape. Errors: TypeError for what is
    no image, ValueError for gamma < 0. Source: torchvision.transforms.functional.adjust_gamma.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4]).reshape(1, 1, 2)
    >>> F.adjust_gamma(x, 2)
    tensor([[[0.0400, 0.1600]]])
    """
    return of(img).adjust_gamma(img, at_least_0("gamma", gamma), gain)


def rgb_to_grayscale(img, num_output_channels=1):
    """0.2989 R + 0.587 G + 0.114 B, once or three times: (..., 3, H, W) -> (..., 1 or 3, H, W). Errors: TypeError for other than 1
    or 3 channels, ValueError for other num_output_channels. Source: torchvision.transforms.functional.rgb_to_grayscale.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4, 0.6]).reshape(3, 1, 1)
    >>> F.rgb_to_grayscale(x)
    tensor([[[0.3630]]])
    """
    if num_output_channels not in (1, 3):
        raise ValueError(f"num_output_channels must be 1 or 3, got {num_output_channels}")
    return of(img).rgb_to_grayscale(img, num_output_channels)


def to_grayscale(img, num_output_channels=1):
    """rgb_to_grayscale of Pillow's images: one of the same height and width with 1 or 3 channels, of shape (H, W) or (H, W, 3) as
    an array. Errors: TypeError for a tensor, ValueError for other num_output_channels. Source:
    torchvision.transforms.functional.to_grayscale.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> F.to_grayscale(F.to_pil_image(tensorgrad.ones(3, 2, 2))).mode
    'L'
    """
    if not is_pil(img):
        raise TypeError(f"to_grayscale: the input must be one of Pillow's images, got {type(img).__name__}")
    return rgb_to_grayscale(img, num_output_channels)


def invert(img):
    """Full brightness (1, or 255 for bytes) less the value; (..., C, H, W) -> the same shape. Errors: TypeError for what is no
    image. Source: torchvision.transforms.functional.invert.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4]).reshape(1, 1, 2)
    >>> F.invert(x)
    tensor([[[0.8000, 0.6000]]])
    """
    return of(img).invert(img)


def posterize(img, bits):
    """The highest `bits` of each byte alone; (..., C, H, W) -> the same shape. Errors: TypeError for what is no image of bytes,
    ValueError for bits outside [0, 8]. Source: torchvision.transforms.functional.posterize.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([10, 200], dtype=tensorgrad.uint8).reshape(1, 1, 2)
    >>> F.posterize(x, 2)
    tensor([[[  0, 192]]], dtype=tensorgrad.uint8)
    """
    if not 0 <= bits <= 8:
        raise ValueError(f"posterize: bits must be in [0, 8], got {bits}")
    return of(img).posterize(img, bits)


def solarize(img, threshold):
    """Values x >= threshold are inverted; (..., C, H, W) -> the same shape. Errors: TypeError for what is no image and for a
    tensor's threshold above full brightness. Source: torchvision.transforms.functional.solarize.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([10, 200], dtype=tensorgrad.uint8).reshape(1, 1, 2)
    >>> F.solarize(x, 100)
    tensor([[[10, 55]]], dtype=tensorgrad.uint8)
    """
    return of(img).solarize(img, threshold)


def autocontrast(img):
    """Each channel stretched to the full range, (x - min) / (max - min); (..., C, H, W) -> the same shape. Errors: TypeError for
    what is no image. Source: torchvision.transforms.functional.autocontrast.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.tensor([0.2, 0.4]).reshape(1, 1, 2)
    >>> F.autocontrast(x)
    tensor([[[0., 1.]]])
    """
    return of(img).autocontrast(img)


def equalize(img):
    """Each channel of bytes with a histogram that is as flat as can be; (..., C, H, W) -> the same shape. Errors: TypeError for
    what is no image of bytes. Source: torchvision.transforms.functional.equalize.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = (tensorgrad.arange(1024) // 8).to(tensorgrad.uint8).reshape(1, 32, 32)
    >>> x.max().item(), F.equalize(x).max().item()
    (127, 255)
    """
    return of(img).equalize(img)


def gaussian_blur(img, kernel_size, sigma=None):
    """Correlated with a Gaussian of kernel_size (x, y) pixels and deviation sigma (x, y), 0.15 kernel_size + 0.35 without; (..., C,
    H, W) -> the same shape, the border mirrored. Errors: TypeError for what is no image, ValueError for sizes that are not odd and
    positive, a sigma that is not positive, and a kernel larger than the mirrored image. Source:
    torchvision.transforms.functional.gaussian_blur.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> x = tensorgrad.zeros(1, 3, 3)
    >>> x[0, 1, 1] = 1
    >>> F.gaussian_blur(x, 3)[0, 1]
    tensor([0.2495, 0.2725, 0.2495])
    """
    kernel_size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
    if len(kernel_size) != 2 or any(k <= 0 or k % 2 == 0 for k in kernel_size):
        raise ValueError(f"gaussian_blur: kernel_size must be two odd and positive numbers, got {kernel_size}")
    if sigma is None:
        sigma = [k * 0.15 + 0.35 for k in kernel_size]
    sigma = (sigma, sigma) if isinstance(sigma, (int, float)) else tuple(sigma) * (3 - len(sigma))
    if len(sigma) != 2 or any(s <= 0 for s in sigma):
        raise ValueError(f"gaussian_blur: sigma must be one or two positive numbers, got {sigma}")
    kind = of(img)
    blurred = on_tensor.gaussian_blur(img if kind is on_tensor else pil_to_tensor(img), kernel_size, [float(s) for s in sigma])
    return blurred if kind is on_tensor else to_pil_image(blurred, mode=img.mode)
