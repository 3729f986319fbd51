"""Reading and writing at places: row-major positions in the indexed dimensions of a tensor. No graph here.

A record keeps the places, an int64 tensor of its own that was checked when it was made, never the user's index tensor:
so nothing that happens to an index later can make a gradient wrong.
"""

from ..csrc cimport (TG_BAD_INDEX, TG_BOOL, TG_I64, TG_MAX_DIMS, TG_PUT_ADD, TG_PUT_MAX, TG_PUT_MIN, TG_PUT_MUL,
                     TG_PUT_WRITE, int64_t, tg_alloc, tg_bad_index, tg_free, tg_index_places,
                     tg_index_put, tg_index_take, tg_nonzero, tg_nonzero_count, tg_view, tg_zero, uint8_t)
from ..dtype cimport dtype_of, is_float
from ..graph cimport check_in_place
from ..tensor cimport (TensorBase, as_operand, cast, check, copy_of, new_shaped, new_tensor, numel, shape_of, wrap_dim)

from ..errors import DTypeError, OutOfMemoryError, OutOfRangeError, ShapeError

cdef dict MODES = {"write": TG_PUT_WRITE, "add": TG_PUT_ADD, "mul": TG_PUT_MUL, "max": TG_PUT_MAX, "min": TG_PUT_MIN}


cdef TensorBase integers(object index, str name):
    """The index as int64. Errors: DTypeError for floats and bools."""
    cdef TensorBase i = <TensorBase?>index
    if is_float(i.v.dtype) or i.v.dtype == TG_BOOL:
        raise DTypeError(f"{name}: an index must be of an integer dtype, got {dtype_of(i.v.dtype)}")
    return cast(i, TG_I64)


cdef TensorBase make_places(int ndim, const int64_t *shape, const int64_t *base, list indices, const int64_t *sizes,
                            const int64_t *strides, bint wrap, str name, tuple x_shape, tuple dims):
    cdef TensorBase places = new_tensor(TG_I64, ndim, shape)
    cdef tg_view views[TG_MAX_DIMS]
    cdef const tg_view *pointers[TG_MAX_DIMS]
    cdef int k = len(indices), c, d, e, status, failed = 0
    cdef TensorBase i
    for c in range(k):
        i = <TensorBase>indices[c]
        views[c] = i.v
        for d in range(ndim):  # broadcast, right-aligned
            e = d - (ndim - i.v.ndim)
            views[c].shape[d] = shape[d]
            views[c].strides[d] = 0 if e < 0 or i.v.shape[e] == 1 else i.v.strides[e]
        views[c].ndim = ndim
        pointers[c] = &views[c]
    with nogil:
        status = tg_index_places(ndim, shape, base, k, pointers, sizes, strides, wrap, <int64_t *>places.v.data,
                                 &failed)
    if status == TG_BAD_INDEX:
        raise OutOfRangeError(f"{name}: index {tg_bad_index()} is out of range [{-sizes[failed] if wrap else 0}, "
                              f"{sizes[failed] - 1}] for dimension {dims[failed]} of a tensor of shape {x_shape}")
    check(status, name)
    return places


