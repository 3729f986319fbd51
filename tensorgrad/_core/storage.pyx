"""Memory of tensors: a block of the caching allocator, or memory that somebody else owns."""

from .csrc cimport TG_ROOM, tg_alloc, tg_free

from .errors import OutOfMemoryError

cimport cython


@cython.freelist(256)
@cython.no_gc
cdef class Storage:
    """Aligned bytes and a version counter that every in-place write raises. Source: torch.UntypedStorage."""

    def __dealloc__(self):
        if self.owner is None and self.data != self.room:
            tg_free(self.data)

    def data_ptr(self):
        """Address of the first byte."""
        return <size_t>self.data

    def nbytes(self):
        """Size in bytes."""
        return self.size

    def __len__(self):
        return self.size

    @property
    def _version(self):
        return self.version

    def __repr__(self):
        return f"<tensorgrad storage of {self.size} bytes>"


cdef Storage new_storage(int64_t nbytes):
    cdef Storage s = Storage.__new__(Storage)
    if TG_ROOM and nbytes <= TG_ROOM:
        s.data = s.room
    else:
        s.data = <char *>tg_alloc(nbytes)
        if s.data == NULL:
            raise OutOfMemoryError(f"tensor: cannot allocate {nbytes:,} bytes")
    s.size = nbytes
    return s


cdef Storage borrow_storage(void *data, int64_t nbytes, object owner, bint readonly):
    cdef Storage s = Storage.__new__(Storage)
    s.data = <char *>data
    s.size = nbytes
    s.owner = owner
    s.readonly = readonly
    return s
