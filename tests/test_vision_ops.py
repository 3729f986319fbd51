"""vision.ops: values and gradients are torchvision's (stored values of version 0.28) and those of plain definitions."""

import itertools
import json
import math
from pathlib import Path

import pytest
from tensorgrad._core.kernels.boxes import largest_of_bins, suppress

import tensorgrad as tg
from tensorgrad.autograd import gradcheck
from tensorgrad.vision import ops

STORED = json.loads((Path(__file__).parent / "vision_ops.json").read_text())


def boxes(n, seed):
    """Boxes that overlap here and there, and stick out of an image of 12 x 12 pixels."""
    r = ((tg.arange(4 * n, dtype=tg.float64) + 100 * seed) * 0.618034 % 1).reshape(n, 4)
    low = r[:, :2] * 14 - 2
    return tg.cat([low, low + r[:, 2:] * 9 + 0.3], 1).float()


A, B, MANY = boxes(6, 1), boxes(5, 2), boxes(40, 3)
SCORES = tg.arange(40) * 0.7548776 % 1
IMAGE = (tg.arange(2 * 3 * 9 * 11) * 0.37 % 5).sin().reshape(2, 3, 9, 11)
ROIS = tg.cat([tg.tensor([[0.], [1], [1], [0], [1], [0]]), A * 1.7], 1)


def same(a, b):
    return a.shape == b.shape and bool((a == b).all())


def close(values, name):
    assert values.flatten().tolist() == pytest.approx(STORED[name], rel=1e-4, abs=2e-5)


@pytest.mark.parametrize("name", ["box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou"])
def test_overlaps(name):
    close(getattr(ops, name)(A, B), name)
    assert getattr(ops, name)(A[:0], B).shape == (0, 5)
    a = A[:2].double().requires_grad_()
    if name != "complete_box_iou":  # whose weight of the aspect ratios is taken as a constant
        assert gradcheck(lambda a: getattr(ops, name)(a, B.double()), (a,))
    for wrong in (lambda f: f(A, B[:, :3]), lambda f: f(A[0], B), lambda f: f(A.unsqueeze(0), B)):
        with pytest.raises(RuntimeError, match="boxes"):
            wrong(getattr(ops, name))


def test_iou_by_counting_pixels():
    a, b = (tg.tensor(v) for v in ([[1, 2, 7, 9]], [[3, 0, 9, 5], [1, 2, 7, 9], [8, 8, 9, 9]]))
    cover = [{(x, y) for x in range(x1, x2) for y in range(y1, y2)} for x1, y1, x2, y2 in (*a.tolist(), *b.tolist())]
    expected = [len(cover[0] & c) / len(cover[0] | c) for c in cover[1:]]
    assert ops.box_iou(a, b)[0].tolist() == pytest.approx(expected)
    assert ops.box_area(a).item() == len(cover[0])
    assert ops.box_area(tg.tensor([[200, 200, 32, 32]], dtype=tg.uint8), "xywh").item() == 1024


@pytest.mark.parametrize("name", ["generalized_box_iou_loss", "distance_box_iou_loss", "complete_box_iou_loss"])
def test_overlap_losses(name):
    a = A[:5].clone().requires_grad_()
    loss = getattr(ops, name)(a, B, reduction="sum")
    loss.backward()
    close(tg.cat([loss.detach()[None], a.grad.flatten()]), name)
    assert getattr(ops, name)(a, B).shape == (5,) and getattr(ops, name)(a[:0], B[:0], reduction="mean").item() == 0
    assert getattr(ops, name)(a, B, reduction="mean").item() == pytest.approx(loss.item() / 5, rel=1e-5)
    with pytest.raises(ValueError, match="reduction"):
        getattr(ops, name)(a, B, reduction="median")


