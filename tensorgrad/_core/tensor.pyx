"""TensorBase: a window (data pointer, shape, strides, dtype) on a Storage, and where it stands in the graph.

Here is what every layer needs of a tensor: allocation, geometry, copies, scalars, Python's and the buffer protocol. The
mathematics comes from the records in tensorgrad/ops; the operators reach them through one function pointer.
"""

from cpython.buffer cimport PyBUF_WRITABLE, PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_DECREF, Py_INCREF

from .csrc cimport (TG_BAD_INDEX, TG_BOOL, TG_F16, TG_F32, TG_F64, TG_I8, TG_I16, TG_I32, TG_I64, TG_MAX_DIMS,
                    TG_NO_MEMORY, TG_U8, TG_ZERO_DIVISION, int64_t, tg_bad_index, tg_copy, tg_itemsize, tg_view)
from .dtype cimport dtype as DType, dtype_of
from .storage cimport Storage, borrow_storage, new_storage

from .errors import ArgumentError, DTypeError, OutOfMemoryError, OutOfRangeError, ShapeError
from .size import Size

cdef operate_t operate_hook = NULL


cdef void set_operate(operate_t f) noexcept:
    global operate_hook
    operate_hook = f


cdef type TENSOR = None    # the public class, set by tensorgrad/tensor.py
cdef tuple EMPTY = ()


def set_tensor_class(type cls):
    """The class of every tensor that an op makes."""
    global TENSOR
    TENSOR = cls


cdef type tensor_class():
    return TENSOR


# ---- allocation ----

cdef TensorBase blank():
    return <TensorBase>(<PyTypeObject *>TensorBase).tp_new(TENSOR, <PyObject *>EMPTY, NULL)  # past Tensor.__new__


cdef TensorBase new_tensor(int dtype, int ndim, const int64_t *shape):
    cdef TensorBase t = blank()
    cdef int64_t n = 1
    cdef int i
    cdef bint huge = False
    if ndim > TG_MAX_DIMS:
        raise ShapeError(f"tensor: {ndim} dimensions, at most {TG_MAX_DIMS} are possible")
    t.v.dtype = dtype
    t.v.ndim = ndim
    for i in range(ndim - 1, -1, -1):
        if shape[i] < 0:
            raise ShapeError(f"tensor: negative size {shape[i]} in shape {[shape[j] for j in range(ndim)]}")
        t.v.shape[i] = shape[i]
        t.v.strides[i] = n
        if shape[i] > 1 and n > (<int64_t>1 << 56) // shape[i]:
            huge = True
            n = <int64_t>1 << 56
        else:
            n *= shape[i] if shape[i] else 1
    for i in range(ndim):
        if shape[i] == 0:
            n = 0
    if huge and n:
        raise OutOfMemoryError(f"tensor: shape {[shape[j] for j in range(ndim)]} does not fit into memory")
    t.storage = new_storage(n * tg_itemsize(dtype))
    t.v.data = t.storage.data
    return t


cdef TensorBase new_like(TensorBase x):
    return new_tensor(x.v.dtype, x.v.ndim, x.v.shape)


cdef TensorBase new_shaped(int dtype, tuple shape):
    cdef int64_t sizes[TG_MAX_DIMS]
    cdef int ndim = shape_from(shape, sizes, "tensor")
    return new_tensor(dtype, ndim, sizes)


cdef TensorBase new_scalar(int dtype, object value):
    cdef TensorBase t = new_tensor(dtype, 0, NULL)
    write_scalar(dtype, value, t.v.data)
    return t


cdef TensorBase new_view(TensorBase x, int ndim, const int64_t *shape, const int64_t *strides, int64_t offset):
    cdef TensorBase t = blank()
    cdef int i
    t.v.dtype = x.v.dtype
    t.v.ndim = ndim
    for i in range(ndim):
        t.v.shape[i] = shape[i]
        t.v.strides[i] = strides[i]
    t.v.data = x.v.data + offset * tg_itemsize(x.v.dtype)
    t.storage = x.storage
    return t


cdef TensorBase alias(TensorBase x):
    return new_view(x, x.v.ndim, x.v.shape, x.v.strides, 0)


