"""Elementwise operations: one line each, derivative included. What a formula names is what is saved.

g: the gradient of the result; x (or a, b): the operands; y: the result. Where kernels.def has `<name>_grad`, it is the
fused backward of the formula here. Functions with more arguments than operands stand in pointwise.py.
"""

from math import log as ln
from math import pi

from .declare import binary, bools, case, ints, map_record, unary

TENSORS = [case((2, 3), (2, 3)), case((4, 1, 3), (2, 1)), case((), (3,)), case((0, 3), (1, 3))]
INTEGERS = [case(ints((4, 3), 0, 9), ints((3,), 0, 9)), case(bools((4, 3)), bools((3,)))]

# ---- arithmetic ----
neg = unary("neg", lambda g: -g, like="negative", operator="neg", doc="-x.", aliases=("negative",))
abs = unary("abs", lambda g, x: g * sign(x), on=(0.2, 3), operator="abs", doc="|x|.", aliases=("absolute",))
sign = unary("sign", lambda g: g * 0, on=(0.2, 3), doc="-1, 0 or 1: the sign of x.", aliases=("sgn",))
square = unary("square", lambda g, x: 2 * g * x, doc="x^2.")
sqrt = unary("sqrt", lambda g, y: g / (2 * y), on=(0.2, 4), to_float=True, doc="The square root of x; NaN below 0.")
rsqrt = unary("rsqrt", lambda g, y: -0.5 * g * y * y * y, like=lambda np, x: x**-0.5, on=(0.2, 4), to_float=True,
              doc="1 / sqrt(x); inf at 0, NaN below.")
reciprocal = unary("reciprocal", lambda g, y: -g * y * y, on=(0.3, 3), to_float=True, doc="1 / x.")
add_ = binary("add", lambda g: g, lambda g: g, operator="+", doc="a + b.")
sub_ = binary("sub", lambda g: g, lambda g: -g, like="subtract", operator="-", doc="a - b.")
mul = binary("mul", lambda g, b: g * b, lambda g, a: g * a, like="multiply", operator="*", doc="a b.",
             aliases=("multiply",))
div_ = binary("div", lambda g, b: g / b, lambda g, b, y: -g * y / b, like="divide", on=(0.5, 3), operator="/",
              to_float=True,
              doc="a / b.")
floor_divide = binary("floor_divide", on=(0.5, 3), operator="//", doc="a / b rounded down; ZeroDivisionError for integers where b is 0.")
trunc_divide = map_record("trunc_divide", "a b")
remainder = binary("remainder", lambda g: g, lambda g, a, b: -g * floor_divide(a, b), on=(0.5, 3), operator="%",
                   doc="a - b floor(a / b), with the sign of b as in Python; ZeroDivisionError for integers where b is 0.")
fmod = binary("fmod", lambda g: g, lambda g, a, b: -g * trunc(a / b), on=(0.5, 3),
              doc="a - b trunc(a / b), with the sign of a; ZeroDivisionError for integers where b is 0.")
pow_ = binary("pow", lambda g, a, b: power_base(g, a, b), lambda g, a, y: power_exponent(g, a, y), like="power",
              on=(0.5, 2),
              doc="a^b.")
fma = map_record("fma", "a b c", a=lambda g, b: g * b, b=lambda g, a: g * a, c=lambda g: g)  # c + a b

# ---- exponentials and logarithms ----
exp = unary("exp", lambda g, y: g * y, to_float=True, doc="e^x.")
exp2 = unary("exp2", lambda g, y: g * y * ln(2), to_float=True, doc="2^x.")
expm1 = unary("expm1", lambda g, y: g * (y + 1), to_float=True, doc="e^x - 1, exact for small x.")
log = unary("log", lambda g, x: g / x, on=(0.2, 4), to_float=True, doc="The natural logarithm of x; -inf at 0, NaN below.")
log2 = unary("log2", lambda g, x: g / (x * ln(2)), on=(0.2, 4), to_float=True, doc="The logarithm of x to base 2; -inf at 0, NaN below.")
log10 = unary("log10", lambda g, x: g / (x * ln(10)), on=(0.2, 4), to_float=True,
              doc="The logarithm of x to base 10; -inf at 0, NaN below.")
