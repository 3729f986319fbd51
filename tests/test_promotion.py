"""Elementwise functions on every pair of dtypes, as tensors, tensors without dimensions and numbers: the result's dtype and values
are PyTorch's, halves rounded once; where PyTorch refuses, so does tensorgrad, or it has an answer that NumPy has too."""

import itertools

import numpy as np
import parity
import pytest

import tensorgrad as tg

torch = pytest.importorskip("torch")

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
BINARY = ["add", "mul", "div", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum", "fmax", "fmin", "eq", "lt", "ge",
          "atan2", "hypot", "logaddexp", "xlogy", "copysign", "logical_and", "bitwise_or", "bitwise_left_shift", "float_power"]
UNARY = ["abs", "neg", "sign", "sqrt", "rsqrt", "reciprocal", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "atan", "sinh", "tanh",
         "asinh", "sigmoid", "erf", "erfc", "lgamma", "digamma", "floor", "ceil", "trunc", "round", "frac", "isnan", "isfinite",
         "logical_not", "bitwise_not", "signbit", "sinc", "exp2", "log2", "relu", "nan_to_num", "deg2rad", "logit", "i0", "positive",
         "sum", "prod", "mean", "cumsum", "cumprod", "amax", "argmax", "max", "std", "var", "norm", "sort", "unique", "any", "median",
         "softmax", "logsumexp", "count_nonzero", "square", "diff", "flip", "tril", "nonzero", "logcumsumexp", "trace"]
ARGUMENTS = {"cumsum": (0,), "cumprod": (0,), "softmax": (0,), "logsumexp": (0,), "flip": ((0,),), "logcumsumexp": (0,), "amax": (0,)}
REFUSED = {("square", "bool"), ("signbit", "bool"), ("pow", "bool", "bool")}  # no kernel here, and nobody asked for one
VALUES = np.array([[1, 3], [2, 5]])


def operand(library, dtype, kind):
    if kind == "number":
        return True if dtype == "bool" else 3.0 if "float" in dtype else 3
    values = VALUES if kind == "tensor" else VALUES[0, 1]
    return library.from_numpy(np.array(values)).to(getattr(library, dtype))


def tolerance(*dtypes):
    """One unit in the last place of the coarsest dtype, and what a sum of a few rounds off."""
    return 2e-2 if "bfloat16" in dtypes else 3e-3 if "float16" in dtypes else 1e-5


def differences(name, dtypes, calls):
    for call in calls:
        found = [parity.outcome(lambda library=library, call=call: call(library)) for library in (tg, torch)]
        if isinstance(found[1], Exception):
            continue  # NumPy may have an answer where PyTorch has none
        verdict = parity.compare(*found, tolerance=tolerance(*dtypes))
        if verdict:
            yield f"{name} of {dtypes}: {verdict}"


@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name):
    wrong = []
    for a, b in itertools.product(DTYPES, DTYPES):
        if (name, a, b) in REFUSED:
            continue
        kinds = (("tensor", "tensor"), ("tensor", "scalar tensor"), ("scalar tensor", "tensor"), ("tensor", "number"))
        wrong += differences(name, (a, b), [
            lambda t, k=k, a=a, b=b: getattr(t, name)(operand(t, a, k[0]), operand(t, b, k[1])) for k in kinds])
    assert not wrong


@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name):
    wrong = []
    for a in DTYPES:
        if (name, a) not in REFUSED:
            wrong += differences(name, (a,), [lambda t, a=a: getattr(t, name)(operand(t, a, "tensor"), *ARGUMENTS.get(name, ()))])
    assert not wrong
