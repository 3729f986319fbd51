"""The graph: accumulation, freeing, hooks, modes, in-place writes and views, Functions, errors, long chains."""

import gc
import weakref

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad._core.errors import GraphError, ShapeError


def leaf(*values, dtype=tg.float64):
    return tg.tensor(values[0] if len(values) == 1 else list(values), dtype=dtype, requires_grad=True)


def test_gradients_accumulate_in_leaves_until_cleared():
    x = leaf(2.0, 3.0)
    for k in range(1, 4):
        (x * x).sum().backward()
        assert x.grad.tolist() == [4.0 * k, 6.0 * k]
    x.grad = None
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_value_used_many_times_gets_the_sum():
    x = leaf(1.5)
    y = x * x
    z = y + y * y + x
    z.backward()
    assert x.grad.item() == pytest.approx(2 * 1.5 + 4 * 1.5**3 + 1)


def test_gradients_of_two_leaves_do_not_share_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward()
    x.grad += 5
    assert y.grad.tolist() == [1.0, 1.0]


def test_broadcast_inputs_get_gradients_of_their_own_shape():
    x = tg.ones(2, 1, 3, dtype=tg.float64, requires_grad=True)
    b = tg.ones(4, 1, dtype=tg.float64, requires_grad=True)
    (x * b * tg.arange(24, dtype=tg.float64).reshape(2, 4, 3)).sum().backward()
    full = np.arange(24.0).reshape(2, 4, 3)
    assert np.array_equal(x.grad.numpy(), full.sum(1, keepdims=True))
    assert np.array_equal(b.grad.numpy(), full.sum((0, 2))[:, None])


def test_gradient_has_the_dtype_of_its_leaf():
    x = tg.ones(3, requires_grad=True)
    (x * tg.ones(3, dtype=tg.float64)).sum().backward()
    assert x.grad.dtype is tg.float32


def test_backward_twice_needs_retain_graph():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8.0
    with pytest.raises(GraphError, match="second time"):
        y.backward()


def test_backward_of_several_elements_needs_a_gradient():
    x = leaf(1.0, 2.0)
    with pytest.raises(GraphError, match="one element"):
        (x * 2).backward()
    (x * 2).backward(tg.tensor([1.0, 10.0], dtype=tg.float64))
    assert x.grad.tolist() == [2.0, 20.0]
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        (x * 2).backward(tg.ones(3, dtype=tg.float64))


def test_backward_without_a_graph_is_an_error():
    with pytest.raises(GraphError, match="does not require grad"):
        tg.ones(1).backward()


def test_derivatives_of_any_order():
    x = leaf(2.0)
    y, expected = x ** 5, [80.0, 160.0, 240.0, 240.0, 120.0]
    for value in expected:
        (y,) = tg.autograd.grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(value)


def test_grad_returns_without_accumulating():
    x, w = leaf(3.0), leaf(4.0)
    gx, gy = tg.autograd.grad(x * x * w, (x, w))
    assert (gx.item(), gy.item()) == (24.0, 9.0)
    assert x.grad is None and w.grad is None
    with pytest.raises(GraphError, match="not used"):
        tg.autograd.grad(x * 2, w)
    assert tg.autograd.grad(x * 2, w, allow_unused=True) == (None,)
    assert tg.autograd.grad(x * 2, w, materialize_grads=True)[0].item() == 0.0


def test_grad_of_an_intermediate_tensor():
    x = leaf(3.0)
    y = x * x
    z = y * y
    assert tg.autograd.grad(z, y)[0].item() == 18.0


def test_backward_into_chosen_inputs():
    x, w = leaf(3.0), leaf(4.0)
    (x * w).backward(inputs=[x])
    assert x.grad.item() == 4.0 and w.grad is None


def test_modes():
    x = leaf(1.0)
    with tg.no_grad():
        assert not (x * 2).requires_grad
        with tg.enable_grad():
            assert (x * 2).requires_grad
    assert (x * 2).requires_grad
    with tg.inference_mode():
        assert not (x * 2).requires_grad and tg.is_inference_mode_enabled()
    with tg.set_grad_enabled(False):
        assert not tg.is_grad_enabled()
    assert tg.is_grad_enabled()

    @tg.no_grad()
    def double(t):
        return t * 2
    assert not double(x).requires_grad
    with pytest.raises(ZeroDivisionError), tg.no_grad():
        raise ZeroDivisionError
    assert tg.is_grad_enabled()


def test_hooks_see_and_replace_gradients():
    x, seen = leaf(1.0, 2.0), []
    y = x * 3
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    assert seen == [[1.0, 1.0]] and x.grad.tolist() == [30.0, 30.0]
    handle.remove()
    x.register_hook(lambda g: g * 0)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [30.0, 30.0]


def test_hook_with_a_gradient_of_another_shape_is_an_error():
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: tg.ones(3))
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        x.sum().backward()


