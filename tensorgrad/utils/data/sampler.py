"""Samplers: the order in which a DataLoader takes samples. Random ones draw what PyTorch's draw."""

import tensorgrad


def draw_seed(generator=None):
    """A non-negative 63-bit integer, as PyTorch draws the seeds of loaders and samplers."""
    return int(tensorgrad.empty((), dtype=tensorgrad.int64).random_(generator=generator))


class Sampler:
    """Base class: a subclass defines __iter__(), the indices (or lists of them) in their order. Errors: NotImplementedError without
    it. Source: torch.utils.data.Sampler.

    >>> import tensorgrad
    >>> class Backwards(tensorgrad.utils.data.Sampler):
    ...     def __iter__(self):
    ...         return iter([2, 1, 0])
    >>> list(tensorgrad.utils.data.DataLoader([5, 6, 7], sampler=Backwards(), batch_size=None))
    [7, 6, 5]
    """

    def __class_getitem__(cls, item):
        return cls

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")


class SequentialSampler(Sampler):
    """0, 1, 2, ..., len(data_source) - 1. Errors: TypeError for what has no length. Source: torch.utils.data.SequentialSampler.

    >>> import tensorgrad
    >>> list(tensorgrad.utils.data.SequentialSampler(range(4)))
    [0, 1, 2, 3]
    """

    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    """A random order; without a generator its seed is drawn from the default one, so manual_seed fixes it.

    With replacement, num_samples (default: the length) indices are drawn independently. Errors: TypeError for a replacement that is
    no bool and for what has no length, ValueError for num_samples < 1. Source: torch.utils.data.RandomSampler.

    >>> import tensorgrad
    >>> sorted(tensorgrad.utils.data.RandomSampler(range(4)))
    [0, 1, 2, 3]
    """

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement must be a bool, got {replacement!r}")
        self.data_source, self.replacement = data_source, replacement
        self._num_samples, self.generator = num_samples, generator
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"RandomSampler: num_samples must be a positive integer, got {self.num_samples!r}")

    @property
    def num_samples(self):
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def pieces(self):
        """The indices as int64 tensors, drawn when they are asked for.

        >>> from tensorgrad.utils.data import RandomSampler
        >>> [sorted(piece.tolist()) for piece in RandomSampler(range(3)).pieces()]
        [[0, 1, 2]]
        """
        n, total = len(self.data_source), self.num_samples
        generator = self.generator
        if generator is None:
            generator = tensorgrad.Generator()
            generator.manual_seed(draw_seed())
        if self.replacement:
            for start in range(0, total, 32):  # blocks of 32 as PyTorch draws them
                yield tensorgrad.randint(n, (min(32, total - start),), generator=generator)
        else:
            for _ in range(total // n):
                yield tensorgrad.randperm(n, generator=generator)
            # drawn even where nothing of it is used, as PyTorch does
            rest = tensorgrad.randperm(n, generator=generator)
            if total % n:
                yield rest[:total % n]

    def __iter__(self):
        for piece in self.pieces():
            yield from piece.tolist()

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices in random order. Errors: TypeError for what has no length. Source: torch.utils.data.SubsetRandomSampler.

    >>> import tensorgrad
    >>> sorted(tensorgrad.utils.data.SubsetRandomSampler([3, 5]))
    [3, 5]
    """

    def __init__(self, indices, generator=None):
        self.indices, self.generator = indices, generator

    def __iter__(self):
        for i in tensorgrad.randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """num_samples indices, i with a probability of weights[i] / sum(weights), a vector of shape [n]. Errors: ValueError for
    num_samples < 1 and weights that are no vector; ArgumentError, when it is iterated, for negative weights and more samples
    without replacement than weights. Source: torch.utils.data.WeightedRandomSampler.

    >>> import tensorgrad
    >>> list(tensorgrad.utils.data.WeightedRandomSampler([0.0, 1.0], 3))
    [1, 1, 1]
    """

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(f"WeightedRandomSampler: num_samples must be a positive integer, got {num_samples!r}")
        if not isinstance(replacement, bool):
            raise ValueError(f"WeightedRandomSampler: replacement must be a bool, got {replacement!r}")
        self.weights = tensorgrad.as_tensor(weights, dtype=tensorgrad.float64)
        if self.weights.dim() != 1:
            raise ValueError(f"WeightedRandomSampler: weights must have one dimension, got shape "
                             f"{tuple(self.weights.shape)}")
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self):
        drawn = tensorgrad.multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of batch_size indices of another sampler; drop_last leaves out a last, smaller one. Errors: ValueError for a batch_size
    < 1 and a drop_last that is no bool. Source: torch.utils.data.BatchSampler.

    >>> from tensorgrad.utils.data import BatchSampler, SequentialSampler
    >>> list(BatchSampler(SequentialSampler(range(5)), 2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler, batch_size, drop_last):
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"BatchSampler: batch_size must be a positive integer, got {batch_size!r}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"BatchSampler: drop_last must be a bool, got {drop_last!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self):
        batch = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self):
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
