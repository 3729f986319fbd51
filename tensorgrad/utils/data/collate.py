"""Making one batch of a list of samples."""

from collections.abc import Mapping, Sequence

import tensorgrad
from tensorgrad._core.errors import ArgumentError

from . import worker
from .handover import SHARED


def default_convert(data):
    """NumPy's arrays and numbers become tensors of the same shape; goes into dicts, tuples and lists; leaves the rest as it is. Any
    data is taken, there are no errors. Source: torch.utils.data.default_convert.

    >>> import numpy
    >>> from tensorgrad.utils.data import default_convert
    >>> default_convert([numpy.arange(2), "a"])
    [tensor([0, 1]), 'a']
    """
    if type(data).__module__ == "numpy":
        return tensorgrad.as_tensor(data) if data.dtype.kind in "biuf" else data
    if isinstance(data, Mapping):
        return rebuilt(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(value) for value in data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return rebuilt(data, [default_convert(value) for value in data])
    return data


def default_collate(batch):
    """One batch of n samples: tensors and arrays of one shape [*shape] become a tensor [n, *shape], numbers a tensor [n]; goes into
    dicts, tuples and lists; leaves strings in a list. Errors: ArgumentError for no samples, TypeError for other samples and for
    mixed ones, RuntimeError for different lengths, ShapeError for different shapes, KeyError for a key that one of them does not
    have. Source: torch.utils.data.default_collate.

    >>> from tensorgrad.utils.data import default_collate
    >>> default_collate([(1, 2.0), (3, 4.0)])
    [tensor([1, 3]), tensor([2., 4.], dtype=tensorgrad.float64)]
    """
    if not len(batch):
        raise ArgumentError("default_collate: a batch must have samples, got none")
    first = batch[0]
    if isinstance(first, tensorgrad.Tensor):
        return stacked(batch, first)
    if type(first).__module__ == "numpy":
        return from_numpy(batch, first)
    if isinstance(first, float):
        return tensorgrad.tensor(batch, dtype=tensorgrad.float64)
    if isinstance(first, int):
        return tensorgrad.tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        merged = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return merged if type(first) is dict else rebuilt(first, merged)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(column) for column in zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError(f"default_collate: the samples must have equal lengths, got {[len(s) for s in batch]}")
        columns = [default_collate(column) for column in zip(*batch, strict=True)]
        return columns if isinstance(first, tuple | list) else rebuilt(first, columns)
    raise TypeError("default_collate: a batch must contain tensors, numpy arrays, numbers, dicts or lists; "
                    f"got {type(first).__name__}")


def stacked(batch, first):
    """The tensors along a new dimension; a worker writes large ones straight into shared memory."""
    for t in batch:
        if not isinstance(t, tensorgrad.Tensor):
            raise TypeError(f"default_collate: a batch must be of one kind, got a tensor and {type(t).__name__}")
    if worker.info is None or len(batch) * first.numel() * first.dtype.itemsize < SHARED or any(
            t.shape != first.shape or t.dtype != first.dtype or t.requires_grad for t in batch):
        return tensorgrad.stack(batch, 0)
    out = worker.channel.new_tensor((len(batch), *first.shape), first.dtype)
    for row, sample in zip(out, batch, strict=True):
        row.copy_(sample)
    return out


def rebuilt(like, value):
    """`value` as the class of `like` where that can be made from it."""
    try:
        return type(like)(value)
    except TypeError:
        return value


def from_numpy(batch, first):
    """numpy arrays are stacked, numpy scalars become one tensor of their dtype."""
    import numpy as np

    array = np.stack(batch) if getattr(first, "shape", ()) else np.array(batch)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"default_collate: no tensor can hold numpy elements of dtype {array.dtype}")
    return tensorgrad.as_tensor(array)
