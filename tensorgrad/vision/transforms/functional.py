"""Transforms as functions, of Pillow's images and of tensors (..., C, H, W). Source: torchvision.transforms.functional."""

import math
import numbers
import sys

import tensorgrad

from . import on_pil, on_tensor
from .interpolation import InterpolationMode, as_mode

__all__ = ["InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
           "adjust_sharpness", "affine", "autocontrast", "center_crop", "convert_image_dtype", "crop", "equalize", "erase",
           "five_crop", "gaussian_blur", "get_dimensions", "get_image_num_channels", "get_image_size", "hflip", "invert",
           "normalize", "pad", "perspective", "pil_to_tensor", "posterize", "resize", "resized_crop", "rgb_to_grayscale",
           "rotate", "solarize", "ten_crop", "to_grayscale", "to_pil_image", "to_tensor", "vflip"]


def is_pil(img):
    """Whether this is one of Pillow's images (which is not imported for the question)."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(img, module.Image)


def of(img):
    """The module that handles this kind of image."""
    if isinstance(img, tensorgrad.Tensor):
        return on_tensor
    if is_pil(img):
        return on_pil
    raise TypeError(f"an image must be a tensor or one of Pillow's images, got {type(img).__name__}")


def get_dimensions(img):
    """[channels, height, width]. Source: torchvision.transforms.functional.get_dimensions."""
    return list(of(img).size(img))


def get_image_size(img):
    """[width, height]. Source: torchvision.transforms.functional.get_image_size."""
    return get_dimensions(img)[:0:-1]


def get_image_num_channels(img):
    """The number of channels. Source: torchvision.transforms.functional.get_image_num_channels."""
    return get_dimensions(img)[0]


# ---- kinds of images ----

def pil_to_tensor(pic):
    """Pillow's image as a tensor (C, H, W) of its own dtype. Source: torchvision.transforms.functional.pil_to_tensor."""
    if not is_pil(pic):
        raise TypeError(f"pil_to_tensor: pic must be one of Pillow's images, got {type(pic).__name__}")
    import numpy as np

    array = np.array(pic)
    if array.dtype == np.uint16:
        array = array.astype(np.int16)
    array = array.reshape(pic.height, pic.width, -1).transpose(2, 0, 1)
    return tensorgrad.from_numpy(np.ascontiguousarray(array))


def to_tensor(pic):
    """Pillow's image, or an array (H, W) or (H, W, C), as a tensor (C, H, W): bytes become float32 in [0, 1]. Source:
    torchvision.transforms.functional.to_tensor.

    >>> import numpy
    >>> from tensorgrad.vision.transforms.functional import to_tensor
    >>> to_tensor(numpy.full((1, 2), 51, "uint8"))
    tensor([[[0.2000, 0.2000]]])
    """
    import numpy as np

    if is_pil(pic):
        x = pil_to_tensor(pic)
        if pic.mode == "1":
            x = x.to(tensorgrad.uint8) * 255
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"to_tensor: an array must have shape (H, W) or (H, W, C), got {pic.shape}")
        x = tensorgrad.from_numpy(np.ascontiguousarray(pic.reshape(*pic.shape[:2], -1).transpose(2, 0, 1)))
    else:
        raise TypeError(f"to_tensor: pic must be one of Pillow's images or an array, got {type(pic).__name__}")
    return x.to(tensorgrad.get_default_dtype()) / 255 if x.dtype == tensorgrad.uint8 else x