log1p = unary("log1p", lambda g, x: g / (x + 1), on=(-0.8, 4), to_float=True, doc="log(1 + x), exact for small x.")
logaddexp = binary("logaddexp", lambda g, a, b: g * sigmoid(a - b), lambda g, a, b: g * sigmoid(b - a),
                   doc="log(e^a + e^b).", samples=TENSORS)
xlogy = binary("xlogy", lambda g, a, b: xlogy(where((a == 0) & (b <= 0), 0.0, g), b), lambda g, a, b: g * a / b,
               like=lambda np, a, b: a * np.log(b), on=(0.2, 4), to_float=True, doc="a log(b), 0 where a is 0.")

# ---- trigonometric and hyperbolic functions ----
sin = unary("sin", lambda g, x: g * cos(x), to_float=True, doc="The sine of x (radians).")
cos = unary("cos", lambda g, x: -g * sin(x), to_float=True, doc="The cosine of x (radians).")
tan = unary("tan", lambda g, y: g * (1 + y * y), on=(-1.2, 1.2), to_float=True, doc="The tangent of x (radians), sin(x) / cos(x).")
asin = unary("asin", lambda g, x: g / sqrt(1 - x * x), like="arcsin", on=(-0.9, 0.9), to_float=True,
             doc="The angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1].", aliases=("arcsin",))
acos = unary("acos", lambda g, x: -g / sqrt(1 - x * x), like="arccos", on=(-0.9, 0.9), to_float=True,
             doc="The angle in [0, pi] whose cosine is x; NaN outside [-1, 1].", aliases=("arccos",))
atan = unary("atan", lambda g, x: g / (1 + x * x), like="arctan", to_float=True, doc="The angle in [-pi/2, pi/2] whose tangent is x.",
             aliases=("arctan",))
atan2 = binary("atan2", lambda g, a, b: g * b / (a * a + b * b), lambda g, a, b: -g * a / (a * a + b * b),
               like="arctan2",
               on=(0.3, 3), to_float=True,
               doc="The angle of the point (b, a), in [-pi, pi]: atan(a / b) where b > 0.", aliases=("arctan2",), samples=TENSORS)
sinh = unary("sinh", lambda g, x: g * cosh(x), to_float=True, doc="(e^x - e^-x) / 2.")
cosh = unary("cosh", lambda g, x: g * sinh(x), to_float=True, doc="(e^x + e^-x) / 2.")
tanh = unary("tanh", lambda g, y: g * (1 - y * y), to_float=True, doc="(e^x - e^-x) / (e^x + e^-x).")
asinh = unary("asinh", lambda g, x: g / sqrt(x * x + 1), like="arcsinh", to_float=True,
              doc="log(x + sqrt(x^2 + 1)), the inverse of sinh.",
              aliases=("arcsinh",))
acosh = unary("acosh", lambda g, x: g / sqrt(x * x - 1), like="arccosh", on=(1.3, 4), to_float=True,
              doc="log(x + sqrt(x^2 - 1)), the inverse of cosh; NaN below 1.",
              aliases=("arccosh",))
atanh = unary("atanh", lambda g, x: g / (1 - x * x), like="arctanh", on=(-0.9, 0.9), to_float=True,
              doc="log((1 + x) / (1 - x)) / 2, the inverse of tanh; NaN outside [-1, 1].",
              aliases=("arctanh",))
hypot = binary("hypot", lambda g, a, y: g * a / y, lambda g, b, y: g * b / y, on=(0.3, 3),
               doc="sqrt(a^2 + b^2) without overflow.", samples=TENSORS)
sinc = unary("sinc", lambda g, x, y: g * where(x == 0, 0.0, (cos(pi * x) - y) / x), on=(0.2, 3), to_float=True,
             doc="sin(pi x) / (pi x), 1 at 0.")

