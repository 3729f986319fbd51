"""Transforms made of other transforms."""

import functools
import operator

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .distribution import sum_rightmost
from .transform import Transform, widened


def transforms_of(name, parts):
    """The parts as a list. Errors: TypeError for what is no Transform."""
    parts = list(parts)
    for part in parts:
        if not isinstance(part, Transform):
            raise TypeError(f"{name}: expected transforms, got {type(part).__name__}")
    return parts


class ComposeTransform(Transform):
    """y = f_n(... f_1(x)), one transform after the other; an empty list is the identity. Shapes: f_1 takes x's, f_n gives y's. Errors:
    TypeError for what are no transforms, ArgumentError for an x of too few dimensions. Source: torch.distributions.ComposeTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)])(tensorgrad.tensor(0.0))
    tensor(3.)
    """

    _like = ("parts",)

    def __init__(self, parts, cache_size=0):
        super().__init__(cache_size)
        parts = transforms_of("ComposeTransform", parts)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else parts

    @constraints.dependent_property(is_discrete=False)
    def domain(self):
        """The first part's domain, with as many event dimensions as any part needs.

        >>> from tensorgrad import distributions as d
        >>> d.ComposeTransform([d.ExpTransform(), d.AffineTransform(0.0, 2.0)]).domain
        Real()
        """
        if not self.parts:
            return constraints.real
        dims = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            dims = max(dims + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)
        return widened(self.parts[0].domain, dims)

    @constraints.dependent_property(is_discrete=False)
    def codomain(self):
        """The last part's codomain, with as many event dimensions as any part needs.

        >>> from tensorgrad import distributions as d
        >>> d.ComposeTransform([d.AffineTransform(0.0, 2.0), d.ExpTransform()]).codomain
        GreaterThan(lower_bound=0.0)
        """
        if not self.parts:
            return constraints.real
        dims = self.parts[0].domain.event_dim
        for part in self.parts:
            dims = max(dims + part.codomain.event_dim - part.domain.event_dim, part.codomain.event_dim)
        return widened(self.parts[-1].codomain, dims)

    bijective = property(lambda self: all(p.bijective for p in self.parts))
    sign = property(lambda self: functools.reduce(operator.mul, [p.sign for p in self.parts], 1))

    @property
    def inv(self):
        if self._inv is None:
            self._inv = ComposeTransform([p.inv for p in reversed(self.parts)])
            self._inv._inv = self
        return self._inv

    def with_cache(self, cache_size=1):
        return self if self._cache_size == cache_size else ComposeTransform(self.parts, cache_size)

    def __call__(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def log_abs_det_jacobian(self, x, y):
        if not self.parts:
            return tensorgrad.zeros_like(x)
        values = [x]
        for part in self.parts[:-1]:
            values.append(part(values[-1]))
        values.append(y)
        total, dims = 0.0, self.domain.event_dim
        for part, a, b in zip(self.parts, values[:-1], values[1:], strict=True):
            total = total + sum_rightmost(part.log_abs_det_jacobian(a, b), dims - part.domain.event_dim)
            dims += part.codomain.event_dim - part.domain.event_dim
        return total

    def forward_shape(self, shape):
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape):
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self):
        return "ComposeTransform(\n    " + ",\n    ".join(map(repr, self.parts)) + "\n)"


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """y = f(x), of f's shapes, with the last reinterpreted_batch_ndims batch dimensions part of the event: log_abs_det_jacobian is summed
    over them. Errors: TypeError for what is no transform, ArgumentError for an x of too few dimensions. Source:
    torch.distributions.IndependentTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.IndependentTransform(d.ExpTransform(), 1).log_abs_det_jacobian(tensorgrad.ones(3), None)
    tensor(3.)
    """

    _like = ("base_transform", "reinterpreted_batch_ndims")

    def __init__(self, base_transform, reinterpreted_batch_ndims, cache_size=0):
        super().__init__(cache_size)
        base_transform, = transforms_of("IndependentTransform", [base_transform])
        self.base_transform, self.reinterpreted_batch_ndims = base_transform.with_cache(cache_size), reinterpreted_batch_ndims

    domain = constraints.dependent_property(
        lambda self: constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims), is_discrete=False)
    codomain = constraints.dependent_property(
        lambda self: constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims), is_discrete=False)
    bijective = property(lambda self: self.base_transform.bijective)
    sign = property(lambda self: self.base_transform.sign)

    def _call(self, x):
        if x.ndim < self.domain.event_dim:
            raise ArgumentError("Too few dimensions on input")
        return self.base_transform(x)

    def _inverse(self, y):
        if y.ndim < self.codomain.event_dim:
            raise ArgumentError("Too few dimensions on input")
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x, y):
        return sum_rightmost(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def forward_shape(self, shape):
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape):
        return self.base_transform.inverse_shape(shape)

    def __repr__(self):
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class CatTransform(Transform):
    """Pieces of some lengths (1 each) along a dimension of x, (..., length, ...), each with a transform of its own, joined there; length
    is their sum. Errors: TypeError for what are no transforms, ArgumentError for another number of lengths and another size of x. Source:
    torch.distributions.CatTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.CatTransform([d.ExpTransform(), d.AbsTransform()])(tensorgrad.tensor([0.0, -1.0]))
    tensor([1., 1.])
    """

    _like = None

    def __init__(self, tseq, dim=0, lengths=None, cache_size=0):
        super().__init__(cache_size)
        tseq = transforms_of("CatTransform", tseq)
        self.transforms, self.dim = [t.with_cache(cache_size) if cache_size else t for t in tseq], dim
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise ArgumentError(f"CatTransform: {len(self.transforms)} transforms and {len(self.lengths)} lengths")

    event_dim = property(lambda self: max(t.event_dim for t in self.transforms))
    length = property(lambda self: sum(self.lengths))
    bijective = property(lambda self: all(t.bijective for t in self.transforms))
    domain = constraints.dependent_property(
        lambda self: constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths))
    codomain = constraints.dependent_property(
        lambda self: constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths))

    def pieces(self, x):
        """x cut at the lengths. Errors: ArgumentError where they do not add up to the size of dim.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.CatTransform([d.ExpTransform(), d.ExpTransform()], lengths=[1, 2]).pieces(tensorgrad.tensor([1.0, 2.0, 3.0]))
        (tensor([1.]), tensor([2., 3.]))
        """
        if not -x.ndim <= self.dim < x.ndim or x.shape[self.dim] != self.length:
            raise ArgumentError(f"CatTransform: dimension {self.dim} of shape {tuple(x.shape)} must have {self.length} elements")
        return x.split(self.lengths, self.dim)

    def _call(self, x):
        return tensorgrad.cat([t(v) for t, v in zip(self.transforms, self.pieces(x), strict=True)], self.dim)

    def _inverse(self, y):
        return tensorgrad.cat([t.inv(v) for t, v in zip(self.transforms, self.pieces(y), strict=True)], self.dim)

    def log_abs_det_jacobian(self, x, y):
        terms = [sum_rightmost(t.log_abs_det_jacobian(a, b), self.event_dim - t.event_dim)
                 for t, a, b in zip(self.transforms, self.pieces(x), self.pieces(y), strict=True)]
        dim = (self.dim - x.ndim if self.dim >= 0 else self.dim) + self.event_dim
        return tensorgrad.cat(terms, dim) if dim < 0 else sum(terms)