def to_pil_image(pic, mode=None):
    """A tensor (C, H, W) or (H, W), or an array (H, W, C) or (H, W), as Pillow's image; floats of [0, 1] become bytes. Errors:
    TypeError, ValueError for what no image can be made of. Source: torchvision.transforms.functional.to_pil_image."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("to_pil_image needs Pillow: pip install tensorgrad-cpu[vision]") from None
    import numpy as np

    if isinstance(pic, tensorgrad.Tensor):
        if pic.ndim not in (2, 3):
            raise ValueError(f"to_pil_image: a tensor must have shape (C, H, W) or (H, W), got {tuple(pic.shape)}")
        if pic.dtype.is_floating_point and mode != "F":
            pic = (pic * 255).to(tensorgrad.uint8)
        array = pic.detach().numpy()
        array = array.transpose(1, 2, 0) if array.ndim == 3 else array[:, :, None]
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"to_pil_image: an array must have shape (H, W) or (H, W, C), got {pic.shape}")
        array = pic.reshape(*pic.shape[:2], -1)
    else:
        raise TypeError(f"to_pil_image: pic must be a tensor or an array, got {type(pic).__name__}")
    channels = array.shape[2]
    if channels > 4:
        raise ValueError(f"to_pil_image: an image has at most 4 channels, got {channels}")
    if channels == 1:
        array = array[:, :, 0]
        usual = {"uint8": "L", "int16": "I;16", "int32": "I", "float32": "F"}.get(array.dtype.name)
    else:
        usual = {2: "LA", 3: "RGB", 4: "RGBA"}[channels] if array.dtype == np.uint8 else None
    if usual is None:
        raise TypeError(f"to_pil_image: no image has {channels} channel(s) of {array.dtype}")
    allowed = {1: (usual,), 2: ("LA",), 3: ("RGB", "YCbCr", "HSV"), 4: ("RGBA", "CMYK", "RGBX")}[channels]
    if mode is not None and mode not in allowed:
        raise ValueError(f"to_pil_image: mode must be one of {allowed} for {channels} channel(s) of {array.dtype}, got {mode!r}")
    if usual == "I;16":
        array = array.view(np.uint16)
    img = Image.fromarray(np.ascontiguousarray(array))
    if mode in (None, img.mode):
        return img
    out = Image.frombytes(mode, img.size, img.tobytes())
    return out


def convert_image_dtype(image, dtype=tensorgrad.float32):
    """A tensor in another dtype and its range: [0, 1] for floats, [0, largest value] for integers. Errors: RuntimeError for a
    float that cannot hold the integers asked for. Source: torchvision.transforms.functional.convert_image_dtype."""
    if not isinstance(image, tensorgrad.Tensor):
        raise TypeError(f"convert_image_dtype: image must be a tensor, got {type(image).__name__}")
    return on_tensor.convert(image, dtype)


def normalize(tensor, mean, std, inplace=False):
    """(x - mean) / std for each channel of a float tensor (..., C, H, W). Errors: TypeError, ValueError for a std of 0. Source:
    torchvision.transforms.functional.normalize.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms.functional import normalize
    >>> normalize(tensorgrad.ones(1, 1, 2), [0.5], [0.25])
    tensor([[[2., 2.]]])
    """
    if not isinstance(tensor, tensorgrad.Tensor) or not tensor.dtype.is_floating_point:
        raise TypeError("normalize: the input must be a floating-point tensor, got "
                        f"{getattr(tensor, 'dtype', type(tensor).__name__)}")
    if tensor.ndim < 3:
        raise ValueError(f"normalize: the tensor must have shape (..., C, H, W), got {tuple(tensor.shape)}")
    mean, std = (tensorgrad.as_tensor(v, dtype=tensor.dtype).reshape(-1, 1, 1) for v in (mean, std))
    if bool((std == 0).any()):
        raise ValueError(f"normalize: std must not be 0 in {tensor.dtype}, got {std.reshape(-1).tolist()}")
    for name, values in (("mean", mean), ("std", std)):
        if len(values) not in (1, tensor.shape[-3]):
            raise ValueError(f"normalize: {name} has {len(values)} values for {tensor.shape[-3]} channels")
    return tensor.sub_(mean).div_(std) if inplace else (tensor - mean) / std


# ---- windows ----

def hflip(img):
    """Left and right exchanged. Source: torchvision.transforms.functional.hflip."""
    return of(img).hflip(img)


def vflip(img):
    """Top and bottom exchanged. Source: torchvision.transforms.functional.vflip."""
    return of(img).vflip(img)


def crop(img, top, left, height, width):
    """The window at (top, left); black where it is outside of the image. Source: torchvision.transforms.functional.crop."""
    return of(img).crop(img, top, left, height, width)


def pad(img, padding, fill=0, padding_mode="constant"):
    """A border of padding pixels: one number, (left/right, top/bottom) or (left, top, right, bottom). padding_mode: 'constant' (of
    fill), 'edge', 'reflect' or 'symmetric'. Source: torchvision.transforms.functional.pad."""
    if isinstance(padding, int):
        padding = (padding,)
    if not isinstance(padding, (list, tuple)) or len(padding) not in (1, 2, 4):
        raise ValueError(f"pad: padding must be a number or 1, 2 or 4 numbers, got {padding!r}")
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(f"pad: padding_mode must be constant, edge, reflect or symmetric, got {padding_mode!r}")
    left, top, right, bottom = tuple(padding) * (4 // len(padding))
    return of(img).pad(img, left, top, right, bottom, fill, padding_mode)


def center_crop(img, output_size):
    """The window in the middle, (height, width); black around an image that is smaller. Source:
    torchvision.transforms.functional.center_crop."""
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
    """Another size: (height, width), or one number for the shorter side. antialias: a wider kernel where a tensor shrinks (Pillow
    always does that). Source: torchvision.transforms.functional.resize.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms.functional import resize
    >>> resize(tensorgrad.ones(3, 10, 20), 5).shape
    tensorgrad.Size([3, 5, 10])
    """
    if not isinstance(size, int) and len(size) not in (1, 2):
        raise ValueError(f"resize: size must be one or two numbers, got {tuple(size)}")
    kind, mode = of(img), as_mode(interpolation)
    _, h, w = kind.size(img)
    height, width = resized(h, w, size, max_size)
    return img if (height, width) == (h, w) else kind.resize(img, height, width, mode, antialias)


def resized_crop(img, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR, antialias=True):
    """crop, then resize. Source: torchvision.transforms.functional.resized_crop."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img, size):
    """The windows in the four corners and in the middle: top left, top right, bottom left, bottom right, centre. Source:
    torchvision.transforms.functional.five_crop."""
    height, width = pair(size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        raise ValueError(f"five_crop: size {(height, width)} is larger than the image {(h, w)}")
    corners = ((0, 0), (0, w - width), (h - height, 0), (h - height, w - width))
    return (*(crop(img, y, x, height, width) for y, x in corners), center_crop(img, (height, width)))


def ten_crop(img, size, vertical_flip=False):
    """five_crop of the image and of its mirror image. Source: torchvision.transforms.functional.ten_crop."""
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


def erase(img, i, j, h, w, v, inplace=False):
    """A tensor whose window at row i, column j is v. Source: torchvision.transforms.functional.erase."""
    if not isinstance(img, tensorgrad.Tensor):
        raise TypeError(f"erase: img must be a tensor, got {type(img).__name__}")
    img = img if inplace else img.clone()
    img[..., i:i + h, j:j + w] = v
    return img


# ---- colours ----

def adjust_brightness(img, brightness_factor):
    """Times a factor: 0 is black, 1 the image itself. Source: torchvision.transforms.functional.adjust_brightness."""
    return of(img).adjust_brightness(img, at_least_0("brightness_factor", brightness_factor))


def adjust_contrast(img, contrast_factor):
    """Away from the mean brightness: 0 is grey, 1 the image itself. Source: torchvision.transforms.functional.adjust_contrast."""
    return of(img).adjust_contrast(img, at_least_0("contrast_factor", contrast_factor))


def adjust_saturation(img, saturation_factor):
    """Away from its grey values: 0 is grey, 1 the image itself. Source: torchvision.transforms.functional.adjust_saturation."""
    return of(img).adjust_saturation(img, at_least_0("saturation_factor", saturation_factor))


def adjust_sharpness(img, sharpness_factor):
    """Away from a blurred image: 0 is blurred, 1 the image itself. Source: torchvision.transforms.functional.adjust_sharpness."""
    return of(img).adjust_sharpness(img, at_least_0("sharpness_factor", sharpness_factor))


def at_least_0(name, factor):
    """The factor. ValueError for a negative one."""
    if factor < 0:
        raise ValueError(f"{name} must be >= 0, got {factor}")
    return factor


def adjust_hue(img, hue_factor):
    """The hues turned around their circle: 0.5 is the complementary colour. Source: torchvision.transforms.functional.adjust_hue."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor must be in [-0.5, 0.5], got {hue_factor}")
    return of(img).adjust_hue(img, hue_factor)


def adjust_gamma(img, gamma, gain=1):
    """gain x^gamma for values in [0, 1]. Source: torchvision.transforms.functional.adjust_gamma."""
    return of(img).adjust_gamma(img, at_least_0("gamma", gamma), gain)


def rgb_to_grayscale(img, num_output_channels=1):
    """0.2989 R + 0.587 G + 0.114 B, once or three times. Source: torchvision.transforms.functional.rgb_to_grayscale."""
    if num_output_channels not in (1, 3):
        raise ValueError(f"num_output_channels must be 1 or 3, got {num_output_channels}")
    return of(img).rgb_to_grayscale(img, num_output_channels)


def to_grayscale(img, num_output_channels=1):
    """rgb_to_grayscale of Pillow's images. Source: torchvision.transforms.functional.to_grayscale."""
    if not is_pil(img):
        raise TypeError(f"to_grayscale: the input must be one of Pillow's images, got {type(img).__name__}")
    return rgb_to_grayscale(img, num_output_channels)


def invert(img):
    """Full brightness less the value. Source: torchvision.transforms.functional.invert."""
    return of(img).invert(img)


def posterize(img, bits):
    """The highest `bits` of each byte alone. Source: torchvision.transforms.functional.posterize."""
    if not 0 <= bits <= 8:
        raise ValueError(f"posterize: bits must be in [0, 8], got {bits}")
    return of(img).posterize(img, bits)


def solarize(img, threshold):
    """Values from threshold on are inverted. Source: torchvision.transforms.functional.solarize."""
    return of(img).solarize(img, threshold)


def autocontrast(img):
    """Each channel stretched to the full range. Source: torchvision.transforms.functional.autocontrast."""
    return of(img).autocontrast(img)


def equalize(img):
    """Each channel with a histogram that is as flat as can be. Source: torchvision.transforms.functional.equalize."""
    return of(img).equalize(img)


def gaussian_blur(img, kernel_size, sigma=None):
    """Correlated with a Gaussian of kernel_size (x, y) pixels and deviation sigma (x, y); 0.15 kernel_size + 0.35 without. Source:
    torchvision.transforms.functional.gaussian_blur."""
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


# ---- geometry ----

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


def rotate(img, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=None):
    """Turned counter-clockwise by angle degrees about center (x, y), the middle without; expand: the image grows to hold all of
    it. fill: what appears at the edges, a number or one a channel. Source: torchvision.transforms.functional.rotate."""
    if center is not None and len(center) != 2:
        raise ValueError(f"rotate: center must be two numbers, got {tuple(center)}")
    kind, mode = of(img), as_mode(interpolation)
    if kind is on_pil:
        return on_pil.rotate(img, angle, mode, expand, center, fill)
    _, h, w = on_tensor.size(img)
    middle = (0.0, 0.0) if center is None else (center[0] - w * 0.5, center[1] - h * 0.5)
    matrix = inverse_matrix(middle, -angle, (0.0, 0.0), 1.0, (0.0, 0.0))
    return on_tensor.affine(img, matrix, mode, fill, on_tensor.expanded(matrix, w, h) if expand else None)


def affine(img, angle, translate, scale, shear, interpolation=InterpolationMode.NEAREST, fill=None, center=None):
    """Sheared by shear (x, y) degrees, scaled, turned clockwise by angle degrees, moved by translate (x, y) pixels. Source:
    torchvision.transforms.functional.affine."""
    if scale <= 0:
        raise ValueError(f"affine: scale must be positive, got {scale}")
    if len(translate) != 2:
        raise ValueError(f"affine: translate must be two numbers, got {tuple(translate)}")
    shear = (shear, 0.0) if isinstance(shear, numbers.Number) else tuple(shear) * (3 - len(shear))
    kind, mode = of(img), as_mode(interpolation)
    _, h, w = kind.size(img)
    if kind is on_pil:
        middle = (w * 0.5, h * 0.5) if center is None else center
    else:
        middle = (0.0, 0.0) if center is None else (center[0] - w * 0.5, center[1] - h * 0.5)
    return kind.affine(img, inverse_matrix(middle, angle, translate, scale, shear), mode, fill)


def perspective(img, startpoints, endpoints, interpolation=InterpolationMode.BILINEAR, fill=None):
    """The corners startpoints (top left, top right, bottom right, bottom left, as (x, y)) go to endpoints. Source:
    torchvision.transforms.functional.perspective."""
    import numpy as np

    rows, right = [], []
    for (x, y), (u, v) in zip(endpoints, startpoints, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    try:
        coefficients = np.linalg.lstsq(np.array(rows, float), np.array(right, float), rcond=None)[0].tolist()
    except np.linalg.LinAlgError:
        raise ValueError(f"perspective: no map takes {startpoints} to {endpoints}") from None
    return of(img).perspective(img, coefficients, as_mode(interpolation), fill)
