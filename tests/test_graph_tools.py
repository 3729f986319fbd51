"""What surrounds the graph: saved-tensor hooks, node hooks, anomaly mode, Functions' corners, grad's options, checkpointing,
the profiler."""

import gc
import warnings
import weakref

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad import nn
from tensorgrad._core.errors import ArgumentError, GraphError, ShapeError
from tensorgrad.autograd import Function, Variable, grad, profiler
from tensorgrad.autograd.function import once_differentiable
from tensorgrad.autograd.graph import (
    disable_saved_tensors_hooks,
    get_gradient_edge,
    increment_version,
    register_multi_grad_hook,
    save_on_cpu,
    saved_tensors_hooks,
)
from tensorgrad.utils.checkpoint import checkpoint, checkpoint_sequential


def leaf(*values):
    return tg.tensor(values[0] if len(values) == 1 else list(values), dtype=tg.float64, requires_grad=True)


# ---- saved_tensors_hooks ----

def test_saved_tensors_are_packed_and_unpacked():
    packed, unpacked = [], []
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)

    def pack(t):
        assert not t.requires_grad
        packed.append(t.tolist())
        return t.numpy().copy()

    def unpack(array):
        unpacked.append(array.tolist())
        return tg.from_numpy(array)

    with saved_tensors_hooks(pack, unpack):
        y = (x * w).exp().sum()
    (x * w).sum()  # outside: nothing is packed
    assert len(packed) == 3
    y.backward()
    e = np.exp([3.0, 8.0])
    assert np.allclose(x.grad.numpy(), [3.0, 4.0] * e) and np.allclose(w.grad.numpy(), [1.0, 2.0] * e)
    assert sorted(map(tuple, unpacked)) == sorted(map(tuple, packed))


def test_packed_values_take_part_in_second_derivatives():
    x = leaf(2.0)
    with saved_tensors_hooks(lambda t: t.item(), lambda v: tg.tensor(v, dtype=tg.float64)):
        y = x * x * x + x.exp()
        (g,) = grad(y, x, create_graph=True)
        (h,) = grad(g, x)
    assert g.item() == pytest.approx(12 + np.exp(2)) and h.item() == pytest.approx(12 + np.exp(2))


def test_hooks_see_what_functions_and_layers_save():
    kinds = []
    x = tg.randn(2, 3, 6, 6, requires_grad=True)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 2))
    loss = nn.functional.cross_entropy(model(x), tg.tensor([0, 1]))
    loss.backward()
    expected = x.grad.clone()
    x.grad = None
    with saved_tensors_hooks(lambda t: kinds.append(t.shape) or t.clone(), lambda t: t):
        loss = nn.functional.cross_entropy(model(x), tg.tensor([0, 1]))
    loss.backward()
    assert x.grad.tolist() == expected.tolist() and (2, 3, 6, 6) in kinds


def test_saved_copies_survive_writes_in_place():
    x = leaf(1.0, 2.0)
    y = x * 1
    with save_on_cpu():
        z = (y * y).sum()
    y.mul_(5)
    z.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_wrong_hooks_are_errors():
    x = leaf(1.0)
    with saved_tensors_hooks(lambda t: t, lambda t: 3):
        y = x * x
    with pytest.raises(TypeError, match="unpack hook must return a tensor"):
        y.backward()
    with disable_saved_tensors_hooks("no hooks here"), pytest.raises(GraphError, match="no hooks here"), save_on_cpu():
        pass
    with save_on_cpu(), pytest.raises(GraphError, match="not now"), disable_saved_tensors_hooks("not now"):
        pass
    with pytest.raises(ZeroDivisionError), saved_tensors_hooks(lambda t: 1 / 0, lambda t: t):
        x * x
    assert (x * x).requires_grad  # the hooks are gone


# ---- hooks ----

def test_node_hooks_see_all_gradients_at_once():
    seen = []
    a, b = leaf(2.0), leaf(5.0)
    y = a * b
    y.grad_fn.register_prehook(lambda g: seen.append(("before", [t.item() for t in g])) or (g[0] * 10,))
    y.grad_fn.register_hook(lambda gi, go: seen.append(("after", [t.item() for t in gi], go[0].item())) or (gi[0] + 1, None))
    (y * 3).backward()
    assert seen == [("before", [3.0]), ("after", [150.0, 60.0], 30.0)]
    assert a.grad.item() == 151.0 and b.grad is None


def test_node_hooks_of_several_outputs():
    x = leaf(3.0, 1.0, 2.0)
    low, high = Two.apply(x)
    low.grad_fn.register_prehook(lambda g: tuple(None if t is None else t * 2 for t in g))
    high.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0, 6.0]
    node, number = get_gradient_edge(high)
    assert node is high.grad_fn and number == 1


