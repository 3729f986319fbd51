"""Views (new windows on the same memory) and the few copies that only move elements. No graph here.

Every function checks its arguments; geometry that would reach outside the input's memory is refused.
"""

from libc.string cimport memset

from ..csrc cimport TG_MAX_DIMS, int64_t, tg_copy, tg_itemsize, tg_join, tg_view, tg_zero
from ..dtype cimport dtype as DType, promote
from ..maps cimport add_into
from ..tensor cimport (TensorBase, alias, cast, check, copy_of, is_contiguous, new_shaped, new_tensor, new_view,
                       numel, overlaps_itself, same_shape, shape_from, shape_of, wrap_dim)

from ..errors import ArgumentError, OutOfRangeError, ShapeError


# ---- views ----

def as_strided(TensorBase x not None, tuple size, tuple stride, int64_t offset, layout=None):
    """y[i, j, ...] = memory(x)[offset + i*stride[0] + j*stride[1] + ...], offset from x's first element.

    layout: the strides x must have for this to mean the same (backward passes get contiguous gradients of a permuted
    base); where x has others it is laid out anew first.
    """
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int64_t last = offset, item = tg_itemsize(x.v.dtype), start
    cdef int i, ndim = shape_from(size, shape, "as_strided")
    cdef bint empty = False
    if len(stride) != ndim:
        raise ShapeError(f"as_strided: {ndim} sizes {size} but {len(stride)} strides {stride}")
    shape_from(stride, strides, "as_strided")
    if layout is not None:
        x = laid_out(x, layout)
    for i in range(ndim):
        if shape[i] < 0 or strides[i] < 0:
            raise ArgumentError(f"as_strided: sizes and strides must not be negative, got {size} and {stride}")
        if shape[i] == 0:
            empty = True
        elif strides[i] and shape[i] - 1 > (<int64_t>1 << 60) // strides[i]:
            raise ArgumentError(f"as_strided: size {size} with strides {stride} is too large")
        else:
            last += (shape[i] - 1) * strides[i]
            if last > <int64_t>1 << 60:
                raise ArgumentError(f"as_strided: size {size} with strides {stride} is too large")
    start = x.v.data - x.storage.data
    if not empty and (start + offset * item < 0 or start + (last + 1) * item > x.storage.size):
        raise ArgumentError(f"as_strided: size {size}, strides {stride} and offset {offset} reach outside the storage of "
                            f"{x.storage.size} bytes behind a tensor of shape {shape_of(x)}")
    return new_view(x, ndim, shape, strides, 0 if empty else offset)


cdef TensorBase laid_out(TensorBase x, tuple layout):
    cdef TensorBase y
    cdef int i
    cdef bint same = True
    for i in range(x.v.ndim):
        if x.v.shape[i] > 1 and x.v.strides[i] != layout[i]:
            same = False
    if same:
        return x
    y = new_tensor(x.v.dtype, x.v.ndim, x.v.shape)
    for i in range(x.v.ndim):
        y.v.strides[i] = layout[i]
    check(tg_copy(&y.v, &x.v), "as_strided")
    return y


