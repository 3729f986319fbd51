"""Products of matrices and vectors. One record, matmul, is its own derivative; the rest is written with it."""

from .._core.apply import set_operator, store
from .._core.errors import ArgumentError, ShapeError
from .._core.kernels import linalg as kernels
from .declare import case, check_tensors, op, public

# ---- records ----


def rows(x):
    """x (..., n) as one matrix."""
    return x if x.ndim == 2 else x.reshape(size_of(x, range(x.ndim - 1)), x.shape[-1])


def matmul_a(g, b, a_shape):
    """Gradient of a @ b for a; the engine sums over what was broadcast."""
    if b.ndim == 1:  # (..., k) @ (k) -> (...)
        return g * b if len(a_shape) == 1 else g.unsqueeze(-1) * b
    if len(a_shape) == 1:  # (k) @ (..., k, n) -> (..., n)
        return matmul_op(b, g) if b.ndim == 2 else matmul_op(b, g.unsqueeze(-1)).squeeze(-1)
    if len(a_shape) == 2 and b.ndim > 2:  # one contraction over the batch and n
        return matmul_op(rows(g.transpose(-1, -2)).transpose(0, 1), rows(b.transpose(-1, -2)))
    return matmul_op(g, b.transpose(-1, -2))


def matmul_b(g, a, b_shape):
    """Gradient of a @ b for b."""
    if len(b_shape) == 1:
        return g * a if a.ndim == 1 else matmul_op(g.reshape(-1), rows(a))
    if a.ndim == 1:  # (k) @ (..., k, n) -> (..., n)
        return a.unsqueeze(-1) * g.unsqueeze(-2)
    if len(b_shape) == 2:
        return matmul_op(rows(a).transpose(0, 1), rows(g))
    return matmul_op(a.transpose(-1, -2), g)


matmul_op = op("matmul", kernels.matmul, "a b", a=matmul_a, b=matmul_b)
addmm_op = op("addmm", kernels.addmm, "x a b", x=lambda g: g, a=matmul_a, b=matmul_b)
linear_op = op("linear", kernels.linear, "x w bias",
               x=lambda g, w: matmul_op(g, w),
               w=lambda g, x: matmul_op(rows(g).transpose(0, 1), rows(x)),
               bias=lambda g: g, fused=lambda needs, g, x, w: kernels.linear_grad(needs, g, x, w))


# ---- products of two ----

def expect(name, argument, x, ndim):
    """ShapeError unless x has so many dimensions; TypeError unless it is a tensor."""
    check_tensors(name, **{argument: x})
    if x.ndim != ndim:
        raise ShapeError(f"{name}: {argument} must have {ndim} dimension{'s' * (ndim > 1)}, got shape {tuple(x.shape)}")


def finish(result, out, name):
    """The result, or out with the result in it."""
    return result if out is None else store(out, result, name)


@public(samples=[case((2, 3), (3, 4)), case((3,), (3,)), case((3,), (3, 2)), case((2, 3), (3,)),
                 case((5, 2, 3), (5, 3, 2)),
                 case((5, 2, 3), (3, 4)), case((2, 3), (5, 3, 4)), case((2, 1, 2, 3), (3, 3, 1)), case((3,), (2, 3, 2)),
                 case((2, 2, 3), (3,)), case((0, 3), (3, 2)), case((2, 0), (0, 3)), case((0, 2, 3), (3, 2)),
                 case((17, 33), (33, 35))], like="matmul", method=True)
def matmul(input, other, *, out=None):
    """c[..., i, j] = sum over p of input[..., i, p] other[..., p, j].

    Matrices are the last two dimensions and the ones before broadcast; a vector is a row on the left and a column on
    the right, and that dimension does not appear in the result. No operand is copied for its strides. Errors:
    ShapeError, DTypeError where the dtypes differ. Source: torch.matmul.

    >>> import tensorgrad
    >>> tensorgrad.matmul(tensorgrad.tensor([[1.0, 2.0]]), tensorgrad.tensor([[3.0], [4.0]]))
    tensor([[11.]])
    """
    return finish(matmul_op(input, other), out, "matmul")


