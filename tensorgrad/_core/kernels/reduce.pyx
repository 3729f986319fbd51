"""Reductions: the first of them, the sum that un-broadcasting needs."""

from ..csrc cimport TG_MAX_DIMS, int64_t
from ..maps cimport add_into
from ..tensor cimport TensorBase, new_tensor, new_view, numel, wrap_dim
from libc.string cimport memset


cdef TensorBase sum_dims(TensorBase x, const bint *reduced, bint keepdim):
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, n = 0
    cdef TensorBase y, v = x
    for i in range(x.v.ndim):
        shape[i] = 1 if reduced[i] else x.v.shape[i]
    y = new_tensor(x.v.dtype, x.v.ndim, shape)
    memset(y.v.data, 0, y.storage.size)
    accumulate(y, x, reduced, 0)
    if not keepdim:
        for i in range(x.v.ndim):
            if not reduced[i]:
                shape[n] = x.v.shape[i]
                n += 1
        y = new_view(y, n, shape, shape, 0)
        k = 1
        for i in range(n - 1, -1, -1):
            y.v.strides[i] = k
            k *= y.v.shape[i]
    return y


cdef int accumulate(TensorBase y, TensorBase x, const bint *reduced, int d) except -1:
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t k
    cdef int i
    while d < x.v.ndim and not reduced[d]:
        d += 1
    if d == x.v.ndim:
        return add_into(y, x)
    for i in range(x.v.ndim):
        shape[i] = 1 if i == d else x.v.shape[i]
    for k in range(x.v.shape[d]):
        accumulate(y, new_view(x, x.v.ndim, shape, x.v.strides, k * x.v.strides[d]), reduced, d + 1)
    return 0


def sum(TensorBase x, tuple dims, bint keepdim):
    """Sum over dims."""
    cdef bint reduced[TG_MAX_DIMS]
    cdef int i
    for i in range(x.v.ndim):
        reduced[i] = not dims
    for d in dims:
        reduced[wrap_dim(d, x.v.ndim, "sum")] = True
    return sum_dims(x, reduced, keepdim)
