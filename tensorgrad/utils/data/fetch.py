"""What makes a batch of the indices that a sampler gave; the same in the main process and in a worker."""

import itertools

from .dataset import IterableDataset


class _DatasetKind:
    """The two kinds of datasets, as PyTorch numbers them."""

    Map = 0
    Iterable = 1


class Exhausted(Exception):
    """An iterable dataset has no more samples."""


class Samples:
    """Batches (or single samples, if not batched) of a dataset that has indices."""

    def __init__(self, dataset, batched, collate_fn, drop_last):
        self.dataset, self.batched, self.collate_fn = dataset, batched, collate_fn
        self.many = getattr(dataset, "__getitems__", None)

    def __call__(self, indices):
        if not self.batched:
            return self.collate_fn(self.dataset[indices])
        many = self.many
        return self.collate_fn(many(indices) if callable(many) else [self.dataset[i] for i in indices])


class Stream:
    """Batches of a dataset that is iterated over; the indices only count. Exhausted at the end."""

    def __init__(self, dataset, batched, collate_fn, drop_last):
        self.samples = iter(dataset)
        self.batched, self.collate_fn, self.drop_last = batched, collate_fn, drop_last

    def __call__(self, indices):
        if not self.batched:
            for sample in self.samples:
                return self.collate_fn(sample)
            raise Exhausted
        batch = list(itertools.islice(self.samples, len(indices)))
        if not batch or (self.drop_last and len(batch) < len(indices)):
            raise Exhausted
        return self.collate_fn(batch)


def fetcher(dataset, batched, collate_fn, drop_last):
    """The way to a dataset's batches."""
    kind = Stream if isinstance(dataset, IterableDataset) else Samples
    return kind(dataset, batched, collate_fn, drop_last)
