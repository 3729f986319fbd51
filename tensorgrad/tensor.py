"""Tensor: TensorBase with everything a user touches: facts, conversions, indexing, printing, NumPy; autograd/recorded.py has what is
about the graph.

The methods that are operations come from the registry of tensorgrad/ops and are attached at the end of this file.
"""

from ._core import history
from ._core.apply import set_converter
from ._core.dlpack import from_capsule, to_dlpack
from ._core.dtype import BY_NAME
from ._core.dtype import dtype as dtype_class
from ._core.errors import ArgumentError, DTypeError, GraphError, ShapeError
from ._core.tensor import TensorBase, set_tensor_class
from .autograd.recorded import Recorded
from .ops import create, families, indexing, rearrange, shape
from .ops.declare import IN_PLACE, METHODS, dress
from .printing import tensor_text


class device:
    """Where a tensor, of any shape, lives: type is always "cpu", index the number that was given. Errors: ArgumentError for another
    device. Source: torch.device.

    >>> import tensorgrad
    >>> tensorgrad.device("cpu")
    device(type='cpu')
    """

    __slots__ = ("index", "type")

    def __init__(self, name="cpu", index=None):
        create.on_cpu(name, "device")
        self.type, self.index = "cpu", index

    def __repr__(self):
        return "device(type='cpu')"

    def __str__(self):
        return "cpu"

    def __eq__(self, other):
        return isinstance(other, device)

    def __hash__(self):
        return hash("cpu")


CPU = device()


class layout:
    """How a tensor's elements lie in memory: always with strides, y[i, j] = memory[offset + i stride[0] + j stride[1]]; whatever its
    shape. Errors: none, it takes no arguments. Source: torch.layout.

    >>> import tensorgrad
    >>> tensorgrad.zeros(1).layout
    tensorgrad.strided
    """

    def __repr__(self):
        return "tensorgrad.strided"


strided = layout()


# What NumPy and the buffer protocol have no letter for, and what it travels as.
CARRIERS = {BY_NAME["bfloat16"]: BY_NAME["int16"], BY_NAME["float8_e4m3fn"]: BY_NAME["uint8"], BY_NAME["float8_e5m2"]: BY_NAME["uint8"]}


