"""Type stubs for the public modules, written from what they contain: `python tests/stubs.py` writes the .pyi files, and the
index of the families of ops that are loaded later (ops/contents.py).

Names and parameters come from the functions themselves. What a function returns is seen on the first sample of its record or,
where it has none, in its docstring's example; PARAMETERS gives the types of arguments by their names. A parameter that may be many things
is Any: a stub must not refuse a program that runs.
"""

import contextlib
import doctest
import inspect
import io
import subprocess
import sys
from dis import opname
from importlib import import_module
from pathlib import Path

import tensorgrad
from tensorgrad.ops.declare import METHODS, REGISTRY, Bools, Definite, Floats, Ints
from tensorgrad.ops.families import load

ROOT = Path(tensorgrad.__file__).parent
MODULES = ("", "nn", "nn.functional", "nn.init", "nn.utils", "optim", "optim.lr_scheduler", "linalg", "func", "autograd",
           "autograd.functional", "autograd.graph", "autograd.profiler", "autograd.function", "utils", "utils.data", "utils.checkpoint",
           "special", "fft", "distributions", "distributions.constraints", "distributions.transforms", "training", "vision",
           "vision.datasets", "vision.models", "vision.ops", "vision.transforms", "vision.transforms.functional", "vision.utils")
PARAMETERS = {"input": "Tensor", "tensor": "Tensor", "target": "Tensor", "mat1": "Tensor", "mat2": "Tensor", "A": "Tensor", "B": "Tensor",
              "index": "Any", "weight": "Any", "inplace": "bool", "bias": "Any"}
OPERATORS = {"__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__floordiv__",
             "__rfloordiv__", "__mod__", "__rmod__", "__pow__", "__rpow__", "__matmul__", "__rmatmul__", "__and__", "__rand__", "__or__",
             "__ror__", "__xor__", "__rxor__", "__lshift__", "__rshift__", "__iadd__", "__isub__", "__imul__", "__itruediv__",
             "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__getitem__", "__neg__", "__pos__", "__abs__", "__invert__"}
PROTOCOL = {"__init__", "__call__", "__iter__", "__len__", "__getitem__", "__setitem__", "__contains__", "__next__", "__enter__",
            "__exit__", "__bool__", "__float__", "__int__", "__index__", "__getattr__", "__add__", "__or__", "__delitem__"}
FIXED = {"__bool__": "bool", "__len__": "int", "__float__": "float", "__int__": "int", "__index__": "int", "__init__": "None",
         "__contains__": "bool", "__exit__": "None", "__setitem__": "None", "__delitem__": "None", "item": "Any", "tolist": "Any",
         "numpy": "Any", "size": "Any", "stride": "Any", "shape": "Size", "dtype": "dtype", "device": "device", "grad": "Tensor | None",
         "data": "Tensor", "T": "Tensor", "mT": "Tensor", "requires_grad": "bool", "is_leaf": "bool", "ndim": "int", "backward": "None",
         "__iter__": "Iterator[Any]", "parameters": "Iterator[Tensor]", "named_parameters": "Iterator[tuple[str, Tensor]]",
         "zero_grad": "None", "saved_tensors": "tuple[Tensor, ...]", "numel": "int", "dim": "int", "detach": "Tensor", "__enter__": "Any"}
# Members that return what the user put in, whatever an example shows.
FREE = {"Tensor.as_subclass", "ParameterDict.get", "ParameterDict.pop", "ParameterDict.setdefault", "ParameterDict.__getitem__",
        "ParameterList.pop", "ParameterList.__getitem__", "Trainer.predict"}
# Members of distributions that are tensors.
DENSITIES = {"mean", "variance", "stddev", "mode", "entropy", "log_prob", "cdf", "icdf", "sample", "rsample", "sample_n", "perplexity",
             "enumerate_support", "log_density"}
HEADER = '''"""Written by `python tests/stubs.py`; not edited by hand."""
# mypy: ignore-errors
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
'''


# ---- what there is ----