set_operator("@", matmul)


@public(samples=[case((2, 3), (3, 4)), case((0, 3), (3, 4)), case((2, 0), (0, 4))], like="matmul", method=True)
def mm(input, mat2, *, out=None):
    """The product of two matrices: y[i, j] = sum over p of input[i, p] mat2[p, j], [n, k], [k, m] -> [n, m]; nothing broadcasts. Errors:
    ShapeError, DTypeError where the dtypes differ. Source: torch.mm.

    >>> import tensorgrad
    >>> tensorgrad.mm(tensorgrad.ones(2, 3), tensorgrad.ones(3, 1)).tolist()
    [[3.0], [3.0]]
    """
    expect("mm", "input", input, 2)
    expect("mm", "mat2", mat2, 2)
    return finish(matmul_op(input, mat2), out, "mm")


@public(samples=[case((4, 2, 3), (4, 3, 2)), case((0, 2, 3), (0, 3, 2))], like="matmul", method=True)
def bmm(input, mat2, *, out=None):
    """The products of b pairs of matrices: [b, n, k], [b, k, m] -> [b, n, m]. Errors: ShapeError, DTypeError where the dtypes differ.
    Source: torch.bmm.

    >>> import tensorgrad
    >>> tensorgrad.bmm(tensorgrad.ones(2, 1, 3), tensorgrad.ones(2, 3, 1)).flatten().tolist()
    [3.0, 3.0]
    """
    expect("bmm", "input", input, 3)
    expect("bmm", "mat2", mat2, 3)
    if input.shape[0] != mat2.shape[0]:
        raise ShapeError(f"bmm: input {tuple(input.shape)} and mat2 {tuple(mat2.shape)}: the batch sizes differ")
    return finish(matmul_op(input, mat2), out, "bmm")


@public(samples=[case((2, 3), (3,)), case((0, 3), (3,))], like="matmul", method=True)
def mv(input, vec, *, out=None):
    """The product of a matrix and a vector: [n, k], [k] -> [n]. Errors: ShapeError, DTypeError where the dtypes differ. Source: torch.mv.

    >>> import tensorgrad
    >>> tensorgrad.mv(tensorgrad.ones(2, 3), tensorgrad.ones(3)).tolist()
    [3.0, 3.0]
    """
    expect("mv", "input", input, 2)
    expect("mv", "vec", vec, 1)
    return finish(matmul_op(input, vec), out, "mv")


@public(samples=[case((3,), (3,)), case((0,), (0,)), case((1000,), (1000,))], like="dot", method=True)
def dot(input, tensor, *, out=None):
    """sum over i of input[i] tensor[i], for two vectors of the same length: [n], [n] -> scalar. Errors: ShapeError, DTypeError where the
    dtypes differ. Source: torch.dot.

    >>> import tensorgrad
    >>> tensorgrad.dot(tensorgrad.tensor([1, 2]), tensorgrad.tensor([3, 4])).item()
    11
    """
    expect("dot", "input", input, 1)
    expect("dot", "tensor", tensor, 1)
    return finish(matmul_op(input, tensor), out, "dot")


@public(samples=[case((3,), (3,))], like="vdot", method=True)
def vdot(input, other, *, out=None):
    """dot, sum over i of input[i] other[i]; the numbers here are real: [n], [n] -> scalar. Errors: ShapeError, DTypeError where the
    dtypes differ. Source: torch.vdot.

    >>> import tensorgrad
    >>> tensorgrad.vdot(tensorgrad.tensor([1., 2.]), tensorgrad.tensor([3., 4.]))
    tensor(11.)
    """
    return dot(input, other, out=out)


@public(samples=[case((2, 3), (4, 3)), case((3,), (3,)), case((2, 1, 3), (2, 3)), case((2, 3), ())], method=True,
        like="inner")
