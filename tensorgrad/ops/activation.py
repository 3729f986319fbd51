"""Activation functions: nn.functional's names, each with its derivative. `<name>_grad` records are linear in their
first operand u, the gradient, and so their own derivative in it."""

from math import pi

from .._core.apply import overwrite
from .._core.errors import ArgumentError, ShapeError
from .declare import METHODS, WRITTEN, case, check_tensors, dress, map_record, public, unary, writes_out
from .elementwise import abs as absolute
from .elementwise import clamp_high, erf, exp, sigmoid, tanh, where
from .shape import span

ALPHA, SCALE, BETA = 1.6732632423543772, 1.0507009873554805, (2 / pi)**0.5
KINKS = (case((2, 3)), case((0, 3)), case((5, 1, 7)))


def slope_gelu(g, x):
    """g d/dx x cdf(x): cdf and density of the normal distribution."""
    return g * (0.5 * (1 + erf(x * 0.5**0.5)) + x * exp(-0.5 * x * x) * (1 / (2 * pi)**0.5))


def slope_gelu_tanh(g, x):
    """g d/dx x (1 + t) / 2, t = tanh(BETA (x + 0.044715 x^3))"""
    t = tanh(BETA * (x + 0.044715 * x * x * x))
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * BETA * (1 + 3 * 0.044715 * x * x))


def slope_silu(g, x):
    """g d/dx x s, s = sigmoid(x)"""
    s = sigmoid(x)
    return g * s * (1 + x * (1 - s))


def slope_mish(g, x):
    """g d/dx x t, t = tanh(softplus(x))"""
    t = tanh(softplus_raw(x, 1.0, 20.0))
    return g * (t + x * sigmoid(x) * (1 - t * t))


def slope_softplus(g, u, x, beta, threshold):
    """The derivative of u sigmoid(beta x)."""
    s = sigmoid(x * beta)
    return where(x * beta > threshold, 0.0, g * u * beta * s * (1 - s))


# ---- smooth ----
gelu_raw = map_record("gelu", "x", to_float=True, x=slope_gelu)
gelu_tanh_raw = map_record("gelu_tanh", "x", to_float=True, x=slope_gelu_tanh)
silu_raw = map_record("silu", "x", x=slope_silu)
mish_raw = map_record("mish", "x", x=slope_mish)
logsigmoid = unary("logsigmoid", lambda g, x: g * sigmoid(-x), namespace="nn.functional", method=False,
                   like=lambda np, x: -np.log1p(np.exp(-x)), doc="log(sigmoid(x)) = min(x, 0) - log(1 + e^-|x|).")
softsign = unary("softsign", lambda g, x: g / (1 + absolute(x)) / (1 + absolute(x)), namespace="nn.functional",
                 method=False,
                 like=lambda np, x: x / (1 + abs(x)), on=(0.2, 3), doc="x / (1 + |x|).")
tanhshrink = unary("tanhshrink", lambda g, x: g * tanh(x) * tanh(x), namespace="nn.functional", method=False,
                   like=lambda np, x: x - np.tanh(x), doc="x - tanh(x).")
softplus_raw = map_record("softplus", "x beta threshold",
                          x=lambda g, x, beta, threshold: softplus_grad(g, x, beta, threshold))
softplus_grad = map_record("softplus_grad", "u x beta threshold", x=slope_softplus,
                           u=lambda g, x, beta, threshold: softplus_grad(g, x, beta, threshold))

# ---- with a kink ----
relu_raw = unary("relu", lambda g, y: where(y <= 0, 0.0, g), on=(0.2, 3), like=lambda np, x: np.maximum(x, 0),
                 doc="max(x, 0).", samples=KINKS)
selu_raw = map_record("selu", "x", x=lambda g, x: g * where(x > 0, SCALE, SCALE * ALPHA * exp(clamp_high(x, 0.0))))
hardsigmoid_raw = map_record("hardsigmoid", "x", x=lambda g, x: where((x > -3) & (x < 3), g / 6, 0.0))
hardswish_raw = map_record("hardswish", "x", x=lambda g, x: where(x <= -3, 0.0, where(x < 3, g * (x / 3 + 0.5), g)))
leaky_relu_raw = map_record("leaky_relu", "x slope", x=lambda g, x, slope: leaky_relu_grad(g, x, slope))
leaky_relu_grad = map_record("leaky_relu_grad", "u x slope", u=lambda g, x, slope: leaky_relu_grad(g, x, slope))
elu_raw = map_record("elu", "x alpha", x=lambda g, x, alpha: elu_grad(g, x, alpha))
elu_grad = map_record("elu_grad", "u x alpha", u=lambda g, x, alpha: elu_grad(g, x, alpha),
                      x=lambda g, u, x, alpha: where(x > 0, 0.0, g * u * alpha * exp(clamp_high(x, 0.0))))
