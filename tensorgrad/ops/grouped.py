"""Matrix products of many groups in one call, and of scaled matrices: grouped_mm, scaled_mm, scaled_grouped_mm."""

from enum import Enum

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .create import zeros
from .declare import case, check_tensors, public, register
from .linalg import matmul
from .pad import piece
from .rearrange import cat, stack
from .shape import reshape

FLOAT = BY_NAME["float32"]


class ScalingType(Enum):
    """What one number of a scale stands for: the tensor, a row, or a block of that shape. Errors: ValueError for another value. Source:
    torch.nn.functional.ScalingType.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.ScalingType.RowWise.value
    1
    """

    TensorWise = 0
    RowWise = 1
    BlockWise1x16 = 2
    BlockWise1x32 = 3
    BlockWise1x128 = 4
    BlockWise128x128 = 5


class SwizzleType(Enum):
    """How scales lie in a GPU's memory; there is only NO_SWIZZLE here. Errors: ValueError for another value. Source:
    torch.nn.functional.SwizzleType.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.SwizzleType.NO_SWIZZLE.value
    0
    """

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
    columns up to offs[i]. (m, k) and (k, n): the part of k up to offs[i], giving (g, m, n). Rows and columns behind the last group
    are 0. bias: as in PyTorch, none yet. Errors: ShapeError, ArgumentError, DTypeError. Source: torch.nn.functional.grouped_mm.

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


def scaled(x, scale, recipe, rows):
    """x times its scale, in float32: one number, or one a row of mat_a (a column of mat_b)."""
    letter = "a" if rows else "b"
    wanted = (x.shape[0], 1) if rows else (1, x.shape[1])
    if recipe is ScalingType.TensorWise and scale.numel() != 1:
        raise ArgumentError(f"scaled_mm: scale_{letter} must have 1 element, got shape {tuple(scale.shape)}")
    if recipe is ScalingType.RowWise and scale.ndim < 2:
        raise OutOfRangeError(f"scaled_mm: scale_{letter} must have shape {wanted}, got {tuple(scale.shape)}")
    if recipe is ScalingType.RowWise and tuple(scale.shape) != wanted:
        raise ArgumentError(f"scaled_mm: scale_{letter} must have shape {wanted}, got {tuple(scale.shape)}")
    return x.to(FLOAT) * (scale if recipe is ScalingType.RowWise else reshape(scale, ()))


def alone(value):
    """The one element of a list, or the value."""
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value


@public(namespace="nn.functional")  # its values are in tests/nn_cases.py
def scaled_mm(mat_a, mat_b, scale_a, scale_recipe_a, scale_b, scale_recipe_b, swizzle_a=None, swizzle_b=None, bias=None,
              output_dtype=BY_NAME["bfloat16"], contraction_dim=(), use_fast_accum=False):
    """(mat_a scale_a) @ (mat_b scale_b) + bias of float8 matrices, computed in float32.

    mat_a: (m, k); mat_b: (k, n). Scales are float32: one number (both TensorWise), or one a row of mat_a, (m, 1), and one a column
    of mat_b, (1, n) (both RowWise). bias: (n,). output_dtype None: mat_a's. Swizzles say how scales lie in a GPU's memory and
    change nothing. Errors: ArgumentError, OutOfRangeError. Source: torch.nn.functional.scaled_mm.

    >>> import tensorgrad
    >>> F = tensorgrad.nn.functional
    >>> a, b = tensorgrad.ones(1, 2).to(tensorgrad.float8_e4m3fn), tensorgrad.ones(2, 1).to(tensorgrad.float8_e5m2)
    >>> half, whole = tensorgrad.tensor(0.5), F.ScalingType.TensorWise
    >>> F.scaled_mm(a, b, half, whole, half, whole)
    tensor([[0.5000]], dtype=tensorgrad.bfloat16)
    """
    check_tensors("scaled_mm", mat_a=mat_a, mat_b=mat_b)
    scale_a, scale_b, recipe, other = alone(scale_a), alone(scale_b), alone(scale_recipe_a), alone(scale_recipe_b)
    shapes = f"{tuple(mat_a.shape)} and {tuple(mat_b.shape)}"
    if mat_a.ndim != 2 or mat_b.ndim != 2 or mat_a.shape[1] != mat_b.shape[0]:
        raise ArgumentError(f"scaled_mm: expected two matrices that can be multiplied, got {shapes}")
    if tuple(contraction_dim) not in ((), (1, 0), (-1, 0), (1, -2), (-1, -2)):
        raise ArgumentError(f"scaled_mm: contraction_dim must name the columns of mat_a and the rows of mat_b, got {contraction_dim}")
    kinds = [mat_a.dtype, mat_b.dtype]
    if (recipe is not other or recipe not in (ScalingType.TensorWise, ScalingType.RowWise) or scale_a.dtype is not FLOAT
            or scale_b.dtype is not FLOAT or not all(kind.name.startswith("float8") for kind in kinds)):
        raise ArgumentError("scaled_mm: expected float8 matrices with float32 scales that are both TensorWise or both RowWise, got "
                            f"{kinds}, scales of {scale_a.dtype} and {scale_b.dtype}, recipes {recipe!r} and {other!r}")
    y = matmul(scaled(mat_a, scale_a, recipe, True), scaled(mat_b, scale_b, recipe, False))
    if bias is not None:
        if bias.numel() != y.shape[1]:
            raise ArgumentError(f"scaled_mm: bias must have {y.shape[1]} elements, got shape {tuple(bias.shape)}")
        y = y + bias.to(FLOAT)
    return y.to(mat_a.dtype if output_dtype is None else output_dtype)


@public(namespace="nn.functional")
def scaled_grouped_mm(mat_a, mat_b, scale_a, scale_recipe_a, scale_b, scale_recipe_b, swizzle_a=None, swizzle_b=None, bias=None,
                      offs=None, output_dtype=BY_NAME["bfloat16"], contraction_dim=(), use_fast_accum=False):
    """NotImplementedError: as PyTorch has it, this works on a GPU alone. Use scaled_mm a group, or grouped_mm of the matrices times
    their scales. Source: torch.nn.functional.scaled_grouped_mm.

    >>> import tensorgrad
    >>> callable(tensorgrad.nn.functional.scaled_grouped_mm)
    True
    """
    raise NotImplementedError("scaled_grouped_mm: there is no kernel for the CPU; use scaled_mm a group, or grouped_mm")
