"""Max, average, power-average and adaptive pooling of 1 to 3 dimensions."""

from functools import partial
from math import prod

from .._core.errors import ArgumentError
from .._core.kernels import pool as kernels
from .conv import spread
from .declare import case, check_tensors, dress, op, public

# ---- records ----

pool_put = op("pool_put", kernels.pool_put, inputs="u index", u=lambda g, index, size: pool_take(g, index, n=len(size)))
pool_take = op(
    "pool_take",
    kernels.pool_take,
    inputs="x index",
    x=lambda g, index, x_shape, n: pool_put(g, index, size=x_shape[-n:]),
)
max_pool = op(
    "max_pool",
    kernels.max_pool,
    inputs="x",
    aux="index",
    x=lambda g, index, x_shape, kernel: pool_put(g, index, size=x_shape[-len(kernel) :]),
)
adaptive_max_pool = op(
    "adaptive_max_pool",
    kernels.adaptive_max_pool,
    inputs="x",
    aux="index",
    x=lambda g, index, x_shape, size: pool_put(g, index, size=x_shape[-len(size) :]),
)
avg_pool = op(
    "avg_pool",
    kernels.avg_pool,
    inputs="x",
    x=lambda g, x_shape, kernel, stride, padding, ceil_mode, padded, divisor: avg_pool_grad(
        g,
        shape=x_shape,
        kernel=kernel,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        padded=padded,
        divisor=divisor,
    ),
)
avg_pool_grad = op(
    "avg_pool_grad",
    kernels.avg_pool_grad,
    inputs="u",
    u=lambda g, kernel, stride, padding, ceil_mode, padded, divisor: avg_pool(
        g, kernel=kernel, stride=stride, padding=padding, ceil_mode=ceil_mode, padded=padded, divisor=divisor
    ),
)
adaptive_avg_pool = op(
    "adaptive_avg_pool",
    kernels.adaptive_avg_pool,
    inputs="x",
    x=lambda g, x_shape, size: adaptive_avg_pool_grad(g, shape=x_shape, size=size),
)
adaptive_avg_pool_grad = op(
    "adaptive_avg_pool_grad",
    kernels.adaptive_avg_pool_grad,
    inputs="u",
    u=lambda g, size: adaptive_avg_pool(g, size=size),
)


# ---- definitions for the tests ----


def like_windows(np, x, n, windows, reduce):
    """reduce(window) for every product of the 1-D windows (lists of index lists), over the last n dimensions."""
    y = np.zeros((*x.shape[:-n], *map(len, windows)), x.dtype)
    for o in np.ndindex(*y.shape[-n:]):
        seen = x[(..., *np.ix_(*(w[i] for w, i in zip(windows, o, strict=False))))]
        y[(..., *o)] = reduce(seen.reshape(*seen.shape[:-n], -1), o)
    return y


