"""Eigenvalues of symmetric matrices, singular values, and approximations of low rank."""

from .._core.errors import ArgumentError, ShapeError
from .create import eye
from .declare import case, definite, op, public, writes_out
from .extremes import result
from .linalg import matmul_op
from .matrices import check_choice, guarded, is_matrix, mT, one_dtype, through_numpy
from .random import randn
from .rearrange import diag_embed, flip
from .solve import solve_triangular


def gaps(values):
    """E[i, j] = values[j] - values[i], 1 on the diagonal."""
    return values.unsqueeze(-2) - values.unsqueeze(-1) + eye(values.shape[-1], dtype=values.dtype)


def no_reason(np, a):
    """An eigenvalue iteration fails for one reason only: `guarded` names it."""
    return ""


# ---- symmetric eigenvalues ----

def eigh_grad(g, y0, y1):
    """V (diag(g_L) + V^T g_V / E) V^T, made symmetric: the gradient of a symmetric A. Source: Giles, Collected matrix derivative results
    (2008)."""
    values, v = y0, y1
    gl, gv = g
    if gv is None:
        return matmul_op(v * gl.unsqueeze(-2), mT(v))
    inner = matmul_op(mT(v), gv) / gaps(values)
    one = eye(values.shape[-1], dtype=values.dtype)
    inner = (inner + mT(inner)) * 0.5 * (1 - one) + (0 if gl is None else diag_embed(gl))
    return matmul_op(matmul_op(v, inner), mT(v))


@through_numpy
def eigh_of(np, a, UPLO):
    """(eigenvalues, eigenvectors)."""
    return tuple(guarded(np, "linalg.eigh", no_reason, lambda a: np.linalg.eigh(a, UPLO), a))


eigh_op = op("eigh", eigh_of, "x", outputs=2, x=eigh_grad)
EIGH = result("linalg_eigh", "eigenvalues", "eigenvectors")
SYMMETRIC = [case(definite((3, 3))), case(definite((2, 1, 4, 4))), case((0, 0))]


@public(samples=[*SYMMETRIC, case(definite((3, 3)), UPLO="U")], grad=False, namespace="linalg", torch=None,
        like=lambda np, a, UPLO="L": tuple(np.linalg.eigh(a, UPLO)))
@writes_out
def eigh(A, UPLO="L", *, out=None):
    """(eigenvalues [..., n], eigenvectors [..., n, n]) of symmetric A [..., n, n]: A V = V diag(L), V^T V = 1, eigenvalues ascending.
    UPLO: the triangle of A that is read. The signs of the eigenvectors are arbitrary, and so is their derivative where eigenvalues are
    equal; that of the eigenvalues is not. Errors: LinAlgError for NaN and infinity, ArgumentError for another UPLO, ShapeError,
    DTypeError. Source: torch.linalg.eigh.

    >>> import tensorgrad
    >>> tensorgrad.linalg.eigh(tensorgrad.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
    tensor([1., 2.])
    """
    check_choice("linalg.eigh", "UPLO", UPLO, ("L", "U", "l", "u"))
    is_matrix("linalg.eigh", A, square=True)
    return EIGH(eigh_op(A, UPLO=UPLO.upper()))


@public(samples=SYMMETRIC, grad=False, namespace="linalg", like=lambda np, a: np.linalg.eigvalsh(a))
@writes_out
def eigvalsh(A, UPLO="L", *, out=None):
    """The eigenvalues of symmetric A, ascending: [..., n, n] -> [..., n]; see eigh. Errors: LinAlgError for NaN and infinity,
    ArgumentError for another UPLO, ShapeError, DTypeError. Source: torch.linalg.eigvalsh.

    >>> import tensorgrad
    >>> tensorgrad.linalg.eigvalsh(tensorgrad.tensor([[2.0, 0.0], [0.0, 1.0]]))
    tensor([1., 2.])
    """
    return eigh(A, UPLO)[0]


# ---- singular values ----

