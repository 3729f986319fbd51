"""The exceptions of tensorgrad: each is also the type that PyTorch raises, so `except RuntimeError` keeps working.

A message names the op, the argument, its value, the allowed range and every shape involved.
"""

from _pickle import UnpicklingError  # what pickle.UnpicklingError is; importing pickle itself costs 7 ms


class ShapeError(RuntimeError, ValueError):
    """Shapes that do not fit the op or each other."""


class DTypeError(NotImplementedError, TypeError):
    """An element type that the op has no kernel or no rule for."""


class ArgumentError(ValueError, RuntimeError):
    """An argument outside its allowed range."""


class OutOfRangeError(IndexError, RuntimeError):
    """An index, label or dimension that does not exist."""


class OutOfMemoryError(MemoryError, RuntimeError):
    """The memory for a result could not be had; the cache was emptied and the request tried again before."""


class GraphError(RuntimeError):
    """Misuse of the graph: backward twice, in-place on a leaf, a saved value that was overwritten."""


class FileFormatError(ValueError, RuntimeError):
    """A file that is damaged or not of the expected format."""


class UnsafeFileError(UnpicklingError, RuntimeError):
    """A file that asks for code to be run when it is loaded."""


class LinAlgError(RuntimeError, ValueError):
    """A matrix that is singular or not positive definite where the op needs it to be."""
