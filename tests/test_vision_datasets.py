"""vision.datasets: small files in each official format, damaged ones, hostile ones, downloads from a folder."""

import gzip
import hashlib
import io
import json
import pickle
import struct
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad.io.download import fetch, unpack
from tensorgrad.vision import datasets as D
from tensorgrad.vision.datasets.pickles import read_pickle
from tensorgrad.vision.transforms import Compose, ToTensor

Image = pytest.importorskip("PIL.Image")
RNG = np.random.RandomState(0)


def md5(payload):
    return hashlib.md5(payload, usedforsecurity=False).hexdigest()


def idx(shape, payload):
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape) + payload


# CIFAR

def python2_pickle(content):
    """As Python 2 wrote CIFAR's batches: texts and the array's bytes are byte strings, protocol 2."""
    text = lambda s: b"U" + bytes([len(s)]) + s
    number = lambda n: b"J" + struct.pack("<i", n)
    out = b"\x80\x02}("
    for key, value in content.items():
        out += text(key.encode())
        if isinstance(value, np.ndarray):
            out += (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" + number(0) + b"\x85" + text(b"b") + b"\x87R("
                    + number(1) + number(value.shape[0]) + number(value.shape[1]) + b"\x86cnumpy\ndtype\n" + text(b"u1") + number(0)
                    + number(1) + b"\x87R(" + number(3) + text(b"|") + b"NNN" + number(-1) * 2 + number(0) + b"tb\x89T"
                    + struct.pack("<i", value.size) + value.tobytes() + b"tb")
        elif isinstance(value, list):
            out += b"](" + b"".join(number(v) if isinstance(v, int) else text(v.encode()) for v in value) + b"e"
        else:
            out += text(value.encode())
    return out + b"u."


def write_cifar(folder, kind, n=3, write=python2_pickle, **change):
    """A small data set in the official layout; returns the images (files, n, 3072)."""
    folder = folder / kind.base_folder
    folder.mkdir(parents=True)
    classes = 100 if kind is D.CIFAR100 else 10
    files = [*kind.train_list, *kind.test_list]
    data = RNG.randint(0, 256, (len(files), n, 3072)).astype("uint8")
    for i, (name, _) in enumerate(files):
        content = {"batch_label": "batch", kind.label_key: [(i + j) % classes for j in range(n)], "data": data[i]}
        (folder / name).write_bytes(write({**content, **change}))
    (folder / kind.meta).write_bytes(write({kind.names_key: [f"class{i}" for i in range(classes)]}))
    return data


@pytest.mark.parametrize("kind", [D.CIFAR10, D.CIFAR100])
@pytest.mark.parametrize("write", [python2_pickle, lambda c: pickle.dumps(c, 2), lambda c: pickle.dumps(c, 4)])
def test_cifar(tmp_path, kind, write):
    data = write_cifar(tmp_path, kind, write=write)
    files = len(kind.train_list)
    train, test = kind(tmp_path), kind(str(tmp_path), train=False, transform=ToTensor(), target_transform=float)
    assert len(train) == 3 * files and len(test) == 3 and train.data.shape == (3 * files, 32, 32, 3) and len(train.classes) in (10, 100)
    assert train.targets[:4] == [0, 1, 2, 1][:len(train.targets[:4])] and train.class_to_idx["class3"] == 3
    image, label = train[2]
    assert image.mode == "RGB" and image.size == (32, 32) and label == 2
    assert np.array_equal(np.asarray(image).transpose(2, 0, 1).reshape(-1), data[0, 2])
    x, label = test[1]
    assert isinstance(label, float) and np.allclose(x.numpy().reshape(-1) * 255, data[files, 1], atol=1e-4)
    whole, labels = test.tensors()
    assert whole.shape == (3, 3, 32, 32) and whole[1].tolist() == x.tolist() and labels.dtype == tg.int64
    assert "Split: Train" in repr(train) and f"datapoints: {3 * files}" in repr(train)


class Hostile:
    def __reduce__(self):
        return eval, ("__import__('os').environ.__setitem__('TENSORGRAD_OWNED', '1')",)


def test_a_pickle_is_never_run(tmp_path):
    import os

    folder = tmp_path / D.CIFAR10.base_folder
    write_cifar(tmp_path, D.CIFAR10)
    for payload in (pickle.dumps({"data": Hostile(), "labels": []}), b"cos\nsystem\n(S'touch owned'\ntR.", b"\x80\x04cbuiltins\neval\n.",
                    pickle.dumps({"data": np.float64}), pickle.dumps(np.array([Hostile()], dtype=object)),
                    pickle.dumps({"a": io.BytesIO})):
        (folder / "data_batch_3").write_bytes(payload)
        with pytest.raises(tg.UnsafeFileError, match="data_batch_3"):
            D.CIFAR10(tmp_path)
    assert "TENSORGRAD_OWNED" not in os.environ


@pytest.mark.parametrize("spoil", [
    lambda b: b"", lambda b: b[:100], lambda b: b[:-1], lambda b: b"\x80\x09" + b[2:], lambda b: b"PK\3\4" + b,
    lambda b: pickle.dumps([1]),
    lambda b: b.replace(b"u1", b"O8"), lambda b: b.replace(b"data", b"Data"), lambda b: b.replace(b"labels", b"Labels"),
    lambda b: pickle.dumps({"data": np.zeros((3, 3072)), "labels": [0, 0, 0]}), lambda b: b"\x80\x02]" + b"(" * 9 + b"e.",
    lambda b: pickle.dumps({"data": np.zeros((3, 3071), "uint8"), "labels": [0, 0, 0]}),
    lambda b: pickle.dumps({"data": np.zeros((3, 3072), "uint8"), "labels": [0, 0, 10]}),
    lambda b: pickle.dumps({"data": np.zeros((3, 3072), "uint8"), "labels": [0, 0]}),
    lambda b: pickle.dumps({"data": np.zeros((3, 3072), "uint8"), "labels": [0, 0, "1"]}),
])
def test_damaged_cifar(tmp_path, spoil):
    write_cifar(tmp_path, D.CIFAR10)
    path = tmp_path / D.CIFAR10.base_folder / "data_batch_2"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(tg.FileFormatError, match="data_batch_2"):
        D.CIFAR10(tmp_path)


def test_every_cut_of_a_pickle(tmp_path):
    """Cut or changed anywhere, a file is refused or gives a dict; nothing else comes out."""
    good = python2_pickle({"data": np.zeros((1, 20), "uint8"), "labels": [1]})
    path = tmp_path / "file"
    for i in range(len(good)):
        for bad in (good[:i], good[:i] + bytes([good[i] ^ 0x41]) + good[i + 1:]):
            path.write_bytes(bad)
            try:
                assert isinstance(read_pickle(path), dict)
            except (tg.FileFormatError, tg.UnsafeFileError):
                pass


def test_cifar_that_is_missing_or_not_official(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="download=True"):
        D.CIFAR10(tmp_path)
    write_cifar(tmp_path, D.CIFAR10)
    monkeypatch.setattr(D.CIFAR10, "official", {"train": 3, "test": 3})  # now these are files of the official length
    with pytest.raises(tg.FileFormatError, match="md5"):
        D.CIFAR10(tmp_path)


# MNIST's relatives

@pytest.mark.parametrize("kind", [D.FashionMNIST, D.KMNIST])
def test_relatives_of_mnist(tmp_path, kind):
    for folder, value in ((kind.__name__, 7), ("MNIST", 1)):
        raw = tmp_path / folder / "raw"
        raw.mkdir(parents=True)
        (raw / "t10k-images-idx3-ubyte").write_bytes(idx((2, 28, 28), bytes([value]) * 2 * 784))
        (raw / "t10k-labels-idx1-ubyte").write_bytes(idx((2,), bytes([3, 9])))
    data = kind(tmp_path, train=False)
    assert int(data.data[0, 0, 0]) == 7 and data[1][1] == 9 and len(data.classes) == 10 and data.class_to_idx[data.classes[3]] == 3
    assert "Split: Test" in repr(data)


def test_emnist(tmp_path):
    sizes = {"byclass": 62, "bymerge": 47, "balanced": 47, "letters": 27, "digits": 10, "mnist": 10}
    assert {name: len(classes) for name, classes in D.EMNIST.classes_split_dict.items()} == sizes
    (tmp_path / "emnist-letters-test-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx((1, 28, 28), bytes(784))))
    (tmp_path / "emnist-letters-test-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx((1,), bytes([26]))))
    data = D.EMNIST(tmp_path, "letters", train=False)
    assert data.classes[data[0][1]] == "z"
    for wrong in (lambda: D.EMNIST(tmp_path, "words"), lambda: D.EMNIST(tmp_path, "letters", download=True)):
        with pytest.raises(ValueError):
            wrong()


# SVHN, STL10

def test_svhn(tmp_path):
    io_module = pytest.importorskip("scipy.io")
    images, labels = RNG.randint(0, 256, (32, 32, 3, 4)).astype("uint8"), np.array([[1], [10], [9], [5]], "uint8")
    path = tmp_path / "test_32x32.mat"
    io_module.savemat(path, {"X": images, "y": labels}, do_compression=True)
    data = D.SVHN(tmp_path, "test", transform=ToTensor())
    assert len(data) == 4 and data.labels.tolist() == [1, 0, 9, 5] and data.data.shape == (4, 3, 32, 32) and data[1][1] == 0
    assert np.allclose(data[2][0].numpy() * 255, images[..., 2].transpose(2, 0, 1), atol=1e-4)
    assert data.tensors()[0][2].tolist() == data[2][0].tolist() and "Split: test" in repr(data)
    good = path.read_bytes()
    for bad in (b"", good[:200], good[:-40], b"\0" * 300):
        path.write_bytes(bad)
        with pytest.raises(tg.FileFormatError, match="test_32x32"):
            D.SVHN(tmp_path, "test")
    for x, y in ((images[:31], labels), (images, labels[:3]), (images.astype("float32"), labels), (images, labels * 0)):
        io_module.savemat(path, {"X": x, "y": y})
        with pytest.raises(tg.FileFormatError, match="test_32x32"):
            D.SVHN(tmp_path, "test")
    with pytest.raises(FileNotFoundError):
        D.SVHN(tmp_path)
    with pytest.raises(ValueError, match="split"):
        D.SVHN(tmp_path, "valid")


def test_svhn_without_scipy(tmp_path, monkeypatch):
    (tmp_path / "train_32x32.mat").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(ImportError, match=r"\[scipy\]"):
        D.SVHN(tmp_path)


def test_stl10(tmp_path, monkeypatch):
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    data = {name: RNG.randint(0, 256, (n, 3, 96, 96)).astype("uint8") for name, n in (("train", 3), ("test", 2), ("unlabeled", 2))}
    for name, images in data.items():
        images.transpose(0, 1, 3, 2).tofile(folder / f"{name}_X.bin")
        if name != "unlabeled":
            (np.arange(len(images), dtype="uint8") + 1).tofile(folder / f"{name}_y.bin")
    (folder / "class_names.txt").write_text("airplane\nbird\n")
    (folder / "fold_indices.txt").write_text("2 0 \n" * 9)
    train = D.STL10(tmp_path)
    assert len(train) == 3 and train.labels.tolist() == [0, 1, 2] and train.classes == ["airplane", "bird"]
    assert np.array_equal(np.asarray(train[1][0]), data["train"][1].transpose(1, 2, 0)) and train[1][0].size == (96, 96)
    assert D.STL10(tmp_path, "train", folds=8).labels.tolist() == [2, 0] and "Split: train" in repr(train)
    both = D.STL10(tmp_path, "train+unlabeled")
    assert both.labels.tolist() == [0, 1, 2, -1, -1] and both.tensors()[0].shape == (5, 3, 96, 96)
    for wrong, error in ((lambda: D.STL10(tmp_path, "valid"), ValueError), (lambda: D.STL10(tmp_path, folds=10), ValueError),
                         (lambda: D.STL10(tmp_path, "test", folds=1), ValueError),
                         (lambda: D.STL10(tmp_path, folds=9), tg.FileFormatError),
                         (lambda: D.STL10(tmp_path / "no"), FileNotFoundError)):
        with pytest.raises(error):
            wrong()
    for name, spoil in (("train_X.bin", lambda b: b[:-1]), ("train_X.bin", lambda b: b[3 * 96 * 96:]),
                        ("train_y.bin", lambda b: b"\0" + b[1:]),
                        ("train_y.bin", lambda b: b"\x0b" + b[1:])):
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(spoil(before))
        with pytest.raises(tg.FileFormatError, match="train"):
            D.STL10(tmp_path)
        (folder / name).write_bytes(before)
    (folder / "fold_indices.txt").write_text("3 0\n\nx\n")
    for fold in (0, 2):
        with pytest.raises(tg.FileFormatError, match="fold_indices"):
            D.STL10(tmp_path, folds=fold)
    monkeypatch.setitem(D.STL10.files, "test", ("test_X.bin", "0" * 32, 2, "test_y.bin"))
    with pytest.raises(tg.FileFormatError, match="md5"):
        D.STL10(tmp_path, "test")


# folders

def picture(path, colour, size=(6, 5), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)


def test_image_folder(tmp_path):
    picture(tmp_path / "cat" / "b.png", "red")
    picture(tmp_path / "cat" / "deep" / "a.PNG", "blue")
    picture(tmp_path / "ant" / "z.jpg", "white", quality=95)
    (tmp_path / "ant" / "notes.txt").write_text("no image")
    data = D.ImageFolder(str(tmp_path))
    assert data.classes == ["ant", "cat"] and data.class_to_idx == {"ant": 0, "cat": 1} and data.targets == [0, 1, 1] and len(data) == 3
    assert [path.rsplit("/", 1)[1] for path, _ in data.imgs] == ["z.jpg", "b.png", "a.PNG"]
    assert data[1][0].getpixel((0, 0)) == (255, 0, 0) and data[2] == (data[2][0], 1)
    reds = D.ImageFolder(tmp_path, Compose([ToTensor()]), is_valid_file=lambda path: path.endswith("b.png"), allow_empty=True)
    assert len(reds) == 1 and reds[0][0].shape == (3, 5, 6)
    texts = D.DatasetFolder(tmp_path, lambda path: Path(path).read_text(), (".txt",), allow_empty=True)
    assert len(texts) == 1 and texts[0] == ("no image", 0)
    (tmp_path / "cat" / "b.png").write_bytes((tmp_path / "cat" / "b.png").read_bytes()[:40])
    with pytest.raises(tg.FileFormatError, match=r"b\.png"):
        data[1]
    (tmp_path / "dog").mkdir()
    with pytest.raises(FileNotFoundError, match="dog"):
        D.ImageFolder(tmp_path)
    with pytest.raises(FileNotFoundError):
        D.ImageFolder(tmp_path / "dog")
    with pytest.raises(ValueError, match="extensions"):
        D.DatasetFolder(tmp_path, len)


COCO = {"images": [{"id": 9, "file_name": "b.png"}, {"id": 4, "file_name": "a.png"}], "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 9, "bbox": [1, 2, 3, 4], "category_id": 1}, {"id": 2, "image_id": 9, "bbox": [0, 0, 1, 1],
                                                                                     "category_id": 1}]}


def test_coco(tmp_path):
    picture(tmp_path / "a.png", "red")
    picture(tmp_path / "b.png", "blue")
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(COCO))
    data = D.CocoDetection(tmp_path, file, transforms=lambda image, target: (image.size, [t["bbox"] for t in target]))
    assert list(data.ids) == [4, 9] and data[0] == ((6, 5), []) and data[1][1] == [[1, 2, 3, 4], [0, 0, 1, 1]] and len(data) == 2
    coco = data.coco
    assert coco.getAnnIds(9) == [1, 2] == coco.getAnnIds() and coco.loadCats(1)[0]["name"] == "cat" and coco.getCatIds() == [1]
    assert coco.loadImgs([4])[0]["file_name"] == "a.png" and coco.loadAnns(2)[0]["bbox"] == [0, 0, 1, 1] and coco.getImgIds() == [9, 4]
    with pytest.raises(ValueError):
        data["a"]
    with pytest.raises(ValueError, match="transforms"):
        D.CocoDetection(tmp_path, file, transform=len, transforms=len)
    for bad in ("", "{", "[]", '{"images": 3}', '{"images": [{"id": 1}]}', "[" * 100000, b"\xff\xfe",
                json.dumps({**COCO, "images": [{"id": 1, "file_name": "../../etc/passwd"}]}),
                json.dumps({**COCO, "images": [{"id": 1, "file_name": "/etc/passwd"}]})):
        file.write_bytes(bad if isinstance(bad, bytes) else bad.encode())
        with pytest.raises(tg.FileFormatError, match="instances"):
            D.CocoDetection(tmp_path, file)
    with pytest.raises(FileNotFoundError):
        D.CocoDetection(tmp_path, tmp_path / "none.json")


