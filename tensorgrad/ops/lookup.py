"""Tables of vectors: embedding, and its opposite one_hot."""

from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .._core.history import detach
from .._core.kernels import index as kernels
from .create import zeros
from .declare import case, ints, op, public
from .elementwise import where
from .index import constant, embed_op, index_op, put_op, scatter
from .order import LONG, bincount
from .reduce import norm2_op, norm_op
from .shape import reshape, to_dtype, unsqueeze_op


def table_grad(g, places, shape, padding, counts):
    """The gradients of the rows that were looked up, added up; none for the padding row."""
    if counts is not None:
        g = g / counts
    gw = embed_op(g, places=places, dims=(0,), at=0, shape=shape)
    if padding is None:
        return gw
    return put_op(gw, constant(0, gw), places=padding, dims=(0,), at=0, mode="write")


embedding_op = op("embedding", lambda weight, places, padding, counts: kernels.take(weight, places, (0,), 0), "weight",
                  weight=lambda g, weight_shape, places, padding, counts: (
                      table_grad(g, places, weight_shape, padding, counts)))


@public(samples=[case(ints((2, 5), 0, 4), (4, 3)), case(ints((6,), 0, 4), (4, 3)), case(ints((0,), 0, 4), (4, 3))],
        namespace="nn.functional")
def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """y[...] = weight[input[...]]: (..., dim) from indices (...) and a table (rows, dim). The padding row gets no
    gradient; max_norm shrinks rows in use to that norm, in place; scale_grad_by_freq divides by how often a row is
    used. Errors: OutOfRangeError for an index outside [0, rows). Source: torch.nn.functional.embedding.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.embedding(tensorgrad.tensor([1, 0]), tensorgrad.tensor([[1., 2.], [3., 4.]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    if weight.ndim != 2:
        raise ShapeError(f"embedding: weight must have two dimensions, got shape {tuple(weight.shape)}")
    shape = tuple(weight.shape)
    places = kernels.places(shape, (0,), [input], "embedding", False)
    padding = counts = None
    if padding_idx is not None:
        if not -shape[0] <= padding_idx < shape[0]:
            raise OutOfRangeError(f"embedding: padding_idx {padding_idx} is out of range [{-shape[0]}, {shape[0] - 1}]")
        padding = kernels.places_flat(shape[0], constant(padding_idx, places), "embedding")
    if max_norm is not None:
        shrink(detach(weight), places, max_norm, norm_type)
    if scale_grad_by_freq:
        flat = reshape(places, (-1,))
        times = kernels.take(bincount(flat), places, (0,), 0)
        counts = unsqueeze_op(to_dtype(times, weight.dtype), dim=times.ndim)
    return embedding_op(weight, places=places, padding=padding, counts=counts)


def shrink(weight, places, max_norm, p):
    """Rows of weight at the places whose p-norm is above max_norm are scaled down to it, in place."""
    rows = index_op(weight, places=reshape(places, (-1,)), dims=(0,), at=0)
    norms = norm2_op(rows, dims=(1,), keepdim=True) if p == 2 else norm_op(rows, dims=(1,), keepdim=True, p=float(p))
    scaled = where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)
    kernels.write_(weight, scaled, reshape(places, (-1,)), (0,), 0, "write", "embedding")


@public(samples=[case(ints((2, 3), 0, 4), 4), case(ints((5,), 0, 4))], grad=False, namespace="nn.functional")
def one_hot(tensor, num_classes=-1):
    """y[..., k] = 1 where tensor[...] is k, else 0, int64; num_classes -1: one more than the largest. Errors:
    OutOfRangeError for a label outside [0, num_classes). Source: torch.nn.functional.one_hot.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.one_hot(tensorgrad.tensor([1, 0]))
    tensor([[0, 1],
            [1, 0]])
    """
    if tensor.dtype is not LONG:
        raise DTypeError(f"one_hot: labels must be int64, got {tensor.dtype}")
    if num_classes < 0:
        if not tensor.numel():
            raise ArgumentError(f"one_hot: num_classes is needed for labels of shape {tuple(tensor.shape)}")
        num_classes = int(tensor.max()) + 1
    empty = zeros(*tensor.shape, num_classes, dtype=LONG)
    return scatter(empty, -1, unsqueeze_op(tensor, dim=tensor.ndim), value=1)