def wrap_memory(size_t address, int64_t nbytes, DType d, tuple shape, tuple strides, object owner, bint readonly):
    """A tensor on memory that `owner` keeps alive: no copy. strides in elements; nbytes counts from address."""
    cdef TensorBase t = blank()
    cdef int64_t lowest = 0, highest = 0, n = 1
    cdef int i
    t.v.dtype = d.code
    t.v.ndim = shape_from(shape, t.v.shape, "from_numpy")
    for i in range(t.v.ndim):
        t.v.strides[i] = strides[i]
        n *= t.v.shape[i]
        if t.v.strides[i] < 0:
            lowest += (t.v.shape[i] - 1) * t.v.strides[i]
        else:
            highest += (t.v.shape[i] - 1) * t.v.strides[i]
    if n and (lowest < 0 or (highest + 1) * d.itemsize > nbytes):
        raise ArgumentError(f"from memory: shape {shape} with strides {strides} reaches outside {nbytes} bytes "
                            "(negative strides are not supported; copy the array first)")
    t.storage = borrow_storage(<void *>address, nbytes, owner, readonly)
    t.v.data = t.storage.data
    return t


def window_of(Storage storage, DType d, int64_t offset, tuple shape, tuple strides):
    """A tensor on a storage, offset in elements from its start. Errors: ArgumentError where it would reach outside."""
    cdef TensorBase t = blank()
    cdef int64_t highest = offset, n = 1, room = storage.size // d.itemsize
    cdef int i
    t.v.dtype = d.code
    t.v.ndim = shape_from(shape, t.v.shape, "set_")
    if len(strides) != t.v.ndim:
        raise ShapeError(f"set_: {len(strides)} strides for shape {shape}")
    for i in range(t.v.ndim):
        t.v.strides[i] = strides[i]
        if t.v.strides[i] < 0 or t.v.shape[i] < 0:
            raise ArgumentError(f"set_: sizes and strides must not be negative, got {shape} and {strides}")
        n = 0 if n == 0 or t.v.shape[i] == 0 else 1
        if t.v.shape[i] > 1 and t.v.strides[i] and t.v.strides[i] > room // (t.v.shape[i] - 1):
            highest = room
        elif t.v.shape[i]:
            highest += (t.v.shape[i] - 1) * t.v.strides[i]
        highest = min(highest, room)
    if offset < 0 or n and highest >= room:
        raise ArgumentError(f"set_: shape {shape} with strides {strides} from element {offset} reaches outside a storage of {room} "
                            f"elements of {d.name}")
    t.storage = storage
    t.v.data = storage.data + offset * d.itemsize if n else storage.data
    return t


# ---- geometry ----

cdef int64_t numel(TensorBase x) noexcept:
    cdef int64_t n = 1
    cdef int i
    for i in range(x.v.ndim):
        n *= x.v.shape[i]
    return n


cdef bint is_contiguous(TensorBase x) noexcept:
    cdef int64_t n = 1
    cdef int i
    for i in range(x.v.ndim - 1, -1, -1):
        if x.v.shape[i] == 0:
            return True
        if x.v.shape[i] != 1 and x.v.strides[i] != n:
            return numel(x) == 0
        n *= x.v.shape[i]
    return True


cdef bint same_shape(TensorBase x, TensorBase y) noexcept:
    cdef int i
    if x.v.ndim != y.v.ndim:
        return False
    for i in range(x.v.ndim):
        if x.v.shape[i] != y.v.shape[i]:
            return False
    return True


cdef bint overlaps_itself(TensorBase x) noexcept:
    """Sorted by stride, each dimension must step over all of the smaller ones; anything else counts as overlap."""
    cdef int order[TG_MAX_DIMS]
    cdef int i, j, n = 0
    cdef int64_t reach = 1
    for i in range(x.v.ndim):
        if x.v.shape[i] == 0:
            return False
        if x.v.shape[i] > 1:
            j = n
            while j > 0 and x.v.strides[order[j - 1]] > x.v.strides[i]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = i
            n += 1
    for i in range(n):
        if x.v.strides[order[i]] < reach:
            return True
        reach = (x.v.shape[order[i]] - 1) * x.v.strides[order[i]] + reach
    return False


cdef tuple shape_of(TensorBase x):
    return tuple([x.v.shape[i] for i in range(x.v.ndim)])


