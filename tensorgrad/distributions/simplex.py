"""Distributions of shares: Dirichlet and Beta."""

import tensorgrad

from . import constraints
from .distribution import Distribution, ExponentialFamily, broadcast_all, check_dims


class Dirichlet(ExponentialFamily):
    """prod x_i^(a_i - 1) / B(a) on the simplex, B(a) = prod Gamma(a_i) / Gamma(sum a_i): gamma numbers divided by their sum. Samples
    depend on the concentration through those. concentration a: (..., n), batch_shape (...), event_shape (n). Errors: ArgumentError for a
    number, concentration <= 0 and values outside the simplex, DTypeError for samples of integers. Source: torch.distributions.Dirichlet.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Dirichlet(tensorgrad.tensor([1.0, 3.0])).mean
    tensor([0.2500, 0.7500])
    """

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support, has_rsample = constraints.simplex, True
    _mean_carrier_measure = 0

    def __init__(self, concentration, validate_args=None):
        check_dims("concentration", concentration)
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args=validate_args)

    @property
    def mean(self):
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def mode(self):
        a = (self.concentration - 1).clamp(min=0)
        corner = tensorgrad.nn.functional.one_hot(a.argmax(-1), a.shape[-1]).to(a.dtype)
        return tensorgrad.where((self.concentration < 1).all(-1, keepdim=True), corner, a / a.sum(-1, keepdim=True))

    @property
    def variance(self):
        a, total = self.concentration, self.concentration.sum(-1, keepdim=True)
        return a * (total - a) / (total ** 2 * (total + 1))

    def rsample(self, sample_shape=()):
        from ..ops.gamma import standard_gamma
        a = self.concentration.expand(self._extended_shape(sample_shape))
        limits = tensorgrad.finfo(a.dtype)
        gamma = standard_gamma(a.double())
        return (gamma / gamma.sum(-1, keepdim=True)).to(a.dtype).clamp(min=limits.tiny, max=1 - limits.eps / 2)

    def log_density(self, value):
        a = self.concentration
        return tensorgrad.xlogy(a - 1, value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self):
        a, total = self.concentration, self.concentration.sum(-1)
        k = a.shape[-1]
        return a.lgamma().sum(-1) - total.lgamma() - (k - total) * total.digamma() - ((a - 1) * a.digamma()).sum(-1)

    @property
    def _natural_params(self):
        return (self.concentration,)

    def _log_normalizer(self, x):
        return x.lgamma().sum(-1) - x.sum(-1).lgamma()


class Beta(ExponentialFamily):
    """x^(a - 1) (1 - x)^(b - 1) / B(a, b), x in [0, 1], a = concentration1, b = concentration0. Parameters: numbers or tensors, broadcast
    to batch_shape; event_shape (). Errors: ArgumentError for a or b <= 0 and values outside the support, ShapeError for parameters that
    do not broadcast, DTypeError for samples of integer parameters. Source: torch.distributions.Beta.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Beta(1.0, 3.0).mean
    tensor(0.2500)
    """

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support, has_rsample = constraints.unit_interval, True
    _mean_carrier_measure = 0

    def __init__(self, concentration1, concentration0, validate_args=None):
        pair = broadcast_all(concentration1, concentration0)
        self._dirichlet = Dirichlet(tensorgrad.stack(pair, -1), validate_args=validate_args)
        Distribution.__init__(self, pair[0].shape, (), validate_args)

    concentration1 = property(lambda self: self._dirichlet.concentration[..., 0])
    concentration0 = property(lambda self: self._dirichlet.concentration[..., 1])
    mean = property(lambda self: self.concentration1 / (self.concentration1 + self.concentration0))
    mode = property(lambda self: self._dirichlet.mode[..., 0])

    @property
    def variance(self):
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total ** 2 * (total + 1))

    def rsample(self, sample_shape=()):
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_density(self, value):
        return self._dirichlet.log_prob(tensorgrad.stack([value, 1 - value], -1))

    def entropy(self):
        return self._dirichlet.entropy()

    @property
    def _natural_params(self):
        return self.concentration1, self.concentration0

    def _log_normalizer(self, x, y):
        return x.lgamma() + y.lgamma() - (x + y).lgamma()
