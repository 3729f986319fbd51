"""Transform, the base of all transforms, its inverse, and what several of them share."""

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints


class Transform:
    """The base: a subclass gives domain, codomain (constraints of x and y), bijective, forward (_call), inverse (_inverse) and
    log_abs_det_jacobian(x, y) = log |det dy/dx|, one number for the last event_dim dimensions of x; forward_shape(shape),
    inverse_shape(shape) where y has not x's shape. cache_size=1 keeps the last pair, so that the inverse of a value that was just
    computed is exact. Errors: ArgumentError for another cache_size, NotImplementedError for what a transform does not have. Source:
    torch.distributions.Transform.

    >>> from tensorgrad import distributions as d
    >>> d.ExpTransform() == d.ExpTransform(), d.ExpTransform().inv
    (True, Inverse(ExpTransform()))
    """

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
        """The event dimensions of domain and codomain, where they agree. Errors: ArgumentError.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.ExpTransform().event_dim
        0
        """
        if self.domain.event_dim == self.codomain.event_dim:
            return self.domain.event_dim
        raise ArgumentError("Please use either .domain.event_dim or .codomain.event_dim")

    @property
    def inv(self):
        """The inverse transform.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.ExpTransform().inv(tensorgrad.ones(1))
        tensor([0.])
        """
        if self._inv is None:
            self._inv = Inverse(self)
        return self._inv

    @property
    def sign(self):
        """The sign of the derivative, where that is one number.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.AffineTransform(0.0, -2.0).sign
        -1
        """
        raise NotImplementedError(f"{type(self).__name__}.sign")

    def with_cache(self, cache_size=1):
        """This transform with another cache size. Errors: ArgumentError for other than 0 or 1.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.ExpTransform().with_cache() == d.ExpTransform()
        True
        """
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
        """log |dy / dx|. Errors: NotImplementedError where there is none.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> x = tensorgrad.tensor(3.0)
        >>> d.ExpTransform().log_abs_det_jacobian(x, x.exp())
        tensor(3.)
        """
        raise NotImplementedError(f"{type(self).__name__}.log_abs_det_jacobian")

    def __repr__(self):
        return f"{type(self).__name__}()"

    def forward_shape(self, shape):
        """The shape of y, given x's. Errors: ArgumentError for fewer dimensions than an event has, or sizes that no event has.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.StickBreakingTransform().forward_shape((4, 2))
        tensorgrad.Size([4, 3])
        """
        return shape

    def inverse_shape(self, shape):
        """The shape of x, given y's. Errors: ArgumentError for fewer dimensions than an event has, or sizes that no event has.

        >>> import tensorgrad
        >>> from tensorgrad import distributions as d
        >>> d.StickBreakingTransform().inverse_shape((4, 3))
        tensorgrad.Size([4, 2])
        """
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


def widened(constraint, dims):
    """The constraint with that many event dimensions."""
    return constraints.independent(constraint, dims - constraint.event_dim) if dims > constraint.event_dim else constraint


def broadcast(shape, *values):
    """The shape that a tensor of this shape and some numbers or tensors have together."""
    return tensorgrad.broadcast_shapes(tuple(shape), *[tuple(getattr(v, "shape", ())) for v in values])


def at_least(shape, dims):
    """shape. Errors: ArgumentError for fewer dimensions."""
    if len(shape) < dims:
        raise ArgumentError("Too few dimensions on input")
    return shape


def clipped_sigmoid(x):
    """sigmoid(x), apart from 0 and 1."""
    limits = tensorgrad.finfo(x.dtype)
    return x.sigmoid().clamp(min=limits.tiny, max=1 - limits.eps)


def softplus(x):
    """log(1 + exp(x))."""
    return tensorgrad.nn.functional.softplus(x)
