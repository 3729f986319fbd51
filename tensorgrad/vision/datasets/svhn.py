"""SVHN: house numbers of 32 x 32 pixels, in MATLAB's files."""

from pathlib import Path

from tensorgrad._core.errors import ArgumentError, FileFormatError
from tensorgrad.io.download import check_md5, fetch

from .base import ArrayDataset


class SVHN(ArrayDataset):
    """Digits of house numbers, split 'train', 'test' or 'extra', from root/<split>_32x32.mat; download=True fetches it.

    Sample i is (Pillow's image, digit); `data` is uint8 (N, 3, 32, 32), `labels` int64 (N,). Needs SciPy (extra [scipy]). Errors:
    ArgumentError for another split, FileNotFoundError, FileFormatError for a damaged file, ImportError without SciPy. Source:
    Netzer et al. 2011; torchvision.datasets.SVHN.

    >>> from tensorgrad.vision.datasets import SVHN
    >>> SVHN("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/train_32x32.mat: no such file; download=True fetches it
    """

    # address and name of each file, its md5 sum, and how many images it has
    split_list = {
        "train": ("http://ufldl.stanford.edu/housenumbers/train_32x32.mat", "train_32x32.mat",
                  "e26dedcc434d2e4c54c9b2d4a06d8373", 73257),
        "test": ("http://ufldl.stanford.edu/housenumbers/test_32x32.mat", "test_32x32.mat",
                 "eb5a983be6a315427106f1b164d9cef3", 26032),
        "extra": ("http://ufldl.stanford.edu/housenumbers/extra_32x32.mat", "extra_32x32.mat",
                  "a93ce644f1a588dc4d68dda5feec44a7", 531131)}

    def __init__(self, root, split="train", transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        if split not in self.split_list:
            raise ArgumentError(f"SVHN: split must be one of {', '.join(self.split_list)}, got {split!r}")
        self.split = split
        url, name, md5, count = self.split_list[split]
        path = Path(self.root) / name
        if download:
            fetch([url], path, md5)
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file; download=True fetches it")
        self.data, self.labels = self._read(path)
        if len(self.data) == count:
            check_md5(path, md5)

    @staticmethod
    def _read(path):
        """(images (n, 3, 32, 32), labels 0 to 9); the file says 10 for 0."""
        import numpy as np

        try:
            from scipy.io import loadmat
        except ImportError:
            raise ImportError("SVHN's files need SciPy: pip install tensorgrad-cpu[scipy]") from None
        try:
            content = loadmat(path, variable_names=["X", "y"])
            images, labels = content["X"], content["y"]
        except Exception as error:  # whatever a damaged file leads SciPy to
            raise FileFormatError(f"{path}: damaged, or no MATLAB file of images ({type(error).__name__}: {error})") from None
        labels = np.asarray(labels).reshape(-1)
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[:3] != (32, 32, 3) or images.shape[3] != len(labels):
            raise FileFormatError(f"{path}: X must be bytes (32, 32, 3, n) and y n labels, found {images.shape} {images.dtype} "
                                  f"and {labels.shape}")
        if labels.dtype.kind not in "uif" or not ((labels >= 1) & (labels <= 10)).all():
            raise FileFormatError(f"{path}: the labels must be 1 to 10")
        return images.transpose(3, 2, 0, 1), labels.astype("int64") % 10

    def pixels(self):
        return self.data.transpose(0, 2, 3, 1)

    def labels_list(self):
        return self.labels

    def __getitem__(self, index):
        from .base import pillow

        return self.transformed(pillow().fromarray(self.data[index].transpose(1, 2, 0).copy()), int(self.labels[index]))

    def extra_repr(self):
        return f"Split: {self.split}"
