"""What this build is and how it is set up."""

from ._core.kernels.conv import ALGORITHMS
from ._core.runtime import (
    compiler,
    get_num_threads,
    has_openmp,
    isa,
    isas_available,
    memory_stats,
)

__version__ = "0.1.0"


def show_config():
    """Print version, compiler, instruction sets, threads and the state of the allocator. Source: torch.__config__.show.

    >>> import tensorgrad
    >>> tensorgrad.show_config()  # doctest: +ELLIPSIS
    tensorgrad ...
    """
    stats = memory_stats()
    mib = {k: f"{v / 2**20:,.1f} MiB" for k, v in stats.items()}
    print(f"tensorgrad {__version__}, built with {compiler()}")
    print(f"kernels: {isa()} (available: {', '.join(isas_available())})")
    print(f"convolution: {', '.join(ALGORITHMS[1:])}, the fastest of them for each shape")
    print(f"threads: {get_num_threads()} (OpenMP)" if has_openmp() else "threads: 1 (built without OpenMP)")
    print(f"memory: {mib['in_use']} in use (peak {mib['peak']}), {mib['cached']} cached of at most {mib['limit']}")