celu_raw = map_record("celu", "x alpha", x=lambda g, x, alpha: celu_grad(g, x, alpha))
celu_grad = map_record("celu_grad", "u x alpha", u=lambda g, x, alpha: celu_grad(g, x, alpha),
                       x=lambda g, u, x, alpha: where(x > 0, 0.0, g * u / alpha * exp(clamp_high(x / alpha, 0.0))))
# In terms of the result, which is inside (low, high) exactly where x is: x may be overwritten.
hardtanh_raw = map_record("hardtanh", "x low high", x=lambda g, y, low, high: hardtanh_grad(g, y, low, high))
hardtanh_grad = map_record("hardtanh_grad", "u x low high", u=lambda g, x, low, high: hardtanh_grad(g, x, low, high))
softshrink_raw = map_record("softshrink", "x lambd", x=lambda g, x, lambd: shrink_grad(g, x, lambd))
hardshrink_raw = map_record("hardshrink", "x lambd", x=lambda g, x, lambd: shrink_grad(g, x, lambd))
shrink_grad = map_record("shrink_grad", "u x lambd", u=lambda g, x, lambd: shrink_grad(g, x, lambd))
threshold_raw = map_record("threshold", "x threshold value", x=lambda g, x, threshold: threshold_grad(g, x, threshold))
threshold_grad = map_record("threshold_grad", "u x threshold",
                            u=lambda g, x, threshold: threshold_grad(g, x, threshold))


def activation(samples=(), like=None, on=(-3, 3), **more):
    """@public for nn.functional: samples without and with arguments."""
    return public(namespace="nn.functional", samples=[*KINKS, *samples], like=like, on=on, **more)


def finish(input, record, inplace, *more):
    """record(input, *more), written into the input where inplace asks for it."""
    return overwrite(record, input, *more) if inplace else record(input, *more)


@activation(like=lambda np, x: np.maximum(x, 0), on=(0.2, 3))
def relu(input, inplace=False):
    """max(x, 0); NaN stays NaN. Element by element, of any shape. Errors: DTypeError for bool, TypeError for what is no tensor. Source:
    torch.nn.functional.relu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.relu(tensorgrad.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return METHODS["relu_"](input) if inplace else relu_raw(input)


@activation([case((2, 3), approximate="tanh")], like=None)
def gelu(input, approximate="none"):
    """x cdf(x) with the cdf of the normal distribution, (1 + erf(x / sqrt(2))) / 2; approximate="tanh": x (1 + tanh(sqrt(2/pi) (x +
    0.044715 x^3))) / 2. Element by element, of any shape.

    Errors: ArgumentError for another approximation, TypeError. Source: Hendrycks and Gimpel, arXiv:1606.08415; torch.nn.functional.gelu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.gelu(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.1587,  0.3457,  1.9545])
    """
    if approximate not in ("none", "tanh"):
        raise ArgumentError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return gelu_raw(input) if approximate == "none" else gelu_tanh_raw(input)


@activation(like=lambda np, x: x / (1 + np.exp(-x)))
def silu(input, inplace=False):
    """x sigmoid(x). Element by element, of any shape. Errors: DTypeError for integers, TypeError for what is no tensor. Source:
    torch.nn.functional.silu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.silu(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.2689,  0.3112,  1.7616])
    """
    return finish(input, silu_raw, inplace)


@activation(like=lambda np, x: x * np.tanh(np.log1p(np.exp(x))))
def mish(input, inplace=False):
    """x tanh(log(1 + e^x)). Element by element, of any shape. Errors: DTypeError for integers, TypeError. Source: Misra,
    arXiv:1908.08681; torch.nn.functional.mish.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.mish(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.3034,  0.3752,  1.9440])
    """
    return finish(input, mish_raw, inplace)


@activation([case((2, 3), beta=2.0, threshold=1.0)], on=(0.6, 3), like=lambda np, x, beta=1.0, threshold=20.0:
            np.where(x * beta > threshold, x, np.log1p(np.exp(x * beta)) / beta))
def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + e^(beta x)) / beta, x itself where beta x > threshold. Element by element, of any shape. Errors: TypeError for what is no
    tensor. Source: torch.nn.functional.softplus.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.softplus(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.3133, 0.9741, 2.1269])
    """
    return softplus_raw(input, beta, threshold)


