"""Non-maximum suppression: of boxes that overlap, the one with the highest score stays."""

import tensorgrad
from tensorgrad._core.errors import ShapeError

from .boxes import checked


def nms(boxes, scores, iou_threshold):
    """The indices of the boxes that stay, by falling score: each one suppresses those that overlap it by more than
    iou_threshold. boxes (N, 4), scores (N,) -> int64 (K,). Of equal scores the first box wins. Source: torchvision.ops.nms.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import nms
    >>> boxes = tensorgrad.tensor([[0., 0., 2., 2.], [0., 0., 2., 1.9], [5., 5., 6., 6.]])
    >>> nms(boxes, tensorgrad.tensor([0.8, 0.9, 0.1]), 0.5)
    tensor([1, 2])
    """
    if checked("nms", boxes).ndim != 2 or scores.ndim != 1 or len(scores) != len(boxes):
        raise ShapeError(f"nms: boxes must be (N, 4) and scores (N,), got {tuple(boxes.shape)} and {tuple(scores.shape)}")
    import numpy as np

    order = np.argsort(-scores.detach().numpy(), kind="stable")
    kept = []
    # The boxes that are left, best first; each step takes one and drops what it suppresses.
    x1, y1, x2, y2 = boxes.detach().numpy()[order].T.copy()
    area = (x2 - x1) * (y2 - y1)
    left = np.arange(len(order))
    with np.errstate(invalid="ignore", divide="ignore"):  # boxes without area: 0 / 0 suppresses nothing
        while left.size:
            best, left = left[0], left[1:]
            kept.append(order[best])
            width = np.minimum(x2[best], x2[left]) - np.maximum(x1[best], x1[left])
            height = np.minimum(y2[best], y2[left]) - np.maximum(y1[best], y1[left])
            inter = np.maximum(width, 0) * np.maximum(height, 0)
            left = left[~(inter / (area[best] + area[left] - inter) > iou_threshold)]
    return tensorgrad.tensor(kept, dtype=tensorgrad.int64)


def batched_nms(boxes, scores, idxs, iou_threshold):
    """nms within each class: boxes of different idxs (N,) never suppress each other. Source:
    torchvision.ops.batched_nms."""
    checked("batched_nms", boxes)
    if tuple(idxs.shape) != tuple(scores.shape):
        raise ShapeError(f"batched_nms: scores and idxs must have one shape, got {tuple(scores.shape)} and "
                         f"{tuple(idxs.shape)}")
    kept = []
    for label in sorted(set(idxs.tolist())):
        rows = tensorgrad.nonzero(idxs == label).flatten()
        kept.append(rows[nms(boxes[rows], scores[rows], iou_threshold)])
    if not kept:
        return tensorgrad.empty(0, dtype=tensorgrad.int64)
    kept = tensorgrad.cat(kept).sort()[0]
    return kept[scores[kept].sort(descending=True, stable=True)[1]]
