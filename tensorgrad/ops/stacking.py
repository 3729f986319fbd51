"""Joining and cutting by the names of axes, grids and products of vectors, and other copies put together from views."""

from itertools import accumulate
from math import comb

from .._core.errors import ArgumentError, ShapeError
from .._core.tensor import TensorBase
from .create import arange, ones_like, tensor, zeros
from .declare import as_method, case, check_tensors, ints, public, writes_out
from .index import index_add, index_select
from .rearrange import cat, diag_embed, flip, stack
from .reduce import axis_of, cumsum, sum
from .shape import broadcast_tensors, clone_op, cut, diagonal, expand_op, index, permute_op, reshape, transpose, unsqueeze_op


def each(name, tensors, one):
    """one(t), or one of every tensor of a sequence or of the arguments."""
    if len(tensors) == 1 and isinstance(tensors[0], TensorBase):
        return one(tensors[0])
    tensors = tensors[0] if len(tensors) == 1 else tensors
    for t in tensors:
        if not isinstance(t, TensorBase):
            raise TypeError(f"{name}: expected tensors, got {type(t).__name__}")
    return tuple(one(t) for t in tensors)


@public(samples=[case(()), case((3,)), case((2, 3))], like="atleast_1d")
def atleast_1d(*tensors):
    """Each tensor with at least one dimension: [] -> [1]; a tuple for several. Errors: TypeError for what is no tensor. Source:
    torch.atleast_1d.

    >>> import tensorgrad
    >>> tensorgrad.atleast_1d(tensorgrad.tensor(2.0))
    tensor([2.])
    """
    return each("atleast_1d", tensors, lambda t: t if t.ndim else reshape(t, (1,)))


@public(samples=[case(()), case((3,)), case((2, 3))], like="atleast_2d")
def atleast_2d(*tensors):
    """Each tensor with at least two dimensions, new ones in front: [] -> [1, 1], [n] -> [1, n]; a tuple for several. Errors: TypeError
    for what is no tensor. Source: torch.atleast_2d.

    >>> import tensorgrad
    >>> tensorgrad.atleast_2d(tensorgrad.ones(3)).shape
    tensorgrad.Size([1, 3])
    """
    return each("atleast_2d", tensors, lambda t: t if t.ndim > 1 else reshape(t, (1, t.numel())))


@public(samples=[case(()), case((3,)), case((2, 3)), case((2, 3, 4))], like="atleast_3d")
def atleast_3d(*tensors):
    """Each tensor with at least three dimensions: [] -> [1, 1, 1], [n] -> [1, n, 1], [n, m] -> [n, m, 1]; a tuple for several. Errors:
    TypeError for what is no tensor. Source: torch.atleast_3d.

    >>> import tensorgrad
    >>> tensorgrad.atleast_3d(tensorgrad.ones(3)).shape
    tensorgrad.Size([1, 3, 1])
    """
    def one(t):
        if t.ndim > 2:
            return t
        return unsqueeze_op(t, dim=2) if t.ndim == 2 else reshape(t, (1, t.numel(), 1))
    return each("atleast_3d", tensors, one)


def several(tensors, name):
    """A non-empty list of tensors."""
    tensors = list(tensors)
    if not tensors:
        raise ArgumentError(f"{name}: expected at least one tensor")
    check_tensors(name, **{f"tensors[{i}]": t for i, t in enumerate(tensors)})
    return tensors


@public(samples=[case([(2,), (3,)]), case([(2, 3), (2, 1)]), case([(), ()])], like=lambda np, ts: np.hstack(ts))
@writes_out
def hstack(tensors, *, out=None):
    """The tensors side by side: along dim 1, vectors along dim 0: [n, a], [n, b] -> [n, a + b]. Errors: ShapeError where other sizes
    differ, ArgumentError for no tensor. Source: torch.hstack.

    >>> import tensorgrad
    >>> tensorgrad.hstack([tensorgrad.zeros(1), tensorgrad.ones(2)])
    tensor([0., 1., 1.])
    """
    tensors = [atleast_1d(t) for t in several(tensors, "hstack")]
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


@public(samples=[case([(3,), (3,)]), case([(2, 3), (1, 3)])], like=lambda np, ts: np.vstack(ts), aliases=("row_stack",))
@writes_out
def vstack(tensors, *, out=None):
    """The tensors below each other, vectors as rows: [a, m], [b, m] -> [a + b, m]. Errors: ShapeError where other sizes differ,
    ArgumentError for no tensor. Source: torch.vstack.

    >>> import tensorgrad
    >>> tensorgrad.vstack([tensorgrad.zeros(2), tensorgrad.ones(2)])
    tensor([[0., 0.],
            [1., 1.]])
    """
    return cat([atleast_2d(t) for t in several(tensors, "vstack")], 0)


