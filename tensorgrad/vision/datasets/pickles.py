"""CIFAR's files: pickles of dicts with an array of bytes, read without running anything that they name."""

import pickle

from tensorgrad._core.errors import FileFormatError, UnsafeFileError


class Bytes:
    """What stands for a NumPy array while the file is read: its state, as the pickle says it."""

    def __setstate__(self, state):
        _, self.shape, self.dtype, self.fortran, self.data = state


class Kind:
    """What stands for a NumPy dtype."""

    def __init__(self, name="", *_):
        self.name = name

    def __setstate__(self, state):
        pass


def new_array(*_):
    """What stands for NumPy's maker of empty arrays."""
    return Bytes()


def latin1(text, encoding="latin1"):
    """What stands for codecs.encode: bytes that Python 2 and 3 both can read."""
    return text.encode("latin1")


STANDS_FOR: dict = {("numpy.core.multiarray", "_reconstruct"): new_array, ("numpy._core.multiarray", "_reconstruct"): new_array,
              ("numpy", "ndarray"): Bytes, ("numpy", "dtype"): Kind, ("_codecs", "encode"): latin1}


class Reader(pickle.Unpickler):
    """Unpickles numbers, texts, lists, dicts and arrays of bytes, nothing else."""

    def find_class(self, module, name):
        try:
            return STANDS_FOR[module, name]
        except KeyError:
            raise UnsafeFileError(f"the file asks for {module}.{name}, which no data set needs") from None


def read_pickle(path):
    """The dict in a file, arrays as uint8 ndarrays. Errors: UnsafeFileError for a file that asks for anything but data,
    FileFormatError for one that is damaged."""
    import numpy as np

    with open(path, "rb") as file:
        try:
            content = Reader(file, encoding="latin1").load()
        except UnsafeFileError as error:
            raise UnsafeFileError(f"{path}: {error}") from None
        except Exception as error:  # whatever a damaged stream leads the reader to
            raise FileFormatError(f"{path}: damaged pickle ({type(error).__name__}: {error})") from None
    if not isinstance(content, dict):
        raise FileFormatError(f"{path}: expected a dict, found {type(content).__name__}")
    for key, value in content.items():
        if isinstance(value, Bytes):
            try:
                if value.dtype.name not in ("u1", "|u1", "uint8"):
                    raise TypeError(f"dtype {value.dtype.name!r}")
                data = value.data.encode("latin1") if isinstance(value.data, str) else value.data
                content[key] = np.frombuffer(data, np.uint8).reshape(value.shape, order="F" if value.fortran else "C")
            except (AttributeError, TypeError, ValueError) as error:
                raise FileFormatError(f"{path}: {key!r} is no array of bytes ({error})") from None
    return content
