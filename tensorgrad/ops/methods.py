"""Methods of Tensor that are no functions: tensors like this one, facts, Python functions applied to each element, and what old
programs call. Those that change a tensor's shape or memory in place: memory.py."""

from .._core.errors import GraphError, ShapeError
from .._core.history import become, detach
from .._core.kernels import create as create_kernels
from .._core.tensor import TensorBase
from . import create, indexing, shape
from .declare import as_method, check_tensors, method

# ---- values ----

@method
def fill_(self, value):
    """Every element becomes value, a number or a tensor without dimensions; any shape. Errors: ShapeError for a value with dimensions,
    TypeError for what is neither, GraphError for a leaf that requires grad. Source: torch.Tensor.fill_.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2).fill_(7)
    tensor([7., 7.])
    """
    if isinstance(value, TensorBase):
        if value.ndim:
            raise ShapeError(f"fill_: value must have no dimensions, got shape {tuple(value.shape)}")
        return self.copy_(value)
    return self.copy_(create_kernels.full((), value, self.dtype))


@method
def zero_(self):
    """Every element becomes zero; any shape. Errors: GraphError for a leaf that requires grad. Source: torch.Tensor.zero_.

    >>> import tensorgrad
    >>> tensorgrad.ones(2).zero_()
    tensor([0., 0.])
    """
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
    """Every element x becomes callable(x), a Python function: slow; any shape. Errors: GraphError for a tensor that requires grad,
    DTypeError for a result that is no number, TypeError for what cannot be called. Source: torch.Tensor.apply_.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1, 2]).apply_(lambda x: x + 1)
    tensor([2, 3])
    """
    return by_python(self, callable)


@method
def map_(self, tensor, callable):
    """Every element x becomes callable(x, y) with y of tensor, which broadcasts to self's shape: slow. Errors: ShapeError where it does
    not, GraphError, DTypeError, TypeError, as in apply_. Source: torch.Tensor.map_.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1, 2]).map_(tensorgrad.tensor([3, 4]), lambda x, y: x * y)
    tensor([3, 8])
    """
    return by_python(self, callable, tensor)


@method
def map2_(self, x, y, callable):
    """Every element becomes callable(element, element of x, element of y), which broadcast to self's shape: slow. Errors: ShapeError
    where they do not, GraphError, DTypeError, TypeError, as in apply_. Source: torch.Tensor.map2_.

    >>> import tensorgrad
    >>> one = tensorgrad.tensor([1])
    >>> one.clone().map2_(one, one, lambda a, x, y: a + x + y)
    tensor([3])
    """
    return by_python(self, callable, x, y)


@method
def index(self, indices):
    """self[indices], a tuple of tensors (or None), of the shape they broadcast to. Errors: OutOfRangeError for an index that is not
    there, TypeError for what is no tuple. Source: aten::index.

    >>> import tensorgrad
    >>> tensorgrad.tensor([5, 6, 7]).index((tensorgrad.tensor([2, 0]),))
    tensor([7, 5])
    """
    return indexing.getitem(self, tuple(slice(None) if i is None else i for i in indices))


