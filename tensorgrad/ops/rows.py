"""Softmax and its logarithm along one dimension."""

import warnings

from .._core.apply import store
from .._core.kernels import rows as kernels
from .declare import case, check_tensors, op, public

softmax_raw = op("softmax", kernels.softmax, inputs="x",
                 x=lambda g, y, dim: y * (g - (g * y).sum(dim, True)),
                 fused=lambda needs, g, y, dim: (kernels.softmax_grad(g, y, dim),))
log_softmax_raw = op("log_softmax", kernels.log_softmax, inputs="x",
                     x=lambda g, y, dim: g - y.exp() * g.sum(dim, True),
                     fused=lambda needs, g, y, dim: (kernels.log_softmax_grad(g, y, dim),))

SAMPLES = (case((2, 3), dim=1), case((2, 3), dim=0), case((4, 1, 5), dim=-2), case((), dim=0), case((0, 3), dim=1),
           case((3, 0), dim=0), case((2, 3, 4), dim=1), case((3, 40), dim=-1), case((2, 70, 3), dim=1))


def like_softmax(np, x, dim):
    """Definition, for the tests."""
    if x.size == 0:
        return x
    e = np.exp(x - x.max(dim, keepdims=True))
    return e / e.sum(dim, keepdims=True)


def like_log_softmax(np, x, dim):
    """Definition, for the tests."""
    if x.size == 0:
        return x
    x = x - x.max(dim, keepdims=True)
    return x - np.log(np.exp(x).sum(dim, keepdims=True))


@public(samples=SAMPLES, like=like_softmax, method=True)
def softmax(input, dim=None, dtype=None, out=None, axis=None):
    """y = exp(x) / sum(exp(x)) along dim, computed with the maximum taken out, so that no logit is too large.

    input: any shape, floating-point (or dtype=: converted first). Errors: OutOfRangeError for dim, DTypeError for
    integers. Source: torch.softmax.

    >>> import tensorgrad
    >>> tensorgrad.softmax(tensorgrad.tensor([0.0, 0.0]), 0).tolist()
    [0.5, 0.5]
    """
    y = softmax_raw(input if dtype is None else input.to(dtype), dim=dim if axis is None else axis)
    return y if out is None else store(out, y, "softmax")


@public(samples=SAMPLES, like=like_log_softmax, method=True)
def log_softmax(input, dim=None, dtype=None, out=None, axis=None):
    """y = x - log(sum(exp(x))) along dim, the logarithm of softmax without its underflow.

    input: any shape, floating-point (or dtype=: converted first). Errors: OutOfRangeError for dim, DTypeError for
    integers. Source: torch.log_softmax.

    >>> import tensorgrad
    >>> tensorgrad.log_softmax(tensorgrad.tensor([1e4, 0.0]), 0).tolist()
    [0.0, -10000.0]
    """
    y = log_softmax_raw(input if dtype is None else input.to(dtype), dim=dim if axis is None else axis)
    return y if out is None else store(out, y, "log_softmax")


def implicit_dim(op, dim, ndim, level):
    """PyTorch's deprecated choice of dim where none is given."""
    if dim is not None:
        return dim
    dim = 0 if ndim in (0, 1, 3) else 1
    warnings.warn(f"{op}: Implicit dimension choice has been deprecated. Change the call to include dim={dim}",
                  stacklevel=level)
    return dim


def functional(name, sign, function, like):
    """nn.functional's variant: dim may be left out, and there is a private argument between dim and dtype."""
    def variant(input, dim=None, _stacklevel=3, dtype=None):
        check_tensors(name, input=input)
        return function(-input if sign < 0 else input, implicit_dim(name, dim, input.ndim, _stacklevel), dtype)
    variant.__name__ = variant.__qualname__ = name
    formula = {"softmax": "exp(x) / sum(exp(x))", "softmin": "exp(-x) / sum(exp(-x))"}.get(name, "x - log(sum(exp(x)))")
    variant.__doc__ = f"""y = {formula} along dim; see tensorgrad.{function.__name__}.

    input: any shape, which the result has, floating-point. dim=None warns and takes 0 for 0, 1 and 3 dimensions, else 1. Errors:
    OutOfRangeError for dim, DTypeError for integers. Source: torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.{name}(tensorgrad.tensor([[1.0], [2.0]]), dim=1).exp().shape
    tensorgrad.Size([2, 1])
    """
    return public(samples=SAMPLES, like=like, namespace="nn.functional")(variant)


functional("softmax", 1, softmax, like_softmax)
functional("log_softmax", 1, log_softmax, like_log_softmax)
softmin = functional("softmin", -1, softmax, lambda np, x, dim: like_softmax(np, -x, dim))
