"""Elementwise functions with arguments beside their operands: compositions of the records of elementwise.py."""

from math import factorial, inf, log, pi

from .._core.apply import overwrite, set_operator, store, unary_function, write_back
from .._core.dtype import BY_NAME, get_default_dtype
from .._core.errors import ArgumentError, DTypeError
from .._core.tensor import TensorBase
from . import elementwise as ew
from .declare import BINARY_SAMPLES, METHODS, as_method, bools, case, check_tensors, map_record, method, public, writes_out

LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38,
           "float64": 1.7976931348623157e308}


def fractional(x):
    """Whether a tensor or number is of a floating-point kind."""
    return x.is_floating_point() if isinstance(x, TensorBase) else isinstance(x, float)


def scaled(op, input, other, alpha):
    """alpha as PyTorch accepts it: a number, whole where the result is."""
    if isinstance(alpha, float) and not any(fractional(x) for x in (input, other)):
        raise DTypeError(f"{op}: alpha={alpha!r} must be an integer for integer operands")


def given(result, out, name):
    """The result, or `out` with the result in it."""
    return result if out is None else store(out, result, name)


plain_add_, plain_sub_ = METHODS["add_"], METHODS["sub_"]


def add_in_place(input, other, *, alpha=1):
    return plain_add_(input, other) if alpha == 1 else write_back(input, add(input, other, alpha=alpha), "add_")


def sub_in_place(input, other, *, alpha=1):
    return plain_sub_(input, other) if alpha == 1 else write_back(input, sub(input, other, alpha=alpha), "sub_")


@public(samples=[*BINARY_SAMPLES, case((2, 3), (3,), alpha=2.5)], like=lambda np, a, b, alpha=1: a + alpha * b,
        method=True,
        in_place=add_in_place)
def add(input, other, *, alpha=1, out=None):
    """input + alpha other, element by element of operands that broadcast; either may be a number. Errors: ShapeError, DTypeError for an
    alpha that integers cannot take, TypeError for what is neither tensor nor number. Source: torch.add.

    >>> import tensorgrad
    >>> tensorgrad.add(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 1.0]), alpha=10)
    tensor([11., 12.])
    """
    if alpha == 1:
        return ew.add_(input, other, out=out)
    scaled("add", input, other, alpha)
    return given(ew.fma(other, alpha, input), out, "add")


@public(samples=[*BINARY_SAMPLES, case((2, 3), (3,), alpha=2.5)], like=lambda np, a, b, alpha=1: a - alpha * b,
        method=True,
        in_place=sub_in_place, aliases=("subtract",))
def sub(input, other, *, alpha=1, out=None):
    """input - alpha other, element by element of operands that broadcast; either may be a number. Errors: ShapeError, DTypeError for bool
    and an alpha that integers cannot take, TypeError for what is neither tensor nor number. Source: torch.sub.

    >>> import tensorgrad
    >>> tensorgrad.sub(tensorgrad.tensor([1.0, 2.0]), 1, alpha=2)
    tensor([-1.,  0.])
    """
    if alpha == 1:
        return ew.sub_(input, other, out=out)
    scaled("sub", input, other, alpha)
    return given(ew.fma(other, -alpha, input), out, "sub")


@public(samples=[case((2, 3), (3,)), case((2, 3), 2.0, alpha=3)], like=lambda np, a, b, alpha=1: b - alpha * a,
        method=True)
def rsub(input, other, *, alpha=1):
    """other - alpha input, element by element of operands that broadcast. Errors: ShapeError, DTypeError for bool and an alpha that
    integers cannot take, TypeError for what is neither tensor nor number. Source: torch.rsub.

    >>> import tensorgrad
    >>> tensorgrad.rsub(tensorgrad.tensor([1.0, 2.0]), 10)
    tensor([9., 8.])
    """
    return ew.sub_(other, input) if alpha == 1 else ew.fma(input, -alpha, other)


@public(samples=[*BINARY_SAMPLES, case((2, 3), (3,), rounding_mode=None)], on=(0.5, 3), method=True, in_place=True,
        like=lambda np, a, b, rounding_mode=None: a / b, aliases=("divide",))
