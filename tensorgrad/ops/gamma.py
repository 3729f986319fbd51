"""Gamma numbers, differentiable by their concentration."""

from .._core import random as core
from .._core.errors import ArgumentError, DTypeError
from .._core.history import detach
from .create import from_numpy
from .declare import op
from .elementwise import digamma


def gamma_slope(alpha, x):
    """dx / dalpha at a fixed probability P(alpha, x) of the gamma distribution: -(dP / dalpha) / density, with P from its
    power series x^alpha e^-x / Gamma(alpha + 1) (1 + x / (alpha + 1) + x^2 / ((alpha + 1)(alpha + 2)) + ...)."""
    import numpy as np

    a, z = alpha.double().numpy(), x.double().numpy()
    psi = digamma(alpha.double() + 1).numpy()
    with np.errstate(all="ignore"):
        term, rate = np.ones_like(z), np.zeros_like(z)  # a term of the series, and its logarithmic derivative by alpha
        total, slope = term.copy(), rate.copy()
        for n in range(1, 1 << 20):
            term = term * (z / (a + n))
            rate = rate - 1 / (a + n)
            total, slope = total + term, slope + term * rate
            if not (np.abs(term * (1 - rate)) > 1e-17 * total).any():
                break
        out = -z / a * (total * (np.log(z) - psi) + slope)
    return from_numpy(np.asarray(np.where(z > 0, out, 0.0))).to(alpha.dtype)


standard_gamma_op = op("standard_gamma", core.gamma, inputs="alpha", alpha=lambda g, y, alpha, **rest: g * gamma_slope(
    detach(alpha), detach(y)))


def standard_gamma(alpha, generator=None):
    """Gamma numbers of rate 1 with the concentrations alpha, differentiable by them (Figurnov et al. 2018). Errors:
    ArgumentError. Source: torch._standard_gamma."""
    if not alpha.is_floating_point():
        raise DTypeError(f"standard_gamma: concentrations must be floating-point, got {alpha.dtype.name}")
    if alpha.numel() and not core.extremes(detach(alpha))[0] >= 0:
        raise ArgumentError("standard_gamma: every concentration must be >= 0")
    return standard_gamma_op(alpha, generator=generator)
