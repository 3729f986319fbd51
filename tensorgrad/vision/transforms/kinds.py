"""Transforms as objects: chains, conversions, and those without a random draw."""

import tensorgrad
from tensorgrad import nn

from . import functional as F
from .images import is_pil
from .interpolation import InterpolationMode, as_mode


class Compose:
    """One transform after the other: what each makes, of whatever shape, is the next one's input. Errors: those of the transforms.
    Source: torchvision.transforms.Compose.

    >>> import tensorgrad
    >>> from tensorgrad.vision import transforms
    >>> transforms.Compose([transforms.CenterCrop(2), transforms.Normalize(0.5, 0.5)])(tensorgrad.ones(1, 4, 4))
    tensor([[[1., 1.],
             [1., 1.]]])
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return "\n".join(["Compose(", *(f"    {t}" for t in self.transforms), ")"])


class Transform(nn.Module):
    """Base class of image -> image, of shapes that the subclass chooses: a transform prints as the arguments that `shown` names.
    Errors: NotImplementedError without a forward. Source: torchvision.transforms.v2.Transform.

    >>> from tensorgrad.vision import transforms
    >>> class Scale(transforms.Transform):
    ...     shown = ("factor",)
    ...     def __init__(self, factor):
    ...         super().__init__()
    ...         self.factor = factor
    ...     def forward(self, image):
    ...         return self.factor * image
    >>> Scale(3), Scale(3)(2)
    (Scale(factor=3), 6)
    """

    shown: tuple = ()

    def extra_repr(self):
        texts = ((name, getattr(self, name)) for name in self.shown)
        return ", ".join(f"{name}={value.value if isinstance(value, InterpolationMode) else value}" for name, value in texts)


class ToTensor(Transform):
    """Pillow's image or an array (H, W, C) -> tensor (C, H, W); bytes -> [0, 1]. Errors: TypeError for what is neither, ValueError
    for arrays of other shapes. Source: torchvision.transforms.ToTensor.

    >>> import numpy as np
    >>> from tensorgrad.vision import transforms
    >>> transforms.ToTensor()(np.full((2, 2, 1), 255, np.uint8))
    tensor([[[1., 1.],
             [1., 1.]]])
    """

    def forward(self, pic):
        return F.to_tensor(pic)


class PILToTensor(Transform):
    """Pillow's image -> tensor of shape (C, H, W) of its own dtype. Errors: TypeError for what is none of Pillow's images. Source:
    torchvision.transforms.PILToTensor.

    >>> from PIL import Image
    >>> from tensorgrad.vision import transforms
    >>> transforms.PILToTensor()(Image.new("L", (2, 1), 7))
    tensor([[[7, 7]]], dtype=tensorgrad.uint8)
    """

    def forward(self, pic):
        return F.pil_to_tensor(pic)


class ConvertImageDtype(Transform):
    """A tensor of any shape in another dtype, and its range: [0, 1] for floats, [0, largest value] for integers. Errors: TypeError
    for what is no tensor or no dtype, RuntimeError for a float that cannot hold the integers asked for. Source:
    torchvision.transforms.ConvertImageDtype.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.ConvertImageDtype(torch.float32)(torch.tensor([[[255]]], dtype=torch.uint8))
    tensor([[[1.]]])
    """

    shown = ("dtype",)

    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, image):
        return F.convert_image_dtype(image, self.dtype)


class ToPILImage(Transform):
    """Tensor (C, H, W) or array (H, W, C) -> Pillow's image; floats of [0, 1] become bytes. Errors: TypeError for what is neither,
    ValueError for other shapes and for a mode that does not fit. Source: torchvision.transforms.ToPILImage.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.ToPILImage()(torch.zeros(3, 4, 5)).size
    (5, 4)
    """

    def __init__(self, mode=None):
        super().__init__()
        self.mode = mode

    def forward(self, pic):
        return F.to_pil_image(pic, self.mode)

    def extra_repr(self):
        return "" if self.mode is None else f"mode={self.mode}"


class Normalize(Transform):
    """(x - mean) / std for each channel of a float tensor (..., C, H, W). Errors: TypeError for what is no float tensor, ValueError
    for a std of 0 or other than 1 or C values. Source: torchvision.transforms.Normalize.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.Normalize([0.5], [0.25])(torch.ones(1, 1, 2))
    tensor([[[2., 2.]]])
    """

    shown = ("mean", "std")

    def __init__(self, mean, std, inplace=False):
        super().__init__()
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor):
        return F.normalize(tensor, self.mean, self.std, self.inplace)


class Resize(Transform):
    """Another size, (..., H, W) -> (..., height, width): (height, width), or one number for the shorter side. Errors: ValueError
    for other than one or two numbers and sizes that are not positive, TypeError for another interpolation. Source:
    torchvision.transforms.Resize.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.Resize(2)(torch.zeros(1, 4, 8)).shape
    tensorgrad.Size([1, 2, 4])
    """

    shown = ("size", "interpolation", "max_size", "antialias")

    def __init__(self, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
        super().__init__()
        if not isinstance(size, int) and len(size) not in (1, 2):
            raise ValueError(f"Resize: size must be one or two numbers, got {tuple(size)}")
        self.size, self.interpolation, self.max_size, self.antialias = size, as_mode(interpolation), max_size, antialias

    def forward(self, img):
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)


class CenterCrop(Transform):
    """The window in the middle, (..., H, W) -> (..., height, width). Errors: ValueError for other than one or two sizes or a
    negative one, TypeError for what is no image. Source: torchvision.transforms.CenterCrop.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> x = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 4)
    >>> transforms.CenterCrop(1)(x)
    tensor([[[6]]], dtype=tensorgrad.uint8)
    """

    shown = ("size",)

    def __init__(self, size):
        super().__init__()
        self.size = F.pair(size)

    def forward(self, img):
        return F.center_crop(img, self.size)


class FiveCrop(Transform):
    """The windows in the corners and in the middle, as a tuple of five (..., height, width). Errors: ValueError for a size larger
    than the image or of other than one or two numbers. Source: torchvision.transforms.FiveCrop.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> x = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 4)
    >>> [c.item() for c in transforms.FiveCrop(1)(x)]
    [0, 3, 8, 11, 6]
    """

    shown = ("size",)

    def __init__(self, size):
        super().__init__()
        self.size = F.pair(size)

    def forward(self, img):
        return F.five_crop(img, self.size)


class TenCrop(Transform):
    """The windows in the corners and in the middle, of the image and of its mirror image: a tuple of ten (..., height, width).
    Errors: those of FiveCrop. Source: torchvision.transforms.TenCrop.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> x = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 4)
    >>> len(transforms.TenCrop(2)(x))
    10
    """

    shown = ("size", "vertical_flip")

    def __init__(self, size, vertical_flip=False):
        super().__init__()
        self.size, self.vertical_flip = F.pair(size), vertical_flip

    def forward(self, img):
        return F.ten_crop(img, self.size, self.vertical_flip)


class Pad(Transform):
    """A border: (..., H, W) -> (..., top + H + bottom, left + W + right). Errors: ValueError for other than 1, 2 or 4 numbers and
    another padding_mode. Source: torchvision.transforms.Pad.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.Pad(1)(torch.ones(1, 1, 1))
    tensor([[[0., 0., 0.],
             [0., 1., 0.],
             [0., 0., 0.]]])
    """

    shown = ("padding", "fill", "padding_mode")

    def __init__(self, padding, fill=0, padding_mode="constant"):
        super().__init__()
        if not isinstance(padding, int) and len(padding) not in (1, 2, 4):
            raise ValueError(f"Pad: padding must be a number or 1, 2 or 4 numbers, got {padding!r}")
        if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
            raise ValueError(f"Pad: padding_mode must be constant, edge, reflect or symmetric, got {padding_mode!r}")
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img):
        return F.pad(img, self.padding, self.fill, self.padding_mode)


class Lambda:
    """A function of one's own, of images of any shape. Errors: TypeError for what cannot be called. Source:
    torchvision.transforms.Lambda.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.Lambda(lambda x: x + 1)(torch.zeros(2))
    tensor([1., 1.])
    """

    def __init__(self, lambd):
        if not callable(lambd):
            raise TypeError(f"Lambda: lambd must be callable, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img):
        return self.lambd(img)

    def __repr__(self):
        return "Lambda()"


class Grayscale(Transform):
    """Grey values 0.2989 R + 0.587 G + 0.114 B, once or three times: (..., 3, H, W) -> (..., 1 or 3, H, W). Errors: ValueError for
    other num_output_channels, TypeError for images of other channels. Source: torchvision.transforms.Grayscale.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.Grayscale()(torch.ones(3, 1, 1))
    tensor([[[0.9999]]])
    """

    shown = ("num_output_channels",)

    def __init__(self, num_output_channels=1):
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        return F.rgb_to_grayscale(img, self.num_output_channels)


class LinearTransformation(Transform):
    """(x - mean_vector) @ transformation_matrix of the flattened image, for whitening: (..., C, H, W) -> the same shape, a matrix
    of shape [n, n] and a vector [n] with n = C H W. Errors: ValueError for a matrix that is not square or as long as the mean, and
    for images of other than n values; TypeError for what is no tensor. Source: torchvision.transforms.LinearTransformation.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.LinearTransformation(2 * torch.eye(2), torch.ones(2))(torch.zeros(1, 1, 2))
    tensor([[[-2., -2.]]])
    """

    def __init__(self, transformation_matrix, mean_vector):
        super().__init__()
        n = len(mean_vector)
        if tuple(transformation_matrix.shape) != (n, n) or mean_vector.ndim != 1:
            raise ValueError(f"LinearTransformation: the matrix must be square and as long as the mean, got "
                             f"{tuple(transformation_matrix.shape)} and {tuple(mean_vector.shape)}")
        self.transformation_matrix, self.mean_vector = transformation_matrix, mean_vector

    def forward(self, tensor):
        if not isinstance(tensor, tensorgrad.Tensor):
            raise TypeError(f"LinearTransformation: the image must be a tensor, got {type(tensor).__name__}")
        if tensor.ndim < 3:
            raise ValueError(f"LinearTransformation: the image must have shape (..., C, H, W), got {tuple(tensor.shape)}")
        c, h, w = tensor.shape[-3:]
        if c * h * w != len(self.mean_vector):
            raise ValueError(f"LinearTransformation: made for {len(self.mean_vector)} values, got shape {tuple(tensor.shape)}")
        flat = tensor.reshape(-1, c * h * w) - self.mean_vector
        return (flat @ self.transformation_matrix).reshape(tensor.shape)


class ToDtype(Transform):
    """A tensor of any shape in another dtype; with scale also in its range. Errors: TypeError for what is no tensor or no dtype,
    RuntimeError (scale) for a float that cannot hold the integers asked for. Source: torchvision.transforms.v2.ToDtype.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import transforms
    >>> transforms.ToDtype(torch.float32, scale=True)(torch.tensor([[[255]]], dtype=torch.uint8))
    tensor([[[1.]]])
    """

    shown = ("dtype", "scale")

    def __init__(self, dtype, scale=False):
        super().__init__()
        if not isinstance(dtype, tensorgrad.dtype):
            raise TypeError(f"ToDtype: dtype must be a dtype, got {dtype!r}")
        self.dtype, self.scale = dtype, scale

    def forward(self, image):
        if not isinstance(image, tensorgrad.Tensor):
            raise TypeError(f"ToDtype: the image must be a tensor, got {type(image).__name__}")
        return F.convert_image_dtype(image, self.dtype) if self.scale else image.to(self.dtype)


class ToImage(Transform):
    """Pillow's image or an array (H, W) or (H, W, C) -> tensor (C, H, W) of its own dtype; a tensor as it is. Errors: TypeError for
    anything else. Source: torchvision.transforms.v2.ToImage.

    >>> import numpy as np
    >>> from tensorgrad.vision import transforms
    >>> transforms.ToImage()(np.zeros((2, 3, 3), np.uint8)).shape
    tensorgrad.Size([3, 2, 3])
    """

    def forward(self, image):
        if isinstance(image, tensorgrad.Tensor):
            return image
        if is_pil(image):
            return F.pil_to_tensor(image)
        import numpy as np

        if not isinstance(image, np.ndarray) or image.ndim not in (2, 3):
            what = f"an array of shape {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
            raise TypeError(f"ToImage: expected one of Pillow's images, an array (H, W) or (H, W, C), or a tensor, got {what}")
        return tensorgrad.from_numpy(np.ascontiguousarray(image.reshape(*image.shape[:2], -1).transpose(2, 0, 1)))
