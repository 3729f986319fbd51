"""Norms of vectors and matrices and what is built on them; powers, exponentials and products of matrices."""

from math import inf

from .._core.errors import ArgumentError, DTypeError, ShapeError
from . import linalg as products
from .create import arange, eye, zeros
from .declare import case, definite, op, public, writes_out
from .matrices import guarded, is_matrix, mT, one_dtype, through_numpy
from .rearrange import cat, stack
from .reduce import norm as old_norm
from .shape import broadcast_tensors, movedim, to_dtype
from .shape import diagonal as diagonal_of
from .solve import LONG, inv_with, tolerance
from .spectral import eigh, svdvals


def as_float(name, x, dtype):
    """x in the dtype to compute in. Errors: unless it is floating-point."""
    if dtype is not None:
        if not dtype.is_floating_point:
            raise DTypeError(f"{name}: dtype must be a floating-point one, got {dtype}")
        if x.dtype.is_floating_point and dtype.itemsize < x.dtype.itemsize:
            raise ArgumentError(f"{name}: dtype={dtype} would narrow an input of {x.dtype}")
        x = to_dtype(x, dtype)
    if not x.dtype.is_floating_point:
        raise DTypeError(f"{name}: expected a floating-point tensor, got {x.dtype}")
    return x


def dims_of(name, x, dim):
    """The dimensions as numbers from the front. Errors: unless they exist and differ."""
    dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    for d in dims:
        if not -max(x.ndim, 1) <= d < max(x.ndim, 1):
            raise ShapeError(f"{name}: dim {d} of a tensor of shape {tuple(x.shape)}")
    found = tuple(d % max(x.ndim, 1) for d in dims)
    if len(set(found)) < len(found):
        raise ArgumentError(f"{name}: dim {dim} names a dimension twice")
    return found


def power_norm(x, order, dims, keepdim):
    """(sum |x|^order)^(1/order) over dims, and its limits."""
    if order == inf:
        return abs(x).amax(dims, keepdim)
    if order == -inf:
        return abs(x).amin(dims, keepdim)
    if order == 0:
        return to_dtype(x != 0, x.dtype).sum(dims, keepdim)
    if order == 2:
        return old_norm(x, 2, dims, keepdim)
    if order == 1:
        return abs(x).sum(dims, keepdim)
    return (abs(x) ** order).sum(dims, keepdim) ** (1 / order)


def like_vector(np, x, ord=2, dim=None, keepdim=False):
    """Definition, for the tests."""
    axes = tuple(range(x.ndim)) if dim is None else dim if isinstance(dim, tuple) else (dim,)
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axes, keepdims=keepdim)
    if ord == 0:
        return (x != 0).sum(axes, keepdims=keepdim).astype(x.dtype)
    return (np.abs(x) ** ord).sum(axes, keepdims=keepdim) ** (1 / ord)


@public(samples=[case((2, 3)), case((2, 3), 3, 1), case((2, 3, 4), 1, dim=(0, 2), keepdim=True), case((2, 3), inf, -1), case((5,), -inf),
                 case((4,), 0.5), case((2, 3), -1.5, 0), case((), 2)], on=(0.3, 3), namespace="linalg", like=like_vector)
@writes_out
def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None, out=None):
    """(sum |x|^ord)^(1/ord) over dim (all, a number or a tuple): the largest |x| for ord = inf, the smallest for -inf, how many are not
    zero for 0. Result: x's shape without dim (with keepdim: size 1 there). Errors: DTypeError for integers, ShapeError for a dim that is
    not there, ArgumentError for one named twice and where an empty dimension has no largest. Source: torch.linalg.vector_norm.

    >>> import tensorgrad
    >>> tensorgrad.linalg.vector_norm(tensorgrad.tensor([3.0, 4.0]))
    tensor(5.)
    """
    name = "linalg.vector_norm"
    x = as_float(name, x, dtype)
    dims = tuple(range(x.ndim)) if dim is None or dim == () else dims_of(name, x, dim)
    if (ord < 0 or ord == inf) and 0 in [x.shape[d] for d in dims if x.ndim]:
        raise ArgumentError(f"{name}: the {ord} norm of no elements is undefined; shape {tuple(x.shape)}, dim {dim}")
    if not x.ndim:
        return abs(x) if ord else to_dtype(x != 0, x.dtype)
    return power_norm(x, ord, dims, keepdim)


