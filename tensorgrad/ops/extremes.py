"""Extremes with their places: max, min, argmax, median, cummax and their like.

What returns values and indices returns a named tuple; the gradient of the values goes to the elements at the indices.
"""

from .._core.errors import OutOfRangeError
from .._core.history import detach
from .._core.kernels import index as index_kernels
from .._core.kernels import order as order_kernels
from .._core.kernels import reduce as kernels
from .._core.tensor import TensorBase
from . import elementwise
from .create import full
from .declare import case, op, public, writes_out
from .index import embed_op, gather
from .order import arrays, integers
from .reduce import amax_op, amin_op, axis_of, evenly, finish, over
from .shape import ravel, reshape, unsqueeze_op


def result(name, *fields):
    """A named tuple as PyTorch returns it, without the cost of collections.namedtuple at import."""
    def show(self):
        named = ",\n".join(f"{f}={v!r}" for f, v in zip(fields, self, strict=True))
        return f"tensorgrad.return_types.{name}(\n{named})"
    members = {f: property(lambda self, i=i: self[i]) for i, f in enumerate(fields)}
    return type(name, (tuple,), {"__slots__": (), "_fields": fields, "__repr__": show,
                                 "__module__": "tensorgrad.return_types", **members})


def at_indices(g, indices, shape, dim, keepdim=True):
    """The adjoint of gathering at indices along dim: zeros of `shape` with g added there."""
    d = dim + (len(shape) or 1) if dim < 0 else dim
    if not keepdim and shape:
        g, indices = unsqueeze_op(g, dim=d), unsqueeze_op(indices, dim=d)
    places = index_kernels.places_along(shape, d, indices, "gather")
    return embed_op(g, places=places, dims=tuple(range(len(shape))), at=0, shape=shape)


def selecting(name):
    """The record of max or min along a dim."""
    return op(name, lambda x, dim, keepdim: kernels.select_extreme(x, dim, keepdim, name), "x", aux="indices",
              x=lambda g, x_shape, indices, dim, keepdim: at_indices(g, indices, x_shape, dim, keepdim))


def running(name):
    """The record of cummax or cummin."""
    return op(name, lambda x, dim: kernels.cumulative_extreme(x, dim, name), "x", aux="indices",
              x=lambda g, x_shape, indices, dim: at_indices(g, indices, x_shape, dim))


max_op, min_op, cummax_op, cummin_op = selecting("max"), selecting("min"), running("cummax"), running("cummin")
MAX, MIN = result("max", "values", "indices"), result("min", "values", "indices")
CUMMAX, CUMMIN = result("cummax", "values", "indices"), result("cummin", "values", "indices")
MEDIAN, NANMEDIAN = result("median", "values", "indices"), result("nanmedian", "values", "indices")
AMINMAX = result("aminmax", "min", "max")

SELECTING = (case((2, 3)), case((4, 3, 2), 1), case((4, 3), -1, True), case((3, 300), 1), case((), 0))


def extreme(record, whole, binary, kind, input, dim, keepdim, axis, keepdims):
    """max and min: of everything, along a dim, or of two tensors."""
    dim = axis if dim is None else dim
    keep = keepdim if keepdims is None else keepdims
    if isinstance(dim, TensorBase):
        return getattr(elementwise, binary)(input, dim)
    if dim is None:
        return whole(input, dims=(), keepdim=False)
    return kind(record(input, dim=dim, keepdim=bool(keep)))


@public(samples=SELECTING, method=True)
@writes_out
def max(input, dim=None, keepdim=False, *, out=None, other=None, axis=None, keepdims=None):
    """The largest element (the gradient is shared evenly by equal ones); along dim (values, indices of the first largest); of two tensors
    the larger elements. A NaN wins.

    Result: a scalar; along dim two tensors of input's shape without dim (with keepdim: size 1 there); of two tensors the shape they
    broadcast to. Errors: OutOfRangeError for a dim that is not there or has no element, ShapeError. Source: torch.max.

    >>> import tensorgrad
    >>> tensorgrad.max(tensorgrad.tensor([[1., 5.], [3., 4.]]), 1).indices
    tensor([1, 1])
    """
    return extreme(max_op, amax_op, "maximum", MAX, input, dim if other is None else other, keepdim, axis, keepdims)