def svd_grad(g, y0, y1, y2):
    """U [(U^T g_U)~ / E S + S (V^T g_V)~ / E + diag(g_S)] V^T and the parts of g_U, g_V outside the spans of U and V, where X~ =
    X - X^T and E[i, j] = s_j^2 - s_i^2. Of full U and V only the columns that belong to singular values count. Source:
    Townsend, Differentiating the singular value decomposition (2016)."""
    gu, gs, gvh = g
    k = y1.shape[-1]
    u, s, vh = y0[..., :, :k], y1, y2[..., :k, :]
    if gu is None and gvh is None:
        return matmul_op(u * gs.unsqueeze(-2), vh)
    inner, e = 0 if gs is None else diag_embed(gs), gaps(s * s)
    if gu is not None:
        gu = gu[..., :, :k]
        turned = matmul_op(mT(u), gu)
        inner = inner + (turned - mT(turned)) / e * s.unsqueeze(-2)
    if gvh is not None:
        gvh = gvh[..., :k, :]
        turned = matmul_op(vh, mT(gvh))
        inner = inner + s.unsqueeze(-1) * ((turned - mT(turned)) / e)
    left = matmul_op(u, inner)
    if gu is not None and u.shape[-2] > k:
        left = left + (gu - matmul_op(u, matmul_op(mT(u), gu))) / s.unsqueeze(-2)
    whole = matmul_op(left, vh)
    if gvh is not None and vh.shape[-1] > k:
        whole = whole + matmul_op(u / s.unsqueeze(-2), gvh - matmul_op(matmul_op(gvh, mT(vh)), vh))
    return whole


@through_numpy
def svd_of(np, a, full):
    """(U, S, V^T)."""
    return tuple(guarded(np, "linalg.svd", no_reason, lambda a: np.linalg.svd(a, full_matrices=full), a))


svd_op = op("svd", svd_of, "x", outputs=3, x=svd_grad)
SVD = result("linalg_svd", "U", "S", "Vh")


def check_driver(name, driver):
    """The drivers of another device are no choice here."""
    if driver is not None:
        raise ArgumentError(f"{name}: driver={driver!r} is for CUDA; leave it out")


@public(samples=[case((3, 3)), case((2, 4, 3), full_matrices=False), case((2, 5), full_matrices=False)], namespace="linalg", torch=None,
        like=lambda np, a, full_matrices=True: tuple(np.linalg.svd(a, full_matrices)))
@writes_out
def svd(A, full_matrices=True, *, driver=None, out=None):
    """(U, S, Vh) with A = U diag(S) Vh for matrices [..., m, n]: S descending, the columns of U and the rows of Vh orthonormal.
    full_matrices: U [..., m, m] and Vh [..., n, n], else only min(m, n) columns and rows. Signs are arbitrary, and so are derivatives of
    U and Vh where singular values are equal or zero. Errors: LinAlgError for NaN and infinity, ArgumentError for a driver, ShapeError,
    DTypeError unless float32 or float64. Source: torch.linalg.svd.

    >>> import tensorgrad
    >>> tensorgrad.linalg.svd(tensorgrad.tensor([[0.0, 2.0], [1.0, 0.0]])).S
    tensor([2., 1.])
    """
    check_driver("linalg.svd", driver)
    is_matrix("linalg.svd", A)
    return SVD(svd_op(A, full=bool(full_matrices)))


@public(samples=[case((3, 3)), case((2, 4, 3)), case((2, 5)), case((0, 3))], namespace="linalg",
        like=lambda np, a: np.linalg.svd(a, compute_uv=False))
@writes_out
def svdvals(A, *, driver=None, out=None):
    """The singular values of matrices, descending: [..., m, n] -> [..., min(m, n)]. Errors: LinAlgError for NaN and infinity,
    ArgumentError for a driver, ShapeError, DTypeError. Source: torch.linalg.svdvals.

    >>> import tensorgrad
    >>> tensorgrad.linalg.svdvals(tensorgrad.tensor([[0.0, 2.0], [1.0, 0.0]]))
    tensor([2., 1.])
    """
    check_driver("linalg.svdvals", driver)
    is_matrix("linalg.svdvals", A)
    return svd_op(A, full=False)[1]


# ---- low rank ----

def rangefinder(A, q, niter, M):
    """Q (m, q), orthonormal, nearly spanning the range of A - M: randomised subspace iteration. Source: Halko, Martinsson and
    Tropp, SIAM Review 53 (2011), algorithm 4.4; PyTorch's order of random draws."""
    from .decompose import qr

    def times(X, transpose=False):
        found = matmul_op(mT(A) if transpose else A, X)
        return found if M is None else found - matmul_op(mT(M) if transpose else M, X)

    q_of = lambda X: qr(X)[0]
    Q = q_of(times(randn(A.shape[-1], q, dtype=A.dtype)))
    for _ in range(niter):
        Q = q_of(times(q_of(times(Q, True))))
    return Q


