"""Distribution: shapes, validation and sampling that all distributions share."""

import math
from functools import update_wrapper

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints

EULER = 0.57721566490153286060
LOC_SCALE = {"loc": constraints.real, "scale": constraints.positive}


class lazy_property:
    """A value that is computed when it is first asked for, and kept."""

    def __init__(self, wrapped):
        self.wrapped = wrapped
        update_wrapper(self, wrapped)

    def __get__(self, instance, kind=None):
        if instance is None:
            return self
        with tensorgrad.enable_grad():
            value = instance.__dict__[self.wrapped.__name__] = self.wrapped(instance)
        return value


def broadcast_all(*values):
    """Numbers and tensors as tensors of one shape; numbers take the first tensor's dtype. Errors: ArgumentError."""
    for v in values:
        if not isinstance(v, (tensorgrad.Tensor, int, float)):
            raise ArgumentError(f"Input arguments must all be instances of Number or Tensor, got {type(v).__name__}")
    dtype = next((v.dtype for v in values if isinstance(v, tensorgrad.Tensor)), tensorgrad.get_default_dtype())
    return tensorgrad.broadcast_tensors(*[v if isinstance(v, tensorgrad.Tensor) else tensorgrad.tensor(v, dtype=dtype)
                                          for v in values])


def check_dims(name, value, dims=1):
    """A parameter is a tensor of so many dimensions or more. Errors: ArgumentError."""
    found = f"shape {tuple(value.shape)}" if isinstance(value, tensorgrad.Tensor) else type(value).__name__
    if not found.startswith("shape") or value.ndim < dims:
        raise ArgumentError(f"`{name}` must be a tensor of at least {dims} dimension{'s' * (dims > 1)}, got {found}")


def sum_rightmost(value, dims):
    """The sum over the last dims dimensions."""
    return value.reshape(tuple(value.shape[:value.ndim - dims]) + (-1,)).sum(-1) if dims else value


def clamp_probs(probs):
    """Probabilities at a distance of one rounding error from 0 and 1."""
    eps = tensorgrad.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def logits_to_probs(logits, is_binary=False):
    """Sigmoid, or softmax over the last dimension."""
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def probs_to_logits(probs, is_binary=False):
    """The inverse of logits_to_probs, up to a constant."""
    probs = clamp_probs(probs)
    return probs.log() - (-probs).log1p() if is_binary else probs.log()


def size(*parts):
    """The shapes one after the other."""
    return tensorgrad.Size([n for part in parts for n in part])


