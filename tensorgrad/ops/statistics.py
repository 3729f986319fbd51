"""Quantiles, histograms and membership."""

from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.history import detach
from .._core.tensor import TensorBase
from .create import from_numpy, linspace, tensor, zeros
from .declare import case, check_tensors, ints, public, writes_out
from .elementwise import isnan, lerp_, where
from .extremes import result
from .index import gather
from .order import arrays, sort
from .reduce import any, axis_of, sum
from .shape import expand_op, flatten, movedim, reshape, to_dtype

HISTOGRAM = result("histogram", "hist", "bin_edges")
HISTOGRAMDD = result("histogramdd", "hist", "bin_edges")
INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def quantiles(name, input, q, dim, keepdim, interpolation, skip_nan):
    """quantile and nanquantile: between the two sorted neighbours of rank q (n - 1); n counts what is not NaN, or without
    skip_nan a NaN wins."""
    if not input.is_floating_point() or input.dtype.itemsize < 4:
        raise DTypeError(f"{name}: input must be float32 or float64, got {input.dtype}")
    if interpolation not in INTERPOLATIONS:
        raise ArgumentError(f"{name}: interpolation must be one of {INTERPOLATIONS}, got {interpolation!r}")
    if not isinstance(q, (TensorBase, float, int)):
        raise TypeError(f"{name}: q must be a number or a tensor, got {type(q).__name__}")
    q = q if isinstance(q, TensorBase) else tensor(q, dtype=input.dtype)
    if q.ndim > 1:
        raise ShapeError(f"{name}: q must be a number or a vector, got shape {tuple(q.shape)}")
    if q.dtype is not input.dtype:
        raise DTypeError(f"{name}: q is of {q.dtype}, input of {input.dtype}; they must be the same")
    if q.numel() and not bool(((q >= 0) & (q <= 1)).all()):
        raise ArgumentError(f"{name}: q must be in [0, 1], got {q.tolist()}")
    if dim is None:
        kept, x = (1,) * input.ndim if keepdim else (), flatten(input)
    else:
        d = axis_of(input, dim, name)
        kept = tuple(1 if i == d else n for i, n in enumerate(input.shape) if keepdim or i != d)
        x = movedim(input, d, -1) if input.ndim else reshape(input, (1,))
    n = x.shape[-1]
    if not x.numel():
        raise ArgumentError(f"{name}: input of shape {tuple(input.shape)} is empty")
    x = sort(x, -1).values
    nan = isnan(x)
    if skip_nan:
        last = (to_dtype(sum(~nan, -1, True), x.dtype) - 1).clamp(min=0)
        rank = reshape(q, (-1,)) * last
    else:
        rank = where(any(nan, -1, True), float(n - 1), reshape(q, (-1,)) * (n - 1))
    rank = detach(expand_op(rank, size=(*x.shape[:-1], q.numel())))
    if interpolation == "nearest":
        rank = rank.round()
    elif interpolation in ("lower", "higher"):
        rank = rank.floor() if interpolation == "lower" else rank.ceil()
    below = rank.floor()
    low, high = (gather(x, -1, r.long()) for r in (below, rank.ceil()))
    y = low if interpolation not in ("linear", "midpoint") else lerp_(low, high, 0.5 * (rank != below) if interpolation == "midpoint"
                                                                   else rank - below)
    y = movedim(y, -1, 0)
    return reshape(y, kept) if q.ndim == 0 else reshape(y, (q.numel(), *kept))


QUANTILES = (case((5,), 0.4), case((4, 3), 0.25, 1), case((4, 3), 0.7, 0, True), case((5,), 0.4, interpolation="lower"),
             case((5,), 0.4, interpolation="nearest"), case((4, 3), 0.5, interpolation="midpoint"))


def like_quantile(name):
    """NumPy's function of that name."""
    return lambda np, x, q, dim=None, keepdim=False, interpolation="linear": (
        getattr(np, name)(x, q, dim, keepdims=keepdim, method=interpolation))


@public(samples=QUANTILES, method=True, like=like_quantile("quantile"))
@writes_out
def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear", out=None):
    """The q-quantiles of input or along dim; q in [0, 1] is a number, or a vector that gives a new first dim. Of n sorted elements, at
    place q (n - 1); between two elements: "linear", "lower", "higher", "midpoint" or "nearest". A NaN wins.

    Result: a scalar, or input's shape without dim (with keepdim: size 1 there), behind [number of q]. Errors: OutOfRangeError for dim,
    ArgumentError for q outside [0, 1], no elements and another interpolation, DTypeError unless float32 or float64, ShapeError for a
    matrix q. Source: torch.quantile.

    >>> import tensorgrad
    >>> tensorgrad.quantile(tensorgrad.tensor([0., 1., 2., 3.]), 0.5)
    tensor(1.5000)
    """
    return quantiles("quantile", input, q, dim, keepdim, interpolation, False)