@activation([case((2, 3), 0.5)], like=lambda np, x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)))
def elu(input, alpha=1.0, inplace=False):
    """x where x > 0, alpha (e^x - 1) elsewhere. Element by element, of any shape. Errors: TypeError for what is no tensor. Source:
    torch.nn.functional.elu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.elu(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.6321,  0.5000,  2.0000])
    """
    return finish(input, elu_raw, inplace, alpha)


@activation([case((2, 3), 0.5)], like=lambda np, x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x / alpha)))
def celu(input, alpha=1.0, inplace=False):
    """x where x > 0, alpha (e^(x / alpha) - 1) elsewhere. Element by element, of any shape. Errors: ArgumentError for alpha 0, TypeError.
    Source: torch.nn.functional.celu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.celu(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.6321,  0.5000,  2.0000])
    """
    if alpha == 0:
        raise ArgumentError("celu: alpha must not be 0")
    return finish(input, celu_raw, inplace, alpha)


@activation(like=lambda np, x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(x)))
def selu(input, inplace=False):
    """1.0507 elu(x, 1.6733), the numbers that keep mean 0 and variance 1 from layer to layer. Element by element, of any shape. Errors:
    DTypeError for integers, TypeError. Source: Klambauer et al., arXiv:1706.02515; torch.nn.functional.selu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.selu(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.1113,  0.5254,  2.1014])
    """
    return finish(input, selu_raw, inplace)


