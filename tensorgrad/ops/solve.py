"""Inverses, determinants and systems of linear equations."""

from .._core.dtype import BY_NAME
from .._core.errors import ShapeError
from .create import eye, zeros
from .declare import case, definite, op, public, writes_out
from .elementwise import where
from .extremes import result
from .linalg import matmul_op
from .matrices import (
    check_choice,
    guarded,
    is_matrix,
    lu_packed,
    mT,
    nothing,
    one_dtype,
    singular,
    through_numpy,
    zero_pivot,
)
from .rearrange import tril, triu
from .shape import broadcast_shapes, reshape, span, unsqueeze

LONG = BY_NAME["int64"]


# ---- forward passes ----

@through_numpy
def inverse_of(np, a, name):
    """The inverse."""
    return guarded(np, name, singular, np.linalg.inv, a)


@through_numpy
def solution_of(np, a, b, name):
    """X with A X = B."""
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return guarded(np, name, singular, np.linalg.solve, np.broadcast_to(a, shape + a.shape[-2:]), b)


def substitute(np, a, b, upper):
    """X with A X = B for triangular A: the unknowns in two halves, so that nearly all of the work is matrix products."""
    n = a.shape[-1]
    if n <= 1:
        return b / a if n else np.broadcast_to(b, np.broadcast_shapes(a.shape[:-2], b.shape[:-2]) + b.shape[-2:]).copy()
    h = n // 2
    if upper:
        low = substitute(np, a[..., h:, h:], b[..., h:, :], upper)
        high = substitute(np, a[..., :h, :h], b[..., :h, :] - a[..., :h, h:] @ low, upper)
    else:
        high = substitute(np, a[..., :h, :h], b[..., :h, :], upper)
        low = substitute(np, a[..., h:, h:], b[..., h:, :] - a[..., h:, :h] @ high, upper)
    return np.concatenate([high, low], -2)


@through_numpy
def triangular_solution(np, a, b, upper, unitriangular):
    """substitute, with ones for the diagonal if so."""
    if unitriangular:
        a = np.where(np.eye(a.shape[-1], dtype=bool), a.dtype.type(1), a)
    return substitute(np, a, b, upper)


@through_numpy
def pseudo_inverse(np, a, atol, rtol, hermitian):
    """V diag(1 / s) U^T over the singular values above the threshold."""
    if not a.size:
        return np.zeros(a.shape[:-2] + (a.shape[-1], a.shape[-2]), a.dtype)
    if hermitian:
        values, u = guarded(np, "linalg.pinv", lambda np, a: "", np.linalg.eigh, a)
        vh = np.swapaxes(u, -1, -2)
    else:
        u, values, vh = guarded(np, "linalg.pinv", lambda np, a: "", lambda a: np.linalg.svd(a, full_matrices=False), a)
    size = np.abs(values)
    keep = size > threshold(np, a, size.max(-1, keepdims=True), atol, rtol)
    inverse = np.where(keep, 1 / np.where(keep, values, 1), 0).astype(a.dtype)
    return np.swapaxes(vh, -1, -2) * inverse[..., None, :] @ np.swapaxes(u, -1, -2)


def threshold(np, a, largest, atol, rtol):
    """Below this a singular value counts as zero: max(atol, rtol largest), rtol max(m, n) eps unless one is given."""
    atol, rtol = (None if t is None else np.asarray(t, a.dtype)[..., None] for t in (atol, rtol))
    if rtol is None:
        rtol = a.dtype.type(0) if atol is not None and (atol > 0).all() else max(a.shape[-2:]) * np.finfo(a.dtype).eps
    return np.maximum(0 if atol is None else atol, rtol * largest)


# ---- derivatives ----

def pinv_grad(g, a, y):
    """From dP = -P dA P + P P^T dA^T (1 - A P) + (1 - P A) dA^T P^T P. Source: Golub and Pereyra, SIAM J. Numer. Anal. 10
    (1973)."""
    pt, gt = mT(y), mT(g)
    first = matmul_op(matmul_op(pt, g), pt)
    second = matmul_op(matmul_op(gt, y), pt)
    third = matmul_op(matmul_op(pt, y), gt)
    return second - matmul_op(a, matmul_op(y, second)) + third - matmul_op(matmul_op(third, y), a) - first


