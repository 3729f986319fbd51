"""Tensors as memory: construction, dtypes, views, NumPy, DLPack, the buffer protocol, pickling, printing."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tensorgrad as tg
from tensorgrad._core.errors import ArgumentError, DTypeError, GraphError, OutOfMemoryError, OutOfRangeError, ShapeError

DTYPES = [tg.bool, tg.uint8, tg.int8, tg.int16, tg.int32, tg.int64, tg.float16, tg.bfloat16, tg.float32, tg.float64]
NUMPY = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


# ---- construction ----

def test_the_data_decides_the_dtype():
    assert tg.tensor(True).dtype is tg.bool
    assert tg.tensor([1, 2]).dtype is tg.int64
    assert tg.tensor([1, 2.5]).dtype is tg.float32
    assert tg.tensor([True, 2]).dtype is tg.int64
    assert tg.tensor([]).dtype is tg.float32 and tg.tensor([]).shape == (0,)
    assert tg.tensor(np.float64(2)).dtype is tg.float64
    assert tg.tensor([[], []]).shape == (2, 0)
    assert tg.tensor([1, 2], dtype=tg.float16).tolist() == [1.0, 2.0]
    assert tg.tensor([tg.tensor(1.0), 2]).tolist() == [1.0, 2.0]


def test_the_default_dtype_can_be_changed():
    try:
        tg.set_default_dtype(tg.float64)
        assert tg.tensor(1.5).dtype is tg.float64 and tg.ones(2).dtype is tg.float64
        assert (tg.tensor([1]) / 2).dtype is tg.float64
    finally:
        tg.set_default_dtype(tg.float32)
    with pytest.raises(DTypeError, match="int32"):
        tg.set_default_dtype(tg.int32)


@pytest.mark.parametrize("ragged", [[[1, 2], [3]], [[1], 2], [1, [2]], [[], [1]], [[[1]], [1]]])
def test_ragged_lists_are_an_error(ragged):
    with pytest.raises(ShapeError, match="ragged"):
        tg.tensor(ragged)


@pytest.mark.parametrize("bad", ["text", [None], [1, "a"], object(), {1: 2}, 1j])
def test_things_that_are_no_numbers_are_an_error(bad):
    with pytest.raises(TypeError):
        tg.tensor(bad)


@pytest.mark.parametrize(("value", "dtype"), [(300, tg.uint8), (-129, tg.int8), (1 << 40, tg.int32), (1 << 70, tg.int64),
                                             (float("nan"), tg.int32), (float("inf"), tg.int64)])
def test_numbers_that_a_dtype_cannot_hold(value, dtype):
    with pytest.raises((OverflowError, RuntimeError), match=r"does not fit|has no"):
        tg.tensor(value, dtype=dtype)


def test_constructors():
    assert tg.zeros(2, 3).tolist() == [[0.0] * 3] * 2
    assert tg.ones((2,), dtype=tg.int64).tolist() == [1, 1]
    assert tg.full((2,), 7).dtype is tg.int64 and tg.full((2,), 7.0).dtype is tg.float32
    assert tg.arange(5).tolist() == [0, 1, 2, 3, 4] and tg.arange(1, 2, 0.25).tolist() == [1, 1.25, 1.5, 1.75]
    assert tg.arange(5, 0, -2).tolist() == [5, 3, 1] and tg.arange(0).shape == (0,)
    assert np.allclose(tg.linspace(-1, 1, 5).numpy(), np.linspace(-1, 1, 5)) and tg.linspace(3, 9, 1).tolist() == [3.0]
    assert tg.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert tg.zeros_like(tg.ones(2, dtype=tg.int16)).dtype is tg.int16
    assert tg.empty(0, 3).shape == (0, 3)
    assert tg.ones(2, requires_grad=True).requires_grad


@pytest.mark.parametrize("call", [lambda: tg.zeros(-1), lambda: tg.ones(2, -3), lambda: tg.arange(0, 5, 0), lambda: tg.arange(5, 0),
                                  lambda: tg.linspace(0, 1, -1), lambda: tg.empty(*[1] * 20)])
def test_impossible_sizes(call):
    with pytest.raises((ShapeError, ArgumentError)):
        call()


@pytest.mark.parametrize("shape", [(1 << 62,), (1 << 31, 1 << 31), (1 << 40, 1 << 20, 8), (1 << 45,)])
def test_too_large_a_tensor_is_a_memory_error_and_the_next_op_works(shape):
    with pytest.raises(MemoryError):
        tg.empty(*shape)
    with pytest.raises(OutOfMemoryError):
        tg.ones(*shape, dtype=tg.float64)
    assert (tg.ones(3) + 1).tolist() == [2.0] * 3


def test_expanding_beyond_memory_costs_nothing_until_it_is_copied():
    x = tg.ones(1).expand(1 << 45)
    assert x.shape == (1 << 45,)
    with pytest.raises(MemoryError):
        x.clone()


def test_other_devices_are_an_error():
    assert tg.zeros(1, device="cpu").device == tg.device("cpu")
    with pytest.raises(ArgumentError, match="cuda"):
        tg.zeros(1, device="cuda")


# ---- dtypes ----

@pytest.mark.parametrize("source", DTYPES)
@pytest.mark.parametrize("target", DTYPES)
def test_conversions_equal_numpys(source, target):
    values = [0, 1, 3, 100]
    x = tg.tensor(values, dtype=source).to(target)
    expected = [bool(v) for v in values] if tg.bool in (source, target) else values
    assert x.dtype is target and x.tolist() == expected


def test_half_types_round_to_nearest_even():
    x = np.array([1 + 2**-11, 1 + 3 * 2**-11, 65519.0, 65520.0, 1e-8, -0.0, np.inf, np.nan], np.float32)
    with np.errstate(over="ignore"):
        assert np.array_equal(tg.from_numpy(x).half().numpy(), x.astype(np.float16), equal_nan=True)
    y = tg.tensor([1 + 2**-9, 1 + 2**-8, 1 + 3 * 2**-8], dtype=tg.float64).bfloat16()
    assert y.tolist() == [1.0, 1.0, 1 + 2**-6]


def test_promotion_is_pytorchs():
    expected = {("uint8", "int8"): "int16", ("uint8", "int64"): "int64", ("bool", "uint8"): "uint8", ("int64", "float16"): "float16",
                ("float16", "bfloat16"): "float32", ("bfloat16", "float32"): "float32", ("float32", "float64"): "float64",
                ("int32", "int64"): "int64"}
    for (a, b), c in expected.items():
        a, b, c = (getattr(tg, n) for n in (a, b, c))
        assert tg.promote_types(a, b) is tg.promote_types(b, a) is c
        assert (tg.ones(2, dtype=a) + tg.ones(2, dtype=b)).dtype is c


def test_scalars_are_weak():
    assert (tg.ones(2, dtype=tg.int32) + 1).dtype is tg.int32
    assert (tg.ones(2, dtype=tg.int32) + 1.5).dtype is tg.float32
    assert (tg.ones(2, dtype=tg.float16) + 1.5).dtype is tg.float16
    assert (tg.ones(2, dtype=tg.bool) + 1).dtype is tg.int64
    assert (tg.ones(2, dtype=tg.float32) + tg.tensor(1.0, dtype=tg.float64)).dtype is tg.float32
    assert (tg.ones(2, dtype=tg.int32) + tg.tensor(1.5, dtype=tg.float64)).dtype is tg.float64
    assert (tg.tensor(1) + tg.tensor(1.5, dtype=tg.float64)).dtype is tg.float64
    assert (tg.tensor([1], dtype=tg.uint8) * 2).dtype is tg.uint8


# ---- views ----

@given(hnp.arrays(np.int64, hnp.array_shapes(min_dims=1, max_dims=4, max_side=4), elements=st.integers(-9, 9)), st.data())
def test_chains_of_views_equal_numpys_and_share_memory(array, data):
    x, a = tg.from_numpy(array), array
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(["permute", "slice", "select", "unsqueeze", "squeeze", "transpose", "diagonal", "split"]))
        if a.ndim == 0 and kind != "unsqueeze":
            continue
        d = data.draw(st.integers(-a.ndim, a.ndim - 1)) if a.ndim else 0
        if kind == "permute":
            order = data.draw(st.permutations(range(a.ndim)))
            x, a = x.permute(*order), a.transpose(order)
        elif kind == "slice":
            start, stop = (data.draw(st.none() | st.integers(-6, 6)) for _ in range(2))
            step = data.draw(st.integers(1, 3))
            index = (slice(None),) * (d % a.ndim) + (slice(start, stop, step),)
            x, a = x[index], a[index]
        elif kind == "select" and a.shape[d]:
            i = data.draw(st.integers(-a.shape[d], a.shape[d] - 1))
            x, a = x.select(d, i), a.take(i, d) if 0 in a.shape else a[(slice(None),) * (d % a.ndim) + (i,)]
        elif kind == "unsqueeze":
            x, a = x.unsqueeze(d), np.expand_dims(a, d % (a.ndim + 1) if d >= 0 else d)
        elif kind == "squeeze":
            x, a = x.squeeze(), a.squeeze()
        elif kind == "transpose":
            e = data.draw(st.integers(0, a.ndim - 1))
            x, a = x.transpose(d, e), a.swapaxes(d, e)
        elif kind == "diagonal" and a.ndim >= 2:
            k = data.draw(st.integers(-3, 3))
            x, a = x.diagonal(k), a.diagonal(k)
        elif kind == "split":
            n = data.draw(st.integers(1, 3))
            x, a = x.split(n, d)[0], a[(slice(None),) * (d % a.ndim) + (slice(0, n),)]
    assert x.shape == a.shape and np.array_equal(np.array(x.tolist(), np.int64).reshape(a.shape), a)
    if x.numel():
        assert np.shares_memory(x.numpy(), array)


@given(hnp.array_shapes(min_dims=0, max_dims=4, max_side=4), st.data())
def test_reshape_equals_numpys(shape, data):
    a = np.arange(int(np.prod(shape))).reshape(shape)
    order = data.draw(st.permutations(range(a.ndim)))
    a = a.transpose(order)
    x = tg.from_numpy(np.ascontiguousarray(a.transpose(np.argsort(order)))).permute(*order) if a.ndim else tg.from_numpy(a)
    factors = [n for n in (2, 2, 3, 3) if a.size and a.size % n == 0]
    new = (-1, data.draw(st.sampled_from(factors))) if factors else (a.size,)
    assert np.array_equal(x.reshape(*new).numpy(), a.reshape(new))
    try:
        viewed = a.reshape(new, copy=False)
    except ValueError:
        viewed = None
    if viewed is not None:
        assert np.array_equal(x.view(*new).numpy(), viewed)
    else:
        with pytest.raises(ShapeError, match="reshape"):
            x.view(*new)


@pytest.mark.parametrize("call", [
    lambda x: x.view(7), lambda x: x.view(-1, -1), lambda x: x.view(-2, 3), lambda x: x.reshape(4, 2), lambda x: x.permute(0, 0),
    lambda x: x.permute(0), lambda x: x.transpose(0, 2), lambda x: x.expand(3, 3), lambda x: x.expand(2), lambda x: x.select(2, 0),
    lambda x: x.select(0, 2), lambda x: x.select(1, -4), lambda x: x[2], lambda x: x[0, 3], lambda x: x.narrow(0, 1, 2),
    lambda x: x.unfold(1, 4, 1), lambda x: x.unfold(1, 2, 0), lambda x: x.as_strided((9,), (1,)),
    lambda x: x.as_strided((2,), (-1,)), lambda x: x.as_strided((1 << 40, 1 << 40), (1 << 40, 1)), lambda x: x.split(0),
    lambda x: x.split([1, 2]), lambda x: x.chunk(0), lambda x: x.unsqueeze(4), lambda x: x.unflatten(1, (2, 2)),
    lambda x: x.diagonal(0, 0, 0), lambda x: x[::0], lambda x: x[::-1], lambda x: x.select(0, 1 << 70),
    lambda x: x.repeat(2), lambda x: x.flip(0, 0), lambda x: tg.cat([x, x.t()]), lambda x: tg.cat([]),
    lambda x: tg.stack([x, x.t()]), lambda x: x.view(1 << 40, 1 << 40)])
def test_impossible_views(call):
    x = tg.arange(6).reshape(2, 3)
    with pytest.raises((ShapeError, ArgumentError, OutOfRangeError)):
        call(x)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]


# ---- other people's memory ----

@pytest.mark.parametrize("name", NUMPY)
def test_numpy_shares_memory_both_ways(name):
    array = np.arange(6).astype(name).reshape(2, 3)
    x = tg.from_numpy(array)
    assert x.dtype is getattr(tg, name)
    array[0, 1] = 1
    x[1, 2] = 0
    assert np.array_equal(x.numpy(), array) and np.shares_memory(x.numpy(), array)
    assert np.asarray(x).dtype == array.dtype and np.array_equal(np.asarray(x.t()), array.T)
    assert memoryview(x).shape == (2, 3)
    part = tg.from_numpy(array[:, ::2])
    assert part.stride() == (3, 2) and np.array_equal(part.numpy(), array[:, ::2])


def test_arrays_that_cannot_be_shared():
    with pytest.raises(ArgumentError, match="stride"):
        tg.from_numpy(np.arange(4)[::-1])
    with pytest.raises(DTypeError, match="complex"):
        tg.from_numpy(np.zeros(2, complex))
    with pytest.raises(TypeError):
        tg.from_numpy([1, 2])
    assert tg.tensor(np.arange(4)[::-1]).tolist() == [3, 2, 1, 0]
    assert tg.tensor(np.arange(3, dtype=">i4")).tolist() == [0, 1, 2]


def test_read_only_arrays_are_read_only():
    array = np.zeros(3)
    array.setflags(write=False)
    x = tg.from_numpy(array)
    for write in (lambda: x.add_(1), lambda: x.__setitem__(0, 5.0), lambda: x.zero_(), lambda: x[1:].fill_(2)):
        with pytest.raises(GraphError, match="read-only"):
            write()
    assert (x + 1).tolist() == [1.0] * 3 and not array.any() and not x.numpy().flags.writeable


def test_numpy_of_a_tensor_that_requires_grad_gives_advice():
    x = tg.ones(2, requires_grad=True)
    with pytest.raises(GraphError, match="detach"):
        x.numpy()
    assert x.numpy(force=True).tolist() == [1.0, 1.0]


def test_arrays_and_tensors_mix_in_arithmetic():
    x, a = tg.ones(2), np.array([2.0, 3.0], np.float32)
    assert isinstance(a * x, tg.Tensor) and isinstance(x * a, tg.Tensor)
    assert (a - x).tolist() == [1.0, 2.0] and (x * np.float32(3)).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_dlpack_round_trip(dtype):
    x = tg.tensor([[1, 0, 1], [0, 1, 1]], dtype=dtype).t()
    y = tg.from_dlpack(x)
    assert y.dtype is dtype and y.tolist() == x.tolist() and y.data_ptr() == x.data_ptr()
    capsule = x.__dlpack__()
    tg.from_dlpack(capsule)
    with pytest.raises(ArgumentError, match="used"):
        tg.from_dlpack(capsule)
    if dtype not in (tg.bfloat16,):
        assert np.array_equal(np.from_dlpack(x), x.numpy())


def test_dlpack_of_a_tensor_that_requires_grad_is_an_error():
    with pytest.raises(GraphError, match="detach"):
        tg.ones(1, requires_grad=True).__dlpack__()


def test_views_keep_their_memory_alive():
    x = tg.from_dlpack(np.arange(1000.0))[10:20]
    y = tg.from_numpy(np.arange(1000.0))[10:20]
    z = memoryview(tg.arange(1000)[10:20])
    junk = [np.full(1000, -1.0) for _ in range(50)]
    assert x.tolist() == y.tolist() == list(z) == list(range(10, 20)) and junk


@pytest.mark.parametrize("dtype", DTYPES)
def test_pickle_and_deepcopy(dtype):
    x = tg.tensor([[1, 0], [1, 1]], dtype=dtype).t()
    for y in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):
        assert y.dtype is dtype and y.tolist() == x.tolist() and y.data_ptr() != x.data_ptr()


def test_copies_of_leaves_keep_requires_grad_and_others_are_refused():
    x = tg.ones(2, requires_grad=True)
    x.grad = tg.ones(2)
    x.note = "kept"
    y = copy.deepcopy(x)
    assert y.requires_grad and y.grad.tolist() == [1.0, 1.0] and y.note == "kept"
    assert pickle.loads(pickle.dumps(x)).requires_grad
    for refuse in (copy.deepcopy, pickle.dumps):
        with pytest.raises(GraphError, match="leaf"):
            refuse(x * 2)


# ---- writing ----

def test_expanded_tensors_are_not_written_to():
    x = tg.zeros(1).expand(3)
    with pytest.raises(GraphError, match="clone"):
        x.add_(1)


def test_in_place_results_must_fit():
    x = tg.zeros(3, dtype=tg.int64)
    with pytest.raises((DTypeError, TypeError), match="int64"):
        x.add_(1.5)
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        x.add_(tg.ones(2, 3, dtype=tg.int64))
    assert x.tolist() == [0, 0, 0] and x.add_(2).tolist() == [2, 2, 2]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(1, 5))
def test_copies_between_overlapping_windows(a, b, n):
    x, expected = tg.arange(10), np.arange(10)
    x[a:a + n].copy_(x[b:b + n])
    expected[a:a + n] = expected[b:b + n].copy()
    assert x.tolist() == expected.tolist()
    y = tg.arange(9).reshape(3, 3)
    y.add_(y.t())
    assert np.array_equal(y.numpy(), np.arange(9).reshape(3, 3) + np.arange(9).reshape(3, 3).T)


def test_fill_zero_and_copy():
    x = tg.ones(2, 3)
    assert x.fill_(2).tolist() == [[2.0] * 3] * 2 and x.zero_().sum().item() == 0
    assert x.copy_(tg.arange(3)).tolist() == [[0.0, 1.0, 2.0]] * 2
    x[:, 1] = 7
    assert x[:, 1].tolist() == [7.0, 7.0]
    with pytest.raises(ShapeError):
        x.copy_(tg.ones(4))


# ---- Python's protocols ----

def test_scalars_and_truth():
    assert float(tg.tensor(2.5)) == 2.5 and int(tg.tensor([3])) == 3 and bool(tg.tensor(0)) is False
    assert [10, 20, 30][tg.tensor(1)] == 20 and len(tg.zeros(4, 2)) == 4 and tg.tensor(2.5).item() == 2.5
    for bad in (lambda: bool(tg.ones(2)), lambda: tg.ones(2).item(), lambda: len(tg.tensor(1)), lambda: [1][tg.tensor(0.0)],
                lambda: list(tg.tensor(1))):
        with pytest.raises((ShapeError, TypeError)):
            bad()
    assert 2 in tg.arange(3) and 5 not in tg.arange(3) and [t.item() for t in tg.arange(3)] == [0, 1, 2]
    assert (tg.ones(1) == None) is False  # noqa: E711
    assert {tg.ones(1): 1} and f"{tg.tensor(2.0):.3f}" == "2.000"


@pytest.mark.parametrize(("make", "text"), [
    (lambda: tg.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])"),
    (lambda: tg.tensor([1.0, -2.0]), "tensor([ 1., -2.])"),
    (lambda: tg.tensor(3), "tensor(3)"),
    (lambda: tg.tensor([True, False]), "tensor([ True, False])"),
    (lambda: tg.tensor([[1, 2], [30, 4]]), "tensor([[ 1,  2],\n        [30,  4]])"),
    (lambda: tg.tensor([1e-5, 1.0]), "tensor([1.0000e-05, 1.0000e+00])"),
    (lambda: tg.tensor([1.0, 1e5]), "tensor([1.0000e+00, 1.0000e+05])"),
    (lambda: tg.tensor([float("inf"), 1.5, float("nan")]), "tensor([   inf, 1.5000,    nan])"),
    (lambda: tg.zeros(0, 3), "tensor([], size=(0, 3))"),
    (lambda: tg.tensor([1], dtype=tg.int32), "tensor([1], dtype=tensorgrad.int32)"),
    (lambda: tg.ones(2, requires_grad=True), "tensor([1., 1.], requires_grad=True)"),
    (lambda: tg.ones(2, requires_grad=True) * 2, "tensor([2., 2.], grad_fn=<MulBackward0>)"),
    (lambda: tg.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    (lambda: tg.zeros(2, 1, 2), "tensor([[[0., 0.]],\n\n        [[0., 0.]]])"),
])
def test_printing_is_pytorchs(make, text):
    assert repr(make()) == text


def test_large_tensors_are_summarised_row_by_row():
    text = repr(tg.arange(10000).reshape(100, 100))
    assert text.count("...") == 7 and text.splitlines()[0] == "tensor([[   0,    1,    2,  ...,   97,   98,   99],"


def test_show_config(capsys):
    tg.show_config()
    text = capsys.readouterr().out
    assert tg.__version__ in text and all(word in text for word in ("kernels:", "threads:", "memory:", "available"))


def test_show_config_of_a_build_without_openmp(capsys, monkeypatch):
    monkeypatch.setattr("tensorgrad.config.has_openmp", lambda: False)
    tg.show_config()
    assert "threads: 1 (built without OpenMP)" in capsys.readouterr().out