def test_post_accumulate_hook_and_retain_grad():
    x, seen = leaf(1.0), []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.item()))
    y = x * 2
    y.retain_grad()
    (y * 3).backward()
    assert seen == [6.0] and y.grad.item() == 3.0 and y.retains_grad


def test_a_leaf_that_requires_grad_is_not_written_in_place():
    x = leaf(1.0, 2.0)
    for write in (lambda: x.add_(1), lambda: x[0:1].mul_(2), lambda: x.zero_(), lambda: x.__setitem__(0, 5.0)):
        with pytest.raises(GraphError, match="leaf"):
            write()
    assert x.tolist() == [1.0, 2.0]
    with tg.no_grad():
        x.add_(1)
    assert x.tolist() == [2.0, 3.0]


def test_in_place_result_is_differentiated():
    x = leaf(1.0, 2.0)
    y = x * 2
    y.mul_(tg.tensor([3.0, 4.0], dtype=tg.float64))
    y += 1
    y.sum().backward()
    assert y.tolist() == [7.0, 17.0] and x.grad.tolist() == [6.0, 8.0]


def test_in_place_ops_keep_the_value_that_their_derivative_needs():
    x, w = leaf(0.5, 2.0), leaf(3.0, 4.0)
    for op, dx, dw in ((lambda z: z.mul_(w), [3.0, 4.0], [0.5, 2.0]), (lambda z: z.sin_(), np.cos([0.5, 2.0]), None),
                       (lambda z: z[1:].mul_(w[1:]), [1.0, 4.0], [0.0, 2.0])):
        z = x * 1
        op(z)
        found = tg.autograd.grad(z.sum(), (x, w), allow_unused=True, create_graph=True)
        assert np.allclose(found[0].detach().numpy(), dx)
        assert found[1] is None if dw is None else np.allclose(found[1].detach().numpy(), dw)
    z = x * 1
    z.sin_()
    (g,) = tg.autograd.grad(z.sum(), x, create_graph=True)
    assert np.allclose(tg.autograd.grad(g.sum(), x)[0].numpy(), -np.sin([0.5, 2.0]))
    z = x * 1
    with pytest.raises(GraphError, match="in-place"):
        z.mul_(z).sum().backward()  # the other operand is the same memory: PyTorch refuses this too


def test_an_overwritten_saved_value_is_an_error():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y * y
    y.add_(1)
    with pytest.raises(GraphError, match="modified by an in-place"):
        z.sum().backward()


def test_writing_to_a_view_changes_the_history_of_the_base():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    base = x * 1
    view = base[1:3]
    other = base[2:]
    view.mul_(10)
    assert base.tolist() == [1.0, 20.0, 30.0, 4.0]
    (base * base).sum().backward()
    assert x.grad.tolist() == [2.0, 400.0, 600.0, 8.0]
    x.grad = None
    base = x * 1
    view, other = base[1:3], base[2:]
    view.mul_(10)
    other.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 10.0, 1.0]


def test_writing_to_a_view_of_a_transposed_base():
    x = tg.arange(6, dtype=tg.float64).reshape(2, 3).requires_grad_()
    base = (x * 1).t() * 1
    base[0].mul_(5)
    (base * tg.arange(6, dtype=tg.float64).reshape(3, 2)).sum().backward()
    assert x.grad.tolist() == [[0.0, 2.0, 4.0], [5.0, 3.0, 5.0]]


def test_setitem_is_differentiable_in_both_arguments():
    x, v = leaf(1.0, 2.0, 3.0), leaf(10.0)
    y = x * 2
    y[1] = v * 3
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 2.0] and v.grad.item() == 3.0


def test_base_that_needs_no_grad_takes_a_value_that_does():
    y, v = tg.zeros(3, dtype=tg.float64), leaf(2.0)
    y[1] = v
    assert y.requires_grad
    (y * y).sum().backward()
    assert v.grad.item() == 4.0


def test_reading_a_tensor_piece_by_piece():
    x = tg.arange(12, dtype=tg.float64).reshape(3, 4).requires_grad_()
    total = sum((row * k).sum() for k, row in enumerate(x.unbind(0), 1)) + (x[:, 1:3] ** 2).sum()
    total.backward()
    expected = np.repeat([[1.0], [2.0], [3.0]], 4, 1)
    expected[:, 1:3] += 2 * np.arange(12.0).reshape(3, 4)[:, 1:3]
    assert np.array_equal(x.grad.numpy(), expected)


def test_overlapping_windows_add_their_gradients():
    x = tg.arange(5, dtype=tg.float64).requires_grad_()
    x.unfold(0, 3, 1).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0, 3.0, 2.0, 1.0]


SPREAD = {"sum": lambda x: x.sum(), "mean": lambda x: x.mean() * 12, "sum of columns": lambda x: (x.sum(0) * tg.arange(4.0)).sum(),
          "sum of rows": lambda x: (x.sum(1) * tg.arange(3.0)).sum(), "trace": lambda x: x.diagonal().sum()}