class Tensor(Recorded):
    """A multi-dimensional array that knows how it was computed. Source: torch.Tensor.

    Tensor(2, 3) is an uninitialised float tensor of that shape, Tensor([1., 2.]) one with the data; `tensorgrad.tensor` is the
    constructor to use. The same for every tensor: is_cpu is True; is_cuda, is_mps, is_xpu, is_sparse, is_quantized, is_meta, is_nested,
    is_mkldnn and volatile are False; layout is strided; name and names are None. Errors: ShapeError for a negative size and ragged data,
    DTypeError for data that holds no numbers, TypeError.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ()

    def __new__(cls, *args, **kwargs):
        if cls is Tensor and kwargs.keys() - {"device"}:
            raise TypeError(f"Tensor: takes no argument but device by keyword, got {sorted(kwargs)}; tensor() takes a dtype")
        if args and not isinstance(args[0], int):
            if len(args) > 1:
                raise TypeError(f"Tensor: expected sizes or one sequence of data, got {len(args)} arguments")
            value = create.tensor(args[0], dtype=create.get_default_dtype())
        else:
            value = create.empty(*args) if args else create.empty(0)
        out = TensorBase.__new__(cls)
        history.replace_data(out, value)
        return out

    # ---- facts ----

    @property
    def device(self):
        """Where the elements lie: always the CPU. Source: torch.Tensor.device.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).device
        device(type='cpu')
        """
        return CPU

    is_cpu = True
    is_cuda = is_mps = is_sparse = is_quantized = is_meta = is_nested = is_mkldnn = is_xpu = False
    layout, name, names, volatile = strided, None, None, False
    __array_priority__ = 1000

    @property
    def grad_dtype(self):
        """The dtype of this tensor's gradient: its own. Source: torch.Tensor.grad_dtype.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).grad_dtype
        tensorgrad.float32
        """
        return self.dtype

    @property
    def H(self):
        """The (conjugate) transpose of a matrix: (n, m) -> (m, n), a view. Errors: ShapeError. Source: torch.Tensor.H.

        >>> import tensorgrad
        >>> tensorgrad.ones(2, 3).H.shape
        tensorgrad.Size([3, 2])
        """
        if self.ndim not in (0, 2):
            raise ShapeError(f"H: needs a matrix, got shape {tuple(self.shape)}")
        return self.mT if self.ndim else self

    @property
    def mH(self):
        """mT: real matrices are their own conjugates. Source: torch.Tensor.mH.

        >>> import tensorgrad
        >>> tensorgrad.ones(5, 2, 3).mH.shape
        tensorgrad.Size([5, 3, 2])
        """
        return self.mT

    @property
    def T(self):
        """A view with the dimensions reversed. Source: torch.Tensor.T.

        >>> import tensorgrad
        >>> tensorgrad.ones(2, 3).T.shape
        tensorgrad.Size([3, 2])
        """
        return shape.permute_op(self, dims=tuple(range(self.ndim - 1, -1, -1)))

    @property
    def mT(self):
        """A view with the last two dimensions exchanged. Errors: ShapeError for less than two. Source: torch.Tensor.mT.

        >>> import tensorgrad
        >>> tensorgrad.ones(5, 2, 3).mT.shape
        tensorgrad.Size([5, 3, 2])
        """
        if self.ndim < 2:
            raise ShapeError(f"mT: needs at least two dimensions, got shape {tuple(self.shape)}")
        return shape.transpose_op(self, dim0=-2, dim1=-1)

    def get_device(self):
        """-1: the CPU has no device number. Source: torch.Tensor.get_device.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).get_device()
        -1
        """
        return -1

    def is_signed(self):
        """Whether the dtype has negative values. Source: torch.Tensor.is_signed.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).is_signed()
        True
        """
        return self.dtype.is_signed

    def is_complex(self):
        """Always False: complex tensors are a class of their own. Source: torch.Tensor.is_complex.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).is_complex()
        False
        """
        return False

    def is_pinned(self):
        """Always False: there is no other device to pin memory for. Source: torch.Tensor.is_pinned.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).is_pinned()
        False
        """
        return False

    # ---- conversion ----

    def to(self, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None):
        """self with another dtype, in its own shape; self itself where nothing changes, unless copy=True. Accepts a dtype, a device,
        another tensor (its dtype). Errors: ArgumentError for a device that is not the CPU. Source: torch.Tensor.to.

        >>> import tensorgrad
        >>> tensorgrad.tensor([1.5, 2.0]).to(tensorgrad.int64)
        tensor([1, 2])
        """
        for a in args:
            if isinstance(a, dtype_class):
                dtype = a
            elif isinstance(a, Tensor):
                dtype = a.dtype
            elif not isinstance(a, bool):
                device = a
        create.on_cpu(device, "to")
        out = self if dtype is None else shape.to_dtype(self, create.checked_dtype(dtype, "to"))
        return shape.clone_op(out) if copy and out is self else out

    def type(self, dtype=None, non_blocking=False):
        """The name of the tensor's type, or self, of any shape, converted to a dtype, also by such a name. Errors: ArgumentError for
        another name. Source: torch.Tensor.type.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).type(), tensorgrad.ones(1).type("tensorgrad.LongTensor")
        ('tensorgrad.FloatTensor', tensor([1]))
        """
        if dtype is None:
            return f"tensorgrad.{next(name for name, kind in OLD_NAMES.items() if kind is self.dtype)}"
        if isinstance(dtype, str):
            dtype = OLD_NAMES.get(dtype.rpartition(".")[2], dtype)
        return self.to(dtype.dtype if isinstance(dtype, OfType) else dtype)

    def cpu(self, memory_format=None):
        """self: the CPU is where it is. No errors. Source: torch.Tensor.cpu.

        >>> import tensorgrad
        >>> tensorgrad.ones(1).cpu()
        tensor([1.])
        """
        return self

    def numpy(self, *, force=False):
        """A NumPy array on the same memory. Errors: GraphError for a tensor that requires grad (use detach().numpy(), or force=True),
        DTypeError for one of bfloat16 or float8. Source: torch.Tensor.numpy.

        >>> import tensorgrad
        >>> tensorgrad.tensor([1, 2]).numpy()
        array([1, 2])
        """
        import numpy
        if self.requires_grad:
            if not force:
                raise GraphError("numpy: this tensor requires grad; use tensor.detach().numpy()")
            return self.detach().numpy()
        if self.dtype in CARRIERS:
            raise DTypeError(f"numpy: NumPy has no {self.dtype.name}; convert with .float() first")
        return numpy.asarray(memoryview(self))

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        """array * tensor: the tensor's operator answers; any other ufunc works on the arrays."""
        import numpy
        names = {"add": "__radd__", "subtract": "__rsub__", "multiply": "__rmul__", "true_divide": "__rtruediv__",
                 "divide": "__rtruediv__", "matmul": "__rmatmul__", "power": "__rpow__", "floor_divide": "__rfloordiv__",
                 "remainder": "__rmod__", "equal": "__eq__", "not_equal": "__ne__", "less": "__gt__", "greater": "__lt__",
                 "less_equal": "__ge__", "greater_equal": "__le__"}
        if method == "__call__" and len(inputs) == 2 and ufunc.__name__ in names and not isinstance(inputs[0], Tensor):
            return getattr(inputs[1], names[ufunc.__name__])(create.as_tensor(inputs[0]))
        arrays = [numpy.asarray(x) if isinstance(x, Tensor) else x for x in inputs]
        return getattr(ufunc, method)(*arrays, **kwargs)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """A DLPack capsule with this tensor's memory."""
        return to_dlpack(self)

    def __dlpack_device__(self):
        """(kDLCPU, 0)"""
        return 1, 0

    def __reduce_ex__(self, protocol):
        if self.grad_fn is not None:
            raise GraphError(f"pickle: only leaf tensors can be pickled, this one of shape {tuple(self.shape)} was made by "
                             f"{self.grad_fn.name()}; pickle its detach()")
        data = shape.contiguous(self.detach())
        raw = bytes(memoryview(shape.view_dtype(data, CARRIERS.get(self.dtype, self.dtype))))
        return rebuild, (type(self), raw, self.dtype, tuple(self.shape), self.requires_grad, self.__dict__ or None)

    def __deepcopy__(self, memo):
        if id(self) in memo:
            return memo[id(self)]
        if self.grad_fn is not None:
            raise GraphError(f"deepcopy: only leaf tensors can be deep-copied, this one of shape {tuple(self.shape)} was made "
                             f"by {self.grad_fn.name()}; copy its detach()")
        out = TensorBase.__new__(type(self))
        memo[id(self)] = out
        history.replace_data(out, create.kernels_copy(self.detach()))
        if self.requires_grad:
            history.set_requires_grad(out, True)
        if self.grad is not None:
            history.set_grad_of(out, create.kernels_copy(self.grad.detach()))
        if self.__dict__:
            from copy import deepcopy
            out.__dict__.update(deepcopy(self.__dict__, memo))
        return out

    def __copy__(self):
        out = TensorBase.__new__(type(self))
        history.replace_data(out, self.detach())
        if self.requires_grad:
            history.set_requires_grad(out, True)
        return out

    # ---- containers and text ----

    def __setitem__(self, key, value):
        indexing.setitem(self, key, value)

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iter: a tensor without dimensions cannot be iterated over")
        return iter(shape.unbind(self))

    def __reversed__(self):
        return rearrange.flip(self, (0,)) if self.ndim else self

    def __contains__(self, value):
        return bool((self == value).any().item())

    def __repr__(self):
        return tensor_text(self)

    def __format__(self, spec):
        return format(self.item(), spec) if self.ndim == 0 else object.__format__(self, spec)


