"""Distributions of vectors and matrices: multivariate normal, Wishart, LKJ."""

import math
import warnings

import tensorgrad

from .._core.errors import ArgumentError
from . import constraints
from .distribution import (
    HALF_LOG_2PI,
    Distribution,
    ExponentialFamily,
    broadcast_all,
    check_dims,
    lazy_property,
    size,
    standard_normal,
)
from .positive import Chi2
from .simplex import Beta

MATRIX = {"covariance_matrix": constraints.positive_definite, "precision_matrix": constraints.positive_definite,
          "scale_tril": constraints.lower_cholesky}


def log_diagonal(factor):
    """The sum of the logarithms of the diagonal: half the log-determinant of factor factor'."""
    return factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def solve(factor, right):
    """factor^-1 right for a lower triangular factor."""
    batch = tensorgrad.broadcast_shapes(tuple(factor.shape[:-2]), tuple(right.shape[:-2]))
    return tensorgrad.linalg.solve_triangular(factor.expand(size(batch, factor.shape[-2:])),
                                              right.expand(size(batch, right.shape[-2:])), upper=False)


def mahalanobis(factor, x):
    """x' (factor factor')^-1 x."""
    return (solve(factor, x.unsqueeze(-1)) ** 2).sum((-2, -1))


def trace_square(x):
    """The trace of x x'."""
    return (x ** 2).sum((-2, -1))


def apply(matrix, x):
    """matrix times each vector."""
    return (matrix @ x.unsqueeze(-1)).squeeze(-1)


def factor_of_inverse(precision):
    """The lower Cholesky factor of precision^-1."""
    flipped = tensorgrad.linalg.cholesky(precision.flip((-2, -1)))
    upper = flipped.flip((-2, -1)).mT
    return solve(upper, tensorgrad.eye(precision.shape[-1], dtype=precision.dtype))


class Scaled(Distribution):
    """What distributions with a covariance, a precision or a Cholesky factor share: the other two follow."""

    def take_matrix(self, batch, **matrices):
        """Keep the one matrix that was given; returns the batch shape. Errors: ArgumentError.

        >>> from tensorgrad import Size, distributions, eye, zeros
        >>> distributions.MultivariateNormal(zeros(2), eye(2)).take_matrix(Size([]), scale_tril=None, precision_matrix=2 * eye(2))
        tensorgrad.Size([])
        """
        given = {name: m for name, m in matrices.items() if m is not None}
        if len(given) != 1:
            raise ArgumentError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        (name, matrix), = given.items()
        check_dims(name, matrix, 2)
        batch = tensorgrad.broadcast_shapes(tuple(batch), tuple(matrix.shape[:-2]))
        self.__dict__[name] = matrix.expand(size(batch, matrix.shape[-2:]))
        return batch

    @lazy_property
    def scale_tril(self):
        """The lower Cholesky factor of the covariance."""
        if "covariance_matrix" in self.__dict__:
            return tensorgrad.linalg.cholesky(self.covariance_matrix)
        return factor_of_inverse(self.precision_matrix)

    @lazy_property
    def covariance_matrix(self):
        """The covariance (of Wishart: the scale)."""
        return self.scale_tril @ self.scale_tril.mT

    @lazy_property
    def precision_matrix(self):
        """The inverse of the covariance."""
        inverse = solve(self.scale_tril, tensorgrad.eye(self.scale_tril.shape[-1], dtype=self.scale_tril.dtype))
        return inverse.mT @ inverse