NAMED = ("fro", "nuc", inf, -inf, 1, -1, 2, -2)


@public(samples=[case((2, 3)), case((2, 3, 4), "nuc"), case((2, 3, 4), 1, dim=(0, 2)), case((3, 3), -1), case((3, 2), inf, keepdim=True),
                 case((3, 2), -inf), case((3, 2), 2), case((2, 4, 2), -2)], namespace="linalg",
        like=lambda np, a, ord="fro", dim=(-2, -1), keepdim=False: np.linalg.norm(a, ord, dim, keepdim))
@writes_out
def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None, out=None):
    """A norm of matrices in two dimensions `dim`: "fro" sqrt(sum a^2), "nuc" the sum of the singular values, 2 (-2) the largest
    (smallest) of them, 1 (-1) the largest (smallest) sum of |a| in a column, inf (-inf) in a row: [..., m, n] -> [...] (with keepdim
    [..., 1, 1]). Errors: LinAlgError for NaN and infinity where singular values are needed, ArgumentError for another ord and a dim named
    twice, DTypeError for integers, ShapeError for vectors and a dim that is not there. Source: torch.linalg.matrix_norm.

    >>> import tensorgrad
    >>> tensorgrad.linalg.matrix_norm(tensorgrad.tensor([[3.0, 0.0], [0.0, -4.0]]), "nuc")
    tensor(7.)
    """
    name = "linalg.matrix_norm"
    if ord not in NAMED:
        raise ArgumentError(f"{name}: ord must be one of {', '.join(map(repr, NAMED))}, got {ord!r}")
    A = as_float(name, A, dtype)
    if A.ndim < 2 or not isinstance(dim, (tuple, list)) or len(dim) != 2:
        raise ShapeError(f"{name}: needs a tensor of matrices and two dimensions, got shape {tuple(A.shape)} and dim {dim}")
    dims = dims_of(name, A, dim)
    if ord == "fro":
        return power_norm(A, 2, dims, keepdim)
    A = movedim(A, dims, (-2, -1))
    if ord in ("nuc", 2, -2):
        is_matrix(name, A)
        values = svdvals(A)
        found = values.sum(-1) if ord == "nuc" else values.amax(-1) if ord > 0 else values.amin(-1)
    else:
        sums = abs(A).sum(-2 if abs(ord) == 1 else -1)
        found = sums.amax(-1) if ord > 0 else sums.amin(-1)
    for d in sorted(dims) if keepdim else ():
        found = found.unsqueeze(d)
    return found


@public(samples=[case((2, 3)), case((2, 3), "nuc"), case((2, 3), 1), case((4,), 3), case((2, 3, 4)), case((2, 3, 4), 2, dim=(0, 1)),
                 case((2, 3), 1.5, 0, True), case((2, 3, 4), "fro", dim=(1, 2))], on=(0.3, 3), namespace="linalg",
        like=lambda np, x, ord=None, dim=None, keepdim=False: np.linalg.norm(x.ravel() if ord is None and dim is None else x, ord,
                                                                            dim, keepdim if dim is not None else False))
@writes_out
def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None, out=None):
    """vector_norm for one dim or where ord is not given, matrix_norm for two (or a matrix without dim); of their shapes. Errors:
    LinAlgError for NaN and infinity where singular values are needed, ArgumentError for another ord and a dim named twice, ShapeError,
    DTypeError for integers. Source: torch.linalg.norm.

    >>> import tensorgrad
    >>> tensorgrad.linalg.norm(tensorgrad.tensor([[3.0, 4.0]]))
    tensor(5.)
    """
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is None:
        if A.ndim not in (1, 2):
            raise ShapeError(f"linalg.norm: with ord and without dim the tensor must have 1 or 2 dimensions, got {tuple(A.shape)}")
        dim = tuple(range(A.ndim))
    if isinstance(dim, int) or len(dim) == 1:
        if isinstance(ord, str):
            raise ArgumentError(f"linalg.norm: ord={ord!r} is a norm of matrices, but dim is {dim}")
        return vector_norm(A, ord, dim, keepdim, dtype=dtype)
    return matrix_norm(A, ord, dim, keepdim, dtype=dtype)


