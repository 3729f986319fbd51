"""Element types and PyTorch's promotion lattice. A dtype is an index into C tables, never a Cython type parameter."""

from .csrc cimport TG_BF16, TG_BOOL, TG_F16, TG_F32, TG_F64, TG_I8, TG_I16, TG_U8, tg_itemsize

from .errors import DTypeError


cdef class dtype:
    """An element type, of tensors of any shape. name: "float32"; itemsize: bytes; is_floating_point, is_signed, is_complex; code: its
    place in C's tables. Errors: TypeError for making one; those that are there are tensorgrad.float32 and its like. Source: torch.dtype.

    >>> import tensorgrad
    >>> tensorgrad.float32, tensorgrad.float32.itemsize, tensorgrad.int8.is_floating_point
    (tensorgrad.float32, 4, False)
    """

    is_complex = False

    def __init__(self):
        raise TypeError("dtype: none can be made; there are tensorgrad.float32, tensorgrad.int64 and their like")

    def __repr__(self):
        return "tensorgrad." + self.name

    def __reduce__(self):
        return find_dtype, (self.name,)

    def __deepcopy__(self, memo):
        return self

    @property
    def format(self):
        """The letter of the struct module and the buffer protocol (bfloat16 and the float8 types have none and travel as int16 and
        uint8).

        >>> import tensorgrad
        >>> tensorgrad.float32.format
        'f'
        """
        return "?BbhilehfdBB"[self.code]


cdef dtype make(str name, int code):
    cdef dtype d = dtype.__new__(dtype)
    d.name = name
    d.code = code
    d.itemsize = <int>tg_itemsize(code)
    d.is_floating_point = code >= TG_F16
    d.is_signed = code != TG_U8 and code != TG_BOOL
    return d


cdef tuple DTYPES = tuple([make(name, code) for code, name in enumerate(
    ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64",
     "float8_e4m3fn", "float8_e5m2"))])
ALL = DTYPES
BY_NAME = {d.name: d for d in DTYPES}
BY_NAME.update(float=BY_NAME["float32"], double=BY_NAME["float64"], half=BY_NAME["float16"], int=BY_NAME["int32"],
               long=BY_NAME["int64"], short=BY_NAME["int16"])


def find_dtype(str name):
    """The dtype of a name (pickling)."""
    return BY_NAME[name]


cdef dtype dtype_of(int code):
    return <dtype>DTYPES[code]


cdef bint is_float(int code) noexcept:
    return code >= TG_F16


cdef int compute_dtype(int code) noexcept:
    return TG_F32 if code == TG_F16 or code == TG_BF16 or code > TG_F64 else code


cdef int promote(int a, int b) noexcept:
    """torch.promote_types: bool < integers < floats; uint8 with a signed type goes one signed size up; the two half
    types meet in float32; a float8 type takes the other floating type."""
    cdef int high, low
    if a == b:
        return a
    high, low = (a, b) if a > b else (b, a)
    if high > TG_F64 and low >= TG_F16:
        return TG_F32 if low > TG_F64 else low
    if low == TG_BOOL:
        return high
    if low == TG_U8 and high == TG_I8:
        return TG_I16
    if low == TG_F16 and high == TG_BF16:
        return TG_F32
    return high


cdef int DEFAULT_FLOAT = TG_F32


cdef int default_float() noexcept:
    return DEFAULT_FLOAT


def get_default_dtype():
    """The dtype of floating-point tensors that are made without one. Source: torch.get_default_dtype.

    >>> import tensorgrad
    >>> tensorgrad.get_default_dtype()
    tensorgrad.float32
    """
    return dtype_of(DEFAULT_FLOAT)


def set_default_dtype(d, /):
    """Set the dtype of floating-point tensors made from Python numbers. Source: torch.set_default_dtype.

    Errors: DTypeError for a dtype that is not floating point.

    >>> import tensorgrad
    >>> tensorgrad.set_default_dtype(tensorgrad.float64)
    >>> tensorgrad.zeros(1).dtype
    tensorgrad.float64
    >>> tensorgrad.set_default_dtype(tensorgrad.float32)
    """
    global DEFAULT_FLOAT
    if not isinstance(d, dtype) or not (<dtype>d).is_floating_point:
        raise DTypeError(f"set_default_dtype: d must be a floating-point dtype, got {d!r}")
    DEFAULT_FLOAT = (<dtype>d).code


def promote_types(dtype type1, dtype type2):
    """The smallest dtype that holds both without changing kind downward: bool < integers < floats, whatever the shapes. Errors:
    DTypeError for float8 with another dtype, TypeError for what is no dtype. Source: torch.promote_types.

    >>> import tensorgrad
    >>> tensorgrad.promote_types(tensorgrad.uint8, tensorgrad.int8)
    tensorgrad.int16
    """
    if type1 is not type2 and (type1.code > TG_F64 or type2.code > TG_F64):
        raise DTypeError(f"promote_types: no promotion is defined for {type1} and {type2}; convert one of them first")
    return dtype_of(promote(type1.code, type2.code))


def can_cast(dtype from_, dtype to):
    """Whether a conversion keeps the kind (bool <= integer <= float) or raises it, whatever the shape. Errors: TypeError for what is no
    dtype. Source: torch.can_cast.

    >>> import tensorgrad
    >>> tensorgrad.can_cast(tensorgrad.float64, tensorgrad.int32)
    False
    """
    cdef int a = from_.code, b = to.code
    if is_float(a):
        return is_float(b)
    return b != TG_BOOL or a == TG_BOOL
