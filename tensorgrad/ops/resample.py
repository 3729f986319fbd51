"""Interpolation: images on finer or coarser grids, one dimension after the other, each by a table of weighted places.

The adjoint of reading by a table is reading by its transpose, so one record is its own derivative.
"""

from functools import lru_cache
from math import floor

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.kernels import resample as kernels
from .create import empty, tensor
from .declare import case, check_tensors, op, public
from .index import index_select
from .pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

FLOAT, DOUBLE, LONG = BY_NAME["float32"], BY_NAME["float64"], BY_NAME["int64"]

resample = op("resample", kernels.resample, "x", x=lambda g, dim, table: resample(g, dim=dim, table=table.transposed()))


class Taps:
    """How m outputs are made of n inputs: rows[j] = [(place, weight), ...]."""

    def __init__(self, n, rows):
        self.n, self.rows, self.twin = n, rows, None
        starts = [0]
        for row in rows:
            starts.append(starts[-1] + len(row))
        self.start = tensor(starts, dtype=LONG)
        self.place = tensor([place for row in rows for place, _ in row], dtype=LONG)
        self.weight = tensor([weight for row in rows for _, weight in row], dtype=DOUBLE)

    def transposed(self):
        """The table of the adjoint."""
        if self.twin is None:
            columns = [[] for _ in range(self.n)]
            for j, row in enumerate(self.rows):
                for place, weight in row:
                    columns[place].append((j, weight))
            self.twin = Taps(len(self.rows), columns)
            self.twin.twin = self
        return self.twin


# ---- tables ----

def f32(value):
    """Rounded to float32: PyTorch computes nearest places in it."""
    return tensor(value, dtype=FLOAT).item()


def nearest(n, m, step, align):
    """floor(j step)"""
    places = ((tensor(list(range(m)), dtype=LONG).to(FLOAT) + align) * f32(step)).tolist()
    return [[(min(floor(p), n - 1), 1.0)] for p in places]


def linear(n, m, step, align):
    """The two neighbours by their distance."""
    rows = []
    for j in range(m):
        at = j * step if align else max((j + 0.5) * step - 0.5, 0.0)
        i = min(floor(at), n - 1)
        far = min(max(at - i, 0.0), 1.0)
        rows.append([(i, 1.0 - far), (min(i + 1, n - 1), far)])
    return rows


def keys(x, a):
    """Keys' cubic kernel."""
    x = abs(x)
    if x < 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * a if x < 2 else 0.0


def cubic(n, m, step, align):
    """Four neighbours by Keys' kernel of a = -3/4."""
    rows = []
    for j in range(m):
        at = j * step if align else (j + 0.5) * step - 0.5
        i = floor(at)
        rows.append([(min(max(i + k, 0), n - 1), keys(at - i - k, -0.75)) for k in (-1, 0, 1, 2)])
    return rows


def smooth(n, m, step, reach, kernel):
    """All inputs under a kernel as wide as the step: what is antialiased. Equal sizes are left alone, whatever the step."""
    if n == m:
        return [[(j, 1.0)] for j in range(n)]
    rows, wide = [], max(step, 1.0)
    for j in range(m):
        centre = step * (j + 0.5)
        low = max(int(centre - reach * wide + 0.5), 0)
        high = min(int(centre + reach * wide + 0.5), n)
        weights = [kernel((i - centre + 0.5) / wide) for i in range(low, high)]
        total = sum(weights) or 1.0
        rows.append([(i, w / total) for i, w in zip(range(low, high), weights, strict=True)])
    return rows


@lru_cache(256)
def table(kind, n, m, step, align, antialias):
    """The Taps of one dimension."""
    if antialias:
        rows = smooth(n, m, step, 1.0, lambda x: max(0.0, 1.0 - abs(x))) if kind == "linear" else (
            smooth(n, m, step, 2.0, lambda x: keys(x, -0.5)))
    elif kind == "nearest":
        rows = nearest(n, m, step, 0.0)
    elif kind == "nearest-exact":
        rows = nearest(n, m, step, 0.5)
    else:
        rows = (linear if kind == "linear" else cubic)(n, m, step, align)
    return Taps(n, rows)


# ---- arguments ----

