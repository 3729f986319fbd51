"""Differences, integrals and gradients of sampled functions; covariances; distances between points. All compositions."""

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .._core.tensor import TensorBase
from .create import from_numpy, full, tensor
from .declare import case, check_tensors, ints, op, public, writes_out
from .elementwise import exp, where
from .index import index_select
from .linalg import matmul
from .order import arrays
from .rearrange import cat
from .reduce import amax, axis_of, cumsum, mean, norm, sum
from .shape import diagonal, expand_op, reshape, slice_op, to_dtype, transpose, unsqueeze_op


def piece(x, dim, start, end):
    return slice_op(x, dim=dim, start=start, end=end, step=1)


@public(samples=[case((5,)), case((2, 5), 2), case((4, 3), 1, 0), case((2, 5), 3, -1), case((3,), 7), case((2, 3), prepend=None)],
        method=True, like=lambda np, x, n=1, dim=-1, prepend=None: np.diff(x, n, dim))
@writes_out
def diff(input, n=1, dim=-1, prepend=None, append=None, *, out=None):
    """y_i = x_(i+1) - x_i along dim, n times (bool: whether they differ); prepend and append are joined to input before: [..., m, ...] ->
    [..., m - n, ...]. Errors: ArgumentError for n < 0, ShapeError without dimensions and where prepend or append does not fit,
    OutOfRangeError for dim. Source: torch.diff.

    >>> import tensorgrad
    >>> tensorgrad.diff(tensorgrad.tensor([1, 4, 9]))
    tensor([3, 5])
    """
    if n < 0:
        raise ArgumentError(f"diff: n must be >= 0, got {n}")
    if input.ndim == 0:
        raise ShapeError("diff: needs at least one dimension")
    d = axis_of(input, dim, "diff")
    parts = [t for t in (prepend, input, append) if t is not None]
    x = cat(parts, d) if len(parts) > 1 else input
    for _ in range(n):
        if not x.shape[d]:
            break
        left, right = piece(x, d, 0, x.shape[d] - 1), piece(x, d, 1, x.shape[d])
        x = right != left if x.dtype.name == "bool" else right - left
    return x if n else x.clone()


def sampled(y, dim, name):
    """The dim of samples, counted from the front: a scalar has none."""
    d = axis_of(y, dim, name)
    if not y.ndim:
        raise OutOfRangeError(f"{name}: y needs at least one dimension, got shape ()")
    return d


def steps(y, x, dx, dim, name):
    """The sum of two neighbours of y, and the distances between them, along dim (which becomes the last)."""
    d = sampled(y, dim, name)
    if x is not None and dx is not None:
        raise TypeError(f"{name}: x and dx cannot both be given")
    n = y.shape[d]
    pairs = piece(y, d, 1, n) + piece(y, d, 0, n - 1) if n else y
    if x is None:
        return pairs, 1.0 if dx is None else dx, d
    if x.ndim == 1:
        if x.shape[0] != n:
            raise ShapeError(f"{name}: x of shape {tuple(x.shape)} needs {n} elements for dim {dim} of y {tuple(y.shape)}")
        x = reshape(x, (n,) + (1,) * (y.ndim - 1 - d))
    along = x.ndim - y.ndim + d
    if along < 0:
        raise ShapeError(f"{name}: x of shape {tuple(x.shape)} does not reach dim {dim} of y {tuple(y.shape)}")
    return pairs, piece(x, along, 1, x.shape[along]) - piece(x, along, 0, x.shape[along] - 1), d


@public(samples=[case((5,)), case((2, 5), (5,)), case((2, 5), dx=0.5), case((4, 3), (4, 3), dim=0)], method=False,
        like=lambda np, y, x=None, dx=1.0, dim=-1: np.trapezoid(y, x, dx, dim) if hasattr(np, "trapezoid") else np.trapz(y, x, dx, dim))