@public(samples=[case([(3,), (3,)]), case([(2, 3), (2, 3)])], like=lambda np, ts: np.dstack(ts))
@writes_out
def dstack(tensors, *, out=None):
    """The tensors behind each other, along dim 2: [n, m, a], [n, m, b] -> [n, m, a + b], after atleast_3d. Errors: ShapeError where other
    sizes differ, ArgumentError for no tensor. Source: torch.dstack.

    >>> import tensorgrad
    >>> tensorgrad.dstack([tensorgrad.zeros(2), tensorgrad.ones(2)]).shape
    tensorgrad.Size([1, 2, 2])
    """
    return cat([atleast_3d(t) for t in several(tensors, "dstack")], 2)


@public(samples=[case([(3,), (3,)]), case([(3, 2), (3,)])], like=lambda np, ts: np.column_stack(ts))
@writes_out
def column_stack(tensors, *, out=None):
    """The tensors side by side, vectors as columns: [n], [n, b] -> [n, 1 + b]. Errors: ShapeError where other sizes differ, ArgumentError
    for no tensor. Source: torch.column_stack.

    >>> import tensorgrad
    >>> tensorgrad.column_stack([tensorgrad.zeros(2), tensorgrad.ones(2)])
    tensor([[0., 1.],
            [0., 1.]])
    """
    tensors = several(tensors, "column_stack")
    return hstack([reshape(t, (t.numel(), 1)) if t.ndim < 2 else t for t in tensors])


# ---- cutting ----

@public(samples=[case((7, 2), 3), case((2, 7), [1, 4], 1), case((3,), 5)], method=True,
        like=lambda np, x, s, dim=0: np.array_split(x, s, dim))
