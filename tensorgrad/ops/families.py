"""Every family of ops, and when it is loaded.

The first ones are what Tensor's class and the operators need: they are loaded with the package. Every other one is loaded when one of
its names is first asked for, of a module (`door`) or of Tensor (`Later` in tensor.py); contents.py says whose that name is.
"""

import os
import sys
from importlib import import_module

from .contents import CONTENTS
from .declare import IN_PLACE, METHODS, REGISTRY, dress, in_place_doc

FIRST = ("shape", "rearrange", "create", "elementwise", "pointwise", "index", "indexing", "linalg")
LATER = ("activation", "reduce", "order", "extremes", "lookup", "einsum", "stacking", "replacing", "calculus", "statistics",
         "longtail", "special", "fourier", "facts", "memory", "methods", "random", "gamma", "solve", "decompose", "spectral",
         "matrix_norm", "matrices_top", "rows", "norm", "loss", "loss_pointwise", "loss_margin", "dropout", "conv", "pool", "pad",
         "attention", "resample", "shuffle", "unpool", "ctc", "grid", "grouped", "native")
TENSOR = "Tensor"  # the methods' place in CONTENTS, beside the namespaces
FAMILY = {(space, name): family for family, spaces in CONTENTS.items() for space, names in spaces.items() for name in names.split()}


def load(families=FIRST + LATER):
    """Import the families, which enter their functions into the registry."""
    for family in families:
        import_module(f"tensorgrad.ops.{family}")


# A child forked while another thread imports would wait forever for a lock whose holder it does not have: nothing is left to import.
os.register_at_fork(before=load)


def load_home(space, name):
    """Import the later family that has a name, if one has. Importing also waits for another thread that is about to."""
    family = FAMILY.get((space, name))
    if family is not None:
        load((family,))


def entry(space, name):
    """What the registry knows of a public function, None where there is none."""
    load_home(space, name)
    return REGISTRY.get((space, name))


def method(name):
    """The function that is Tensor's method of this name. Docstrings of in-place methods are made here, when they
    are first looked at: at import they would cost 0.1 ms."""
    load_home(TENSOR, name)
    if name in IN_PLACE:
        plain, function, how = IN_PLACE[name]
        dress(METHODS[name], plain + "_", in_place_doc(plain, function.__doc__, how))
    return METHODS[name]


def door(names, space, same=None):
    """(__getattr__, __dir__) of the module with the globals `names`, which offers the functions of a namespace, and those
    of the top level that `same` names: {name here: name there}."""
    same = same or {}

    def find(name):
        if name == "__all__":  # from module import *
            return [n for n in listed() if not n.startswith("_")]
        found = entry(space, name) or (entry("", same[name]) if name in same else None)
        if found is None:
            raise AttributeError(f"module {names['__name__']!r} has no attribute {name!r}")
        return names.setdefault(name, found.function)

    def listed():
        load()
        for name in (*same, *(name for place, name in REGISTRY if place == space)):
            find(name)
        return sorted(names)

    return find, listed


def survey():
    """The text of contents.py: what each later family adds, loaded one after the other in a process that has loaded none yet."""
    lines = []
    for family in LATER:
        known, methods, loaded = set(REGISTRY), set(METHODS), set(sys.modules)
        load((family,))
        others = {name.rpartition(".")[2] for name in set(sys.modules) - loaded if name.startswith(f"{__package__}.")} & set(LATER)
        if others != {family}:
            raise ImportError(f"{family} must stand behind the families that it imports: {sorted(others - {family})}")
        spaces = {}
        for space, name in sorted(set(REGISTRY) - known) + [(TENSOR, name) for name in sorted(set(METHODS) - methods)]:
            spaces.setdefault(space, []).append(name)
        lines += [f'    "{family}": {{', *(line for space, names in spaces.items() for line in wrapped(space, names)), "    },"]
    return "\n".join(['"""What the later families have. Written by `python tests/stubs.py`; not edited by hand."""', "",
                      "CONTENTS = {", *lines, "}", ""])


def wrapped(space, names):
    """The lines of one place of a family."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > 110:
            lines.append("")
        lines[-1] += f"{name} "
    return [f'        "{space}":', *(f'            "{line}"' for line in lines[:-1]), f'            "{lines[-1].rstrip()}",']
