"""Operations on boxes and regions of images. Source: torchvision.ops."""

from .anchors import AnchorGenerator, BoxCoder, Matcher
from .boxes import (
    box_area,
    box_convert,
    box_iou,
    clip_boxes_to_image,
    complete_box_iou,
    complete_box_iou_loss,
    distance_box_iou,
    distance_box_iou_loss,
    generalized_box_iou,
    generalized_box_iou_loss,
    masks_to_boxes,
    remove_small_boxes,
)
from .focal_loss import sigmoid_focal_loss
from .misc import Conv2dNormActivation, FrozenBatchNorm2d
from .nms import batched_nms, nms
from .roi import RoIAlign, RoIPool, roi_align, roi_pool

__all__ = [
    "AnchorGenerator",
    "BoxCoder",
    "Conv2dNormActivation",
    "FrozenBatchNorm2d",
    "Matcher",
    "RoIAlign",
    "RoIPool",
    "batched_nms",
    "box_area",
    "box_convert",
    "box_iou",
    "clip_boxes_to_image",
    "complete_box_iou",
    "complete_box_iou_loss",
    "distance_box_iou",
    "distance_box_iou_loss",
    "generalized_box_iou",
    "generalized_box_iou_loss",
    "masks_to_boxes",
    "nms",
    "remove_small_boxes",
    "roi_align",
    "roi_pool",
    "sigmoid_focal_loss",
]