def tensor_split(input, indices_or_sections=None, dim=0, *, indices=None, sections=None, tensor_indices_or_sections=None):
    """Views: so many of nearly equal size (the first ones are one longer), or cut before the given indices, along dim: [..., n, ...] ->
    tuple of [..., length, ...]. Errors: ArgumentError for less than one section, ShapeError without dimensions, OutOfRangeError for dim.
    Source: torch.tensor_split.

    >>> import tensorgrad
    >>> [t.tolist() for t in tensorgrad.tensor_split(tensorgrad.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """
    if input.ndim == 0:
        raise ShapeError("tensor_split: a tensor without dimensions cannot be split")
    d = axis_of(input, dim, "tensor_split")
    n = input.shape[d]
    indices_or_sections = either(indices_or_sections, indices, sections, tensor_indices_or_sections)
    if isinstance(indices_or_sections, TensorBase):
        indices_or_sections = indices_or_sections.tolist()
    if not isinstance(indices_or_sections, (list, tuple)):
        k = index(indices_or_sections, "tensor_split")
        if not 0 < k < 1 << 63:
            raise ArgumentError(f"tensor_split: the number of sections must be positive and below 2^63, got {k}")
        return cut(input, [n // k + 1] * (n % k) + [n // k] * (k - n % k), d)
    out, start = [], 0
    for end in (*(index(i, "tensor_split") for i in indices_or_sections), n):
        out.append(input[(slice(None),) * d + (slice(start, end),)])
        start = end
    return tuple(out)


def either(*parts):
    """The one that was given."""
    return next((p for p in parts if p is not None), None)


def split_along(input, parts, dim, name):
    """hsplit, vsplit and dsplit: sections must divide evenly."""
    if isinstance(parts, int) and (parts <= 0 or input.shape[dim] % parts):
        raise ArgumentError(f"{name}: dim {dim} of shape {tuple(input.shape)} is not divisible by {parts}")
    return tensor_split(input, parts, dim)


def at_least(input, ndim, name):
    if input.ndim < ndim:
        raise ShapeError(f"{name}: needs at least {ndim} dimensions, got shape {tuple(input.shape)}")


@public(samples=[case((4,), 2), case((2, 6), 3), case((2, 6), [1, 4])], method=True, like="hsplit")
def hsplit(input, indices_or_sections=None, *, indices=None, sections=None):
    """tensor_split along dim 1, of vectors along dim 0, into equal sections: [n, m] -> tuple of [n, m / sections]. Errors: ShapeError for
    a scalar, ArgumentError where the size is not divisible. Source: torch.hsplit.

    >>> import tensorgrad
    >>> [t.tolist() for t in tensorgrad.hsplit(tensorgrad.arange(4), 2)]
    [[0, 1], [2, 3]]
    """
    check_tensors("hsplit", input=input)
    at_least(input, 1, "hsplit")
    return split_along(input, either(indices_or_sections, indices, sections), 0 if input.ndim == 1 else 1, "hsplit")


@public(samples=[case((4, 2), 2), case((4, 2), [1])], method=True, like="vsplit")
def vsplit(input, indices_or_sections=None, *, indices=None, sections=None):
    """tensor_split along dim 0 of a tensor of at least two dimensions: [n, ...] -> tuple of [n / sections, ...]. Errors: ShapeError below
    two dimensions, ArgumentError where the size is not divisible. Source: torch.vsplit.

    >>> import tensorgrad
    >>> [t.tolist() for t in tensorgrad.vsplit(tensorgrad.arange(4).reshape(2, 2), 2)]
    [[[0, 1]], [[2, 3]]]
    """
    check_tensors("vsplit", input=input)
    at_least(input, 2, "vsplit")
    return split_along(input, either(indices_or_sections, indices, sections), 0, "vsplit")


@public(samples=[case((2, 3, 4), 2), case((2, 3, 4), [1])], method=True, like="dsplit")
def dsplit(input, indices_or_sections=None, *, indices=None, sections=None):
    """tensor_split along dim 2: [n, m, k, ...] -> tuple of [n, m, k / sections, ...]. Errors: ShapeError below three dimensions,
    ArgumentError where the size is not divisible. Source: torch.dsplit.

    >>> import tensorgrad
    >>> tensorgrad.dsplit(tensorgrad.ones(1, 1, 4), 2)[0].shape
    tensorgrad.Size([1, 1, 2])
    """
    check_tensors("dsplit", input=input)
    at_least(input, 3, "dsplit")
    return split_along(input, either(indices_or_sections, indices, sections), 2, "dsplit")


# ---- grids and products ----

@public(samples=[case((2,), (3,)), case((2,), (3,), indexing="xy"), case((), (2,), indexing="ij")],
        like=lambda np, *xs, indexing="ij": np.meshgrid(*xs, indexing=indexing))
def meshgrid(*tensors, indexing=None):
    """Views of vectors as coordinates of a grid: [n], [m] -> two of [n, m], the first a[i], the second b[j]; indexing "ij" (the default)
    or "xy" (the first two dimensions exchanged). Errors: ArgumentError for another indexing, different dtypes and no tensor, ShapeError
    for matrices. Source: torch.meshgrid.

    >>> import tensorgrad
    >>> tensorgrad.meshgrid(tensorgrad.arange(2), tensorgrad.arange(3), indexing="ij")[0]
    tensor([[0, 0, 0],
            [1, 1, 1]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    tensors = several(tensors, "meshgrid")
    if indexing not in (None, "ij", "xy"):
        raise ArgumentError(f"meshgrid: indexing must be 'ij' or 'xy', got {indexing!r}")
    if any(t.ndim > 1 for t in tensors):
        raise ShapeError(f"meshgrid: expected vectors, got shapes {[tuple(t.shape) for t in tensors]}")
    if any(t.dtype is not tensors[0].dtype for t in tensors):
        raise ArgumentError(f"meshgrid: the tensors must have one dtype, got {[t.dtype for t in tensors]}")
    swap = indexing == "xy" and len(tensors) > 1
    vectors = [tensors[1], tensors[0], *tensors[2:]] if swap else tensors
    grid = tuple(t.numel() for t in vectors)
    out = [expand_op(reshape(t, (t.numel(),) + (1,) * (len(grid) - 1 - i)), size=grid) for i, t in enumerate(vectors)]
    return (out[1], out[0], *out[2:]) if swap else tuple(out)


@public(samples=[case((2,), (3,)), case((2,), (2,), (2,)), case((3,))])
def cartesian_prod(*tensors):
    """Every combination of one element of each vector, as rows: [n], [m] -> [n m, 2]. Errors: ShapeError for matrices, ArgumentError for
    different dtypes and no tensor. Source: torch.cartesian_prod.

    >>> import tensorgrad
    >>> tensorgrad.cartesian_prod(tensorgrad.tensor([1, 2]), tensorgrad.tensor([5, 6])).tolist()
    [[1, 5], [1, 6], [2, 5], [2, 6]]
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(t, (-1,)) for t in meshgrid(*tensors)], 1)