def regular(size, kernel, stride, padding, dilation, ceil_mode):
    """The windows of one dimension, without what is outside of the image; and their sizes inside the padded image."""
    out = (size + 2 * padding - dilation * (kernel - 1) - 1 + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (out - 1) * stride >= size + padding:
        out -= 1
    starts = [o * stride - padding for o in range(out)]
    return (
        [[i for i in range(s, s + kernel * dilation, dilation) if 0 <= i < size] for s in starts],
        [min(s + kernel, size + padding) - s for s in starts],
    )


def like_max(np, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, *, n):
    """Definition."""
    kernel = spread(kernel_size, n)
    rules = zip(
        x.shape[-n:],
        kernel,
        spread(kernel if stride is None else stride, n),
        spread(padding, n),
        spread(dilation, n),
        strict=False,
    )
    return like_windows(np, x, n, [regular(*r, ceil_mode)[0] for r in rules], lambda seen, o: seen.max(-1))


def like_avg(
    np, x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None, *, n
):
    """Definition."""
    kernel = spread(kernel_size, n)
    rules = zip(x.shape[-n:], kernel, spread(kernel if stride is None else stride, n), spread(padding, n), strict=False)
    windows, counts = zip(*(regular(*r, 1, ceil_mode) for r in rules), strict=False)

    def mean(seen, o):
        count = np.prod([c[i] for c, i in zip(counts, o, strict=False)]) if count_include_pad else seen.shape[-1]
        return seen.sum(-1) / (divisor_override or count)

    return like_windows(np, x, n, windows, mean)


def like_adaptive(np, x, output_size, *, n, reduce):
    """Definition."""
    sizes = [i if o is None else o for o, i in zip(spread_sizes(output_size, n), x.shape[-n:], strict=False)]
    windows = [
        [list(range(o * i // out, -(-(o + 1) * i // out))) for o in range(out)]
        for i, out in zip(x.shape[-n:], sizes, strict=False)
    ]
    return like_windows(np, x, n, windows, lambda seen, o: getattr(seen, reduce)(-1))


# ---- public ----


def spread_sizes(output_size, n):
    """output_size for n dimensions; None: the input's."""
    return (output_size,) * n if output_size is None or isinstance(output_size, int) else tuple(output_size)


def steps(stride, kernel):
    """The stride, by default the kernel."""
    return (
        kernel if stride is None or (not isinstance(stride, int) and not len(stride)) else spread(stride, len(kernel))
    )


def pooled(values, index, return_indices):
    """What a max pooling answers; indices as PyTorch gives them."""
    return (values, index.long()) if return_indices else values


def exact(name, n, output_size, input):
    """output_size as numbers."""
    check_tensors(name, input=input)
    sizes = spread_sizes(output_size, n)
    if len(sizes) != n or input.ndim < n:
        raise ArgumentError(
            f"{name}: output_size must be one number or {n}, got {output_size} for input {tuple(input.shape)}"
        )
    return tuple(input.shape[i - n] if s is None else s for i, s in enumerate(sizes))


def pairs(name, with_indices, call, samples):
    """Declares <name>_with_indices."""
    text = f"""({name}, where in its image each element lies, int64): both of the shape that {name} gives.

    Arguments and errors: those of {name}. Source: torch.nn.functional.{name}_with_indices.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.{name}_with_indices({call})[1].dtype
    tensorgrad.int64
    """
    dress(with_indices, f"{name}_with_indices", text, "nn.functional")
    public(samples=samples, namespace="nn.functional")(with_indices)


SIZES = "{n} spatial dimensions, behind [n, c] or [c]"
SHAPES = {1: (2, 3, 7), 2: (2, 2, 6, 5), 3: (1, 2, 4, 3, 4)}


def max_pool_nd(n):
    """max_pool<n>d."""
    name, shape = f"max_pool{n}d", SHAPES[n]

    def largest(input, kernel_size, stride, padding, dilation, ceil_mode):
        kernel = spread(kernel_size, n, name)
        return max_pool(
            input,
            kernel=kernel,
            stride=steps(stride, kernel),
            padding=spread(padding, n),
            dilation=spread(dilation, n),
            ceil_mode=ceil_mode,
        )

    def function(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return pooled(*largest(input, kernel_size, stride, padding, dilation, ceil_mode), return_indices)

    def with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return pooled(*largest(input, kernel_size, stride, padding, dilation, ceil_mode), True)

    strided = ", ".join(["...", *["1::2"] * n])
    text = f"""The largest element of each window; a NaN counts as largest.

    input: {SIZES.format(n=n)}; result: each size (in + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down
    (ceil_mode: up). return_indices: also where in its image each lies, int64. Errors: ShapeError, ArgumentError,
    DTypeError. Source: torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> tensorgrad.{name}(tensorgrad.ones({shape}), 2).shape == tensorgrad.zeros({shape})[{strided}].shape
    True
    """
    dress(function, name, text, "nn.functional")
    samples = [case(shape, 2), case(shape[1:], 3, 1, 1), case(shape, 2, 2, 1, ceil_mode=True), case(shape, 2, 1, 0, 2)]
    for namespace in ("", "nn.functional"):
        public(samples=samples if namespace else (), like=partial(like_max, n=n), namespace=namespace)(function)
    pairs(name, with_indices, f"tensorgrad.ones({shape}), 2", [case(shape, 2)])
    return function


def avg_pool_nd(n):
    """avg_pool<n>d."""
    name, shape = f"avg_pool{n}d", SHAPES[n]

    def average(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
        kernel = spread(kernel_size, n, name)
        if divisor_override == 0:
            raise ArgumentError(f"{name}: divisor_override must not be 0; input {tuple(input.shape)}")
        return avg_pool(
            input,
            kernel=kernel,
            stride=steps(stride, kernel),
            padding=spread(padding, n),
            ceil_mode=ceil_mode,
            padded=count_include_pad,
            divisor=float(divisor_override or 0),
        )

    if n == 1:

        def function(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
            return average(input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)
    else:

        def function(
            input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
        ):
            return average(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)

    dress(
        function,
        name,
        f"""The mean of each window: its sum / its number of elements.

    input: {SIZES.format(n=n)}; result: each size (in + 2 padding - kernel) / stride + 1, rounded down (ceil_mode: up).
    count_include_pad: zeros of the padding count; divisor_override: divide by this. Errors: ShapeError,
    ArgumentError, DTypeError. Source: torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.{name}(tensorgrad.ones({shape}), 2).unique().tolist()
    [1.0]
    """,
        "nn.functional",
    )
    samples = [
        case(shape, 2),
        case(shape[1:], 3, 1, 1),
        case(shape, 3, 2, 1, ceil_mode=True),
        case(shape, 2, 1, 1, count_include_pad=False),
        *([case(shape, 2, divisor_override=3)] if n > 1 else []),
    ]
    for namespace in ("", "nn.functional") if n == 1 else ("nn.functional",):
        public(samples=samples if namespace else (), like=partial(like_avg, n=n), namespace=namespace)(function)
    return function


def adaptive_nd(n, kind):
    """adaptive_avg_pool<n>d or adaptive_max_pool<n>d."""
    name, shape = f"adaptive_{kind}_pool{n}d", SHAPES[n]

    if kind == "max":

        def function(input, output_size, return_indices=False):
            return pooled(*adaptive_max_pool(input, size=exact(name, n, output_size, input)), return_indices)

        def with_indices(input, output_size, return_indices=False):
            return pooled(*adaptive_max_pool(input, size=exact(name, n, output_size, input)), True)

        pairs(name, with_indices, f"tensorgrad.ones({shape}), 1", [case(shape, 1)])
    else:

        def function(input, output_size):
            return adaptive_avg_pool(input, size=exact(name, n, output_size, input))

    dress(
        function,
        name,
        f"""The {"largest element" if kind == "max" else "mean"} of output_size windows that cover the image.

    Window o of a dimension: [floor(o in / out), ceil((o + 1) in / out)). input: {SIZES.format(n=n)}; output_size:
    one number or {n}{", None: the input size" if n > 1 else ""}. Errors: ShapeError, ArgumentError, DTypeError.
    Source: torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.{name}(tensorgrad.ones({shape}), 1).unique().tolist()
    [1.0]
    """,
        "nn.functional",
    )
    samples = [case(shape, 1), case(shape[1:], 3), case(shape, list((3, 2, 1)[:n]))]
    like = partial(like_adaptive, n=n, reduce="max" if kind == "max" else "mean")
    for namespace in ("", "nn.functional") if n == 1 and kind == "avg" else ("nn.functional",):
        public(samples=samples if namespace else (), like=like, namespace=namespace)(function)
    return function


def like_lp(np, x, norm_type, kernel_size, stride=None, ceil_mode=False, *, n):
    """Windows of kernel_size that lie inside."""
    windows = np.lib.stride_tricks.sliding_window_view(x**norm_type, (kernel_size,) * n, axis=tuple(range(-n, 0)))
    step = slice(None, None, stride or kernel_size)
    return windows[(..., *[step] * n, *[slice(None)] * n)].sum(tuple(range(-n, 0))) ** (1 / norm_type)


def lp_pool_nd(n):
    """lp_pool<n>d."""
    name, shape = f"lp_pool{n}d", SHAPES[n]

    def function(input, norm_type, kernel_size, stride=None, ceil_mode=False):
        kernel = spread(kernel_size, n, name)
        if norm_type == 0:
            raise ArgumentError(f"{name}: norm_type must not be 0; input {tuple(input.shape)}")
        powers = avg_pool(input**norm_type, kernel=kernel, stride=steps(stride, kernel), padding=(0,) * n,
                          ceil_mode=ceil_mode, padded=True, divisor=0.0)
        return (powers * prod(kernel)) ** (1.0 / norm_type)

    text = f"""(sum of x^norm_type over each window)^(1 / norm_type).

    input: {SIZES.format(n=n)}. A window that ceil_mode lets reach beyond the image counts as if it were full, with
    the mean of what it sees. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.{name}(tensorgrad.ones({shape}), 1, 2).max().item()
    {2.0**n}
    """
    dress(function, name, text, "nn.functional")
    samples = [case(shape, 2, 2), case(shape, 3.0, 2, 1)]
    public(samples=samples, like=partial(like_lp, n=n), namespace="nn.functional", on=(0.5, 2))(function)
    return function


max_pool1d, max_pool2d, max_pool3d = map(max_pool_nd, (1, 2, 3))
avg_pool1d, avg_pool2d, avg_pool3d = map(avg_pool_nd, (1, 2, 3))
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = (adaptive_nd(n, "avg") for n in (1, 2, 3))
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (adaptive_nd(n, "max") for n in (1, 2, 3))
lp_pool1d, lp_pool2d, lp_pool3d = map(lp_pool_nd, (1, 2, 3))
