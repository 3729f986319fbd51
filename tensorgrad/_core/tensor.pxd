from .csrc cimport int64_t, tg_view
from .storage cimport Storage


cdef class TensorBase:
    cdef tg_view v                   # data pointer (offset included), dtype code, ndim, shape, strides in elements
    cdef Storage storage
    cdef bint wants_grad             # a leaf that requires grad
    cdef int output_nr               # which output of `node` this is
    cdef object node                 # the graph Node that made it (or a leaf's accumulation Node once there is one), or None
    cdef object grad_                # the accumulated gradient of a leaf, or None
    cdef TensorBase base             # the tensor this one is a differentiable view of, or None
    cdef int64_t node_version        # views: storage.version for which `node` is right
    cdef object hooks                # dict of hooks on a leaf, or None
    cdef dict __dict__
    cdef object __weakref__


# A new contiguous tensor of the public class, memory uninitialised; checks sizes, raises OutOfMemoryError.
cdef TensorBase new_tensor(int dtype, int ndim, const int64_t *shape)
cdef TensorBase new_like(TensorBase x)                       # same shape and dtype, contiguous
# A window on x's memory, outside the graph; the caller vouches for the geometry. offset in elements from x's first.
cdef TensorBase new_view(TensorBase x, int ndim, const int64_t *shape, const int64_t *strides, int64_t offset)
cdef int64_t numel(TensorBase x) noexcept
cdef bint is_contiguous(TensorBase x) noexcept
cdef TensorBase contiguous(TensorBase x)                     # x itself where it is contiguous, else a copy; outside the graph
cdef TensorBase cast(TensorBase x, int dtype)                # x itself where it has the dtype, else a copy; outside the graph
cdef TensorBase as_operand(TensorBase x, int dtype)          # contiguous and of that dtype: what a structured kernel takes
cdef tuple shape_of(TensorBase x)
cdef int wrap_dim(int64_t dim, int ndim, str op) except -1   # -1 -> ndim - 1; OutOfRangeError names op, dim and range
cdef int check(int status, str op, object detail=*) except -1   # a driver's status as an exception
