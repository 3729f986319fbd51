"""Sorting and what follows from it; what has no kernel goes through NumPy on the tensor's memory, and its values are
gathered, which is differentiable."""

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .._core.history import detach
from .._core.kernels import order as kernels
from .._core.kernels.index import places_along as index_places
from .._core.tensor import TensorBase
from .create import from_numpy, tensor, zeros
from .declare import case, check_tensors, ints, op, public, writes_out
from .index import embed_op, gather, index_add
from .reduce import axis_of
from .shape import reshape, slice_op, to_dtype


def arrays(*tensors):
    """numpy, and each tensor as an array on the same memory (bfloat16 and float8: copied to float32)."""
    import numpy as np
    plain = (to_dtype(detach(t), FLOAT) if t.dtype.name.startswith(("bfloat", "float8")) else detach(t) for t in tensors)
    return np, *(np.asarray(memoryview(t)) for t in plain)


FLOAT, LONG = BY_NAME["float32"], BY_NAME["int64"]


def integers(np, a, short=False):
    """An array of indices as a tensor."""
    return from_numpy(np.ascontiguousarray(a, np.int32 if short else np.int64).reshape(np.shape(a)))


def sort_grad(g, x_shape, places, dim):
    """g back where the elements stood."""
    return embed_op(g, places=index_places(x_shape, dim, places, "sort"), dims=tuple(range(len(x_shape))), at=0,
                    shape=x_shape)


sort_raw = op("sort", kernels.sort, "x", aux="places", x=sort_grad)


def first(kind, input, dim, k, descending):
    """The first k of the stable order along dim, not negative, as a pair."""
    values, places = sort_raw(input if input.ndim else reshape(input, (1,)), dim=dim, k=k, descending=bool(descending))
    return kind((values, places) if input.ndim or k != 1 else (reshape(values, ()), reshape(places, ())))


def length(input, d):
    """The size of a dimension; a tensor without any has one element."""
    return input.shape[d] if input.ndim else 1


def pair(kind, x, d, places, shape=None):
    """(values, indices): the values are gathered."""
    values = gather(x, d, places)
    return kind((values, places) if shape is None else (reshape(values, shape), reshape(places, shape)))


class Pair(tuple):
    """(values, indices)."""

    __slots__ = ()
    _fields = ("values", "indices")
    values = property(lambda self: self[0], doc="The values.")
    indices = property(lambda self: self[1], doc="Where they stood.")

    def __repr__(self):
        return f"tensorgrad.return_types.{type(self).__name__}(\nvalues={self[0]!r},\nindices={self[1]!r})"


Sort, TopK, KthValue, Mode = (type(n, (Pair,), {"__slots__": ()}) for n in ("sort", "topk", "kthvalue", "mode"))


@public(samples=[case((5,)), case((3, 4), 0, True), case((), 0)], method=True)
@writes_out
def sort(input, dim=-1, descending=False, stable=False, *, out=None):
    """(values, indices) in ascending or descending order along dim, stable; NaN counts as the largest. Both of input's shape, the indices
    int64. Errors: OutOfRangeError for dim. Source: torch.sort.

    >>> import tensorgrad
    >>> tensorgrad.sort(tensorgrad.tensor([3., 1., 2.])).indices
    tensor([1, 2, 0])
    """
    d = axis_of(input, dim, "sort")
    return first(Sort, input, d, length(input, d), descending)


@public(samples=[case((5,)), case((3, 4), 0, True)], grad=False, method=True)
@writes_out
def argsort(input, dim=-1, descending=False, stable=False, *, out=None):
    """The indices that sort input along dim, int64, of input's shape; see sort. Errors: OutOfRangeError for dim. Source: torch.argsort.

    >>> import tensorgrad
    >>> tensorgrad.argsort(tensorgrad.tensor([3., 1., 2.]))
    tensor([1, 2, 0])
    """
    d = axis_of(input, dim, "argsort")
    return kernels.places(detach(input), d, length(input, d), bool(descending))


