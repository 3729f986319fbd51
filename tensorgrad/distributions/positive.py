"""Continuous distributions of a number above a bound: waiting times, sums of squares, their ratios, and what lies far out."""

import math

import tensorgrad

from . import constraints
from .distribution import LOC_SCALE, Distribution, ExponentialFamily, log_beta, uniform


class Exponential(ExponentialFamily):
    """rate exp(-rate x), x >= 0. rate: a number or a tensor of batch_shape; event_shape (). Errors: ArgumentError for rate <= 0 and
    values outside the support, DTypeError for samples of an integer rate. Source: torch.distributions.Exponential.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Exponential(2.0).mean
    tensor(0.5000)
    """

    arg_constraints, support, has_rsample = {"rate": constraints.positive}, constraints.nonnegative, True
    _mean_carrier_measure = 0

    def __init__(self, rate, validate_args=None):
        self.take(validate_args, rate=rate)

    mean = stddev = property(lambda self: self.rate.reciprocal())
    mode = property(lambda self: tensorgrad.zeros_like(self.rate))
    variance = property(lambda self: self.rate ** -2)

    def rsample(self, sample_shape=()):
        return tensorgrad.empty(self._extended_shape(sample_shape), dtype=self.rate.dtype).exponential_() / self.rate

    def log_density(self, value):
        return self.rate.log() - self.rate * value

    def cumulative(self, value):
        return -(-self.rate * value).expm1()

    def icdf(self, value):
        return -(-value).log1p() / self.rate

    def entropy(self):
        return 1 - self.rate.log()

    @property
    def _natural_params(self):
        return (-self.rate,)

    def _log_normalizer(self, x):
        return -(-x).log()


