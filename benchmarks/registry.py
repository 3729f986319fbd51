"""What a case is: a setup that makes a step, written once for every backend."""

import importlib
import pkgutil

CASES = {}  # "family/name" -> Case


class Case:
    """One measurement.

    setup(torch) -> step: PyTorch's API, run with tensorgrad and with torch as `torch`.
    numpy(np) -> step: the same work as one would write it with NumPy, or None.
    flops, bytes: of one step, where the machine's arithmetic or its memory is the limit; else 0.
    slow: left out by --quick. memory: a training step whose peak memory is measured too.
    """

    def __init__(self, name, setup, numpy, flops, bytes, slow, memory):
        self.name, self.setup, self.numpy = name, setup, numpy
        self.flops, self.bytes, self.slow, self.memory = flops, bytes, slow, memory

    def step(self, backend, module):
        """A callable that does the work once; None where the backend has no version of the case."""
        make = self.numpy if backend == "numpy" else self.setup
        return None if make is None else make(module)


def case(name, setup, *args, numpy=None, flops=0, bytes=0, slow=False, memory=False, **kwargs):
    """Enter a case: setup(torch, *args, **kwargs), numpy(np, *args, **kwargs). Its family is the file that says so."""
    name = f"{setup.__module__.rpartition('.')[2]}/{name}"
    if name in CASES:
        raise ValueError(f"case {name!r} is there already")
    CASES[name] = Case(name, lambda torch: setup(torch, *args, **kwargs),
                       None if numpy is None else lambda np: numpy(np, *args, **kwargs), flops, bytes, slow, memory)


def load():
    """Every case of benchmarks/cases, in the order of the files."""
    from . import cases
    for module in pkgutil.iter_modules(cases.__path__):
        importlib.import_module(f"{cases.__name__}.{module.name}")
    return CASES


def both_ways(torch, f, *tensors):
    """A step that runs y = f(*tensors) and y.backward(g): the gradients of all tensors are made anew each time."""
    tensors = [t.requires_grad_() for t in tensors]
    g = torch.ones_like(f(*tensors)).detach()

    def step():
        for t in tensors:
            t.grad = None
        f(*tensors).backward(g)
    return step
