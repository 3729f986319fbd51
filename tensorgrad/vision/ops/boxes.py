"""Boxes (x1, y1, x2, y2): areas, overlaps, conversions, and the losses that are made of overlaps."""

import math

import tensorgrad
from tensorgrad._core.errors import ArgumentError, ShapeError

FORMATS = ("xyxy", "xywh", "cxcywh")


def checked(name, boxes, argument="boxes"):
    """The boxes, if they are a tensor of shape (..., 4)."""
    if not isinstance(boxes, tensorgrad.Tensor):
        raise TypeError(f"{name}: {argument} must be a tensor, got {type(boxes).__name__}")
    if boxes.ndim < 1 or boxes.shape[-1] != 4:
        raise ShapeError(f"{name}: {argument} must have shape (..., 4), got {tuple(boxes.shape)}")
    return boxes


def exact(x):
    """In a dtype in which products of coordinates are safe: float32 for half floats, int64 for integers."""
    if x.dtype.is_floating_point:
        return x.float() if x.dtype.itemsize < 4 else x
    return x.long()


def box_area(boxes, fmt="xyxy"):
    """(x2 - x1) (y2 - y1) of each box: (..., 4) -> (...), one number a box. Errors: TypeError for what is no tensor, ShapeError for
    other than four coordinates, ArgumentError for another fmt. Source: torchvision.ops.box_area.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import box_area
    >>> box_area(tensorgrad.tensor([[0., 0., 2., 3.]]))
    tensor([6.])
    """
    boxes = exact(checked("box_area", boxes))
    if fmt not in FORMATS:
        raise ArgumentError(f"box_area: fmt must be one of {FORMATS}, got {fmt!r}")
    if fmt == "xyxy":
        return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    return boxes[..., 2] * boxes[..., 3]


def box_convert(boxes, in_fmt, out_fmt):
    """Boxes (..., 4) in another of the formats xyxy (corners), xywh (corner and size), cxcywh (centre and size); result: the same
    shape. Errors: TypeError for what is no tensor, ShapeError for other than four coordinates, ArgumentError for another format.
    Source: torchvision.ops.box_convert.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import box_convert
    >>> box_convert(tensorgrad.tensor([[1., 2., 4., 6.]]), "xyxy", "cxcywh")
    tensor([[2.5000, 4.0000, 3.0000, 4.0000]])
    """
    for fmt in (in_fmt, out_fmt):
        if fmt not in FORMATS:
            raise ArgumentError(f"box_convert: formats are {', '.join(FORMATS)}, got {fmt!r}")
    a, b, c, d = checked("box_convert", boxes).unbind(-1)
    if in_fmt == out_fmt:
        return boxes.clone()
    if in_fmt == "xywh":
        a, b, c, d = a, b, a + c, b + d
    elif in_fmt == "cxcywh":
        a, b, c, d = a - 0.5 * c, b - 0.5 * d, a + 0.5 * c, b + 0.5 * d
    if out_fmt == "xywh":
        c, d = c - a, d - b
    elif out_fmt == "cxcywh":
        a, b, c, d = (a + c) / 2, (b + d) / 2, c - a, d - b
    return tensorgrad.stack([a, b, c, d], -1)


def overlaps(a, b):
    """(intersection, union) of boxes that broadcast against each other."""
    width, height = (extent.clamp(min=0) for extent in (
        tensorgrad.minimum(a[..., 2], b[..., 2]) - tensorgrad.maximum(a[..., 0], b[..., 0]),
        tensorgrad.minimum(a[..., 3], b[..., 3]) - tensorgrad.maximum(a[..., 1], b[..., 1])))
    inter = width * height
    return inter, box_area(a) + box_area(b) - inter


def hull(a, b):
    """(width, height) of the smallest box around two."""
    return (tensorgrad.maximum(a[..., 2], b[..., 2]) - tensorgrad.minimum(a[..., 0], b[..., 0]),
            tensorgrad.maximum(a[..., 3], b[..., 3]) - tensorgrad.minimum(a[..., 1], b[..., 1]))


def pairs(name, boxes1, boxes2):
    """(N, 1, 4) and (1, M, 4), which broadcast to all pairs."""
    a, b = exact(checked(name, boxes1, "boxes1")), exact(checked(name, boxes2, "boxes2"))
    if a.ndim != 2 or b.ndim != 2:
        raise ShapeError(f"{name}: boxes must be (N, 4) and (M, 4), got {tuple(a.shape)} and {tuple(b.shape)}")
    return a.unsqueeze(1), b.unsqueeze(0)


