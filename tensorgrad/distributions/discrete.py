"""Discrete distributions."""

import math

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .distribution import (
    Distribution,
    ExponentialFamily,
    broadcast_all,
    check_dims,
    lazy_property,
    logits_to_probs,
    probs_to_logits,
    size,
)
from .positive import Gamma

PROBS_LOGITS = {"probs": constraints.unit_interval, "logits": constraints.real}


def functional():
    """tensorgrad.nn.functional, which need not be loaded before it is used."""
    return tensorgrad.nn.functional


class Binary(Distribution):
    """What distributions with the probability or the logit of a success share."""

    @lazy_property
    def logits(self):
        """log(p / (1 - p))."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self):
        """The probability of a success."""
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self):
        """The parameter's shape.

        >>> import tensorgrad
        >>> tensorgrad.distributions.Bernoulli(tensorgrad.tensor([0.2, 0.5])).param_shape
        tensorgrad.Size([2])
        """
        return self.param.size()


class Bernoulli(Binary, ExponentialFamily):
    """1 with probability p = probs, else 0. probs (or logits = log(p / (1 - p))): a number or a tensor of batch_shape; event_shape ().
    Errors: ArgumentError unless one of probs and logits is given, for probs outside [0, 1] and values that are not 0 or 1, DTypeError for
    samples of bool probs. Source: torch.distributions.Bernoulli.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Bernoulli(0.25).log_prob(tensorgrad.tensor(1.0)).exp()
    tensor(0.2500)
    """

    arg_constraints, support = PROBS_LOGITS, constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0

    def __init__(self, probs=None, logits=None, validate_args=None):
        self.take_either(validate_args, probs, logits)

    mean = property(lambda self: self.probs)
    variance = property(lambda self: self.probs * (1 - self.probs))

    @property
    def mode(self):
        return tensorgrad.where(self.probs == 0.5, math.nan, (self.probs >= 0.5).to(self.probs.dtype))

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            return tensorgrad.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_density(self, value):
        logits, value = broadcast_all(self.logits, value)
        return -functional().binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self):
        return functional().binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand=True):
        return along_first(tensorgrad.arange(2, dtype=self.param.dtype), self, expand)

    @property
    def _natural_params(self):
        return (self.logits,)

    def _log_normalizer(self, x):
        return x.exp().log1p()


def along_first(values, distribution, expand):
    """Values along a new first dimension before the batch shape."""
    values = values.view((-1,) + (1,) * len(distribution.batch_shape))
    return values.expand(size((-1,), distribution.batch_shape)) if expand else values


class Geometric(Binary):
    """(1 - p)^k p, k = 0, 1, ...: failures before the first success. probs (or logits = log(p / (1 - p))): a number or a tensor of
    batch_shape; event_shape (). Errors: ArgumentError unless one of probs and logits is given, for probs outside (0, 1] and values that
    are no integers >= 0. Source: torch.distributions.Geometric.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Geometric(0.5).mean
    tensor(1.)
    """

    arg_constraints, support = PROBS_LOGITS, constraints.nonnegative_integer

    def __init__(self, probs=None, logits=None, validate_args=None):
        self.take_either(validate_args, probs, logits)
        if self._validate_args and probs is not None and not (self.probs > 0).all().item():
            raise ArgumentError(f"Expected parameter probs of distribution {self!r} to be positive but found invalid values:\n"
                                f"{self.probs}")

    mean = property(lambda self: 1 / self.probs - 1)
    mode = property(lambda self: tensorgrad.zeros_like(self.probs))
    variance = property(lambda self: (1 / self.probs - 1) / self.probs)

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            tiny = tensorgrad.finfo(self.probs.dtype).tiny
            u = tensorgrad.empty(self._extended_shape(sample_shape), dtype=self.probs.dtype).uniform_(tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_density(self, value):
        value, probs = broadcast_all(value, self.probs)
        return value * tensorgrad.where((probs == 1) & (value == 0), 0.0, -probs).log1p() + self.probs.log()

    def entropy(self):
        return functional().binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs


class Poisson(ExponentialFamily):
    """rate^k exp(-rate) / k!. rate: a number or a tensor of batch_shape; event_shape (). Errors: ArgumentError for rate < 0 and values
    that are no integers >= 0, DTypeError for samples of an integer rate. Source: torch.distributions.Poisson.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Poisson(2.0).log_prob(tensorgrad.tensor(0.0))
    tensor(-2.)
    """

    arg_constraints, support = {"rate": constraints.nonnegative}, constraints.nonnegative_integer

    def __init__(self, rate, validate_args=None):
        self.take(validate_args, rate=rate)

    mean = variance = property(lambda self: self.rate)
    mode = property(lambda self: self.rate.floor())

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            return tensorgrad.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_density(self, value):
        rate, value = broadcast_all(self.rate, value)
        return tensorgrad.xlogy(value, rate) - rate - (value + 1).lgamma()

    @property
    def _natural_params(self):
        return (self.rate.log(),)

    def _log_normalizer(self, x):
        return x.exp()


class Binomial(Binary):
    """total_count choose k times p^k (1 - p)^(total_count - k). total_count and probs (or logits = log(p / (1 - p))): numbers or tensors,
    broadcast to batch_shape; event_shape (). Errors: ArgumentError unless one of probs and logits is given, for probs outside [0, 1], a
    total_count that is no integer >= 0 and values outside the support, ShapeError for parameters that do not broadcast, DTypeError for
    samples of bool probs. Source: torch.distributions.Binomial.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Binomial(2, tensorgrad.tensor(0.5)).log_prob(tensorgrad.tensor(1.0)).exp()
    tensor(0.5000)
    """

    arg_constraints = {"total_count": constraints.nonnegative_integer, **PROBS_LOGITS}
    has_enumerate_support = True

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        self.take_either(validate_args, probs, logits, total_count=total_count)

    support = constraints.dependent_property(lambda self: constraints.integer_interval(0, self.total_count), is_discrete=True,
                                             event_dim=0)
    mean = property(lambda self: self.total_count * self.probs)
    variance = property(lambda self: self.total_count * self.probs * (1 - self.probs))

    @property
    def mode(self):
        return tensorgrad.minimum(((self.total_count + 1) * self.probs).floor(), self.total_count)

    def sample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        with tensorgrad.no_grad():
            return tensorgrad.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_density(self, value):
        n, logits = self.total_count, self.logits
        normalizer = n * logits.clamp(min=0) + n * (-logits.abs()).exp().log1p() - (n + 1).lgamma()
        return value * logits - (value + 1).lgamma() - (n - value + 1).lgamma() - normalizer

    def count(self, name):
        """The one number of trials. Errors: NotImplementedError where there are several.

        >>> import tensorgrad
        >>> tensorgrad.distributions.Binomial(3, tensorgrad.tensor([0.2, 0.5])).count("entropy")
        3
        """
        largest = int(self.total_count.max().item())
        if self.total_count.min().item() != largest:
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{name}`.")
        return largest

    def entropy(self):
        self.count("entropy")
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand=True):
        return along_first(tensorgrad.arange(1 + self.count("enumerate_support"), dtype=self.param.dtype), self, expand)


class NegativeBinomial(Binary):
    """Gamma(r + k) / (k! Gamma(r)) (1 - p)^r p^k, r = total_count: successes of probability p before r failures; Poisson numbers with
    gamma rates. total_count and probs (or logits = log(p / (1 - p))): numbers or tensors, broadcast to batch_shape; event_shape ().
    Errors: ArgumentError unless one of probs and logits is given, for probs outside [0, 1), total_count < 0 and values that are no
    integers >= 0, ShapeError for parameters that do not broadcast. Source: torch.distributions.NegativeBinomial.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.NegativeBinomial(2.0, tensorgrad.tensor(0.5)).mean
    tensor(2.)
    """

    arg_constraints = {"total_count": constraints.greater_than_eq(0), "probs": constraints.half_open_interval(0.0, 1.0),
                       "logits": constraints.real}
    support = constraints.nonnegative_integer

    def __init__(self, total_count, probs=None, logits=None, validate_args=None):
        self.take_either(validate_args, probs, logits, total_count=total_count)

    mean = property(lambda self: self.total_count * self.logits.exp())
    mode = property(lambda self: ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0))
    variance = property(lambda self: self.mean / (-self.logits).sigmoid())

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            rate = Gamma(self.total_count, (-self.logits).exp(), validate_args=False).sample(sample_shape)
            return tensorgrad.poisson(rate)

    def log_density(self, value):
        n, log_sigmoid = self.total_count, functional().logsigmoid
        normalizer = (1 + value).lgamma() + n.lgamma() - (n + value).lgamma()
        return (n * log_sigmoid(-self.logits) + value * log_sigmoid(self.logits)
                - normalizer.masked_fill(n + value == 0, 0.0))


class Categorical(Distribution):
    """The index i with probability probs[..., i]. probs, normalized, or logits, probs = softmax(logits): (..., n), batch_shape (...),
    event_shape (). Errors: ArgumentError unless one of probs and logits is given, a tensor of at least one dimension, for probs < 0 and
    values that are no index. Source: torch.distributions.Categorical.

    >>> import tensorgrad
    >>> tensorgrad.distributions.Categorical(tensorgrad.tensor([1.0, 1.0])).entropy()
    tensor(0.6931)
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ArgumentError("Either `probs` or `logits` must be specified, but not both.")
        if probs is not None:
            check_dims("probs", probs)
            self.probs = probs / probs.sum(-1, keepdim=True)
        else:
            check_dims("logits", logits)
            self.logits = logits - logits.logsumexp(-1, keepdim=True)
        super().__init__(self.param.shape[:-1], validate_args=validate_args)

    @lazy_property
    def logits(self):
        """Normalized log-probabilities."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self):
        """Probabilities."""
        return logits_to_probs(self.logits)

    param_shape = property(lambda self: self.param.size())
    _num_events = property(lambda self: self.param.shape[-1])
    support = constraints.dependent_property(lambda self: constraints.integer_interval(0, self._num_events - 1),
                                             is_discrete=True, event_dim=0)
    mean = variance = property(lambda self: tensorgrad.full(self._extended_shape(), math.nan, dtype=self.probs.dtype))
    mode = property(lambda self: self.probs.argmax(-1))

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            index = tensorgrad.multinomial(self.probs.reshape(-1, self._num_events), math.prod(sample_shape), True).T
            return index.reshape(self._extended_shape(sample_shape))

    def log_density(self, value):
        value, logits = tensorgrad.broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self):
        logits = self.logits.clamp(min=tensorgrad.finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand=True):
        return along_first(tensorgrad.arange(self._num_events), self, expand)


class OneHotCategorical(Distribution):
    """Categorical values as one-hot vectors, one_hot(i) with probability probs[..., i]. probs, normalized, or logits, probs =
    softmax(logits): (..., n), batch_shape (...), event_shape (n). Errors: ArgumentError unless one of probs and logits is given, a tensor
    of at least one dimension, for probs < 0 and values that are no one-hot vectors. Source: torch.distributions.OneHotCategorical.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.OneHotCategorical(tensorgrad.tensor([0.0, 1.0])).sample()
    tensor([0., 1.])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support, has_enumerate_support = constraints.one_hot, True

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._categorical = Categorical(probs, logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    probs = mean = property(lambda self: self._categorical.probs)
    logits = property(lambda self: self._categorical.logits)
    param_shape = property(lambda self: self._categorical.param_shape)
    variance = property(lambda self: self.probs * (1 - self.probs))
    mode = property(lambda self: self.vectors(self._categorical.mode))

    def vectors(self, index):
        """Indices as one-hot vectors. Errors: OutOfRangeError for an index that is not there.

        >>> import tensorgrad
        >>> tensorgrad.distributions.OneHotCategorical(tensorgrad.ones(3)).vectors(tensorgrad.tensor(1))
        tensor([0., 1., 0.])
        """
        return functional().one_hot(index, self._event_shape[0]).to(self.probs.dtype)

    def sample(self, sample_shape=()):
        return self.vectors(self._categorical.sample(sample_shape))

    def log_density(self, value):
        return self._categorical.log_prob(value.argmax(-1))

    def entropy(self):
        return self._categorical.entropy()

    def enumerate_support(self, expand=True):
        n = self._event_shape[0]
        values = tensorgrad.eye(n, dtype=self.probs.dtype).view((n,) + (1,) * len(self._batch_shape) + (n,))
        return values.expand(size((n,), self._batch_shape, (n,))) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """OneHotCategorical whose samples, one_hot + probs - probs without gradient, have the gradient of the probabilities. probs,
    normalized, or logits, probs = softmax(logits): (..., n), batch_shape (...), event_shape (n). Errors: ArgumentError as for
    OneHotCategorical. Source: torch.distributions.OneHotCategoricalStraightThrough (Bengio et al. 2013).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.OneHotCategoricalStraightThrough(tensorgrad.tensor([0.0, 1.0])).rsample()
    tensor([0., 1.])
    """

    has_rsample = True

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(Distribution):
    """total_count! / prod k_i! prod p_i^k_i: how often each category comes in total_count draws. probs, normalized, or logits, probs =
    softmax(logits): (..., n), batch_shape (...), event_shape (n). Errors: ArgumentError unless one of probs and logits is given, for
    total_count < 0 and values outside the support, NotImplementedError for a total_count that is no int. Source:
    torch.distributions.Multinomial.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Multinomial(3, tensorgrad.tensor([0.0, 1.0])).sample()
    tensor([0., 3.])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        if total_count < 0:
            raise ArgumentError(f"Multinomial: total_count must be >= 0, got {total_count}")
        self.total_count, self._categorical = total_count, Categorical(probs=probs, logits=logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    probs = property(lambda self: self._categorical.probs)
    logits = property(lambda self: self._categorical.logits)
    param_shape = property(lambda self: self._categorical.param_shape)
    support = constraints.dependent_property(lambda self: constraints.multinomial(self.total_count), is_discrete=True,
                                             event_dim=1)
    mean = property(lambda self: self.probs * self.total_count)
    variance = property(lambda self: self.total_count * self.probs * (1 - self.probs))

    def sample(self, sample_shape=()):
        index = self._categorical.sample(size((self.total_count,), sample_shape)).movedim(0, -1)
        counts = tensorgrad.zeros(self._extended_shape(sample_shape), dtype=index.dtype)
        return counts.scatter_add(-1, index, tensorgrad.ones_like(index)).to(self.probs.dtype)

    def log_density(self, value):
        logits, value = broadcast_all(self.logits, value)
        powers = logits.masked_fill((value == 0) & (logits == -math.inf), 0.0) * value
        return (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1) + powers.sum(-1)

    def entropy(self):
        binomial = Binomial(self.total_count, probs=self.probs)
        support = binomial.enumerate_support(expand=False)[1:]
        expected = (binomial.log_prob(support).exp() * (support + 1).lgamma()).sum([0, -1])
        return self.total_count * self._categorical.entropy() - math.lgamma(self.total_count + 1) + expected
