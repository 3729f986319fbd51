from .csrc cimport TG_ROOM, int64_t


cdef class Storage:
    cdef char *data
    cdef int64_t size             # bytes
    cdef int64_t version         # bumped by every in-place write
    cdef object owner            # what keeps borrowed memory alive; None: the memory is tg_alloc's and ours
    cdef char room[TG_ROOM]      # the memory itself of a number or a few (no allocator on its way), at a multiple of 16 bytes
    cdef bint readonly           # borrowed from a read-only buffer


cdef Storage new_storage(int64_t nbytes)
cdef Storage borrow_storage(void *data, int64_t nbytes, object owner, bint readonly)
