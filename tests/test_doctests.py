"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import inspect
import pkgutil
from enum import Enum

import pytest

import tensorgrad
from tensorgrad import stubs
from tensorgrad.ops.declare import REGISTRY
from tensorgrad.ops.families import load
from tensorgrad.vision.models.catalogue import MODELS

load()


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
    dir(module)  # fetches what is loaded when it is first named
    finder = doctest.DocTestFinder(exclude_empty=True)
    run(name, finder.find(module, name, module=module, globs={}))


def test_functions_made_from_records():
    """What `unary` and `binary` generate has no module of its own that doctest would look into."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    for (_, name), entry in sorted(REGISTRY.items()):
        if not entry.aliases and ">>>" in (entry.function.__doc__ or ""):
            run(name, finder.find(entry.function, name, module=False, globs={}))
    for name, builder in MODELS.items():  # their docstrings are made by a decorator
        run(name, finder.find(builder, name, module=False, globs={}))


# No examples: of data sets that read files, of what the examples of classes call, and of constraints, which print as nothing.
WITHOUT_EXAMPLES = {"vision.datasets", "vision.transforms.functional", "distributions.constraints"}


def test_every_public_name_is_documented():
    """A docstring with its source and an example that runs; exceptions and in-place forms (`relu_` of relu) need none of their
    own."""
    lacking, seen = [], set()
    for space, module in stubs.modules().items():
        names = stubs.public_names(module)
        for name, value in names.items():
            made = inspect.isclass(value) and (hasattr(value, "_fields") or (issubclass(value, Enum) and value.__base__ is not Enum))
            if not callable(value) or id(value) in seen or made:  # made by namedtuple, or by a documented kind of Enum
                continue
            seen.add(id(value))
            text = (vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__) or ""
            alone = not (inspect.isclass(value) and issubclass(value, Exception)) and name.removesuffix("_") not in {*names} - {name}
            if not text or (space not in WITHOUT_EXAMPLES and alone and (">>>" not in text or "Source" not in text)):
                lacking.append(f"{space}.{name}".lstrip("."))
    assert not lacking
