"""Non-maximum suppression: of boxes that overlap, the one with the highest score stays."""

import tensorgrad
from tensorgrad._core.errors import ShapeError
from tensorgrad._core.kernels.boxes import suppress

from .boxes import checked


def check(name, boxes, **columns):
    """Errors: unless boxes are (N, 4) and the columns tensors (N,)."""
    for argument, values in columns.items():
        if not isinstance(values, tensorgrad.Tensor):
            raise TypeError(f"{name}: {argument} must be a tensor, got {type(values).__name__}")
    if checked(name, boxes).ndim != 2 or any(tuple(values.shape) != (len(boxes),) for values in columns.values()):
        raise ShapeError(f"{name}: boxes must be (N, 4) and {' and '.join(columns)} (N,), got {tuple(boxes.shape)} and "
                         f"{' and '.join(str(tuple(values.shape)) for values in columns.values())}")


def nms(boxes, scores, iou_threshold):
    """The indices of the boxes that stay, by falling score: each one suppresses those that overlap it by more than iou_threshold.
    boxes (N, 4), scores (N,) -> int64 (K,). Of equal scores the first box wins. Errors: TypeError for what is no tensor, ShapeError
    for other shapes. Source: torchvision.ops.nms.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import nms
    >>> boxes = tensorgrad.tensor([[0., 0., 2., 2.], [0., 0., 2., 1.9], [5., 5., 6., 6.]])
    >>> nms(boxes, tensorgrad.tensor([0.8, 0.9, 0.1]), 0.5)
    tensor([1, 2])
    """
    check("nms", boxes, scores=scores)
    order = scores.detach().argsort(descending=True, stable=True)
    return order[suppress(boxes.detach(), order, iou_threshold)]


def batched_nms(boxes, scores, idxs, iou_threshold):
    """nms within each class: boxes (N, 4) of different idxs (N,) never suppress each other; scores (N,) -> int64 (K,). Errors:
    TypeError for what is no tensor, ShapeError for other shapes. Source: torchvision.ops.batched_nms.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.0]])
    >>> ops.batched_nms(boxes, torch.tensor([0.3, 0.9]), torch.tensor([0, 1]), 0.5)
    tensor([1, 0])
    """
    check("batched_nms", boxes, scores=scores, idxs=idxs)
    order = scores.detach().argsort(descending=True, stable=True)
    ordered = idxs[order]
    stays = tensorgrad.zeros(len(order), dtype=tensorgrad.bool)
    for label in ordered.unique():
        rows = tensorgrad.nonzero(ordered == label).flatten()
        part = boxes.detach()[order[rows]]
        stays[rows] = suppress(part, tensorgrad.arange(len(rows)), iou_threshold)
    return order[stays]