def det_grad(g, x, y):
    """g det(A) A^-T; of a singular matrix through its singular values, where the product of all but one may not be zero."""
    from .spectral import svd_op
    if not bool((y == 0).any()):
        return (g * y).unsqueeze(-1).unsqueeze(-1) * mT(inv_op(x, name="linalg.det"))
    u, s, vh = svd_op(x, full=True)
    n = s.shape[-1]
    others = where(eye(n, dtype=x.dtype) > 0, 1.0, s.unsqueeze(-2)).prod(-1)
    sign = det_op(matmul_op(u, vh))
    return (g * sign).unsqueeze(-1).unsqueeze(-1) * matmul_op(u * others.unsqueeze(-2), vh)


def triangle(x, upper, unitriangular):
    """The part of a gradient that belongs to a triangular matrix."""
    return triu(x, int(unitriangular)) if upper else tril(x, -int(unitriangular))


inv_op = op("inv", inverse_of, "x", x=lambda g, y, name: -matmul_op(matmul_op(mT(y), g), mT(y)))
solve_op = op("solve", solution_of, "a b", a=lambda g, a, y, name: -matmul_op(solve_op(mT(a), g, name=name), mT(y)),
              b=lambda g, a, name: solve_op(mT(a), g, name=name))
triangular_op = op("solve_triangular", triangular_solution, "a b",
                   a=lambda g, a, y, upper, unitriangular: -triangle(matmul_op(triangular_op(
                       mT(a), g, upper=not upper, unitriangular=unitriangular), mT(y)), upper, unitriangular),
                   b=lambda g, a, upper, unitriangular: triangular_op(mT(a), g, upper=not upper, unitriangular=unitriangular))
det_op = op("det", through_numpy(lambda np, a: np.linalg.det(a)), "x", x=det_grad)
slogdet_op = op("slogdet", through_numpy(lambda np, a: np.linalg.slogdet(a)[::-1]), "x", aux="sign",
                x=lambda g, x: g.unsqueeze(-1).unsqueeze(-1) * mT(inv_op(x, name="linalg.slogdet")))