def iou_of(a, b):
    """Intersection over union of boxes that broadcast."""
    inter, union = overlaps(a, b)
    return inter / union


def giou_of(a, b, eps=0.0):
    """IoU less the part of the hull that neither box covers."""
    inter, union = overlaps(a, b)
    width, height = hull(a, b)
    area = width * height
    return inter / (union + eps) - (area - union) / (area + eps)


def diou_of(a, b, eps):
    """IoU less the distance of the centres over the hull's diagonal, both squared."""
    inter, union = overlaps(a, b)
    width, height = hull(a, b)
    dx = (a[..., 0] + a[..., 2] - b[..., 0] - b[..., 2]) / 2
    dy = (a[..., 1] + a[..., 3] - b[..., 1] - b[..., 3]) / 2
    return inter / (union + eps) - (dx * dx + dy * dy) / (width * width + height * height + eps)


def ciou_of(a, b, eps, guard=0.0):
    """The distance IoU less a term for unequal aspect ratios. guard is added to the heights."""
    inter, union = overlaps(a, b)
    angle = [tensorgrad.atan((x[..., 2] - x[..., 0]) / (x[..., 3] - x[..., 1] + guard)) for x in (b, a)]
    v = 4 / math.pi ** 2 * (angle[0] - angle[1]) ** 2
    with tensorgrad.no_grad():
        alpha = v / (1 - inter / (union + eps * bool(guard)) + v + eps)
    return diou_of(a, b, eps) - alpha * v


def box_iou(boxes1, boxes2, fmt="xyxy"):
    """Intersection over union of all pairs: (N, 4), (M, 4) -> (N, M). Errors: TypeError for what is no tensor, ShapeError for other
    than four coordinates, ArgumentError for another fmt. Source: torchvision.ops.box_iou.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import box_iou
    >>> box_iou(tensorgrad.tensor([[0., 0., 2., 2.]]), tensorgrad.tensor([[1., 0., 3., 2.], [0., 0., 2., 1.]]))
    tensor([[0.3333, 0.5000]])
    """
    if fmt != "xyxy":
        boxes1, boxes2 = box_convert(boxes1, fmt, "xyxy"), box_convert(boxes2, fmt, "xyxy")
    return iou_of(*pairs("box_iou", boxes1, boxes2))


def generalized_box_iou(boxes1, boxes2):
    """IoU - (hull - union) / hull of all pairs: (N, 4), (M, 4) -> (N, M), in (-1, 1]. Errors: TypeError, ShapeError for other than
    four coordinates. Source: Rezatofighi et al. 2019; torchvision.ops.generalized_box_iou.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]])
    >>> ops.generalized_box_iou(a, b)
    tensor([[0.3333]])
    """
    return giou_of(*pairs("generalized_box_iou", boxes1, boxes2))


def distance_box_iou(boxes1, boxes2, eps=1e-7):
    """IoU - (distance of centres / diagonal of hull)^2 of all pairs: (N, 4), (M, 4) -> (N, M). Errors: TypeError, ShapeError for
    other than four coordinates. Source: Zheng et al. 2019; torchvision.ops.distance_box_iou.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]])
    >>> ops.distance_box_iou(a, b)
    tensor([[0.2564]])
    """
    return diou_of(*pairs("distance_box_iou", boxes1, boxes2), eps)


def complete_box_iou(boxes1, boxes2, eps=1e-7):
    """The distance IoU less v^2 / (1 - IoU + v), v = (4 / pi^2) (difference of the boxes' arctan(w / h))^2, of all pairs: (N, 4),
    (M, 4) -> (N, M). Errors: TypeError, ShapeError for other than four coordinates. Source: Zheng et al. 2019;
    torchvision.ops.complete_box_iou.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]])
    >>> ops.complete_box_iou(a, b)
    tensor([[0.2564]])
    """
    return ciou_of(*pairs("complete_box_iou", boxes1, boxes2), eps)


def reduced(name, loss, reduction):
    """The loss, its mean (0 without boxes) or sum."""
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    if reduction == "mean":
        return loss.mean() if loss.numel() else 0.0 * loss.sum()
    raise ArgumentError(f"{name}: reduction must be 'none', 'mean' or 'sum', got {reduction!r}")


