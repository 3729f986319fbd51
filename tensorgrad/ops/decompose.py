"""Factorisations in triangles and rotations: Cholesky, LU, LDL^T, QR and Householder reflections."""

from .._core.errors import ArgumentError, GraphError, LinAlgError, ShapeError
from .create import eye, zeros
from .declare import case, definite, op, public, writes_out
from .elementwise import where
from .extremes import result
from .index import gather
from .linalg import matmul_op
from .matrices import (
    batch,
    check_choice,
    failing_minor,
    guarded,
    is_matrix,
    lu_packed,
    mT,
    not_definite,
    nothing,
    one_dtype,
    through_numpy,
    zero_pivot,
)
from .order import argsort
from .rearrange import cat, diag_embed, tril, triu
from .shape import diagonal, expand, unsqueeze
from .solve import triangular_op

# ---- Cholesky ----

def cholesky_grad(g, y):
    """L^-T P L^-1, made symmetric, where P is the lower triangle of L^T g with half its diagonal. Source: Murray,
    Differentiation of the Cholesky decomposition (2016)."""
    p = tril(matmul_op(mT(y), g))
    p = p - diag_embed(diagonal(p, 0, -2, -1)) * 0.5
    s = under(y, mT(under(y, mT(p), transpose=True)), transpose=True)  # L^-T P L^-1
    return (s + mT(s)) * 0.5


def under(L, b, transpose=False, unit=False, upper=False):
    """L^-1 b or L^-T b for triangular L."""
    return triangular_op(mT(L) if transpose else L, b, upper=upper != transpose, unitriangular=unit)


cholesky_op = op("cholesky", through_numpy(lambda np, a, name: guarded(np, name, not_definite, np.linalg.cholesky, a)), "x",
                 x=lambda g, y, name: cholesky_grad(g, y))
CHOLESKY_EX = result("linalg_cholesky_ex", "L", "info")


def factor(name, A, upper):
    """The Cholesky factor, of the lower triangle of A or of its upper one."""
    is_matrix(name, A, square=True)
    return mT(cholesky_op(mT(A), name=name)) if upper else cholesky_op(A, name=name)


@public(samples=[case(definite((3, 3))), case(definite((2, 1, 4, 4))), case(definite((3, 3)), upper=True), case((0, 0))], grad=False,
        namespace="linalg", like=lambda np, a, upper=False: (
            np.swapaxes(np.linalg.cholesky(a), -1, -2) if upper else np.linalg.cholesky(a)))