def test_conversions():
    close(ops.box_area(A), "box_area")
    close(ops.clip_boxes_to_image(A, (8, 10)), "clip")
    for fmt in ("xywh", "cxcywh"):
        close(ops.box_convert(A, "xyxy", fmt), "to_" + fmt)
        close(ops.box_convert(A, fmt, "xyxy"), "from_" + fmt)
        assert tg.allclose(ops.box_convert(ops.box_convert(A, "xyxy", fmt), fmt, "xyxy"), A, atol=1e-5)
        assert tg.allclose(ops.box_iou(*(ops.box_convert(b, "xyxy", fmt) for b in (A, B)), fmt), ops.box_iou(A, B), atol=1e-5)
    assert tg.allclose(ops.box_convert(ops.box_convert(A, "xywh", "cxcywh"), "cxcywh", "xywh"), A, atol=1e-5)
    copy = ops.box_convert(A, "xyxy", "xyxy")
    assert same(copy, A) and copy.data_ptr() != A.data_ptr()
    with pytest.raises(ValueError, match="xxyy"):
        ops.box_convert(A, "xxyy", "xyxy")
    assert ops.remove_small_boxes(tg.tensor([[0., 0, 5, 1], [0, 0, 2, 2]]), 2).tolist() == [1]
    masks = tg.zeros(2, 5, 6, dtype=tg.bool)
    masks[0, 1:4, 2:3], masks[1, 4, 5] = True, True
    assert ops.masks_to_boxes(masks).tolist() == [[2, 1, 2, 3], [5, 4, 5, 4]] and ops.masks_to_boxes(masks[:0]).shape == (0, 4)
    with pytest.raises(ValueError, match="mask 0"):
        ops.masks_to_boxes(masks[:1] & False)


def plain_nms(boxes, scores, threshold):
    """Every box in turn, best first, stays unless it overlaps one that stays."""
    kept = []
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(not ops.box_iou(boxes[i:i + 1], boxes[j:j + 1]).item() > threshold for j in kept):
            kept.append(i)
    return kept


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.6])
def test_nms(threshold):
    found = ops.nms(MANY, SCORES, threshold)
    assert found.dtype == tg.int64 and found.tolist() == STORED[f"nms{threshold}"] == plain_nms(MANY, SCORES.tolist(), threshold)


def test_nms_by_class_and_at_the_edges():
    labels = tg.arange(40) % 3
    found = ops.batched_nms(MANY, SCORES, labels, 0.1).tolist()
    assert found == STORED["batched_nms"]
    each = [i for c in range(3) for i in plain_nms(MANY[c::3], SCORES[c::3].tolist(), 0.1)]
    assert len(found) == len(each)
    assert ops.nms(MANY[:0], SCORES[:0], 0.5).tolist() == [] == ops.batched_nms(MANY[:0], SCORES[:0], labels[:0], 0.5).tolist()
    assert ops.nms(tg.zeros(2, 4), tg.ones(2), 0.5).tolist() == [0, 1]  # without area nothing overlaps
    assert ops.nms(tg.tensor([[0., 0, 1, 1]] * 3), tg.ones(3), 0.5).tolist() == [0]
    for wrong in (lambda: ops.nms(MANY, SCORES[:3], 0.5), lambda: ops.nms(MANY[0], SCORES[:1], 0.5),
                  lambda: ops.batched_nms(MANY, SCORES, labels[:2], 0.5)):
        with pytest.raises(tg.ShapeError):
            wrong()
    for wrong in (lambda: ops.nms(MANY, 3, 0.5), lambda: ops.batched_nms(MANY, SCORES, 3, 0.5)):
        with pytest.raises(TypeError, match="must be a tensor"):
            wrong()


REGIONS = {
    "align": lambda x, rois=ROIS: ops.roi_align(x, rois, (3, 2), 0.5, -1),
    "align_aligned": lambda x, rois=ROIS: ops.roi_align(x, rois, (3, 2), 0.5, -1, True),
    "align_two": lambda x, rois=ROIS: ops.roi_align(x, rois, (3, 2), 1.0, 2),
    "pool": lambda x, rois=ROIS: ops.roi_pool(x, rois, (3, 2), 0.7),
}


