"""Pictures of tensors: grids, files, boxes, masks and points drawn on images. Source: torchvision.utils."""

import math
import warnings

import tensorgrad
from tensorgrad._core.errors import ArgumentError, OutOfRangeError, ShapeError

from .transforms.functional import convert_image_dtype, pil_to_tensor, to_pil_image

__all__ = ["draw_bounding_boxes", "draw_keypoints", "draw_segmentation_masks", "make_grid", "save_image"]


def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0):
    """Images (N, C, H, W), or a list of (C, H, W), in rows of nrow with padding between them: (3 or C, height, width).

    normalize: values of value_range (low, high), without it of the smallest to the largest, become [0, 1], with scale_each for each
    image alone. A grey image gets three channels. Errors: TypeError for what is no tensor or list of them, ShapeError for other
    shapes, ValueError for nrow < 1 or padding < 0. Source: torchvision.utils.make_grid.

    >>> import tensorgrad
    >>> from tensorgrad.vision.utils import make_grid
    >>> make_grid(tensorgrad.ones(5, 1, 4, 4), nrow=3).shape
    tensorgrad.Size([3, 14, 20])
    """
    if isinstance(tensor, (list, tuple)) and tensor and all(isinstance(t, tensorgrad.Tensor) for t in tensor):
        tensor = tensorgrad.stack(list(tensor))
    if not isinstance(tensor, tensorgrad.Tensor):
        raise TypeError(f"make_grid: expected a tensor or a list of tensors, got {type(tensor).__name__}")
    if not 2 <= tensor.ndim <= 4:
        raise ShapeError(f"make_grid: images have shape (N, C, H, W), (C, H, W) or (H, W), got {tuple(tensor.shape)}")
    if nrow < 1 or padding < 0:
        raise ValueError(f"make_grid: nrow must be positive and padding >= 0, got {nrow} and {padding}")
    images = tensor.detach().reshape((1,) * (4 - tensor.ndim) + tuple(tensor.shape))
    if images.shape[1] == 1:
        images = tensorgrad.cat([images] * 3, 1)
    if normalize:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError(f"make_grid: value_range must be (low, high), got {value_range!r}")
        groups = images.split(1) if scale_each else [images]
        images = tensorgrad.cat([to_unit(group, value_range) for group in groups])
    n, channels, h, w = images.shape
    if n == 1:
        return images[0]
    columns = min(nrow, n)
    rows = math.ceil(n / max(columns, 1))
    height, width = h + padding, w + padding
    grid = tensorgrad.full((channels, height * rows + padding, width * columns + padding), pad_value, dtype=images.dtype)
    for k in range(n):
        top, left = k // columns * height + padding, k % columns * width + padding
        grid[:, top:top + h, left:left + w] = images[k]
    return grid


def to_unit(images, value_range):
    """Values of the range, or of smallest to largest, as [0, 1]."""
    low, high = value_range or (float(images.min()), float(images.max()))
    return (images.clamp(low, high) - low) / max(high - low, 1e-5)


def save_image(tensor, fp, format=None, **kwargs):
    """Write images (N, C, H, W), or (C, H, W), as make_grid (which gets the keywords) lays them out, to a file: the ending or
    format says the kind, values x become bytes 255 x. Errors: those of make_grid, ArgumentError for another format, ValueError for
    an unknown ending, OSError. Source: torchvision.utils.save_image.

    >>> import io
    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import utils
    >>> file = io.BytesIO()
    >>> utils.save_image(torch.rand(3, 4, 4), file, format="png")
    >>> file.getvalue()[1:4]
    b'PNG'
    """
    grid = make_grid(tensor, **kwargs)
    image = to_pil_image((grid * 255 + 0.5).clamp(0, 255).to(tensorgrad.uint8))
    try:
        image.save(fp, format=format)
    except KeyError:
        raise ArgumentError(f"save_image: Pillow writes no format {format!r}") from None


def checked(name, image):
    """The image as bytes (C, H, W) with three channels. TypeError, ValueError for what is none."""
    if not isinstance(image, tensorgrad.Tensor):
        raise TypeError(f"{name}: image must be a tensor, got {type(image).__name__}")
    if image.dtype != tensorgrad.uint8 and not image.dtype.is_floating_point:
        raise ValueError(f"{name}: image must be of uint8 or of floats, got {image.dtype}")
    if image.ndim != 3 or image.shape[0] not in (1, 3):
        raise ValueError(f"{name}: image must have shape (1 or 3, H, W), got {tuple(image.shape)}")
    image = convert_image_dtype(image, tensorgrad.uint8)
    return tensorgrad.cat([image] * 3) if image.shape[0] == 1 else image


def palette(n):
    """n colours that differ."""
    return [tuple(i * step % 255 for step in (2 ** 25 - 1, 2 ** 15 - 1, 2 ** 21 - 1)) for i in range(n)]


def colours(name, colors, n):
    """n triples of numbers from one colour, a list of them, or none."""
    from PIL import ImageColor

    if colors is None:
        chosen = palette(n)
    elif isinstance(colors, list):
        if len(colors) < n:
            raise ValueError(f"{name}: {n} colours are needed, got {len(colors)}")
        chosen = colors
    else:
        chosen = [colors] * n
    return [ImageColor.getrgb(c) if isinstance(c, str) else tuple(c) for c in chosen]


