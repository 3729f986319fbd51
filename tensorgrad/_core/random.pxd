from .csrc cimport tg_rng


cdef class Generator:
    cdef tg_rng rng
