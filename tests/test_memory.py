"""The allocator's large blocks: whatever their sizes, pages are used again, and nobody's memory is another's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorgrad._core.runtime import empty_cache, memory_stats, reset_peak_memory
from test_process import run

import tensorgrad as tg
from tensorgrad.nn import functional as F


def test_pages_serve_other_sizes():
    run("""
import resource
import tensorgrad as tg
from tensorgrad._core.runtime import memory_stats
resident = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
cached = lambda: memory_stats()["cached"] >> 20
mega = 1 << 18  # float32 elements in 1 MiB
before = resident()
large = tg.zeros(64 * mega)
del large
parts = [tg.zeros(n * mega) for n in (20, 4, 10, 30)]  # cut from the large one
assert cached() == 0
del parts
whole = tg.zeros(63 * mega)  # gathered from the pieces
assert cached() == 0
whole.fill_(3)
assert (whole == 3).all()  # 16 new MiB
del whole
more = tg.ones(100 * mega)  # the 64 and 16 old MiB, and 20 new ones
assert cached() < 64 and more.sum().item() == 100 * mega
assert resident() - before < 100 + 32, resident() - before  # each a block of its own: 350
del more
parts = [tg.zeros(n * mega) for n in (150, 140)]  # more pages than there are lists
del parts
whole = tg.zeros(280 * mega)
assert resident() - before < 290 + 32, resident() - before
""")


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1 << 18, 3 << 20)), min_size=1, max_size=25))
def test_blocks_do_not_overlap(steps):
    held, used = {}, memory_stats()["in_use"]
    for number, (place, size) in enumerate(steps):
        if place in held:
            tensor, value = held.pop(place)
            assert (tensor.numpy() == value).all()
            del tensor
        held[place] = tg.full((size,), number, dtype=tg.int32), number
        assert held[place][0].data_ptr() % 64 == 0
    assert memory_stats()["in_use"] - used >= sum(4 * t.numel() for t, _ in held.values())
    for tensor, value in held.values():
        assert (tensor.numpy() == value).all()
    del tensor
    held.clear()
    assert memory_stats()["in_use"] - used < 1 << 20
    if len(steps) % 5 == 0:
        empty_cache()
        assert memory_stats()["cached"] == 0


def test_a_block_that_cannot_be_had_leaves_the_allocator_usable():
    x = tg.ones(3 << 20)
    for _ in range(3):
        try:
            tg.empty(1 << 44)
        except tg.OutOfMemoryError:
            pass
        else:
            raise AssertionError("64 TiB were given out")
    assert np.all(x.numpy() == 1) and (tg.ones(5 << 20) == 1).all()


@pytest.mark.parametrize("f", [F.relu, tg.sigmoid, lambda x: F.softmax(x, 1), lambda x: x.gather(1, tg.zeros(1024, 3, dtype=tg.int64)),
                               lambda x: F.nll_loss(x, tg.zeros(1024, dtype=tg.int64))])
def test_a_leaf_takes_its_gradient_without_a_copy(f):
    x = tg.rand(1024, 256, requires_grad=True)
    y = f(x)
    g = tg.ones_like(y)
    held = memory_stats()["in_use"]
    reset_peak_memory()
    y.backward(g)
    assert memory_stats()["peak"] - held < 1.5 * x.numel() * 4


def test_a_leaf_copies_a_gradient_that_is_spread_or_seen():
    x = tg.rand(64, 32, requires_grad=True)
    x.mean(1).sum().backward()
    assert x.grad.is_contiguous()
    x.grad.add_(1)
    g = tg.ones(64, 32)
    x.grad = None
    (x + 1).backward(g)
    x.grad.add_(1)
    assert g.sum().item() == 64 * 32


@pytest.mark.parametrize("window", [lambda x: x[1:], lambda x: x[:, 3:90], lambda x: x.T, lambda x: x.view(-1)])
def test_in_place_on_a_view_writes_where_it_is(window):
    """No result in between that would be copied: outside the graph a view is written to as its base is."""
    x = tg.rand(1024, 256)
    v, want = window(x), window(x.clone()) * 2 + 1
    two = tg.full(v.shape, 2.0)
    held, version = memory_stats()["in_use"], x._version
    reset_peak_memory()
    v.mul_(two).add_(1)
    assert memory_stats()["peak"] - held < x.numel()
    assert np.array_equal(v, want) and x._version == version + 2
