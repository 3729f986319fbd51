"""What the image data sets have in common."""

import tensorgrad
from tensorgrad.utils.data import Dataset


class Images(Dataset):
    """`data` (N, H, W) uint8 and `targets` (N,) int64; sample i is (image, label).

    The image is float32 (1, H, W) in [0, 1], then `transform` of it; the label an int, then `target_transform` of it.
    """

    white = 255  # the largest value in data

    def __init__(self, data, targets, transform=None, target_transform=None):
        self.data, self.targets = data, targets
        self.transform, self.target_transform = transform, target_transform

    def tensors(self):
        """All images as float32 (N, 1, H, W) in [0, 1], and all labels.

        >>> from tensorgrad.vision.datasets import Digits
        >>> images, labels = Digits().tensors()
        >>> images.shape, labels.shape
        (tensorgrad.Size([1797, 1, 8, 8]), tensorgrad.Size([1797]))
        """
        return self.data.unsqueeze(1).to(tensorgrad.float32) / self.white, self.targets

    def __getitem__(self, index):
        image, label = self.data[index].unsqueeze(0).to(tensorgrad.float32) / self.white, int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def __len__(self):
        return self.data.size(0)