def draw_bounding_boxes(image, boxes, labels=None, colors=None, fill=False, width=1, font=None, font_size=None):
    """The image (C, H, W) with boxes (N, 4) of corners drawn on it, with texts if labels are given. colors: one (name or triple) or
    a list. font: a TrueType file of size font_size. Errors: TypeError and ValueError for what is no image, ShapeError for other
    boxes, ValueError for corners in the wrong order and fewer labels or colours than boxes, OSError for a font that is not there.
    Source: torchvision.utils.draw_bounding_boxes.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import utils
    >>> image = utils.draw_bounding_boxes(torch.zeros(3, 6, 6, dtype=torch.uint8), torch.tensor([[1, 1, 4, 4]]), colors='red')
    >>> image[:, 1, 1]
    tensor([255,   0,   0], dtype=tensorgrad.uint8)
    """
    canvas = to_pil_image(checked("draw_bounding_boxes", image))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ShapeError(f"draw_bounding_boxes: boxes must have shape (N, 4), got {tuple(boxes.shape)}")
    corners = boxes.to(tensorgrad.int64).tolist()
    if any(x1 > x2 or y1 > y2 for x1, y1, x2, y2 in corners):
        raise ValueError("draw_bounding_boxes: boxes must be (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2")
    if not corners:
        warnings.warn("draw_bounding_boxes: there are no boxes")
        return image
    if labels is not None and len(labels) != len(corners):
        raise ValueError(f"draw_bounding_boxes: {len(corners)} boxes, but {len(labels)} labels")
    from PIL import ImageDraw, ImageFont

    face = ImageFont.load_default() if font is None else ImageFont.truetype(font, font_size or 10)
    pen = ImageDraw.Draw(canvas, "RGBA" if fill else "RGB")
    for box, label, colour in zip(corners, labels or [None] * len(corners), colours("draw_bounding_boxes", colors, len(corners)),
                                  strict=False):
        pen.rectangle(box, width=width, outline=colour, fill=(*colour, 100) if fill else None)
        if label is not None:
            pen.text((box[0] + width + 1, box[1] + width + 1), label, fill=colour, font=face)
    return convert_image_dtype(pil_to_tensor(canvas), image.dtype)


def draw_segmentation_masks(image, masks, alpha=0.8, colors=None):
    """The image (3, H, W) with bool masks (N, H, W) laid over it, (1 - alpha) image + alpha colour, with black where several meet.
    Errors: TypeError for what is no image, ValueError for masks of another shape or dtype and fewer colours than masks,
    ArgumentError for alpha outside [0, 1]. Source: torchvision.utils.draw_segmentation_masks.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import utils
    >>> utils.draw_segmentation_masks(torch.zeros(3, 1, 1, dtype=torch.uint8), torch.ones(1, 1, 1).bool(), colors='red').flatten()
    tensor([204,   0,   0], dtype=tensorgrad.uint8)
    """
    base = checked("draw_segmentation_masks", image)
    if not 0 <= alpha <= 1:
        raise ArgumentError(f"draw_segmentation_masks: alpha must be in [0, 1], got {alpha}")
    masks = masks.unsqueeze(0) if masks.ndim == 2 else masks
    if masks.dtype != tensorgrad.bool or masks.ndim != 3 or tuple(masks.shape[1:]) != tuple(base.shape[1:]):
        raise ValueError(f"draw_segmentation_masks: masks must be bool (N, {base.shape[1]}, {base.shape[2]}), got {masks.dtype} "
                         f"{tuple(masks.shape)}")
    if not len(masks):
        warnings.warn("draw_segmentation_masks: there are no masks")
        return image
    layer = tensorgrad.zeros(base.shape)
    for mask, colour in zip(masks, colours("draw_segmentation_masks", colors, len(masks)), strict=False):
        layer = layer + mask * tensorgrad.tensor(colour, dtype=layer.dtype).view(3, 1, 1)
    count = masks.to(layer.dtype).sum(0)
    mixed = base * (1 - alpha) + tensorgrad.where(count > 1, 0.0, layer) * alpha
    return convert_image_dtype(tensorgrad.where(count > 0, mixed.to(tensorgrad.uint8), base), image.dtype)


def draw_keypoints(image, keypoints, connectivity=None, colors=None, radius=2, width=3):
    """The image (3, H, W) with points (instances, K, 2) and, between those that connectivity pairs, lines. Errors: TypeError and
    ValueError for what is no image, ShapeError for other points, OutOfRangeError for a pair of other than two of the K numbers.
    Source: torchvision.utils.draw_keypoints.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import utils
    >>> utils.draw_keypoints(torch.zeros(3, 6, 6, dtype=torch.uint8), torch.tensor([[[3, 3]]]), colors='blue', radius=1)[:, 3, 3]
    tensor([  0,   0, 255], dtype=tensorgrad.uint8)
    """
    canvas = to_pil_image(checked("draw_keypoints", image))
    if keypoints.ndim != 3 or keypoints.shape[-1] != 2:
        raise ShapeError(f"draw_keypoints: keypoints must have shape (instances, K, 2), got {tuple(keypoints.shape)}")
    for pair in connectivity or ():
        if len(pair) != 2 or not all(0 <= k < keypoints.shape[1] for k in pair):
            raise OutOfRangeError(f"draw_keypoints: connectivity must be pairs of [0, {keypoints.shape[1]}), got {tuple(pair)}")
    from PIL import ImageDraw

    pen = ImageDraw.Draw(canvas)
    colour = None if colors is None else colours("draw_keypoints", colors, 1)[0]
    for points in keypoints.to(tensorgrad.int64).tolist():
        for x, y in points:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour, outline=None, width=0)
        for start, end in connectivity or ():
            pen.line((*points[start], *points[end]), width=width)
    return convert_image_dtype(pil_to_tensor(canvas), image.dtype)
