"""Elementwise kernels through the C library: instruction sets, memory orders, dtypes, special values, threads."""

import ctypes
import re
from pathlib import Path

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad._core import errors

ROOT = Path(__file__).parent.parent
C = ctypes.CDLL(str(Path(tg.__file__).parent / "_core" / "libtensorgrad.so"))
CODES = {np.dtype(n): i for i, n in enumerate(["bool", "uint8", "int8", "int16", "int32", "int64", "float16"])}
CODES |= {np.dtype("float32"): 8, np.dtype("float64"): 9}
DTYPES = list(CODES)
NO_KERNEL, ZERO_DIVISION = 8, 4


class View(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("ndim", ctypes.c_int32),
                ("shape", ctypes.c_int64 * 16), ("strides", ctypes.c_int64 * 16)]


def view(a):
    v = View(a.ctypes.data, CODES[a.dtype], a.ndim)
    for i in range(a.ndim):
        v.shape[i], v.strides[i] = a.shape[i], a.strides[i] // a.itemsize
    return v


def run(name, out, *inputs, compute=None):
    """tg_map into out; answers the status."""
    number = C.tg_map_find(name.encode())
    assert number >= 0
    views = [view(i) for i in inputs]
    pointers = (ctypes.POINTER(View) * len(views))(*map(ctypes.pointer, views))
    return C.tg_map(number, CODES[np.dtype(compute or inputs[-1].dtype)], len(views), pointers, ctypes.byref(view(out)))


def tables():
    """Names of the kernel tables that this machine runs."""
    names, i = [], 0
    while True:
        name = ctypes.c_char_p()
        runs = C.tg_isa_available(i, ctypes.byref(name))
        if runs < 0:
            return names
        names += [name.value] * runs
        i += 1


@pytest.fixture(params=tables(), ids=lambda name: name.decode())
def isa(request):
    C.tg_isa.restype = ctypes.c_char_p
    before = C.tg_isa()
    assert C.tg_isa_select(request.param) == 0
    yield request.param
    C.tg_isa_select(before)


def maps():
    """(name, inputs) of every map in kernels.def."""
    text = (ROOT / "csrc/kernels/kernels.def").read_text()
    return [(n, int(k)) for n, k in re.findall(r"^TG_MAP\((\w+), (\d),", text, re.M)]


def values(random, shape, dtype):
    """Small whole numbers, or floats around one; never a zero divisor or an unwanted domain error."""
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        return random.integers(1, 9, shape).astype(dtype)
    return random.uniform(0.1, 0.9, shape).astype(dtype)


@pytest.mark.parametrize(("name", "count"), maps(), ids=[n for n, _ in maps()])
def test_tables_agree(name, count):
    random = np.random.default_rng(1)
    for dtype in DTYPES:
        result = C.tg_map_result(C.tg_map_find(name.encode()), CODES[dtype])
        if result < 0:
            continue
        for n in (1, 7, 16, 37, 1000):
            inputs = [values(random, n, dtype) for _ in range(count)]
            found = []
            for table in tables():
                assert C.tg_isa_select(table) == 0
                found.append(np.zeros(n, bool if result == 0 else dtype))
                assert run(name, found[-1], *inputs) == 0
            for other in found[1:]:
                if dtype.kind == "f" and result:
                    scale = np.abs(found[0]).max() + 1
                    np.testing.assert_allclose(other, found[0], rtol=0, atol=16 * np.finfo(dtype).eps * scale)
                else:
                    np.testing.assert_array_equal(other, found[0])


def random_view(random, shape, dtype):
    """A permuted, stepped and possibly reversed window."""
    order, steps = random.permutation(len(shape)), random.integers(1, 3, len(shape))
    steps = steps * random.choice([-1, 1], len(shape))
    base = values(random, [shape[d] * abs(s) for d, s in zip(order, steps, strict=True)], dtype)
    return np.asarray(base[tuple(slice(None, None, s) for s in steps)]).transpose(np.argsort(order))


def broadcastable(random, shape):
    return tuple(1 if random.random() < 0.3 else n for n in shape[random.integers(0, len(shape) + 1):])


