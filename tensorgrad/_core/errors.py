"""The exceptions of tensorgrad: each is also the type that PyTorch raises, so `except RuntimeError` keeps working.

A message names the op, the argument, its value, the allowed range and every shape involved.
"""

from _pickle import UnpicklingError  # what pickle.UnpicklingError is; importing pickle itself costs 7 ms


class ShapeError(RuntimeError, ValueError):
    """Shapes that do not fit the op or each other. Source: the RuntimeError that PyTorch raises.

    >>> import tensorgrad
    >>> tensorgrad.ones(2) @ tensorgrad.ones(3)
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.ShapeError: matmul: mat1 (2,) and mat2 (3,): inner sizes 2 and 3 differ
    """


class DTypeError(NotImplementedError, TypeError):
    """An element type that the op has no kernel or no rule for. Source: the NotImplementedError that PyTorch raises.

    >>> import tensorgrad
    >>> tensorgrad.ones(2) & 1
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.DTypeError: bitwise_and: no kernel for tensorgrad.float32
    """


class ArgumentError(ValueError, RuntimeError):
    """An argument outside its allowed range. Source: the RuntimeError or ValueError that PyTorch raises.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2).bernoulli_(2.0)
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.ArgumentError: bernoulli_: p must be in [0, 1], got 2.0
    """


class OutOfRangeError(IndexError, RuntimeError):
    """An index, label or dimension that does not exist. Source: the IndexError that PyTorch raises.

    >>> import tensorgrad
    >>> tensorgrad.ones(2)[5]
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.OutOfRangeError: select: index 5 is out of range [-2, 1] for dimension 0 of a tensor of shape (2,)
    """


class OutOfMemoryError(MemoryError, RuntimeError):
    """The memory for a result could not be had; the cache was emptied and the request tried again before. Source: the RuntimeError
    that PyTorch raises.

    >>> import tensorgrad
    >>> tensorgrad.empty(2**55)
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.OutOfMemoryError: tensor: cannot allocate 144,115,188,075,855,872 bytes
    """


class GraphError(RuntimeError):
    """Misuse of the graph: backward twice, in-place on a leaf, a saved value that was overwritten. Source: the RuntimeError that
    PyTorch raises.

    >>> import tensorgrad
    >>> tensorgrad.ones(2, requires_grad=True).numpy()
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.GraphError: numpy: this tensor requires grad; use tensor.detach().numpy()
    """


class FileFormatError(ValueError, RuntimeError):
    """A file that is damaged or not of the expected format. Source: the RuntimeError that PyTorch raises.

    >>> import io, tensorgrad
    >>> tensorgrad.load(io.BytesIO(b"text"))
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.FileFormatError: load: not a complete safetensors file: the header reaches beyond the end [the file]
    """


class UnsafeFileError(UnpicklingError, RuntimeError):
    """A file that asks for code to be run when it is loaded. Source: the pickle.UnpicklingError that PyTorch raises.

    >>> import io, pickle, tensorgrad, zipfile
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as folder:
    ...     folder.writestr("archive/data.pkl", pickle.dumps(print, 2))
    >>> try:
    ...     tensorgrad.load(io.BytesIO(file.getvalue()))
    ... except tensorgrad.UnsafeFileError as error:
    ...     print(str(error)[:35])
    load: the file wants builtins.print
    """


class LinAlgError(RuntimeError, ValueError):
    """A matrix that is singular or not positive definite where the op needs it to be. Source: torch.linalg.LinAlgError.

    >>> import tensorgrad
    >>> tensorgrad.linalg.inv(tensorgrad.zeros(2, 2))
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.LinAlgError: linalg.inv: the matrix is singular: its pivot 1 is zero; A has shape (2, 2)
    """
