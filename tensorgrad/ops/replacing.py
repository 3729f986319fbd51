"""Copies with a window or some places replaced: the *_scatter functions, put, index_reduce, and lists of indices."""

from .._core.apply import write_back
from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, OutOfRangeError, ShapeError
from .._core.kernels import index as kernels
from .._core.tensor import TensorBase
from .create import checked_dtype, finish, on_cpu, tensor
from .declare import case, check_tensors, ints, method, public, writes_out
from .elementwise import where
from .index import REDUCTIONS, both, check_rows, combine_op, constant, highest, lowest, nonzero, put_op, rows, same_dtype, write
from .reduce import axis_of
from .shape import as_strided, as_strided_op, clone_op, diagonal_op, reshape, scatter_window_op, select_op, slice_op, to_dtype

LONG = BY_NAME["int64"]


def replaced(name, input, src, record, **geometry):
    """input with src in a window of it."""
    part = record.forward(input, **geometry)
    if tuple(src.shape) != tuple(part.shape):
        raise ShapeError(f"{name}: src must have shape {tuple(part.shape)} for an input of shape {tuple(input.shape)}, got "
                         f"{tuple(src.shape)}")
    return scatter_window_op(input, to_dtype(src, input.dtype), window=record, geometry=geometry)


@public(samples=[case((3, 3), (3,)), case((3, 4), (2,), 2), case((2, 3, 4), (2, 3), 0, 1, 2)], method=True)
def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    """input with src on the diagonal of two dims, which it has the shape of; the result has input's. Errors: ShapeError for another src
    and equal dims, OutOfRangeError for a dim that is not there. Source: torch.diagonal_scatter.

    >>> import tensorgrad
    >>> tensorgrad.diagonal_scatter(tensorgrad.zeros(2, 2), tensorgrad.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_tensors("diagonal_scatter", input=input, src=src)
    return replaced("diagonal_scatter", input, src, diagonal_op, offset=offset, dim1=dim1, dim2=dim2)


@public(samples=[case((3, 4), (4,), 0, 1), case((3, 4), (3,), 1, -1)], method=True)
def select_scatter(input, src, dim, index):
    """input with src at one index of dim: input [..., n, ...], src [...]; the result has input's shape. Errors: ShapeError for another
    src, OutOfRangeError for dim and index. Source: torch.select_scatter.

    >>> import tensorgrad
    >>> tensorgrad.select_scatter(tensorgrad.zeros(2, 2), tensorgrad.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    return replaced("select_scatter", input, src, select_op, dim=dim, index=index)


@public(samples=[case((4, 3), (2, 3), 0, 1, 3), case((4, 3), (4, 2), dim=1, step=2), case((3,), (3,))], method=True)
@writes_out
def slice_scatter(input, src, dim=0, start=None, end=None, step=1, *, out=None):
    """input with src in the slice start:end:step of dim, which it has the shape of; the result has input's. Errors: ShapeError for
    another src, OutOfRangeError for dim, ArgumentError for step < 1. Source: torch.slice_scatter.

    >>> import tensorgrad
    >>> tensorgrad.slice_scatter(tensorgrad.zeros(4), tensorgrad.ones(2), start=1, end=3)
    tensor([0., 1., 1., 0.])
    """
    d = axis_of(input, dim, "slice_scatter")
    return replaced("slice_scatter", input, src, slice_op, dim=d, start=start, end=end, step=step)


@public(method=True)  # no samples: the answer depends on how src lies in memory
def slice_inverse(input, src, dim=0, start=None, end=None, step=1):
    """The tensor of which input is the slice start:end:step of dim: a view of input's memory with src's shape and strides. Errors:
    ArgumentError where that would reach outside. Source: torch.slice_inverse.

    >>> import tensorgrad
    >>> x = tensorgrad.arange(4)
    >>> tensorgrad.slice_inverse(x[1:3], x, 0, 1, 3)
    tensor([0, 1, 2, 3])
    """
    return as_strided(input, tuple(src.shape), src.stride(), src.storage_offset())


@public(samples=[case((3, 3), (2, 2), size=(2, 2), stride=(1, 3)), case((6,), (2,), size=(2,), stride=(2,), storage_offset=1)],
        method=True)
def as_strided_scatter(input, src, size, stride, storage_offset=None):
    """input with src, of shape size, in a window of its memory; see as_strided. The result has input's shape. Errors: ShapeError for
    another src, ArgumentError where the window would reach outside. Source: torch.as_strided_scatter.

    >>> import tensorgrad
    >>> tensorgrad.as_strided_scatter(tensorgrad.zeros(3), tensorgrad.ones(2), (2,), (2,))
    tensor([1., 0., 1.])
    """
    check_tensors("as_strided_scatter", input=input, src=src)
    input = input if input.is_contiguous() else clone_op(input)
    offset = 0 if storage_offset is None else storage_offset
    return replaced("as_strided_scatter", input, src, as_strided_op, size=tuple(size), stride=tuple(stride), offset=offset,
                    layout=input.stride())


# ---- at places ----

@public(samples=[case((4, 3), ints((2, 2), 0, 6), (2, 2), True), case((4, 3), ints((1,), -12, 12), (1,))])
def put(input, index, source, accumulate=False, *, in_place=False):
    """input with the flat elements at index replaced by source, or with source added to them: index and source of as many elements, the
    result of input's shape. Errors: OutOfRangeError (nothing is written), ShapeError, DTypeError for other dtypes. Source: torch.put.

    >>> import tensorgrad
    >>> tensorgrad.put(tensorgrad.zeros(3), tensorgrad.tensor([1]), tensorgrad.tensor([5.]))
    tensor([0., 5., 0.])
    """
    check_tensors("put", input=input, index=index, source=source)
    same_dtype(input, source, "put")
    if index.numel() != source.numel():
        raise ShapeError(f"put: index of shape {tuple(index.shape)} and source of shape {tuple(source.shape)} differ in size")
    places = kernels.places_flat(input.numel(), reshape(index, (-1,)), "put")
    geometry = {"places": places, "dims": tuple(range(input.ndim)), "at": 0}
    return write(input, reshape(source, (-1,)), geometry, "add" if accumulate else "write", "put", in_place)


INTO = ((4, 3), 0, ints((5,), 0, 4), (5, 3))


@public(samples=[case(*INTO, "prod"), case(*INTO, "amax"), case(*INTO, "amin", include_self=False), case(*INTO, "mean"),
                 case(*INTO, "mean", include_self=False)])
@writes_out
def index_reduce(input, dim, index, source, reduce, *, include_self=True, in_place=False, out=None):
    """input with the rows of source combined into the rows at index along dim: reduce is "prod", "mean", "amax" or "amin"; without
    include_self a row counts only where nothing arrives. source: input's shape, but as long along dim as index [n]; result: input's
    shape. Errors: ArgumentError for another reduce, ShapeError, OutOfRangeError, DTypeError. Source: torch.index_reduce.

    >>> import tensorgrad
    >>> i, x = tensorgrad.tensor([1, 1]), tensorgrad.tensor([5., 6.])
    >>> tensorgrad.index_reduce(tensorgrad.ones(2), 0, i, x, "prod")
    tensor([ 1., 30.])
    """
    if reduce not in REDUCTIONS or reduce == "sum":
        raise ArgumentError(f"index_reduce: reduce must be 'prod', 'mean', 'amax' or 'amin', got {reduce!r}")
    geometry = rows(input, dim, index, "index_reduce")
    check_rows(input, dim, index, source, "index_reduce")
    start = input
    if not include_self:
        neutral = {"prod": 1, "amax": lowest(input.dtype), "amin": highest(input.dtype), "mean": 0}[reduce]
        start = put_op(input, constant(neutral, input), **geometry, mode="write")
    if reduce == "mean":
        arrived = kernels.embed(constant(1, input).expand(source.shape), **geometry, shape=tuple(input.shape))
        arrived = arrived + (1 if include_self else 0)
        counts = where(arrived == 0, 1, arrived)
        y = put_op(start, source, **geometry, mode="add")
        y = y / counts if input.is_floating_point() else y.div(counts, rounding_mode="floor")
    else:
        y = combine_op[REDUCTIONS[reduce]](start, source, **geometry)
    return write_back(input, y, "index_reduce_") if in_place else y


both("put", put)
both("index_reduce", index_reduce)


def diagonal_fill(input, fill_value, wrap):
    """In-place value on the main diagonal; wrap: of a tall matrix again and again after each square."""
    sizes = tuple(input.shape)
    if input.ndim < 2 or (input.ndim > 2 and len(set(sizes)) > 1):
        raise ShapeError(f"fill_diagonal_: needs a matrix or equal sizes, got shape {sizes}")
    n = sizes[0] if sizes[0] < sizes[1] else sizes[1]
    step = input.stride(0)
    for d in range(1, input.ndim):
        step += input.stride(d)
    view = as_strided_op(input, size=(n,), stride=(step,), offset=0, layout=input.stride())
    view.fill_(fill_value)
    if wrap and input.ndim == 2 and sizes[0] > sizes[1] + 1:
        diagonal_fill(slice_op(input, dim=0, start=sizes[1] + 1, end=sizes[0], step=1), fill_value, True)
    return input


@method
def fill_diagonal_(self, fill_value, wrap=False):
    """In place: value on the main diagonal, with wrap again below each square of a tall matrix. Errors: ShapeError. Source:
    torch.Tensor.fill_diagonal_.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2, 2).fill_diagonal_(5)
    tensor([[5., 0.],
            [0., 5.]])
    """
    return diagonal_fill(self, fill_value, wrap)


# ---- lists of indices ----

@public(samples=[case((2, 3)), case(ints((3, 4), 0, 2))], grad=False, method=True, like="argwhere")
def argwhere(input):
    """The indices of every element that is not zero, as rows: [...] of d dimensions -> [count, d], int64. Errors: TypeError for what is
    no tensor. Source: torch.argwhere.

    >>> import tensorgrad
    >>> tensorgrad.argwhere(tensorgrad.tensor([0, 5, 6]))
    tensor([[1],
            [2]])
    """
    return nonzero(input)


@public(samples=[case(ints((3, 4), 0, 2), size=8), case(ints((3, 4), 0, 2), size=2, fill_value=7)], grad=False, method=True)
@writes_out
def nonzero_static(input, *, size, fill_value=-1, out=None):
    """The first `size` rows of nonzero, filled up with fill_value: [size, d] of d dimensions. Errors: ArgumentError for size < 0. Source:
    torch.nonzero_static.

    >>> import tensorgrad
    >>> tensorgrad.nonzero_static(tensorgrad.tensor([0, 1]), size=2)
    tensor([[ 1],
            [-1]])
    """
    if size < 0:
        raise ArgumentError(f"nonzero_static: size must be >= 0, got {size}")
    found = nonzero(input)[:size]
    return found if found.shape[0] == size else pad_rows(found, size, fill_value)


def pad_rows(x, size, value):
    """x with rows of one value behind, up to `size` rows."""
    out = x.new_full((size, x.shape[1]), value)
    out[:x.shape[0]] = x
    return out


@public(grad=False)
def unravel_index(indices, shape):
    """Flat indices [...] as a tuple of one tensor [...] of indices a dimension of shape; negative ones count from the end. Errors:
    OutOfRangeError for an index that is not there, TypeError for indices that are no integers. Source: torch.unravel_index.

    >>> import tensorgrad
    >>> tensorgrad.unravel_index(tensorgrad.tensor([4, 1]), (2, 3))
    (tensor([1, 0]), tensor([1, 1]))
    """
    if not isinstance(indices, TensorBase) or indices.is_floating_point() or indices.dtype.name == "bool":
        kind = getattr(indices, "dtype", type(indices).__name__)
        raise TypeError(f"unravel_index: indices must be a tensor of integers, got {kind}")
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    total = 1
    for n in shape:
        if n < 0:
            raise ArgumentError(f"unravel_index: sizes must be >= 0, got {shape}")
        total *= n
    if indices.numel() and not (-total <= int(indices.min()) and int(indices.max()) < total):
        raise OutOfRangeError(f"unravel_index: an index is outside [{-total}, {total - 1}] of shape {shape}")
    out, rest = [], to_dtype(indices, LONG)
    for n in reversed(shape):
        out.insert(0, rest % n)
        rest = rest.div(n, rounding_mode="floor")
    return tuple(out)


def triangle_indices(name, row, col, offset, upper, dtype, device):
    """(2, count): the places of a triangle, row by row."""
    on_cpu(device, name)
    if row < 0 or col < 0:
        raise ArgumentError(f"{name}: row and col must be >= 0, got {row} and {col}")
    rows, cols = [], []
    for i in range(row):
        edge = i + offset if upper else i + offset + 1
        edge = 0 if edge < 0 else col if edge > col else edge
        chosen = range(edge, col) if upper else range(edge)
        rows.extend([i] * len(chosen))
        cols.extend(chosen)
    return tensor([rows, cols], dtype=checked_dtype(dtype, name, LONG))


@public(grad=False)
def tril_indices(row, col, offset=0, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    """The rows and columns of the lower triangle of a row x col matrix: [2, count], int64. Errors: ArgumentError for negative sizes.
    Source: torch.tril_indices.

    >>> import tensorgrad
    >>> tensorgrad.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return finish(triangle_indices("tril_indices", row, col, offset, False, dtype, device), requires_grad)


@public(grad=False)
def triu_indices(row, col, offset=0, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    """The rows and columns of the upper triangle of a row x col matrix: [2, count], int64. Errors: ArgumentError for negative sizes.
    Source: torch.triu_indices.

    >>> import tensorgrad
    >>> tensorgrad.triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    return finish(triangle_indices("triu_indices", row, col, offset, True, dtype, device), requires_grad)
