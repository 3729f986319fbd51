"""Reductions: sums, means, products, norms, extremes by value, truth; and the cumulative sum and product.

`dim` (or `axis`) is an int, a tuple, or None for all dimensions; `keepdim` (or `keepdims`) keeps them with size 1.
"""

from operator import index

from .._core.apply import store
from .._core.dtype import get_default_dtype
from .._core.errors import ArgumentError, OutOfRangeError
from .._core.kernels import reduce as kernels
from .declare import case, check_tensors, op, public, writes_out
from .elementwise import exp, where
from .shape import cat_op, flip_op, reshape, slice_op, spread, sum_op, to_dtype


def over(dim, keepdim, axis, keepdims):
    """(tuple of dims, keepdim) from both spellings; the empty tuple means all dims."""
    if axis is not None:
        dim = axis
    if keepdims is not None:
        keepdim = keepdims
    return (() if dim is None else tuple(dim) if isinstance(dim, (tuple, list)) else (index(dim),)), bool(keepdim)


def axis_of(input, dim, name, axis=None):
    """A required dim, from both spellings, counted from the front. Errors: OutOfRangeError."""
    check_tensors(name, input=input)
    dim, n = axis if dim is None else dim, max(input.ndim, 1)
    if dim is None:
        raise TypeError(f"{name}: argument 'dim' is missing")
    if not -n <= dim < n:
        raise OutOfRangeError(f"{name}: dim {dim} is out of range [{-n}, {n - 1}] for shape {tuple(input.shape)}")
    return dim % n


def count(shape, dims):
    """How many elements go into one element of the result."""
    n = 1
    for d in dims or range(len(shape)):
        n *= shape[d] if shape else 1
    return n


def divided(g, y):
    """g / y, and 0 where y is 0: the subgradient of a root at 0."""
    return where(y == 0, 0, g / where(y == 0, 1, y))


def evenly(g, x, y, dims, keepdim):
    """The gradient of an extreme: g shared evenly by the elements that equal y."""
    shape = tuple(x.shape)
    chosen = x == spread(y, shape, dims, keepdim)
    return chosen * spread(g, shape, dims, keepdim) / sum_op(chosen, dims=dims, keepdim=True)


def shifted(x, dim, by, filler):
    """x moved by `by` places towards the end of dim, with the filler (a number) in front."""
    n = x.shape[dim]
    kept = slice_op(x, dim=dim, start=0, end=n - by, step=1)
    front = slice_op(x, dim=dim, start=0, end=by, step=1).detach() * 0 + filler
    return cat_op(front, kept, dim=dim)


def products_before(x, dim):
    """y_i = x_0 ... x_(i-1) along dim, in log2(n) multiplications, differentiable at zeros too."""
    y, by = shifted(x, dim, 1, 1), 1
    while by < x.shape[dim]:
        y, by = y * shifted(y, dim, by, 1), by * 2
    return y


def prod_grad(g, x, y, dims, keepdim):
    """g y / x; where x has zeros, g times the product of all the others."""
    shape = tuple(x.shape)
    g = spread(g, shape, dims, keepdim)
    if kernels.truth(x, (), False, "all"):  # no zeros
        return g * spread(y, shape, dims, keepdim) / x
    flat, d = (x, dims[0]) if dims and x.ndim else (reshape(x, (-1,)), 0)
    others = products_before(flat, d) * flip_op(products_before(flip_op(flat, dims=(d,)), d), dims=(d,))
    return g * reshape(others, shape)


def cumprod_grad(g, x, y, dim):
    """gx_i = (sum over k >= i of g_k y_k) / x_i; with zeros: the products before i times s_i = g_i + x_(i+1) s_(i+1),
    whose steps are joined pairwise."""
    if x.ndim == 0:
        return g
    if kernels.truth(x, (), False, "all"):  # no zeros
        return backwards(g * y, dim) / x
    s, a = flip_op(g, dims=(dim,)), shifted(flip_op(x, dims=(dim,)), dim, 1, 0)
    by = 1
    while by < x.shape[dim]:
        s, a, by = s + a * shifted(s, dim, by, 0), a * shifted(a, dim, by, 0), by * 2
    return products_before(x, dim) * flip_op(s, dims=(dim,))


def backwards(g, dim):
    """The cumulative sum from the end: the adjoint of cumsum."""
    return flip_op(cumsum_op(flip_op(g, dims=(dim,)), dim=dim), dims=(dim,)) if g.ndim else g