@public(samples=[case((3, 4)), case((5,))], method=True, like=lambda np, x: np.sort(x, 0))
@writes_out
def msort(input, *, out=None):
    """input sorted along its first dimension, of its shape. Errors: TypeError for what is no tensor. Source: torch.msort.

    >>> import tensorgrad
    >>> tensorgrad.msort(tensorgrad.tensor([3., 1., 2.]))
    tensor([1., 2., 3.])
    """
    return sort(input, 0).values


@public(samples=[case((5,), 2), case((3, 4), 3, 0, False)], method=True)
@writes_out
def topk(input, k, dim=-1, largest=True, sorted=True, *, out=None):
    """(values, indices) of the k largest (smallest) elements along dim, in order: [..., n, ...] -> two of [..., k, ...]. Errors:
    ArgumentError for k outside [0, n], OutOfRangeError for dim. Source: torch.topk.

    >>> import tensorgrad
    >>> tensorgrad.topk(tensorgrad.tensor([3., 1., 2.]), 2).values
    tensor([3., 2.])
    """
    d = axis_of(input, dim, "topk")
    n = length(input, d)
    if not 0 <= k <= n:
        raise ArgumentError(f"topk: k must be in [0, {n}] for dim {dim} of shape {tuple(input.shape)}, got {k}")
    return first(TopK, input, d, k, largest)


@public(samples=[case((5,), 2), case((3, 4), 2, 0, True)], method=True)
@writes_out
def kthvalue(input, k, dim=-1, keepdim=False, *, out=None):
    """(values, indices) of the k-th smallest element along dim, k counted from 1: [..., n, ...] -> two of [...] (with keepdim [..., 1,
    ...]). Errors: ArgumentError for k outside [1, n], OutOfRangeError for dim and for one without elements. Source: torch.kthvalue.

    >>> import tensorgrad
    >>> tensorgrad.kthvalue(tensorgrad.tensor([3., 1., 2.]), 2).values
    tensor(2.)
    """
    d = axis_of(input, dim, "kthvalue")
    x = input if input.ndim else reshape(input, (1,))
    n = x.shape[d]
    if n == 0:
        raise OutOfRangeError(f"kthvalue: shape {tuple(input.shape)} has no element along dim {dim}")
    if not 1 <= k <= n:
        raise ArgumentError(f"kthvalue: k must be in [1, {n}] for dim {dim} of shape {tuple(input.shape)}, got {k}")
    places = slice_op(kernels.places(detach(x), d, k, False), dim=d, start=k - 1, end=k, step=1)
    return pair(KthValue, x, d, places, dropped(input, d, keepdim))


def dropped(input, d, keepdim):
    """input's shape with dim d reduced."""
    return tuple(1 if i == d else n for i, n in enumerate(input.shape) if keepdim or i != d)


@public(samples=[case(ints((3, 7), 0, 3), 1)], grad=False, method=True)
@writes_out
def mode(input, dim=-1, keepdim=False, *, out=None):
    """(values, indices) of the most frequent element along dim (of equals the smallest), and its last place: [..., n, ...] -> two of
    [...] (with keepdim [..., 1, ...]). Errors: OutOfRangeError for dim and for one without elements. Source: torch.mode.

    >>> import tensorgrad
    >>> tensorgrad.mode(tensorgrad.tensor([3, 1, 3])).values
    tensor(3)
    """
    d = axis_of(input, dim, "mode")
    x = input if input.ndim else reshape(input, (1,))
    np, a = arrays(x)
    if not a.shape[d]:
        raise OutOfRangeError(f"mode: shape {tuple(input.shape)} has no element along dim {dim}")

    def last_of_most(row):
        values, counts = np.unique(row, return_counts=True)
        best = values[counts.argmax()] if row[0] == row[0] or counts.max() > 1 else row[0]
        return np.flatnonzero((row == best) | ((row != row) & (best != best)))[-1]
    places = integers(np, np.expand_dims(np.apply_along_axis(last_of_most, d, a), d))
    return pair(Mode, x, d, places, dropped(input, d, keepdim))


