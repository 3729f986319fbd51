"""Transforms of vectors and matrices."""

import math

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .distribution import size
from .transform import Transform, at_least, clipped_sigmoid, softplus


class ReshapeTransform(Transform):
    """y = x with its last dimensions in another shape: (..., *in_shape) -> (..., *out_shape). Errors: ArgumentError for different numbers
    of elements and an x that does not end in in_shape. Source: torch.distributions.ReshapeTransform.

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


class SoftmaxTransform(Transform):
    """y = softmax(x) over the last dimension, (..., n) -> (..., n), the inverse log(y): up to a constant. Errors: NotImplementedError for
    log_abs_det_jacobian: it is not bijective; DTypeError for what is not floating-point. Source: torch.distributions.SoftmaxTransform.

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
    """A vector of n numbers as the shares of a stick that is broken n times: (..., n) -> (..., n + 1), y_i = z_i (1 - z_1) ... (1 -
    z_(i-1)), z_i = sigmoid(x_i - log(n + 1 - i)), z_(n+1) = 1. Errors: ArgumentError for a single number. Source:
    torch.distributions.StickBreakingTransform.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.StickBreakingTransform()(tensorgrad.zeros(1))
    tensor([0.5000, 0.5000])
    """

    domain, codomain, bijective = constraints.real_vector, constraints.simplex, True

    def _call(self, x):
        z = clipped_sigmoid(x - left(at_least(x.shape, 1)[-1], x.dtype).log())
        return padded(z, 0, 1) * padded((1 - z).cumprod(-1), 1, 0)

    def _inverse(self, y):
        at_least(y.shape, 1)
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
    """n (n - 1) / 2 numbers as the Cholesky factor of a correlation matrix, (..., n (n - 1) / 2) -> (..., n, n): y[i, j] = z_ij sqrt((1 -
    z_i1^2) ... (1 - z_i(j-1)^2)), z = tanh(x) row by row below the diagonal, z_ii = 1. Errors: ArgumentError for sizes that fit no matrix
    and a single number. Source: torch.distributions.CorrCholeskyTransform (Lewandowski et al. 2009).

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
        """[..., n (n - 1) / 2] -> [..., n, n]. Errors: ArgumentError for another number of elements."""
        count = at_least(shape, 1)[-1]
        n = round((0.25 + 2 * count) ** 0.5 + 0.5)
        if n * (n - 1) // 2 != count:
            raise ArgumentError(f"Input is not a flattened lower-diagonal number: {count}")
        return size(shape[:-1], (n, n))

    def inverse_shape(self, shape):
        """[..., n, n] -> [..., n (n - 1) / 2]. Errors: ArgumentError for a shape that is not square."""
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
    """A matrix as a Cholesky factor, (..., n, n) -> (..., n, n): y = x below the diagonal, exp(x) on it, 0 above. Errors: ShapeError for
    what are no square matrices. Source: torch.distributions.LowerCholeskyTransform.

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
    """A matrix as a positive definite one, y = L L' with L = LowerCholeskyTransform(x): (..., n, n) -> (..., n, n). Errors: ShapeError
    for what are no square matrices, LinAlgError for the inverse of one that is not positive definite. Source:
    torch.distributions.PositiveDefiniteTransform.

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