def div(input, other, *, rounding_mode=None, out=None):
    """input / other, element by element of operands that broadcast. rounding_mode: None (true division, integers give floats), "floor" or
    "trunc" (integers stay integers). Errors: ArgumentError for another rounding_mode, ZeroDivisionError for integers by 0 with one,
    ShapeError, TypeError. Source: torch.div.

    >>> import tensorgrad
    >>> tensorgrad.div(tensorgrad.tensor([-7, 7]), 2, rounding_mode="floor")
    tensor([-4,  3])
    """
    if rounding_mode is None:
        return ew.div_(input, other, out=out)
    if rounding_mode == "floor":
        return ew.floor_divide(input, other, out=out)
    if rounding_mode == "trunc":
        return given(ew.trunc_divide(input, other), out, "div")
    raise ArgumentError(f"div: rounding_mode must be None, 'floor' or 'trunc', got {rounding_mode!r}")


@public(samples=BINARY_SAMPLES, like="divide", on=(0.5, 3), method=True, in_place=True)
def true_divide(input, other, *, out=None):
    """input / other, element by element of operands that broadcast; integers give floats. Errors: ShapeError, TypeError for what is
    neither tensor nor number. Source: torch.true_divide.

    >>> import tensorgrad
    >>> tensorgrad.true_divide(tensorgrad.tensor([1.0, 2.0]), 2)
    tensor([0.5000, 1.0000])
    """
    return ew.div_(input, other, out=out)


@public(samples=[*BINARY_SAMPLES, *(case((2, 3), p) for p in (0, 1, 3, -1, 0.5, -0.5, 2.5)), case(2.0, (3,))],
        on=(0.5, 2),
        like="power", method=True, in_place=True)
def pow(input, exponent, *, out=None):
    """input^exponent, element by element of operands that broadcast; either may be a number. Common exponents (2, 1/2, -1, -1/2) take
    their own kernels. Errors: ArgumentError for a negative whole exponent of integers, ShapeError, TypeError. Source: torch.pow.

    >>> import tensorgrad
    >>> tensorgrad.pow(tensorgrad.tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """
    if out is not None:
        return store(out, pow(input, exponent), "pow")
    if isinstance(exponent, (int, float)) and isinstance(input, TensorBase):
        if input.is_floating_point():
            short = SHORT_POWERS.get(exponent)
            if short is not None:
                return short(input)
        elif isinstance(exponent, int) and exponent < 0:
            raise ArgumentError(f"pow: integers to negative integer powers are not allowed, got exponent {exponent}")
    return ew.pow_(input, exponent)


# The records of pow with these exponents: a kernel each, and pow's name in the graph.
SHORT_POWERS = {exponent: unary_function(map_record("pow", "x", map=kernel, x=formula))[0] for exponent, kernel, formula in (
    (2, "square", lambda g, x: 2 * g * x), (0.5, "sqrt", lambda g, y: g / (2 * y)), (-1, "reciprocal", lambda g, y: -g * y * y),
    (-0.5, "rsqrt", lambda g, y: -0.5 * g * y * y * y))}
set_operator("**", pow)
set_operator("**=", METHODS["pow_"])


def float_power_in_place(input, exponent):
    if input.dtype is not BY_NAME["float64"]:
        raise DTypeError(f"float_power_: the result is of float64, this tensor of {input.dtype}")
    return write_back(input, float_power(input, exponent), "float_power_")


@public(samples=[case((2, 3), (3,)), case((2, 3), 2)], on=(0.5, 2), like="float_power", method=True, in_place=float_power_in_place)
@writes_out
def float_power(input, exponent, *, out=None):
    """input^exponent in float64, element by element of operands that broadcast; either may be a number. Errors: ShapeError, TypeError.
    Source: torch.float_power.

    >>> import tensorgrad
    >>> tensorgrad.float_power(tensorgrad.tensor([1.0, 2.0], dtype=tensorgrad.float64), 2)
    tensor([1., 4.], dtype=tensorgrad.float64)
    """
    input, exponent = (x.double() if isinstance(x, TensorBase) else float(x) for x in (input, exponent))
    return pow(input, exponent)


