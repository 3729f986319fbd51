"""Datasets: what has a length and gives sample i, or what gives samples one after the other."""

import bisect
import itertools
import math
import warnings

import tensorgrad


class Dataset:
    """Base class: a subclass defines __getitem__(index) and, for samplers, __len__(). Errors: NotImplementedError without them.
    Source: torch.utils.data.Dataset.

    >>> import tensorgrad
    >>> class Squares(tensorgrad.utils.data.Dataset):
    ...     def __getitem__(self, index):
    ...         return index * index
    ...     def __len__(self):
    ...         return 4
    >>> list(tensorgrad.utils.data.DataLoader(Squares(), batch_size=2))
    [tensor([0, 1]), tensor([4, 9])]
    """

    def __class_getitem__(cls, item):
        return cls

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__")

    def __add__(self, other):
        return ConcatDataset([self, other])


class DataChunk(list):
    """A list of samples that prints as its samples. Errors: TypeError for what cannot be iterated. Source:
    torch.utils.data.DataChunk.

    >>> from tensorgrad.utils.data import DataChunk
    >>> print(DataChunk([1, 2]).as_str())
    [1, 2]
    """

    def __init__(self, items):
        super().__init__(items)
        self.items = list(items)

    def as_str(self, indent=""):
        """The samples between brackets, after `indent`. Errors: TypeError for an indent that is no text.

        >>> from tensorgrad.utils.data import DataChunk
        >>> DataChunk([1, 2]).as_str("  ")
        '  [1, 2]'
        """
        return indent + "[" + ", ".join(map(str, self)) + "]"

    def raw_iterator(self):
        """The samples as they were given.

        >>> from tensorgrad.utils.data import DataChunk
        >>> list(DataChunk([1, 2]).raw_iterator())
        [1, 2]
        """
        yield from self.items


class IterableDataset(Dataset):
    """Base class: a subclass defines __iter__(), the samples in their order. Errors: NotImplementedError without it. Source:
    torch.utils.data.IterableDataset.

    >>> import tensorgrad
    >>> class Count(tensorgrad.utils.data.IterableDataset):
    ...     def __iter__(self):
    ...         return iter(range(3))
    >>> list(tensorgrad.utils.data.DataLoader(Count(), batch_size=2))
    [tensor([0, 1]), tensor([2])]
    """

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")

    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Sample i is the tuple of the rows i of the tensors: of tensors [n, *shape], tensors [*shape]. Errors: TypeError for what is
    no tensor, AssertionError for different first sizes. Source: torch.utils.data.TensorDataset.

    >>> import tensorgrad
    >>> from tensorgrad.utils.data import TensorDataset
    >>> TensorDataset(tensorgrad.arange(3), tensorgrad.arange(3) * 2)[1]
    (tensor(1), tensor(2))
    """

    def __init__(self, *tensors):
        for t in tensors:
            if not isinstance(t, tensorgrad.Tensor):
                raise TypeError(f"TensorDataset: expected tensors, got {type(t).__name__}")
        if any(t.size(0) != tensors[0].size(0) for t in tensors):
            raise AssertionError(f"TensorDataset: the first sizes must be equal, got shapes "
                                 f"{[tuple(t.shape) for t in tensors]}")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __len__(self):
        return self.tensors[0].size(0)


class StackDataset(Dataset):
    """Sample i is the tuple (or, of keywords, the dict) of the samples i of the datasets. Errors: ValueError for different lengths,
    and for datasets both by position and by keyword. Source: torch.utils.data.StackDataset.

    >>> import tensorgrad
    >>> tensorgrad.utils.data.StackDataset(range(3), range(5, 8))[1]
    (1, 6)
    """

    def __init__(self, *args, **kwargs):
        if bool(args) == bool(kwargs):
            raise ValueError("StackDataset: give datasets either by position or by keyword")
        self.datasets = args or kwargs
        lengths = {len(d) for d in args or kwargs.values()}
        if len(lengths) != 1:
            raise ValueError(f"StackDataset: the datasets must have equal lengths, got {sorted(lengths)}")
        self._length = lengths.pop()

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self):
        return self._length


class ConcatDataset(Dataset):
    """The samples of several datasets one after the other. Errors: AssertionError for no dataset, or one without an index;
    IndexError for an index outside of all. Source: torch.utils.data.ConcatDataset.

    >>> import tensorgrad
    >>> len(tensorgrad.utils.data.ConcatDataset([range(2), range(3)]))
    5
    """

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset: at least one dataset is needed")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise AssertionError("ConcatDataset: an IterableDataset has no index; use ChainDataset")
        self.cumulative_sizes = list(itertools.accumulate(len(d) for d in self.datasets))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(f"ConcatDataset: index {index} is out of range for length {len(self)}")
        index %= len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class ChainDataset(IterableDataset):
    """The samples of several IterableDatasets one after the other. Errors: AssertionError, when it is iterated, for other datasets.
    Source: torch.utils.data.ChainDataset.

    >>> import tensorgrad
    >>> class Count(tensorgrad.utils.data.IterableDataset):
    ...     def __iter__(self):
    ...         return iter(range(3))
    >>> list(tensorgrad.utils.data.ChainDataset([Count(), Count()]))
    [0, 1, 2, 0, 1, 2]
    """

    def __init__(self, datasets):
        self.datasets = datasets

    def __iter__(self):
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError(f"ChainDataset: expected IterableDatasets, got {type(dataset).__name__}")
            yield from dataset

    def __len__(self):
        return sum(len(dataset) for dataset in self.datasets)


class Subset(Dataset):
    """The samples of `dataset` at `indices`. Errors: IndexError for a sample beyond the indices, and for an index that the dataset
    does not have. Source: torch.utils.data.Subset.

    >>> import tensorgrad
    >>> tensorgrad.utils.data.Subset(range(10), [3, 5])[1]
    5
    """

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index):
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices):
        indices = [self.indices[i] for i in indices]
        many = getattr(self.dataset, "__getitems__", None)
        return many(indices) if callable(many) else [self.dataset[i] for i in indices]

    def __len__(self):
        return len(self.indices)


def random_split(dataset, lengths, generator=None):
    """Subsets of the given lengths (or fractions that sum to 1) with randomly drawn, disjoint indices.

    Fractions are rounded down; what remains goes to the first subsets, one each. Errors: ValueError for lengths that do not add up,
    and for those that are negative or no integers. Source: torch.utils.data.random_split.

    >>> from tensorgrad.utils.data import random_split
    >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    total = len(dataset)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        if any(not 0 <= f <= 1 for f in lengths):
            raise ValueError(f"random_split: fractions must be in [0, 1], got {list(lengths)}")
        lengths = [math.floor(total * f) for f in lengths]
        rest = total - sum(lengths)
        lengths = [n + (rest - i + len(lengths) - 1) // len(lengths) for i, n in enumerate(lengths)]
        if 0 in lengths:
            warnings.warn(f"random_split: the subset at index {lengths.index(0)} is empty")
    if any(not isinstance(n, int) or n < 0 for n in lengths):
        raise ValueError(f"random_split: lengths must be integers >= 0 or fractions that sum to 1, got {list(lengths)}")
    if sum(lengths) != total:
        raise ValueError(f"random_split: the lengths {list(lengths)} sum to {sum(lengths)}, the dataset has {total} "
                         f"samples")
    indices = tensorgrad.randperm(total, generator=generator).tolist()
    ends = itertools.accumulate(lengths)
    return [Subset(dataset, indices[end - n:end]) for end, n in zip(ends, lengths, strict=True)]