def permute(TensorBase x not None, tuple dims):
    """y = x with its dimensions in the order `dims`."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int i, d, seen = 0
    if len(dims) != x.v.ndim:
        raise ShapeError(f"permute: {len(dims)} dims {dims} for a tensor of shape {shape_of(x)}")
    for i in range(x.v.ndim):
        d = wrap_dim(dims[i], x.v.ndim, "permute")
        if seen >> d & 1:
            raise ArgumentError(f"permute: dim {dims[i]} appears twice in {dims}")
        seen |= 1 << d
        shape[i] = x.v.shape[d]
        strides[i] = x.v.strides[d]
    return new_view(x, x.v.ndim, shape, strides, 0)


def transpose(TensorBase x not None, dim0, dim1):
    """y = x with two dimensions exchanged."""
    cdef int a = wrap_dim(dim0, x.v.ndim, "transpose"), b = wrap_dim(dim1, x.v.ndim, "transpose")
    cdef TensorBase y = alias(x)
    if x.v.ndim:
        y.v.shape[a], y.v.shape[b] = x.v.shape[b], x.v.shape[a]
        y.v.strides[a], y.v.strides[b] = x.v.strides[b], x.v.strides[a]
    return y


def expand(TensorBase x not None, tuple size):
    """y[..., i, ...] = x[..., 0, ...] along dimensions of size 1; new dimensions in front; -1 keeps a size."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int i, k, ndim = shape_from(size, shape, "expand"), new = ndim - x.v.ndim
    if new < 0:
        raise ShapeError(f"expand: {size} has fewer dimensions than the tensor's shape {shape_of(x)}")
    for i in range(ndim):
        k = i - new
        if k < 0:
            if shape[i] < 0:
                raise ShapeError(f"expand: size {shape[i]} for a new dimension {i} in {size}")
            strides[i] = 0
        elif shape[i] == -1 or shape[i] == x.v.shape[k]:
            shape[i] = x.v.shape[k]
            strides[i] = x.v.strides[k]
        elif x.v.shape[k] == 1 and shape[i] >= 0:
            strides[i] = 0
        else:
            raise ShapeError(f"expand: shape {shape_of(x)} cannot be expanded to {size}: size {x.v.shape[k]} of "
                             f"dimension {k} is not 1")
    return new_view(x, ndim, shape, strides, 0)


def select(TensorBase x not None, int64_t dim, index):
    """y = x[..., index, ...]: the dimension goes away."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int64_t k
    cdef int i, n = 0, d
    if x.v.ndim == 0:
        raise OutOfRangeError("select: a tensor without dimensions has nothing to select from")
    d = wrap_dim(dim, x.v.ndim, "select")
    try:
        k = index
    except OverflowError:
        raise OutOfRangeError(f"select: index {index} is out of range for dimension {d} of size {x.v.shape[d]}") from None
    if k < -x.v.shape[d] or k >= x.v.shape[d]:
        raise OutOfRangeError(f"select: index {index} is out of range [{-x.v.shape[d]}, {x.v.shape[d] - 1}] for dimension {d} of a "
                              f"tensor of shape {shape_of(x)}")
    if k < 0:
        k += x.v.shape[d]
    for i in range(x.v.ndim):
        if i != d:
            shape[n] = x.v.shape[i]
            strides[n] = x.v.strides[i]
            n += 1
    return new_view(x, n, shape, strides, k * x.v.strides[d])


def slice(TensorBase x not None, int64_t dim, start, end, int64_t step):
    """y = x[..., start:end:step, ...] with Python's clipping; step > 0."""
    cdef int d = wrap_dim(dim, x.v.ndim, "slice")
    cdef TensorBase y
    cdef int64_t n, a, b
    if x.v.ndim == 0:
        raise OutOfRangeError("slice: a tensor without dimensions cannot be sliced")
    if step < 1:
        raise ArgumentError(f"slice: step must be positive, got {step}")
    n = x.v.shape[d]
    a = clip(start, 0, n)
    b = clip(end, n, n)
    y = new_view(x, x.v.ndim, x.v.shape, x.v.strides, a * x.v.strides[d] if a < n else 0)
    y.v.shape[d] = 0 if b <= a else (b - a - 1) // step + 1
    if step > 1 and y.v.shape[d] > 1:
        y.v.strides[d] *= step
    elif step > 1:
        y.v.strides[d] = y.v.strides[d] * min(step, n)
    return y


cdef int64_t clip(object bound, int64_t missing, int64_t n) except -1:
    if bound is None:
        return missing
    if bound < 0:
        bound = bound + n
    return 0 if bound < 0 else n if bound > n else bound


