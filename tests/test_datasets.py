"""vision.datasets: idx files in every layout, damaged ones, scikit-learn's digits."""

import gzip
import struct

import pytest

import tensorgrad
from tensorgrad.vision.datasets import MNIST, Digits, read_idx
from tensorgrad.vision.transforms import ToTensor

IMAGES = bytes(i % 251 for i in range(3 * 28 * 28))
LABELS = bytes([7, 0, 9])


def idx(shape, payload):
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape) + payload


def write(folder, part="t10k", pack=False, images=None, labels=None):
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"images-idx3": idx((3, 28, 28), IMAGES) if images is None else images,
                "labels-idx1": idx((3,), LABELS) if labels is None else labels}
    for name, payload in contents.items():
        path = folder / f"{part}-{name}-ubyte{'.gz' if pack else ''}"
        path.write_bytes(gzip.compress(payload) if pack else payload)


@pytest.mark.parametrize("layout", ["", "raw", "MNIST/raw"])
@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("part", ["train", "t10k"])
def test_layouts(tmp_path, layout, pack, part):
    write(tmp_path / layout, part, pack)
    data = MNIST(tmp_path, train=part == "train")
    assert len(data) == 3 and data.data.shape == (3, 28, 28) and data.data.dtype == tensorgrad.uint8
    assert data.targets.tolist() == [7, 0, 9] and data.targets.dtype == tensorgrad.int64
    assert bytes(data.data.flatten().tolist()) == IMAGES
    image, label = data[1]
    assert image.mode == "L" and image.size == (28, 28) and label == 0 and image.tobytes() == IMAGES[28 * 28:2 * 28 * 28]
    x, y = data.tensors()
    assert x.shape == (3, 1, 28, 28) and x[1].tolist() == ToTensor()(image).tolist() and y.tolist() == [7, 0, 9]
    changed = MNIST(str(tmp_path), train=part == "train", transform=ToTensor(), target_transform=lambda y: -y)
    assert changed[0][0].shape == (1, 28, 28) and changed[0][1] == -7


@pytest.mark.parametrize("images", [
    b"", b"\0\0\x08", idx((3, 28, 28), IMAGES)[:-1], idx((3, 28, 28), IMAGES + b"\0"), b"PK" + idx((3, 28, 28),
                                                                                                   IMAGES)[2:],
    idx((3 * 28, 28), IMAGES), idx((2**32 - 1,) * 3, b""), idx((2, 28, 28), IMAGES[:2 * 784]),
])
@pytest.mark.parametrize("pack", [False, True])
def test_damaged_images(tmp_path, images, pack):
    write(tmp_path, images=images, pack=pack)
    with pytest.raises(tensorgrad.FileFormatError) as error:
        MNIST(tmp_path, train=False)
    assert "\n" not in str(error.value) and "t10k-images" in str(error.value)


def test_damaged_labels(tmp_path):
    for labels in (idx((3,), b"\0\1\x0a"), idx((2,), b"\0\1"), idx((3, 1), LABELS)):
        write(tmp_path, labels=labels)
        with pytest.raises(tensorgrad.FileFormatError, match="labels"):
            MNIST(tmp_path, train=False)


def test_damaged_gzip(tmp_path):
    write(tmp_path, pack=True)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    good = path.read_bytes()
    for bad in (good[:-9], good[:40] + bytes([good[40] ^ 1]) + good[41:], b"\x1f\x8b" + b"\0" * 40):
        path.write_bytes(bad)
        with pytest.raises(tensorgrad.FileFormatError, match="t10k-images"):
            MNIST(tmp_path, train=False)


def test_an_official_file_is_known_by_its_md5(tmp_path):
    payload = idx((10000,), bytes(10000))  # the official length, other labels
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(payload)
    with pytest.raises(tensorgrad.FileFormatError, match="md5"):
        read_idx(tmp_path / "t10k-labels-idx1-ubyte", 1)
    (tmp_path / "labels").write_bytes(payload)
    assert read_idx(tmp_path / "labels", 1).shape == (10000,)


def test_missing_files(tmp_path):
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte"):
            MNIST(folder, train=False)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx((3, 28, 28), IMAGES))
    with pytest.raises(FileNotFoundError, match="t10k-labels"):
        MNIST(tmp_path, train=False)


def test_digits():
    digits = Digits()
    x, y = digits.tensors()
    assert x.shape == (1797, 1, 8, 8) and x.dtype == tensorgrad.float32 and x.max().item() == 1 and x.min().item() == 0
    assert y[:10].tolist() == list(range(10)) and digits[3][1] == 3 and len(digits) == 1797
    assert digits.data[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