@public(samples=[case(bools((2, 3)), (2, 3), (3,)), case(bools((3,)), (2, 1), 0.5), case(bools(()), (2,), (2,))])
def where(condition, input=None, other=None, *, out=None):
    """input where condition is true, other elsewhere; all broadcast. condition alone: the indices of its true elements, a tuple of one
    vector a dimension. Errors: DTypeError unless condition is bool (or uint8), ShapeError, TypeError. Source: torch.where.

    >>> import tensorgrad
    >>> tensorgrad.where(tensorgrad.tensor([True, False]), tensorgrad.tensor([1.0, 2.0]), 0.0)
    tensor([1., 0.])
    """
    if not isinstance(condition, TensorBase) or condition.dtype not in (BY_NAME["bool"], BY_NAME["uint8"]):
        raise DTypeError(f"where: condition must be a bool tensor, got "
                         f"{getattr(condition, 'dtype', type(condition).__name__)}")
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    return given(ew.where(condition, input, other), out, "where")


def where_method(self, condition, other):
    """self where condition is true, other elsewhere; all broadcast. Errors: DTypeError unless condition is bool. Source:
    torch.Tensor.where.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1.0, 2.0]).where(tensorgrad.tensor([True, False]), 0.0)
    tensor([1., 0.])
    """
    return where(condition, self, other)


as_method("where", where_method)


def like_clamp(np, x, min=None, max=None):
    """Definition, for the tests."""
    x = x if min is None else np.maximum(x, min)
    return x if max is None else np.minimum(x, max)


def between(min, max):
    """(record, its further operands) of clamp."""
    if min is None and max is None:
        raise ArgumentError("clamp: at least one of min and max must not be None")
    if min is None:
        return ew.clamp_high, (max,)
    return (ew.clamp_low, (min,)) if max is None else (ew.clamp_both, (min, max))


def clamp_(input, min=None, max=None):
    record, bounds = between(min, max)
    return overwrite(record, input, *bounds)


@public(samples=[case((2, 3), -1.0, 1.0), case((2, 3), min=0.5), case((2, 3), max=0.5), case((2, 3), (3,), (2, 1))],
        on=(-2, 2),
        like=like_clamp, method=True, in_place=clamp_, aliases=("clip",))
def clamp(input, min=None, max=None, *, out=None):
    """min where input < min, max where input > max (max also where min > max), else input. The bounds are numbers, tensors that
    broadcast, or None. Errors: ArgumentError if both are None, ShapeError, TypeError. Source: torch.clamp.

    >>> import tensorgrad
    >>> tensorgrad.clamp(tensorgrad.tensor([-2.0, 0.5, 2.0]), -1, 1)
    tensor([-1.0000,  0.5000,  1.0000])
    """
    record, bounds = between(min, max)
    return given(record(input, *bounds), out, "clamp")


@public(samples=[case((2, 3), 0.5), case((2, 3), (3,))], like="maximum", method=True, in_place=True)
def clamp_min(input, min, *, out=None):
    """clamp(input, min=min): max(x, min), element by element of operands that broadcast. Errors: ShapeError, TypeError. Source:
    torch.clamp_min.

    >>> import tensorgrad
    >>> tensorgrad.clamp_min(tensorgrad.tensor([1.0, 2.0]), 1.5)
    tensor([1.5000, 2.0000])
    """
    return given(ew.clamp_low(input, min), out, "clamp_min")


@public(samples=[case((2, 3), 0.5), case((2, 3), (3,))], like="minimum", method=True, in_place=True)
def clamp_max(input, max, *, out=None):
    """clamp(input, max=max): min(x, max), element by element of operands that broadcast. Errors: ShapeError, TypeError. Source:
    torch.clamp_max.

    >>> import tensorgrad
    >>> tensorgrad.clamp_max(tensorgrad.tensor([1.0, 2.0]), 1.5)
    tensor([1.0000, 1.5000])
    """
    return given(ew.clamp_high(input, max), out, "clamp_max")


@public(samples=[case((2, 3), (3,), 0.3), case((2, 3), (2, 3), (2, 1))], like=lambda np, a, b, w: a + w * (b - a),
        method=True,
        in_place=True)
def lerp(input, end, weight, *, out=None):
    """input + weight (end - input), element by element of operands that broadcast; weight may be a number. Errors: ShapeError, TypeError.
    Source: torch.lerp.

    >>> import tensorgrad
    >>> tensorgrad.lerp(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]) + 4, 0.5)
    tensor([3., 4.])
    """
    return given(ew.lerp_(input, end, weight), out, "lerp")