@public(samples=SELECTING, method=True)
@writes_out
def min(input, dim=None, keepdim=False, *, out=None, other=None, axis=None, keepdims=None):
    """The smallest element (the gradient is shared evenly by equal ones); along dim (values, indices of the first smallest); of two
    tensors the smaller elements. A NaN wins.

    Result: a scalar; along dim two tensors of input's shape without dim (with keepdim: size 1 there); of two tensors the shape they
    broadcast to. Errors: OutOfRangeError for a dim that is not there or has no element, ShapeError. Source: torch.min.

    >>> import tensorgrad
    >>> tensorgrad.min(tensorgrad.tensor([[1., 5.], [3., 4.]]), 1).values
    tensor([1., 3.])
    """
    return extreme(min_op, amin_op, "minimum", MIN, input, dim if other is None else other, keepdim, axis, keepdims)


def place_of(input, dim, keepdim, name):
    """argmax and argmin: along dim, or of the flat input."""
    x = detach(input)
    if dim is not None:
        return kernels.select_extreme(x, dim, keepdim, name)[1]
    if not x.numel():
        raise OutOfRangeError(f"{name}: shape {tuple(x.shape)} has no element")
    return reshape(kernels.select_extreme(reshape(x, (-1,)), 0, False, name)[1], (1,) * x.ndim if keepdim else ())


@public(samples=SELECTING, grad=False, method=True)
def argmax(input, dim=None, keepdim=False, *, axis=None, keepdims=None, out=None):
    """The index of the first largest element, of the flat input (a scalar) or along dim (input's shape without dim, with keepdim size 1
    there), int64; a NaN is the largest. Errors: OutOfRangeError for a dim that is not there or has no element. Source: torch.argmax.

    >>> import tensorgrad
    >>> tensorgrad.argmax(tensorgrad.tensor([1., 5., 5.]))
    tensor(1)
    """
    return finish(place_of(input, axis if dim is None else dim, bool(keepdim if keepdims is None else keepdims), "argmax"), out, "argmax")


@public(samples=SELECTING, grad=False, method=True)
def argmin(input, dim=None, keepdim=False, *, axis=None, keepdims=None, out=None):
    """The index of the first smallest element, of the flat input (a scalar) or along dim (input's shape without dim, with keepdim size 1
    there), int64; a NaN is the smallest. Errors: OutOfRangeError for a dim that is not there or has no element. Source: torch.argmin.

    >>> import tensorgrad
    >>> tensorgrad.argmin(tensorgrad.tensor([5., 1., 1.]))
    tensor(1)
    """
    return finish(place_of(input, axis if dim is None else dim, bool(keepdim if keepdims is None else keepdims), "argmin"), out, "argmin")


@public(samples=[case((2, 3)), case((4, 3), dim=1), case((4, 3), dim=0, keepdim=True)], method=True)
@writes_out
def aminmax(input, *, dim=None, keepdim=False, out=None):
    """(amin, amax) over dim, each of input's shape without dim (with keepdim: size 1 there); scalars over all. Errors: OutOfRangeError
    for a dim that is not there or has no element, ArgumentError for one that appears twice. Source: torch.aminmax.

    >>> import tensorgrad
    >>> tensorgrad.aminmax(tensorgrad.tensor([1., 5.])).max
    tensor(5.)
    """
    dims, keep = over(dim, keepdim, None, None)
    return AMINMAX((amin_op(input, dims=dims, keepdim=keep), amax_op(input, dims=dims, keepdim=keep)))