def public_names(module):
    """{name: value} of the functions, classes and other values that a module offers."""
    found = {}
    listed = vars(module).get("__all__")
    for name in sorted(set(listed or dir(module)) | set(getattr(module, "_LAZY_NAMES", ()))):
        if name.startswith("_") and name != "__version__":
            continue
        value = getattr(module, name)
        own = getattr(value, "__module__", None) or ""
        if inspect.ismodule(value) or (callable(value) and not str(own).startswith("tensorgrad")):
            continue
        inner = str(own).startswith(("tensorgrad._core", "tensorgrad.ops")) and not (
            inspect.isclass(value) and issubclass(value, Exception))
        if inner and listed is None and module is not tensorgrad:
            continue  # what the module itself works with
        found[name] = value
    return found


def modules():
    """{dotted name below tensorgrad: module}."""
    return {name: import_module(f"tensorgrad.{name}" if name else "tensorgrad") for name in MODULES}


# ---- what functions return ----

class Observer:
    """Runs samples and examples and notes what functions return."""

    def __init__(self):
        self.returned = {}  # code object -> type texts

    def __enter__(self):
        self.before = sys.getprofile()
        sys.setprofile(self.event)
        return self

    def __exit__(self, *error):
        sys.setprofile(self.before)

    def event(self, frame, kind, value):
        """A function returned (and was not left by an exception, which is reported as a return of None)."""
        if kind == "return" and frame.f_code.co_filename.startswith(str(ROOT)) and (
                value is not None or opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")):
            made = "Iterator[Any]" if frame.f_code.co_flags & inspect.CO_GENERATOR else text_of(value)  # else it is what was yielded
            self.returned.setdefault(frame.f_code, set()).add(made)

    def run_example(self, value):
        """Run the example of a docstring."""
        for test in doctest.DocTestFinder(recurse=inspect.isclass(value)).find(value, "x", module=False, globs={}):
            with contextlib.redirect_stdout(io.StringIO()):
                doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=lambda text: None)

    def of(self, function):
        """The type text of what a function returned, 'Any' where that is unknown or not one thing."""
        code = getattr(inspect.unwrap(function), "__code__", None)
        seen = set(self.returned.get(code, ())) - {"None"} or self.returned.get(code, set())
        return next(iter(seen)) if len(seen) == 1 else "Any"


def text_of(value):
    """The type of a value as it stands in a stub."""
    kind = type(value)
    if kind.__name__ in ("Tensor", "Parameter", "Buffer") and isinstance(value, tensorgrad.Tensor):
        return "Tensor"
    if value is None or kind in (bool, int, float, str):
        return "None" if value is None else kind.__name__
    if kind in (tuple, list) and value and all(isinstance(v, tensorgrad.Tensor) for v in value):
        return "tuple[Tensor, ...]" if kind is tuple else "list[Tensor]"
    if hasattr(kind, "_fields") and kind.__module__ == "tensorgrad.return_types":
        return NAMED.setdefault(kind._fields, f"_{kind.__name__.removeprefix('_')}_{'_'.join(kind._fields)}")
    return "Any"


NAMED: dict[tuple[str, ...], str] = {}  # fields -> name of the named tuple in the root's stub


def sample_type(entry):
    """What a record's function returns on its samples."""
    if entry.op is not None:
        return "Tensor"
    from random import Random
    found = set()
    for case in entry.samples:
        arguments = [stand_in(i, entry.domain, Random(1)) for i in case.inputs]
        named = {k: stand_in(v, entry.domain, Random(1)) if isinstance(v, (Ints, Bools, Floats, Definite)) else v
                 for k, v in case.attributes.items()}
        found.add(text_of(entry.function(*arguments, **named)))
    return found.pop() if len(found) == 1 else "Any"


def stand_in(item, domain, random):
    """A tensor for a sample's shape; anything else as it is."""
    if isinstance(item, list) and item and all(isinstance(i, (tuple, Ints, Bools, Definite)) for i in item):
        return [stand_in(i, domain, random) for i in item]
    if isinstance(item, Ints):
        return tensorgrad.randint(item.low, item.high, item.shape)
    if isinstance(item, Bools):
        return tensorgrad.zeros(item.shape, dtype=tensorgrad.bool)
    if isinstance(item, Definite):
        return tensorgrad.eye(item.shape[-1]).expand(item.shape).clone()
    if isinstance(item, Floats):
        item = item.shape
    if isinstance(item, tuple):
        low, high = domain
        return tensorgrad.rand(item) * (high - low) + low
    return item