@public(samples=[case(ints((3, 4), 0, 5)), case(ints((7,), 0, 5), True, True, True),
                 case(ints((5, 2), 0, 2), dim=0)], grad=False, method=True)
def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The different elements, [n], or slices along dim, [..., n, ...], in ascending order; optionally where each element went (of input's
    shape; of slices a vector), and how many of each there are, [n]. Errors: ShapeError for slices without elements, OutOfRangeError for
    dim. Source: torch.unique.

    >>> import tensorgrad
    >>> tensorgrad.unique(tensorgrad.tensor([3, 1, 3]))
    tensor([1, 3])
    """
    np, a = arrays(input)
    d = None if dim is None else slices_of(input, dim, "unique")
    if d is not None and 0 in (n for i, n in enumerate(a.shape) if i != d):
        raise ShapeError(f"unique: shape {tuple(input.shape)} has no element in a slice along dim {dim}")
    values, inverse, counts = np.unique(a, return_inverse=True, return_counts=True, axis=d)
    inverse = inverse.reshape(-1 if d is not None else a.shape)
    values = to_dtype(from_numpy(np.ascontiguousarray(values)), input.dtype)
    return listed(values, integers(np, inverse), integers(np, counts), return_inverse, return_counts)


def slices_of(input, dim, name):
    """The dim of slices, counted from the front: a scalar has none."""
    d = axis_of(input, dim, name)
    if not input.ndim:
        raise OutOfRangeError(f"{name}: dim {dim} of a tensor without dimensions")
    return d


def listed(values, inverse, counts, return_inverse, return_counts):
    """The tensors that were asked for."""
    out = (values, *((inverse,) if return_inverse else ()), *((counts,) if return_counts else ()))
    return out if len(out) > 1 else values


@public(samples=[case(ints((7,), 0, 3), True, True), case(ints((6, 2), 0, 2), dim=0)], grad=False, method=True)
def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The elements, [n], or slices along dim, [..., n, ...], that differ from the one before; optionally where each element went (of
    input's shape; of slices a vector), and how many there were in a row, [n]. Errors: OutOfRangeError for dim. Source:
    torch.unique_consecutive.

    >>> import tensorgrad
    >>> tensorgrad.unique_consecutive(tensorgrad.tensor([1, 1, 3, 1]))
    tensor([1, 3, 1])
    """
    np, a = arrays(input)
    d = 0 if dim is None else slices_of(input, dim, "unique_consecutive")
    a, shape = (a.reshape(-1), a.shape) if dim is None else (a, (a.shape[d],))
    n = a.shape[d]
    moved = np.moveaxis(a, d, 0).reshape(n, -1) if n else a.reshape(0, 1)
    new = np.ones(n, bool)
    new[1:] = (moved[1:] != moved[:-1]).any(1)
    starts = np.flatnonzero(new)
    values = to_dtype(from_numpy(np.ascontiguousarray(np.take(a, starts, d))), input.dtype)
    inverse, counts = np.cumsum(new) - 1, np.diff(np.append(starts, n))
    return listed(values, integers(np, inverse.reshape(shape)), integers(np, counts), return_inverse, return_counts)


