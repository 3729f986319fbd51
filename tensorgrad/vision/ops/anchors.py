"""Anchors: boxes laid over an image, which of them stands for which true box, and how a box is told relative to one."""

import math

import tensorgrad
from tensorgrad import nn
from tensorgrad._core.errors import ArgumentError, ShapeError


class AnchorGenerator(nn.Module):
    """Anchors of all sizes and aspect ratios (height / width) at every place of every feature map.

    sizes, aspect_ratios: one tuple a feature map. Call: (image_size, grid_sizes), both (height, width), or feature maps [..., h, w]
    in place of grid sizes -> corners of shape [anchors, 4], map by map, place by place, ratio by ratio. Errors: ShapeError where
    the lists differ in length. Source: Ren et al., Faster R-CNN, 2015; torchvision.models.detection.anchor_utils.AnchorGenerator,
    which takes lists of images.

    >>> from tensorgrad.vision.ops import AnchorGenerator
    >>> AnchorGenerator(((4,),), ((1.0,),))((8, 16), [(1, 2)])
    tensor([[-2., -2.,  2.,  2.],
            [ 6., -2., 10.,  2.]])
    """

    def __init__(self, sizes=((128, 256, 512),), aspect_ratios=((0.5, 1.0, 2.0),)):
        super().__init__()
        if not isinstance(sizes[0], (list, tuple)):
            sizes = tuple((s,) for s in sizes)
        if not isinstance(aspect_ratios[0], (list, tuple)):
            aspect_ratios = (aspect_ratios,) * len(sizes)
        if len(sizes) != len(aspect_ratios):
            raise ShapeError(f"AnchorGenerator: sizes for {len(sizes)} feature maps, but aspect ratios for "
                             f"{len(aspect_ratios)}")
        self.sizes, self.aspect_ratios = sizes, aspect_ratios
        self.cell_anchors = [self.generate_anchors(s, a) for s, a in zip(sizes, aspect_ratios, strict=True)]

    @staticmethod
    def generate_anchors(scales, aspect_ratios, dtype=tensorgrad.float32, device=None):
        """The anchors of one place around (0, 0), rounded: (ratios * scales, 4). Errors: OutOfRangeError for numbers in place of
        lists.

        >>> from tensorgrad.vision.ops import AnchorGenerator
        >>> AnchorGenerator.generate_anchors((4,), (1.0,))
        tensor([[-2., -2.,  2.,  2.]])
        """
        scales, ratios = tensorgrad.tensor(scales, dtype=dtype), tensorgrad.tensor(aspect_ratios, dtype=dtype).sqrt()
        widths = ((1 / ratios).unsqueeze(1) * scales).reshape(-1)
        heights = (ratios.unsqueeze(1) * scales).reshape(-1)
        return (tensorgrad.stack([-widths, -heights, widths, heights], 1) / 2).round()

    def num_anchors_per_location(self):
        """Anchors at one place, a number for each feature map.

        >>> from tensorgrad.vision.ops import AnchorGenerator
        >>> AnchorGenerator(((4, 8),), ((0.5, 1.0, 2.0),)).num_anchors_per_location()
        [6]
        """
        return [len(s) * len(a) for s, a in zip(self.sizes, self.aspect_ratios, strict=True)]

    def grid_anchors(self, grid_sizes, strides):
        """The anchors of each feature map: (h * w * per place, 4). Errors: ShapeError for other numbers of grids or strides.

        >>> from tensorgrad.vision.ops import AnchorGenerator
        >>> AnchorGenerator(((4,),), ((1.0,),)).grid_anchors([(1, 2)], [(8, 8)])
        [tensor([[-2., -2.,  2.,  2.],
                [ 6., -2., 10.,  2.]])]
        """
        if not len(grid_sizes) == len(strides) == len(self.cell_anchors):
            raise ShapeError(f"AnchorGenerator: made for {len(self.cell_anchors)} feature maps, got {len(grid_sizes)} grids "
                             f"and {len(strides)} strides")
        anchors = []
        for (height, width), (dy, dx), cell in zip(grid_sizes, strides, self.cell_anchors, strict=True):
            y = (tensorgrad.arange(height) * dy).unsqueeze(1).expand(height, width).reshape(-1)
            x = (tensorgrad.arange(width) * dx).expand(height, width).reshape(-1)
            anchors.append((tensorgrad.stack([x, y, x, y], 1).unsqueeze(1) + cell).reshape(-1, 4))
        return anchors

    def forward(self, image_size, feature_maps):
        grids = [tuple(m.shape[-2:]) if isinstance(m, tensorgrad.Tensor) else tuple(m) for m in feature_maps]
        strides = [(image_size[0] // h, image_size[1] // w) for h, w in grids]
        return tensorgrad.cat(self.grid_anchors(grids, strides))


class Matcher:
    """Which true box each anchor stands for. Call: overlaps (M true, N anchors) -> int64 (N,), the true box with the largest
    overlap if that is at least high_threshold, -2 if it is at least low_threshold, else -1 (background).

    allow_low_quality_matches: every anchor that overlaps some true box most of all anchors stands for its best one, however small
    the overlap. Errors: ValueError for low_threshold > high_threshold, ShapeError for overlaps without a box or an anchor. Source:
    torchvision.models.detection._utils.Matcher.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import Matcher
    >>> Matcher(0.7, 0.3)(tensorgrad.tensor([[0.8, 0.5, 0.1], [0.2, 0.4, 0.2]]))
    tensor([ 0, -2, -1])
    """

    BELOW_LOW_THRESHOLD, BETWEEN_THRESHOLDS = -1, -2

    def __init__(self, high_threshold, low_threshold, allow_low_quality_matches=False):
        if low_threshold > high_threshold:
            raise ValueError(f"Matcher: low_threshold must be <= high_threshold, got {low_threshold} and {high_threshold}")
        self.high_threshold, self.low_threshold = high_threshold, low_threshold
        self.allow_low_quality_matches = allow_low_quality_matches

    def __call__(self, match_quality_matrix):
        quality = match_quality_matrix
        if quality.ndim != 2 or not quality.numel():
            raise ShapeError(f"Matcher: overlaps must be (true boxes, anchors) with at least one of each, got "
                             f"{tuple(quality.shape)}")
        best, chosen = quality.max(0)
        matches = tensorgrad.where(best < self.high_threshold, self.BETWEEN_THRESHOLDS, chosen)
        matches = tensorgrad.where(best < self.low_threshold, self.BELOW_LOW_THRESHOLD, matches)
        if self.allow_low_quality_matches:
            needed = (quality == quality.max(1, keepdim=True)[0]).any(0)
            matches = tensorgrad.where(needed, chosen, matches)
        return matches


LARGEST = math.log(1000 / 16)  # of the ratio of a box's side to its anchor's, when offsets are decoded


class BoxCoder:
    """Boxes relative to anchors: (dx / w, dy / h, log of the ratios of width and height), each times a weight; boxes and anchors
    (N, 4).

    Errors: ArgumentError for other than four weights, ShapeError where the numbers of boxes and anchors differ. Source: Girshick et al.
    2014; torchvision.models.detection._utils.BoxCoder.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import BoxCoder
    >>> coder, anchors = BoxCoder((1, 1, 1, 1)), tensorgrad.tensor([[0., 0., 2., 2.]])
    >>> coder.decode_single(coder.encode_single(tensorgrad.tensor([[1., 0., 3., 4.]]), anchors), anchors)
    tensor([[1., 0., 3., 4.]])
    """

    def __init__(self, weights, bbox_xform_clip=LARGEST):
        self.weights, self.bbox_xform_clip = tuple(weights), bbox_xform_clip
        if len(self.weights) != 4:
            raise ArgumentError(f"BoxCoder: weights must be four numbers, got {self.weights}")

    @staticmethod
    def _centres(boxes):
        width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        return boxes[:, 0] + 0.5 * width, boxes[:, 1] + 0.5 * height, width, height

    def encode_single(self, reference_boxes, proposals):
        """Boxes (N, 4) as offsets (N, 4) from the anchors (N, 4). Errors: ShapeError where the numbers of boxes and anchors differ.

        >>> import tensorgrad
        >>> from tensorgrad.vision.ops import BoxCoder
        >>> BoxCoder((1, 1, 1, 1)).encode_single(tensorgrad.tensor([[1., 0., 3., 2.]]), tensorgrad.tensor([[0., 0., 2., 2.]]))
        tensor([[0.5000, 0.0000, 0.0000, 0.0000]])
        """
        (x, y, w, h), (ax, ay, aw, ah) = self._centres(reference_boxes), self._centres(proposals)
        offsets = ((x - ax) / aw, (y - ay) / ah, (w / aw).log(), (h / ah).log())
        return tensorgrad.stack([k * d for k, d in zip(self.weights, offsets, strict=True)], 1)

    def decode_single(self, rel_codes, boxes):
        """Offsets (N, 4 K) from the anchors (N, 4) as boxes (N, 4 K); the log ratios are limited to bbox_xform_clip. Errors:
        ShapeError where the offsets are not 4 K numbers for each anchor.

        >>> import tensorgrad
        >>> from tensorgrad.vision.ops import BoxCoder
        >>> BoxCoder((1, 1, 1, 1)).decode_single(tensorgrad.tensor([[0.5, 0., 0., 0.]]), tensorgrad.tensor([[0., 0., 2., 2.]]))
        tensor([[1., 0., 3., 2.]])
        """
        ax, ay, aw, ah = (v.unsqueeze(1) for v in self._centres(boxes))
        dx, dy, dw, dh = (rel_codes[:, i::4] / weight for i, weight in enumerate(self.weights))
        x, y = dx * aw + ax, dy * ah + ay
        w, h = (d.clamp(max=self.bbox_xform_clip).exp() * size / 2 for d, size in ((dw, aw), (dh, ah)))
        return tensorgrad.stack([x - w, y - h, x + w, y + h], 2).flatten(1)

    def encode(self, reference_boxes, proposals):
        """encode_single of each image's boxes: a list of offsets. Errors: ValueError for another number of images, those of
        encode_single.

        >>> import tensorgrad
        >>> from tensorgrad.vision.ops import BoxCoder
        >>> BoxCoder((1, 1, 1, 1)).encode([tensorgrad.tensor([[1., 0., 3., 2.]])], [tensorgrad.tensor([[0., 0., 2., 2.]])])
        [tensor([[0.5000, 0.0000, 0.0000, 0.0000]])]
        """
        return [self.encode_single(r, p) for r, p in zip(reference_boxes, proposals, strict=True)]

    def decode(self, rel_codes, boxes):
        """Offsets (N, 4 K) from the anchors of all images together as boxes (N, K, 4). Errors: ShapeError where the offsets are not
        4 K numbers for each anchor.

        >>> import tensorgrad
        >>> from tensorgrad.vision.ops import BoxCoder
        >>> BoxCoder((1, 1, 1, 1)).decode(tensorgrad.tensor([[0.5, 0., 0., 0.]]), [tensorgrad.tensor([[0., 0., 2., 2.]])])
        tensor([[[1., 0., 3., 2.]]])
        """
        return self.decode_single(rel_codes, tensorgrad.cat(list(boxes))).reshape(sum(len(b) for b in boxes), -1, 4)
