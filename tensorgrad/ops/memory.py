"""Methods of Tensor that change its shape or its memory in place, and that memory as old programs see it."""

from .._core.errors import DTypeError, GraphError, ShapeError
from .._core.history import become, detach, replace_data
from .._core.storage import Storage
from .._core.tensor import TensorBase, window_of
from . import create, shape
from .declare import check_tensors, enter_in_place, method

BECOME = "In place: input becomes that view and is returned. Errors: GraphError for a leaf that requires grad."


# ---- another shape ----

def replace(tensor, view):
    """The tensor becomes the view: shape, memory and place in the graph."""
    if tensor.requires_grad and tensor.grad_fn is None:
        raise GraphError(f"in place: a leaf of shape {tuple(tensor.shape)} that requires grad cannot change its shape")
    become(tensor, view)
    return tensor


def becoming(function):
    """Decorator: enter Tensor's method that makes a tensor the view that the function of its name returns."""
    name = function.__name__.removesuffix("_")
    enter_in_place(name + "_", function, name, getattr(shape, name), BECOME)
    return function


@becoming
def squeeze_(self, dim=None):
    return replace(self, shape.squeeze(self, dim))


@becoming
def unsqueeze_(self, dim):
    return replace(self, shape.unsqueeze(self, dim))


@becoming
def t_(self):
    return replace(self, shape.t(self))


@becoming
def transpose_(self, dim0, dim1):
    return replace(self, shape.transpose(self, dim0, dim1))


enter_in_place("swapdims_", transpose_, "transpose", shape.transpose, BECOME)


@becoming
def swapaxes_(self, axis0, axis1):
    return transpose_(self, axis0, axis1)


@becoming
def as_strided_(self, size, stride, storage_offset=None):
    return replace(self, shape.as_strided(self, size, stride, storage_offset))


def count(sizes):
    n = 1
    for s in sizes:
        n *= s
    return n


@method
def resize_(self, *sizes, memory_format=None):
    """Another shape on the same memory where it suffices, else on new memory (whose rest is uninitialised). Errors: GraphError for a
    tensor that requires grad, ShapeError for negative sizes. Source: torch.Tensor.resize_.

    >>> import tensorgrad
    >>> tensorgrad.arange(4).resize_(3)
    tensor([0, 1, 2])
    """
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
    """resize_ to the shape of another tensor. Errors: GraphError for a tensor that requires grad, TypeError for what is no tensor.
    Source: torch.Tensor.resize_as_.

    >>> import tensorgrad
    >>> tensorgrad.arange(4).resize_as_(tensorgrad.zeros(2, 1))
    tensor([[0],
            [1]])
    """
    check_tensors("resize_as_", the_template=the_template)
    return resize_(self, tuple(the_template.shape))


@method
def resize(self, *sizes):
    """The view of another shape with exactly as many elements: kept for old programs. Errors: ShapeError for another number. Source:
    torch.Tensor.resize.

    >>> import tensorgrad
    >>> tensorgrad.arange(4).resize(2, 2).shape
    tensorgrad.Size([2, 2])
    """
    sizes = shape.sizes(sizes, "resize")
    if count(sizes) != self.numel():
        raise ShapeError(f"resize: {sizes} has not the {self.numel()} elements of shape {tuple(self.shape)}; use resize_()")
    return shape.reshape(self, sizes)


@method
def resize_as(self, tensor):
    """resize to the shape of another tensor: kept for old programs. Errors: ShapeError for another number of elements, TypeError for what
    is no tensor. Source: torch.Tensor.resize_as.

    >>> import tensorgrad
    >>> tensorgrad.arange(4).resize_as(tensorgrad.zeros(2, 2)).shape
    tensorgrad.Size([2, 2])
    """
    check_tensors("resize_as", tensor=tensor)
    return resize(self, tuple(tensor.shape))


# ---- other memory ----

@method
def set_(self, source=None, storage_offset=0, size=None, stride=None):
    """self becomes a window on the memory of a tensor or a storage; without arguments it becomes empty. Errors: ArgumentError where
    the window would reach outside, DTypeError for another dtype, GraphError for a tensor that requires grad. Source:
    torch.Tensor.set_.

    >>> import tensorgrad
    >>> x, y = tensorgrad.empty(0), tensorgrad.tensor([1.0, 2.0])
    >>> x.set_(y).data_ptr() == y.data_ptr()
    True
    """
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
    """Whether both are the same window, of one shape and strides, on the same memory. Errors: TypeError for what is no tensor. Source:
    torch.Tensor.is_set_to.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2)
    >>> x.is_set_to(x.detach()), x.is_set_to(x.clone())
    (True, False)
    """
    check_tensors("is_set_to", tensor=tensor)
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
    """The whole memory that this tensor is a window on, element by element. Source: torch.Tensor.storage.

    >>> import tensorgrad
    >>> tensorgrad.arange(4)[1:].storage().tolist()
    [0, 1, 2, 3]
    """
    return TypedStorage(self)


@method
def const_data_ptr(self):
    """Address of the first element, to read from. Source: torch.Tensor.const_data_ptr.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(1)
    >>> x.const_data_ptr() == x.data_ptr()
    True
    """
    return self.data_ptr()
