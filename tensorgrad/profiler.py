"""torch.profiler: autograd's profiler with a schedule of steps."""

from enum import Enum

from ._core.errors import ArgumentError
from .autograd import profiler
from .autograd.profiler import record_function

__all__ = ["ProfilerAction", "ProfilerActivity", "profile", "record_function", "schedule", "tensorboard_trace_handler"]


class ProfilerActivity(Enum):
    """What to watch: there is only the CPU. Errors: ValueError for another value. Source: torch.profiler.ProfilerActivity.

    >>> import tensorgrad
    >>> tensorgrad.profiler.ProfilerActivity.CPU.name
    'CPU'
    """

    CPU = 0
    CUDA = 2
    XPU = 1


class ProfilerAction(Enum):
    """What to do in a step. Errors: ValueError for another value. Source: torch.profiler.ProfilerAction.

    >>> import tensorgrad
    >>> tensorgrad.profiler.ProfilerAction.RECORD.value
    2
    """

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def schedule(*, wait, warmup, active, repeat=0, skip_first=0, skip_first_wait=0):
    """step number -> ProfilerAction: after skip_first steps, cycles of `wait` idle, `warmup` unrecorded and `active` recorded
    steps, `repeat` times (0: for ever). skip_first_wait: the first cycle does not wait. Errors: ArgumentError for negative numbers
    and active < 1. Source: torch.profiler.schedule.

    >>> from tensorgrad.profiler import schedule
    >>> [schedule(wait=1, warmup=1, active=2)(step).name for step in range(5)]
    ['NONE', 'WARMUP', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    for name, value in (("wait", wait), ("warmup", warmup), ("active", active), ("repeat", repeat), ("skip_first", skip_first)):
        if not isinstance(value, int) or value < (name == "active"):
            raise ArgumentError(f"schedule: {name} must be a whole number >= {int(name == 'active')}, got {value!r}")

    def action(step):
        step -= skip_first
        if step < 0:
            return ProfilerAction.NONE
        if skip_first_wait:
            step += wait
        cycle, place = divmod(step, wait + warmup + active)
        if (repeat and cycle >= repeat) or place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if place == wait + warmup + active - 1 else ProfilerAction.RECORD
    return action


class profile(profiler.profile):
    """Times every op of the steps that schedule(number) names (default: all), counted by step(); at the end of a cycle, and at the
    end of all, on_trace_ready(profile) is called, whose events are then those of that cycle. record_shapes: keep the shapes of the
    inputs. activities and what concerns GPUs and stacks mean nothing here. Errors: those of autograd.profiler.profile. Source:
    torch.profiler.profile.

    >>> import tensorgrad as torch
    >>> from tensorgrad.profiler import profile, schedule
    >>> with profile(schedule=schedule(wait=1, warmup=0, active=1)) as p:
    ...     for _ in range(2):
    ...         y = torch.ones(2).exp()
    ...         p.step()
    >>> [(e.key, e.count) for e in p.key_averages() if e.key == "exp"]
    [('exp', 1)]
    """

    def __init__(self, *, activities=None, schedule=None, on_trace_ready=None, record_shapes=False, profile_memory=False, **unused):
        super().__init__(True, record_shapes=record_shapes, profile_memory=profile_memory)
        self.schedule, self.on_trace_ready, self.step_num = schedule, on_trace_ready, 0
        self.recording = False

    def turn(self, action, last=False):
        """Begin or end to record."""
        record = action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE) and not last
        if record and not self.recording:
            self.function_events = profiler.EventList()
            super().__enter__()
        elif self.recording and not record:
            super().__exit__(None, None, None)
        self.recording = record

    def action(self):
        """What the present step asks for."""
        return self.schedule(self.step_num) if self.schedule is not None else ProfilerAction.RECORD

    def start(self):
        """Begin with step 0."""
        self.step_num = 0
        self.turn(self.action())

    def stop(self):
        """End, and hand over what is not handed over yet."""
        recorded = self.recording
        self.turn(None, last=True)
        if recorded and self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def step(self):
        """The next step begins."""
        before = self.action()
        self.step_num += 1
        after = self.action()
        if before is ProfilerAction.RECORD_AND_SAVE:
            self.turn(None, last=True)
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)
        self.turn(after)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def events(self):
        """The events of the last cycle."""
        return self.function_events


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    """An on_trace_ready that writes each cycle's trace into a folder, for TensorBoard's and Chrome's viewers. Errors: OSError, when
    it is called, for a folder that cannot be made. Source: torch.profiler.tensorboard_trace_handler.

    >>> import tensorgrad
    >>> import os, tempfile, tensorgrad
    >>> from tensorgrad import profiler
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with profiler.profile(on_trace_ready=profiler.tensorboard_trace_handler(folder)):
    ...         x = tensorgrad.ones(2) + 1
    ...     len(os.listdir(folder))
    1
    """
    def write(p):
        import os
        import socket
        import time

        os.makedirs(dir_name, exist_ok=True)
        name = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        p.export_chrome_trace(os.path.join(dir_name, f"{name}.{time.time_ns()}.pt.trace.json"))
    return write
