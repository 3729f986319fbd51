"""Views, and the copies that only move elements. A view's gradient is a view, or goes into the same window of the input's."""

from .._core import engine, graph
from .._core.apply import assign
from .._core.dtype import dtype as dtype_class
from .._core.errors import ArgumentError, OutOfRangeError, ShapeError
from .._core.kernels import create as create_kernels
from .._core.kernels import reduce as reduce_kernels
from .._core.kernels import shape as kernels
from .._core.size import Size
from .._core.tensor import TensorBase, window_of
from .declare import as_method, case, check_tensors, op, public


def window(g, x_shape, record, geometry):
    """The gradient of a window: zeros with g in that window."""
    return embed_op(g, shape=x_shape, window=record, geometry=geometry)


# ---- records ----

embed_op = op("embed", kernels.embed, "g0",
              g0=lambda g, window, geometry: window(g, **geometry))
scatter_window_op = op("scatter_window", kernels.scatter_window, "x v",
                       x=lambda g, v_shape, window, geometry: scatter_window_op(
                           g, zeros_like_shape(g, v_shape), window=window, geometry=geometry),
                       v=lambda g, window, geometry: window(g, **geometry))

as_strided_op = op("as_strided", kernels.as_strided, "x", view=True,
                   x=lambda g, x_shape, **geometry: window(g, x_shape, as_strided_op, geometry))
select_op = op("select", kernels.select, "x", view=True, into=True,
               x=lambda g, x_shape, **geometry: window(g, x_shape, select_op, geometry))
slice_op = op("slice", kernels.slice, "x", view=True, into=True,
              x=lambda g, x_shape, **geometry: window(g, x_shape, slice_op, geometry))
diagonal_op = op("diagonal", kernels.diagonal, "x", view=True, into=True,
                 x=lambda g, x_shape, **geometry: window(g, x_shape, diagonal_op, geometry))
unfold_op = op("unfold", kernels.unfold, "x", view=True,
               x=lambda g, x_shape, **geometry: window(g, x_shape, unfold_op, geometry))
permute_op = op("permute", kernels.permute, "x", view=True,
                x=lambda g, dims: permute_op(g, dims=inverse(dims)))
transpose_op = op("transpose", kernels.transpose, "x", view=True,
                  x=lambda g, dim0, dim1: transpose_op(g, dim0=dim0, dim1=dim1))
t_op = op("t", kernels.transpose, "x", view=True, x=lambda g: t_op(g, dim0=0, dim1=1))
expand_op = op("expand", kernels.expand, "x", view=True, x=lambda g: g)  # the engine sums over what was expanded
view_op = op("view", kernels.view, "x", view=True, x=lambda g, x_shape: reshape(g, x_shape))
unsqueeze_op = op("unsqueeze", kernels.unsqueeze, "x", view=True, x=lambda g, x_shape: reshape(g, x_shape))
squeeze_op = op("squeeze", kernels.squeeze, "x", view=True, x=lambda g, x_shape: reshape(g, x_shape))

clone_op = op("clone", kernels.clone, "x", x=lambda g: g)
to_op = op("to_copy", kernels.to_dtype, "x", x=lambda g: g)  # the engine restores the dtype
cat_op = op("cat", kernels.cat, "*xs", xs=lambda g, xs_shape, dim: pieces(g, xs_shape, dim))
flip_op = op("flip", kernels.flip, "x", x=lambda g, dims: flip_op(g, dims=dims))
triangle_op = op("triangle", kernels.triangle, "x",
                 x=lambda g, diagonal, upper: triangle_op(g, diagonal=diagonal, upper=upper))


def inverse(dims):
    """The permutation that undoes `dims`."""
    order = [0] * len(dims)
    for i, d in enumerate(dims):
        order[d] = i
    return tuple(order)


def zeros_like_shape(g, shape):
    """Zeros of g's dtype."""
    return create_kernels.zeros(shape, g.dtype)


