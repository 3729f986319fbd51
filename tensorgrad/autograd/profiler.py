"""Where the time of a program goes: every op, forward and backward, with its calls, time and memory."""

from time import perf_counter

from .._core import graph
from .._core.errors import ArgumentError
from .._core.kernels import conv
from .._core.runtime import memory_stats
from .._core.tensor import TensorBase

__all__ = ["EventList", "FunctionEvent", "profile", "record_function"]

ORDERS = {"cpu_time_total": "cpu_time_total", "cpu_time": "cpu_time", "self_cpu_time_total": "self_cpu_time_total", "count": "count",
          "cpu_memory_usage": "cpu_memory_usage", "self_cpu_memory_usage": "self_cpu_memory_usage"}


class FunctionEvent:
    """One call of an op, or the sum of several (`count`). Times are in microseconds, memory in bytes (what is in use after minus
    before); `self_` is without the ops that ran inside; input_shapes: the shapes of the inputs, where they were recorded. Errors:
    none, any name is taken. Source: torch.autograd.profiler.FunctionEvent.

    >>> from tensorgrad.autograd.profiler import FunctionEvent
    >>> FunctionEvent("exp").count
    1
    """

    def __init__(self, name, shapes=()):
        self.key = self.name = name
        self.input_shapes = shapes
        self.start = self.cpu_time_total = self.inner_time = 0.0
        self.cpu_memory_usage = self.inner_memory = 0
        self.count, self.depth = 1, 0

    @property
    def self_cpu_time_total(self):
        """Time outside the ops that ran inside.

        >>> from tensorgrad.autograd.profiler import FunctionEvent
        >>> FunctionEvent("exp").self_cpu_time_total
        0.0
        """
        return self.cpu_time_total - self.inner_time

    @property
    def self_cpu_memory_usage(self):
        """Memory that the ops inside did not take.

        >>> from tensorgrad.autograd.profiler import FunctionEvent
        >>> FunctionEvent("exp").self_cpu_memory_usage
        0
        """
        return self.cpu_memory_usage - self.inner_memory

    @property
    def cpu_time(self):
        """Time a call.

        >>> from tensorgrad.autograd.profiler import FunctionEvent
        >>> event = FunctionEvent("exp")
        >>> event.cpu_time_total, event.count = 6.0, 3
        >>> event.cpu_time
        2.0
        """
        return self.cpu_time_total / self.count if self.count else 0.0

    def add(self, other):
        """Count another event here too. Errors: AttributeError for what is no event.

        >>> from tensorgrad.autograd.profiler import FunctionEvent
        >>> FunctionEvent("exp").add(FunctionEvent("exp")).count
        2
        """
        self.count += other.count
        self.cpu_time_total += other.cpu_time_total
        self.inner_time += other.inner_time
        self.cpu_memory_usage += other.cpu_memory_usage
        self.inner_memory += other.inner_memory
        return self

    def __repr__(self):
        return (f"<FunctionEvent {self.key}: {self.count} calls, {self.cpu_time_total:.1f} us, "
                f"{self.cpu_memory_usage} bytes>")


