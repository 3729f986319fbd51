from .tensor cimport TensorBase


cdef bint is_number(object x) noexcept                 # a Python bool, int or float
cdef int common_dtype(object a, object b, object c, object d) except -1      # torch.result_type of tensors and numbers
# out = map(a, b, c, d): operands are tensors, numbers or None behind the last; broadcast, computed in `common` (its compute
# dtype). With `out` given the result goes there (its shape must be the broadcast one).
cdef TensorBase run_map(int map, int common, object a, object b, object c, object d, TensorBase out, str name)
cdef int add_into(TensorBase x, TensorBase y) except -1   # x += y: same shape; no version, no graph