@activation([case((2, 3), 0.3)], like=lambda np, x, slope=0.01: np.where(x > 0, x, x * slope))
def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where x > 0, negative_slope x elsewhere. Element by element, of any shape. Errors: TypeError for what is no tensor. Source:
    torch.nn.functional.leaky_relu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.leaky_relu(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.0100,  0.5000,  2.0000])
    """
    return finish(input, leaky_relu_raw, inplace, negative_slope)


@activation([case((2, 3), -0.5, 1.5)], on=(-1.4, 1.4), like=lambda np, x, low=-1.0, high=1.0: np.clip(x, low, high))
def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x limited to [min_val, max_val]. Element by element, of any shape. Errors: ArgumentError if min_val > max_val, TypeError. Source:
    torch.nn.functional.hardtanh.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.hardtanh(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min_val > max_val:
        raise ArgumentError(f"hardtanh: min_val must be <= max_val, got {min_val} and {max_val}")
    return finish(input, hardtanh_raw, inplace, min_val, max_val)


@activation(like=lambda np, x: np.clip(x, 0, 6), on=(0.5, 7))
def relu6(input, inplace=False):
    """x limited to [0, 6]. Element by element, of any shape. Errors: TypeError for what is no tensor. Source: torch.nn.functional.relu6.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.relu6(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.0000, 0.5000, 2.0000])
    """
    return finish(input, hardtanh_raw, inplace, 0.0, 6.0)


@activation(like=lambda np, x: np.clip(x / 6 + 0.5, 0, 1))
def hardsigmoid(input, inplace=False):
    """x / 6 + 1/2 limited to [0, 1]. Element by element, of any shape. Errors: DTypeError for integers, TypeError. Source:
    torch.nn.functional.hardsigmoid.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.hardsigmoid(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([0.3333, 0.5833, 0.8333])
    """
    return finish(input, hardsigmoid_raw, inplace)


@activation(like=lambda np, x: x * np.clip(x / 6 + 0.5, 0, 1))
def hardswish(input, inplace=False):
    """x hardsigmoid(x). Element by element, of any shape. Errors: DTypeError for integers, TypeError. Source: Howard et al.,
    arXiv:1905.02244; torch.nn.functional.hardswish.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.hardswish(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.3333,  0.2917,  1.6667])
    """
    return finish(input, hardswish_raw, inplace)


@activation([case((2, 3), 0.3)], like=lambda np, x, lambd=0.5: np.sign(x) * np.maximum(abs(x) - lambd, 0))
def softshrink(input, lambd=0.5):
    """x moved towards 0 by lambd, 0 where |x| <= lambd. Element by element, of any shape. Errors: ArgumentError for lambd < 0, TypeError.
    Source: torch.nn.functional.softshrink.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.softshrink(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-0.5000,  0.0000,  1.5000])
    """
    if lambd < 0:
        raise ArgumentError(f"softshrink: lambd must be >= 0, got {lambd}")
    return softshrink_raw(input, lambd)


@activation([case((2, 3), 0.3)], like=lambda np, x, lambd=0.5: np.where(abs(x) <= lambd, 0, x))
@writes_out
def hardshrink(input, lambd=0.5, *, out=None):
    """x, but 0 where |x| <= lambd. Element by element, of any shape. Errors: TypeError for what is no tensor. Source:
    torch.nn.functional.hardshrink.

    >>> import tensorgrad
    >>> tensorgrad.hardshrink(tensorgrad.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.])
    """
    return hardshrink_raw(input, lambd)


@public(namespace="nn.functional", samples=[case((2, 3), 0.5, -1.0)], like=lambda np, x, t, v: np.where(x > t, x, v))
def threshold(input, threshold, value, inplace=False):
    """x where x > threshold, value elsewhere. Element by element, of any shape. Errors: TypeError for what is no tensor. Source:
    torch.nn.functional.threshold.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.threshold(tensorgrad.tensor([-1.0, 0.5, 2.0]), 0.6, 20)
    tensor([20., 20.,  2.])
    """
    return finish(input, threshold_raw, inplace, threshold, value)


@public(namespace="nn.functional", samples=[case((2, 4)), case((4, 3), dim=0)],
        like=lambda np, x, dim=-1: np.split(x, 2, dim)[0] / (1 + np.exp(-np.split(x, 2, dim)[1])))
def glu(input, dim=-1):
    """a sigmoid(b) for the halves a, b of input along dim: [..., 2 n, ...] -> [..., n, ...]. Errors: ShapeError for an odd size and a
    scalar, OutOfRangeError for dim. Source: torch.nn.functional.glu.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.glu(tensorgrad.tensor([1.0, 0.0]))
    tensor([0.5000])
    """
    check_tensors("glu", input=input)
    span(input.ndim, dim, dim, "glu")
    if not input.ndim or input.shape[dim] % 2:
        raise ShapeError(f"glu: dim {dim} must have an even size, got shape {tuple(input.shape)}")
    a, b = input.chunk(2, dim)
    return a * sigmoid(b)


@public(namespace="nn.functional", samples=[case((2, 3), (1,)), case((2, 3, 4), (3,))], on=(0.2, 3), method=True,
        like=lambda np, x, w: np.where(x > 0, x, x * w.reshape((1, -1) + (1,) * (x.ndim - 2))))
def prelu(input, weight):
    """x where x > 0, weight x elsewhere: input of any shape; weight: one number, [] or [1], or one a channel (dim 1), [c].

    Errors: ShapeError for another weight, TypeError. Source: He et al., arXiv:1502.01852; torch.nn.functional.prelu.

    >>> import tensorgrad
    >>> tensorgrad.prelu(tensorgrad.tensor([-1.0, 0.5, 2.0]), tensorgrad.tensor([0.5]))
    tensor([-0.5000,  0.5000,  2.0000])
    """
    check_tensors("prelu", input=input, weight=weight)
    if weight.ndim > 1 or (weight.numel() != 1 and (input.ndim < 2 or weight.numel() != input.shape[1])):
        raise ShapeError(f"prelu: weight of shape {tuple(weight.shape)} must have 1 element or one a channel "
                         f"of the input of shape {tuple(input.shape)}")
    w = weight.reshape((-1, *(1,) * (input.ndim - 2))) if weight.numel() > 1 else weight.reshape(())
    return where(input > 0, input, w * input)


def in_place(function):
    """nn.functional.<name>_: the function with inplace=True."""
    name = function.__name__
    text, start, example = (function.__doc__ or "").partition("\n\n    >>>")
    doc = f"{text.replace(f'.{name}.', f'.{name}_.')}\n    {WRITTEN}{start}{example.replace(f'.{name}(', f'.{name}_(')}"

    def variant(input, *args, **kwargs):
        return function(input, *args, inplace=True, **kwargs)
    return public(namespace="nn.functional")(dress(variant, name + "_", doc, "nn.functional"))


for smooth in (relu, elu, celu, selu, leaky_relu, hardtanh, threshold):
    in_place(smooth)