@public(samples=[case(definite((3, 3))), case(definite((2, 3, 3)), 1), case(definite((3, 3)), "fro"), case((4, 2), 2),
                 case(definite((3, 3)), "nuc"), case(definite((3, 3)), -2)], namespace="linalg",
        like=lambda np, a, p=None: np.linalg.cond(a, p) if p != "nuc" else (
            np.linalg.norm(a, "nuc") * np.linalg.norm(np.linalg.inv(a), "nuc")))
@writes_out
def cond(A, p=None, *, out=None):
    """The condition number: ||A|| ||A^-1|| in the matrix norm p, for p = None or 2 the ratio of the largest and the smallest singular
    value (-2: its inverse). Infinite for a singular matrix. [..., m, n] -> [...]; square for other p. Errors: LinAlgError for NaN and
    infinity, ArgumentError for another p, ShapeError, DTypeError. Source: torch.linalg.cond.

    >>> import tensorgrad
    >>> tensorgrad.linalg.cond(tensorgrad.tensor([[4.0, 0.0], [0.0, 2.0]]))
    tensor(2.)
    """
    from .solve import inv_ex
    if p in (None, 2, -2):
        is_matrix("linalg.cond", A)
        values = svdvals(A)
        largest, smallest = values.amax(-1), values.amin(-1)
        return smallest / largest if p == -2 else largest / smallest
    is_matrix("linalg.cond", A, square=True)
    return matrix_norm(A, p) * matrix_norm(inv_ex(A)[0], p)


@public(samples=[case((3, 4)), case(definite((2, 3, 3)), hermitian=True)], grad=False, namespace="linalg",
        like=lambda np, a, hermitian=False: np.linalg.matrix_rank(a, hermitian=hermitian))
@writes_out
def matrix_rank(A, *, atol=None, rtol=None, hermitian=False, tol=None, out=None):
    """How many singular values are above max(atol, rtol times the largest), [..., m, n] -> [...], int64; rtol is max(m, n) eps unless
    atol > 0. hermitian: A is symmetric. tol: an old name of atol. Errors: LinAlgError for NaN and infinity, ShapeError, DTypeError.
    Source: torch.linalg.matrix_rank.

    >>> import tensorgrad
    >>> tensorgrad.linalg.matrix_rank(tensorgrad.ones(3, 3))
    tensor(1)
    """
    from .solve import threshold
    is_matrix("linalg.matrix_rank", A, square=hermitian)
    if not min(A.shape[-2:]):
        return zeros(A.shape[:-2], dtype=LONG)
    values = abs(eigh(A.detach())[0]) if hermitian else svdvals(A.detach())

    def count(np, a, values):
        cut = threshold(np, a, values.max(-1, keepdims=True), tolerance(atol if tol is None else tol), tolerance(rtol))
        return (values > cut).sum(-1)
    return through_numpy(count)(A, values)


# ---- powers, exponentials, products ----

@public(samples=[case((3, 3), 3), case((2, 3, 3), 2), case(definite((3, 3)), -2), case((3, 3), 1)], namespace="linalg",
        like=lambda np, a, n: np.linalg.matrix_power(a, n))
@writes_out
def matrix_power(A, n, *, out=None):
    """A^n of square matrices [..., m, m], by repeated squaring; a negative n takes the inverse first. Errors: LinAlgError for a singular
    matrix and a negative n, ShapeError, DTypeError. Source: torch.linalg.matrix_power.

    >>> import tensorgrad
    >>> tensorgrad.linalg.matrix_power(tensorgrad.tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
    tensor([[1., 5.],
            [0., 1.]])
    """
    return power_with("linalg.matrix_power", A, n)


def power_with(name, A, n):
    """matrix_power, under the name of a caller."""
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"{name}: A must be square matrices, got shape {tuple(A.shape)}")
    if n == 0:
        return eye(A.shape[-1], dtype=A.dtype).expand(*A.shape).clone()
    if n < 0:
        A, n = inv_with(name, A), -n
    found = None
    while n:
        if n & 1:
            found = A if found is None else products.matmul_op(found, A)
        n >>= 1
        if n:
            A = products.matmul_op(A, A)
    return found


