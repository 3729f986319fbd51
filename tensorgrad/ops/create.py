"""New tensors: from sizes, numbers, Python data and other libraries' memory."""

from .._core import tensor as core
from .._core.dtype import BY_NAME, get_default_dtype
from .._core.dtype import dtype as dtype_class
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.history import detach, set_requires_grad
from .._core.kernels import create as kernels
from .._core.maps import empty_as
from .._core.tensor import TensorBase
from .declare import public, writes_out
from .shape import as_strided, clone_op, copy_, index, sizes, to_dtype


def checked_dtype(dtype, name, default=None):
    """A dtype, or the default where none is given."""
    if dtype is None:
        return default or get_default_dtype()
    if isinstance(dtype, dtype_class):
        return dtype
    python = {float: get_default_dtype(), int: BY_NAME["int64"], bool: BY_NAME["bool"]}.get(dtype)
    if python is None:
        raise DTypeError(f"{name}: dtype must be a tensorgrad dtype, got {dtype!r}")
    return python


def on_cpu(device, name):
    """There is one device; asking for another is an error."""
    if device is not None and str(device) not in ("cpu", "cpu:0"):
        raise ArgumentError(f"{name}: device {device} does not exist here; tensorgrad computes on the CPU")


def finish(tensor, requires_grad):
    """The requires_grad keyword of every constructor."""
    if requires_grad:
        set_requires_grad(tensor, True)
    return tensor


def new(name, size, dtype, device, requires_grad, make, *args):
    """The common part of empty, zeros, ones, full and their `_like`s."""
    on_cpu(device, name)
    return finish(make(size, *args, checked_dtype(dtype, name)), requires_grad)


@public(grad=False)
@writes_out
def empty(*each, size=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False, memory_format=None):
    """A tensor of shape size whose memory holds whatever was there. Errors: ShapeError for a negative size, TypeError for one that is no
    integer, ArgumentError for another device, DTypeError for what is no dtype, OutOfMemoryError. Source: torch.empty.

    >>> import tensorgrad
    >>> tensorgrad.empty(2, 3).shape
    tensorgrad.Size([2, 3])
    """
    return new("empty", sizes(each if size is None else (size,), "empty"), dtype, device, requires_grad, kernels.empty)


@public(grad=False)
def zeros(*each, size=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor of shape size of zeros. Errors: ShapeError for a negative size, TypeError for one that is no integer, ArgumentError for
    another device, DTypeError for what is no dtype, OutOfMemoryError. Source: torch.zeros.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2)
    tensor([0., 0.])
    """
    size = sizes(each if size is None else (size,), "zeros")
    if out is not None:
        return out.resize_(size).zero_()
    return new("zeros", size, dtype, device, requires_grad, kernels.zeros)


@public(grad=False)
def ones(*each, size=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor of shape size of ones. Errors: ShapeError for a negative size, TypeError for one that is no integer, ArgumentError for
    another device, DTypeError for what is no dtype, OutOfMemoryError. Source: torch.ones.

    >>> import tensorgrad
    >>> tensorgrad.ones(2)
    tensor([1., 1.])
    """
    size = sizes(each if size is None else (size,), "ones")
    if out is not None:
        return out.resize_(size).fill_(1)
    return new("ones", size, dtype, device, requires_grad, kernels.full, 1)


@public(grad=False)
@writes_out
def full(size, fill_value, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor of shape size of one value, whose kind decides the dtype. Errors: ShapeError for a negative size, TypeError for a value
    that is no number, ArgumentError for another device, DTypeError for what is no dtype. Source: torch.full.

    >>> import tensorgrad
    >>> tensorgrad.full((2,), 7)
    tensor([7, 7])
    """
    value = fill_value.item() if isinstance(fill_value, TensorBase) else fill_value
    if dtype is None and not isinstance(value, float):
        dtype = BY_NAME["bool"] if isinstance(value, bool) else BY_NAME["int64"]
    return new("full", sizes((size,), "full"), dtype, device, requires_grad, kernels.full, value)


def like(name, input, dtype):
    """(shape, dtype) of the `_like` constructors."""
    if not isinstance(input, TensorBase):
        raise TypeError(f"{name}: argument 'input' must be a tensor, got {type(input).__name__}")
    return tuple(input.shape), checked_dtype(dtype, name, input.dtype)


def new_like(name, input, dtype, device, requires_grad, make, *args):
    """A tensor of input's shape, dtype and memory order; args: the value it is filled with."""
    shape, dtype = like(name, input, dtype)
    if input.is_contiguous():
        return new(name, shape, dtype, device, requires_grad, make, *args)
    on_cpu(device, name)
    out = empty_as(input, dtype)
    if make is not kernels.empty:
        copy_(out, kernels.full((), *(args or (0,)), dtype))
    return finish(out, requires_grad)


@public(grad=False)
def empty_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None, pin_memory=False):
    """An uninitialised tensor of input's shape and dtype. Errors: ArgumentError for another device, DTypeError for what is no dtype,
    TypeError for what is no tensor. Source: torch.empty_like.

    >>> import tensorgrad
    >>> tensorgrad.empty_like(tensorgrad.ones(2)).shape
    tensorgrad.Size([2])
    """
    return new_like("empty_like", input, dtype, device, requires_grad, kernels.empty)


