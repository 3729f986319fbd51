"""The names that linear algebra has at the top level, most of them older than linalg."""

from .._core.errors import GraphError
from . import decompose, matrix_norm, spectral
from .create import eye
from .declare import case, definite, public, register, writes_out
from .elementwise import where
from .extremes import result
from .matrices import is_matrix, mT
from .shape import expand
from .solve import columns, det_op, inv_with, pinv_op, slogdet_op, solve_triangular, triangular_op

SQUARE = [case(definite((3, 3))), case(definite((2, 1, 4, 4))), case((0, 0))]
SLOGDET, SVD, QR = result("slogdet", "sign", "logabsdet"), result("svd", "U", "S", "V"), result("qr", "Q", "R")
LU_INFO = result("_lu_with_info", "LU", "pivots", "info")


@public(samples=[case(definite((3, 3))), case(definite((2, 2, 2)))], like=lambda np, a: np.linalg.slogdet(a)[1], method=True)
def logdet(input):
    """log(det(input)): NaN where the determinant is negative, -infinity where it is 0; [..., n, n] -> [...]. Errors: ShapeError unless
    square, DTypeError unless float32 or float64. Source: torch.logdet.

    >>> import tensorgrad
    >>> tensorgrad.logdet(tensorgrad.eye(3))
    tensor(0.)
    """
    is_matrix("logdet", input, square=True)
    logabsdet, sign = slogdet_op(input)
    return where(sign < 0, float("nan"), logabsdet)


@public(samples=[case((2, 3), definite((2, 2)))], method=True, like=lambda np, b, L, upper=False: (
    np.linalg.solve(np.triu(L).T @ np.triu(L) if upper else np.tril(L) @ np.tril(L).T, b)))
@writes_out
def cholesky_solve(B, L, upper=False, *, out=None):
    """X with (L L^T) X = B for a Cholesky factor L (upper: with (L^T L) X = B): B [..., n, k], L [..., n, n], X of B's shape. Errors:
    ShapeError, DTypeError. Source: torch.cholesky_solve.

    >>> import tensorgrad
    >>> tensorgrad.cholesky_solve(tensorgrad.ones(1, 1), tensorgrad.tensor([[2.0]]))
    tensor([[0.2500]])
    """
    is_matrix("cholesky_solve", B, "B")
    columns("cholesky_solve", L, B, True)
    first = mT(L) if upper else L
    return triangular_op(mT(first), triangular_op(first, B, upper=False, unitriangular=False), upper=True, unitriangular=False)


@public(samples=[case(definite((3, 3))), case(definite((3, 3)), upper=True)], method=True, like=lambda np, L, upper=False: (
    np.linalg.inv(np.triu(L).T @ np.triu(L) if upper else np.tril(L) @ np.tril(L).T)))
@writes_out
def cholesky_inverse(L, upper=False, *, out=None):
    """(L L^T)^-1 for a Cholesky factor L [..., n, n] (upper: (L^T L)^-1). Errors: ShapeError, DTypeError. Source: torch.cholesky_inverse.

    >>> import tensorgrad
    >>> tensorgrad.cholesky_inverse(tensorgrad.tensor([[2.0]]))
    tensor([[0.2500]])
    """
    is_matrix("cholesky_inverse", L, "L", square=True)
    return cholesky_solve(expand(eye(L.shape[-1], dtype=L.dtype), *L.shape), L, upper)


TRIANGULAR = result("triangular_solve", "solution", "cloned_coefficient")


@public(samples=[case((3, 2), definite((3, 3))), case((3, 2), definite((3, 3)), upper=False, transpose=True)], method=True,
        torch=None, grad=True)
@writes_out
def triangular_solve(input, A, upper=True, transpose=False, unitriangular=False, *, out=None):
    """(X, A) with A X = input, or A^T X = input, for triangular A [..., n, n], input [..., n, k]; see linalg.solve_triangular. Errors:
    ShapeError, OutOfRangeError, DTypeError. Source: torch.triangular_solve.

    >>> import tensorgrad
    >>> tensorgrad.triangular_solve(tensorgrad.ones(1, 1), tensorgrad.tensor([[2.0]])).solution
    tensor([[0.5000]])
    """
    a = mT(A) if transpose else A
    return TRIANGULAR((solve_triangular(a, input, upper=upper != transpose, unitriangular=unitriangular), A.clone()))


@public(samples=[case((3, 3)), case((2, 4, 3))], method=True, like=lambda np, a: np.linalg.pinv(a))
def pinverse(input, rcond=1e-15):
    """The pseudoinverse, [..., m, n] -> [..., n, m]; singular values up to rcond times the largest count as zero; see linalg.pinv.
    Errors: LinAlgError for NaN and infinity, ShapeError, DTypeError. Source: torch.pinverse.

    >>> import tensorgrad
    >>> tensorgrad.pinverse(tensorgrad.tensor([[2.0], [0.0]]))
    tensor([[0.5000, 0.0000]])
    """
    is_matrix("pinverse", input)
    return pinv_op(input, atol=0.0, rtol=rcond, hermitian=False)


