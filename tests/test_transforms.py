"""vision.transforms: values and random draws are torchvision's (stored values of version 0.28)."""

import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from transform_cases import cases, pattern

import tensorgrad as tg
from tensorgrad.vision import transforms as T
from tensorgrad.vision.transforms import functional as F
from tensorgrad.vision.transforms import v2

Image = pytest.importorskip("PIL.Image")
STORED = json.loads((Path(__file__).parent / "transforms_torch.json").read_text())
CASES = cases(T, v2, tg)
IMAGE = Image.fromarray(pattern(np))
BYTES = tg.tensor(pattern(np).transpose(2, 0, 1).copy())
FLOATS = tg.stack([BYTES, BYTES.flip(-1)]).float() / 255


def compare(y, expected, tolerance):
    if isinstance(y, tuple):
        assert len(y) == len(expected)
        for part, e in zip(y, expected, strict=True):
            compare(part, e, tolerance)
        return
    array = np.asarray(y)
    assert list(array.shape) == expected[0]
    flat = array.reshape(-1)
    assert flat[::max(1, len(flat) // 13)].tolist() == pytest.approx(expected[1], abs=tolerance, rel=1e-4)


@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: F.hflip(tg.ones(4)), TypeError, "two dimensions"),
    (lambda: F.crop(FLOATS, 0, 0, -1, 3), ValueError, "height and width"),
    (lambda: F.center_crop(IMAGE, -1), ValueError, "height and width"),
    (lambda: F.resize(FLOATS, 0), ValueError, "sizes must be positive"),
    (lambda: F.resize(IMAGE, (3, 0)), ValueError, "sizes must be positive"),
    (lambda: F.resized_crop(FLOATS, 0, 0, 0, 3, 2), ValueError, "must have pixels"),
    (lambda: F.affine(FLOATS, 0, (1, 1), 1, 0, center=(1,)), ValueError, "center"),
    (lambda: F.perspective(FLOATS, [(0, 0)] * 3, [(0, 0)] * 3), ValueError, "four points"),
    (lambda: F.convert_image_dtype(FLOATS, 3), TypeError, "dtype"),
    (lambda: T.ToDtype(3), TypeError, "dtype"),
    (lambda: T.ToDtype(tg.float32)(IMAGE), TypeError, "must be a tensor"),
    (lambda: T.ToImage()(3), TypeError, "Pillow"),
    (lambda: T.ToImage()(np.ones(3)), TypeError, r"\(3,\)"),
    (lambda: T.LinearTransformation(tg.eye(2), tg.ones(2))(IMAGE), TypeError, "must be a tensor"),
    (lambda: T.LinearTransformation(tg.eye(2), tg.ones(2))(tg.ones(2)), ValueError, "C, H, W"),
    (lambda: T.RandomErasing(1.0)(IMAGE), TypeError, "must be a tensor"),
    (lambda: T.RandomErasing(ratio=(-1, 3)), ValueError, "ratio"),
    (lambda: T.RandomResizedCrop(2, scale=(-2, -1)), ValueError, "scale"),
    (lambda: T.RandomPerspective(3), ValueError, "distortion_scale"),
    (lambda: T.RandomInvert(2), ValueError, "RandomInvert: p"),
    (lambda: T.RandomApply([], 2), ValueError, "RandomApply: p"),
])
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_contrast_of_a_tensor_without_channels():
    assert F.adjust_contrast(FLOATS[0, 0], 0.5).equal(F.adjust_contrast(FLOATS[0, :1], 0.5)[0])


