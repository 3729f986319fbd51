"""MNIST and its relatives: idx files, a big-endian header (two zeros, type code, number of dimensions, sizes), then bytes."""

import os
from pathlib import Path

import tensorgrad
from tensorgrad._core.errors import ArgumentError, FileFormatError
from tensorgrad.io.download import fetch

from .base import ArrayDataset

# The official files by name and length in bytes: their md5 sums. A file of another length is not one of them.
MD5 = {
    ("train-images-idx3-ubyte.gz", 9912422): "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    ("train-labels-idx1-ubyte.gz", 28881): "d53e105ee54ea40749a09fcbcd1e9432",
    ("t10k-images-idx3-ubyte.gz", 1648877): "9fb629c4189551a2d022fa330f9573f3",
    ("t10k-labels-idx1-ubyte.gz", 4542): "ec29112dd5afa0611ce80d1b7f02629c",
    ("t10k-images-idx3-ubyte", 7840016): "2646ac647ad5339dbf082846283269ea",
    ("t10k-labels-idx1-ubyte", 10008): "27ae3e4e09519cfbb04c329615203637",
}


def read_idx(path, ndim, md5=MD5):
    """The unsigned bytes of an idx file, raw or .gz, as a uint8 tensor of `ndim` dimensions, of the shape that the header gives.

    Errors: FileNotFoundError, FileFormatError where the file is damaged: wrong md5 (official MNIST files), header, or length.
    Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits.

    >>> import tempfile
    >>> from tensorgrad.vision.datasets import read_idx
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 7]))
    ...     file.flush()
    ...     read_idx(file.name, 1)
    tensor([5, 7], dtype=tensorgrad.uint8)
    """
    path = Path(path)
    payload = path.read_bytes()
    known = md5.get((path.name, len(payload)))
    if known is not None:
        import hashlib

        found = hashlib.md5(payload, usedforsecurity=False).hexdigest()
        if found != known:
            raise FileFormatError(f"{path}: damaged, its md5 sum is {found}, the official one is {known}")
    if path.suffix == ".gz":
        import gzip
        import zlib

        try:
            payload = gzip.decompress(payload)
        except (OSError, EOFError, zlib.error) as error:
            raise FileFormatError(f"{path}: damaged gzip file ({error})") from None
    head = 4 + 4 * ndim
    if len(payload) < head or payload[:4] != bytes((0, 0, 8, ndim)):
        raise FileFormatError(f"{path}: no idx file of bytes with {ndim} dimension(s): it starts with "
                              f"{payload[:4].hex()!r}, not '000008{ndim:02x}'")
    shape = [int.from_bytes(payload[i:i + 4], "big") for i in range(4, head, 4)]
    size = 1
    for n in shape:
        size *= n
    if len(payload) - head != size:
        raise FileFormatError(f"{path}: the header says {tuple(shape)}, which is {size} bytes, but "
                              f"{len(payload) - head} follow")
    import numpy as np

    return tensorgrad.tensor(np.frombuffer(payload, np.uint8, offset=head).reshape(shape))


