"""Linear algebra beyond what the registry's samples check: symmetric inputs, arbitrary signs, factors used again, matrices that
are singular, errors."""

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad import linalg
from tensorgrad._core.errors import ArgumentError, DTypeError, GraphError, LinAlgError, ShapeError
from tensorgrad.autograd import grad, gradcheck, gradgradcheck

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

needs_torch = pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
RNG = np.random.RandomState(3)


def random(*shape, requires_grad=False):
    return tg.tensor(RNG.uniform(-1, 1, shape), requires_grad=requires_grad)


def symmetric(x):
    """A positive definite matrix with eigenvalues apart from each other, as a function of any square matrix."""
    return x @ x.mT + tg.diag_embed(tg.arange(1, x.shape[-1] + 1, dtype=x.dtype))


def close(a, b, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(a.detach()), np.asarray(b.detach() if hasattr(b, "detach") else b), tolerance, tolerance)


# ---- derivatives of functions of symmetric matrices, and what does not depend on signs ----

SMOOTH = {
    "cholesky": lambda x: linalg.cholesky(symmetric(x)),
    "cholesky upper": lambda x: linalg.cholesky(symmetric(x), upper=True),
    "cholesky_ex": lambda x: linalg.cholesky_ex(symmetric(x))[0],
    "eigvalsh": lambda x: linalg.eigvalsh(symmetric(x)),
    "eigh": lambda x: [f(*linalg.eigh(symmetric(x))) for f in (lambda e, v: (v * e.unsqueeze(-2).exp()) @ v.mT, lambda e, v: v.square())],
    "eigh upper": lambda x: linalg.eigh(symmetric(x), "U")[1].square(),
    "svd": lambda x: [f(*linalg.svd(x, full_matrices=False)) for f in (
        lambda u, s, v: (u * s.sin().unsqueeze(-2)) @ v, lambda u, s, v: u.square(), lambda u, s, v: v.square())],
    "inverse by lu": lambda x: linalg.lu_solve(*linalg.lu_factor(symmetric(x)), tg.eye(x.shape[-1], dtype=x.dtype)),
    "lu_unpack": lambda x: tg.lu_unpack(*linalg.lu_factor(x))[1:],
    "pinv of symmetric": lambda x: linalg.pinv(symmetric(x), hermitian=True),
    "nuclear norm": lambda x: linalg.matrix_norm(x, "nuc"),
    "cholesky_inverse": lambda x: tg.cholesky_inverse(linalg.cholesky(symmetric(x))),
    "ldl_solve": lambda x: linalg.ldl_solve(*linalg.ldl_factor(symmetric(x.detach() * 0 + 0.5)), x),
    "lobpcg": lambda x: tg.lobpcg(symmetric(x), k=2)[0],
    "logdet": lambda x: tg.logdet(symmetric(x)),
}


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)], ids=str)
@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives(name, shape):
    x = tg.tensor(np.random.RandomState(1).uniform(-1, 1, shape), requires_grad=True)
    assert gradcheck(SMOOTH[name], (x,))
    assert gradgradcheck(SMOOTH[name], (x,), atol=1e-4)


@pytest.mark.parametrize("shape", [(4, 3), (3, 5)], ids=str)
def test_derivatives_of_full_factors(shape):
    x = random(*shape, requires_grad=True)
    k = min(shape)

    def whole(x):
        u, s, vh = linalg.svd(x)
        return (u[:, :k] * s.cos().unsqueeze(-2)) @ vh[:k], u[:, :k].square()
    assert gradcheck(whole, (x,)) and gradgradcheck(whole, (x,), atol=1e-4)


def test_gradient_of_the_determinant_of_a_singular_matrix():
    a = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
    x = tg.tensor(a, requires_grad=True)
    (g,) = grad(linalg.det(x), x)
    cofactors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    close(g, np.array(cofactors))


# ---- factors ----

