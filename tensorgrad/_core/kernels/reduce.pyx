"""Reductions and cumulative folds: which dtype they are computed in, the result's shape, the call. No graph here.

dims is a tuple of dimensions; the empty tuple means all of them.
"""

from libc.math cimport NAN, isfinite, log, sqrt

from ..csrc cimport (TG_ALL, TG_ANY, TG_ARGMAX, TG_ARGMIN, TG_BOOL, TG_COUNT, TG_CUMMAX, TG_CUMMIN, TG_CUMPROD,
                     TG_CUMSUM, TG_F64, TG_I64, TG_MAX, TG_MAX_DIMS, TG_MEAN, TG_MIN, TG_PROD, TG_SUM, TG_SUMEXP,
                     TG_SUMSQ, int64_t, tg_reduce, tg_scan, uint32_t)
from ..dtype cimport dtype as dtype_class
from ..dtype cimport compute_dtype, dtype_of, is_float
from ..tensor cimport TensorBase, as_operand, cast, check, new_tensor, numel, shape_of, wrap_dim

from ..errors import ArgumentError, DTypeError, OutOfRangeError

cdef dict KINDS = {"any": TG_ANY, "all": TG_ALL, "count_nonzero": TG_COUNT, "amax": TG_MAX, "amin": TG_MIN,
                   "argmax": TG_ARGMAX, "argmin": TG_ARGMIN, "max": TG_ARGMAX, "min": TG_ARGMIN, "cumsum": TG_CUMSUM,
                   "cumprod": TG_CUMPROD, "cummax": TG_CUMMAX, "cummin": TG_CUMMIN}


cdef uint32_t mask_of(TensorBase x, tuple dims, str name) except? 0xffffffff:
    """The reduced dimensions as bits. Errors: OutOfRangeError, ArgumentError for a dim given twice."""
    cdef uint32_t mask = 0
    cdef int d
    if not dims:
        return (<uint32_t>1 << x.v.ndim) - 1
    for dim in dims:
        d = wrap_dim(dim, x.v.ndim, name)
        if mask >> d & 1:
            raise ArgumentError(f"{name}: dim {d} appears twice in {dims}")
        mask |= <uint32_t>1 << d
    return mask


cdef int64_t count_of(TensorBase x, uint32_t mask) noexcept:
    """The number of elements that go into one element of the result."""
    cdef int64_t n = 1
    cdef int i
    for i in range(x.v.ndim):
        if mask >> i & 1:
            n *= x.v.shape[i]
    return n


cdef TensorBase run(int kind, TensorBase x, uint32_t mask, int dtype, TensorBase centre, str name):
    """The reduction with keepdim."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, status
    cdef TensorBase y
    for i in range(x.v.ndim):
        shape[i] = 1 if mask >> i & 1 else x.v.shape[i]
    y = new_tensor(dtype, x.v.ndim, shape)
    if numel(x) < 8192:  # giving the GIL up costs more than that
        status = tg_reduce(kind, &x.v, mask, NULL if centre is None else &centre.v, &y.v)
    else:
        with nogil:
            status = tg_reduce(kind, &x.v, mask, NULL if centre is None else &centre.v, &y.v)
    check(status, name)
    return y


cdef TensorBase drop(TensorBase y, uint32_t mask, bint keepdim):
    """y, which has the reduced dimensions with size 1, without them unless keepdim. y must be new."""
    cdef int i, n = 0
    if keepdim:
        return y
    for i in range(y.v.ndim):
        if not mask >> i & 1:
            y.v.shape[n] = y.v.shape[i]
            y.v.strides[n] = y.v.strides[i]
            n += 1
    y.v.ndim = n
    return y


cdef TensorBase sum_dims(TensorBase x, const bint *reduced, bint keepdim):
    cdef uint32_t mask = 0
    cdef int i
    for i in range(x.v.ndim):
        if reduced[i]:
            mask |= <uint32_t>1 << i
    return drop(run(TG_SUM, x, mask, x.v.dtype if is_float(x.v.dtype) else TG_I64, None, "sum"), mask, keepdim)


cdef TensorBase fold(int kind, TensorBase x, tuple dims, bint keepdim, dtype_class dtype, str name):
    """A sum, mean or product: computed in dtype, by default x's (integers and bool: int64)."""
    cdef uint32_t mask = mask_of(x, dims, name)
    cdef int result = dtype.code if dtype is not None else x.v.dtype if is_float(x.v.dtype) else TG_I64
    if is_float(x.v.dtype) and not is_float(result) or result == TG_BOOL:
        x = cast(x, result)
    return drop(run(kind, x, mask, result, None, name), mask, keepdim)


