"""Methods of Tensor that are no functions: what changes a tensor's shape or memory in place, tensors like this one, Python
functions applied to each element, and what old programs call."""

from .._core.errors import DTypeError, GraphError, ShapeError
from .._core.history import become, detach, replace_data
from .._core.kernels import create as create_kernels
from .._core.storage import Storage
from .._core.tensor import TensorBase, window_of
from . import create, indexing, shape
from .declare import METHODS


def method(function):
    """Enter a function as a method of Tensor under its own name."""
    METHODS[function.__name__] = function
    return function


# ---- values ----

@method
def fill_(self, value):
    """Every element becomes value. Source: torch.Tensor.fill_."""
    if isinstance(value, TensorBase):
        if value.ndim:
            raise ShapeError(f"fill_: value must have no dimensions, got shape {tuple(value.shape)}")
        return self.copy_(value)
    return self.copy_(create_kernels.full((), value, self.dtype))


@method
def zero_(self):
    """Every element becomes zero. Source: torch.Tensor.zero_."""
    return fill_(self, 0)


def by_python(self, function, *others):
    """self = function(x, y, ...) of each element and those of tensors of the same shape."""
    name = function.__name__ if hasattr(function, "__name__") else "function"
    if self.requires_grad:
        raise GraphError(f"apply_: {name} cannot be differentiated; detach() the tensor of shape {tuple(self.shape)} first")
    columns = [shape.expand_op.forward(detach(t), tuple(self.shape)).reshape(-1).tolist() for t in (self, *others)]
    values = [function(*row) for row in zip(*columns, strict=True)]
    return self.copy_(shape.reshape(create.tensor(values, dtype=self.dtype), tuple(self.shape))) if values else self


@method
def apply_(self, callable):
    """Every element x becomes callable(x), a Python function: slow. Source: torch.Tensor.apply_."""
    return by_python(self, callable)


@method
def map_(self, tensor, callable):
    """Every element x becomes callable(x, y) with y of tensor: slow. Source: torch.Tensor.map_."""
    return by_python(self, callable, tensor)


@method
def map2_(self, x, y, callable):
    """Every element becomes callable(element, element of x, element of y): slow. Source: torch.Tensor.map2_."""
    return by_python(self, callable, x, y)


@method
def index(self, indices):
    """self[indices], a tuple of tensors (or None). Source: aten::index."""
    return indexing.getitem(self, tuple(slice(None) if i is None else i for i in indices))


@method
def sum_to_size(self, *size):
    """self summed over the dimensions along which a tensor of that size was broadcast. Source: torch.Tensor.sum_to_size."""
    size = shape.sizes(size, "sum_to_size")
    try:
        fits = tuple(shape.broadcast_shapes(size, tuple(self.shape))) == tuple(self.shape)
    except ShapeError:
        fits = False
    if not fits:
        raise ShapeError(f"sum_to_size: size {size} does not broadcast to shape {tuple(self.shape)}")
    return shape.sum_to(self, size)


# ---- shape and memory, in place ----

def replace(tensor, view):
    """The tensor becomes the view: shape, memory and place in the graph."""
    if tensor.requires_grad and tensor.grad_fn is None:
        raise GraphError(f"in place: a leaf of shape {tuple(tensor.shape)} that requires grad cannot change its shape")
    become(tensor, view)
    return tensor


@method
def squeeze_(self, dim=None):
    """squeeze in place: the shape of this tensor changes."""
    return replace(self, shape.squeeze(self, dim))


@method
def unsqueeze_(self, dim):
    """unsqueeze in place: the shape of this tensor changes."""
    return replace(self, shape.unsqueeze(self, dim))


@method
def t_(self):
    """t in place: the shape of this tensor changes."""
    return replace(self, shape.t(self))


@method
def transpose_(self, dim0, dim1):
    """transpose in place: the shape of this tensor changes."""
    return replace(self, shape.transpose(self, dim0, dim1))


@method
def swapaxes_(self, axis0, axis1):
    """transpose_ under NumPy's name."""
    return transpose_(self, axis0, axis1)


METHODS.update(swapdims_=transpose_)


@method
def as_strided_(self, size, stride, storage_offset=None):
    """as_strided in place: the window of this tensor changes."""
    return replace(self, shape.as_strided(self, size, stride, storage_offset))


