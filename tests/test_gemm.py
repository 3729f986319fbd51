"""GEMM at its C interface: every form of operand, end of a tile, instruction set and thread count."""

import ctypes
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
import tensorgrad._core as core
from tensorgrad._core import runtime

CODES = {"uint8": 1, "int8": 2, "int16": 3, "int32": 4, "int64": 5, "float32": 8, "float64": 9}
SIZES = [0, 1, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 27, 28, 29, 31, 32, 33, 47, 64, 65, 100, 191, 193]
NONE, COLUMN, ROW = range(3)
NO_KERNEL = 8

LIBRARY = ctypes.CDLL(str(next(Path(folder) / "libtensorgrad.so" for folder in core.__path__
                               if (Path(folder) / "libtensorgrad.so").exists())))
INT, SIZE, ADDRESS = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
MATRIX, ITEMS = [ADDRESS, SIZE, SIZE], [ADDRESS, ADDRESS, SIZE, SIZE]
LIBRARY.tg_gemm.argtypes = [INT, SIZE, SIZE, SIZE, *MATRIX, *MATRIX, *MATRIX, INT, INT, ADDRESS, INT]
LIBRARY.tg_gemm_batched.argtypes = [INT, INT, ADDRESS, SIZE, SIZE, SIZE, *ITEMS, *ITEMS, *ITEMS, INT, INT, ADDRESS, INT]


@pytest.fixture(autouse=True)
def settings():
    """Whatever a test selects is put back."""
    isa, threads = runtime.isa(), LIBRARY.tg_get_threads()
    yield
    runtime.select_isa(isa)
    LIBRARY.tg_set_threads(threads)


