"""The shape of a tensor as a tuple."""

from math import prod


class Size(tuple):
    """A shape: a tuple of sizes, of any number of dimensions. Errors: TypeError for what is no sequence. Source: torch.Size.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2, 3).shape
    tensorgrad.Size([2, 3])
    """

    __slots__ = ()

    def numel(self):
        """The number of elements: the product. Source: torch.Size.numel.

        >>> import tensorgrad
        >>> tensorgrad.Size([2, 3]).numel()
        6
        """
        return prod(self)

    def __repr__(self):
        return f"tensorgrad.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, index):
        item = tuple.__getitem__(self, index)
        return Size(item) if isinstance(index, slice) else item

    def __add__(self, other):
        return Size(tuple(self) + tuple(other))
