"""vision.utils: grids and drawings are torchvision's (stored values of version 0.28); files come back as they were saved."""

import io
import json
from pathlib import Path

import pytest

import tensorgrad as tg
from tensorgrad.vision import io as vision_io
from tensorgrad.vision import utils
from tensorgrad.vision.transforms import functional as F

Image = pytest.importorskip("PIL.Image")
STORED = json.loads((Path(__file__).parent / "vision_utils.json").read_text())
X = ((tg.arange(5 * 3 * 6 * 4) * 0.37) % 1.7 - 0.3).reshape(5, 3, 6, 4)
IMAGE = (tg.arange(3 * 20 * 24) % 251).reshape(3, 20, 24).to(tg.uint8)
BOXES = tg.tensor([[1.0, 2, 9, 8], [4, 3, 20, 17], [10, 10, 10.5, 15]])
MASKS = tg.zeros(2, 20, 24, dtype=tg.bool)
MASKS[0, 3:9, 4:12] = True
MASKS[1, 6:15, 8:20] = True
POINTS = tg.tensor([[[4.0, 5], [12, 13]], [[20, 3], [6, 17]]])

PICTURES = {
    "grid": lambda: utils.make_grid(X, nrow=2),
    "grid_norm": lambda: utils.make_grid(list(X), nrow=3, padding=1, normalize=True, pad_value=0.5),
    "grid_each": lambda: utils.make_grid(X[:, :1], normalize=True, scale_each=True),
    "grid_range": lambda: utils.make_grid(X, 8, 0, True, (0.0, 1.0)),
    "one": lambda: utils.make_grid(X[0]),
    "boxes": lambda: utils.draw_bounding_boxes(IMAGE, BOXES),
    "boxes_fill": lambda: utils.draw_bounding_boxes(IMAGE, BOXES, colors=["red", (1, 2, 3), "#00ff00"], fill=True, width=2),
    "boxes_float": lambda: utils.draw_bounding_boxes(IMAGE[:1].float() / 255, BOXES, colors="blue"),
    "masks": lambda: utils.draw_segmentation_masks(IMAGE, MASKS, 0.6, ["red", (10, 20, 30)]),
    "points": lambda: utils.draw_keypoints(IMAGE, POINTS, [(0, 1)], "red"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name):
    before = IMAGE.tolist()
    flat = PICTURES[name]().float().flatten()
    values, total = STORED[name]
    assert flat[::max(1, len(flat) // 40)].tolist() == pytest.approx(values, abs=2e-4)
    assert flat.double().sum().item() == pytest.approx(total, rel=1e-4)
    assert IMAGE.tolist() == before


def test_files(tmp_path):
    utils.save_image(IMAGE.float() / 255, tmp_path / "image.png")
    with Image.open(tmp_path / "image.png") as saved:
        assert F.pil_to_tensor(saved).tolist() == IMAGE.tolist()
    file = io.BytesIO()
    utils.save_image(X, file, format="png", nrow=5, padding=1, normalize=True)
    with Image.open(file) as saved:
        assert saved.size == (26, 8) and saved.mode == "RGB"


def test_labels_and_nothing_to_draw():
    plain, labelled = (utils.draw_bounding_boxes(IMAGE * 0, BOXES, labels=labels) for labels in (None, ["cat", "dog", "x"]))
    assert (labelled != 0).sum() > (plain != 0).sum()
    for draw in (lambda: utils.draw_bounding_boxes(IMAGE, BOXES[:0]), lambda: utils.draw_segmentation_masks(IMAGE, MASKS[:0])):
        with pytest.warns(UserWarning, match="no "):
            assert draw() is IMAGE
    assert utils.make_grid(tg.ones(4, 4)).shape == (3, 4, 4)


@pytest.mark.parametrize("wrong", [
    lambda: utils.make_grid(3), lambda: utils.make_grid([]), lambda: utils.make_grid(tg.ones(3)), lambda: utils.make_grid(X, nrow=0),
    lambda: utils.make_grid(X, padding=-1), lambda: utils.make_grid(X, normalize=True, value_range=[0, 1]),
    lambda: utils.draw_bounding_boxes(IMAGE.tolist(), BOXES), lambda: utils.draw_bounding_boxes(IMAGE.long(), BOXES),
    lambda: utils.draw_bounding_boxes(IMAGE[:2], BOXES), lambda: utils.draw_bounding_boxes(IMAGE, BOXES[:, :3]),
    lambda: utils.draw_bounding_boxes(IMAGE, BOXES.flip(1)), lambda: utils.draw_bounding_boxes(IMAGE, BOXES, labels=["a"]),
    lambda: utils.draw_bounding_boxes(IMAGE, BOXES, colors=["red"]), lambda: utils.draw_bounding_boxes(IMAGE, BOXES, colors="reddish"),
    lambda: utils.draw_segmentation_masks(IMAGE, MASKS.float()), lambda: utils.draw_segmentation_masks(IMAGE, MASKS[:, 1:]),
    lambda: utils.draw_keypoints(IMAGE, POINTS[0]), lambda: utils.draw_segmentation_masks(IMAGE, MASKS, alpha=3),
    lambda: utils.draw_keypoints(IMAGE, POINTS, [(0, 99)]), lambda: utils.draw_keypoints(IMAGE, POINTS, [(0, 1, 2)]),
    lambda: utils.save_image(IMAGE, io.BytesIO(), format="abc"),
])
def test_wrong_arguments(wrong):
    with pytest.raises((TypeError, ValueError, tg.OutOfRangeError)):
        wrong()


# ---- vision.io ----

@pytest.mark.parametrize(("call", "error", "match"), [
    (lambda: vision_io.decode_image(tg.zeros(9, dtype=tg.uint8)), tg.FileFormatError, "decode_image: damaged"),
    (lambda: vision_io.decode_image(tg.ones(9)), TypeError, "uint8"),
    (lambda: vision_io.decode_image("nowhere", mode="purple"), tg.ArgumentError, "UNCHANGED, GRAY"),
    (lambda: vision_io.encode_png(3), TypeError, "must be a tensor"),
    (lambda: vision_io.encode_png(tg.ones(3, 2, 2)), ValueError, "uint8"),
    (lambda: vision_io.encode_png(IMAGE, 10), tg.ArgumentError, "compression_level"),
    (lambda: vision_io.encode_jpeg(IMAGE, 0), tg.ArgumentError, "quality"),
    (lambda: vision_io.write_file("unwritten", tg.ones(3)), TypeError, "float32"),
])
def test_bad_input_of_files(call, error, match):
    with pytest.raises(error, match=match):
        call()
    assert not Path("unwritten").exists()


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(tg.FileFormatError, match=r"a\.png: damaged"):
        vision_io.read_image(tmp_path / "a.png")
