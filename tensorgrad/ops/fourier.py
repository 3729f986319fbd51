"""Discrete Fourier transforms as linear ops on pairs: a complex number is the last dimension of two, (real, imaginary).

All are unscaled sums; they compute through NumPy. Each other's adjoints, so closed under differentiation.
"""

from .create import from_numpy, tensor
from .declare import op
from .order import arrays
from .shape import to_dtype


def as_complex(np, a):
    """A real array (..., 2) as complex (...)."""
    a = np.ascontiguousarray(a)
    return a.view(np.complex64 if a.dtype == np.float32 else np.complex128)[..., 0]


def as_pairs(np, z):
    """A complex array (...) as real (..., 2)."""
    z = np.ascontiguousarray(z)
    return z.view(z.real.dtype).reshape(*z.shape, 2)


def computed(function, x):
    """function(np, array) of x's memory as a tensor of x's dtype (older NumPy answers float64)."""
    np, a = arrays(x)
    return to_dtype(from_numpy(np.ascontiguousarray(function(np, a))), x.dtype)


def transform(x, dims, inverse):
    """sum over n of x[n] exp(-+ 2 pi i n k / N) along dims."""
    return computed(lambda np, a: as_pairs(np, np.fft.ifftn(as_complex(np, a), axes=dims, norm="forward") if inverse
                                           else np.fft.fftn(as_complex(np, a), axes=dims)), x)


# The adjoint of the transform is the transform with the other sign.
dft = op("dft", transform, "x", x=lambda g, dims, inverse: dft(g, dims=dims, inverse=not inverse))


def weights(half, n, dim, like, interior):
    """1 for the frequencies that stand for themselves (0, and n/2 of an even n), `interior` for those that also stand for their
    mirror image: shaped to multiply pairs along dim."""
    values = [1.0 if k == 0 or 2 * k == n else interior for k in range(half)]
    shape = [1] * like.ndim
    shape[dim] = half
    return tensor(values, dtype=like.dtype).reshape(shape)


def real_forward(x, dim):
    return computed(lambda np, a: as_pairs(np, np.fft.rfft(a, axis=dim)), x)


def real_backward(x, n, dim):
    return computed(lambda np, a: np.fft.irfft(as_complex(np, a), n, axis=dim, norm="forward"), x)


# Of real numbers half of the frequencies say everything: (..., n, ...) -> pairs (..., n // 2 + 1, ..., 2).
rdft = op("rdft", real_forward, "x", x=lambda g, dim, x_shape: irdft(g * weights(g.shape[dim], x_shape[dim], dim, g, 0.5),
                                                                    n=x_shape[dim], dim=dim))
# The sum over all n frequencies, of which the mirrored half is implied.
irdft = op("irdft", real_backward, "x", x=lambda g, n, dim, x_shape: mirrored(rdft(g, dim=dim), n, dim))


def mirrored(h, n, dim):
    """Pairs of half of the frequencies, those with a mirror image doubled."""
    return h * weights(h.shape[dim], n, dim, h, 2.0)