# ---- the error and gamma functions, sigmoid ----
sigmoid = unary("sigmoid", lambda g, y: g * (1 - y) * y, like=lambda np, x: 1 / (1 + np.exp(-x)), to_float=True,
                doc="1 / (1 + e^-x).")
erf = unary("erf", lambda g, x: g * (2 / pi**0.5) * exp(-x * x), like=None, to_float=True,
            doc="2 / sqrt(pi) times the integral of e^(-t^2) over t from 0 to x.")
erfc = unary("erfc", lambda g, x: g * (-2 / pi**0.5) * exp(-x * x), like=None, to_float=True,
             doc="1 - erf(x), exact for large x.")
erfinv = unary("erfinv", lambda g, y: g * (pi**0.5 / 2) * exp(y * y), like=None, on=(-0.9, 0.9), to_float=True,
               doc="The inverse of erf: the y with erf(y) = x; NaN outside [-1, 1].")
lgamma = unary("lgamma", lambda g, x: g * digamma(x), like=None, on=(0.3, 5), to_float=True, doc="log |gamma(x)|.")
digamma = unary("digamma", lambda g, x: g * zeta(2.0, x), like=None, on=(0.3, 5), to_float=True,
                doc="gamma'(x) / gamma(x), the derivative of lgamma.")
zeta = map_record("zeta", "s q", to_float=True,
                  q=lambda g, s, q: -g * s * zeta(s + 1, q))  # sum of (q + k)^-s over k >= 0

# ---- rounding: the derivative is zero where there is one ----
floor = unary("floor", lambda g: g * 0, on=(0.1, 0.9), doc="The largest whole number <= x.")
ceil = unary("ceil", lambda g: g * 0, on=(0.1, 0.9), doc="The smallest whole number >= x.")
trunc = unary("trunc", lambda g: g * 0, on=(0.1, 0.9),
              doc="x without its fraction: the whole number next to x towards 0.", aliases=("fix",))
round_ = unary("round", lambda g: g * 0, on=(0.1, 0.4), doc="The nearest whole number, halves to even.")
frac = unary("frac", lambda g: g, like=lambda np, x: x - np.trunc(x), on=(0.1, 0.9), doc="x - trunc(x).")

# ---- choosing ----
where = map_record("where", "condition a b", fixed=1, a=lambda g, condition: where(condition, g, 0.0),
                    b=lambda g, condition: where(condition, 0.0, g))
maximum = binary("maximum", lambda g, a, b: shared(g, a >= b, a == b), lambda g, a, b: shared(g, b >= a, a == b),
                 doc="The larger of a and b, NaN if one is.", samples=TENSORS)
minimum = binary("minimum", lambda g, a, b: shared(g, a <= b, a == b), lambda g, a, b: shared(g, b <= a, a == b),
                 doc="The smaller of a and b, NaN if one is.", samples=TENSORS)
fmax = binary("fmax", lambda g, a, b: where((a >= b) | (b != b), g, 0.0),
              lambda g, a, b: where((a >= b) | (b != b), 0.0, g),
              doc="The larger of a and b; a NaN loses.", samples=TENSORS)
fmin = binary("fmin", lambda g, a, b: where((a <= b) | (b != b), g, 0.0),
              lambda g, a, b: where((a <= b) | (b != b), 0.0, g),
              doc="The smaller of a and b; a NaN loses.", samples=TENSORS)
clamp_both = map_record("clamp", "x low high", x=lambda g, x, low, high: where((x >= low) & (x <= high), g, 0.0),
                        low=lambda g, x, low, high: where((x < low) & (low < high), g, 0.0),
                        high=lambda g, x, low, high: where((x > high) | (high < low), g, 0.0))
clamp_low = map_record("clamp_min", "x low", map="maximum", x=lambda g, x, low: where(x >= low, g, 0.0),
                       low=lambda g, x, low: where(x < low, g, 0.0))