@public(samples=[case((4,)), case((4,), 3), case((3,), 2, True)])
def combinations(input, r=2, with_replacement=False):
    """Every choice of r elements of a vector, in order, as rows: [n] -> [n! / (r! (n - r)!), r]. Errors: ShapeError unless input is a
    vector, ArgumentError for r < 0. Source: torch.combinations; itertools.combinations.

    >>> import tensorgrad
    >>> tensorgrad.combinations(tensorgrad.tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """
    check_tensors("combinations", input=input)
    import itertools
    if input.ndim != 1:
        raise ShapeError(f"combinations: expected a vector, got shape {tuple(input.shape)}")
    if r < 0:
        raise ArgumentError(f"combinations: r must be >= 0, got {r}")
    if r == 0:
        return zeros(0, dtype=input.dtype)
    n = input.numel()
    count = comb(n + r - 1, r) if with_replacement and n else comb(n, r)
    places = zeros(count, r, dtype=arange(0).dtype)  # the error of what does not fit comes before the work
    if not count:
        return places.to(input.dtype)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = tensor(list(choose(range(n), r)))
    return reshape(index_select(input, 0, reshape(places, (-1,))), (count, r))


@public(samples=[case((2, 3), (4, 2)), case((2,), ()), case((2, 0), (1, 2))])
def block_diag(*tensors):
    """A matrix with the tensors (vectors as rows) along its diagonal and 0 elsewhere: [n, m], [k, l] -> [n + k, m + l]. Errors:
    ShapeError above two dimensions. Source: torch.block_diag.

    >>> import tensorgrad
    >>> tensorgrad.block_diag(tensorgrad.ones(1, 2), tensorgrad.ones(1, 1))
    tensor([[1., 1., 0.],
            [0., 0., 1.]])
    """
    tensors = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    if any(t.ndim > 2 for t in tensors):
        raise ShapeError(f"block_diag: expected at most two dimensions, got shapes {[tuple(t.shape) for t in tensors]}")
    blocks = [atleast_2d(t) for t in tensors]
    width, at, rows = 0, 0, []
    for b in blocks:
        width += b.shape[1]
    for b in blocks:
        n, m = b.shape
        rows.append(cat([zeros(n, at, dtype=b.dtype), b, zeros(n, width - at - m, dtype=b.dtype)], 1))
        at += m
    return cat(rows, 0) if rows else zeros(1, 0)


@public(samples=[case((2, 3), (4, 5)), case((3,), (2, 2)), case((2, 1, 3), (2,))], like="kron", method=True)
@writes_out
def kron(input, other, *, out=None):
    """Kronecker's product, every element of input times the whole of other: y[i k + p, j l + q] = input[i, j] other[p, q] for other [k,
    l]; [n, m], [k, l] -> [n k, m l], and so on in any number of dimensions. Errors: TypeError for what is no tensor. Source: torch.kron.

    >>> import tensorgrad
    >>> tensorgrad.kron(tensorgrad.tensor([1, 10]), tensorgrad.tensor([1, 2]))
    tensor([ 1,  2, 10, 20])
    """
    check_tensors("kron", input=input, other=other)
    n = input.ndim if input.ndim > other.ndim else other.ndim
    x, y = ((1,) * (n - t.ndim) + tuple(t.shape) for t in (input, other))
    product = (reshape(input, tuple(k for size in x for k in (size, 1))) * reshape(other, tuple(k for size in y for k in (1, size))))
    return reshape(product, tuple(p * q for p, q in zip(x, y, strict=True)))


@public(samples=[case((3,)), case((3,), 4), case((3,), 2, True)], on=(0.5, 2),
        like=lambda np, x, N=None, increasing=False: np.vander(x, N, increasing))