@pytest.mark.parametrize("seed", range(60))
def test_any_strides_dtypes_and_broadcasting(isa, seed):
    random = np.random.default_rng(seed)
    sizes = [1, 3, 70, 130] if seed % 10 == 0 else [0, 1, 2, 3, 5, 17, 40]
    shape = tuple(int(random.choice(sizes)) for _ in range(random.integers(0, 3 if seed % 10 == 0 else 5)))
    d1, d2, d3 = random.choice(len(DTYPES), 3)
    a = random_view(random, broadcastable(random, shape), DTYPES[d1])
    b = random_view(random, broadcastable(random, shape), DTYPES[d2])
    condition = random_view(random, broadcastable(random, shape), np.dtype(bool))
    out = random_view(random, shape, DTYPES[d3])
    assert C.tg_copy(ctypes.byref(view(out)), ctypes.byref(view(a))) == 0
    np.testing.assert_array_equal(out, np.broadcast_to(a, shape).astype(DTYPES[d3]))
    out = random_view(random, shape, np.dtype(np.float32))
    assert run("add", out, a, b, compute=np.float32) == 0
    np.testing.assert_array_equal(out, np.broadcast_to(a.astype(np.float32) + b.astype(np.float32), shape))
    assert run("where", out, condition, a, b, compute=np.float64) == 0
    wanted = np.where(condition, a.astype(np.float64), b.astype(np.float64)).astype(np.float32)
    np.testing.assert_array_equal(out, np.broadcast_to(wanted, shape))


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "maximum", "minimum", "hypot", "le"])
def test_rows_and_columns_of_numbers(isa, name):
    """The arithmetic path (and a map without one) for every way of repeating an operand, over windows and long rows."""
    random = np.random.default_rng(11)
    numpy_name = {"sub": "subtract", "mul": "multiply", "div": "divide", "le": "less_equal"}.get(name, name)
    for rows, cols in ((1, 1), (3, 5), (17, 40), (5, 1025), (2, 16500)):
        for shapes in ([(rows, cols), (cols,)], [(rows, cols), (rows, 1)], [(rows, 1), (1, cols)], [(1,), (rows, cols)],
                       [(rows, cols), (rows, cols)]):
            for dtype in (np.float32, np.float64):
                x, y = (random.uniform(0.5, 2, s).astype(dtype) for s in shapes)
                x[..., -1:] = np.nan
                big = np.zeros((rows, cols + 7), bool if name == "le" else dtype)
                assert run(name, big[:, :cols], x, y) == 0
                np.testing.assert_allclose(big[:, :cols], getattr(np, numpy_name)(x, y), rtol=1e-6)
                assert not big[:, cols:].any()


@pytest.mark.parametrize("shapes", [[(0,), (0,)], [(0,), (1,)], [(-1, 65), (65,)]], ids=["dense", "number", "rows"])
def test_results_larger_than_the_cache(isa, shapes):
    """They are written past it, from any address on."""
    n, dtype = 65 * 100001, np.float32
    x, y = (np.resize(np.arange(1, 1018, dtype=dtype), n) if s[0] <= 0 else np.arange(1, s[0] + 1, dtype=dtype) for s in shapes)
    x = x.reshape(-1, 65) if len(shapes[0]) == 2 else x
    out = np.empty(n + 3, dtype)[3:].reshape(x.shape)
    assert run("add", out, x, y) == 0
    assert (out == x + y).all()
    assert run("sqrt", out, x) == 0
    np.testing.assert_allclose(out.ravel()[:2000], np.sqrt(x.ravel()[:2000]), rtol=1e-6)
    assert run("add", x, x, y) == 0
    assert x.ravel()[0] == 1 + y.ravel()[0]


def test_transposes_of_every_size(isa):
    """Square tiles in registers, and what is left beside them."""
    random = np.random.default_rng(12)
    for dtype in (np.uint8, np.int16, np.float32, np.float64):
        for shape in ((1, 9), (2, 2), (16, 16), (17, 33), (40, 7), (65, 130), (3, 33, 18)):
            x = random.integers(0, 99, shape).astype(dtype)
            out = np.empty(shape[::-1], dtype)
            assert C.tg_copy(ctypes.byref(view(out)), ctypes.byref(view(x.T))) == 0
            np.testing.assert_array_equal(out, x.T)
            wide = np.empty(shape[::-1], np.int64)
            assert C.tg_copy(ctypes.byref(view(wide)), ctypes.byref(view(x.T))) == 0
            np.testing.assert_array_equal(wide, x.T)


