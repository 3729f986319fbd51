"""Continuous distributions of a number on the line, an interval or a circle."""

import math

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .distribution import (
    HALF_LOG_2PI,
    LOC_SCALE,
    Distribution,
    ExponentialFamily,
    broadcast_all,
    clamp_probs,
    lazy_property,
    logits_to_probs,
    probs_to_logits,
    size,
    standard_normal,
    uniform,
)
from .positive import Chi2


class Normal(ExponentialFamily):
    """exp(-z^2 / 2) / (scale sqrt(2 pi)), z = (x - loc) / scale. Parameters: numbers or tensors, broadcast to batch_shape; event_shape
    (). Errors: ArgumentError for scale <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError
    for samples of integer parameters. Source: torch.distributions.Normal.

    >>> import tensorgrad
    >>> normal = tensorgrad.distributions.Normal(0.0, 1.0)
    >>> normal.cdf(tensorgrad.tensor(0.0)), normal.entropy()
    (tensor(0.5000), tensor(1.4189))
    """

    arg_constraints, support, has_rsample = LOC_SCALE, constraints.real, True
    _mean_carrier_measure = 0

    def __init__(self, loc, scale, validate_args=None):
        self.take(validate_args, loc=loc, scale=scale)

    mean = mode = property(lambda self: self.loc)
    stddev = property(lambda self: self.scale)
    variance = property(lambda self: self.scale ** 2)

    def sample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        with tensorgrad.no_grad():
            return tensorgrad.normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape=()):
        return self.loc + standard_normal(self._extended_shape(sample_shape), self.loc) * self.scale

    def log_density(self, value):
        return -(value - self.loc) ** 2 / (2 * self.scale ** 2) - self.scale.log() - HALF_LOG_2PI

    def cumulative(self, value):
        return 0.5 * (1 + ((value - self.loc) / (self.scale * math.sqrt(2))).erf())

    def icdf(self, value):
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def entropy(self):
        return 0.5 + HALF_LOG_2PI + self.scale.log()

    @property
    def _natural_params(self):
        return self.loc / self.scale ** 2, -0.5 / self.scale ** 2

    def _log_normalizer(self, x, y):
        return -0.25 * x ** 2 / y + 0.5 * (-math.pi / y).log()


class Uniform(Distribution):
    """1 / (high - low) in [low, high). Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors: ArgumentError
    for low >= high and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for samples of integer
    parameters. Source: torch.distributions.Uniform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Uniform(0.0, 2.0).log_prob(tensorgrad.tensor(1.0))
    tensor(-0.6931)
    """

    has_rsample = True

    @property
    def arg_constraints(self):
        """low < high.

        >>> import tensorgrad
        >>> sorted(tensorgrad.distributions.Uniform(0.0, 1.0).arg_constraints)
        ['high', 'low']
        """
        return {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)}

    def __init__(self, low, high, validate_args=None):
        self.take(validate_args, low=low, high=high)

    support = constraints.dependent_property(lambda self: constraints.interval(self.low, self.high), is_discrete=False,
                                             event_dim=0)
    mean = property(lambda self: (self.high + self.low) / 2)
    mode = property(lambda self: math.nan * self.high)
    stddev = property(lambda self: (self.high - self.low) / 12 ** 0.5)
    variance = property(lambda self: (self.high - self.low) ** 2 / 12)

    def rsample(self, sample_shape=()):
        return self.low + uniform(self._extended_shape(sample_shape), self.low) * (self.high - self.low)

    def log_density(self, value):
        inside = (self.low <= value) & (self.high > value)
        return inside.to(self.low.dtype).log() - (self.high - self.low).log()

    def cumulative(self, value):
        return ((value - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value):
        return value * (self.high - self.low) + self.low

    def entropy(self):
        return (self.high - self.low).log()


class Laplace(Distribution):
    """exp(-|z|) / (2 scale), z = (x - loc) / scale. Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors:
    ArgumentError for scale <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for samples
    of integer parameters. Source: torch.distributions.Laplace.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Laplace(0.0, 1.0).cdf(tensorgrad.tensor(0.0))
    tensor(0.5000)
    """

    arg_constraints, support, has_rsample = LOC_SCALE, constraints.real, True

    def __init__(self, loc, scale, validate_args=None):
        self.take(validate_args, loc=loc, scale=scale)

    mean = mode = property(lambda self: self.loc)
    stddev = property(lambda self: 2 ** 0.5 * self.scale)
    variance = property(lambda self: 2 * self.scale ** 2)

    def rsample(self, sample_shape=()):
        eps = tensorgrad.finfo(self.loc.dtype).eps
        u = tensorgrad.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).uniform_(eps - 1, 1)
        return self.loc - self.scale * u.sign() * (-u.abs()).log1p()

    def log_density(self, value):
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def cumulative(self, value):
        z = value - self.loc
        return 0.5 - 0.5 * z.sign() * (-z.abs() / self.scale).expm1()

    def icdf(self, value):
        u = value - 0.5
        return self.loc - self.scale * u.sign() * (-2 * u.abs()).log1p()

    def entropy(self):
        return 1 + (2 * self.scale).log()


