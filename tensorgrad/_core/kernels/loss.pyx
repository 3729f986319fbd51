"""Losses of integer labels: cross entropy of logits and the negative log-likelihood of log-probabilities."""

from ..csrc cimport TG_F32, TG_F64, TG_I64, TG_U8, int64_t, tg_map_find, tg_map_sum, tg_nll, tg_nll_grad
from ..dtype cimport dtype_of
from ..maps cimport run_map
from ..tensor cimport TensorBase, as_operand, check, new_like, new_tensor, numel, same_shape, shape_of
from .rows cimport address, like_input, product, real_dtype

from ..errors import DTypeError, ShapeError


cdef int check_shapes(TensorBase x, TensorBase labels, TensorBase weight, str op) except -1:
    """x [c], [n, c] or [n, c, d...] with labels [], [n] or [n, d...] and weight [c]; answers the dimension of the classes."""
    cdef int d = 0 if x.v.ndim == 1 else 1
    if labels.v.dtype != TG_I64 and labels.v.dtype != TG_U8:
        raise DTypeError(f"{op}: expected class indices of int64 or uint8 as target, got {dtype_of(labels.v.dtype)} of shape "
                         f"{shape_of(labels)} for an input of shape {shape_of(x)}")
    if x.v.ndim == 0 or shape_of(labels) != shape_of(x)[:d] + shape_of(x)[d + 1:]:
        raise ShapeError(f"{op}: Expected input batch_size and dimensions to match target: input of shape {shape_of(x)} "
                         f"(classes in dimension {d}) and target of shape {shape_of(labels)}")
    if weight is not None and shape_of(weight) != (x.v.shape[d],):
        raise ShapeError(f"{op}: weight of shape {shape_of(weight)} for {x.v.shape[d]} classes, input {shape_of(x)}")
    if weight is not None and weight.v.dtype != x.v.dtype:
        raise DTypeError(f"{op}: weight of {dtype_of(weight.v.dtype)} for an input of {dtype_of(x.v.dtype)}")
    return d


def nll(TensorBase x not None, TensorBase labels not None, TensorBase weight, bint logits, int64_t ignored, double smoothing,
        int reduction):
    """(loss, stats, total): reduction 0 none, 1 mean, 2 sum. stats: [2, n, ...] for the gradient, empty for log-probabilities;
    total: the sum of the labels' weights. Errors: OutOfRangeError for a label that is no class, before anything is computed."""
    cdef str op = "cross_entropy" if logits else "nll_loss"
    cdef int dtype = real_dtype(x, op, "input"), d = check_shapes(x, labels, weight, op), status
    cdef TensorBase a = as_operand(x, dtype), t = as_operand(labels, TG_I64), y, stats, total
    cdef int64_t outer = product(a, 0, d), n = a.v.shape[d], inner = product(a, d + 1, a.v.ndim)
    cdef int64_t[2] shape
    if weight is not None:
        weight = as_operand(weight, dtype)
    y = new_tensor(dtype, 0 if reduction else t.v.ndim, t.v.shape)
    shape[0] = 2 if logits else 0
    shape[1] = outer * inner
    stats, total = new_tensor(dtype, 2, shape), new_tensor(dtype, 0, NULL)
    with nogil:
        status = tg_nll(dtype, logits, outer, n, inner, a.v.data, <const int64_t *>t.v.data, address(weight), ignored,
                        smoothing, reduction, y.v.data, stats.v.data if logits else NULL, total.v.data)
    check(status, op, f" [0, {n - 1}]: target of shape {shape_of(labels)} for {n} classes, input of shape {shape_of(x)}")
    return like_input(y, x), stats, total


def nll_grad(TensorBase g, TensorBase x, TensorBase labels, TensorBase weight, TensorBase stats, TensorBase total, bint logits,
             int64_t ignored, double smoothing, int reduction):
    """The gradient of the input."""
    cdef str op = "cross_entropy" if logits else "nll_loss"
    cdef int dtype = real_dtype(x, op, "input"), d = 0 if x.v.ndim == 1 else 1, status
    cdef TensorBase a = as_operand(g, dtype), b = as_operand(x, dtype), t = as_operand(labels, TG_I64), gx = new_like(b)
    cdef int64_t outer = product(b, 0, d), n = b.v.shape[d], inner = product(b, d + 1, b.v.ndim)
    if shape_of(g) != (() if reduction else shape_of(labels)):
        raise ShapeError(f"{op}: gradient of shape {shape_of(g)} for a loss of target shape {shape_of(labels)}")
    if weight is not None:
        weight = as_operand(weight, dtype)
    with nogil:
        status = tg_nll_grad(dtype, logits, outer, n, inner, a.v.data, b.v.data, <const int64_t *>t.v.data, address(weight),
                             ignored, smoothing, reduction, stats.v.data if logits else NULL, total.v.data, gx.v.data)
    check(status, op)
    return like_input(gx, x)


def comparable(TensorBase x not None, TensorBase t not None):
    """Whether `compared` takes the two: one shape and one dtype, float32 or float64."""
    return (x.v.dtype == TG_F32 or x.v.dtype == TG_F64) and t.v.dtype == x.v.dtype and same_shape(x, t)


def compared(TensorBase x not None, TensorBase t not None, str map, bint mean):
    """The sum or mean of a map of kernels.def over the elements of x and t, which are `comparable`."""
    cdef TensorBase a = as_operand(x, x.v.dtype), b = as_operand(t, x.v.dtype), y = new_tensor(x.v.dtype, 0, NULL)
    cdef const void *inputs[2]
    cdef int64_t n = numel(x)
    cdef double divisor = n if mean else 1
    cdef int status, code = tg_map_find(map.encode())
    inputs[0], inputs[1] = a.v.data, b.v.data
    with nogil:
        status = tg_map_sum(code, a.v.dtype, n, 2, inputs, divisor, y.v.data)
    check(status, map)
    return y


def compared_grad(TensorBase g, TensorBase x, TensorBase t, str map):
    """g (no dimensions) times the slope of each element: the gradient of x."""
    return run_map(tg_map_find(map.encode()), x.v.dtype, g, x, t, None, None, map)