def var_grad(g, x, dims, keepdim, correction):
    """2 g (x - mean) / (n - correction)."""
    rest = count(tuple(x.shape), dims) - correction
    g = spread(g * (2 / rest if rest > 0 else float("nan")), tuple(x.shape), dims, keepdim)
    return g * (x - mean_op(x, dims=dims, keepdim=True))


def norm_grad(g, x, y, dims, keepdim, p):
    """g x |x|^(p-2) / y^(p-1), 0 where x or y is 0."""
    g = spread(where(y == 0, 0, g / where(y == 0, 1, y) ** (p - 1)), tuple(x.shape), dims, keepdim)
    return g * where(x == 0, 0, x * abs(where(x == 0, 1, x)) ** (p - 2))


# ---- records ----

mean_op = op("mean", kernels.mean, "x",
             x=lambda g, x_shape, dims, keepdim: spread(g / max(count(x_shape, dims), 1), x_shape, dims, keepdim))
prod_op = op("prod", kernels.prod, "x", x=prod_grad)
amax_op = op("amax", lambda x, dims, keepdim: kernels.extreme(x, dims, keepdim, "amax"), "x", x=evenly)
amin_op = op("amin", lambda x, dims, keepdim: kernels.extreme(x, dims, keepdim, "amin"), "x", x=evenly)
var_op = op("var", lambda x, dims, keepdim, correction: kernels.variance(x, dims, keepdim, correction, False)[0], "x",
            x=var_grad)
std_op = op("std", lambda x, dims, keepdim, correction: kernels.variance(x, dims, keepdim, correction, True)[0], "x",
            x=lambda g, x, y, dims, keepdim, correction: var_grad(divided(g / 2, y), x, dims, keepdim, correction))
logsumexp_op = op("logsumexp", kernels.logsumexp, "x", x=lambda g, x, y, dims, keepdim: (
    spread(g, tuple(x.shape), dims, keepdim) * exp(x - spread(y, tuple(x.shape), dims, keepdim))))
norm2_op = op("norm", lambda x, dims, keepdim: kernels.sum_squares(x, dims, keepdim, True), "x",
              x=lambda g, x, y, dims, keepdim: spread(divided(g, y), tuple(x.shape), dims, keepdim) * x)
norm_op = op("norm", lambda x, dims, keepdim, p: sum_op(abs(x) ** p, dims=dims, keepdim=keepdim) ** (1 / p), "x",
             x=norm_grad)
cumsum_op = op("cumsum", lambda x, dim, dtype=None: kernels.cumulative(x, dim, "cumsum", dtype), "x",
               x=lambda g, dim: backwards(g, dim))
cumprod_op = op("cumprod", lambda x, dim, dtype=None: kernels.cumulative(x, dim, "cumprod", dtype), "x", x=cumprod_grad)


# ---- public functions ----

def finish(result, out, name):
    """The out= argument."""
    return result if out is None else store(out, result, name)


DIMS = (case((2, 3)), case((4, 3, 2), 1), case((4, 3, 2), dim=(0, -1), keepdim=True), case((0, 3), 0), case(()))
FULL = (case((2, 3)), case((4, 3, 2), 1), case((4, 3, 2), dim=(0, -1), keepdim=True), case((3, 70), 1),
        case((130, 3), 0), case(()))


@public(samples=DIMS, method=True, like=lambda np, x, dim=None, keepdim=False: np.sum(x, dim, keepdims=keepdim))
def sum(input, dim=None, keepdim=False, *, dtype=None, out=None, axis=None, keepdims=None):
    """The sum over dim (None: over all); integers are summed in int64.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice. Source: torch.sum.

    >>> import tensorgrad
    >>> tensorgrad.sum(tensorgrad.tensor([[1., 2.], [3., 4.]]), 0)
    tensor([4., 6.])
    """
    if dim is axis is keepdims is out is None and keepdim is False:  # the usual call, by the shortest way
        return sum_op(input, dims=(), keepdim=False, dtype=dtype)
    dims, keep = over(dim, keepdim, axis, keepdims)
    return finish(sum_op(input, dims=dims, keepdim=keep, dtype=dtype), out, "sum")


@public(samples=FULL, method=True, like=lambda np, x, dim=None, keepdim=False: np.mean(x, dim, keepdims=keepdim))
def mean(input, dim=None, keepdim=False, *, dtype=None, out=None, axis=None, keepdims=None):
    """sum / number of elements over dim (None: over all); NaN of no elements.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: DTypeError for integers without dtype=,
    OutOfRangeError for a dim that is not there, ArgumentError for one that appears twice. Source: torch.mean.

    >>> import tensorgrad
    >>> tensorgrad.mean(tensorgrad.tensor([1., 2., 6.]))
    tensor(3.)
    """
    if dim is axis is keepdims is out is None and keepdim is False:
        return mean_op(input, dims=(), keepdim=False, dtype=dtype)
    dims, keep = over(dim, keepdim, axis, keepdims)
    return finish(mean_op(input, dims=dims, keepdim=keep, dtype=dtype), out, "mean")