class Distribution:
    """The base of all distributions. batch_shape: distributions side by side; event_shape: the shape of one value: sample(sample_shape)
    has sample_shape + batch_shape + event_shape, log_prob(value), for any value that broadcasts to batch_shape + event_shape, one number
    an event. Parameters are attributes of the constructor's names, broadcast (loc, scale, rate, concentration; of probs and logits both,
    param_shape is theirs). has_rsample, has_enumerate_support: whether there are those methods. A subclass gives arg_constraints,
    support, rsample or sample, and log_density(value), cumulative(value) for values that were checked. Errors: ArgumentError for
    parameters and values outside their constraints (validate_args=False: not checked), ShapeError for sizes < 0, NotImplementedError for
    what a distribution does not have. Source: torch.distributions.Distribution.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> issubclass(d.Normal, d.Distribution), d.Normal(0.0, 1.0).expand((2,)).batch_shape
    (True, tensorgrad.Size([2]))
    """

    has_rsample = False
    has_enumerate_support = False
    arg_constraints: dict = {}
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value):
        """Whether parameters and values are checked where nobody says anything else. Errors: ArgumentError for other than True or
        False.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Distribution.set_default_validate_args(False)
        >>> float(d.Uniform(0.0, 1.0).log_prob(tensorgrad.tensor(2.0)))
        -inf
        >>> d.Distribution.set_default_validate_args(True)
        """
        if value not in (True, False):
            raise ArgumentError(f"set_default_validate_args: expected True or False, got {value!r}")
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape, self._event_shape = tensorgrad.Size(batch_shape), tensorgrad.Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if not self._validate_args:
            return
        for name, constraint in self.arg_constraints.items():
            lazy = name not in self.__dict__ and isinstance(getattr(type(self), name, None), lazy_property)
            if constraints.is_dependent(constraint) or lazy:
                continue
            value = getattr(self, name)
            if not constraint.check(value).all().item():
                raise ArgumentError(f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of "
                                    f"distribution {self!r} to satisfy the constraint {constraint!r}, but found invalid values:"
                                    f"\n{value}")

    def take(self, validate_args, **parameters):
        """What a constructor does with parameters of one shape. Errors: ShapeError for shapes that do not broadcast, ArgumentError
        for values outside the constraints.

        >>> import tensorgrad
        >>> class Point(tensorgrad.distributions.Distribution):
        ...     arg_constraints = {"place": tensorgrad.distributions.constraints.real}
        ...     def __init__(self, place, validate_args=None):
        ...         self.take(validate_args, place=place)
        >>> Point(tensorgrad.zeros(3)).batch_shape
        tensorgrad.Size([3])
        """
        self.__dict__.update(zip(parameters, broadcast_all(*parameters.values()), strict=True))
        Distribution.__init__(self, self.__dict__[next(iter(parameters))].shape, (), validate_args)

    def take_either(self, validate_args, probs, logits, **parameters):
        """What a constructor does with probs or logits and other parameters. Errors: ArgumentError for both or neither of them.

        >>> import tensorgrad
        >>> class Coin(tensorgrad.distributions.Bernoulli):
        ...     def __init__(self, probs=None, logits=None, validate_args=None):
        ...         self.take_either(validate_args, probs, logits)
        >>> Coin(logits=tensorgrad.zeros(2)).probs
        tensor([0.5000, 0.5000])
        """
        if (probs is None) == (logits is None):
            raise ArgumentError("Either `probs` or `logits` must be specified, but not both.")
        name = "logits" if probs is None else "probs"
        *others, self.__dict__[name] = broadcast_all(*parameters.values(), logits if probs is None else probs)
        self.__dict__.update((key, value.to(self.__dict__[name].dtype)) for key, value in zip(parameters, others, strict=True))
        Distribution.__init__(self, self.__dict__[name].shape, (), validate_args)

    @property
    def param(self):
        """The one of probs and logits that was given.

        >>> import tensorgrad
        >>> tensorgrad.distributions.Bernoulli(logits=tensorgrad.zeros(2)).param
        tensor([0., 0.])
        """
        return self.probs if "probs" in self.__dict__ else self.logits

    def expand(self, batch_shape, _instance=None):
        """The same distributions for a larger batch shape: parameters expanded, nothing copied. Errors: ShapeError for a shape to
        which the batch shape does not expand.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(0.0, 1.0).expand((2,)).mean
        tensor([0., 0.])
        """
        out = object.__new__(type(self))
        out.__dict__.update(self.__dict__)
        batch_shape = tensorgrad.Size(batch_shape)
        for name, value in self.__dict__.items():
            if isinstance(value, Distribution):
                out.__dict__[name] = value.expand(batch_shape)
            elif isinstance(value, tensorgrad.Tensor) and name in self.arg_constraints:
                dims = self.arg_constraints[name].event_dim
                out.__dict__[name] = value.expand(size(batch_shape, value.shape[value.ndim - dims:]))
        out._batch_shape = batch_shape
        return out

    @property
    def batch_shape(self):
        """The shape of distributions side by side.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(tensorgrad.zeros(3), 1.0).batch_shape
        tensorgrad.Size([3])
        """
        return self._batch_shape

    @property
    def event_shape(self):
        """The shape of one value.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Dirichlet(tensorgrad.ones(5, 3)).event_shape
        tensorgrad.Size([3])
        """
        return self._event_shape

    @property
    def support(self):
        """The constraint that values satisfy.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 4.0).support
        Interval(lower_bound=0.0, upper_bound=4.0)
        """
        raise NotImplementedError(f"{type(self).__name__}.support")

    @property
    def mean(self):
        """The expected value.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 4.0).mean
        tensor(2.)
        """
        raise NotImplementedError(f"{type(self).__name__}.mean")

    @property
    def mode(self):
        """The value of the largest density.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(3.0, 1.0).mode
        tensor(3.)
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement mode")

    @property
    def variance(self):
        """The variance, E(x - mean)^2.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(0.0, 2.0).variance
        tensor(4.)
        """
        raise NotImplementedError(f"{type(self).__name__}.variance")

    @property
    def stddev(self):
        """The standard deviation, the root of the variance.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(0.0, 2.0).stddev
        tensor(2.)
        """
        return self.variance.sqrt()

    def sample(self, sample_shape=()):
        """Values of shape sample_shape + batch_shape + event_shape, outside the graph. Errors: ShapeError for a negative size,
        TypeError for what is no size.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(tensorgrad.zeros(3), 1.0).sample((2,)).shape
        tensorgrad.Size([2, 3])
        """
        with tensorgrad.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=()):
        """Values that depend on the parameters differentiably. Errors: NotImplementedError unless has_rsample.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> loc = tensorgrad.zeros(1, requires_grad=True)
        >>> d.Normal(loc, 1.0).rsample((5,)).sum().backward()
        >>> loc.grad
        tensor([5.])
        """
        raise NotImplementedError(f"{type(self).__name__}.rsample")

    def sample_n(self, n):
        """n values of each; sample((n,)). Errors: ShapeError for a negative size, TypeError for what is no size.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Normal(0.0, 1.0).sample_n(5).shape
        tensorgrad.Size([5])
        """
        return self.sample((n,))

    def log_prob(self, value):
        """The logarithm of the density or probability at value. Errors: ArgumentError outside the support.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 4.0).log_prob(tensorgrad.tensor(1.0)).exp()
        tensor(0.2500)
        """
        if self._validate_args:
            self._validate_sample(value)
        return self.log_density(value)

    def cdf(self, value):
        """The probability of at most value, F(x). Errors: ArgumentError outside the support, NotImplementedError where it is not
        known.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 4.0).cdf(tensorgrad.tensor(1.0))
        tensor(0.2500)
        """
        if self._validate_args:
            self._validate_sample(value)
        return self.cumulative(value)

    def log_density(self, value):
        """log_prob of a value that was checked. Errors: NotImplementedError where there is none, ShapeError for a value that does
        not broadcast.

        >>> import tensorgrad
        >>> class Steady(tensorgrad.distributions.Distribution):
        ...     arg_constraints, support = {}, tensorgrad.distributions.constraints.unit_interval
        ...     def log_density(self, value):
        ...         return 0 * value
        >>> Steady().log_prob(tensorgrad.tensor(0.25))
        tensor(0.)
        """
        raise NotImplementedError(f"{type(self).__name__}.log_prob")

    def cumulative(self, value):
        """cdf of a value that was checked. Errors: NotImplementedError where there is none, ShapeError for a value that does not
        broadcast.

        >>> import tensorgrad
        >>> class Steady(tensorgrad.distributions.Distribution):
        ...     arg_constraints, support = {}, tensorgrad.distributions.constraints.unit_interval
        ...     def cumulative(self, value):
        ...         return value
        >>> Steady().cdf(tensorgrad.tensor(0.25))
        tensor(0.2500)
        """
        raise NotImplementedError(f"{type(self).__name__}.cdf")

    def icdf(self, value):
        """The value that is not exceeded with this probability, the inverse of cdf. Errors: NotImplementedError where it is not
        known.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 4.0).icdf(tensorgrad.tensor(0.25))
        tensor(1.)
        """
        raise NotImplementedError(f"{type(self).__name__}.icdf")

    def enumerate_support(self, expand=True):
        """All values of a discrete distribution, along a new first dimension. Errors: NotImplementedError unless
        has_enumerate_support.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Bernoulli(0.5).enumerate_support()
        tensor([0., 1.])
        """
        raise NotImplementedError(f"{type(self).__name__}.enumerate_support")

    def entropy(self):
        """The expected -log_prob, in nats. Errors: NotImplementedError where it is not known.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 1.0).entropy()
        tensor(0.)
        """
        raise NotImplementedError(f"{type(self).__name__}.entropy")

    def perplexity(self):
        """exp(entropy).

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.Uniform(0.0, 1.0).perplexity()
        tensor(1.)
        """
        return self.entropy().exp()

    def _extended_shape(self, sample_shape=()):
        return size(sample_shape, self._batch_shape, self._event_shape)

    def _validate_sample(self, value):
        if not isinstance(value, tensorgrad.Tensor):
            raise ArgumentError("The value argument to log_prob must be a Tensor")
        shape, expected = tuple(value.shape), tuple(size(self._batch_shape, self._event_shape))
        dims = len(self._event_shape)
        if shape[len(shape) - dims:] != tuple(self._event_shape) or len(shape) < dims:
            raise ArgumentError(f"The right-most size of value must match event_shape: {shape} vs {tuple(self._event_shape)}.")
        if any(1 not in (i, j) and i != j for i, j in zip(reversed(shape), reversed(expected), strict=False)):
            raise ArgumentError(f"Value is not broadcastable with batch_shape+event_shape: {shape} vs {expected}.")
        if not self.support.check(value).all().item():
            raise ArgumentError(f"Expected value argument ({type(value).__name__} of shape {shape}) to be within the support "
                                f"({self.support!r}) of the distribution {self!r}, but found invalid values:\n{value}")

    def __repr__(self):
        parts = [f"{name}: {value if value.numel() == 1 else value.size()}" for name in self.arg_constraints
                 if (value := self.__dict__.get(name)) is not None]
        return f"{type(self).__name__}({', '.join(parts)})"


class ExponentialFamily(Distribution):
    """Densities h(x) exp(theta t(x) - A(theta)): natural parameters theta, log normalizer A; the entropy A - theta A'(theta) - E log h,
    of shape batch_shape, follows from A's gradient, the mean of t. Errors: those of Distribution. Source:
    torch.distributions.ExponentialFamily (Nielsen and Nock 2010).

    >>> from tensorgrad import distributions as d
    >>> issubclass(d.Gamma, d.ExponentialFamily)
    True
    """

    @property
    def _mean_carrier_measure(self):
        """The expected log h(x)."""
        raise NotImplementedError(f"{type(self).__name__}._mean_carrier_measure")

    @property
    def _natural_params(self):
        """theta."""
        raise NotImplementedError(f"{type(self).__name__}._natural_params")

    def _log_normalizer(self, *natural_params):
        """A(theta)."""
        raise NotImplementedError(f"{type(self).__name__}._log_normalizer")

    def entropy(self):
        with tensorgrad.enable_grad():
            theta = [p.detach().requires_grad_() for p in self._natural_params]
            normalizer = self._log_normalizer(*theta)
            means = tensorgrad.autograd.grad(normalizer.sum(), theta, create_graph=True)
        out = normalizer - self._mean_carrier_measure
        for p, mean in zip(theta, means, strict=True):
            out = out - sum_rightmost(p * mean, p.ndim - len(self._batch_shape))
        return out


def standard_normal(shape, like):
    """Normal numbers of like's dtype."""
    return tensorgrad.empty(shape, dtype=like.dtype).normal_()


def uniform(shape, like):
    """Uniform numbers of [0, 1) of like's dtype."""
    return tensorgrad.rand(shape, dtype=like.dtype)


def log_beta(a, b):
    """The logarithm of the beta function."""
    return a.lgamma() + b.lgamma() - (a + b).lgamma()


HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
