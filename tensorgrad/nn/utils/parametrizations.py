"""Weight normalisation, spectral normalisation and orthogonal weights as parametrizations."""

from ..._core.errors import ArgumentError, OutOfRangeError, ShapeError
from ...autograd import no_grad
from ...ops.calculus import norm_except_dim
from ...ops.create import eye, zeros
from ...ops.decompose import geqrf, householder_product, qr
from ...ops.matrix_norm import matrix_exp
from ...ops.rearrange import cat
from ...ops.solve import solve
from ...tensor import Tensor
from .. import functional as F
from ..conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ..module import Module
from .parametrize import register_parametrization


def tensor_of(module, name, caller):
    """The parameter or buffer `name`."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ArgumentError(f"{caller}: {type(module).__name__} has no parameter or buffer with name {name!r}")
    return weight


# ---- weight norm ----

def norms(v, dim):
    """The norms of the slices along dim, those of all elements for None or -1."""
    return norm_except_dim(v, 2, -1 if dim is None else dim)


class _WeightNorm(Module):
    """w = g v / |v|"""

    def __init__(self, dim=0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        return weight_v * (weight_g / norms(weight_v, self.dim))

    def right_inverse(self, weight):
        return norms(weight, self.dim), weight


def weight_norm(module, name="weight", dim=0):
    """weight = original0 * original1 / |original1|, the norm over all dimensions but dim (None: over all); original1 has the weight's
    shape, original0 size 1 in all dimensions but dim; returns the module. Errors: ArgumentError for a name that is no parameter or
    buffer, OutOfRangeError for another dim. Source: Salimans, Kingma, arXiv:1602.07868; torch.nn.utils.parametrizations.weight_norm.

    >>> import tensorgrad
    >>> from tensorgrad.nn.utils import parametrizations
    >>> parametrizations.weight_norm(tensorgrad.nn.Linear(2, 3)).parametrizations.weight.original0.shape
    tensorgrad.Size([3, 1])
    """
    tensor_of(module, name, "weight_norm")
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


# ---- spectral norm ----

def as_matrix(weight, dim):
    """weight with dim in front and the others joined."""
    return weight.movedim(dim, 0).flatten(1)


@no_grad()
def power_steps(matrix, u, v, steps, eps, v_first=False):
    """Power iteration towards the largest singular value, in place: u = W v / |W v|, v = W^T u / |W^T u|."""
    for _ in range(steps):
        if v_first:
            v.copy_(F.normalize(matrix.t().mv(u), dim=0, eps=eps))
        u.copy_(F.normalize(matrix.mv(v), dim=0, eps=eps))
        if not v_first:
            v.copy_(F.normalize(matrix.t().mv(u), dim=0, eps=eps))


@no_grad()
def drawn(weight, sizes, eps):
    """Random unit vectors of these sizes."""
    return [F.normalize(weight.new_empty(n).normal_(0, 1), dim=0, eps=eps) for n in sizes]


class _SpectralNorm(Module):
    """w / sigma(w), sigma the largest singular value, by power iteration in training."""

    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        n = weight.dim()
        if not -n <= dim < n:
            raise OutOfRangeError(f"spectral_norm: dim {dim} is out of range [{-n}, {n - 1}] for a weight of shape "
                                  f"{tuple(weight.shape)}")
        if n_power_iterations <= 0:
            raise ArgumentError(f"spectral_norm: Expected n_power_iterations to be positive, but got {n_power_iterations}")
        self.dim, self.eps = dim % n, eps
        if n > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            u, v = drawn(weight, matrix.shape, eps)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)
            power_steps(matrix, u, v, 15, eps)

    def forward(self, weight):
        if weight.dim() == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            power_steps(matrix.detach(), self._u, self._v, self.n_power_iterations, self.eps)
        u, v = self._u.clone(), self._v.clone()  # the next call overwrites them
        return weight / u.dot(matrix.mv(v))

    def right_inverse(self, value):
        return value


def output_dim(module, dim):
    """The dimension of the outputs in a layer's weight."""
    return dim if dim is not None else int(isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """weight / its largest singular value (of the weight, of any shape, as a matrix with dim in front), u^T W v, estimated by power
    iteration u = W v / |W v|, v = W^T u / |W^T u| at every forward in training; returns the module. Errors: ArgumentError for
    n_power_iterations < 1 and a name that is no parameter or buffer, OutOfRangeError for another dim. Source: Miyato et al.,
    arXiv:1802.05957; torch.nn.utils.parametrizations.spectral_norm.

    >>> import tensorgrad
    >>> layer = tensorgrad.nn.utils.parametrizations.spectral_norm(tensorgrad.nn.Linear(4, 3))
    >>> 0.9 < tensorgrad.linalg.matrix_norm(layer.weight, 2).item() < 1.1
    True
    """
    weight = tensor_of(module, name, "spectral_norm")
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, output_dim(module, dim), eps))


