"""Max, average and adaptive pooling over the last 1 to 3 dimensions; the leading ones are planes."""

from ..csrc cimport (TG_I32, TG_MAX_DIMS, int32_t, int64_t, tg_avg_pool, tg_avg_pool_grad, tg_max_pool, tg_pool,
                     tg_pool_put, tg_pool_take)
from ..dtype cimport compute_dtype, dtype_of, is_float
from ..tensor cimport TensorBase, as_operand, cast, check, new_tensor, same_shape, shape_of
from .conv cimport read_sizes

from ..errors import ArgumentError, DTypeError, ShapeError


cdef int real_dtype(str op, TensorBase x) except -1:
    if not is_float(x.v.dtype):
        raise DTypeError(f"{op}: no kernel for {dtype_of(x.v.dtype)}; input of shape {shape_of(x)}")
    return compute_dtype(x.v.dtype)


cdef TensorBase result(int dtype, TensorBase x, int n, const int64_t *sizes):
    """Leading dimensions of x, n last ones from sizes[3]."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int i, lead = x.v.ndim - n
    for i in range(lead):
        shape[i] = x.v.shape[i]
    for i in range(n):
        shape[lead + i] = sizes[3 - n + i]
    return new_tensor(dtype, x.v.ndim, shape)


cdef int planes_of(tg_pool *s, str op, TensorBase x, int n) except -1:
    """Planes and sizes of x, [c, *size] or [n, c, *size]."""
    cdef int i
    cdef int64_t elements = 1
    if n < 1 or n > 3 or not n + 1 <= x.v.ndim <= n + 2:
        raise ShapeError(f"{op}: expected an input of {n + 1} or {n + 2} dimensions, got shape {shape_of(x)}")
    s.planes = 1
    for i in range(x.v.ndim - n):
        s.planes *= x.v.shape[i]
    for i in range(3):
        s.size[i] = s.out[i] = s.kernel[i] = s.stride[i] = s.dilation[i] = 1
        s.pad[i] = 0
    for i in range(3 - n, 3):
        s.size[i] = x.v.shape[x.v.ndim - 3 + i]
        elements *= s.size[i]
        if s.size[i] < 1:
            raise ShapeError(f"{op}: an image must have at least one element in each dimension, "
                             f"got shape {shape_of(x)}")
    if elements > <int64_t>0x7fffffff:
        raise ShapeError(f"{op}: an image may have at most {0x7fffffff} elements, got shape {shape_of(x)}")
    return 0


cdef int windows(tg_pool *s, str op, TensorBase x, tuple kernel, tuple stride, tuple padding, tuple dilation,
                 bint ceil_mode) except -1:
    """Sizes and the number of windows: floor((in + 2 pad - dilation (kernel - 1) - 1) / stride) + 1, or ceil, where the
    last window must start inside the image or its left padding."""
    cdef int i, n = len(kernel)
    cdef int64_t room
    planes_of(s, op, x, n)
    s.adaptive = 0
    read_sizes(kernel, n, 1, 1, s.kernel, op, "kernel_size", x)
    read_sizes(stride, n, 1, 1, s.stride, op, "stride", x)
    read_sizes(padding, n, 0, 0, s.pad, op, "padding", x)
    read_sizes(dilation, n, 1, 1, s.dilation, op, "dilation", x)
    for i in range(3 - n, 3):
        if s.pad[i] > ((s.kernel[i] - 1) * s.dilation[i] + 1) // 2:
            raise ArgumentError(f"{op}: padding must be at most half of the kernel, got padding {padding}, kernel "
                                f"{kernel}, dilation {dilation}; input of shape {shape_of(x)}")
        room = s.size[i] + 2 * s.pad[i] - s.dilation[i] * (s.kernel[i] - 1) - 1
        if ceil_mode:
            room += s.stride[i] - 1
        s.out[i] = room // s.stride[i] + 1 if room >= 0 else 0
        if ceil_mode and (s.out[i] - 1) * s.stride[i] >= s.size[i] + s.pad[i]:
            s.out[i] -= 1
        if s.out[i] < 1:
            raise ShapeError(f"{op}: kernel {kernel} with dilation {dilation} is larger than the padded input of shape "
                             f"{shape_of(x)}, padding {padding}")
    return 0


cdef int adapt(tg_pool *s, str op, TensorBase x, tuple size) except -1:
    planes_of(s, op, x, len(size))
    s.adaptive = 1
    read_sizes(size, len(size), 0, 1, s.out, op, "output_size", x)
    return 0


cdef tuple maximum(tg_pool *s, str op, TensorBase x, int n):
    cdef int dtype = real_dtype(op, x), status
    cdef TensorBase xs = as_operand(x, dtype), y = result(dtype, x, n, s.out), index = result(TG_I32, x, n, s.out)
    with nogil:
        status = tg_max_pool(dtype, s, xs.v.data, y.v.data, <int32_t *>index.v.data)
    check(status, op)
    return cast(y, x.v.dtype), index


def max_pool(TensorBase x not None, tuple kernel, tuple stride, tuple padding, tuple dilation, bint ceil_mode):
    """(largest of each window, where in its plane, int32)."""
    cdef tg_pool s
    cdef str op = f"max_pool{len(kernel)}d"
    windows(&s, op, x, kernel, stride, padding, dilation, ceil_mode)
    return maximum(&s, op, x, len(kernel))


def adaptive_max_pool(TensorBase x not None, tuple size):
    """(largest of windows floor(o in / out) .. ceil((o + 1) in / out), where)."""
    cdef tg_pool s
    cdef str op = f"adaptive_max_pool{len(size)}d"
    adapt(&s, op, x, size)
    return maximum(&s, op, x, len(size))


cdef TensorBase average(tg_pool *s, str op, TensorBase x, int n, bint padded, double divisor):
    cdef int dtype = real_dtype(op, x), status
    cdef TensorBase xs = as_operand(x, dtype), y = result(dtype, x, n, s.out)
    with nogil:
        status = tg_avg_pool(dtype, s, padded, divisor, xs.v.data, y.v.data)
    check(status, op)
    return cast(y, x.v.dtype)


cdef TensorBase spread(tg_pool *s, str op, TensorBase g, int n, bint padded, double divisor):
    cdef int dtype = real_dtype(op, g), status
    cdef TensorBase gs = as_operand(g, dtype), x = result(dtype, g, n, s.size)
    with nogil:
        status = tg_avg_pool_grad(dtype, s, padded, divisor, gs.v.data, x.v.data)
    check(status, op)
    return cast(x, g.v.dtype)


cdef int read_image(tg_pool *s, str op, TensorBase g, tuple size, int n) except -1:
    """The image of `size` whose windows g are; in s its sizes, g's into s.out."""
    cdef int i
    if len(size) != n or g.v.ndim < n:
        raise ShapeError(f"{op}: gradient of shape {shape_of(g)} for an image of size {size}")
    for i in range(n):
        if g.v.shape[g.v.ndim - n + i] != s.out[3 - n + i]:
            raise ShapeError(f"{op}: gradient of shape {shape_of(g)} for an image of size {size}")
    return 0


