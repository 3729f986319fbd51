"""One dimension of a tensor read at weighted places (interpolation), for float32 and float64."""

from ..csrc cimport TG_I64, TG_MAX_DIMS, int64_t, tg_resample
from ..tensor cimport TensorBase, as_operand, check, new_tensor, numel, shape_of, wrap_dim
from .rows cimport like_input, product, real_dtype

from ..errors import ArgumentError, ShapeError


def resample(TensorBase x not None, int64_t dim, table):
    """y[..., j, ...] = sum of weight[t] * x[..., place[t], ...] for start[j] <= t < start[j + 1] along dim; `table` has the
    size `n` that it reads, and the tensors start [m + 1], place and weight."""
    cdef TensorBase start = as_operand(table.start, TG_I64), place = as_operand(table.place, TG_I64), weight, a, y
    cdef int64_t shape[TG_MAX_DIMS]
    cdef const int64_t *starts = <const int64_t *>start.v.data
    cdef const int64_t *places = <const int64_t *>place.v.data
    cdef int64_t m = numel(start) - 1, k = numel(place), i, n, outer, inner
    cdef int dtype = real_dtype(x, "interpolate", "input"), d = wrap_dim(dim, x.v.ndim, "interpolate"), status
    n = x.v.shape[d]
    if n != table.n:
        raise ShapeError(f"interpolate: a table for size {table.n} along dimension {d} of shape {shape_of(x)}")
    weight = as_operand(table.weight, dtype)
    if m < 0 or starts[0] != 0 or starts[m] != k or numel(weight) != k:
        raise ArgumentError(f"interpolate: a table of {m} outputs, {k} places and {numel(weight)} weights does not fit together")
    for i in range(m):
        if starts[i + 1] < starts[i]:
            raise ArgumentError("interpolate: the starts of a table must ascend")
    for i in range(k):
        if places[i] < 0 or places[i] >= n:
            raise ArgumentError(f"interpolate: place {places[i]} is out of range [0, {n - 1}]")
    for i in range(x.v.ndim):
        shape[i] = x.v.shape[i]
    shape[d] = m
    a = as_operand(x, dtype)
    y = new_tensor(dtype, x.v.ndim, shape)
    outer, inner = product(a, 0, d), product(a, d + 1, a.v.ndim)
    with nogil:
        status = tg_resample(dtype, outer, n, m, inner, starts, places, weight.v.data, a.v.data, y.v.data)
    check(status, "interpolate")
    return like_input(y, x)
