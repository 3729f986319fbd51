from ..tensor cimport TensorBase


cdef TensorBase sum_dims(TensorBase x, const bint *reduced, bint keepdim)
