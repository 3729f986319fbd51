"""Sorting and selecting against NumPy's stable sort: sizes on both sides of every switch, dims, dtypes, ties, NaN, zeros."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core import errors

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]


def expected(a, dim, descending):
    """The stable order; NaN is the largest. NumPy sorts -0 and 0 as equals too."""
    if not descending:
        return np.argsort(a, dim, kind="stable")
    return np.flip(a.shape[dim] - 1 - np.argsort(np.flip(a, dim), dim, kind="stable"), dim)


def numbers(shape, dtype, seed, spread):
    """Many ties where `spread` is small; for floats NaN of both signs, infinities and both zeros."""
    random = np.random.default_rng(seed)
    a = (random.standard_normal(shape) * spread).round(2 if spread < 10 else 6)
    x = tg.tensor(a).to(getattr(tg, dtype))
    if x.is_floating_point() and a.size:
        special = tg.tensor([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 0.0]).to(x.dtype)
        places = tg.tensor(random.integers(0, a.size, 7))
        x = x.flatten().index_put((places,), special).reshape(shape)
    return x


def array(x):
    return x.float().numpy() if x.dtype is tg.bfloat16 else x.numpy()


def same_bits(a, b):
    np.testing.assert_array_equal(a, b)
    if a.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(a), np.signbit(b))


@settings(max_examples=60, deadline=None)
@given(shape=st.lists(st.sampled_from([1, 2, 3, 5, 40, 41, 70, 300]), min_size=1, max_size=3), dtype=st.sampled_from(DTYPES),
       dim=st.integers(0, 2), descending=st.booleans(), seed=st.integers(0, 99), spread=st.sampled_from([1.0, 50.0]),
       isa=st.sampled_from(isa_tables()), turned=st.booleans(), share=st.sampled_from([0.0, 0.01, 0.1, 0.2, 0.5, 1.0]))
def test_sort_and_topk_equal_the_stable_order(shape, dtype, dim, descending, seed, spread, isa, turned, share):
    while np.prod(shape) > 30000:
        shape[int(np.argmax(shape))] //= 4
    x = numbers(shape, dtype, seed, spread)
    x = x.transpose(0, -1) if turned else x
    dim %= x.ndim
    a = array(x)
    order = expected(a, dim, descending)
    values, places = with_isa(isa, lambda: tg.sort(x, dim, descending))
    np.testing.assert_array_equal(places.numpy(), order)
    same_bits(array(values), np.take_along_axis(a, order, dim))
    np.testing.assert_array_equal(with_isa(isa, lambda: tg.argsort(x, dim, descending)).numpy(), order)
    k = int(share * a.shape[dim])
    values, places = with_isa(isa, lambda: tg.topk(x, k, dim, descending))
    np.testing.assert_array_equal(places.numpy(), np.take(order, range(k), dim))
    same_bits(array(values), np.take_along_axis(a, np.take(order, range(k), dim), dim))


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_long_rows_and_bits_of_any_number_of_threads(dtype):
    x = numbers((9, 5000), dtype, 3, 2000.0)
    for k in (7, 400, 5000):
        found = {tuple(t.numpy().tobytes() for t in with_threads(n, lambda k=k: tg.topk(x, k, 1))) for n in (1, 2, 3, 8)}
        assert len(found) == 1
        np.testing.assert_array_equal(tg.topk(x, k, 1).indices.numpy(), expected(x.numpy(), 1, True)[:, :k])


def test_gradients_go_where_the_values_stood():
    x = tg.tensor([[3.0, 1.0, 2.0], [5.0, 4.0, 6.0]], requires_grad=True)
    (tg.sort(x, 1).values * tg.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [[3, 1, 2], [2, 1, 3]]
    x.grad = None
    tg.topk(x, 1, 0).values.sum().backward()
    assert x.grad.tolist() == [[0, 0, 0], [1, 1, 1]]
    x.grad = None
    tg.kthvalue(x, 2).values.sum().backward()
    assert x.grad.tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(errors.ArgumentError, match=r"\[0, 3\]"):
        tg.topk(x, 4)
