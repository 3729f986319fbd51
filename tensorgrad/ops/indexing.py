"""x[key] and x[key] = value, with PyTorch's rules: integers and slices make views; lists, integer tensors and masks
read or write at places. Where the tensors among the indices stand together, their dimensions stay in place; else they
come first."""

from .._core.apply import set_operator
from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .._core.kernels import index as kernels
from .._core.tensor import TensorBase
from .create import as_tensor, tensor
from .declare import case, check_tensors, ints, public
from .index import index_op, write
from .shape import expand_op, select_op, slice_op, unsqueeze_op

FULL = slice(None)


def getitem(x, key):
    """x[key]: a view for integers, slices, None and Ellipsis; a new tensor as soon as a list, tensor or bool is among
    them."""
    view, found = basic(x, key)
    return view if not found else index_op(view, **geometry(view, found))


set_operator("[]", getitem)
set_operator("[i]", select_op)


def setitem(x, key, value):
    """x[key] = value, broadcast and converted to x's dtype. Nothing is written when an index is out of range."""
    view, found = basic(x, key)
    if not isinstance(value, (TensorBase, int, float)):
        value = as_tensor(value, dtype=x.dtype)
    if not found:
        view.copy_(value)
        return
    where = geometry(view, found)
    if isinstance(value, TensorBase) and value.dtype is not x.dtype and not (
            value.ndim == 0 and len(found) == 1 and found[0][1].dtype.name == "bool"):
        raise DTypeError(f"index_put: the destination is of {x.dtype}, the values are of {value.dtype}; they must be the same")
    if not isinstance(value, TensorBase):
        value = as_tensor(value, dtype=x.dtype)
    write(view, value, where, "write", "index_put_", True)


class BadIndex(OutOfRangeError, TypeError):
    """A thing that cannot be an index."""


def as_index(k):
    """A tensor from what stands among the indices and is neither an integer, a slice, None nor Ellipsis."""
    if not isinstance(k, TensorBase):
        if not isinstance(k, (list, tuple, range)) and not hasattr(k, "__array__"):
            raise BadIndex(f"index: {k!r} of type {type(k).__name__} is not an index; allowed are integers, slices, "
                            "None, ..., bools, lists and tensors of integers or bools")
        k = tensor(k if not isinstance(k, range) else list(k)) if not hasattr(k, "__array__") else as_tensor(k)
        if k.numel() == 0 and k.is_floating_point():
            k = k.long()
    if k.is_floating_point():
        raise OutOfRangeError(f"index: a tensor of {k.dtype} cannot be an index; integers or bools are needed")
    return k


def width(k):
    """How many dimensions of x an index uses up."""
    if k is None or k is Ellipsis or isinstance(k, bool):
        return 0
    if isinstance(k, TensorBase) and k.dtype.name in ("bool", "uint8"):
        return k.ndim
    return 1


def basic(x, key):
    """(x with the integers, slices and Nones of key applied, [(dim, index or mask), ...] for what is left to do)."""
    keys = key if isinstance(key, tuple) or (isinstance(key, list) and nested(key)) else (key,)
    keys = [k if k is None or k is Ellipsis or isinstance(k, (int, slice)) else integer(k) for k in keys]
    used = 0
    dots = 0
    for k in keys:
        used += width(k)
        dots += k is Ellipsis
    if used > x.ndim:
        raise OutOfRangeError(f"index: {used} indices for a tensor of {x.ndim} dimensions and shape {tuple(x.shape)}")
    if dots > 1:
        raise OutOfRangeError("index: more than one ... among the indices")
    left, d, found, view = x.ndim - used, 0, [], x
    for k in keys:
        if k is Ellipsis:
            d += left
        elif k is None:
            view = unsqueeze_op(view, dim=d)
            d += 1
        elif isinstance(k, bool):
            view = unsqueeze_op(view, dim=d)
            found.append((d, tensor([0] if k else [], dtype=BY_NAME["int64"])))
            d += 1
        elif isinstance(k, int):
            view = select_op(view, dim=d, index=k)
        elif isinstance(k, slice):
            if k != FULL:
                step = 1 if k.step is None else bound(k.step)
                view = slice_op(view, dim=d, start=bound(k.start), end=bound(k.stop), step=step)
            d += 1
        else:
            found.append((d, k))
            d += width(k)
    return view if view is not x or found else expand_op(x, size=tuple(x.shape)), found


