"""The functional transforms of tensors (..., C, H, W): single images and batches, float images in [0, 1]."""

import math

import tensorgrad
from tensorgrad.nn import functional as F

from .interpolation import InterpolationMode

GREY = (0.2989, 0.587, 0.114)  # the share of red, green and blue in brightness (ITU-R 601)


def size(img):
    """(channels, height, width)."""
    if img.ndim < 2:
        raise TypeError(f"a tensor that is an image has at least two dimensions, got shape {tuple(img.shape)}")
    return (1 if img.ndim == 2 else img.shape[-3]), img.shape[-2], img.shape[-1]


def largest(dtype):
    """What stands for full brightness."""
    if dtype.is_floating_point:
        return 1.0
    return {"uint8": 255, "int8": 127, "int16": 32767, "int32": 2 ** 31 - 1, "int64": 2 ** 63 - 1, "bool": 1}[dtype.name]


def rounded(x, dtype):
    """Floating-point results as integers, where the image had integers."""
    return x if x.dtype == dtype else (x if dtype.is_floating_point else x.round()).to(dtype)


def as_batch(img):
    """The image with exactly four dimensions, floating-point."""
    img = img.reshape(-1, *((1,) * (3 - img.ndim) + tuple(img.shape[-3:])))
    return img if img.dtype.is_floating_point else img.float()


def hflip(img):
    return img.flip(-1)


def vflip(img):
    return img.flip(-2)


def crop(img, top, left, height, width):
    _, h, w = size(img)
    if left < 0 or top < 0 or top + height > h or left + width > w:
        inner = img[..., max(top, 0):max(min(top + height, h), 0), max(left, 0):max(min(left + width, w), 0)]
        return pad(inner, max(-left, 0), max(-top, 0), max(left + width - max(w, left), 0), max(top + height - max(h, top), 0), 0,
                   "constant")
    return img[..., top:top + height, left:left + width]


def pad(img, left, top, right, bottom, fill, padding_mode):
    if isinstance(fill, (list, tuple)):
        if len(fill) != 1:
            raise ValueError(f"pad: a tensor is filled with one number, got {fill}")
        fill = fill[0]
    if padding_mode == "constant":
        return F.pad(img, (left, right, top, bottom), "constant", fill or 0)
    if padding_mode == "symmetric":
        _, h, w = size(img)
        rows, columns = (mirrored(n, *border) for n, border in ((h, (top, bottom)), (w, (left, right))))
        return img.index_select(-2, rows).index_select(-1, columns)
    y = F.pad(as_batch(img), (left, right, top, bottom), {"edge": "replicate", "reflect": "reflect"}[padding_mode])
    return y.reshape(*img.shape[:-2], *y.shape[-2:]).to(img.dtype)


def mirrored(n, before, after):
    """The pixel that stands at each place when the edge is a mirror (and shows up twice)."""
    places = [(i if 0 <= i < n else -1 - i if i < 0 else 2 * n - 1 - i) for i in range(-before, n + after)]
    if min(places) < 0 or max(places) >= n:
        raise ValueError(f"pad: symmetric padding must not be larger than the image, got {before} and {after} for {n} pixels")
    return tensorgrad.tensor(places)


def resize(img, height, width, mode, antialias):
    if mode.value not in ("nearest", "nearest-exact", "bilinear", "bicubic"):
        raise ValueError(f"resize: tensors can be interpolated by nearest, nearest-exact, bilinear and bicubic, got {mode.value}")
    smooth = mode in (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC)
    x = as_batch(img)
    y = F.interpolate(x, (height, width), mode=mode.value, align_corners=False if smooth else None,
                      antialias=bool(antialias) and smooth)
    if mode == InterpolationMode.BICUBIC and img.dtype == tensorgrad.uint8:
        y = y.clamp(0, 255)
    return rounded(y.reshape(*img.shape[:-2], height, width), img.dtype)


# ---- colours ----

def blend(img, other, ratio):
    """ratio img + (1 - ratio) other, in the range of the dtype; other may be None, for zeros."""
    y = float(ratio) * img
    if other is not None:
        y += (1.0 - ratio) * other
    return y.clamp(0, largest(img.dtype)).to(img.dtype)


def rgb_to_grayscale(img, num_output_channels=1):
    channels = size(img)[0]
    if channels not in (1, 3):
        raise TypeError(f"rgb_to_grayscale: an image has 1 or 3 channels, got shape {tuple(img.shape)}")
    if channels == 3:
        r, g, b = img.unbind(-3)
        grey = (GREY[0] * r + GREY[1] * g + GREY[2] * b).to(img.dtype).unsqueeze(-3)
    else:
        grey = img.clone()
    return grey if num_output_channels == 1 else grey.expand(*img.shape[:-3], 3, *img.shape[-2:])


def adjust_brightness(img, factor):
    return blend(img, None, factor)


def adjust_contrast(img, factor):
    grey = rgb_to_grayscale(img)
    dtype = img.dtype if img.dtype.is_floating_point else tensorgrad.float32
    return blend(img, grey.to(dtype).mean((-2, -1), keepdim=True), factor)


