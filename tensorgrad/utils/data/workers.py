"""The main process's side of a DataLoader with workers: who has which task, what has arrived, who has died."""

import collections
import multiprocessing
import os
import select
import signal
import socket
import time
import weakref

from . import worker as worker_module
from .handover import Channel, Closed
from .sampler import draw_seed
from .worker import PARENT_ENDS, End, WorkerError

AHEAD = 16   # tasks on the way to one worker: so many messages fit its socket, so that neither side waits for the other
GRACE = 5.0  # seconds that a worker has to finish what it is at when the loader is done with it


def default_context():
    """The start method that the program has set, else fork, with which nothing needs to be picklable: from Python 3.14 on
    multiprocessing's own default is forkserver."""
    return multiprocessing.get_context(multiprocessing.get_start_method(allow_none=True) or "fork")


class Worker:
    """One process and the socket to it."""

    def __init__(self, context, loader, number, base_seed):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.number, self.sock, self.channel, self.parent = number, ours, Channel(ours), os.getpid()
        self.ended, self.queue, self.busy = False, collections.deque(), 0  # tasks to be sent; tasks sent and not answered
        PARENT_ENDS.add(ours)
        try:
            self.process = context.Process(
                target=worker_module.work, daemon=True, name=f"DataLoader worker {number}",
                args=(theirs, loader.dataset, loader._batched, loader.collate_fn, loader.drop_last, base_seed, number,
                      loader.num_workers, loader.worker_init_fn, os.getpid(), context.get_start_method() == "fork"))
            self.process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    def feed(self):
        """Send what is in the queue, as far as there is room. Errors: Closed, TimeoutError."""
        while self.queue and self.busy < AHEAD:
            self.channel.send(self.queue.popleft())
            self.busy += 1

    def death(self):
        """How the process ended, as a RuntimeError."""
        self.process.join(1)
        code = self.process.exitcode
        if code is not None and code < 0:
            how = f"was killed by signal {signal.Signals(-code).name}"
        else:
            how = f"exited unexpectedly with code {code}"
        return RuntimeError(f"DataLoader worker {self.number} (pid {self.process.pid}) {how}")


def stop(workers, grace=GRACE):
    """End the processes: closing the socket asks them to, SIGTERM and SIGKILL see to it."""
    if any(worker.parent != os.getpid() for worker in workers):
        return  # a forked child has a copy of these objects, but not these processes
    for worker in workers:
        worker.sock.close()
    deadline = time.monotonic() + grace
    for end in (None, "terminate", "kill"):
        for worker in workers:
            if end is not None and worker.process.is_alive():
                getattr(worker.process, end)()
        for worker in workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
        deadline = time.monotonic() + 1.0
    for worker in workers:
        if not worker.process.is_alive():
            worker.process.close()
    workers.clear()


class WorkersIterator:
    """Iterates over the batches that workers make; in the order of the tasks, or as they come with in_order=False.

    The worker of a task is the next one in turn, prefetch_factor tasks are ahead for each worker. Both are PyTorch's, so
    that random samplers draw at the same time.
    """

    def __init__(self, loader):
        self.loader, self.timeout = loader, loader.timeout
        self.base_seed = draw_seed(loader.generator)
        self.workers, self.epoch = [], -1
        self._finalizer = weakref.finalize(self, stop, self.workers)
        context = loader.multiprocessing_context or default_context()
        try:
            for number in range(loader.num_workers):
                self.workers.append(Worker(context, loader, number, self.base_seed))
                if self.timeout > 0:
                    self.workers[-1].sock.settimeout(self.timeout)
            self.reset()
        except BaseException:
            self.close(0)
            raise

    def reset(self):
        """Begin an epoch. What workers still make of the last one is dropped when it arrives."""
        self.epoch += 1
        self.indices = iter(self.loader._index_sampler)
        self.sent = 0                 # tasks given out
        self.owner = {}               # task -> worker
        self.arrived = {}             # task -> batch
        self.turn = 0
        for worker in self.workers:
            worker.ended = False
            worker.queue.clear()
        for _ in range(self.loader.prefetch_factor * self.loader.num_workers):
            self._give_task()

    def __iter__(self):
        return self

    def __len__(self):
        return len(self.loader)

    def _give_task(self):
        """The next indices to the next worker that still has samples."""
        count = len(self.workers)
        free = [self.workers[(self.turn + i) % count] for i in range(count)]
        worker = next((w for w in free if not w.ended), None)
        if worker is None:
            return
        try:
            indices = next(self.indices)
        except StopIteration:
            return
        worker.queue.append((self.epoch, self.sent, indices))
        self._feed(worker)
        self.turn = worker.number + 1
        self.owner[self.sent] = worker
        self.sent += 1

    def _feed(self, worker):
        try:
            worker.feed()
        except Closed:
            raise worker.death() from None
        except TimeoutError:
            raise self._timed_out() from None

    def __next__(self):
        if not self.workers:
            raise StopIteration
        try:
            return self._next()
        except StopIteration:
            if not self.loader.persistent_workers:
                self.close()
            raise
        except BaseException:
            self.close(0)
            raise

    def _next(self):
        while True:
            number = self._ready()
            if number is not None:
                result = self.arrived.pop(number)
                del self.owner[number]
                self._give_task()
                if isinstance(result, End):
                    continue
                if isinstance(result, WorkerError):
                    result.reraise()
                return result
            if not self.owner:
                raise StopIteration
            self._wait()

    def _ready(self):
        """The number of the task whose batch is to be yielded now, None where it has not arrived."""
        if not self.loader.in_order:
            return next(iter(self.arrived), None)
        number = min(self.owner, default=None)
        return number if number in self.arrived else None

    def _wait(self):
        """Take in what arrives next."""
        waiting = {self.owner[n] for n in self.owner if n not in self.arrived}
        sockets = {worker.sock.fileno(): worker for worker in waiting}
        poll = select.poll()
        for fd in sockets:
            poll.register(fd, select.POLLIN)
        events = poll.poll(self.timeout * 1000 if self.timeout > 0 else None)
        if not events:
            raise self._timed_out()
        for fd, _ in events:
            worker = sockets[fd]
            try:
                epoch, number, result = worker.channel.receive()
            except Closed:
                raise worker.death() from None
            except TimeoutError:
                raise self._timed_out() from None
            worker.busy -= 1
            self._feed(worker)
            if epoch != self.epoch:
                continue
            worker.ended |= isinstance(result, End)
            self.arrived[number] = result

    def _timed_out(self):
        return RuntimeError(f"DataLoader timed out after {self.timeout} seconds waiting for "
                            f"{len(self.workers)} worker process(es)")

    def close(self, grace=GRACE):
        """End the workers."""
        self.owner, self.arrived = {}, {}
        stop(self.workers, grace)
        self._finalizer.detach()