def test_half_conversion_is_exact_and_rounds_to_even(isa):
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    out = np.empty(65536, np.float32)
    C.tg_copy(ctypes.byref(view(out)), ctypes.byref(view(halves)))
    with np.errstate(invalid="ignore"):  # NumPy's own cast of signalling NaNs, on aarch64
        np.testing.assert_array_equal(out, halves.astype(np.float32))
    bits = np.random.default_rng(0).integers(0, 2**32, 300000, dtype=np.uint32).view(np.float32)
    near = np.concatenate([bits, np.linspace(-1e-4, 1e-4, 100001, dtype=np.float32)])
    out = np.empty(near.shape, np.float16)
    C.tg_copy(ctypes.byref(view(out)), ctypes.byref(view(near)))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(out, near.astype(np.float16))


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_floats_become_integers_of_any_size(isa, dtype):
    """By way of int32, where all of a block of 64 fit that; the last block is shorter."""
    random = np.random.default_rng(5)
    for largest in (300, 2.0**31, 2.0**62):
        x = random.uniform(-largest, largest, 64 * 40 + 13).astype(dtype)
        x[::200] = np.nextafter(dtype(2**31), dtype(0)) * (1, -1, 1)[random.integers(3)]
        x[130], x[2000] = 2**31, -(2**31)
        for to in (np.int64, np.uint8):
            out = np.empty(x.shape, to)
            assert C.tg_copy(ctypes.byref(view(out)), ctypes.byref(view(x))) == 0
            np.testing.assert_array_equal(out, x.astype(np.int64).astype(to))


# map -> (NumPy's function, domain, largest error allowed in units in the last place). float32 is held against NumPy in
# float64, float64 against long double.
BOUNDS = {
    "exp": (np.exp, (-80, 80), 1.5), "exp2": (np.exp2, (-120, 120), 1.5), "expm1": (np.expm1, (-10, 10), 2.5),
    "log": (np.log, (1e-30, 30), 1.5), "log2": (np.log2, (1e-30, 30), 2.5), "log10": (np.log10, (1e-30, 30), 2.5),
    "log1p": (np.log1p, (-0.99, 5), 2.0), "sin": (np.sin, (-100, 100), 2.0), "cos": (np.cos, (-100, 100), 2.0),
    "tan": (np.tan, (-100, 100), 3.5), "asin": (np.arcsin, (-1, 1), 3.0), "acos": (np.arccos, (-1, 1), 2.0),
    "atan": (np.arctan, (-10, 10), 2.5), "sinh": (np.sinh, (-30, 30), 3.0), "cosh": (np.cosh, (-30, 30), 3.5),
    "tanh": (np.tanh, (-5, 5), 3.5), "asinh": (np.arcsinh, (-50, 50), 2.5), "acosh": (np.arccosh, (1, 50), 2.5),
    "atanh": (np.arctanh, (-1, 1), 2.5), "sqrt": (np.sqrt, (0, 9), 0.51),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), (-20, 20), 3.0),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", BOUNDS)
def test_error_in_units_in_the_last_place(isa, name, dtype):
    function, (low, high), bound = BOUNDS[name]
    x = np.random.default_rng(3).uniform(low, high, 20000).astype(dtype)
    x[:2000] *= 2.0 ** -np.arange(2000).astype(dtype) % 20 if low <= 0 else 1
    out = np.empty_like(x)
    assert run(name, out, x) == 0
    wide = np.float64 if dtype is np.float32 else np.longdouble
    exact = function(x.astype(wide))
    errors_ = np.abs(out.astype(wide) - exact) / np.spacing(np.abs(exact).astype(dtype)).astype(wide)
    assert errors_.max() <= bound, (x[errors_.argmax()], errors_.max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", BOUNDS)
def test_special_values(isa, name, dtype):
    tiny = np.finfo(dtype).smallest_subnormal
    huge = np.finfo(dtype).max
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, tiny, -tiny, 5 * tiny, 2, -2, 0.5, 1e30, -1e30, huge,
                  -huge, 88.7, -88.7, -100, 709.7, 710.1, -745, 1e5, 3e6, -3e6], dtype)
    out = np.empty_like(x)
    assert run(name, out, x) == 0
    with np.errstate(all="ignore"):
        exact = BOUNDS[name][0](x.astype(np.float64 if dtype is np.float32 else np.longdouble)).astype(dtype)
    np.testing.assert_allclose(out, exact, rtol=8 * np.finfo(dtype).eps, atol=3 * tiny)
    np.testing.assert_array_equal(np.signbit(out)[~np.isnan(exact)], np.signbit(exact)[~np.isnan(exact)])