PADE = (64764752532480000., 32382376266240000., 7771770303897600., 1187353796428800., 129060195264000., 10559470521600.,
        670442572800., 33522128640., 1323241920., 40840800., 960960., 16380., 182., 1.)


def exponential(np, a):
    """Scaling by 2^-s, a Pade approximant of order 13, s squarings; computed in float64. Source: Higham, The scaling and
    squaring method for the matrix exponential revisited, SIAM J. Matrix Anal. Appl. 26 (2005)."""
    if not a.size:
        return a.copy()
    x = a.astype(np.float64)
    size = np.abs(x).sum(-2).max(-1)
    s = np.maximum(0, np.ceil(np.log2(np.where(np.isfinite(size) & (size > 0), size, 1) / 5.371920351148152))).astype(int)
    x = x * 0.5 ** s[..., None, None]
    one, x2 = np.eye(x.shape[-1]), x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    b = PADE
    u = x @ (x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * one)
    v = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * one
    found = guarded(np, "linalg.matrix_exp", lambda np, a: "", np.linalg.solve, v - u, v + u)
    for k in range(int(s.max(initial=0))):
        found = np.where((s > k)[..., None, None], found @ found, found)
    return found.astype(a.dtype)


def exponential_grad(g, x):
    """The upper right block of exp([[A^T, g], [0, A^T]]). Source: Najfeld and Havel, Adv. Appl. Math. 16 (1995)."""
    n = x.shape[-1]
    top, low = cat([mT(x), g], -1), cat([x * 0, mT(x)], -1)
    return exp_op(cat([top, low], -2))[..., :n, n:]


exp_op = op("matrix_exp", through_numpy(exponential), "x", x=exponential_grad)


@public(samples=[case((3, 3)), case((2, 1, 2, 2)), case((0, 0)), case((1, 1))], namespace="linalg")
def matrix_exp(A):
    """The sum of A^k / k! over k >= 0 of square matrices [..., n, n]; of A's shape. Errors: ShapeError, DTypeError unless float32 or
    float64. Source: torch.linalg.matrix_exp.

    >>> import tensorgrad
    >>> tensorgrad.linalg.matrix_exp(tensorgrad.tensor([[0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    is_matrix("linalg.matrix_exp", A, square=True)
    return exp_op(A)


@public(samples=[case([(2, 3), (3, 4), (4, 2)]), case([(3,), (3, 4), (4,)]), case([(2, 3), (3,)])], namespace="linalg",
        like=lambda np, xs: np.linalg.multi_dot(xs))
@writes_out
def multi_dot(tensors, *, out=None):
    """The product of matrices (the first and the last may be vectors), in the order that needs the fewest multiplications: [n, k], [k,
    l], [l, m] -> [n, m]. Errors: ShapeError where they do not fit, ArgumentError for fewer than two, DTypeError for different dtypes.
    Source: torch.linalg.multi_dot.

    >>> import tensorgrad
    >>> tensorgrad.linalg.multi_dot([tensorgrad.ones(3), tensorgrad.ones(3, 2), tensorgrad.ones(2)])
    tensor(6.)
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise ArgumentError(f"linalg.multi_dot: expected at least 2 tensors, got {len(tensors)}")
    first, last = tensors[0].ndim == 1, tensors[-1].ndim == 1
    tensors[0] = tensors[0].unsqueeze(0) if first else tensors[0]
    tensors[-1] = tensors[-1].unsqueeze(1) if last else tensors[-1]
    found = products.chain_matmul(*tensors)
    found = found.squeeze(0) if first else found
    return found.squeeze(-1) if last else found


@public(samples=[case((2, 3), (3, 4)), case((2, 2, 3), (3,))], like="matmul", namespace="linalg")
@writes_out
def matmul(input, other, *, out=None):
    """The product of matrices: matmul. Errors: ShapeError, DTypeError. Source: torch.linalg.matmul.

    >>> import tensorgrad
    >>> tensorgrad.linalg.matmul(tensorgrad.ones(1, 2), tensorgrad.ones(2, 1))
    tensor([[2.]])
    """
    return products.matmul(input, other)


