from ..csrc cimport int64_t
from ..tensor cimport TensorBase


# What the kernels of rows, norms and losses share.
cdef int real_dtype(TensorBase x, str op, str name) except -1   # float32 or float64: what a float operand is computed in
cdef TensorBase like_input(TensorBase y, TensorBase x)          # a result in the input's dtype
cdef void *address(TensorBase x) noexcept nogil                       # NULL for None
cdef int64_t product(TensorBase x, int first, int last) noexcept   # of the sizes of dimensions [first, last)