def test_factors_multiply_back_to_the_matrix():
    for shape in ((3, 3), (2, 4, 3), (2, 2, 5), (0, 3), (3, 0), (0, 2, 2)):
        x = random(*shape)
        P, L, U = linalg.lu(x)
        close(P @ L @ U, x)
        Q, R = linalg.qr(x)
        close(Q @ R, x)
        close(linalg.qr(x, "r")[1], R)
        U, S, Vh = linalg.svd(x, full_matrices=False)
        close((U * S.unsqueeze(-2)) @ Vh, x)
        U, S, Vh = linalg.svd(x)
        assert U.shape[-1] == shape[-2] and Vh.shape[-2] == shape[-1]
        close(U @ U.mT, tg.eye(shape[-2]).expand(*U.shape))
        if shape[-2] >= shape[-1]:
            close(tg.orgqr(*tg.geqrf(x)), Q)
    x = symmetric(random(2, 4, 4))
    L = linalg.cholesky(x)
    close(L @ L.mT, x)
    values, vectors = linalg.eigh(x)
    close(x @ vectors, vectors * values.unsqueeze(-2))
    close(tg.cholesky_inverse(L) @ x, tg.eye(4).expand(2, 4, 4))


def test_solutions_solve():
    x, b = random(2, 4, 4) + 3 * tg.eye(4, dtype=tg.float64), random(2, 4, 3)
    LU, pivots = linalg.lu_factor(x)
    close(x @ linalg.lu_solve(LU, pivots, b), b)
    close(x.mT @ linalg.lu_solve(LU, pivots, b, adjoint=True), b)
    close(linalg.lu_solve(LU, pivots, b.mT, left=False) @ x, b.mT)
    close(linalg.lu_solve(LU, pivots, b.mT, left=False, adjoint=True) @ x.mT, b.mT)
    close(x @ tg.lu_solve(b, *tg.lu(x)), b)
    a = symmetric(x) - 9 * tg.eye(4, dtype=tg.float64)  # indefinite
    close(a @ linalg.ldl_solve(*linalg.ldl_factor(a), b), b)
    cube = random(2, 3, 6)
    close(tg.tensordot(linalg.tensorinv(cube), tg.tensordot(cube, tg.ones(6, dtype=tg.float64), 1), 2), np.ones(6))


def test_least_squares():
    a, b = random(5, 2), random(5, 3)
    found = linalg.lstsq(a, b, driver="gelsd")
    expected = np.linalg.lstsq(a.numpy(), b.numpy(), rcond=None)
    close(found.solution, expected[0])
    close(found.residuals, expected[1])
    close(found.singular_values, expected[3])
    assert found.rank.item() == 2 and linalg.lstsq(a, b, driver="gels").rank.numel() == 0
    flat = tg.ones(4, 2, dtype=tg.float64)
    found = linalg.lstsq(flat, b[:4])
    close(found.solution, np.linalg.lstsq(flat.numpy(), b[:4].numpy(), rcond=None)[0])
    assert found.rank.item() == 1 and found.residuals.numel() == 0


def test_ranks_and_tolerances():
    x = tg.tensor(np.diag([1.0, 1e-3, 1e-20]))
    assert linalg.matrix_rank(x).item() == 2
    assert linalg.matrix_rank(x, atol=0.01).item() == linalg.matrix_rank(x, rtol=0.01).item() == 1
    assert linalg.matrix_rank(x, hermitian=True).item() == 2
    assert linalg.matrix_rank(tg.stack([x, x * 0]), atol=tg.tensor([0.01, 0.01])).tolist() == [1, 0]
    close(linalg.pinv(x, rtol=0.01), np.diag([1.0, 0, 0]))
    assert linalg.pinv(tg.zeros(0, 3)).shape == (3, 0) and linalg.matrix_rank(tg.zeros(2, 0, 3)).tolist() == [0, 0]


def test_large_exponentials_and_triangles():
    x = random(40, 40) * 3
    close(linalg.matrix_exp(x) @ linalg.matrix_exp(-x), np.eye(40), 1e-6)
    t = tg.triu(random(130, 130)) + 5 * tg.eye(130, dtype=tg.float64)
    b = random(130, 2)
    close(t @ linalg.solve_triangular(t, b, upper=True), b)
    assert linalg.solve_triangular(tg.zeros(1, 1), tg.ones(1, 1), upper=True).item() == float("inf")


# ---- what fails ----