def generalized_box_iou_loss(boxes1, boxes2, reduction="none", eps=1e-7):
    """1 - generalized IoU of box i with box i: (N, 4), (N, 4) -> (N,), or a scalar under reduction 'mean' or 'sum'. Errors:
    TypeError, ShapeError for boxes that do not fit, ArgumentError for another reduction. Source:
    torchvision.ops.generalized_box_iou_loss.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]])
    >>> ops.generalized_box_iou_loss(a, b)
    tensor([0.6667])
    """
    a, b = exact(checked("generalized_box_iou_loss", boxes1)), exact(checked("generalized_box_iou_loss", boxes2))
    return reduced("generalized_box_iou_loss", 1 - giou_of(a, b, eps), reduction)


def distance_box_iou_loss(boxes1, boxes2, reduction="none", eps=1e-7):
    """1 - distance IoU of box i with box i: (N, 4), (N, 4) -> (N,), or a scalar under reduction 'mean' or 'sum'. Errors: TypeError,
    ShapeError for boxes that do not fit, ArgumentError for another reduction. Source: torchvision.ops.distance_box_iou_loss.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]])
    >>> ops.distance_box_iou_loss(a, b)
    tensor([0.7436])
    """
    a, b = exact(checked("distance_box_iou_loss", boxes1)), exact(checked("distance_box_iou_loss", boxes2))
    return reduced("distance_box_iou_loss", 1 - diou_of(a, b, eps), reduction)


def complete_box_iou_loss(boxes1, boxes2, reduction="none", eps=1e-7):
    """1 - complete IoU of box i with box i: (N, 4), (N, 4) -> (N,), or a scalar under reduction 'mean' or 'sum'. Errors: TypeError,
    ShapeError for boxes that do not fit, ArgumentError for another reduction. Source: torchvision.ops.complete_box_iou_loss.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]])
    >>> ops.complete_box_iou_loss(a, b)
    tensor([0.7436])
    """
    a, b = exact(checked("complete_box_iou_loss", boxes1)), exact(checked("complete_box_iou_loss", boxes2))
    return reduced("complete_box_iou_loss", 1 - ciou_of(a, b, eps, eps), reduction)


def clip_boxes_to_image(boxes, size):
    """Boxes (..., 4) limited to an image of (height, width): x of [0, width], y of [0, height]. Errors: TypeError for what is no
    tensor, ShapeError for other than four coordinates, ArgumentError for a size of other than two. Source:
    torchvision.ops.clip_boxes_to_image.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> ops.clip_boxes_to_image(torch.tensor([[-1.0, 0.0, 9.0, 3.0]]), (4, 5))
    tensor([[0., 0., 5., 3.]])
    """
    x1, y1, x2, y2 = checked("clip_boxes_to_image", boxes).unbind(-1)
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise ArgumentError(f"clip_boxes_to_image: size must be (height, width), got {size!r}")
    height, width = size
    return tensorgrad.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], -1)


def remove_small_boxes(boxes, min_size):
    """The indices of the boxes whose sides are both at least min_size: (N, 4) -> int64 (K,). Errors: TypeError for what is no
    tensor, ShapeError for other than four coordinates. Source: torchvision.ops.remove_small_boxes.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> ops.remove_small_boxes(torch.tensor([[0.0, 0.0, 1.0, 9.0], [0.0, 0.0, 3.0, 3.0]]), 2.0)
    tensor([1])
    """
    checked("remove_small_boxes", boxes)
    wide = (boxes[:, 2] - boxes[:, 0] >= min_size) & (boxes[:, 3] - boxes[:, 1] >= min_size)
    return tensorgrad.nonzero(wide).flatten()


def masks_to_boxes(masks):
    """The smallest box around each mask: (N, H, W) -> (N, 4), of pixel numbers. Errors: ShapeError for other than three dimensions,
    ArgumentError for an empty mask. Source: torchvision.ops.masks_to_boxes.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> ops.masks_to_boxes(torch.tensor([[[0, 1, 1], [0, 1, 0]]]))
    tensor([[1., 0., 2., 1.]])
    """
    if masks.ndim != 3:
        raise ShapeError(f"masks_to_boxes: masks must have shape (N, H, W), got {tuple(masks.shape)}")
    boxes = []
    for i, mask in enumerate(masks != 0):
        ys, xs = tensorgrad.nonzero(mask).unbind(1)
        if not len(xs):
            raise ArgumentError(f"masks_to_boxes: mask {i} of {len(masks)} has no pixel")
        boxes.append([float(v) for v in (xs.min(), ys.min(), xs.max(), ys.max())])
    return tensorgrad.tensor(boxes).reshape(-1, 4)
