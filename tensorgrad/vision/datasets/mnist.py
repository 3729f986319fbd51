"""MNIST's idx files: big-endian header (two zeros, type code, number of dimensions, sizes), then the bytes."""

import os
from pathlib import Path

import tensorgrad
from tensorgrad._core.errors import FileFormatError

from .images import Images

# The official files by name and length in bytes: their md5 sums. A file of another length is not one of them.
MD5 = {
    ("train-images-idx3-ubyte.gz", 9912422): "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    ("train-labels-idx1-ubyte.gz", 28881): "d53e105ee54ea40749a09fcbcd1e9432",
    ("t10k-images-idx3-ubyte.gz", 1648877): "9fb629c4189551a2d022fa330f9573f3",
    ("t10k-labels-idx1-ubyte.gz", 4542): "ec29112dd5afa0611ce80d1b7f02629c",
    ("t10k-images-idx3-ubyte", 7840016): "2646ac647ad5339dbf082846283269ea",
    ("t10k-labels-idx1-ubyte", 10008): "27ae3e4e09519cfbb04c329615203637",
}
FOLDERS = ("", "raw", "MNIST/raw")


def read_idx(path, ndim):
    """The unsigned bytes of an idx file, raw or .gz, as a uint8 tensor of `ndim` dimensions.

    FileFormatError where the file is damaged: wrong md5 (official MNIST files), header, or length.
    """
    path = Path(path)
    payload = path.read_bytes()
    known = MD5.get((path.name, len(payload)))
    if known is not None:
        import hashlib

        found = hashlib.md5(payload, usedforsecurity=False).hexdigest()
        if found != known:
            raise FileFormatError(f"{path}: damaged, its md5 sum is {found}, MNIST's is {known}")
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
                              f"{payload[:4].hex()!r}, "
                              f"not '000008{ndim:02x}'")
    shape = [int.from_bytes(payload[i:i + 4], "big") for i in range(4, head, 4)]
    size = 1
    for n in shape:
        size *= n
    if len(payload) - head != size:
        raise FileFormatError(f"{path}: the header says {tuple(shape)}, which is {size} bytes, but "
                              f"{len(payload) - head} follow")
    import numpy as np

    return tensorgrad.tensor(np.frombuffer(payload, np.uint8, offset=head).reshape(shape))


def find(root, name):
    """The file `name` or `name`.gz in the folder, in raw/ or in MNIST/raw/ below it."""
    for folder in FOLDERS:
        for file in (name, name + ".gz"):
            path = Path(root) / folder / file
            if path.is_file():
                return path
    raise FileNotFoundError(f"{os.fspath(root)}: no {name}[.gz] there, nor in {' or '.join(f for f in FOLDERS if f)}")


class MNIST(Images):
    """Handwritten digits of 28 x 28 pixels: 60,000 to train, 10,000 to test, read from the idx files below `root`.

    The files may be raw or .gz, in root itself, in root/raw or in root/MNIST/raw (torchvision's layout).
    FileNotFoundError
    or FileFormatError says in one line what is wrong. Nothing is downloaded.
    Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits.
    """

    def __init__(self, root, train=True, transform=None, target_transform=None):
        part = "train" if train else "t10k"
        images, labels = find(root, f"{part}-images-idx3-ubyte"), find(root, f"{part}-labels-idx1-ubyte")
        data, targets = read_idx(images, 3), read_idx(labels, 1)
        if data.size(0) != targets.size(0):
            raise FileFormatError(f"{images} has {data.size(0)} images, {labels} {targets.size(0)} labels")
        if targets.numel() and int(targets.max()) > 9:
            raise FileFormatError(f"{labels}: the labels must be 0 to 9, found {int(targets.max())}")
        super().__init__(data, targets.to(tensorgrad.int64), transform, target_transform)