@writes_out
def cholesky(A, *, upper=False, out=None):
    """L with L L^T = A, lower triangular (upper: U with U^T U = A), for symmetric positive definite A [..., n, n], of which one triangle
    is read; the result has A's shape. The derivative is that of a symmetric A. Errors: LinAlgError unless A is positive definite,
    ShapeError unless it is square, DTypeError unless float32 or float64. Source: torch.linalg.cholesky.

    >>> import tensorgrad
    >>> tensorgrad.linalg.cholesky(tensorgrad.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    return factor("linalg.cholesky", A, upper)


@public(samples=[case(definite((3, 3))), case(definite((2, 4, 4)), upper=True)], grad=False, namespace="linalg")
@writes_out
def cholesky_ex(A, *, upper=False, check_errors=False, out=None):
    """(L, info) of A [..., n, n]: as cholesky, but a matrix that is not positive definite is no error (unless check_errors): info [...]
    has the order of its first leading minor that is not, else 0, and its L is NaN. Errors: ShapeError, DTypeError unless float32 or
    float64. Source: torch.linalg.cholesky_ex.

    >>> import tensorgrad
    >>> tensorgrad.linalg.cholesky_ex(-tensorgrad.eye(2)).info
    tensor(1, dtype=tensorgrad.int32)
    """
    name = "linalg.cholesky_ex"
    is_matrix(name, A, square=True)
    if check_errors:
        return CHOLESKY_EX((factor(name, A, upper), orders(A, upper)))
    info = orders(A, upper)
    bad = (info != 0).unsqueeze(-1).unsqueeze(-1)
    fine = where(bad, eye(A.shape[-1], dtype=A.dtype), A) if bool(bad.any()) else A
    return CHOLESKY_EX((where(bad, float("nan"), factor(name, fine, upper)), info))


def orders(A, upper):
    """int32: for each matrix the order of the first minor that is not positive definite, else 0."""
    def find(np, a):
        matrices = batch(np.swapaxes(a, -1, -2) if upper else a)
        return np.array([failing_minor(np, m) for m in matrices], np.int32).reshape(a.shape[:-2])
    return through_numpy(find)(A)


# ---- LU ----

def lu_grad(g, y):
    """From dL = L tril(L^-1 dA U^-1, -1), dU = triu(L^-1 dA U^-1) U for the square part, and the rest of a tall or wide matrix by
    L2 = A2 U^-1 or U2 = L^-1 A2. The rows are still exchanged."""
    m, n = y.shape[-2:]
    k = min(m, n)
    lower, upper = tril(g[..., :, :k], -1), triu(g[..., :k, :])
    L, U = y[..., :, :k], y[..., :k, :]
    L1, U1 = tril(L[..., :k, :], -1) + eye(k, dtype=y.dtype), triu(U[..., :, :k])
    g_l, g_u, rest = lower[..., :k, :], upper[..., :, :k], None
    if m > n:
        rest = mT(under(U1, mT(lower[..., k:, :]), upper=True))
        g_u = g_u - matmul_op(mT(L[..., k:, :]), rest)
    elif n > m:
        rest = under(L1, upper[..., :, k:], transpose=True, unit=True)
        g_l = g_l - matmul_op(rest, mT(U[..., :, k:]))
    inner = tril(matmul_op(mT(L1), g_l), -1) + triu(matmul_op(g_u, mT(U1)))
    square = mT(under(U1, mT(under(L1, inner, transpose=True, unit=True)), upper=True))
    return square if rest is None else cat([square, rest], -2 if m > n else -1)


def exchanged(g, pivots, inverse):
    """The rows of g in the order that the exchanges `pivots` give (inverse: back)."""
    order = row_order(pivots, g.shape[-2])
    order = argsort(order, -1) if inverse else order
    index = expand(unsqueeze(order, -1), *g.shape)
    return gather(expand(g, *index.shape), -2, index)


def row_order(pivots, m):
    """int64 (..., m): which row of A stands where after the exchanges."""
    def order(np, p):
        flat = batch(p, 1) - 1
        rows = np.tile(np.arange(m), (len(flat), 1))
        every = np.arange(len(flat))
        for j in range(p.shape[-1]):
            i = flat[:, j]
            rows[every, i], rows[:, j] = rows[:, j].copy(), rows[every, i]
        return rows.reshape(*p.shape[:-1], m)
    return through_numpy(order)(pivots)


lu_op = op("lu_factor", through_numpy(lu_packed), "x", aux="pivots",
           x=lambda g, y, pivots: exchanged(lu_grad(g, y), pivots, True))
LU_FACTOR, LU_FACTOR_EX = result("linalg_lu_factor", "LU", "pivots"), result("linalg_lu_factor_ex", "LU", "pivots", "info")
LU, LU_UNPACK = result("linalg_lu", "P", "L", "U"), result("lu_unpack", "P", "L", "U")
ANY = [case((3, 3)), case((2, 4, 3)), case((2, 2, 5))]


def pivoted(name, pivot):
    """Errors: for pivot=False."""
    if not pivot:
        raise ArgumentError(f"{name}: pivot=False is not offered on the CPU, as in PyTorch")


@public(samples=ANY, namespace="linalg")
@writes_out
def lu_factor(A, *, pivot=True, out=None):
    """(LU, pivots): L (below the diagonal; its own is 1) and U of P L U = A in one matrix, and the row exchanges, counted from 1, for
    lu_solve: [..., m, n] -> [..., m, n], [..., min(m, n)] in int32.

    Errors: LinAlgError where U has a zero on its diagonal, ArgumentError for pivot=False, ShapeError, DTypeError unless float32 or
    float64. Source: torch.linalg.lu_factor.

    >>> import tensorgrad
    >>> tensorgrad.linalg.lu_factor(tensorgrad.tensor([[0.0, 2.0], [4.0, 8.0]])).pivots
    tensor([2, 2], dtype=tensorgrad.int32)
    """
    return LU_FACTOR(lu_factor_ex(A, pivot=pivot, check_errors=True)[:2])


@public(samples=ANY, namespace="linalg")
@writes_out
def lu_factor_ex(A, *, pivot=True, check_errors=False, out=None):
    """(LU, pivots, info): as lu_factor, but a zero on U's diagonal is no error (unless check_errors): info [...] has the number of the
    first, else 0. Errors: ArgumentError for pivot=False, ShapeError, DTypeError. Source: torch.linalg.lu_factor_ex.

    >>> import tensorgrad
    >>> tensorgrad.linalg.lu_factor_ex(tensorgrad.ones(2, 2)).info
    tensor(2, dtype=tensorgrad.int32)
    """
    pivoted("linalg.lu_factor", pivot)
    is_matrix("linalg.lu_factor", A)
    LU, pivots = lu_op(A)
    info = through_numpy(zero_pivot)(LU)
    if check_errors and bool((info != 0).any()):
        raise LinAlgError(f"linalg.lu_factor: U[{int(info.max())}, {int(info.max())}] (counted from 1) is zero, so that lu_solve would "
                          f"divide by it; A has shape {tuple(A.shape)}. linalg.lu and lu_factor_ex accept it")
    return LU_FACTOR_EX((LU, pivots, info))


@public(samples=ANY, namespace="linalg")
@writes_out
def lu(A, *, pivot=True, out=None):
    """(P, L, U) with A = P L U: a permutation [..., m, m], a lower triangle with ones on its diagonal [..., m, k], an upper triangle
    [..., k, n], for A [..., m, n] and k = min(m, n). Errors: ArgumentError for pivot=False, ShapeError, DTypeError unless float32 or
    float64. Source: torch.linalg.lu.

    >>> import tensorgrad
    >>> tensorgrad.linalg.lu(tensorgrad.tensor([[0.0, 2.0], [4.0, 8.0]])).U
    tensor([[4., 8.],
            [0., 2.]])
    """
    pivoted("linalg.lu", pivot)
    is_matrix("linalg.lu", A)
    return LU(unpacked(*lu_op(A)))


def unpacked(LU, pivots):
    """(P, L, U) of lu_factor's result."""
    m, n = LU.shape[-2:]
    k = min(m, n)
    L = tril(LU[..., :, :k], -1) + eye(m, k, dtype=LU.dtype)
    P = exchanged(expand(eye(m, dtype=LU.dtype), *LU.shape[:-2], m, m), pivots, True)
    return P, L, triu(LU[..., :k, :])


