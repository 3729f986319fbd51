"""Distributions made of others: independent dimensions, transformed values, mixtures."""

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .discrete import Categorical
from .distribution import Distribution, size, sum_rightmost
from .transforms import ComposeTransform, Transform


def check_base(given):
    """What is built on a distribution. Errors: ArgumentError for another object."""
    if not isinstance(given, Distribution):
        raise ArgumentError(f"base_distribution must be a Distribution, got {type(given).__name__}")


class Independent(Distribution):
    """A distribution whose last batch dimensions are part of the event: log_prob is the base's, summed over them. batch_shape loses the
    last reinterpreted_batch_ndims sizes, event_shape gains them in front. Errors: ArgumentError for more reinterpreted_batch_ndims than
    there are and what is no distribution. Source: torch.distributions.Independent.

    >>> import tensorgrad
    >>> normal = tensorgrad.distributions.Normal(tensorgrad.zeros(3), tensorgrad.ones(3))
    >>> tensorgrad.distributions.Independent(normal, 1).log_prob(tensorgrad.zeros(3))
    tensor(-2.7568)
    """

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        check_base(base_distribution)
        batch = len(base_distribution.batch_shape)
        if not 0 <= reinterpreted_batch_ndims <= batch:
            raise ArgumentError("Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                                f"{reinterpreted_batch_ndims} vs {batch}")
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, reinterpreted_batch_ndims
        shape, cut = size(base_distribution.batch_shape, base_distribution.event_shape), batch - reinterpreted_batch_ndims
        super().__init__(shape[:cut], shape[cut:], validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        inner = self._event_shape[:self.reinterpreted_batch_ndims]
        return Independent(self.base_dist.expand(size(batch_shape, inner)), self.reinterpreted_batch_ndims, validate_args=False)

    has_rsample = property(lambda self: self.base_dist.has_rsample)
    has_enumerate_support = property(lambda self: not self.reinterpreted_batch_ndims and self.base_dist.has_enumerate_support)
    mean = property(lambda self: self.base_dist.mean)
    mode = property(lambda self: self.base_dist.mode)
    variance = property(lambda self: self.base_dist.variance)

    @constraints.dependent_property
    def support(self):
        """The base's support for all of the event."""
        n = self.reinterpreted_batch_ndims
        return constraints.independent(self.base_dist.support, n) if n else self.base_dist.support

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self):
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand=True):
        if self.reinterpreted_batch_ndims:
            raise NotImplementedError("Enumeration over cartesian product is not implemented")
        return self.base_dist.enumerate_support(expand)

    def __repr__(self):
        return f"{type(self).__name__}({self.base_dist}, {self.reinterpreted_batch_ndims})"


class TransformedDistribution(Distribution):
    """The distribution of y = f(x), f the transforms one after the other, for x of a base distribution; log_prob(y) = base.log_prob(x) -
    log |det df/dx|. batch_shape and event_shape: the base's, through the transforms' shapes and event dimensions. Errors: ArgumentError
    for a base that does not fit, what are no transforms, and values outside the support. Source:
    torch.distributions.TransformedDistribution.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.TransformedDistribution(d.Normal(0.0, 1.0), d.ExpTransform()).log_prob(tensorgrad.tensor(1.0))
    tensor(-0.9189)
    """

    def __init__(self, base_distribution, transforms, validate_args=None):
        self.transforms = [transforms] if isinstance(transforms, Transform) else transforms
        if not isinstance(self.transforms, list) or not all(isinstance(t, Transform) for t in self.transforms):
            raise ArgumentError(f"transforms must be a Transform or a list of Transforms, got {transforms!r}")
        check_base(base_distribution)
        shape = size(base_distribution.batch_shape, base_distribution.event_shape)
        event = len(base_distribution.event_shape)
        transform = ComposeTransform(self.transforms)
        domain, codomain = transform.domain.event_dim, transform.codomain.event_dim
        if len(shape) < domain:
            raise ArgumentError(f"base_distribution needs to have shape with size at least {domain}, but got {tuple(shape)}.")
        forward = tensorgrad.Size(transform.forward_shape(shape))
        expanded = tensorgrad.Size(transform.inverse_shape(forward))
        if shape != expanded:
            base_distribution = base_distribution.expand(expanded[:len(expanded) - event])
        if domain > event:
            base_distribution = Independent(base_distribution, domain - event)
        self.base_dist = base_distribution
        cut = len(forward) - max(codomain, event + codomain - domain)
        Distribution.__init__(self, forward[:cut], forward[cut:], validate_args)

    def expand(self, batch_shape, _instance=None):
        batch_shape = tensorgrad.Size(batch_shape)
        inner = tensorgrad.Size(ComposeTransform(self.transforms).inverse_shape(size(batch_shape, self._event_shape)))
        out = object.__new__(type(self))
        out.__dict__.update(self.__dict__)
        for name in self.arg_constraints:
            if isinstance(self.__dict__.get(name), tensorgrad.Tensor):
                out.__dict__[name] = self.__dict__[name].expand(batch_shape)
        out.base_dist = self.base_dist.expand(inner[:len(inner) - len(self.base_dist.event_shape)])
        out._batch_shape = batch_shape
        return out

    has_rsample = property(lambda self: self.base_dist.has_rsample)

    @constraints.dependent_property(is_discrete=False)
    def support(self):
        """The last transform's codomain."""
        if not self.transforms:
            return self.base_dist.support
        support = self.transforms[-1].codomain
        more = len(self._event_shape) - support.event_dim
        return constraints.independent(support, more) if more > 0 else support

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            return ComposeTransform(self.transforms)(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape=()):
        return ComposeTransform(self.transforms)(self.base_dist.rsample(sample_shape))

    def log_density(self, value):
        dims, total = len(self._event_shape), 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(value)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            total = total - sum_rightmost(transform.log_abs_det_jacobian(x, value), dims - transform.domain.event_dim)
            value = x
        return total + sum_rightmost(self.base_dist.log_prob(value), dims - len(self.base_dist.event_shape))

    def turned(self, probability):
        """1 - probability where the transforms together fall. Errors: NotImplementedError for a transform without a sign.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> falling = d.TransformedDistribution(d.Normal(0.0, 1.0), [d.AffineTransform(0.0, -1.0)])
        >>> falling.turned(tensorgrad.tensor(0.25))
        tensor(0.7500)
        """
        sign = ComposeTransform(self.transforms).sign
        return probability if isinstance(sign, int) and sign == 1 else sign * (probability - 0.5) + 0.5

    def cdf(self, value):
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self.turned(self.base_dist.cdf(value))

    def icdf(self, value):
        return ComposeTransform(self.transforms)(self.base_dist.icdf(self.turned(value)))


