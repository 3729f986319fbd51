"""Eigenvalues of general matrices: complex, so each number is a pair (real, imaginary) in a last dimension of its own.

A complex matrix a + i b acts like the real one [[a, -b], [b, a]]: products, solutions and (conjugate) transposes go over.
"""

from .create import eye
from .declare import op
from .linalg import matmul_op
from .matrices import guarded, mT, through_numpy
from .rearrange import cat, diag_embed, stack
from .shape import diagonal
from .solve import solve_op


def block(pairs):
    """The real matrix of a complex one."""
    a, b = pairs.select(-1, 0), pairs.select(-1, 1)
    return cat([cat([a, -b], -1), cat([b, a], -1)], -2)


def unblock(x):
    """The complex matrix of a real one that `block` made."""
    n, m = x.shape[-2] // 2, x.shape[-1] // 2
    return stack([x[..., :n, :m], x[..., n:, :m]], -1)


@through_numpy
def eig_of(np, a):
    """(eigenvalues, eigenvectors of length 1 in columns), as pairs."""
    found = guarded(np, "linalg.eig", lambda np, a: "", np.linalg.eig, a)
    return tuple(np.stack([x.real, x.imag], -1).astype(a.dtype) for x in found)


def eig_grad(g, y0, y1):
    """The real part of V^-H (diag(g_L) + (V^H g_V - V^H V diag(Re V^H g_V)) / conj(E)) V^H, E[i, j] = L_j - L_i: the eigenvectors
    keep their length. Source: Boeddeker et al., On the computation of complex-valued gradients (2017)."""
    gl, gv = g
    vh, n = mT(block(y1)), y1.shape[-2]
    one = eye(n, dtype=y1.dtype)
    real = imag = one * 0
    if gv is not None:
        turned = unblock(matmul_op(vh, block(gv)))
        length = diagonal(turned.select(-1, 0), 0, -2, -1).unsqueeze(-2).unsqueeze(-1)
        turned = turned - unblock(matmul_op(vh, block(y1 * length)))
        a, b = y0.select(-1, 0), y0.select(-1, 1)
        er, ei = a.unsqueeze(-2) - a.unsqueeze(-1) + one, b.unsqueeze(-1) - b.unsqueeze(-2)
        scale = (1 - one) / (er * er + ei * ei)
        tr, ti = turned.select(-1, 0), turned.select(-1, 1)
        real, imag = (tr * er + ti * ei) * scale, (ti * er - tr * ei) * scale
    if gl is not None:
        real, imag = real + diag_embed(gl.select(-1, 0)), imag + diag_embed(gl.select(-1, 1))
    return solve_op(vh, matmul_op(block(stack([real, imag], -1)), vh), name="linalg.eig")[..., :n, :n]


eig_op = op("eig", eig_of, "x", outputs=2, x=eig_grad)
