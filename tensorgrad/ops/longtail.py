"""Functions of one or two operands without a kernel of their own: whole numbers, gamma and Bessel functions, windows of signals.
They compute through NumPy on the tensors' memory, in float64 where they are of floats, with derivatives by formula."""

from math import log, pi
from operator import index

from .._core.dtype import BY_NAME, get_default_dtype, promote_types
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.maps import result_dtype
from .create import arange, checked_dtype, finish, from_numpy, on_cpu
from .declare import case, check_tensors, ints, op, public, writes_out
from .elementwise import exp, lgamma, where
from .elementwise import log as log_of
from .extremes import result
from .order import arrays
from .shape import broadcast_shapes, to_dtype, unsqueeze_op


def through_numpy(function, *tensors, dtype):
    """function(np, *arrays) as a tensor of a dtype. The arrays are of that dtype, floats of float64."""
    wide = BY_NAME["float64"] if dtype.is_floating_point else dtype
    np, *a = arrays(*(to_dtype(t, wide) for t in tensors))
    with np.errstate(all="ignore"):
        return to_dtype(from_numpy(np.asarray(function(np, *a))), dtype)


def check_broadcast(name, a, b):
    """ShapeError that names the op where the shapes do not broadcast."""
    try:
        broadcast_shapes(a.shape, b.shape)
    except ShapeError:
        raise ShapeError(f"{name}: shapes {tuple(a.shape)} and {tuple(b.shape)} cannot be broadcast together") from None


# ---- whole numbers ----

INTEGERS = (case(ints((4, 3), -20, 20), ints((3,), 1, 20)), case(ints((0,), 1, 2), ints((1,), 1, 2)))


def of_integers(name, a, b):
    check_tensors(name, input=a, other=b)
    check_broadcast(name, a, b)
    dtype = result_dtype(a, b)
    if dtype.is_floating_point or dtype.name == "bool":
        raise DTypeError(f"{name}: needs integers, got {a.dtype} and {b.dtype}")
    return through_numpy(lambda np, x, y: getattr(np, name)(x, y), a, b, dtype=dtype)


@public(samples=INTEGERS, grad=False, like="gcd", method=True, in_place=True)
@writes_out
def gcd(input, other, *, out=None):
    """The greatest common divisor of integers, >= 0. Element by element of operands that broadcast. Errors: DTypeError for floats and
    bool, ShapeError, TypeError for what is no tensor. Source: torch.gcd.

    >>> import tensorgrad
    >>> tensorgrad.gcd(tensorgrad.tensor([12, 7]), tensorgrad.tensor([18, 21]))
    tensor([6, 7])
    """
    return of_integers("gcd", input, other)


@public(samples=INTEGERS, grad=False, like="lcm", method=True, in_place=True)
@writes_out
def lcm(input, other, *, out=None):
    """The least common multiple of integers, >= 0. Element by element of operands that broadcast. Errors: DTypeError for floats and bool,
    ShapeError, TypeError for what is no tensor. Source: torch.lcm.

    >>> import tensorgrad
    >>> tensorgrad.lcm(tensorgrad.tensor([4, 7]), tensorgrad.tensor([6, 2]))
    tensor([12, 14])
    """
    return of_integers("lcm", input, other)


# ---- mantissa and exponent ----

FREXP = result("frexp", "mantissa", "exponent")


def split_exponent(x):
    """(mantissa in [1/2, 1), exponent as int32)."""
    np, a = arrays(x)
    mantissa, exponent = np.frexp(a)
    return to_dtype(from_numpy(np.asarray(mantissa)), x.dtype), from_numpy(np.asarray(exponent, np.int32))


frexp_op = op("frexp", split_exponent, "x", aux="exponent", x=lambda g, exponent: g * 2.0 ** -to_dtype(exponent, g.dtype))


@public(samples=[case((2, 3)), case(())], on=(1.1, 1.9), method=True)
@writes_out
def frexp(input, *, out=None):
    """(mantissa, exponent): input = mantissa 2^exponent, |mantissa| in [1/2, 1), exponent int32. Element by element, of any shape.
    Errors: DTypeError for integers. Source: torch.frexp.

    >>> import tensorgrad
    >>> tensorgrad.frexp(tensorgrad.tensor([12.])).exponent
    tensor([4], dtype=tensorgrad.int32)
    """
    check_tensors("frexp", input=input)
    if not input.is_floating_point():
        raise DTypeError(f"frexp: needs a floating-point tensor, got {input.dtype}")
    return FREXP(frexp_op(input))