@public(samples=[case(ints((7,), 0, 5)), case(ints((3,), 0, 5), (3,), minlength=8)], grad=False, method=True)
def bincount(input, weights=None, minlength=0):
    """y_k = how many elements of input are k, or the sum of their weights: [n] -> [max(largest + 1, minlength)]. Errors: ArgumentError
    for a negative element, DTypeError unless input is a vector of integers, ShapeError for other weights. Source: torch.bincount.

    >>> import tensorgrad
    >>> tensorgrad.bincount(tensorgrad.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    check_tensors("bincount", input=input)
    if input.ndim != 1 or input.is_floating_point() or input.dtype.name == "bool":
        raise DTypeError(f"bincount: needs a vector of integers, got shape {tuple(input.shape)} of {input.dtype}")
    if weights is not None:
        check_tensors("bincount", weights=weights)
    if weights is not None and tuple(weights.shape) != tuple(input.shape):
        raise ShapeError(f"bincount: weights of shape {tuple(weights.shape)} for input of shape {tuple(input.shape)}")
    if minlength < 0 or (input.numel() and int(input.min()) < 0):
        raise ArgumentError(f"bincount: input and minlength ({minlength}) must not be negative")
    n = int(input.max()) + 1 if input.numel() else 0
    weights = tensor(1).expand(input.numel()) if weights is None else weights
    if not weights.is_floating_point():
        weights = to_dtype(weights, LONG)
    elif weights.dtype is not FLOAT:
        weights = weights.double()
    return index_add(zeros(n if n > minlength else minlength, dtype=weights.dtype), 0, input, weights)


@public(samples=[case(ints((6,), 0, 3), (4,))], grad=False, torch=None)
@writes_out
def searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, out=None, sorter=None):
    """Where each element of input would go in the sorted rows to keep them sorted: before equal ones, or behind them with right.

    sorted_sequence: [n], for an input of any shape or a number, or [..., n] for an input [..., m]; the result has input's shape. Errors:
    ArgumentError for another side, ShapeError where the shapes differ before the last dimension, DTypeError for what is no tensor.
    Source: torch.searchsorted.

    >>> import tensorgrad
    >>> tensorgrad.searchsorted(tensorgrad.tensor([1, 3, 5]), tensorgrad.tensor([3, 4]))
    tensor([1, 2])
    """
    if side not in (None, "left", "right") or (right and side == "left"):
        raise ArgumentError(f"searchsorted: side must be 'left' or 'right' and agree with right={right}, got {side!r}")
    scalar = not isinstance(input, TensorBase)
    input = tensor(input) if scalar else input
    if sorter is not None:
        sorted_sequence = gather(sorted_sequence, -1, sorter)
    if not sorted_sequence.ndim:
        raise ShapeError("searchsorted: sorted_sequence must have at least one dimension, got shape ()")
    np, rows, values = arrays(sorted_sequence, input)
    how = "right" if right or side == "right" else "left"
    if rows.ndim == 1:
        found = np.searchsorted(rows, values, how)
    elif rows.shape[:-1] != values.shape[:-1]:
        raise ShapeError(f"searchsorted: sorted_sequence of shape {rows.shape} and input of shape {values.shape} must "
                         "agree in all dimensions but the last")
    else:
        found = np.empty(values.shape, np.int64)
        for i in np.ndindex(values.shape[:-1]):
            found[i] = np.searchsorted(rows[i], values[i], how)
    return integers(np, found, out_int32)


@public(samples=[case((2, 3), ints((1,), 0, 3))], grad=False, torch=None,
        like=lambda np, x, b: np.digitize(x, b, right=True))
@writes_out
def bucketize(input, boundaries, *, out_int32=False, right=False, out=None):
    """The number of boundaries below each element of input (with right: not above it): input of any shape or a number, boundaries [n],
    the result of input's shape. Errors: ShapeError unless boundaries are a vector, DTypeError for an input that is neither tensor nor
    number. Source: torch.bucketize.

    >>> import tensorgrad
    >>> tensorgrad.bucketize(tensorgrad.tensor([1, 4]), tensorgrad.tensor([1, 3, 5]))
    tensor([0, 2])
    """
    check_tensors("bucketize", boundaries=boundaries)
    if boundaries.ndim != 1:
        raise ShapeError(f"bucketize: boundaries must have one dimension, got shape {tuple(boundaries.shape)}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