def avg_pool(TensorBase x not None, tuple kernel, tuple stride, tuple padding, bint ceil_mode, bint padded, double divisor):
    """Mean of each window; divisor 0: its elements, in the padded image if `padded`."""
    cdef tg_pool s
    cdef str op = f"avg_pool{len(kernel)}d"
    windows(&s, op, x, kernel, stride, padding, (1,) * len(kernel), ceil_mode)
    return average(&s, op, x, len(kernel), padded, divisor)


def avg_pool_grad(TensorBase g, tuple shape, tuple kernel, tuple stride, tuple padding, bint ceil_mode, bint padded,
                  double divisor):
    """The adjoint of avg_pool; shape: that of the image."""
    cdef tg_pool s
    cdef int n = len(kernel)
    cdef str op = f"avg_pool{n}d_grad"
    windows(&s, op, image(g, shape), kernel, stride, padding, (1,) * n, ceil_mode)
    read_image(&s, op, g, shape[-n:], n)
    return spread(&s, op, g, n, padded, divisor)


def adaptive_avg_pool(TensorBase x not None, tuple size):
    """Mean of windows floor(o in / out) .. ceil((o + 1) in / out)."""
    cdef tg_pool s
    cdef str op = f"adaptive_avg_pool{len(size)}d"
    adapt(&s, op, x, size)
    return average(&s, op, x, len(size), False, 0)


