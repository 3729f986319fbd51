"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil

import pytest

import tensorgrad
from tensorgrad.ops.declare import REGISTRY


def modules():
    yield "tensorgrad"
    for info in pkgutil.walk_packages(tensorgrad.__path__, "tensorgrad."):
        if not info.name.endswith(("__main__", "libtensorgrad")):  # a program, and the C library, which is no module
            yield info.name


def run(name, found):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    output = []
    for test in found:
        runner.run(test, out=output.append)
    assert not runner.failures, f"{name}\n{''.join(output)}"


@pytest.mark.parametrize("name", list(modules()))
def test_module(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    run(name, finder.find(module, name, module=module, globs={}))


def test_functions_made_from_records():
    """What `unary` and `binary` generate has no module of its own that doctest would look into."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    for (_, name), entry in sorted(REGISTRY.items()):
        if not entry.aliases and ">>>" in (entry.function.__doc__ or ""):
            run(name, finder.find(entry.function, name, module=False, globs={}))