class Cauchy(Distribution):
    """1 / (pi scale (1 + z^2)), z = (x - loc) / scale. Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors:
    ArgumentError for scale <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for samples
    of integer parameters. Source: torch.distributions.Cauchy.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Cauchy(0.0, 1.0).cdf(tensorgrad.tensor(0.0))
    tensor(0.5000)
    """

    arg_constraints, support, has_rsample = LOC_SCALE, constraints.real, True

    def __init__(self, loc, scale, validate_args=None):
        self.take(validate_args, loc=loc, scale=scale)

    mean = property(lambda self: tensorgrad.full_like(self.loc, math.nan))
    mode = property(lambda self: self.loc)
    variance = property(lambda self: tensorgrad.full_like(self.loc, math.inf))

    def rsample(self, sample_shape=()):
        return self.loc + tensorgrad.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).cauchy_() * self.scale

    def log_density(self, value):
        return -math.log(math.pi) - self.scale.log() - (((value - self.loc) / self.scale) ** 2).log1p()

    def cumulative(self, value):
        return ((value - self.loc) / self.scale).atan() / math.pi + 0.5

    def icdf(self, value):
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self):
        return math.log(4 * math.pi) + self.scale.log()


class StudentT(Distribution):
    """loc + scale times normal / sqrt(chi2(df) / df): Gamma((df + 1) / 2) / (Gamma(df / 2) scale sqrt(pi df)) (1 + z^2 / df)^(-(df + 1) /
    2), z = (x - loc) / scale. Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors: ArgumentError for df <=
    0, scale <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for samples of integer
    parameters. Source: torch.distributions.StudentT.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.StudentT(3.0).variance
    tensor(3.)
    """

    arg_constraints = {"df": constraints.positive, **LOC_SCALE}
    support, has_rsample = constraints.real, True

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.take(validate_args, df=df, loc=loc, scale=scale)
        self._chi2 = Chi2(self.df, validate_args=False)

    mean = property(lambda self: self.loc.masked_fill(self.df <= 1, math.nan))
    mode = property(lambda self: self.loc)

    @property
    def variance(self):
        finite = self.scale ** 2 * self.df / (self.df - 2)
        return tensorgrad.where(self.df <= 1, math.nan, tensorgrad.where(self.df <= 2, math.inf, finite))

    def rsample(self, sample_shape=()):
        x = standard_normal(self._extended_shape(sample_shape), self.df)
        return self.loc + self.scale * x * (self._chi2.rsample(sample_shape) / self.df).rsqrt()

    def log_density(self, value):
        y, half = (value - self.loc) / self.scale, 0.5 * (self.df + 1)
        z = self.scale.log() + 0.5 * self.df.log() + 0.5 * math.log(math.pi) + (0.5 * self.df).lgamma() - half.lgamma()
        return -half * (y ** 2 / self.df).log1p() - z

    def entropy(self):
        half, n = 0.5 * (self.df + 1), 0.5 * self.df
        rest = n.lgamma() + math.lgamma(0.5) - half.lgamma()
        return self.scale.log() + half * (half.digamma() - n.digamma()) + 0.5 * self.df.log() + rest


