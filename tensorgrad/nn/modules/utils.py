"""torch.nn.modules.utils: numbers as tuples, for layers that users write."""

from collections.abc import Iterable
from itertools import repeat


def _ntuple(n, name="parse"):
    """x -> a tuple: of what an iterable holds, or of n times a number.

    >>> from tensorgrad.nn.modules.utils import _pair
    >>> _pair(3), _pair((3, 5))
    ((3, 3), (3, 5))
    """
    def parse(x):
        return tuple(x) if isinstance(x, Iterable) else tuple(repeat(x, n))
    parse.__name__ = name
    return parse


_single, _pair, _triple, _quadruple = (_ntuple(n, name) for n, name in enumerate(("_single", "_pair", "_triple", "_quadruple"), 1))