WINDOWS = {"select": lambda x: [x[1]], "select a column": lambda x: [x[:, 2]], "slice": lambda x: [x[1:]],
           "every other": lambda x: [x[::2, 1::2]], "element": lambda x: [x[2, 3]], "narrow": lambda x: [x.narrow(1, 1, 2)],
           "unbind": lambda x: x.unbind(0), "split": lambda x: x.split(3, 1), "overlapping": lambda x: [x[:2], x[1:]]}


@pytest.mark.parametrize("windows", WINDOWS)
@pytest.mark.parametrize("spread", SPREAD)
def test_a_window_adds_to_a_gradient_that_is_one_element_many_times(spread, windows):
    def gradient(whole, pieces):
        x = tg.arange(12.0).reshape(3, 4).requires_grad_()
        y = x * 2
        parts = [piece * (tg.arange(float(piece.numel())).reshape(piece.shape) + 1) for piece in WINDOWS[windows](y)] if pieces else []
        # made after the windows, the whole's gradient arrives before theirs
        total = SPREAD[spread](y) if whole else 0
        sum((part.sum() for part in parts), total).backward()
        return x.grad.numpy()

    np.testing.assert_array_equal(gradient(True, True), gradient(True, False) + gradient(False, True))


def test_detach_shares_memory_and_cuts_the_graph():
    x = leaf(1.0, 2.0)
    d = x.detach()
    assert not d.requires_grad
    d[0] = 7.0
    assert x.tolist() == [7.0, 2.0]


def test_only_floating_point_tensors_require_grad():
    with pytest.raises(GraphError, match="floating-point"):
        tg.ones(2, dtype=tg.int64).requires_grad_()
    with pytest.raises(GraphError, match="leaf"):
        (leaf(1.0) * 2).requires_grad_(False)


class Cube(tg.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x * x * x * scale

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x * x * ctx.scale, None


def test_a_users_function_to_second_order():
    x = leaf(2.0)
    y = Cube.apply(x, 2.0)
    (g,) = tg.autograd.grad(y, x, create_graph=True)
    (h,) = tg.autograd.grad(g, x)
    assert (y.item(), g.item(), h.item()) == (16.0, 24.0, 24.0)


def test_a_users_function_of_several_outputs():
    class Both(tg.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b, a + b

        @staticmethod
        def backward(ctx, gp, gs):
            a, b = ctx.saved_tensors
            return gp * b + gs, gp * a + gs

    a, b = leaf(2.0), leaf(5.0)
    p, s = Both.apply(a, b)
    (p * 3).backward(retain_graph=True)
    assert (a.grad.item(), b.grad.item()) == (15.0, 6.0)
    (p + s).backward()
    assert (a.grad.item(), b.grad.item()) == (21.0, 9.0)


def test_a_function_with_too_few_gradients_is_an_error():
    class Bad(tg.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            return g

    with pytest.raises(GraphError, match="1 gradients for 2 inputs"):
        Bad.apply(leaf(1.0), leaf(2.0)).backward()


def test_an_error_in_backward_leaves_nothing_behind():
    class Fails(tg.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 1

        @staticmethod
        def backward(ctx, g):
            raise KeyError("on purpose")

    x = leaf(1.0)
    y = x * 2
    z = Fails.apply(y) + y
    with pytest.raises(KeyError):
        z.backward(retain_graph=True)
    assert x.grad is None
    y.backward()
    assert x.grad.item() == 2.0


def test_a_million_nodes_forward_backward_and_dropped():
    x = tg.ones(1, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y * 1.0
    y.backward()
    assert x.grad.item() == 1.0
    del y
    y = x
    for _ in range(200_000):
        y = y.exp() * 0.0  # exp saves its output: the chain goes through saved tensors too
    del y


def test_memory_of_a_graph_is_freed_without_the_garbage_collector():
    gc.disable()
    try:
        x = leaf(1.0, 2.0)
        y = x.exp()
        z = (y * y).sum()
        watch = [weakref.ref(y), weakref.ref(z.grad_fn)]
        z.backward()
        del y, z
        assert [w() for w in watch] == [None, None]
    finally:
        gc.enable()


def test_anomaly_mode_names_the_forward_call():
    x = leaf(-1.0)
    with tg.autograd.detect_anomaly():
        y = x.log() * 0 + x.sqrt()
        with pytest.raises(GraphError, match="test_anomaly_mode_names_the_forward_call"):
            y.backward()


def test_a_factor_in_the_memory_that_is_overwritten_is_missed():
    x = tg.ones(3, requires_grad=True)
    y = x * 2
    y.mul_(y.detach())
    with pytest.raises(tg.GraphError, match="in-place"):
        y.sum().backward()


def test_overwriting_inside_the_graph_takes_no_second_tensor():
    x = tg.tensor([-1.0, 0.25, 3.0], requires_grad=True)
    y = x * 2
    address = y.data_ptr()
    y.mul_(3.0).clamp_(0.0, 2.0)
    assert y.data_ptr() == address and y.tolist() == [0.0, 1.5, 2.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 6.0, 0.0]