def count(sizes):
    n = 1
    for s in sizes:
        n *= s
    return n


@method
def resize_(self, *sizes, memory_format=None):
    """Another shape on the same memory where it suffices, else on new memory (whose rest is uninitialised). Source:
    torch.Tensor.resize_."""
    sizes = shape.sizes(sizes, "resize_")
    if self.requires_grad:
        raise GraphError(f"resize_: a tensor that requires grad (shape {tuple(self.shape)}) cannot be resized")
    if any(n < 0 for n in sizes):
        raise ShapeError(f"resize_: sizes must not be negative, got {sizes}")
    if tuple(self.shape) == sizes:
        return self
    strides, step = [], 1
    for n in reversed(sizes):
        strides.insert(0, step)
        step *= n or 1
    storage, start = self.untyped_storage(), self.storage_offset()
    if (start + count(sizes)) * self.element_size() <= storage.nbytes():
        replace_data(self, window_of(storage, self.dtype, start, sizes, tuple(strides)))
        return self
    fresh = create.empty(sizes, dtype=self.dtype)
    there = storage.nbytes() // self.element_size() - start
    if there > 0:
        fresh.view(-1)[:there].copy_(window_of(storage, self.dtype, start, (there,), (1,)))
    replace_data(self, fresh)
    return self


@method
def resize_as_(self, the_template, *, memory_format=None):
    """resize_ to the shape of another tensor. Source: torch.Tensor.resize_as_."""
    return resize_(self, tuple(the_template.shape))


@method
def resize(self, *sizes):
    """view with exactly as many elements: kept for old programs. Source: torch.Tensor.resize."""
    sizes = shape.sizes(sizes, "resize")
    if count(sizes) != self.numel():
        raise ShapeError(f"resize: {sizes} has not the {self.numel()} elements of shape {tuple(self.shape)}; use resize_()")
    return shape.reshape(self, sizes)


@method
def resize_as(self, tensor):
    """resize to the shape of another tensor: kept for old programs. Source: torch.Tensor.resize_as."""
    return resize(self, tuple(tensor.shape))


