"""torchvision.io: image files and uint8 tensors (channels, height, width), by Pillow (extra [vision])."""

from enum import Enum
from io import BytesIO

import tensorgrad

from .transforms.functional import pil_to_tensor, to_pil_image

__all__ = ["ImageReadMode", "decode_image", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png", "read_file", "read_image",
           "write_file", "write_jpeg", "write_png"]


class ImageReadMode(Enum):
    """The channels that are wanted; UNCHANGED: those of the file. Source: torchvision.io.ImageReadMode.

    >>> from tensorgrad.vision.io import ImageReadMode
    >>> ImageReadMode.GRAY.value
    'L'
    """

    UNCHANGED = None
    GRAY = "L"
    GRAY_ALPHA = "LA"
    RGB = "RGB"
    RGB_ALPHA = "RGBA"


def decode_image(input, mode=ImageReadMode.UNCHANGED, **unused):
    """The image in a path or in the bytes of a file (a uint8 tensor). Errors: what Pillow raises for a damaged file. Source:
    torchvision.io.decode_image.

    >>> import tensorgrad
    >>> from tensorgrad.vision.io import decode_image, encode_png
    >>> image = tensorgrad.arange(12, dtype=tensorgrad.uint8).reshape(3, 2, 2)
    >>> bool((decode_image(encode_png(image)) == image).all())
    True
    """
    from .datasets.base import pillow

    mode = ImageReadMode[mode.upper()] if isinstance(mode, str) else mode
    source = BytesIO(input.numpy().tobytes()) if isinstance(input, tensorgrad.Tensor) else input
    with pillow().open(source) as image:
        return pil_to_tensor(image if mode.value is None else image.convert(mode.value))


decode_jpeg = decode_png = read_image = decode_image


def encode(input, kind, **options):
    """The bytes of a file."""
    if input.dtype != tensorgrad.uint8 or input.ndim != 3 or input.shape[0] not in (1, 3):
        raise ValueError(f"encode_{kind}: an image must be uint8 of shape (1 or 3, H, W), got {input.dtype} {tuple(input.shape)}")
    file = BytesIO()
    to_pil_image(input).save(file, kind, **options)
    return tensorgrad.frombuffer(bytearray(file.getvalue()), dtype=tensorgrad.uint8)


def encode_png(input, compression_level=6):
    """The bytes of a PNG file, as a uint8 tensor. Source: torchvision.io.encode_png.

    >>> import tensorgrad
    >>> from tensorgrad.vision import io
    >>> image = tensorgrad.zeros(3, 2, 2, dtype=tensorgrad.uint8)
    >>> bytes(io.encode_png(image)[1:4].tolist())
    b'PNG'
    """
    return encode(input, "png", compress_level=compression_level)


def encode_jpeg(input, quality=75):
    """The bytes of a JPEG file, as a uint8 tensor. Source: torchvision.io.encode_jpeg.

    >>> import tensorgrad
    >>> from tensorgrad.vision import io
    >>> image = tensorgrad.zeros(3, 2, 2, dtype=tensorgrad.uint8)
    >>> io.encode_jpeg(image)[:2]
    tensor([255, 216], dtype=tensorgrad.uint8)
    """
    return encode(input, "jpeg", quality=quality)


def write_png(input, filename, compression_level=6):
    """Write a PNG file. Source: torchvision.io.write_png.

    >>> import tensorgrad
    >>> import tempfile, tensorgrad
    >>> from tensorgrad.vision import io
    >>> image = tensorgrad.zeros(3, 2, 2, dtype=tensorgrad.uint8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     io.write_png(image, f"{folder}/a.png")
    ...     io.read_image(f"{folder}/a.png").shape
    tensorgrad.Size([3, 2, 2])
    """
    write_file(filename, encode_png(input, compression_level))


def write_jpeg(input, filename, quality=75):
    """Write a JPEG file. Source: torchvision.io.write_jpeg.

    >>> import tensorgrad
    >>> import tempfile, tensorgrad
    >>> from tensorgrad.vision import io
    >>> image = tensorgrad.zeros(3, 2, 2, dtype=tensorgrad.uint8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     io.write_jpeg(image, f"{folder}/a.jpeg")
    ...     io.read_image(f"{folder}/a.jpeg").shape
    tensorgrad.Size([3, 2, 2])
    """
    write_file(filename, encode_jpeg(input, quality))


def read_file(path):
    """The bytes of a file, as a uint8 tensor. Source: torchvision.io.read_file.

    >>> import tensorgrad
    >>> import tempfile, tensorgrad
    >>> from tensorgrad.vision import io
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     io.write_file(f"{folder}/a", tensorgrad.tensor([5, 7], dtype=tensorgrad.uint8))
    ...     io.read_file(f"{folder}/a")
    tensor([5, 7], dtype=tensorgrad.uint8)
    """
    with open(path, "rb") as file:
        return tensorgrad.frombuffer(bytearray(file.read()), dtype=tensorgrad.uint8)


def write_file(filename, data):
    """Write bytes. Source: torchvision.io.write_file.

    >>> import tensorgrad
    >>> import tempfile, tensorgrad
    >>> from tensorgrad.vision import io
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     io.write_file(f"{folder}/a", tensorgrad.tensor([5, 7], dtype=tensorgrad.uint8))
    ...     io.read_file(f"{folder}/a")
    tensor([5, 7], dtype=tensorgrad.uint8)
    """
    with open(filename, "wb") as file:
        file.write(data.numpy().tobytes())
