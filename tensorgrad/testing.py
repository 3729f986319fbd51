"""torch.testing: comparing tensors in tests."""

from collections.abc import Mapping, Sequence

from ._core.tensor import TensorBase
from .ops.create import as_tensor

__all__ = ["assert_close"]

# dtype -> (rtol, atol), as PyTorch has them; integers and bools must be equal
TOLERANCE = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}


def assert_close(actual, expected, *, rtol=None, atol=None, equal_nan=False, check_dtype=True, check_stride=False, msg=None, **unused):
    """AssertionError unless |actual - expected| <= atol + rtol |expected| everywhere and shapes and dtypes agree: of tensors, numbers,
    arrays, and sequences and mappings of them. rtol and atol, both or neither: the default depends on the dtype. Source:
    torch.testing.assert_close.

    >>> import tensorgrad as torch
    >>> torch.testing.assert_close(torch.ones(2), torch.ones(2) + 1e-7)
    >>> torch.testing.assert_close(torch.ones(2), torch.tensor([1.0, 1.5]))
    Traceback (most recent call last):
    AssertionError: 1 of 2 values are not close: the largest difference is 0.5, at (1,); rtol is 1.3e-06, atol 1e-05
    """
    if (rtol is None) != (atol is None):
        raise ValueError(f"assert_close: rtol and atol go together, got {rtol} and {atol}")
    found = difference(actual, expected, (rtol, atol), equal_nan, check_dtype, check_stride)
    if found is not None:
        raise AssertionError(msg(found) if callable(msg) else msg or found)


def difference(actual, expected, tolerance, *options):
    """What is different, in words; None where nothing is."""
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        if set(actual) != set(expected):
            return f"the keys differ: {sorted(map(str, set(actual) ^ set(expected)))}"
        pairs = [(key, actual[key], expected[key]) for key in actual]
    elif all(isinstance(v, Sequence) and not isinstance(v, str) for v in (actual, expected)):
        if len(actual) != len(expected):
            return f"the lengths differ: {len(actual)} and {len(expected)}"
        pairs = [(i, *both) for i, both in enumerate(zip(actual, expected, strict=True))]
    else:
        return of_tensors(as_tensor(actual), as_tensor(expected), tolerance, *options)
    found = ((key, difference(a, b, tolerance, *options)) for key, a, b in pairs)
    return next((f"{text}\n(in item {key!r})" for key, text in found if text is not None), None)


def of_tensors(actual, expected, tolerance, equal_nan, check_dtype, check_stride):
    """The same for two tensors."""
    for what, wanted in (("shape", True), ("dtype", check_dtype), ("stride", check_stride)):
        a, b = (tuple(x.stride()) if what == "stride" else getattr(x, what) for x in (actual, expected))
        if wanted and a != b:
            return f"the {what}s differ: {a} and {b}"
    kinds = [TOLERANCE.get(x.dtype.name, (0.0, 0.0)) for x in (actual, expected)]
    rtol, atol = tolerance if tolerance[0] is not None else (max(k[i] for k in kinds) for i in (0, 1))
    a, b = (x.detach().double() if isinstance(x, TensorBase) and x.dtype.name in TOLERANCE else x.detach() for x in (actual, expected))
    near = a.isclose(b, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if bool(near.all()):
        return None
    far = (~near).sum().item()
    distance = (a.double() - b.double()).abs().where(~near, 0.0).nan_to_num(float("inf"))
    place = distance.argmax().item()
    where = []
    for size in reversed(a.shape):
        place, i = divmod(place, size)
        where.insert(0, i)
    return (f"{far} of {near.numel()} values are not close: the largest difference is {distance.max().item():g}, at {tuple(where)}; "
            f"rtol is {rtol:g}, atol {atol:g}")