@pytest.mark.parametrize("name", REGIONS)
def test_regions(name):
    x = IMAGE.clone().requires_grad_()
    y = REGIONS[name](x)
    close(y, name)
    (y * tg.linspace(-1, 1, 6 * 3 * 3 * 2).reshape(6, 3, 3, 2)).sum().backward()
    close(x.grad.sum(1), name + "_grad")
    order = sorted(range(6), key=lambda i: ROIS[i, 0].item())
    as_list = REGIONS[name](x, [ROIS[ROIS[:, 0] == i][:, 1:] for i in range(2)])
    assert same(as_list, y[tg.tensor(order)])
    none = REGIONS[name](x, ROIS[:0])
    assert none.shape == (0, 3, 3, 2)
    none.sum().backward()
    small = IMAGE[:, :1].double().requires_grad_()
    assert gradcheck(REGIONS[name], (small,))
    for wrong, error in ((ROIS[:, 1:], tg.ShapeError), (ROIS + 1, IndexError), (ROIS - 1, IndexError), (ROIS * math.nan, IndexError),
                         ([ROIS], tg.ShapeError)):
        with pytest.raises(error):
            REGIONS[name](x, wrong)
    for size in (0, (2, -1), (1, 2, 3)):
        with pytest.raises(tg.ArgumentError, match="output_size"):
            (ops.roi_pool if name.startswith("pool") else ops.roi_align)(x, ROIS, size)
    with pytest.raises(tg.ShapeError, match="N, C, H, W"):
        REGIONS[name](x[0])


def test_region_modules():
    assert same(ops.RoIAlign((3, 2), 1.0, 2)(IMAGE, ROIS), REGIONS["align_two"](IMAGE))
    assert same(ops.RoIPool((3, 2), 0.7)(IMAGE, ROIS), REGIONS["pool"](IMAGE))
    assert ops.roi_align(IMAGE, ROIS, 4).shape == (6, 3, 4, 4) and "aligned" in repr(ops.RoIAlign(2, 1.0, 2))


