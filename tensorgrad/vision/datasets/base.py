"""What the data sets of images have in common."""

import os

import tensorgrad
from tensorgrad._core.errors import FileFormatError
from tensorgrad.utils.data import Dataset


def pillow():
    """The module PIL.Image. ImportError with the extra to install."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("images need Pillow: pip install tensorgrad-cpu[vision]") from None
    return Image


def read_image(path, mode="RGB"):
    """The image in a file, decoded. Errors: FileFormatError for a file that is damaged or no image."""
    with open(path, "rb") as file:
        return decoded(file, path, mode)


def decoded(file, name, mode):
    """The image in an open file."""
    Image = pillow()
    try:
        with Image.open(file) as image:
            return image.convert(mode) if mode else image.copy()
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise FileFormatError(f"{name}: damaged, or no image ({error})") from None


class VisionDataset(Dataset):
    """Base class: `transforms(image, target)` of both, or `transform(image)` and `target_transform(target)`, of whatever shapes.
    Errors: ValueError where both are given. Source: torchvision.datasets.VisionDataset.

    >>> from tensorgrad.vision.datasets import VisionDataset
    >>> class Numbers(VisionDataset):
    ...     def __getitem__(self, index):
    ...         return self.transformed(index, -index)
    >>> Numbers(transform=lambda x: 10 * x)[2]
    (20, -2)
    """

    def __init__(self, root=None, transforms=None, transform=None, target_transform=None):
        if transforms is not None and (transform is not None or target_transform is not None):
            raise ValueError(f"{type(self).__name__}: give either transforms or transform and target_transform")
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        self.transforms, self.transform, self.target_transform = transforms, transform, target_transform

    def transformed(self, image, target):
        """The sample after the transforms. Errors: those of the transforms.

        >>> from tensorgrad.vision.datasets import VisionDataset
        >>> VisionDataset(transform=lambda x: 10 * x).transformed(2, 7)
        (20, 7)
        """
        if self.transforms is not None:
            return self.transforms(image, target)
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def extra_repr(self):
        """More lines for repr.

        >>> from tensorgrad.vision.datasets import VisionDataset
        >>> class Numbers(VisionDataset):
        ...     def __len__(self):
        ...         return 3
        ...     def extra_repr(self):
        ...         return "Of numbers"
        >>> Numbers()
        Dataset Numbers
            Number of datapoints: 3
            Of numbers
        """
        return ""

    def __repr__(self):
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {self.root}")
        lines += self.extra_repr().splitlines()
        lines += [f"{name}: {t}" for name, t in (("Transforms", self.transforms), ("Transform", self.transform),
                                                 ("Target transform", self.target_transform)) if t is not None]
        return "\n".join([f"Dataset {type(self).__name__}", *(f"    {line}" for line in lines)])


class ArrayDataset(VisionDataset):
    """Base class of data sets that lie in memory: images in `data`, uint8; sample i is (Pillow's image, label)."""

    def pixels(self):
        """The images as an array (N, H, W) or (N, H, W, 3).

        >>> import numpy
        >>> from tensorgrad.vision.datasets.base import ArrayDataset
        >>> class Black(ArrayDataset):
        ...     data = numpy.zeros((1, 2, 2), "uint8")
        ...     def pixels(self):
        ...         return self.data
        >>> Black().pixels().shape
        (1, 2, 2)
        """
        raise NotImplementedError(f"{type(self).__name__} must define pixels")

    def labels_list(self):
        """The labels.

        >>> from tensorgrad.vision.datasets.base import ArrayDataset
        >>> class Three(ArrayDataset):
        ...     def labels_list(self):
        ...         return [3]
        >>> Three().labels_list()
        [3]
        """
        raise NotImplementedError(f"{type(self).__name__} must define labels_list")

    def tensors(self):
        """All images as float32 (N, C, H, W) in [0, 1], and all labels (N,): a whole data set for training at once.

        >>> import numpy
        >>> from tensorgrad.vision.datasets.base import ArrayDataset
        >>> class Black(ArrayDataset):
        ...     data = numpy.zeros((1, 2, 2), "uint8")
        ...     def pixels(self):
        ...         return self.data
        ...     def labels_list(self):
        ...         return [3]
        >>> Black().tensors()
        (tensor([[[[0., 0.],
                  [0., 0.]]]]), tensor([3]))
        """
        pixels = self.pixels()
        x = tensorgrad.from_numpy(pixels.reshape(*pixels.shape[:3], -1).transpose(0, 3, 1, 2).copy())
        return x.to(tensorgrad.float32) / 255, tensorgrad.tensor(self.labels_list(), dtype=tensorgrad.int64)

    def __getitem__(self, index):
        image = pillow().fromarray(self.pixels()[index])
        return self.transformed(image, int(self.labels_list()[index]))

    def __len__(self):
        return len(self.data)
