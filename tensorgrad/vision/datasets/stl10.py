"""STL-10: photographs of 96 x 96 pixels, few with and many without a label, in binary files."""

from pathlib import Path

from tensorgrad._core.errors import ArgumentError, FileFormatError
from tensorgrad.io.download import check_md5, fetch, unpack

from .base import ArrayDataset


class STL10(ArrayDataset):
    """Split 'train' (5,000), 'test' (8,000), 'unlabeled' (100,000, label -1) or 'train+unlabeled', from root/stl10_binary;
    download=True fetches them. folds: one of the ten official subsets of 1,000 training images.

    Sample i is (Pillow's image, label 0 to 9); `data` is uint8 (N, 3, 96, 96), `labels` int64 (N,). Errors: ArgumentError for
    another split or folds, FileNotFoundError, FileFormatError for a damaged file. Source: Coates, Lee, Ng 2011;
    torchvision.datasets.STL10.

    >>> from tensorgrad.vision.datasets import STL10
    >>> STL10("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/stl10_binary/train_X.bin: no such file; download=True fetches the data set
    """

    base_folder, filename = "stl10_binary", "stl10_binary.tar.gz"
    url = "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"
    tgz_md5 = "91f7769df0f17e558f3565bffb0c7dfb"
    # images, their md5 sum and number; labels
    files = {"train": ("train_X.bin", "918c2871b30a85fa023e0c44e0bee87f", 5000, "train_y.bin"),
             "test": ("test_X.bin", "7f263ba9f9e0b06b93213547f721ac82", 8000, "test_y.bin"),
             "unlabeled": ("unlabeled_X.bin", "5242ba1fed5e4be9e1e742405eb56ca4", 100000, None)}

    def __init__(self, root, split="train", folds=None, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        import numpy as np

        if split not in (*self.files, "train+unlabeled"):
            raise ArgumentError(f"STL10: split must be one of {', '.join(self.files)}, train+unlabeled, got {split!r}")
        if folds is not None and (folds not in range(10) or "train" not in split):
            raise ArgumentError(f"STL10: folds must be None or, for split 'train', 0 to 9, got {folds!r} for {split!r}")
        self.split, self.folds, self.folder = split, folds, Path(self.root) / self.base_folder
        if download and not self.folder.is_dir():
            unpack(fetch([self.url], Path(self.root) / self.filename, self.tgz_md5), self.root)
        parts = [self._part(*self.files[name]) for name in split.split("+")]
        if folds is not None:
            chosen = self._fold(folds, len(parts[0][0]))
            parts[0] = tuple(array[chosen] for array in parts[0])
        self.data, self.labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        names = self.folder / "class_names.txt"
        self.classes = names.read_text().split() if names.is_file() else None

    def _bytes(self, name, multiple):
        import numpy as np

        path = self.folder / name
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file; download=True fetches the data set")
        if path.stat().st_size % multiple:
            raise FileFormatError(f"{path}: damaged, its {path.stat().st_size} bytes are no multiple of {multiple}")
        return np.fromfile(path, np.uint8)

    def _part(self, images, md5, count, labels):
        """(images, labels) of one split; the files hold columns, and labels from 1 on."""
        import numpy as np

        data = self._bytes(images, 3 * 96 * 96).reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
        if labels is None:
            numbers = np.full(len(data), -1)
        else:
            numbers = self._bytes(labels, 1).astype("int64") - 1
            if len(numbers) != len(data) or not ((numbers >= 0) & (numbers <= 9)).all():
                raise FileFormatError(f"{self.folder / labels}: expected {len(data)} labels from 1 to 10")
        if len(data) == count:
            check_md5(self.folder / images, md5)
        return data, numbers

    def _fold(self, number, count):
        """The indices of a fold."""
        import numpy as np

        path = self.folder / "fold_indices.txt"
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file")
        try:
            chosen = np.array([int(word) for word in path.read_text().splitlines()[number].split()])
        except (IndexError, ValueError) as error:
            raise FileFormatError(f"{path}: no line of indices number {number} ({error})") from None
        if not ((chosen >= 0) & (chosen < count)).all():
            raise FileFormatError(f"{path}: the indices must be 0 to {count - 1}")
        return chosen

    def pixels(self):
        return self.data.transpose(0, 2, 3, 1)

    def labels_list(self):
        return self.labels

    def __getitem__(self, index):
        from .base import pillow

        return self.transformed(pillow().fromarray(self.data[index].transpose(1, 2, 0).copy()), int(self.labels[index]))

    def extra_repr(self):
        return f"Split: {self.split}"