def test_focal_loss():
    logits, targets = tg.linspace(-3, 3, 7), tg.tensor([0., 1, 0, 1, 0, 1, 1])
    for i, options in enumerate(({}, {"alpha": -1, "gamma": 1.5}, {"reduction": "mean"})):
        x = logits.clone().requires_grad_()
        loss = ops.sigmoid_focal_loss(x, targets, **options)
        loss.sum().backward()
        close(tg.cat([loss.detach().reshape(-1), x.grad]), f"focal{i}")
    plain = ops.sigmoid_focal_loss(logits, targets, alpha=-1, gamma=0)
    assert tg.allclose(plain, tg.nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none"))
    for wrong in (lambda: ops.clip_boxes_to_image(A, 3), lambda: ops.clip_boxes_to_image(A, (3,)), lambda: ops.BoxCoder((1, 1, 1))):
        with pytest.raises(tg.ArgumentError, match=r"height|four"):
            wrong()
    for wrong in ({"alpha": 1.5}, {"reduction": "median"}):
        with pytest.raises(ValueError):
            ops.sigmoid_focal_loss(logits, targets, **wrong)


def test_anchors_and_their_assignment():
    generator = ops.AnchorGenerator(((3, 5), (9,)), ((0.5, 1.0, 2.0),) * 2)
    close(generator((12, 16), [tg.zeros(1, 1, 3, 4), (1, 2)]), "anchors")
    assert generator.num_anchors_per_location() == [6, 3]
    quality = ops.box_iou(A, MANY)
    assert ops.Matcher(0.3, 0.1)(quality).tolist() == STORED["match"]
    assert ops.Matcher(0.3, 0.1, True)(quality).tolist() == STORED["match_all"]
    coder = ops.BoxCoder((10.0, 10.0, 5.0, 5.0))
    close(coder.encode_single(A[:5], B), "encode")
    close(coder.decode_single(tg.linspace(-9, 30, 40).reshape(5, 8), B), "decode")
    assert tg.allclose(coder.decode_single(coder.encode_single(A[:5], B), B), A[:5], atol=1e-4)
    assert coder.decode(tg.cat(coder.encode([A[:2], A[2:5]], [B[:2], B[2:]])), [B[:2], B[2:]]).shape == (5, 1, 4)
    for wrong in (lambda: ops.Matcher(0.1, 0.3), lambda: ops.Matcher(0.3, 0.1)(quality[:0]),
                  lambda: generator((12, 16), [(1, 2)]), lambda: ops.AnchorGenerator(((1,), (2,)), ((1.0,),))):
        with pytest.raises(ValueError):
            wrong()


def test_small_modules():
    layer = ops.Conv2dNormActivation(3, 4, stride=2)
    assert layer(tg.ones(1, 3, 9, 9)).shape == (1, 4, 5, 5) and [type(m).__name__ for m in layer] == ["Conv2d", "BatchNorm2d", "ReLU"]
    bare = ops.Conv2dNormActivation(3, 4, 5, dilation=2, norm_layer=None, activation_layer=None)
    assert bare(tg.ones(1, 3, 9, 9)).shape == (1, 4, 9, 9) and bare[0].bias is not None and len(bare) == 1
    norm, frozen = tg.nn.BatchNorm2d(3).eval(), ops.FrozenBatchNorm2d(3)
    for i, tensor in enumerate((norm.weight, norm.bias, norm.running_mean, norm.running_var)):
        tg.nn.init.constant_(tensor, 0.5 + i)
    frozen.load_state_dict({k: v for k, v in norm.state_dict().items() if "num" not in k})
    assert tg.allclose(frozen(IMAGE), norm(IMAGE), atol=1e-5) and not list(frozen.parameters())


@pytest.mark.parametrize("dtype", [tg.float32, tg.float64])
def test_nms_of_many(dtype):
    """Against the plain definition, with classes and without; order must be a list of the boxes."""
    tg.manual_seed(0)
    corner = tg.rand(300, 2, dtype=dtype) * 50
    boxes = tg.cat([corner, corner + tg.rand(300, 2, dtype=dtype) * 20], 1)
    scores, labels = tg.rand(300), tg.randint(0, 4, (300,))
    assert ops.nms(boxes, scores, 0.3).tolist() == plain_nms(boxes, scores.tolist(), 0.3)
    each = [tg.nonzero(labels == c)[:, 0] for c in range(4)]
    kept = [i for rows in each for i in rows[plain_nms(boxes[rows], scores[rows].tolist(), 0.3)].tolist()]
    assert ops.batched_nms(boxes, scores, labels, 0.3).tolist() == sorted(kept, key=lambda i: -scores[i].item())
    for order in ([0, 300], [-1, 0], [0]):
        with pytest.raises(tg.ShapeError):
            suppress(boxes[:2], tg.tensor(order), 0.5)


def test_the_largest_of_bins_by_its_definition():
    """float64 values that are equal as float32, a NaN, bins without pixels; edges outside of the image are an error."""
    tg.manual_seed(0)
    x = 1 + 1e-12 * tg.rand(2, 3, 6, 7, dtype=tg.float64)
    x[1, 2, 2, 2] = math.nan
    images, rows, columns = tg.tensor([1, 0]), ([[0, 2], [3, 3]], [[2, 6], [6, 3]]), ([[1, 2], [0, 6]], [[4, 3], [7, 7]])
    found = largest_of_bins(x, images, *(tg.tensor(e) for e in (*rows, *columns)))
    for k, c, i, j in itertools.product(range(2), range(3), range(2), range(2)):
        top, bottom, left, right = rows[0][k][i], rows[1][k][i], columns[0][k][j], columns[1][k][j]
        pixels = [(r, q) for r in range(top, bottom) for q in range(left, right) if not math.isnan(x[images[k], c, r, q].item())]
        expected = -1
        if pixels:
            r, q = max(pixels, key=lambda p: x[images[k], c, p[0], p[1]].item())
            expected = ((images[k].item() * 3 + c) * 6 + r) * 7 + q
        assert found[k, c, i, j].item() == expected
    for wrong in ((tg.tensor([2, 0]), rows, columns), (images, ([[0, 2], [3, -1]], rows[1]), columns),
                  (images, rows, (columns[0], [[4, 8], [7, 7]]))):
        with pytest.raises(tg.ShapeError):
            largest_of_bins(x, wrong[0], *(tg.tensor(e) for e in (*wrong[1], *wrong[2])))
