"""Normalisation: rows (layer, group, instance and RMS norm) and batch norm, with their gradients."""

from ..csrc cimport int64_t, tg_batch_norm, tg_batch_norm_grad, tg_copy, tg_group_norm, tg_group_norm_grad
from ..tensor cimport (TensorBase, as_operand, check, fill, new_like, new_tensor, numel, overlaps_itself, same_shape,
                       shape_of)
from .rows cimport address, like_input, product, real_dtype

from ..errors import ArgumentError, ShapeError


cdef TensorBase parameter(TensorBase p, int dtype):
    """An optional weight or bias as the driver takes it."""
    return None if p is None else as_operand(p, dtype)


cdef tuple normalise(TensorBase x, TensorBase w, TensorBase b, str op, int64_t rows, int64_t groups, int64_t cg, int64_t hw,
                     bint centred, double eps):
    cdef int dtype = real_dtype(x, op, "input"), status
    cdef TensorBase a = as_operand(x, dtype), y = new_like(a), mean, rstd
    mean, rstd = new_tensor(dtype, 1, &rows), new_tensor(dtype, 1, &rows)
    w, b = parameter(w, dtype), parameter(b, dtype)
    with nogil:
        status = tg_group_norm(dtype, rows, groups, cg, hw, centred, eps, a.v.data, address(w), address(b), y.v.data,
                               mean.v.data, rstd.v.data)
    check(status, op)
    return like_input(y, x), mean, rstd


cdef tuple normalise_grad(needs, TensorBase g, TensorBase x, TensorBase w, TensorBase mean, TensorBase rstd, str op,
                          int64_t groups, int64_t cg, int64_t hw, bint centred):
    """(gx, gw, gb), the last two of groups * cg elements in one dimension; None where not needed."""
    cdef int dtype = real_dtype(x, op, "input"), status
    cdef int64_t rows = mean.v.shape[0], c = groups * cg
    cdef TensorBase a, b, gx, gw = None, gb = None
    if not same_shape(g, x):
        raise ShapeError(f"{op}: gradient of shape {shape_of(g)} for an output of shape {shape_of(x)}")
    a, b, w = as_operand(g, dtype), as_operand(x, dtype), parameter(w, dtype)
    gx = new_like(b)
    if needs[1]:
        gw = new_tensor(dtype, 1, &c)
    if len(needs) > 2 and needs[2]:
        gb = new_tensor(dtype, 1, &c)
    with nogil:
        status = tg_group_norm_grad(dtype, rows, groups, cg, hw, centred, a.v.data, b.v.data, address(w), mean.v.data,
                                    rstd.v.data, gx.v.data, address(gw), address(gb))
    check(status, op)
    return like_input(gx, x), gw, gb


cdef int check_trailing(TensorBase x, tuple shape, TensorBase w, TensorBase b, str op) except -1:
    """normalized_shape is the end of x's shape, and weight and bias have it."""
    if not shape:
        raise ShapeError(f"{op}: normalized_shape must have at least one dimension, got {shape}")
    if shape_of(x)[max(x.v.ndim - len(shape), 0):] != shape:
        raise ShapeError(f"{op}: input of shape {shape_of(x)} does not end in normalized_shape {shape}")
    for name, p in (("weight", w), ("bias", b)):
        if p is not None and shape_of(<TensorBase>p) != shape:
            raise ShapeError(f"{op}: {name} of shape {shape_of(<TensorBase>p)} for normalized_shape {shape}, input "
                             f"{shape_of(x)}")
    return 0


def layer_norm(TensorBase x not None, TensorBase w, TensorBase b, tuple shape, double eps):
    """(y, mean, rstd): rows are what the last len(shape) dimensions hold."""
    check_trailing(x, shape, w, b, "layer_norm")
    cdef int d = x.v.ndim - <int>len(shape)
    return normalise(x, w, b, "layer_norm", product(x, 0, d), 1, product(x, d, x.v.ndim), 1, True, eps)


def layer_norm_grad(needs, TensorBase g, TensorBase x, TensorBase w, TensorBase mean, TensorBase rstd, tuple shape):
    """(gx, gw, gb)."""
    cdef int d = x.v.ndim - <int>len(shape)
    gx, gw, gb = normalise_grad(needs, g, x, w, mean, rstd, "layer_norm", 1, product(x, d, x.v.ndim), 1, True)
    return gx, None if gw is None else gw.reshape(shape), None if gb is None else gb.reshape(shape)


def rms_norm(TensorBase x not None, TensorBase w, tuple shape, double eps):
    """(y, mean = 0, rstd) with rstd = 1 / sqrt(mean x^2 + eps)."""
    check_trailing(x, shape, w, None, "rms_norm")
    cdef int d = x.v.ndim - <int>len(shape)
    return normalise(x, w, None, "rms_norm", product(x, 0, d), 1, product(x, d, x.v.ndim), 1, False, eps)


def rms_norm_grad(needs, TensorBase g, TensorBase x, TensorBase w, TensorBase mean, TensorBase rstd, tuple shape):
    """(gx, gw)."""
    cdef int d = x.v.ndim - <int>len(shape)
    gx, gw, _ = normalise_grad(needs, g, x, w, mean, rstd, "rms_norm", 1, product(x, d, x.v.ndim), 1, False)
    return gx, None if gw is None else gw.reshape(shape)