cdef int shape_from(object sizes, int64_t *shape, str op) except -1:
    cdef int n = 0
    for size in sizes:
        if n == TG_MAX_DIMS:
            raise ShapeError(f"{op}: {len(sizes)} dimensions, at most {TG_MAX_DIMS} are possible")
        if isinstance(size, float) or isinstance(size, str):
            raise TypeError(f"{op}: sizes must be integers, got {size!r} in {tuple(sizes)}")
        try:
            shape[n] = size
        except OverflowError:
            raise ShapeError(f"{op}: size {size} in {tuple(sizes)} is too large") from None
        n += 1
    return n


cdef int wrap_dim(int64_t dim, int ndim, str op) except -1:
    cdef int n = ndim if ndim else 1  # a 0-d tensor is addressed as if it had one dimension
    if dim < -n or dim >= n:
        raise OutOfRangeError(f"{op}: dim {dim} is out of range [{-n}, {n - 1}] for a tensor of {ndim} dimensions")
    return <int>(dim + n if dim < 0 else dim)


cdef int check(int status, str op, object detail="") except -1:
    if status == 0:
        return 0
    if status & TG_BAD_INDEX:
        raise OutOfRangeError(f"{op}: index {tg_bad_index()} is out of range{detail}")
    if status & TG_NO_MEMORY:
        raise OutOfMemoryError(f"{op}: cannot allocate the workspace{detail}")
    if status & TG_ZERO_DIVISION:
        raise ZeroDivisionError_(f"{op}: ZeroDivisionError: integer division by zero{detail}")
    raise DTypeError(f"{op}: no kernel for this dtype{detail}")


class ZeroDivisionError_(ZeroDivisionError, RuntimeError):
    """Integer division by zero; also the RuntimeError that PyTorch raises."""


ZeroDivisionError_.__name__ = ZeroDivisionError_.__qualname__ = "ZeroDivisionError"


# ---- copies ----

cdef TensorBase copy_to(TensorBase x, int dtype):
    cdef TensorBase out = new_tensor(dtype, x.v.ndim, x.v.shape)
    cdef int status
    if numel(x) < 4096:
        status = tg_copy(&out.v, &x.v)
    else:
        with nogil:
            status = tg_copy(&out.v, &x.v)
    check(status, "copy")
    return out


cdef TensorBase copy_of(TensorBase x):
    return copy_to(x, x.v.dtype)


cdef TensorBase contiguous(TensorBase x):
    return x if is_contiguous(x) else copy_to(x, x.v.dtype)


cdef TensorBase cast(TensorBase x, int dtype):
    return x if x.v.dtype == dtype else copy_to(x, dtype)


cdef TensorBase as_operand(TensorBase x, int dtype):
    return x if x.v.dtype == dtype and is_contiguous(x) else copy_to(x, dtype)


cdef int fill(TensorBase x, object value) except -1:
    cdef tg_view s
    cdef int64_t room
    s.data = <char *>&room
    s.dtype = x.v.dtype
    s.ndim = 0
    write_scalar(x.v.dtype, value, s.data)
    with nogil:
        tg_copy(&x.v, &s)
    return 0


# ---- scalars ----

cdef int write_scalar(int dtype, object value, void *out) except -1:
    cdef tg_view dst, src
    cdef double d
    cdef int64_t i
    if dtype == TG_F32:
        (<float *>out)[0] = <float><double>value
    elif dtype == TG_F64:
        (<double *>out)[0] = value
    elif dtype >= TG_F16:
        d = value
        dst.data = <char *>out
        dst.dtype = dtype
        src.data = <char *>&d
        src.dtype = TG_F64
        dst.ndim = src.ndim = 0
        tg_copy(&dst, &src)
    elif dtype == TG_BOOL:
        (<signed char *>out)[0] = 1 if value else 0
    else:
        if isinstance(value, float):
            if value != value or value in (float("inf"), float("-inf")):
                raise OverflowError_(f"tensor: {value} has no {dtype_of(dtype).name} value")
            value = int(value)
        try:
            i = value
        except OverflowError:
            raise OverflowError_(f"tensor: {value} does not fit {dtype_of(dtype).name}") from None
        if dtype == TG_I64:
            (<int64_t *>out)[0] = i
        elif dtype == TG_I32 and -(<int64_t>1 << 31) <= i < (<int64_t>1 << 31):
            (<int *>out)[0] = <int>i
        elif dtype == TG_I16 and -32768 <= i < 32768:
            (<short *>out)[0] = <short>i
        elif dtype == TG_I8 and -128 <= i < 128:
            (<signed char *>out)[0] = <signed char>i
        elif dtype == TG_U8 and -128 <= i < 256:  # a negative number wraps, as in PyTorch
            (<unsigned char *>out)[0] = <unsigned char>i
        else:
            raise OverflowError_(f"tensor: {value} does not fit {dtype_of(dtype).name}")
    return 0