@public(samples=[case((2, 3), (2, 3), (3,)), case((2, 3), (2, 1), (3,), value=0.5)], method=True, in_place=True,
        like=lambda np, x, a, b, value=1: x + value * a * b)
def addcmul(input, tensor1, tensor2, *, value=1, out=None):
    """input + value tensor1 tensor2, element by element of operands that broadcast. Errors: ShapeError, DTypeError for a value that
    integers cannot take, TypeError. Source: torch.addcmul.

    >>> import tensorgrad
    >>> tensorgrad.addcmul(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]), value=3)
    tensor([ 4., 14.])
    """
    scaled("addcmul", input, tensor1, value)
    return given(ew.fma(tensor1 if value == 1 else tensor1 * value, tensor2, input), out, "addcmul")


@public(samples=[case((2, 3), (2, 3), (3,)), case((2, 3), (2, 1), (3,), value=0.5)], on=(0.5, 3), method=True,
        in_place=True,
        like=lambda np, x, a, b, value=1: x + value * a / b)
def addcdiv(input, tensor1, tensor2, *, value=1, out=None):
    """input + value tensor1 / tensor2, element by element of operands that broadcast. Errors: DTypeError for integers, ShapeError,
    TypeError. Source: torch.addcdiv.

    >>> import tensorgrad
    >>> tensorgrad.addcdiv(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]), value=3)
    tensor([4., 5.])
    """
    check_tensors("addcdiv", tensor1=tensor1, tensor2=tensor2)
    if not (tensor1.is_floating_point() or tensor2.is_floating_point()):
        raise DTypeError("addcdiv: integer division is not supported; tensor1 and tensor2 are of "
                         f"{tensor1.dtype} and {tensor2.dtype}")
    return given(ew.fma(ew.div_(tensor1, tensor2), value, input), out, "addcdiv")


@public(samples=[case((2, 3)), case((2, 3), decimals=2)], on=(0.1, 0.4), grad=True, method=True, in_place=True,
        like=lambda np, x, decimals=0: np.round(x, decimals))
def round(input, *, decimals=0, out=None):
    """The nearest whole number (or multiple of 10^-decimals), halves to even. Element by element, of any shape. Errors: DTypeError for
    bool, ArgumentError for decimals beyond 308, TypeError. Source: torch.round.

    >>> import tensorgrad
    >>> tensorgrad.round(tensorgrad.tensor([0.5, 1.5, 2.25]))
    tensor([0., 2., 2.])
    """
    if decimals == 0:
        return ew.round_(input, out=out)
    if not -308 <= decimals <= 308:
        raise ArgumentError(f"round: decimals must be in [-308, 308], got {decimals}")
    scale = 10.0 ** (decimals if decimals > 0 else -decimals)
    result = ew.round_(input * scale) / scale if decimals > 0 else ew.round_(input / scale) * scale
    return given(result, out, "round")


@public(samples=[case((2, 3)), case((2, 3), nan=1.0, posinf=2.0, neginf=-2.0)], method=True, in_place=True,
        like=lambda np, x, nan=0.0, posinf=None, neginf=None: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf))
def nan_to_num(input, nan=0.0, posinf=None, neginf=None, *, out=None):
    """NaN replaced by nan, infinities by posinf and neginf (None: the largest and smallest number of the dtype). Element by element, of
    any shape; integers as they are. Errors: TypeError for what is no tensor. Source: torch.nan_to_num.

    >>> import tensorgrad
    >>> tensorgrad.nan_to_num(tensorgrad.tensor([tensorgrad.nan, 1.0]))
    tensor([0., 1.])
    """
    check_tensors("nan_to_num", input=input)
    if not input.is_floating_point():
        return given(input.clone(), out, "nan_to_num")
    largest = LARGEST[input.dtype.name]
    high, low = largest if posinf is None else posinf, -largest if neginf is None else neginf
    return given(ew.replace_special(input, 0.0 if nan is None else nan, high, low), out, "nan_to_num")


@public(samples=[case((2, 3), (2, 3)), case((2, 3), (2, 3), atol=10.0)], grad=False, method=True,
        like=lambda np, a, b, rtol=1e-5, atol=1e-8, equal_nan=False: np.isclose(a, b, rtol, atol, equal_nan))