@public(grad=False)
def zeros_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None, pin_memory=False):
    """Zeros of input's shape and dtype. Errors: ArgumentError for another device, DTypeError for what is no dtype, TypeError for what is
    no tensor. Source: torch.zeros_like.

    >>> import tensorgrad
    >>> tensorgrad.zeros_like(tensorgrad.ones(2))
    tensor([0., 0.])
    """
    return new_like("zeros_like", input, dtype, device, requires_grad, kernels.zeros)


@public(grad=False)
def ones_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None, pin_memory=False):
    """Ones of input's shape and dtype. Errors: ArgumentError for another device, DTypeError for what is no dtype, TypeError for what is
    no tensor. Source: torch.ones_like.

    >>> import tensorgrad
    >>> tensorgrad.ones_like(tensorgrad.zeros(2))
    tensor([1., 1.])
    """
    return new_like("ones_like", input, dtype, device, requires_grad, kernels.full, 1)


@public(grad=False)
def full_like(input, fill_value, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None, pin_memory=False):
    """One value in input's shape and dtype. Errors: ArgumentError for another device, DTypeError for what is no dtype, TypeError for what
    is no tensor and a value that is no number. Source: torch.full_like.

    >>> import tensorgrad
    >>> tensorgrad.full_like(tensorgrad.zeros(2), 3)
    tensor([3., 3.])
    """
    return new_like("full_like", input, dtype, device, requires_grad, kernels.full, fill_value)


def number(x):
    """A Python number from a number or a tensor of one element."""
    return x.item() if hasattr(x, "item") else x