@public(samples=[case((2, 3)), case((4, 3, 2), 1), case((4, 3), -1, True), case((0, 3), 0), case(())], method=True,
        like=lambda np, x, dim=None, keepdim=False: np.prod(x, dim, keepdims=keepdim))
def prod(input, dim=None, keepdim=False, *, dtype=None, out=None, axis=None, keepdims=None):
    """The product over one dim or all; right derivatives at zeros too. 1 of no elements.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: ArgumentError for several dims,
    OutOfRangeError. Source: torch.prod.

    >>> import tensorgrad
    >>> tensorgrad.prod(tensorgrad.tensor([2., 3., 4.]))
    tensor(24.)
    """
    dims, keep = over(dim, keepdim, axis, keepdims)
    if len(dims) > 1:
        raise ArgumentError(f"prod: dim must be one dimension, got {dims}")
    dims = tuple(axis_of(input, d, "prod") for d in dims)
    return finish(prod_op(input, dims=dims, keepdim=keep, dtype=dtype), out, "prod")


@public(samples=FULL, method=True, like=lambda np, x, dim=None, keepdim=False: np.max(x, dim, keepdims=keepdim))
def amax(input, dim=(), keepdim=False, *, out=None, axis=None, keepdims=None):
    """The largest element over dim (a number or several; (): all); a NaN wins. The gradient is shared evenly by equal ones.

    Result: input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim that is not there or has no element,
    ArgumentError for one that appears twice. Source: torch.amax.

    >>> import tensorgrad
    >>> tensorgrad.amax(tensorgrad.tensor([[1., 5.], [3., 4.]]), 1)
    tensor([5., 4.])
    """
    dims, keep = over(dim, keepdim, axis, keepdims)
    return finish(amax_op(input, dims=dims, keepdim=keep), out, "amax")


@public(samples=FULL, method=True, like=lambda np, x, dim=None, keepdim=False: np.min(x, dim, keepdims=keepdim))
def amin(input, dim=(), keepdim=False, *, out=None, axis=None, keepdims=None):
    """The smallest element over dim (a number or several; (): all); a NaN wins. The gradient is shared evenly by equal ones.

    Result: input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim that is not there or has no element,
    ArgumentError for one that appears twice. Source: torch.amin.

    >>> import tensorgrad
    >>> tensorgrad.amin(tensorgrad.tensor([[1., 5.], [3., 4.]]), 1)
    tensor([1., 3.])
    """
    dims, keep = over(dim, keepdim, axis, keepdims)
    return finish(amin_op(input, dims=dims, keepdim=keep), out, "amin")


def spread_of(record, input, dim, unbiased, correction, keepdim, axis, keepdims):
    """var and std take (input, unbiased), (input, dim, unbiased) and (input, dim, correction=)."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    dims, keep = over(dim, keepdim, axis, keepdims)
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    return record(input, dims=dims, keepdim=keep, correction=correction)


VARIANCES = (case((2, 3)), case((4, 3, 2), 1), case((4, 3, 2), dim=(0, -1), keepdim=True),
             case((5, 2), 0, correction=0))


def reference(name):
    """NumPy's var or std with the same correction."""
    return lambda np, x, dim=None, keepdim=False, correction=1: (
        getattr(np, name)(x, dim, ddof=correction, keepdims=keepdim))


@public(samples=VARIANCES, method=True, like=reference("var"))
def var(input, dim=None, unbiased=None, keepdim=False, *, correction=None, out=None, axis=None, keepdims=None):
    """sum((x - mean)^2) / (n - correction) over dim, in two passes in float64; correction is 1 by default.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice, DTypeError for integers. Source: torch.var.

    >>> import tensorgrad
    >>> tensorgrad.var(tensorgrad.tensor([1., 2., 3.]))
    tensor(1.)
    """
    return finish(spread_of(var_op, input, dim, unbiased, correction, keepdim, axis, keepdims), out, "var")


@public(samples=VARIANCES, method=True, like=reference("std"))
def std(input, dim=None, unbiased=None, keepdim=False, *, correction=None, out=None, axis=None, keepdims=None):
    """The square root of var; its gradient is 0 where it is 0.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice, DTypeError for integers. Source: torch.std.

    >>> import tensorgrad
    >>> tensorgrad.std(tensorgrad.tensor([1., 2., 3.]))
    tensor(1.)
    """
    return finish(spread_of(std_op, input, dim, unbiased, correction, keepdim, axis, keepdims), out, "std")


