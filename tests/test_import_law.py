"""Layers import downward only, at the top of a file or inside a function; importing tensorgrad imports little."""

import ast
import subprocess
import sys
from pathlib import Path

import tensorgrad

PACKAGE = Path(tensorgrad.__file__).parent
# From the bottom up. A module may import from its own layer and from those before it.
LAYERS = ["_core", "ops", "autograd", "printing", "tensor", "config", "func", "special", "nn", "complex_tensor", "linalg",
          "fft", "optim", "distributions", "utils", "io", "hub", "vision", "training", "graphs", "amp", "cuda", "mtia",
          "accelerator", "backends", "xpu", "compiler", "distributed", "jit", "multiprocessing", "profiler", "random", "testing",
          "types", "version", "alias", "spawned"]
# On the public API: they may import the package itself.
ON_TOP = {"hub", "distributions", "utils", "io", "vision", "training", "graphs"}


def layer(parts):
    """The layer of a module below tensorgrad; __init__ stands above all."""
    return LAYERS.index(parts[0]) if parts and parts[0] in LAYERS else len(LAYERS)


def imported(path):
    """(line, dotted parts below tensorgrad) of every import of tensorgrad's own modules in a file."""
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    package = inside[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[:len(package) - node.level + 1]
            module = tuple(node.module.split(".")) if node.module else ()
            for name in node.names:
                yield node.lineno, (*base, *module) or (name.name,)
        elif isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] == "tensorgrad":
                    yield node.lineno, tuple(name.name.split(".")[1:])


def test_imports_point_downward():
    upward = []
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts == ("__init__",):
            continue
        upward += [f"{path.relative_to(PACKAGE)}:{line} imports {'.'.join(target)}"
                   for line, target in imported(path)
                   if layer(target) > layer(parts) and not (target == () and parts[0] in ON_TOP)]
    assert not upward


def test_every_layer_is_known():
    found = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert found - {"__init__", "__main__"} <= set(LAYERS)


def test_import_leaves_numpy_out():
    """A statement about the module list: importing NumPy alone would cost 60 ms, inspect or dataclasses 10. The time is measured by
    benchmarks/startup.py."""
    code = "import sys; before = set(sys.modules); import tensorgrad; print('\\n'.join(sorted(set(sys.modules) - before)))"
    names = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); {code}"],
                           capture_output=True, text=True, check=True).stdout.split()
    cython = {"cython_runtime", "cyutility"}  # and _cython_<version>
    strangers = {n.split(".")[0].lstrip("_") for n in names if not n.startswith("_cython")} - {"tensorgrad"} - cython
    allowed = {"collections", "compat_pickle", "copyreg", "functools", "importlib", "itertools", "keyword", "math", "operator",
               "pickle", "reprlib", "types", "warnings", "weakref", "weakrefset"}
    assert strangers <= allowed, sorted(strangers - allowed)


def test_import_loads_no_layer_that_a_program_may_not_need():
    """Ops beside the first families: tests/test_families.py."""
    code = "import sys, tensorgrad; print(*{n.split('.')[1] for n in sys.modules if n.startswith('tensorgrad.')})"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(names) == {"_core", "autograd", "config", "ops", "printing", "tensor"}
