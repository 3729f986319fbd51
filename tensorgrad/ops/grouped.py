"""Matrix products of many groups in one call, and of scaled matrices: grouped_mm, scaled_mm, scaled_grouped_mm."""

from enum import Enum
from math import prod

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, ShapeError
from .create import zeros
from .declare import case, check_tensors, floats, public, register
from .linalg import matmul
from .pad import piece
from .rearrange import cat, stack
from .shape import reshape

FLOAT, DOUBLE = BY_NAME["float32"], BY_NAME["float64"]


class ScalingType(Enum):
    """What one number of a scale stands for. Source: torch.nn.functional.ScalingType."""

    TensorWise = 0
    RowWise = 1
    BlockWise1x16 = 2
    BlockWise1x32 = 3
    BlockWise1x128 = 4
    BlockWise128x128 = 5


class SwizzleType(Enum):
    """How scales lie in a GPU's memory; there is only NO_SWIZZLE here. Source: torch.nn.functional.SwizzleType."""

    NO_SWIZZLE = 0
    SWIZZLE_32_4_4 = 1


for _class in (ScalingType, SwizzleType):
    register(_class.__name__, _class, namespace="nn.functional", torch=None)


def ends_of(name, offs, size, groups):
    """Where the groups end: ascending, at most size."""
    ends = [int(e) for e in offs.tolist()]
    if offs.ndim != 1 or (groups is not None and len(ends) != groups):
        raise ShapeError(f"{name}: offs must be of shape ({groups if groups is not None else 'groups'},), got {tuple(offs.shape)}")
    if any(not a <= b <= size for a, b in zip([0, *ends], ends, strict=False)):
        raise ArgumentError(f"{name}: offs must ascend from 0 to at most {size}, got {ends}")
    return ends


def grouped(name, a, b, offs):
    """The products group by group."""
    shapes = f"mat_a {tuple(a.shape)} and mat_b {tuple(b.shape)}"
    if a.ndim not in (2, 3) or b.ndim not in (2, 3) or a.shape[-1] != b.shape[-2]:
        raise ShapeError(f"{name}: expected matrices or batches of them that can be multiplied, got {shapes}")
    if a.ndim == b.ndim == 3:
        if offs is not None or a.shape[0] != b.shape[0]:
            raise ArgumentError(f"{name}: batches of the same size take no offs, got {shapes}")
        return matmul(a, b)
    if offs is None:
        raise ArgumentError(f"{name}: offs must say where the groups end, got None; {shapes}")
    size = a.shape[-1] if a.ndim == b.ndim else a.shape[0] if a.ndim == 2 else b.shape[1]
    groups = None if a.ndim == b.ndim else b.shape[0] if a.ndim == 2 else a.shape[0]
    ends = ends_of(name, offs, size, groups)
    spans = list(zip([0, *ends], ends, strict=False))
    if a.ndim == b.ndim:  # groups of the common dimension
        return stack([matmul(piece(a, 1, low, high - low), piece(b, 0, low, high - low)) for low, high in spans])
    spans.append((ends[-1] if ends else 0, size))  # what no group has stays 0
    if a.ndim == 2:
        cut = [piece(a, 0, low, high - low) for low, high in spans]
        parts = [matmul(x, b[i]) for i, x in enumerate(cut[:-1])]
        return cat([*parts, zeros((cut[-1].shape[0], b.shape[2]), dtype=a.dtype)], 0)
    cut = [piece(b, 1, low, high - low) for low, high in spans]
    parts = [matmul(a[i], x) for i, x in enumerate(cut[:-1])]
    return cat([*parts, zeros((a.shape[1], cut[-1].shape[1]), dtype=a.dtype)], 1)


@public(samples=[case((2, 4, 8), (2, 8, 4)), case((3, 1, 2), (3, 2, 5))], like="matmul", namespace="nn.functional", torch=None)
def grouped_mm(mat_a, mat_b, *, offs=None, bias=None, out_dtype=None):
    """The products of groups of matrices.

    (g, m, k) and (g, k, n): one a group. (m, k) and (g, k, n): group i has the rows up to offs[i]. (g, m, k) and (k, n): the
    columns up to offs[i]. (m, k) and (k, n): the part of k up to offs[i], giving (g, m, n). Rows and columns behind the last
    group are 0. bias: as in PyTorch, none yet. Errors: ShapeError, ArgumentError. Source: torch.nn.functional.grouped_mm.

    >>> import tensorgrad
    >>> a, b = tensorgrad.ones(3, 2), tensorgrad.ones(2, 2, 1) * tensorgrad.tensor([[[1.0]], [[10.0]]])
    >>> tensorgrad.nn.functional.grouped_mm(a, b, offs=tensorgrad.tensor([1, 3])).flatten().tolist()
    [2.0, 20.0, 20.0]
    """
    check_tensors("grouped_mm", mat_a=mat_a, mat_b=mat_b)
    if bias is not None:
        raise ArgumentError("grouped_mm: bias is not supported, got a tensor")
    if mat_a.dtype is not mat_b.dtype or not mat_a.is_floating_point():
        raise DTypeError(f"grouped_mm: expected two matrices of one floating dtype, got {mat_a.dtype} and {mat_b.dtype}")
    y = grouped("grouped_mm", mat_a, mat_b, offs)
    return y if out_dtype is None else y.to(out_dtype)