class OverflowError_(OverflowError, RuntimeError):
    """A number that its dtype cannot hold; also the RuntimeError that PyTorch raises."""


OverflowError_.__name__ = OverflowError_.__qualname__ = "OverflowError"


cdef object read_scalar(int dtype, const void *p):
    cdef tg_view dst, src
    cdef double d
    if dtype == TG_F32:
        return <double>(<const float *>p)[0]
    if dtype == TG_F64:
        return (<const double *>p)[0]
    if dtype == TG_I64:
        return (<const int64_t *>p)[0]
    if dtype == TG_BOOL:
        return (<const signed char *>p)[0] != 0
    if dtype == TG_I32:
        return (<const int *>p)[0]
    if dtype == TG_I16:
        return (<const short *>p)[0]
    if dtype == TG_I8:
        return (<const signed char *>p)[0]
    if dtype == TG_U8:
        return (<const unsigned char *>p)[0]
    dst.data = <char *>&d
    dst.dtype = TG_F64
    src.data = <char *>p
    src.dtype = dtype
    dst.ndim = src.ndim = 0
    tg_copy(&dst, &src)
    return d


cdef object nested(TensorBase x, int dim, const char *p):
    cdef int64_t step = x.v.strides[dim] * tg_itemsize(x.v.dtype)
    if dim == x.v.ndim:
        return read_scalar(x.v.dtype, p)
    return [nested(x, dim + 1, p + i * step) for i in range(x.v.shape[dim])]


# ---- the class ----

cdef class Geometry:
    """Shape, byte strides and format of an exported buffer, alive as long as the buffer is."""
    cdef Py_ssize_t shape[TG_MAX_DIMS]
    cdef Py_ssize_t strides[TG_MAX_DIMS]
    cdef bytes format


