"""utils.data: orders equal PyTorch's (stored values from torch 2.13), batches equal stacked samples, errors."""

from collections import namedtuple

import pytest

import tensorgrad
from tensorgrad.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    get_worker_info,
    random_split,
)


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return {"x": i, "y": (i * i, [float(i)])}


class Count(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __iter__(self):
        return iter(range(self.n))


# PyTorch's orders

def test_shuffled_epochs_are_pytorchs():
    tensorgrad.manual_seed(3)
    loader = DataLoader(TensorDataset(tensorgrad.arange(10)), batch_size=4, shuffle=True)
    assert [x.tolist() for x, in loader] == [[6, 2, 0, 1], [8, 3, 5, 4], [7, 9]]
    assert [x.tolist() for x, in loader] == [[3, 4, 0, 9], [6, 7, 1, 2], [5, 8]]
    assert tensorgrad.rand(2).tolist() == [0.5944212079048157, 0.887856662273407]
    assert [s.indices for s in random_split(range(10), [7, 3])] == [[4, 1, 3, 9, 0, 2, 5], [7, 8, 6]]


def test_a_generator_of_ones_own():
    generator = tensorgrad.Generator()
    generator.manual_seed(5)
    loader = DataLoader(range(10), batch_size=4, shuffle=True, generator=generator)
    assert [x.tolist() for x in loader] == [[7, 4, 8, 1], [2, 3, 6, 5], [9, 0]]
    assert tensorgrad.rand(1, generator=generator).item() == 0.6697648167610168
    generator.manual_seed(42)
    parts = random_split(range(10), [0.5, 0.3, 0.2], generator=generator)
    assert [s.indices for s in parts] == [[2, 6, 1, 8, 4], [5, 0, 9], [3, 7]]


def test_random_samplers_are_pytorchs():
    tensorgrad.manual_seed(3)
    assert list(RandomSampler(range(5), num_samples=12)) == [2, 1, 0, 4, 3, 3, 0, 1, 2, 4, 3, 4]
    assert list(RandomSampler(range(5), True, 40)) == [
        1, 3, 3, 2, 2, 1, 3, 0, 2, 4, 3, 4, 0, 3, 2, 3, 2, 0, 3, 0, 4, 2, 0, 4, 3, 3, 3, 1, 0, 1, 3, 0, 4, 3, 1, 0, 4,
        1, 4, 1]
    assert list(SubsetRandomSampler([3, 5, 7, 9])) == [3, 5, 7, 9]
    assert tensorgrad.rand(1).item() == 0.7436993718147278


def test_weighted_sampler():
    sampler = WeightedRandomSampler([0.0, 1.0, 3.0], 20)
    drawn = list(sampler)
    assert len(sampler) == len(drawn) == 20 and set(drawn) <= {1, 2}
    assert sorted(WeightedRandomSampler([0.1, 0.9, 0.4], 3, replacement=False)) == [0, 1, 2]


# batches

def test_batches_equal_stacked_samples():
    x, y = tensorgrad.arange(22).reshape(11, 2), tensorgrad.arange(11).to(tensorgrad.float32)
    for dataset in (TensorDataset(x, y), Subset(TensorDataset(x, y), [9, 1, 5, 5, 0, -2])):
        samplers = (SubsetRandomSampler(range(len(dataset))), RandomSampler(dataset, num_samples=9),
                    RandomSampler(dataset, True, 40), [0, -1, 3, -2, 2])
        for options in ({}, {"shuffle": True}, {"drop_last": True}, *({"sampler": s} for s in samplers)):
            tensorgrad.manual_seed(1)
            fast = list(DataLoader(dataset, batch_size=4, **options))
            tensorgrad.manual_seed(1)
            plain = list(DataLoader(dataset, batch_size=4, collate_fn=lambda batch: default_collate(batch), **options))
            assert len(fast) == len(plain) == len(DataLoader(dataset, batch_size=4, **options))
            for a, b in zip(fast, plain, strict=True):
                assert type(a) is type(b) is list
                assert [t.tolist() for t in a] == [t.tolist() for t in b] and [t.dtype for t in a] == [t.dtype
                                                                                                       for t in b]


def test_a_batch_does_not_share_the_datasets_memory():
    x = tensorgrad.zeros(4)
    for batch, in DataLoader(TensorDataset(x), batch_size=2):
        batch.fill_(1)
    assert x.tolist() == [0, 0, 0, 0]


def test_lengths():
    for n in (1, 7, 8):
        for drop in (False, True):
            loader = DataLoader(range(n), batch_size=4, drop_last=drop)
            assert len(loader) == len(list(loader))
    assert len(DataLoader(Count(7), batch_size=4)) == 2 and len(DataLoader(Count(7), batch_size=4, drop_last=True)) == 1
    assert len(DataLoader(range(7), batch_size=None)) == 7 and len(DataLoader(Count(7), batch_size=None)) == 7


def test_other_ways_to_batch():
    assert [x.tolist() for x in DataLoader(Count(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [x.tolist() for x in DataLoader(Count(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Count(3), batch_size=None)) == [0, 1, 2] == list(DataLoader(range(3), batch_size=None))
    batches = DataLoader(range(4), batch_sampler=[[3, 0], [1]])
    assert [x.tolist() for x in batches] == [[3, 0], [1]] and len(batches) == 2
    assert list(DataLoader(range(4), batch_size=3, collate_fn=sum)) == [3, 3]
    assert list(BatchSampler(SequentialSampler(range(5)), 2, True)) == [[0, 1], [2, 3]]
    batch, = DataLoader(Squares(3), batch_size=3)
    assert batch["x"].tolist() == [0, 1, 2] and batch["y"][0].tolist() == [0, 1, 4]
    assert batch["y"][1][0].tolist() == [0, 1, 2] and batch["y"][1][0].dtype == tensorgrad.float64
    assert get_worker_info() is None


def test_collate():
    import numpy as np

    Point = namedtuple("Point", "x y")
    point = default_collate([Point(1, "a"), Point(2, "b")])
    assert isinstance(point, Point) and point.x.tolist() == [1, 2] and list(point.y) == ["a", "b"]
    assert default_collate([np.ones(2, "float32"), np.zeros(2, "float32")]).tolist() == [[1, 1], [0, 0]]
    scalars = default_collate([np.int32(1), np.int32(2)])
    assert scalars.tolist() == [1, 2] and scalars.dtype == tensorgrad.int32
    assert default_collate([True, False]).dtype == tensorgrad.bool
    assert default_collate([tensorgrad.ones(1), tensorgrad.zeros(1)]).shape == (2, 1)
    for wrong, error in (([object()], TypeError), ([[1], [1, 2]], RuntimeError), ([np.array("a")], TypeError),
                         ([tensorgrad.ones(1), tensorgrad.ones(2)], RuntimeError), ([], ValueError),
                         ([tensorgrad.ones(1), 3], TypeError)):
        with pytest.raises(error):
            default_collate(wrong)


# datasets

def test_datasets():
    both = Squares(2) + TensorDataset(tensorgrad.arange(3))
    assert isinstance(both, ConcatDataset) and len(both) == 5 and both[1]["x"] == 1 and both[-1][0].item() == 2
    with pytest.raises(IndexError):
        both[5]
    assert list(Count(2) + Count(1)) == [0, 1, 0] and len(ChainDataset([Count(2), Count(1)])) == 3
    stacked = StackDataset(range(3), "abc")
    assert stacked[1] == (1, "b") and len(stacked) == 3 and StackDataset(x=range(2))[1] == {"x": 1}
    subset = Subset(range(10), [7, 3])
    assert subset[1] == 3 and len(subset) == 2 and [len(p) for p in random_split(range(10), [0.35, 0.35, 0.3])] == [4,
                                                                                                                    3,
                                                                                                                    3]
    assert sorted(i for part in random_split(range(10), [5, 5]) for i in part.indices) == list(range(10))
    for make, error in ((lambda: TensorDataset(tensorgrad.ones(2), tensorgrad.ones(3)), AssertionError),
                        (lambda: StackDataset(range(2), range(3)), ValueError), (lambda: StackDataset(), ValueError),
                        (lambda: ConcatDataset([]), AssertionError), (lambda: ConcatDataset([Count(1)]),
                                                                      AssertionError),
                        (lambda: random_split(range(10), [5, 6]), ValueError),
                        (lambda: random_split(range(10), [1.5, -0.5]), ValueError), (lambda: TensorDataset(3), TypeError),
                        (lambda: random_split(range(10), [3.5, 6.5]), ValueError),
                        (lambda: random_split(range(10), [-1, 11]), ValueError)):
        with pytest.raises(error):
            make()
    with pytest.warns(UserWarning, match="empty"):
        random_split(range(3), [0.99, 0.01])


@pytest.mark.parametrize("options", [
    {"num_workers": -1}, {"num_workers": 1.5}, {"num_workers": 1, "prefetch_factor": 0},
    {"batch_size": 0}, {"batch_size": -1}, {"batch_size": 2.5}, {"sampler": [0], "shuffle": True},
    {"batch_sampler": [[0]], "batch_size": 2}, {"batch_sampler": [[0]], "shuffle": True}, {"timeout": -1},
    {"batch_size": None, "drop_last": True}, {"prefetch_factor": 2}, {"persistent_workers": True},
    {"multiprocessing_context": "fork"}, {"multiprocessing_context": "thread", "num_workers": 1},
])
def test_wrong_options(options):
    with pytest.raises(ValueError):
        DataLoader(range(4), **options)


def test_wrong_samplers():
    for make in (lambda: DataLoader(Count(3), shuffle=True), lambda: DataLoader(Count(3), sampler=[0]),
                 lambda: DataLoader([], shuffle=True), lambda: RandomSampler(range(3), num_samples=0),
                 lambda: WeightedRandomSampler([1.0], 0), lambda: WeightedRandomSampler([[1.0]], 1),
                 lambda: BatchSampler(range(3), True, False), lambda: BatchSampler(range(3), 1, 1)):
        with pytest.raises(ValueError):
            make()
    with pytest.raises(TypeError):
        RandomSampler(range(3), replacement=1)
    assert list(DataLoader([])) == []
    with pytest.raises(IndexError):
        list(DataLoader(TensorDataset(tensorgrad.ones(2)), batch_sampler=[[0, 5]]))


def test_datapipes():
    d = tensorgrad.utils.data
    class Counted(d.IterDataPipe):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            yield from range(self.n)

    @d.functional_datapipe("doubled_for_this_test")
    @d.non_deterministic(lambda source, factor=2: factor > 5)
    class Doubled(d.IterDataPipe):
        def __init__(self, source, factor=2):
            self.source, self.factor = source, factor

        def __iter__(self):
            return (self.factor * x for x in self.source)

    @d.functional_datapipe("reversed_for_this_test")
    class Reversed(d.MapDataPipe):
        def __init__(self, source):
            self.source = source

        def __getitem__(self, i):
            return self.source[len(self.source) - 1 - i]

        def __len__(self):
            return len(self.source)

    found = [list(Counted(3).doubled_for_this_test().doubled_for_this_test(factor=10))]
    found.append([int(x) for x in d.DataLoader(Reversed([1, 2, 3]).reversed_for_this_test().reversed_for_this_test(), batch_size=None)])
    with d.guaranteed_datapipes_determinism():
        found.append(list(Counted(2).doubled_for_this_test(factor=3)))
        with pytest.raises(TypeError):
            Counted(2).doubled_for_this_test(factor=7)
    found.append(list(Counted(2).doubled_for_this_test(factor=7)))
    with d.runtime_validation_disabled():
        found.append(list(Counted(2)))
    for wrong in (lambda: d.non_deterministic(3), lambda: d.non_deterministic(int),
                  lambda: d.non_deterministic(lambda n: 1)(Counted)(4), lambda: d.non_deterministic(lambda n: True)(int)):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(AttributeError):
        Counted(1).no_such_step  # noqa: B018
    with pytest.raises(ValueError, match="already"):
        d.functional_datapipe("reversed_for_this_test")(Reversed)
    assert found == [[0, 20, 40], [3, 2, 1], [0, 3], [0, 7], [0, 1]]
