"""Convolution of 1 to 3 dimensions, its two gradients, and im2col with its adjoint."""

from ..csrc cimport (TG_F32, TG_MAX_DIMS, int64_t, tg_col2im, tg_conv, tg_conv_algorithm, tg_conv_force,
                     tg_conv_forward, tg_conv_input, tg_conv_weight, tg_im2col)
from ..dtype cimport compute_dtype, dtype_of, is_float
from ..tensor cimport TensorBase, as_operand, cast, check, new_tensor, shape_of

from ..errors import ArgumentError, DTypeError, ShapeError

# No image, window, stride or padding reaches this; products of two of them fit 62 bits.
cdef int64_t LIMIT = <int64_t>1 << 31
cdef int64_t LARGEST = <int64_t>1 << 47

ALGORITHMS = ("auto", "shift", "panel", "winograd", "spread", "depthwise")


def force(str algorithm):
    """Make every convolution take one algorithm ("auto": the faster one); see csrc/conv.c."""
    tg_conv_force(ALGORITHMS.index(algorithm))


cdef int read_sizes(tuple values, int n, int64_t low, int64_t fill, int64_t *out, str op, str name,
                    TensorBase x) except -1:
    """n values in [low, LIMIT) to the end of out[3]; `fill` in front."""
    cdef int i
    if len(values) != n:
        raise ArgumentError(f"{op}: {name} must be one number or {n}, got {values}")
    for i in range(3):
        out[i] = fill
    for i in range(n):
        if not low <= values[i] < LIMIT:
            raise ArgumentError(f"{op}: {name} must be in [{low}, {LIMIT}), got {values}; input of shape {shape_of(x)}")
        out[3 - n + i] = values[i]
    return 0


cdef int common_dtype(str op, TensorBase x, TensorBase w, TensorBase b) except -1:
    """The dtype to compute in."""
    cdef TensorBase t
    for t in (x, w, b):
        if t is not None and t.v.dtype != x.v.dtype:
            raise DTypeError(f"{op}: input and weight (and bias) must have one dtype, got "
                             f"{', '.join(str(dtype_of(i.v.dtype)) for i in (<TensorBase>x, <TensorBase>w))}"
                             f"{'' if b is None else ', ' + str(dtype_of(b.v.dtype))}")
    if not is_float(x.v.dtype):
        raise DTypeError(f"{op}: no kernel for {dtype_of(x.v.dtype)}; input of shape {shape_of(x)}")
    return compute_dtype(x.v.dtype)


cdef int geometry(tg_conv *s, str op, TensorBase x, tuple stride, tuple padding, tuple dilation,
                  int64_t groups) except -1:
    """What does not depend on sizes."""
    cdef int n = x.v.ndim - 2
    if n < 1 or n > 3:
        raise ShapeError(f"{op}: expected tensors of 3 to 5 dimensions, got shape {shape_of(x)}")
    if groups < 1 or groups >= LIMIT:
        raise ArgumentError(f"{op}: groups must be positive, got {groups}")
    s.groups = groups
    read_sizes(stride, n, 1, 1, s.stride, op, "stride", x)
    read_sizes(padding, n, 0, 0, s.pad, op, "padding", x)
    read_sizes(dilation, n, 1, 1, s.dilation, op, "dilation", x)
    return n


cdef void spatial(TensorBase x, int n, int64_t *out) noexcept:
    cdef int i
    for i in range(3):
        out[i] = 1 if i < 3 - n else x.v.shape[i + n - 1]


cdef TensorBase result(int dtype, int n, int64_t first, int64_t second, const int64_t *sizes):
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i
    shape[0], shape[1] = first, second
    for i in range(n):
        shape[2 + i] = sizes[3 - n + i]
    return new_tensor(dtype, n + 2, shape)


cdef int check_weight(tg_conv *s, str op, TensorBase x, TensorBase w, int n, bint transposed) except -1:
    """Channels of x against w [co, ci / groups, kernel]; transposed: x is the output's side."""
    cdef int i
    if w.v.ndim != n + 2:
        raise ShapeError(f"{op}: weight must have {n + 2} dimensions for an input of shape {shape_of(x)}, "
                         f"got {shape_of(w)}")
    spatial(w, n, s.kernel)
    s.co = w.v.shape[0]
    s.ci = w.v.shape[1] * s.groups
    if s.co % s.groups or x.v.shape[1] != (s.co if transposed else s.ci):
        raise ShapeError(f"{op}: {x.v.shape[1]} channels of input {shape_of(x)} do not fit weight {shape_of(w)} "
                         f"with groups={s.groups}")
    for i in range(3):
        if s.kernel[i] < 1 or s.kernel[i] >= LIMIT:
            raise ShapeError(f"{op}: the kernel must have at least one element in each dimension, "
                             f"got weight {shape_of(w)}")
    return 0


