"""Distributions that are transforms of simpler ones."""

import math

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .composed import TransformedDistribution
from .continuous import Cauchy, Normal, Uniform
from .discrete import PROBS_LOGITS, Binary, Categorical
from .distribution import EULER, LOC_SCALE, Distribution, broadcast_all, clamp_probs, log_beta, uniform
from .positive import Exponential, Gamma
from .transforms import AbsTransform, AffineTransform, ExpTransform, PowerTransform, SigmoidTransform, StickBreakingTransform


class LogNormal(TransformedDistribution):
    """exp of a normal number: exp(-z^2 / 2) / (x scale sqrt(2 pi)), z = (log x - loc) / scale. Parameters: numbers or tensors, broadcast
    to batch_shape; event_shape (). Errors: ArgumentError for scale <= 0 and values outside the support, ShapeError for parameters that do
    not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.LogNormal.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.LogNormal(0.0, 1.0).mean
    tensor(1.6487)
    """

    arg_constraints, support = LOC_SCALE, constraints.positive

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(Normal(loc, scale, validate_args=validate_args), ExpTransform(), validate_args=validate_args)

    loc = property(lambda self: self.base_dist.loc)
    scale = property(lambda self: self.base_dist.scale)
    mean = property(lambda self: (self.loc + self.scale ** 2 / 2).exp())
    mode = property(lambda self: (self.loc - self.scale ** 2).exp())
    variance = property(lambda self: (self.scale ** 2).expm1() * (2 * self.loc + self.scale ** 2).exp())

    def entropy(self):
        return self.base_dist.entropy() + self.loc


class Half(TransformedDistribution):
    """The absolute value of a symmetric distribution around zero."""

    arg_constraints, support = {"scale": constraints.positive}, constraints.nonnegative
    base: type

    def __init__(self, scale, validate_args=None):
        super().__init__(self.base(0, scale, validate_args=False), AbsTransform())
        Distribution.__init__(self, self.scale.shape, (), validate_args)

    scale = property(lambda self: self.base_dist.scale)
    mode = property(lambda self: tensorgrad.zeros_like(self.scale))

    def log_density(self, value):
        return tensorgrad.where(value >= 0, self.base_dist.log_prob(value) + math.log(2), -math.inf)

    def cdf(self, value):
        if self._validate_args:
            self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value):
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self):
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(Half):
    """|x| for normal x: sqrt(2 / pi) / scale exp(-(x / scale)^2 / 2), x >= 0. scale: a number or a tensor of batch_shape; event_shape ().
    Errors: ArgumentError for scale <= 0 and values outside the support, DTypeError for samples of an integer scale. Source:
    torch.distributions.HalfNormal.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.HalfNormal(1.0).mean
    tensor(0.7979)
    """

    base = Normal
    mean = property(lambda self: self.scale * math.sqrt(2 / math.pi))
    variance = property(lambda self: self.scale ** 2 * (1 - 2 / math.pi))


class HalfCauchy(Half):
    """|x| for Cauchy x: 2 / (pi scale (1 + (x / scale)^2)), x >= 0. scale: a number or a tensor of batch_shape; event_shape (). Errors:
    ArgumentError for scale <= 0 and values outside the support, DTypeError for samples of an integer scale. Source:
    torch.distributions.HalfCauchy.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.HalfCauchy(2.0).mode
    tensor(0.)
    """

    base = Cauchy
    mean = property(lambda self: tensorgrad.full_like(self.scale, math.inf))
    variance = property(lambda self: self.base_dist.variance)

    def log_density(self, value):
        density = math.log(2 / math.pi) - self.scale.log() - ((value / self.scale) ** 2).log1p()
        return tensorgrad.where(value >= 0, density, -math.inf)


