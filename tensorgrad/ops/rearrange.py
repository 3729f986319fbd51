"""Copies that only move elements: joining, reversing, rolling, repeating, triangles and diagonals."""

from .._core.apply import store
from .._core.errors import ArgumentError, OutOfRangeError, ShapeError
from .._core.tensor import TensorBase
from .declare import as_method, case, check_tensors, public, writes_out
from .shape import (
    cat_op,
    clone_op,
    diagonal_op,
    expand_op,
    flip_op,
    narrow,
    ravel,
    reshape,
    sizes,
    span,
    triangle_op,
    unsqueeze_op,
    window,
)


@public(samples=[case([(2, 3), (4, 3)]), case([(2, 1), (2, 2), (2, 0)], 1), case([(3,), (0,)])], aliases=("concat", "concatenate"),
        like=lambda np, tensors, dim=0: np.concatenate(tensors, dim))
@writes_out
def cat(tensors, dim=0, *, out=None, axis=None):
    """The tensors one after the other along a dimension: [..., a, ...], [..., b, ...] -> [..., a + b, ...]. Errors: ShapeError naming all
    shapes where others differ, ArgumentError for no tensor, OutOfRangeError for dim, TypeError. Source: torch.cat.

    >>> import tensorgrad
    >>> tensorgrad.cat([tensorgrad.zeros(1), tensorgrad.ones(2)])
    tensor([0., 1., 1.])
    """
    if isinstance(tensors, TensorBase):
        raise TypeError("cat: tensors must be a sequence of tensors, got one tensor")
    return cat_op(*tensors, dim=dim if axis is None else axis)


@public(samples=[case([(2, 3), (2, 3)]), case([(2,), (2,), (2,)], -1), case([()])], like=lambda np, ts, dim=0: np.stack(ts, dim))
@writes_out
def stack(tensors, dim=0, *, out=None, axis=None):
    """The tensors, all of one shape, along a new dimension: n times [...] -> [n, ...] for dim 0. Errors: ShapeError for different shapes,
    ArgumentError for no tensor, OutOfRangeError for dim. Source: torch.stack.

    >>> import tensorgrad
    >>> tensorgrad.stack([tensorgrad.zeros(2), tensorgrad.ones(2)]).shape
    tensorgrad.Size([2, 2])
    """
    tensors, dim = list(tensors), dim if axis is None else axis
    if not tensors:
        raise ArgumentError("stack: expected at least one tensor")
    shapes = {tuple(t.shape) for t in tensors}
    if len(shapes) > 1:
        raise ShapeError(f"stack: all shapes must be equal, got {[tuple(t.shape) for t in tensors]}")
    d, _ = span(tensors[0].ndim + 1, dim, dim, "stack")
    return cat_op(*(unsqueeze_op(t, dim=d) for t in tensors), dim=d)


@public(samples=[case((2, 3), dims=(0,)), case((2, 3), dims=(0, 1)), case((0, 3), dims=[1])], method=False,
        like=lambda np, x, dims: np.flip(x, dims))
def flip(input, dims):
    """A copy with the order reversed along dims, y[..., i, ...] = x[..., n - 1 - i, ...]; of input's shape. Errors: OutOfRangeError for a
    dim that is not there, ArgumentError for one that appears twice. Source: torch.flip.

    >>> import tensorgrad
    >>> tensorgrad.flip(tensorgrad.arange(3), (0,))
    tensor([2, 1, 0])
    """
    return flip_op(input, dims=sizes((dims,), "flip"))


def flip_method(self, *each, dims=None):
    """A copy with the order reversed along dims, flip(0, 1) or flip((0, 1)); see tensorgrad.flip. Errors: OutOfRangeError for a dim
    that is not there, ArgumentError for one named twice. Source: torch.Tensor.flip.

    >>> import tensorgrad
    >>> tensorgrad.arange(3).flip(0)
    tensor([2, 1, 0])
    """
    return flip(self, sizes(each if dims is None else (dims,), "flip"))


@public(samples=[case((5,), 2), case((2, 3), shifts=(1, -1), dims=(0, 1)), case((2, 3), 4)], method=True,
        like=lambda np, x, shifts, dims=None: np.roll(x, shifts, dims))
def roll(input, shifts, dims=None):
    """A copy with the elements moved along dims, those pushed out re-entering at the other end: y[i] = x[(i - shift) mod n]; of input's
    shape. Without dims: of the flat input. Errors: ArgumentError where shifts and dims differ in length, OutOfRangeError for a dim that
    is not there. Source: torch.roll.

    >>> import tensorgrad
    >>> tensorgrad.roll(tensorgrad.arange(4), 1)
    tensor([3, 0, 1, 2])
    """
    check_tensors("roll", input=input)
    if dims is None:
        if not isinstance(shifts, int):
            raise ArgumentError(f"roll: shifts {shifts} need dims")
        return reshape(roll(ravel(input), shifts, 0), tuple(input.shape))
    shifts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    dims = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(shifts) != len(dims):
        raise ArgumentError(f"roll: shifts {shifts} and dims {dims} differ in length")
    for s, dim in zip(shifts, dims, strict=True):
        d, _ = span(input.ndim, dim, dim, "roll")
        if not input.ndim:
            raise OutOfRangeError(f"roll: dim {dim} of a tensor without dimensions")
        n = input.shape[d]
        if n and s % n:
            k = n - s % n
            input = cat([narrow(input, d, k, n - k), narrow(input, d, 0, k)], d)
    return input if any(s for s in shifts) else clone_op(input)


