"""Memory that processes share: an anonymous file that is mapped, known by its descriptor alone.

It has no name, so that nothing can be left behind: the system takes it back when the last process that holds the
descriptor or the mapping is gone, however it went.
"""

import os

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.dict cimport PyDict_GetItem
from cpython.ref cimport PyObject
from posix.mman cimport MAP_FAILED, MAP_SHARED, PROT_READ, PROT_WRITE, mmap, munmap

from .csrc cimport int64_t
from .dtype cimport dtype as DType
from .tensor cimport TensorBase

from .errors import OutOfMemoryError
from .tensor import wrap_memory

cimport cython


cdef extern from "Python.h":
    Py_ssize_t references "Py_REFCNT"(PyObject *item)  # of what is borrowed: an `object` could count one of its own


def new_file(int64_t nbytes):
    """The descriptor of an anonymous file of that size whose pages exist. Errors: OutOfMemoryError."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("tensorgrad")
    else:
        import tempfile
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    try:
        if hasattr(os, "posix_fallocate"):  # else writing could end in a signal where an exception is due
            os.posix_fallocate(fd, 0, nbytes)
        else:
            os.ftruncate(fd, nbytes)
    except OSError as error:
        os.close(fd)
        raise OutOfMemoryError(f"shared memory: cannot have {nbytes:,} bytes ({error.strerror})") from None
    return fd


@cython.no_gc_clear
cdef class Segment:
    """A piece of shared memory: new, of nbytes, or the one behind a descriptor (which then belongs to it)."""

    cdef char *address
    cdef readonly int64_t size
    cdef readonly int fd
    cdef public int64_t number  # by which two processes know it; -1: only this one does

    def __cinit__(self, int64_t nbytes=0, int fd=-1):
        cdef void *place
        self.fd = self.number = -1
        self.fd = fd if fd >= 0 else new_file(max(nbytes, 1))
        self.size = os.fstat(self.fd).st_size
        place = mmap(NULL, self.size, PROT_READ | PROT_WRITE, MAP_SHARED, self.fd, 0)
        if place == MAP_FAILED:
            raise OutOfMemoryError(f"shared memory: cannot map {self.size:,} bytes")
        self.address = <char *>place

    def __dealloc__(self):
        if self.address != NULL:
            munmap(self.address, self.size)
        if self.fd >= 0:
            os.close(self.fd)

    def close(self):
        """Give up the descriptor; the mapping stays."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.address, self.size, 0, flags)


@cython.no_gc_clear
cdef class Loan:
    """The use of a segment: tensors and arrays on it hold this, and when all are gone its number stands in `returned`."""

    cdef readonly Segment segment
    cdef list returned

    def __cinit__(self, Segment segment, list returned):
        self.segment, self.returned = segment, returned

    def __dealloc__(self):
        self.returned.append(self.segment.number)

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.segment.address, self.segment.size, 0, flags)


def only_in(dict table, key):
    """Whether nothing but the table holds what stands there under key. Counted here: how many references Python itself holds while it
    looks depends on its version."""
    return references(PyDict_GetItem(table, key)) == 1


def tensor_on(owner, DType d, tuple shape, int64_t offset=0):
    """A contiguous tensor `offset` bytes from the start of a Segment or of a Loan's; it keeps the owner alive."""
    cdef Segment segment = owner if isinstance(owner, Segment) else (<Loan?>owner).segment
    cdef int64_t step = 1
    strides = []
    for n in reversed(shape):
        strides.append(step)
        step *= max(n, 1)
    return wrap_memory(<size_t>(segment.address + offset), segment.size - offset, d, shape, tuple(reversed(strides)), owner, False)


def segment_of(TensorBase t not None):
    """(segment, offset in bytes) of a tensor that lies in one, else (None, 0)."""
    cdef object owner = t.storage.owner
    if isinstance(owner, Loan):
        owner = (<Loan>owner).segment
    if isinstance(owner, Segment):
        return owner, t.v.data - (<Segment>owner).address
    return None, 0
