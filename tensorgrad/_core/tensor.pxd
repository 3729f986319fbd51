from .csrc cimport int64_t, tg_view
from .storage cimport Storage


# Fills in the operators: set by apply.pyx, called by TensorBase's number slots.
ctypedef object (*operate_t)(int which, object a, object b)
cdef void set_operate(operate_t f) noexcept


cdef class TensorBase:
    cdef tg_view v                   # data pointer (offset included), dtype code, ndim, shape, strides in elements
    cdef Storage storage
    cdef bint wants_grad             # a leaf that requires grad
    cdef int output_nr               # which output of `node` this is
    cdef object node                 # the graph Node that made it (a leaf: its accumulation Node once there is one), or None
    cdef object grad_                # the accumulated gradient, or None
    cdef TensorBase base             # the tensor this one is a differentiable view of, or None
    cdef int64_t node_version        # views: the storage.version for which `node` is right
    cdef dict __dict__
    cdef object __weakref__

    cdef int real_dim(self, dim, str op) except -1


# A new contiguous tensor of the public class, memory uninitialised; checks sizes, raises OutOfMemoryError.
cdef TensorBase new_tensor(int dtype, int ndim, const int64_t *shape)
cdef TensorBase new_like(TensorBase x)                       # same shape and dtype, contiguous
cdef TensorBase new_shaped(int dtype, tuple shape)           # new_tensor from a Python tuple of ints
cdef TensorBase new_scalar(int dtype, object value)          # 0-d
# A window on x's memory, outside the graph; the caller vouches for the geometry. offset in elements from x's first.
cdef TensorBase new_view(TensorBase x, int ndim, const int64_t *shape, const int64_t *strides, int64_t offset)
cdef TensorBase alias(TensorBase x)                          # the same window, outside the graph
cdef int64_t numel(TensorBase x) noexcept
cdef bint is_contiguous(TensorBase x) noexcept
cdef bint same_shape(TensorBase x, TensorBase y) noexcept
cdef bint overlaps_itself(TensorBase x) noexcept             # two indices, one address: an expanded tensor
cdef TensorBase contiguous(TensorBase x)                     # x itself where it is contiguous, else a copy; outside the graph
cdef TensorBase copy_of(TensorBase x)                        # a contiguous copy, outside the graph
cdef TensorBase cast(TensorBase x, int dtype)                # x itself where it has the dtype, else a copy; outside the graph
cdef TensorBase as_operand(TensorBase x, int dtype)          # contiguous and of that dtype: what a structured kernel takes
cdef int fill(TensorBase x, object value) except -1          # x[...] = number, outside the graph
cdef int write_scalar(int dtype, object value, void *out) except -1   # a Python number as one element; range-checked
cdef object read_scalar(int dtype, const void *p)
cdef tuple shape_of(TensorBase x)
cdef int shape_from(object sizes, int64_t *shape, str op) except -1   # a sequence of ints into shape; returns ndim
cdef int wrap_dim(int64_t dim, int ndim, str op) except -1   # -1 -> ndim - 1; OutOfRangeError names op, dim and range
cdef int check(int status, str op, object detail=*) except -1   # a driver's status as an exception
cdef type tensor_class()