class EventList(list):
    """Events, with a table of them, a line each (and the shapes of the inputs, where they were recorded). Errors: ArgumentError for
    another sort_by. Source: torch.autograd.profiler.EventList.

    >>> from tensorgrad.autograd.profiler import EventList, FunctionEvent
    >>> len(EventList([FunctionEvent("exp"), FunctionEvent("exp")]).key_averages())
    1
    """

    def table(self, sort_by=None, row_limit=100, header=None, max_name_column_width=55, **unused):
        """The events as text, the largest `sort_by` (a name of FunctionEvent's) first. Errors: ArgumentError for another sort_by.

        >>> from tensorgrad.autograd.profiler import EventList, FunctionEvent
        >>> EventList([FunctionEvent("exp")]).table(sort_by="cpu_time_total").splitlines()[3].split()[0]
        'exp'
        """
        events = list(self)
        if sort_by is not None:
            if sort_by not in ORDERS:
                raise ArgumentError(f"table: sort_by must be one of {sorted(ORDERS)}, got {sort_by!r}")
            events.sort(key=lambda e: getattr(e, ORDERS[sort_by]), reverse=True)
        whole = sum(e.self_cpu_time_total for e in self) or 1.0
        shapes = any(e.input_shapes for e in events)
        titles = ["Name", "Self CPU %", "Self CPU", "CPU total", "CPU time avg", "CPU Mem", "Self CPU Mem", "# of Calls"]
        lines = [titles + ["Input Shapes"] * shapes]
        for e in events[:row_limit if row_limit >= 0 else None]:
            name = e.key if len(e.key) <= max_name_column_width else e.key[:max_name_column_width - 3] + "..."
            lines.append([name, f"{100 * e.self_cpu_time_total / whole:.2f}%", duration(e.self_cpu_time_total),
                          duration(e.cpu_time_total), duration(e.cpu_time), size(e.cpu_memory_usage),
                          size(e.self_cpu_memory_usage), str(e.count), *([str(list(e.input_shapes))] * shapes)])
        widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
        rule = "  ".join("-" * w for w in widths)
        text = ["  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))])
                for line in lines]
        title = [] if header is None else ["=" * len(rule), header]
        return "\n".join([*title, rule, text[0], rule, *text[1:], rule, f"Self CPU time total: {duration(whole)}", ""])

    def __str__(self):
        return self.table()

    def key_averages(self, group_by_input_shape=False, **unused):
        """One event a name (and shapes). No errors.

        >>> from tensorgrad.autograd.profiler import EventList, FunctionEvent
        >>> EventList([FunctionEvent("exp"), FunctionEvent("exp")]).key_averages()[0].count
        2
        """
        found = {}
        for e in self:
            key = (e.key, tuple(e.input_shapes) if group_by_input_shape else None)
            if key not in found:
                found[key] = FunctionEvent(e.key, e.input_shapes if group_by_input_shape else ())
                found[key].count = 0
            found[key].add(e)
        return EventList(found.values())

    def total_average(self):
        """All events as one.

        >>> from tensorgrad.autograd.profiler import EventList, FunctionEvent
        >>> EventList([FunctionEvent("exp"), FunctionEvent("log")]).total_average().count
        2
        """
        total = FunctionEvent("Total")
        total.count = 0
        for e in self:
            total.add(e)
        total.cpu_time_total, total.inner_time = sum(e.self_cpu_time_total for e in self), 0.0
        return total

    def export_chrome_trace(self, path):
        """Write the events as JSON for chrome://tracing. Errors: OSError where the file cannot be written.

        >>> import tempfile
        >>> from tensorgrad.autograd.profiler import EventList, FunctionEvent
        >>> with tempfile.NamedTemporaryFile("r") as file:
        ...     EventList([FunctionEvent("exp")]).export_chrome_trace(file.name)
        ...     file.read(28)
        '{"traceEvents": [{"name": "e'
        """
        import json
        with open(path, "w") as file:
            json.dump({"traceEvents": [{"name": e.key, "ph": "X", "ts": e.start, "dur": e.cpu_time_total, "pid": "CPU", "tid": 0,
                                        "args": {"shapes": [list(s) for s in e.input_shapes]}} for e in self]}, file)

    @property
    def self_cpu_time_total(self):
        """The sum of all times, in microseconds.

        >>> from tensorgrad.autograd.profiler import EventList, FunctionEvent
        >>> EventList([FunctionEvent("exp")]).self_cpu_time_total
        0.0
        """
        return sum(e.self_cpu_time_total for e in self)


