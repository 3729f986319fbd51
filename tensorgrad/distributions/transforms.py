"""Transforms: differentiable functions with an inverse and the logarithm of the Jacobian's determinant. The names are
torch.distributions.transforms'.

>>> import tensorgrad
>>> exp = tensorgrad.distributions.ExpTransform()
>>> exp.inv(exp(tensorgrad.tensor(2.0)))
tensor(2.)
"""

import functools
import math
import operator

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .distribution import broadcast_all, size, sum_rightmost


class Transform:
    """The base: a subclass gives domain, codomain, forward (_call), inverse (_inverse) and log_abs_det_jacobian(x, y).
    cache_size=1 keeps the last pair, so that the inverse of a value that was just computed is exact."""

    bijective = False
    domain: constraints.Constraint
    codomain: constraints.Constraint
    _like: tuple | None = ()  # attributes that must be equal for two transforms to be; None: only a transform itself is

    def __init__(self, cache_size=0):
        if cache_size not in (0, 1):
            raise ArgumentError(f"cache_size must be 0 or 1, got {cache_size}")
        self._cache_size, self._inv, self._pair = cache_size, None, (None, None)

    @property
    def event_dim(self):
        """The event dimensions of domain and codomain, where they agree."""
        if self.domain.event_dim == self.codomain.event_dim:
            return self.domain.event_dim
        raise ArgumentError("Please use either .domain.event_dim or .codomain.event_dim")

    @property
    def inv(self):
        """The inverse transform."""
        if self._inv is None:
            self._inv = Inverse(self)
        return self._inv

    @property
    def sign(self):
        """The sign of the derivative, where that is one number."""
        raise NotImplementedError(f"{type(self).__name__}.sign")

    def with_cache(self, cache_size=1):
        """This transform with another cache size."""
        if self._cache_size == cache_size:
            return self
        out = object.__new__(type(self))
        out.__dict__.update(self.__dict__)
        Transform.__init__(out, cache_size)
        return out

    def __eq__(self, other):
        if self is other:
            return True
        if type(self) is not type(other) or self._like is None:
            return False
        return all(same(getattr(self, name), getattr(other, name)) for name in self._like)

    __hash__ = object.__hash__

    def __call__(self, x):
        if self._cache_size and x is self._pair[0]:
            return self._pair[1]
        y = self._call(x)
        if self._cache_size:
            self._pair = x, y
        return y

    def _inv_call(self, y):
        if self._cache_size and y is self._pair[1]:
            return self._pair[0]
        x = self._inverse(y)
        if self._cache_size:
            self._pair = x, y
        return x

    def _call(self, x):
        raise NotImplementedError(f"{type(self).__name__}._call")

    def _inverse(self, y):
        raise NotImplementedError(f"{type(self).__name__}._inverse")

    def log_abs_det_jacobian(self, x, y):
        """log |dy / dx|."""
        raise NotImplementedError(f"{type(self).__name__}.log_abs_det_jacobian")

    def __repr__(self):
        return f"{type(self).__name__}()"

    def forward_shape(self, shape):
        """The shape of y, given x's."""
        return shape

    def inverse_shape(self, shape):
        """The shape of x, given y's."""
        return shape


def same(a, b):
    """Whether two attributes are equal: numbers, tensors, lists."""
    out = a == b
    return bool(out.all().item()) if isinstance(out, tensorgrad.Tensor) else bool(out)


class Inverse(Transform):
    """The inverse of a transform."""

    def __init__(self, transform):
        super().__init__(transform._cache_size)
        self._inv = transform

    domain = constraints.dependent_property(lambda self: self._inv.codomain, is_discrete=False)
    codomain = constraints.dependent_property(lambda self: self._inv.domain, is_discrete=False)
    bijective = property(lambda self: self._inv.bijective)
    sign = property(lambda self: self._inv.sign)

    def with_cache(self, cache_size=1):
        return self._inv.with_cache(cache_size).inv

    _like = ("_inv",)

    def __call__(self, x):
        return self._inv._inv_call(x)

    def log_abs_det_jacobian(self, x, y):
        return -self._inv.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape):
        return self._inv.inverse_shape(shape)

    def inverse_shape(self, shape):
        return self._inv.forward_shape(shape)

    def __repr__(self):
        return f"Inverse({self._inv!r})"