def repeat(self, *each, repeats=None):
    """A copy repeated along each dimension, new ones in front: [n, m] -> [a n, b m] for (a, b). Errors: ShapeError for fewer numbers than
    dimensions and for negative ones, TypeError for what is no integer. Source: torch.Tensor.repeat.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    repeats = sizes(each if repeats is None else (repeats,), "repeat")
    extra = len(repeats) - self.ndim
    if extra < 0 or any(r < 0 for r in repeats):
        raise ShapeError(f"repeat: {repeats} for a tensor of shape {tuple(self.shape)}: one non-negative number a dimension")
    shape = (1,) * extra + tuple(self.shape)
    spread_out = reshape(self, tuple(n for s in shape for n in (1, s)))
    expanded = expand_op(spread_out, size=tuple(n for r, s in zip(repeats, shape, strict=True) for n in (r, s)))
    return reshape(clone_op(expanded), tuple(r * s for r, s in zip(repeats, shape, strict=True)))


@public(samples=[case((2, 3), dims=(2,)), case((3,), dims=(2, 2))], method=False, like=lambda np, x, dims: np.tile(x, dims))
def tile(input, dims):
    """input repeated along each dimension; missing repeats are 1: [n, m] -> [a n, b m] for dims (a, b). Errors: ShapeError for a negative
    number. Source: torch.tile.

    >>> import tensorgrad
    >>> tensorgrad.tile(tensorgrad.arange(2), (2,))
    tensor([0, 1, 0, 1])
    """
    check_tensors("tile", input=input)
    dims = sizes((dims,), "tile")
    return repeat(input, (1,) * (input.ndim - len(dims)) + dims)


def tile_method(self, *each, dims=None):
    """A copy repeated along each dimension, the last ones where there are fewer numbers; see tensorgrad.tile. Errors: ShapeError
    for a negative number, TypeError for what is no integer. Source: torch.Tensor.tile.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1, 2]).tile(2)
    tensor([1, 2, 1, 2])
    """
    return tile(self, sizes(each if dims is None else (dims,), "tile"))


@public(samples=[case((3, 3)), case((2, 3, 4), 1), case((3, 4), -1)], method=True, in_place=True,
        like=lambda np, x, k=0: np.tril(x, k))
def tril(input, diagonal=0, *, out=None):
    """The last two dimensions' lower triangle, zero above the diagonal (where j > i + diagonal); of input's shape [..., n, m]. Errors:
    ShapeError below two dimensions. Source: torch.tril.

    >>> import tensorgrad
    >>> tensorgrad.tril(tensorgrad.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    y = triangle_op(input, diagonal=diagonal, upper=False)
    return y if out is None else store(out, y, "tril")


@public(samples=[case((3, 3)), case((2, 3, 4), 1), case((3, 4), -1)], method=True, in_place=True,
        like=lambda np, x, k=0: np.triu(x, k))
def triu(input, diagonal=0, *, out=None):
    """The last two dimensions' upper triangle, zero below the diagonal (where j < i + diagonal); of input's shape [..., n, m]. Errors:
    ShapeError below two dimensions. Source: torch.triu.

    >>> import tensorgrad
    >>> tensorgrad.triu(tensorgrad.ones(2, 2))
    tensor([[1., 1.],
            [0., 1.]])
    """
    y = triangle_op(input, diagonal=diagonal, upper=True)
    return y if out is None else store(out, y, "triu")


@public(samples=[case((3,)), case((3, 3)), case((2,), 1)], method=True, like=lambda np, x, k=0: np.diag(x, k))
@writes_out
def diag(input, diagonal=0, *, out=None):
    """A matrix with the vector on a diagonal, or the diagonal of a matrix: [n] -> [n, n], [n, n] -> [n], for diagonal 0. Errors:
    ShapeError for other than one or two dimensions. Source: torch.diag.

    >>> import tensorgrad
    >>> tensorgrad.diag(tensorgrad.arange(2))
    tensor([[0, 0],
            [0, 1]])
    """
    if input.ndim == 2:
        return clone_op(diagonal_op(input, offset=diagonal, dim1=0, dim2=1))
    if input.ndim != 1:
        raise ShapeError(f"diag: expected one or two dimensions, got shape {tuple(input.shape)}")
    return diag_embed(input, diagonal)


@public(samples=[case((3,)), case((2, 3), 1), case((2, 3), 0, 0, 2)], method=True,
        like=lambda np, x, o=0, a=-2, b=-1: np.moveaxis(
            np.stack([np.diag(r, o) for r in x.reshape(-1, x.shape[-1])]).reshape(
                x.shape[:-1] + (x.shape[-1] + abs(o),) * 2), (-2, -1), (a, b)))
def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """Matrices with the last dimension on a diagonal of dims dim1 and dim2, 0 elsewhere: [..., n] -> [..., n + |offset|, n + |offset|].
    Errors: ShapeError without dimensions, ArgumentError where the dims are the same, OutOfRangeError for one that is not there. Source:
    torch.diag_embed.

    >>> import tensorgrad
    >>> tensorgrad.diag_embed(tensorgrad.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_tensors("diag_embed", input=input)
    if input.ndim == 0:
        raise ShapeError("diag_embed: expected at least one dimension")
    n = input.shape[-1] + abs(offset)
    a, b = (span(input.ndim + 1, d, d, "diag_embed")[0] for d in (dim1, dim2))
    if a == b:
        raise ArgumentError(f"diag_embed: dim1 {dim1} and dim2 {dim2} are the same")
    shape = list(input.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, n)
    return window(input, tuple(shape), diagonal_op, {"offset": offset, "dim1": a, "dim2": b})


as_method("flip", flip_method)
as_method("repeat", repeat)
as_method("tile", tile_method)