class MultivariateNormal(Scaled):
    """loc + L z, z normal, L the Cholesky factor of the covariance S: exp(-(x - loc)' S^-1 (x - loc) / 2) / sqrt((2 pi)^n det S). loc
    (..., n) and one of covariance_matrix, precision_matrix = S^-1 and scale_tril = L, (..., n, n); batch_shape their (...), broadcast,
    event_shape (n). Errors: ArgumentError for a loc that is a number, other shapes, another number of matrices, and those that are not
    positive definite, or not lower triangular with a positive diagonal; ShapeError for batch shapes that do not broadcast, DTypeError for
    samples of an integer loc. Source: torch.distributions.MultivariateNormal.

    >>> import tensorgrad
    >>> tensorgrad.distributions.MultivariateNormal(tensorgrad.zeros(2), tensorgrad.eye(2)).log_prob(tensorgrad.zeros(2))
    tensor(-1.8379)
    """

    arg_constraints = {"loc": constraints.real_vector, **MATRIX}
    support, has_rsample = constraints.real_vector, True

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        check_dims("loc", loc)
        batch = self.take_matrix(loc.shape[:-1], covariance_matrix=covariance_matrix, precision_matrix=precision_matrix,
                                 scale_tril=scale_tril)
        matrix = next(self.__dict__[name] for name in MATRIX if name in self.__dict__)
        if matrix.shape[-2:] != (loc.shape[-1],) * 2:
            raise ArgumentError(f"MultivariateNormal: a loc of shape {tuple(loc.shape)} does not fit a matrix of shape "
                                f"{tuple(matrix.shape)}")
        self.loc = loc.expand(size(batch, loc.shape[-1:]))
        super().__init__(batch, loc.shape[-1:], validate_args=validate_args)

    mean = mode = property(lambda self: self.loc)
    variance = property(lambda self: (self.scale_tril ** 2).sum(-1))

    def rsample(self, sample_shape=()):
        return self.loc + apply(self.scale_tril, standard_normal(self._extended_shape(sample_shape), self.loc))

    def log_density(self, value):
        n = self._event_shape[0]
        return -0.5 * mahalanobis(self.scale_tril, value - self.loc) - n * HALF_LOG_2PI - log_diagonal(self.scale_tril)

    def entropy(self):
        return self._event_shape[0] * (0.5 + HALF_LOG_2PI) + log_diagonal(self.scale_tril)


class LowRankMultivariateNormal(Distribution):
    """A normal vector with the covariance W W' + D, D a diagonal; Woodbury's formulas need (m, m) matrices only. loc (..., n), cov_factor
    W (..., n, m), cov_diag (..., n); batch_shape their (...), broadcast, event_shape (n). Errors: ArgumentError for shapes that do not
    fit and cov_diag <= 0, ShapeError for batch shapes that do not broadcast, DTypeError for samples of an integer loc. Source:
    torch.distributions.LowRankMultivariateNormal.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.LowRankMultivariateNormal(tensorgrad.zeros(2), tensorgrad.ones(2, 1), tensorgrad.ones(2)).variance
    tensor([2., 2.])
    """

    arg_constraints = {"loc": constraints.real_vector, "cov_factor": constraints.independent(constraints.real, 2),
                       "cov_diag": constraints.independent(constraints.positive, 1)}
    support, has_rsample = constraints.real_vector, True

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        for name, value in (("loc", loc), ("cov_factor", cov_factor), ("cov_diag", cov_diag)):
            check_dims(name, value)
        n = loc.shape[-1]
        if cov_factor.ndim < 2 or cov_factor.shape[-2] != n:
            raise ArgumentError(f"cov_factor must be a batch of matrices with shape {n} x m, got {tuple(cov_factor.shape)}")
        if cov_diag.shape[-1] != n:
            raise ArgumentError(f"cov_diag must be a batch of vectors with shape ({n},), got {tuple(cov_diag.shape)}")
        batch = tensorgrad.broadcast_shapes(tuple(loc.shape[:-1]), tuple(cov_factor.shape[:-2]), tuple(cov_diag.shape[:-1]))
        self.loc, self.cov_diag = loc.expand(size(batch, (n,))), cov_diag.expand(size(batch, (n,)))
        self.cov_factor = cov_factor.expand(size(batch, cov_factor.shape[-2:]))
        super().__init__(batch, (n,), validate_args=validate_args)

    mean = mode = property(lambda self: self.loc)
    variance = property(lambda self: (self.cov_factor ** 2).sum(-1) + self.cov_diag)

    @property
    def weighted(self):
        """W' D^-1.

        >>> from tensorgrad import distributions, ones
        >>> distributions.LowRankMultivariateNormal(ones(2), ones(2, 1), 2 * ones(2)).weighted
        tensor([[0.5000, 0.5000]])
        """
        return self.cov_factor.mT / self.cov_diag.unsqueeze(-2)

    @property
    def capacitance(self):
        """The Cholesky factor of I + W' D^-1 W.

        >>> from tensorgrad import distributions, ones
        >>> distributions.LowRankMultivariateNormal(ones(2), ones(2, 1), ones(2)).capacitance
        tensor([[1.7321]])
        """
        eye = tensorgrad.eye(self.cov_factor.shape[-1], dtype=self.loc.dtype)
        return tensorgrad.linalg.cholesky(self.weighted @ self.cov_factor + eye)

    @lazy_property
    def covariance_matrix(self):
        """W W' + D."""
        return self.cov_factor @ self.cov_factor.mT + self.cov_diag.diag_embed()

    @lazy_property
    def scale_tril(self):
        """The lower Cholesky factor of the covariance."""
        return tensorgrad.linalg.cholesky(self.covariance_matrix)

    @lazy_property
    def precision_matrix(self):
        """The inverse of the covariance."""
        a = solve(self.capacitance, self.weighted)
        return self.cov_diag.reciprocal().diag_embed() - a.mT @ a

    def log_determinant(self):
        """Of the covariance.

        >>> from tensorgrad import distributions, ones
        >>> distributions.LowRankMultivariateNormal(ones(2), ones(2, 1), ones(2)).log_determinant()
        tensor(1.0986)
        """
        return 2 * log_diagonal(self.capacitance) + self.cov_diag.log().sum(-1)

    def distance(self, x):
        """x' covariance^-1 x. Errors: ShapeError for vectors of another length.

        >>> from tensorgrad import distributions, ones
        >>> distributions.LowRankMultivariateNormal(ones(2), ones(2, 1), ones(2)).distance(ones(2))
        tensor(0.6667)
        """
        return (x ** 2 / self.cov_diag).sum(-1) - mahalanobis(self.capacitance, apply(self.weighted, x))

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        common = standard_normal(size(shape[:-1], self.cov_factor.shape[-1:]), self.loc)
        own = standard_normal(shape, self.loc)
        return self.loc + apply(self.cov_factor, common) + self.cov_diag.sqrt() * own

    def log_density(self, value):
        return -self._event_shape[0] * HALF_LOG_2PI - 0.5 * (self.log_determinant() + self.distance(value - self.loc))

    def entropy(self):
        return self._event_shape[0] * (0.5 + HALF_LOG_2PI) + 0.5 * self.log_determinant()