cdef int64_t check_channels(TensorBase x, str op, tuple names, tuple params) except -1:
    """The number of channels, dimension 1 of x; every parameter has one element for each."""
    if x.v.ndim < 2:
        raise ShapeError(f"{op}: input must have at least 2 dimensions (batch, channels, ...), got shape {shape_of(x)}")
    for name, p in zip(names, params):
        if p is not None and shape_of(<TensorBase>p) != (x.v.shape[1],):
            raise ShapeError(f"{op}: {name} of shape {shape_of(<TensorBase>p)} for an input of shape {shape_of(x)} with "
                             f"{x.v.shape[1]} channels")
    return x.v.shape[1]


def group_norm(TensorBase x not None, TensorBase w, TensorBase b, int64_t groups, double eps):
    """(y, mean, rstd): x [n, c, ...], rows are the groups of c / groups channels of a sample."""
    cdef int64_t c = check_channels(x, "group_norm", ("weight", "bias"), (w, b))
    if groups < 1 or c % groups:
        raise ShapeError(f"group_norm: num_groups must be positive and divide the number of channels, got {groups} for "
                         f"an input of shape {shape_of(x)}")
    return normalise(x, w, b, "group_norm", x.v.shape[0] * groups, groups, c // groups, product(x, 2, x.v.ndim), True, eps)


def group_norm_grad(needs, TensorBase g, TensorBase x, TensorBase w, TensorBase mean, TensorBase rstd, int64_t groups):
    """(gx, gw, gb)."""
    return normalise_grad(needs, g, x, w, mean, rstd, "group_norm", groups, x.v.shape[1] // groups, product(x, 2, x.v.ndim),
                          True)


cdef int write_running(TensorBase running, TensorBase moved) except -1:
    if moved is not running:
        check(tg_copy(&running.v, &moved.v), "batch_norm")
    running.storage.version += 1
    return 0


cdef TensorBase running_operand(TensorBase r, int dtype, bint training, str name):
    """A running average that the driver may write; refused before anything happened where it could not be written back."""
    if r is None:
        return None
    real_dtype(r, "batch_norm", name)
    if training and (r.storage.readonly or overlaps_itself(r)):
        raise ArgumentError(f"batch_norm: {name} of shape {shape_of(r)} is read-only or expanded; training updates it in place")
    return as_operand(r, dtype)


def batch_norm(TensorBase x not None, TensorBase w, TensorBase b, TensorBase running_mean, TensorBase running_var, bint training,
               double momentum, double eps):
    """(y, mean, rstd) of x [n, c, ...]; training moves the running averages in place."""
    cdef int64_t c = check_channels(x, "batch_norm", ("weight", "bias", "running_mean", "running_var"),
                                    (w, b, running_mean, running_var))
    cdef int dtype = real_dtype(x, "batch_norm", "input"), status
    cdef int64_t n = x.v.shape[0], hw = product(x, 2, x.v.ndim)
    cdef TensorBase a, y, mean, rstd, rm, rv
    if not training and (running_mean is None or running_var is None):
        raise ArgumentError("batch_norm: running_mean and running_var must be given in evaluation mode (training=False)")
    if training and n * hw == 1:
        raise ArgumentError(f"batch_norm: Expected more than 1 value per channel when training, got input size {shape_of(x)}")
    rm = running_operand(running_mean, dtype, training, "running_mean")
    rv = running_operand(running_var, dtype, training, "running_var")
    a, w, b = as_operand(x, dtype), parameter(w, dtype), parameter(b, dtype)
    y, mean, rstd = new_like(a), new_tensor(dtype, 1, &c), new_tensor(dtype, 1, &c)
    if numel(x) == 0:  # no statistics: PyTorch leaves the running averages alone
        fill(mean, 0)
        fill(rstd, 0)
        return like_input(y, x), mean, rstd
    with nogil:
        status = tg_batch_norm(dtype, n, c, hw, training, eps, momentum, a.v.data, address(w), address(b), address(rm),
                               address(rv), y.v.data, mean.v.data, rstd.v.data)
    check(status, "batch_norm")
    if training and rm is not None:
        write_running(running_mean, rm)
    if training and rv is not None:
        write_running(running_var, rv)
    return like_input(y, x), mean, rstd


def batch_norm_grad(needs, TensorBase g, TensorBase x, TensorBase w, TensorBase mean, TensorBase rstd, bint training):
    """(gx, gw, gb, None, None)."""
    cdef int dtype = real_dtype(x, "batch_norm", "input"), status
    cdef int64_t n = x.v.shape[0], c = x.v.shape[1], hw = product(x, 2, x.v.ndim)
    cdef TensorBase a, b, gx, gw, gb
    if not same_shape(g, x):
        raise ShapeError(f"batch_norm: gradient of shape {shape_of(g)} for an output of shape {shape_of(x)}")
    a, b, w = as_operand(g, dtype), as_operand(x, dtype), parameter(w, dtype)
    gx, gw, gb = new_like(b), new_tensor(dtype, 1, &c), new_tensor(dtype, 1, &c)
    with nogil:
        status = tg_batch_norm_grad(dtype, n, c, hw, training, a.v.data, b.v.data, address(w), mean.v.data, rstd.v.data,
                                    gx.v.data, gw.v.data, gb.v.data)
    check(status, "batch_norm")
    return like_input(gx, x), gw, gb, None, None
