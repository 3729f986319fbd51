"""New tensors: uninitialised, filled, counted, or read from Python data."""


from ..csrc cimport TG_BOOL, TG_F64, TG_I64, TG_MAX_DIMS, int64_t, tg_itemsize, tg_zero
from ..dtype cimport default_float, dtype as DType, is_float, promote
from ..tensor cimport TensorBase, cast, fill, new_shaped, new_tensor, numel, shape_of, write_scalar

from ..errors import ArgumentError, DTypeError, ShapeError


def empty(tuple shape, DType dtype):
    """Uninitialised memory."""
    return new_shaped(dtype.code, shape)


def zeros(tuple shape, DType dtype):
    """All zero."""
    cdef TensorBase t = new_shaped(dtype.code, shape)
    cdef int64_t n = numel(t) * tg_itemsize(dtype.code)
    with nogil:
        tg_zero(t.v.data, n)
    return t


def full(tuple shape, value, DType dtype):
    """All `value`."""
    cdef TensorBase t = new_shaped(dtype.code, shape)
    fill(t, value)
    return t


def fill_(TensorBase x not None, value):
    """x[...] = value, outside the graph; x's memory must be its own."""
    fill(x, value)
    return x


def arange(start, end, step, DType dtype):
    """start, start + step, ... < end; computed in int64 or float64."""
    cdef double a, d
    cdef int64_t ia, id, i, n
    cdef TensorBase t
    import math
    if step == 0 or step != step or start != start or end != end:
        raise ArgumentError(f"arange: start {start}, end {end}, step {step}: step must not be zero and none may be nan")
    if (step > 0) != (end > start) and end != start:
        raise ArgumentError(f"arange: start {start} never reaches end {end} with step {step}")
    if isinstance(start, int) and isinstance(end, int) and isinstance(step, int):
        if max(abs(start), abs(step), abs(end - start)) >> 63:
            raise ArgumentError(f"arange: start {start}, end {end} or step {step} is beyond 64 bits")
        n = max(0, -((start - end) // step))
    else:
        count = (end - start) / step
        if count > 1 << 48 or count != count:
            raise ArgumentError(f"arange: {count} elements from {start} to {end} by {step}")
        n = math.ceil(count)
    if is_float(dtype.code):
        t = new_shaped(TG_F64, (n,))
        a, d = start, step
        for i in range(n):
            (<double *>t.v.data)[i] = a + i * d
    else:
        t = new_shaped(TG_I64, (n,))
        ia, id = int(start), int(step)
        for i in range(n):
            (<int64_t *>t.v.data)[i] = ia + i * id
    return cast(t, dtype.code)


def linspace(double start, double end, steps, DType dtype):
    """`steps` values from start to end, symmetric as PyTorch computes them: the second half counts down from end."""
    cdef TensorBase t
    cdef int64_t i, n
    cdef double step
    if not 0 <= steps < 1 << 63:
        raise ArgumentError(f"linspace: number of steps must be in [0, 2^63), got {steps}")
    n = steps
    t = new_shaped(TG_F64, (n,))
    step = (end - start) / (n - 1) if n > 1 else 0.0
    for i in range(n):
        (<double *>t.v.data)[i] = start + i * step if i < n // 2 or n == 1 else end - (n - 1 - i) * step
    return cast(t, dtype.code)


def eye(int64_t n, int64_t m, DType dtype):
    """Ones on the diagonal."""
    cdef TensorBase t = zeros((n, m), dtype)
    cdef int64_t i, item = dtype.itemsize
    for i in range(min(n, m)):
        write_scalar(dtype.code, 1, t.v.data + i * (m + 1) * item)
    return t


cdef int survey(object data, int depth, int64_t *shape, int *ndim, int *code) except -1:
    """Shape and dtype of nested sequences; every branch must agree."""
    cdef int kind
    if isinstance(data, (list, tuple)):
        if depth >= TG_MAX_DIMS:
            raise ShapeError(f"tensor: lists nested more than {TG_MAX_DIMS} deep")
        if ndim[0] >= 0 and depth >= ndim[0]:
            raise ShapeError(f"tensor: ragged data: a sequence of length {len(data)} stands where a number stood before, at "
                             f"depth {depth}")
        if shape[depth] < 0:
            shape[depth] = len(data)
        elif shape[depth] != len(data):
            raise ShapeError(f"tensor: ragged data: expected sequence of length {shape[depth]} at dim {depth}, got {len(data)}")
        if len(data) == 0:
            if ndim[0] >= 0 and ndim[0] != depth + 1:
                raise ShapeError(f"tensor: ragged data: an empty sequence at depth {depth}")
            ndim[0] = depth + 1
        for item in data:
            survey(item, depth + 1, shape, ndim, code)
        return 0
    if isinstance(data, TensorBase):
        if numel(<TensorBase>data) != 1 or (<TensorBase>data).v.ndim:
            raise ShapeError(f"tensor: a list may hold tensors of one element only, got shape {shape_of(<TensorBase>data)}; use "
                             "stack()")
        kind = (<TensorBase>data).v.dtype
    elif isinstance(data, bool):
        kind = TG_BOOL
    elif isinstance(data, int):
        kind = TG_I64
    elif isinstance(data, float):
        kind = default_float()
    elif hasattr(data, "dtype") and hasattr(data, "item"):  # NumPy's scalars
        item = data.item()
        kind = TG_BOOL if isinstance(item, bool) else TG_I64 if isinstance(item, int) else TG_F64
    elif isinstance(data, complex):
        raise TypeError("tensor: complex numbers are not supported")
    else:
        raise DTypeError(f"tensor: cannot make a tensor from {type(data).__name__}")
    if ndim[0] < 0:
        ndim[0] = depth
    elif ndim[0] != depth:
        raise ShapeError(f"tensor: ragged data: a number stands at depth {depth} where a sequence is expected (depth {ndim[0]})")
    code[0] = kind if code[0] < 0 else promote(code[0], kind)
    return 0


cdef char *pour(object data, int depth, int ndim, int code, char *p) except NULL:
    if depth < ndim:
        for item in data:
            p = pour(item, depth + 1, ndim, code, p)
        return p
    write_scalar(code, data if isinstance(data, (int, float)) else data.item(), p)
    return p + tg_itemsize(code)


def from_data(data, DType wanted):
    """A tensor from a number or nested sequences of numbers. Errors: ShapeError for ragged lists."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, ndim = -1, code = -1
    cdef TensorBase t
    for i in range(TG_MAX_DIMS):
        shape[i] = -1
    survey(data, 0, shape, &ndim, &code)
    if wanted is not None:
        code = wanted.code
    elif code < 0:
        code = default_float()
    t = new_tensor(code, ndim, shape)
    pour(data, 0, ndim, code, t.v.data)
    return t