class ComposeTransform(Transform):
    """One transform after the other. Source: torch.distributions.ComposeTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)])(tensorgrad.tensor(0.0))
    tensor(3.)
    """

    _like = ("parts",)

    def __init__(self, parts, cache_size=0):
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else parts

    @constraints.dependent_property(is_discrete=False)
    def domain(self):
        """The first part's domain, with as many event dimensions as any part needs."""
        if not self.parts:
            return constraints.real
        dims = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            dims = max(dims + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)
        return widened(self.parts[0].domain, dims)

    @constraints.dependent_property(is_discrete=False)
    def codomain(self):
        """The last part's codomain, with as many event dimensions as any part needs."""
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


def widened(constraint, dims):
    """The constraint with that many event dimensions."""
    return constraints.independent(constraint, dims - constraint.event_dim) if dims > constraint.event_dim else constraint


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform of which the last batch dimensions belong to the event. Source: torch.distributions.IndependentTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.IndependentTransform(d.ExpTransform(), 1).log_abs_det_jacobian(tensorgrad.ones(3), None)
    tensor(3.)
    """

    _like = ("base_transform", "reinterpreted_batch_ndims")

    def __init__(self, base_transform, reinterpreted_batch_ndims, cache_size=0):
        super().__init__(cache_size)
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


class ReshapeTransform(Transform):
    """The last dimensions in another shape. Source: torch.distributions.ReshapeTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.ReshapeTransform((4,), (2, 2))(tensorgrad.arange(4))
    tensor([[0, 1],
            [2, 3]])
    """

    bijective, _like = True, ("in_shape", "out_shape")

    def __init__(self, in_shape, out_shape, cache_size=0):
        self.in_shape, self.out_shape = tensorgrad.Size(in_shape), tensorgrad.Size(out_shape)
        if math.prod(in_shape) != math.prod(out_shape):
            raise ArgumentError(f"in_shape, out_shape have different numbers of elements: {self.in_shape}, {self.out_shape}")
        super().__init__(cache_size)

    domain = constraints.dependent_property(lambda self: constraints.independent(constraints.real, len(self.in_shape)))
    codomain = constraints.dependent_property(lambda self: constraints.independent(constraints.real, len(self.out_shape)))

    def _call(self, x):
        return x.reshape(self.forward_shape(x.shape))

    def _inverse(self, y):
        return y.reshape(self.inverse_shape(y.shape))

    def log_abs_det_jacobian(self, x, y):
        return tensorgrad.zeros(tuple(x.shape[:x.ndim - len(self.in_shape)]), dtype=x.dtype)

    def forward_shape(self, shape):
        return replaced(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape):
        return replaced(shape, self.out_shape, self.in_shape)


def replaced(shape, old, new):
    """shape with its end `old` replaced by `new`. Errors: ArgumentError."""
    cut = len(shape) - len(old)
    if cut < 0 or tuple(shape[cut:]) != tuple(old):
        raise ArgumentError(f"Shape mismatch: expected a shape that ends with {tuple(old)} but got {tuple(shape)}")
    return size(shape[:cut], new)


class ExpTransform(Transform):
    """y = exp(x). Source: torch.distributions.ExpTransform.

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
    """y = x^exponent, x > 0. Source: torch.distributions.PowerTransform.

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


def broadcast(shape, *values):
    """The shape that a tensor of this shape and some numbers or tensors have together."""
    return tensorgrad.broadcast_shapes(tuple(shape), *[tuple(getattr(v, "shape", ())) for v in values])


def clipped_sigmoid(x):
    """sigmoid(x), apart from 0 and 1."""
    limits = tensorgrad.finfo(x.dtype)
    return x.sigmoid().clamp(min=limits.tiny, max=1 - limits.eps)


def softplus(x):
    """log(1 + exp(x))."""
    return tensorgrad.nn.functional.softplus(x)


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(-x)). Source: torch.distributions.SigmoidTransform.

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
    """y = log(1 + exp(x)). Source: torch.distributions.SoftplusTransform.

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
    """y = tanh(x). Source: torch.distributions.TanhTransform.

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
    """y = |x|; the inverse answers y. Source: torch.distributions.AbsTransform.

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
    """y = loc + scale x. event_dim: how many of the last dimensions make one value. Source:
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


def at_least(shape, dims):
    """shape. Errors: ArgumentError for fewer dimensions."""
    if len(shape) < dims:
        raise ArgumentError("Too few dimensions on input")
    return shape


class SoftmaxTransform(Transform):
    """y = softmax(x), the inverse log(y): up to a constant. Source: torch.distributions.SoftmaxTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.SoftmaxTransform()(tensorgrad.zeros(2))
    tensor([0.5000, 0.5000])
    """

    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x):
        return x.softmax(-1)

    def _inverse(self, y):
        return y.log()

    def forward_shape(self, shape):
        return at_least(shape, 1)

    inverse_shape = forward_shape


def padded(x, before, after):
    """x with ones before or after its last dimension."""
    one = tensorgrad.ones(size(x.shape[:-1], (1,)), dtype=x.dtype)
    return tensorgrad.cat([one] * before + [x] + [one] * after, -1)


def left(n, dtype):
    """n, n - 1, ..., 1."""
    return tensorgrad.arange(n, 0, -1, dtype=dtype)


class StickBreakingTransform(Transform):
    """A vector of n numbers as the shares of a stick that is broken n times. Source:
    torch.distributions.StickBreakingTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.StickBreakingTransform()(tensorgrad.zeros(1))
    tensor([0.5000, 0.5000])
    """

    domain, codomain, bijective = constraints.real_vector, constraints.simplex, True

    def _call(self, x):
        z = clipped_sigmoid(x - left(x.shape[-1], x.dtype).log())
        return padded(z, 0, 1) * padded((1 - z).cumprod(-1), 1, 0)

    def _inverse(self, y):
        head = y[..., :-1]
        rest = (1 - head.cumsum(-1)).clamp(min=tensorgrad.finfo(y.dtype).tiny)
        return head.log() - rest.log() + left(head.shape[-1], y.dtype).log()

    def log_abs_det_jacobian(self, x, y):
        x = x - left(x.shape[-1], x.dtype).log()
        return (-x + tensorgrad.nn.functional.logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape):
        return size(at_least(shape, 1)[:-1], (shape[-1] + 1,))

    def inverse_shape(self, shape):
        return size(at_least(shape, 1)[:-1], (shape[-1] - 1,))


class CorrCholeskyTransform(Transform):
    """n (n - 1) / 2 numbers as the Cholesky factor of a correlation matrix: tanh, then each row's sticks are broken. Source:
    torch.distributions.CorrCholeskyTransform (Lewandowski et al. 2009).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.CorrCholeskyTransform()(tensorgrad.zeros(1))
    tensor([[1., 0.],
            [0., 1.]])
    """

    domain, codomain, bijective = constraints.real_vector, constraints.corr_cholesky, True

    def _call(self, x):
        eps = tensorgrad.finfo(x.dtype).eps
        x = x.tanh().clamp(-1 + eps, 1 - eps)
        n = self.forward_shape(x.shape)[-1]
        rows, columns = tensorgrad.tril_indices(n, n, -1)
        r = tensorgrad.zeros(size(x.shape[:-1], (n, n)), dtype=x.dtype)
        r = scatter_lower(r, x, rows, columns)
        left_over = (1 - r ** 2).sqrt().cumprod(-1)
        return (r + tensorgrad.eye(n, dtype=x.dtype)) * padded(left_over[..., :-1], 1, 0)

    def _inverse(self, y):
        rows, columns = tensorgrad.tril_indices(y.shape[-1], y.shape[-1], -1)
        left_over = padded((1 - (y * y).cumsum(-1))[..., :-1], 1, 0)
        t = y[..., rows, columns] / left_over[..., rows, columns].sqrt()
        return (t.log1p() - (-t).log1p()) / 2

    def log_abs_det_jacobian(self, x, y):
        rows, columns = tensorgrad.tril_indices(y.shape[-1], y.shape[-1], -2)
        left_over = (1 - (y * y).cumsum(-1))[..., rows, columns]
        return 0.5 * left_over.log().sum(-1) - 2 * (x + softplus(-2 * x) - math.log(2)).sum(-1)

    def forward_shape(self, shape):
        count = at_least(shape, 1)[-1]
        n = round((0.25 + 2 * count) ** 0.5 + 0.5)
        if n * (n - 1) // 2 != count:
            raise ArgumentError(f"Input is not a flattened lower-diagonal number: {count}")
        return size(shape[:-1], (n, n))

    def inverse_shape(self, shape):
        if at_least(shape, 2)[-1] != shape[-2]:
            raise ArgumentError(f"Input is not square: {tuple(shape)}")
        return size(shape[:-2], (shape[-1] * (shape[-1] - 1) // 2,))


def scatter_lower(zeros, x, rows, columns):
    """x at the places (rows, columns) of each matrix."""
    n = zeros.shape[-1]
    flat = zeros.reshape(size(zeros.shape[:-2], (n * n,)))
    index = (rows * n + columns).expand(tuple(x.shape))
    return flat.scatter(-1, index, x).reshape(tuple(zeros.shape))


class LowerCholeskyTransform(Transform):
    """A matrix as a Cholesky factor: zeros above the diagonal, exp on it. Source:
    torch.distributions.LowerCholeskyTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.LowerCholeskyTransform()(tensorgrad.ones(2, 2))
    tensor([[2.7183, 0.0000],
            [1.0000, 2.7183]])
    """

    domain, codomain = constraints.independent(constraints.real, 2), constraints.lower_cholesky

    def _call(self, x):
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y):
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """A matrix as a positive definite one. Source: torch.distributions.PositiveDefiniteTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.PositiveDefiniteTransform()(tensorgrad.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    domain, codomain = constraints.independent(constraints.real, 2), constraints.positive_definite

    def _call(self, x):
        x = LowerCholeskyTransform()(x)
        return x @ x.mT

    def _inverse(self, y):
        return LowerCholeskyTransform().inv(tensorgrad.linalg.cholesky(y))


class CatTransform(Transform):
    """Pieces of some lengths along a dimension, each with a transform of its own. Source: torch.distributions.CatTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.CatTransform([d.ExpTransform(), d.AbsTransform()])(tensorgrad.tensor([0.0, -1.0]))
    tensor([1., 1.])
    """

    _like = None

    def __init__(self, tseq, dim=0, lengths=None, cache_size=0):
        super().__init__(cache_size)
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
        """x cut at the lengths."""
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
    """Slices along a dimension, each with a transform of its own. Source: torch.distributions.StackTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.StackTransform([d.ExpTransform(), d.AbsTransform()])(tensorgrad.tensor([0.0, -1.0]))
    tensor([1., 1.])
    """

    _like = None

    def __init__(self, tseq, dim=0, cache_size=0):
        super().__init__(cache_size)
        self.transforms, self.dim = [t.with_cache(cache_size) if cache_size else t for t in tseq], dim

    bijective = property(lambda self: all(t.bijective for t in self.transforms))
    domain = constraints.dependent_property(lambda self: constraints.stack([t.domain for t in self.transforms], self.dim))
    codomain = constraints.dependent_property(lambda self: constraints.stack([t.codomain for t in self.transforms], self.dim))

    def slices(self, x):
        """x slice by slice."""
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


class CumulativeDistributionTransform(Transform):
    """y = cdf(x) of a distribution. Source: torch.distributions.CumulativeDistributionTransform.

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
