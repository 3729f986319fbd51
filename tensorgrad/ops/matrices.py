"""What the ops on matrices share: checking them, computing through NumPy on their memory, and naming what failed.

A matrix is the last two dimensions; the ones before are batches. float32 and float64 are computed as they are.
"""

from functools import wraps
from math import prod

from .._core.errors import ArgumentError, DTypeError, LinAlgError, ShapeError
from .._core.tensor import TensorBase
from .create import empty, from_numpy
from .order import arrays
from .shape import transpose_op


def is_matrix(name, A, argument="A", square=False):
    """Errors: unless A is a floating-point tensor of matrices, square ones if so."""
    if not isinstance(A, TensorBase):
        raise TypeError(f"{name}: {argument} must be a tensor, got {type(A).__name__}")
    if not A.dtype.is_floating_point or A.dtype.itemsize < 4:
        raise DTypeError(f"{name}: {argument} must be float32 or float64, got {A.dtype}")
    if A.ndim < 2:
        raise ShapeError(f"{name}: {argument} must have at least 2 dimensions, got shape {tuple(A.shape)}")
    if square and A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"{name}: {argument} must be square matrices, got shape {tuple(A.shape)}")


def one_dtype(name, **tensors):
    """Errors: unless all have the first one's dtype."""
    if len({t.dtype for t in tensors.values()}) > 1:
        raise DTypeError(f"{name}: {', '.join(tensors)} must have one dtype, got {', '.join(str(t.dtype) for t in tensors.values())}")


def mT(x):
    """Matrices transposed, without a copy."""
    return transpose_op(x, dim0=-2, dim1=-1)


def to_tensor(np, a):
    """A result of NumPy as a tensor."""
    a = np.asarray(a)
    return from_numpy(np.ascontiguousarray(a).reshape(a.shape))


def through_numpy(function):
    """The forward of a record from function(np, *arrays, **attributes), which returns an array or a tuple of them."""
    @wraps(function)
    def forward(*tensors, **attributes):
        np, *given = arrays(*tensors)
        with np.errstate(all="ignore"):
            found = function(np, *given, **attributes)
        return tuple(to_tensor(np, f) for f in found) if isinstance(found, tuple) else to_tensor(np, found)
    return forward


def guarded(np, name, reason, function, A, *others):
    """function(A, *others), with NumPy's LinAlgError told as `reason(matrix)`, for the first matrix of a batch that fails."""
    try:
        return function(A, *others)
    except np.linalg.LinAlgError:
        for i, a in enumerate(batch(A)):
            why = reason(np, a)
            if why:
                place = f"(batch element {i}) " if A.ndim > 2 else ""
                raise LinAlgError(f"{name}: {place}{why}; A has shape {A.shape}") from None
        raise LinAlgError(f"{name}: the iteration did not converge (NaN or infinity in A?); A has shape {A.shape}") from None


def batch(a, ndim=2):
    """The batch dimensions of an array as one, in front of the last `ndim`."""
    return a.reshape(prod(a.shape[:a.ndim - ndim]), *a.shape[a.ndim - ndim:])


def singular(np, a):
    """Why a matrix has no inverse, '' if it has one."""
    info = zero_pivot(np, lu_packed(np, a)[0])
    return f"the matrix is singular: its pivot {int(info)} is zero" if info else ""


def not_definite(np, a):
    """Why a matrix has no Cholesky factor, '' if it has one."""
    order = failing_minor(np, a)
    return f"the matrix is not positive definite: its leading minor of order {order} is not" if order else ""


def failing_minor(np, a):
    """The order of the first leading minor that is not positive definite, 0 if there is none."""
    for k in range(1, len(a) + 1):
        try:
            if np.isnan(np.linalg.cholesky(a[:k, :k])).any():
                return k
        except np.linalg.LinAlgError:
            return k
    return 0


def lu_packed(np, a):
    """(L and U in one array, pivots counted from 1): Gauss's elimination with row exchanges, one column of all matrices at
    a time. L has ones on its diagonal. Source: LAPACK's getrf."""
    m, n = a.shape[-2:]
    k = min(m, n)
    lu = batch(a).copy()
    pivots = np.empty((len(lu), k), np.int32)
    every = np.arange(len(lu))
    for j in range(k):
        p = j + np.abs(lu[:, j:, j]).argmax(1)
        pivots[:, j] = p + 1
        lu[every, p], lu[:, j] = lu[:, j].copy(), lu[every, p]
        pivot = lu[:, j, j]
        lu[:, j + 1:, j] /= np.where(pivot == 0, 1, pivot)[:, None]
        lu[:, j + 1:, j + 1:] -= lu[:, j + 1:, j, None] * lu[:, j, None, j + 1:]
    return lu.reshape(a.shape), pivots.reshape(*a.shape[:-2], k)


def zero_pivot(np, lu):
    """The number of the first zero on U's diagonal, from 1; 0 if there is none."""
    zero = np.diagonal(lu, axis1=-2, axis2=-1) == 0
    return np.where(zero.any(-1), zero.argmax(-1) + 1 if zero.shape[-1] else 0, 0).astype(np.int32)


def check_choice(name, argument, value, choices):
    """ArgumentError unless the value is one of the choices."""
    if value not in choices:
        raise ArgumentError(f"{name}: {argument} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def nothing(like, dtype=None):
    """A tensor of no elements: what PyTorch returns for a result that was not asked for."""
    return empty((0,), dtype=dtype or like.dtype)