def unsqueeze(TensorBase x not None, int64_t dim):
    """y = x with a dimension of size 1 inserted before dim."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int d = wrap_dim(dim, x.v.ndim + 1, "unsqueeze"), i
    if x.v.ndim == TG_MAX_DIMS:
        raise ShapeError(f"unsqueeze: the tensor has {TG_MAX_DIMS} dimensions already")
    for i in range(x.v.ndim + 1):
        if i == d:
            shape[i] = 1
            strides[i] = x.v.shape[i] * x.v.strides[i] if i < x.v.ndim else 1
        else:
            shape[i] = x.v.shape[i - (i > d)]
            strides[i] = x.v.strides[i - (i > d)]
    return new_view(x, x.v.ndim + 1, shape, strides, 0)


def squeeze(TensorBase x not None, tuple dims):
    """y = x without those of the dims whose size is 1."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int i, n = 0, drop = 0
    for d in dims:
        drop |= 1 << wrap_dim(d, x.v.ndim, "squeeze")
    for i in range(x.v.ndim):
        if not (drop >> i & 1 and x.v.shape[i] == 1):
            shape[n] = x.v.shape[i]
            strides[n] = x.v.strides[i]
            n += 1
    return new_view(x, n, shape, strides, 0)


cdef int resolve(TensorBase x, tuple size, int64_t *shape, str op) except -1:
    """size with its -1 worked out; returns the number of dimensions."""
    cdef int i, unknown = -1, ndim = shape_from(size, shape, op)
    cdef int64_t known = 1, n = numel(x)
    for i in range(ndim):
        if shape[i] == -1:
            if unknown >= 0:
                raise ShapeError(f"{op}: only one size of {size} can be -1")
            unknown = i
        elif shape[i] < 0:
            raise ShapeError(f"{op}: size {shape[i]} in {size}")
        elif shape[i] and known > (<int64_t>1 << 60) // shape[i]:
            raise ShapeError(f"{op}: shape {size} does not fit {n} elements of shape {shape_of(x)}")
        else:
            known *= shape[i]
    if unknown >= 0:
        if known == 0:
            raise ShapeError(f"{op}: -1 is ambiguous in {size} for a tensor of {n} elements")
        shape[unknown] = n // known
        known *= shape[unknown]
    if known != n:
        raise ShapeError(f"{op}: shape {size} does not fit {n} elements of shape {shape_of(x)}")
    return ndim


cdef bint restride(TensorBase x, int ndim, const int64_t *shape, int64_t *strides) noexcept:
    """Strides of x's memory seen with another shape; False where it needs a copy. Walks both shapes from the right in
    chunks that lie densely in memory."""
    cdef int d = x.v.ndim - 1, i = ndim - 1
    cdef int64_t inside, base, viewed
    if numel(x) == 0 or x.v.ndim == 0:
        inside = 1
        for i in range(ndim - 1, -1, -1):
            strides[i] = inside
            inside *= shape[i] if shape[i] > 1 else 1
        return True
    while d >= 0:
        base = x.v.strides[d]
        inside = x.v.shape[d]
        while d > 0 and (x.v.shape[d - 1] == 1 or x.v.strides[d - 1] == inside * base or inside == 1):
            d -= 1
            if x.v.shape[d] != 1:
                if inside == 1:
                    base = x.v.strides[d]
                inside *= x.v.shape[d]
        viewed = 1
        while i >= 0 and (viewed < inside or shape[i] == 1):
            strides[i] = viewed * base
            viewed *= shape[i]
            i -= 1
        if viewed != inside:
            return False
        d -= 1
    return i < 0


def view(TensorBase x not None, tuple size):
    """x's memory with another shape of the same number of elements."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int ndim = resolve(x, size, shape, "view")
    if not restride(x, ndim, shape, strides):
        raise ShapeError(f"view: a tensor of shape {shape_of(x)} and strides {x.stride()} cannot be seen as {size} without a "
                         "copy; use reshape()")
    return new_view(x, ndim, shape, strides, 0)


def viewable(TensorBase x not None, tuple size):
    """Whether view(x, size) would work. Errors: ShapeError where the number of elements differs."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int ndim = resolve(x, size, shape, "reshape")
    return bool(restride(x, ndim, shape, strides))


