"""x[key] and x[key] = value."""

from . import shape


def getitem(x, key):
    """Integers and slices."""
    key = key if isinstance(key, tuple) else (key,)
    d = 0
    for k in key:
        if isinstance(k, slice):
            x = shape.slice_op(x, dim=d, start=k.start, end=k.stop, step=1 if k.step is None else k.step)
            d += 1
        else:
            x = shape.select_op(x, dim=d, index=k)
    return x


def setitem(x, key, value):
    """Write to a view."""
    getitem(x, key).copy_(value)