def adaptive_avg_pool_grad(TensorBase g, tuple shape, tuple size):
    """The adjoint of adaptive_avg_pool; shape: that of the image."""
    cdef tg_pool s
    cdef int n = len(size)
    cdef str op = f"adaptive_avg_pool{n}d_grad"
    adapt(&s, op, image(g, shape), size)
    read_image(&s, op, g, shape[-n:], n)
    return spread(&s, op, g, n, False, 0)


cdef TensorBase image(TensorBase g, tuple shape):
    """A tensor object of the image's shape without memory of its own, for the checks: never read or written."""
    cdef TensorBase x = TensorBase.__new__(TensorBase)
    cdef int i
    if len(shape) != g.v.ndim:
        raise ShapeError(f"pool: gradient of shape {shape_of(g)} for an image of shape {shape}")
    x.v.dtype, x.v.ndim = g.v.dtype, g.v.ndim
    for i in range(x.v.ndim):
        x.v.shape[i] = shape[i]
    return x


def pool_put(TensorBase g not None, TensorBase index not None, tuple size):
    """x = 0 but the sum of g where index says, each plane of `size` for itself."""
    cdef tg_pool s
    cdef int n = len(size), dtype = real_dtype("pool_put", g), status, i
    cdef int64_t elements = 1, out = 1, planes = 1
    cdef TensorBase gs, at, x
    if not same_shape(g, index) or g.v.ndim < n:
        raise ShapeError(f"max_pool{n}d: indices of shape {shape_of(index)} for values of shape {shape_of(g)}")
    read_sizes(size, n, 0, 1, s.size, f"max_pool{n}d", "size", g)
    for i in range(n):
        elements *= s.size[3 - n + i]
        out *= g.v.shape[g.v.ndim - n + i]
    gs, at, x = as_operand(g, dtype), as_operand(index, TG_I32), result(dtype, g, n, s.size)
    for i in range(g.v.ndim - n):
        planes *= g.v.shape[i]
    with nogil:
        status = tg_pool_put(dtype, planes, elements, out, gs.v.data, <const int32_t *>at.v.data, x.v.data)
    check(status, "max_unpool", f"; an image has size {size}")
    return cast(x, g.v.dtype)


def pool_take(TensorBase x not None, TensorBase index not None, int n):
    """y = x at index, each plane of the last n dimensions for itself."""
    cdef int dtype = real_dtype("pool_take", x), status, i
    cdef int64_t elements = 1, out = 1, planes = 1
    cdef int64_t sizes[3]
    cdef TensorBase xs, at, y
    if x.v.ndim != index.v.ndim or x.v.ndim < n or shape_of(x)[:-n] != shape_of(index)[:-n]:
        raise ShapeError(f"max_pool{n}d: indices of shape {shape_of(index)} for images of shape {shape_of(x)}")
    for i in range(n):
        elements *= x.v.shape[x.v.ndim - n + i]
        sizes[3 - n + i] = index.v.shape[x.v.ndim - n + i]
        out *= sizes[3 - n + i]
    xs, at, y = as_operand(x, dtype), as_operand(index, TG_I32), result(dtype, x, n, sizes)
    for i in range(x.v.ndim - n):
        planes *= x.v.shape[i]
    with nogil:
        status = tg_pool_take(dtype, planes, elements, out, xs.v.data, <const int32_t *>at.v.data, y.v.data)
    check(status, "max_pool", "")
    return cast(y, x.v.dtype)
