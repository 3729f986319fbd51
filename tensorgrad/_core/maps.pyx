"""Run one elementwise map on tensors and numbers: promotion, broadcasting, the result's layout. No graph here."""

from .csrc cimport TG_BOOL, TG_F32, TG_I64, TG_MAX_DIMS, int64_t, tg_map, tg_map_find, tg_map_inputs, tg_map_result, tg_view
from .dtype cimport dtype, compute_dtype, default_float, dtype_of, is_float, promote
from .tensor cimport (TensorBase, check, is_contiguous, new_tensor, numel, overlaps_itself, same_shape, shape_of,
                      write_scalar)

from .errors import DTypeError, ShapeError

cdef int ADD = tg_map_find(b"add")


cdef bint is_number(object x) noexcept:
    return isinstance(x, float) or isinstance(x, int)


cdef int number_dtype(object x) noexcept:
    if isinstance(x, bool):
        return TG_BOOL
    return TG_I64 if isinstance(x, int) else default_float()


cdef int combine(int higher, int lower) noexcept:
    """A category that counts less changes the result only if it is of a higher kind (bool < integer < float)."""
    if higher < 0:
        return lower
    if lower < 0 or is_float(higher):
        return higher
    if higher == TG_BOOL or is_float(lower):
        return promote(higher, lower)
    return higher


cdef int common_dtype(object a, object b, object c, object d) except -1:
    """Tensors with dimensions decide first, then tensors without, then Python numbers. Source: torch.result_type."""
    cdef int dims = -1, zero = -1, number = -1, code, i
    cdef object x
    if c is None and d is None and isinstance(a, TensorBase):  # the usual cases, decided without counting
        code = (<TensorBase>a).v.dtype
        if b is None or isinstance(b, TensorBase) and (<TensorBase>b).v.dtype == code or is_float(code) and is_number(b):
            return code
    for i in range(4):
        x = a if i == 0 else b if i == 1 else c if i == 2 else d
        if x is None:
            continue
        if isinstance(x, TensorBase):
            code = (<TensorBase>x).v.dtype
            if (<TensorBase>x).v.ndim:
                dims = code if dims < 0 else promote(dims, code)
            else:
                zero = code if zero < 0 else promote(zero, code)
        else:
            code = number_dtype(x)
            number = code if number < 0 else promote(number, code)
    return combine(dims, combine(zero, number))


cdef TensorBase output(int kind, int ndim, const int64_t *shape, TensorBase model):
    """A new tensor; with the memory order of `model` where that is a permuted dense tensor of the same shape, so that
    elementwise results of a transposed tensor stay transposed (PyTorch's rule, and the fast order for the loop)."""
    cdef TensorBase out = new_tensor(kind, ndim, shape)
    cdef int order[TG_MAX_DIMS]
    cdef int i, j
    cdef int64_t step = 1
    if model is None or model.v.ndim != ndim or ndim < 2 or is_contiguous(model):
        return out
    for i in range(ndim):
        if model.v.shape[i] != shape[i]:
            return out
        j = i  # insertion sort, stable: larger strides first
        while j > 0 and model.v.strides[order[j - 1]] < model.v.strides[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    if overlaps_itself(model):
        return out
    for i in range(ndim - 1, -1, -1):
        out.v.strides[order[i]] = step
        step *= shape[order[i]]
    return out


cdef object wrapped(object x, int kind):
    """A Python integer in two's complement of a narrow integer dtype, as PyTorch takes it beside a tensor."""
    cdef int64_t bits = 8 * dtype_of(kind).itemsize, half
    if not isinstance(x, int):
        return x
    half = (<int64_t>1 << (bits - 1)) if dtype_of(kind).is_signed else 0
    return ((x + half) & ((<int64_t>1 << bits) - 1)) - half


cdef TensorBase run_map(int map, int common, object a, object b, object c, object d, TensorBase out, str name):
    cdef tg_view numbers[4]
    cdef int64_t room[4]
    cdef const tg_view *views[4]
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t n
    cdef int compute = compute_dtype(common), n_in = tg_map_inputs(map), result = tg_map_result(map, compute)
    cdef int i, j, k, ndim = 0, status
    cdef const tg_view *v
    cdef object x
    cdef TensorBase model = None
    if result < 0:
        raise DTypeError(f"{name}: no kernel for {dtype_of(common)}")
    if result == compute:
        result = common
    for i in range(n_in):
        x = a if i == 0 else b if i == 1 else c if i == 2 else d
        if isinstance(x, TensorBase):
            views[i] = v = &(<TensorBase>x).v
            if model is None or v.ndim > model.v.ndim:
                model = <TensorBase>x
            if v.ndim > ndim:  # right-align what is there so far
                for j in range(ndim - 1, -1, -1):
                    shape[v.ndim - ndim + j] = shape[j]
                for j in range(v.ndim - ndim):
                    shape[j] = 1
                ndim = v.ndim
            for j in range(v.ndim):
                k = ndim - v.ndim + j
                if shape[k] == 1:
                    shape[k] = v.shape[j]
                elif v.shape[j] != 1 and v.shape[j] != shape[k]:
                    raise ShapeError(f"{name}: shapes {shapes_text(a, b, c, d)} cannot be broadcast together")
        else:
            views[i] = &numbers[i]
            numbers[i].ndim = 0
            numbers[i].dtype = compute
            numbers[i].data = <char *>&room[i]
            write_scalar(compute, wrapped(x, compute) if TG_BOOL < compute < TG_I64 else x, numbers[i].data)
    if out is None:
        out = output(result, ndim, shape, model)
    else:
        for j in range(ndim):
            if ndim != out.v.ndim or shape[j] != out.v.shape[j]:
                raise ShapeError(f"{name}: the result of shape {tuple([shape[i] for i in range(ndim)])} does not fit "
                                 f"the output of shape {shape_of(out)}")
    n = numel(out)
    if n < 8192:  # giving the GIL up costs more than that
        status = tg_map(map, compute, n_in, views, &out.v)
    else:
        with nogil:
            status = tg_map(map, compute, n_in, views, &out.v)
    if status:
        check(status, name)
    return out


cdef str shapes_text(object a, object b, object c, object d):
    return " and ".join([str(shape_of(<TensorBase>x)) for x in (a, b, c, d) if isinstance(x, TensorBase)])


cdef int add_into(TensorBase x, TensorBase y) except -1:
    cdef const tg_view *views[2]
    cdef int status, compute = compute_dtype(x.v.dtype)
    if not same_shape(x, y):
        raise ShapeError(f"add: shapes {shape_of(x)} and {shape_of(y)} differ")
    views[0] = &x.v
    views[1] = &y.v
    with nogil:
        status = tg_map(ADD, compute, 2, views, &x.v)
    return check(status, "add")


def empty_as(TensorBase model, dtype wanted):
    """Uninitialised, in the shape and, where it is a permuted dense tensor, the memory order of a model."""
    return output(wanted.code, model.v.ndim, model.v.shape, model)


def refused(int map):
    """Which of bool, integers and floats a map has no kernel for."""
    return [kind for kind, code in (("bool", TG_BOOL), ("integers", TG_I64), ("floats", TG_F32)) if tg_map_result(map, code) < 0]


def result_dtype(a, b=None, c=None, d=None):
    """The dtype in which an elementwise operation on tensors and numbers takes place."""
    return dtype_of(common_dtype(a, b, c, d))