def trapezoid(y, x=None, *, dx=None, dim=-1):
    """The integral along dim by the trapezoidal rule: sum of (x_(i+1) - x_i) (y_i + y_(i+1)) / 2; without x the distance is dx, by
    default 1.

    y: [..., n, ...], x: [n] or of y's shape; result: [...]. Errors: ShapeError where x does not fit, OutOfRangeError for dim and a
    scalar, TypeError for x and dx both, DTypeError where bool cannot be computed with. Source: torch.trapezoid.

    >>> import tensorgrad
    >>> tensorgrad.trapezoid(tensorgrad.tensor([1., 2., 3.]))
    tensor(4.)
    """
    if x is None:
        d = sampled(y, dim, "trapezoid")
        ends = (piece(y, d, 0, 1) + piece(y, d, y.shape[d] - 1, y.shape[d])) / 2 if y.shape[d] else piece(y, d, 0, 0)
        return (sum(y, d) - sum(ends, d)) * (1.0 if dx is None else dx)
    pairs, width, d = steps(y, x, dx, dim, "trapezoid")
    return sum(pairs * width / 2, d)


@public(samples=[case((5,)), case((2, 5), (5,))], torch="trapz")
def trapz(y, x=None, *, dx=None, dim=-1):
    """trapezoid under its older name: [..., n, ...] -> [...]. Errors: ShapeError, OutOfRangeError, TypeError, DTypeError, as in
    trapezoid. Source: torch.trapz.

    >>> import tensorgrad
    >>> tensorgrad.trapz(tensorgrad.tensor([1., 2., 3.]))
    tensor(4.)
    """
    return trapezoid(y, x, dx=dx, dim=dim)


@public(samples=[case((5,)), case((2, 5), (5,)), case((2, 5), dx=0.5), case((4, 3), (4, 3), dim=0)])
def cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """The integrals up to each sample but the first: y_k = sum over i < k of (x_(i+1) - x_i) (y_i + y_(i+1)) / 2, [..., n, ...] -> [...,
    n - 1, ...]; see trapezoid. Errors: ShapeError, OutOfRangeError, TypeError, DTypeError, as in trapezoid. Source:
    torch.cumulative_trapezoid.

    >>> import tensorgrad
    >>> tensorgrad.cumulative_trapezoid(tensorgrad.tensor([1., 2., 3.]))
    tensor([1.5000, 4.0000])
    """
    pairs, width, d = steps(y, x, dx, dim, "cumulative_trapezoid")
    return cumsum(pairs * width / 2, d)


def slope(x, at, dim, edge_order):
    """d x / d at along dim: second order inside, of edge_order at both ends. at: a distance, or the coordinates."""
    n = x.shape[dim]
    if n < edge_order + 1:
        raise ShapeError(f"gradient: dim {dim} of shape {tuple(x.shape)} needs at least {edge_order + 1} elements")

    def value(i, j):
        return piece(x, dim, i, j)
    if isinstance(at, TensorBase):
        if at.ndim != 1 or at.shape[0] != n:
            raise ShapeError(f"gradient: coordinates of shape {tuple(at.shape)} need {n} elements for dim {dim}")
        h = reshape(piece(at, 0, 1, n) - piece(at, 0, 0, n - 1), (n - 1,) + (1,) * (x.ndim - 1 - dim))
        size = n - 1
    else:
        h = full((1,) * (x.ndim - dim), float(at), dtype=x.dtype if x.is_floating_point() else None)
        h, size = expand_op(h, size=(n - 1,) + (1,) * (x.ndim - 1 - dim)), n - 1

    def step(i, j):
        return piece(h, 0, i, j)
    a, b = step(0, size - 1), step(1, size)
    inner = (value(2, n) * a * a - value(0, n - 2) * b * b + value(1, n - 1) * (b * b - a * a)) / (a * b * (a + b))
    first, last = step(0, 1), step(size - 1, size)
    if edge_order == 1:
        left, right = (value(1, 2) - value(0, 1)) / first, (value(n - 1, n) - value(n - 2, n - 1)) / last
    else:
        second, before = step(1, 2), step(size - 2, size - 1)
        left = (-(2 * first + second) / (first * (first + second)) * value(0, 1) + (first + second) / (first * second) * value(1, 2)
                - first / (second * (first + second)) * value(2, 3))
        right = (last / (before * (last + before)) * value(n - 3, n - 2) - (last + before) / (last * before) * value(n - 2, n - 1)
                 + (2 * last + before) / (last * (last + before)) * value(n - 1, n))
    return cat([left, inner, right], dim)