cdef int check_bias(str op, TensorBase b, int64_t channels) except -1:
    if b is not None and (b.v.ndim != 1 or b.v.shape[0] != channels):
        raise ShapeError(f"{op}: bias must have shape ({channels},), got {shape_of(b)}")
    return 0


cdef int check_sizes(str op, int n, tuple sizes, int64_t *out, TensorBase x) except -1:
    """Result sizes that a caller computed, and that may be anything."""
    cdef int i
    for i in range(3):
        out[i] = 1
    for i in range(n):
        if not 0 <= sizes[i] < LARGEST:
            raise ShapeError(f"{op}: the result would have spatial size {sizes} for an input of shape {shape_of(x)}")
        out[3 - n + i] = sizes[i]
    return 0


cdef int output_sizes(tg_conv *s, str op, int n, TensorBase x, object kernel) except -1:
    cdef int i
    cdef int64_t room
    for i in range(3 - n):
        s.out[i] = 1
    for i in range(3 - n, 3):
        room = s.size[i] + 2 * s.pad[i] - s.dilation[i] * (s.kernel[i] - 1) - 1
        if room < 0:
            raise ShapeError(f"{op}: kernel of size {tuple(kernel)} with dilation {s.dilation[i]} is larger than the "
                             f"padded input {s.size[i] + 2 * s.pad[i]} in dimension {i - 3}; "
                             f"input of shape {shape_of(x)}")
        s.out[i] = room // s.stride[i] + 1
    return 0


def conv(TensorBase x not None, TensorBase w not None, TensorBase b, tuple stride, tuple padding, tuple dilation, int64_t groups,
         tuple out=None):
    """y[n, o, p] = b[o] + sum over c, k of x[n, c, p stride + k dilation - padding] w[o, c, k]. out: the sizes p
    runs to, by default those of windows inside the padded image."""
    cdef tg_conv s
    cdef str op = f"conv{x.v.ndim - 2}d"
    cdef int n = geometry(&s, op, x, stride, padding, dilation, groups), dtype = common_dtype(op, x, w, b), status
    cdef TensorBase xs, ws, bs = None, y
    check_weight(&s, op, x, w, n, False)
    check_bias(op, b, s.co)
    s.n = x.v.shape[0]
    spatial(x, n, s.size)
    if out is None:
        output_sizes(&s, op, n, x, shape_of(w)[2:])
    else:
        check_sizes(op, n, out, s.out, x)
    y = result(dtype, n, s.n, s.co, s.out)
    xs, ws = as_operand(x, dtype), as_operand(w, dtype)
    if b is not None:
        bs = as_operand(b, dtype)
    with nogil:
        status = tg_conv_forward(dtype, &s, xs.v.data, ws.v.data, NULL if bs is None else bs.v.data, y.v.data)
    check(status, op)
    return cast(y, x.v.dtype)


def conv_input(TensorBase g not None, TensorBase w not None, TensorBase b, tuple size, tuple stride, tuple padding, tuple dilation,
               int64_t groups):
    """The adjoint of conv in x, whose spatial size is `size`, applied to g [n, co, out]; plus b (conv_transpose)."""
    cdef tg_conv s
    cdef str op = f"conv_transpose{g.v.ndim - 2}d"
    cdef int n = geometry(&s, op, g, stride, padding, dilation, groups), dtype = common_dtype(op, g, w, b), status
    cdef TensorBase gs, ws, bs = None, x
    check_weight(&s, op, g, w, n, True)
    check_bias(op, b, s.ci)
    s.n = g.v.shape[0]
    spatial(g, n, s.out)
    check_sizes(op, n, size, s.size, g)
    x = result(dtype, n, s.n, s.ci, s.size)
    gs, ws = as_operand(g, dtype), as_operand(w, dtype)
    if b is not None:
        bs = as_operand(b, dtype)
    with nogil:
        status = tg_conv_input(dtype, &s, gs.v.data, ws.v.data, NULL if bs is None else bs.v.data, x.v.data)
    check(status, op)
    return cast(x, g.v.dtype)


