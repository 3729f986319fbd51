"""Reading and writing at indices: gather, scatter, index_*, masked_*, take, embedding.

Three records do all of it: `index` reads at places, `index_embed` is its adjoint (zeros with the gradient added in),
and `index_put` writes. Places are made and checked by kernels.index before anything is read or written.
"""

from .._core.apply import write_back
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.graph import is_grad_enabled
from .._core.kernels import index as kernels
from .._core.kernels.create import full as full_kernel
from .._core.tensor import TensorBase
from .declare import METHODS, bools, case, check_tensors, enter_in_place, ints, op, public, writes_out
from .elementwise import where
from .shape import broadcast_tensors, clone_op, expand_op, reshape, slice_op, to_dtype

index_op = op("index", kernels.take, "x", x=lambda g, x_shape, places, dims, at: (
    embed_op(g, places=places, dims=dims, at=at, shape=x_shape)))
embed_op = op("index_embed", kernels.embed, "g0", g0=lambda g, places, dims, at: (
    index_op(g, places=places, dims=dims, at=at)))
put_op = op("index_put", kernels.put, "x v",
            x=lambda g, places, dims, at, mode: g if mode == "add" else (
                put_op(g, constant(0, g), places=places, dims=dims, at=at, mode="write")),
            v=lambda g, places, dims, at: index_op(g, places=places, dims=dims, at=at))


def multiply_grad(g, x, v, y, geometry):
    """d(x times all v that meet it)/dv: y / v; where v is the only zero of its place, the product of the others."""
    zero = v == 0
    zeros = embed_op(to_dtype(zero, g.dtype), **geometry, shape=tuple(x.shape))
    rest = multiply_op(x, where(zero, 1, v), **geometry)
    alone = index_op(g * where(zeros == 1, rest, 0), **geometry)
    return where(zero, alone, index_op(g * y, **geometry) / where(zero, 1, v))


def extreme_grads(g, x, v, y, geometry):
    """(gx, gv) of scatter with max or min: shared evenly by all that equal the result."""
    mine = x == y
    theirs = to_dtype(v == index_op(y, **geometry), g.dtype)
    share = g / (mine + embed_op(theirs, **geometry, shape=tuple(x.shape)))
    return mine * share, theirs * index_op(share, **geometry)


multiply_op = op("scatter_mul", lambda x, v, **geometry: kernels.put(x, v, mode="mul", **geometry), "x v",
                 x=lambda g, x, v, **geometry: g * multiply_op(x * 0 + 1, v, **geometry),
                 v=lambda g, x, v, y, **geometry: multiply_grad(g, x, v, y, geometry))


def extreme_record(mode):
    """scatter with max or min."""
    return op("scatter_" + mode, lambda x, v, **geometry: kernels.put(x, v, mode=mode, **geometry), "x v",
              x=lambda g, x, v, y, **geometry: extreme_grads(g, x, v, y, geometry)[0],
              v=lambda g, x, v, y, **geometry: extreme_grads(g, x, v, y, geometry)[1])


combine_op = {"mul": multiply_op, "max": extreme_record("max"), "min": extreme_record("min")}


def constant(value, like):
    """A 0-d tensor of like's dtype."""
    return full_kernel((), value, like.dtype)


def wants(*tensors):
    """Whether a graph is being built over any of them."""
    return is_grad_enabled() and any(t.requires_grad for t in tensors)


def write(x, v, geometry, mode, name, in_place):
    """x with v put in: a new tensor, or x itself; in x's memory directly where no graph is wanted."""
    if in_place and not wants(x, v):
        return kernels.write_(x, v, **geometry, mode=mode, name=name)
    y = put_op(x, v, **geometry, mode=mode)
    return write_back(x, y, name) if in_place else y


def both(name, function):
    """Tensor.name and Tensor.name_ for function(input, ..., in_place=)."""
    METHODS[name] = function
    enter_in_place(name + "_", lambda self, *args, **kwargs: function(self, *args, **kwargs, in_place=True), name, function)


# ---- along one dimension, an index an element ----

def along(input, dim, index, name):
    """The geometry of gather and scatter: places in all dimensions."""
    places = kernels.places_along(tuple(input.shape), dim, index, name)
    return {"places": places, "dims": tuple(range(input.ndim)), "at": 0}


@public(samples=[case((4, 3), 0, ints((2, 3), 0, 4)), case((4, 3), -1, ints((4, 5), 0, 3)),
                 case((3,), 0, ints((0,), 0, 3))], method=True)