@pytest.mark.parametrize("kind", range(3), ids=["pil", "bytes", "floats"])
@pytest.mark.parametrize("name", CASES)
def test_values_and_draws(name, kind):
    expected, after = STORED[name][kind], STORED[name][3]
    tg.manual_seed(7)
    random.seed(7)
    if expected is None:  # torchvision raises too
        with pytest.raises((TypeError, ValueError, AttributeError, RuntimeError)):
            CASES[name]((IMAGE, BYTES, FLOATS)[kind])
        return
    # bytes that were interpolated may be rounded the other way
    compare(CASES[name]((IMAGE, BYTES, FLOATS)[kind]), expected, (1e-4, 1, 2e-4)[kind])
    if kind == 2 and STORED[name][2] is not None:
        assert tg.rand(1).item() == pytest.approx(after, abs=1e-6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "I", "F"])
def test_modes_of_pillow(mode):
    x = T.ToTensor()(IMAGE.convert(mode))
    bands = len(IMAGE.convert(mode).getbands())
    assert x.shape == (bands, 11, 14) and x.dtype == {"I": tg.int32}.get(mode, tg.float32)
    assert float(x.max()) <= (255 if mode in "IF" else 1)
    flipped = T.Compose([T.RandomHorizontalFlip(1.0), T.RandomCrop(5), T.Pad(1)])(IMAGE.convert(mode))
    assert flipped.mode == mode and flipped.size == (7, 7)