def sum(TensorBase x not None, tuple dims, bint keepdim, dtype_class dtype=None):
    """y = sum of x over dims; integers: in int64 unless dtype says otherwise."""
    return fold(TG_SUM, x, dims, keepdim, dtype, "sum")


def prod(TensorBase x not None, tuple dims, bint keepdim, dtype_class dtype=None):
    """y = product of x over dims."""
    return fold(TG_PROD, x, dims, keepdim, dtype, "prod")


def mean(TensorBase x not None, tuple dims, bint keepdim, dtype_class dtype=None):
    """y = sum of x over dims / number of elements. Errors: DTypeError for integers."""
    if not is_float(x.v.dtype if dtype is None else dtype.code):
        raise DTypeError(f"mean: needs a floating-point dtype, got {dtype or dtype_of(x.v.dtype)}; pass dtype=")
    return fold(TG_MEAN, x, dims, keepdim, dtype, "mean")


def extreme(TensorBase x not None, tuple dims, bint keepdim, str name):
    """y = amax or amin of x over dims. Errors: ArgumentError where there is nothing to choose from."""
    cdef uint32_t mask = mask_of(x, dims, name)
    if count_of(x, mask) == 0:
        raise OutOfRangeError(f"{name}: shape {shape_of(x)} has no element along dims {dims or 'all'}")
    return drop(run(KINDS[name], x, mask, x.v.dtype, None, name), mask, keepdim)


def truth(TensorBase x not None, tuple dims, bint keepdim, str name):
    """y = any, all (bool) or count_nonzero (int64) of x over dims."""
    cdef uint32_t mask = mask_of(x, dims, name)
    return drop(run(KINDS[name], x, mask, TG_I64 if name == "count_nonzero" else TG_BOOL, None, name), mask, keepdim)


cdef int need_float(TensorBase x, str name) except -1:
    if not is_float(x.v.dtype):
        raise DTypeError(f"{name}: needs a floating-point dtype, got {dtype_of(x.v.dtype)}")
    return 0


def sum_squares(TensorBase x not None, tuple dims, bint keepdim, bint root):
    """y = sum of x^2 over dims, or its square root (the 2-norm); float32 sums in float32."""
    cdef uint32_t mask = mask_of(x, dims, "norm")
    cdef int work = compute_dtype(x.v.dtype)
    cdef TensorBase y
    need_float(x, "norm")
    y = run(TG_SUMSQ, x, mask, work, None, "norm")
    if root:
        if work == TG_F64:
            sqrt_all[double](<double *>y.v.data, numel(y))
        else:
            sqrt_all[float](<float *>y.v.data, numel(y))
    return drop(cast(y, x.v.dtype), mask, keepdim)


ctypedef fused real:
    float
    double


cdef int sqrt_all(real *p, int64_t n) noexcept:
    cdef int64_t i
    for i in range(n):
        p[i] = <real>sqrt(p[i])
    return 0


def variance(TensorBase x not None, tuple dims, bint keepdim, double correction, bint root):
    """(y, mean): y = sum of (x - mean)^2 / max(0, n - correction) over dims, or its square root. Two passes in float64."""
    cdef str name = "std" if root else "var"
    cdef uint32_t mask = mask_of(x, dims, name)
    cdef TensorBase m, y
    cdef double rest = count_of(x, mask) - correction, v
    cdef double *p
    cdef int64_t i
    need_float(x, name)
    m = run(TG_MEAN, x, mask, TG_F64, None, name)
    y = run(TG_SUMSQ, x, mask, TG_F64, m, name)
    p = <double *>y.v.data
    for i in range(numel(y)):
        v = p[i] / rest if rest > 0 else NAN if p[i] == 0 else p[i] / 0.0
        p[i] = sqrt(v) if root else v
    return drop(cast(y, x.v.dtype), mask, keepdim), drop(cast(m, x.v.dtype), mask, keepdim)


