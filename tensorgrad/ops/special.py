"""torch.special's functions that the top level does not have: error functions, Bessel functions, orthogonal polynomials.

Those without an elementary formula compute in float64 through SciPy (extra [scipy]), with derivatives by formula; polynomials by
their three-term recurrences.
"""

from math import pi, sqrt

from .._core.dtype import get_default_dtype
from .._core.maps import result_dtype
from .._core.tensor import TensorBase
from .create import as_tensor
from .declare import case, check_tensors, ints, op, public, writes_out
from .elementwise import cos, erfc, exp, isnan, log, log1p, sign, sin, where
from .elementwise import zeta as hurwitz
from .longtail import check_broadcast, i0, through_numpy
from .shape import to_dtype


def scipy_special(name):
    """The module scipy.special, or an error that says what needs it."""
    try:
        import scipy.special
    except ImportError:
        raise ImportError(f"special.{name}: needs SciPy; pip install 'tensorgrad-cpu[scipy]'") from None
    return scipy.special


def floating(x, name):
    """x, an integer tensor converted to the default floating-point dtype."""
    check_tensors(f"special.{name}", input=x)
    return x if x.is_floating_point() else to_dtype(x, get_default_dtype())


def by_scipy(name, function=None, **formula):
    """A record that computes function(scipy.special, array), by default SciPy's function of that name."""
    def forward(x):
        module = scipy_special(name)
        return through_numpy(lambda np, a: (function or (lambda s, a: getattr(s, name)(a)))(module, a), x, dtype=x.dtype)
    return op(name, forward, "x", **formula)


def ratio(y, x, limit):
    """y / x, and the limit where x = 0."""
    return where(x == 0, limit, y / where(x == 0, 1.0, x))


SAMPLES = [case((2, 3)), case(()), case((0, 3))]