clamp_high = map_record("clamp_max", "x high", map="minimum", x=lambda g, x, high: where(x <= high, g, 0.0),
                        high=lambda g, x, high: where(x > high, g, 0.0))
lerp_ = map_record("lerp", "a b w", a=lambda g, w: g * (1 - w), b=lambda g, w: g * w, w=lambda g, a, b: g * (b - a))
copysign = binary("copysign", lambda g, a, y: where(a == 0, 0.0, g * sign(y) * sign(a)), lambda g: g * 0, on=(0.2, 3),
                  to_float=True,
                  doc="|a| with the sign of b.")
step = map_record("heaviside", "a b")
nextafter = binary("nextafter", doc="The next representable value after a towards b.", samples=TENSORS)
replace_special = map_record("nan_to_num", "x nan high low", x=lambda g, x: where(isfinite(x), g, 0.0))

# ---- comparisons and logic: bool results, no derivative ----
eq = binary("eq", like="equal", operator="==", doc="a == b.")
ne = binary("ne", like="not_equal", operator="!=", doc="a != b.", aliases=("not_equal",))
lt = binary("lt", like="less", operator="<", doc="a < b.", aliases=("less",))
le = binary("le", like="less_equal", operator="<=", doc="a <= b.", aliases=("less_equal",))
gt = binary("gt", like="greater", operator=">", doc="a > b.", aliases=("greater",))
ge = binary("ge", like="greater_equal", operator=">=", doc="a >= b.", aliases=("greater_equal",))
isnan = unary("isnan", to_float=True, doc="Whether x is NaN.")
isinf = unary("isinf", to_float=True, doc="Whether x is infinite.")
isfinite = unary("isfinite", to_float=True, doc="Whether x is neither infinite nor NaN.")
signbit = unary("signbit", doc="Whether the sign bit of x is set (-0.0 too).")
logical_not = unary("logical_not", doc="x == 0.")
logical_and = binary("logical_and", doc="a and b, 0 being false.", samples=TENSORS)
logical_or = binary("logical_or", doc="a or b, 0 being false.", samples=TENSORS)
logical_xor = binary("logical_xor", doc="Whether one of a and b is 0 and the other not.", samples=TENSORS)
bitwise_not = unary("bitwise_not", operator="invert", doc="Every bit of x inverted; logical not of a bool.",
                    samples=[case(ints((2, 3), -9, 9)), case(bools((3,)))])
bitwise_and = binary("bitwise_and", operator="&", doc="The bits that are set in both.", samples=INTEGERS)
bitwise_or = binary("bitwise_or", operator="|", doc="The bits that are set in a or b.", samples=INTEGERS)
bitwise_xor = binary("bitwise_xor", operator="^", doc="The bits in which a and b differ.", samples=INTEGERS)
bitwise_left_shift = binary("bitwise_left_shift", like="left_shift", operator="<<",
                            doc="a 2^b, wrapping; 0 for b outside the width.",
                            samples=INTEGERS[:1])
bitwise_right_shift = binary("bitwise_right_shift", like="right_shift", operator=">>", doc="floor(a / 2^b).",
                             samples=INTEGERS[:1])


def shared(g, wins, ties):
    """The gradient of the operand that wins; of a tie each gets half."""
    return where(wins, where(ties, g * 0.5, g), 0.0)


def power_base(g, a, b):
    """d a^b / da = b a^(b - 1), and 0 where b is 0 (0^-1 would be infinite)."""
    if isinstance(b, (int, float)):
        return g * 0 if b == 0 else g * (b * pow_(a, b - 1))
    return g * where(b == 0, 0.0, b * pow_(a, b - 1))


def power_exponent(g, a, y):
    """d a^b / db = a^b log(a), and 0 where a^b is 0."""
    if isinstance(a, (int, float)):
        return g * (y * ln(a)) if a > 0 else g * (y * (float("nan") if a else 0.0))
    return g * where(y == 0, 0.0, y * log(a))