@public(grad=False)
@writes_out
def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True, *, out=None):
    """(P, L, U) from lu_factor's LU [..., m, n] and pivots; see linalg.lu for the shapes. Empty tensors for what is not to be unpacked.
    Errors: ShapeError for other pivots, DTypeError. Source: torch.lu_unpack.

    >>> import tensorgrad
    >>> A = tensorgrad.tensor([[0.0, 2.0], [4.0, 8.0]])
    >>> P, L, U = tensorgrad.lu_unpack(*tensorgrad.linalg.lu_factor(A))
    >>> P @ L @ U
    tensor([[0., 2.],
            [4., 8.]])
    """
    is_matrix("lu_unpack", LU_data, "LU_data")
    check_pivots("lu_unpack", LU_data, LU_pivots)
    P, L, U = unpacked(LU_data, LU_pivots)
    return LU_UNPACK((P if unpack_pivots else nothing(LU_data), *((L, U) if unpack_data else (nothing(LU_data),) * 2)))


def check_pivots(name, LU, pivots):
    """Errors: unless the pivots are row numbers of LU."""
    m, k = LU.shape[-2], min(LU.shape[-2:])
    if tuple(pivots.shape) != (*LU.shape[:-2], k) or pivots.dtype.name != "int32":
        raise ShapeError(f"{name}: pivots must be int32 of shape {(*LU.shape[:-2], k)} for LU of shape {tuple(LU.shape)}, got "
                         f"{pivots.dtype} of shape {tuple(pivots.shape)}")
    if pivots.numel() and not (pivots.min().item() >= 1 and pivots.max().item() <= m):
        raise ArgumentError(f"{name}: pivots must be in [1, {m}], got {pivots.min().item()} to {pivots.max().item()}")