cdef class TensorBase:
    """What Tensor inherits: attributes, Python's number and container protocols, the buffer protocol."""

    @property
    def shape(self):
        """The sizes of the dimensions, a tuple. Source: torch.Tensor.shape.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).shape
        tensorgrad.Size([2, 3])
        """
        return Size(shape_of(self))

    def size(self, dim=None):
        """The shape, or the size of one dimension. Errors: OutOfRangeError for one that is not there. Source: torch.Tensor.size.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).size(), tensorgrad.zeros(2, 3).size(-1)
        (tensorgrad.Size([2, 3]), 3)
        """
        if dim is None:
            return Size(shape_of(self))
        return self.v.shape[self.real_dim(dim, "size")]

    def stride(self, dim=None):
        """The strides in elements, or the stride of one dimension. Errors: OutOfRangeError. Source: torch.Tensor.stride.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).stride()
        (3, 1)
        """
        if dim is None:
            return tuple([self.v.strides[i] for i in range(self.v.ndim)])
        return self.v.strides[self.real_dim(dim, "stride")]

    cdef int real_dim(self, dim, str op) except -1:
        if self.v.ndim == 0:
            raise OutOfRangeError(f"{op}: dim {dim} of a tensor without dimensions")
        return wrap_dim(dim, self.v.ndim, op)

    @property
    def dtype(self):
        """The element type. Source: torch.Tensor.dtype.

        >>> import tensorgrad
        >>> tensorgrad.zeros(1).dtype
        tensorgrad.float32
        """
        return dtype_of(self.v.dtype)

    @property
    def ndim(self):
        """The number of dimensions. Source: torch.Tensor.ndim.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).ndim
        2
        """
        return self.v.ndim

    def dim(self):
        """The number of dimensions. Source: torch.Tensor.dim.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).dim()
        2
        """
        return self.v.ndim

    def numel(self):
        """The number of elements. Source: torch.Tensor.numel.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).numel()
        6
        """
        return numel(self)

    def element_size(self):
        """Bytes of one element. Source: torch.Tensor.element_size.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).element_size()
        4
        """
        return tg_itemsize(self.v.dtype)

    @property
    def itemsize(self):
        """Bytes of one element. Source: torch.Tensor.itemsize.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).itemsize
        4
        """
        return tg_itemsize(self.v.dtype)

    @property
    def nbytes(self):
        """Bytes of all elements. Source: torch.Tensor.nbytes.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).nbytes
        24
        """
        return numel(self) * tg_itemsize(self.v.dtype)

    def storage_offset(self):
        """Elements between the start of the storage and the first element. Source: torch.Tensor.storage_offset.

        >>> import tensorgrad
        >>> tensorgrad.zeros(5)[2:].storage_offset()
        2
        """
        return (self.v.data - self.storage.data) // tg_itemsize(self.v.dtype)

    def data_ptr(self):
        """Address of the first element. Source: torch.Tensor.data_ptr.

        >>> import tensorgrad
        >>> x = tensorgrad.zeros(5)
        >>> x[2:].data_ptr() - x.data_ptr()
        8
        """
        return <size_t>self.v.data

    def untyped_storage(self):
        """The memory this tensor is a window on. Source: torch.Tensor.untyped_storage.

        >>> import tensorgrad
        >>> tensorgrad.zeros(5)[2:].untyped_storage().nbytes()
        20
        """
        return self.storage

    def is_contiguous(self, memory_format=None):
        """Whether the elements lie in memory in the order of their indices. No errors. Source: torch.Tensor.is_contiguous.

        >>> import tensorgrad
        >>> tensorgrad.zeros(2, 3).is_contiguous(), tensorgrad.zeros(2, 3).t().is_contiguous()
        (True, False)
        """
        return is_contiguous(self)

    def is_floating_point(self):
        """Whether the dtype is a floating-point one. Source: torch.Tensor.is_floating_point.

        >>> import tensorgrad
        >>> tensorgrad.zeros(1).is_floating_point()
        True
        """
        return self.v.dtype >= TG_F16

    @property
    def _version(self):
        return self.storage.version

    @property
    def _base(self):
        return self.base

    @property
    def output_nr(self):
        """Which output of `grad_fn` this tensor is. Source: torch.Tensor.output_nr.

        >>> import tensorgrad
        >>> tensorgrad.zeros(1).output_nr
        0
        """
        return self.output_nr

    def item(self):
        """The value of a tensor with one element as a Python number. Errors: ShapeError for any other size. Source:
        torch.Tensor.item.

        >>> import tensorgrad
        >>> tensorgrad.tensor([1.5]).item()
        1.5
        """
        if numel(self) != 1:
            raise ShapeError(f"item: a tensor of shape {shape_of(self)} has {numel(self)} elements, not one")
        return read_scalar(self.v.dtype, self.v.data)

    def tolist(self):
        """The elements as nested lists of Python numbers; of a tensor without dimensions its number. Source: torch.Tensor.tolist.

        >>> import tensorgrad
        >>> tensorgrad.tensor([[1], [2]]).tolist()
        [[1], [2]]
        """
        return nested(self, 0, self.v.data)

    def __bool__(self):
        if numel(self) != 1:
            raise ShapeError(f"bool: the truth of a tensor of shape {shape_of(self)} is ambiguous; use any() or all()")
        return bool(read_scalar(self.v.dtype, self.v.data))

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        if self.v.dtype >= TG_F16 or numel(self) != 1:
            raise TypeError(f"index: only a tensor of one integer can be an index, got shape {shape_of(self)} of "
                            f"{dtype_of(self.v.dtype)}")
        return int(self.item())

    def __len__(self):
        if self.v.ndim == 0:
            raise TypeError("len: a tensor without dimensions has no length")
        return self.v.shape[0]

    def __hash__(self):
        return <size_t><void *>self >> 4

    # One function pointer stands for all operators: ops/elementwise.py registers who computes them.
    def __add__(a, b): return operate_hook(0, a, b)
    def __radd__(b, a): return operate_hook(0, a, b)
    def __sub__(a, b): return operate_hook(1, a, b)
    def __rsub__(b, a): return operate_hook(1, a, b)
    def __mul__(a, b): return operate_hook(2, a, b)
    def __rmul__(b, a): return operate_hook(2, a, b)
    def __truediv__(a, b): return operate_hook(3, a, b)
    def __rtruediv__(b, a): return operate_hook(3, a, b)
    def __floordiv__(a, b): return operate_hook(4, a, b)
    def __rfloordiv__(b, a): return operate_hook(4, a, b)
    def __mod__(a, b): return operate_hook(5, a, b)
    def __rmod__(b, a): return operate_hook(5, a, b)
    def __pow__(a, b, modulo): return operate_hook(6, a, b)
    def __rpow__(b, a, modulo): return operate_hook(6, a, b)
    def __matmul__(a, b): return operate_hook(7, a, b)
    def __rmatmul__(b, a): return operate_hook(7, a, b)
    def __and__(a, b): return operate_hook(8, a, b)
    def __rand__(b, a): return operate_hook(8, a, b)
    def __or__(a, b): return operate_hook(9, a, b)
    def __ror__(b, a): return operate_hook(9, a, b)
    def __xor__(a, b): return operate_hook(10, a, b)
    def __rxor__(b, a): return operate_hook(10, a, b)
    def __lshift__(a, b): return operate_hook(11, a, b)
    def __rlshift__(b, a): return operate_hook(11, a, b)
    def __rshift__(a, b): return operate_hook(12, a, b)
    def __rrshift__(b, a): return operate_hook(12, a, b)
    def __neg__(a): return operate_hook(20, a, None)
    def __pos__(a): return operate_hook(21, a, None)
    def __abs__(a): return operate_hook(22, a, None)
    def __invert__(a): return operate_hook(23, a, None)
    def __iadd__(a, b): return operate_hook(40, a, b)
    def __isub__(a, b): return operate_hook(41, a, b)
    def __imul__(a, b): return operate_hook(42, a, b)
    def __itruediv__(a, b): return operate_hook(43, a, b)
    def __ifloordiv__(a, b): return operate_hook(44, a, b)
    def __imod__(a, b): return operate_hook(45, a, b)
    def __ipow__(a, b): return operate_hook(46, a, b)
    def __iand__(a, b): return operate_hook(48, a, b)
    def __ior__(a, b): return operate_hook(49, a, b)
    def __ixor__(a, b): return operate_hook(50, a, b)
    def __ilshift__(a, b): return operate_hook(51, a, b)
    def __irshift__(a, b): return operate_hook(52, a, b)

    def __getitem__(self, key): return operate_hook(53, self, key)

    def __richcmp__(a, b, int which):
        return operate_hook(60 + which, a, b)

    # The buffer protocol: memoryview(t), numpy.asarray(t) and everybody else's zero-copy door.
    def __getbuffer__(self, Py_buffer *buffer, int flags):
        cdef int i
        cdef int64_t item = tg_itemsize(self.v.dtype)
        cdef Geometry geometry
        if self.storage.readonly and flags & PyBUF_WRITABLE:
            raise BufferError("buffer: the memory of this tensor is read-only")
        if not (flags & PyBUF_STRIDES) and not is_contiguous(self):
            raise BufferError("buffer: this tensor is not contiguous")
        geometry = Geometry.__new__(Geometry)
        for i in range(self.v.ndim):
            geometry.shape[i] = self.v.shape[i]
            geometry.strides[i] = self.v.strides[i] * item
        geometry.format = dtype_of(self.v.dtype).format.encode()
        buffer.buf = self.v.data
        buffer.obj = self
        buffer.len = numel(self) * item
        buffer.itemsize = item
        buffer.readonly = self.storage.readonly
        buffer.format = <char *>geometry.format if flags & PyBUF_FORMAT else NULL
        buffer.ndim = self.v.ndim
        buffer.shape = geometry.shape if flags & PyBUF_ND else NULL
        buffer.strides = geometry.strides if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
        buffer.suboffsets = NULL
        buffer.internal = <void *>geometry
        Py_INCREF(geometry)

    def __releasebuffer__(self, Py_buffer *buffer):
        Py_DECREF(<object>buffer.internal)
