"""`torch` and `torchvision` as other names of tensorgrad, for programs that were written for PyTorch."""

import difflib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import runpy
import sys
from contextlib import contextmanager
from pathlib import Path

# The beginning of a dotted name -> what it means here; the longest counts.
MEANING = {"torch": "tensorgrad", "torchvision": "tensorgrad.vision", "torch.serialization": "tensorgrad.io",
           "torch.utils.model_zoo": "tensorgrad.hub", "torch._dynamo": "tensorgrad.compiler",
           "torch.nn.modules.utils": "tensorgrad.nn.modules.utils"}
# Modules below torch.nn.modules -> those of tensorgrad.nn that have other names.
LAYERS = {"batchnorm": "norm", "instancenorm": "norm", "normalization": "norm", "pooling": "pool", "upsampling": "upsample",
          "adaptive": "output", "flatten": "container", "fold": "conv", "pixelshuffle": "upsample", "channelshuffle": "upsample"}


def meaning(name):
    """The name of tensorgrad's module for a module of PyTorch's, None for other names.

    >>> from tensorgrad.alias import meaning
    >>> meaning("torch.nn.functional"), meaning("torch.nn.modules.conv"), meaning("numpy")
    ('tensorgrad.nn.functional', 'tensorgrad.nn.conv', None)
    """
    layers = name.removeprefix("torch.nn.modules.")
    if layers != name and name not in MEANING:
        return f"tensorgrad.nn.{LAYERS.get(layers, layers)}"
    start = name
    while start and start not in MEANING:
        start = start.rpartition(".")[0]
    return MEANING[start] + name[len(start):] if start else None


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers `import torch.x` with the module tensorgrad.x itself, so that both names are one module.

    The import system leaves in sys.modules what a loader has put there: this is how one module gets a second name.
    """

    def find_spec(self, name, path=None, target=None):
        """The import system's question: None for names that are not PyTorch's."""
        real = meaning(name)
        if real is None:
            return None
        try:
            known = importlib.util.find_spec(real) is not None
        except ModuleNotFoundError:
            known = False
        if not known:
            parent, _, last = real.rpartition(".")
            raise ModuleNotFoundError(f"tensorgrad has no module {name!r}{closest(last, modules(parent))}", name=name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def exec_module(self, module):
        """Put tensorgrad's module in the place of the empty one."""
        sys.modules[module.__name__] = importlib.import_module(meaning(module.__name__))


def modules(package):
    """The names of the modules directly below a package."""
    folders = getattr(sys.modules.get(package), "__path__", ())
    entries = [entry for folder in folders for entry in Path(folder).iterdir()]
    return sorted({entry.name.split(".")[0] for entry in entries if not entry.name.startswith("_")})


def closest(name, known):
    """'; the closest is ...' where one of the known names is like the one that was asked for, else ''.

    >>> from tensorgrad.alias import closest
    >>> closest("Conv2D", ["Conv1d", "Conv2d", "Linear"])
    '; the closest is Conv2d'
    """
    lower = {other.lower(): other for other in known}
    found = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    return f"; the closest is {lower[found[0]]}" if found else ""


def install():
    """From now on `import torch` and `import torchvision` mean tensorgrad and tensorgrad.vision.

    RuntimeError if PyTorch itself has been imported already: two meanings of one name would mix tensors of two libraries.
    """
    if any(isinstance(finder, Finder) for finder in sys.meta_path):
        return
    for root in ("torch", "torchvision"):
        if root in sys.modules:
            raise RuntimeError(f"{root} has been imported already; install tensorgrad's meaning of it first")
    sys.meta_path.insert(0, Finder())


def advise(error):
    """Add to a failed import or attribute look-up what tensorgrad has instead."""
    text = str(error)
    missing = re.match(r"cannot import name '(\w+)' from '(tensorgrad[\w.]*)'", text)
    missing = missing or re.match(r"module '(?P<b>tensorgrad[\w.]*)' has no attribute '(?P<a>\w+)'$", text)
    if missing is None:
        return
    name, module = missing.group("a", "b") if missing.groupdict() else missing.groups()
    known = [other for other in dir(sys.modules.get(module)) + modules(module) if not other.startswith("_")]
    error.add_note(f"tensorgrad does not offer {module}.{name}{closest(name, known)}")


@contextmanager
def children_too(script):
    """Inside, processes made by spawn and forkserver begin with tensorgrad.spawned, so that torch means tensorgrad there, too."""
    from multiprocessing import spawn

    theirs = spawn.get_preparation_data

    def get_preparation_data(name):
        data = theirs(name)
        if data.pop("init_main_from_path", None) is not None:
            data["init_main_from_name"] = "tensorgrad.spawned"
        return data
    spawn.get_preparation_data = get_preparation_data
    os.environ["TENSORGRAD_SCRIPT"] = script
    try:
        yield
    finally:
        del os.environ["TENSORGRAD_SCRIPT"]
        spawn.get_preparation_data = theirs


def run(script, arguments=()):
    """Run a program that was written for PyTorch, unchanged: `python -m tensorgrad run SCRIPT ARGUMENTS...`.

    The script sees itself as __main__, with its own folder first on sys.path. What it raises goes on to the caller; a name
    that tensorgrad does not have is an ImportError or AttributeError that says so and points to the closest one.
    """
    install()
    argv, path = sys.argv, sys.path[0]
    sys.argv = [os.path.abspath(script), *map(str, arguments)]
    sys.path[0] = str(Path(script).resolve().parent)
    try:
        with children_too(sys.argv[0]):
            runpy.run_path(sys.argv[0], run_name="__main__")
    except (ImportError, AttributeError) as error:
        advise(error)
        raise
    finally:
        sys.argv, sys.path[0] = argv, path
