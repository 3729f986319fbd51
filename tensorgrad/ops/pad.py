"""Padding: an image with a border of a constant, of its reflection, of its edge, or of its opposite side."""

from .._core.errors import ArgumentError, ShapeError
from .create import full
from .declare import case, check_tensors, public
from .rearrange import cat, flip
from .shape import as_strided_op, clone_op, embed_op, expand_op, scatter_window_op, slice_op


def pairs(name, pad, ndim):
    """(before, after) of the last dimension, of the one before it, ..."""
    if not isinstance(pad, (tuple, list)) or not all(isinstance(p, int) for p in pad):
        raise TypeError(f"{name}: padding must be a tuple of integers, got {pad!r}")
    pad = tuple(pad)
    if len(pad) % 2 or len(pad) // 2 > ndim:
        raise ArgumentError(f"{name}: padding must have two numbers a dimension for at most {ndim} dimensions, got {pad}")
    return list(zip(pad[::2], pad[1::2], strict=True))


def piece(x, d, start, length):
    """x[start : start + length] along d."""
    return slice_op(x, dim=d, start=start, end=start + length, step=1)


def constant_border(name, x, pad, value):
    """x with `value` around it; negative numbers take away."""
    around = pairs(name, pad, x.ndim)
    shape, start = list(x.shape), [0] * x.ndim
    for i, (before, after) in enumerate(around, 1):
        n = x.shape[-i]
        if n + before + after < 0:
            raise ShapeError(f"{name}: padding {tuple(pad)} takes more than there is of an input of shape {tuple(x.shape)}")
        shape[-i], start[-i] = n + before + after, max(before, 0)
        if before < 0 or after < 0:
            kept = max(n + min(before, 0) + min(after, 0), 0)
            x = piece(x, x.ndim - i, min(-min(before, 0), n - kept), kept)
    if tuple(shape) == tuple(x.shape):
        return clone_op(x)
    strides = [1] * len(shape)
    for i in range(len(shape) - 1, 0, -1):
        strides[i - 1] = strides[i] * max(shape[i], 1)
    geometry = {"size": tuple(x.shape), "stride": tuple(strides),
                "offset": sum(a * b for a, b in zip(start, strides, strict=True)), "layout": None}
    if not x.numel():
        return full(shape, value, dtype=x.dtype)
    if not value:
        return embed_op(x, shape=tuple(shape), window=as_strided_op, geometry=geometry)
    return scatter_window_op(full(shape, value, dtype=x.dtype), x, window=as_strided_op, geometry=geometry)


def edge(x, d, before, after):
    """The first and last element again and again."""
    def repeated(at, times):
        return expand_op(piece(x, d, at, 1), size=tuple(times if i == d else n for i, n in enumerate(x.shape)))
    return repeated(0, before), repeated(x.shape[d] - 1, after)


def mirror(x, d, before, after):
    """The image seen in a mirror that stands on its first and last element."""
    return (flip(piece(x, d, 1, before), (d,)), flip(piece(x, d, x.shape[d] - 1 - after, after), (d,)))


def opposite(x, d, before, after):
    """What a torus has there."""
    return piece(x, d, x.shape[d] - before, before), piece(x, d, 0, after)


MODES = {"reflect": mirror, "replicate": edge, "circular": opposite}  # mode -> the two borders of one dimension