def vander(x, N=None, increasing=False):
    """Rows of the powers x^(N-1) ... x^0 of each element, the other way round with increasing: [n] -> [n, N], N by default n. Errors:
    ShapeError unless x is a vector, ArgumentError for N < 0. Source: torch.vander.

    >>> import tensorgrad
    >>> tensorgrad.vander(tensorgrad.tensor([2, 3]), 3).tolist()
    [[4, 2, 1], [9, 3, 1]]
    """
    check_tensors("vander", x=x)
    if x.ndim != 1:
        raise ShapeError(f"vander: expected a vector, got shape {tuple(x.shape)}")
    n = x.numel() if N is None else N
    if n < 0:
        raise ArgumentError(f"vander: N must be >= 0, got {N}")
    rows = unsqueeze_op(x, dim=1)
    rows = cat([rows * 0 + 1, expand_op(rows, size=(x.numel(), n - 1))], 1).cumprod(1) if n else zeros(x.numel(), 0, dtype=x.dtype)
    return rows if increasing else flip(rows, (1,))


# ---- repeated and turned ----

@public(samples=[case((3,), 2), case((2, 3), 2, 1), case((3,), ints((3,), 0, 3)), case((2, 3), ints((3,), 0, 3), -1),
                 case((2, 3), ints((1,), 2, 3))])
def repeat_interleave(input, repeats=None, dim=None, *, output_size=None):
    """Each element (or slice along dim) so many times in a row; of one tensor: index i repeated input[i] times.

    repeats: a number or a vector, one an element; input [..., n, ...] -> [..., sum of repeats, ...], without dim flat. Errors:
    ArgumentError for negative repeats, for others than integers and where their number differs, OutOfRangeError for dim. Source:
    torch.repeat_interleave.

    >>> import tensorgrad
    >>> tensorgrad.repeat_interleave(tensorgrad.tensor([5, 6]), tensorgrad.tensor([1, 2]))
    tensor([5, 6, 6])
    """
    if repeats is None:
        input, repeats = arange(input.numel()), input
    if dim is None:
        input, dim = reshape(input, (-1,)), 0
    d = axis_of(input, dim, "repeat_interleave")
    n = input.shape[d] if input.ndim else 1
    counts = [repeats] if isinstance(repeats, int) else repeats.tolist() if isinstance(repeats, TensorBase) else list(repeats)
    if isinstance(repeats, TensorBase) and (repeats.ndim > 1 or repeats.is_floating_point()):
        raise ArgumentError(f"repeat_interleave: repeats must be a vector of integers, got shape {tuple(repeats.shape)} of "
                            f"{repeats.dtype}")
    counts = [counts] if isinstance(counts, int) else counts
    if len(counts) == 1:
        counts = counts * n
    if len(counts) != n or any(c < 0 for c in counts):
        raise ArgumentError(f"repeat_interleave: repeats must be {n} numbers >= 0, one an element along dim {dim}, got {counts}")
    ends = list(accumulate(counts))
    total = ends[-1] if ends else 0
    if output_size is not None and output_size != total:
        raise ArgumentError(f"repeat_interleave: output_size is {output_size}, the repeats add up to {total}")
    places = zeros(total + 1, dtype=arange(0).dtype)  # becomes how many ends lie at or before each place
    ends = tensor(ends, dtype=places.dtype)
    return index_select(input, d, cumsum(index_add(places, 0, ends, ones_like(ends)), 0)[:total])


as_method("repeat_interleave", lambda self, repeats, dim=None, *, output_size=None: (
    repeat_interleave(self, repeats, dim, output_size=output_size)), same=repeat_interleave)


@public(samples=[case((2, 3)), case((2, 3), -1), case((2, 3, 4), 2, [1, 2]), case((2, 3), 4)], method=True,
        like=lambda np, x, k=1, dims=(0, 1): np.rot90(x, k, dims))
def rot90(input, k=1, dims=(0, 1)):
    """A copy turned by k quarter turns in the plane of two dims, from the first towards the second: [n, m] -> [m, n] for odd k. Errors:
    ArgumentError unless dims are two different ones, OutOfRangeError for one that is not there. Source: torch.rot90.

    >>> import tensorgrad
    >>> tensorgrad.rot90(tensorgrad.tensor([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    """
    check_tensors("rot90", input=input)
    if len(dims) != 2 or input.ndim < 2:
        raise ArgumentError(f"rot90: needs two dims of at least two, got dims {tuple(dims)} and shape {tuple(input.shape)}")
    a, b = (axis_of(input, d, "rot90") for d in dims)
    if a == b:
        raise ArgumentError(f"rot90: dims {tuple(dims)} are the same")
    if k % 4 == 2:
        return flip(input, (a, b))
    if k % 4 == 0:
        return clone_op(input)
    order = list(range(input.ndim))
    order[a], order[b] = b, a
    return permute_op(flip(input, (b,)), dims=tuple(order)) if k % 4 == 1 else flip(permute_op(input, dims=tuple(order)), (b,))


