"""Arrays and tensors from the samples of the registry."""

import zlib

import numpy as np

import tensorgrad as tg
from tensorgrad.ops.declare import REGISTRY, Bools, Definite, Floats, Ints
from tensorgrad.ops.families import load

load()


def entries(predicate=lambda entry: True):
    """Every public function once (aliases left out) that has samples."""
    return [e for _, e in sorted(REGISTRY.items()) if not e.aliases and e.samples and predicate(e)]


def identity(entry):
    """A test's name."""
    return f"{entry.namespace}.{entry.name}" if entry.namespace else entry.name


def arrays(entry, case, dtype=np.float64):
    """(positional, by keyword): the arguments of a case, with NumPy arrays where it names shapes."""
    random = np.random.RandomState(zlib.crc32(f"{entry.name}{case!r}".encode()) % 2**31)
    low, high = entry.domain

    def floats(shape):
        return np.asarray(random.uniform(low, high, shape), dtype)

    def make(item, positional):
        if isinstance(item, Floats) or (positional and isinstance(item, tuple)):
            return floats(item.shape if isinstance(item, Floats) else item)
        if isinstance(item, Definite):
            root = random.uniform(-1, 1, item.shape)
            return np.asarray(root @ np.swapaxes(root, -1, -2) + np.diag(np.arange(1.0, 1 + item.shape[-1])), dtype)
        if isinstance(item, Ints):
            return np.asarray(random.randint(item.low, item.high, item.shape), np.int64)
        if isinstance(item, Bools):
            return np.asarray(random.uniform(size=item.shape) < 0.5)
        if positional and isinstance(item, list) and item and all(isinstance(i, (tuple, Ints, Bools, Definite)) for i in item):
            return [make(i, True) for i in item]
        return item
    return [make(i, True) for i in case.inputs], {k: make(v, False) for k, v in case.attributes.items()}


def strided(array, kind):
    """The same values in another memory order: transposed, or every second element of a larger array."""
    if kind == "transposed":
        return np.ascontiguousarray(array.T).T
    wide = np.full((*array.shape[:-1], array.shape[-1] * 2), 77, array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def to_tensors(values, requires_grad=False, kind=None, make=None):
    """The same structure with tensors on copies of the arrays; make: from_numpy of another library."""
    make = make or tg.from_numpy
    if isinstance(values, dict):
        return {k: to_tensors(v, requires_grad, kind, make) for k, v in values.items()}
    if isinstance(values, list) and any(isinstance(v, (np.ndarray, list)) for v in values):
        return [to_tensors(v, requires_grad, kind, make) for v in values]
    if not isinstance(values, np.ndarray):
        return values
    t = make(strided(values, kind) if kind and values.ndim else values.copy())
    return t.requires_grad_() if requires_grad and t.is_floating_point() else t


def leaves(structure):
    """Every tensor of a call's arguments or results, in order."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, (list, tuple)):
        return [t for item in structure for t in leaves(item)]
    return [structure] if hasattr(structure, "requires_grad") else []


def results(value):
    """The tensors a call returned as NumPy arrays."""
    return [np.asarray(t.detach().numpy()) for t in leaves(value)]
