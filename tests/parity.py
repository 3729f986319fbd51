"""The names of docs/names.md: which exist here, and which were held against PyTorch, on the samples of the registry and on
the calls in tests/calls/*.txt, which both libraries must answer alike (same values, dtypes, shapes and kinds of exception), and
on the values that are stored of PyTorch (stored.py).

In a call `t` is the library; each gets its own tensors (WORDS, and h and w: a as float16 and bfloat16) and a generator with
the same seed. Statements before the last semicolon prepare; the value of the last expression is compared.

As a program it prints a table by namespace:

    python tests/parity.py [namespace]
"""

import re
import sys
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import stored
from samples import arrays, to_tensors

import tensorgrad as tg
from tensorgrad.ops.declare import METHODS, REGISTRY

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

CALLS = {path.stem: path.read_text().splitlines() for path in sorted((Path(__file__).parent / "calls").glob("*.txt"))}
WORDS = {
    "a": [[0.5, -1.25, 2.0], [-0.75, 3.5, 1.5]],
    "b": [[1.5, 2.0, -0.5], [0.25, -3.0, 1.0]],
    "d": [[1.5, 2.5], [0.25, 4.0]],
    "v": [3.0, -1.0, 2.0],
    "z": 2.5,
    "e": [[], []],
    "n": [[float("nan"), 1.0, float("inf")], [-float("inf"), 0.0, -2.0]],
    "i": [[1, -2, 3], [4, 0, -6]],
    "j": [[2, 3, -4], [1, 5, 2]],
    "k": [1, 0, 1],
    "m": [[True, False, True], [False, False, True]],
}
NAMES = Path(__file__).parents[1] / "docs" / "names.md"
PLACES = {"tensorgrad": "", "nn. classes": "nn", "utilities": "", "dtypes": ""}


def sections(path=NAMES):
    """{namespace: {name: whether it is an everyday one}} of a file of names."""
    out = {}
    for part in re.split(r"^## ", path.read_text().split("\n## Left out")[0], flags=re.M)[1:]:
        head, body = part.split("\n", 1)
        out[head.strip()] = {word.lstrip("*"): word.startswith("*") for word in body.split()}
    return out


def left_out(path=NAMES):
    """The names that are missing on purpose, from the list at the file's end: `- name name: reason`, by namespace."""
    body = path.read_text().split("\n## Left out", 1)[1]
    lines = re.findall(r"^- (.+?) \((.+?)\):", body, flags=re.M | re.S)
    return {(space, name) for names, space in lines for name in names.split()}


def find(library, dotted):
    """What a dotted name of a library stands for, or None."""
    place = library
    for part in dotted.split("."):
        try:
            place = getattr(place, part)
        except AttributeError:
            try:
                place = import_module(f"{place.__name__}.{part}")
            except (ImportError, AttributeError):
                return None
    return place


def exists(namespace, name):
    """Whether tensorgrad has a name of a namespace."""
    if namespace.startswith("Tensor"):
        return hasattr(tg.Tensor, name)
    place = PLACES.get(namespace, namespace)
    return find(tg, f"{place}.{name}" if place else name) is not None


def missing(namespace, names):
    """The names of a namespace that tensorgrad lacks."""
    return [n for n in names if not exists(namespace, n)]


# ---- the same call in both libraries ----

def plain(value):
    """An outcome as something that can be compared: tensors by dtype, shape and values."""
    if hasattr(value, "requires_grad") and hasattr(value, "detach"):
        name = str(value.dtype).split(".")[1]
        array = value.detach()
        array = array.resolve_conj() if name.startswith("complex") and hasattr(array, "resolve_conj") else array
        array = (array.float() if name.startswith(("bfloat16", "float8")) else array).numpy()
        return ("tensor", name, tuple(value.shape), array)
    if isinstance(value, (list, tuple)):
        return tuple(plain(v) for v in value)
    if isinstance(value, dict):
        return tuple((k, plain(v)) for k, v in value.items())
    if type(value).__name__ in ("dtype", "device", "layout"):
        return str(value).split(".")[-1]
    return value


def same(a, b, tolerance):
    """Whether two plain outcomes agree."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        if len(a) == 4 and a[0] == "tensor":
            return a[:3] == b[:3] and np.allclose(a[3], b[3], tolerance, tolerance, equal_nan=True)
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, tolerance, tolerance, equal_nan=True))
    if isinstance(a, str) and isinstance(b, str):
        return a.replace("tensorgrad", "torch") == b.replace("tensorgrad", "torch")
    return type(a) is type(b) and a == b


def outcome(run):
    """What a call returns, or the exception that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run()
        except Exception as error:
            return error