def unfold(TensorBase x not None, int64_t dimension, int64_t size, int64_t step):
    """y[..., i, ..., k] = x[..., i * step + k, ...]: windows of `size` along a dimension, in a new last one."""
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int d = wrap_dim(dimension, x.v.ndim, "unfold"), i
    cdef int64_t n = x.v.shape[d] if x.v.ndim else 1
    if x.v.ndim == TG_MAX_DIMS:
        raise ShapeError(f"unfold: the tensor has {TG_MAX_DIMS} dimensions already")
    if size < 0 or size > n or step < 1:
        raise ArgumentError(f"unfold: size {size} must be in [0, {n}] and step {step} positive for dimension {dimension} of a tensor "
                            f"of shape {shape_of(x)}")
    for i in range(x.v.ndim):
        shape[i] = x.v.shape[i]
        strides[i] = x.v.strides[i]
    if x.v.ndim:
        shape[d] = (n - size) // step + 1
        strides[d] = x.v.strides[d] * min(step, n if n else 1)
    shape[x.v.ndim] = size
    strides[x.v.ndim] = x.v.strides[d] if x.v.ndim else 1
    return new_view(x, x.v.ndim + 1, shape, strides, 0)


def diagonal(TensorBase x not None, int64_t offset, dim1, dim2):
    """y[..., i] = x[..., i, ..., i + offset, ...]: the diagonal of two dimensions, in a new last one."""
    cdef int a = wrap_dim(dim1, x.v.ndim, "diagonal"), b = wrap_dim(dim2, x.v.ndim, "diagonal"), i, n = 0
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int64_t rows, cols, length
    if a == b or x.v.ndim < 2:
        raise ShapeError(f"diagonal: dims {dim1} and {dim2} of a tensor of shape {shape_of(x)} must be two different ones")
    for i in range(x.v.ndim):
        if i != a and i != b:
            shape[n] = x.v.shape[i]
            strides[n] = x.v.strides[i]
            n += 1
    rows, cols = x.v.shape[a], x.v.shape[b]
    if offset >= 0:
        length = max(min(rows, cols - min(offset, cols)), 0)
    else:
        length = max(min(rows - min(-offset, rows), cols), 0)
    shape[n] = length
    strides[n] = x.v.strides[a] + x.v.strides[b]
    return new_view(x, n + 1, shape, strides,
                    0 if length == 0 else offset * x.v.strides[b] if offset >= 0 else -offset * x.v.strides[a])


# ---- copies ----

def clone(TensorBase x not None):
    """A contiguous copy."""
    return copy_of(x)


def to_dtype(TensorBase x not None, DType dtype):
    """A copy with another dtype."""
    return cast(x, dtype.code)


cdef int add_window(TensorBase window, TensorBase g) except -1:
    """window += g where elements of the window may share memory: split until no two of them do."""
    cdef int i, d = -1
    cdef int64_t k
    if not overlaps_itself(window):
        return add_into(window, g)
    for i in range(window.v.ndim):
        if window.v.shape[i] > 1 and (d < 0 or window.v.shape[i] < window.v.shape[d]):
            d = i
    for k in range(window.v.shape[d]):
        add_window(select(window, d, k), select(g, d, k))
    return 0


def embed(TensorBase g not None, tuple shape, window, dict geometry):
    """y = zeros(shape) with g added in window.forward(y, **geometry): the adjoint of taking that window."""
    cdef TensorBase y = new_shaped(g.v.dtype, shape)
    cdef int i
    layout = geometry.get("layout")
    if layout is not None:
        for i in range(y.v.ndim):
            y.v.strides[i] = layout[i]
    tg_zero(y.storage.data, y.storage.size)
    add_window(window.forward(y, **geometry), g)
    return y


def scatter_window(TensorBase x not None, TensorBase v not None, window, dict geometry):
    """y = x with v written in window.forward(y, **geometry)."""
    cdef TensorBase y = copy_of(x), w
    layout = geometry.get("layout")
    if layout is not None:
        y = laid_out(y, layout)
    w = window.forward(y, **geometry)
    if not same_shape(w, v):
        raise ShapeError(f"scatter: the window has shape {shape_of(w)}, the values {shape_of(v)}")
    check(tg_copy(&w.v, &v.v), "scatter")
    return y


cdef enum:
    JOINED = 64  # parts that are copied in one go