def conv_weight(TensorBase x not None, TensorBase g not None, tuple kernel, tuple stride, tuple padding, tuple dilation, int64_t groups):
    """The adjoint of conv in w, whose spatial size is `kernel`: gw[o, c, k] = sum of g[n, o, p] x[n, c, p stride..]."""
    cdef tg_conv s
    cdef str op = f"conv{x.v.ndim - 2}d_weight"
    cdef int n = geometry(&s, op, x, stride, padding, dilation, groups), dtype = common_dtype(op, x, g, None), status
    cdef TensorBase xs, gs, w
    s.n, s.ci = x.v.shape[0], x.v.shape[1]
    if g.v.ndim != x.v.ndim or g.v.shape[0] != s.n or g.v.shape[1] % groups or s.ci % groups:
        raise ShapeError(f"{op}: gradient {shape_of(g)} does not fit input {shape_of(x)} with groups={groups}")
    s.co = g.v.shape[1]
    spatial(x, n, s.size)
    spatial(g, n, s.out)
    read_sizes(kernel, n, 1, 1, s.kernel, op, "kernel", x)
    w = result(dtype, n, s.co, s.ci // groups, s.kernel)
    xs, gs = as_operand(x, dtype), as_operand(g, dtype)
    with nogil:
        status = tg_conv_weight(dtype, &s, xs.v.data, gs.v.data, w.v.data)
    check(status, op)
    return cast(w, x.v.dtype)


cdef int columns(tg_conv *s, str op, TensorBase x, int n, tuple kernel) except -1:
    read_sizes(kernel, n, 1, 1, s.kernel, op, "kernel_size", x)
    s.co = s.groups = 1
    output_sizes(s, op, n, x, kernel)
    return 0


def im2col(TensorBase x not None, tuple kernel, tuple stride, tuple padding, tuple dilation):
    """col[n, (c, k), p] = x[n, c, p stride + k dilation - padding], 0 outside of the image."""
    cdef tg_conv s
    cdef str op = "unfold"
    cdef int n = geometry(&s, op, x, stride, padding, dilation, 1), dtype = common_dtype(op, x, x, None), status
    cdef TensorBase xs, col
    cdef int64_t shape[3]
    s.n, s.ci = x.v.shape[0], x.v.shape[1]
    spatial(x, n, s.size)
    columns(&s, op, x, n, kernel)
    shape[0] = s.n
    shape[1], shape[2] = columns_shape(&s, op)
    col = new_tensor(dtype, 3, shape)
    xs = as_operand(x, dtype)
    with nogil:
        status = tg_im2col(dtype, &s, xs.v.data, col.v.data)
    check(status, op)
    return cast(col, x.v.dtype)


cdef tuple columns_shape(tg_conv *s, str op):
    """(channels * kernel, windows), in Python's integers: either may overflow."""
    cdef object rows = s.ci, windows = 1
    cdef int i
    for i in range(3):
        rows *= s.kernel[i]
        windows *= s.out[i]
    if rows >= LARGEST or windows >= LARGEST:
        raise ShapeError(f"{op}: the result would have {rows} rows of {windows} windows")
    return rows, windows


def col2im(TensorBase col not None, tuple size, tuple kernel, tuple stride, tuple padding, tuple dilation):
    """The adjoint of im2col: the columns added into an image [n, c, *size]."""
    cdef tg_conv s
    cdef str op = "fold"
    cdef int n = len(size), dtype = common_dtype(op, col, col, None), status, i
    cdef TensorBase cs, x
    cdef object taps = 1
    if col.v.ndim != 3 or n < 1 or n > 3:
        raise ShapeError(f"{op}: expected columns [n, channels * kernel, windows], got shape {shape_of(col)}")
    read_sizes(stride, n, 1, 1, s.stride, op, "stride", col)
    read_sizes(padding, n, 0, 0, s.pad, op, "padding", col)
    read_sizes(dilation, n, 1, 1, s.dilation, op, "dilation", col)
    read_sizes(size, n, 1, 1, s.size, op, "output_size", col)
    s.n = col.v.shape[0]
    columns(&s, op, col, n, kernel)
    for i in range(3):
        taps *= s.kernel[i]
    if col.v.shape[1] % taps:
        raise ShapeError(f"{op}: {col.v.shape[1]} rows of columns {shape_of(col)} are no multiple of the kernel's "
                         f"{taps} elements {kernel}")
    s.ci = col.v.shape[1] // taps
    if columns_shape(&s, op)[1] != col.v.shape[2]:
        raise ShapeError(f"{op}: an image of size {size} has {columns_shape(&s, op)[1]} windows of {kernel}, but the "
                         f"columns have shape {shape_of(col)}")
    x = result(dtype, n, s.n, s.ci, s.size)
    cs = as_operand(col, dtype)
    with nogil:
        status = tg_col2im(dtype, &s, cs.v.data, x.v.data)
    check(status, op)
    return cast(x, col.v.dtype)


def algorithm(tuple x_shape, tuple w_shape, tuple stride, tuple padding, tuple dilation, int64_t groups):
    """The name of the algorithm that a float32 forward convolution of these shapes takes."""
    cdef tg_conv s
    cdef int i, n = len(x_shape) - 2
    s.n, s.ci, s.co, s.groups = x_shape[0], x_shape[1], w_shape[0], groups
    for i in range(3):
        s.size[i] = s.kernel[i] = s.out[i] = s.stride[i] = s.dilation[i] = 1
        s.pad[i] = 0
    for i in range(3 - n, 3):
        s.size[i], s.kernel[i] = x_shape[i + n - 1], w_shape[i + n - 1]
        s.stride[i], s.pad[i], s.dilation[i] = stride[i + n - 3], padding[i + n - 3], dilation[i + n - 3]
        s.out[i] = (s.size[i] + 2 * s.pad[i] - s.dilation[i] * (s.kernel[i] - 1) - 1) // s.stride[i] + 1
    return ALGORITHMS[tg_conv_algorithm(TG_F32, &s)]