def test_to_pil_image_and_back():
    for channels, mode in ((1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")):
        x = (tg.arange(channels * 6) * 10).reshape(channels, 2, 3).to(tg.uint8)
        img = F.to_pil_image(x)
        assert img.mode == mode and F.pil_to_tensor(img).tolist() == x.tolist()
        assert F.pil_to_tensor(F.to_pil_image(x.float() / 255)).tolist() == x.tolist()
        assert F.to_pil_image(x.numpy().transpose(1, 2, 0)).tobytes() == img.tobytes()
    assert F.to_pil_image(BYTES, "YCbCr").mode == "YCbCr" and F.to_pil_image(tg.ones(2, 3, dtype=tg.int32)).mode == "I"
    assert F.to_pil_image(tg.ones(2, 3), "F").mode == "F" and F.to_pil_image(tg.ones(2, 3, dtype=tg.int16)).mode == "I;16"
    for wrong in (tg.ones(5, 2, 2), tg.ones(2), tg.ones(2, 3, 2, 2), 3, np.ones((2, 2, 3)), np.ones(3)):
        with pytest.raises((TypeError, ValueError)):
            F.to_pil_image(wrong)
    with pytest.raises(ValueError, match="mode"):
        F.to_pil_image(BYTES, "L")


def test_arrays():
    a = np.arange(24, dtype="uint8").reshape(2, 4, 3)
    assert T.ToTensor()(a).shape == (3, 2, 4) and T.ToTensor()(a)[1, 0, 0].item() == pytest.approx(1 / 255)
    assert T.ToTensor()(a[..., 0]).shape == (1, 2, 4) and T.ToTensor()(a.astype("float64")).dtype == tg.float64
    for wrong in (3, a[0, 0], BYTES):
        with pytest.raises((TypeError, ValueError)):
            T.ToTensor()(wrong)


def test_dtypes_and_their_ranges():
    x = tg.tensor([0, 1, 200], dtype=tg.uint8)
    assert F.convert_image_dtype(x, tg.int32).tolist() == [0, 8388608, 1677721600]
    assert F.convert_image_dtype(x, tg.int16).tolist() == [0, 128, 25600]
    assert F.convert_image_dtype(F.convert_image_dtype(x, tg.int16), tg.uint8).tolist() == [0, 1, 200]
    assert F.convert_image_dtype(F.convert_image_dtype(x), tg.uint8).tolist() == [0, 1, 200]
    assert F.convert_image_dtype(x) is not x and F.convert_image_dtype(x, tg.uint8) is x
    with pytest.raises(RuntimeError, match="int32"):
        F.convert_image_dtype(tg.ones(2), tg.int32)
    assert v2.ToDtype(tg.float32)(x).tolist() == [0, 1, 200]
    assert v2.ToDtype(tg.float32, scale=True)(x)[2].item() == pytest.approx(200 / 255)
    assert v2.ToImage()(IMAGE).tolist() == BYTES.tolist() == v2.ToImage()(pattern(np)).tolist()


def test_a_batch_is_its_images():
    """What has no random draw, or one draw a call, does to a batch what it does to each image."""
    tasks = [
        T.Resize((5, 9)), T.CenterCrop(6), T.GaussianBlur(3, 1.0), T.RandomRotation((20, 20)), T.ColorJitter((0.7, 0.7), (1.3, 1.3)),
        T.ColorJitter(saturation=(0.5, 0.5), hue=(0.1, 0.1)), T.Pad(2, padding_mode="reflect"), T.Normalize([0.1, 0.2, 0.3], [1, 2, 3]),
    ]
    for task in tasks:
        tg.manual_seed(3)
        batch = task(FLOATS)
        for i in range(2):
            tg.manual_seed(3)
            assert tg.allclose(batch[i], task(FLOATS[i]), atol=1e-6), task


def test_gradients_pass():
    x = FLOATS.clone().requires_grad_()
    tg.manual_seed(0)
    T.Compose([T.RandomResizedCrop(8), T.RandomHorizontalFlip(1.0), T.ColorJitter(0.2, 0.2), T.Normalize(0.5, 0.5)])(x).sum().backward()
    assert bool(x.grad.isfinite().all()) and float(x.grad.abs().sum()) > 0


def test_the_input_stays():
    before, image = BYTES.tolist(), IMAGE.tobytes()
    for name, task in CASES.items():
        for kind, x in enumerate((IMAGE, BYTES, FLOATS)):
            if STORED[name][kind] is not None:
                task(x)
    assert BYTES.tolist() == before and IMAGE.tobytes() == image
    x = tg.ones(3, 2, 2)
    assert T.Normalize(0.5, 0.5, inplace=True)(x) is x and x[0, 0, 0].item() == 1
    T.RandomErasing(1.0, inplace=True)(y := tg.ones(3, 9, 9))
    assert not y.all()


def test_others():
    whiten = T.LinearTransformation(tg.eye(12) * 2, tg.ones(12))
    assert whiten(tg.ones(5, 3, 2, 2) * 3).flatten().tolist() == [4] * 60
    order = T.RandomOrder([T.Lambda(lambda x: x + [1]), T.Lambda(lambda x: x + [2])])
    assert {tuple(order([])) for _ in range(40)} == {(1, 2), (2, 1)}
    assert repr(T.Compose([T.ToTensor(), T.RandomCrop(3), T.Resize(4), T.ColorJitter(0.5), T.Lambda(len)])).splitlines() == [
        "Compose(", "    ToTensor()", "    RandomCrop(size=(3, 3), padding=None)",
        "    Resize(size=4, interpolation=bilinear, max_size=None, antialias=True)",
        "    ColorJitter(brightness=(0.5, 1.5), contrast=None, saturation=None, hue=None)", "    Lambda()", ")"]
    assert "ratio=(0.75, 1.3333)" in repr(T.RandomResizedCrop(3)) and "p=0.5" in repr(T.RandomApply([T.ToTensor()]))
    assert "degrees=[-3.0, 3.0]" in repr(T.RandomAffine(3)) and repr(T.ToPILImage("RGB")) == "ToPILImage(mode=RGB)"
    assert T.RandomRotation(3, 2).interpolation == T.InterpolationMode.BILINEAR
    assert F.get_image_size(IMAGE) == [14, 11] == F.get_image_size(BYTES) and F.get_image_num_channels(FLOATS) == 3


WRONG = [
    lambda: F.resize(3, 4),
    lambda: T.Resize((1, 2, 3)),
    lambda: T.Resize((3, 4), max_size=5)(BYTES),
    lambda: T.Resize(5, max_size=4)(BYTES),
    lambda: T.Resize(4, "cubic"),
    lambda: T.Resize(4, 17),
    lambda: T.Resize(4, T.InterpolationMode.LANCZOS)(BYTES),
    lambda: T.RandomCrop(20)(IMAGE),
    lambda: T.FiveCrop(20)(IMAGE),
    lambda: T.CenterCrop((1, 2, 3)),
    lambda: T.Pad((1, 2, 3)),
    lambda: T.Pad(1, padding_mode="wrap"),
    lambda: F.pad(BYTES, "1"),
    lambda: F.pad(BYTES, 20, padding_mode="symmetric"),
    lambda: F.pad(BYTES, 1, (1, 2, 3)),
    lambda: F.pad(IMAGE, 1, (1, 2)),
    lambda: T.ColorJitter(hue=0.7),
    lambda: T.ColorJitter(brightness=-1),
    lambda: T.ColorJitter(contrast=(2, 1)),
    lambda: F.adjust_brightness(IMAGE, -1),
    lambda: F.adjust_hue(IMAGE, 0.6),
    lambda: F.adjust_gamma(BYTES, -1),
    lambda: F.adjust_hue(tg.ones(2, 3, 3), 0),
    lambda: T.GaussianBlur(4),
    lambda: T.GaussianBlur(3, 0.0),
    lambda: F.gaussian_blur(BYTES, [3, 3], -1.0),
    lambda: F.gaussian_blur(BYTES, 3, (1, 2, 3)),
    lambda: T.RandomRotation(-3),
    lambda: T.RandomRotation((1, 2, 3)),
    lambda: T.RandomAffine(3, translate=(2, 0)),
    lambda: T.RandomAffine(3, scale=(0, 1)),
    lambda: F.affine(BYTES, 3, (0, 0), 0, 0),
    lambda: F.affine(BYTES, 3, (0,), 1, 0),
    lambda: F.rotate(BYTES, 3, center=(1,)),
    lambda: F.rotate(BYTES, 3, T.InterpolationMode.BICUBIC),
    lambda: F.rotate(BYTES, 3, fill=(1, 2)),
    lambda: T.RandomErasing(2),
    lambda: T.RandomErasing(value="noise"),
    lambda: T.RandomErasing(scale=(0.5, 0.1)),
    lambda: T.RandomErasing(1, value=(1, 2))(BYTES),
    lambda: F.erase(IMAGE, 0, 0, 1, 1, 0),
    lambda: T.Normalize(0.5, 0.0)(FLOATS),
    lambda: T.Normalize(0.5, 0.5)(BYTES),
    lambda: T.Normalize([1, 2], 1)(FLOATS),
    lambda: T.Normalize(0.5, 0.5)(FLOATS[0, 0]),
    lambda: T.Grayscale(2)(IMAGE),
    lambda: F.rgb_to_grayscale(tg.ones(2, 3, 3)),
    lambda: F.to_grayscale(BYTES),
    lambda: F.posterize(FLOATS, 3),
    lambda: F.posterize(BYTES, 9),
    lambda: F.equalize(FLOATS),
    lambda: F.solarize(FLOATS, 2),
    lambda: T.Lambda(3),
    lambda: T.RandomChoice([len], [1, 2]),
    lambda: T.LinearTransformation(tg.ones(2, 3), tg.ones(2)),
    lambda: F.hflip(pattern(np)),
    lambda: T.LinearTransformation(tg.eye(2), tg.ones(2))(BYTES),
    lambda: T.GaussianNoise(sigma=-1),
    lambda: T.GaussianNoise()(IMAGE),
    lambda: T.RandomResizedCrop(3, scale=(1, 0)),
    lambda: F.convert_image_dtype(IMAGE),
    lambda: F.pil_to_tensor(BYTES),
    lambda: F.resize(tg.ones(3), 4),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_arguments(number):
    with pytest.raises((TypeError, ValueError)):
        WRONG[number]()


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"pip install tensorgrad-cpu\[vision\]"):
        T.ToPILImage()(BYTES)
