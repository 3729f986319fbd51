"""DataLoader: batches of a dataset, in PyTorch's order for the same seed."""

import itertools

import tensorgrad

from .collate import default_collate, default_convert
from .dataset import IterableDataset, Subset, TensorDataset
from .fetch import Exhausted, _DatasetKind, fetcher
from .sampler import BatchSampler, RandomSampler, SequentialSampler, draw_seed
from .worker import get_worker_info as get_worker_info


class DataLoader:
    """Iterates over batches of `dataset`.

    shuffle draws a new random order each epoch; sampler or batch_sampler choose another one; drop_last leaves out a last, smaller
    batch; batch_size=None gives single samples; collate_fn makes a batch of a list of samples: by default, of tensors of shape
    [*shape], tensors [batch_size, *shape].

    num_workers > 0: that many processes make the batches ahead, prefetch_factor (2) each, with the generators of a worker seeded
    with its own number; worker_init_fn(number) runs in each. multiprocessing_context: 'fork', 'spawn', 'forkserver' or a context.
    persistent_workers keeps them from epoch to epoch. timeout: seconds to wait for a batch, 0: for ever. An error in a worker, its
    death and a timeout raise here, and end all workers. Tensors come through shared memory. in_order=False yields batches as they
    are ready. pin_memory is accepted: there is no other device to pin for.

    Errors: ValueError for options that exclude each other or are out of range, those of default_collate; RuntimeError where a
    worker dies or a batch takes longer than timeout. Source: torch.utils.data.DataLoader.

    >>> import tensorgrad
    >>> from tensorgrad.utils.data import DataLoader, TensorDataset
    >>> for x, y in DataLoader(TensorDataset(tensorgrad.arange(4), tensorgrad.ones(4)), batch_size=2):
    ...     print(x, y)
    tensor([0, 1]) tensor([1., 1.])
    tensor([2, 3]) tensor([1., 1.])
    """

    def __class_getitem__(cls, item):
        return cls

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None,
                 pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None,
                 generator=None, *, prefetch_factor=None, persistent_workers=False, pin_memory_device="", in_order=True):
        iterable = isinstance(dataset, IterableDataset)
        check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        check_batching(iterable, batch_size, shuffle, sampler, batch_sampler, drop_last)
        if batch_sampler is not None:
            batch_size, drop_last = None, False
        if sampler is None:
            if iterable:
                sampler = Endless()
            else:
                sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        if collate_fn is None:
            collate_fn = default_collate if batch_sampler is not None else default_convert
        self.dataset, self.batch_size, self.sampler, self.batch_sampler = dataset, batch_size, sampler, batch_sampler
        self.collate_fn, self.drop_last, self.generator, self.in_order = collate_fn, drop_last, generator, in_order
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers, self._iterator = persistent_workers, None
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self._dataset_kind = _DatasetKind.Iterable if iterable else _DatasetKind.Map

    @property
    def multiprocessing_context(self):
        """The context that makes the workers, None for Python's default. Errors: ValueError for a start method that is not there,
        TypeError for what is no context.

        >>> import tensorgrad
        >>> print(tensorgrad.utils.data.DataLoader([1, 2]).multiprocessing_context)
        None
        """
        return self._context

    @multiprocessing_context.setter
    def multiprocessing_context(self, context):
        if isinstance(context, str):
            import multiprocessing

            if context not in multiprocessing.get_all_start_methods():
                raise ValueError(f"DataLoader: multiprocessing_context must be one of "
                                 f"{multiprocessing.get_all_start_methods()}, got {context!r}")
            context = multiprocessing.get_context(context)
        elif context is not None and not hasattr(context, "Process"):
            raise TypeError(f"DataLoader: multiprocessing_context must be a context or the name of a start method, got "
                            f"{context!r}")
        self._context = context

    @property
    def _batched(self):
        return self.batch_sampler is not None

    @property
    def _index_sampler(self):
        return self.batch_sampler if self._batched else self.sampler

    def __len__(self):
        if self._dataset_kind == _DatasetKind.Iterable:
            n = len(self.dataset)
            if self.batch_size is None:
                return n
            return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
        return len(self._index_sampler)

    def __iter__(self):
        if not self.num_workers:
            return self._in_this_process()
        from .workers import WorkersIterator

        if not self.persistent_workers:
            return WorkersIterator(self)
        if self._iterator is None or not self._iterator.workers:
            self._iterator = WorkersIterator(self)
        else:
            self._iterator.reset()
        return self._iterator

    def _in_this_process(self):
        draw_seed(self.generator)  # PyTorch draws a base seed for workers here, also without workers
        tensors, chosen = self._tensors()
        if tensors is not None:
            return self._from_tensors(tensors, chosen)
        return self._from_samples()

    def _from_samples(self):
        fetch = fetcher(self.dataset, self._batched, self.collate_fn, self.drop_last)
        for indices in self._index_sampler:
            try:
                batch = fetch(indices)
            except Exhausted:
                return
            yield batch

    # The fast path: rows of tensors are taken together, which equals stacking them one by one.

    def _tensors(self):
        """(tensors, indices of the subset or None) where default_collate of a TensorDataset is asked for, else (None,
        None)."""
        dataset, chosen = self.dataset, None
        if not self._batched or self.collate_fn is not default_collate:
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


class Endless:
    """The sampler of a dataset without indices."""

    def __iter__(self):
        return itertools.repeat(None)


def check_workers(num_workers, timeout, prefetch_factor, persistent_workers, context):
    """ValueError for what is wrong with the options of workers."""
    if isinstance(num_workers, bool) or not isinstance(num_workers, int) or num_workers < 0:
        raise ValueError(f"DataLoader: num_workers must be an integer >= 0, got {num_workers!r}")
    if timeout < 0:
        raise ValueError(f"DataLoader: timeout must be >= 0, got {timeout}")
    if prefetch_factor is not None and prefetch_factor < 1:
        raise ValueError(f"DataLoader: prefetch_factor must be >= 1, got {prefetch_factor}")
    if not num_workers:
        for name, value in (("prefetch_factor", prefetch_factor), ("persistent_workers", persistent_workers or None),
                            ("multiprocessing_context", context)):
            if value is not None:
                raise ValueError(f"DataLoader: {name} needs num_workers > 0, got {name}={value!r} and num_workers=0")


def check_batching(iterable, batch_size, shuffle, sampler, batch_sampler, drop_last):
    """ValueError for options that exclude each other."""
    if iterable:
        for name, value in (("shuffle", shuffle), ("sampler", sampler), ("batch_sampler", batch_sampler)):
            if value not in (None, False):
                raise ValueError(f"DataLoader: an IterableDataset takes no {name}, got {value!r}")
    if sampler is not None and shuffle:
        raise ValueError("DataLoader: sampler excludes shuffle")
    if batch_sampler is not None:
        if batch_size != 1 or shuffle or sampler is not None or drop_last:
            raise ValueError("DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last")
    elif batch_size is None and drop_last:
        raise ValueError("DataLoader: batch_size=None excludes drop_last")