class MNIST(ArrayDataset):
    """Handwritten digits of 28 x 28 pixels: 60,000 to train, 10,000 to test, read from the idx files below `root`.

    The files may be raw or .gz, in root/MNIST/raw (torchvision's layout), in root itself or in root/raw; download=True fetches them
    into the first. Sample i is (Pillow's image of mode L, label); `data` and `targets` are uint8 (N, 28, 28) and int64 (N,).
    Errors: FileNotFoundError; FileFormatError for a damaged file, numbers of images and labels that differ, and labels that are no
    class; OSError where download=True finds no mirror. Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten
    digits; torchvision.datasets.MNIST.

    >>> from tensorgrad.vision.datasets import MNIST
    >>> MNIST("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere: no train-images-idx3-ubyte[.gz] there, nor in raw or MNIST/raw; download=True fetches it
    """

    mirrors: tuple = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
    resources: tuple = tuple((name, md5) for (name, _), md5 in MD5.items() if name.endswith(".gz"))
    classes = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight",
               "9 - nine"]
    md5 = MD5

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        images, labels = (self.find(name) for name in self.names(train))
        data, targets = read_idx(images, 3, self.md5), read_idx(labels, 1, self.md5)
        if data.size(0) != targets.size(0):
            raise FileFormatError(f"{images} has {data.size(0)} images, {labels} {targets.size(0)} labels")
        if targets.numel() and int(targets.max()) >= len(self.classes):
            raise FileFormatError(f"{labels}: the labels must be 0 to {len(self.classes) - 1}, found {int(targets.max())}")
        self.data, self.targets = data, targets.to(tensorgrad.int64)

    @staticmethod
    def names(train):
        """The files of the images and of the labels. No errors.

        >>> from tensorgrad.vision.datasets import MNIST
        >>> MNIST.names(True)
        ('train-images-idx3-ubyte', 'train-labels-idx1-ubyte')
        """
        part = "train" if train else "t10k"
        return f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"

    @property
    def raw_folder(self):
        """Where the files lie in torchvision's layout.

        >>> from tensorgrad.vision.datasets import MNIST
        >>> class Nothing(MNIST):
        ...     def __init__(self, root):
        ...         self.root = root
        >>> Nothing("data").raw_folder
        'data/Nothing/raw'
        """
        return os.path.join(self.root, type(self).__name__, "raw")

    @property
    def class_to_idx(self):
        """The number of each class.

        >>> import pathlib, tempfile
        >>> from tensorgrad.vision.datasets import MNIST
        >>> with tempfile.TemporaryDirectory() as root:
        ...     for name, header in zip(MNIST.names(True), ([3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 99], [1, 0, 0, 0, 1, 7])):
        ...         _ = pathlib.Path(root, name).write_bytes(bytes([0, 0, 8, *header]))
        ...     MNIST(root).class_to_idx["7 - seven"]
        7
        """
        return {name: i for i, name in enumerate(self.classes)}

    def find(self, name):
        """The file `name` or `name`.gz, in the first folder that has it. Errors: FileNotFoundError.

        >>> import pathlib, tempfile
        >>> from tensorgrad.vision.datasets import MNIST
        >>> with tempfile.TemporaryDirectory() as root:
        ...     for name, header in zip(MNIST.names(True), ([3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 99], [1, 0, 0, 0, 1, 7])):
        ...         _ = pathlib.Path(root, name).write_bytes(bytes([0, 0, 8, *header]))
        ...     MNIST(root).find("train-labels-idx1-ubyte").name
        'train-labels-idx1-ubyte'
        """
        folders = (self.raw_folder, self.root, os.path.join(self.root, "raw"))
        for folder in folders:
            for file in (name, name + ".gz"):
                path = Path(folder) / file
                if path.is_file():
                    return path
        raise FileNotFoundError(f"{os.fspath(self.root)}: no {name}[.gz] there, nor in raw or {type(self).__name__}/raw"
                                f"{'; download=True fetches it' if self.resources else ''}")

    def download(self):
        """Fetch the files that are missing. Errors: OSError where no mirror answers, FileFormatError for another md5 sum.

        >>> import hashlib, pathlib, tempfile
        >>> from tensorgrad.vision.datasets import MNIST
        >>> with tempfile.TemporaryDirectory() as root:
        ...     _ = pathlib.Path(root, "a.gz").write_bytes(b"digits")
        ...     class Near(MNIST):
        ...         mirrors, resources = (pathlib.Path(root).as_uri() + "/",), (("a.gz", hashlib.md5(b"digits").hexdigest()),)
        ...         def __init__(self):
        ...             self.root = root
        ...     near = Near()
        ...     near.download()
        ...     near.find("a").read_bytes()
        b'digits'
        """
        for name, md5 in self.resources:
            fetch([mirror + name for mirror in self.mirrors], os.path.join(self.raw_folder, name), md5)

    def pixels(self):
        return self.data.numpy()

    def labels_list(self):
        return self.targets.tolist() if not isinstance(self.targets, list) else self.targets

    def __getitem__(self, index):
        from .base import pillow

        image = pillow().fromarray(self.data[index].numpy())
        return self.transformed(image, int(self.targets[index]))

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class FashionMNIST(MNIST):
    """Articles of clothing in MNIST's format and shapes. Errors: those of MNIST. Source: Xiao, Rasul, Vollgraf 2017;
    torchvision.datasets.FashionMNIST.

    >>> from tensorgrad.vision.datasets import FashionMNIST
    >>> FashionMNIST.classes[:3]
    ['T-shirt/top', 'Trouser', 'Pullover']
    """

    mirrors = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
    resources = (("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                 ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                 ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                 ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"))
    classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
    md5: dict = {}


class KMNIST(MNIST):
    """Cursive Japanese characters in MNIST's format and shapes. Errors: those of MNIST. Source: Clanuwat et al. 2018;
    torchvision.datasets.KMNIST.

    >>> from tensorgrad.vision.datasets import KMNIST
    >>> KMNIST.classes[:3]
    ['o', 'ki', 'su']
    """

    mirrors = ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",)
    resources = (("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
                 ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
                 ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
                 ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"))
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
    md5: dict = {}


DIGITS, CAPITALS, SMALL = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"


class EMNIST(MNIST):
    """Handwritten letters and digits in MNIST's format and shapes, one of six splits; the images lie on their side, as in the
    files. Nothing is downloaded. Errors: ArgumentError for another split and for download=True, those of MNIST. Source: Cohen et
    al. 2017; torchvision.datasets.EMNIST.

    >>> from tensorgrad.vision.datasets import EMNIST
    >>> EMNIST.classes_split_dict["letters"][:3]
    ['N/A', 'a', 'b']
    """

    merged = sorted(set(DIGITS + CAPITALS + SMALL) - set("cijklmopsuvwxyz"))
    resources = ()
    classes_split_dict = {"byclass": sorted(DIGITS + CAPITALS + SMALL), "bymerge": merged, "balanced": merged,
                          "letters": ["N/A", *SMALL], "digits": list(DIGITS), "mnist": list(DIGITS)}
    md5: dict = {}

    def __init__(self, root, split, train=True, transform=None, target_transform=None, download=False):
        if split not in self.classes_split_dict:
            raise ArgumentError(f"EMNIST: split must be one of {', '.join(self.classes_split_dict)}, got {split!r}")
        self.split, self.classes = split, self.classes_split_dict[split]
        super().__init__(root, train, transform, target_transform, download)

    def names(self, train):
        part = f"emnist-{self.split}-{'train' if train else 'test'}"
        return f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"

    def download(self):
        raise ArgumentError("EMNIST: download=True is not offered; put the files of the NIST's gzip.zip below root/EMNIST/raw")
