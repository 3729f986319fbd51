"""Indexing against NumPy and PyTorch: reading, writing, derivatives; no write when an index is out of range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad.autograd import gradcheck, gradgradcheck

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def filled(shape, dtype="float64", seed=0):
    with np.errstate(invalid="ignore"):  # negative numbers as uint8: some of them, which ones differs between CPUs
        return np.asarray(np.random.RandomState(seed).standard_normal(shape) * 5).astype(dtype)


@st.composite
def one_index(draw, n, tensors=True):
    """An index for a dimension of size n > 0."""
    kinds = ["int", "slice", "all"] + (["list", "mask"] if tensors else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "int":
        return draw(st.integers(-n, n - 1))
    if kind == "slice":
        bound = st.one_of(st.none(), st.integers(-n - 2, n + 2))
        return slice(draw(bound), draw(bound), draw(st.one_of(st.none(), st.integers(1, 3))))
    if kind == "list":
        return draw(st.lists(st.integers(-n, n - 1), min_size=1, max_size=1) if draw(st.booleans())
                    else st.lists(st.integers(-n, n - 1), min_size=3, max_size=3))
    if kind == "mask":
        bits = np.zeros(n, bool)
        bits[draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=1))] = True
        return bits
    return slice(None)


@st.composite
def expressions(draw, tensors=True):
    """(array, key): an array of any memory order and an index expression that NumPy and PyTorch read alike."""
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    x = filled(shape, draw(st.sampled_from(DTYPES)), draw(st.integers(0, 99)))
    if draw(st.booleans()):
        x = np.transpose(np.ascontiguousarray(np.transpose(x)))
    keys = [draw(one_index(n, tensors)) for n in shape[:draw(st.integers(0, len(shape)))]]
    if any(isinstance(k, (list, np.ndarray)) for k in keys):  # beside an array NumPy takes an integer for an array
        keys = [slice(k, k + 1 or None) if isinstance(k, int) else k for k in keys]
    if len(keys) < len(shape) or draw(st.booleans()):
        keys.insert(draw(st.integers(0, len(keys))) if len(keys) == len(shape) else len(keys), Ellipsis)
    for _ in range(draw(st.integers(0, 2))):
        keys.insert(draw(st.integers(0, len(keys))), None)
    return x, tuple(keys) if len(keys) != 1 or draw(st.booleans()) else keys[0]


def ours(key):
    """The key with tensors in place of arrays and (some) lists."""
    if isinstance(key, tuple):
        return tuple(ours(k) for k in key)
    if isinstance(key, np.ndarray):
        return tg.from_numpy(key)
    return tg.tensor(key) if isinstance(key, list) and len(key) > 1 else key


@given(expressions())
def test_getitem(case):
    x, key = case
    found = tg.from_numpy(x)[ours(key)].numpy()
    assert found.shape == x[key].shape
    np.testing.assert_array_equal(found, x[key])


@given(expressions(tensors=False))
def test_basic_indexing_makes_views(case):
    x, key = case
    t = tg.from_numpy(x)
    view = t[key]
    assert view.numel() == 0 or view.untyped_storage() is t.untyped_storage()
    view.fill_(1)
    expected = x.copy()
    expected[key] = 1
    np.testing.assert_array_equal(t.numpy(), expected)


@given(expressions(), st.booleans())
def test_setitem(case, scalar):
    x, key = case
    x = np.array(x)
    t = tg.from_numpy(x.copy())
    lists = [k for k in (key if isinstance(key, tuple) else (key,)) if isinstance(k, list)]
    if any(len({i % 5 for i in k}) < len(k) for k in lists):
        return  # the same element twice
    value = np.asarray(1).astype(x.dtype) if scalar else filled(x[key].shape, x.dtype, 3)
    expected = x.copy()
    expected[key] = value
    t[ours(key)] = value.item() if scalar else tg.from_numpy(value)
    if not any(len({i % n for i in k}) < len(k) for k in lists for n in x.shape):
        np.testing.assert_array_equal(t.numpy(), expected)


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@pytest.mark.parametrize("key", [
    lambda m: (0, slice(None), m.tensor([1, 0, 2])), lambda m: (slice(None), 1, m.tensor([0, 3])),
    lambda m: (m.tensor([0, 1]), slice(None), m.tensor([1, 2])),
    lambda m: (slice(None), m.tensor([[0], [1]]), m.tensor([1, 2])),
    lambda m: (m.tensor([[True, False, True], [False, False, True]]),), lambda m: (True,), lambda m: (False, ..., 0),
    lambda m: (m.tensor(1), ...), lambda m: (None, m.tensor([1]), None), lambda m: (..., m.tensor([1, 2])),
    lambda m: (slice(None), m.tensor([True, False, True]), m.tensor([1, 2])), lambda m: ([0, 1], [1, 2]),
    lambda m: ([],),
    lambda m: (m.tensor([1, 0], dtype=m.int32),), lambda m: (m.tensor([-1, -2]), 0), lambda m: (m.tensor(True),)])
def test_placement_as_in_pytorch(key):
    x = filled((2, 3, 4))
    a, b = tg.from_numpy(x.copy()), torch.from_numpy(x.copy())
    found, expected = a[key(tg)], b[key(torch)]
    assert tuple(found.shape) == tuple(expected.shape)
    np.testing.assert_array_equal(found.numpy(), expected.numpy())
    a[key(tg)] = 7.0
    b[key(torch)] = 7.0
    np.testing.assert_array_equal(a.numpy(), b.numpy())


BAD = [(lambda t: t[5], "5"), (lambda t: t[0, -4], "-4"), (lambda t: t[[0, 4]], "4"),
       (lambda t: t[0, 0, 0, 0], "indices"),
       (lambda t: t[tg.tensor([-5])], "-5"), (lambda t: t[..., ...], "..."), (lambda t: t[tg.tensor([0.5])], "float"),
       (lambda t: t[tg.tensor([True, False])], "mask"), (lambda t: t[[0, 1], [0, 1, 2]], "broadcast"),
       (lambda t: t.gather(0, tg.tensor([[[4]]])), "4"), (lambda t: t.gather(0, tg.tensor([[[-1]]])), "-1"),
       (lambda t: t.index_select(1, tg.tensor([3])), "3"), (lambda t: t.take(tg.tensor([24])), "24")]


@pytest.mark.parametrize(("call", "says"), BAD)
def test_bad_indices(call, says):
    with pytest.raises((IndexError, RuntimeError), match=says.replace("...", r"\.\.\.")):
        call(tg.from_numpy(filled((4, 3, 2))))
    with pytest.raises(TypeError):
        tg.zeros(3)["a"]
    with pytest.raises(TypeError):
        tg.zeros(3)[1.0]


WRITES = [lambda t, i, v: t.index_put_((i,), v), lambda t, i, v: t.index_add_(0, i, v),
          lambda t, i, v: t.index_copy_(0, i, v), lambda t, i, v: t.index_fill_(0, i, 1.0),
          lambda t, i, v: t.scatter_(0, i[:, None].expand(3, 2), v),
          lambda t, i, v: t.scatter_add_(0, i[:, None].expand(3, 2), v), lambda t, i, v: t.__setitem__(i, v),
          lambda t, i, v: t.scatter_reduce_(0, i[:, None].expand(3, 2), v, "amax"),
          lambda t, i, v: t.__setitem__((slice(None), i), 1.0)]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("bad", [[0, 1, 4], [0, -5, 1], [2**62, 0, 0]])
def test_nothing_is_written_when_an_index_is_out_of_range(write, bad):
    x = filled((4, 2))
    t = tg.from_numpy(x.copy())
    with pytest.raises(IndexError, match=str(bad[np.argmax(np.abs(bad))])):
        write(t, tg.tensor(bad), tg.ones(3, 2, dtype=tg.float64))
    np.testing.assert_array_equal(t.numpy(), x)


def test_shapes_and_dtypes_that_do_not_fit():
    t, i = tg.zeros(4, 2), tg.tensor([0, 1])
    for call in (lambda: t.index_add_(0, i, tg.ones(3, 2)), lambda: t.scatter_(0, tg.tensor([[0, 1, 1]]), 1.0),
                 lambda: t.gather(0, i), lambda: t.index_select(0, tg.tensor([[0]])),
                 lambda: t.index_put_((i,), tg.ones(3)),
                 lambda: t.scatter_add_(0, tg.tensor([[0]]), tg.ones(1, 1, dtype=tg.float64)),
                 lambda: t.masked_fill(i, 1.0), lambda: t.scatter_reduce(0, tg.tensor([[0]]), tg.ones(1, 1), "median"),
                 lambda: t.index_select(0, tg.tensor([0.0])), lambda: t.masked_scatter(t == 0, tg.ones(3)),
                 lambda: tg.nn.functional.one_hot(tg.tensor([3]), 3), lambda: tg.tensor([1.0]).bincount(),
                 lambda: tg.bincount(tg.tensor([-1]))):
        with pytest.raises((RuntimeError, ValueError, TypeError)):
            call()
    assert t.abs().sum().item() == 0


@given(st.sampled_from(DTYPES), st.integers(0, 3), st.integers(0, 2**31 - 1),
       st.sampled_from(["add", "mul", "max", "min", "write"]))
def test_scatter_in_every_dtype(dtype, dim, seed, mode):
    random = np.random.RandomState(seed)
    shape = random.randint(1, 6, 4)
    x, index_shape = filled(shape, dtype, seed), np.minimum(shape, random.randint(1, 6, 4))
    index_shape[dim] = random.randint(1, 8)
    index = random.randint(0, shape[dim], index_shape)
    src = filled(index_shape, dtype, seed + 1)
    expected = x.copy()
    with np.errstate(all="ignore"):
        for place in np.ndindex(*index_shape):
            to = (*place[:dim], index[place], *place[dim + 1:])
            a, b = expected[to], src[place]
            expected[to] = (a + b if mode == "add" else a * b if mode == "mul" else max(a, b) if mode == "max" else
                            min(a, b) if mode == "min" else b)
    t, i, s = (tg.from_numpy(np.ascontiguousarray(np.transpose(a)).transpose()) for a in (x, index, src))
    name = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}.get(mode)
    found = t.scatter(dim, i, s) if mode == "write" else t.scatter_reduce(dim, i, s, name)
    np.testing.assert_array_equal(found.numpy(), expected)
    np.testing.assert_array_equal(t.gather(dim, i).numpy(), np.take_along_axis(
        x[tuple(slice(None) if d == dim else slice(n) for d, n in enumerate(index_shape))], index, dim))


def contributions(rows, width, seed=0):
    random = np.random.RandomState(seed)
    return random.randint(0, 500, rows), random.standard_normal((rows, width)).astype("float32")


@pytest.mark.parametrize(("rows", "width"), [(20000, 1), (20000, 64), (3000, 700)])
def test_bits_do_not_depend_on_threads(rows, width):
    index, values = contributions(rows, width)
    i, v = tg.from_numpy(index), tg.from_numpy(values)
    before, found = tg.get_num_threads(), []
    try:
        for threads in (1, 2, 3, 8):
            tg.set_num_threads(threads)
            table = tg.zeros(500, width).index_add(0, i, v)
            across = tg.zeros(width, 500).index_add(1, i, v.t())
            found.append((table.numpy().tobytes(), across.numpy().tobytes(), table[i].numpy().tobytes(),
                          (v > 0).nonzero().numpy().tobytes(), v[v > 0].numpy().tobytes()))
    finally:
        tg.set_num_threads(before)
    assert all(f == found[0] for f in found)
    expected = np.zeros((500, width))
    np.add.at(expected, index, values.astype("f8"))
    np.testing.assert_allclose(np.frombuffer(found[0][0], "f4").reshape(500, width), expected, atol=1e-4)


def test_every_instruction_set():
    index, values = contributions(2000, 33)
    before, found = runtime.isa(), []
    try:
        for name in runtime.isas_available():
            runtime.select_isa(name)
            table = tg.ones(500, 33)
            place = tg.from_numpy(index)[:, None].expand(2000, 33)
            found.append([table.scatter_reduce(0, place, tg.from_numpy(values), how).numpy().tobytes()
                          for how in ("sum", "prod", "amax", "amin")])
    finally:
        runtime.select_isa(before)
    assert all(f == found[0] for f in found)


def scattered(dim, index, values):
    """(scatter_add of float32 values into ones with 700 places along dim, gather) as bytes."""
    shape = list(index.shape)
    shape[dim] = 700
    i, v = tg.from_numpy(index), tg.from_numpy(values)
    table = tg.ones(*shape).scatter_add(dim, i, v)
    return table.numpy().tobytes(), table.gather(dim, i).numpy().tobytes()


@pytest.mark.parametrize(("dim", "shape"), [(0, (3000, 64)), (0, (3001, 37)), (1, (3000, 40)), (1, (40, 300, 16)), (0, (50000,))])
@pytest.mark.parametrize("expanded", [False, True])
def test_scattered_elements_meet_in_the_order_of_the_source(dim, shape, expanded):
    random = np.random.RandomState(0)
    index, values = random.randint(0, 700, shape), random.standard_normal(shape).astype("float32")
    if expanded:  # whole rows to one place, but for a few of them
        odd = random.uniform(size=shape) < 0.01
        index = np.where(odd, index, index[..., :1] if dim != len(shape) - 1 else index)
    table = [700 if d == dim else n for d, n in enumerate(shape)]
    expected = np.ones(table, "float32")
    places = list(np.indices(shape))
    places[dim] = index
    np.add.at(expected, tuple(places), values)
    expected = expected.tobytes(), np.take_along_axis(expected, index, dim).tobytes()
    for isa in isa_tables():
        assert with_isa(isa, scattered, dim, index, values) == expected
    for threads in (1, 2, 3, 8):
        assert with_threads(threads, scattered, dim, index, values) == expected


@pytest.mark.parametrize("shapes", [[(128, 300)] * 3, [(5, 7), (5, 1), (5, 40000), (5, 0), (5, 16384)], [(300, 3)] * 70,
                                    [(2, 2), (2, 3)]])
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_joined_tensors(shapes, dtype):
    parts = [filled(s, dtype, k) for k, s in enumerate(shapes)]
    for threads in (1, 3):
        found = with_threads(threads, lambda: tg.cat([tg.from_numpy(p) for p in parts], 1)).numpy()
        np.testing.assert_array_equal(found, np.concatenate(parts, 1))
        down = with_threads(threads, lambda: tg.cat([tg.from_numpy(np.ascontiguousarray(p.T)) for p in parts])).numpy()
        np.testing.assert_array_equal(down, np.concatenate(parts, 1).T)


def leaf(*shape, seed=0):
    return tg.from_numpy(filled(shape, "float64", seed)).requires_grad_()


KEYS = [(slice(None), tg.tensor([0, 2, 2])), (tg.tensor([0, 1]), slice(0, 2), tg.tensor([1, 1])),
        (1, ..., tg.tensor([0, 0])), (tg.tensor([[True, False, True], [False, True, False]]),),
        (None, tg.tensor([[0, 1], [1, 1]]), 1)]


@pytest.mark.parametrize("key", KEYS)
def test_gradients_of_indexing(key):
    assert gradcheck(lambda x: x[key], [leaf(2, 3, 4)])
    assert gradgradcheck(lambda x: x[key] ** 2, [leaf(2, 3, 4)])


@pytest.mark.parametrize("key", [(slice(None), tg.tensor([0, 2])), (0, tg.tensor([1, 2]), slice(1, 3)), (1,),
                                 (slice(0, 1), ..., 2)])
def test_gradients_of_writing(key):
    def write(x, v):
        y = x * 2
        y[key] = v.expand(y[key].shape)
        return y
    assert gradcheck(write, [leaf(2, 3, 4), leaf(1)])
    assert gradgradcheck(lambda x, v: write(x, v) ** 2, [leaf(2, 3, 4), leaf(1)])


@pytest.mark.parametrize("how", ["sum", "prod", "amax", "amin", "mean"])
@pytest.mark.parametrize("include_self", [True, False])
def test_gradients_of_scatter_reduce(how, include_self):
    index = tg.tensor([[0, 1, 0], [2, 1, 0], [0, 1, 3]])
    def reduce(x, v):
        return x.scatter_reduce(0, index, v, how, include_self=include_self)
    assert gradcheck(reduce, [leaf(4, 3), leaf(3, 3, seed=1)])
    assert gradgradcheck(reduce, [leaf(4, 3), leaf(3, 3, seed=1)])


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
def test_gradients_of_products_with_zeros_as_in_pytorch():
    index, found = [[0, 1, 0], [2, 1, 0], [0, 1, 3]], []
    for m in (tg, torch):
        x = m.tensor([[1.0, 0, 2], [0, 3, 1], [2, 2, 2], [1, 1, 1]], requires_grad=True)
        v = m.tensor([[0.0, 2, 0], [3, 0, 5], [4, 0, 1]], requires_grad=True)
        y = x.scatter_reduce(0, m.tensor(index), v, "prod")
        found.append([g.tolist() for g in m.autograd.grad((y * m.tensor([1.0, 2, 3])).sum(), [x, v])])
    assert found[0] == found[1]


def test_an_index_changed_later_does_not_change_the_gradient():
    x, i = leaf(4), tg.tensor([0, 1])
    y = x[i]
    i.fill_(3)
    assert tg.autograd.grad(y.sum(), [x])[0].tolist() == [1, 1, 0, 0]


def test_writes_are_seen_by_the_version_check():
    x = tg.ones(3, requires_grad=True)
    y = x * 2
    z = y * y
    y[tg.tensor([0])] = 5.0
    with pytest.raises(RuntimeError):
        z.sum().backward()
    with pytest.raises(RuntimeError):
        x[[0]] = 1.0
    with pytest.raises(RuntimeError):
        tg.zeros(1).expand(3)[tg.tensor([0])] = 1.0


def test_embedding():
    weight = tg.from_numpy(filled((5, 3), "float32")).requires_grad_()
    tokens = tg.tensor([[1, 2, 1], [0, 4, 1]])
    y = tg.nn.functional.embedding(tokens, weight, padding_idx=1)
    np.testing.assert_array_equal(y.detach().numpy(), weight.detach().numpy()[tokens.numpy()])
    y.sum().backward()
    assert weight.grad.tolist() == [[1] * 3, [0] * 3, [1] * 3, [0] * 3, [1] * 3]
    weight.grad = None
    tg.nn.functional.embedding(tokens, weight, scale_grad_by_freq=True).sum().backward()
    np.testing.assert_allclose(weight.grad.numpy(), np.repeat([[1.0], [1], [1], [0], [1]], 3, 1), rtol=1e-6)
    for bad in (5, -1):
        with pytest.raises(IndexError, match=str(bad)):
            tg.nn.functional.embedding(tg.tensor([bad]), weight)
    table = tg.full((3, 4), 2.0)
    tg.nn.functional.embedding(tg.tensor([1, 1]), table, max_norm=1.0)
    np.testing.assert_allclose(table.norm(2, 1).numpy(), [4, 1, 4], rtol=1e-5)


@pytest.mark.parametrize("p", [0, 1, 2, 3.0, float("inf")])
def test_embedding_shrinks_in_any_norm(p):
    table = [[1.0, -2.0, 3.0], [0.0, 0.25, 0.0], [4.0, 0.0, 0.0]]
    shrunk = tg.tensor(table, dtype=tg.float64)
    tg.nn.functional.embedding(tg.tensor([0, 1, 2]), shrunk, max_norm=1.0, norm_type=p)
    norms = np.linalg.norm(np.array(table), p, axis=1, keepdims=True)
    expected = np.where(norms > 1, np.array(table) / (norms + 1e-7), table)
    assert np.allclose(np.array(shrunk.tolist()), expected, rtol=1e-12)


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
def test_the_long_tail_as_in_pytorch():
    x = filled((4, 6), "float32").round()
    a, b = tg.from_numpy(x), torch.from_numpy(x)
    calls = [lambda m, t: t.topk(3, 1).values, lambda m, t: t.expand(30, 4, 6).reshape(-1).topk(7).values,
             lambda m, t: m.sin(t.expand(30, 4, 6).reshape(-1)).topk(7, largest=False).values,
             lambda m, t: t.kthvalue(2, 0).values, lambda m, t: t.nonzero(),
             lambda m, t: t.nonzero(as_tuple=True)[1], lambda m, t: m.unique(t, return_counts=True)[1],
             lambda m, t: m.unique(t, return_inverse=True)[1],
             lambda m, t: m.searchsorted(m.tensor([-3.0, 0, 2]), t, right=True),
             lambda m, t: m.bucketize(t, m.tensor([-3.0, 0, 2])), lambda m, t: t.mode(1).values,
             lambda m, t: m.unique_consecutive(t.reshape(-1)), lambda m, t: m.where(t > 0)[0],
             lambda m, t: m.searchsorted(m.sort(t, 1).values, t)]
    for k, call in enumerate(calls):
        np.testing.assert_array_equal(call(tg, a).numpy(), call(torch, b).numpy(), err_msg=str(k))