class Wishart(Scaled, ExponentialFamily):
    """x x' for a matrix x of df normal vectors with the covariance S: det(X)^((df - n - 1) / 2) exp(-tr(S^-1 X) / 2) / (2^(df n / 2)
    det(S)^(df / 2) Gamma_n(df / 2)). df (...), one of covariance_matrix, precision_matrix and scale_tril (..., n, n); batch_shape (...),
    broadcast, event_shape (n, n). PyTorch draws again where a first sample is not singular; here the first one counts, so that the
    numbers differ. Errors: ArgumentError for df <= n - 1, another number of matrices, and those that are not positive definite,
    ShapeError for batch shapes that do not broadcast, DTypeError for samples of an integer df. Source: torch.distributions.Wishart
    (Bartlett 1933).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.Wishart(tensorgrad.tensor(3.0), tensorgrad.eye(2)).mean
    tensor([[3., 0.],
            [0., 3.]])
    """

    support, has_rsample = constraints.positive_definite, True
    _mean_carrier_measure = 0

    @property
    def arg_constraints(self):
        """df must exceed the size less one.

        >>> from tensorgrad import distributions, eye, tensor
        >>> distributions.Wishart(tensor(3.0), eye(2)).arg_constraints["df"]
        GreaterThan(lower_bound=1)
        """
        return {**MATRIX, "df": constraints.greater_than(self._event_shape[-1] - 1)}

    def __init__(self, df, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        batch = self.take_matrix(getattr(df, "shape", ()), covariance_matrix=covariance_matrix, precision_matrix=precision_matrix,
                                 scale_tril=scale_tril)
        matrix = next(self.__dict__[name] for name in MATRIX if name in self.__dict__)
        self.df = (df if isinstance(df, tensorgrad.Tensor) else tensorgrad.tensor(df, dtype=matrix.dtype)).expand(batch)
        n = matrix.shape[-1]
        if (self.df <= n - 1).any().item():
            raise ArgumentError(f"Value of df={df} expected to be greater than ndim - 1 = {n - 1}.")
        if (self.df < n).any().item():
            warnings.warn("Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.", stacklevel=2)
        super().__init__(batch, matrix.shape[-2:], validate_args=validate_args)

    mean = property(lambda self: self.df[..., None, None] * self.covariance_matrix)

    @property
    def mode(self):
        factor = self.df - self._event_shape[-1] - 1
        return tensorgrad.where(factor <= 0, math.nan, factor)[..., None, None] * self.covariance_matrix

    @property
    def variance(self):
        v = self.covariance_matrix
        d = v.diagonal(dim1=-2, dim2=-1)
        return self.df[..., None, None] * (v ** 2 + d.unsqueeze(-1) * d.unsqueeze(-2))

    def rsample(self, sample_shape=()):
        n = self._event_shape[-1]
        shape = size(sample_shape, self._batch_shape)
        chi2 = Chi2(self.df.unsqueeze(-1) - tensorgrad.arange(n, dtype=self.df.dtype), validate_args=False)
        eps = tensorgrad.finfo(self.df.dtype).eps
        roots = chi2.rsample(sample_shape).sqrt().clamp(min=eps)
        rows, columns = tensorgrad.tril_indices(n, n, -1)
        below = tensorgrad.randn(size(shape, (n * (n - 1) // 2,)), dtype=self.df.dtype)
        from .transforms_vector import scatter_lower
        noise = scatter_lower(tensorgrad.zeros(size(shape, (n, n)), dtype=self.df.dtype), below, rows, columns)
        factor = self.scale_tril @ (noise + roots.diag_embed())
        return factor @ factor.mT

    def log_density(self, value):
        n, nu = self._event_shape[-1], self.df
        factor = tensorgrad.linalg.cholesky(value)
        return (-nu * (n * math.log(2) / 2 + log_diagonal(self.scale_tril)) - tensorgrad.mvlgamma(nu / 2, n)
                + (nu - n - 1) * log_diagonal(factor) - trace_square(solve(self.scale_tril, factor)) / 2)

    def entropy(self):
        n, nu = self._event_shape[-1], self.df
        slopes = (nu.unsqueeze(-1) / 2 - tensorgrad.arange(n, dtype=nu.dtype) / 2).digamma().sum(-1)
        return ((n + 1) * (n * math.log(2) / 2 + log_diagonal(self.scale_tril)) + tensorgrad.mvlgamma(nu / 2, n)
                - (nu - n - 1) / 2 * slopes + nu * n / 2)

    @property
    def _natural_params(self):
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, x, y):
        n = self._event_shape[-1]
        half = y + (n + 1) / 2
        return half * (n * math.log(2) - 2 * log_diagonal(tensorgrad.linalg.cholesky(-2 * x))) + tensorgrad.mvlgamma(half, n)


class LKJCholesky(Distribution):
    """Cholesky factors of correlation matrices whose density is det^(concentration - 1), drawn row by row ("onion"). concentration: a
    number or a tensor of batch_shape; event_shape (dim, dim). Errors: ArgumentError for a dim that is no int >= 2, concentration <= 0 and
    values outside the support, DTypeError for samples of an integer concentration. Source: torch.distributions.LKJCholesky (Lewandowski,
    Kurowicka and Joe 2009).

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> d.LKJCholesky(3).event_shape
    tensorgrad.Size([3, 3])
    """

    arg_constraints, support = {"concentration": constraints.positive}, constraints.corr_cholesky

    def __init__(self, dim, concentration=1.0, validate_args=None):
        if not isinstance(dim, int) or dim < 2:
            raise ArgumentError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        self.concentration, = broadcast_all(concentration)
        super().__init__(self.concentration.shape, (dim, dim), validate_args=validate_args)

    def sample(self, sample_shape=()):
        n, eta = self.dim, self.concentration
        offset = tensorgrad.arange(-1, n - 1, dtype=eta.dtype).clamp(min=0)
        share = Beta(offset + 0.5, (eta + 0.5 * (n - 2)).unsqueeze(-1) - 0.5 * offset).sample(sample_shape).unsqueeze(-1)
        with tensorgrad.no_grad():
            direction = tensorgrad.randn(self._extended_shape(sample_shape), dtype=eta.dtype).tril(-1)
            length = (direction ** 2).sum(-1, keepdim=True).sqrt()
            below = share.sqrt() * tensorgrad.where(length == 0, 0.0, direction / length)
            diagonal = (1 - (below ** 2).sum(-1)).clamp(min=tensorgrad.finfo(eta.dtype).tiny).sqrt()
            return below + diagonal.diag_embed()

    def log_density(self, value):
        n, eta = self.dim, self.concentration
        order = 2 * (eta - 1).unsqueeze(-1) + n - tensorgrad.arange(2, n + 1, dtype=eta.dtype)
        density = (order * value.diagonal(dim1=-2, dim2=-1)[..., 1:].log()).sum(-1)
        alpha = eta + 0.5 * (n - 1)
        return density - (0.5 * (n - 1) * math.log(math.pi) + tensorgrad.mvlgamma(alpha - 0.5, n - 1) - alpha.lgamma() * (n - 1))