OLD_NAMES = {f"{word}Tensor": BY_NAME[name] for name, word in (
    ("float32", "Float"), ("float64", "Double"), ("float16", "Half"), ("bfloat16", "BFloat16"), ("int64", "Long"), ("int32", "Int"),
    ("int16", "Short"), ("int8", "Char"), ("uint8", "Byte"), ("bool", "Bool"))}


class OfType(type):
    """FloatTensor, LongTensor and their like: tensors of one dtype under the names of old programs, of a shape (LongTensor(2, 3),
    uninitialised) or with data. Errors: ShapeError for a negative size and ragged data, DTypeError for data that holds no numbers,
    TypeError. Source: torch.FloatTensor.

    >>> import tensorgrad
    >>> tensorgrad.LongTensor([1, 2]), isinstance(tensorgrad.ones(1), tensorgrad.LongTensor)
    (tensor([1, 2]), False)
    """

    def __call__(cls, *args):
        if args and not isinstance(args[0], int):
            return create.tensor(args[0], dtype=cls.dtype)
        return create.empty(*(args or (0,)), dtype=cls.dtype)

    def __instancecheck__(cls, thing):
        return isinstance(thing, Tensor) and thing.dtype is cls.dtype


OLD_TYPES = {name: OfType(name, (), {"dtype": dtype, "__doc__": OfType.__doc__}) for name, dtype in OLD_NAMES.items()}