pinv_op = op("pinv", pseudo_inverse, "a", a=pinv_grad)
INV_EX = result("linalg_inv_ex", "inverse", "info")
SOLVE_EX = result("linalg_solve_ex", "result", "info")
SLOGDET = result("linalg_slogdet", "sign", "logabsdet")
LSTSQ = result("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
SQUARE = [case(definite((3, 3))), case(definite((2, 1, 4, 4))), case(definite((1, 1))), case((0, 0)), case((0, 3, 3))]


# ---- public ----

@public(samples=SQUARE, like=lambda np, a: np.linalg.inv(a), namespace="linalg")
@writes_out
def inv(A, *, out=None):
    """A^-1 of square matrices [..., n, n], of their shape. To solve equations use `solve`, which is faster and more exact. Errors:
    LinAlgError for a singular matrix, ShapeError, DTypeError unless float32 or float64. Source: torch.linalg.inv.

    >>> import tensorgrad
    >>> tensorgrad.linalg.inv(tensorgrad.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    is_matrix("linalg.inv", A, square=True)
    return inv_op(A, name="linalg.inv")


def pivots_of(A):
    """int32: for each matrix the number of its first zero pivot, 0 where there is none."""
    return through_numpy(lambda np, a: zero_pivot(np, lu_packed(np, a)[0]))(A)


def regular(A, info):
    """A with the identity in place of what is singular."""
    bad = (info != 0).unsqueeze(-1).unsqueeze(-1)
    return where(bad, eye(A.shape[-1], dtype=A.dtype), A) if bool(bad.any()) else A


@public(samples=[case(definite((3, 3))), case(definite((2, 3, 3)))], namespace="linalg")
@writes_out
def inv_ex(A, *, check_errors=False, out=None):
    """(inverse, info) of A [..., n, n]: as inv, but a singular matrix is no error (unless check_errors): info [...] has the number of its
    first zero pivot, else 0, and its inverse is infinite. Errors: ShapeError, DTypeError. Source: torch.linalg.inv_ex.

    >>> import tensorgrad
    >>> tensorgrad.linalg.inv_ex(tensorgrad.ones(2, 2)).info
    tensor(2, dtype=tensorgrad.int32)
    """
    is_matrix("linalg.inv_ex", A, square=True)
    info = pivots_of(A)
    if check_errors:
        return INV_EX((inv_op(A, name="linalg.inv_ex"), info))
    found = inv_op(regular(A, info), name="linalg.inv_ex")
    return INV_EX((where((info != 0).unsqueeze(-1).unsqueeze(-1), float("inf"), found), info))


def columns(name, A, B, left):
    """(whether B is a batch of vectors, B as matrices), A and B checked."""
    is_matrix(name, A, "A", square=True)
    one_dtype(name, A=A, B=B)
    n = A.shape[-1]
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and tuple(B.shape) == tuple(A.shape[:-1]))
    rows = unsqueeze(B, -1) if vector else B
    if vector and not left:
        raise ShapeError(f"{name}: left=False needs matrices, got A {tuple(A.shape)} and B {tuple(B.shape)}")
    if rows.ndim < 2 or rows.shape[-2 if left else -1] != n:
        raise ShapeError(f"{name}: A of shape {tuple(A.shape)} and B of shape {tuple(B.shape)} do not fit in "
                         f"{'A X = B' if left else 'X A = B'}")
    broadcast_shapes(A.shape[:-2], rows.shape[:-2])
    return vector, rows


@public(samples=[case(definite((3, 3)), (3, 2)), case(definite((3, 3)), (3,)), case(definite((2, 3, 3)), (2, 3)),
                 case(definite((2, 3, 3)), (3, 2)), case(definite((3, 3)), (4, 3, 1)), case(definite((3, 3)), (2, 3), left=False),
                 case((0, 0), (0, 2))], namespace="linalg",
        like=lambda np, a, b, left=True: np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 or b.shape == a.shape[:-1]
        else np.linalg.solve(a, b) if left else np.swapaxes(np.linalg.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2))
@writes_out
def solve(A, B, *, left=True, out=None):
    """X with A X = B (left=False: X A = B) for square A (..., n, n) and B (..., n, k), or vectors (n) or (..., n). Batches
    broadcast. Errors: LinAlgError for a singular matrix, ShapeError, DTypeError. Source: torch.linalg.solve.

    >>> import tensorgrad
    >>> tensorgrad.linalg.solve(tensorgrad.tensor([[2.0, 0.0], [0.0, 4.0]]), tensorgrad.tensor([1.0, 1.0]))
    tensor([0.5000, 0.2500])
    """
    return solve_with("linalg.solve", A, B, left)


def solve_with(name, A, B, left):
    """solve, under the name of a caller."""
    vector, rows = columns(name, A, B, left)
    if not left:
        return mT(solve_op(mT(A), mT(rows), name=name))
    found = solve_op(A, rows, name=name)
    return found.squeeze(-1) if vector else found


@public(samples=[case(definite((3, 3)), (3, 2)), case(definite((2, 3, 3)), (2, 3))], namespace="linalg")
@writes_out
def solve_ex(A, B, *, left=True, check_errors=False, out=None):
    """(result, info): as solve, but a singular matrix is no error (unless check_errors): info [...] has the number of its first zero
    pivot, else 0, and its solution is NaN. Errors: ShapeError, DTypeError. Source: torch.linalg.solve_ex.

    >>> import tensorgrad
    >>> tensorgrad.linalg.solve_ex(tensorgrad.ones(2, 2), tensorgrad.ones(2)).info
    tensor(2, dtype=tensorgrad.int32)
    """
    vector, _ = columns("linalg.solve_ex", A, B, left)
    info = pivots_of(A)
    if check_errors:
        return SOLVE_EX((solve_with("linalg.solve_ex", A, B, left), info))
    found = solve_with("linalg.solve_ex", regular(A, info), B, left)
    bad = (info != 0).unsqueeze(-1)
    return SOLVE_EX((where(bad if vector else bad.unsqueeze(-1), float("nan"), found), info))


@public(samples=[case(definite((3, 3)), (3, 2), upper=True), case(definite((2, 5, 5)), (5, 1), upper=False),
                 case(definite((3, 3)), (2, 4, 3), upper=True, left=False), case((3, 3), (3, 2), upper=False, unitriangular=True),
                 case((0, 0), (0, 2), upper=True)], namespace="linalg",
        like=lambda np, a, b, upper, left=True, unitriangular=False: reference_triangular(np, a, b, upper, left, unitriangular))
@writes_out
def solve_triangular(A, B, *, upper, left=True, unitriangular=False, out=None):
    """X with A X = B (left=False: X A = B), where of A [..., n, n] only the triangle counts, above the diagonal (upper) or below, and
    with unitriangular not its diagonal either, which is then 1; X has the shape of B [..., n, k]. A zero on the diagonal gives infinity
    or NaN. Errors: ShapeError, DTypeError. Source: torch.linalg.solve_triangular.

    >>> import tensorgrad
    >>> A = tensorgrad.tensor([[2.0, 1.0], [9.0, 4.0]])
    >>> tensorgrad.linalg.solve_triangular(A, tensorgrad.tensor([[3.0], [4.0]]), upper=True)
    tensor([[1.],
            [1.]])
    """
    is_matrix("linalg.solve_triangular", B, "B")
    _, rows = columns("linalg.solve_triangular", A, B, left)
    if rows is not B:
        raise ShapeError(f"linalg.solve_triangular: B must be matrices (..., {A.shape[-1]}, k), got shape {tuple(B.shape)}")
    if left:
        return triangular_op(A, B, upper=upper, unitriangular=unitriangular)
    return mT(triangular_op(mT(A), mT(B), upper=not upper, unitriangular=unitriangular))


def reference_triangular(np, a, b, upper, left, unitriangular):
    """Definition, for the tests."""
    a = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        a = a - a * np.eye(a.shape[-1]) + np.eye(a.shape[-1], dtype=a.dtype)
    if left:
        return np.linalg.solve(a, b)
    return np.swapaxes(np.linalg.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2)


@public(samples=[*SQUARE, case((3, 3))], like=lambda np, a: np.linalg.det(a), namespace="linalg")
@writes_out
def det(A, *, out=None):
    """The determinant of square matrices, [..., n, n] -> [...]: the product of U's diagonal of P L U = A, times the sign of P. Errors:
    ShapeError, DTypeError unless float32 or float64. Source: torch.linalg.det.

    >>> import tensorgrad
    >>> tensorgrad.linalg.det(tensorgrad.tensor([[2.0, 1.0], [0.0, 4.0]]))
    tensor(8.)
    """
    is_matrix("linalg.det", A, square=True)
    return det_op(A)


@public(samples=[case((3, 3)), case(definite((2, 4, 4))), case((0, 0))], namespace="linalg",
        like=lambda np, a: tuple(np.linalg.slogdet(a)))
@writes_out
def slogdet(A, *, out=None):
    """(sign, logabsdet), [..., n, n] -> [...], [...]: the sign of the determinant (0 of a singular matrix) and the logarithm of its
    absolute value, which does not overflow. Errors: ShapeError, DTypeError. Source: torch.linalg.slogdet.

    >>> import tensorgrad
    >>> tensorgrad.linalg.slogdet(-tensorgrad.eye(3)).sign
    tensor(-1.)
    """
    is_matrix("linalg.slogdet", A, square=True)
    logabsdet, sign = slogdet_op(A)
    return SLOGDET((sign, logabsdet))


def tolerance(value):
    """A tolerance as the forward pass wants it: a number, nested lists of numbers, or None."""
    return value.tolist() if hasattr(value, "tolist") else value


@public(samples=[case((3, 3)), case((2, 4, 3)), case((2, 5))], namespace="linalg",
        like=lambda np, a, hermitian=False: np.linalg.pinv(a))
@writes_out
def pinv(A, *, atol=None, rtol=None, hermitian=False, out=None):
    """The pseudoinverse P (..., n, m) of matrices (..., m, n): A P A = A, P A P = P, both products symmetric. Singular values up to
    max(atol, rtol times the largest) count as zero; rtol is max(m, n) eps unless atol > 0. hermitian: A is symmetric. Its derivative
    holds where the rank does not change. Errors: LinAlgError for NaN and infinity, ShapeError, DTypeError. Source: torch.linalg.pinv.

    >>> import tensorgrad
    >>> tensorgrad.linalg.pinv(tensorgrad.tensor([[2.0], [0.0]]))
    tensor([[0.5000, 0.0000]])
    """
    is_matrix("linalg.pinv", A, square=hermitian)
    return pinv_op(A, atol=tolerance(atol), rtol=tolerance(rtol), hermitian=hermitian)


DRIVERS = ("gelsy", "gels", "gelsd", "gelss")


@public(samples=[case((4, 2), (4, 3)), case((3, 3), (3, 1)), case((2, 5, 2), (2, 5, 1)), case((2, 4), (2, 2))], grad=True,
        namespace="linalg", torch=None)
def lstsq(A, B, rcond=None, *, driver=None):
    """(solution, residuals, rank, singular_values): X that minimises ||A X - B||, of all such the smallest.

    A: (..., m, n), B: (..., m, k) or (..., m). residuals: the squares ||A X - B||^2 of every column if m > n and the rank is n, else
    empty. rank: unless driver="gels". singular_values: of drivers "gelsd" and "gelss" alone. rcond: singular values up to rcond times the
    largest count as zero, by default max(m, n) eps. All drivers compute by the singular values. Errors: LinAlgError for NaN and infinity,
    ShapeError, DTypeError, ArgumentError. Source: torch.linalg.lstsq.

    >>> import tensorgrad
    >>> tensorgrad.linalg.lstsq(tensorgrad.tensor([[1.0], [1.0]]), tensorgrad.tensor([[1.0], [3.0]])).solution.round()
    tensor([[2.]])
    """
    from .spectral import svdvals
    name = "linalg.lstsq"
    driver = driver or "gelsy"
    check_choice(name, "driver", driver, DRIVERS)
    is_matrix(name, A)
    one_dtype(name, A=A, B=B)
    (m, n), vector = A.shape[-2:], B.ndim == A.ndim - 1 and tuple(B.shape) == tuple(A.shape[:-1])
    rows = unsqueeze(B, -1) if vector else B
    if rows.ndim < 2 or rows.shape[-2] != m or tuple(rows.shape[:-2]) != tuple(A.shape[:-2]):
        raise ShapeError(f"{name}: A of shape {tuple(A.shape)} and B of shape {tuple(B.shape)} do not fit in A X = B")
    X = matmul_op(pinv_op(A, atol=None, rtol=rcond, hermitian=False), rows)
    values = svdvals(A.detach())
    cut = (max(m, n) * 2.0**(-52 if A.dtype.itemsize == 8 else -23)) if rcond is None else rcond
    rank = (values > cut * values.amax(-1, keepdim=True)).sum(-1) if min(m, n) else zeros(A.shape[:-2], dtype=LONG)
    full = m > n and bool((rank == n).all())
    residuals = (rows - matmul_op(A, X)).square().sum(-2) if full else nothing(A)
    return LSTSQ((X.squeeze(-1) if vector else X, residuals, nothing(A, LONG) if driver == "gels" else rank,
                  values if driver in ("gelsd", "gelss") else nothing(A)))


@public(samples=[case((2, 3, 6), ind=2), case((4, 2, 2), ind=1)], namespace="linalg",
        like=lambda np, a, ind=2: np.linalg.tensorinv(a, ind))
@writes_out
def tensorinv(A, ind=2, *, out=None):
    """The inverse for tensordot: with the first `ind` dimensions of A as rows and the others as columns, the inverse of that square
    matrix, with the columns' dimensions first: [a, b, c, d] -> [c, d, a, b] for ind 2. Errors: ShapeError unless a b = c d, LinAlgError
    for a singular matrix, DTypeError. Source: torch.linalg.tensorinv.

    >>> import tensorgrad
    >>> tensorgrad.linalg.tensorinv(tensorgrad.eye(6).reshape(6, 2, 3), ind=1).shape
    tensorgrad.Size([2, 3, 6])
    """
    rows, cols = tuple(A.shape[:ind]), tuple(A.shape[ind:])
    n, k = size(rows), size(cols)
    if ind < 1 or n != k:
        raise ShapeError(f"linalg.tensorinv: the first ind = {ind} dimensions of {tuple(A.shape)} have {n} elements, the others "
                         f"{k}; both must be equal and ind positive")
    return reshape(inv_with("linalg.tensorinv", reshape(A, (n, k))), (*cols, *rows))


def inv_with(name, A):
    """inv, under the name of a caller."""
    is_matrix(name, A, square=True)
    return inv_op(A, name=name)


def size(sizes):
    """Their product."""
    n = 1
    for s in sizes:
        n *= s
    return n


@public(samples=[case((2, 3, 6), (2, 3)), case((2, 6, 3), (2, 3), dims=(1,))], namespace="linalg",
        like=lambda np, a, b, dims=None: np.linalg.tensorsolve(a, b, dims))
@writes_out
def tensorsolve(A, B, dims=None, *, out=None):
    """X with tensordot(A, X, X.ndim) = B, after the dimensions `dims` of A were moved to its end: A [*B.shape, *X.shape]. Errors:
    ShapeError unless A has that form and is square, OutOfRangeError for dims, LinAlgError for a singular matrix, DTypeError. Source:
    torch.linalg.tensorsolve.

    >>> import tensorgrad
    >>> tensorgrad.linalg.tensorsolve(tensorgrad.eye(6).reshape(6, 2, 3) * 2, tensorgrad.ones(6)).shape
    tensorgrad.Size([2, 3])
    """
    if dims is not None:
        dims = [span(A.ndim, d, d, "linalg.tensorsolve")[0] for d in dims]
        A = A.permute(*(d for d in range(A.ndim) if d not in dims), *dims)
    rest = tuple(A.shape[B.ndim:])
    n = size(rest)
    if tuple(A.shape[:B.ndim]) != tuple(B.shape) or n != size(B.shape):
        raise ShapeError(f"linalg.tensorsolve: A of shape {tuple(A.shape)} must begin with the shape of B {tuple(B.shape)} and have "
                         f"as many elements in its other dimensions")
    return reshape(solve_with("linalg.tensorsolve", reshape(A, (n, n)), reshape(B, (n,)), True), rest)
