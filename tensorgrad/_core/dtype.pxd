from .csrc cimport int64_t


cdef class dtype:
    cdef readonly str name
    cdef readonly int code           # enum tg_dtype
    cdef readonly int itemsize
    cdef readonly bint is_floating_point
    cdef readonly bint is_signed


cdef dtype dtype_of(int code)        # the singleton of a code
cdef int promote(int a, int b) noexcept      # torch.promote_types, on codes
cdef int default_float() noexcept            # code of get_default_dtype()
cdef bint is_float(int code) noexcept
cdef int compute_dtype(int code) noexcept    # float16 and bfloat16 are computed in float32