@writes_out
def gather(input, dim=None, index=None, *, sparse_grad=False, out=None, axis=None):
    """y[i][j] = input[index[i][j]][j] for dim 0, and so on. index: int64, as many dimensions as input, no longer outside dim; the result
    has its shape. Errors: OutOfRangeError for dim and for an index outside [0, size), ShapeError, DTypeError for an index that is no
    integer. Source: torch.gather.

    >>> import tensorgrad
    >>> tensorgrad.gather(tensorgrad.tensor([[1, 2], [3, 4]]), 1, tensorgrad.tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """
    return index_op(input, **along(input, dim if axis is None else axis, index, "gather"))


@public(samples=[case((4, 3), ints((4, 2), 0, 3), 1)], method=True,
        like=lambda np, x, i, dim: np.take_along_axis(x, i, dim))
@writes_out
def take_along_dim(input, indices, dim=None, *, out=None):
    """gather with indices and input broadcast against each other outside dim; without dim: of the flat input. The result has the shape of
    indices, broadcast. Errors: ShapeError, OutOfRangeError for dim and for an index outside [0, size), DTypeError for indices that are no
    integers. Source: torch.take_along_dim.

    >>> import tensorgrad
    >>> tensorgrad.take_along_dim(tensorgrad.tensor([5, 6, 7]), tensorgrad.tensor([2, 0]))
    tensor([7, 5])
    """
    if dim is None:
        return gather(reshape(input, (-1,)), 0, reshape(indices, (-1,)))
    d = dim + input.ndim if dim < 0 else dim
    x_shape, i_shape = list(input.shape), list(indices.shape)
    if len(x_shape) == len(i_shape):
        for k in range(len(x_shape)):
            if k != d:
                x_shape[k] = i_shape[k] = i_shape[k] if x_shape[k] == 1 else x_shape[k]
    return gather(expand_op(input, size=tuple(x_shape)), d, expand_op(indices, size=tuple(i_shape)))


def cut_to(src, index, name):
    """The part of src that index covers."""
    if src.ndim == index.ndim:
        for d, n in enumerate(index.shape):
            if src.shape[d] < n:
                raise ShapeError(f"{name}: index of shape {tuple(index.shape)} is larger than src of shape "
                                 f"{tuple(src.shape)}")
            if src.shape[d] != n:
                src = slice_op(src, dim=d, start=0, end=n, step=1)
    elif index.numel():
        raise ShapeError(f"{name}: index of shape {tuple(index.shape)} and src of shape {tuple(src.shape)} differ "
                         "in dimensions")
    return src


def same_dtype(input, src, name):
    if src.dtype is not input.dtype:
        raise DTypeError(f"{name}: src is of {src.dtype}, input of {input.dtype}; they must be the same")


def scatter_with(input, dim, index, src, mode, name, in_place):
    if not isinstance(src, TensorBase):
        src = full_kernel(tuple(index.shape), src, input.dtype)
    same_dtype(input, src, name)
    geometry, src = along(input, dim, index, name), cut_to(src, index, name)
    if mode in ("write", "add"):
        return write(input, src, geometry, mode, name, in_place)
    y = combine_op[mode](input, src, **geometry)
    return write_back(input, y, name) if in_place else y


REDUCTIONS = {"sum": "add", "prod": "mul", "amax": "max", "amin": "min", "mean": "add"}
INTO = ((4, 3), 0, ints((2, 3), 0, 4), (2, 3))


@public(samples=[case((4, 3), 1, ints((4, 1), 0, 3), (4, 3)), case((4, 3), 0, ints((1, 3), 0, 4), 2.5)])
@writes_out
def scatter(input, dim, index, src=None, *, value=None, reduce=None, in_place=False, out=None):
    """input with y[index[i][j]][j] = src[i][j] for dim 0, and so on; the last write wins. reduce: "add" or "multiply". index, src: as
    many dimensions as input, src at least as long as index, or a number. Errors: OutOfRangeError for dim and for an index outside [0,
    size) (nothing is written), ShapeError, DTypeError for other dtypes, ArgumentError for another reduce. Source: torch.scatter.

    >>> import tensorgrad
    >>> tensorgrad.scatter(tensorgrad.zeros(3), 0, tensorgrad.tensor([1]), tensorgrad.tensor([5.]))
    tensor([0., 5., 0.])
    """
    mode = {None: "write", "add": "add", "multiply": "mul"}.get(reduce)
    if mode is None:
        raise ArgumentError(f"scatter: reduce must be None, 'add' or 'multiply', got {reduce!r}")
    return scatter_with(input, dim, index, value if src is None else src, mode, "scatter", in_place)


