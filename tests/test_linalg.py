"""Products of matrices: shape cases, dtypes, strides, messages; the registry's tests hold values and gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad.ops.linalg import linear

DIMS = st.sampled_from([1, 2, 3])


@given(batch=st.lists(DIMS, max_size=3), cut_a=st.integers(0, 3), cut_b=st.integers(0, 3), ones=st.integers(0, 63),
       m=st.integers(0, 5), n=st.integers(0, 5), k=st.integers(0, 5), swap=st.integers(0, 3))
def test_matmul_broadcasts_as_numpy_does(batch, cut_a, cut_b, ones, m, n, k, swap):
    """Any batch, cut in front or made of ones, operands transposed in memory."""
    shapes = []
    for i, (cut, tail) in enumerate([(cut_a, (m, k)), (cut_b, (k, n))]):
        front = [1 if ones >> (3 * i + j) & 1 else d for j, d in enumerate(batch)][min(cut, len(batch)):]
        shapes.append((*front, *tail))
    arrays = [np.random.RandomState(i).standard_normal(s) for i, s in enumerate(shapes)]
    turned = [np.ascontiguousarray(x.swapaxes(-1, -2)) for x in arrays]
    tensors = [tg.from_numpy(t).transpose(-1, -2) if swap >> i & 1 else tg.from_numpy(x)
               for i, (x, t) in enumerate(zip(arrays, turned, strict=True))]
    np.testing.assert_allclose((tensors[0] @ tensors[1]).numpy(), arrays[0] @ arrays[1], atol=1e-12)


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (4, 3, 2)),
                                    ((4, 2, 3), (3,)),
                                    ((5, 4, 2, 3), (3,)), ((3,), (5, 4, 3, 2)), ((2, 3), (4, 3, 5)), ((4, 2, 3), (3, 5)),
                                    ((4, 1, 2, 3), (5, 3, 2)), ((0, 2, 3), (3, 5)), ((4, 2, 0), (0, 5))])
def test_gradients_of_every_shape_case(shapes):
    x = [tg.tensor(np.random.RandomState(i).standard_normal(s), requires_grad=True) for i, s in enumerate(shapes)]
    assert tg.autograd.gradcheck(tg.matmul, x)
    assert tg.autograd.gradgradcheck(tg.matmul, x)


@pytest.mark.parametrize("name", ["int8", "uint8", "int16", "int32", "int64"])
def test_integers(name):
    dtype = getattr(tg, name)
    a, b = tg.arange(6, dtype=dtype).reshape(2, 3), tg.arange(12, dtype=dtype).reshape(3, 4)
    y = a @ b
    assert y.dtype == dtype
    assert y.tolist() == (np.arange(6).reshape(2, 3) @ np.arange(12).reshape(3, 4)).tolist()


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(name):
    dtype = getattr(tg, name)
    x = tg.full((1, 3000), 1.0, dtype=dtype)  # a sum in half precision would stop growing
    y = x @ x.t()
    assert y.dtype == dtype
    assert y.item() == pytest.approx(3000, rel=0.01)


@pytest.mark.parametrize(("function", "shapes", "words"), [
    (tg.matmul, [(2, 3), (4, 5)], ["matmul", "(2, 3)", "(4, 5)", "3", "4"]),
    (tg.matmul, [(2, 2, 3), (3, 3, 5)], ["matmul", "(2, 2, 3)", "(3, 3, 5)", "batch"]),
    (tg.matmul, [(), (3,)], ["matmul", "()", "(3,)"]),
    (tg.mm, [(2, 3), (3,)], ["mm", "mat2", "(3,)"]),
    (tg.bmm, [(2, 2, 3), (1, 3, 5)], ["bmm", "(2, 2, 3)", "(1, 3, 5)"]),
    (tg.mv, [(2, 3), (2,)], ["(2, 3)", "(2,)"]),
    (tg.dot, [(2,), (3,)], ["(2,)", "(3,)"]),
    (tg.outer, [(2, 2), (3,)], ["outer", "(2, 2)"]),
    (tg.inner, [(2,), (3,)], ["inner", "(2,)", "(3,)"]),
    (tg.addmm, [(5, 5), (2, 3), (3, 4)], ["addmm", "(5, 5)", "(2, 4)"]),
    (tg.tensordot, [(2, 3), (4, 5)], ["tensordot", "(2, 3)", "(4, 5)"]),
    (linear, [(2, 3), (4, 5)], ["linear", "(2, 3)", "(4, 5)"]),
    (linear, [(2, 3), (4, 3), (3,)], ["linear", "(3,)", "(4, 3)"]),
])
def test_a_misfit_names_op_and_shapes(function, shapes, words):
    with pytest.raises(RuntimeError) as caught:
        function(*(tg.ones(s) for s in shapes))
    assert isinstance(caught.value, (tg.ShapeError, tg.ArgumentError))
    assert all(w in str(caught.value) for w in words), str(caught.value)


def test_dtypes_must_agree():
    with pytest.raises(tg.DTypeError, match=r"float32.*float64"):
        tg.ones(2, 2) @ tg.ones(2, 2, dtype=tg.float64)
    with pytest.raises(tg.DTypeError, match="bool"):
        tg.ones(2, 2, dtype=tg.bool) @ tg.ones(2, 2, dtype=tg.bool)


@pytest.mark.parametrize("equation", ["ij,jk", "ij->ij,", "i1->i", "ij->k", "ij->ii", "...i->...i...", "ij,j", "i"])
def test_einsum_refuses_nonsense(equation):
    with pytest.raises((tg.ArgumentError, tg.ShapeError)):
        tg.einsum(equation, tg.ones(2, 3))


def test_einsum_by_numbers():
    a, b = tg.ones(2, 3), tg.ones(3, 4)
    assert tg.einsum(a, [0, 1], b, [1, 2], [2, 0]).shape == (4, 2)
    assert tg.einsum(a, [..., 1], b, [1, 2]).shape == (2, 4)


def test_a_product_does_not_copy_a_transposed_operand():
    def peak(a, b):
        """Bytes that a product takes at most, its result and the panels of GEMM."""
        runtime.reset_peak_memory()
        before = runtime.memory_stats()["in_use"]
        tg.matmul(a, b)
        return runtime.memory_stats()["peak"] - before

    x = tg.ones(700, 700)
    assert peak(x.t(), x) == peak(x, x.t()) == peak(x, x)


def test_out_and_in_place():
    out = tg.empty(0)
    assert tg.matmul(tg.ones(2, 3), tg.ones(3, 4), out=out) is out
    assert out.shape == (2, 4)
    x = tg.ones(2, 4)
    x.addmm_(tg.ones(2, 3), tg.ones(3, 4), beta=2)
    assert x.tolist() == [[5.0] * 4] * 2


def test_beta_zero_leaves_nan_out():
    y = tg.addmm(tg.full((2, 2), tg.nan), tg.ones(2, 3), tg.ones(3, 2), beta=0)
    assert y.tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_linear_shares_one_bias_over_any_batch():
    x, w, b = (np.random.RandomState(i).standard_normal(s) for i, s in enumerate([(4, 5, 3), (2, 3), (2,)]))
    tensors = [tg.tensor(v, requires_grad=True) for v in (x, w, b)]
    y = linear(*tensors)
    np.testing.assert_allclose(y.detach().numpy(), x @ w.T + b, atol=1e-12)
    y.sum().backward()
    np.testing.assert_allclose(tensors[2].grad.numpy(), np.full(2, 20.0))
    np.testing.assert_allclose(tensors[1].grad.numpy(), np.tile(x.sum((0, 1)), (2, 1)), atol=1e-12)
    np.testing.assert_allclose(tensors[0].grad.numpy(), np.broadcast_to(w.sum(0), x.shape), atol=1e-12)