class MixtureSameFamily(Distribution):
    """sum over i of probs[i] p_i(x): a component drawn by a Categorical (mixture_distribution), then a value of that component (the last
    batch dimension of component_distribution). batch_shape: the components' without that, event_shape theirs. Errors: ArgumentError for
    shapes that do not fit, other objects and values outside the support. Source: torch.distributions.MixtureSameFamily.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.MixtureSameFamily(d.Categorical(tensorgrad.ones(2)), d.Normal(tensorgrad.tensor([-1.0, 1.0]), 1.0)).variance
    tensor(2.)
    """

    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        if not isinstance(mixture_distribution, Categorical):
            raise ArgumentError("The Mixture distribution needs to be an instance of Categorical")
        if not isinstance(component_distribution, Distribution):
            raise ArgumentError("The Component distribution needs to be an instance of Distribution")
        self._mixture, self._component = mixture_distribution, component_distribution
        batch = component_distribution.batch_shape[:-1]
        if any(1 not in (i, j) and i != j for i, j in zip(reversed(mixture_distribution.batch_shape), reversed(batch), strict=False)):
            raise ArgumentError(f"`mixture_distribution.batch_shape` ({tuple(mixture_distribution.batch_shape)}) is not compatible "
                                f"with `component_distribution.batch_shape` ({tuple(batch)})")
        if mixture_distribution._num_events != component_distribution.batch_shape[-1]:
            raise ArgumentError(f"`mixture_distribution component` ({mixture_distribution._num_events}) does not equal "
                                f"`component_distribution.batch_shape[-1]` ({component_distribution.batch_shape[-1]})")
        self._num_component, self._event_ndims = mixture_distribution._num_events, len(component_distribution.event_shape)
        super().__init__(batch, component_distribution.event_shape, validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        return MixtureSameFamily(self._mixture.expand(batch_shape), self._component.expand(size(batch_shape, (self._num_component,))),
                                 validate_args=False)

    mixture_distribution = property(lambda self: self._mixture)
    component_distribution = property(lambda self: self._component)
    support = constraints.dependent_property(lambda self: constraints.MixtureSameFamilyConstraint(self._component.support))

    def weighted(self, values):
        """The sum of the components' values, weighted with their probabilities. Errors: ShapeError where they do not broadcast.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> weights = d.Categorical(tensorgrad.tensor([0.25, 0.75]))
        >>> mixture = d.MixtureSameFamily(weights, d.Normal(tensorgrad.zeros(2), tensorgrad.ones(2)))
        >>> mixture.weighted(tensorgrad.tensor([0.0, 4.0]))
        tensor(3.)
        """
        probs = self._mixture.probs
        return (probs.reshape(tuple(probs.shape) + (1,) * self._event_ndims) * values).sum(-1 - self._event_ndims)

    @property
    def mean(self):
        return self.weighted(self._component.mean)

    @property
    def variance(self):
        spread = (self._component.mean - self.mean.unsqueeze(-1 - self._event_ndims)) ** 2
        return self.weighted(self._component.variance) + self.weighted(spread)

    def cumulative(self, value):
        return (self._component.cdf(value.unsqueeze(-1 - self._event_ndims)) * self._mixture.probs).sum(-1)

    def cdf(self, value):
        return self.cumulative(value)

    def log_density(self, value):
        each = self._component.log_prob(value.unsqueeze(-1 - self._event_ndims))
        return (each + self._mixture.logits.log_softmax(-1)).logsumexp(-1)

    def sample(self, sample_shape=()):
        with tensorgrad.no_grad():
            dim = len(sample_shape) + len(self._batch_shape)
            chosen = self._mixture.sample(sample_shape)
            values = self._component.sample(sample_shape)
            index = chosen.reshape(tuple(chosen.shape) + (1,) * (self._event_ndims + 1))
            return values.gather(dim, index.expand(size(chosen.shape, (1,), self._event_shape))).squeeze(dim)

    def __repr__(self):
        return f"MixtureSameFamily(\n  {self._mixture},\n  {self._component})"