def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """|input - other| <= atol + rtol |other|, or equal (infinities; NaN with equal_nan): bool, element by element of tensors that
    broadcast. Errors: ArgumentError for a negative tolerance, DTypeError for different dtypes, ShapeError, TypeError for what is no
    tensor. Source: torch.isclose.

    >>> import tensorgrad
    >>> tensorgrad.isclose(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]) + 1e-9)
    tensor([True, True])
    """
    check_tensors("isclose", input=input, other=other)
    if rtol < 0 or atol < 0:
        raise ArgumentError(f"isclose: rtol and atol must be >= 0, got {rtol} and {atol}")
    if input.dtype != other.dtype:
        raise DTypeError(f"isclose: {input.dtype} did not match {other.dtype}")
    input, other = input.detach(), other.detach()
    close = input == other
    if equal_nan:
        close = close | (ew.isnan(input) & ew.isnan(other))
    if input.is_floating_point() or rtol or atol:
        distance = ew.abs(input.double() - other.double() if not input.is_floating_point() else input - other)
        close = close | (ew.isfinite(distance) & (distance <= ew.abs(rtol * other) + atol))
    return close


@public(grad=False, method=True)
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether isclose holds everywhere, as a Python bool, for tensors that broadcast. Errors: ArgumentError for a negative tolerance,
    DTypeError for different dtypes, ShapeError, TypeError. Source: torch.allclose.

    >>> import tensorgrad
    >>> tensorgrad.allclose(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]) + 1e-9)
    True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


@public(samples=[case((2, 3)), case((2, 3), eps=0.3)], on=(0.1, 0.9), method=True, in_place="copied",
        like=lambda np, x, eps=0.0: -np.log(1 / np.clip(x, eps, 1 - eps) - 1))
def logit(input, eps=None, *, out=None):
    """log(x / (1 - x)), x first clamped to [eps, 1 - eps]. Element by element, of any shape; integers give floats. Errors: TypeError for
    what is no tensor. Source: torch.logit.

    >>> import tensorgrad
    >>> tensorgrad.logit(tensorgrad.tensor([0.5]))
    tensor([0.])
    """
    check_tensors("logit", input=input)
    x = input if input.is_floating_point() else input.to(get_default_dtype())
    x = x if eps is None else clamp(x, eps, 1 - eps)
    return given(ew.log(x / (1 - x)), out, "logit")


@public(samples=[case((2, 3))], like="deg2rad", method=True, in_place=True)
@writes_out
def deg2rad(input, *, out=None):
    """pi / 180 x. Element by element, of any shape; integers give floats. Errors: TypeError for what is no tensor. Source: torch.deg2rad.

    >>> import tensorgrad
    >>> tensorgrad.deg2rad(tensorgrad.tensor([180.0]))
    tensor([3.1416])
    """
    check_tensors("deg2rad", input=input)
    return input * (pi / 180)


@public(samples=[case((2, 3))], like="rad2deg", method=True, in_place=True)
@writes_out
def rad2deg(input, *, out=None):
    """180 / pi x. Element by element, of any shape; integers give floats. Errors: TypeError for what is no tensor. Source: torch.rad2deg.

    >>> import tensorgrad
    >>> tensorgrad.rad2deg(tensorgrad.tensor([tensorgrad.pi]))
    tensor([180.])
    """
    check_tensors("rad2deg", input=input)
    return input * (180 / pi)


@public(samples=[case((2, 3))], like=lambda np, x: x, method=True)
def positive(input):
    """x itself, of any shape. Errors: DTypeError for bool, TypeError for what is no tensor. Source: torch.positive.

    >>> import tensorgrad
    >>> tensorgrad.positive(tensorgrad.tensor([1.0, 2.0]))
    tensor([1., 2.])
    """
    check_tensors("positive", input=input)
    if input.dtype is BY_NAME["bool"]:
        raise DTypeError("positive: is not defined for bool tensors")
    return input


set_operator("pos", positive)


