"""torch.multiprocessing: Python's multiprocessing, and `spawn`. Tensors go to other processes as copies."""

from multiprocessing import *  # noqa: F403
from multiprocessing import __all__ as _names
from multiprocessing import get_context

__all__ = [*_names, "ProcessRaisedException", "get_all_sharing_strategies", "get_sharing_strategy", "set_sharing_strategy", "spawn",
           "start_processes"]


class ProcessRaisedException(RuntimeError):
    """The RuntimeError where a process that `spawn` started has failed; its traceback is the message. Source: torch.multiprocessing.

    >>> import tensorgrad
    >>> issubclass(tensorgrad.multiprocessing.ProcessRaisedException, RuntimeError)
    True
    """


def get_all_sharing_strategies():
    """{"file_descriptor"}. Source: torch.multiprocessing.get_all_sharing_strategies.

    >>> import tensorgrad
    >>> tensorgrad.multiprocessing.get_all_sharing_strategies()
    {'file_descriptor'}
    """
    return {"file_descriptor"}


def get_sharing_strategy():
    """"file_descriptor". Source: torch.multiprocessing.get_sharing_strategy.

    >>> import tensorgrad
    >>> tensorgrad.multiprocessing.get_sharing_strategy()
    'file_descriptor'
    """
    return "file_descriptor"


def set_sharing_strategy(new_strategy):
    """Accepted without effect, whatever it is; no errors. Source: torch.multiprocessing.set_sharing_strategy.

    >>> import tensorgrad
    >>> tensorgrad.multiprocessing.set_sharing_strategy("file_descriptor")
    """


def _life(function, number, args, failures):
    """What a spawned process does."""
    try:
        function(number, *args)
    except BaseException:
        import traceback

        failures.put((number, traceback.format_exc()))
        raise SystemExit(1) from None


def start_processes(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run fn(i, *args) for i < nprocs, each in a process of its own, and wait for them (join=False: return the processes). When one
    fails the others are ended. Errors: ProcessRaisedException with the traceback of the one that failed first, ValueError for
    another start_method. Source: torch.multiprocessing.start_processes.

    >>> import tensorgrad
    >>> tensorgrad.multiprocessing.start_processes(print, nprocs=0, join=False)
    []
    """
    from multiprocessing.connection import wait

    context = get_context(start_method)
    failures = context.SimpleQueue()
    processes = [context.Process(target=_life, args=(fn, i, args, failures), daemon=daemon) for i in range(nprocs)]
    for process in processes:
        process.start()
    if not join:
        return processes
    alive = {process.sentinel: process for process in processes}
    while alive:
        for sentinel in wait(list(alive)):
            process = alive.pop(sentinel)
            process.join()
            if process.exitcode:
                for other in alive.values():
                    other.terminate()
                    other.join()
                if failures.empty():
                    raise ProcessRaisedException(f"process {processes.index(process)} ended with exit code {process.exitcode}")
                number, text = failures.get()
                raise ProcessRaisedException(f"process {number} failed:\n{text}")
    return None


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """start_processes with fresh interpreters. Errors: those of start_processes. Source: torch.multiprocessing.spawn.

    >>> import tensorgrad
    >>> tensorgrad.multiprocessing.spawn(print, nprocs=0)
    """
    return start_processes(fn, args, nprocs, join, daemon, start_method)