def nested(key):
    """Whether a list of indices means a tuple of them: it holds sequences, tensors, slices, None or Ellipsis."""
    return len(key) < 32 and any(k is None or k is Ellipsis or isinstance(k, (slice, list, tuple, TensorBase)) for k in key)


def integer(k):
    """An int from what is a single one (NumPy's, a tensor without dimensions), a bool from a single bool, else a
    tensor."""
    if not isinstance(k, TensorBase) and hasattr(k, "__index__") and getattr(k, "ndim", 0) == 0:
        return k.__index__()
    k = as_index(k)
    if k.ndim == 0:
        return bool(k) if k.dtype.name in ("bool", "uint8") else int(k)
    return k


def bound(k):
    """The bound of a slice: an int, None, or a tensor of one integer."""
    return k if k is None or type(k) is int else k.__index__()


def geometry(x, found):
    """Where to read or write: places in the dimensions that tensors index, and where these stand in the result."""
    if len(found) == 1 and found[0][1].dtype.name in ("bool", "uint8"):
        d, mask = found[0]
        fits(x, d, mask)
        return {"places": kernels.nonzero(mask, True), "dims": tuple(range(d, d + mask.ndim)), "at": d}
    dims, indices = [], []
    for d, k in found:
        if k.dtype.name in ("bool", "uint8"):
            fits(x, d, k)
            pairs = kernels.nonzero(k)
            dims.extend(range(d, d + k.ndim))
            indices.extend(select_op(pairs, dim=1, index=i) for i in range(k.ndim))
        else:
            dims.append(d)
            indices.append(k)
    together = dims[-1] - dims[0] == len(dims) - 1
    places = kernels.places(tuple(x.shape), tuple(dims), indices, "index")
    return {"places": places, "dims": tuple(dims), "at": dims[0] if together else 0}


def fits(x, d, mask):
    """A mask has the sizes of the dimensions it stands for."""
    for i, n in enumerate(mask.shape):
        if x.shape[d + i] != n:
            raise OutOfRangeError(f"index: a mask of shape {tuple(mask.shape)} does not fit dimension {d + i} of shape "
                                  f"{tuple(x.shape)}")


def put(input, indices, values, accumulate, in_place):
    """index_put: indices is a tuple of tensors, None for a dimension that is taken whole."""
    if not isinstance(indices, (tuple, list)) or not indices:
        raise ArgumentError(f"index_put: indices must be a tuple of tensors, got {indices!r}")
    for k in indices:
        if k is not None and not isinstance(k, TensorBase):
            raise TypeError(f"index_put: indices must be tensors, got {type(k).__name__}")
    if values.dtype is not input.dtype:
        raise DTypeError(f"index_put: values are of {values.dtype}, input of {input.dtype}; they must be the same")
    found, d = [], 0
    for k in indices:
        if k is not None:
            found.append((d, as_index(k)))
        d += 1 if k is None else max(width(k), 1)
    if d > input.ndim or not found:
        raise ShapeError(f"index_put: indices for {d} dimensions, input has shape {tuple(input.shape)}")
    return write(input, values, geometry(input, found), "add" if accumulate else "write", "index_put", in_place)


def index_put_(input, indices, values, accumulate=False):
    return put(input, indices, values, accumulate, True)


@public(samples=[case((4, 3), [ints((2,), 0, 4), ints((2,), 0, 3)], (2,), True),
                 case((4, 3), [ints((1,), 0, 4)], (3,))], method=True, in_place=index_put_)
def index_put(input, indices, values, accumulate=False):
    """input with y[indices] = values (broadcast to the indexed shape), or += with accumulate, in the order of the indices. Errors:
    OutOfRangeError for an index that is not there or no integer, ShapeError for other values, DTypeError for values of another dtype,
    ArgumentError unless indices are a tuple. Source: torch.index_put.

    >>> import tensorgrad
    >>> tensorgrad.index_put(tensorgrad.zeros(2), (tensorgrad.tensor([1]),), tensorgrad.tensor(5.))
    tensor([0., 5.])
    """
    check_tensors("index_put", input=input)
    return put(input, indices, values, accumulate, False)
