"""Attention without the matrix of scores against the composition, its gradient against finite differences; strides, masks,
instruction sets, thread counts, memory, what must fail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core import runtime
from tensorgrad._core.errors import ArgumentError, DTypeError, ShapeError
from tensorgrad.ops.attention import attend, causal_mask

F = tg.nn.functional
sdpa = F.scaled_dot_product_attention
MASKS = st.sampled_from([None, "bool", "float", "keys", "item", "rows"])


def floats(*shape, seed=0, dtype=np.float64):
    return tg.from_numpy(np.random.RandomState(seed).uniform(-2, 2, shape).astype(dtype))


def mask_of(kind, batch, rows, keys, dtype):
    """Leaves every query its first key: where nothing is attended to, the composition has no gradient but NaN."""
    random = np.random.RandomState(5)
    shape = {"item": (*batch, rows, keys), "rows": (rows, 1), "keys": (keys,)}.get(kind, (rows, keys))
    seen = random.rand(*shape) < 0.7
    seen[..., :1] = True
    return tg.from_numpy(seen if kind in ("bool", "item") else np.where(seen, random.randn(*shape), -np.inf).astype(dtype))


def both(q, k, v, mask, causal, scale=None):
    """Results and gradients of the record, and of the composition."""
    results = []
    for fused in (True, False):
        xs = [x.detach().requires_grad_() for x in (q, k, v)]
        if fused:
            y = sdpa(*xs, mask, is_causal=causal, scale=scale)
        else:
            y = attend(*xs, causal_mask(q, k) if causal else mask, 0, scale or max(q.shape[-1], 1) ** -0.5, safe=True)[0]
        y.backward(floats(*y.shape, seed=9).to(y.dtype))
        results.append([y.detach().numpy(), *(x.grad.numpy() for x in xs)])
    return results


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), max_size=2), st.integers(0, 70), st.integers(0, 140), st.integers(1, 40), st.integers(1, 40),
       MASKS, st.booleans(), st.sampled_from([np.float32, np.float64]), st.sampled_from([None, 0.3]))
def test_the_record_is_the_composition(batch, rows, keys, e, width, kind, causal, dtype, scale):
    q, k, v = (floats(*batch, n, c, seed=i, dtype=dtype) for i, (n, c) in enumerate([(rows, e), (keys, e), (keys, width)]))
    mask = None if kind is None or causal else mask_of(kind, batch, rows, keys, dtype)
    tolerance = 2e-4 if dtype is np.float32 else 1e-11
    for a, b in zip(*both(q, k, v, mask, causal, scale), strict=True):
        np.testing.assert_allclose(a, b, tolerance, tolerance)


def test_many_blocks_few_items():
    """The queries of an item are cut into chunks whose sums are added."""
    q, k, v = (floats(300, 24, seed=i) for i in range(3))
    for causal in (False, True):
        for a, b in zip(*both(q, k, v, None, causal), strict=True):
            np.testing.assert_allclose(a, b, 1e-11, 1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_gradients_are_those_of_finite_differences(causal):
    xs = [floats(*shape, seed=i).requires_grad_() for i, shape in enumerate([(2, 3, 2), (1, 4, 2), (2, 4, 3)])]
    mask = None if causal else floats(3, 4, seed=7)
    assert tg.autograd.gradcheck(lambda q, k, v: sdpa(q, k, v, mask, is_causal=causal), xs)
    assert tg.autograd.gradgradcheck(lambda q, k, v: sdpa(q, k, v, mask, is_causal=causal), xs)


def test_a_mask_gets_a_gradient_and_dropout_its_stream():
    q, k, v = (floats(2, 5, 3, seed=i) for i in range(3))
    mask = floats(5, 5, seed=4).requires_grad_()
    assert tg.autograd.gradcheck(lambda m: sdpa(q, k, v, m), [mask])
    tg.manual_seed(3)
    dropped = sdpa(q, k, v, dropout_p=0.5)
    tg.manual_seed(3)
    weights = F.dropout(tg.softmax(q @ k.transpose(-1, -2) * 3 ** -0.5, -1), 0.5)
    np.testing.assert_allclose(dropped.numpy(), (weights @ v).numpy(), 1e-12)


def test_broadcast_items_and_any_strides():
    q, k, v = floats(3, 1, 40, 10), floats(4, 70, 10, seed=1), floats(3, 1, 70, 6, seed=2)
    strided = [tg.from_numpy(np.asarray(x.numpy().transpose(*range(x.ndim - 2), -1, -2), order="C")).transpose(-1, -2) for x in (q, k, v)]
    for a, b, c in zip(*both(q, k, v, None, True), both(*strided, None, True)[0], strict=True):
        np.testing.assert_allclose(a, b, 1e-11, 1e-12)
        np.testing.assert_allclose(a, c, 1e-11, 1e-12)


def test_heads_are_read_and_written_where_they_lie():
    """Projections hold (n, length, heads, e): no copy on the way in, none on the way out."""
    packed = floats(2, 50, 3 * 4 * 8)
    q, k, v = (x.reshape(2, 50, 4, 8).transpose(1, 2) for x in packed.chunk(3, -1))
    y = sdpa(q, k, v)
    assert y.transpose(1, 2).is_contiguous()
    np.testing.assert_array_equal(y.numpy(), sdpa(q.contiguous(), k.contiguous(), v.contiguous()).numpy())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("causal", [False, True])
def test_instruction_sets_and_threads(dtype, causal):
    q, k, v = (floats(3, 2, n, 20, seed=i, dtype=dtype) for i, n in enumerate((150, 170, 170)))
    mask = None if causal else mask_of("bool", (), 150, 170, dtype)
    _, expected = both(*(x.double() for x in (q, k, v)), mask, causal)
    tolerance = 2e-5 if dtype is np.float32 else 1e-12
    for isa in isa_tables():
        first = None
        for threads in (1, 2, 3, 8):
            result, _ = with_isa(isa, with_threads, threads, both, q, k, v, mask, causal)
            first = first or result
            for a, b, c in zip(result, first, expected, strict=True):
                assert a.tobytes() == b.tobytes()
                np.testing.assert_allclose(a, c, tolerance, tolerance)


def test_few_items_on_any_number_of_threads():
    q, k, v = (floats(1, 1, 330, 16, seed=i, dtype=np.float32) for i in range(3))
    hashes = {tuple(a.tobytes() for a in with_threads(n, both, q, k, v, None, True)[0]) for n in (1, 2, 3, 8)}
    assert len(hashes) == 1


def test_extreme_scores():
    q, k = tg.zeros(40, 4), tg.zeros(100, 4)
    k[:, 0] = tg.arange(100.0)
    q[:, 0] = 1000.0
    v = floats(100, 3, dtype=np.float32)
    y = sdpa(q, k, v)
    np.testing.assert_allclose(y.numpy(), np.broadcast_to(v[99].numpy(), (40, 3)))  # the largest score takes all
    mask = tg.ones(40, 100, dtype=tg.bool)
    mask[3] = False
    v.requires_grad_()
    y = sdpa(q, k, v, mask)
    assert (y[3] == 0).all() and not y.isnan().any()  # nothing to attend to
    y.sum().backward()
    assert not v.grad.isnan().any()
    q[5, 0] = float("nan")
    y = sdpa(q, k, v.detach())
    assert y[5].isnan().all() and not y[:5].isnan().any() and not y[6:].isnan().any()


@pytest.mark.parametrize("causal", [False, True])
def test_no_matrix_of_scores(causal):
    q, k, v = (floats(1, 1, 2048, 8, seed=i, dtype=np.float32).requires_grad_() for i in range(3))
    runtime.reset_peak_memory()
    before = runtime.memory_stats()["peak"]
    sdpa(q, k, v, is_causal=causal).sum().backward()
    assert runtime.memory_stats()["peak"] - before < 2048 * 2048 * 4 // 4


@pytest.mark.parametrize("size", [1 << 45, 1 << 58, 1 << 61])
def test_no_workspace_for_an_expanded_operand(size):
    """It has no memory itself, and the product of its sizes need not fit 64 bits."""
    one, wide = tg.ones(2, 1), tg.ones(1, 1).expand(2, size)
    with pytest.raises(tg.OutOfMemoryError):
        sdpa(wide, wide, one)
    with pytest.raises(tg.OutOfMemoryError):
        sdpa(one, one, wide)


@pytest.mark.parametrize("needed", range(3))
def test_gradients_of_one_operand_alone(needed):
    q, k, v = (floats(2, 70, 5, seed=i) for i in range(3))
    expected = both(q, k, v, None, False)[1][1 + needed]
    alone = [x.requires_grad_(i == needed) for i, x in enumerate((q, k, v))]
    sdpa(*alone).backward(floats(2, 70, 5, seed=9))
    np.testing.assert_allclose(alone[needed].grad.numpy(), expected, rtol=1e-10, atol=1e-12)


def test_what_must_fail():
    q, k = tg.ones(2, 3, 4), tg.ones(2, 5, 4)
    for error, call in [(ShapeError, lambda: sdpa(q, tg.ones(2, 5, 3), k)), (ShapeError, lambda: sdpa(q, k, tg.ones(2, 4, 4))),
                        (ShapeError, lambda: sdpa(q, tg.ones(3, 5, 4), k)), (ShapeError, lambda: sdpa(q[0, 0], k, k)),
                        (ShapeError, lambda: sdpa(q, k, k, tg.ones(4, 5))), (ShapeError, lambda: sdpa(q, k, k, tg.ones(3, 3, 5))),
                        (ShapeError, lambda: sdpa(q, k, k, tg.ones(1, 1, 3, 5))),
                        (DTypeError, lambda: sdpa(q, k.double(), k)), (DTypeError, lambda: sdpa(q, k, k, tg.ones(3, 5).double())),
                        (DTypeError, lambda: sdpa(q, k, k, tg.ones(3, 5).long())),
                        (DTypeError, lambda: sdpa(q.long(), k.long(), k.long())),
                        (ArgumentError, lambda: sdpa(q, k, k, tg.ones(3, 5), is_causal=True))]:
        with pytest.raises(error):
            call()