def inner(input, other, *, out=None):
    """c[i..., j...] = sum over p of input[i..., p] other[j..., p]; with a scalar, the product. Errors: ShapeError where the last sizes
    differ, DTypeError where the dtypes do. Source: torch.inner.

    >>> import tensorgrad
    >>> tensorgrad.inner(tensorgrad.ones(2, 3), tensorgrad.ones(3)).tolist()
    [3.0, 3.0]
    """
    check_tensors("inner", input=input, other=other)
    if input.ndim == 0 or other.ndim == 0:
        return finish(input * other, out, "inner")
    if input.shape[-1] != other.shape[-1]:
        raise ShapeError(f"inner: input {tuple(input.shape)} and other {tuple(other.shape)}: the last sizes differ")
    result = tensordot(input, other, ((-1,), (-1,)))
    return finish(result, out, "inner")


@public(samples=[case((3,), (4,)), case((0,), (2,))], like="outer", method=True, aliases=("ger",))
def outer(input, vec2, *, out=None):
    """c[i, j] = input[i] vec2[j]: [n], [m] -> [n, m]. Errors: ShapeError for other than vectors, TypeError for what is no tensor. Source:
    torch.outer.

    >>> import tensorgrad
    >>> tensorgrad.outer(tensorgrad.tensor([1, 2]), tensorgrad.tensor([3, 4])).tolist()
    [[3, 4], [6, 8]]
    """
    expect("outer", "input", input, 1)
    expect("outer", "vec2", vec2, 1)
    return finish(input.unsqueeze(1) * vec2, out, "outer")


# ---- beta * input + alpha * product ----

def combine(name, input, a, b, beta, alpha, out):
    """beta * input + alpha * (a @ b). beta = 0 leaves input out, NaN and all, as PyTorch does."""
    if beta == 1 and alpha == 1:
        return finish(addmm_op(input, a, b), out, name)
    product = matmul_op(a, b)
    if alpha != 1:
        product = product * alpha
    if beta == 0:
        return finish(product, out, name)
    return finish(input * beta + product, out, name)


def like_add(np, x, a, b, beta=1, alpha=1):
    """Definition, for the tests."""
    return (beta * x if beta else 0) + alpha * (a @ b)


@public(samples=[case((2, 4), (2, 3), (3, 4)), case((4,), (2, 3), (3, 4)), case((), (2, 3), (3, 4), beta=0.5, alpha=2),
                 case((2, 1), (2, 0), (0, 4)), case((2, 4), (2, 3), (3, 4), beta=0)], like=like_add, method=True,
        in_place=True)
def addmm(input, mat1, mat2, *, beta=1, alpha=1, out=None):
    """beta input + alpha (mat1 @ mat2) for matrices [n, k] and [k, m]; input broadcasts to [n, m]. Errors: ShapeError, DTypeError where
    the dtypes differ. Source: torch.addmm.

    >>> import tensorgrad
    >>> tensorgrad.addmm(tensorgrad.ones(1, 2), tensorgrad.ones(1, 3), tensorgrad.ones(3, 2)).tolist()
    [[4.0, 4.0]]
    """
    expect("addmm", "mat1", mat1, 2)
    expect("addmm", "mat2", mat2, 2)
    return combine("addmm", input, mat1, mat2, beta, alpha, out)


@public(samples=[case((5, 2, 4), (5, 2, 3), (5, 3, 4)), case((4,), (5, 2, 3), (5, 3, 4), alpha=3)], like=like_add,
        method=True, in_place=True)
def baddbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    """beta input + alpha (batch1 @ batch2) for b pairs of matrices [b, n, k] and [b, k, m]; input broadcasts to [b, n, m]. Errors:
    ShapeError, DTypeError where the dtypes differ. Source: torch.baddbmm.

    >>> import tensorgrad
    >>> tensorgrad.baddbmm(tensorgrad.ones(2, 1, 1), tensorgrad.ones(2, 1, 3), tensorgrad.ones(2, 3, 1)).flatten().tolist()
    [4.0, 4.0]
    """
    expect("baddbmm", "batch1", batch1, 3)
    expect("baddbmm", "batch2", batch2, 3)
    if batch1.shape[0] != batch2.shape[0]:
        raise ShapeError(f"baddbmm: batch1 {tuple(batch1.shape)} and batch2 {tuple(batch2.shape)}: batch sizes differ")
    return combine("baddbmm", input, batch1, batch2, beta, alpha, out)


@public(samples=[case((2, 4), (5, 2, 3), (5, 3, 4)), case((2, 4), (5, 2, 3), (5, 3, 4), beta=2, alpha=3)], method=True,
        in_place=True, like=lambda np, x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b).sum(0))
def addbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    """beta input + alpha sum over b of batch1[b] @ batch2[b]: one product of [n, b k] and [b k, m]; input broadcasts to [n, m]. Errors:
    ShapeError, DTypeError where the dtypes differ. Source: torch.addbmm.

    >>> import tensorgrad
    >>> tensorgrad.addbmm(tensorgrad.ones(1, 1), tensorgrad.ones(2, 1, 3), tensorgrad.ones(2, 3, 1)).item()
    7.0
    """
    expect("addbmm", "batch1", batch1, 3)
    expect("addbmm", "batch2", batch2, 3)
    if batch1.shape[0] != batch2.shape[0] or batch1.shape[2] != batch2.shape[1]:
        raise ShapeError(f"addbmm: batch1 {tuple(batch1.shape)} and batch2 {tuple(batch2.shape)} do not fit each other")
    (b, n, k), m = batch1.shape, batch2.shape[2]
    a, c = batch1.transpose(0, 1).reshape(n, b * k), batch2.reshape(b * k, m)
    return combine("addbmm", input, a, c, beta, alpha, out)


@public(samples=[case((2,), (2, 3), (3,)), case((), (2, 3), (3,), beta=2, alpha=3)], like=like_add, method=True,
        in_place=True)
def addmv(input, mat, vec, *, beta=1, alpha=1, out=None):
    """beta input + alpha (mat @ vec) for a matrix [n, k] and a vector [k]; input broadcasts to [n]. Errors: ShapeError, DTypeError where
    the dtypes differ. Source: torch.addmv.

    >>> import tensorgrad
    >>> tensorgrad.addmv(tensorgrad.ones(2), tensorgrad.ones(2, 3), tensorgrad.ones(3)).tolist()
    [4.0, 4.0]
    """
    expect("addmv", "mat", mat, 2)
    expect("addmv", "vec", vec, 1)
    return combine("addmv", input, mat, vec, beta, alpha, out)


@public(samples=[case((2, 3), (2,), (3,)), case((2, 3), (2,), (3,), beta=2, alpha=3)], method=True, in_place=True,
        like=lambda np, x, a, b, beta=1, alpha=1: beta * x + alpha * np.outer(a, b))
def addr(input, vec1, vec2, *, beta=1, alpha=1, out=None):
    """beta input + alpha vec1[i] vec2[j] for vectors [n] and [m]; input broadcasts to [n, m]. Errors: ShapeError, DTypeError where the
    dtypes differ. Source: torch.addr.

    >>> import tensorgrad
    >>> tensorgrad.addr(tensorgrad.ones(2, 1), tensorgrad.ones(2), tensorgrad.ones(1)).tolist()
    [[2.0], [2.0]]
    """
    expect("addr", "vec1", vec1, 1)
    expect("addr", "vec2", vec2, 1)
    return combine("addr", input, vec1.unsqueeze(1), vec2.unsqueeze(0), beta, alpha, out)


# ---- contractions ----

@public(samples=[case((2, 3, 4), (3, 4, 5)), case((2, 3), (4, 5), dims=0), case((3,), (3,), dims=1),
                 case((2, 3, 4), (4, 2, 5), dims=[[0, 2], [1, 0]])],
        like=lambda np, a, b, dims=2: np.tensordot(a, b, dims))