class Two(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, a, b):
        return a * 2 + b * 3


def test_hooks_of_a_leafs_node():
    seen = []
    x = leaf(1.0)
    node = (x * 1).grad_fn.next_functions[0][0]
    assert node.name() == "AccumulateGrad" and node.variable is x
    handles = [node.register_prehook(lambda g: seen.append("before") or (g[0] * 2,)),
               node.register_hook(lambda gi, go: seen.append((gi, go[0].item()))),
               x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.item()))]
    (x * 3).backward()
    assert seen == ["before", ((), 6.0), 6.0] and x.grad.item() == 6.0
    for h in handles:
        h.remove()
    (x * 3).backward()
    assert len(seen) == 3 and x.grad.item() == 9.0


def test_multi_grad_hook():
    seen = []
    a, b = leaf(1.0), leaf(2.0)
    with register_multi_grad_hook((a, b), lambda g: seen.append([t if t is None else t.item() for t in g])):
        (a * 2 + b * 3).backward()
        (a * 2).backward()
    (a * b).backward()
    assert seen == [[2.0, 3.0], [2.0, None]]
    first = []
    with register_multi_grad_hook((a, b), first.append, mode="any"):
        (a + b).backward()
        (a + b).backward()
    assert len(first) == 2
    with pytest.raises(ArgumentError, match="mode"):
        register_multi_grad_hook((a,), print, mode="some")
    for other, error in ((tg.ones(1), GraphError), (3, TypeError)):  # and a keeps no hook
        with pytest.raises(error):
            register_multi_grad_hook((a, other), seen.append)
    a.exp().backward()
    assert len(seen) == 2


def test_what_is_no_tensor_is_refused_before_anything_changes():
    x = leaf(1.0)
    for call in (lambda: tg.autograd.backward(3), lambda: tg.autograd.grad(x.exp(), 3), lambda: tg.autograd.Variable(3),
                 lambda: tg.autograd.graph.increment_version([x, 3]), lambda: tg.autograd.profiler.record_function(3)):
        with pytest.raises(TypeError, match=r"tensor|str"):
            call()
    assert x._version == 0


def test_gradcheck_refuses_what_it_cannot_check_and_leaves_its_inputs():
    x = tg.ones(2, dtype=tg.float64, requires_grad=True)
    for check in (tg.autograd.gradcheck, tg.autograd.gradgradcheck):
        with pytest.raises(ArgumentError, match="no input requires grad"):
            check(tg.exp, x.detach())
        with pytest.raises(ArgumentError, match="eps"):
            check(tg.exp, x, eps=0)
    with pytest.raises(ArgumentError, match="1 tensors but 2 gradients"):
        tg.autograd.gradgradcheck(tg.exp, x, [x, x])
    assert tg.autograd.gradgradcheck(tg.exp, x, tg.ones(2, dtype=tg.float64, requires_grad=True))

    def once(x):
        if x[0] != 1:
            raise KeyError
        return x.exp()

    with pytest.raises(KeyError):
        tg.autograd.gradcheck(once, x)
    assert x.tolist() == [1, 1]


# ---- anomaly mode ----

def test_anomaly_mode_names_the_line_and_can_leave_nan_alone():
    x = leaf(-1.0, 4.0)
    with tg.autograd.detect_anomaly():
        y = x.sqrt().sum()  # the guilty line
        with pytest.raises(GraphError, match=r"SqrtBackward0 returned nan values for input 0") as error:
            y.backward()
    assert error.value.args[0].rstrip().endswith("# the guilty line") or "the guilty line" in error.value.args[0].splitlines()[-1]
    with tg.autograd.detect_anomaly(check_nan=False):
        x.sqrt().sum().backward()
    assert np.isnan(x.grad.numpy()).tolist() == [True, False]


def test_anomaly_mode_blames_the_first_of_several():
    x = leaf(0.0)
    with tg.autograd.set_detect_anomaly(True):
        a, _ = Two.apply(x)
        y = (a * 2).log() * 0 + a
        with pytest.raises(GraphError, match=r"LogBackward0|MulBackward0"):
            (y * float("inf") * 0).backward()
    assert not tg.is_anomaly_enabled()


def test_anomaly_mode_shows_where_a_failing_backward_came_from():
    class Bad(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise KeyError("broken")

    with tg.autograd.detect_anomaly():
        y = Bad.apply(leaf(1.0))
        with pytest.raises(KeyError) as error:
            y.backward()
    assert "shows_where_a_failing" in "".join(error.value.__notes__)


# ---- Functions ----

class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y, None)
        return y

    @staticmethod
    def backward(ctx, g):
        y, nothing = ctx.saved_tensors
        assert nothing is None
        return g * y


