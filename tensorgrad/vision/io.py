"""torchvision.io: image files and uint8 tensors (channels, height, width), by Pillow (extra [vision])."""

from enum import Enum
from io import BytesIO

import tensorgrad
from tensorgrad._core.errors import ArgumentError

from .transforms.functional import pil_to_tensor, to_pil_image

__all__ = ["ImageReadMode", "decode_image", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png", "read_file", "read_image",
           "write_file", "write_jpeg", "write_png"]


class ImageReadMode(Enum):
    """The channels that are wanted; UNCHANGED: those of the file. Errors: ValueError for another value. Source:
    torchvision.io.ImageReadMode.

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
    """The image in a path, or in the bytes of a file (a uint8 tensor [n]), as a uint8 tensor of shape (channels, height, width).
    Errors: FileNotFoundError, FileFormatError for a damaged file, TypeError for a tensor of another dtype, ArgumentError for
    another mode. Source: torchvision.io.decode_image.

    >>> import tensorgrad
    >>> from tensorgrad.vision.io import decode_image, encode_png
    >>> image = tensorgrad.arange(12, dtype=tensorgrad.uint8).reshape(3, 2, 2)
    >>> bool((decode_image(encode_png(image)) == image).all())
    True
    """
    from .datasets.base import decoded, read_image

    mode = ImageReadMode.__members__.get(mode.upper(), mode) if isinstance(mode, str) else mode
    if not isinstance(mode, ImageReadMode):
        raise ArgumentError(f"decode_image: mode must be one of {', '.join(ImageReadMode.__members__)}, got {mode!r}")
    if isinstance(input, tensorgrad.Tensor):
        return pil_to_tensor(decoded(BytesIO(bytes_of("decode_image", input)), "decode_image", mode.value))
    return pil_to_tensor(read_image(input, mode.value))


def bytes_of(name, data):
    """What a uint8 tensor holds."""
    if not isinstance(data, tensorgrad.Tensor) or data.dtype != tensorgrad.uint8:
        raise TypeError(f"{name}: expected a tensor of uint8, got {getattr(data, 'dtype', type(data).__name__)}")
    return data.numpy().tobytes()


decode_jpeg = decode_png = read_image = decode_image


def encode(input, kind, **options):
    """The bytes of a file."""
    if not isinstance(input, tensorgrad.Tensor):
        raise TypeError(f"encode_{kind}: an image must be a tensor, got {type(input).__name__}")
    if input.dtype != tensorgrad.uint8 or input.ndim != 3 or input.shape[0] not in (1, 3):
        raise ValueError(f"encode_{kind}: an image must be uint8 of shape (1 or 3, H, W), got {input.dtype} {tuple(input.shape)}")
    file = BytesIO()
    to_pil_image(input).save(file, kind, **options)
    return tensorgrad.frombuffer(bytearray(file.getvalue()), dtype=tensorgrad.uint8)


def encode_png(input, compression_level=6):
    """The bytes of a PNG file, as a uint8 tensor [n], of a uint8 tensor (1 or 3, height, width). Errors: TypeError for what is no
    tensor, ValueError for another shape or dtype, ArgumentError for a compression_level outside [0, 9]. Source:
    torchvision.io.encode_png.

    >>> import tensorgrad
    >>> from tensorgrad.vision import io
    >>> image = tensorgrad.zeros(3, 2, 2, dtype=tensorgrad.uint8)
    >>> bytes(io.encode_png(image)[1:4].tolist())
    b'PNG'
    """
    if not 0 <= compression_level <= 9:
        raise ArgumentError(f"encode_png: compression_level must be in [0, 9], got {compression_level}")
    return encode(input, "png", compress_level=compression_level)


def encode_jpeg(input, quality=75):
    """The bytes of a JPEG file, as a uint8 tensor [n], of a uint8 tensor (1 or 3, height, width). Errors: TypeError for what is no
    tensor, ValueError for another shape or dtype, ArgumentError for a quality outside [1, 100]. Source: torchvision.io.encode_jpeg.

    >>> import tensorgrad
    >>> from tensorgrad.vision import io
    >>> image = tensorgrad.zeros(3, 2, 2, dtype=tensorgrad.uint8)
    >>> io.encode_jpeg(image)[:2]
    tensor([255, 216], dtype=tensorgrad.uint8)
    """
    if not 1 <= quality <= 100:
        raise ArgumentError(f"encode_jpeg: quality must be in [1, 100], got {quality}")
    return encode(input, "jpeg", quality=quality)


def write_png(input, filename, compression_level=6):
    """Write a uint8 tensor [1 or 3, height, width] to a PNG file. Errors: those of encode_png, OSError. Source:
    torchvision.io.write_png.

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
    """Write a uint8 tensor [1 or 3, height, width] to a JPEG file. Errors: those of encode_jpeg, OSError. Source:
    torchvision.io.write_jpeg.

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
    """The bytes of a file, as a uint8 tensor [n]. Errors: FileNotFoundError. Source: torchvision.io.read_file.

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
    """Write the bytes of a uint8 tensor of any shape. Errors: TypeError for anything else, OSError. Source:
    torchvision.io.write_file.

    >>> import tensorgrad
    >>> import tempfile, tensorgrad
    >>> from tensorgrad.vision import io
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     io.write_file(f"{folder}/a", tensorgrad.tensor([5, 7], dtype=tensorgrad.uint8))
    ...     io.read_file(f"{folder}/a")
    tensor([5, 7], dtype=tensorgrad.uint8)
    """
    data = bytes_of("write_file", data)
    with open(filename, "wb") as file:
        file.write(data)
