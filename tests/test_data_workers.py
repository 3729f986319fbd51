"""DataLoader with workers: PyTorch's batches and random streams (stored values of torch 2.13), errors, deaths, no leaks."""

import gc
import json
import multiprocessing
import os
import pickle
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tensorgrad._core.shared import segment_of

import tensorgrad as tg
from tensorgrad.utils.data import (
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    TensorDataset,
    WeightedRandomSampler,
    get_worker_info,
    handover,
)
from tensorgrad.utils.data.handover import Channel, Closed

STORED = json.loads((Path(__file__).parent / "workers_torch.json").read_text())


class Draws(Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        info = get_worker_info()
        return i, info.id, info.seed, tg.rand(1).item(), random.random(), np.random.rand()


class Ranges(IterableDataset):
    def __iter__(self):
        w = get_worker_info().id
        yield from range(w * 10, w * 10 + 3 + 4 * w)


class Images(Dataset):
    def __init__(self, n=12):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return tg.full((3, 64, 64), float(i)), {"label": i, "name": str(i) * 3000, "array": np.full((5, 5), i)}


class Odd(Dataset):
    """Does what its name says when it is asked for sample 5."""

    def __init__(self, what):
        self.what = what

    def __len__(self):
        return 8

    def __getitem__(self, i):
        if i == 5:
            self.what()
        return i


def as_list(batch):
    return list(batch)


def children():
    """The living child processes."""
    return [p for p in multiprocessing.active_children() if p.is_alive() and "DataLoader" in p.name]


def descriptors():
    """How many sockets and pieces of shared memory are open (multiprocessing keeps pipes to its own helpers)."""
    kinds = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            kinds.append(os.readlink(f"/proc/self/fd/{fd}"))
        except FileNotFoundError:  # the one that listed the folder
            continue
    return sum(kind.startswith(("socket:", "/memfd:tensorgrad")) for kind in kinds)


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No worker, no descriptor and no mapping outlives a test."""
    gc.collect()
    before = descriptors()
    yield
    gc.collect()
    assert not children()
    assert descriptors() <= before
    assert "memfd:tensorgrad" not in Path("/proc/self/maps").read_text()


def tuples(batches):
    return [[tuple(sample) for sample in batch] for batch in batches]


# PyTorch's streams

def test_random_streams_are_pytorchs():
    tg.manual_seed(0)
    loader = DataLoader(Draws(), batch_size=2, num_workers=2, shuffle=True, collate_fn=as_list)
    assert [list(loader), list(loader)] == [tuples(epoch) for epoch in STORED["fresh"][:2]]
    assert tg.rand(1).item() == STORED["fresh"][2]


def test_streams_of_persistent_workers_are_pytorchs():
    tg.manual_seed(3)
    loader = DataLoader(Draws(), batch_size=3, num_workers=2, shuffle=True, collate_fn=as_list, persistent_workers=True)
    epochs = [list(loader)]
    pids = {p.pid for p in children()}
    epochs.append(list(loader))
    assert epochs == [tuples(epoch) for epoch in STORED["persistent"][:2]]
    assert pids == {p.pid for p in children()} and len(pids) == 2
    assert tg.rand(1).item() == STORED["persistent"][2]
    for _ in loader:
        break
    assert [b[0][0] for b in loader] and len(list(loader)) == 3  # what was left of a broken epoch does not come up


def test_a_weighted_sampler_and_a_generator():
    g = tg.Generator().manual_seed(4)
    sampler = WeightedRandomSampler([1.0, 2, 3, 1, 1, 1, 1], 7, generator=g)
    loader = DataLoader(Draws(), batch_size=3, num_workers=3, sampler=sampler, generator=g, collate_fn=as_list)
    found = [[[s[:4] for s in batch] for batch in loader] for _ in range(2)]
    assert found == [tuples(epoch) for epoch in STORED["weighted"][:2]]
    assert tg.rand(1, generator=g).item() == STORED["weighted"][2]


def test_iterable_datasets():
    assert [b.tolist() for b in DataLoader(Ranges(), batch_size=2, num_workers=2)] == STORED["iterable"]
    assert list(DataLoader(Ranges(), batch_size=None, num_workers=2)) == [0, 10, 1, 11, 2, 12, 13, 14, 15, 16]
    assert [len(b) for b in DataLoader(Ranges(), batch_size=2, num_workers=2, drop_last=True)] == [2, 2, 2, 2]


def test_distributed_samplers_are_pytorchs():
    found = []
    for n, options in ((7, {}), (7, {"drop_last": True}), (2, {"seed": 5}), (8, {"shuffle": False})):
        for rank in range(3):
            sampler = DistributedSampler(range(n), 3, rank, **options)
            sampler.set_epoch(2)
            found.append(list(sampler))
            assert len(sampler) == len(found[-1])
    assert found == STORED["distributed"]
    for wrong, error in ((lambda: DistributedSampler(range(3)), RuntimeError), (lambda: DistributedSampler(range(3), 2, 2), ValueError)):
        with pytest.raises(error):
            wrong()


def test_seeds_differ():
    tg.manual_seed(1)
    seeds = {s[2] for batch in DataLoader(Draws(), num_workers=4, collate_fn=as_list) for s in batch}
    assert len(seeds) == 4 and max(seeds) - min(seeds) == 3


# batches

@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_every_start_method(method):
    """The same batches as without workers, whichever way the processes are made."""
    plain = list(DataLoader(Images(), batch_size=5))
    loader = DataLoader(Images(), batch_size=5, num_workers=1, multiprocessing_context=method, worker_init_fn=random.seed, timeout=60)
    for (x, others), (y, expected) in zip(loader, plain, strict=True):
        assert bool((x == y).all()) and x.dtype == y.dtype and others["name"] == expected["name"]
        assert others["label"].tolist() == expected["label"].tolist() and bool((others["array"] == expected["array"]).all())
        x += 1  # what was handed over can be written to


def test_many_small_tensors_and_arrays():
    """More tensors than descriptors fit a message; nested, empty, of every dtype; unbatched."""
    dtypes = [tg.bool, tg.uint8, tg.int8, tg.int16, tg.int32, tg.int64, tg.float16, tg.bfloat16, tg.float32, tg.float64]

    class Many(Dataset):
        def __len__(self):
            return 2

        def __getitem__(self, i):
            return ([tg.full((300,), j) for j in range(400)], {d.name: tg.tensor([[1, i], [0, 1]]).to(d) for d in dtypes},
                    tg.zeros(0, 3), np.arange(6).reshape(2, 3)[:, ::2], np.zeros((0, 2)), tg.arange(6).reshape(2, 3).t(), "text")

    for i, (many, typed, empty, strided, hollow, transposed, text) in enumerate(
            DataLoader(Many(), batch_size=None, num_workers=1, collate_fn=tuple)):
        assert [t[299].item() for t in many] == list(range(400)) and text == "text"
        assert all(typed[d.name].dtype == d and typed[d.name].tolist() == tg.tensor([[1, i], [0, 1]]).to(d).tolist() for d in dtypes)
        assert empty.shape == (0, 3) and strided.tolist() == [[0, 2], [3, 5]] and hollow.shape == (0, 2)
        assert transposed.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_hand_over_without_a_copy():
    """A batch that default_collate makes in a worker lies in memory that the main process maps."""
    for x, _ in DataLoader(Images(4), batch_size=2, num_workers=1):
        segment, place = segment_of(x)
        assert segment.size >= x.numel() * 4 and place == 0 and segment.fd == -1

def test_memory_is_used_again(monkeypatch):
    """What the receiver has dropped, and only that."""
    a, b = (Channel(end) for end in socket.socketpair())
    x = a.new_tensor((1000,), tg.float32)
    a.send([x, x[10:20], x[::2], np.arange(5000.0), "text" * 1000])
    whole, part, strided, array, text = b.receive()
    x[10] = 7.0
    assert whole[10].item() == part[0].item() == 7 and segment_of(part)[1] == 40 and strided.shape == (500,)
    assert array[4999] == 4999 and text == "text" * 1000
    place = x.data_ptr()
    del x, whole, strided, array
    for _ in range(3):  # part is still there: the memory may not be given away
        b.send("next")
        assert a.receive() == "next" and a.new_tensor((1000,), tg.float32).data_ptr() != place
    assert part[0].item() == 7
    del part
    b.send("next")
    kept = a.receive() and a.new_tensor((1000,), tg.float32)
    assert kept.data_ptr() == place
    a.send(kept)
    got = b.receive()
    del got
    b.send(0)
    a.receive()
    assert a.new_tensor((1000,), tg.float32).data_ptr() != place  # the sender itself still has a tensor there
    del kept
    monkeypatch.setattr(handover, "IDLE", 2)
    for n in range(7):  # sizes of which none serves another: idle memory is given back
        a.send(a.new_tensor((100000 * 3 ** n,), tg.uint8))
        b.receive()
        b.send(0)
        a.receive()
    assert len(a.made) <= 4 and len(b.known) <= 5
    b.close()
    with pytest.raises(Closed):
        a.send(1)
    with pytest.raises(Closed):
        a.receive()
    a.close()


def test_memory_goes_back_to_the_worker():
    """However many batches there are, a worker makes do with the memory of those that are under way."""
    places = set()
    for x, _ in DataLoader(Images(60), batch_size=2, num_workers=1):
        places.add(x.data_ptr())
        assert x[:, 0, 0, 0].tolist()[1] == x[0, 0, 0, 0].item() + 1
    assert len(places) <= 5
    batches = [x for x, _ in DataLoader(Images(60), batch_size=2, num_workers=1)]  # all of them are kept
    assert [x[1, 2, 63, 63].item() for x in batches] == list(range(1, 60, 2)) and len({x.data_ptr() for x in batches}) == 30


def test_the_generators_of_batches():
    order = [b.tolist() for b in DataLoader(range(10), batch_size=3, num_workers=3, drop_last=True)]
    assert order == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    slow = Odd(lambda: time.sleep(0.3))
    assert [b.tolist() for b in DataLoader(slow, batch_size=2, num_workers=2)] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    loose = DataLoader(slow, batch_size=2, num_workers=2, in_order=False)
    found = [b.tolist() for b in loose]
    assert sorted(found) == [[0, 1], [2, 3], [4, 5], [6, 7]] and found[-1] == [4, 5]
    assert [b.tolist() for b in DataLoader(range(4), batch_sampler=[[3, 0], [1]], num_workers=1, prefetch_factor=5)] == [[3, 0], [1]]
    x = tg.arange(20).reshape(10, 2)
    for a, b in zip(DataLoader(TensorDataset(x), batch_size=4, num_workers=2), DataLoader(TensorDataset(x), batch_size=4), strict=True):
        assert a[0].tolist() == b[0].tolist()
    far = DataLoader(range(3000), num_workers=1, prefetch_factor=3000, collate_fn=lambda batch: (batch, "x" * 1900))
    assert sum(batch[0] for batch, _ in far) == 2999 * 1500  # more messages than fit a socket, both ways
    long = DataLoader(range(200000), batch_size=100000, num_workers=1)  # index lists that no socket holds at once
    assert [len(b) for b in long] == [100000, 100000] and list(DataLoader([], num_workers=2)) == []


def test_workers_use_one_thread_and_see_their_dataset():
    class Facts(Dataset):
        def __len__(self):
            return 2

        def __getitem__(self, i):
            return tg.get_num_threads(), get_worker_info().dataset is self, get_worker_info().num_workers

    assert list(DataLoader(Facts(), batch_size=None, num_workers=2, collate_fn=tuple)) == [(1, True, 2)] * 2


# errors

def fail():
    raise KeyError("this sample is broken")


class Strange(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


def fail_strangely():
    raise Strange(1, 2)


@pytest.mark.parametrize("what, kind", [(fail, KeyError), (fail_strangely, RuntimeError), (lambda: 1 / 0, ZeroDivisionError)])
def test_an_error_in_a_worker(what, kind):
    loader = DataLoader(Odd(what), batch_size=2, num_workers=2)
    seen = []
    with pytest.raises(kind, match=r"(?s)worker process 0.*Traceback.*__getitem__"):
        for batch in loader:
            seen.append(batch.tolist())
    assert seen == [[0, 1], [2, 3]] and not children()


PICKLE = (AttributeError, TypeError, RuntimeError, pickle.PicklingError)


def test_errors_elsewhere():
    def init(worker):
        raise OSError(f"no scratch folder for {worker}")

    class Opening(IterableDataset):
        def __iter__(self):
            raise OSError("no such stream")

    class Lambdas(Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, i):
            return lambda: i

    def fails(batch):
        raise ValueError("cannot collate")

    for loader, error, text in ((DataLoader(range(3), num_workers=1, worker_init_fn=init), OSError, "scratch folder for 0"),
                                (DataLoader(Opening(), num_workers=1), OSError, "no such stream"),
                                (DataLoader(range(3), num_workers=1, collate_fn=fails), ValueError, "cannot collate"),
                                (DataLoader(Lambdas(), batch_size=None, num_workers=1), PICKLE, "pickle")):
        with pytest.raises(error, match=text):
            list(loader)
        assert not children()
    with pytest.raises(PICKLE, match=r"pickle|local"):  # a dataset that spawn cannot send
        list(DataLoader(Lambdas(), num_workers=1, multiprocessing_context="spawn"))
    with pytest.raises(IndexError):
        iter(DataLoader(range(3), num_workers=1, batch_sampler=Bad()))


class Bad:
    def __iter__(self):
        raise IndexError("a sampler that fails")


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("what, text", [(kill_itself, "killed by signal SIGKILL"), (lambda: os._exit(3), "code 3")])
@pytest.mark.parametrize("persistent", [False, True])
def test_the_death_of_a_worker(what, text, persistent):
    loader = DataLoader(Odd(what), batch_size=2, num_workers=2, persistent_workers=persistent)
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=rf"worker 0 \(pid \d+\) .*{text}"):
        list(loader)
    assert time.monotonic() - start < 5 and not children()
    loader.dataset.what = int
    assert len(list(loader)) == 4  # and it can be used again


def hang():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(100)


def test_a_worker_that_hangs():
    loader = DataLoader(Odd(hang), batch_size=2, num_workers=2, timeout=0.5)
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"timed out after 0\.5 seconds"):
        list(loader)
    assert 0.5 <= time.monotonic() - start < 4 and not children()


def test_an_epoch_that_is_left_early():
    for persistent in (False, True):
        loader = DataLoader(Images(40), batch_size=2, num_workers=2, persistent_workers=persistent)
        for _ in loader:
            break
        del loader, _
        gc.collect()
        assert not children()


ORPHANS = """
import os, sys, time
import tensorgrad as tg
from tensorgrad.utils.data import DataLoader, Dataset
class Slow(Dataset):
    def __len__(self): return 1000
    def __getitem__(self, i): return tg.zeros(100, 100)
loader = DataLoader(Slow(), batch_size=4, num_workers=2)
it = iter(loader)
next(it)
print(*(w.process.pid for w in it.workers), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_do_not_outlive_their_parent(how):
    with subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)) as program:
        pids = [int(pid) for pid in program.stdout.readline().split()]
        assert len(pids) == 2
        program.send_signal(how)
        program.wait(10)
    deadline = time.monotonic() + 8
    while any(os.path.exists(f"/proc/{pid}") and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3] for pid in pids):
        assert time.monotonic() < deadline, "a worker lives on"
        time.sleep(0.05)