XML = """<annotation><folder>VOC2012</folder><filename>a.jpg</filename><size><width>6</width><height>5</height><depth>3</depth></size>
<object><name>dog</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>%s</annotation>"""


def test_voc(tmp_path):
    folder = tmp_path / "VOCdevkit" / "VOC2012"
    for name in ("ImageSets/Main", "ImageSets/Segmentation", "Annotations", "SegmentationClass"):
        (folder / name).mkdir(parents=True)
    picture(folder / "JPEGImages" / "a.jpg", "red")
    picture(folder / "JPEGImages" / "b.jpg", "red")
    for kind in ("Main", "Segmentation"):
        (folder / "ImageSets" / kind / "train.txt").write_text("a\nb\n" if kind == "Main" else "a\n")
    (folder / "Annotations" / "a.xml").write_text(XML % "")
    (folder / "Annotations" / "b.xml").write_text(XML % "<object><name>cat</name></object>")
    data = D.VOCDetection(tmp_path)
    assert len(data) == 2 and data[0][0].size == (6, 5) and len(data.annotations) == 2
    first, second = data[0][1]["annotation"], data[1][1]["annotation"]
    assert first["size"] == {"width": "6", "height": "5", "depth": "3"} and [o["name"] for o in first["object"]] == ["dog"]
    assert first["object"][0]["bndbox"]["ymax"] == "4" and [o["name"] for o in second["object"]] == ["dog", "cat"]
    mask = Image.new("P", (6, 5), 7)
    mask.putpalette(list(range(256)) * 3)
    mask.save(folder / "SegmentationClass" / "a.png")
    segmentation = D.VOCSegmentation(tmp_path)
    assert np.asarray(segmentation[0][1]).tolist() == [[7] * 6] * 5 and len(segmentation.masks) == 1
    (folder / "Annotations" / "a.xml").write_text(XML[:80])
    with pytest.raises(tg.FileFormatError, match=r"a\.xml"):
        data[0]
    (folder / "ImageSets" / "Main" / "val.txt").write_text("../../a\n")
    with pytest.raises(tg.FileFormatError, match="val"):
        D.VOCDetection(tmp_path, image_set="val")
    for options in ({"year": "2006"}, {"image_set": "test"}, {"year": "2007-test"}):
        with pytest.raises(ValueError, match="year"):
            D.VOCDetection(tmp_path, **options)
    with pytest.raises(FileNotFoundError, match="download"):
        D.VOCDetection(tmp_path, "2007", "test")


