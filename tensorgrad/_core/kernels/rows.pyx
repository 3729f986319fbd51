"""Softmax and log_softmax along one dimension with their gradients, and dropout by a given mask."""

from ..csrc cimport (TG_BOOL, int64_t, tg_dropout, tg_log_softmax, tg_log_softmax_grad, tg_softmax, tg_softmax_grad,
                     uint8_t)
from ..dtype cimport compute_dtype, dtype_of, is_float
from ..tensor cimport TensorBase, as_operand, cast, check, new_like, numel, same_shape, shape_of, wrap_dim

from ..errors import DTypeError, ShapeError

ctypedef int (*forward_t)(int, int64_t, int64_t, int64_t, const void *, void *) noexcept nogil
ctypedef int (*backward_t)(int, int64_t, int64_t, int64_t, const void *, const void *, void *) noexcept nogil


cdef int real_dtype(TensorBase x, str op, str name) except -1:
    if not is_float(x.v.dtype):
        raise DTypeError(f"{op}: {name} must be a floating-point tensor, got {dtype_of(x.v.dtype)} of shape {shape_of(x)}")
    return compute_dtype(x.v.dtype)


cdef TensorBase like_input(TensorBase y, TensorBase x):
    return cast(y, x.v.dtype)


cdef void *address(TensorBase x) noexcept nogil:
    return NULL if x is None else x.v.data


cdef int64_t product(TensorBase x, int first, int last) noexcept:
    cdef int64_t n = 1
    cdef int i
    for i in range(first, last):
        n *= x.v.shape[i]
    return n


cdef TensorBase forward(forward_t driver, TensorBase x, int64_t dim, str op):
    cdef int dtype = real_dtype(x, op, "input"), d = wrap_dim(dim, x.v.ndim, op), status
    cdef TensorBase a = as_operand(x, dtype), y = new_like(a)
    cdef int64_t outer = product(a, 0, d), inner = product(a, d + 1, a.v.ndim), n = product(a, d, d + 1 if a.v.ndim else d)
    with nogil:
        status = driver(dtype, outer, n, inner, a.v.data, y.v.data)
    check(status, op)
    return like_input(y, x)


cdef TensorBase backward(backward_t driver, TensorBase g, TensorBase y, int64_t dim, str op):
    cdef int dtype = real_dtype(y, op, "output"), d = wrap_dim(dim, y.v.ndim, op), status
    cdef TensorBase a, b, gx
    if not same_shape(g, y):
        raise ShapeError(f"{op}: gradient of shape {shape_of(g)} for an output of shape {shape_of(y)}")
    a, b = as_operand(g, dtype), as_operand(y, dtype)
    gx = new_like(b)
    cdef int64_t outer = product(b, 0, d), inner = product(b, d + 1, b.v.ndim), n = product(b, d, d + 1 if b.v.ndim else d)
    with nogil:
        status = driver(dtype, outer, n, inner, a.v.data, b.v.data, gx.v.data)
    check(status, op)
    return like_input(gx, y)


def softmax(TensorBase x not None, int64_t dim):
    """exp(x) / sum(exp(x)) along dim."""
    return forward(tg_softmax, x, dim, "softmax")


def softmax_grad(TensorBase g, TensorBase y, int64_t dim):
    """y (g - sum(g y)) along dim."""
    return backward(tg_softmax_grad, g, y, dim, "softmax")


def log_softmax(TensorBase x not None, int64_t dim):
    """x - log(sum(exp(x))) along dim."""
    return forward(tg_log_softmax, x, dim, "log_softmax")


def log_softmax_grad(TensorBase g, TensorBase y, int64_t dim):
    """g - exp(y) sum(g) along dim."""
    return backward(tg_log_softmax_grad, g, y, dim, "log_softmax")


def dropout(TensorBase x not None, TensorBase mask not None, double keep):
    """x / keep where mask is true, x * 0 elsewhere. mask: bool, the shape of x."""
    cdef int dtype = real_dtype(x, "dropout", "input"), status
    cdef TensorBase a, m, y
    cdef int64_t n = numel(x)
    if mask.v.dtype != TG_BOOL or not same_shape(x, mask):
        raise ShapeError(f"dropout: mask must be a bool tensor of the input's shape {shape_of(x)}, got "
                         f"{dtype_of(mask.v.dtype)} of shape {shape_of(mask)}")
    a, m = as_operand(x, dtype), as_operand(mask, TG_BOOL)
    y = new_like(a)
    with nogil:
        status = tg_dropout(dtype, n, keep, a.v.data, <const uint8_t *>m.v.data, y.v.data)
    check(status, "dropout")
    return like_input(y, x)