class VonMises(Distribution):
    """exp(concentration cos(x - loc)) / (2 pi I0(concentration)), an angle in [-pi, pi). Parameters: numbers or tensors, broadcast to
    batch_shape; event_shape (). Errors: ArgumentError for concentration <= 0 and values outside the support, ShapeError for parameters
    that do not broadcast, DTypeError for bools. Source: torch.distributions.VonMises (Best and Fisher 1979).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.VonMises(0.0, 1.0).log_prob(tensorgrad.tensor(0.0))
    tensor(-1.0738)
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real

    def __init__(self, loc, concentration, validate_args=None):
        self.take(validate_args, loc=loc, concentration=concentration)

    mean = mode = property(lambda self: self.loc)

    @property
    def variance(self):
        """The circular variance, 1 - I1 / I0."""
        return 1 - (log_bessel(self.concentration, 1) - log_bessel(self.concentration, 0)).exp()

    def log_density(self, value):
        return self.concentration * (value - self.loc).cos() - math.log(2 * math.pi) - log_bessel(self.concentration, 0)

    @tensorgrad.no_grad()
    def sample(self, sample_shape=()):
        loc, kappa = self.loc.double(), self.concentration.double()
        tau = 1 + (1 + 4 * kappa ** 2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
        r = tensorgrad.where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho ** 2) / (2 * rho))
        shape = self._extended_shape(sample_shape)
        x, done = tensorgrad.zeros(shape, dtype=loc.dtype), tensorgrad.zeros(shape, dtype=tensorgrad.bool)
        while not done.all().item():
            u1, u2, u3 = tensorgrad.rand(size((3,), shape), dtype=loc.dtype).unbind()
            z = (math.pi * u1).cos()
            f = (1 + r * z) / (r + z)
            c = kappa * (r - f)
            accepted = (c * (2 - c) - u2 > 0) | ((c / u2).log() + 1 - c >= 0)
            x = tensorgrad.where(accepted, (u3 - 0.5).sign() * f.acos(), x)
            done = done | accepted
        return ((x + math.pi + loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)


# Polynomials for I0 and I1 / x below 3.75 (in (x / 3.75)^2) and for sqrt(x) exp(-x) I above (in 3.75 / x): Abramowitz and
# Stegun, 9.8.1 to 9.8.4.
BESSEL = {
    0: ((1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813),
        (0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377)),
    1: ((0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411),
        (0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059)),
}


def log_bessel(x, order):
    """log I_order(x), x > 0, to seven digits."""
    def polynomial(coefficients, y):
        out = 0.0
        for c in reversed(coefficients):
            out = out * y + c
        return out

    small, large = BESSEL[order]
    low = polynomial(small, (x / 3.75) ** 2) * (x if order else 1)
    high = x - 0.5 * x.log() + polynomial(large, 3.75 / x).log()
    return tensorgrad.where(x < 3.75, low.log(), high)


class ContinuousBernoulli(ExponentialFamily):
    """C(p) p^x (1 - p)^(1 - x), x in [0, 1], C(p) = 2 atanh(1 - 2p) / (1 - 2p), 2 at p = 1/2. lims: between which p the normalizer is a
    Taylor polynomial. probs or logits: a number or a tensor of batch_shape; event_shape (). Errors: ArgumentError unless one of them is
    given, for values outside [0, 1], DTypeError for integer probs. Source: torch.distributions.ContinuousBernoulli (Loaiza-Ganem and
    Cunningham 2019).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.ContinuousBernoulli(0.5).mean
    tensor(0.5000)
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support, has_rsample = constraints.unit_interval, True
    _mean_carrier_measure = 0

    def __init__(self, probs=None, logits=None, lims=(0.499, 0.501), validate_args=None):
        if probs is not None and validate_args and not constraints.unit_interval.check(broadcast_all(probs)[0]).all().item():
            raise ArgumentError("The parameter probs has invalid values")
        self._lims = lims
        self.take_either(validate_args, clamp_probs(broadcast_all(probs)[0]) if probs is not None else None, logits)

    @lazy_property
    def logits(self):
        """log(p / (1 - p))."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self):
        """p, apart from 0 and 1."""
        return clamp_probs(logits_to_probs(self.logits, is_binary=True))

    def split(self):
        """(where p is far from one half, p there and a constant elsewhere).

        >>> import tensorgrad
        >>> tensorgrad.distributions.ContinuousBernoulli(tensorgrad.tensor([0.2, 0.5])).split()[0]
        tensor([ True, False])
        """
        far = (self.probs <= self._lims[0]) | (self.probs > self._lims[1])
        return far, tensorgrad.where(far, self.probs, tensorgrad.full_like(self.probs, self._lims[0]))

    def log_norm(self):
        """log C(p).

        >>> import tensorgrad
        >>> tensorgrad.distributions.ContinuousBernoulli(tensorgrad.tensor(0.5)).log_norm()
        tensor(0.6931)
        """
        far, p = self.split()
        below, above = tensorgrad.where(p <= 0.5, p, 0.0), tensorgrad.where(p >= 0.5, p, 1.0)
        edge = tensorgrad.where(p <= 0.5, (-2 * below).log1p(), (2 * above - 1).log())
        x = (self.probs - 0.5) ** 2
        return tensorgrad.where(far, ((-p).log1p() - p.log()).abs().log() - edge,
                                math.log(2) + (4 / 3 + 104 / 45 * x) * x)

    @property
    def mean(self):
        far, p = self.split()
        x = self.probs - 0.5
        return tensorgrad.where(far, p / (2 * p - 1) + 1 / ((-p).log1p() - p.log()), 0.5 + (1 / 3 + 16 / 45 * x ** 2) * x)

    @property
    def variance(self):
        far, p = self.split()
        x = (self.probs - 0.5) ** 2
        return tensorgrad.where(far, p * (p - 1) / (1 - 2 * p) ** 2 + 1 / ((-p).log1p() - p.log()) ** 2,
                                1 / 12 - (1 / 15 - 128 / 945 * x) * x)

    def rsample(self, sample_shape=()):
        return self.icdf(uniform(self._extended_shape(sample_shape), self.probs))

    def log_density(self, value):
        logits, value = broadcast_all(self.logits, value)
        loss = tensorgrad.nn.functional.binary_cross_entropy_with_logits(logits, value, reduction="none")
        return self.log_norm() - loss

    def cumulative(self, value):
        far, p = self.split()
        inside = tensorgrad.where(far, (p ** value * (1 - p) ** (1 - value) + p - 1) / (2 * p - 1), value)
        return tensorgrad.where(value <= 0, 0.0, tensorgrad.where(value >= 1, 1.0, inside))

    def icdf(self, value):
        far, p = self.split()
        return tensorgrad.where(far, ((-p + value * (2 * p - 1)).log1p() - (-p).log1p()) / (p.log() - (-p).log1p()), value)

    def entropy(self):
        none, one = (-self.probs).log1p(), self.probs.log()
        return self.mean * (none - one) - self.log_norm() - none

    @property
    def _natural_params(self):
        return (self.logits,)

    def _log_normalizer(self, x):
        far = (x <= self._lims[0] - 0.5) | (x > self._lims[1] - 0.5)
        cut = tensorgrad.where(far, x, self._lims[0] - 0.5)
        return tensorgrad.where(far, (cut.expm1() / cut).abs().log(), 0.5 * x + x ** 2 / 24 - x ** 4 / 2880)
