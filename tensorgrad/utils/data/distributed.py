"""The sampler for programs that run in several processes."""

import math

import tensorgrad

from .sampler import Sampler


class DistributedSampler(Sampler):
    """Every num_replicas-th index from `rank` on, so that each process sees another part of the dataset.

    All parts have the same length: some indices come twice, or with drop_last the last ones not at all. With shuffle the order is
    that of seed + epoch; set_epoch(epoch) changes it. Errors: RuntimeError without num_replicas and rank (there are no process
    groups here to ask); ValueError for a rank outside [0, num_replicas). Source: torch.utils.data.distributed.DistributedSampler.

    >>> from tensorgrad.utils.data import DistributedSampler
    >>> [list(DistributedSampler(range(5), 2, rank, shuffle=False)) for rank in (0, 1)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        if num_replicas is None or rank is None:
            raise RuntimeError("DistributedSampler: num_replicas and rank must be given; there is no process group to ask")
        if not 0 <= rank < num_replicas:
            raise ValueError(f"DistributedSampler: rank must be in [0, {num_replicas}), got {rank}")
        self.dataset, self.num_replicas, self.rank = dataset, num_replicas, rank
        self.shuffle, self.seed, self.drop_last, self.epoch = shuffle, seed, drop_last, 0
        n = len(dataset)
        self.num_samples = n // num_replicas if drop_last else math.ceil(n / num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self):
        n = len(self.dataset)
        if self.shuffle:
            generator = tensorgrad.Generator().manual_seed(self.seed + self.epoch)
            indices = tensorgrad.randperm(n, generator=generator).tolist()
        else:
            indices = list(range(n))
        indices *= math.ceil(self.total_size / max(n, 1))
        return iter(indices[self.rank:self.total_size:self.num_replicas])

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch):
        """Choose the order of an epoch. No errors.

        >>> from tensorgrad.utils.data import DistributedSampler
        >>> sampler = DistributedSampler(range(4), num_replicas=2, rank=0)
        >>> sampler.set_epoch(3)
        >>> sampler.epoch
        3
        """
        self.epoch = epoch
