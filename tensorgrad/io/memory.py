"""Tensors as bytes."""

import tensorgrad

from .._core.errors import FileFormatError
from .._core.tensor import wrap_memory

LARGEST = 1 << 56  # elements: what a tensor may have, whatever its strides
DIMENSIONS = 16


def as_bytes(storage):
    """The bytes of a storage: a memoryview without a copy."""
    return memoryview(wrap_memory(storage.data_ptr(), storage.nbytes(), tensorgrad.uint8, (storage.nbytes(),), (1,), storage,
                                  True))


def new_storage(count, dtype, read, swap=False):
    """A flat tensor of `count` elements whose bytes `read(memoryview)` fills in. swap: they are in the other byte order."""
    flat = tensorgrad.empty(count, dtype=dtype)
    if count:
        owner = flat.untyped_storage()
        read(memoryview(wrap_memory(owner.data_ptr(), flat.nbytes, tensorgrad.uint8, (flat.nbytes,), (1,), owner, False)))
        if swap and dtype.itemsize > 1:
            import numpy as np
            np.asarray(memoryview(wrap_memory(owner.data_ptr(), flat.nbytes, getattr(tensorgrad, f"int{8 * dtype.itemsize}"),
                                              (count,), (1,), owner, False))).byteswap(inplace=True)
    return flat


def window(flat, offset, size, stride):
    """The tensor at these places of a storage. Errors: FileFormatError where it would reach outside."""
    whole = [offset, *size, *stride]
    if any(type(n) is not int or n < 0 or n >= LARGEST for n in whole) or len(size) != len(stride) or len(size) > DIMENSIONS:
        raise FileFormatError(f"load: a tensor has the offset {offset}, sizes {size} and strides {stride}")
    elements, reach = 1, offset
    for n, step in zip(size, stride, strict=True):
        elements *= n
        reach += (n - 1) * step
    if elements >= LARGEST or (elements and reach >= flat.numel()) or offset > flat.numel():
        raise FileFormatError(f"load: a tensor of sizes {size}, strides {stride} and offset {offset} reaches outside its "
                              f"storage of {flat.numel()} elements")
    return flat.as_strided(tuple(size), tuple(stride), offset).detach()