class Gamma(ExponentialFamily):
    """rate^a x^(a - 1) exp(-rate x) / Gamma(a), x >= 0, a the concentration. Parameters: numbers or tensors, broadcast to batch_shape;
    event_shape (). Errors: ArgumentError for concentration or rate <= 0 and values outside the support, ShapeError for parameters that do
    not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.Gamma.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Gamma(2.0, 1.0).log_prob(tensorgrad.tensor(1.0))
    tensor(-1.)
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support, has_rsample = constraints.nonnegative, True
    _mean_carrier_measure = 0

    def __init__(self, concentration, rate, validate_args=None):
        self.take(validate_args, concentration=concentration, rate=rate)

    mean = property(lambda self: self.concentration / self.rate)
    mode = property(lambda self: ((self.concentration - 1) / self.rate).clamp(min=0))
    variance = property(lambda self: self.concentration / self.rate ** 2)

    def rsample(self, sample_shape=()):
        from ..ops.gamma import standard_gamma
        shape, tiny = self._extended_shape(sample_shape), tensorgrad.finfo(self.rate.dtype).tiny
        return (standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)).clamp(min=tiny)

    def log_prob(self, value):
        return super().log_prob(tensorgrad.as_tensor(value, dtype=self.rate.dtype))

    def log_density(self, value):
        return (tensorgrad.xlogy(self.concentration, self.rate) + tensorgrad.xlogy(self.concentration - 1, value)
                - self.rate * value - self.concentration.lgamma())

    def cumulative(self, value):
        return tensorgrad.igamma(self.concentration.expand_as(value) if value.ndim > self.concentration.ndim
                                 else self.concentration, self.rate * value)

    def entropy(self):
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1 - a) * a.digamma()

    @property
    def _natural_params(self):
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, x, y):
        return (x + 1).lgamma() - (x + 1) * (-y).log()


class Chi2(Gamma):
    """The sum of df squared normal numbers: Gamma(df / 2, 1 / 2), x^(df / 2 - 1) exp(-x / 2) / (2^(df / 2) Gamma(df / 2)). df: a number
    or a tensor of batch_shape; event_shape (). Errors: ArgumentError for df <= 0 and values outside the support, DTypeError for what is
    no number. Source: torch.distributions.Chi2.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Chi2(tensorgrad.tensor(3.0)).mean
    tensor(3.)
    """

    arg_constraints = {"df": constraints.positive}

    def __init__(self, df, validate_args=None):
        half = 0.5 * df
        super().__init__(half, 0.5, validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        return Chi2(self.df.expand(batch_shape), validate_args=False)

    @property
    def df(self):
        """Degrees of freedom.

        >>> import tensorgrad
        >>> tensorgrad.distributions.Chi2(tensorgrad.tensor([3.0])).df
        tensor([3.])
        """
        return self.concentration * 2


class FisherSnedecor(Distribution):
    """The ratio of chi2(df1) / df1 and chi2(df2) / df2, x > 0. Parameters: numbers or tensors, broadcast to batch_shape; event_shape ().
    Errors: ArgumentError for df1 or df2 <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError
    for samples of integer parameters. Source: torch.distributions.FisherSnedecor.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.FisherSnedecor(2.0, 4.0).mean
    tensor(2.)
    """

    arg_constraints = {"df1": constraints.positive, "df2": constraints.positive}
    support, has_rsample = constraints.positive, True

    def __init__(self, df1, df2, validate_args=None):
        self.take(validate_args, df1=df1, df2=df2)
        self._gamma1, self._gamma2 = Gamma(self.df1 * 0.5, self.df1), Gamma(self.df2 * 0.5, self.df2)

    @property
    def mean(self):
        return tensorgrad.where(self.df2 <= 2, math.nan, self.df2 / (self.df2 - 2))

    @property
    def mode(self):
        mode = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return tensorgrad.where(self.df1 <= 2, math.nan, mode)

    @property
    def variance(self):
        a, b = self.df1, self.df2
        out = 2 * b ** 2 * (a + b - 2) / (a * (b - 2) ** 2 * (b - 4))
        return tensorgrad.where(b <= 4, math.nan, out)

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        above, below = self._gamma1.rsample(sample_shape).view(shape), self._gamma2.rsample(sample_shape).view(shape)
        tiny = tensorgrad.finfo(below.dtype).tiny
        return (above / below.clamp(min=tiny)).clamp(min=tiny)

    def log_density(self, value):
        a, b, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        return a * ratio.log() + (a - 1) * value.log() - (a + b) * (ratio * value).log1p() - log_beta(a, b)


class GeneralizedPareto(Distribution):
    """(1 + k z)^(-1 - 1 / k) / scale, z = (x - loc) / scale, k the concentration (0: exponential). Parameters: numbers or tensors,
    broadcast to batch_shape; event_shape (). Errors: ArgumentError for scale <= 0 and values outside the support, ShapeError for
    parameters that do not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.GeneralizedPareto
    (Pickands 1975).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.GeneralizedPareto(0.0, 1.0, 0.0).cdf(tensorgrad.tensor(1.0))
    tensor(0.6321)
    """

    arg_constraints = {**LOC_SCALE, "concentration": constraints.real}
    has_rsample = True

    def __init__(self, loc, scale, concentration, validate_args=None):
        self.take(validate_args, loc=loc, scale=scale, concentration=concentration)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self):
        """From loc up to where the density ends."""
        k = self.concentration
        return constraints.interval(self.loc, tensorgrad.where(k < 0, self.loc - self.scale / k, math.inf))

    mode = property(lambda self: self.loc)
    mean = property(lambda self: tensorgrad.where(self.concentration < 1, self.loc + self.scale / (1 - self.concentration),
                                                  math.nan))

    @property
    def variance(self):
        k = self.concentration
        return tensorgrad.where(k < 0.5, self.scale ** 2 / ((1 - k) ** 2 * (1 - 2 * k)), math.nan)

    def split(self):
        """(where k is zero, k with ones there).

        >>> import tensorgrad
        >>> tensorgrad.distributions.GeneralizedPareto(0.0, 1.0, tensorgrad.tensor([0.0, 2.0])).split()
        (tensor([ True, False]), tensor([1., 2.]))
        """
        none = tensorgrad.isclose(self.concentration, tensorgrad.zeros_like(self.concentration))
        return none, tensorgrad.where(none, 1.0, self.concentration)

    def rsample(self, sample_shape=()):
        return self.icdf(uniform(self._extended_shape(sample_shape), self.loc))

    def log_density(self, value):
        z, (none, k) = (value - self.loc) / self.scale, self.split()
        y = 1 / k + 1
        return -self.scale.log() - tensorgrad.where(none, z, tensorgrad.where(y == 0, 0.0, y * (k * z).log1p()))

    def log_survival_function(self, value):
        """log(1 - cdf). Errors: ArgumentError for values outside the support.

        >>> import tensorgrad
        >>> tensorgrad.distributions.GeneralizedPareto(0.0, 1.0, 0.0).log_survival_function(tensorgrad.tensor(1.0))
        tensor(-1.)
        """
        if self._validate_args:
            self._validate_sample(value)
        z, (none, k) = (value - self.loc) / self.scale, self.split()
        return tensorgrad.where(none, -z, -(k * z).log1p() / k)

    def log_cdf(self, value):
        """log(cdf). Errors: ArgumentError for values outside the support.

        >>> import tensorgrad
        >>> tensorgrad.distributions.GeneralizedPareto(0.0, 1.0, 0.0).log_cdf(tensorgrad.tensor(1.0))
        tensor(-0.4587)
        """
        return (-self.log_survival_function(value).exp()).log1p()

    def cumulative(self, value):
        return self.log_cdf(value).exp()

    def icdf(self, value):
        none, k = self.split()
        log = (-value).log1p()
        return tensorgrad.where(none, self.loc - self.scale * log, self.loc + self.scale / k * (-k * log).expm1())

    def entropy(self):
        return self.scale.log() + self.concentration + 1
