"""Transforms of single numbers."""

import math

import tensorgrad

from . import constraints
from .distribution import broadcast_all, sum_rightmost
from .transform import Transform, broadcast, clipped_sigmoid, softplus, widened


class ExpTransform(Transform):
    """y = exp(x), number by number, of any shape. Errors: ArgumentError for cache_size other than 0 and 1, AttributeError for what is no
    tensor. Source: torch.distributions.ExpTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.ExpTransform()(tensorgrad.tensor(0.0))
    tensor(1.)
    """

    domain, codomain, bijective, sign = constraints.real, constraints.positive, True, 1

    def _call(self, x):
        return x.exp()

    def _inverse(self, y):
        return y.log()

    def log_abs_det_jacobian(self, x, y):
        return x


class PowerTransform(Transform):
    """y = x^exponent, x > 0, number by number, of any shape; exponent a number or a tensor. Errors: ArgumentError for an exponent that is
    neither, ShapeError for one that does not broadcast. Source: torch.distributions.PowerTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.PowerTransform(2.0)(tensorgrad.tensor(3.0))
    tensor(9.)
    """

    domain, codomain, bijective, _like = constraints.positive, constraints.positive, True, ("exponent",)

    def __init__(self, exponent, cache_size=0):
        super().__init__(cache_size)
        self.exponent, = broadcast_all(exponent)

    sign = property(lambda self: self.exponent.sign())

    def _call(self, x):
        return x ** self.exponent

    def _inverse(self, y):
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x, y):
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape):
        return broadcast(shape, self.exponent)

    inverse_shape = forward_shape


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(-x)), number by number, of any shape, kept off 0 and 1. Errors: DTypeError for what is not floating-point. Source:
    torch.distributions.SigmoidTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.SigmoidTransform().inv(tensorgrad.tensor(0.5))
    tensor(0.)
    """

    domain, codomain, bijective, sign = constraints.real, constraints.unit_interval, True, 1

    def _call(self, x):
        return clipped_sigmoid(x)

    def _inverse(self, y):
        limits = tensorgrad.finfo(y.dtype)
        y = y.clamp(min=limits.tiny, max=1 - limits.eps)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x, y):
        return -softplus(-x) - softplus(x)


class SoftplusTransform(Transform):
    """y = log(1 + exp(x)), number by number, of any shape. Errors: ArgumentError for cache_size other than 0 and 1, TypeError for what is
    neither a tensor nor a number. Source: torch.distributions.SoftplusTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.SoftplusTransform()(tensorgrad.tensor(0.0))
    tensor(0.6931)
    """

    domain, codomain, bijective, sign = constraints.real, constraints.positive, True, 1

    def _call(self, x):
        return softplus(x)

    def _inverse(self, y):
        return (-(-y).expm1()).log() + y

    def log_abs_det_jacobian(self, x, y):
        return -softplus(-x)


class TanhTransform(Transform):
    """y = tanh(x), number by number, of any shape. Errors: ArgumentError for cache_size other than 0 and 1, AttributeError for what is no
    tensor. Source: torch.distributions.TanhTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.TanhTransform()(tensorgrad.tensor(0.0))
    tensor(0.)
    """

    domain, codomain, bijective, sign = constraints.real, constraints.interval(-1.0, 1.0), True, 1

    def _call(self, x):
        return x.tanh()

    def _inverse(self, y):
        return y.atanh()

    def log_abs_det_jacobian(self, x, y):
        return 2 * (math.log(2) - x - softplus(-2 * x))


class AbsTransform(Transform):
    """y = |x|, number by number, of any shape; the inverse answers y. Errors: NotImplementedError for log_abs_det_jacobian: it is not
    bijective. Source: torch.distributions.AbsTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.AbsTransform()(tensorgrad.tensor(-2.0))
    tensor(2.)
    """

    domain, codomain = constraints.real, constraints.positive

    def _call(self, x):
        return x.abs()

    def _inverse(self, y):
        return y


class AffineTransform(Transform):
    """y = loc + scale x, of any shape; loc and scale numbers or tensors that broadcast with x. event_dim: how many of the last dimensions
    make one value. Errors: ShapeError for shapes that do not broadcast, TypeError for a loc that is no number. Source:
    torch.distributions.AffineTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.AffineTransform(1.0, 2.0).inv(tensorgrad.tensor(3.0))
    tensor(1.)
    """

    bijective, _like = True, ("loc", "scale")

    def __init__(self, loc, scale, event_dim=0, cache_size=0):
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    event_dim = property(lambda self: self._event_dim)
    domain = constraints.dependent_property(lambda self: widened(constraints.real, self._event_dim), is_discrete=False)
    codomain = domain

    @property
    def sign(self):
        if isinstance(self.scale, tensorgrad.Tensor):
            return self.scale.sign()
        return (self.scale > 0) - (self.scale < 0)

    def _call(self, x):
        return self.loc + self.scale * x

    def _inverse(self, y):
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x, y):
        if isinstance(self.scale, tensorgrad.Tensor):
            out = self.scale.abs().log()
        else:
            out = tensorgrad.full_like(x, math.log(abs(self.scale)))
        return sum_rightmost(out.expand(tuple(x.shape)), self._event_dim)

    def forward_shape(self, shape):
        return broadcast(shape, self.loc, self.scale)

    inverse_shape = forward_shape


class CumulativeDistributionTransform(Transform):
    """y = cdf(x) of a distribution, x = icdf(y), number by number, of any shape that broadcasts with its batch_shape. Errors:
    ArgumentError for values outside the support, NotImplementedError for a distribution without cdf. Source:
    torch.distributions.CumulativeDistributionTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.CumulativeDistributionTransform(d.Normal(0.0, 1.0))(tensorgrad.tensor(0.0))
    tensor(0.5000)
    """

    bijective, codomain, sign, _like = True, constraints.unit_interval, 1, None

    def __init__(self, distribution, cache_size=0):
        super().__init__(cache_size)
        self.distribution = distribution

    domain = property(lambda self: self.distribution.support)

    def _call(self, x):
        return self.distribution.cdf(x)

    def _inverse(self, y):
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x, y):
        return self.distribution.log_prob(x)