def scaled(name, x, scale, recipe, swizzle, rows):
    """x times its scale: one number, or one a row of mat_a (a column of mat_b)."""
    scale, recipe = (v[0] if isinstance(v, (list, tuple)) and len(v) == 1 else v for v in (scale, recipe))
    swizzle = swizzle[0] if isinstance(swizzle, (list, tuple)) and len(swizzle) == 1 else swizzle
    lead, n = tuple(x.shape[:-2]), x.shape[-2] if rows else x.shape[-1]
    if recipe not in (ScalingType.TensorWise, ScalingType.RowWise) or swizzle not in (None, SwizzleType.NO_SWIZZLE):
        raise ArgumentError(f"{name}: the recipes TensorWise and RowWise without swizzle are supported, got {recipe!r}, {swizzle!r}")
    wanted = 1 if recipe is ScalingType.TensorWise else n * prod(lead)
    if scale.numel() != wanted:
        raise ShapeError(f"{name}: a scale {recipe.name} of a matrix {tuple(x.shape)} must have {wanted} elements, got "
                         f"{tuple(scale.shape)}")
    dtype = DOUBLE if x.dtype is DOUBLE else FLOAT
    return x.to(dtype) * reshape(scale, () if wanted == 1 else (*lead, n, 1) if rows else (*lead, 1, n)).to(dtype)


@public(samples=[case((2, 3), (3, 4), floats(()), ScalingType.TensorWise, floats(()), ScalingType.TensorWise, output_dtype=DOUBLE)],
        like=lambda np, a, b, s, _, t, __, output_dtype: (a * s) @ (b * t), grad=False,
        namespace="nn.functional", torch=None)
def scaled_mm(mat_a, mat_b, scale_a, scale_recipe_a, scale_b, scale_recipe_b, swizzle_a=None, swizzle_b=None, bias=None,
              output_dtype=BY_NAME["bfloat16"], contraction_dim=(), use_fast_accum=False):
    """(mat_a scale_a) @ (mat_b scale_b) + bias, computed in float32 at least.

    PyTorch takes float8 matrices; there is no such dtype here, so they may be of any floating one. Scales: one number
    (TensorWise), or one a row of mat_a and a column of mat_b (RowWise). Errors: ShapeError, ArgumentError. Source:
    torch.nn.functional.scaled_mm.

    >>> import tensorgrad
    >>> F = tensorgrad.nn.functional
    >>> half, whole = tensorgrad.tensor(0.5), F.ScalingType.TensorWise
    >>> F.scaled_mm(tensorgrad.ones(1, 2), tensorgrad.ones(2, 1), half, whole, half, whole).item()
    0.5
    """
    if mat_a.ndim != 2 or mat_b.ndim != 2:
        raise ShapeError(f"scaled_mm: expected two matrices, got {tuple(mat_a.shape)} and {tuple(mat_b.shape)}")
    pair = scaled_pair("scaled_mm", mat_a, mat_b, scale_a, scale_recipe_a, scale_b, scale_recipe_b, swizzle_a, swizzle_b,
                       contraction_dim)
    return finished(matmul(*pair), bias, output_dtype)


def scaled_pair(name, a, b, scale_a, recipe_a, scale_b, recipe_b, swizzle_a, swizzle_b, contraction_dim):
    """Both matrices times their scales."""
    if contraction_dim:
        raise ArgumentError(f"{name}: contraction_dim is not supported, got {contraction_dim}")
    return (scaled(name, a, scale_a, recipe_a, swizzle_a, True), scaled(name, b, scale_b, recipe_b, swizzle_b, False))


def finished(y, bias, dtype):
    """y + bias in the dtype that was asked for."""
    y = y if bias is None else y + bias
    return y if dtype is None else y.to(dtype)


@public(samples=[case((2, 2, 3), (2, 3, 4), floats(()), ScalingType.TensorWise, floats(()), ScalingType.TensorWise,
                      output_dtype=DOUBLE)],
        like=lambda np, a, b, s, _, t, __, output_dtype: (a * s) @ (b * t), grad=False,
        namespace="nn.functional", torch=None)
def scaled_grouped_mm(mat_a, mat_b, scale_a, scale_recipe_a, scale_b, scale_recipe_b, swizzle_a=None, swizzle_b=None, bias=None,
                      offs=None, output_dtype=BY_NAME["bfloat16"], contraction_dim=(), use_fast_accum=False):
    """grouped_mm of matrices times their scales, computed in float32 at least; see scaled_mm. (PyTorch's CPU has no such function.)

    Scales RowWise: one a row of each mat_a, one a column of each mat_b. Errors: ShapeError, ArgumentError. Source:
    torch.nn.functional.scaled_grouped_mm.

    >>> import tensorgrad
    >>> F = tensorgrad.nn.functional
    >>> half, whole = tensorgrad.tensor(0.5), F.ScalingType.TensorWise
    >>> F.scaled_grouped_mm(tensorgrad.ones(3, 1, 2), tensorgrad.ones(3, 2, 1), half, whole, half, whole).flatten().tolist()
    [0.5, 0.5, 0.5]
    """
    pair = scaled_pair("scaled_grouped_mm", mat_a, mat_b, scale_a, scale_recipe_a, scale_b, scale_recipe_b, swizzle_a, swizzle_b,
                       contraction_dim)
    return finished(grouped("scaled_grouped_mm", *pair, offs), bias, output_dtype)
