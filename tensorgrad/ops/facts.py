"""Questions about tensors, dtypes and the library, and what steers it in PyTorch and here needs no steering."""

from .._core.dtype import dtype as dtype_class
from .._core.dtype import get_default_dtype
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.history import detach
from .._core.maps import result_dtype
from .._core.storage import Storage
from .._core.tensor import TensorBase
from .declare import case, check_tensors, public
from .reduce import all


def check_data(name, input):
    """TypeError for what is no tensor, of complex numbers neither."""
    if not hasattr(input, "dtype"):
        raise TypeError(f"{name}: argument 'input' must be a tensor, got {type(input).__name__}")


@public(grad=False)
def is_tensor(obj, /):
    """Whether obj is a tensor, of any shape. Errors: none, any object is taken. Source: torch.is_tensor.

    >>> import tensorgrad
    >>> tensorgrad.is_tensor(3)
    False
    """
    return isinstance(obj, TensorBase)


@public(grad=False)
def is_storage(obj, /):
    """Whether obj is the memory of a tensor, of any shape. Errors: none, any object is taken. Source: torch.is_storage.

    >>> import tensorgrad
    >>> tensorgrad.is_storage(tensorgrad.ones(1).untyped_storage())
    True
    """
    return isinstance(obj, Storage)


@public(grad=False)
def is_floating_point(input):
    """Whether input's dtype is floating-point; any shape. Errors: TypeError for what is no tensor. Source: torch.is_floating_point.

    >>> import tensorgrad
    >>> tensorgrad.is_floating_point(tensorgrad.tensor([1]))
    False
    """
    check_data("is_floating_point", input)
    return input.dtype.is_floating_point


@public(grad=False)
def is_complex(input):
    """Whether input's dtype is complex; any shape. Errors: TypeError for what is no tensor. Source: torch.is_complex.

    >>> import tensorgrad
    >>> tensorgrad.is_complex(tensorgrad.tensor([1]))
    False
    """
    check_data("is_complex", input)
    return input.dtype.is_complex


@public(grad=False)
def is_signed(input):
    """Whether input's dtype has negative values; any shape. Errors: TypeError for what is no tensor. Source: torch.is_signed.

    >>> import tensorgrad
    >>> tensorgrad.is_signed(tensorgrad.tensor([1], dtype=tensorgrad.uint8))
    False
    """
    check_data("is_signed", input)
    return input.dtype.is_signed


@public(grad=False, method=True)
def is_nonzero(input):
    """Whether the one element of input, a scalar or [1, ..., 1], is not zero. Errors: ShapeError for more or fewer, TypeError for what is
    no tensor. Source: torch.is_nonzero.

    >>> import tensorgrad
    >>> tensorgrad.is_nonzero(tensorgrad.tensor([0.]))
    False
    """
    check_tensors("is_nonzero", input=input)
    if input.numel() != 1:
        raise ShapeError(f"is_nonzero: needs one element, got shape {tuple(input.shape)}")
    return bool(input)


@public(grad=False, method=True)
def is_same_size(input, other):
    """Whether the shapes are equal. Errors: TypeError for what is no tensor. Source: torch.is_same_size.

    >>> import tensorgrad
    >>> tensorgrad.is_same_size(tensorgrad.ones(2), tensorgrad.ones(1))
    False
    """
    check_data("is_same_size", input)
    check_data("is_same_size", other)
    return tuple(input.shape) == tuple(other.shape)


@public(grad=False, method=True)
def is_distributed(input):
    """False: a tensor, of any shape, is in one process. Errors: none, any object is taken. Source: torch.is_distributed.

    >>> import tensorgrad
    >>> tensorgrad.is_distributed(tensorgrad.ones(2))
    False
    """
    return False


@public(grad=False)
def numel(input):
    """The number of elements, the product of the shape's sizes; 1 of a scalar. Errors: TypeError for what is no tensor. Source:
    torch.numel.

    >>> import tensorgrad
    >>> tensorgrad.numel(tensorgrad.ones(2, 3))
    6
    """
    check_data("numel", input)
    return input.numel()