class Gumbel(TransformedDistribution):
    """exp(-z - exp(-z)) / scale, z = (x - loc) / scale. Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors:
    ArgumentError for scale <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for integer
    parameters. Source: torch.distributions.Gumbel.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Gumbel(0.0, 1.0).mean
    tensor(0.5772)
    """

    arg_constraints, support = LOC_SCALE, constraints.real

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        limits = tensorgrad.finfo(self.loc.dtype)
        base = Uniform(tensorgrad.full_like(self.loc, limits.tiny), tensorgrad.full_like(self.loc, 1 - limits.eps),
                       validate_args=validate_args)
        super().__init__(base, [ExpTransform().inv, AffineTransform(0, -tensorgrad.ones_like(self.scale)), ExpTransform().inv,
                                AffineTransform(self.loc, -self.scale)], validate_args=validate_args)

    mean = property(lambda self: self.loc + self.scale * EULER)
    mode = property(lambda self: self.loc)
    stddev = property(lambda self: math.pi / math.sqrt(6) * self.scale)
    variance = property(lambda self: self.stddev ** 2)

    def log_density(self, value):
        y = (self.loc - value) / self.scale
        return y - y.exp() - self.scale.log()

    def entropy(self):
        return self.scale.log() + (1 + EULER)


class Pareto(TransformedDistribution):
    """alpha scale^alpha / x^(alpha + 1), x >= scale. Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors:
    ArgumentError for scale or alpha <= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for
    samples of integer parameters. Source: torch.distributions.Pareto.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Pareto(1.0, 2.0).mean
    tensor(2.)
    """

    arg_constraints = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale, alpha, validate_args=None):
        self.scale, self.alpha = broadcast_all(scale, alpha)
        super().__init__(Exponential(self.alpha, validate_args=validate_args), [ExpTransform(), AffineTransform(0, self.scale)],
                         validate_args=validate_args)

    support = constraints.dependent_property(lambda self: constraints.greater_than_eq(self.scale), is_discrete=False, event_dim=0)
    mode = property(lambda self: self.scale)

    @property
    def mean(self):
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def variance(self):
        a = self.alpha.clamp(min=2)
        return self.scale ** 2 * a / ((a - 1) ** 2 * (a - 2))

    def entropy(self):
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class Weibull(TransformedDistribution):
    """scale times an exponential number to the power of 1 / k: k / scale (x / scale)^(k - 1) exp(-(x / scale)^k), k the concentration.
    Parameters: numbers or tensors, broadcast to batch_shape; event_shape (). Errors: ArgumentError for scale or concentration <= 0 and
    values outside the support, ShapeError for parameters that do not broadcast, DTypeError for samples of integer parameters. Source:
    torch.distributions.Weibull.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Weibull(1.0, 2.0).mean
    tensor(0.8862)
    """

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive

    def __init__(self, scale, concentration, validate_args=None):
        self.scale, self.concentration = broadcast_all(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        super().__init__(Exponential(tensorgrad.ones_like(self.scale), validate_args=validate_args),
                         [PowerTransform(self.concentration_reciprocal), AffineTransform(0, self.scale)],
                         validate_args=validate_args)

    def moment(self, n):
        """log of the n-th moment for scale 1. Errors: TypeError for what is no number.

        >>> import tensorgrad
        >>> tensorgrad.distributions.Weibull(tensorgrad.tensor(1.0), tensorgrad.tensor(1.0)).moment(2).exp()
        tensor(2.)
        """
        return (1 + n * self.concentration_reciprocal).lgamma()

    mean = property(lambda self: self.scale * self.moment(1).exp())
    variance = property(lambda self: self.scale ** 2 * (self.moment(2).exp() - (2 * self.moment(1)).exp()))

    @property
    def mode(self):
        k = self.concentration
        return self.scale * ((k - 1) / k) ** self.concentration_reciprocal

    def entropy(self):
        k = self.concentration_reciprocal
        return EULER * (1 - k) + (self.scale * k).log() + 1


class Kumaraswamy(TransformedDistribution):
    """a b x^(a - 1) (1 - x^a)^(b - 1), x in [0, 1], a = concentration1, b = concentration0. Parameters: numbers or tensors, broadcast to
    batch_shape; event_shape (). Errors: ArgumentError for a or b <= 0 and values outside the support, ShapeError for parameters that do
    not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.Kumaraswamy.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Kumaraswamy(1.0, 1.0).mean
    tensor(0.5000)
    """

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval

    def __init__(self, concentration1, concentration0, validate_args=None):
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        a, b = self.concentration1, self.concentration0
        base = Uniform(tensorgrad.zeros_like(b), tensorgrad.ones_like(b), validate_args=validate_args)
        super().__init__(base, [PowerTransform(b.reciprocal()), AffineTransform(1.0, -1.0), PowerTransform(a.reciprocal())],
                         validate_args=validate_args)

    def moment(self, n):
        """The n-th moment: b B(1 + n / a, b). Errors: TypeError for what is no number.

        >>> import tensorgrad
        >>> tensorgrad.distributions.Kumaraswamy(tensorgrad.tensor(1.0), tensorgrad.tensor(1.0)).moment(1)
        tensor(0.5000)
        """
        return self.concentration0 * log_beta(1 + n / self.concentration1, self.concentration0).exp()

    mean = property(lambda self: self.moment(1))
    variance = property(lambda self: self.moment(2) - self.moment(1) ** 2)

    @property
    def mode(self):
        a, b = self.concentration1, self.concentration0
        log = ((a - 1) / (a * b - 1)).log() / a
        return tensorgrad.where((a < 1) | (b < 1), math.nan, log.exp())

    def entropy(self):
        a, b = self.concentration1, self.concentration0
        harmonic = (b + 1).digamma() + EULER
        return 1 - b.reciprocal() + (1 - a.reciprocal()) * harmonic - a.log() - b.log()


class InverseGamma(TransformedDistribution):
    """1 / x for gamma x: rate^a x^(-a - 1) exp(-rate / x) / Gamma(a), a the concentration. Parameters: numbers or tensors, broadcast to
    batch_shape; event_shape (). Errors: ArgumentError for concentration or rate <= 0 and values outside the support, ShapeError for
    parameters that do not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.InverseGamma.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.InverseGamma(2.0, 3.0).mean
    tensor(3.)
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.positive

    def __init__(self, concentration, rate, validate_args=None):
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(-tensorgrad.ones(1, dtype=base.rate.dtype)[0]), validate_args=validate_args)

    concentration = property(lambda self: self.base_dist.concentration)
    rate = property(lambda self: self.base_dist.rate)
    mode = property(lambda self: self.rate / (self.concentration + 1))

    @property
    def mean(self):
        return tensorgrad.where(self.concentration > 1, self.rate / (self.concentration - 1), math.inf)

    @property
    def variance(self):
        a = self.concentration
        return tensorgrad.where(a > 2, self.rate ** 2 / ((a - 1) ** 2 * (a - 2)), math.inf)

    def entropy(self):
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()


def logistic(probs, shape):
    """Logits of probabilities plus logistic noise."""
    probs, u = clamp_probs(probs.expand(shape)), clamp_probs(uniform(shape, probs))
    return u.log() - (-u).log1p() + probs.log() - (-probs).log1p()


def checked(temperature):
    """A temperature: positive numbers. Errors: ArgumentError."""
    if not (broadcast_all(temperature)[0] > 0).all().item():
        raise ArgumentError(f"temperature must be positive, got {temperature}")
    return temperature


class LogitRelaxedBernoulli(Binary):
    """The logit of a RelaxedBernoulli: (logit + logistic noise) / temperature. temperature: a positive number or tensor; probs (or logits
    = log(p / (1 - p))): a number or a tensor of batch_shape; event_shape (). Errors: ArgumentError unless one of probs and logits is
    given, for probs outside [0, 1] and temperature <= 0, ShapeError for a temperature that does not broadcast, DTypeError for bool probs.
    Source: torch.distributions.LogitRelaxedBernoulli (Maddison et al. 2017).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.LogitRelaxedBernoulli(tensorgrad.tensor(1.0), 0.5).log_prob(tensorgrad.tensor(0.0))
    tensor(-1.3863)
    """

    arg_constraints, support, has_rsample = PROBS_LOGITS, constraints.real, True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = checked(temperature)
        self.take_either(validate_args, probs, logits)

    def rsample(self, sample_shape=()):
        return logistic(self.probs, self._extended_shape(sample_shape)) / self.temperature

    def log_density(self, value):
        logits, value = broadcast_all(self.logits, value)
        z = logits - value * self.temperature
        temperature, = broadcast_all(self.temperature)
        return temperature.log() + z - 2 * z.exp().log1p()


class RelaxedBernoulli(TransformedDistribution):
    """A Bernoulli made continuous: sigmoid((logit + logistic noise) / temperature). temperature: a positive number or tensor; probs (or
    logits = log(p / (1 - p))): a number or a tensor of batch_shape; event_shape (). Errors: ArgumentError unless one of probs and logits
    is given, for probs outside [0, 1], temperature <= 0 and values outside [0, 1], ShapeError for a temperature that does not broadcast,
    DTypeError for bool probs. Source: torch.distributions.RelaxedBernoulli.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.RelaxedBernoulli(tensorgrad.tensor(1.0), 0.5).log_prob(tensorgrad.tensor(0.5))
    tensor(0.)
    """

    arg_constraints, support = PROBS_LOGITS, constraints.unit_interval

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        super().__init__(LogitRelaxedBernoulli(temperature, probs, logits), SigmoidTransform(), validate_args=validate_args)

    temperature = property(lambda self: self.base_dist.temperature)
    probs = property(lambda self: self.base_dist.probs)
    logits = property(lambda self: self.base_dist.logits)


class ExpRelaxedCategorical(Distribution):
    """The logarithm of a RelaxedOneHotCategorical: s - logsumexp(s), s = (logits + Gumbel noise) / temperature. probs or logits: (...,
    n), batch_shape (...), event_shape (n). Errors: ArgumentError unless one of probs and logits is given, a tensor of at least one
    dimension, and for temperature <= 0. Source: torch.distributions.relaxed_categorical.ExpRelaxedCategorical.

    >>> import tensorgrad
    >>> from tensorgrad.distributions.transformed import ExpRelaxedCategorical
    >>> ExpRelaxedCategorical(tensorgrad.tensor(1.0), tensorgrad.ones(3)).sample().shape
    tensorgrad.Size([3])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support, has_rsample = constraints.real_vector, True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature, self._categorical = checked(temperature), Categorical(probs, logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    probs = property(lambda self: self._categorical.probs)
    logits = property(lambda self: self._categorical.logits)

    def rsample(self, sample_shape=()):
        u = clamp_probs(uniform(self._extended_shape(sample_shape), self.logits))
        scores = (self.logits - (-u.log()).log()) / self.temperature
        return scores - scores.logsumexp(-1, keepdim=True)

    def log_density(self, value):
        k = self._event_shape[0]
        logits, value = broadcast_all(self.logits, value)
        temperature, = broadcast_all(self.temperature)
        score = logits - value * temperature
        return (score - score.logsumexp(-1, keepdim=True)).sum(-1) + math.lgamma(k) + (k - 1) * temperature.log()


class RelaxedOneHotCategorical(TransformedDistribution):
    """A OneHotCategorical made continuous: softmax((logits + Gumbel noise) / temperature). temperature: a positive number or tensor;
    probs, normalized, or logits, probs = softmax(logits): (..., n), batch_shape (...), event_shape (n). Errors: ArgumentError unless one
    of probs and logits is given, a tensor of at least one dimension, for temperature <= 0 and values outside the simplex, ShapeError for
    a temperature that does not broadcast. Source: torch.distributions.RelaxedOneHotCategorical (Jang et al. 2017).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.RelaxedOneHotCategorical(tensorgrad.tensor(1.0), tensorgrad.tensor([0.5, 0.5])).log_prob(tensorgrad.tensor([0.5, 0.5]))
    tensor(0.)
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.simplex

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        super().__init__(ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args), ExpTransform(),
                         validate_args=validate_args)

    temperature = property(lambda self: self.base_dist.temperature)
    probs = property(lambda self: self.base_dist.probs)
    logits = property(lambda self: self.base_dist.logits)


class LogisticNormal(TransformedDistribution):
    """Normal numbers broken off a stick, StickBreakingTransform(N(loc, scale^2)). loc, scale: broadcast to (..., n) (a number counts as n
    = 1); batch_shape (...), event_shape (n + 1). Errors: ArgumentError for scale <= 0 and values outside the simplex, ShapeError for
    parameters that do not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.LogisticNormal.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.LogisticNormal(tensorgrad.zeros(2), tensorgrad.ones(2)).event_shape
    tensorgrad.Size([3])
    """

    arg_constraints, support = LOC_SCALE, constraints.simplex

    def __init__(self, loc, scale, validate_args=None):
        base = Normal(loc, scale, validate_args=validate_args)
        base = base if base.batch_shape else base.expand((1,))
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    loc = property(lambda self: self.base_dist.base_dist.loc)
    scale = property(lambda self: self.base_dist.base_dist.scale)