@public(samples=[case((2, 3), (2, 3)), case((4, 1, 3), (2, 3)), case((3, 2), (3, 2), dim=0)], namespace="linalg",
        like=lambda np, x, y, dim=-1: (x * y).sum(dim))
@writes_out
def vecdot(x, y, *, dim=-1, out=None):
    """sum x y over dim, [..., n, ...] -> [...]; shapes broadcast. Errors: ArgumentError for a dim that appears twice, ShapeError,
    DTypeError, OutOfRangeError for dim. Source: torch.linalg.vecdot.

    >>> import tensorgrad
    >>> tensorgrad.linalg.vecdot(tensorgrad.ones(2, 3), tensorgrad.ones(3))
    tensor([3., 3.])
    """
    one_dtype("linalg.vecdot", x=x, y=y)
    return (x * y).sum(dim)


@public(samples=[case((3,), (3,)), case((2, 3), (2, 3)), case((3, 2), (3, 1), dim=0)], namespace="linalg",
        like=lambda np, a, b, dim=-1: np.cross(*np.broadcast_arrays(a, b), axis=dim))
@writes_out
def cross(input, other, *, dim=-1, out=None):
    """The vector product in dimension dim, of size 3, c_0 = a_1 b_2 - a_2 b_1 and so on in turn; shapes broadcast. Errors: ArgumentError
    for several dims, ShapeError for another size and a dim that is not there. Source: torch.linalg.cross.

    >>> import tensorgrad
    >>> tensorgrad.linalg.cross(tensorgrad.tensor([1.0, 0.0, 0.0]), tensorgrad.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])
    """
    if input.ndim != other.ndim:
        raise ShapeError(f"linalg.cross: input {tuple(input.shape)} and other {tuple(other.shape)} must have equally many dimensions")
    a, b = broadcast_tensors(input, other)
    (d,) = dims_of("linalg.cross", a, dim)
    if input.shape[d] != 3 or other.shape[d] != 3:
        raise ShapeError(f"linalg.cross: dim {dim} must have size 3, got shapes {tuple(input.shape)} and {tuple(other.shape)}")
    (a0, a1, a2), (b0, b1, b2) = a.unbind(d), b.unbind(d)
    return stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], d)


@public(samples=[case((3,)), case((2, 3), N=2), case((2,), N=5)], namespace="linalg", on=(0.3, 2),
        like=lambda np, x, N=None: x[..., None] ** np.arange(N or x.shape[-1]))
def vander(x, *, N=None):
    """V[..., i, j] = x[..., i]^j for j < N (the length of x by default): [..., n] -> [..., n, N]. Errors: ShapeError for a scalar,
    ArgumentError for N < 1, DTypeError for bool. Source: torch.linalg.vander.

    >>> import tensorgrad
    >>> tensorgrad.linalg.vander(tensorgrad.tensor([2.0, 3.0]), N=3)
    tensor([[1., 2., 4.],
            [1., 3., 9.]])
    """
    if x.ndim < 1:
        raise ShapeError("linalg.vander: x must have at least one dimension")
    N = x.shape[-1] if N is None else N
    if N < 1:
        raise ArgumentError(f"linalg.vander: N must be positive, got {N}")
    return x.unsqueeze(-1) ** arange(N, dtype=x.dtype)


@public(samples=[case((3, 3)), case((2, 3, 4), offset=1), case((2, 3, 4), offset=-1, dim1=0, dim2=1)], namespace="linalg",
        like=lambda np, a, offset=0, dim1=-2, dim2=-1: np.diagonal(a, offset, dim1, dim2))
def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, a view: [..., n, n] -> [..., n]. Errors: OutOfRangeError for a dim that is not there, ShapeError where
    both are the same. Source: torch.linalg.diagonal.

    >>> import tensorgrad
    >>> tensorgrad.linalg.diagonal(tensorgrad.eye(2))
    tensor([1., 1.])
    """
    return diagonal_of(A, offset, dim1, dim2)