def adjust_saturation(img, factor):
    return img if size(img)[0] == 1 else blend(img, rgb_to_grayscale(img), factor)


def adjust_hue(img, factor):
    if size(img)[0] == 1:
        return img
    if size(img)[0] != 3:
        raise TypeError(f"adjust_hue: an image has 1 or 3 channels, got shape {tuple(img.shape)}")
    h, s, v = to_hsv(convert(img, tensorgrad.float32))
    return convert(from_hsv((h + factor) % 1.0, s, v), img.dtype)


def to_hsv(img):
    """Hue, saturation and value, each in [0, 1]."""
    r, g, b = img.unbind(-3)
    high, low = img.max(-3)[0], img.min(-3)[0]
    grey = high == low
    spread = high - low
    s = spread / tensorgrad.where(grey, 1.0, high)
    unit = tensorgrad.where(grey, 1.0, spread)
    r, g, b = (high - r) / unit, (high - g) / unit, (high - b) / unit
    hr = (high == img[..., 0, :, :]) * (b - g)
    hg = ((high == img[..., 1, :, :]) & (high != img[..., 0, :, :])) * (2.0 + r - b)
    hb = ((high != img[..., 1, :, :]) & (high != img[..., 0, :, :])) * (4.0 + g - r)
    return ((hr + hg + hb) / 6.0 + 1.0) % 1.0, s, high


def from_hsv(h, s, v):
    """Red, green and blue: each sixth of the circle of hues has its own order of the four levels."""
    i = (h * 6.0).floor()
    f = h * 6.0 - i
    p, q, t = ((v * (1.0 - part)).clamp(0, 1) for part in (s, s * f, s * (1.0 - f)))
    i = i.long() % 6
    levels = tensorgrad.stack([v, q, p, p, t, v, t, v, v, q, p, p, p, p, t, v, v, q], -3)
    picked = [levels[..., 6 * c:6 * c + 6, :, :].gather(-3, i.unsqueeze(-3)) for c in range(3)]
    return tensorgrad.cat(picked, -3)


def adjust_gamma(img, gamma, gain):
    return convert((gain * convert(img, tensorgrad.float32) ** gamma).clamp(0, 1), img.dtype)


