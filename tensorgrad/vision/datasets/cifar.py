"""CIFAR: photographs of 32 x 32 pixels in 10 or 100 classes."""

from pathlib import Path

from tensorgrad._core.errors import FileFormatError
from tensorgrad.io.download import check_md5, fetch, unpack

from .base import ArrayDataset
from .pickles import read_pickle


class CIFAR10(ArrayDataset):
    """50,000 photographs to train, 10,000 to test, from root/cifar-10-batches-py; download=True fetches them.

    Sample i is (Pillow's image, label); `data` is uint8 (N, 32, 32, 3), `targets` a list. The files are pickles, read without
    running anything. Errors: FileNotFoundError; FileFormatError for a damaged file, also one of the official length with
    another md5 sum; UnsafeFileError. Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009;
    torchvision.datasets.CIFAR10.

    >>> from tensorgrad.vision.datasets import CIFAR10
    >>> CIFAR10("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/cifar-10-batches-py/batches.meta: no such file; download=True fetches the data set
    """

    base_folder, filename = "cifar-10-batches-py", "cifar-10-python.tar.gz"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list: tuple = (
        ("data_batch_1", "c99cafc152244af753f735de768cd75f"), ("data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"),
        ("data_batch_3", "54ebc095f3ab1f0389bbae665268c751"), ("data_batch_4", "634d18415352ddfa80567beed471001a"),
        ("data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"))
    test_list = (("test_batch", "40351d587109b95175f43aff81a1287e"),)
    official = {"train": 10000, "test": 10000}  # images of an official file
    meta, names_key, label_key = "batches.meta", "label_names", "labels"

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        import numpy as np

        self.train = train
        folder = Path(self.root) / self.base_folder
        if download and not all((folder / name).is_file() for name, _ in (*self.train_list, *self.test_list)):
            unpack(fetch([self.url], Path(self.root) / self.filename, self.tgz_md5), self.root)
        self.classes = self._classes(folder / self.meta)
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        parts = [self._part(folder / name, md5) for name, md5 in (self.train_list if train else self.test_list)]
        self.data = np.concatenate([images for images, _ in parts])
        self.targets = [label for _, labels in parts for label in labels]

    @staticmethod
    def _read(path):
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file; download=True fetches the data set")
        return read_pickle(path)

    def _classes(self, path):
        names = self._read(path).get(self.names_key)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise FileFormatError(f"{path}: no list of names under {self.names_key!r}")
        return names

    def _part(self, path, md5):
        """(images (n, 32, 32, 3), labels) of one file."""
        import numpy as np

        content = self._read(path)
        data, labels = content.get("data"), content.get(self.label_key)
        if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != 3072:
            raise FileFormatError(f"{path}: 'data' must be bytes (n, 3072), found {getattr(data, 'shape', type(data).__name__)}")
        if not isinstance(labels, list) or len(labels) != len(data):
            raise FileFormatError(f"{path}: {self.label_key!r} must be a list of {len(data)} labels")
        if any(type(label) is not int or not 0 <= label < len(self.classes) for label in labels):
            raise FileFormatError(f"{path}: the labels must be 0 to {len(self.classes) - 1}")
        if len(data) == self.official["train" if self.train else "test"]:
            check_md5(path, md5)
        return data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels

    def pixels(self):
        return self.data

    def labels_list(self):
        return self.targets

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class CIFAR100(CIFAR10):
    """CIFAR10's format and shapes with 100 classes, 600 images each, from root/cifar-100-python. Errors: those of CIFAR10. Source:
    torchvision.datasets.CIFAR100.

    >>> from tensorgrad.vision.datasets import CIFAR100
    >>> CIFAR100("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/cifar-100-python/meta: no such file; download=True fetches the data set
    """

    base_folder, filename = "cifar-100-python", "cifar-100-python.tar.gz"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list = (("train", "16019d7e3df5f24257cddd939b257f8d"),)
    test_list = (("test", "f0ef6b0ae62326f3e7ffdfab6717acfc"),)
    official = {"train": 50000, "test": 10000}
    meta, names_key, label_key = "meta", "fine_label_names", "fine_labels"
