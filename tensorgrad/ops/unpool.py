"""Max unpooling, and max pooling over windows drawn at random: gather and scatter by computed places."""

from math import prod

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .conv import spread
from .create import arange, zeros
from .declare import case, check_tensors, dress, ints, public
from .extremes import max as largest
from .index import gather, scatter
from .pool import SHAPES, SIZES, spread_sizes, steps
from .random import rand
from .rearrange import cat
from .shape import reshape

LONG = BY_NAME["int64"]


# ---- unpooling ----

def unpooled_sizes(name, input, kernel, stride, padding, output_size):
    """What max pooling made input of: by default the smallest, else output_size where it may be."""
    n = len(kernel)
    sizes = tuple((i - 1) * s + k - 2 * p for i, s, k, p in zip(input.shape[-n:], stride, kernel, padding, strict=True))
    if output_size is not None:
        wanted = tuple(output_size)[2:] if len(output_size) == n + 2 else tuple(output_size)
        if len(wanted) != n or any(not d - s < w < d + s for d, s, w in zip(sizes, stride, wanted, strict=True)):
            raise ArgumentError(f"{name}: output_size must have {n} or {n + 2} numbers, each nearer to {sizes} than the stride "
                                f"{stride}, got {tuple(output_size)}; input of shape {tuple(input.shape)}")
        sizes = wanted
    if any(s < 1 for s in sizes):
        raise ShapeError(f"{name}: the result would have the size {sizes}; input of shape {tuple(input.shape)}")
    return sizes


def like_unpool(np, x, index, kernel_size, stride=None, padding=0, output_size=None, *, n):
    """Each plane's values at their places."""
    rules = zip(x.shape[-n:], spread(stride or kernel_size, n), spread(kernel_size, n), spread(padding, n), strict=True)
    sizes = output_size or tuple((i - 1) * s + k - 2 * p for i, s, k, p in rules)
    y = np.zeros((*x.shape[:-n], np.prod(sizes)), x.dtype)
    np.put_along_axis(y, index.reshape(*x.shape[:-n], -1), x.reshape(*x.shape[:-n], -1), -1)
    return y.reshape(*x.shape[:-n], *sizes)


def max_unpool_nd(n):
    """max_unpool<n>d."""
    name = f"max_unpool{n}d"

    def function(input, indices, kernel_size, stride=None, padding=0, output_size=None):
        check_tensors(name, input=input, indices=indices)
        if indices.dtype is not LONG:
            raise DTypeError(f"{name}: indices must be int64, got {indices.dtype}; input of shape {tuple(input.shape)}")
        if tuple(indices.shape) != tuple(input.shape) or input.ndim not in (n + 1, n + 2):
            raise ShapeError(f"{name}: expected an input of {n + 1} or {n + 2} dimensions and indices of its shape, got input "
                             f"{tuple(input.shape)} and indices {tuple(indices.shape)}")
        kernel = spread(kernel_size, n, name)
        stride, padding = steps(stride, kernel), spread(padding, n)
        if len(stride) != n or len(padding) != n:
            raise ArgumentError(f"{name}: stride and padding must be one number or {n}, got {stride} and {padding}")
        sizes = unpooled_sizes(name, input, kernel, stride, padding, output_size)
        if indices.numel() and not 0 <= indices.min().item() <= indices.max().item() < prod(sizes):
            raise OutOfRangeError(f"{name}: found an invalid max index, {indices.min().item()} or {indices.max().item()}, for "
                                  f"images of size {sizes}; input of shape {tuple(input.shape)}")
        lead = tuple(input.shape[:-n])
        flat = (*lead, prod(input.shape[-n:]))
        image = zeros((*lead, prod(sizes)), dtype=input.dtype)
        return reshape(scatter(image, -1, reshape(indices, flat), reshape(input, flat)), (*lead, *sizes))

    shape = SHAPES[n]
    text = f"""The image that max pooling with return_indices made input of, with 0 for what was lost.

    input, indices (int64, into each image): {SIZES.format(n=n)}; result: each size (in - 1) stride - 2 padding + kernel, or
    output_size. Errors: OutOfRangeError for an index outside of the image, ShapeError, ArgumentError, DTypeError.
    Source: torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> F = tensorgrad.nn.functional
    >>> y, at = F.max_pool{n}d(tensorgrad.ones({shape}), 2, return_indices=True)
    >>> F.{name}(y, at, 2).sum().item() == y.numel()
    True
    """
    dress(function, name, text, "nn.functional")
    one = (1,) * n  # one value a plane: no two of them meet
    samples = [case((1, 2, *one), ints((1, 2, *one), 0, 2**n), 2),
               case((3, *one), ints((3, *one), 0, 3**n), 2, output_size=(3,) * n)]
    public(samples=samples, like=lambda np, *args, **more: like_unpool(np, *args, **more, n=n),
           namespace="nn.functional")(function)
    return function


# ---- fractional max pooling ----

