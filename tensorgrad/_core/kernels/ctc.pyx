"""Connectionist temporal classification and its gradient, for float32 and float64."""

from ..csrc cimport TG_F64, int64_t, tg_ctc, tg_ctc_backward, tg_ctc_forward
from ..tensor cimport TensorBase, as_operand, check, new_like, new_tensor, numel, shape_of
from .rows cimport like_input, real_dtype

from ..errors import ArgumentError, OutOfRangeError, ShapeError


cdef int describe(tg_ctc *s, TensorBase x, TensorBase labels, TensorBase start, TensorBase steps, TensorBase counts,
                  int64_t blank) except -1:
    """Checks everything and fills in s; all of the tensors but x are contiguous int64."""
    cdef int64_t i, k, most = 0, total = numel(labels)
    cdef const int64_t *label = <const int64_t *>labels.v.data
    if x.v.ndim != 3:
        raise ShapeError(f"ctc_loss: log_probs must be of shape (T, N, C) or (T, C), got {shape_of(x)}")
    s.time, s.n, s.c = x.v.shape[0], x.v.shape[1], x.v.shape[2]
    s.blank = blank
    if blank < 0 or blank >= s.c:
        raise ArgumentError(f"ctc_loss: blank must be in [0, {s.c - 1}], got {blank}; log_probs of shape {shape_of(x)}")
    s.start, s.steps = <const int64_t *>start.v.data, <const int64_t *>steps.v.data
    s.labels = <const int64_t *>counts.v.data
    if numel(start) != s.n or numel(steps) != s.n or numel(counts) != s.n:
        raise ShapeError(f"ctc_loss: input_lengths and target_lengths must have {s.n} elements, got {numel(steps)} and "
                         f"{numel(counts)}; log_probs of shape {shape_of(x)}")
    for i in range(s.n):
        if s.steps[i] < 0 or s.steps[i] > s.time:
            raise ArgumentError(f"ctc_loss: Expected input_lengths in [0, {s.time}], the steps of log_probs of shape "
                                f"{shape_of(x)}, got {s.steps[i]}")
        if s.labels[i] < 0 or s.start[i] < 0 or s.start[i] + s.labels[i] > total:
            raise ArgumentError(f"ctc_loss: target_lengths must not be negative nor reach beyond the targets of shape "
                                f"{shape_of(labels)}, got {s.labels[i]}")
        most = max(most, s.labels[i])
        for k in range(s.start[i], s.start[i] + s.labels[i]):
            if label[k] < 0 or label[k] >= s.c:
                raise OutOfRangeError(f"ctc_loss: target {label[k]} is out of range [0, {s.c - 1}]; log_probs of shape "
                                      f"{shape_of(x)}")
    s.width = 2 * most + 1
    return 0


def ctc(TensorBase x not None, TensorBase labels not None, TensorBase start not None, TensorBase steps not None,
        TensorBase counts not None, int64_t blank):
    """(loss [n] in x's dtype, alpha, loss in float64) of log-probabilities x [t, n, c]."""
    cdef tg_ctc s
    cdef int dtype = real_dtype(x, "ctc_loss", "log_probs"), status
    cdef TensorBase a = as_operand(x, dtype), alpha, loss
    cdef int64_t shape[3]
    describe(&s, x, labels, start, steps, counts, blank)
    shape[0], shape[1], shape[2] = s.n, s.time, s.width
    alpha, loss = new_tensor(TG_F64, 3, shape), new_tensor(TG_F64, 1, shape)
    with nogil:
        status = tg_ctc_forward(dtype, &s, a.v.data, <const int64_t *>labels.v.data, <double *>alpha.v.data,
                                <double *>loss.v.data)
    check(status, "ctc_loss")
    return like_input(loss, x), alpha, loss


def ctc_grad(TensorBase g, TensorBase x, TensorBase labels, TensorBase start, TensorBase steps, TensorBase counts,
             TensorBase alpha, TensorBase loss, int64_t blank, bint zero_infinity):
    """The gradient of log_probs x."""
    cdef tg_ctc s
    cdef int dtype = real_dtype(x, "ctc_loss", "log_probs"), status
    cdef TensorBase a = as_operand(x, dtype), gs = as_operand(g, dtype), gx = new_like(a)
    describe(&s, x, labels, start, steps, counts, blank)
    if shape_of(g) != (s.n,) or shape_of(loss) != (s.n,) or shape_of(alpha) != (s.n, s.time, s.width):
        raise ShapeError(f"ctc_loss: gradient of shape {shape_of(g)} for log_probs of shape {shape_of(x)}")
    with nogil:
        status = tg_ctc_backward(dtype, &s, gs.v.data, a.v.data, <const int64_t *>labels.v.data,
                                 <const double *>alpha.v.data, <const double *>loss.v.data, zero_infinity, gx.v.data)
    check(status, "ctc_loss")
    return like_input(gx, x)