def pieces(g, shapes, dim):
    """g cut along dim as cat joined it."""
    out, at = [], 0
    for shape in shapes:
        if shape == (0,) and g.ndim != 1:
            out.append(None)
            continue
        n = shape[dim]
        out.append(slice_op(g, dim=dim, start=at, end=at + n, step=1))
        at += n
    return tuple(out)


def sum_to(g, shape):
    """Sum g over the dimensions along which a tensor of `shape` was broadcast to g's shape."""
    extra = g.ndim - len(shape)
    dims = tuple(range(extra)) + tuple(i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1)
    g = sum_op(g, dims=dims, keepdim=True) if dims else g
    return reshape(g, shape) if extra else g


sum_op = op("sum", reduce_kernels.sum, "x", x=lambda g, x_shape, dims, keepdim: spread(g, x_shape, dims, keepdim))


def spread(g, shape, dims, keepdim):
    """The adjoint of sum: g repeated along the dims that were summed over."""
    if not keepdim and g.ndim != len(shape):
        kept = list(shape)
        for d in dims or range(len(shape)):
            kept[d] = 1
        g = reshape(g, tuple(kept))
    return expand_op(g, size=shape)


# ---- public functions ----

def sizes(args, name):
    """f(2, 3) and f((2, 3)) mean the same."""
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        args = args[0]
    for a in args:
        if type(a) is not int:
            return tuple([index(a, name) for a in args])
    return tuple(args)


def index(value, name):
    """An integer from anything that is one."""
    try:
        return value.__index__()
    except AttributeError:
        raise TypeError(f"{name}: expected integers, got {type(value).__name__} {value!r}") from None


@public(samples=[case((2, 3), shape=(3, 2)), case((4,), shape=(2, -1)), case((0, 3), shape=(3, 0)), case((), shape=(1, 1))], method=False,
        like=lambda np, input, shape: input.reshape(shape))