@public(samples=[case((5,), 0), case((3, 4, 2), 1), case((), 0)], method=True)
@writes_out
def cummax(input, dim, *, out=None):
    """(values, indices): the largest element so far along dim, and its last place, int64; both of input's shape. Errors: OutOfRangeError
    for dim. Source: torch.cummax.

    >>> import tensorgrad
    >>> tensorgrad.cummax(tensorgrad.tensor([1., 5., 3.]), 0).values
    tensor([1., 5., 5.])
    """
    return CUMMAX(cummax_op(input, dim=axis_of(input, dim, "cummax")))


@public(samples=[case((5,), 0), case((3, 4, 2), 1), case((), 0)], method=True)
@writes_out
def cummin(input, dim, *, out=None):
    """(values, indices): the smallest element so far along dim, and its last place, int64; both of input's shape. Errors: OutOfRangeError
    for dim. Source: torch.cummin.

    >>> import tensorgrad
    >>> tensorgrad.cummin(tensorgrad.tensor([3., 5., 1.]), 0).values
    tensor([3., 3., 1.])
    """
    return CUMMIN(cummin_op(input, dim=axis_of(input, dim, "cummin")))


def median_places(x, dim, skip_nan, name):
    """Where the lower median along dim stands, with keepdim; of what is not NaN with skip_nan, else a NaN wins."""
    np, a = arrays(x)
    if not a.shape[dim]:
        raise OutOfRangeError(f"{name}: shape {tuple(x.shape)} has no element along dim {dim}")
    order = arrays(order_kernels.places(detach(x), dim, a.shape[dim], False))[1]
    n, nan = a.shape[dim], np.sum(a != a, dim, keepdims=True)
    k = np.maximum(n - nan - 1, 0) // 2 if skip_nan else np.where(nan > 0, n - nan, (n - 1) // 2)
    return integers(np, np.take_along_axis(order, k, dim))


def median_grad(g, x, y):
    """Shared evenly by the elements that equal the median."""
    return evenly(g, x, y, (), False)


def whole_median(name, skip_nan):
    """The record of the median of everything."""
    def forward(x):
        flat = ravel(x)
        if not flat.numel() and x.is_floating_point():
            return full((), float("nan"), dtype=x.dtype)
        return reshape(gather(flat, 0, median_places(flat, 0, skip_nan, name)), ())
    return op(name, forward, "x", x=median_grad)


median_op, nanmedian_op = whole_median("median", False), whole_median("nanmedian", True)


def middle(record, kind, input, dim, keepdim, skip_nan, name):
    """median and nanmedian."""
    if dim is None:
        return record(input)
    d = axis_of(input, dim, name)
    x = reshape(input, (1,)) if input.ndim == 0 else input
    places = median_places(x, d, skip_nan, name)
    values = gather(x, d, places)
    if input.ndim == 0 or not keepdim:
        shape = tuple(n for i, n in enumerate(x.shape) if i != d)
        return kind((reshape(values, shape), reshape(places, shape)))
    return kind((values, places))


@public(samples=[case((5,)), case((4, 3), 1), case((4, 3), 0, True)], method=True)
@writes_out
def median(input, dim=None, keepdim=False, *, out=None):
    """The lower median, element (n - 1) // 2 of the sorted ones; along dim (values, indices). A NaN wins.

    Result: a scalar; along dim two tensors of input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim
    that is not there or has no element. Source: torch.median.

    >>> import tensorgrad
    >>> tensorgrad.median(tensorgrad.tensor([4., 1., 3., 2.]))
    tensor(2.)
    """
    return middle(median_op, MEDIAN, input, dim, keepdim, False, "median")


@public(samples=[case((5,)), case((4, 3), 1)], method=True)
@writes_out
def nanmedian(input, dim=None, keepdim=False, *, out=None):
    """The lower median of what is not NaN; along dim (values, indices).

    Result: a scalar; along dim two tensors of input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim
    that is not there or has no element. Source: torch.nanmedian.

    >>> import tensorgrad
    >>> tensorgrad.nanmedian(tensorgrad.tensor([4., tensorgrad.nan, 3.]))
    tensor(3.)
    """
    return middle(nanmedian_op, NANMEDIAN, input, dim, keepdim, True, "nanmedian")