@public(samples=QUANTILES, method=True, like=like_quantile("nanquantile"))
@writes_out
def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear", out=None):
    """quantile of what is not NaN; of the same shapes. Errors: OutOfRangeError, ArgumentError, DTypeError, ShapeError, as in quantile.
    Source: torch.nanquantile.

    >>> import tensorgrad
    >>> tensorgrad.nanquantile(tensorgrad.tensor([0., tensorgrad.nan, 3.]), 0.5)
    tensor(1.5000)
    """
    return quantiles("nanquantile", input, q, dim, keepdim, interpolation, True)


# ---- histograms ----

def edges_between(name, low, high, bins, x):
    """(low, high) of a range, from the data where both are 0; a range without width is widened by 1/2 (histogram) or 1."""
    if not (low < high or low == high) or low in (float("inf"), float("-inf")) or high in (float("inf"), float("-inf")):
        raise ArgumentError(f"{name}: the range [{low}, {high}] must be finite and min <= max")
    if bins <= 0:
        raise ArgumentError(f"{name}: bins must be > 0, got {bins}")
    return float(low), float(high)


def data_range(name, np, a):
    """The smallest and largest element, which must be finite."""
    low, high = (float(a.min()), float(a.max())) if a.size else (0.0, 0.0)
    if not np.isfinite([low, high]).all():
        raise ArgumentError(f"{name}: the range [{low}, {high}] of the data is not finite")
    return low, high


@public(samples=[case((20,)), case((4, 5), 5), case((20,), 6, -2, 2)], grad=False, method=True)
@writes_out
def histc(input, bins=100, min=0, max=0, *, out=None):
    """How many elements fall into each of `bins` equal parts of [min, max] (both 0: of the data's range); what lies outside is not
    counted. [...] -> [bins]. Errors: ArgumentError for bins < 1 and a range that is not finite or empty, DTypeError for integers. Source:
    torch.histc.

    >>> import tensorgrad
    >>> tensorgrad.histc(tensorgrad.tensor([1., 2., 1.]), 2, 0, 2)
    tensor([0., 3.])
    """
    if not input.is_floating_point():
        raise DTypeError(f"histc: needs a floating-point tensor, got {input.dtype}")
    np, a = arrays(input)
    low, high = (v.item() if isinstance(v, TensorBase) else v for v in (min, max))
    low, high = data_range("histc", np, a) if low == high else (low, high)
    low, high = edges_between("histc", low, high, bins, a)
    low, high = (low - 1, high + 1) if low == high else (low, high)
    count = zeros(bins, dtype=tensor(0).dtype)  # the error of what does not fit comes before the work
    a = a[(a >= low) & (a <= high)]
    kind = a.dtype.type
    places = np.minimum(((a - kind(low)) * kind(bins) / (kind(high) - kind(low))).astype(np.int64), bins - 1)
    return to_dtype(count.add_(from_numpy(np.bincount(places.ravel(), minlength=bins))), input.dtype)


def places_in(np, edges, a):
    """(the bin of each element, whether it lies in any)."""
    found = np.searchsorted(edges, a, "right") - 1
    found = np.where(a == edges[-1], len(edges) - 2, found)
    return found, (a >= edges[0]) & (a <= edges[-1])


def counted(np, input, weight, density, edges, name):
    """The counts (or sums of weights) of points (n, d) in the grid of edges; density: their integral is 1."""
    points = arrays(reshape(input, (-1, len(edges))))[1]
    grid = [arrays(e)[1] for e in edges]
    weights = np.ones(len(points)) if weight is None else arrays(reshape(weight, (-1,)))[1].astype(np.float64)
    if len(weights) != len(points):
        raise ShapeError(f"{name}: weight of shape {tuple(weight.shape)} for {len(points)} points")
    shape = tuple(len(g) - 1 for g in grid)
    places, inside = np.zeros(len(points), np.int64), np.ones(len(points), bool)
    for d, g in enumerate(grid):
        found, fits = places_in(np, g, points[:, d])
        places, inside = places * shape[d] + found, inside & fits
    total = 1
    for n in shape:
        total *= n
    counts = np.bincount(places[inside], weights[inside], total).reshape(shape)
    if density:
        volume = 1.0
        for d, g in enumerate(grid):
            volume = volume * np.diff(g).reshape((-1,) + (1,) * (len(grid) - 1 - d))
        counts = counts / (counts.sum() * volume)
    return to_dtype(from_numpy(np.ascontiguousarray(counts)), input.dtype)


def checked(name, input):
    if not input.is_floating_point() or input.dtype.itemsize < 4:
        raise DTypeError(f"{name}: input must be float32 or float64, got {input.dtype}")


