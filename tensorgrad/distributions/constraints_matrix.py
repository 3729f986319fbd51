"""Constraints of matrices."""

import tensorgrad

from .._core.errors import ShapeError
from .constraint import Constraint, all_of_last


class LowerTriangular(Constraint):
    """A matrix with zeros above the diagonal; check: (..., n, m) -> (...). Errors: ShapeError from check below two dimensions. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.lower_triangular.check(tensorgrad.tensor([[1.0, 0.0], [2.0, 3.0]]))
    tensor(True)
    """

    event_dim = 2

    def check(self, value):
        return all_of_last(value.tril() == value, 2)


class LowerCholesky(LowerTriangular):
    """A lower triangular matrix with a positive diagonal; check: (..., n, n) -> (...). Errors: ShapeError from check below two
    dimensions. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.lower_cholesky.check(tensorgrad.tensor([[1.0, 0.0], [2.0, -3.0]]))
    tensor(False)
    """

    def check(self, value):
        return super().check(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class CorrCholesky(LowerCholesky):
    """The Cholesky factor of a correlation matrix: its rows have length one; check: (..., n, n) -> (...). Errors: ShapeError from check
    below two dimensions. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.corr_cholesky.check(tensorgrad.tensor([[1.0, 0.0], [0.6, 0.8]]))
    tensor(True)
    """

    def check(self, value):
        tolerance = 10 * value.shape[-1] * tensorgrad.finfo(value.dtype).eps
        length = (value.detach() ** 2).sum(-1).sqrt()
        return super().check(value) & ((length - 1).abs() <= tolerance).all(-1)


class Square(Constraint):
    """A square matrix; check: (..., n, m) -> (...), n = m. Errors: ShapeError from check below two dimensions. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.square.check(tensorgrad.tensor([[1.0, 2.0]]))
    tensor(False)
    """

    event_dim = 2

    def check(self, value):
        """Whether each matrix is square. Errors: ShapeError below two dimensions."""
        if value.ndim < 2:
            raise ShapeError(f"a matrix is needed, got shape {tuple(value.shape)}")
        return tensorgrad.full(tuple(value.shape[:-2]), value.shape[-1] == value.shape[-2], dtype=tensorgrad.bool)


class Symmetric(Square):
    """A symmetric matrix, x = x' to 1e-6; check: (..., n, n) -> (...). Errors: ShapeError from check below two dimensions. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.symmetric.check(tensorgrad.tensor([[1.0, 2.0], [2.0, 1.0]]))
    tensor(True)
    """

    def check(self, value):
        square = super().check(value)
        return all_of_last(tensorgrad.isclose(value, value.mT, atol=1e-6), 2) if square.all().item() else square


class PositiveSemidefinite(Symmetric):
    """A symmetric matrix without negative eigenvalues; check: (..., n, n) -> (...). Errors: ShapeError from check below two dimensions.
    Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.positive_semidefinite.check(tensorgrad.tensor([[1.0, 1.0], [1.0, 1.0]]))
    tensor(True)
    """

    def least(self, value):
        """The smallest eigenvalue of each matrix. Errors: NumPy's LinAlgError for what are no square matrices.

        >>> import tensorgrad
        >>> tensorgrad.distributions.constraints.positive_definite.least(tensorgrad.diag(tensorgrad.tensor([3.0, 2.0]))).item()
        2.0
        """
        import numpy as np
        return tensorgrad.from_numpy(np.asarray(np.linalg.eigvalsh(value.detach().double().numpy())[..., 0]))

    def check(self, value):
        symmetric = super().check(value)
        return self.least(value) >= 0 if symmetric.all().item() else symmetric


class PositiveDefinite(PositiveSemidefinite):
    """A symmetric matrix with positive eigenvalues; check: (..., n, n) -> (...). Errors: ShapeError from check below two dimensions.
    Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.positive_definite.check(tensorgrad.tensor([[1.0, 2.0], [2.0, 1.0]]))
    tensor(False)
    """

    def check(self, value):
        symmetric = Symmetric.check(self, value)
        return self.least(value) > 0 if symmetric.all().item() else symmetric