@pytest.mark.parametrize("name", ["pow", "atan2", "hypot", "fmod", "remainder", "floor_divide", "maximum", "fmax",
                                  "copysign"])
def test_special_pairs(isa, name):
    numpy_names = {"pow": "power", "atan2": "arctan2"}
    one = np.array([0.0, -0.0, 1, -1, 2, -2, 0.5, -2.5, 3, np.inf, -np.inf, np.nan, 1e30, -7], np.float32)
    a, b = (np.ascontiguousarray(x).ravel() for x in np.meshgrid(one, one))
    for dtype in (np.float32, np.float64):
        out = np.empty(a.shape, dtype)
        assert run(name, out, a.astype(dtype), b.astype(dtype)) == 0
        with np.errstate(all="ignore"):
            exact = getattr(np, numpy_names.get(name, name))(a.astype(dtype), b.astype(dtype))
        usual = np.isfinite(a) & np.isfinite(b) & (b != 0) if name in ("remainder", "floor_divide") else slice(None)
        np.testing.assert_allclose(out[usual], exact[usual], rtol=1e-6)


def test_threads_do_not_change_a_bit():
    random = np.random.default_rng(5)
    x = random.uniform(-5, 5, (401, 503)).astype(np.float32)
    before = C.tg_get_threads()
    found = []
    try:
        for threads in (1, 2, 3, 8):
            C.tg_set_threads(threads)
            outs = [np.empty_like(x) for _ in range(3)]
            assert run("tanh", outs[0], x) == 0
            assert run("add", outs[1], x, x[:, :1]) == 0
            transposed = np.empty((503, 401), np.float32)
            assert C.tg_copy(ctypes.byref(view(transposed)), ctypes.byref(view(x.T))) == 0
            assert run("gelu", outs[2].T, transposed) == 0
            found.append([o.tobytes() for o in (*outs, transposed)])
    finally:
        C.tg_set_threads(before)
    assert all(f == found[0] for f in found)


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod", "trunc_divide"])
def test_integer_division_by_zero_writes_nothing(isa, name):
    for dtype in (np.uint8, np.int32, np.int64):
        a, b = np.arange(1, 3001).astype(dtype), np.ones(3000, dtype)
        b[2999] = 0
        before = a.copy()
        assert run(name, a, a, b) == ZERO_DIVISION
        np.testing.assert_array_equal(a, before)
    lowest = np.array([np.iinfo(np.int64).min])
    out = np.empty(1, np.int64)
    assert run(name, out, lowest, np.array([-1])) == 0


def test_shifts_are_defined_for_any_count(isa):
    a, b = np.full(6, -5, np.int32), np.array([0, 1, 31, 32, -1, 1 << 30], np.int32)
    out = np.empty(6, np.int32)
    assert run("bitwise_left_shift", out, a, b) == 0
    assert out.tolist() == [-5, -10, -2147483648, 0, 0, 0]
    assert run("bitwise_right_shift", out, a, b) == 0
    assert out.tolist() == [-5, -3, -1, -1, -1, -1]


def test_a_missing_kernel_is_said():
    x = np.zeros(3, np.int64)
    assert run("div", x, x, x) == NO_KERNEL
    with pytest.raises(errors.DTypeError, match="bitwise_and"):
        tg.bitwise_and(tg.ones(2), tg.ones(2))


def test_comparisons_close_and_choices():
    x = tg.tensor([1.0, float("nan"), float("inf")])
    assert tg.isclose(x, x, equal_nan=True).tolist() == [True, True, True]
    assert tg.isclose(x, x).tolist() == [True, False, True]
    assert tg.where(tg.isnan(x), 0.0, x).tolist() == [1.0, 0.0, float("inf")]
    assert tg.nan_to_num(x, posinf=5.0).tolist() == [1.0, 0.0, 5.0]
    assert tg.div(tg.tensor([-7, 7]), 2, rounding_mode="trunc").tolist() == [-3, 3]
    assert (tg.tensor([3, -2]) ** 2).tolist() == [9, 4]
    with pytest.raises(errors.ArgumentError, match="negative integer powers"):
        tg.tensor([3]) ** -1
    with pytest.raises(errors.ArgumentError, match="rounding_mode"):
        tg.div(tg.ones(1), 2, rounding_mode="up")
    with pytest.raises(errors.DTypeError, match="condition"):
        tg.where(tg.ones(2), 1.0, 2.0)