@public(samples=SQUARE, method=True, like=lambda np, a: np.linalg.inv(a))
@writes_out
def inverse(input, *, out=None):
    """The inverse A^-1 of square matrices [..., n, n]; see linalg.inv. Errors: ShapeError, DTypeError, LinAlgError for a singular one.
    Source: torch.inverse.

    >>> import tensorgrad
    >>> tensorgrad.inverse(tensorgrad.tensor([[2.0]]))
    tensor([[0.5000]])
    """
    return inv_with("inverse", input)


@public(samples=[case((3, 3)), case(definite((2, 2, 2)))], method=True, like=lambda np, a: np.linalg.det(a))
def det(input):
    """The determinant of square matrices, [..., n, n] -> [...]; see linalg.det. Errors: ShapeError, DTypeError. Source: torch.det.

    >>> import tensorgrad
    >>> tensorgrad.det(tensorgrad.eye(2) * 3)
    tensor(9.)
    """
    is_matrix("det", input, square=True)
    return det_op(input)


@public(samples=[case((3, 3)), case(definite((2, 2, 2)))], method=True, like=lambda np, a: tuple(np.linalg.slogdet(a)))
@writes_out
def slogdet(input, *, out=None):
    """(sign, logabsdet) of square matrices: [..., n, n] -> [...], [...]; see linalg.slogdet. Errors: ShapeError, DTypeError. Source:
    torch.slogdet.

    >>> import tensorgrad
    >>> tensorgrad.slogdet(tensorgrad.eye(2)).logabsdet
    tensor(0.)
    """
    is_matrix("slogdet", input, square=True)
    logabsdet, sign = slogdet_op(input)
    return SLOGDET((sign, logabsdet))


@public(samples=[case(definite((3, 3))), case(definite((2, 3, 3)), upper=True)], grad=False, method=True, torch=None)
@writes_out
def cholesky(input, upper=False, *, out=None):
    """L with L L^T = input, [..., n, n] (upper: U with U^T U = input); see linalg.cholesky. Errors: LinAlgError, ShapeError, DTypeError.
    Source: torch.cholesky.

    >>> import tensorgrad
    >>> tensorgrad.cholesky(tensorgrad.tensor([[4.0]]))
    tensor([[2.]])
    """
    return decompose.factor("cholesky", input, upper)


@public(samples=[case((4, 3)), case((3, 3), some=False)], method=True, torch=None)
@writes_out
def qr(input, some=True, *, out=None):
    """(Q, R) with Q R = input [..., m, n]: Q [..., m, min(m, n)], R [..., min(m, n), n]; some=False: Q is square; see linalg.qr. Errors:
    ShapeError, DTypeError. Source: torch.qr.

    >>> import tensorgrad
    >>> tensorgrad.qr(tensorgrad.tensor([[2.0]])).Q.abs()
    tensor([[1.]])
    """
    return QR(decompose.qr(input, "reduced" if some else "complete"))


@public(samples=[case((3, 3)), case((2, 4, 3))], method=True, torch=None)
@writes_out
def svd(input, some=True, compute_uv=True, *, out=None):
    """(U, S, V) with U diag(S) V^T = input [..., m, n]: note V, not its transpose. some=False: U and V are square, else min(m, n) columns
    wide; compute_uv=False: they are zero; see linalg.svd. Errors: LinAlgError for NaN and infinity, ShapeError, DTypeError. Source:
    torch.svd.

    >>> import tensorgrad
    >>> tensorgrad.svd(tensorgrad.tensor([[0.0, 2.0], [1.0, 0.0]])).S
    tensor([2., 1.])
    """
    is_matrix("svd", input)
    if not compute_uv:
        m, n = input.shape[-2:]
        zero = lambda k: expand(eye(k, dtype=input.dtype) * 0, *input.shape[:-2], k, k).clone()
        return SVD((zero(m), spectral.svdvals(input), zero(n)))
    U, S, Vh = spectral.svd(input, full_matrices=not some)
    return SVD((U, S, mT(Vh)))