def cat(*xs, int64_t dim):
    """y = xs one after the other along dim; empty tensors of shape (0,) are skipped, as in PyTorch."""
    cdef TensorBase x, y, first = None
    cdef tg_view part
    cdef int64_t total = 0
    cdef int d = 0, i, status, code = -1, count
    cdef const char *data[JOINED]
    cdef int64_t widths[JOINED]
    cdef int64_t outer = 1
    cdef list parts = []
    for x in xs:
        code = x.v.dtype if code < 0 else promote(code, x.v.dtype)
        if x.v.ndim == 1 and x.v.shape[0] == 0:
            continue
        if x.v.ndim == 0:
            raise ShapeError("cat: tensors without dimensions cannot be joined; use stack()")
        if first is None:
            first = x
            d = wrap_dim(dim, x.v.ndim, "cat")
        if x.v.ndim != first.v.ndim:
            raise ShapeError(f"cat: shapes {[shape_of(t) for t in xs]} differ in their number of dimensions")
        for i in range(x.v.ndim):
            if i != d and x.v.shape[i] != first.v.shape[i]:
                raise ShapeError(f"cat: shapes {[shape_of(t) for t in xs]} differ outside dim {d}")
        total += x.v.shape[d]
        parts.append(x)
    if code < 0:
        raise ArgumentError("cat: expected at least one tensor")
    if first is None:
        return new_shaped(code, (0,))
    y = new_view(first, first.v.ndim, first.v.shape, first.v.strides, 0)
    y.v.shape[d] = total
    y = new_tensor(code, y.v.ndim, y.v.shape)
    if len(parts) <= JOINED and all([x.v.dtype == code and is_contiguous(x) for x in parts]):
        count = <int>len(parts)
        for i in range(d):
            outer *= first.v.shape[i]
        for i in range(count):
            x = <TensorBase>parts[i]
            data[i], widths[i] = x.v.data, numel(x) * tg_itemsize(code) // max(outer, 1)
        with nogil:
            status = tg_join(outer, count, data, widths, y.v.data)
        check(status, "cat")
        return y
    part = y.v
    for x in parts:
        part.shape[d] = x.v.shape[d]
        with nogil:
            status = tg_copy(&part, &x.v)
        check(status, "cat")
        part.data += x.v.shape[d] * y.v.strides[d] * tg_itemsize(code)
    return y


def flip(TensorBase x not None, tuple dims):
    """y[i] = x[n - 1 - i] along each of the dims."""
    cdef TensorBase v = alias(x)
    cdef int d, seen = 0
    for dim in dims:
        d = wrap_dim(dim, x.v.ndim, "flip")
        if seen >> d & 1:
            raise ArgumentError(f"flip: dim {dim} appears twice in {dims}")
        seen |= 1 << d
        if x.v.ndim and numel(x):
            v.v.data += (x.v.shape[d] - 1) * x.v.strides[d] * tg_itemsize(x.v.dtype)
            v.v.strides[d] = -x.v.strides[d]
    return copy_of(v)


def triangle(TensorBase x not None, int64_t diagonal, bint upper):
    """y = x above (upper) or below a diagonal of its last two dimensions, zero elsewhere."""
    cdef TensorBase y
    cdef int64_t rows, cols, i, cut, item = tg_itemsize(x.v.dtype)
    cdef char *p
    if x.v.ndim < 2:
        raise ShapeError(f"{'triu' if upper else 'tril'}: needs at least two dimensions, got shape {shape_of(x)}")
    y = copy_of(x)
    rows, cols = x.v.shape[x.v.ndim - 2], x.v.shape[x.v.ndim - 1]
    p = y.v.data
    if numel(x) == 0:
        return y
    diagonal = max(-rows - 1, min(cols + 1, diagonal))
    for _ in range(numel(x) // (rows * cols)):
        for i in range(rows):
            if upper:
                cut = max(0, min(cols, i + diagonal))
                memset(p, 0, cut * item)
            else:
                cut = max(0, min(cols, i + diagonal + 1))
                memset(p + cut * item, 0, (cols - cut) * item)
            p += cols * item
    return y