def test_singular_matrices_are_told():
    ones = tg.ones(2, 2)
    for call in (lambda: linalg.inv(ones), lambda: linalg.solve(ones, tg.ones(2)), lambda: linalg.lu_factor(ones),
                 lambda: tg.inverse(ones), lambda: linalg.inv_ex(ones, check_errors=True), lambda: linalg.matrix_power(ones, -1),
                 lambda: linalg.ldl_factor(tg.zeros(2, 2))):
        with pytest.raises(LinAlgError, match=r"zero|singular"):
            call()
    with pytest.raises(LinAlgError, match=r"batch element 1.*pivot 2"):
        linalg.inv(tg.stack([tg.eye(2), ones]))
    with pytest.raises(LinAlgError, match="leading minor of order 2"):
        linalg.cholesky(tg.tensor([[1.0, 2.0], [2.0, 1.0]]))
    with pytest.raises(LinAlgError, match="converge"):
        linalg.svd(tg.full((2, 2), float("nan")))
    assert linalg.det(ones).item() == 0 and linalg.slogdet(tg.zeros(2, 2)).sign.item() == 0
    assert np.isnan(tg.logdet(-tg.eye(3)).item()) and tg.logdet(ones).item() == -float("inf")


def test_ex_variants_report_instead():
    batch = tg.stack([tg.eye(2), tg.ones(2, 2), -tg.eye(2)])
    inverse, info = linalg.inv_ex(batch)
    assert info.tolist() == [0, 2, 0] and inverse[0].tolist() == [[1, 0], [0, 1]] and info.dtype is tg.int32
    result, info = linalg.solve_ex(batch, tg.ones(3, 2))
    assert info.tolist() == [0, 2, 0] and result[2].tolist() == [-1.0, -1.0]
    L, info = linalg.cholesky_ex(batch)
    assert info.tolist() == [0, 2, 1] and L[0].tolist() == [[1, 0], [0, 1]]
    assert linalg.lu_factor_ex(batch).info.tolist() == [0, 2, 0]
    assert linalg.ldl_factor_ex(tg.zeros(2, 2)).info.item() == 1
    assert linalg.cond(tg.ones(2, 2), 1).item() == float("inf")