@public(grad=False, namespace="linalg")
@writes_out
def lu_solve(LU, pivots, B, *, left=True, adjoint=False, out=None):
    """X with A X = B for A [..., n, n] given as lu_factor's result (left=False: X A = B; adjoint: A^T in place of A): X of the shape of B
    [..., n, k]. Batches broadcast. Errors: ShapeError, DTypeError. Source: torch.linalg.lu_solve.

    >>> import tensorgrad
    >>> LU, pivots = tensorgrad.linalg.lu_factor(tensorgrad.tensor([[0.0, 2.0], [4.0, 8.0]]))
    >>> tensorgrad.linalg.lu_solve(LU, pivots, tensorgrad.tensor([[2.0], [12.0]]))
    tensor([[1.],
            [1.]])
    """
    is_matrix("linalg.lu_solve", LU, "LU", square=True)
    is_matrix("linalg.lu_solve", B, "B")
    one_dtype("linalg.lu_solve", LU=LU, B=B)
    check_pivots("linalg.lu_solve", LU, pivots)
    if not left:
        return mT(lu_solve(LU, pivots, mT(B), adjoint=not adjoint))
    if B.shape[-2] != LU.shape[-1]:
        raise ShapeError(f"linalg.lu_solve: LU of shape {tuple(LU.shape)} and B of shape {tuple(B.shape)} do not fit")
    P, L, U = unpacked(LU, pivots)
    if adjoint:
        return matmul_op(P, under(L, under(U, B, transpose=True, upper=True), transpose=True, unit=True))
    return under(U, under(L, matmul_op(mT(P), B), unit=True), upper=True)


# ---- LDL^T ----

def lapack(name, *likes):
    """SciPy's LAPACK functions, or an error that says what to install."""
    try:
        from scipy.linalg import get_lapack_funcs
    except ImportError:
        raise ImportError(f"linalg.{name}: needs SciPy; pip install 'tensorgrad-cpu[scipy]'") from None
    return get_lapack_funcs(name, likes)


def ldl_packed(np, a):
    """(LD, pivots, info) of each matrix, by LAPACK's sytrf on the lower triangle."""
    flat = batch(a)
    n = a.shape[-1]
    found, pivots, info = np.empty_like(flat), np.empty((len(flat), n), np.int32), np.zeros(len(flat), np.int32)
    sytrf = lapack("sytrf", a)
    for i, m in enumerate(flat):
        if n:
            LD, pivots[i], info[i] = sytrf(m, lower=1)
            found[i] = np.tril(LD)
    return found.reshape(a.shape), pivots.reshape(a.shape[:-1]), info.reshape(a.shape[:-2])


LDL, LDL_EX = result("linalg_ldl_factor", "LD", "pivots"), result("linalg_ldl_factor_ex", "LD", "pivots", "info")