# ---- orthogonal ----

def orthogonalised(a):
    """The orthogonal factor of a whose triangular one has a positive diagonal."""
    q, r = qr(a, "complete" if a.shape[-2] == a.shape[-1] else "reduced")
    return q * r.diagonal(0, -2, -1).sgn().unsqueeze(-2)


def is_orthogonal(q):
    """Whether the columns are orthonormal, to some rounding."""
    eps = 10 * q.shape[-1] * (2.0 ** -52 if q.dtype.itemsize == 8 else 2.0 ** -23)
    return bool(((q.mT @ q - eye(q.shape[-1], dtype=q.dtype)).abs() <= eps).all())


class _Orthogonal(Module):
    """base @ map(x): map sends the lower triangle of x to an orthogonal matrix."""

    def __init__(self, weight, orthogonal_map, *, use_trivialization=True):
        super().__init__()
        self.shape, self.orthogonal_map = weight.shape, orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x):
        wide = x.shape[-2] < x.shape[-1]
        x = x.mT if wide else x
        n, k = x.shape[-2:]
        if self.orthogonal_map == "householder":
            a = x.tril(-1)
            q = householder_product(a, 2.0 / (1.0 + (a * a).sum(-2)))
            q = q * x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2)
        else:
            x = x.tril()
            if n != k:
                x = cat([x, zeros((*x.shape[:-1], n - k), dtype=x.dtype)], -1)
            a = x - x.mT  # skew-symmetric
            if self.orthogonal_map == "matrix_exp":
                q = matrix_exp(a)
            else:
                one = eye(n, dtype=a.dtype)
                q = solve(one - a * 0.5, one + a * 0.5)
            q = q[..., :k]
        if "base" in self._buffers:
            q = self.base @ q
        return q.mT if wide else q

    @no_grad()
    def right_inverse(self, q):
        if q.shape != self.shape:
            raise ShapeError(f"orthogonal: expected a matrix or batch of matrices of shape {tuple(self.shape)}, got {tuple(q.shape)}")
        shape, wide = q.shape, q.shape[-2] < q.shape[-1]
        q = q.mT if wide else q
        n, k = q.shape[-2:]
        if "base" not in self._buffers:
            if self.orthogonal_map != "householder":
                raise NotImplementedError("orthogonal: it is not possible to assign to the matrix exponential or the Cayley "
                                          "parametrizations when use_trivialization=False")
            a, tau = geqrf(q)
            diagonal = a.diagonal(0, -2, -1)
            signs = diagonal.sgn() * (1 - 2 * (tau == 0).to(a.dtype))
            a = a - diagonal.diag_embed() if n == k else a.tril(-1) + a.triu(1)
            a = a + cat([signs.diag_embed(), zeros((*a.shape[:-2], n - k, k), dtype=a.dtype)], -2)
            return a.mT if wide else a
        if n != k:
            q = orthogonalised(cat([q, q.new_empty((*q.shape[:-2], n, n - k)).normal_()], -1))
        else:
            q = q.clone() if is_orthogonal(q) else orthogonalised(q)
        self.base = q
        return zeros(shape, dtype=q.dtype) - eye(*shape[-2:], dtype=q.dtype)  # -1: householder(-I) is I


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    """The weight stays orthogonal (orthonormal rows or columns): W = base @ map(original); returns the module.

    orthogonal_map: 'matrix_exp' (exp of a skew-symmetric matrix; the default for squares), 'cayley', 'householder' (product of
    reflections). use_trivialization: base, from the weight there is, makes optimisation start at 0. Errors: ArgumentError,
    ShapeError. Source: Lezcano-Casado, arXiv:1909.09501; torch.nn.utils.parametrizations.orthogonal.

    >>> import tensorgrad
    >>> w = tensorgrad.nn.utils.parametrizations.orthogonal(tensorgrad.nn.Linear(3, 3)).weight
    >>> bool((w @ w.T - tensorgrad.eye(3)).abs().max() < 1e-5)
    True
    """
    weight = tensor_of(module, name, "orthogonal")
    if weight.dim() < 2:
        raise ShapeError(f"orthogonal: expected a matrix or batch of matrices, got shape {tuple(weight.shape)}")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.shape[-2] == weight.shape[-1] else "householder"
    if orthogonal_map not in ("matrix_exp", "cayley", "householder"):
        raise ArgumentError(f"orthogonal: orthogonal_map has to be one of 'matrix_exp', 'cayley', 'householder', got "
                            f"{orthogonal_map!r}")
    return register_parametrization(module, name, _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization),
                                    unsafe=True)