# ---- gamma functions ----

def incomplete(np, a, x):
    """(P, Q): the regularised incomplete gamma functions, by the power series where x < a + 1 and by Legendre's continued
    fraction (Lentz's evaluation) elsewhere. Source: Abramowitz & Stegun, 6.5.29 and 6.5.31."""
    a, x = (np.array(v) for v in np.broadcast_arrays(a, x))
    log_gamma = arrays(lgamma(from_numpy(np.ascontiguousarray(a))))[1]
    usual = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    s, z = np.where(usual, a, 1.0), np.where(usual, x, 1.0)
    scale = np.exp(s * np.log(z) - z - np.where(usual, log_gamma, 0.0))
    series = z < s + 1
    p, q = np.zeros(a.shape), np.zeros(a.shape)
    v, u = s[series], z[series]
    term = total = 1 / v
    n = 0
    while term.size and n < 100_000 and (term > total * 1e-17).any():
        n += 1
        term = term * u / (v + n)
        total = total + term
    p[series] = scale[series] * total
    v, u = s[~series], z[~series]
    b = u + 1 - v
    c, d = np.full(v.shape, 1e300), 1 / b
    h, n, change = d, 0, np.full(v.shape, 2.0)
    while v.size and n < 100_000 and (np.abs(change - 1) > 1e-16).any():
        n += 1
        k = -n * (n - v)
        b = b + 2
        d = 1 / (k * d + b)
        c = b + k / c
        change = c * d
        h = h * change
        if n > 50 and (np.abs(change - 1) < 3e-16).all():
            break
    q[~series] = scale[~series] * h
    p, q = np.where(series, p, 1 - q), np.where(series, 1 - p, q)
    bad = ~((a >= 0) & (x >= 0)) | ((a == 0) & (x == 0)) | (np.isinf(a) & np.isinf(x))
    p = np.where(usual, p, np.where(bad, np.nan, np.where((a == 0) | np.isinf(x), 1.0, 0.0)))
    return p, np.where(usual, q, 1 - p)


def no_derivative(name):
    raise NotImplementedError(f"{name}: the derivative by its first argument, the order, is not implemented")


def gamma_slope(g, a, x):
    """d P(a, x) / dx = x^(a - 1) e^-x / gamma(a)."""
    return g * exp((a - 1) * log_of(x) - x - lgamma(a))


def incomplete_record(name, which, sign):
    return op(name, lambda a, x: through_numpy(lambda np, s, z: incomplete(np, s, z)[which], a, x, dtype=promote_types(a.dtype, x.dtype)),
              "a x", a=lambda g: no_derivative(name), x=lambda g, a, x: sign * gamma_slope(g, a, x))


igamma_op, igammac_op = incomplete_record("igamma", 0, 1), incomplete_record("igammac", 1, -1)


def of_floats(name, *tensors):
    check_tensors(name, input=tensors[0], other=tensors[-1])
    check_broadcast(name, tensors[0], tensors[-1])
    for t in tensors:
        if not t.is_floating_point():
            raise DTypeError(f"{name}: needs floating-point tensors, got {t.dtype}")


@public(samples=[case((2, 3), (2, 3)), case((2, 1), (3,))], on=(0.3, 30), grad=False, method=True, in_place=True)
@writes_out
def igamma(input, other, *, out=None):
    """The regularised lower incomplete gamma function P(a, x) = the integral of t^(a-1) e^-t over t from 0 to x, divided by gamma(a), for
    a = input, x = other; differentiable by other.

    Element by element of operands that broadcast. Errors: DTypeError for integers, ShapeError, TypeError. Source: torch.igamma.

    >>> import tensorgrad
    >>> tensorgrad.igamma(tensorgrad.tensor([1.0]), tensorgrad.tensor([1.0]))
    tensor([0.6321])
    """
    of_floats("igamma", input, other)
    return igamma_op(input, other)