@public(samples=[case(definite((3, 3))), case(definite((2, 4, 4)))], grad=False, namespace="linalg", torch=None)
@writes_out
def ldl_factor(A, *, hermitian=False, out=None):
    """(LD, pivots): L and D of A = P L D L^T P^T for symmetric A [..., n, n], D of 1 x 1 and 2 x 2 blocks, for ldl_solve. The lower
    triangle of A is read. Needs SciPy (extra [scipy]). Errors: LinAlgError for a singular D, ShapeError, DTypeError, ImportError. Source:
    torch.linalg.ldl_factor; LAPACK's sytrf.

    >>> import tensorgrad
    >>> tensorgrad.linalg.ldl_factor(tensorgrad.eye(2) * 3).LD
    tensor([[3., 0.],
            [0., 3.]])
    """
    LD, pivots, _ = ldl_factor_ex(A, hermitian=hermitian, check_errors=True)
    return LDL((LD, pivots))


@public(samples=[case(definite((3, 3)))], grad=False, namespace="linalg", torch=None)
@writes_out
def ldl_factor_ex(A, *, hermitian=False, check_errors=False, out=None):
    """(LD, pivots, info) of A [..., n, n]: as ldl_factor, but a zero on D's diagonal is no error (unless check_errors): info has its
    number, else 0. Errors: ShapeError, DTypeError, ImportError without SciPy. Source: torch.linalg.ldl_factor_ex.

    >>> import tensorgrad
    >>> tensorgrad.linalg.ldl_factor_ex(tensorgrad.eye(2)).info
    tensor(0, dtype=tensorgrad.int32)
    """
    is_matrix("linalg.ldl_factor", A, square=True)
    LD, pivots, info = through_numpy(ldl_packed)(A)
    if check_errors and bool((info != 0).any()):
        raise LinAlgError(f"linalg.ldl_factor: D[{int(info.max())}] (counted from 1) is zero; A has shape {tuple(A.shape)}")
    return LDL_EX((LD, pivots, info))


def ldl_solution(np, LD, b, pivots):
    """X of each system, by LAPACK's sytrs."""
    shape = np.broadcast_shapes(LD.shape[:-2], b.shape[:-2])
    n, k = b.shape[-2:]
    out = np.empty((*shape, n, k), b.dtype)
    LDs, bs = np.broadcast_to(LD, (*shape, n, n)), np.broadcast_to(b, out.shape)
    swaps = np.broadcast_to(np.asarray(pivots, np.int32), (*shape, n))
    sytrs = lapack("sytrs", LD)
    for i in np.ndindex(*shape):
        out[i] = sytrs(LDs[i], swaps[i], bs[i], lower=1)[0]
    return out


ldl_solve_op = op("ldl_solve", through_numpy(ldl_solution), "a b", b=lambda g, a, pivots: ldl_solve_op(a, g, pivots=pivots))


@public(grad=False, namespace="linalg")
@writes_out
def ldl_solve(LD, pivots, B, *, hermitian=False, out=None):
    """X with A X = B for A [..., n, n] given as ldl_factor's result and B [..., n, k]. Differentiable in B alone (in PyTorch not at all).
    Needs SciPy. Errors: ShapeError, DTypeError, ImportError. Source: torch.linalg.ldl_solve.

    >>> import tensorgrad
    >>> LD, pivots = tensorgrad.linalg.ldl_factor(tensorgrad.eye(2) * 4)
    >>> tensorgrad.linalg.ldl_solve(LD, pivots, tensorgrad.ones(2, 1))
    tensor([[0.2500],
            [0.2500]])
    """
    is_matrix("linalg.ldl_solve", LD, "LD", square=True)
    is_matrix("linalg.ldl_solve", B, "B")
    one_dtype("linalg.ldl_solve", LD=LD, B=B)
    if B.shape[-2] != LD.shape[-1] or tuple(pivots.shape) != tuple(LD.shape[:-1]):
        raise ShapeError(f"linalg.ldl_solve: LD of shape {tuple(LD.shape)}, pivots {tuple(pivots.shape)} and B {tuple(B.shape)} do "
                         "not fit each other")
    return ldl_solve_op(LD, B, pivots=pivots.tolist())


# ---- QR ----

