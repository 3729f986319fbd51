"""DataLoader: batches of a dataset, in PyTorch's order for the same seed."""

import itertools

import tensorgrad
from tensorgrad._core.errors import ArgumentError

from .collate import default_collate
from .dataset import IterableDataset, Subset, TensorDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler, draw_seed


def get_worker_info():
    """Information about the worker process that calls it; None in the main process."""
    return None


def as_it_is(sample):
    """The collate_fn of a loader that makes no batches."""
    return sample


class DataLoader:
    """Iterates over batches of `dataset`.

    shuffle draws a new random order each epoch; sampler or batch_sampler choose another one; drop_last leaves out a
    last,
    smaller batch; batch_size=None gives single samples; collate_fn makes a batch of a list of samples. ValueError for
    options that exclude each other.

    >>> import tensorgrad
    >>> from tensorgrad.utils.data import DataLoader, TensorDataset
    >>> for x, y in DataLoader(TensorDataset(tensorgrad.arange(4), tensorgrad.ones(4)), batch_size=2):
    ...     print(x, y)
    tensor([0, 1]) tensor([1., 1.])
    tensor([2, 3]) tensor([1., 1.])
    """

    def __class_getitem__(cls, item):
        return cls

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0,
                 collate_fn=None,
                 pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None,
                 generator=None, *, prefetch_factor=None, persistent_workers=False, pin_memory_device="",
                 in_order=True):
        if num_workers:
            raise ArgumentError(f"DataLoader: num_workers={num_workers} is not offered yet, only 0 (loading in the "
                                f"main process)")
        if timeout < 0:
            raise ValueError(f"DataLoader: timeout must be >= 0, got {timeout}")
        if prefetch_factor is not None or persistent_workers:
            raise ValueError("DataLoader: prefetch_factor and persistent_workers need num_workers > 0")
        iterable = isinstance(dataset, IterableDataset)
        if iterable:
            for name, value in (("shuffle", shuffle), ("sampler", sampler), ("batch_sampler", batch_sampler)):
                if value not in (None, False):
                    raise ValueError(f"DataLoader: an IterableDataset takes no {name}, got {value!r}")
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: sampler excludes shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last")
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ValueError("DataLoader: batch_size=None excludes drop_last")
        if sampler is None and not iterable:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler if not iterable else (), batch_size, drop_last)
        if collate_fn is None:
            collate_fn = default_collate if batch_sampler is not None else as_it_is
        self.dataset, self.batch_size, self.sampler, self.batch_sampler = dataset, batch_size, sampler, batch_sampler
        self.collate_fn, self.drop_last, self.generator = collate_fn, drop_last, generator
        self.num_workers, self.pin_memory, self.timeout, self.worker_init_fn = 0, pin_memory, timeout, worker_init_fn
        self.prefetch_factor, self.persistent_workers, self.in_order = None, False, in_order

    def __len__(self):
        if isinstance(self.dataset, IterableDataset):
            n = len(self.dataset)
            if self.batch_size is None:
                return n
            return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
        return len(self.batch_sampler if self.batch_sampler is not None else self.sampler)

    def __iter__(self):
        draw_seed(self.generator)  # PyTorch draws a base seed for workers here, also without workers
        if isinstance(self.dataset, IterableDataset):
            return self._from_iterable()
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[index]) for index in self.sampler)
        tensors, chosen = self._tensors()
        if tensors is not None:
            return self._from_tensors(tensors, chosen)
        return self._from_samples()

    def _from_iterable(self):
        samples = iter(self.dataset)
        if self.batch_size is None:
            yield from map(self.collate_fn, samples)
            return
        while batch := list(itertools.islice(samples, self.batch_size)):
            if len(batch) < self.batch_size and self.drop_last:
                return
            yield self.collate_fn(batch)

    def _from_samples(self):
        many = getattr(self.dataset, "__getitems__", None)
        for indices in self.batch_sampler:
            yield self.collate_fn(many(indices) if callable(many) else [self.dataset[i] for i in indices])

    # The fast path: rows of tensors are taken together, which equals stacking them one by one.

    def _tensors(self):
        """(tensors, indices of the subset or None) where default_collate of a TensorDataset is asked for, else (None,
        None)."""
        dataset, chosen = self.dataset, None
        if self.collate_fn is not default_collate:
            return None, None
        if type(dataset) is Subset and type(dataset.dataset) is TensorDataset:
            dataset, chosen = dataset.dataset, tensorgrad.as_tensor(dataset.indices, dtype=tensorgrad.int64)
        return (dataset.tensors, chosen) if type(dataset) is TensorDataset else (None, None)

    def _from_tensors(self, tensors, chosen):
        for indices in self._index_tensors():
            rows = indices if chosen is None else chosen[indices]
            yield [t[rows] for t in tensors]

    def _index_tensors(self):
        """The batches of indices as int64 tensors."""
        batches, sampler = self.batch_sampler, self.sampler
        if type(batches) is not BatchSampler or type(sampler) not in (RandomSampler, SequentialSampler):
            return (tensorgrad.tensor(indices, dtype=tensorgrad.int64) for indices in batches)
        if type(sampler) is SequentialSampler:
            order = tensorgrad.arange(len(self.dataset))
        else:
            pieces = list(sampler.pieces())
            order = pieces[0] if len(pieces) == 1 else tensorgrad.cat(pieces)
        size, n = batches.batch_size, order.size(0)
        stop = n - n % size if batches.drop_last else n
        return (order[i:min(i + size, n)] for i in range(0, stop, size))
