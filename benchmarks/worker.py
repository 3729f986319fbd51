"""A worker: one process, one backend. It reads orders, one line of JSON each, and answers with a line.

Started by runner.py as `python -m benchmarks.worker BACKEND`; the number of threads comes through the environment.
"""

import gc
import importlib
import json
import math
import os
import resource
import statistics
import sys
import time

from . import registry

SAMPLE = 2e-3  # seconds: a step that is shorter is repeated within one reading of the clock
SETTLE = 0.03  # seconds: longer than the idle threads of the worker before spin


class Worker:
    """The backend's module and the step of the current case."""

    def __init__(self, backend):
        self.backend = backend
        self.module = importlib.import_module(backend)
        if backend == "torch":
            self.module.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.step = None
        registry.load()

    def versions(self):
        """The backend's version and threads."""
        threads = getattr(self.module, "get_num_threads", lambda: int(os.environ["OMP_NUM_THREADS"]))()
        return {"version": self.module.__version__, "threads": threads}

    def prepare(self, case, seconds):
        """Set the case up and warm it up; from now on `measure` is about it."""
        self.step = None
        gc.collect()
        if self.backend != "numpy":
            self.module.manual_seed(0)
        self.step = registry.CASES[case].step(self.backend, self.module)
        if self.step is None:
            return {"missing": True}
        end = time.perf_counter() + seconds
        self.once = math.inf
        for _ in range(3):
            self.once = min(self.once, self.sample(1))
        while time.perf_counter() < end:
            self.sample(1)
        return {"missing": False}

    def sample(self, calls):
        step = self.step
        start = time.perf_counter()
        for _ in range(calls):
            step()
        return (time.perf_counter() - start) / calls

    def measure(self, seconds):
        """Median seconds a step, and page faults a step."""
        calls = max(1, math.ceil(SAMPLE / max(self.once, 1e-9)))
        end = time.perf_counter() + SETTLE
        self.sample(calls)
        while time.perf_counter() < end:
            self.sample(calls)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        end = time.perf_counter() + seconds
        times = []
        while not times or time.perf_counter() < end:
            times.append(self.sample(calls))
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
        return {"seconds": statistics.median(times), "faults": faults / (calls * len(times))}

    def memory(self, case):
        """Resident bytes that model, data and 3 steps need at their peak, over what the import needs."""
        before = resident("VmRSS")
        self.module.manual_seed(0)
        step = registry.CASES[case].step(self.backend, self.module)
        for _ in range(3):
            step()
        return {"bytes": resident("VmHWM") - before}

    def limits(self):
        """The machine's FMA peak and bandwidth with the threads in use (tensorgrad only)."""
        runtime = importlib.import_module("tensorgrad._core.runtime")
        return {"flops": runtime.measure_peak(), "bytes": runtime.measure_bandwidth(), "isa": runtime.isa(),
                "compiler": runtime.compiler()}


def resident(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key))


def main():
    # Answers have a channel of their own: what libraries print goes to standard error.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(worker, order.pop("do"))(**order)
        except Exception as error:  # a broken case is a row of the table, not the end of the run
            worker.step = None
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
