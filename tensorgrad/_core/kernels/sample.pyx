"""Planes read at weighted places that differ from sample to sample (grid_sample), and the adjoints of that."""

from ..csrc cimport TG_I64, int64_t, tg_bad_index, TG_BAD_INDEX, tg_sample, tg_sample_dot, tg_sample_shape, tg_sample_spread
from ..tensor cimport TensorBase, as_operand, check, new_tensor, shape_of
from .rows cimport like_input, real_dtype

from ..errors import OutOfRangeError, ShapeError


cdef int describe(tg_sample_shape *s, TensorBase planes, TensorBase places, int64_t size, int64_t out) except -1:
    """The sizes of a call: planes [n, c, *] and places [n, out, taps]; size or out -1: the planes' last dimension."""
    if planes.v.ndim != 3 or places.v.ndim != 3 or planes.v.shape[0] != places.v.shape[0]:
        raise ShapeError(f"grid_sample: planes of shape {shape_of(planes)} and places of shape {shape_of(places)}")
    s.n, s.c = planes.v.shape[0], planes.v.shape[1]
    s.size = planes.v.shape[2] if size < 0 else size
    s.out = planes.v.shape[2] if out < 0 else out
    s.taps = places.v.shape[2]
    if places.v.shape[1] != s.out:
        raise ShapeError(f"grid_sample: planes of shape {shape_of(planes)} and places of shape {shape_of(places)} for {s.out} outputs")
    return 0


cdef int finish(int status, int64_t size) except -1:
    if status == TG_BAD_INDEX:
        raise OutOfRangeError(f"grid_sample: place {tg_bad_index()} is out of range [0, {size - 1}]")
    return check(status, "grid_sample")


def sample(TensorBase x not None, TensorBase w not None, TensorBase at not None):
    """y[n, c, q] = sum over t of w[n, q, t] x[n, c, at[n, q, t]]"""
    cdef tg_sample_shape s
    cdef int dtype = real_dtype(x, "grid_sample", "input"), status
    cdef TensorBase a = as_operand(x, dtype), b = as_operand(w, dtype), i = as_operand(at, TG_I64), y
    cdef int64_t shape[3]
    describe(&s, x, at, -1, at.v.shape[1])
    if shape_of(w) != shape_of(at):
        raise ShapeError(f"grid_sample: weights of shape {shape_of(w)} for places of shape {shape_of(at)}")
    shape[0], shape[1], shape[2] = s.n, s.c, s.out
    y = new_tensor(dtype, 3, shape)
    with nogil:
        status = tg_sample(dtype, &s, a.v.data, b.v.data, <const int64_t *>i.v.data, y.v.data)
    finish(status, s.size)
    return like_input(y, x)


def spread(TensorBase g not None, TensorBase w not None, TensorBase at not None, int64_t size):
    """x[n, c, p] = sum of w[n, q, t] g[n, c, q] where at[n, q, t] = p"""
    cdef tg_sample_shape s
    cdef int dtype = real_dtype(g, "grid_sample", "gradient"), status
    cdef TensorBase a = as_operand(g, dtype), b = as_operand(w, dtype), i = as_operand(at, TG_I64), x
    cdef int64_t shape[3]
    describe(&s, g, at, size, -1)
    if shape_of(w) != shape_of(at):
        raise ShapeError(f"grid_sample: weights of shape {shape_of(w)} for places of shape {shape_of(at)}")
    shape[0], shape[1], shape[2] = s.n, s.c, size
    x = new_tensor(dtype, 3, shape)
    with nogil:
        status = tg_sample_spread(dtype, &s, a.v.data, b.v.data, <const int64_t *>i.v.data, x.v.data)
    finish(status, size)
    return like_input(x, g)


def dot(TensorBase g not None, TensorBase x not None, TensorBase at not None):
    """w[n, q, t] = sum over c of g[n, c, q] x[n, c, at[n, q, t]]"""
    cdef tg_sample_shape s
    cdef int dtype = real_dtype(g, "grid_sample", "gradient"), status
    cdef TensorBase a = as_operand(g, dtype), b = as_operand(x, dtype), i = as_operand(at, TG_I64), w
    describe(&s, g, at, x.v.shape[2] if x.v.ndim == 3 else 0, -1)
    if x.v.ndim != 3 or x.v.shape[0] != s.n or x.v.shape[1] != s.c:
        raise ShapeError(f"grid_sample: gradient of shape {shape_of(g)} for an input of shape {shape_of(x)}")
    w = new_tensor(dtype, 3, at.v.shape)
    with nogil:
        status = tg_sample_dot(dtype, &s, a.v.data, b.v.data, <const int64_t *>i.v.data, w.v.data)
    finish(status, s.size)
    return like_input(w, g)