@public(samples=[case(*INTO), case((4, 3), -1, ints((4, 5), 0, 3), (4, 5))])
@writes_out
def scatter_add(input, dim, index, src, *, in_place=False, out=None):
    """input with y[index[i][j]][j] += src[i][j] for dim 0, and so on; shapes as in scatter. Errors: ShapeError, OutOfRangeError for dim
    and for an index outside [0, size), DTypeError for other dtypes. Source: torch.scatter_add.

    >>> import tensorgrad
    >>> tensorgrad.scatter_add(tensorgrad.zeros(2), 0, tensorgrad.tensor([1, 1]), tensorgrad.tensor([5., 6.]))
    tensor([ 0., 11.])
    """
    return scatter_with(input, dim, index, src, "add", "scatter_add", in_place)


@public(samples=[case(*INTO, "sum"), case(*INTO, "prod"), case(*INTO, "amax"), case(*INTO, "amin", include_self=False),
                 case(*INTO, "mean"), case(*INTO, "mean", include_self=False)])
@writes_out
def scatter_reduce(input, dim, index, src, reduce, *, include_self=True, in_place=False, out=None):
    """scatter that combines what meets in one element: reduce is "sum", "prod", "mean", "amax" or "amin"; without include_self input
    counts only where nothing arrives. Shapes as in scatter. Errors: ArgumentError for another reduce, ShapeError, OutOfRangeError for dim
    and for an index outside [0, size), DTypeError for other dtypes. Source: torch.scatter_reduce.

    >>> import tensorgrad
    >>> tensorgrad.scatter_reduce(tensorgrad.ones(2), 0, tensorgrad.tensor([1, 1]), tensorgrad.tensor([5., 6.]), "prod")
    tensor([ 1., 30.])
    """
    if reduce not in REDUCTIONS:
        raise ArgumentError(f"scatter_reduce: reduce must be one of {sorted(REDUCTIONS)}, got {reduce!r}")
    same_dtype(input, src, "scatter_reduce")
    geometry, src = along(input, dim, index, "scatter_reduce"), cut_to(src, index, "scatter_reduce")
    start = input
    if not include_self:
        neutral = {"prod": 1, "amax": lowest(input.dtype), "amin": highest(input.dtype)}.get(reduce, 0)
        start = put_op(input, constant(neutral, input), **geometry, mode="write")
    mode = REDUCTIONS[reduce]
    if mode == "add":
        y = put_op(start, src, **geometry, mode="add")
        if reduce == "mean":
            ones = full_kernel(tuple(src.shape), 1, input.dtype)
            counts = kernels.embed(ones, **geometry, shape=tuple(input.shape)) + (1 if include_self else 0)
            counts = where(counts == 0, 1, counts)
            y = y / counts if input.is_floating_point() else y // counts
    else:
        y = combine_op[mode](start, src, **geometry)
    return write_back(input, y, "scatter_reduce_") if in_place else y


def highest(dtype):
    return float("inf") if dtype.is_floating_point else True if dtype.name == "bool" else (
        2 ** (8 * dtype.itemsize - dtype.is_signed) - 1)


def lowest(dtype):
    return float("-inf") if dtype.is_floating_point else 0 if not dtype.is_signed else -2 ** (8 * dtype.itemsize - 1)


# ---- along one dimension, an index a row ----

def rows(input, dim, index, name):
    """The geometry of index_select, index_add and their like."""
    if index.ndim > 1:
        raise ShapeError(f"{name}: index must have one dimension, got shape {tuple(index.shape)}")
    n = max(input.ndim, 1)
    if not -n <= dim < n:
        kernels.places_along(tuple(input.shape), dim, index, name)  # says what is wrong
    d = dim % n
    index = reshape(index, (-1,))
    if input.ndim == 0:
        return {"places": kernels.places_flat(1, reshape(index, ()), name), "dims": (), "at": 0}
    return {"places": kernels.places(tuple(input.shape), (d,), [index], name, False), "dims": (d,), "at": d}


@public(samples=[case((4, 3), 0, ints((5,), 0, 4)), case((4, 3), -1, ints((2,), 0, 3)),
                 case((4, 3), 1, ints((0,), 0, 3))], method=True, like=lambda np, x, dim, i: np.take(x, i, dim))