def declared(record, scipy_name, on, doc, example, **options):
    """The public function of a record of one operand."""
    name = record.name

    def function(input, *, out=None):
        return record(floating(input, name))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{doc} Element by element, of any shape; integers give floats. Needs SciPy.

    Errors: ImportError without SciPy, TypeError for what is no tensor. Source: torch.special.{name}.

    >>> import tensorgrad
    >>> tensorgrad.special.{name}(tensorgrad.tensor([1.0]))
    tensor([{example}])
    """
    function.__module__ = __name__
    like = scipy_name if callable(scipy_name) else lambda np, x: getattr(scipy_special(name), scipy_name)(x)
    return public(samples=SAMPLES, on=on, like=like, namespace="special", **options)(writes_out(function))


# ---- error functions and the normal distribution ----

erfcx_op = by_scipy("erfcx", x=lambda g, x, y: g * (2 * x * y - 2 / sqrt(pi)))
erfcx = declared(erfcx_op, "erfcx", (-2, 5), "exp(x^2) erfc(x), which does not underflow for large x.", "0.4276")
log_ndtr_op = by_scipy("log_ndtr", x=lambda g, x: g * sqrt(2 / pi) / erfcx_op(x * -sqrt(0.5)))
log_ndtr = declared(log_ndtr_op, "log_ndtr", (-5, 5),
                    "log(erfc(-x / sqrt(2)) / 2), the logarithm of ndtr without its underflow.", "-0.1728")
ndtri_op = by_scipy("ndtri", x=lambda g, y: g * sqrt(2 * pi) * exp(y * y / 2))


@public(samples=SAMPLES, on=(-4, 4), like=lambda np, x: scipy_special("ndtr").ndtr(x), namespace="special")
@writes_out
def ndtr(input, *, out=None):
    """The distribution function of N(0, 1): erfc(-x / sqrt(2)) / 2. Element by element, of any shape; integers give floats. Errors:
    TypeError for what is no tensor. Source: torch.special.ndtr.

    >>> import tensorgrad
    >>> tensorgrad.special.ndtr(tensorgrad.tensor([0.0]))
    tensor([0.5000])
    """
    return erfc(floating(input, "ndtr") * -sqrt(0.5)) * 0.5


@public(samples=SAMPLES, on=(0.05, 0.95), like=lambda np, p: scipy_special("ndtri").ndtri(p), namespace="special")
@writes_out
def ndtri(input, *, out=None):
    """The inverse of ndtr: the x with ndtr(x) = p; NaN outside [0, 1]. Element by element, of any shape; integers give floats. Needs
    SciPy.

    Errors: ImportError without SciPy, TypeError for what is no tensor. Source: torch.special.ndtri.

    >>> import tensorgrad
    >>> tensorgrad.special.ndtri(tensorgrad.tensor([0.5, 0.975]))
    tensor([0.0000, 1.9600])
    """
    return ndtri_op(floating(input, "ndtri"))


@public(samples=SAMPLES, on=(0.2, 3), like=lambda np, x: -x * np.log(x), namespace="special")
@writes_out
def entr(input, *, out=None):
    """-x log(x); 0 at 0, -inf below. Element by element, of any shape; integers give floats. Errors: TypeError for what is no tensor.
    Source: torch.special.entr.

    >>> import tensorgrad
    >>> tensorgrad.special.entr(tensorgrad.tensor([-1.0, 0.0, 0.5]))
    tensor([  -inf, 0.0000, 0.3466])
    """
    x = floating(input, "entr")
    inside = where(x > 0, x, 1.0)
    return where((x > 0) | isnan(x), -x * log(where(isnan(x), x, inside)), where(x == 0, 0.0, float("-inf")))


@public(samples=[case((2, 3), (3,)), case((0, 3), (1,))], on=(0.2, 3), like=lambda np, x, y: x * np.log1p(y), namespace="special")
@writes_out
def xlog1py(input, other, *, out=None):
    """x log(1 + y); 0 where x = 0, also for y = -1. Element by element of operands that broadcast; either may be a number. Errors:
    ShapeError, DTypeError for what is neither tensor nor number. Source: torch.special.xlog1py.

    >>> import tensorgrad
    >>> tensorgrad.special.xlog1py(tensorgrad.tensor([0.0, 2.0]), tensorgrad.tensor([-1.0, 1.0]))
    tensor([0.0000, 1.3863])
    """
    x, y = (v if isinstance(v, TensorBase) else as_tensor(v) for v in (input, other))
    kind = result_dtype(input, other)
    kind = kind if kind.is_floating_point else get_default_dtype()
    x, y = to_dtype(x, kind), to_dtype(y, kind)
    nothing = (x == 0) & ~isnan(y)
    return where(nothing, 0.0, x * log1p(where(nothing, 0.0, y)))


@public(samples=[case((2, 3), (3,)), case((0, 3), (1,))], on=(1.3, 5), grad=False, namespace="special",
        like=lambda np, x, q: scipy_special("zeta").zeta(x, q))
@writes_out
def zeta(input, other, *, out=None):
    """Hurwitz's zeta function, sum of (k + q)^-x over k >= 0; differentiable by q. Element by element of operands that broadcast; either
    may be a number. Errors: ShapeError, TypeError. Source: torch.special.zeta.

    >>> import tensorgrad
    >>> tensorgrad.special.zeta(tensorgrad.tensor([2.0]), 1.0)
    tensor([1.6449])
    """
    return hurwitz(input, other)


# ---- Bessel functions ----

airy_prime = by_scipy("airy_prime", lambda s, a: s.airy(a)[1], x=lambda g, x: g * x * airy_op(x))
airy_op = by_scipy("airy_ai", lambda s, a: s.airy(a)[0], x=lambda g, x: g * airy_prime(x))
j0_op = by_scipy("bessel_j0", lambda s, a: s.j0(a), x=lambda g, x: -g * j1_op(x))
j1_op = by_scipy("bessel_j1", lambda s, a: s.j1(a), x=lambda g, x, y: g * (j0_op(x) - ratio(y, x, 0.5)))
y0_op = by_scipy("bessel_y0", lambda s, a: s.y0(a), x=lambda g, x: -g * y1_op(x))
y1_op = by_scipy("bessel_y1", lambda s, a: s.y1(a), x=lambda g, x, y: g * (y0_op(x) - y / x))
i1_op = by_scipy("i1", x=lambda g, x, y: g * (i0(x) - ratio(y, x, 0.5)))
i0e_op = by_scipy("i0e", x=lambda g, x, y: g * (i1e_op(x) - sign(x) * y))
i1e_op = by_scipy("i1e", x=lambda g, x, y: g * (i0e_op(x) - sign(x) * y - ratio(y, x, 0.5)))
modified_i0_op = by_scipy("modified_bessel_i0", lambda s, a: s.i0(a), x=lambda g, x: g * i1_op(x))
modified_i1_op = by_scipy("modified_bessel_i1", lambda s, a: s.i1(a), x=lambda g, x, y: g * (i0(x) - ratio(y, x, 0.5)))
k0_op = by_scipy("modified_bessel_k0", lambda s, a: s.k0(a), x=lambda g, x: -g * k1_op(x))
k1_op = by_scipy("modified_bessel_k1", lambda s, a: s.k1(a), x=lambda g, x, y: -g * (k0_op(x) + y / x))
k0e_op = by_scipy("scaled_modified_bessel_k0", lambda s, a: s.k0e(a), x=lambda g, x, y: g * (y - k1e_op(x)))
k1e_op = by_scipy("scaled_modified_bessel_k1", lambda s, a: s.k1e(a), x=lambda g, x, y: g * (y - k0e_op(x) - y / x))

# PyTorch's float64 values of these five are good to 6 or 7 digits only; SciPy's decide.
ROUGH = {"torch": None}
airy_ai = declared(airy_op, lambda np, x: scipy_special("airy_ai").airy(x)[0],
                   (-3, 3), "Airy's function Ai(x) = 1/pi times the integral of cos(t^3 / 3 + x t) over t > 0: y'' = x y.",
                   "0.1353", **ROUGH)
bessel_j0 = declared(j0_op, "j0", (-9, 9),
                     "The Bessel function J_0(x) = 1/pi times the integral of cos(x sin t) over t from 0 to pi.", "0.7652", **ROUGH)
bessel_j1 = declared(j1_op, "j1", (-9, 9), "The Bessel function J_1(x) = -J_0'(x).", "0.4401", **ROUGH)
bessel_y0 = declared(y0_op, "y0", (0.5, 9),
                     "The Bessel function Y_0(x) = -2/pi times the integral of cos(x cosh t) over t > 0; -inf at 0, NaN below.",
                     "0.0883", **ROUGH)
bessel_y1 = declared(y1_op, "y1", (0.5, 9), "The Bessel function Y_1(x) = -Y_0'(x); -inf at 0, NaN below.", "-0.7812", **ROUGH)
i1 = declared(i1_op, "i1", (-5, 5),
              "The modified Bessel function I_1(x) = I_0'(x) = sum over k of (x / 2)^(2 k + 1) / (k! (k + 1)!).", "0.5652")
i0e = declared(i0e_op, "i0e", (0.3, 5), "exp(-|x|) I_0(x), which does not overflow.", "0.4658")
i1e = declared(i1e_op, "i1e", (0.3, 5), "exp(-|x|) I_1(x), which does not overflow.", "0.2079")
modified_bessel_i0 = declared(modified_i0_op, "i0", (-5, 5),
                              "The modified Bessel function I_0(x) = sum over k of (x^2 / 4)^k / k!^2.", "1.2661")
modified_bessel_i1 = declared(modified_i1_op, "i1", (-5, 5),
                              "The modified Bessel function I_1(x) = I_0'(x) = sum over k of (x / 2)^(2 k + 1) / (k! (k + 1)!).",
                              "0.5652")
modified_bessel_k0 = declared(k0_op, "k0", (0.3, 5),
                              "The modified Bessel function K_0(x) = the integral of exp(-x cosh t) over t > 0; inf at 0, NaN below.",
                              "0.4210")
modified_bessel_k1 = declared(k1_op, "k1", (0.3, 5), "The modified Bessel function K_1(x) = -K_0'(x); inf at 0, NaN below.", "0.6019")
scaled_modified_bessel_k0 = declared(k0e_op, "k0e", (0.3, 5), "e^x K_0(x), which does not underflow.", "1.1445")
scaled_modified_bessel_k1 = declared(k1e_op, "k1e", (0.3, 5), "e^x K_1(x), which does not underflow.", "1.6362")


@public(samples=SAMPLES, on=(0.5, 6), like=lambda np, x: np.sin(x) / x, namespace="special")
@writes_out
def spherical_bessel_j0(input, *, out=None):
    """sin(x) / x, 1 at 0. Element by element, of any shape; integers give floats. Errors: TypeError for what is no tensor. Source:
    torch.special.spherical_bessel_j0.

    >>> import tensorgrad
    >>> tensorgrad.special.spherical_bessel_j0(tensorgrad.tensor([0.0, 1.0]))
    tensor([1.0000, 0.8415])
    """
    x = floating(input, "spherical_bessel_j0")
    return ratio(sin(x), x, cos(where(x == 0, x, 0.0)))


# ---- orthogonal polynomials ----

def recurrence(np, x, n, first, step):
    """P_n(x) for arrays: P_0 = 1, P_1 = first(x), P_k+1 = step(k, x, P_k, P_k-1); 0 for n < 0."""
    x, n = np.broadcast_arrays(x, np.trunc(n))
    before, now = np.ones(x.shape), np.asarray(first(x), float)
    result = np.where(n < 0, 0.0, np.where(n == 0, before, now))
    for k in range(1, int(n[np.isfinite(n)].max(initial=0.0))):
        before, now = now, step(k, x, now, before)
        result = np.where(n == k + 1, now, result)
    return np.where(np.isnan(n), np.nan, result)


def chebyshev(first, shifted=False):
    """The four kinds differ in P_1 only; shifted ones take 2 x - 1 for x."""
    def at(np, x, n):
        return recurrence(np, 2 * x - 1 if shifted else x, n, first, lambda k, x, p, q: 2 * x * p - q)
    return at


KINDS = {"t": ("first", "x", lambda x: x), "u": ("second", "2 x", lambda x: 2 * x),
         "v": ("third", "2 x - 1", lambda x: 2 * x - 1), "w": ("fourth", "2 x + 1", lambda x: 2 * x + 1)}
POLYNOMIALS = {  # name -> (function of arrays, what it is, its recurrence)
    **{f"chebyshev_polynomial_{k}": (chebyshev(f), f"Chebyshev's polynomial of the {w} kind",
                                     f"P_1 = {first}, P_(k+1) = 2 x P_k - P_(k-1)")
       for k, (w, first, f) in KINDS.items()},
    **{f"shifted_chebyshev_polynomial_{k}": (chebyshev(f, True), f"Chebyshev's polynomial of the {w} kind",
                                             f"with 2 x - 1 in the place of x P_1 = {first}, P_(k+1) = 2 x P_k - P_(k-1)")
       for k, (w, first, f) in KINDS.items()},
    "hermite_polynomial_h": (lambda np, x, n: recurrence(np, x, n, lambda x: 2 * x, lambda k, x, p, q: 2 * x * p - 2 * k * q),
                             "The physicists' Hermite polynomial", "P_1 = 2 x, P_(k+1) = 2 x P_k - 2 k P_(k-1)"),
    "hermite_polynomial_he": (lambda np, x, n: recurrence(np, x, n, lambda x: x, lambda k, x, p, q: x * p - k * q),
                              "The probabilists' Hermite polynomial", "P_1 = x, P_(k+1) = x P_k - k P_(k-1)"),
    "laguerre_polynomial_l": (lambda np, x, n: recurrence(np, x, n, lambda x: 1 - x,
                                                          lambda k, x, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1)),
                              "Laguerre's polynomial", "P_1 = 1 - x, (k + 1) P_(k+1) = (2 k + 1 - x) P_k - k P_(k-1)"),
    "legendre_polynomial_p": (lambda np, x, n: recurrence(np, x, n, lambda x: x,
                                                          lambda k, x, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1)),
                              "Legendre's polynomial", "P_1 = x, (k + 1) P_(k+1) = (2 k + 1) x P_k - k P_(k-1)"),
}

# P_3(0.3), for the docstrings
EXAMPLES = {
    "chebyshev_polynomial_t": "-0.7920", "chebyshev_polynomial_u": "-0.9840", "chebyshev_polynomial_v": "-0.3440",
    "chebyshev_polynomial_w": "-1.6240", "shifted_chebyshev_polynomial_t": "0.9440", "shifted_chebyshev_polynomial_u": "1.0880",
    "shifted_chebyshev_polynomial_v": "1.4480", "shifted_chebyshev_polynomial_w": "0.7280", "hermite_polynomial_h": "-3.3840",
    "hermite_polynomial_he": "-0.8730", "laguerre_polynomial_l": "0.2305", "legendre_polynomial_p": "-0.3825",
}


def polynomial(name, compute, doc, rule):
    """The public function of one family: x and the degree n, numbers or tensors; not differentiable, as in PyTorch."""
    def function(input, n, *, out=None):
        kind = result_dtype(input, n)
        kind = kind if kind.is_floating_point else get_default_dtype()
        x, degree = (v.detach() if isinstance(v, TensorBase) else as_tensor(v) for v in (input, n))
        check_broadcast(name, x, degree)
        return through_numpy(compute, to_dtype(x, kind), to_dtype(degree, kind), dtype=kind)

    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = f"""{doc} of degree n at x: P_0 = 1, {rule}; 0 for n < 0; not differentiable.

    input, n: tensors that broadcast, or one a number. Errors: ShapeError, DTypeError for what is neither. Source:
    torch.special.{name}.

    >>> import tensorgrad
    >>> tensorgrad.special.{name}(tensorgrad.tensor([0.3]), 3)
    tensor([{EXAMPLES[name]}])
    """
    samples = [case((4, 3), ints((3,), 0, 5)), case((0, 3), ints((1,), 0, 5))]
    return public(samples=samples, on=(-0.9, 0.9), grad=False, like=compute, namespace="special")(writes_out(function))


for _name, (_compute, _doc, _rule) in POLYNOMIALS.items():
    globals()[_name] = polynomial(_name, _compute, _doc, _rule)
