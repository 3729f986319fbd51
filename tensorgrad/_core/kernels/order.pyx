"""The order of elements along a dimension, whole or its first k. No graph here."""

from ..csrc cimport TG_I64, TG_MAX_DIMS, int64_t, tg_sort
from ..tensor cimport TensorBase, as_operand, check, new_tensor


cdef tuple run(TensorBase x, int dim, int64_t k, bint descending, bint values, str name):
    """(the first k elements along dim, or None; their places), dim and k checked."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t outer = 1, inner = 1, n = x.v.shape[dim] if x.v.ndim else 1
    cdef int i, status
    cdef TensorBase y = None, at
    x = as_operand(x, x.v.dtype)
    for i in range(x.v.ndim):
        shape[i] = k if i == dim else x.v.shape[i]
        if i < dim:
            outer *= x.v.shape[i]
        elif i > dim:
            inner *= x.v.shape[i]
    at = new_tensor(TG_I64, x.v.ndim, shape)
    if values:
        y = new_tensor(x.v.dtype, x.v.ndim, shape)
    with nogil:
        status = tg_sort(x.v.dtype, descending, outer, n, inner, k, x.v.data, y.v.data if values else NULL,
                         <int64_t *>at.v.data)
    check(status, name)
    return y, at


def sort(TensorBase x not None, int dim, int64_t k, bint descending):
    """(values, places) of the first k elements along dim (not negative) in stable order; a NaN is the largest."""
    return run(x, dim, k, descending, True, "sort")


def places(TensorBase x not None, int dim, int64_t k, bint descending):
    """The places alone."""
    return run(x, dim, k, descending, False, "argsort")[1]