@public(grad=False)
def typename(obj, /):
    """The name of a tensor's type, whatever its shape, or of another object's class. Errors: none, any object is taken. Source:
    torch.typename.

    >>> import tensorgrad
    >>> tensorgrad.typename(tensorgrad.ones(1))
    'tensorgrad.FloatTensor'
    """
    if isinstance(obj, TensorBase):
        return obj.type()
    kind = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(kind, "__module__", None)
    return kind.__qualname__ if module in (None, "builtins", "__builtin__") else f"{module}.{kind.__qualname__}"


@public(samples=[case((2, 3), (2, 3))], grad=False, method=True)
def equal(input, other):
    """Whether both have the same shape and the same elements, as a Python bool; a NaN equals nothing. Errors: TypeError for what is no
    tensor. Source: torch.equal.

    >>> import tensorgrad
    >>> tensorgrad.equal(tensorgrad.ones(2), tensorgrad.ones(2))
    True
    """
    check_tensors("equal", input=input, other=other)
    if tuple(input.shape) != tuple(other.shape):
        return False
    return bool(all(detach(input) == detach(other)))


@public(grad=False)
def result_type(tensor1, tensor2):
    """The dtype of an elementwise operation on two tensors, of any shape, or numbers: the higher kind (bool < integer < float) of both,
    of one kind the larger; a tensor without dimensions, or a number, counts beside one with them for its kind alone. Errors: TypeError
    for what is neither. Source: torch.result_type.

    >>> import tensorgrad
    >>> tensorgrad.result_type(tensorgrad.tensor([1, 2]), 1.0)
    tensorgrad.float32
    """
    for x in (tensor1, tensor2):
        if not isinstance(x, (TensorBase, int, float)):
            raise TypeError(f"result_type: expected tensors or numbers, got {type(x).__name__}")
    return result_dtype(tensor1, tensor2)


# ---- the limits of dtypes ----

FLOATS = {"float8_e4m3fn": (3, 8, 1), "float8_e5m2": (2, 15, 1),
          "float16": (10, 15, 0.001), "bfloat16": (7, 127, 0.01), "float32": (23, 127, 1e-6), "float64": (52, 1023, 1e-15)}


class Limits:
    """What finfo and iinfo have in common: the dtype and its fields."""

    shown = ()

    def __repr__(self):
        values = ", ".join(f"{n}={getattr(self, n):g}" for n in self.shown)
        return f"{type(self).__name__}({values}, dtype={self.dtype})"

    def __eq__(self, other):
        return type(self) is type(other) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)


class finfo(Limits):
    """The limits of a floating-point dtype, numbers: bits, max, min, eps (between 1 and the next), tiny = smallest_normal, resolution.
    Errors: DTypeError for another. Source: torch.finfo.

    >>> import tensorgrad
    >>> tensorgrad.finfo(tensorgrad.float32).eps
    1.1920928955078125e-07
    """

    shown = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")

    def __init__(self, dtype=None):
        kind = get_default_dtype() if dtype is None else dtype
        if not isinstance(kind, dtype_class) or kind.name not in FLOATS:
            raise DTypeError(f"finfo: dtype must be floating-point, got {dtype!r}; use iinfo for integers")
        digits, exponent, self.resolution = FLOATS[kind.name]
        self.bits, self.dtype, self.eps = 8 * kind.itemsize, kind.name, 2.0 ** -digits
        self.max, self.tiny = (2 - self.eps) * 2.0 ** exponent, 2.0 ** (1 - exponent)
        if kind.name == "float8_e4m3fn":  # without infinity: its exponent goes to normal numbers, the largest mantissa to NaN
            self.max, self.tiny = 448.0, 2.0 ** -6
        self.min = -self.max
        self.smallest_normal = self.tiny


class iinfo(Limits):
    """The limits of an integer dtype, numbers: bits, max, min. Errors: DTypeError for another. Source: torch.iinfo.

    >>> import tensorgrad
    >>> tensorgrad.iinfo(tensorgrad.int8).max
    127
    """

    shown = ("min", "max")

    def __init__(self, dtype):
        if not isinstance(dtype, dtype_class) or dtype.is_floating_point or dtype.name == "bool":
            raise DTypeError(f"iinfo: dtype must be an integer dtype, got {dtype!r}")
        self.bits, self.dtype = 8 * dtype.itemsize, dtype.name
        self.max = (1 << (self.bits - dtype.is_signed)) - 1
        self.min = -self.max - 1 if dtype.is_signed else 0