@method
def set_(self, source=None, storage_offset=0, size=None, stride=None):
    """self becomes a window on the memory of a tensor or a storage; without arguments it becomes empty. Errors: ArgumentError
    where the window would reach outside. Source: torch.Tensor.set_."""
    if self.requires_grad:
        raise GraphError(f"set_: a tensor that requires grad (shape {tuple(self.shape)}) cannot change its memory")
    if source is None:
        replace_data(self, create.empty(0, dtype=self.dtype))
        return self
    if isinstance(source, TensorBase):
        if source.dtype is not self.dtype:
            raise DTypeError(f"set_: source is of {source.dtype}, this tensor of {self.dtype}")
        if size is None:
            replace_data(self, detach(source))
            return self
        source = source.untyped_storage()
    if isinstance(source, TypedStorage):
        source = source.untyped()
    if not isinstance(source, Storage):
        raise TypeError(f"set_: source must be a tensor or a storage, got {type(source).__name__}")
    size = (source.nbytes() // self.element_size() - storage_offset,) if size is None else shape.sizes((size,), "set_")
    if stride is None:
        stride, step = [], 1
        for n in reversed(size):
            stride.insert(0, step)
            step *= n or 1
    replace_data(self, window_of(source, self.dtype, storage_offset, size, tuple(stride)))
    return self


@method
def is_set_to(self, tensor):
    """Whether both are the same window on the same memory. Source: torch.Tensor.is_set_to."""
    return (self.data_ptr() == tensor.data_ptr() and tuple(self.shape) == tuple(tensor.shape)
            and self.stride() == tensor.stride() and self.dtype is tensor.dtype)


class TypedStorage:
    """The whole memory of a tensor as a row of its elements. Source: torch.TypedStorage.

    >>> import tensorgrad
    >>> tensorgrad.arange(3).storage().tolist()
    [0, 1, 2]
    """

    def __init__(self, tensor):
        self.memory, self.dtype = tensor.untyped_storage(), tensor.dtype
        self.row = window_of(self.memory, self.dtype, 0, (self.memory.nbytes() // self.dtype.itemsize,), (1,))

    def __len__(self):
        return len(self.row)

    def size(self):
        """The number of elements."""
        return len(self.row)

    def __getitem__(self, i):
        return self.row[i].item()

    def __setitem__(self, i, value):
        self.row[i] = value

    def __iter__(self):
        return iter(self.tolist())

    def tolist(self):
        """The elements as numbers."""
        return self.row.tolist()

    def data_ptr(self):
        """Address of the first element."""
        return self.memory.data_ptr()

    def nbytes(self):
        """Size in bytes."""
        return self.memory.nbytes()

    def untyped(self):
        """The bytes."""
        return self.memory

    def __repr__(self):
        last = f"[tensorgrad.storage.TypedStorage(dtype={self.dtype}, device=cpu) of size {len(self)}]"
        return "\n".join([*(f" {v}" for v in self), last])


@method
def storage(self):
    """The whole memory that this tensor is a window on, element by element. Source: torch.Tensor.storage."""
    return TypedStorage(self)


@method
def const_data_ptr(self):
    """Address of the first element, to read from."""
    return self.data_ptr()


# ---- other tensors ----

@method
def view_as(self, other):
    """self.view(other.shape). Source: torch.Tensor.view_as."""
    return shape.view(self, tuple(other.shape))


@method
def reshape_as(self, other):
    """self.reshape(other.shape). Source: torch.Tensor.reshape_as."""
    return shape.reshape(self, tuple(other.shape))


@method
def type_as(self, other):
    """self with other's dtype."""
    return shape.to_dtype(self, other.dtype)


@method
def new_empty(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """Uninitialised, of self's dtype."""
    return create.empty(*size_of(size), dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_empty_strided(self, size, stride, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """Uninitialised, of self's dtype, with given strides."""
    return create.empty_strided(size, stride, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_zeros(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """Zeros of self's dtype."""
    return create.zeros(*size_of(size), dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_ones(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """Ones of self's dtype."""
    return create.ones(*size_of(size), dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


def size_of(args):
    return args or ((),)


@method
def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """One value in self's dtype."""
    return create.full(size, fill_value, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """A copy of the data, of self's dtype."""
    return create.tensor(data, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new(self, *args):
    """Tensor(...) of self's dtype: new(2, 3) uninitialised, new([1, 2]) with the data. Source: torch.Tensor.new."""
    if args and not isinstance(args[0], int):
        return create.tensor(args[0], dtype=self.dtype)
    return create.empty(*(args or (0,)), dtype=self.dtype)


@method
def as_subclass(self, cls):
    """The same memory as another class of tensor. Source: torch.Tensor.as_subclass."""
    if not (isinstance(cls, type) and issubclass(cls, TensorBase)):
        raise TypeError(f"as_subclass: cls must be a subclass of Tensor, got {cls!r}")
    out = TensorBase.__new__(cls)
    become(out, shape.view_op(self, size=tuple(self.shape)))
    return out


# ---- facts ----

@method
def ndimension(self):
    """The number of dimensions."""
    return self.ndim


@method
def nelement(self):
    """The number of elements."""
    return self.numel()


@method
def to_dense(self, dtype=None, *, masked_grad=None):
    """self: every tensor is dense. Source: torch.Tensor.to_dense."""
    return self if dtype is None else shape.to_dtype(self, create.checked_dtype(dtype, "to_dense"))


@method
def dense_dim(self):
    """The number of dimensions: all are dense."""
    return self.ndim


@method
def sparse_dim(self):
    """0: none is sparse."""
    return 0


@method
def is_shared(self):
    """False: the memory is this process's own."""
    return False


@method
def share_memory_(self):
    """self: processes that are forked see the memory as it was then."""
    return self


@method
def record_stream(self, stream):
    """Nothing to do: there are no streams on a CPU."""


def gone(name, advice, error=GraphError):
    """A method that PyTorch still names in order to say what to use instead."""
    def removed(self, *args, **kwargs):
        raise error(f"{name}: {advice}")
    removed.__name__ = removed.__qualname__ = name
    removed.__doc__ = f"Always an error: {advice}."
    METHODS[name] = removed


for _name in ("values", "indices", "col_indices", "row_indices"):
    gone(_name, "needs a sparse tensor; every tensor here is dense")
gone("reinforce", "was removed; use distributions")
for _name in ("cuda", "xpu", "mtia"):
    gone(_name, "there is no such device; tensorgrad computes on the CPU", AssertionError)  # PyTorch's kind of error