def test_a_saved_output_is_differentiated_again():
    x = leaf(0.3, -0.5)
    assert tg.autograd.gradcheck(Exp.apply, (x,)) and tg.autograd.gradgradcheck(Exp.apply, (x,))
    assert Exp.apply(x).grad_fn.name() == "ExpBackward"
    gc.collect()
    gc.disable()
    try:
        y = Exp.apply(x)
        watch = weakref.ref(y.grad_fn)
        del y
        assert watch() is None  # a saved output makes no cycle
    finally:
        gc.enable()


def test_setup_context_style():
    class Scale(Function):
        @staticmethod
        def forward(x, factor):
            return x * factor

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.factor = inputs[1]

        @staticmethod
        def vjp(ctx, g):
            return g * ctx.factor, None

    x = leaf(2.0)
    Scale.apply(x, 4.0).backward()
    assert x.grad.item() == 4.0


def test_once_differentiable_refuses_the_second_derivative():
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    x = leaf(3.0)
    (g,) = grad(Square.apply(x) * x, x, create_graph=True)
    assert g.item() == 27.0
    with pytest.raises(GraphError, match="once_differentiable"):
        g.backward()


def test_dirty_inputs_move_in_the_graph():
    class AddOne(Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 3

    a = leaf(1.0, 1.0)
    b = a * 1
    assert AddOne.apply(b) is b
    b.sum().backward()
    assert a.grad.tolist() == [3.0, 3.0]
    a.grad = None
    b = a * 1
    AddOne.apply(b[0])
    b.sum().backward()
    assert a.grad.tolist() == [3.0, 1.0] and b.tolist() == [2.0, 1.0]
    with pytest.raises(GraphError, match="leaf"):
        AddOne.apply(a)


def test_what_has_no_gradient_arrives_as_zeros_or_none():
    seen = []

    def make(materialize):
        class Parts(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.set_materialize_grads(materialize)
                fixed = x * 0
                ctx.mark_non_differentiable(fixed)
                return x * 2, x.argmax(), fixed, x * 3

            @staticmethod
            def backward(ctx, *g):
                seen.append([None if t is None else t.tolist() for t in g])
                return g[0]
        return Parts

    x = leaf(1.0, 5.0)
    for materialize in (True, False):
        y, place, fixed, z = make(materialize).apply(x)
        assert (y.requires_grad, place.requires_grad, fixed.requires_grad, z.requires_grad) == (True, False, False, True)
        y.sum().backward()
    assert seen == [[[1.0, 1.0], 0, [0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], None, None, None]]


def test_errors_of_functions():
    class Wide(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return tg.ones(3)

    class Text(Wide):
        @staticmethod
        def backward(ctx, g):
            return "x"

    class Keeps(Wide):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward("x")
            return x * 2

    x = leaf(1.0, 2.0)
    with pytest.raises(ShapeError, match=r"gradient of shape \(3,\) for input 0 of shape \(2,\)"):
        Wide.apply(x).sum().backward()
    with pytest.raises(TypeError, match="returned str"):
        Text.apply(x).sum().backward()
    with pytest.raises(TypeError, match="save_for_backward: argument 0"):
        Keeps.apply(x)
    with pytest.raises(GraphError, match="apply"):
        Wide()(x)


def test_a_saved_input_that_was_overwritten_is_an_error():
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    x = leaf(1.0)
    y = x * 1
    z = Square.apply(y)
    increment_version(y)
    with pytest.raises(GraphError, match="modified in place"):
        z.backward()


# ---- grad ----

def test_batched_gradients():
    x = leaf(1.0, 2.0)
    y = x * x
    (rows,) = grad(y, x, tg.eye(2, dtype=tg.float64), is_grads_batched=True, retain_graph=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    (none,) = grad(y, x, tg.zeros(0, 2, dtype=tg.float64), is_grads_batched=True, retain_graph=True)
    assert none.shape == (0, 2)
    with pytest.raises(ArgumentError, match="is_grads_batched"):
        grad(y, x, is_grads_batched=True)


def test_unused_inputs():
    x, y = leaf(1.0), leaf(2.0)
    with pytest.raises(GraphError, match="input 1"):
        grad(x * 2, (x, y))
    assert grad(x * 2, (x, y), allow_unused=True)[1] is None
    assert grad(x * 2, (x, y), materialize_grads=True)[1].item() == 0.0
    with pytest.raises(ArgumentError, match="materialize_grads"):
        grad(x * 2, (x, y), allow_unused=False, materialize_grads=True)


def test_variables_of_old_scripts():
    data = tg.ones(2)
    v = Variable(data, requires_grad=True)
    v.data[0] = 5
    assert v.requires_grad and data.tolist() == [5.0, 1.0] and isinstance(data, Variable) and not isinstance(3, Variable)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert not Variable(data, volatile=True).requires_grad
    assert "no_grad" in str(caught[0].message)


# ---- checkpoint ----

def test_checkpointing_gives_the_same_gradients_and_random_numbers():
    def build():
        tg.manual_seed(3)
        return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))

    x = tg.randn(5, 4)
    results = []
    for way in ("plain", "checkpoint", "sequential"):
        model = build()
        tg.manual_seed(11)
        y = (model(x) if way == "plain" else checkpoint(model, x, use_reentrant=False) if way == "checkpoint"
             else checkpoint_sequential(model, 3, x, use_reentrant=False))
        after = tg.rand(1).item()  # the backward pass draws the same numbers and puts the state back
        y.square().sum().backward()
        results.append([after, tg.rand(1).item(), *(p.grad for p in model.parameters())])
    for other in results[1:]:
        assert other[:2] == results[0][:2]
        assert all(a.tolist() == b.tolist() for a, b in zip(other[2:], results[0][2:], strict=True))


def test_checkpointing_keeps_nothing_but_the_arguments():
    kept = []

    def part(x):
        y = x.exp()
        kept.append(weakref.ref(y))
        return y.sin().cos()

    x = leaf(0.1, 0.2)
    z = checkpoint(part, x, use_reentrant=False)
    gc.collect()
    assert kept[0]() is None
    z.sum().backward(retain_graph=True)
    first = x.grad.clone()
    z.sum().backward()
    assert np.allclose(x.grad.numpy(), 2 * first.numpy()) and len(kept) == 3
    assert tg.autograd.gradcheck(lambda x: checkpoint(part, x), (x,))
    assert tg.autograd.gradgradcheck(lambda x: checkpoint(part, x), (x,))


def test_nested_checkpoints_and_keywords():
    x = leaf(0.3)
    y = checkpoint(lambda a, *, scale: checkpoint(lambda b: (b * scale).exp(), a.sin()).cos(), x, scale=2.0)
    (g,) = grad(y, x)
    inner = np.exp(2 * np.sin(0.3))
    assert g.item() == pytest.approx(-np.sin(inner) * inner * 2 * np.cos(0.3))


def test_a_function_that_changes_is_noticed():
    calls = []

    def unsteady(x):
        calls.append(0)
        return (x.exp() if len(calls) == 1 else x * 2).sum()

    with pytest.raises(GraphError, match="checkpoint"):
        checkpoint(unsteady, leaf(1.0, 2.0), use_reentrant=False).backward()
    with pytest.raises(ValueError, match="segments"):
        checkpoint_sequential([tg.exp], 0, leaf(1.0))
    with pytest.raises(ArgumentError, match="unexpected"):
        checkpoint_sequential([tg.exp], 1, leaf(1.0), other=1)


# ---- the profiler ----

def test_the_profiler_counts_ops_and_names_the_convolution(tmp_path):
    import json
    conv = nn.Conv2d(3, 4, 3)
    with profiler.profile(record_shapes=True) as p:
        with profiler.record_function("forward"):
            y = conv(tg.randn(1, 3, 8, 8)).relu()
        y.sum().backward()
    found = {e.key: e for e in p.key_averages()}
    assert found["relu"].count == 1 and "ReluBackward0" in found and found["forward"].count == 1
    (name,) = [k for k in found if k.startswith("conv ")]
    assert name in ("conv (shift)", "conv (panel)")
    event = next(e for e in p.function_events if e.key == name)
    assert event.input_shapes[0] == (1, 3, 8, 8) and event.depth == 1 and event.cpu_memory_usage >= 4 * 4 * 6 * 6
    assert 0 < event.self_cpu_time_total <= found["forward"].cpu_time_total <= p.total_average().cpu_time_total * 1.001
    table = p.key_averages().table(sort_by="self_cpu_time_total", row_limit=3)
    assert "# of Calls" in table and "Self CPU time total" in table and len(table.splitlines()) == 8
    p.export_chrome_trace(tmp_path / "trace.json")
    assert len(json.loads((tmp_path / "trace.json").read_text())["traceEvents"]) == len(p.function_events)
    before = len(p.function_events)
    conv(tg.randn(1, 3, 8, 8))
    assert len(p.function_events) == before
    with pytest.raises(ValueError, match="sort_by"):
        p.table(sort_by="colour")


def test_the_profiler_survives_errors():
    with profiler.profile() as p, pytest.raises(ShapeError):
        tg.ones(2) + tg.ones(3)
    assert not p.stack and p.key_averages()[0].key == "add"
