from ..csrc cimport int64_t
from ..tensor cimport TensorBase


cdef int read_sizes(tuple values, int n, int64_t low, int64_t fill, int64_t *out, str op, str name, TensorBase x) except -1
