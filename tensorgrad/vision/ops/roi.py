"""Regions of interest: a part of a feature map as a grid of fixed size."""

import tensorgrad
from tensorgrad import nn
from tensorgrad._core.errors import ArgumentError, OutOfRangeError, ShapeError
from tensorgrad._core.kernels.boxes import largest_of_bins


def regions(name, input, boxes):
    """Boxes as a NumPy array (K, 5) of (image, x1, y1, x2, y2) in float32; a list has one tensor (L, 4) an image."""
    import numpy as np

    if input.ndim != 4:
        raise ShapeError(f"{name}: input must have shape (N, C, H, W), got {tuple(input.shape)}")
    if isinstance(boxes, tensorgrad.Tensor):
        rois = boxes.detach().numpy().astype("float32")
    else:
        parts = [np.asarray(b.detach().numpy(), "float32").reshape(-1, b.shape[-1]) for b in boxes]
        if any(part.shape[1] != 4 for part in parts):
            raise ShapeError(f"{name}: each tensor of boxes must have shape (L, 4), got {[tuple(b.shape) for b in boxes]}")
        parts = [np.concatenate([np.full((len(p), 1), i, "float32"), p], 1) for i, p in enumerate(parts)]
        rois = np.concatenate(parts) if parts else np.zeros((0, 5), "float32")
    if rois.ndim != 2 or rois.shape[1] != 5:
        raise ShapeError(f"{name}: boxes must have shape (K, 5) or be a list of (L, 4), got {tuple(rois.shape)}")
    if not np.isfinite(rois).all():
        raise OutOfRangeError(f"{name}: boxes must be finite")
    if len(rois) and not 0 <= rois[:, 0].min() <= rois[:, 0].max() < input.shape[0]:
        raise OutOfRangeError(f"{name}: the image numbers must be in [0, {input.shape[0]}), got {rois[:, 0].min():g} to "
                              f"{rois[:, 0].max():g}")
    return rois


def bins(name, size):
    """(height, width) of a number or two, which must be positive."""
    found = (size, size) if isinstance(size, int) else tuple(size)
    if len(found) != 2 or not all(isinstance(n, int) and n > 0 for n in found):
        raise ArgumentError(f"{name}: output_size must be one or two positive integers, got {size!r}")
    return found


def interpolation(start, extent, bins, size, ratio):
    """How much each of `size` pixels counts in each bin, (K, bins, size): the mean of bilinear samples at the centres of
    `ratio` (0 or less: ceil(extent / bins)) equal parts of the bin."""
    import numpy as np

    count = np.full(len(start), ratio) if ratio > 0 else np.ceil(extent / np.float32(bins)).astype(int)
    weights = np.zeros((len(start), bins, size), "float32")
    k, b = np.arange(len(start))[:, None], np.arange(bins)[None, :]
    step = (extent / np.float32(bins))[:, None]
    for i in range(count.max(initial=0)):
        at = start[:, None] + b * step + np.float32(i + 0.5) * step / np.maximum(count, 1).astype("float32")[:, None]
        inside = (at >= -1) & (at <= size) & (i < count)[:, None]
        at = np.clip(at, 0, size - 1)
        low = at.astype(int)
        above = at - low
        for pixel, part in ((low, 1 - above), (np.minimum(low + 1, size - 1), above)):
            weights[k, b, pixel] += np.where(inside, part, 0)
    return weights / np.maximum(count, 1).astype("float32")[:, None, None]


def roi_align(input, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False):
    """Means of bilinear samples in output_size bins of each box: (N, C, H, W), K boxes -> (K, C, oh, ow).

    Bilinear weights are a product of one for rows and one for columns, and so is their mean over a bin's samples: each region is
    rows @ image @ columns, two matrix products. boxes: (K, 5) with the image's number first, or a list of (L, 4), one an image, in
    coordinates of which spatial_scale makes those of input. sampling_ratio: samples a bin and direction, 0 or less: one a pixel.
    aligned: pixel centres are at .5. There is no gradient of the boxes. Errors: ShapeError for other shapes, OutOfRangeError for an
    image that is not there, ArgumentError for an output_size that is not positive. Source: He et al., Mask R-CNN, 2017;
    torchvision.ops.roi_align.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import roi_align
    >>> roi_align(tensorgrad.arange(16.).reshape(1, 1, 4, 4), [tensorgrad.tensor([[0., 0., 2., 2.]])], 1, aligned=True)
    tensor([[[[2.5000]]]])
    """
    rois = regions("roi_align", input, boxes)
    oh, ow = bins("roi_align", output_size)
    _, channels, height, width = input.shape
    import numpy as np

    corners = rois[:, 1:] * np.float32(spatial_scale) - np.float32(0.5 if aligned else 0)
    extents = corners[:, 2:] - corners[:, :2]
    if not aligned:
        extents = np.maximum(extents, 1)
    rows = interpolation(corners[:, 1], extents[:, 1], oh, height, sampling_ratio)
    columns = interpolation(corners[:, 0], extents[:, 0], ow, width, sampling_ratio)
    parts, order = [], []
    for image in np.unique(rois[:, 0]).astype(int):
        chosen = np.flatnonzero(rois[:, 0] == image)
        order.append(chosen)
        k = len(chosen)
        r, c = (tensorgrad.tensor(w[chosen]).to(input.dtype) for w in (rows, columns))
        y = r.reshape(k * oh, height) @ input[int(image)].transpose(0, 1).reshape(height, channels * width)
        y = y.reshape(k, oh * channels, width) @ c.transpose(1, 2)
        parts.append(y.reshape(k, oh, channels, ow).transpose(1, 2))
    if not parts:
        return input.new_zeros(0, channels, oh, ow) + input.sum() * 0
    return tensorgrad.cat(parts)[tensorgrad.tensor(np.argsort(np.concatenate(order)))]


