"""Images of noise, to try a program without data."""

import tensorgrad
from tensorgrad._core.errors import ArgumentError

from ..transforms import functional as F
from .base import VisionDataset


class FakeData(VisionDataset):
    """`size` images of noise, tensors of shape image_size (C, H, W) as Pillow's images, with random labels below num_classes, the
    same for each index. Errors: ArgumentError for a negative size or no class, IndexError for an index outside [0, size). Source:
    torchvision.datasets.FakeData.

    >>> from tensorgrad.vision.datasets import FakeData
    >>> FakeData(size=3, image_size=(3, 4, 4), num_classes=5)[0][1] < 5
    True
    """

    def __init__(self, size=1000, image_size=(3, 224, 224), num_classes=10, transform=None, target_transform=None,
                 random_offset=0):
        super().__init__(None, transform=transform, target_transform=target_transform)
        if size < 0 or num_classes < 1:
            raise ArgumentError(f"FakeData: size must be >= 0 and num_classes positive, got {size} and {num_classes}")
        self.size, self.image_size, self.num_classes, self.random_offset = size, image_size, num_classes, random_offset

    def __getitem__(self, index):
        if not 0 <= index < self.size:
            raise IndexError(f"FakeData: index {index} is out of range for length {self.size}")
        generator = tensorgrad.Generator().manual_seed(index + self.random_offset)
        noise = tensorgrad.randn(*self.image_size, generator=generator)
        target = tensorgrad.randint(0, self.num_classes, (1,), generator=generator).item()
        return self.transformed(F.to_pil_image(noise), target)

    def __len__(self):
        return self.size