def border(x, pad, mode):
    """x with a border made of itself, dimension after dimension from the last."""
    around = pairs("pad", pad, x.ndim)
    if not (x.ndim in (len(around) + 1, len(around) + 2) and 1 <= len(around) <= 3):
        raise ShapeError(f"pad: mode {mode!r} pads the last 1, 2 or 3 dimensions of an input of one or two more, got "
                         f"padding {tuple(pad)} for an input of shape {tuple(x.shape)}")
    shape = tuple(x.shape)
    for i, (before, after) in enumerate(around, 1):
        n, d = shape[-i], x.ndim - i
        kept = n + min(before, 0) + min(after, 0)
        most = {"reflect": n - 1, "replicate": max(before, after), "circular": kept}[mode]
        if n < 1 or n + before + after < 1 or max(before, after) > most:
            raise ArgumentError(f"pad: padding {tuple(pad)} in mode {mode!r} must leave something of an input of shape {shape}, "
                                "with a border narrower than the image (reflect) or no wider than it (circular)")
        inner = piece(x, d, max(-before, 0), kept) if kept < n else x
        first, last = MODES[mode](inner if mode == "circular" else x, d, max(before, 0), max(after, 0))
        x = inner
        x = cat([part for part, size in ((first, before), (x, 1), (last, after)) if size > 0], d)
    return clone_op(x) if tuple(x.shape) == shape else x


def like_pad(np, x, pad, mode="constant", value=None):
    """NumPy's."""
    widths = [(0, 0)] * (x.ndim - len(pad) // 2) + [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)]
    options = {"constant_values": value or 0} if mode == "constant" else {}
    names = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    inside = lambda x: x[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(widths, x.shape, strict=True))]
    x = inside(x) if mode == "circular" else x
    y = np.pad(x, [(max(a, 0), max(b, 0)) for a, b in widths], names[mode], **options)
    return y if mode == "circular" else inside(y)


@public(samples=[case((2, 3), pad=(1, 2)), case((2, 3, 4), pad=(1, 0, -1, 2), value=2.5), case((3,), pad=(-1, -2)),
                 case((2, 3, 4), pad=(2, 1), mode="reflect"), case((1, 2, 4, 3), pad=(1, 2, 0, 3), mode="reflect"),
                 case((2, 3), pad=(3, 1), mode="replicate"), case((1, 2, 3, 2, 2), pad=(1, 0, 2, 1, 1, 3), mode="replicate"),
                 case((2, 2, 3), pad=(3, 2), mode="circular"), case((2, 3, 3, 2), pad=(1, 1, 2, 1, 0, 1), mode="circular"),
                 case((0, 2, 3), pad=(1, 1), mode="reflect"), case((2, 4), pad=(-1, 2), mode="circular")],
        like=like_pad, namespace="nn.functional")
def pad(input, pad, mode="constant", value=None):
    """input with a border: pad = (before, after) of the last dimension, then of the one before it, ...

    mode 'constant': `value` (0), in any number of dimensions, negative numbers take elements away. 'reflect' (the
    edge is not repeated), 'replicate' (the edge), 'circular' (the other side): the last 1 to 3 dimensions of [c, *] or
    [n, c, *]. Errors: ArgumentError, ShapeError. Source: torch.nn.functional.pad.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.pad(tensorgrad.tensor([[1.0, 2.0]]), (1, 1), value=9.0).tolist()
    [[9.0, 1.0, 2.0, 9.0]]
    """
    check_tensors("pad", input=input)
    if mode == "constant":
        return constant_border("pad", input, pad, 0 if value is None else value)
    if mode not in MODES:
        raise ArgumentError(f"pad: mode must be 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}")
    if value is not None and value != 0:
        raise ArgumentError(f"pad: mode {mode!r} has no value, got {value}")
    return border(input, pad, mode)


@public(samples=[case((2, 3), pad=(1, 2, 0, 1), value=1.5), case((2, 3), [1, 2]), case((3, 4), [-1, 1])], like=like_pad)
def constant_pad_nd(input, pad, value=0):
    """input with a border of `value`; see nn.functional.pad: pad = (before, after) of the last dimension, then of the one before it, ...:
    [..., n] -> [..., before + n + after]. Errors: ArgumentError for an odd number or more than two a dimension, ShapeError for negative
    ones that take more than there is, TypeError. Source: torch.constant_pad_nd.

    >>> import tensorgrad
    >>> tensorgrad.constant_pad_nd(tensorgrad.ones(1), (1, 0)).tolist()
    [0.0, 1.0]
    """
    check_tensors("constant_pad_nd", input=input)
    return constant_border("constant_pad_nd", input, pad, value)