def tensordot(a, b, dims=2, out=None):
    """The sum of a * b over pairs of dimensions: the last `dims` of a with the first of b, or the pairs in two lists.

    Result: the other dimensions of a, then those of b: [a, b, c], [b, c, d] -> [a, d] for dims 2. One matrix product. Errors:
    ArgumentError for dims that do not pair different dimensions that are there, ShapeError where sizes differ, DTypeError where the
    dtypes do. Source: torch.tensordot.

    >>> import tensorgrad
    >>> tensorgrad.tensordot(tensorgrad.ones(2, 3), tensorgrad.ones(3, 4), dims=1).shape
    tensorgrad.Size([2, 4])
    """
    check_tensors("tensordot", a=a, b=b)
    if hasattr(dims, "tolist"):
        dims = dims.tolist()
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ArgumentError(f"tensordot: dims = {dims} must be in [0, {min(a.ndim, b.ndim)}] for shapes "
                                f"{tuple(a.shape)} and {tuple(b.shape)}")
        dims = range(a.ndim - dims, a.ndim), range(dims)
    if len(dims) != 2:
        raise ArgumentError(f"tensordot: dims must be a number or two lists, got {dims!r}")
    over_a = [dimension(d, a, "a") for d in dims[0]]
    over_b = [dimension(d, b, "b") for d in dims[1]]
    if len(over_a) != len(over_b) or len(set(over_a)) < len(over_a) or len(set(over_b)) < len(over_b):
        raise ArgumentError(f"tensordot: dims {list(dims[0])} and {list(dims[1])} must pair different dimensions")
    for i, j in zip(over_a, over_b, strict=True):
        if a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]):
            raise ShapeError(f"tensordot: size {a.shape[i]} of dim {i} of a {tuple(a.shape)} and size {b.shape[j]} of "
                             f"dim {j} of b {tuple(b.shape)} differ")
        if a.shape[i] != b.shape[j]:  # a size of 1 broadcasts: the other one is summed
            a, b = (a.sum(i, True), b) if b.shape[j] == 1 else (a, b.sum(j, True))
    free_a = [d for d in range(a.ndim) if d not in over_a]
    free_b = [d for d in range(b.ndim) if d not in over_b]
    n, m, k = size_of(a, free_a), size_of(b, free_b), size_of(a, over_a)
    result = matmul_op(a.permute(*free_a, *over_a).reshape(n, k), b.permute(*over_b, *free_b).reshape(k, m))
    result = result.reshape(*(a.shape[d] for d in free_a), *(b.shape[d] for d in free_b))
    return finish(result, out, "tensordot")


def dimension(d, x, argument):
    """d counted from the front."""
    if not -x.ndim <= d < x.ndim:
        raise ArgumentError(f"tensordot: dim {d} of {argument} {tuple(x.shape)} is not in [{-x.ndim}, {x.ndim - 1}]")
    return d % x.ndim


def size_of(x, dims):
    """The product of some sizes of x."""
    n = 1
    for d in dims:
        n *= x.shape[d]
    return n