def convert(img, dtype):
    """Another dtype, and its range: floats in [0, 1], integers up to their largest value."""
    if img.dtype == dtype:
        return img
    top, new = largest(img.dtype), largest(dtype)
    if img.dtype.is_floating_point:
        if dtype.is_floating_point:
            return img.to(dtype)
        if (img.dtype == tensorgrad.float32 and dtype in (tensorgrad.int32, tensorgrad.int64)) or (
                img.dtype == tensorgrad.float64 and dtype == tensorgrad.int64):
            raise RuntimeError(f"convert_image_dtype: {img.dtype} cannot hold every value of {dtype}")
        return (img * (new + 1.0 - 1e-3)).to(dtype)  # every integer gets an equal share of [0, 1]
    if dtype.is_floating_point:
        return img.to(dtype) / top
    if top > new:
        return tensorgrad.div(img, (top + 1) // (new + 1), rounding_mode="floor").to(dtype)
    return img.to(dtype) * ((new + 1) // (top + 1))


def invert(img):
    return largest(img.dtype) - img


def only_bytes(img, name):
    """TypeError for an image that is not of bytes."""
    if img.dtype != tensorgrad.uint8:
        raise TypeError(f"{name}: only uint8 tensors have bits to work on, got {img.dtype}")


def posterize(img, bits):
    only_bytes(img, "posterize")
    return img & (256 - 2 ** (8 - bits))


def solarize(img, threshold):
    if threshold > largest(img.dtype):
        raise TypeError(f"solarize: threshold must be <= {largest(img.dtype)}, got {threshold}")
    return tensorgrad.where(img >= threshold, invert(img), img)


def autocontrast(img):
    top = largest(img.dtype)
    x = img if img.dtype.is_floating_point else img.float()
    low, high = x.amin((-2, -1), keepdim=True), x.amax((-2, -1), keepdim=True)
    flat = low == high
    scale = top / tensorgrad.where(flat, 1.0, high - low)
    y = (x - tensorgrad.where(flat, 0.0, low)) * tensorgrad.where(flat, 1.0, scale)
    return y.clamp(0, top).to(img.dtype)


def equalize(img):
    only_bytes(img, "equalize")
    import numpy as np

    planes = img.numpy().reshape(-1, *img.shape[-2:]).copy()
    for plane in planes:
        counts = np.bincount(plane.reshape(-1), minlength=256)
        used = counts[counts != 0]
        step = (used.sum() - used[-1]) // 255 if used.size else 0
        if step:
            table = (np.cumsum(counts) + step // 2) // step
            plane[:] = np.clip(np.concatenate([[0], table[:-1]]), 0, 255)[plane]
    return tensorgrad.tensor(planes).reshape(img.shape)


# ---- neighbourhoods ----

def filtered(img, kernel):
    """Each channel correlated with a kernel (kh, kw), without a border."""
    x = as_batch(img)
    c = x.shape[1]
    y = F.conv2d(x, kernel.to(x.dtype).expand(c, 1, *kernel.shape), groups=c)
    return y.reshape(*img.shape[:-2], *y.shape[-2:])


def adjust_sharpness(img, factor):
    _, h, w = size(img)
    if h <= 2 or w <= 2:
        return img
    kernel = tensorgrad.ones(3, 3)
    kernel[1, 1] = 5.0
    soft = img.clone()
    soft[..., 1:-1, 1:-1] = rounded(filtered(img, kernel / kernel.sum()), img.dtype)
    return blend(img, soft, factor)


def gaussian_blur(img, kernel_size, sigma):
    def bell(k, s):
        x = tensorgrad.linspace(-(k - 1) * 0.5, (k - 1) * 0.5, k)
        weights = (-0.5 * (x / s) ** 2).exp()
        return weights / weights.sum()

    kernel = bell(kernel_size[1], sigma[1]).unsqueeze(1) * bell(kernel_size[0], sigma[0])
    left, top = kernel_size[0] // 2, kernel_size[1] // 2
    x = img if img.dtype.is_floating_point else img.float()
    return rounded(filtered(pad(x, left, top, left, top, 0, "reflect"), kernel), img.dtype)


# ---- geometry ----

def sampled(img, x, y, mode, fill):
    """The image at the places x, y (numpy float32 (oh, ow), -1 and 1 are its edges); outside of it `fill`, a number or one a
    channel."""
    import numpy as np

    if mode not in (InterpolationMode.NEAREST, InterpolationMode.BILINEAR):
        raise ValueError(f"rotate, affine, perspective: tensors can be interpolated by nearest and bilinear, got {mode.value}")
    batch = as_batch(img)
    n, c, h, w = batch.shape
    planes = batch.reshape(1, n * c, h, w)  # all images are sampled at the same places: as channels of one
    if fill is not None:  # one more channel tells how much of a pixel comes from inside
        planes = tensorgrad.cat([planes, planes.new_ones(1, 1, h, w)], 1)
    places = tensorgrad.from_numpy(np.stack([x, y], -1)).to(batch.dtype).unsqueeze(0)
    values = F.grid_sample(planes, places, mode=mode.value, padding_mode="zeros", align_corners=False)
    if fill is not None:
        colours = tensorgrad.tensor([float(f) for f in (fill if isinstance(fill, (list, tuple)) else [fill])], dtype=batch.dtype)
        if len(colours) not in (1, c):
            raise ValueError(f"fill must be a number or {c} numbers for an image of {c} channels, got {fill}")
        values, cover = values[:, :-1].reshape(n, c, *x.shape), values[:, -1:]
        if mode == InterpolationMode.NEAREST:
            cover = (cover >= 0.5).to(batch.dtype)
        values = values * cover + (1 - cover) * colours.view(-1, 1, 1)  # torchvision's, which darkens a border twice
    return rounded(values.reshape(*img.shape[:-2], *x.shape), img.dtype)


def grid(oh, ow):
    """(x, y) of each pixel of the output, from its centre."""
    import numpy as np

    x = np.linspace(-ow * 0.5 + 0.5, ow * 0.5 - 0.5, ow, dtype="float32")
    y = np.linspace(-oh * 0.5 + 0.5, oh * 0.5 - 0.5, oh, dtype="float32")
    return np.meshgrid(x, y)


def affine(img, matrix, mode, fill, shape=None):
    """matrix: output -> input, both measured from the centres, six numbers; shape: (height, width) of the output."""
    _, h, w = size(img)
    x, y = grid(*(shape or (h, w)))
    a, b, c, d, e, f = matrix
    return sampled(img, (a * x + b * y + c) / (0.5 * w), (d * x + e * y + f) / (0.5 * h), mode, fill)


def expanded(matrix, width, height):
    """(height, width) that holds the whole turned image."""
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (-0.5 * width, 0.5 * width) for y in (-0.5 * height, 0.5 * height)]
    sides = []
    for values, half in (([a * x + b * y + c for x, y in corners], 0.5 * width),
                         ([d * x + e * y + f for x, y in corners], 0.5 * height)):
        # from 0 on, as Pillow counts, and cut to four digits: rounding must not add a pixel
        low, high = (math.trunc((v + half) / 1e-4) * 1e-4 for v in (min(values), max(values)))
        sides.append(math.ceil(high) - math.floor(low))
    return sides[1], sides[0]


def perspective(img, coefficients, mode, fill):
    """(x, y) of the output is had from ((a x + b y + c), (d x + e y + f)) / (g x + h y + 1), pixel centres at .5."""
    import numpy as np

    _, height, width = size(img)
    x, y = np.meshgrid(np.arange(width, dtype="float32") + 0.5, np.arange(height, dtype="float32") + 0.5)
    a, b, c, d, e, f, g, h = (np.float32(v) for v in coefficients)
    scale = g * x + h * y + 1
    return sampled(img, (a * x + b * y + c) / scale / (0.5 * width) - 1, (d * x + e * y + f) / scale / (0.5 * height) - 1, mode, fill)