def qr_grad(g, x, y0, y1, mode):
    """(g_Q + Q sym(R g_R^T - g_Q^T Q)) R^-T, sym copying the lower triangle to the upper one; a wide A = [X, Y] is the QR of X,
    with Y = Q V. Source: Walter and Lehmann, Algorithmic differentiation of linear algebra functions (2010)."""
    q, r = y0, y1
    gq, gr = g
    m, n = x.shape[-2:]
    if mode == "r" or (mode == "complete" and m > n):
        raise GraphError(f"linalg.qr: mode={mode!r} has no derivative for matrices of shape {tuple(x.shape)}; use mode='reduced'")
    wide = n > m
    if wide and gr is not None:  # Y = Q V
        gv = gr[..., :, m:]
        gq = matmul_op(x[..., :, m:], mT(gv)) if gq is None else gq + matmul_op(x[..., :, m:], mT(gv))
    square = r[..., :, :m] if wide else r
    gu = None if gr is None else gr[..., :, :m] if wide else gr
    inner = None
    if gu is not None:
        inner = matmul_op(square, mT(gu))
    if gq is not None:
        part = matmul_op(mT(gq), q)
        inner = -part if inner is None else inner - part
    inner = tril(inner) + mT(tril(inner, -1))
    left = matmul_op(q, inner)
    left = left if gq is None else left + gq
    gx = mT(under(square, mT(left), upper=True))  # left R^-T
    if not wide:
        return gx
    return cat([gx, matmul_op(q, gv) if gr is not None else x[..., :, m:] * 0], -1)


def qr_forward(np, a, mode):
    """(Q, R); of mode "r" Q is empty."""
    if mode == "r":
        return np.empty(0, a.dtype), np.linalg.qr(a, mode="r")
    return tuple(np.linalg.qr(a, mode=mode))


qr_op = op("qr", through_numpy(qr_forward), "x", outputs=2, x=qr_grad)
QR = result("linalg_qr", "Q", "R")


@public(samples=[*ANY, case((3, 3), mode="complete")], namespace="linalg",
        like=lambda np, a, mode="reduced": tuple(np.linalg.qr(a, mode)))
@writes_out
def qr(A, mode="reduced", *, out=None):
    """(Q, R) with A = Q R for matrices [..., m, n]: Q^T Q = 1, R upper triangular. mode: "reduced": Q is [..., m, min(m, n)], "complete":
    [..., m, m], "r": empty. Differentiable for mode "reduced" (and "complete" where m <= n) if the first min(m, n) columns of A are
    independent. Errors: ArgumentError for another mode, ShapeError, DTypeError unless float32 or float64. Source: torch.linalg.qr.

    >>> import tensorgrad
    >>> tensorgrad.linalg.qr(tensorgrad.tensor([[2.0], [0.0]])).R.abs()
    tensor([[2.]])
    """
    check_choice("linalg.qr", "mode", mode, ("reduced", "complete", "r"))
    is_matrix("linalg.qr", A)
    return QR(qr_op(A, mode=mode))


# ---- Householder reflections ----

def reflect(A, tau, other, transpose):
    """H_1 H_2 ... H_k other (transpose: H_k ... H_1), H_i = 1 - tau_i v_i v_i^T, v_i being column i of A below its diagonal, 1
    there, and 0 above."""
    m, k = A.shape[-2], tau.shape[-1]
    V = tril(A[..., :, :k], -1) + eye(m, k, dtype=A.dtype)
    for i in range(k) if transpose else reversed(range(k)):
        v = V[..., :, i:i + 1]
        other = other - tau[..., i:i + 1].unsqueeze(-1) * matmul_op(v, matmul_op(mT(v), other))
    return other


def check_reflectors(name, A, tau):
    """Errors: unless A and tau describe reflections."""
    is_matrix(name, A)
    one_dtype(name, A=A, tau=tau)
    m, n = A.shape[-2:]
    if n > m or tuple(tau.shape[:-1]) != tuple(A.shape[:-2]) or tau.ndim != A.ndim - 1 or tau.shape[-1] > n:
        raise ShapeError(f"{name}: A of shape {tuple(A.shape)} must have at least as many rows as columns, and tau of shape "
                         f"{tuple(tau.shape)} at most as many elements as A has columns")