def operand(x):
    """Address and strides in elements."""
    return x.ctypes.data, *(s // x.itemsize for s in x.strides)


def gemm(a, b, c, accumulate=0, kind=NONE, bias=None, relu=0):
    """tg_gemm on NumPy arrays."""
    (m, k), n = a.shape, b.shape[1]
    return LIBRARY.tg_gemm(CODES.get(a.dtype.name, 0), m, n, k, *operand(a), *operand(b), *operand(c), accumulate, kind,
                           None if bias is None else bias.ctypes.data, relu)


def layout(values, kind):
    """The same values at other strides; the memory around them is NaN, or 77 for integers."""
    m, n = values.shape
    shape = {"rows": (m, n), "columns": (n, m), "steps": (m, 2 * n), "reverse": (m, n), "wide": (m + 2, n + 3)}[kind]
    base = np.full(shape, np.nan if values.dtype.kind == "f" else 77, values.dtype)
    window = {"rows": base, "columns": base.T, "steps": base[:, ::2], "reverse": base[::-1, ::-1],
              "wide": base[1:m + 1, 2:n + 2]}[kind]
    window[...] = values
    return window


LAYOUTS = st.sampled_from(["rows", "columns", "steps", "reverse", "wide"])


def expected(a, b, c, accumulate, kind, bias, relu):
    """The definition, in float64 or wrapping integers."""
    exact = (lambda x: x.astype(np.float64)) if a.dtype.kind == "f" else (lambda x: x)
    y = exact(a) @ exact(b)
    if accumulate:
        y = y + exact(c)
    if kind != NONE:
        y = y + (exact(bias) if kind == COLUMN else exact(bias)[:, None])
    return np.maximum(y, 0) if relu else y


def random(seed, shape, dtype):
    """Normal numbers, or all integers of a small dtype."""
    r = np.random.RandomState(seed)
    if np.dtype(dtype).kind == "f":
        return r.standard_normal(shape).astype(dtype)
    return r.randint(-128, 128, shape).astype(dtype)


@given(m=st.sampled_from(SIZES), n=st.sampled_from(SIZES), k=st.sampled_from([*SIZES, 511, 513, 700]),
       dtype=st.sampled_from(["float32", "float64"]), layouts=st.tuples(LAYOUTS, LAYOUTS, LAYOUTS),
       accumulate=st.booleans(), kind=st.sampled_from([NONE, COLUMN, ROW]),
       relu=st.booleans(), isa=st.sampled_from(runtime.isas_available()),
       threads=st.sampled_from([1, 2, 3, 8]))
def test_equals_the_definition(m, n, k, dtype, layouts, accumulate, kind, relu, isa, threads):
    runtime.select_isa(isa)
    LIBRARY.tg_set_threads(threads)
    shapes = [(m, k), (k, n), (m, n)]
    a, b, c = (layout(random(i, s, dtype), x) for i, (s, x) in enumerate(zip(shapes, layouts, strict=True)))
    bias = random(3, m if kind == ROW else n, dtype)
    y = expected(a, b, c, accumulate, kind, bias, relu)
    assert gemm(a, b, c, accumulate, kind, bias, relu) == 0
    tolerance = np.finfo(dtype).eps * (k + 4) * 4
    np.testing.assert_allclose(c, y, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("isa", runtime.isas_available())
@pytest.mark.parametrize(("m", "n", "k"), [(200, 300, 700), (1, 3000, 700), (3000, 1, 700), (1, 1, 20000),
                                           (10, 40, 20000), (1, 64, 20000), (64, 700, 33), (700, 64, 33)])
def test_bits_do_not_depend_on_the_thread_count(m, n, k, isa):
    runtime.select_isa(isa)
    for dtype in ("float32", "float64"):
        a, b, results = random(0, (m, k), dtype), random(1, (k, n), dtype), []
        for threads in (1, 2, 3, 8):
            LIBRARY.tg_set_threads(threads)
            c = np.zeros((m, n), dtype)
            assert gemm(a, b, c) == 0
            results.append(c.tobytes())
        assert len(set(results)) == 1
        np.testing.assert_allclose(c, a.astype(np.float64) @ b.astype(np.float64), atol=np.finfo(dtype).eps * k * 4)


@pytest.mark.parametrize("isa", runtime.isas_available())
def test_a_value_does_not_depend_on_what_surrounds_it(isa):
    runtime.select_isa(isa)
    a, b = random(0, (70, 90), "float32"), random(1, (90, 80), "float32")
    c, part = np.zeros((70, 80), "float32"), np.zeros((9, 7), "float32")
    assert gemm(a, b, c) == 0
    assert gemm(a[20:29], b[:, 30:37], part) == 0
    assert part.tobytes() == np.ascontiguousarray(c[20:29, 30:37]).tobytes()


@pytest.mark.parametrize("isa", runtime.isas_available())
@pytest.mark.parametrize(("m", "n"), [(20, 40), (1, 40), (40, 1)])
def test_nan_and_infinity_reach_their_row_and_column_only(m, n, isa):
    runtime.select_isa(isa)
    a, b, c = np.ones((m, 30), "float32"), np.ones((30, n), "float32"), np.zeros((m, n), "float32")
    a[m // 2, 3], b[4, n // 2] = np.nan, -np.inf
    assert gemm(a, b, c, relu=1) == 0
    row, column = np.isnan(c).all(1), (np.delete(c, m // 2, 0) == 0).all(0)
    assert np.flatnonzero(row).tolist() == [m // 2]
    if m > 1:
        assert np.flatnonzero(column).tolist() == [n // 2]


def test_no_steps_leave_the_bias():
    c, bias = np.full((3, 5), 7, "float32"), np.arange(5, dtype="float32")
    assert gemm(np.ones((3, 0), "float32"), np.ones((0, 5), "float32"), c, kind=COLUMN, bias=bias) == 0
    assert (c == bias).all()
    assert gemm(np.ones((3, 0), "float32"), np.ones((0, 5), "float32"), c) == 0
    assert (c == 0).all()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
@pytest.mark.parametrize("kind", ["rows", "columns", "steps"])
def test_integers_wrap(dtype, kind):
    a, b, c = (layout(random(i, s, dtype), kind) for i, s in enumerate([(5, 9), (9, 7), (5, 7)]))
    bias = random(4, 7, dtype)
    y = expected(a, b, c, True, COLUMN, bias, True)
    assert gemm(a, b, c, 1, COLUMN, bias, 1) == 0
    np.testing.assert_array_equal(c, y)


def test_bool_has_no_kernel():
    x = np.ones((2, 2), bool)
    assert gemm(x, x, x.copy()) == NO_KERNEL


@pytest.mark.parametrize("dtype", ["float32", "int64"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("batch", [(1, 1), (2, 3), (40, 2), (0, 4)])
def test_batches_broadcast_by_strides(batch, threads, dtype):
    LIBRARY.tg_set_threads(threads)
    a, b = random(0, (batch[0], 1, 6, 33), dtype), random(1, (1, batch[1], 33, 20), dtype)
    c = np.zeros((*batch, 6, 20), dtype)

    def items(x):
        strides = [s // x.itemsize if n > 1 else 0 for n, s in zip(x.shape[:2], x.strides[:2], strict=True)]
        return (SIZE * 2)(*strides)

    def matrix(x):
        return x.ctypes.data, items(x), x.strides[2] // x.itemsize, x.strides[3] // x.itemsize

    status = LIBRARY.tg_gemm_batched(CODES[dtype], 2, (SIZE * 2)(*batch), 6, 20, 33, *matrix(a), *matrix(b), *matrix(c),
                                     0, NONE, None, 0)
    assert status == 0
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("isa", isa_tables())
def test_batches_of_small_products(isa, dtype):
    """They have a kernel of their own, whose elements are the same chains as a single product's: the same bits."""
    for batch, m, n, k in ((7, 4, 4, 4), (50, 1, 3, 2), (9, 5, 16, 25), (8, 3, 1, 6), (6, 2, 8, 0), (3, 17, 7, 9), (200, 2, 2, 2)):
        a, b = tg.from_numpy(random(0, (batch, k, m), dtype)).mT, tg.from_numpy(random(1, (batch, k, n), dtype))
        found = with_isa(isa, lambda a=a, b=b: [with_threads(t, lambda: tg.bmm(a, b)) for t in (1, 2, 3, 8)])
        one_by_one = with_isa(isa, lambda a=a, b=b: tg.stack([x @ y for x, y in zip(a, b, strict=True)]))
        np.testing.assert_allclose(found[0].numpy(), a.numpy() @ b.numpy(), rtol=1e-5, atol=1e-5)
        assert len({f.numpy().tobytes() for f in found}) == 1
        if m > 1 and n > 1:
            np.testing.assert_array_equal(found[0].numpy(), one_by_one.numpy())