def starts(sample, n, out, kernel):
    """Where the `out` windows of a dimension of n start: floor((i + u) a) - floor(u a), a = (n - kernel) / (out - 1), the
    last one at the end. sample: [planes, 1] of u."""
    last = zeros((sample.shape[0], 1), dtype=LONG) + (n - kernel)
    if out == 1:
        return last
    a = (n - kernel) / (out - 1)
    steps = (sample + arange(out - 1, dtype=sample.dtype)) * a
    return cat([steps.floor().long() - (sample * a).floor().long(), last], 1)


def fractional(name, n, input, kernel_size, output_size, output_ratio, samples):
    """(values, indices)"""
    check_tensors(name, input=input)
    kernel = spread(kernel_size, n, name)
    if input.ndim not in (n + 1, n + 2):
        raise ShapeError(f"{name}: expected an input of {n + 1} or {n + 2} dimensions, got shape {tuple(input.shape)}")
    if output_size is None:
        if output_ratio is None:
            raise ArgumentError(f"{name}: give output_size or output_ratio")
        ratio = (output_ratio,) * n if isinstance(output_ratio, float) else tuple(output_ratio)
        if len(ratio) != n:
            raise ArgumentError(f"{name}: output_ratio must be one number or {n}, got {output_ratio}")
        output_size = [int(s * r) for s, r in zip(input.shape[-n:], ratio, strict=True)]
    sizes, image = spread_sizes(output_size, n), tuple(input.shape[-n:])
    if len(sizes) != n or any(o < 1 or k < 1 or o + k - 1 > i for o, k, i in zip(sizes, kernel, image, strict=True)):
        raise ShapeError(f"{name}: {sizes} windows of size {kernel} do not fit an input of shape {tuple(input.shape)}")
    lead = tuple(input.shape[:-n])
    batch, channels = lead if len(lead) == 2 else (1, *lead)
    if samples is None:
        samples = rand(batch, channels, n, dtype=input.dtype)
    if tuple(samples.shape) != (batch, channels, n) or samples.dtype is not input.dtype:
        raise ShapeError(f"{name}: _random_samples must be {input.dtype} of shape {(batch, channels, n)}, got {samples.dtype} "
                         f"of shape {tuple(samples.shape)}")
    planes = batch * channels
    draws = reshape(samples, (planes, n))
    places, stride = zeros((planes, *(1,) * (2 * n)), dtype=LONG), prod(image)
    for d in range(n):  # [planes, out0, out1, ..., tap0, tap1, ...]
        stride //= image[d]
        u = n - 1 - d if n == 2 else d  # PyTorch draws for the width first, but in three dimensions for the depth
        at = reshape(starts(draws[:, u:u + 1], image[d], sizes[d], kernel[d]), (planes, sizes[d], 1)) + arange(kernel[d])
        axes = [1] * (2 * n)
        axes[d], axes[n + d] = sizes[d], kernel[d]
        places = places + reshape(at, (planes, *axes)) * stride
    windows = reshape(places, (planes, prod(sizes), prod(kernel)))
    flat = reshape(input, (planes, prod(image)))
    seen = reshape(gather(flat, 1, reshape(windows, (planes, -1))), tuple(windows.shape))
    values, best = largest(seen, -1)
    indices = gather(windows, 2, reshape(best, (*best.shape, 1)))
    return reshape(values, (*lead, *sizes)), reshape(indices, (*lead, *sizes))


def fractional_max_pool_nd(n):
    """fractional_max_pool<n>d and its variant that always answers (values, indices)."""
    name, shape = f"fractional_max_pool{n}d", (1, 2, 5, 4, 4)[:n + 2]

    def function(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        values, indices = fractional(name, n, input, kernel_size, output_size, output_ratio, _random_samples)
        return (values, indices) if return_indices else values

    def with_indices(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        return fractional(name, n, input, kernel_size, output_size, output_ratio, _random_samples)

    text = f"""The largest element of output_size windows, all of kernel_size, whose distances are drawn at random.

    input: {SIZES.format(n=n)}; result: output_size, or floor(output_ratio * size). The draws are one uniform number a
    plane and dimension; _random_samples [n, c, {n}] gives them. Errors: ShapeError, ArgumentError, DTypeError. Source: Graham,
    arXiv:1412.6071; torch.nn.functional.{name}.

    >>> import tensorgrad
    >>> y = tensorgrad.nn.functional.{name}({{}}tensorgrad.ones({shape}), 2, 2)
    >>> y{{}}.shape
    tensorgrad.Size({[*shape[:2], *(2,) * n]})
    """
    samples = [case(shape, 2, 2), case(shape, 1, output_ratio=(0.6,) * n)]
    for suffix, made, at in (("", function, ""), ("_with_indices", with_indices, "[0]")):
        dress(made, name + suffix, text.replace(f"functional.{name}({{}}", f"functional.{name}{suffix}(").replace("{}", at),
              "nn.functional")
        public(samples=samples, namespace="nn.functional")(made)
    return function


max_unpool1d, max_unpool2d, max_unpool3d = map(max_unpool_nd, (1, 2, 3))
fractional_max_pool2d, fractional_max_pool3d = map(fractional_max_pool_nd, (2, 3))