@public(grad=False)
@writes_out
def arange(start=0, end=None, step=1, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """start, start + step, ... up to but without end: [ceil((end - start) / step)], int64 of integers, else floats. Errors: ArgumentError
    where end is never reached, for step 0 and for NaN, DTypeError for what is no dtype. Source: torch.arange.

    >>> import tensorgrad
    >>> tensorgrad.arange(1, 2, 0.5)
    tensor([1.0000, 1.5000])
    """
    start, end = (0, start) if end is None else (start, end)
    start, end, step = number(start), number(end), number(step)
    if dtype is None:
        dtype = get_default_dtype() if any(isinstance(v, float) for v in (start, end, step)) else BY_NAME["int64"]
    on_cpu(device, "arange")
    return finish(kernels.arange(start, end, step, checked_dtype(dtype, "arange")), requires_grad)


@public(grad=False)
@writes_out
def linspace(start, end, steps, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """`steps` evenly spaced values from start to end, both included: y_i = start + i (end - start) / (steps - 1), [steps]. Errors:
    ArgumentError for negative steps, TypeError for steps that are no integer, ShapeError for a start or end of several elements,
    DTypeError for what is no dtype. Source: torch.linspace.

    >>> import tensorgrad
    >>> tensorgrad.linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    on_cpu(device, "linspace")
    return finish(kernels.linspace(number(start), number(end), index(steps, "linspace"), checked_dtype(dtype, "linspace")), requires_grad)


@public(grad=False)
@writes_out
def logspace(start, end, steps, base=10.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """base ** linspace(start, end, steps), [steps]. Errors: ArgumentError for negative steps, TypeError for steps that are no integer,
    ShapeError for a start or end of several elements, DTypeError for what is no dtype. Source: torch.logspace.

    >>> import tensorgrad
    >>> tensorgrad.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    exponents = kernels.linspace(number(start), number(end), index(steps, "logspace"), BY_NAME["float64"])
    return finish(to_dtype(base ** exponents, checked_dtype(dtype, "logspace")), requires_grad)


@public(grad=False)
@writes_out
def eye(n, m=None, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """Ones on the diagonal of an n x m matrix, zeros elsewhere; m is n by default. Errors: ShapeError for a negative size, TypeError for
    one that is no integer, ArgumentError for another device. Source: torch.eye.

    >>> import tensorgrad
    >>> tensorgrad.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    on_cpu(device, "eye")
    return finish(kernels.eye(n, n if m is None else m, checked_dtype(dtype, "eye")), requires_grad)


@public(grad=False)
def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A new tensor with a copy of the data, and of its shape: a number, nested sequences, a NumPy array or a tensor. Errors: ShapeError
    for ragged lists, DTypeError for what holds no numbers, OverflowError for an integer that does not fit, GraphError for integers that
    should require gradients. Source: torch.tensor.

    >>> import tensorgrad
    >>> tensorgrad.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    if device is not None:
        on_cpu(device, "tensor")
    if dtype is not None:
        dtype = checked_dtype(dtype, "tensor")
    if type(data) is float or type(data) is int or (type(data) is list and data and type(data[0]) is float):  # most often
        return finish(kernels.from_data(data, dtype), requires_grad)
    if isinstance(data, TensorBase):
        out = kernels_copy(data)
    elif hasattr(data, "__array_interface__") or hasattr(data, "__array__"):
        out = kernels_copy(from_array(data, copy_if_needed=True))
    else:
        return finish(kernels.from_data(plain(data), dtype), requires_grad)
    return finish(out if dtype is None or out.dtype is dtype else detach(to_dtype(out, dtype)), requires_grad)


def plain(data):
    """Other sequences (ranges, deques, arrays in a list) as lists."""
    if not isinstance(data, (list, tuple, str, bytes)) and hasattr(data, "__len__") and hasattr(data, "__getitem__") \
            and not hasattr(data, "__array__") and not isinstance(data, dict):
        return list(data)
    if isinstance(data, (list, tuple)) and data and getattr(data[0], "ndim", 0) and not isinstance(data[0], TensorBase):
        return [x.tolist() if hasattr(x, "tolist") else x for x in data]
    return data


def kernels_copy(data):
    """A contiguous copy outside the graph."""
    return clone_op.forward(data)


@public(grad=False)
def as_tensor(data, dtype=None, device=None):
    """The data as a tensor of its shape, shared where it is a tensor or a NumPy array of the right dtype. Errors: ShapeError for ragged
    lists, DTypeError for what holds no numbers. Source: torch.as_tensor.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2)
    >>> tensorgrad.as_tensor(x) is x
    True
    """
    on_cpu(device, "as_tensor")
    if isinstance(data, TensorBase):
        out = data
    elif hasattr(data, "__array_interface__") or hasattr(data, "__array__"):
        out = from_array(data, copy_if_needed=True)
    else:
        return kernels.from_data(plain(data), None if dtype is None else checked_dtype(dtype, "as_tensor"))
    return out if dtype is None else to_dtype(out, checked_dtype(dtype, "as_tensor"))


@public(grad=False)
def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """as_tensor with a choice about copying: True always, None where needed, False never; the shape is that of the data. Errors:
    ArgumentError where a copy is needed and not wanted, ShapeError for ragged lists, DTypeError for what holds no numbers. Source:
    torch.asarray.

    >>> import tensorgrad
    >>> tensorgrad.asarray([1.0, 2.0])
    tensor([1., 2.])
    """
    out = tensor(obj, dtype=dtype) if copy else as_tensor(obj, dtype)
    if copy is False and out.numel():
        address = obj.data_ptr() if isinstance(obj, TensorBase) else (getattr(obj, "__array_interface__", {}).get("data") or (None,))[0]
        if out.data_ptr() != address:
            raise ArgumentError(f"asarray: copy=False, but {type(obj).__name__} as {out.dtype} needs a copy")
    return finish(out, requires_grad) if requires_grad else out


def from_array(array, copy_if_needed=False):
    """A tensor on the memory of a NumPy array (or of what `__array__` gives)."""
    if not hasattr(array, "__array_interface__"):
        array = array.__array__()
    face = array.__array_interface__
    if not isinstance(face.get("data"), tuple):  # bytes instead of an address: one of Pillow's images
        import numpy as np

        return from_array(np.array(array))
    code = face["typestr"][1:]
    name = {"b1": "bool", "u1": "uint8", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "f2": "float16",
            "f4": "float32", "f8": "float64"}.get(code)
    swapped = face["typestr"][0] == ">"
    if name is None and copy_if_needed and code in ("u2", "u4"):
        return from_array(array.astype("i4" if code == "u2" else "i8"))
    if name is None:
        raise DTypeError(f"from_numpy: no tensorgrad dtype for a NumPy array of {array.dtype}")
    dtype = BY_NAME[name]
    strides = face.get("strides")
    shape = face["shape"]
    unfit = swapped or (strides is not None and any(s < 0 or s % dtype.itemsize for s in strides))
    if unfit:
        if not copy_if_needed:
            raise ArgumentError(f"from_numpy: an array with strides {strides} and byte order {face['typestr'][0]!r} cannot be "
                                "shared; pass array.copy()")
        return from_array(array.astype(array.dtype.newbyteorder("=")).copy())
    if strides is None:
        strides, step = [], dtype.itemsize
        for n in reversed(shape):
            strides.insert(0, step)
            step *= n
    address, readonly = face["data"]
    strides = tuple(s // dtype.itemsize for s in strides)
    count = 1
    for n in shape:
        count *= n
    reach = 0 if count == 0 else 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    return core.wrap_memory(address, reach * dtype.itemsize, dtype, tuple(shape), strides, array, readonly)


@public(grad=False)
def from_numpy(ndarray):
    """A tensor of the array's shape that shares its memory; a read-only array makes a tensor that refuses in-place writes. Errors:
    DTypeError for complex, unsigned (but uint8) and object arrays, ArgumentError for negative strides, TypeError for what is no array.
    Source: torch.from_numpy.

    >>> import numpy, tensorgrad
    >>> tensorgrad.from_numpy(numpy.zeros(2))
    tensor([0., 0.], dtype=tensorgrad.float64)
    """
    if not hasattr(ndarray, "__array_interface__"):
        raise TypeError(f"from_numpy: expected a NumPy array, got {type(ndarray).__name__}")
    return from_array(ndarray)


@public(grad=False)
def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A tensor on the memory of an object with the buffer protocol: [count], by default as many as there are behind offset (in bytes).
    Errors: ArgumentError for what does not fit the buffer, TypeError for an object without one, DTypeError for what is no dtype. Source:
    torch.frombuffer.

    >>> import tensorgrad
    >>> tensorgrad.frombuffer(bytearray(4), dtype=tensorgrad.int16)
    tensor([0, 0], dtype=tensorgrad.int16)
    """
    dtype = checked_dtype(dtype, "frombuffer")
    window = memoryview(buffer).cast("B")
    if not 0 <= offset < max(len(window), 1):
        raise ArgumentError(f"frombuffer: offset {offset} is outside a buffer of {len(window)} bytes")
    n = (len(window) - offset) // dtype.itemsize if count == -1 else count
    if n <= 0 or offset + n * dtype.itemsize > len(window):
        raise ArgumentError(f"frombuffer: {n} elements of {dtype} from offset {offset} do not fit a buffer of {len(window)} bytes")
    import numpy
    array = numpy.frombuffer(window, numpy.uint8, n * dtype.itemsize, offset)
    address, readonly = array.__array_interface__["data"]
    out = core.wrap_memory(address, n * dtype.itemsize, dtype, (n,), (1,), array, readonly)
    return finish(out, requires_grad)


@public(grad=False)
def scalar_tensor(s, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor of one number without dimensions, a scalar. Errors: TypeError for what is no number, DTypeError for what is no dtype.
    Source: torch.scalar_tensor.

    >>> import tensorgrad
    >>> tensorgrad.scalar_tensor(2)
    tensor(2.)
    """
    return finish(kernels.full((), s, checked_dtype(dtype, "scalar_tensor")), requires_grad)


@public(grad=False)
def empty_strided(size, stride, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """An uninitialised tensor of shape size with given strides. Errors: ArgumentError for negative numbers, ShapeError unless size and
    stride are of one length. Source: torch.empty_strided.

    >>> import tensorgrad
    >>> tensorgrad.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    if len(size) != len(stride):
        raise ShapeError(f"empty_strided: {len(size)} sizes {tuple(size)} but {len(stride)} strides {tuple(stride)}")
    reach = 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) if all(size) else 0
    return finish(detach(as_strided(empty(max(reach, 0), dtype=dtype), size, stride)), requires_grad)