def reshape(input, shape):
    """input's elements in row-major order with another shape: a view where the memory allows it, else a copy.

    shape: sizes, one of which may be -1. Errors: ShapeError where the number of elements differs. Source: torch.reshape.

    >>> import tensorgrad
    >>> tensorgrad.reshape(tensorgrad.arange(6), (2, 3))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return reshape_method(input, shape)


def reshape_method(self, *each, shape=None):
    """The elements in row-major order with another shape, reshape(2, 3) or reshape((2, 3)); see tensorgrad.reshape. Errors:
    ShapeError for another number of elements, TypeError for what is no size. Source: torch.Tensor.reshape.

    >>> import tensorgrad
    >>> tensorgrad.arange(6).reshape(2, -1).shape
    tensorgrad.Size([2, 3])
    """
    shape = sizes(each if shape is None else (shape,), "reshape")
    return view_op(self if kernels.viewable(self, shape) else clone_op(self), size=shape)


def view(self, *shape, size=None, dtype=None):
    """The same memory with another shape (one size may be -1), or read as another dtype. Errors: ShapeError where that needs a copy.
    Source: torch.Tensor.view.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2, 3).view(-1).shape, tensorgrad.zeros(2).view(tensorgrad.uint8).shape
    (tensorgrad.Size([6]), tensorgrad.Size([8]))
    """
    if dtype is not None or (len(shape) == 1 and isinstance(shape[0], dtype_class)):
        return view_dtype(self, dtype or shape[0])
    return view_op(self, size=sizes(shape if size is None else (size,), "view"))


def view_dtype(self, dtype):
    """The same bytes read as another element type; the last dimension grows or shrinks where the sizes differ."""
    old, new = self.dtype.itemsize, dtype.itemsize
    size, stride, start = list(self.shape), list(self.stride()), self.storage_offset()
    if old != new:
        if not size or stride[-1] != 1:
            raise ShapeError(f"view: {self.dtype} as {dtype} needs a last dimension of stride 1, got shape {tuple(size)} with strides "
                             f"{tuple(stride)}")
        if (size[-1] * old) % new or (start * old) % new or any((s * old) % new for s in stride[:-1]):
            raise ShapeError(f"view: shape {tuple(size)} with strides {tuple(stride)} of {self.dtype} cannot be read as {dtype}")
        size[-1], stride[:-1], start = size[-1] * old // new, [s * old // new for s in stride[:-1]], start * old // new
    return window_of(self.untyped_storage(), dtype, start, tuple(size), tuple(stride))


@public(samples=[case((2, 3, 4), dims=(2, 0, 1)), case((2, 3), dims=(-1, 0)), case((), dims=())], method=False,
        like=lambda np, input, dims: np.transpose(input, dims))
def permute(input, dims):
    """A view of input with its dimensions in the order dims: result.shape[i] = input.shape[dims[i]]. Errors: ShapeError for another
    number of dims, OutOfRangeError for a dim that is not there, ArgumentError for one that appears twice. Source: torch.permute.

    >>> import tensorgrad
    >>> tensorgrad.permute(tensorgrad.zeros(2, 3, 5), (2, 0, 1)).shape
    tensorgrad.Size([5, 2, 3])
    """
    n = max(input.ndim, 1)
    return permute_op(input, dims=tuple(d + n if d < 0 else d for d in sizes((dims,), "permute")))


def permute_method(self, *each, dims=None):
    """A view with the dimensions in another order, permute(2, 0, 1) or permute((2, 0, 1)); see tensorgrad.permute. Errors:
    ShapeError, OutOfRangeError. Source: torch.Tensor.permute.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2, 3, 5).permute(2, 0, 1).shape
    tensorgrad.Size([5, 2, 3])
    """
    return permute(self, sizes(each if dims is None else (dims,), "permute"))


@public(samples=[case((2, 3, 4), 0, 2), case((2, 3), -1, -2)], method=True, aliases=("swapdims",),
        like=lambda np, input, a, b: np.swapaxes(input, a, b))
def transpose(input, dim0, dim1):
    """A view of input with two dimensions exchanged: [..., n, ..., m, ...] -> [..., m, ..., n, ...]. Errors: OutOfRangeError for a dim
    that is not there. Source: torch.transpose.

    >>> import tensorgrad
    >>> tensorgrad.transpose(tensorgrad.zeros(2, 3), 0, 1).shape
    tensorgrad.Size([3, 2])
    """
    return transpose_op(input, dim0=dim0, dim1=dim1)


@public(samples=[case((2, 3, 4), 0, 2)], method=True, like="swapaxes")
def swapaxes(input, axis0, axis1):
    """transpose under NumPy's name: [..., n, ..., m, ...] -> [..., m, ..., n, ...]. Errors: OutOfRangeError for an axis that is not
    there. Source: torch.swapaxes.

    >>> import tensorgrad
    >>> tensorgrad.swapaxes(tensorgrad.zeros(2, 3), 0, 1).shape
    tensorgrad.Size([3, 2])
    """
    return transpose_op(input, dim0=axis0, dim1=axis1)


@public(samples=[case((2, 3)), case((4,)), case(())], method=True, like=lambda np, input: input.T)
def t(input):
    """The transpose of a matrix, [n, m] -> [m, n], a view; vectors and scalars are returned as they are. Errors: ShapeError above two
    dimensions. Source: torch.t.

    >>> import tensorgrad
    >>> tensorgrad.t(tensorgrad.zeros(2, 3)).shape
    tensorgrad.Size([3, 2])
    """
    check_tensors("t", input=input)
    if input.ndim > 2:
        raise ShapeError(f"t: expected at most two dimensions, got shape {tuple(input.shape)}")
    return t_op(input, dim0=0, dim1=1) if input.ndim == 2 else view_op(input, size=tuple(input.shape))


def expand(self, *each, size=None, implicit=False):
    """A view with dimensions of size 1 repeated, new ones in front, -1 for "as it is": [n, 1] -> [k, n, m]. Errors: ShapeError where
    another size would change, TypeError for what is no integer. Source: torch.Tensor.expand.

    >>> import tensorgrad
    >>> tensorgrad.zeros(3, 1).expand(2, -1, 4).shape
    tensorgrad.Size([2, 3, 4])
    """
    return expand_op(self, size=sizes(each if size is None else (size,), "expand"))


def expand_as(self, other):
    """self.expand(other.shape). Errors: ShapeError where self does not broadcast to it, TypeError for what is no tensor. Source:
    torch.Tensor.expand_as.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1, 2]).expand_as(tensorgrad.zeros(2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    check_tensors("expand_as", other=other)
    return expand_op(self, size=tuple(other.shape))


@public(samples=[case((1, 3), size=(2, 3)), case((3,), size=(4, 3))], method=True, like=lambda np, x, size: np.broadcast_to(x, size))
def broadcast_to(input, size):
    """A view of input broadcast to a shape, its last dimensions or those of size 1 repeated; -1: as it is. Errors: ShapeError where
    input's shape does not fit. Source: torch.broadcast_to.

    >>> import tensorgrad
    >>> tensorgrad.broadcast_to(tensorgrad.ones(3), (2, 3)).stride()
    (0, 1)
    """
    return expand_op(input, size=sizes((size,), "broadcast_to"))


@public(grad=False)
def broadcast_shapes(*shapes):
    """The shape that the shapes broadcast to, aligned at their ends: of each size the one that is not 1. Errors: ShapeError where two
    differ, and for a negative size. Source: torch.broadcast_shapes.

    >>> import tensorgrad
    >>> tensorgrad.broadcast_shapes((2, 1), (3,))
    tensorgrad.Size([2, 3])
    """
    shapes = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    out = [1] * max(map(len, shapes), default=0)
    for shape in shapes:
        for i, n in enumerate(shape, len(out) - len(shape)):
            if n < 0 or (n != 1 and out[i] not in (1, n)):
                raise ShapeError(f"broadcast_shapes: shapes {shapes} cannot be broadcast together")
            out[i] = n if n != 1 else out[i]
    return Size(out)


@public()
def broadcast_tensors(*tensors):
    """Views of the tensors broadcast to one shape, as a tuple. Errors: ShapeError where two sizes differ and neither is 1. Source:
    torch.broadcast_tensors.

    >>> import tensorgrad
    >>> [t.shape for t in tensorgrad.broadcast_tensors(tensorgrad.zeros(2, 1), tensorgrad.zeros(3))]
    [tensorgrad.Size([2, 3]), tensorgrad.Size([2, 3])]
    """
    tensors = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    shape = tuple(broadcast_shapes(*(t.shape for t in tensors)))
    return tuple(expand_op(t, size=shape) for t in tensors)


@public(samples=[case((2, 3), 0), case((2, 3), -1), case((), 0)], method=True, in_place=False,
        like=lambda np, input, dim: np.expand_dims(input, dim))
def unsqueeze(input, dim=None, axis=None):
    """A view with a dimension of size 1 inserted before dim: [..., n, ...] -> [..., 1, n, ...]; dim -1: behind the last. Errors:
    OutOfRangeError for dim. Source: torch.unsqueeze.

    >>> import tensorgrad
    >>> tensorgrad.unsqueeze(tensorgrad.zeros(3), 1).shape
    tensorgrad.Size([3, 1])
    """
    return unsqueeze_op(input, dim=dim if axis is None else axis)


@public(samples=[case((1, 3, 1)), case((1, 3, 1), 0), case((2, 3), 1)], method=True,
        like=lambda np, input, dim=None: np.squeeze(input, dim) if dim is None or input.shape[dim] == 1 else input)
def squeeze(input, dim=None, axis=None):
    """A view without the dimensions of size 1, or without those of dim (a number or several) that are: [..., 1, n, ...] -> [..., n, ...].
    Errors: OutOfRangeError for a dim that is not there. Source: torch.squeeze.

    >>> import tensorgrad
    >>> tensorgrad.squeeze(tensorgrad.zeros(1, 3, 1)).shape
    tensorgrad.Size([3])
    """
    dim = dim if axis is None else axis
    dims = tuple(range(input.ndim)) if dim is None else tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    return squeeze_op(input, dims=dims)


def span(ndim, start_dim, end_dim, name):
    """(first, last) of a range of dimensions, checked."""
    n = max(ndim, 1)
    out = []
    for d in (start_dim, end_dim):
        if not -n <= d < n:
            raise OutOfRangeError(f"{name}: dim {d} is out of range [{-n}, {n - 1}] for a tensor of {ndim} dimensions")
        out.append(d + n if d < 0 else d)
    if out[0] > out[1]:
        raise ArgumentError(f"{name}: start_dim {start_dim} is behind end_dim {end_dim}")
    return out


@public(samples=[case((2, 3, 4)), case((2, 3, 4), 1), case((2, 3, 4), 0, 1), case(())], method=True,
        like=lambda np, input, a=0, b=-1: input.reshape(
            input.shape[:a] + (-1,) + (input.shape[b + 1:] if b != -1 else ())))
def flatten(input, start_dim=0, end_dim=-1):
    """input with the dimensions start_dim..end_dim merged into one: [a, b, c] -> [a b c]; a view where the memory allows it. A scalar
    becomes [1]. Errors: OutOfRangeError for a dim that is not there, ArgumentError for start_dim behind end_dim. Source: torch.flatten.

    >>> import tensorgrad
    >>> tensorgrad.flatten(tensorgrad.zeros(2, 3, 5), 1).shape
    tensorgrad.Size([2, 15])
    """
    if input.ndim == 0:
        return reshape(input, (1,))
    first, last = span(input.ndim, start_dim, end_dim, "flatten")
    if first == last:
        return input
    shape = tuple(input.shape)
    merged = 1
    for n in shape[first:last + 1]:
        merged *= n
    return reshape(input, (*shape[:first], merged, *shape[last + 1:]))


@public(samples=[case((2, 6), 1, sizes=(2, 3)), case((6,), 0, sizes=(-1, 2))], method=True,
        like=lambda np, input, dim, sizes: input.reshape(input.shape[:dim] + sizes + input.shape[dim + 1:]))
def unflatten(input, dim, sizes):
    """input with one dimension split into several, [..., a b, ...] -> [..., a, b, ...]; one size may be -1. Errors: ShapeError unless the
    sizes multiply to the dimension's, OutOfRangeError for dim. Source: torch.unflatten.

    >>> import tensorgrad
    >>> tensorgrad.unflatten(tensorgrad.zeros(2, 6), 1, (2, -1)).shape
    tensorgrad.Size([2, 2, 3])
    """
    d, _ = span(input.ndim, dim, dim, "unflatten")
    if not input.ndim:
        raise ShapeError(f"unflatten: a tensor without dimensions has no dim {dim} to split")
    new = list(sizes)
    if new.count(-1) == 1:
        known = 1
        for n in new:
            known *= n if n != -1 else 1
        if known <= 0 or input.shape[d] % known:
            raise ShapeError(f"unflatten: sizes {tuple(sizes)} do not multiply to {input.shape[d]}, the size of dim {dim}")
        new[new.index(-1)] = input.shape[d] // known
    total = 1
    for n in new:
        total *= n
    if not new or min(new) < 0 or total != input.shape[d]:
        raise ShapeError(f"unflatten: sizes {tuple(sizes)} do not multiply to {input.shape[d]}, the size of dim {dim}")
    shape = tuple(input.shape)
    return view_op(input, size=(*shape[:d], *new, *shape[d + 1:]))


@public(samples=[case((2, 3))], method=True, like=lambda np, input: input.ravel())
def ravel(input):
    """input as one row, [...] -> [n]: a view where the memory allows it. Errors: TypeError for what is no tensor.
    Source: torch.ravel.

    >>> import tensorgrad
    >>> tensorgrad.ravel(tensorgrad.zeros(2, 3)).shape
    tensorgrad.Size([6])
    """
    check_tensors("ravel", input=input)
    return reshape(input, (-1,)) if input.numel() else reshape(input, (0,))


@public(samples=[case((2, 3, 4), 0, 2), case((2, 3, 4), source=(0, 1), destination=(1, 2))], method=True,
        aliases=("moveaxis",), like=lambda np, input, source, destination: np.moveaxis(input, source, destination))
def movedim(input, source, destination):
    """A view with the dimensions `source` moved to the places `destination`, the others in their order: for 0 to -1 [a, b, c] -> [b, c,
    a]. Errors: ArgumentError for repeated dims and lists of different lengths, OutOfRangeError for a dim that is not there. Source:
    torch.movedim.

    >>> import tensorgrad
    >>> tensorgrad.movedim(tensorgrad.zeros(2, 3, 5), 0, -1).shape
    tensorgrad.Size([3, 5, 2])
    """
    check_tensors("movedim", input=input)
    n = max(input.ndim, 1)
    source = [source] if isinstance(source, int) else list(source)
    destination = [destination] if isinstance(destination, int) else list(destination)
    if len(source) != len(destination):
        raise ArgumentError(f"movedim: source {source} and destination {destination} differ in length")
    source, destination = ([span(n, d, d, "movedim")[0] for d in dims] for dims in (source, destination))
    if len(set(source)) != len(source) or len(set(destination)) != len(destination):
        raise ArgumentError(f"movedim: repeated dim in source {source} or destination {destination}")
    rest = iter(d for d in range(input.ndim) if d not in source)
    where = dict(zip(destination, source, strict=True))
    return permute_op(input, dims=tuple(where[i] if i in where else next(rest) for i in range(input.ndim)))


@public(samples=[case((4, 3), 0, -1), case((4, 3), 1, 0)], method=True, like=lambda np, input, d, i: np.take(input, i, d))
def select(input, dim=None, index=None, axis=None):
    """A view of input at one index of a dimension, which goes away: [..., n, ...] -> [...]. Errors: OutOfRangeError for dim and for an
    index outside [-n, n). Source: torch.select.

    >>> import tensorgrad
    >>> tensorgrad.select(tensorgrad.arange(6).reshape(2, 3), 0, 1)
    tensor([3, 4, 5])
    """
    return select_op(input, dim=dim if axis is None else axis, index=index)


@public(samples=[case((5, 3), 0, 1, 3), case((5, 3), 1, -2, 2)], method=True,
        like=lambda np, input, d, s, n: np.take(input, range(s % input.shape[d], s % input.shape[d] + n), d))
def narrow(input, dim, start, length):
    """A view of `length` indices of a dimension, from `start`: [..., n, ...] -> [..., length, ...]. Errors: OutOfRangeError for dim and
    where they reach outside [0, n). Source: torch.narrow.

    >>> import tensorgrad
    >>> tensorgrad.narrow(tensorgrad.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    d, _ = span(input.ndim, dim, dim, "narrow")
    n = input.shape[d] if input.ndim else 0
    start, length = index(start, "narrow"), index(length, "narrow")
    if not -n <= start <= n or length < 0 or (start + n if start < 0 else start) + length > n:
        raise OutOfRangeError(f"narrow: start {start} and length {length} reach outside dim {dim} of shape {tuple(input.shape)}")
    start = start + n if start < 0 else start
    return slice_op(input, dim=d, start=start, end=start + length, step=1)


def unfold(self, dimension, size, step):
    """A view of windows of `size` elements, `step` apart, along a dimension: y[..., i, ..., k] = x[..., i step + k, ...], [..., n, ...]
    -> [..., (n - size) // step + 1, ..., size]. Errors: ArgumentError for a size outside [0, n] and step < 1, OutOfRangeError for the
    dimension. Source: torch.Tensor.unfold.

    >>> import tensorgrad
    >>> tensorgrad.arange(5).unfold(0, 3, 2)
    tensor([[0, 1, 2],
            [2, 3, 4]])
    """
    return unfold_op(self, dimension=dimension, size=size, step=step)


@public(samples=[case((3, 3)), case((2, 3, 4), 1, 1, 2), case((3, 4), -1)], method=True,
        like=lambda np, input, o=0, a=0, b=1: np.diagonal(input, o, a, b))
def diagonal(input, offset=0, dim1=0, dim2=1):
    """A view of the diagonal of two dimensions, in a new last one: y[..., i] = x[..., i, i + offset, ...], [n, n, ...] -> [..., n].
    Errors: OutOfRangeError for a dim that is not there, ShapeError where both are the same. Source: torch.diagonal.

    >>> import tensorgrad
    >>> tensorgrad.diagonal(tensorgrad.arange(4).reshape(2, 2))
    tensor([0, 3])
    """
    return diagonal_op(input, offset=offset, dim1=dim1, dim2=dim2)


@public(samples=[case((3, 4), size=(2, 2), stride=(4, 1)), case((6,), size=(2, 3), stride=(1, 1), storage_offset=1)], method=True,
        like=lambda np, x, size, stride, storage_offset=0: np.lib.stride_tricks.as_strided(
            x.ravel()[storage_offset:], size, [s * x.itemsize for s in stride]))
def as_strided(input, size, stride, storage_offset=None):
    """Any window on input's memory, y[i, j, ...] = memory[offset + i stride[0] + j stride[1] + ...], of shape size; the offset counts
    from the start of the storage. Errors: ArgumentError where it would reach outside and for negative numbers, ShapeError unless size and
    stride are of one length. Source: torch.as_strided.

    >>> import tensorgrad
    >>> tensorgrad.as_strided(tensorgrad.arange(4), (2, 2), (1, 1))
    tensor([[0, 1],
            [1, 2]])
    """
    check_tensors("as_strided", input=input)
    offset = 0 if storage_offset is None else storage_offset - input.storage_offset()
    return as_strided_op(input, size=tuple(size), stride=tuple(stride), offset=offset, layout=input.stride())


def cut(input, lengths, dim):
    """Views of the given lengths along dim."""
    out, at = [], 0
    for n in lengths:
        out.append(slice_op(input, dim=dim, start=at, end=at + n, step=1))
        at += n
    return tuple(out)


@public(samples=[case((5, 2), 2), case((5, 2), [1, 4]), case((2, 4), 3, 1)], method=True,
        like=lambda np, x, s, dim=0: np.split(x, np.cumsum(s)[:-1] if isinstance(s, list) else range(s, x.shape[dim], s), dim))
def split(tensor, split_size_or_sections, dim=0):
    """Views of `split_size` elements each (the last may be shorter), or of the given lengths, along dim: [..., n, ...] -> tuple of [...,
    length, ...]. Errors: ShapeError without dimensions, ArgumentError for a size < 1 and for lengths that do not add up, OutOfRangeError
    for dim. Source: torch.split.

    >>> import tensorgrad
    >>> [t.tolist() for t in tensorgrad.split(tensorgrad.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    d, _ = span(tensor.ndim, dim, dim, "split")
    if tensor.ndim == 0:
        raise ShapeError("split: a tensor without dimensions cannot be split")
    n = tensor.shape[d]
    if isinstance(split_size_or_sections, (list, tuple)):
        lengths = [index(s, "split") for s in split_size_or_sections]
        if any(s < 0 for s in lengths) or sum(lengths) != n:
            raise ArgumentError(f"split: sections {lengths} do not add up to {n}, the size of dim {dim} of {tuple(tensor.shape)}")
        return cut(tensor, lengths, d)
    size = index(split_size_or_sections, "split")
    if size < 0 or (size == 0 and n):
        raise ArgumentError(f"split: split_size must be positive, got {size}")
    return cut(tensor, [min(size, n - at) for at in range(0, n, size)] if n else [0], d)


@public(method=True)
def split_with_sizes(input, split_sizes, dim=0):
    """split with a list of lengths: [..., n, ...] -> tuple of [..., length, ...]. Errors: ArgumentError for lengths that do not add up,
    OutOfRangeError for dim, ShapeError without dimensions. Source: torch.split_with_sizes.

    >>> import tensorgrad
    >>> tensorgrad.split_with_sizes(tensorgrad.arange(3), [1, 2])
    (tensor([0]), tensor([1, 2]))
    """
    return split(input, list(split_sizes), dim)


@public(samples=[case((5, 2), 2), case((2, 7), 3, 1), case((2, 2), 5)], method=True,
        like=lambda np, x, n, dim=0: np.split(x, range(-(-x.shape[dim] // n), x.shape[dim], -(-x.shape[dim] // n)), dim))
def chunk(input, chunks, dim=0):
    """At most `chunks` views of equal size, ceil(n / chunks) (the last may be smaller), along dim: [..., n, ...] -> tuple of [..., size,
    ...]. Errors: ArgumentError for chunks < 1, OutOfRangeError for dim and without dimensions. Source: torch.chunk.

    >>> import tensorgrad
    >>> [t.tolist() for t in tensorgrad.chunk(tensorgrad.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """
    if chunks < 1:
        raise ArgumentError(f"chunk: chunks must be positive, got {chunks}")
    d, _ = span(input.ndim, dim, dim, "chunk")
    n = input.shape[d] if input.ndim else 0
    size = -(-n // chunks)
    return split(input, size, d) if size else cut(input, [0] * chunks, d)


@public(samples=[case((3, 2)), case((3, 2), 1)], method=True, like=lambda np, x, dim=0: list(np.moveaxis(x, dim, 0)))
def unbind(input, dim=0):
    """Views of every index of a dimension, as a tuple: [..., n, ...] -> n times [...]. Errors: ShapeError without dimensions,
    OutOfRangeError for dim. Source: torch.unbind.

    >>> import tensorgrad
    >>> tensorgrad.unbind(tensorgrad.arange(2))
    (tensor(0), tensor(1))
    """
    d, _ = span(input.ndim, dim, dim, "unbind")
    if input.ndim == 0:
        raise ShapeError("unbind: a tensor without dimensions cannot be unbound")
    return tuple(select_op(input, dim=d, index=i) for i in range(input.shape[d]))


@public(samples=[case((2, 3))], method=True, like=lambda np, x: x.copy(), torch="clone")
def clone(input, *, memory_format=None):
    """A copy that gradients flow through; any shape. Errors: TypeError for what is no tensor.
    Source: torch.clone.

    >>> import tensorgrad
    >>> tensorgrad.clone(tensorgrad.ones(2))
    tensor([1., 1.])
    """
    return clone_op(input)


def contiguous(self, memory_format=None):
    """self where its elements lie in row-major order, else a copy of that order, of the same shape. Errors: none, any memory_format is
    taken. Source: torch.Tensor.contiguous.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2, 3).t().contiguous().stride()
    (2, 1)
    """
    return self if self.is_contiguous() else clone_op(self)


def to_dtype(self, dtype):
    """self where it has the dtype, else a copy with it."""
    return self if self.dtype is dtype else to_op(self, dtype=dtype)


def copy_(self, src, non_blocking=False):
    """self[...] = src, broadcast and converted to self's dtype. Errors: ShapeError. Source: torch.Tensor.copy_.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2).copy_(tensorgrad.tensor(3))
    tensor([3., 3.])
    """
    if not isinstance(src, TensorBase):
        src = create_kernels.from_data(src, self.dtype if isinstance(src, (bool, int, float)) else None)
    return assign(self, src, expand_op, to_op)


engine.set_helpers(sum_to, to_dtype)
graph.set_view_ops(as_strided_op, scatter_window_op)

def split_method(self, split_size, dim=0):
    """Views of split_size elements each, or of the given lengths, along dim; see tensorgrad.split. Errors: those of
    tensorgrad.split. Source: torch.Tensor.split.

    >>> import tensorgrad
    >>> tensorgrad.arange(3).split(2)
    (tensor([0, 1]), tensor([2]))
    """
    return split(self, split_size, dim)


for _name, _function in {
        "split": split_method, "reshape": reshape_method, "view": view, "permute": permute_method, "expand": expand,
        "expand_as": expand_as, "unfold": unfold, "contiguous": contiguous, "copy_": copy_}.items():
    as_method(_name, _function)