def compare(ours, theirs, tolerance=2e-5):
    """None where two outcomes agree, else a sentence. An exception agrees with one that it can be caught as."""
    if isinstance(theirs, Exception):
        kind = next(k for k in type(theirs).__mro__ if k.__module__ == "builtins")
        return None if isinstance(ours, kind) else f"PyTorch raises {theirs!r}, tensorgrad gives {ours!r}"
    if isinstance(ours, Exception):
        return f"tensorgrad raises {ours!r}, PyTorch gives {theirs!r}"
    a, b = plain(ours), plain(theirs)
    return None if same(a, b, tolerance) else f"tensorgrad gives {a}, PyTorch {b}"


def evaluate(library, line):
    """The value of a line of CALLS, which calls the library t: the last expression after its statements."""
    from_numpy = library.from_numpy
    scope = {name: from_numpy(np.array(make)) for name, make in WORDS.items()}
    scope |= {"t": library, "nan": float("nan"), "inf": float("inf"), "np": np}
    scope["h"], scope["w"] = scope["a"].half(), scope["a"].bfloat16()
    library.manual_seed(3)
    *statements, last = line.split("; ")
    exec("\n".join(statements), scope)
    return eval(last, scope)


def disagreement(line):
    """None where both libraries agree on a line of CALLS, else what differs."""
    found = [outcome(lambda library=library: evaluate(library, line)) for library in (tg, torch)]
    return compare(*found, tolerance=2e-3 if re.search(r"\b[hw]\b", line) else 2e-5)


# ---- which names were held against PyTorch ----

def on_samples(entry, twin, method=None):
    """The registry's samples of a function in both libraries (twin: PyTorch's): None where all agree, else what differs.
    method: called as a method of that name of the first tensor."""
    for case in entry.samples:
        positional, named = arrays(entry, case, np.float32)
        runs = []
        for library in (tg, torch):
            args = to_tensors(positional, make=library.from_numpy)
            more = to_tensors(named, make=library.from_numpy)
            function = twin if library is torch else entry.function
            if method is not None:
                if not hasattr(args[0], method):
                    return f"{library.__name__} has no method {method}"
                function, args = getattr(args[0], method), args[1:]
            library.manual_seed(7)
            runs.append(outcome(lambda f=function, a=args, k=more: f(*a, **k)))
        verdict = compare(*runs, tolerance=1e-4)
        if verdict:
            return f"{case!r}: {verdict}"
    return None


def verdicts(namespace, names):
    """{name: None or what differs} for every name of a namespace that has samples or calls."""
    out = {name: verdict for name, verdict in stored.verdicts(namespace).items() if name in names}
    if torch is None:
        return out
    method = namespace == "Tensor methods"
    space = "" if namespace.startswith("Tensor ") else PLACES.get(namespace, namespace)
    if not namespace.startswith("Tensor ") or method:
        for name in names:
            base = name[:-1] if method and name.endswith("_") and name not in METHODS_ALONE else name
            dotted = f"{space}.{name}".lstrip(".")
            entry = REGISTRY.get((space, base)) or (None if method else BY_FUNCTION.get(id(find(tg, dotted))))
            if method and not hasattr(tg.Tensor, name):
                continue
            twin = entry and (entry.torch if (space, base) in REGISTRY else dotted)
            if not twin or not entry.samples or (
                    method and not all(c.inputs and isinstance(c.inputs[0], tuple) for c in entry.samples)):
                continue
            out[name] = out.get(name) or on_samples(entry, find(torch, twin), name if method else None)
    pattern = re.compile(r"\bt\.([\w.]+)" if not namespace.startswith("Tensor") else r"(?:\w|\))\.(\w+)")
    for line in (line for lines in CALLS.values() for line in lines):
        called = pattern.findall(line)
        found = {n[len(space):].lstrip(".") for n in called if not space or n.startswith(f"{space}.")} & set(names)
        if found:
            verdict = disagreement(line)
            for name in found:
                out[name] = out.get(name) or (verdict and f"{line}: {verdict}")
    return out


BY_FUNCTION = {id(entry.function): entry for entry in REGISTRY.values()}  # special.expit is sigmoid
METHODS_ALONE = {n for n in METHODS if n.endswith("_") and ("", n[:-1]) not in REGISTRY}


def table(only=None):
    """Rows of (namespace, listed, present, agreeing, differing, names that were not held against PyTorch)."""
    for namespace, names in sections().items():
        if only in (None, namespace):
            held = verdicts(namespace, names)
            there = [n for n in names if exists(namespace, n)]
            wrong = {n: v for n, v in held.items() if v and n in there}
            good = [n for n in there if n in held and not held[n]]
            yield namespace, len(names), len(there), len(good), wrong, [n for n in there if n not in held]


def main(arguments):
    only = arguments[0] if arguments else None
    print(f"{'namespace':22}{'listed':>8}{'present':>9}{'agreeing':>10}")
    for namespace, listed, there, good, wrong, unheld in table(only):
        print(f"{namespace:22}{listed:8}{there:9}{good:10}")
        if only:
            print("missing:", *missing(namespace, sections()[namespace]))
            print("not compared:", *unheld)
            for name, why in wrong.items():
                print(f"{name}: {why}"[:400])


if __name__ == "__main__":
    main(sys.argv[1:])