@public(samples=VARIANCES[:3])
def var_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None, axis=None, keepdims=None):
    """(var, mean) over dim, each of input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice, DTypeError for integers. Source: torch.var_mean.

    >>> import tensorgrad
    >>> tensorgrad.var_mean(tensorgrad.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    value = spread_of(var_op, input, dim, unbiased, correction, keepdim, axis, keepdims)
    return value, mean(input, None if isinstance(dim, bool) else dim, keepdim, axis=axis, keepdims=keepdims)


@public(samples=VARIANCES[:3])
def std_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None, axis=None, keepdims=None):
    """(std, mean) over dim, each of input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice, DTypeError for integers. Source: torch.std_mean.

    >>> import tensorgrad
    >>> tensorgrad.std_mean(tensorgrad.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    value = spread_of(std_op, input, dim, unbiased, correction, keepdim, axis, keepdims)
    return value, mean(input, None if isinstance(dim, bool) else dim, keepdim, axis=axis, keepdims=keepdims)


@public(samples=[case((2, 3), 1), case((4, 3, 2), dim=(0, -1), keepdim=True), case((3, 70), 1)], method=True,
        like=lambda np, x, dim, keepdim=False: np.log(np.sum(np.exp(x), dim, keepdims=keepdim)))
def logsumexp(input, dim=None, keepdim=False, *, out=None, axis=None, keepdims=None):
    """log(sum(exp(x))) over dim, without overflow; -inf of no elements.

    Result: input's shape without dim (with keepdim: size 1 there). Errors: OutOfRangeError for a dim that is not there, ArgumentError for
    one that appears twice. Source: torch.logsumexp.

    >>> import tensorgrad
    >>> tensorgrad.logsumexp(tensorgrad.tensor([1000., 1000.]), 0)
    tensor(1000.6932)
    """
    dims, keep = over(dim, keepdim, axis, keepdims)
    input = input if input.is_floating_point() else to_dtype(input, get_default_dtype())
    return finish(logsumexp_op(input, dims=dims, keepdim=keep), out, "logsumexp")


@public(samples=[case((2, 3)), case((4, 3, 2), 2, 1), case((4, 3), 3, dim=(0, 1), keepdim=True), case((4, 3), 1, 0),
                 case((4, 3), float("inf"), 1), case((4, 3), 0.5, 1)], on=(0.3, 3), method=True)
def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    """(sum of |x|^p over dim)^(1/p); p = inf, -inf: the extremes of |x|, p = 0: how many are not 0, "fro": p = 2. The gradient is 0 where
    x or the norm is 0.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice, DTypeError for integers. Source: torch.norm.

    >>> import tensorgrad
    >>> tensorgrad.norm(tensorgrad.tensor([3., 4.]))
    tensor(5.)
    """
    dims, keep = over(dim, keepdim, None, None)
    x = input if dtype is None else to_dtype(input, dtype)
    p = 2 if p in ("fro", None) else float(p)
    if p == 2:
        result = norm2_op(x, dims=dims, keepdim=keep)
    elif p == 1:
        result = sum_op(abs(x), dims=dims, keepdim=keep)
    elif p in (float("inf"), float("-inf")):
        result = (amax_op if p > 0 else amin_op)(abs(x), dims=dims, keepdim=keep)
    elif p == 0:
        result = sum_op(to_dtype(x != 0, x.dtype), dims=dims, keepdim=keep)
    else:
        result = norm_op(x, dims=dims, keepdim=keep, p=p)
    return finish(result, out, "norm")


def truth(input, name, dim, keepdim, out, axis, keepdims):
    """any and all; of uint8 they are uint8, as in PyTorch."""
    dims, keep = over(dim, keepdim, axis, keepdims)
    result = kernels.truth(input, dims, keep, name)
    return finish(to_dtype(result, input.dtype) if input.dtype.name == "uint8" else result, out, name)


@public(samples=DIMS, grad=False, method=True,
        like=lambda np, x, dim=None, keepdim=False: np.any(x, dim, keepdims=keepdim))
def any(input, dim=None, keepdim=False, *, out=None, axis=None, keepdims=None):
    """Whether an element over dim is not zero (as a NaN is not): bool (of uint8: uint8), of input's shape without dim (with keepdim: size
    1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not there, ArgumentError for one that appears twice. Source:
    torch.any.

    >>> import tensorgrad
    >>> tensorgrad.any(tensorgrad.tensor([0, 2]))
    tensor(True)
    """
    return truth(input, "any", dim, keepdim, out, axis, keepdims)


@public(samples=DIMS, grad=False, method=True,
        like=lambda np, x, dim=None, keepdim=False: np.all(x, dim, keepdims=keepdim))
def all(input, dim=None, keepdim=False, *, out=None, axis=None, keepdims=None):
    """Whether every element over dim is not zero: bool (of uint8: uint8), of input's shape without dim (with keepdim: size 1 there), a
    scalar over all. Errors: OutOfRangeError for a dim that is not there, ArgumentError for one that appears twice. Source: torch.all.

    >>> import tensorgrad
    >>> tensorgrad.all(tensorgrad.tensor([0, 2]))
    tensor(False)
    """
    return truth(input, "all", dim, keepdim, out, axis, keepdims)


@public(samples=[case((2, 3)), case((4, 3, 2), 1), case((4, 3, 2), dim=(0, -1))], grad=False, method=True,
        like=lambda np, x, dim=None: np.count_nonzero(x, dim))
def count_nonzero(input, dim=None):
    """How many elements over dim are not zero: int64, of input's shape without dim, a scalar over all. Errors: OutOfRangeError for a dim
    that is not there, ArgumentError for one that appears twice. Source: torch.count_nonzero.

    >>> import tensorgrad
    >>> tensorgrad.count_nonzero(tensorgrad.tensor([0, 2, 3]))
    tensor(2)
    """
    return kernels.truth(input, over(dim, False, None, None)[0], False, "count_nonzero")


@public(samples=DIMS, method=True, like=lambda np, x, dim=None, keepdim=False: np.nansum(x, dim, keepdims=keepdim))
@writes_out
def nansum(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=None, out=None):
    """The sum over dim with NaN counted as 0.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice. Source: torch.nansum.

    >>> import tensorgrad
    >>> tensorgrad.nansum(tensorgrad.tensor([1., tensorgrad.nan]))
    tensor(1.)
    """
    return sum(where(input == input, input, 0), dim, keepdim, dtype=dtype, axis=axis, keepdims=keepdims)


@public(samples=FULL, method=True, like=lambda np, x, dim=None, keepdim=False: np.nanmean(x, dim, keepdims=keepdim))
@writes_out
def nanmean(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=None, out=None):
    """The mean over dim of what is not NaN: its sum / its number.

    Result: input's shape without dim (with keepdim: size 1 there), a scalar over all. Errors: OutOfRangeError for a dim that is not
    there, ArgumentError for one that appears twice. Source: torch.nanmean.

    >>> import tensorgrad
    >>> tensorgrad.nanmean(tensorgrad.tensor([1., tensorgrad.nan, 3.]))
    tensor(2.)
    """
    there = sum(input == input, dim, keepdim, axis=axis, keepdims=keepdims)
    return nansum(input, dim, keepdim, dtype=dtype, axis=axis, keepdims=keepdims) / there


ALONG = (case((5,), 0), case((3, 4, 2), 1), case((3, 70), -1), case((0, 3), 0), case((), 0))


@public(samples=ALONG, method=True, in_place=True, like=lambda np, x, dim: np.cumsum(x, dim) if x.ndim else x)
def cumsum(input, dim=None, *, dtype=None, out=None, axis=None):
    """y_i = x_0 + ... + x_i along dim; any shape, which the result has too. Errors: OutOfRangeError for dim. Source: torch.cumsum.

    >>> import tensorgrad
    >>> tensorgrad.cumsum(tensorgrad.tensor([1., 2., 3.]), 0)
    tensor([1., 3., 6.])
    """
    return finish(cumsum_op(input, dim=axis_of(input, dim, "cumsum", axis), dtype=dtype), out, "cumsum")


@public(samples=ALONG, method=True, in_place=True, like=lambda np, x, dim: np.cumprod(x, dim) if x.ndim else x)
def cumprod(input, dim=None, *, dtype=None, out=None, axis=None):
    """y_i = x_0 ... x_i along dim; right derivatives at zeros too. Any shape, which the result has too. Errors: OutOfRangeError for dim.
    Source: torch.cumprod.

    >>> import tensorgrad
    >>> tensorgrad.cumprod(tensorgrad.tensor([1., 2., 3.]), 0)
    tensor([1., 2., 6.])
    """
    return finish(cumprod_op(input, dim=axis_of(input, dim, "cumprod", axis), dtype=dtype), out, "cumprod")
