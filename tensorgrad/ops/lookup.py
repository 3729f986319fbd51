"""Tables of vectors: embedding, bags of embeddings, and the opposite, one_hot."""

from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .._core.history import detach
from .._core.kernels import index as kernels
from .create import arange, tensor, zeros
from .declare import case, check_tensors, floats, ints, op, public
from .elementwise import where
from .extremes import max as largest
from .index import constant, embed_op, index_add, index_op, index_select, masked_fill, put_op, scatter
from .order import LONG, bincount, searchsorted
from .reduce import norm
from .shape import reshape, slice_op, to_dtype, unsqueeze_op


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
    """y[...] = weight[input[...]]: (..., dim) from indices (...) and a table (rows, dim). The padding row gets no gradient; max_norm
    shrinks rows in use to that norm, in place; scale_grad_by_freq divides by how often a row is used. Errors: OutOfRangeError for
    an index outside [0, rows), DTypeError, ShapeError. Source: torch.nn.functional.embedding.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.embedding(tensorgrad.tensor([1, 0]), tensorgrad.tensor([[1., 2.], [3., 4.]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    check_tensors("embedding", input=input, weight=weight)
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
    norms = norm(rows, p, 1, True)
    scaled = where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)
    kernels.write_(weight, scaled, reshape(places, (-1,)), (0,), 0, "write", "embedding")


# ---- bags ----

def bags(input, offsets, include_last_offset):
    """(indices in one row, the bag of each, how many bags there are)."""
    name = "embedding_bag"
    if input.ndim == 2:
        if offsets is not None:
            raise ArgumentError(f"{name}: if input is 2D, then offsets has to be None; input of shape {tuple(input.shape)}")
        count, size = input.shape
        return reshape(input, (-1,)), reshape(unsqueeze_op(arange(count), dim=1).expand(count, size), (-1,)), count
    if input.ndim != 1:
        raise ArgumentError(f"{name}: input has to be 1D or 2D, got shape {tuple(input.shape)}")
    if offsets is None or offsets.ndim != 1:
        raise ArgumentError(f"{name}: offsets has to be a 1D tensor for an input of shape {tuple(input.shape)}, got "
                            f"{None if offsets is None else tuple(offsets.shape)}")
    starts = offsets.tolist()
    count = len(starts) - 1 if include_last_offset else len(starts)
    if count < 0 or any(a > b for a, b in zip(starts, (starts + [input.shape[0]])[1:], strict=True)) or (starts and starts[0] != 0):
        raise ArgumentError(f"{name}: offsets must start with 0 and ascend to at most {input.shape[0]}, the size of the input, got "
                            f"{starts}")
    if include_last_offset or not starts:
        input = slice_op(input, dim=0, start=0, end=starts[-1] if starts else 0, step=1)
    starts = tensor(starts[:count], dtype=LONG)
    return input, searchsorted(starts, arange(input.shape[0]), right=True) - 1, count


def largest_of_bags(rows, bag, count):
    """The maximum over each bag, 0 of none: bags side by side, filled up with -inf."""
    sizes = bincount(bag, minlength=count)
    longest = int(sizes.max()) if count else 0
    if not longest:
        return zeros((count, rows.shape[1]), dtype=rows.dtype)
    first, column = unsqueeze_op(sizes.cumsum(0) - sizes, dim=1), arange(longest)
    empty = column >= unsqueeze_op(sizes, dim=1)
    places = masked_fill(first + column, empty, 0)
    side_by_side = reshape(index_select(rows, 0, reshape(places, (-1,))), (count, longest, rows.shape[1]))
    values = largest(masked_fill(side_by_side, unsqueeze_op(empty, dim=2), float("-inf")), 1).values
    return masked_fill(values, unsqueeze_op(sizes == 0, dim=1), 0.0)


BAG = (ints((5,), 0, 4), (4, 3))


@public(samples=[case(ints((2, 3), 0, 4), (4, 3)), case(ints((2, 3), 0, 4), (4, 2), mode="sum", per_sample_weights=floats((2, 3))),
                 case(*BAG, offsets=ints((1,), 0, 1), mode="max"), case(ints((3, 2), 0, 4), (4, 2), mode="max"),
                 case(ints((3, 2), 0, 4), (4, 2), padding_idx=1), case(ints((3, 2), 0, 2), (4, 2), padding_idx=1, mode="max"),
                 case(ints((0, 2), 0, 4), (4, 2))],
        namespace="nn.functional")
def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean", sparse=False,
                  per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """The sum, mean or maximum of the rows of weight in each bag: (bags, dim) from indices and a table (rows, dim).

    input: (bags, n), or all bags in one row with offsets (bags,), where each starts (include_last_offset: and the end).
    per_sample_weights, of input's shape: what rows are multiplied by, for mode 'sum'. The padding row is in no bag; an empty bag
    gives 0. max_norm, norm_type, scale_grad_by_freq: see embedding; gradients are dense whatever sparse says. Errors:
    OutOfRangeError, ArgumentError, ShapeError, DTypeError. Source: torch.nn.functional.embedding_bag.

    >>> import tensorgrad
    >>> table = tensorgrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> tensorgrad.nn.functional.embedding_bag(tensorgrad.tensor([[0, 1], [1, 1]]), table).tolist()
    [[2.0, 3.0], [3.0, 4.0]]
    """
    name = "embedding_bag"
    check_tensors(name, input=input, weight=weight)
    if mode not in ("sum", "mean", "max"):
        raise ArgumentError(f"{name}: mode has to be one of sum, mean or max, got {mode!r}")
    if per_sample_weights is not None:
        if mode != "sum":
            raise ArgumentError(f"{name}: per_sample_weights is only supported for mode='sum', got mode {mode!r}")
        if tuple(per_sample_weights.shape) != tuple(input.shape):
            raise ShapeError(f"{name}: per_sample_weights of shape {tuple(per_sample_weights.shape)} must have the input's shape "
                             f"{tuple(input.shape)}")
    if mode == "max" and (scale_grad_by_freq or sparse):
        raise ArgumentError(f"{name}: max mode does not support scale_grad_by_freq or sparse")
    if weight.ndim != 2:
        raise ShapeError(f"{name}: weight must have two dimensions, got shape {tuple(weight.shape)}")
    input, bag, count = bags(input, offsets, include_last_offset)
    if per_sample_weights is not None:
        per_sample_weights = slice_op(reshape(per_sample_weights, (-1,)), dim=0, start=0, end=input.shape[0], step=1)
    if padding_idx is not None:
        rows = weight.shape[0]
        if not -rows <= padding_idx < rows:
            raise OutOfRangeError(f"{name}: padding_idx {padding_idx} is out of range [{-rows}, {rows - 1}]")
        kept = reshape((input != padding_idx % rows).nonzero(), (-1,))
        input, bag = index_select(input, 0, kept), index_select(bag, 0, kept)
        if per_sample_weights is not None:
            per_sample_weights = index_select(per_sample_weights, 0, kept)
    rows = embedding(input, weight, None, max_norm, norm_type, scale_grad_by_freq)
    if mode == "max":
        return largest_of_bags(rows, bag, count)
    if per_sample_weights is not None:
        rows = rows * unsqueeze_op(per_sample_weights, dim=1)
    sums = index_add(zeros((count, weight.shape[1]), dtype=weight.dtype), 0, bag, rows)
    if mode == "sum" or not count:
        return sums
    return sums / unsqueeze_op(to_dtype(bincount(bag, minlength=count).clamp(min=1), sums.dtype), dim=1)


# ---- one_hot ----

@public(samples=[case(ints((2, 3), 0, 4), 4), case(ints((5,), 0, 4))], grad=False, namespace="nn.functional")
def one_hot(tensor, num_classes=-1):
    """y[..., k] = 1 where tensor[...] is k, else 0, int64: [...] -> [..., num_classes]; num_classes -1: one more than the largest.
    Errors: OutOfRangeError for a label outside [0, num_classes), DTypeError unless int64, ArgumentError for no labels and no num_classes.
    Source: torch.nn.functional.one_hot.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.one_hot(tensorgrad.tensor([1, 0]))
    tensor([[0, 1],
            [1, 0]])
    """
    check_tensors("one_hot", tensor=tensor)
    if tensor.dtype is not LONG:
        raise DTypeError(f"one_hot: labels must be int64, got {tensor.dtype}")
    if num_classes < 0:
        if not tensor.numel():
            raise ArgumentError(f"one_hot: num_classes is needed for labels of shape {tuple(tensor.shape)}")
        num_classes = int(tensor.max()) + 1
        if num_classes < 1:
            raise OutOfRangeError(f"one_hot: label {num_classes - 1} is negative")
    empty = zeros(*tensor.shape, num_classes, dtype=LONG)
    return scatter(empty, -1, unsqueeze_op(tensor, dim=tensor.ndim), value=1)
