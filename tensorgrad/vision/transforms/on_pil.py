"""The functional transforms of Pillow's images: each is what Pillow does."""

from .interpolation import PIL_NUMBERS


def size(img):
    """(channels, height, width)."""
    return len(img.getbands()), img.height, img.width


def hflip(img):
    return img.transpose(0)  # FLIP_LEFT_RIGHT


def vflip(img):
    return img.transpose(1)  # FLIP_TOP_BOTTOM


def crop(img, top, left, height, width):
    return img.crop((left, top, left + width, top + height))


def resize(img, height, width, mode, antialias):
    return img.resize((width, height), PIL_NUMBERS[mode])


def colour(img, fill):
    """A fill as Pillow wants it: one number a band, or one number."""
    bands = len(img.getbands())
    if fill is None:
        fill = 0
    if isinstance(fill, (list, tuple)):
        if len(fill) not in (1, bands):
            raise ValueError(f"fill must be a number or {bands} numbers for an image of mode {img.mode}, got {fill}")
        fill = tuple(fill) * (bands // len(fill))
        whole = tuple(fill if img.mode == "F" else map(int, fill))
        return whole if bands > 1 else whole[0]
    fill = fill if img.mode == "F" else int(fill)
    return (fill,) * bands if bands > 1 else fill


def pad(img, left, top, right, bottom, fill, padding_mode):
    from PIL import Image

    if padding_mode == "constant":
        out = Image.new(img.mode, (img.width + left + right, img.height + top + bottom), colour(img, fill))
        if img.mode == "P":
            out.putpalette(img.getpalette())
        out.paste(img, (left, top))
        return out
    import numpy as np

    cut = [max(-n, 0) for n in (left, top, right, bottom)]  # a negative padding crops
    img = img.crop((cut[0], cut[1], img.width - cut[2], img.height - cut[3]))
    left, top, right, bottom = (max(n, 0) for n in (left, top, right, bottom))
    array = np.asarray(img)
    width = ((top, bottom), (left, right), (0, 0))[:array.ndim]
    out = Image.fromarray(np.pad(array, width, mode=padding_mode))
    if img.mode == "P":
        out.putpalette(img.getpalette())
    return out


def rotate(img, angle, mode, expand, center, fill):
    return img.rotate(angle, PIL_NUMBERS[mode], expand, center, fillcolor=colour(img, fill))


def affine(img, matrix, mode, fill):
    """matrix: output (x, y) -> input, six numbers."""
    return img.transform(img.size, 0, matrix, PIL_NUMBERS[mode], fillcolor=colour(img, fill))


def perspective(img, coefficients, mode, fill):
    return img.transform(img.size, 2, coefficients, PIL_NUMBERS[mode], fillcolor=colour(img, fill))


def enhanced(img, name, factor):
    from PIL import ImageEnhance

    return getattr(ImageEnhance, name)(img).enhance(factor)


def adjust_brightness(img, factor):
    return enhanced(img, "Brightness", factor)


def adjust_contrast(img, factor):
    return enhanced(img, "Contrast", factor)


def adjust_saturation(img, factor):
    return enhanced(img, "Color", factor)


def adjust_sharpness(img, factor):
    return enhanced(img, "Sharpness", factor)


def adjust_hue(img, factor):
    from PIL import Image

    if img.mode in ("L", "1", "I", "F"):
        return img
    turn = int(factor * 255) % 256
    h, s, v = img.convert("HSV").split()
    return Image.merge("HSV", (h.point([(i + turn) % 256 for i in range(256)]), s, v)).convert(img.mode)


def adjust_gamma(img, gamma, gain):
    table = [min(255, int((255 + 1 - 1e-3) * gain * (i / 255) ** gamma)) for i in range(256)]
    return img.convert("RGB").point(table * 3).convert(img.mode)


def rgb_to_grayscale(img, num_output_channels):
    from PIL import Image

    grey = img.convert("L")
    return grey if num_output_channels == 1 else Image.merge("RGB", (grey, grey, grey))


def invert(img):
    from PIL import ImageOps

    return ImageOps.invert(img)


def posterize(img, bits):
    from PIL import ImageOps

    return ImageOps.posterize(img, bits)


def solarize(img, threshold):
    from PIL import ImageOps

    return ImageOps.solarize(img, threshold)


def autocontrast(img):
    from PIL import ImageOps

    return ImageOps.autocontrast(img)


def equalize(img):
    from PIL import ImageOps

    return ImageOps.equalize(img)