@writes_out
def index_select(input, dim=None, index=None, *, out=None, axis=None):
    """The rows of input at index along dim: y[i] = input[index[i]] for dim 0, [..., n, ...] -> [..., length of index, ...]. Errors:
    OutOfRangeError for dim and for an index outside [0, n), ShapeError for an index of several dimensions, DTypeError for one that is no
    integer. Source: torch.index_select.

    >>> import tensorgrad
    >>> tensorgrad.index_select(tensorgrad.tensor([5, 6, 7]), 0, tensorgrad.tensor([2, 0]))
    tensor([7, 5])
    """
    return index_op(input, **rows(input, dim if axis is None else axis, index, "index_select"))


def check_rows(input, dim, index, source, name):
    expected = list(input.shape)
    if expected:
        expected[dim] = index.numel()
    if list(source.shape) != expected and not (source.numel() == 1 and index.numel() == 1):
        raise ShapeError(f"{name}: source of shape {tuple(source.shape)} must be {tuple(expected)} for an input of "
                         f"shape {tuple(input.shape)} and {index.numel()} indices along dim {dim}")
    same_dtype(input, source, name)


@public(samples=[case((4, 3), 0, ints((5,), 0, 4), (5, 3)), case((4, 3), 1, ints((2,), 0, 3), (4, 2), alpha=2)])
@writes_out
def index_add(input, dim, index, source, *, alpha=1, in_place=False, out=None):
    """input with alpha times the rows of source added at index along dim: y[index[i]] += alpha source[i] for dim 0. source: input's
    shape, but as long as index, [k], along dim. Errors: ShapeError, OutOfRangeError for dim and for an index outside [0, size),
    DTypeError for other dtypes. Source: torch.index_add.

    >>> import tensorgrad
    >>> tensorgrad.index_add(tensorgrad.zeros(2), 0, tensorgrad.tensor([1, 1]), tensorgrad.tensor([5., 6.]))
    tensor([ 0., 11.])
    """
    geometry = rows(input, dim, index, "index_add")
    check_rows(input, dim, index, source, "index_add")
    return write(input, source if alpha == 1 else source * alpha, geometry, "add", "index_add", in_place)


@public(samples=[case((4, 3), 1, ints((1,), 0, 3), (4, 1))])
def index_copy(input, dim, index, source, *, in_place=False):
    """input with the rows of source written at index along dim: y[index[i]] = source[i] for dim 0. source: input's shape, but as long as
    index, [k], along dim. Errors: ShapeError, OutOfRangeError for dim and for an index outside [0, size), DTypeError for other dtypes.
    Source: torch.index_copy.

    >>> import tensorgrad
    >>> tensorgrad.index_copy(tensorgrad.zeros(2), 0, tensorgrad.tensor([1]), tensorgrad.tensor([5.]))
    tensor([0., 5.])
    """
    geometry = rows(input, dim, index, "index_copy")
    check_rows(input, dim, index, source, "index_copy")
    return write(input, source, geometry, "write", "index_copy", in_place)


@public(samples=[case((4, 3), 1, ints((2,), 0, 3), 2.5)])
def index_fill(input, dim, index, value, *, in_place=False):
    """input with value, a number or a tensor without dimensions, at index, [k], along dim. Errors: ShapeError for a value with
    dimensions, OutOfRangeError for dim and for an index outside [0, size), DTypeError for an index that is no integer. Source:
    torch.index_fill.

    >>> import tensorgrad
    >>> tensorgrad.index_fill(tensorgrad.zeros(2), 0, tensorgrad.tensor([1]), 5)
    tensor([0., 5.])
    """
    value = value if isinstance(value, TensorBase) else constant(value, input)
    if value.ndim:
        raise ShapeError(f"index_fill: value must have no dimensions, got shape {tuple(value.shape)}")
    return write(input, value, rows(input, dim, index, "index_fill"), "write", "index_fill", in_place)


@public(samples=[case((4, 3), ints((2, 2), -12, 12))], method=True, like=lambda np, x, i: np.take(x, i))
@writes_out
def take(input, index, *, out=None):
    """The elements of the flat input at index, of any shape, which the result has; negative ones count from the end. Errors:
    OutOfRangeError for an index that is not there, DTypeError for one that is no integer, TypeError. Source: torch.take.

    >>> import tensorgrad
    >>> tensorgrad.take(tensorgrad.tensor([[5, 6], [7, 8]]), tensorgrad.tensor([3, 0]))
    tensor([8, 5])
    """
    places = kernels.places_flat(input.numel(), index, "take")
    return index_op(input, places=places, dims=tuple(range(input.ndim)), at=0)