@public(samples=[case((2, 3), (3,))], like="logaddexp2", method=True)
@writes_out
def logaddexp2(input, other, *, out=None):
    """log2(2^input + 2^other), element by element of operands that broadcast; integers give floats. Errors: ShapeError, TypeError.
    Source: torch.logaddexp2.

    >>> import tensorgrad
    >>> tensorgrad.logaddexp2(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1.0, 2.0]))
    tensor([2., 3.])
    """
    return ew.logaddexp(input * log(2), other * log(2)) / log(2)


@public(samples=[case((2, 3), (3,))], like=lambda np, x, n: x * 2.0**n, method=True, in_place=True)
@writes_out
def ldexp(input, other, *, out=None):
    """input 2^other, element by element of operands that broadcast. Errors: ShapeError, TypeError. Source: torch.ldexp.

    >>> import tensorgrad
    >>> tensorgrad.ldexp(tensorgrad.tensor([1.0, 2.0]), tensorgrad.tensor([1, 2]))
    tensor([2., 8.])
    """
    return input * ew.pow_(2.0, other)


@public(samples=[case(1, (2, 3)), case(2, (2, 3))], on=(0.5, 4), like=None)
@writes_out
def polygamma(n, input, *, out=None):
    """The n-th derivative of digamma: (-1)^(n+1) n! zeta(n + 1, x). Element by element, of any shape; integers give floats. Errors:
    ArgumentError unless 0 <= n < 2^63, TypeError. Source: torch.polygamma.

    >>> import tensorgrad
    >>> tensorgrad.polygamma(1, tensorgrad.tensor([1.0]))
    tensor([1.6449])
    """
    if not 0 <= n < 1 << 63:
        raise ArgumentError(f"polygamma: n must be in [0, 2^63), got {n}")
    if n == 0:
        return ew.digamma(input)
    factor = float(factorial(n)) if n < 171 else inf  # 171! is above all doubles
    return ew.zeta(n + 1.0, input) * (factor if n % 2 else -factor)


as_method("polygamma", lambda self, n: polygamma(n, self), same=polygamma)


@method
def polygamma_(self, n):
    """In place: the n-th derivative of digamma, written into self, which is returned. Errors: ArgumentError unless
    0 <= n < 2^63, GraphError for a leaf that requires grad, DTypeError for integers. Source: torch.Tensor.polygamma_.

    >>> import tensorgrad
    >>> tensorgrad.tensor([1.0]).polygamma_(1)
    tensor([1.6449])
    """
    return write_back(self, polygamma(n, self), "polygamma_")


@public(samples=[case((2, 3), (2, 3)), case((4, 1, 3), (2, 1)), case((0, 3), (1, 3))], on=(0.2, 3), grad=False, like="heaviside",
        method=True, in_place=True)
@writes_out
def heaviside(input, values, *, out=None):
    """0 where input < 0, 1 where it is > 0, values where it is 0. Element by element of tensors that broadcast. Errors: DTypeError for
    different dtypes, ShapeError, TypeError. Source: torch.heaviside.

    >>> import tensorgrad
    >>> tensorgrad.heaviside(tensorgrad.tensor([-1., 0., 2.]), tensorgrad.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    """
    check_tensors("heaviside", input=input, values=values)
    if input.dtype is not values.dtype:
        raise DTypeError(f"heaviside: input is of {input.dtype}, values of {values.dtype}; they must be the same")
    return ew.step(input, values)


@public(samples=[case((2, 3))], grad=False, like="isposinf", method=True)
@writes_out
def isposinf(input, *, out=None):
    """x == inf: bool, element by element, of any shape. Errors: TypeError for what is no tensor. Source: torch.isposinf.

    >>> import tensorgrad
    >>> tensorgrad.isposinf(tensorgrad.tensor([float('inf'), 1.0]))
    tensor([ True, False])
    """
    check_tensors("isposinf", input=input)
    return input == inf


@public(samples=[case((2, 3))], grad=False, like="isneginf", method=True)
@writes_out
def isneginf(input, *, out=None):
    """x == -inf: bool, element by element, of any shape. Errors: TypeError for what is no tensor. Source: torch.isneginf.

    >>> import tensorgrad
    >>> tensorgrad.isneginf(tensorgrad.tensor([-float('inf'), 1.0]))
    tensor([ True, False])
    """
    check_tensors("isneginf", input=input)
    return input == -inf