def places(tuple x_shape, tuple dims, list indices, str name, bint wrap=True):
    """Places of the index tensors, broadcast together, in dims of a tensor of x_shape.

    Errors: ShapeError where they do not broadcast, OutOfRangeError (before anything else is done), DTypeError.
    """
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t sizes[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int64_t step = 1
    cdef int c, d, e, ndim = 0
    cdef TensorBase i
    indices = [integers(j, name) for j in indices]
    for i in indices:
        ndim = max(ndim, i.v.ndim)
    for d in range(ndim):
        shape[d] = 1
    for i in indices:
        for e in range(i.v.ndim):
            d = e + ndim - i.v.ndim
            if shape[d] == 1:
                shape[d] = i.v.shape[e]
            elif i.v.shape[e] != 1 and i.v.shape[e] != shape[d]:
                raise ShapeError(f"{name}: index tensors of shapes {[shape_of(j) for j in indices]} cannot be broadcast "
                                 "together")
    for c in range(len(dims) - 1, -1, -1):
        sizes[c] = x_shape[dims[c]]
        strides[c] = step
        step *= sizes[c]
    return make_places(ndim, shape, NULL, indices, sizes, strides, wrap, name, x_shape, dims)


def places_flat(int64_t size, index, str name):
    """Places of an index into a tensor of `size` elements seen as one row; negative ones count from the end."""
    cdef TensorBase i = integers(index, name)
    cdef int64_t one = 1
    return make_places(i.v.ndim, i.v.shape, NULL, [i], &size, &one, True, name, (size,), (0,))


def places_along(tuple x_shape, int64_t dim, index, str name):
    """Places in all dimensions of a tensor of x_shape: index[i][j][k] replaces the position along dim, i, j, k are the rest.

    Errors: ShapeError unless index has as many dimensions and at most these sizes elsewhere; OutOfRangeError.
    """
    cdef int64_t base[TG_MAX_DIMS]
    cdef int64_t step = 1, size = 1, stride = 1, n
    cdef TensorBase i = integers(index, name)
    cdef int ndim = len(x_shape), d = wrap_dim(dim, ndim, name), e
    if max(ndim, 1) != max(i.v.ndim, 1):
        if numel(i) == 0:
            return i
        raise ShapeError(f"{name}: index of shape {shape_of(i)} and input of shape {x_shape} must have as many dimensions")
    base[0] = 0
    for e in range(ndim - 1, -1, -1):
        n = x_shape[e]
        if e == d:
            size, stride, base[e] = n, step, 0
        else:
            base[e] = step
            if i.v.shape[e] > n:
                raise ShapeError(f"{name}: index of shape {shape_of(i)} is larger than the input of shape {x_shape} in "
                                 f"dimension {e}, which is not dim {d}")
        step *= n
    return make_places(i.v.ndim, i.v.shape, base, [i], &size, &stride, False, name, x_shape, (d,))


cdef class Geometry:
    """x taken apart: the indexed dimensions, the rest, and where the places stand in the other operand."""
    cdef int k
    cdef int64_t sizes[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef tg_view rest
    cdef int64_t shape[TG_MAX_DIMS]  # of the other operand: the rest, with the shape of the places put in at `at`
    cdef int ndim

    cdef int take_apart(self, TensorBase x, TensorBase p, tuple dims, int at) except -1:
        cdef int d, i, n = 0
        self.k = len(dims)
        self.rest.data = x.v.data
        self.rest.dtype = x.v.dtype
        for i in range(self.k):
            d = dims[i]
            self.sizes[i] = x.v.shape[d]
            self.strides[i] = x.v.strides[d]
        for d in range(x.v.ndim):
            if d not in dims:
                self.rest.shape[n] = x.v.shape[d]
                self.rest.strides[n] = x.v.strides[d]
                n += 1
        self.rest.ndim = n
        self.ndim = n + p.v.ndim
        if self.ndim > TG_MAX_DIMS:
            raise ShapeError(f"index: the result has {self.ndim} dimensions, at most {TG_MAX_DIMS} are possible")
        for i in range(self.ndim):
            self.shape[i] = (self.rest.shape[i] if i < at else p.v.shape[i - at] if i < at + p.v.ndim
                             else self.rest.shape[i - p.v.ndim])
        return 0

    cdef int64_t other(self, TensorBase y, int places_ndim, int at, tg_view *rest):
        """The rest dimensions of y (of self.shape, its places' dimensions joined), and the stride from place to place."""
        cdef int i, n = 0
        rest.data = y.v.data
        rest.dtype = y.v.dtype
        for i in range(self.ndim):
            if i < at or i >= at + places_ndim:
                rest.shape[n] = y.v.shape[i]
                rest.strides[n] = y.v.strides[i]
                n += 1
        rest.ndim = n
        return y.v.strides[at + places_ndim - 1] if places_ndim else 0


def take(TensorBase x not None, TensorBase places not None, tuple dims, int at):
    """y[..., p, ...] = x at places[p] of dims: x's other dimensions, with the shape of places put in at `at`."""
    cdef Geometry geometry = Geometry()
    cdef TensorBase y
    cdef tg_view rest
    cdef int64_t row, n
    cdef int status
    geometry.take_apart(x, places, dims, at)
    y = new_tensor(x.v.dtype, geometry.ndim, geometry.shape)
    row = geometry.other(y, places.v.ndim, at, &rest)
    if numel(y):
        n = numel(places)
        with nogil:
            status = tg_index_take(n, <int64_t *>places.v.data, geometry.k, geometry.sizes, geometry.strides,
                                   &geometry.rest, &rest, row)
        check(status, "index")
    return y


cdef TensorBase broadcast_to(TensorBase v, int dtype, int ndim, const int64_t *shape, int at, int places_ndim,
                             str name):
    """v as an operand of that shape: a window with strides of 0 where it is broadcast, a copy if its places do not join."""
    cdef TensorBase y
    cdef int d, e
    cdef bint joined = True
    v = cast(v, dtype)
    y = new_tensor(dtype, 0, NULL)
    y.storage = v.storage
    y.v = v.v
    if v.v.ndim > ndim:
        for e in range(v.v.ndim - ndim):
            if v.v.shape[e] != 1:
                raise ShapeError(f"{name}: a value of shape {shape_of(v)} does not fit the indexed shape "
                                 f"{tuple([shape[d] for d in range(ndim)])}")
    for d in range(ndim):
        e = d - ndim + v.v.ndim
        if e >= 0 and v.v.shape[e] != shape[d] and v.v.shape[e] != 1:
            raise ShapeError(f"{name}: a value of shape {shape_of(v)} does not fit the indexed shape "
                             f"{tuple([shape[d] for d in range(ndim)])}")
        y.v.strides[d] = 0 if e < 0 or v.v.shape[e] == 1 else v.v.strides[e]
        y.v.shape[d] = shape[d]
    y.v.ndim = ndim
    for d in range(at, at + places_ndim - 1):
        if y.v.strides[d] != y.v.strides[d + 1] * y.v.shape[d + 1]:
            joined = False
    return y if joined else copy_of(y)


def put_(TensorBase x not None, TensorBase v not None, TensorBase places not None, tuple dims, int at, str mode, str name="index_put_"):
    """x at places = v (mode write), x += v (add), *= (mul), max, min, in place; v is broadcast. Outside the graph.

    Errors: ShapeError; x is untouched then.
    """
    cdef Geometry geometry = Geometry()
    cdef TensorBase y
    cdef tg_view rest
    cdef int64_t row, n
    cdef int status, how = MODES[mode]
    geometry.take_apart(x, places, dims, at)
    y = broadcast_to(v, x.v.dtype, geometry.ndim, geometry.shape, at, places.v.ndim, name)
    if y.storage is x.storage:
        y = copy_of(y)
    row = geometry.other(y, places.v.ndim, at, &rest)
    if numel(y):
        n = numel(places)
        with nogil:
            status = tg_index_put(how, n, <int64_t *>places.v.data, geometry.k, geometry.sizes, geometry.strides,
                                  &geometry.rest, &rest, row)
        check(status, name)
    return x


def put(TensorBase x not None, TensorBase v not None, TensorBase places not None, tuple dims, int at, str mode, str name="index_put"):
    """A copy of x with v put in."""
    return put_(copy_of(x), v, places, dims, at, mode, name)


def embed(TensorBase g not None, TensorBase places not None, tuple dims, int at, tuple shape):
    """Zeros of `shape` with g added at the places: the adjoint of take."""
    cdef TensorBase x = new_shaped(g.v.dtype, shape)
    tg_zero(x.v.data, x.storage.size)
    return put_(x, g, places, dims, at, "add", "embed")


def nonzero(TensorBase x not None, bint flat=False):
    """The indices of every element that is not zero, row-major: [count, ndim]; flat: positions [count]."""
    cdef TensorBase mask = as_operand(x, TG_BOOL), y
    cdef int64_t n = numel(x), count
    cdef int64_t shape[2]
    cdef int64_t *starts = <int64_t *>tg_alloc((n // 65536 + 1) * 8)
    if starts == NULL:
        raise OutOfMemoryError(f"nonzero: cannot allocate the workspace for shape {shape_of(x)}")
    try:
        with nogil:
            count = tg_nonzero_count(n, <uint8_t *>mask.v.data, starts)
        shape[0] = count
        shape[1] = x.v.ndim
        y = new_tensor(TG_I64, 1 if flat else 2, shape)
        if flat:
            with nogil:
                tg_nonzero(n, <uint8_t *>mask.v.data, starts, 1, &n, <int64_t *>y.v.data)
        elif x.v.ndim:
            with nogil:
                tg_nonzero(n, <uint8_t *>mask.v.data, starts, x.v.ndim, mask.v.shape, <int64_t *>y.v.data)
    finally:
        tg_free(starts)
    return y


def write_(TensorBase x not None, TensorBase v not None, TensorBase places not None, tuple dims, int at, str mode, str name):
    """put_ as a user's in-place operation where no graph is wanted: refused on read-only and expanded memory, counted as
    a new version."""
    check_in_place(x, name)
    put_(x, v, places, dims, at, mode, name)
    x.storage.version += 1
    return x