# ---- where a mask is true ----

def to_bool(mask, name):
    if mask.dtype.name not in ("bool", "uint8"):
        raise DTypeError(f"{name}: mask must be bool, got {mask.dtype}")
    return mask


@public(samples=[case((2, 3), bools((2, 3)), 7.0), case((2, 3), bools((3,)), 0)], method=True, in_place=True,
        like=lambda np, x, mask, value: np.where(mask, value, x))
def masked_fill(input, mask, value):
    """input with value where mask (broadcast to its shape) is true. Errors: ShapeError for a value with dimensions and a mask that does
    not fit, DTypeError unless mask is bool. Source: torch.masked_fill.

    >>> import tensorgrad
    >>> tensorgrad.masked_fill(tensorgrad.zeros(2), tensorgrad.tensor([True, False]), 5)
    tensor([5., 0.])
    """
    if isinstance(value, TensorBase):
        if value.ndim:
            raise ShapeError(f"masked_fill: value must have no dimensions, got shape {tuple(value.shape)}")
        value = to_dtype(value, input.dtype)
    else:
        value = constant(value, input)
    return where(to_bool(mask, "masked_fill"), value, input)


@public(samples=[case((2, 3), bools((2, 3))), case((2, 3), bools((3,)))], method=True,
        like=lambda np, x, mask: x[np.broadcast_to(mask, x.shape)])
@writes_out
def masked_select(input, mask, *, out=None):
    """The elements of input where mask (broadcast against it) is true, in row-major order: [count]. Errors: ShapeError where they do not
    broadcast, DTypeError unless mask is bool. Source: torch.masked_select.

    >>> import tensorgrad
    >>> tensorgrad.masked_select(tensorgrad.tensor([5, 6]), tensorgrad.tensor([False, True]))
    tensor([6])
    """
    input, mask = broadcast_tensors(input, to_bool(mask, "masked_select"))
    return index_op(input, places=kernels.nonzero(mask, True), dims=tuple(range(input.ndim)), at=0)


@public(samples=[case((2, 3), bools((2, 3)), (6,)), case((2, 3), bools((3,)), (2, 5))], method=True, in_place=True)
def masked_scatter(input, mask, source):
    """input with the first elements of source, in order, where mask (broadcast to its shape) is true. Errors: ShapeError where source is
    too short, DTypeError unless mask is bool and source of input's dtype. Source: torch.masked_scatter.

    >>> import tensorgrad
    >>> tensorgrad.masked_scatter(tensorgrad.zeros(2), tensorgrad.tensor([False, True]), tensorgrad.ones(2))
    tensor([0., 1.])
    """
    check_tensors("masked_scatter", input=input, mask=mask, source=source)
    same_dtype(input, source, "masked_scatter")
    input, mask = broadcast_tensors(input, to_bool(mask, "masked_scatter"))
    places = kernels.nonzero(mask, True)
    n = places.numel()
    if n > source.numel():
        raise ShapeError(f"masked_scatter: {n} elements are masked, source has shape {tuple(source.shape)}")
    values = slice_op(reshape(source, (-1,)), dim=0, start=0, end=n, step=1)
    return put_op(input, values, places=places, dims=tuple(range(input.ndim)), at=0, mode="write")


@public(samples=[case(bools((3, 4))), case((2, 3))], grad=False, method=True, like=lambda np, x: np.argwhere(x))
@writes_out
def nonzero(input, *, out=None, as_tuple=False):
    """The indices of every element that is not zero: [...] of d dimensions -> [count, d], or with as_tuple d tensors [count]; int64.
    Errors: TypeError for what is no tensor. Source: torch.nonzero.

    >>> import tensorgrad
    >>> tensorgrad.nonzero(tensorgrad.tensor([0, 5, 6]))
    tensor([[1],
            [2]])
    """
    if not as_tuple:
        return kernels.nonzero(input)
    found = kernels.nonzero(input if input.ndim else reshape(input, (1,)))
    return tuple(clone_op(found[:, d]) for d in range(found.shape[1]))


both("scatter", scatter)
both("scatter_add", scatter_add)
both("scatter_reduce", scatter_reduce)
both("index_add", index_add)
both("index_copy", index_copy)
both("index_fill", index_fill)