@public(samples=[case([(2, 3), (3, 4), (4, 5)])], like=lambda np, xs: np.linalg.multi_dot(xs), torch=None)
def chain_matmul(*matrices, out=None):
    """The product of matrices, in the order that needs the fewest multiplications: [n, k], [k, l], [l, m] -> [n, m]. Errors: ShapeError
    where they do not fit, ArgumentError for none, DTypeError where the dtypes differ. Source: torch.chain_matmul; Cormen et al.,
    Introduction to Algorithms, 15.2.

    >>> import tensorgrad
    >>> tensorgrad.chain_matmul(tensorgrad.ones(2, 3), tensorgrad.ones(3, 4), tensorgrad.ones(4, 1)).shape
    tensorgrad.Size([2, 1])
    """
    if len(matrices) == 1 and isinstance(matrices[0], (list, tuple)):
        matrices = tuple(matrices[0])
    if not matrices:
        raise ArgumentError("chain_matmul: expected at least one matrix")
    for i, x in enumerate(matrices):
        expect("chain_matmul", f"matrix {i}", x, 2)
    sizes = [x.shape[0] for x in matrices] + [matrices[-1].shape[1]]
    cost, cut = {}, {}
    for length in range(1, len(matrices) + 1):
        for i in range(len(matrices) - length + 1):
            j = i + length
            cost[i, j], cut[i, j] = min(((cost[i, s] + cost[s, j] + sizes[i] * sizes[s] * sizes[j], s)
                                         for s in range(i + 1, j)), default=(0, i))

    def multiply(i, j):
        s = cut[i, j]
        return matrices[i] if j == i + 1 else mm(multiply(i, s), multiply(s, j))

    return finish(multiply(0, len(matrices)), out, "chain_matmul")


# ---- nn.functional ----

@public(samples=[case((2, 3), (4, 3), (4,)), case((2, 3), (4, 3), None), case((3,), (4, 3), (4,)),
                 case((5, 2, 3), (4, 3), (4,)), case((0, 3), (4, 3), (4,)), case((2, 0), (4, 0), (4,)),
                 case((2, 3), (3,))],
        namespace="nn.functional", like=lambda np, x, w, b=None: x @ w.T + (0 if b is None else b))
def linear(input, weight, bias=None):
    """y = input @ weight^T + bias, the bias added while the product is in registers.

    input: (..., in), weight: (out, in) or (in,), bias: (out,). Errors: ShapeError, DTypeError. Source:
    torch.nn.functional.linear.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.linear(tensorgrad.ones(1, 3), tensorgrad.ones(2, 3), tensorgrad.ones(2)).tolist()
    [[4.0, 4.0]]
    """
    if weight.ndim == 1:
        y = matmul_op(input, weight)
        return y if bias is None else y + bias
    return linear_op(input, weight, bias)


@public(samples=[case((5, 2), (5, 3), (4, 2, 3), (4,)), case((2,), (3,), (4, 2, 3)),
                 case((2, 5, 2), (2, 5, 3), (4, 2, 3), (4,))],
        namespace="nn.functional", like=lambda np, a, b, w, bias=0: np.einsum("...i,oij,...j->...o", a, w, b) + bias)
def bilinear(input1, input2, weight, bias=None):
    """y[..., o] = sum over i, j of input1[..., i] weight[o, i, j] input2[..., j] + bias[o]. Errors: ShapeError, DTypeError. Source:
    torch.nn.functional.bilinear.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.bilinear(tensorgrad.ones(2), tensorgrad.ones(3), tensorgrad.ones(1, 2, 3)).tolist()
    [6.0]
    """
    check_tensors("bilinear", input1=input1, input2=input2, weight=weight)
    shapes = f"input1 {tuple(input1.shape)}, input2 {tuple(input2.shape)}, weight {tuple(weight.shape)}"
    if weight.ndim != 3 or input1.ndim == 0 or input2.ndim == 0 or input1.shape[:-1] != input2.shape[:-1] or (
            (input1.shape[-1], input2.shape[-1]) != tuple(weight.shape[1:])):
        raise ShapeError(f"bilinear: {shapes} must be (..., i), (..., j) and (o, i, j)")
    if bias is not None:
        check_tensors("bilinear", bias=bias)
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise ShapeError(f"bilinear: bias {tuple(bias.shape)} must be ({weight.shape[0]},) for {shapes}")
    o, i, j = weight.shape
    half = matmul_op(rows(input1), weight.permute(1, 0, 2).reshape(i, o * j))  # (n, o j)
    y = matmul_op(half.reshape(half.shape[0], o, j), input2.reshape(half.shape[0], j, 1)).reshape(*input1.shape[:-1], o)
    return y if bias is None else y + bias
