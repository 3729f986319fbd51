"""Linear algebra: what the records of tensorgrad/ops declare for this namespace. Matrices are the last two dimensions."""

from ._core.errors import LinAlgError as LinAlgError
from .complex_tensor import ComplexTensor as _ComplexTensor
from .ops.eigen import eig_op as _eig_op
from .ops.extremes import result as _result
from .ops.families import door as _door
from .ops.matrices import is_matrix as _is_matrix

__getattr__, __dir__ = _door(globals(), "linalg")
_EIG = _result("linalg_eig", "eigenvalues", "eigenvectors")


def eig(A):
    """(eigenvalues, eigenvectors) of real matrices A (..., n, n), both complex: A V = V diag(L), the columns of V of length 1. Their
    phases are arbitrary, and so is their derivative where eigenvalues are equal. For symmetric matrices use eigh. Errors: LinAlgError for
    NaN and infinity, ShapeError, DTypeError. Source: torch.linalg.eig.

    >>> import tensorgrad
    >>> tensorgrad.linalg.eig(tensorgrad.tensor([[0.0, -1.0], [1.0, 0.0]])).eigenvalues
    tensor([0.+1.j, 0.-1.j])
    """
    _is_matrix("linalg.eig", A, square=True)
    return _EIG(_ComplexTensor(x) for x in _eig_op(A))


def eigvals(A):
    """The eigenvalues of real matrices, complex: [..., n, n] -> [..., n]; see eig. Errors: LinAlgError for NaN and infinity, ShapeError
    unless square, DTypeError unless float32 or float64. Source: torch.linalg.eigvals.

    >>> import tensorgrad
    >>> tensorgrad.linalg.eigvals(tensorgrad.tensor([[2.0, 0.0], [0.0, 1.0]])).real
    tensor([2., 1.])
    """
    return eig(A)[0]