BAD = [
    (lambda: linalg.inv(tg.ones(2, 3)), ShapeError, "square"),
    (lambda: linalg.inv(tg.ones(3)), ShapeError, "2 dimensions"),
    (lambda: linalg.inv(tg.ones(2, 2, dtype=tg.int64)), DTypeError, "int64"),
    (lambda: linalg.inv(tg.ones(2, 2, dtype=tg.float16)), DTypeError, "float16"),
    (lambda: linalg.inv([[1.0]]), TypeError, "list"),
    (lambda: linalg.solve(tg.eye(2), tg.ones(3)), ShapeError, r"\(2, 2\)"),
    (lambda: linalg.solve(tg.eye(2), tg.ones(2), left=False), ShapeError, "left"),
    (lambda: linalg.solve(tg.eye(2), tg.ones(2, dtype=tg.float64)), DTypeError, "one dtype"),
    (lambda: linalg.solve_triangular(tg.eye(2), tg.ones(2), upper=True), ShapeError, "2 dimensions"),
    (lambda: linalg.lu_solve(tg.eye(2), tg.tensor([1, 9], dtype=tg.int32), tg.ones(2, 1)), ArgumentError, r"\[1, 2\]"),
    (lambda: tg.lu_unpack(tg.eye(2), tg.tensor([1, 2])), ShapeError, "int32"),
    (lambda: linalg.lu(tg.eye(2), pivot=False), ArgumentError, "pivot"),
    (lambda: linalg.qr(tg.eye(2), mode="x"), ArgumentError, "reduced"),
    (lambda: linalg.qr(tg.ones(3, 2, requires_grad=True), "complete")[0].sum().backward(), GraphError, "reduced"),
    (lambda: linalg.qr(tg.ones(3, 2, requires_grad=True), "r")[1].sum().backward(), GraphError, "reduced"),
    (lambda: linalg.eigh(tg.eye(2), "X"), ArgumentError, "UPLO"),
    (lambda: linalg.matrix_norm(tg.eye(2), 3), ArgumentError, "ord"),
    (lambda: linalg.norm(tg.ones(2, 2, 2), 2), ShapeError, "1 or 2"),
    (lambda: linalg.norm(tg.ones(2), "fro"), ArgumentError, "matrices"),
    (lambda: linalg.vector_norm(tg.ones(0), float("inf")), ArgumentError, "no elements"),
    (lambda: linalg.vector_norm(tg.ones(2, 2), 2, (0, 0)), ArgumentError, "twice"),
    (lambda: linalg.vector_norm(tg.ones(2), 2, 3), ShapeError, "dim 3"),
    (lambda: linalg.vector_norm(tg.arange(3)), DTypeError, "int64"),
    (lambda: linalg.cross(tg.ones(2), tg.ones(2)), ShapeError, "size 3"),
    (lambda: linalg.cross(tg.ones(3), tg.ones(2, 3)), ShapeError, "dimensions"),
    (lambda: linalg.multi_dot([tg.ones(2)]), ArgumentError, "at least 2"),
    (lambda: linalg.tensorinv(tg.ones(2, 3)), ShapeError, "elements"),
    (lambda: linalg.tensorsolve(tg.ones(2, 3), tg.ones(3)), ShapeError, "begin"),
    (lambda: linalg.lstsq(tg.ones(3, 2), tg.ones(2, 1)), ShapeError, "fit"),
    (lambda: linalg.lstsq(tg.ones(3, 2), tg.ones(3, 1), driver="x"), ArgumentError, "gelsy"),
    (lambda: linalg.householder_product(tg.ones(2, 3), tg.ones(2)), ShapeError, "rows"),
    (lambda: tg.ormqr(tg.ones(3, 2), tg.ones(2), tg.ones(2, 2)), ShapeError, "fit"),
    (lambda: tg.svd_lowrank(tg.ones(3, 3), q=4), ArgumentError, "q = 4"),
    (lambda: tg.pca_lowrank(tg.ones(3, 3), q=4), ArgumentError, "q = 4"),
    (lambda: tg.lobpcg(tg.eye(3), k=4), ArgumentError, "k = 4"),
    (lambda: linalg.svd(tg.eye(2), driver="gesvd"), ArgumentError, "CUDA"),
    (lambda: linalg.vander(tg.ones(2), N=0), ArgumentError, "positive"),
    (lambda: tg.cholesky_solve(tg.ones(3, 1), tg.eye(2)), ShapeError, "fit"),
    (lambda: linalg.matrix_power(tg.ones(2, 3), 2), ShapeError, "square"),
    (lambda: tg.eye(2).symeig(), GraphError, "linalg.eigh"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD, ids=range(len(BAD)))
def test_bad_arguments(call, error, match):
    with pytest.raises(error, match=match):
        call()


# ---- against PyTorch ----

def in_both(make_ours, make_theirs, array, weight=np.cos):
    """Values and gradients of one program in both libraries."""
    x, y = tg.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    ours, theirs = make_ours(x), make_theirs(y)
    close(ours, theirs.detach().numpy())
    w = weight(np.arange(ours.numel(), dtype=float)).reshape(ours.shape)
    (a,), (b,) = grad(ours, x, tg.tensor(w)), torch.autograd.grad(theirs, y, torch.tensor(w))
    close(a, b.numpy(), 1e-8)


@needs_torch
@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 3), (2, 5)], ids=str)
def test_singular_vectors_agree_up_to_signs(shape):
    array = RNG.uniform(-1, 1, shape)
    k = min(shape[-2:])
    for full in (True, False):
        in_both(lambda x, f=full: linalg.svd(x, f)[0][..., :k].square(),
                lambda x, f=full: torch.linalg.svd(x, f)[0][..., :k].square(), array)
        in_both(lambda x, f=full: linalg.svd(x, f)[2][..., :k, :].square(),
                lambda x, f=full: torch.linalg.svd(x, f)[2][..., :k, :].square(), array)
    in_both(lambda x: tg.svd(x)[2].square(), lambda x: torch.svd(x)[2].square(), array)


@needs_torch
def test_eigenvectors_agree_up_to_signs():
    root = RNG.uniform(-1, 1, (2, 4, 4))
    array = root + np.swapaxes(root, -1, -2)
    in_both(lambda x: linalg.eigh(x)[1].square(), lambda x: torch.linalg.eigh(x)[1].square(), array)
    in_both(lambda x: linalg.eigh(x)[0], lambda x: torch.linalg.eigh(x)[0], array)
    definite = root @ np.swapaxes(root, -1, -2) + np.eye(4)
    in_both(linalg.cholesky, torch.linalg.cholesky, definite)
    close(linalg.ldl_solve(*linalg.ldl_factor(tg.tensor(definite)), tg.tensor(root)),
          torch.linalg.ldl_solve(*torch.linalg.ldl_factor(torch.tensor(definite)), torch.tensor(root)).numpy())
    close(linalg.ldl_factor(tg.tensor(array)).LD, torch.linalg.ldl_factor(torch.tensor(array)).LD.numpy())