@public(samples=[case((5,)), case((4, 5)), case((4, 5), spacing=2.0, dim=1), case((5,), edge_order=2), case((4, 3), spacing=[2.0, 0.5]),
                 case((4, 3), dim=(1,), edge_order=2)])
def gradient(input, *, spacing=None, dim=None, edge_order=1):
    """The derivatives of samples along each dim, a tuple of tensors of input's shape: central differences (x_(i+1) - x_(i-1)) / 2 inside,
    one-sided ones of edge_order (1 or 2) at the ends.

    spacing: a distance, one a dim, or a tensor of coordinates [n] a dim. Errors: ArgumentError for another edge_order or number of
    spacings, ShapeError for too few samples and other coordinates, DTypeError, OutOfRangeError for dim. Source: torch.gradient;
    numpy.gradient.

    >>> import tensorgrad
    >>> tensorgrad.gradient(tensorgrad.tensor([1., 4., 9., 16.]))[0]
    tensor([3., 4., 6., 7.])
    """
    if edge_order not in (1, 2):
        raise ArgumentError(f"gradient: edge_order must be 1 or 2, got {edge_order}")
    dims = range(input.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
    dims = [axis_of(input, d, "gradient") for d in dims]
    spacings = list(spacing) if isinstance(spacing, (list, tuple)) else [1.0 if spacing is None else spacing] * len(dims)
    if len(spacings) != len(dims):
        raise ArgumentError(f"gradient: {len(spacings)} spacings for {len(dims)} dims")
    return tuple(slope(input, at, d, edge_order) for at, d in zip(spacings, dims, strict=True))


# ---- covariance ----

def centred(x, weights):
    """(x minus its weighted mean along dim 1, the sum of the weights)."""
    if weights is None:
        return x - mean(x, 1, True), x.shape[1]
    total = sum(weights)
    return x - sum(x * weights, 1, True) / total, total


@public(samples=[case((3, 5)), case((5,)), case((3, 5), correction=0), case((2, 4), fweights=ints((4,), 1, 4))], method=True,
        like=lambda np, x, correction=1, fweights=None: np.cov(x, ddof=correction, fweights=fweights))
def cov(input, *, correction=1, fweights=None, aweights=None):
    """The covariances of variables (rows) over observations (columns), divided by their number minus correction: [d, n] -> [d, d], [n] ->
    scalar. fweights: how often each observation counts, aweights: how much, both [n]. Errors: ShapeError above two dimensions and for
    other weights, DTypeError for bool and for fweights that are no integers, ArgumentError for negative weights. Source: torch.cov.

    >>> import tensorgrad
    >>> tensorgrad.cov(tensorgrad.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    check_tensors("cov", input=input)
    if input.ndim > 2:
        raise ShapeError(f"cov: expected at most two dimensions, got shape {tuple(input.shape)}")
    if input.dtype.name == "bool":
        raise DTypeError("cov: bool input is not supported")
    x = input if input.is_floating_point() else to_dtype(input, BY_NAME["float32"])
    x = x if x.ndim == 2 else reshape(x, (1, x.numel()))
    weights = None
    for name, w in (("fweights", fweights), ("aweights", aweights)):
        if w is not None:
            check_tensors("cov", **{name: w})
            if w.ndim > 1 or w.numel() != x.shape[1]:
                raise ShapeError(f"cov: {name} of shape {tuple(w.shape)} must have {x.shape[1]} elements")
            if bool((w < 0).any()):
                raise ArgumentError(f"cov: {name} must not be negative")
            if name == "fweights" and w.is_floating_point():
                raise DTypeError(f"cov: fweights must be integers, got {w.dtype}")
            weights = w if weights is None else weights * w
    x, total = centred(x, weights)
    if aweights is None or correction == 0:
        divisor = total - correction
    else:
        divisor = total - correction * sum(weights * aweights) / total
    divisor = divisor.clamp(min=0) if isinstance(divisor, TensorBase) else divisor if divisor > 0 else 0
    y = matmul(x, transpose(x if weights is None else x * weights, 0, 1)) / divisor
    return y if input.ndim == 2 else reshape(y, ())


@public(samples=[case((3, 5)), case((5,))], method=True, like=lambda np, x: np.corrcoef(x))
def corrcoef(input):
    """The correlation coefficients cov_ij / sqrt(cov_ii cov_jj) of variables (rows) over observations (columns), in [-1, 1]: [d, n] ->
    [d, d], [n] -> scalar. Errors: ShapeError above two dimensions, DTypeError for bool. Source: torch.corrcoef.

    >>> import tensorgrad
    >>> tensorgrad.corrcoef(tensorgrad.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    c = cov(input)
    if c.ndim == 0:
        return c / c
    s = diagonal(c).sqrt()
    return (c / unsqueeze_op(s, dim=1) / s).clamp(-1, 1)


# ---- distances ----

@public(samples=[case((2, 3), (2, 3)), case((2, 3), (3,), 1), case((4,), (4,), float("inf"))], method=True,
        like=lambda np, a, b, p=2: np.linalg.norm((a - b).ravel(), p))
def dist(input, other, p=2):
    """The p-norm of input - other (broadcast): (sum |input - other|^p)^(1/p), a scalar. Errors: ShapeError, DTypeError for integers.
    Source: torch.dist.

    >>> import tensorgrad
    >>> tensorgrad.dist(tensorgrad.tensor([3., 4.]), tensorgrad.zeros(2))
    tensor(5.)
    """
    return norm(input - other, p)


def check_p(name, p):
    if not p >= 0:
        raise ArgumentError(f"{name}: p must be >= 0, got {p}")
    return float(p)


@public(samples=[case((4, 3), (2, 3)), case((4, 3), (2, 3), 1.0), case((5, 4, 3), (5, 2, 3), 3.0), case((4, 3), (2, 3), float("inf"))],
        like=lambda np, a, b, p=2.0: np.linalg.norm(a[..., :, None, :] - b[..., None, :, :], p, -1))
def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """The p-norm distances between the rows of x1 (..., n, d) and of x2 (..., m, d): (..., n, m). The gradient is 0 where a distance
    is 0. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.cdist.

    >>> import tensorgrad
    >>> tensorgrad.cdist(tensorgrad.zeros(1, 2), tensorgrad.tensor([[3., 4.], [0., 1.]]))
    tensor([[5., 1.]])
    """
    check_tensors("cdist", x1=x1, x2=x2)
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(f"cdist: x1 of shape {tuple(x1.shape)} and x2 of shape {tuple(x2.shape)} must be (..., n, d) and (..., m, d)")
    if not (x1.is_floating_point() and x2.is_floating_point()):
        raise DTypeError(f"cdist: needs floating-point tensors, got {x1.dtype} and {x2.dtype}")
    modes = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")
    if compute_mode not in (*modes, None, 0, 1, 2):
        raise ArgumentError(f"cdist: compute_mode must be one of {modes}, got {compute_mode!r}")
    return norm(unsqueeze_op(x1, dim=x1.ndim - 1) - unsqueeze_op(x2, dim=x2.ndim - 2), check_p("cdist", p), -1)


@public(samples=[case((4, 3)), case((3, 2), 1.0), case((4, 3), float("inf")), case((1, 3))],
        like=lambda np, x, p=2.0: np.array([np.linalg.norm(x[i] - x[j], p) for i in range(len(x)) for j in range(i + 1, len(x))],
                                           x.dtype))
def pdist(input, p=2.0):
    """The p-norm distances between all pairs of rows of input (n, d), (0, 1), (0, 2), ...: (n (n - 1) / 2). The gradient is 0 where a
    distance is 0. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.pdist.

    >>> import tensorgrad
    >>> tensorgrad.pdist(tensorgrad.tensor([[0., 0.], [3., 4.], [0., 1.]]))
    tensor([5.0000, 1.0000, 4.2426])
    """
    check_tensors("pdist", input=input)
    if input.ndim != 2:
        raise ShapeError(f"pdist: expected an input of two dimensions, got shape {tuple(input.shape)}")
    if not input.is_floating_point():
        raise DTypeError(f"pdist: needs a floating-point tensor, got {input.dtype}")
    n, p = input.shape[0], check_p("pdist", p)
    if n < 2:
        return input.new_zeros(0) * input.sum()
    first, second = (tensor([(i, j)[k] for i in range(n) for j in range(i + 1, n)]) for k in (0, 1))
    return norm(index_select(input, 0, first) - index_select(input, 0, second), p, -1)


@public(samples=[case((4, 3), 2, 0, 1.0), case((2, 3, 4), 1, -1, 0.5), case((3, 3), float("inf"), 1, 1.0)], method=True,
        in_place="copied")
@writes_out
def renorm(input, p, dim, maxnorm, *, out=None):
    """input with each slice along dim whose p-norm is above maxnorm scaled down to it; of input's shape. Errors: ArgumentError for p <= 0
    and maxnorm < 0, ShapeError below two dimensions, OutOfRangeError for dim, DTypeError for bool. Source: torch.renorm.

    >>> import tensorgrad
    >>> tensorgrad.renorm(tensorgrad.tensor([[3., 4.], [0., 1.]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.0000, 1.0000]])
    """
    if not p > 0:
        raise ArgumentError(f"renorm: p must be > 0, got {p}")
    if maxnorm < 0:
        raise ArgumentError(f"renorm: maxnorm must be >= 0, got {maxnorm}")
    if input.ndim < 2:
        raise ShapeError(f"renorm: needs at least two dimensions, got shape {tuple(input.shape)}")
    d = axis_of(input, dim, "renorm")
    size = norm(input, p, tuple(i for i in range(input.ndim) if i != d), True)
    return input * where(size > maxnorm, maxnorm / (size + 1e-7), 1)


@public(samples=[case((4, 3)), case((2, 3, 4), 2, 1), case((4, 3), 1, -1)])
def norm_except_dim(v, pow=2, dim=0):
    """The norms (sum |v|^pow)^(1/pow) over all dims but one, which keep their places with size 1: [a, b, c] -> [a, 1, 1]; dim -1: over
    all, a scalar. Errors: OutOfRangeError for dim, DTypeError for integers. Source: torch.norm_except_dim.

    >>> import tensorgrad
    >>> tensorgrad.norm_except_dim(tensorgrad.tensor([[3., 4.], [0., 1.]]), 2, 0)
    tensor([[5.],
            [1.]])
    """
    if dim == -1:
        return norm(v, pow)
    return norm(v, pow, tuple(i for i in range(v.ndim) if i != axis_of(v, dim, "norm_except_dim")), True)


# ---- logarithms of running sums ----

def running_logsumexp(x, dim):
    """log of the running sum of exp along dim, each step around the largest so far."""
    np, a = arrays(x)
    return to_dtype(from_numpy(np.ascontiguousarray(np.logaddexp.accumulate(a, dim))), x.dtype)


def logcumsumexp_grad(g, x, y, dim):
    """gx_i = e^(x_i) sum over k >= i of g_k e^(-y_k), around the largest of x."""
    top = expand_op(amax(x, dim, True), size=tuple(x.shape)).detach()
    tail = cumsum((g * exp(top - y)).flip(dim), dim).flip(dim)
    return exp(x - top) * tail


logcumsumexp_op = op("logcumsumexp", running_logsumexp, "x", x=logcumsumexp_grad)


@public(samples=[case((5,), 0), case((3, 4), 1), case((3, 4), -2)], method=True,
        like=lambda np, x, dim: np.logaddexp.accumulate(x, dim))
@writes_out
def logcumsumexp(input, dim, *, out=None):
    """y_i = log(e^(x_0) + ... + e^(x_i)) along dim, without overflow; of input's shape. Errors: DTypeError for integers, OutOfRangeError
    for dim. Source: torch.logcumsumexp.

    >>> import tensorgrad
    >>> tensorgrad.logcumsumexp(tensorgrad.zeros(2), 0)
    tensor([0.0000, 0.6931])
    """
    if not input.is_floating_point():
        raise DTypeError(f"logcumsumexp: needs a floating-point tensor, got {input.dtype}")
    d = axis_of(input, dim, "logcumsumexp")
    return logcumsumexp_op(input, dim=d) if input.ndim else input.clone()
