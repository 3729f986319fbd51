"""Switches and facts of the C library: threads, instruction sets, the allocator."""

from .csrc cimport (tg_compiler, tg_fma_peak, tg_get_threads, tg_has_openmp, tg_isa, tg_isa_available, tg_isa_select,
                    tg_memory_release, tg_memory_reset_peak, tg_memory_set_limit, tg_memory_stat, tg_set_threads, tg_triad)

from .errors import ArgumentError


def get_num_threads():
    """Threads that a kernel may use. Source: torch.get_num_threads.

    >>> import tensorgrad
    >>> tensorgrad.get_num_threads() >= 1
    True
    """
    return tg_get_threads()


def set_num_threads(int n, /):
    """Set the number of threads that kernels use when they are called from this Python thread, or from one that has called none
    yet; the bits of results do not depend on it. Errors: ArgumentError below 1. Source: torch.set_num_threads.

    >>> import tensorgrad
    >>> tensorgrad.set_num_threads(tensorgrad.get_num_threads())
    """
    if n < 1:
        raise ArgumentError(f"set_num_threads: expected a positive number, got {n}")
    tg_set_threads(n)


def has_openmp():
    """Whether this build has threads. Source: torch.backends.openmp.is_available.

    >>> import tensorgrad
    >>> tensorgrad.backends.openmp.is_available() in (True, False)
    True
    """
    return bool(tg_has_openmp())


def compiler():
    """Name and version of the C compiler."""
    return tg_compiler().decode()


def isa():
    """The name of the kernel table in use."""
    return tg_isa().decode()


def isas_available():
    """The tables that this CPU can run, the best one last."""
    cdef const char *name = NULL
    cdef int i = 0, runs
    found = []
    while True:
        runs = tg_isa_available(i, &name)
        if runs < 0:
            return found
        if runs:
            found.append(name.decode())
        i += 1


def select_isa(str name):
    """Use another kernel table (tests run every one). Errors: ArgumentError for one this CPU cannot run."""
    if tg_isa_select(name.encode()):
        raise ArgumentError(f"select_isa: {name!r} is not one of {isas_available()}")


def memory_stats():
    """Bytes in use, cached for reuse, at the peak, and the limit of the cache."""
    return {"in_use": tg_memory_stat(0), "cached": tg_memory_stat(1), "peak": tg_memory_stat(2), "limit": tg_memory_stat(3)}


def reset_peak_memory():
    """Let the peak count from now."""
    tg_memory_reset_peak()


def set_cache_limit(nbytes):
    """Bytes that freed memory may keep; 0 gives everything back at once."""
    if nbytes < 0:
        raise ArgumentError(f"set_cache_limit: expected a number of bytes, got {nbytes}")
    tg_memory_set_limit(nbytes)


def empty_cache():
    """Give cached memory back to the system."""
    tg_memory_release()


def measure_peak():
    """Multiply-adds: float32 operations a second that the threads in use can do at most, measured (0.1 s)."""
    cdef double rate
    with nogil:
        rate = tg_fma_peak()
    return rate


def measure_bandwidth():
    """Bytes a second between memory and the threads in use, by a = b + s c on 192 MB, measured (0.3 s)."""
    cdef double rate
    with nogil:
        rate = tg_triad()
    return rate