def rebuild(cls, raw, dtype, size, requires_grad, extra):
    """Unpickle a tensor."""
    out = TensorBase.__new__(cls)
    data = create.frombuffer(bytearray(raw), dtype=dtype) if raw else create.empty(0, dtype=dtype)
    history.replace_data(out, create.kernels_copy(shape.view_op(data, size=size)))
    if requires_grad:
        history.set_requires_grad(out, True)
    if extra:
        out.__dict__.update(extra)
    return out


def from_dlpack(ext_tensor):
    """A tensor on the memory, and of the shape, of any object with `__dlpack__`, or of a DLPack capsule. Errors: ArgumentError for memory
    that is not the CPU's and for what is neither. Source: torch.from_dlpack.

    >>> import numpy, tensorgrad
    >>> tensorgrad.from_dlpack(numpy.ones(2, "float32"))
    tensor([1., 1.])
    """
    if hasattr(ext_tensor, "__dlpack__"):
        kind = ext_tensor.__dlpack_device__()[0]
        if int(kind) != 1:
            raise ArgumentError(f"from_dlpack: memory of device type {int(kind)}; only the CPU's (1) can be read")
        ext_tensor = ext_tensor.__dlpack__()
    return from_capsule(ext_tensor)


def convert_method(name, dtype):
    """Tensor.float(), Tensor.long() and their like."""
    dtype = BY_NAME[dtype]

    def method(self, memory_format=None):
        return shape.to_dtype(self, dtype)
    return dress(method, name, f"""self as {dtype}, of the same shape; self itself where it is that already. No errors.

    Source: torch.Tensor.{name}.

    >>> import tensorgrad
    >>> tensorgrad.tensor([0, 1]).{name}().dtype is {dtype}
    True
    """)


class Later:
    """Stands on Tensor for a method that is not loaded, or has no docstring, yet: the first look puts the method in its place."""

    __slots__ = ("load", "name")

    def __init__(self, name, load=families.method):
        self.name, self.load = name, load

    def __get__(self, tensor, owner=None):
        function = self.load(self.name)
        setattr(Tensor, self.name, function)
        return function.__get__(tensor, owner)


def attach():
    """Give Tensor the conversions, the methods of the families that are loaded, and what stands for the others."""
    conversions = {"float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "int": "int32",
                   "long": "int64", "short": "int16", "char": "int8", "byte": "uint8", "bool": "bool"}
    methods = {name: Later(name) for place, name in families.FAMILY if place == families.TENSOR}
    methods.update((name, convert_method(name, dtype)) for name, dtype in conversions.items())
    methods.update((name, Later(name) if name in IN_PLACE else function) for name, function in METHODS.items())
    for name, method in methods.items():
        if name not in Tensor.__dict__ or type(Tensor.__dict__[name]) is Later:
            setattr(Tensor, name, method)


set_tensor_class(Tensor)
set_converter(create.as_tensor)