class StackTransform(Transform):
    """y[i] = f_i(x[i]), i along dimension dim of x, (..., n, ...): slices, each with a transform of its own. Errors: TypeError for what
    are no transforms, ArgumentError for another size of x than n. Source: torch.distributions.StackTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.StackTransform([d.ExpTransform(), d.AbsTransform()])(tensorgrad.tensor([0.0, -1.0]))
    tensor([1., 1.])
    """

    _like = None

    def __init__(self, tseq, dim=0, cache_size=0):
        super().__init__(cache_size)
        tseq = transforms_of("StackTransform", tseq)
        self.transforms, self.dim = [t.with_cache(cache_size) if cache_size else t for t in tseq], dim

    bijective = property(lambda self: all(t.bijective for t in self.transforms))
    domain = constraints.dependent_property(lambda self: constraints.stack([t.domain for t in self.transforms], self.dim))
    codomain = constraints.dependent_property(lambda self: constraints.stack([t.codomain for t in self.transforms], self.dim))

    def slices(self, x):
        """x slice by slice. Errors: ArgumentError where the size of dim is not the number of transforms.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.StackTransform([d.ExpTransform(), d.ExpTransform()]).slices(tensorgrad.tensor([1.0, 2.0]))
        (tensor(1.), tensor(2.))
        """
        if not -x.ndim <= self.dim < x.ndim or x.shape[self.dim] != len(self.transforms):
            raise ArgumentError(f"StackTransform: dimension {self.dim} of shape {tuple(x.shape)} must have "
                                f"{len(self.transforms)} elements")
        return x.unbind(self.dim)

    def _call(self, x):
        return tensorgrad.stack([t(v) for t, v in zip(self.transforms, self.slices(x), strict=True)], self.dim)

    def _inverse(self, y):
        return tensorgrad.stack([t.inv(v) for t, v in zip(self.transforms, self.slices(y), strict=True)], self.dim)

    def log_abs_det_jacobian(self, x, y):
        return tensorgrad.stack([t.log_abs_det_jacobian(a, b) for t, a, b in
                                 zip(self.transforms, self.slices(x), self.slices(y), strict=True)], self.dim)