@method
def sum_to_size(self, *size):
    """self summed over the dimensions along which a tensor of that size was broadcast: the result has that shape. Errors: ShapeError
    where it does not broadcast to self's. Source: torch.Tensor.sum_to_size.

    >>> import tensorgrad
    >>> tensorgrad.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    size = shape.sizes(size, "sum_to_size")
    try:
        fits = tuple(shape.broadcast_shapes(size, tuple(self.shape))) == tuple(self.shape)
    except ShapeError:
        fits = False
    if not fits:
        raise ShapeError(f"sum_to_size: size {size} does not broadcast to shape {tuple(self.shape)}")
    return shape.sum_to(self, size)


# ---- other tensors ----

@method
def view_as(self, other):
    """self.view(other.shape). Errors: ShapeError where the shapes do not fit, TypeError for what is no tensor. Source:
    torch.Tensor.view_as.

    >>> import tensorgrad
    >>> tensorgrad.arange(4).view_as(tensorgrad.zeros(2, 2)).shape
    tensorgrad.Size([2, 2])
    """
    check_tensors("view_as", other=other)
    return shape.view(self, tuple(other.shape))


@method
def reshape_as(self, other):
    """self.reshape(other.shape). Errors: ShapeError where the number of elements differs, TypeError for what is no tensor. Source:
    torch.Tensor.reshape_as.

    >>> import tensorgrad
    >>> tensorgrad.arange(4).reshape_as(tensorgrad.zeros(2, 2)).shape
    tensorgrad.Size([2, 2])
    """
    check_tensors("reshape_as", other=other)
    return shape.reshape(self, tuple(other.shape))


@method
def type_as(self, other):
    """self with other's dtype, in its own shape. Errors: TypeError for what is no tensor. Source: torch.Tensor.type_as.

    >>> import tensorgrad
    >>> tensorgrad.ones(1).type_as(tensorgrad.tensor(3))
    tensor([1])
    """
    check_tensors("type_as", other=other)
    return shape.to_dtype(self, other.dtype)


@method
def new_empty(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """An uninitialised tensor of self's dtype and of the shape size. Errors: ShapeError for a negative size, TypeError for one that is no
    integer. Source: torch.Tensor.new_empty.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1]).new_empty(2, 3).shape
    tensorgrad.Size([2, 3])
    """
    return create.empty(*size_of(size), dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_empty_strided(self, size, stride, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """An uninitialised tensor of self's dtype, of the shape size with given strides. Errors: ShapeError unless they are of one length,
    ArgumentError for negative numbers. Source: torch.Tensor.new_empty_strided.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1]).new_empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    return create.empty_strided(size, stride, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_zeros(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """Zeros of self's dtype and of the shape size. Errors: ShapeError for a negative size, TypeError for one that is no integer. Source:
    torch.Tensor.new_zeros.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1]).new_zeros(2)
    tensor([0, 0])
    """
    return create.zeros(*size_of(size), dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_ones(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """Ones of self's dtype and of the shape size. Errors: ShapeError for a negative size, TypeError for one that is no integer. Source:
    torch.Tensor.new_ones.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1]).new_ones(2)
    tensor([1, 1])
    """
    return create.ones(*size_of(size), dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


def size_of(args):
    return args or ((),)


@method
def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """One value in self's dtype and the shape size. Errors: ShapeError for a negative size, TypeError for a value that is no number.
    Source: torch.Tensor.new_full.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1]).new_full((2,), 7)
    tensor([7, 7])
    """
    return create.full(size, fill_value, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """A copy of the data, of self's dtype and the data's shape. Errors: ShapeError for ragged lists, DTypeError for what holds no
    numbers. Source: torch.Tensor.new_tensor.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1.0]).new_tensor([2, 3])
    tensor([2., 3.])
    """
    return create.tensor(data, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method
def new(self, *args):
    """Tensor(...) of self's dtype: new(2, 3) uninitialised, new([1, 2]) with the data. Errors: ShapeError for a negative size, DTypeError
    for data that holds no numbers. Source: torch.Tensor.new.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1.0]).new([2, 3])
    tensor([2., 3.])
    """
    if args and not isinstance(args[0], int):
        return create.tensor(args[0], dtype=self.dtype)
    return create.empty(*(args or (0,)), dtype=self.dtype)


@method
def as_subclass(self, cls):
    """The same memory as another class of tensor. Errors: TypeError for another class. Source: torch.Tensor.as_subclass.

    >>> import tensorgrad
    >>> type(tensorgrad.ones(1).as_subclass(tensorgrad.nn.Parameter)).__name__
    'Parameter'
    """
    if not (isinstance(cls, type) and issubclass(cls, TensorBase)):
        raise TypeError(f"as_subclass: cls must be a subclass of Tensor, got {cls!r}")
    out = TensorBase.__new__(cls)
    become(out, shape.view_op(self, size=tuple(self.shape)))
    return out


# ---- facts ----

@method
def ndimension(self):
    """The number of dimensions. Source: torch.Tensor.ndimension.

    >>> import tensorgrad
    >>> tensorgrad.ones(2, 3).ndimension()
    2
    """
    return self.ndim


@method
def nelement(self):
    """The number of elements. Source: torch.Tensor.nelement.

    >>> import tensorgrad
    >>> tensorgrad.ones(2, 3).nelement()
    6
    """
    return self.numel()


@method
def to_dense(self, dtype=None, *, masked_grad=None):
    """self, in another dtype if one is given: every tensor, of any shape, is dense. Errors: DTypeError for what is no dtype. Source:
    torch.Tensor.to_dense.

    >>> import tensorgrad
    >>> tensorgrad.ones(1).to_dense()
    tensor([1.])
    """
    return self if dtype is None else shape.to_dtype(self, create.checked_dtype(dtype, "to_dense"))


@method
def dense_dim(self):
    """The number of dimensions: all are dense. Source: torch.Tensor.dense_dim.

    >>> import tensorgrad
    >>> tensorgrad.ones(2, 3).dense_dim()
    2
    """
    return self.ndim


@method
def sparse_dim(self):
    """0: no dimension is sparse. Source: torch.Tensor.sparse_dim.

    >>> import tensorgrad
    >>> tensorgrad.ones(2, 3).sparse_dim()
    0
    """
    return 0


@method
def is_shared(self):
    """False: the memory is this process's own. Source: torch.Tensor.is_shared.

    >>> import tensorgrad
    >>> tensorgrad.ones(1).is_shared()
    False
    """
    return False


@method
def share_memory_(self):
    """self: processes that are forked see the memory as it was then. Source: torch.Tensor.share_memory_.

    >>> import tensorgrad
    >>> tensorgrad.ones(1).share_memory_()
    tensor([1.])
    """
    return self


@method
def record_stream(self, stream):
    """Nothing to do: there are no streams on a CPU. Any stream is taken, there are no errors. Source: torch.Tensor.record_stream.

    >>> import tensorgrad
    >>> tensorgrad.ones(1).record_stream(None)
    """


def gone(name, advice, error=GraphError):
    """A method that PyTorch still names in order to say what to use instead."""
    def removed(self, *args, **kwargs):
        raise error(f"{name}: {advice}")
    removed.__doc__ = f"""Always an error: {advice}. Source: torch.Tensor.{name}.

    >>> import tensorgrad
    >>> tensorgrad.ones(1).{name}()
    Traceback (most recent call last):
    ...
    {'' if error is AssertionError else f'{error.__module__}.'}{error.__name__}: {name}: {advice}
    """
    as_method(name, removed)


for _name in ("values", "indices", "col_indices", "row_indices"):
    gone(_name, "needs a sparse tensor; every tensor here is dense")
gone("reinforce", "was removed; use distributions")
for _name in ("cuda", "xpu", "mtia"):
    gone(_name, "there is no such device; tensorgrad computes on the CPU", AssertionError)  # PyTorch's kind of error

