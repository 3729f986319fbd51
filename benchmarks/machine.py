"""The machine a run was made on: processor, memory, versions. No dates, no host names."""

import os
import platform
import sys


def cpu_name():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def default_threads():
    """The CPUs that this process may use: tensorgrad's own default."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def facts(threads):
    """What a reader must know to judge the figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": cpu_name(), "threads": threads, "memory": memory,
            "system": f"{platform.system()} {platform.machine()}", "python": sys.version.split()[0]}