public(grad=False)(finfo)
public(grad=False)(iinfo)


# ---- steering ----

@public(grad=False)
def compile(model=None, *, fullgraph=False, dynamic=None, backend=None, mode=None, options=None, name=None, disable=False,
            **more):
    """The function or module itself (or a decorator that returns it): there is no compiler, operations run as they are called, on any
    shape. Errors: none of its own. Source: torch.compile.

    >>> import tensorgrad
    >>> tensorgrad.compile(abs) is abs
    True
    """
    return (lambda function: function) if model is None else model


@public(grad=False)
def cond(pred, true_fn, false_fn, operands=()):
    """true_fn(*operands) where pred (a bool or a tensor of one element) is true, else false_fn(*operands). Operands of any shape;
    pred: a scalar or shape [1, ..., 1]. Errors: ShapeError unless pred has one element. Source: torch.cond.

    >>> import tensorgrad
    >>> tensorgrad.cond(True, lambda x: x + 1, lambda x: x, (tensorgrad.ones(1),))
    tensor([2.])
    """
    if isinstance(pred, TensorBase) and pred.numel() != 1:
        raise ShapeError(f"cond: pred must have one element, got shape {tuple(pred.shape)}")
    return (true_fn if pred else false_fn)(*operands)


DETERMINISTIC = {"on": False, "warn_only": False}


@public(grad=False)
def use_deterministic_algorithms(mode, *, warn_only=False):
    """Remember the wish; every algorithm here is deterministic, whatever the number of threads and the shape. Errors: none, any object is
    taken for its truth. Source: torch.use_deterministic_algorithms.

    >>> import tensorgrad
    >>> tensorgrad.use_deterministic_algorithms(False)
    """
    DETERMINISTIC.update(on=bool(mode), warn_only=bool(warn_only))


@public(grad=False)
def are_deterministic_algorithms_enabled():
    """What use_deterministic_algorithms was last told. Source: torch.are_deterministic_algorithms_enabled.

    >>> import tensorgrad
    >>> tensorgrad.are_deterministic_algorithms_enabled()
    False
    """
    return DETERMINISTIC["on"]


@public(grad=False)
def is_deterministic_algorithms_warn_only_enabled():
    """Whether it was told to warn only. Source: torch.is_deterministic_algorithms_warn_only_enabled.

    >>> import tensorgrad
    >>> tensorgrad.is_deterministic_algorithms_warn_only_enabled()
    False
    """
    return DETERMINISTIC["warn_only"]


@public(grad=False)
def set_num_interop_threads(threads):
    """Accepted and of no effect: operations run one after the other, each on set_num_threads threads. Errors: ArgumentError for
    less than 1. Source: torch.set_num_interop_threads.

    >>> import tensorgrad
    >>> tensorgrad.set_num_interop_threads(1)
    """
    if not isinstance(threads, int) or threads < 1:
        raise ArgumentError(f"set_num_interop_threads: must be an integer >= 1, got {threads!r}")


@public(grad=False)
def get_num_interop_threads():
    """1: operations run one after the other. Source: torch.get_num_interop_threads.

    >>> import tensorgrad
    >>> tensorgrad.get_num_interop_threads()
    1
    """
    return 1


@public(grad=False)
def set_float32_matmul_precision(precision):
    """Accepted and of no effect: products of float32 matrices are always computed in float32. Errors: ArgumentError for another word than
    "highest", "high" and "medium". Source: torch.set_float32_matmul_precision.

    >>> import tensorgrad
    >>> tensorgrad.set_float32_matmul_precision("high")
    """
    if precision not in ("highest", "high", "medium"):
        raise ArgumentError(f"set_float32_matmul_precision: must be 'highest', 'high' or 'medium', got {precision!r}")


@public(grad=False)
def get_float32_matmul_precision():
    """Always "highest". Source: torch.get_float32_matmul_precision.

    >>> import tensorgrad
    >>> tensorgrad.get_float32_matmul_precision()
    'highest'
    """
    return "highest"
