"""Sampling images at given points: affine grids and grid_sample."""

import warnings
from itertools import product
from math import prod

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.kernels import sample as kernels
from .create import linspace, ones
from .declare import case, check_tensors, floats, op, public
from .elementwise import where
from .linalg import matmul
from .rearrange import stack
from .shape import expand_op, reshape, transpose_op

LONG = BY_NAME["int64"]


# ---- where points lie ----

def cell_of(coordinate, n, align):
    """[-1, 1] in cells: -1 and 1 are the centres of the outer cells (align), or their outer edges."""
    return (coordinate + 1) * ((n - 1) / 2) if align else ((coordinate + 1) * n - 1) / 2


def reflected(x, n, align):
    """x folded back at the centres of the outer cells (align), or at their outer edges."""
    low, span = (0.0, n - 1.0) if align else (-0.5, float(n))
    if span == 0:
        return x * 0
    x = (x - low).abs()
    extra = x.fmod(span)
    odd = (x.detach() / span).floor().fmod(2.0) == 1
    return where(odd, span - extra, extra) + low


def inside(x, n, padding_mode, align):
    """x limited to the image where the padding says so; a NaN becomes 0 then."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        x = reflected(x, n, align)
    x = x.clamp(0, n - 1)
    return where(x == x, x, 0.0)


# ---- what is there: three bilinear maps, each other's derivatives ----

read = op("sample", kernels.sample, "x w at", x=lambda g, w, at, x_shape: spread(g, w, at, size=x_shape[2]),
          w=lambda g, x, at: dot(g, x, at))
spread = op("sample_spread", kernels.spread, "g0 w at", g0=lambda g, w, at: read(g, w, at), w=lambda g, g0, at: dot(g0, g, at))
dot = op("sample_dot", kernels.dot, "g0 x at", g0=lambda g, x, at: read(x, g, at),
         x=lambda g, g0, at, x_shape: spread(g0, g, at, size=x_shape[2]))


def nearest(x):
    """[(cell, 1)] of the nearest cell."""
    cell = x.detach().round()
    return [(cell, ones(cell.shape, dtype=x.dtype))]


def near(x):
    """[(cell, weight)] of linear interpolation."""
    low = x.detach().floor()
    return [(low, 1 - (x - low)), (low + 1, x - low)]


def cubic(x):
    """[(cell, weight)] of Keys' cubic interpolation, a = -3/4."""
    low, a, taps = x.detach().floor(), -0.75, []
    for k in (-1, 0, 1, 2):
        t = (x - low - k).abs()
        weight = ((a + 2) * t - (a + 3)) * t * t + 1 if k in (0, 1) else (((t - 5) * t + 8) * t - 4) * a
        taps.append((low + k, weight))
    return taps


def blended(flat, sizes, taps):
    """The sum over all products of one (cell, weight) a dimension; outside of the image there is 0. flat: [n, c, prod(sizes)];
    cells and weights: [n, q], the cells whole numbers."""
    places, weights = [], []
    for chosen in product(*taps):
        place, valid, weight = 0, None, None
        for size, (cell, w) in zip(sizes, chosen, strict=True):
            here = (cell >= 0) & (cell <= size - 1)
            valid = here if valid is None else valid & here
            place = place * size + where(here, cell, 0.0).to(LONG)
            weight = w if weight is None else weight * w
        places.append(place)
        weights.append(where(valid, weight, 0.0 * weight))  # a NaN stays one
    return read(flat, stack(weights, 2), stack(places, 2))


def corners(name, align_corners):
    if align_corners is None:
        warnings.warn(f"Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
                      f"align_corners in the call of {name}.", stacklevel=4)
    return bool(align_corners)