def edges_of(name, np, input, bins, range):
    """Evenly spaced edges over a range (None: the data's)."""
    if range is None:
        low, high = data_range(name, np, arrays(input)[1])
    else:
        low, high = range
    low, high = edges_between(name, low, high, bins, input)
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
    return linspace(low, high, bins + 1, dtype=input.dtype)


@public(samples=[case((20,), 5), case((4, 5), 3, range=(-1.0, 2.0)), case((20,), 4, density=True)], grad=False, method=True)
def histogram(input, bins, *, range=None, weight=None, density=False, out=None):
    """(hist, bin_edges): how many elements (or what weight) fall into each bin, the last one closed; bins: a number of equal ones over
    range, or a vector of edges. density: divided so that the integral is 1.

    input: any shape; weight: the same; result: [n], [n + 1]. Errors: ShapeError for another weight and for edges that are no vector,
    ArgumentError for bins < 1 and another range, DTypeError unless float32 or float64. Source: torch.histogram.

    >>> import tensorgrad
    >>> tensorgrad.histogram(tensorgrad.tensor([1., 2., 1.]), 2, range=(0., 3.)).hist
    tensor([2., 1.])
    """
    check_tensors("histogram", input=input)
    checked("histogram", input)
    np, _ = arrays(input)
    edges = bins if isinstance(bins, TensorBase) else edges_of("histogram", np, input, bins, range)
    if edges.ndim != 1 or edges.numel() < 1 or edges.dtype is not input.dtype:
        raise ShapeError(f"histogram: bins must be a vector of {input.dtype}, got shape {tuple(edges.shape)} of {edges.dtype}")
    found = HISTOGRAM((counted(np, input, weight, density, [edges], "histogram"), edges))
    return found if out is None else HISTOGRAM([o.resize_(r.shape).copy_(r) for o, r in zip(out, found, strict=True)])


@public(samples=[case((20, 2), [3, 4]), case((20, 2), 3), case((20, 2), [3, 2], range=[-1.0, 1.0, -2.0, 2.0])], grad=False)
def histogramdd(input, bins, range=None, weight=None, density=False):
    """(hist, bin_edges) of points (..., d) in d dimensions; bins: a number, one a dimension, or a vector of edges each; range: 2 d ends.
    Result: [n1, ..., nd] and d vectors [n + 1]. Errors: ShapeError below two dimensions and for another weight, ArgumentError for another
    number of bins or ends, DTypeError unless float32 or float64. Source: torch.histogramdd.

    >>> import tensorgrad
    >>> points = tensorgrad.tensor([[0., 0.], [1., 1.], [1., 1.]])
    >>> tensorgrad.histogramdd(points, [2, 2]).hist.tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    check_tensors("histogramdd", input=input)
    checked("histogramdd", input)
    np, _ = arrays(input)
    if input.ndim < 2:
        raise ShapeError(f"histogramdd: expected at least two dimensions, got shape {tuple(input.shape)}")
    d = input.shape[-1]
    bins = [bins] * d if isinstance(bins, int) else list(bins)
    if len(bins) != d or (range is not None and len(range) != 2 * d):
        raise ArgumentError(f"histogramdd: {len(bins)} bins and range {range} for points of {d} dimensions")
    edges = tuple(b if isinstance(b, TensorBase) else
                  edges_of("histogramdd", np, input[..., i], b, None if range is None else range[2 * i:2 * i + 2])
                  for i, b in enumerate(bins))
    return HISTOGRAMDD((counted(np, input, weight, density, edges, "histogramdd"), edges))


@public(samples=[case(ints((3, 4), 0, 9), ints((3,), 0, 9)), case(ints((3,), 0, 5), 2),
                 case(ints((3,), 0, 5), ints((2,), 0, 5), invert=True)],
        grad=False, like=lambda np, a, b, invert=False: np.isin(a, b, invert=invert))
@writes_out
def isin(elements, test_elements, *, assume_unique=False, invert=False, out=None):
    """Whether each element is one of test_elements (invert: is not): bool, of the shape of elements. Either may be a number. Errors:
    TypeError where neither is a tensor, DTypeError for what is neither tensor nor number. Source: torch.isin.

    >>> import tensorgrad
    >>> tensorgrad.isin(tensorgrad.tensor([1, 2, 3]), tensorgrad.tensor([2, 5]))
    tensor([False,  True, False])
    """
    if not isinstance(elements, TensorBase) and not isinstance(test_elements, TensorBase):
        raise TypeError("isin: one of elements and test_elements must be a tensor")
    np, a, b = arrays(*(t if isinstance(t, TensorBase) else tensor(t) for t in (elements, test_elements)))
    return from_numpy(np.asarray(np.isin(a, b, assume_unique=assume_unique, invert=invert)).reshape(a.shape))