def logsumexp(TensorBase x not None, tuple dims, bint keepdim):
    """y = log(sum(exp(x))) over dims = m + log(sum(exp(x - m))), m the maximum (0 where that is infinite)."""
    cdef uint32_t mask = mask_of(x, dims, "logsumexp")
    cdef int work = compute_dtype(x.v.dtype)
    cdef TensorBase m, y
    need_float(x, "logsumexp")
    if count_of(x, mask) == 0:
        y = run(TG_SUM, x, mask, work, None, "logsumexp")
        m = run(TG_SUM, x, mask, work, None, "logsumexp")
    else:
        m = cast(run(TG_MAX, x, mask, x.v.dtype, None, "logsumexp"), work)
        if work == TG_F64:
            finite_or_zero[double](<double *>m.v.data, numel(m))
        else:
            finite_or_zero[float](<float *>m.v.data, numel(m))
        y = run(TG_SUMEXP, x, mask, work, m, "logsumexp")
    if work == TG_F64:
        log_plus[double](<double *>y.v.data, <double *>m.v.data, numel(y))
    else:
        log_plus[float](<float *>y.v.data, <float *>m.v.data, numel(y))
    return drop(cast(y, x.v.dtype), mask, keepdim)


cdef int finite_or_zero(real *p, int64_t n) noexcept:
    cdef int64_t i
    for i in range(n):
        if not isfinite(p[i]):
            p[i] = 0
    return 0


cdef int log_plus(real *y, const real *m, int64_t n) noexcept:
    cdef int64_t i
    for i in range(n):
        y[i] = <real>log(y[i]) + m[i]
    return 0


# ---- along one dimension, remembering where ----

cdef tuple along(int scan, TensorBase x, int dim, int work, bint wants_at, str name):
    """(y, at) of tg_scan along dim; arg-reductions keep it with size 1."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t outer = 1, inner = 1, r = x.v.shape[dim] if x.v.ndim else 1
    cdef int i, status
    cdef TensorBase y, at = None
    cdef int64_t *where = NULL
    x = as_operand(x, work)
    for i in range(x.v.ndim):
        shape[i] = 1 if i == dim and (scan == TG_ARGMAX or scan == TG_ARGMIN) else x.v.shape[i]
        if i < dim:
            outer *= x.v.shape[i]
        elif i > dim:
            inner *= x.v.shape[i]
    y = new_tensor(work, x.v.ndim, shape)
    if wants_at:
        at = new_tensor(TG_I64, x.v.ndim, shape)
        where = <int64_t *>at.v.data
    with nogil:
        status = tg_scan(scan, work, outer, r, inner, x.v.data, y.v.data, where)
    check(status, name)
    return y, at


def select_extreme(TensorBase x not None, int64_t dim, bint keepdim, str name):
    """(values, indices) of max or min along dim: the first index that has it; a NaN wins."""
    cdef int d = wrap_dim(dim, x.v.ndim, name)
    cdef uint32_t mask = (<uint32_t>1 << d) if x.v.ndim else 0
    if x.v.ndim and x.v.shape[d] == 0:
        raise OutOfRangeError(f"{name}: shape {shape_of(x)} has no element along dim {d}")
    y, at = along(KINDS[name], x, d, compute_dtype(x.v.dtype) if is_float(x.v.dtype) else TG_I64, True, name)
    return drop(cast(y, x.v.dtype), mask, keepdim), drop(at, mask, keepdim)


def cumulative(TensorBase x not None, int64_t dim, str name, dtype_class dtype=None):
    """y = cumsum or cumprod of x along dim; integers: in int64 unless dtype says otherwise."""
    cdef int d = wrap_dim(dim, x.v.ndim, name)
    cdef int result = dtype.code if dtype is not None else x.v.dtype if is_float(x.v.dtype) else TG_I64
    if is_float(x.v.dtype) and not is_float(result):
        x = cast(x, result)
    y, _ = along(KINDS[name], x, d, compute_dtype(result) if is_float(result) else TG_I64, False, name)
    return cast(y, result)


def cumulative_extreme(TensorBase x not None, int64_t dim, str name):
    """(values, indices): cummax or cummin of x along dim; the last index so far that has it."""
    cdef int d = wrap_dim(dim, x.v.ndim, name)
    y, at = along(KINDS[name], x, d, compute_dtype(x.v.dtype) if is_float(x.v.dtype) else TG_I64, True, name)
    return cast(y, x.v.dtype), at