class profile:
    """Inside, every op is timed: `print(p.key_averages().table(sort_by="self_cpu_time_total"))`. Backward ops carry the names of
    their nodes, convolutions the algorithm they took. record_shapes: keep the shapes of the inputs. Ops on all threads go into one
    list; timing costs about two microseconds an op. Arguments for devices are accepted and mean nothing. Errors: none of its own;
    ArgumentError in table for another sort_by, OSError in export_chrome_trace. Source: torch.autograd.profiler.profile.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> with tensorgrad.autograd.profiler.profile() as p:
    ...     (x.exp() + x.exp()).sum().backward()
    >>> {e.key: e.count for e in p.key_averages() if e.key in ("exp", "ExpBackward0")}
    {'exp': 2, 'ExpBackward0': 2}
    """

    def __init__(self, enabled=True, *, use_cuda=False, use_device=None, record_shapes=False, with_flops=False,
                 profile_memory=False, with_stack=False, with_modules=False, use_cpu=True, acc_events=False, **unused):
        self.enabled, self.record_shapes, self.profile_memory = enabled, record_shapes, profile_memory
        self.function_events = EventList()
        self.stack = []

    def __enter__(self):
        if self.enabled:
            self.before = graph.set_profiler(self)
        return self

    def __exit__(self, *error):
        if self.enabled:
            graph.set_profiler(self.before)

    def enter(self, name, inputs, attributes):
        """An op starts. Errors: AttributeError for a name that is no text.

        >>> from tensorgrad.autograd.profiler import profile
        >>> p = profile()
        >>> p.enter("mine", (), {})
        >>> p.leave()
        >>> [event.key for event in p.function_events]
        ['mine']
        """
        shapes = ()
        if self.record_shapes:
            shapes = tuple(tuple(x.shape) if isinstance(x, TensorBase) else () for x in inputs)
        event = FunctionEvent(name + algorithm(name, inputs, attributes), shapes)
        event.depth = len(self.stack)
        self.function_events.append(event)
        self.stack.append(event)
        event.cpu_memory_usage = -memory_stats()["in_use"]
        event.start = 1e6 * perf_counter()

    def leave(self, outcome=None):
        """The last op that started ends. Errors: IndexError where none has started.

        >>> from tensorgrad.autograd.profiler import profile
        >>> p = profile()
        >>> p.enter("outer", (), {})
        >>> p.enter("inner", (), {})
        >>> p.leave()
        >>> [event.key for event in p.stack]
        ['outer']
        """
        end = 1e6 * perf_counter()
        event = self.stack.pop()
        event.cpu_time_total = end - event.start
        event.cpu_memory_usage += memory_stats()["in_use"]
        if self.stack:
            self.stack[-1].inner_time += event.cpu_time_total
            self.stack[-1].inner_memory += event.cpu_memory_usage

    def table(self, sort_by=None, row_limit=100, **options):
        """Every call as text. Errors: ArgumentError for another sort_by.

        >>> import tensorgrad
        >>> with tensorgrad.autograd.profiler.profile() as p:
        ...     y = tensorgrad.ones(2) * 2
        >>> p.table().splitlines()[3].split()[0]
        'mul'
        """
        return self.function_events.table(sort_by, row_limit, **options)

    def key_averages(self, group_by_input_shape=False, **options):
        """One event a name: an EventList. No errors.

        >>> import tensorgrad
        >>> with tensorgrad.autograd.profiler.profile() as p:
        ...     y = tensorgrad.ones(2) * 2 * 2
        >>> [(event.key, event.count) for event in p.key_averages()]
        [('mul', 2)]
        """
        return self.function_events.key_averages(group_by_input_shape)

    def total_average(self):
        """All events as one.

        >>> import tensorgrad
        >>> with tensorgrad.autograd.profiler.profile() as p:
        ...     y = tensorgrad.ones(2) * 2 * 2
        >>> p.total_average().count
        2
        """
        return self.function_events.total_average()

    def export_chrome_trace(self, path):
        """Write the events as JSON for chrome://tracing. Errors: OSError where the file cannot be written.

        >>> import tempfile, tensorgrad
        >>> with tensorgrad.autograd.profiler.profile() as p:
        ...     y = tensorgrad.ones(2) * 2
        >>> with tempfile.NamedTemporaryFile("r") as file:
        ...     p.export_chrome_trace(file.name)
        ...     file.read(28)
        '{"traceEvents": [{"name": "m'
        """
        self.function_events.export_chrome_trace(path)

    @property
    def self_cpu_time_total(self):
        """The sum of all times, in microseconds.

        >>> import tensorgrad
        >>> with tensorgrad.autograd.profiler.profile() as p:
        ...     y = tensorgrad.ones(2) * 2
        >>> p.self_cpu_time_total > 0
        True
        """
        return self.function_events.self_cpu_time_total

    def __str__(self):
        return self.table()


class record_function:
    """A name for a part of the program in the profile; tensors of any shape. As a decorator: for every call of the function.
    Errors: TypeError for a name that is no str. Source: torch.autograd.profiler.record_function.

    >>> import tensorgrad
    >>> from tensorgrad.autograd import profiler
    >>> with profiler.profile() as p, profiler.record_function("my part"):
    ...     y = tensorgrad.ones(2) * 2
    >>> [e.key for e in p.function_events]
    ['my part', 'mul']
    """

    def __init__(self, name, args=None):
        if not isinstance(name, str):
            raise TypeError(f"record_function: name must be a str, got {type(name).__name__}")
        self.name = name

    def __enter__(self):
        self.profiler = graph.get_profiler()
        if self.profiler is not None:
            self.profiler.enter(self.name, (), {})
        return self

    def __exit__(self, *error):
        if self.profiler is not None:
            self.profiler.leave()

    def __call__(self, function):
        """Decorate: every call of the function carries the name."""
        from functools import wraps

        @wraps(function)
        def inside(*args, **kwargs):
            with record_function(self.name):
                return function(*args, **kwargs)
        return inside


def algorithm(name, inputs, attributes):
    """How a forward convolution is computed, as a suffix of its name."""
    if not (name.startswith("conv") and {"stride", "padding", "dilation", "groups"} <= attributes.keys() and len(inputs) > 1):
        return ""
    shapes = [tuple(x.shape) for x in inputs[:2]]
    return f" ({conv.algorithm(*shapes, *(attributes[k] for k in ('stride', 'padding', 'dilation', 'groups')))})"


def duration(us):
    """Microseconds as text."""
    return f"{us / 1e6:.3f}s" if us >= 1e6 else f"{us / 1e3:.3f}ms" if us >= 1e3 else f"{us:.3f}us"


def size(n):
    """Bytes as text."""
    for unit, value in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if abs(n) >= value:
            return f"{n / value:.2f} {unit}"
    return f"{n} B"
