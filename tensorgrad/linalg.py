"""Linear algebra: what the records of tensorgrad/ops declare for this namespace. Matrices are the last two dimensions."""

from ._core.errors import LinAlgError as LinAlgError
from .ops.declare import REGISTRY
from .ops.families import load

load()
globals().update({name: entry.function for (space, name), entry in REGISTRY.items() if space == "linalg"})