# mode -> what happens in a dimension, and how many there may be
KINDS = {"nearest": ("nearest", (1, 2, 3)), "nearest-exact": ("nearest-exact", (1, 2, 3)), "linear": ("linear", (1,)),
         "bilinear": ("linear", (2,)), "bicubic": ("cubic", (2,)), "trilinear": ("linear", (3,)), "area": ("area", (1, 2, 3))}
AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def numbers(name, value, n):
    """One number for all of n dimensions, or one each."""
    values = (value,) * n if isinstance(value, (int, float)) else tuple(value)
    if len(values) != n:
        raise ArgumentError(f"interpolate: {name} must be one number or {n}, one a spatial dimension, got {value}")
    return values


def geometry(input, size, scale_factor, recompute):
    """(sizes of the result, scales that were given or None)."""
    n = input.ndim - 2
    if (size is None) == (scale_factor is None):
        raise ArgumentError(f"interpolate: give either size or scale_factor, got size={size}, scale_factor={scale_factor}")
    if size is not None:
        if recompute:
            raise ArgumentError("interpolate: recompute_scale_factor is not meaningful with an explicit size")
        sizes, scales = tuple(int(s) for s in numbers("size", size, n)), None
    else:
        scales = numbers("scale_factor", scale_factor, n)
        if any(not 0 < s < float("inf") for s in scales):
            raise ArgumentError(f"interpolate: scale_factor must be positive, got {scale_factor}")
        sizes = tuple(floor(float(i) * s) for i, s in zip(input.shape[2:], scales, strict=True))
    return sizes, None if recompute else scales


def step_of(n, m, scale, align):
    """How far the input moves with one step of the output."""
    if align:
        return (n - 1) / (m - 1) if m > 1 else 0.0
    return 1.0 / scale if scale else n / m


def to_bytes(x):
    """Rounded into [0, 255]."""
    return (x + 0.5).floor().clamp(0, 255).byte()


def like_interpolate(np, x, size=None, scale_factor=None, mode="nearest", align_corners=None, antialias=False):
    """The tables as matrices."""
    shape = x.shape[2:]
    scales = None if scale_factor is None else numbers("", scale_factor, len(shape))
    sizes = size if scales is None else tuple(int(n * s) for n, s in zip(shape, scales, strict=True))
    for i, (n, m) in enumerate(zip(shape, sizes, strict=True)):
        taps, matrix = table(KINDS[mode][0], n, m, step_of(n, m, scales and scales[i], align_corners), bool(align_corners),
                             antialias), np.zeros((m, n))
        for j, row in enumerate(taps.rows):
            for place, weight in row:
                matrix[j, place] += weight
        x = np.moveaxis(np.moveaxis(x, 2 + i, -1) @ matrix.T, -1, 2 + i)
    return x


@public(samples=[case((2, 3, 4), size=(6,)), case((1, 2, 3, 4), scale_factor=2), case((1, 1, 5, 7), size=(3, 4), mode="nearest-exact"),
                 case((2, 2, 5), scale_factor=1.7, mode="linear"), case((1, 2, 3, 4), size=(5, 2), mode="bilinear"),
                 case((1, 2, 3, 4), scale_factor=(2, 1.5), mode="bilinear", align_corners=True),
                 case((1, 1, 4, 3), size=(7, 5), mode="bicubic"), case((1, 1, 4, 5), size=(2, 9), mode="bicubic", align_corners=True),
                 case((1, 2, 2, 3, 2), scale_factor=2, mode="trilinear"), case((0, 2, 3), size=(2,)),
                 case((1, 1, 7, 5), size=(3, 2), mode="bilinear", antialias=True),
                 case((1, 1, 7, 5), size=(3, 8), mode="bicubic", antialias=True)],
        like=like_interpolate, namespace="nn.functional")
