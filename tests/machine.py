"""Running a function under another kernel table or number of threads."""

from tensorgrad._core import runtime


def isa_tables():
    """The kernel tables that this machine runs."""
    return list(runtime.isas_available())


def with_isa(name, function, *args):
    """function(*args) with that kernel table."""
    before = runtime.isa()
    runtime.select_isa(name)
    try:
        return function(*args)
    finally:
        runtime.select_isa(before)


def with_threads(n, function, *args):
    """function(*args) on n threads."""
    before = runtime.get_num_threads()
    runtime.set_num_threads(n)
    try:
        return function(*args)
    finally:
        runtime.set_num_threads(before)