@public(samples=[case((4, 3), (3,)), case((2, 3, 3), (2, 2)), case((3, 2), (0,))], on=(-0.5, 0.5), namespace="linalg")
@writes_out
def householder_product(A, tau, *, out=None):
    """The first n columns of H_1 H_2 ... H_k, H_i = 1 - tau_i v_i v_i^T with v_i from below the diagonal of column i of A: Q from
    geqrf's result. A: (..., m, n), tau: (..., k), k <= n <= m. Errors: ShapeError, DTypeError. Source:
    torch.linalg.householder_product.

    >>> import tensorgrad
    >>> a, tau = tensorgrad.geqrf(tensorgrad.tensor([[3.0], [4.0]]))
    >>> tensorgrad.linalg.householder_product(a, tau)
    tensor([[-0.6000],
            [-0.8000]])
    """
    check_reflectors("linalg.householder_product", A, tau)
    m, n = A.shape[-2:]
    if not tau.shape[-1]:
        return A * 0 + eye(m, n, dtype=A.dtype) + zeros((*A.shape[:-2], m, n), dtype=A.dtype)
    return reflect(A, tau, eye(m, n, dtype=A.dtype), False)


GEQRF = result("geqrf", "a", "tau")


@public(samples=ANY, grad=False, method=True)
@writes_out
def geqrf(input, *, out=None):
    """(a, tau) of matrices [..., m, n]: R of the QR factorisation on and above the diagonal of a [..., m, n], the reflections that make Q
    below it and in tau [..., min(m, n)]; see orgqr. Errors: ShapeError, DTypeError. Source: torch.geqrf, LAPACK's geqrf.

    >>> import tensorgrad
    >>> tensorgrad.geqrf(tensorgrad.tensor([[3.0], [4.0]])).tau
    tensor([1.6000])
    """
    is_matrix("geqrf", input)
    h, tau = through_numpy(lambda np, a: tuple(np.linalg.qr(a, mode="raw")))(input.detach())
    return GEQRF((mT(h).contiguous(), tau))


@public(samples=[case((4, 3), (3,)), case((2, 3, 3), (2, 2))], on=(-0.5, 0.5), method=True)
def orgqr(input, tau):
    """Q from geqrf's result, [..., m, n]: linalg.householder_product. Errors: ShapeError, DTypeError. Source: torch.orgqr.

    >>> import tensorgrad
    >>> tensorgrad.orgqr(*tensorgrad.geqrf(tensorgrad.tensor([[3.0], [4.0]])))
    tensor([[-0.6000],
            [-0.8000]])
    """
    return householder_product(input, tau)


@public(samples=[case((4, 3), (3,), (4, 2)), case((4, 3), (3,), (2, 4), False), case((3, 3), (3,), (3, 2), True, True)], on=(-0.5, 0.5),
        method=True)
@writes_out
def ormqr(input, tau, other, left=True, transpose=False, *, out=None):
    """Q other (left=False: other Q) for the square Q [..., m, m] of geqrf's result (input, tau); transpose: Q^T. The result has the shape
    of other. Errors: ShapeError, DTypeError. Source: torch.ormqr.

    >>> import tensorgrad
    >>> a, tau = tensorgrad.geqrf(tensorgrad.tensor([[3.0], [4.0]]))
    >>> tensorgrad.ormqr(a, tau, tensorgrad.tensor([[3.0], [4.0]]), transpose=True)[0]
    tensor([-5.])
    """
    check_reflectors("ormqr", input, tau)
    is_matrix("ormqr", other, "other")
    one_dtype("ormqr", input=input, other=other)
    if other.shape[-2 if left else -1] != input.shape[-2]:
        raise ShapeError(f"ormqr: input of shape {tuple(input.shape)} and other of shape {tuple(other.shape)} do not fit")
    if left:
        return reflect(input, tau, other, transpose)
    return mT(reflect(input, tau, mT(other), not transpose))