@public(samples=[case((3, 3))], method=True, torch=None)
@writes_out
def lu(A, pivot=True, get_infos=False, out=None):
    """(LU, pivots), with get_infos (LU, pivots, info), of A [..., m, n]; see linalg.lu_factor and lu_factor_ex. Errors: LinAlgError,
    ArgumentError for pivot=False, ShapeError, DTypeError. Source: torch.lu.

    >>> import tensorgrad
    >>> tensorgrad.lu(tensorgrad.eye(2))[1]
    tensor([1, 2], dtype=tensorgrad.int32)
    """
    LU, pivots, info = decompose.lu_factor_ex(A, pivot=pivot, check_errors=not get_infos)
    return LU_INFO((LU, pivots, info)) if get_infos else (LU, pivots)


@public(method=True, grad=False)
@writes_out
def lu_solve(input, LU_data, LU_pivots, *, out=None):
    """X with A X = input [..., n, k] for A [..., n, n] given as lu_factor's result; see linalg.lu_solve. Errors: ShapeError, DTypeError.
    Source: torch.lu_solve.

    >>> import tensorgrad
    >>> tensorgrad.lu_solve(tensorgrad.ones(2, 1), *tensorgrad.lu(tensorgrad.eye(2) * 2))
    tensor([[0.5000],
            [0.5000]])
    """
    return decompose.lu_solve(LU_data, LU_pivots, input)


@public(samples=[case((3, 3), 3), case(definite((3, 3)), -2)], method=True, like=lambda np, a, n: np.linalg.matrix_power(a, n))
@writes_out
def matrix_power(input, n, *, out=None):
    """input^n of square matrices [..., n, n]; see linalg.matrix_power. Errors: LinAlgError for a singular one and a negative n,
    ShapeError, DTypeError. Source: torch.matrix_power.

    >>> import tensorgrad
    >>> tensorgrad.matrix_power(tensorgrad.tensor([[2.0]]), 3)
    tensor([[8.]])
    """
    return matrix_norm.power_with("matrix_power", input, n)


@public(samples=[case((3, 3)), case((2, 1, 2, 2))], method=True)
def matrix_exp(input):
    """The exponential of square matrices [..., n, n], the sum of A^k / k!; see linalg.matrix_exp. Errors: ShapeError, DTypeError. Source:
    torch.matrix_exp.

    >>> import tensorgrad
    >>> tensorgrad.matrix_exp(tensorgrad.zeros(1, 1))
    tensor([[1.]])
    """
    is_matrix("matrix_exp", input, square=True)
    return matrix_norm.exp_op(input)


@public(samples=[case((3, 2)), case((2, 3, 4), dim=(0, 2), keepdim=True)], torch=None,
        like=lambda np, a, dim=(-2, -1), keepdim=False: np.linalg.norm(a, "nuc", dim, keepdim))
@writes_out
def nuclear_norm(input, dim=(-2, -1), keepdim=False, *, out=None):
    """The sum of the singular values, [..., m, n] -> [...] (with keepdim [..., 1, 1]); see linalg.matrix_norm. Errors: LinAlgError for
    NaN and infinity, ShapeError, ArgumentError for a dim named twice, DTypeError. Source: torch.nuclear_norm.

    >>> import tensorgrad
    >>> tensorgrad.nuclear_norm(tensorgrad.eye(3) * 2)
    tensor(6.)
    """
    return matrix_norm.matrix_norm(input, "nuc", dim, keepdim)


@public(samples=[case((3, 2), dim=1), case((2, 3, 4), dim=(0, 2), keepdim=True)],
        like=lambda np, a, dim, keepdim=False: np.sqrt((a * a).sum(dim, keepdims=keepdim)))
@writes_out
def frobenius_norm(input, dim, keepdim=False, *, out=None):
    """sqrt(sum input^2) over dim, input's shape without dim (with keepdim: size 1 there); see linalg.vector_norm. Errors: ShapeError for
    a dim that is not there, ArgumentError for one named twice, DTypeError. Source: torch.frobenius_norm.

    >>> import tensorgrad
    >>> tensorgrad.frobenius_norm(tensorgrad.tensor([3.0, 4.0]), dim=0)
    tensor(5.)
    """
    return matrix_norm.vector_norm(input, 2, dim, keepdim)


def removed(name, instead):
    """A name that PyTorch took away: calling it says what to call."""
    def gone(*args, **kwargs):
        raise GraphError(f"{name}: was removed from PyTorch; use {instead}")
    gone.__name__ = gone.__qualname__ = name
    gone.__module__ = "tensorgrad"
    gone.__doc__ = f"""Removed, as in PyTorch; use {instead}. Errors: GraphError, always. Source: torch.{name}.

    >>> import tensorgrad
    >>> tensorgrad.{name}()
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.GraphError: {name}: was removed from PyTorch; use {instead}
    """
    return register(name, gone, grad=False, method=True)


eig = removed("eig", "linalg.eig")
solve = removed("solve", "linalg.solve")
lstsq = removed("lstsq", "linalg.lstsq")
symeig = removed("symeig", "linalg.eigh")