def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    """input [n, c, *sizes] on a grid of `size`, or of floor(sizes * scale_factor), points.

    mode: 'nearest', 'nearest-exact', 'area' (1 to 3 dimensions), 'linear' (1), 'bilinear', 'bicubic' (2), 'trilinear' (3).
    align_corners: the corners' centres meet, not their outer edges; recompute_scale_factor: the scale is that of the rounded sizes;
    antialias ('bilinear', 'bicubic'): a wider kernel where the image shrinks. Errors: ArgumentError, ShapeError, DTypeError.
    Source: Keys, Cubic convolution interpolation, 1981; torch.nn.functional.interpolate.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.interpolate(tensorgrad.tensor([[[1.0, 3.0]]]), scale_factor=2, mode="linear").tolist()
    [[[1.0, 1.5, 2.5, 3.0]]]
    """
    check_tensors("interpolate", input=input)
    if mode not in KINDS:
        raise ArgumentError(f"interpolate: mode must be one of {list(KINDS)}, got {mode!r}")
    kind, dims = KINDS[mode]
    n = input.ndim - 2
    if n not in dims:
        raise ShapeError(f"interpolate: mode {mode!r} takes an input of {' or '.join(str(d + 2) for d in dims)} dimensions, got "
                         f"shape {tuple(input.shape)}")
    if align_corners is not None and kind not in ("linear", "cubic"):
        raise ArgumentError(f"interpolate: align_corners goes with linear, bilinear, bicubic and trilinear, not with {mode!r}")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ArgumentError(f"interpolate: antialias goes with 'bilinear' and 'bicubic', not with {mode!r}")
    sizes, scales = geometry(input, size, scale_factor, recompute_scale_factor)
    if kind == "area":
        return AREA[n](input, sizes)
    if 0 in sizes or 0 in input.shape[1:]:
        raise ShapeError(f"interpolate: input and output sizes must be greater than 0, got an input of shape "
                         f"{tuple(input.shape)} and the output size {sizes}")
    empty(*sizes, dtype=input.dtype)  # the error of what does not fit comes before the tables
    steps = [step_of(i, m, scales and scales[d], align_corners) for d, (i, m) in enumerate(zip(input.shape[2:], sizes, strict=True))]
    tables = {d + 2: table(kind, i, m, step, bool(align_corners), antialias)
              for d, (i, m, step) in enumerate(zip(input.shape[2:], sizes, steps, strict=True))}
    if not input.is_floating_point():
        if input.dtype.name != "uint8":
            raise DTypeError(f"interpolate: no kernel for {input.dtype}; input of shape {tuple(input.shape)}")
        if kind in ("linear", "cubic"):
            return to_bytes(interpolate(input.to(FLOAT), size, scale_factor, mode, align_corners, recompute_scale_factor, antialias))
        for d, taps in tables.items():
            input = index_select(input, d, taps.place)
        return input
    # the last dimension is the slow one: where it grows it goes first, while there are few rows
    for d in sorted(tables, reverse=tables[input.ndim - 1].n <= sizes[-1]):
        input = resample(input, dim=d, table=tables[d])
    return input


@public(samples=[case((1, 2, 3, 4), scale_factor=2)], like=like_interpolate, namespace="nn.functional", torch=None)
def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """interpolate's older name: [n, c, *sizes] -> [n, c, *size]. Errors: ShapeError, ArgumentError, DTypeError, as in interpolate.
    Source: torch.nn.functional.upsample.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.upsample(tensorgrad.ones(1, 1, 2), 4).shape
    tensorgrad.Size([1, 1, 4])
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


@public(samples=[case((1, 2, 3, 4), scale_factor=2)], like=like_interpolate, namespace="nn.functional", torch=None)
def upsample_nearest(input, size=None, scale_factor=None):
    """interpolate(mode="nearest"): y[..., i] = x[..., floor(i in / out)], [n, c, *sizes] -> [n, c, *size]. Errors: ShapeError,
    ArgumentError, DTypeError. Source: torch.nn.functional.upsample_nearest.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.upsample_nearest(tensorgrad.ones(1, 1, 2), 4).shape
    tensorgrad.Size([1, 1, 4])
    """
    return interpolate(input, size, scale_factor, "nearest")


@public(samples=[case((1, 2, 3, 4), scale_factor=2)], namespace="nn.functional", torch=None,
        like=lambda np, x, scale_factor: like_interpolate(np, x, None, scale_factor, "bilinear", True))
def upsample_bilinear(input, size=None, scale_factor=None):
    """interpolate(mode="bilinear", align_corners=True): [n, c, h, w] -> [n, c, *size]. Errors: ShapeError, ArgumentError, DTypeError.
    Source: torch.nn.functional.upsample_bilinear.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.upsample_bilinear(tensorgrad.ones(1, 1, 2, 2), 4).shape
    tensorgrad.Size([1, 1, 4, 4])
    """
    return interpolate(input, size, scale_factor, "bilinear", True)