def like_grid_sample(np, x, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    """The definition for two dimensions, point after point."""
    n, c, *sizes = x.shape
    y = np.zeros((n, c, *grid.shape[1:-1]), x.dtype)

    def place(v, size):
        v = (v + 1) / 2 * (size - 1) if align_corners else ((v + 1) * size - 1) / 2
        return v

    def kept(v, size):
        if padding_mode == "reflection":
            low, span = (0, size - 1) if align_corners else (-0.5, size)
            v = (v - low) % (2 * span) if span else 0
            v = (2 * span - v if v > span else v) + low
        return v if padding_mode == "zeros" else min(max(v, 0), size - 1)

    def keys(t):
        t = abs(t)
        return 1.25 * t**3 - 2.25 * t**2 + 1 if t <= 1 else -0.75 * (t**3 - 5 * t**2 + 8 * t - 4)
    for at in np.ndindex(n, *grid.shape[1:-1]):
        raw = [place(v, s) for v, s in zip(grid[at][::-1], sizes, strict=True)]
        per = []
        for v, s in zip(raw, sizes, strict=True):
            v = v if mode == "bicubic" else kept(v, s)
            low = int(np.floor(v))
            if mode == "nearest":
                per.append([(int(np.rint(v)), 1.0)])
            elif mode == "bilinear":
                per.append([(low, 1 - v + low), (low + 1, v - low)])
            else:
                per.append([(int(kept(low + k, s)), keys(v - low - k)) for k in (-1, 0, 1, 2)])
        for chosen in product(*per):
            if all(0 <= i < s for (i, _), s in zip(chosen, sizes, strict=True)):
                y[(at[0], slice(None), *at[1:])] += x[(at[0], slice(None), *(i for i, _ in chosen))] * prod(w for _, w in chosen)
    return y


SAMPLES = [case((1, 2, 3, 4), floats((1, 2, 3, 2)), mode=mode, padding_mode=padding, align_corners=align)
           for mode, padding, align in (("bilinear", "zeros", False), ("bilinear", "border", True), ("bilinear", "reflection", False),
                                        ("bicubic", "zeros", True), ("bicubic", "reflection", True), ("bicubic", "border", False))]


@public(samples=[*SAMPLES, case((1, 1, 2, 3, 2), floats((1, 2, 1, 2, 3)), align_corners=False)], like=like_grid_sample, on=(-1.3, 1.3),
        namespace="nn.functional")
def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """y[n, c, p] = input[n, c] at the point grid[n, p] = (x, y) or (x, y, z), in [-1, 1] across the image.

    input: [n, c, h, w] or [n, c, d, h, w]; grid: [n, oh, ow, 2] or [n, od, oh, ow, 3]. mode: 'bilinear', 'nearest', 'bicubic'
    (images only). padding_mode: outside there is 0 ('zeros'), the edge ('border') or the mirrored image ('reflection').
    align_corners: -1 and 1 are centres of cells, not edges. Errors: ShapeError, DTypeError, ArgumentError. Source: Jaderberg et
    al., Spatial transformer networks, 2015; torch.nn.functional.grid_sample.

    >>> import tensorgrad
    >>> image, middle = tensorgrad.tensor([[[[1.0, 3.0]]]]), tensorgrad.zeros(1, 1, 1, 2)
    >>> tensorgrad.nn.functional.grid_sample(image, middle, align_corners=False).item()
    2.0
    """
    name = "grid_sample"
    if mode not in ("bilinear", "nearest", "bicubic") or padding_mode not in ("zeros", "border", "reflection"):
        raise ArgumentError(f"{name}: mode must be 'bilinear', 'nearest' or 'bicubic' and padding_mode 'zeros', 'border' or "
                            f"'reflection', got {mode!r} and {padding_mode!r}")
    check_tensors(name, input=input, grid=grid)
    shapes, d = f"input {tuple(input.shape)} and grid {tuple(grid.shape)}", input.ndim - 2
    if d not in (2, 3) or grid.ndim != d + 2 or grid.shape[-1] != d or grid.shape[0] != input.shape[0] or 0 in input.shape[1:]:
        raise ShapeError(f"{name}: expected an input [n, c, h, w] and a grid [n, oh, ow, 2], or one dimension more, got {shapes}")
    if grid.dtype is not input.dtype or not input.is_floating_point():
        raise DTypeError(f"{name}: input and grid must have one floating dtype, got {input.dtype} and {grid.dtype}")
    if mode == "bicubic" and d == 3:
        raise ArgumentError(f"{name}: 'bicubic' takes images of two dimensions, got {shapes}")
    align = corners(name, align_corners)
    n, c, *sizes = input.shape
    points = reshape(grid, (n, prod(grid.shape[1:-1]), d))
    flat = reshape(input, (n, c, prod(sizes)))
    raw = [cell_of(points.select(2, d - 1 - i), size, align) for i, size in enumerate(sizes)]
    if mode == "bicubic":  # here each neighbour is brought inside, not the point
        taps = [[(inside(cell, size, padding_mode, align), weight) for cell, weight in cubic(x)]
                for x, size in zip(raw, sizes, strict=True)]
        y = blended(flat, sizes, taps)
    else:
        raw = [inside(x, size, padding_mode, align) for x, size in zip(raw, sizes, strict=True)]
        y = blended(flat, sizes, [nearest(x) if mode == "nearest" else near(x) for x in raw])
    return reshape(y, (n, c, *grid.shape[1:-1]))


def like_affine_grid(np, theta, size, align_corners):
    """The definition."""
    axes = [np.linspace(-1, 1, n) * (1 if align_corners else (n - 1) / n) if n > 1 else np.array([-1.0 if align_corners else 0.0])
            for n in size[2:]]
    mesh = np.meshgrid(*axes, indexing="ij")[::-1]
    return np.einsum("nij,...j->n...i", theta, np.stack([*mesh, np.ones(size[2:])], -1))


@public(samples=[case((2, 2, 3), size=(2, 1, 3, 4), align_corners=False), case((1, 2, 3), size=(1, 1, 2, 3), align_corners=True),
                 case((1, 3, 4), size=(1, 2, 2, 3, 2), align_corners=False)], like=like_affine_grid, namespace="nn.functional")
def affine_grid(theta, size, align_corners=None):
    """The grid for grid_sample whose point p is theta @ (p, 1), for p regularly in [-1, 1].

    theta: [n, 2, 3] for size (n, c, h, w): [n, h, w, 2]; [n, 3, 4] for (n, c, d, h, w): [n, d, h, w, 3]. align_corners: the
    outermost p are -1 and 1, not half a cell further in. Errors: ShapeError, DTypeError. Source:
    torch.nn.functional.affine_grid.

    >>> import tensorgrad
    >>> same = tensorgrad.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> tensorgrad.nn.functional.affine_grid(same, (1, 1, 1, 2), align_corners=False).tolist()
    [[[[-0.5, 0.0], [0.5, 0.0]]]]
    """
    check_tensors("affine_grid", theta=theta)
    name, size = "affine_grid", tuple(size)
    align, d = corners(name, align_corners), len(size) - 2
    if not theta.is_floating_point():
        raise DTypeError(f"{name}: theta must be floating point, got {theta.dtype}")
    if d not in (2, 3) or tuple(theta.shape) != (size[0], d, d + 1) or min(size) <= 0:
        raise ShapeError(f"{name}: expected theta [n, 2, 3] for a positive size (n, c, h, w), or [n, 3, 4] for (n, c, d, h, w), got "
                         f"{tuple(theta.shape)} for {size}")
    columns = []
    for i, n in enumerate(size[2:]):
        if n > 1:
            axis = linspace(-1, 1, n, dtype=theta.dtype) * (1 if align else (n - 1) / n)
        else:
            axis = ones(1, dtype=theta.dtype) * (-1.0 if align else 0.0)
        columns.insert(0, expand_op(reshape(axis, tuple(n if j == i else 1 for j in range(d))), size=size[2:]))
    points = reshape(stack([*columns, ones(size[2:], dtype=theta.dtype)], -1), (1, prod(size[2:]), d + 1))
    return reshape(matmul(points, transpose_op(theta, dim0=1, dim1=2)), (size[0], *size[2:], d))
