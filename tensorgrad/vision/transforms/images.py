"""What kind of image something is, and how the kinds become each other."""

import sys

import tensorgrad

from . import on_pil, on_tensor


def is_pil(img):
    """Whether this is one of Pillow's images (which is not imported for the question)."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(img, module.Image)


def of(img):
    """The module that handles this kind of image."""
    if isinstance(img, tensorgrad.Tensor):
        on_tensor.size(img)
        return on_tensor
    if is_pil(img):
        return on_pil
    raise TypeError(f"an image must be a tensor or one of Pillow's images, got {type(img).__name__}")


def get_dimensions(img):
    """[channels, height, width] of a tensor (..., C, H, W) or (H, W), or of one of Pillow's images. Errors: TypeError for what is
    neither. Source: torchvision.transforms.functional.get_dimensions.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> F.get_dimensions(tensorgrad.zeros(3, 4, 5))
    [3, 4, 5]
    """
    return list(of(img).size(img))


def get_image_size(img):
    """[width, height] of a tensor (..., H, W) or of one of Pillow's images. Errors: TypeError for what is neither. Source:
    torchvision.transforms.functional.get_image_size.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> F.get_image_size(tensorgrad.zeros(3, 4, 5))
    [5, 4]
    """
    return get_dimensions(img)[:0:-1]


def get_image_num_channels(img):
    """The number of channels: C of a tensor (..., C, H, W), 1 of (H, W). Errors: TypeError for what is no image. Source:
    torchvision.transforms.functional.get_image_num_channels.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> F.get_image_num_channels(tensorgrad.zeros(3, 4, 5))
    3
    """
    return get_dimensions(img)[0]


def pil_to_tensor(pic):
    """Pillow's image as a tensor of shape (C, H, W) of its own dtype. Errors: TypeError for what is none of Pillow's images.
    Source: torchvision.transforms.functional.pil_to_tensor.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> image = F.to_pil_image(tensorgrad.full((3, 1, 2), 7, dtype=tensorgrad.uint8))
    >>> F.pil_to_tensor(image)[0]
    tensor([[7, 7]], dtype=tensorgrad.uint8)
    """
    if not is_pil(pic):
        raise TypeError(f"pil_to_tensor: pic must be one of Pillow's images, got {type(pic).__name__}")
    import numpy as np

    array = np.array(pic)
    if array.dtype == np.uint16:
        array = array.astype(np.int16)
    array = array.reshape(pic.height, pic.width, -1).transpose(2, 0, 1)
    return tensorgrad.from_numpy(np.ascontiguousarray(array))


def to_tensor(pic):
    """Pillow's image, or an array (H, W) or (H, W, C), as a tensor (C, H, W): bytes become float32, x / 255. Errors: TypeError for
    what is neither, ValueError for other shapes. Source: torchvision.transforms.functional.to_tensor.

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
    TypeError, ValueError for what no image can be made of. Source: torchvision.transforms.functional.to_pil_image.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> image = F.to_pil_image(tensorgrad.full((3, 1, 2), 7, dtype=tensorgrad.uint8))
    >>> image.mode, image.size
    ('RGB', (2, 1))
    """
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
    """A tensor of any shape in another dtype and its range: [0, 1] for floats, [0, largest value] for integers. Errors: TypeError
    for what is no tensor or no dtype, RuntimeError for a float that cannot hold the integers asked for. Source:
    torchvision.transforms.functional.convert_image_dtype.

    >>> import tensorgrad
    >>> from tensorgrad.vision.transforms import functional as F
    >>> F.convert_image_dtype(tensorgrad.tensor([[[0, 51]]], dtype=tensorgrad.uint8))
    tensor([[[0.0000, 0.2000]]])
    """
    if not isinstance(image, tensorgrad.Tensor):
        raise TypeError(f"convert_image_dtype: image must be a tensor, got {type(image).__name__}")
    if not isinstance(dtype, tensorgrad.dtype):
        raise TypeError(f"convert_image_dtype: dtype must be a dtype, got {dtype!r}")
    return on_tensor.convert(image, dtype)


def normalize(tensor, mean, std, inplace=False):
    """(x - mean) / std for each channel of a float tensor (..., C, H, W); result: the same shape. Errors: TypeError for what is no
    float tensor, ValueError for fewer dimensions, a std of 0, and mean or std of other than 1 or C values. Source:
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