@public(samples=[case((2, 3))], like="fliplr", method=True)
def fliplr(input):
    """flip along dim 1: y[i, j] = x[i, m - 1 - j] of [n, m, ...]. Errors: ShapeError below two dimensions. Source: torch.fliplr.

    >>> import tensorgrad
    >>> tensorgrad.fliplr(tensorgrad.tensor([[1, 2]]))
    tensor([[2, 1]])
    """
    check_tensors("fliplr", input=input)
    at_least(input, 2, "fliplr")
    return flip(input, (1,))


@public(samples=[case((2, 3)), case((3,))], like="flipud", method=True)
def flipud(input):
    """flip along dim 0: y[i] = x[n - 1 - i] of [n, ...]. Errors: ShapeError for a scalar. Source: torch.flipud.

    >>> import tensorgrad
    >>> tensorgrad.flipud(tensorgrad.tensor([1, 2]))
    tensor([2, 1])
    """
    check_tensors("flipud", input=input)
    at_least(input, 1, "flipud")
    return flip(input, (0,))


@public(samples=[case((3,)), case((2, 2), 1), case((3,), -1)], method=True, like=lambda np, x, k=0: np.diagflat(x, k))
def diagflat(input, offset=0):
    """A matrix with the flat input on a diagonal, 0 elsewhere: [...] of n elements -> [n + |offset|, n + |offset|]. Errors: TypeError for
    what is no tensor. Source: torch.diagflat.

    >>> import tensorgrad
    >>> tensorgrad.diagflat(tensorgrad.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(reshape(input, (-1,)), offset)


@public(samples=[case((3, 3)), case((2, 4))], method=True, like="trace")
def trace(input):
    """The sum of a matrix's diagonal: [n, m] -> scalar. Errors: ShapeError for other than two dimensions. Source: torch.trace.

    >>> import tensorgrad
    >>> tensorgrad.trace(tensorgrad.eye(3))
    tensor(3.)
    """
    check_tensors("trace", input=input)
    if input.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, got shape {tuple(input.shape)}")
    return sum(diagonal(input))


@public(samples=[case((2, 3)), case((2, 3, 4)), case(())], method=True, like=lambda np, x: x if x.ndim == 0 else np.swapaxes(x, -1, -2))
def adjoint(input):
    """A view with the last two dimensions exchanged, the conjugate transpose of real matrices: [..., n, m] -> [..., m, n]. Errors:
    ShapeError below two dimensions. Source: torch.adjoint.

    >>> import tensorgrad
    >>> tensorgrad.adjoint(tensorgrad.ones(2, 3)).shape
    tensorgrad.Size([3, 2])
    """
    check_tensors("adjoint", input=input)
    if input.ndim == 1:
        raise ShapeError(f"adjoint: expected at least two dimensions, got shape {tuple(input.shape)}")
    return transpose(input, -2, -1) if input.ndim else reshape(input, ())


@public(samples=[case((2, 3), (2, 3)), case((2, 3), (1, 3), 1), case((4, 3, 2), (4, 3, 2), dim=1)], method=True)
@writes_out
def cross(input, other, dim=None, *, out=None):
    """The cross product of vectors of 3 elements along dim (the first dim of size 3 by default): c_0 = a_1 b_2 - a_2 b_1, and so on in
    turn. Two tensors of as many dimensions, which broadcast. Errors: ShapeError unless dim has the size 3, OutOfRangeError for dim.
    Source: torch.cross.

    >>> import tensorgrad
    >>> tensorgrad.cross(tensorgrad.tensor([1., 0, 0]), tensorgrad.tensor([0., 1, 0]), 0)
    tensor([0., 0., 1.])
    """
    if input.ndim != other.ndim:
        raise ShapeError(f"cross: shapes {tuple(input.shape)} and {tuple(other.shape)} differ in dimensions")
    a, b = broadcast_tensors(input, other)
    if dim is None:
        dim = next((i for i, n in enumerate(a.shape) if n == 3), None)
        if dim is None:
            raise ShapeError(f"cross: no dimension of size 3 in {tuple(a.shape)}")
    d = axis_of(a, dim, "cross")
    if a.shape[d] != 3:
        raise ShapeError(f"cross: dim {dim} of shape {tuple(a.shape)} must have size 3")
    return a.roll(-1, d) * b.roll(-2, d) - a.roll(-2, d) * b.roll(-1, d)