FAKE = [[213, 196, 190, 132, 55, 70, 76, 171], [204, 135, 242, 160, 241, 143, 137, 92], [47, 109, 235, 100, 174, 251, 229, 235]]
FAKE_LABELS = [1, 0, 4]


def test_fake_data_is_torchvisions():
    data = D.FakeData(3, (3, 4, 4), 7, random_offset=5)
    assert [np.asarray(data[i][0]).reshape(-1)[:8].tolist() for i in range(3)] == FAKE
    assert [data[i][1] for i in range(3)] == FAKE_LABELS
    before = tg.get_rng_state().tolist()
    assert data[0][1] == FAKE_LABELS[0] and tg.get_rng_state().tolist() == before
    with pytest.raises(IndexError):
        data[3]
    for wrong in ({"size": -1}, {"num_classes": 0}):
        with pytest.raises(tg.ArgumentError, match="FakeData"):
            D.FakeData(**wrong)


# downloads

def test_download_of_mnist(tmp_path, monkeypatch):
    """From a folder that plays the server, through every state that a download can be in."""
    server, root = tmp_path / "server", tmp_path / "root"
    server.mkdir()
    files = {"train-images-idx3-ubyte.gz": gzip.compress(idx((2, 28, 28), bytes(2 * 784))),
             "train-labels-idx1-ubyte.gz": gzip.compress(idx((2,), b"\1\2"))}
    for name, payload in files.items():
        (server / name).write_bytes(payload)
    monkeypatch.setattr(D.MNIST, "mirrors", ((tmp_path / "nowhere").as_uri() + "/", server.as_uri() + "/"))
    monkeypatch.setattr(D.MNIST, "resources", [(name, md5(payload)) for name, payload in files.items()])
    assert D.MNIST(root, download=True).targets.tolist() == [1, 2]
    raw = root / "MNIST" / "raw"
    assert sorted(p.name for p in raw.iterdir()) == sorted(files)
    monkeypatch.setattr(D.MNIST, "mirrors", ())  # nothing more is fetched
    assert len(D.MNIST(root, download=True)) == 2
    (raw / "train-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    with pytest.raises(OSError, match="train-labels"):
        D.MNIST(root, download=True)
    monkeypatch.setattr(D.MNIST, "mirrors", (server.as_uri() + "/",))
    assert len(D.MNIST(root, download=True)) == 2  # the damaged file is replaced
    (server / "train-labels-idx1-ubyte.gz").write_bytes(b"another file")
    (raw / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(tg.FileFormatError, match="md5"):
        D.MNIST(root, download=True)
    assert [p.name for p in raw.iterdir()] == ["train-images-idx3-ubyte.gz"]


def test_download_of_cifar(tmp_path, monkeypatch):
    write_cifar(tmp_path / "source", D.CIFAR10)
    archive = tmp_path / "archive.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "source" / D.CIFAR10.base_folder, D.CIFAR10.base_folder)
    monkeypatch.setattr(D.CIFAR10, "url", archive.as_uri())
    monkeypatch.setattr(D.CIFAR10, "tgz_md5", md5(archive.read_bytes()))
    assert len(D.CIFAR10(tmp_path / "root", download=True)) == 15
    assert len(D.CIFAR10(tmp_path / "root", train=False, download=True)) == 3


def test_archives_that_lead_elsewhere(tmp_path):
    for name in ("../evil", str(tmp_path / "evil"), "a/../../evil"):
        path = tmp_path / "bad.tar"
        with tarfile.open(path, "w") as tar:
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"abc"))
        with pytest.raises(tg.FileFormatError, match="outside"):
            unpack(path, tmp_path / "inside")
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    unpack(path, tmp_path / "inside")
    assert not (tmp_path / "inside" / "link").exists() and not (tmp_path / "evil").exists()
    path.write_bytes(b"no archive at all")
    with pytest.raises(tg.FileFormatError, match="archive"):
        unpack(path, tmp_path / "inside")


def test_a_connection_that_breaks_and_progress(tmp_path, monkeypatch, capsys):
    from tensorgrad.io import download

    class Answer(io.BytesIO):
        headers = {"Content-Length": "10"}

    monkeypatch.setattr("urllib.request.urlopen", lambda request, timeout: Answer(b"12345"))
    with pytest.raises(OSError, match="5 of 10"):
        fetch(["http://example.invalid/x"], tmp_path / "x", md5(b"12345"))
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    download.copy(Answer(b"1234567890"), io.BytesIO(), "x")
    assert "100%" in capsys.readouterr().err


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"\[vision\]"):
        D.FakeData(1, (3, 2, 2))[0]
