"""A worker process of a DataLoader: it waits for indices, makes the batch, hands it over."""

import os
import pickle
import random
import select
import signal
import sys
import traceback
import weakref

import tensorgrad

from .fetch import Exhausted, fetcher
from .handover import Channel, Closed

PARENT_CHECK = 5.0  # seconds after which an idle worker looks whether its parent still lives
PARENT_ENDS: weakref.WeakSet = weakref.WeakSet()  # the sockets to workers that this process holds: a forked child must close them

info = None     # in a worker: its WorkerInfo
channel = None  # in a worker: the way to the main process


class WorkerInfo:
    """What get_worker_info gives: id (0 to num_workers - 1), num_workers, seed, and the worker's copy of the dataset. Any values
    are taken, there are no errors. Source: torch.utils.data.get_worker_info.

    >>> from tensorgrad.utils.data import get_worker_info
    >>> get_worker_info() is None  # in the main process
    True
    """

    def __init__(self, id, num_workers, seed, dataset):
        self.id, self.num_workers, self.seed, self.dataset = id, num_workers, seed, dataset

    def __repr__(self):
        return f"WorkerInfo(id={self.id}, num_workers={self.num_workers}, seed={self.seed})"


def get_worker_info():
    """Facts about the worker process that calls it: id, num_workers, seed, dataset; None in the main process. Source:
    torch.utils.data.get_worker_info.

    >>> from tensorgrad.utils.data import get_worker_info
    >>> print(get_worker_info())
    None
    """
    return info


class WorkerError:
    """An exception on its way to the main process, with the worker's traceback as text."""

    def __init__(self, worker):
        kind, error, _ = sys.exc_info()
        self.where = f"in DataLoader worker process {worker}"
        self.text = "".join(traceback.format_exception(error))
        try:
            pickle.loads(pickle.dumps(kind))
        except Exception:  # a class that only the worker knows
            kind = None
        self.kind, self.name = kind, type(error).__name__

    def reraise(self):
        """Raise an exception of the same class, if it takes one message, whose message holds the traceback."""
        message = f"Caught {self.name} {self.where}.\nOriginal {self.text}"
        try:
            error = self.kind(message)
            right = isinstance(error, Exception)
        except Exception:
            right = False
        if not right:
            error = RuntimeError(message)
        raise error from None


class End:
    """The answer of a worker whose iterable dataset has no more samples."""


def seed_everything(base_seed, worker):
    """The generators of tensorgrad, Python and NumPy; base_seed + worker differs for each worker of an epoch."""
    seed = base_seed + worker
    random.seed(seed)
    tensorgrad.manual_seed(seed)
    import numpy as np

    words = [worker, base_seed & 0xffffffff, base_seed >> 32, 0]
    np.random.seed(np.random.SeedSequence(words).generate_state(4))
    return seed


def work(sock, dataset, batched, collate_fn, drop_last, base_seed, worker, num_workers, init_fn, parent, forked):
    """The life of a worker. It ends when the main process closes the socket or dies."""
    global info, channel
    if forked:
        for end in list(PARENT_ENDS):
            end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's, which then closes the socket
    tensorgrad.set_num_threads(1)
    info = WorkerInfo(worker, num_workers, seed_everything(base_seed, worker), dataset)
    channel = Channel(sock)
    fetch = None

    def start():
        nonlocal fetch
        if init_fn is not None and fetch is None:
            init_fn(worker)
        fetch = fetcher(dataset, batched, collate_fn, drop_last)

    broken = attempt(start, worker)
    epoch = 0
    while True:
        while not select.select([sock], [], [], PARENT_CHECK)[0]:
            if os.getppid() != parent and forked:
                return
        try:
            task = channel.receive()
            if task[0] != epoch:
                epoch, broken = task[0], attempt(start, worker)
            answer(task, broken, fetch, worker)
        except Closed:
            return


def attempt(function, worker):
    """None, or the error that the function raised."""
    try:
        function()
    except Exception:
        return WorkerError(worker)
    return None


def answer(task, broken, fetch, worker):
    """Make the batch of a task (epoch, number, indices) and send (epoch, number, batch, End or WorkerError)."""
    epoch, number, indices = task
    try:
        result = broken or fetch(indices)
    except Exhausted:
        result = End()
    except Exception:
        result = WorkerError(worker)
    try:
        channel.send((epoch, number, result))
    except Closed:
        raise
    except Exception:  # what cannot be pickled
        channel.send((epoch, number, WorkerError(worker)))
