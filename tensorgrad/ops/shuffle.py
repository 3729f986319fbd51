"""Channels turned into pixels and back: reshapes and permutations."""

from .._core.errors import ArgumentError, ShapeError
from .declare import case, check_tensors, public
from .shape import permute, reshape


def check_factor(name, argument, factor):
    if not isinstance(factor, int) or factor < 1:
        raise ArgumentError(f"{name}: {argument} must be a positive integer, got {factor!r}")


SHUFFLE = [case((2, 8, 3, 2), 2), case((9, 1, 2), 3), case((0, 4, 2, 2), 2)]
UNSHUFFLE = [case((2, 2, 4, 6), 2), case((1, 3, 3), 3)]
CHANNELS = [case((2, 6, 3), 3), case((1, 4, 2, 2), 2)]


def like_shuffle(np, x, r):
    """The definition."""
    *lead, c, h, w = x.shape
    y = np.zeros((*lead, c // r**2, h * r, w * r), x.dtype)
    for i in range(r):
        for j in range(r):
            y[..., i::r, j::r] = x[..., i * r + j::r * r, :, :]
    return y


def like_unshuffle(np, x, r):
    """The definition."""
    *lead, c, h, w = x.shape
    y = np.zeros((*lead, c * r**2, h // r, w // r), x.dtype)
    for i in range(r):
        for j in range(r):
            y[..., i * r + j::r * r, :, :] = x[..., i::r, j::r]
    return y


def like_channels(np, x, groups):
    """The definition."""
    c = x.shape[1]
    return x[:, [i % groups * (c // groups) + i // groups for i in range(c)]]


@public(samples=SHUFFLE, like=like_shuffle)
def pixel_shuffle(input, upscale_factor):
    """[*, c r r, h, w] -> [*, c, h r, w r]: pixel (i, j) of each r x r block comes from channel i r + j of r r.

    Errors: ShapeError, ArgumentError. Source: Shi et al., arXiv:1609.05158; torch.nn.functional.pixel_shuffle.

    >>> import tensorgrad
    >>> tensorgrad.pixel_shuffle(tensorgrad.arange(4).reshape(4, 1, 1), 2).tolist()
    [[[0, 1], [2, 3]]]
    """
    check_tensors("pixel_shuffle", input=input)
    r = upscale_factor
    check_factor("pixel_shuffle", "upscale_factor", r)
    if input.ndim < 3 or input.shape[-3] % r**2:
        raise ShapeError(f"pixel_shuffle: an input of at least 3 dimensions with a multiple of {r**2} channels is needed, got "
                         f"shape {tuple(input.shape)}")
    *lead, c, h, w = input.shape
    n = len(lead)
    blocks = reshape(input, (*lead, c // r**2, r, r, h, w))
    return reshape(permute(blocks, (*range(n), n, n + 3, n + 1, n + 4, n + 2)), (*lead, c // r**2, h * r, w * r))


@public(samples=UNSHUFFLE, like=like_unshuffle)
def pixel_unshuffle(input, downscale_factor):
    """[*, c, h r, w r] -> [*, c r r, h, w]: the opposite of pixel_shuffle.

    Errors: ShapeError, ArgumentError. Source: Shi et al., arXiv:1609.05158; torch.nn.functional.pixel_unshuffle.

    >>> import tensorgrad
    >>> tensorgrad.pixel_unshuffle(tensorgrad.arange(4).reshape(1, 2, 2), 2).flatten().tolist()
    [0, 1, 2, 3]
    """
    check_tensors("pixel_unshuffle", input=input)
    r = downscale_factor
    check_factor("pixel_unshuffle", "downscale_factor", r)
    if input.ndim < 3 or input.shape[-2] % r or input.shape[-1] % r:
        raise ShapeError(f"pixel_unshuffle: an input of at least 3 dimensions with height and width divisible by {r} is needed, "
                         f"got shape {tuple(input.shape)}")
    *lead, c, h, w = input.shape
    n = len(lead)
    blocks = reshape(input, (*lead, c, h // r, r, w // r, r))
    return reshape(permute(blocks, (*range(n), n, n + 2, n + 4, n + 1, n + 3)), (*lead, c * r**2, h // r, w // r))


@public(samples=CHANNELS, like=like_channels)
def channel_shuffle(input, groups):
    """[n, c, *] with the channels of `groups` groups dealt out in turn: g0[0], g1[0], ..., g0[1], ...

    Errors: ShapeError, ArgumentError. Source: Zhang et al., arXiv:1707.01083; torch.nn.functional.channel_shuffle.

    >>> import tensorgrad
    >>> tensorgrad.channel_shuffle(tensorgrad.arange(4).reshape(1, 4, 1), 2).flatten().tolist()
    [0, 2, 1, 3]
    """
    check_tensors("channel_shuffle", input=input)
    check_factor("channel_shuffle", "groups", groups)
    if input.ndim < 3 or input.shape[1] % groups:
        raise ShapeError(f"channel_shuffle: an input of at least 3 dimensions with a number of channels divisible by {groups} is "
                         f"needed, got shape {tuple(input.shape)}")
    n, c, *rest = input.shape
    dealt = permute(reshape(input, (n, groups, c // groups, *rest)), (0, 2, 1, *range(3, 3 + len(rest))))
    return reshape(dealt, (n, c, *rest))