def edges(start, extent, bins, size):
    """The first and the last pixel + 1 of each bin, (K, bins) both, within [0, size]."""
    import numpy as np

    step = (extent.astype("float32") / np.float32(bins))[:, None]
    b = np.arange(bins, dtype="float32")[None, :]
    low, high = np.floor(b * step), np.ceil((b + 1) * step)
    return (np.clip(edge.astype(int) + start[:, None], 0, size) for edge in (low, high))


def roi_pool(input, boxes, output_size, spatial_scale=1.0):
    """The maximum of each of output_size bins of each box: (N, C, H, W), K boxes -> (K, C, oh, ow); 0 for an empty bin. Box edges
    are rounded to pixels; boxes as in roi_align. Errors: ShapeError for other shapes, OutOfRangeError for an image that is not
    there, ArgumentError for an output_size that is not positive. Source: Girshick, Fast R-CNN, 2015; torchvision.ops.roi_pool.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> x = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> ops.roi_pool(x, torch.tensor([[0.0, 0.0, 0.0, 3.0, 3.0]]), 1)
    tensor([[[[15.]]]])
    """
    rois = regions("roi_pool", input, boxes)
    oh, ow = bins("roi_pool", output_size)
    _, channels, height, width = input.shape
    import numpy as np

    scaled = rois[:, 1:] * np.float32(spatial_scale)
    corners = (np.sign(scaled) * np.floor(np.abs(scaled) + np.float32(0.5))).astype(int)  # halves away from zero
    extents = np.maximum(corners[:, 2:] - corners[:, :2] + 1, 1)
    tops, bottoms = edges(corners[:, 1], extents[:, 1], oh, height)
    lefts, rights = edges(corners[:, 0], extents[:, 0], ow, width)
    if not input.numel():
        return input.new_zeros(len(rois), channels, oh, ow) + input.sum() * 0
    places = largest_of_bins(input.detach(), *map(tensorgrad.tensor, (rois[:, 0].astype(int), tops, bottoms, lefts, rights)))
    return tensorgrad.where(places < 0, 0.0, input.reshape(-1)[places.clamp(min=0)])


class RoIAlign(nn.Module):
    """roi_align as a module: (N, C, H, W), K boxes -> (K, C, oh, ow). Errors: those of roi_align. Source: torchvision.ops.RoIAlign.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> ops.RoIAlign(1, 1.0, -1)(torch.ones(1, 1, 4, 4), torch.tensor([[0.0, 0.0, 0.0, 2.0, 2.0]]))
    tensor([[[[1.]]]])
    """

    def __init__(self, output_size, spatial_scale, sampling_ratio, aligned=False):
        super().__init__()
        self.output_size, self.spatial_scale, self.sampling_ratio, self.aligned = (
            output_size, spatial_scale, sampling_ratio, aligned)

    def forward(self, input, rois):
        return roi_align(input, rois, self.output_size, self.spatial_scale, self.sampling_ratio, self.aligned)

    def extra_repr(self):
        return (f"output_size={self.output_size}, spatial_scale={self.spatial_scale}, sampling_ratio={self.sampling_ratio}, "
                f"aligned={self.aligned}")


class RoIPool(nn.Module):
    """roi_pool as a module: (N, C, H, W), K boxes -> (K, C, oh, ow). Errors: those of roi_pool. Source: torchvision.ops.RoIPool.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> ops.RoIPool(1, 1.0)(torch.ones(1, 1, 4, 4), torch.tensor([[0.0, 0.0, 0.0, 2.0, 2.0]]))
    tensor([[[[1.]]]])
    """

    def __init__(self, output_size, spatial_scale):
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale

    def forward(self, input, rois):
        return roi_pool(input, rois, self.output_size, self.spatial_scale)

    def extra_repr(self):
        return f"output_size={self.output_size}, spatial_scale={self.spatial_scale}"
