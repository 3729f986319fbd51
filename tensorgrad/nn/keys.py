"""How containers read what they are given: an index, and pairs of keys and values."""

from collections.abc import Iterable

from .._core.errors import ArgumentError, OutOfRangeError


def wrapped(index, length, name):
    """`index` from the front; OutOfRangeError names the container and its length."""
    try:
        i = index.__index__()
    except AttributeError:
        raise TypeError(f"{name}: the index must be an integer or a slice, got {type(index).__name__}") from None
    if not -length <= i < length:
        raise OutOfRangeError(f"{name}: index {i} is out of range for length {length}")
    return i % length


def pairs(what, given):
    """The (key, value) pairs of a mapping or of an iterable of pairs."""
    if hasattr(given, "items"):
        return list(given.items())
    if not isinstance(given, Iterable):
        raise TypeError(f"{what}: expected a mapping or an iterable of pairs, got {type(given).__name__}")
    result = []
    for i, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{what}: element {i} is not a pair but a {type(pair).__name__}")
        pair = tuple(pair)
        if len(pair) != 2:
            raise ArgumentError(f"{what}: element {i} has length {len(pair)}, 2 is needed")
        result.append(pair)
    return result
