"""Reductions."""

from .declare import public
from .shape import sum_op


@public(method=True)
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over dim (all dims by default)."""
    dims = () if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    return sum_op(input, dims=dims, keepdim=keepdim)