@public(samples=[case((2, 3), (2, 3)), case((2, 1), (3,))], on=(0.3, 30), grad=False, method=True, in_place=True)
@writes_out
def igammac(input, other, *, out=None):
    """The regularised upper incomplete gamma function 1 - P(input, other), without its cancellation; see igamma. Differentiable by other.

    Element by element of operands that broadcast. Errors: DTypeError for integers, ShapeError, TypeError. Source: torch.igammac.

    >>> import tensorgrad
    >>> tensorgrad.igammac(tensorgrad.tensor([1.0]), tensorgrad.tensor([1.0]))
    tensor([0.3679])
    """
    of_floats("igammac", input, other)
    return igammac_op(input, other)


@public(samples=[case((2, 3), 1), case((2, 3), 3)], on=(1.3, 5), method=True, in_place="copied")
@writes_out
def mvlgamma(input, p, *, out=None):
    """The logarithm of the multivariate gamma function of dimension p: p (p - 1) / 4 log(pi) + the sum of lgamma(x - j / 2) over j < p.
    Element by element, of any shape. Errors: ArgumentError for p < 1. Source: torch.mvlgamma.

    >>> import tensorgrad
    >>> tensorgrad.mvlgamma(tensorgrad.tensor([2.0]), 2)
    tensor([0.4516])
    """
    if p < 1:
        raise ArgumentError(f"mvlgamma: p must be >= 1, got {p}")
    x = unsqueeze_op(input, dim=-1) * 1.0
    return lgamma(x - arange(p, dtype=x.dtype) / 2).sum(-1) + p * (p - 1) / 4 * log(pi)


# ---- Bessel functions ----

def bessel(np, x, order, scaled=False):
    """I_n(x) (scaled: e^-|x| I_n(x)) = 1/pi times the integral of e^(x cos t) cos(n t) over [0, pi]. The trapezoidal rule on
    a periodic analytic function converges exponentially: 64 + 8 sqrt(|x|) points give all digits. Beyond 10^6 it is the first terms of
    the asymptotic series, DLMF 10.40.1."""
    flat = np.ravel(x)
    out = np.empty(flat.shape)
    for start in range(0, flat.size, 4096):
        z = flat[start:start + 4096, None]
        whole = np.abs(z)
        size = np.where(whole > 1e6, 1e6, whole)
        n = int(64 + 8 * np.sqrt(np.nanmax(size, initial=0.0)))
        t = np.arange(2 * n) * (pi / n)
        up = np.exp(size * (np.cos(t) - 1)) if order == 0 else (
            -np.expm1(-2 * size * np.abs(np.cos(t))) * np.exp(size * (np.abs(np.cos(t)) - 1)) / 2 * np.abs(np.cos(t)))
        whole, mu = whole[:, 0], 4 * order * order
        series = (1 - (mu - 1) / (8 * whole) * (1 - (mu - 9) / (16 * whole))) / np.sqrt(2 * pi * whole)
        y = np.where(whole > 1e6, series, up.mean(1))
        y = y if scaled else y * np.exp(whole)
        out[start:start + 4096] = y if order == 0 else np.sign(z[:, 0]) * y
    return np.where(np.isinf(x), 0.0 if scaled else np.nan, out.reshape(np.shape(x)))


i0_op = op("i0", lambda x: through_numpy(lambda np, a: bessel(np, a, 0), x, dtype=x.dtype), "x", x=lambda g, x: g * i1_op(x))
i1_op = op("i1", lambda x: through_numpy(lambda np, a: bessel(np, a, 1), x, dtype=x.dtype), "x",
           x=lambda g, x, y: g * (i0_op(x) - where(x == 0, 0.5, y / where(x == 0, 1.0, x))))


@public(samples=[case((2, 3)), case(()), case((0, 3))], on=(-9, 9), like="i0", method=True, in_place=True)
@writes_out
def i0(input, *, out=None):
    """I_0(x) = sum over k of (x^2 / 4)^k / k!^2, the modified Bessel function of the first kind, of order 0. Element by element, of any
    shape; integers give floats. Errors: TypeError for what is no tensor. Source: torch.i0.

    >>> import tensorgrad
    >>> tensorgrad.i0(tensorgrad.tensor([1.0]))
    tensor([1.2661])
    """
    check_tensors("i0", input=input)
    return i0_op(input if input.is_floating_point() else to_dtype(input, get_default_dtype()))