@public(grad=False)
def svd_lowrank(A, q=6, niter=2, M=None):
    """(U, S, V) with A - M nearly U diag(S) V^T, of rank q: a random projection and niter subspace iterations. A: (..., m, n), M: what to
    subtract, of A's shape. Errors: LinAlgError for NaN and infinity, ShapeError, ArgumentError. Source: torch.svd_lowrank; Halko,
    Martinsson and Tropp (2011).

    >>> import tensorgrad
    >>> U, S, V = tensorgrad.svd_lowrank(tensorgrad.eye(5) * 3, q=2)
    >>> U.shape, S.round(decimals=3), V.shape
    (tensorgrad.Size([5, 2]), tensor([3., 3.]), tensorgrad.Size([5, 2]))
    """
    is_matrix("svd_lowrank", A)
    if q is None:
        q = 6
    if not 0 <= q <= min(A.shape[-2:]):
        raise ArgumentError(f"svd_lowrank: q = {q} must be in [0, {min(A.shape[-2:])}] for A of shape {tuple(A.shape)}")
    if niter < 0:
        raise ArgumentError(f"svd_lowrank: niter must not be negative, got {niter}")
    if M is not None:
        M = M.expand(*A.shape)
    tall = A.shape[-2] >= A.shape[-1]
    if not tall:
        A, M = mT(A), None if M is None else mT(M)
    Q = rangefinder(A, q, niter, M)
    B = matmul_op(mT(Q), A if M is None else A - M)
    U, S, Vh = svd(B, full_matrices=False)
    U, V = matmul_op(Q, U), mT(Vh)
    return (U, S, V) if tall else (V, S, U)


@public(grad=False)
def pca_lowrank(A, q=None, center=True, niter=2):
    """(U, S, V): the principal directions V (n, q) of m rows (..., m, n), with S / sqrt(m - 1) the standard deviations along them;
    center: subtract the column means first. q: min(6, m, n) by default. Errors: LinAlgError for NaN and infinity, ShapeError,
    ArgumentError. Source: torch.pca_lowrank.

    >>> import tensorgrad
    >>> U, S, V = tensorgrad.pca_lowrank(tensorgrad.tensor([[0.0, 1.0], [0.0, 3.0]]), q=1)
    >>> S, V.abs()
    (tensor([1.4142]), tensor([[0.],
            [1.]]))
    """
    is_matrix("pca_lowrank", A)
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    if not 0 <= q <= min(m, n):
        raise ArgumentError(f"pca_lowrank: q = {q} must be in [0, {min(m, n)}] for A of shape {tuple(A.shape)}")
    return svd_lowrank(A - A.mean(-2, keepdim=True) if center else A, q, niter)


@public(grad=False)
def lobpcg(A, k=None, B=None, X=None, n=None, iK=None, niter=None, tol=None, largest=None, method=None, tracker=None,
           ortho_iparams=None, ortho_fparams=None, ortho_bparams=None):
    """(E, X): the k largest (largest=False: smallest) eigenvalues of symmetric A x = e B x and their eigenvectors, X^T B X = 1.
    k: the columns of the first guess X, else 1. Matrices are dense here, so all eigenvalues are computed at once and exactly;
    what steers the iteration (n, iK, niter, tol, method ...) is accepted and not needed. Errors: ShapeError, ArgumentError,
    LinAlgError. Source: torch.lobpcg.

    >>> import tensorgrad
    >>> tensorgrad.lobpcg(tensorgrad.tensor([[1.0, 0.0], [0.0, 5.0]]), k=1)[0]
    tensor([5.])
    """
    from .decompose import cholesky
    is_matrix("lobpcg", A, square=True)
    k = (1 if X is None else X.shape[-1]) if k is None else k
    if not 0 < k <= A.shape[-1]:
        raise ArgumentError(f"lobpcg: k = {k} must be in [1, {A.shape[-1]}] for A of shape {tuple(A.shape)}")
    if B is not None:
        one_dtype("lobpcg", A=A, B=B)
        if tuple(A.shape) != tuple(B.shape):
            raise ShapeError(f"lobpcg: B of shape {tuple(B.shape)} must have A's shape {tuple(A.shape)}")
        L = cholesky(B)
        half = solve_triangular(L, A, upper=False)
        A = mT(solve_triangular(L, mT(half), upper=False))
    values, vectors = eigh(A)
    if largest is None or largest:
        values, vectors = flip(values, (-1,)), flip(vectors, (-1,))
    values, vectors = values[..., :k], vectors[..., :k]
    return values, vectors if B is None else solve_triangular(mT(L), vectors, upper=True)


