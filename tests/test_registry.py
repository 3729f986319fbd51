"""What every public function promises, checked on every sample of its record: values against NumPy and PyTorch, memory
orders, dtypes, first and second derivatives against finite differences, fused derivatives against formulas."""

import warnings

import numpy as np
import pytest
from samples import arrays, entries, identity, leaves, results, to_tensors

import tensorgrad as tg
from tensorgrad._core import engine

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

CALLS = [(e, c) for e in entries() for c in e.samples]
SMOOTH = [(e, c) for e, c in CALLS if e.grad]
NAMES = [f"{identity(e)}-{c!r}" for e, c in CALLS]
SMOOTH_NAMES = [f"{identity(e)}-{c!r}" for e, c in SMOOTH]


def call(entry, positional, named):
    tg.manual_seed(7)
    return entry.function(*positional, **named)


def reference(entry, positional, named):
    if entry.like is None:
        return None
    if isinstance(entry.like, str):
        return getattr(np, entry.like)(*positional, **named)
    return entry.like(np, *positional, **named)


def close(found, expected, dtype):
    tolerances = {"float64": 1e-9, "float32": 2e-5}
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.shape == np.shape(b)
        tolerance = max(tolerances[np.dtype(dtype).name], tolerances.get(a.dtype.name, 0))  # some results are always float32
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("entry", "case"), CALLS, ids=NAMES)
def test_values_equal_the_reference(entry, case, dtype):
    positional, named = arrays(entry, case, dtype)
    found = results(call(entry, to_tensors(positional), to_tensors(named)))
    wide = arrays(entry, case, dtype)
    with np.errstate(all="ignore"):
        expected = reference(entry, *wide)
    if expected is not None:
        close(found, [np.asarray(e) for e in (expected if isinstance(expected, (list, tuple)) else [expected])], dtype)
    elif torch is None:
        assert all(np.isfinite(f).all() for f in found if f.dtype.kind == "f")


@pytest.mark.parametrize("kind", ["transposed", "every second"])
@pytest.mark.parametrize(("entry", "case"), CALLS, ids=NAMES)
def test_memory_order_does_not_matter(entry, case, kind):
    positional, named = arrays(entry, case)
    if entry.name in ("as_strided",):
        return  # its result is a matter of memory order
    expected = results(call(entry, to_tensors(positional), to_tensors(named)))
    found = results(call(entry, to_tensors(positional, kind=kind), to_tensors(named, kind=kind)))
    close(found, expected, np.float64)


@pytest.mark.parametrize(("entry", "case"), SMOOTH, ids=SMOOTH_NAMES)
def test_gradients_equal_finite_differences(entry, case):
    positional, named = arrays(entry, case)
    positional, named = to_tensors(positional, True), to_tensors(named, True)
    inputs = [t for t in leaves([positional, named]) if t.requires_grad]
    if not any(t.requires_grad for t in leaves(call(entry, positional, named))):
        pytest.fail(f"{identity(entry)} is declared differentiable, but its result requires no grad")

    def function(*tensors):
        return call(entry, *refill(positional, named, list(tensors)))

    assert tg.autograd.gradcheck(function, inputs)
    before = engine.use_formulas(True)
    try:
        assert tg.autograd.gradcheck(function, inputs)
    finally:
        engine.use_formulas(before)
    if sum(t.numel() for t in inputs) <= 160:
        assert tg.autograd.gradgradcheck(function, inputs, atol=1e-4)


def refill(positional, named, tensors):
    """The arguments with the tensors that require grad replaced, in order."""
    def walk(item):
        if isinstance(item, list):
            return [walk(i) for i in item]
        return tensors.pop(0) if hasattr(item, "requires_grad") and item.requires_grad else item
    return [walk(i) for i in positional], {k: walk(v) for k, v in named.items()}


def gradients(entry, case, dtype):
    positional, named = arrays(entry, case, dtype)
    positional, named = to_tensors(positional, True), to_tensors(named, True)
    inputs = [t for t in leaves([positional, named]) if t.requires_grad]
    outputs = [y for y in leaves(call(entry, positional, named)) if y.requires_grad]
    weights = [tg.from_numpy(np.cos(np.arange(y.numel())).reshape(tuple(y.shape)).astype(dtype)) for y in outputs]
    return [g.numpy() for g in tg.autograd.grad(outputs, inputs, weights, allow_unused=True) if g is not None]


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("entry", "case"), SMOOTH, ids=SMOOTH_NAMES)
def test_fused_derivatives_equal_the_formulas(entry, case, dtype):
    fused = gradients(entry, case, dtype)
    before = engine.use_formulas(True)
    try:
        formulas = gradients(entry, case, dtype)
    finally:
        engine.use_formulas(before)
    tolerance = 1e-9 if dtype is np.float64 else 1e-4
    for a, b in zip(fused, formulas, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def find_torch(entry):
    """PyTorch's function of the record, or None."""
    if torch is None or entry.torch is None:
        return None
    place = torch
    for part in entry.torch.split("."):
        place = getattr(place, part)
    return place


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@pytest.mark.parametrize(("entry", "case"), CALLS, ids=NAMES)
def test_pytorch_agrees(entry, case):
    oracle = find_torch(entry)
    if oracle is None:
        return  # declared as a name that PyTorch does not have
    for dtype in (np.float32, np.float64):
        positional, named = arrays(entry, case, dtype)
        ours = call(entry, to_tensors(positional, entry.grad), to_tensors(named, entry.grad))
        torch.manual_seed(7)
        theirs_in = (to_tensors(positional, entry.grad, make=torch.from_numpy),
                     to_tensors(named, entry.grad, make=torch.from_numpy))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what PyTorch will change is no matter here
            theirs = oracle(*theirs_in[0], **theirs_in[1])
        ours, theirs = leaves(ours), leaves(theirs)
        assert [str(t.dtype).split(".")[1] for t in ours] == [str(t.dtype).split(".")[1] for t in theirs]
        assert [tuple(t.shape) for t in ours] == [tuple(t.shape) for t in theirs]
        close([t.detach().numpy() for t in ours], [t.detach().numpy() for t in theirs], dtype)


def test_every_record_is_documented():
    missing = [identity(e) for e in entries() if not (e.function.__doc__ or "").strip()]
    assert not missing