# ---- text ----

def parameter_text(p):
    """One parameter of a signature."""
    star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    kind = PARAMETERS.get(p.name, "Any")
    if p.default is not p.empty and kind == "Any":
        kind = {bool: "bool", float: "float", str: "str"}.get(type(p.default), "Any")
        kind = "Any" if p.name in ("padding", "p", "ord", "reduction_dim", "nonlinearity") else kind
    elif p.default is None and kind != "Any":
        kind += " | None"
    return f"{star}{p.name}: {kind}" + (" = ..." if p.default is not p.empty else "")


def signature_text(function, method=False):
    """The parameters as text; `*args: Any, **kwargs: Any` where they cannot be told."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ("self, " if method else "") + "*args: Any, **kwargs: Any"
    parts, positional = [], True
    for i, p in enumerate(parameters):
        if p.kind is p.KEYWORD_ONLY and positional:
            positional = False
            if not any(q.kind is q.VAR_POSITIONAL for q in parameters[:i]):
                parts.append("*")
        parts.append("self" if method and i == 0 else parameter_text(p))
        if p.kind is p.POSITIONAL_ONLY and (i + 1 == len(parameters) or parameters[i + 1].kind is not p.POSITIONAL_ONLY):
            parts.append("/")
    return ", ".join(parts)


class Writer:
    """Makes the stub of each module; a value that another module's stub holds is imported from there."""

    def __init__(self):
        load()
        for name in dir(tensorgrad.Tensor):
            getattr(tensorgrad.Tensor, name)  # puts the method in the place of what stands for it
        self.modules = modules()
        self.home = {}  # id of a class -> (module, name)
        self.observer = Observer()
        self.types = {}
        for space, module in self.modules.items():
            for name, value in public_names(module).items():
                if inspect.isclass(value) and (id(value) not in self.home or len(space) < len(self.home[id(value)][0])):
                    self.home[id(value)] = space, name
        by_function = {id(e.function): e for e in REGISTRY.values()}
        for function in {id(f): f for f in (*METHODS.values(), *(e.function for e in REGISTRY.values()))}.values():
            entry = by_function.get(id(function))
            self.types[id(function)] = sample_type(entry) if entry is not None and (entry.samples or entry.op) else None
        self.keep = []
        for module in self.modules.values():
            for value in public_names(module).values():
                if callable(value) and self.types.get(id(value)) is None:
                    self.keep.append(value)
        with self.observer:
            for value in self.keep:
                self.observer.run_example(value)

    def returns(self, function, name):
        """What a function or method returns."""
        return FIXED.get(name) or self.types.get(id(function)) or self.observer.of(function)

    def text(self, space):
        """The stub of one module."""
        body, used = [], set()
        for name, value in public_names(self.modules[space]).items():
            if inspect.isclass(value):
                home = self.home[id(value)]
                if home != (space, name):
                    body.append(f"from tensorgrad{'.' + home[0] if home[0] else ''} import {home[1]} as {name}")
                else:
                    body += self.class_text(space, name, value, used)
            elif callable(value):
                image = space == "vision.transforms.functional" and "img" in inspect.signature(value).parameters
                kind = self.returns(value, "")
                kind = "Any" if image and "Tensor" in kind else kind  # one of Pillow's images where the argument was one
                body.append(f"def {name}({signature_text(value)}) -> {kind}: ...")
            else:
                kind = "dtype" if type(value).__name__ == "dtype" else type(value).__name__
                body.append(f"{name}: {kind if kind in ('dtype', 'float', 'int', 'str') else 'Any'}")
        lines = [HEADER]
        children = sorted(m.rpartition(".")[2] for m in MODULES if m and m.rpartition(".")[0] == space)
        if space == "":
            children += [n for n in sorted(tensorgrad._LAZY) if n not in children]
            body += [f"class {name}(NamedTuple):\n" + "\n".join(f"    {f}: Tensor" for f in fields)
                     for fields, name in sorted(NAMED.items(), key=lambda item: item[1])]
        else:
            shared = ["Size", "Tensor", "device", "dtype", *sorted(n for n in NAMED.values() if any(n in line for line in body))]
            lines.append(f"from tensorgrad import {', '.join(shared)}")
        lines += [f"from tensorgrad{'.' + home if home else ''} import {name}" for home, name in sorted(used) if home != space]
        lines += [f"from . import {c} as {c}" for c in children]
        return "\n".join([*lines, "", *body, ""])

    def class_text(self, space, name, cls, used):
        """A class with the methods that its public base does not have."""
        base = next((c for c in cls.__mro__[1:] if id(c) in self.home), None)
        inherited = [c for c in cls.__mro__ if c is not object and (base is None or c not in base.__mro__)]
        bases = []
        if base is not None:
            used.add(self.home[id(base)])
            bases.append(self.home[id(base)][1])
        elif issubclass(cls, tuple):
            bases.append("tuple[Any, ...]")
        elif issubclass(cls, Exception):
            bases += [c.__name__ for c in cls.__bases__ if c.__module__ == "builtins"]
        members = {}
        for c in reversed(inherited):
            members.update({k: v for k, v in vars(c).items() if not k.startswith("_") or k in PROTOCOL or (
                name == "Tensor" and k in OPERATORS)})
        lines = [f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"]
        for key, value in sorted(members.items()):
            tensor = space == "distributions" and key in DENSITIES
            lines += ["    " + line for line in self.member(name, key, value, "Tensor" if tensor else None)]
        if name in ("Module", "Optimizer"):
            lines.append("    def __getattr__(self, name: str) -> Any: ...")
        if base is not None and "forward" in members and self.returns(members["forward"], "") == "Tensor":
            lines.append("    def __call__(self, *args: Any, **kwargs: Any) -> Tensor: ...")
        return [*lines, "    ..."] if len(lines) == 1 else lines

    def member(self, name, key, value, known=None):
        """The lines of one attribute or method; known: its type, or what it returns, where that is known."""
        if name == "Module" and key in ("forward", "__call__"):
            return [f"{key}: Callable[..., Any]"]
        if name == "Tensor" and key in OPERATORS:
            binary = "other: Any, /" if key not in ("__neg__", "__pos__", "__abs__", "__invert__") else ""
            return [f"def {key}({', '.join(filter(None, ['self', binary]))}) -> Tensor: ..."]
        if key == "__init__" and name == "Tensor":
            return ["def __init__(self, *args: Any, **kwargs: Any) -> None: ..."]
        if isinstance(value, property) or type(value).__name__ == "getset_descriptor":
            return [f"{key}: {known or FIXED.get(key, 'Any')}"]
        if isinstance(value, (staticmethod, classmethod)):
            kind = "staticmethod" if isinstance(value, staticmethod) else "classmethod"
            if key in ("forward", "backward", "apply", "setup_context", "vjp"):
                first = "" if kind == "staticmethod" else "cls, "
                return [f"@{kind}", f"def {key}({first}*args: Any, **kwargs: Any) -> Any: ..."]
            text = signature_text(value.__func__, kind == "classmethod")
            return [f"@{kind}", f"def {key}({text.replace('self', 'cls', 1) if kind == 'classmethod' else text}) -> Any: ..."]
        if inspect.isclass(value) or not callable(value):
            return [f"{key}: {known or 'Any'}"]
        kind = known or ("Any" if f"{name}.{key}" in FREE else self.returns(value, key))
        if name == "Tensor" and kind == "Any" and key.endswith("_") and not key.endswith("__"):
            kind = "Tensor"
        return [f"def {key}({signature_text(value, True)}) -> {kind}: ..."]


def path_of(space):
    """Where the stub of a module stands."""
    source = Path(import_module(f"tensorgrad.{space}" if space else "tensorgrad").__file__)
    return source.with_suffix(".pyi")


def contents():
    """The text of ops/contents.py, from a process that has loaded none of what it is about."""
    code = "from tensorgrad.ops.families import survey; print(survey(), end='')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def stubs():
    """{path: text} of all stubs, and of the index."""
    writer = Writer()
    return {ROOT / "ops" / "contents.py": contents(), **{path_of(space): writer.text(space) for space in MODULES}}


def main():
    """Write the stubs and the index."""
    for path, text in stubs().items():
        path.write_text(text)
        print(path.relative_to(ROOT.parent))


if __name__ == "__main__":
    main()