@needs_torch
@pytest.mark.parametrize("shape", [(8, 5), (5, 8)], ids=str)
def test_low_rank_factors_draw_the_same_numbers(shape):
    array = RNG.uniform(-1, 1, shape)
    for name, options in (("svd_lowrank", {"q": 3}), ("pca_lowrank", {"q": 2}), ("svd_lowrank", {"q": 2, "niter": 0})):
        tg.manual_seed(4)
        torch.manual_seed(4)
        ours, theirs = getattr(tg, name)(tg.tensor(array), **options), getattr(torch, name)(torch.tensor(array), **options)
        for a, b in zip(ours, theirs, strict=True):
            close(abs(a), b.abs().numpy(), 1e-7)


@needs_torch
@pytest.mark.filterwarnings("ignore::UserWarning")  # PyTorch on its older names
def test_the_older_names_agree():
    root = RNG.uniform(-1, 1, (4, 4))
    array = root @ root.T + np.eye(4)
    in_both(lambda x: tg.cholesky(x, True), lambda x: torch.cholesky(x, True), array)
    in_both(lambda x: tg.qr(x)[1], lambda x: torch.qr(x)[1], root)
    in_both(lambda x: tg.triangular_solve(x, tg.tensor(array), False, True)[0],
            lambda x: torch.triangular_solve(x, torch.tensor(array), False, True)[0], root)
    in_both(lambda x: tg.lu(x)[0], lambda x: torch.lu(x)[0], root)
    in_both(lambda x: tg.nuclear_norm(x), lambda x: torch.nuclear_norm(x), root)
    values, _ = tg.lobpcg(tg.tensor(array), k=1)
    close(values, torch.lobpcg(torch.tensor(array), k=1)[0].numpy(), 1e-6)
    values, vectors = tg.lobpcg(tg.tensor(array), 2, tg.tensor(np.diag([1.0, 2, 3, 4])), largest=False)
    close(tg.tensor(array) @ vectors, np.diag([1.0, 2, 3, 4]) @ vectors.numpy() * values.numpy())
    in_both(lambda x: linalg.pinv(x, hermitian=True), lambda x: torch.linalg.pinv(x, hermitian=True), array)
    in_both(lambda x: linalg.lstsq(tg.tensor(array[:, :2]), x).solution,
            lambda x: torch.linalg.lstsq(torch.tensor(array[:, :2]), x).solution, root)


@needs_torch
def test_named_results_have_pytorchs_names():
    x, y = tg.tensor(np.eye(2) * 2), torch.eye(2) * 2
    for name in ("svd", "qr", "eigh", "slogdet", "lu", "lu_factor", "lu_factor_ex", "cholesky_ex", "inv_ex", "ldl_factor",
                 "ldl_factor_ex"):
        ours, theirs = getattr(linalg, name)(x), getattr(torch.linalg, name)(y)
        assert type(ours).__name__ == type(theirs).__name__
        for i, field in enumerate(ours._fields):
            assert getattr(theirs, field) is theirs[i]


# ---- general eigenvalues ----

@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 4)], ids=str)
def test_general_eigenvalues(shape):
    x = random(*shape, requires_grad=True)
    a = x.detach().numpy()
    values, vectors = linalg.eig(x)
    L, V = (z.detach().real.numpy() + 1j * z.detach().imag.numpy() for z in (values, vectors))
    np.testing.assert_allclose(a @ V, V * L[..., None, :], atol=1e-12)
    close(linalg.eigvals(x).real, values.real.detach().numpy())

    def function(x):
        values, vectors = linalg.eig(x)
        return values.real, values.imag, vectors.real**2 + vectors.imag**2  # the lengths do not depend on phases
    assert gradcheck(function, (x,)) and gradgradcheck(function, (x,), atol=1e-4)
    with pytest.raises(ShapeError, match="square"):
        linalg.eig(tg.ones(2, 3))


@needs_torch
def test_general_eigenvalues_agree():
    array = RNG.uniform(-1, 1, (2, 4, 4))
    product = lambda z: z.real * z.imag
    in_both(lambda x: product(linalg.eigvals(x)), lambda x: product(torch.linalg.eigvals(x)), array)
    in_both(lambda x: linalg.eig(x)[1].abs(), lambda x: torch.linalg.eig(x)[1].abs(), array)