# ---- windows of signals ----

def window(name, length, periodic, shape, dtype, layout, device, requires_grad):
    """shape(t) at t = 0, 1/m, ... where m = length (periodic) or length - 1."""
    on_cpu(device, name)
    dtype = checked_dtype(dtype, name)
    if not dtype.is_floating_point:
        raise DTypeError(f"{name}: dtype must be floating-point, got {dtype}")
    length = index(length)
    if length < 0:
        raise ArgumentError(f"{name}: window_length must be >= 0, got {length}")
    m = length if periodic else length - 1
    t = arange(length, dtype=BY_NAME["float64"]) / (m or 1)
    return finish(to_dtype(shape(t) if length > 1 else t * 0 + 1, dtype), requires_grad)


@public(samples=[case(7), case(7, False), case(1), case(0)], grad=False)
def bartlett_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A triangle from 0 up to 1 and back: 1 - |2t - 1|, t as in hann_window: [window_length]. Errors: ArgumentError for a negative
    length, DTypeError unless dtype is floating-point. Source: torch.bartlett_window.

    >>> import tensorgrad
    >>> tensorgrad.bartlett_window(5, False)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return window("bartlett_window", window_length, periodic, lambda t: 1 - (2 * t - 1).abs(), dtype, layout, device, requires_grad)


def cosines(name, length, periodic, weights, *rest):
    """weights[0] - weights[1] cos(2 pi t) + weights[2] cos(4 pi t)."""
    return window(name, length, periodic, lambda t: sum((-1) ** k * w * (2 * pi * k * t).cos() for k, w in enumerate(weights)), *rest)


@public(samples=[case(7), case(7, False), case(1)], grad=False)
def hann_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """1/2 - 1/2 cos(2 pi t) at t = i / window_length (periodic=False: i / (window_length - 1)): [window_length]. Errors: ArgumentError
    for a negative length, DTypeError unless dtype is floating-point. Source: torch.hann_window.

    >>> import tensorgrad
    >>> tensorgrad.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return cosines("hann_window", window_length, periodic, (0.5, 0.5), dtype, layout, device, requires_grad)


@public(samples=[case(7), case(7, False), case(6, True, 0.5, 0.4)], grad=False)
def hamming_window(window_length, periodic=True, alpha=0.54, beta=0.46, *, dtype=None, layout=None, device=None,
                   requires_grad=False, pin_memory=False):
    """alpha - beta cos(2 pi t), t as in hann_window: [window_length]. Errors: ArgumentError for a negative length, DTypeError unless
    dtype is floating-point. Source: torch.hamming_window.

    >>> import tensorgrad
    >>> tensorgrad.hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    return cosines("hamming_window", window_length, periodic, (alpha, beta), dtype, layout, device, requires_grad)


@public(samples=[case(7), case(7, False)], grad=False)
def blackman_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t), t as in hann_window: [window_length]. Errors: ArgumentError for a negative length,
    DTypeError unless dtype is floating-point. Source: torch.blackman_window.

    >>> import tensorgrad
    >>> tensorgrad.blackman_window(4)[2].item()
    1.0
    """
    return cosines("blackman_window", window_length, periodic, (0.42, 0.5, 0.08), dtype, layout, device, requires_grad)


@public(samples=[case(7), case(7, False), case(6, True, 5.0)], grad=False)
def kaiser_window(window_length, periodic=True, beta=12.0, *, dtype=None, layout=None, device=None, requires_grad=False,
                  pin_memory=False):
    """I_0(beta sqrt(1 - (2t - 1)^2)) / I_0(beta), t as in hann_window: [window_length]. Errors: ArgumentError for a negative length,
    DTypeError unless dtype is floating-point. Source: torch.kaiser_window.

    >>> import tensorgrad
    >>> tensorgrad.kaiser_window(4)[2].item()
    1.0
    """
    def shape(t):
        inside = (1 - (2 * t - 1).square()).clamp(min=0).sqrt()
        return i0(beta * inside) / i0(inside[:1] * 0 + beta)
    return window("kaiser_window", window_length, periodic, shape, dtype, layout, device, requires_grad)
