"""autograd.functional and func: Jacobians and maps against formulas, and against PyTorch where it is installed."""

import numpy as np
import pytest

import tensorgrad as tg
from tensorgrad import func, nn
from tensorgrad._core.errors import ArgumentError, GraphError, ShapeError
from tensorgrad.autograd import functional

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

RNG = np.random.RandomState(5)
X, Y, W = RNG.randn(3), RNG.randn(3), RNG.randn(2, 3)


def t(a, grad=False):
    return tg.tensor(np.asarray(a), dtype=tg.float64, requires_grad=grad)


def same(a, b):
    """Nested results of two libraries (or arrays) are equal."""
    if isinstance(a, (tuple, list)):
        assert type(a) is type(b) and len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for k in a:
            same(a[k], b[k])
    else:
        assert tuple(a.shape) == tuple(np.shape(b))
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy() if hasattr(b, "detach") else b, rtol=1e-9, atol=1e-12)


# ---- autograd.functional ----

def test_jacobians_by_hand():
    same(functional.jacobian(lambda x: x**2, t(X)), np.diag(2 * X))
    same(functional.jacobian(lambda x, y: (x * y, x.sum()), (t(X), t(Y))),
         ((np.diag(Y), np.diag(X)), (np.ones(3), np.zeros(3))))
    same(functional.jacobian(lambda x: t(W) @ x, t(X)), W)
    same(functional.jacobian(lambda x: x.detach(), t(X)), np.zeros((3, 3)))
    same(functional.jacobian(lambda x: x[:0], t(X)), np.zeros((0, 3)))
    same(functional.hessian(lambda x: (x**3).sum(), t(X)), np.diag(6 * X))
    same(functional.hessian(lambda x, y: (x * y).sum(), (t(X), t(Y))),
         ((np.zeros((3, 3)), np.eye(3)), (np.eye(3), np.zeros((3, 3)))))


def test_products_by_hand():
    f = lambda x: t(W) @ x**2
    j = W * 2 * X
    same(functional.vjp(f, t(X), t(Y[:2])), (W @ X**2, Y[:2] @ j))
    same(functional.jvp(f, t(X), t(Y)), (W @ X**2, j @ Y))
    cube = lambda x: (x**3).sum()
    same(functional.hvp(cube, t(X), t(Y)), ((X**3).sum(), 6 * X * Y))
    same(functional.vhp(cube, t(X), t(Y)), ((X**3).sum(), 6 * X * Y))
    same(functional.vjp(cube, t(X)), ((X**3).sum(), 3 * X**2))


def test_results_are_differentiable_on_demand():
    x, w = t(X, True), t(Y, True)
    j = functional.jacobian(lambda x: x**2 * w, x, create_graph=True)
    j.sum().backward()
    same(x.grad, 2 * Y)
    same(w.grad, 2 * X)
    assert not functional.jacobian(lambda x: x**2 * w, x).requires_grad
    for product in (functional.vjp, functional.jvp):
        x.grad = None
        product(lambda x: x**3, x, t(Y), create_graph=True)[1].sum().backward()
        same(x.grad, 6 * X * Y)


def test_errors_of_functional():
    x = t(X)
    with pytest.raises(GraphError, match="strict"):
        functional.jacobian(lambda x: x.detach(), x, strict=True)
    with pytest.raises(GraphError, match="strict"):
        functional.jacobian(lambda x, y: x * 2, (x, x), strict=True)
    with pytest.raises(GraphError, match="one element"):
        functional.hessian(lambda x: x, x)
    with pytest.raises(GraphError, match="one element"):
        functional.vjp(lambda x: x, x)
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        functional.vjp(lambda x: x, x, t(X[:2]))
    with pytest.raises(TypeError, match="float"):
        functional.jacobian(lambda x: 2.0, x)
    with pytest.raises(TypeError, match="list"):
        functional.jacobian(lambda x: x, [x])
    with pytest.raises(ArgumentError, match="strategy"):
        functional.jacobian(lambda x: x, x, strategy="sideways")
    with pytest.raises(ArgumentError, match="outer_jacobian_strategy"):
        functional.hessian(lambda x: x.sum(), x, outer_jacobian_strategy="sideways")


# ---- func ----

def test_gradients_nest():
    f = lambda x: (x**4).sum()
    same(func.grad(f)(t(X)), 4 * X**3)
    same(func.grad(lambda x: func.grad(f)(x).sum())(t(X)), 12 * X**2)
    same(func.grad(func.grad(func.grad(lambda x: x**4)))(t(2.0)), 48.0)
    same(func.grad(lambda x, y: (x * y).sum(), argnums=(0, 1))(t(X), t(Y)), (Y, X))
    same(func.grad(lambda p: (p["w"] * p["b"][0]).sum())({"w": t(X), "b": [t(Y)]}), {"w": Y, "b": [X]})
    same(func.grad_and_value(f)(t(X)), (4 * X**3, (X**4).sum()))
    same(func.grad(lambda x: (f(x), {"x": x * 2}), has_aux=True)(t(X)), (4 * X**3, {"x": 2 * X}))
    same(func.grad(lambda x, y: x.sum(), argnums=-1)(t(X), t(Y)), np.zeros(3))


def test_the_outer_graph_is_kept_only_where_it_is_wanted():
    w = t(Y, True)
    plain = func.grad(lambda x: (x**3).sum())(t(X))
    assert not plain.requires_grad
    outer = func.grad(lambda x: (x**3 * w).sum())(t(X))
    assert outer.requires_grad
    outer.sum().backward()
    same(w.grad, 3 * X**2)
    x = t(X, True)
    func.grad(lambda x: (x**3).sum())(x).sum().backward()
    same(x.grad, 6 * X)
    with tg.no_grad():
        same(func.grad(lambda x: (x**3 * w).sum())(x), 3 * X**2 * Y)
        assert not func.grad(lambda x: (x**3 * w).sum())(x).requires_grad


def test_products_and_jacobians():
    f = lambda x: t(W) @ x**2
    j = W * 2 * X
    value, pull = func.vjp(f, t(X))
    same(value, W @ X**2)
    same(pull(t(Y[:2])), (Y[:2] @ j,))
    same(pull(t([1.0, 0.0])), (j[0],))
    same(func.jvp(f, (t(X),), (t(Y),)), (W @ X**2, j @ Y))
    for jacobian in (func.jacrev, func.jacfwd):
        same(jacobian(f)(t(X)), j)
        same(jacobian(lambda x, y: {"a": x * y, "b": y.sum()}, argnums=(0, 1))(t(X), t(Y)),
             {"a": (np.diag(Y), np.diag(X)), "b": (np.zeros(3), np.ones(3))})
        same(jacobian(lambda x: (f(x), x), has_aux=True)(t(X)), (j, X))
    same(func.hessian(lambda x: (x**3).sum())(t(X)), np.diag(6 * X))
    value, pull, aux = func.vjp(lambda x: (x * 2, x), t(X), has_aux=True)
    same((value, aux, pull(t(Y))), (2 * X, X, (2 * Y,)))


def test_vmap_is_the_loop_over_slices():
    a, b = RNG.randn(4, 3), RNG.randn(3, 4)
    same(func.vmap(tg.dot, in_dims=(0, 1))(t(a), t(b)), (a * b.T).sum(1))
    same(func.vmap(lambda x: x * 2, out_dims=1)(t(a)), 2 * a.T)
    same(func.vmap(lambda x, y: (x + y, {"y": y}), in_dims=(0, None))(t(a), t(X)), (a + X, {"y": np.tile(X, (4, 1))}))
    same(func.vmap(func.vmap(lambda x, y: x * y, (None, 0)), (0, None))(t(X), t(Y)), np.outer(X, Y))
    same(func.vmap(lambda p: p["a"].sum() + p["b"], in_dims=({"a": 1, "b": 0},))({"a": t(b), "b": t(a[:, 0])}), b.sum(0) + a[:, 0])
    same(func.vmap(lambda x: x.relu().sum() if x[0] > 0 else x.sum())(t(a)),
         np.where(a[:, 0] > 0, np.maximum(a, 0).sum(1), a.sum(1)))  # control flow on values
    same(func.vmap(lambda x, k=None: x * k)(t(a), k=t(a[:, 0])), a * a[:, :1])
    same(func.vmap(lambda x: (x.sum(), 7), out_dims=(0, None))(t(a))[0], a.sum(1))
    same(func.vmap(lambda x: x.sum(), chunk_size=2)(t(a)), a.sum(1))
    assert func.vmap(lambda x: tg.ones(5) * x.sum())(tg.ones(0, 2)).shape == (0, 5)


def test_vmap_and_gradients_compose():
    a = RNG.randn(4, 3)
    same(func.vmap(func.grad(lambda x: (x**3).sum()))(t(a)), 3 * a**2)
    same(func.grad(lambda x: func.vmap(lambda r: (r**2).sum())(x).sum())(t(a)), 2 * a)
    x = t(a, True)
    func.vmap(lambda r: r.sin())(x).sum().backward()
    same(x.grad, np.cos(a))
    same(func.vmap(func.jacrev(lambda r: r * r.sum()))(t(a)),
         np.stack([np.eye(3) * r.sum() + r[:, None] for r in a]))


def test_vmap_and_random_numbers():
    x = tg.zeros(3)
    with pytest.raises(GraphError, match="random"):
        func.vmap(lambda r: r + tg.rand(()))(x)
    tg.manual_seed(0)
    same_numbers = func.vmap(lambda r: r + tg.rand(()), randomness="same")(x).tolist()
    tg.manual_seed(0)
    different = func.vmap(lambda r: r + tg.rand(()), randomness="different")(x).tolist()
    assert len(set(same_numbers)) == 1 and len(set(different)) == 3 and same_numbers[0] == different[0]


def test_modules_as_functions():
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))
    own = dict(model.named_parameters())
    x = tg.randn(5, 3)
    expected = model(x)
    fresh = {k: (v.detach() * 1).requires_grad_() for k, v in own.items()}
    model[1].reset_running_stats()
    y = func.functional_call(model, fresh, (x,))
    assert y.tolist() == expected.tolist()
    y.sum().backward()
    assert all(v.grad is not None for v in fresh.values()) and all(v.grad is None for v in own.values())
    assert all(a is b for a, b in zip(own.values(), model.parameters(), strict=True))
    buffers = {k: v.clone() for k, v in model.named_buffers()}
    func.functional_call(model, (fresh, buffers), x, {})
    with pytest.raises(GraphError, match="unknown names"):
        func.functional_call(model, {"none": x}, x)
    with pytest.raises(GraphError, match="missing names"):
        func.functional_call(model, fresh, x, strict=True)
    with pytest.raises(GraphError, match="more than one"):
        func.functional_call(model, (fresh, fresh), x)
    with pytest.raises(ShapeError):
        func.functional_call(model, fresh, (tg.ones(5, 4),))
    assert model[0].weight is own["0.weight"]


def test_tied_weights_move_together():
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    w = tg.eye(2) * 3
    assert func.functional_call(model, {"0.weight": w}, tg.ones(2)).tolist() == [9.0, 9.0]


def test_gradients_a_sample_and_ensembles():
    tg.manual_seed(0)
    model = nn.Linear(3, 1)
    parameters = {k: v.detach() for k, v in model.named_parameters()}
    x, y = tg.randn(4, 3), tg.randn(4, 1)

    def loss(parameters, x, y):
        return nn.functional.mse_loss(func.functional_call(model, parameters, (x,)), y)

    found = func.vmap(func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    for i in range(4):
        model.zero_grad()
        nn.functional.mse_loss(model(x[i]), y[i]).backward()
        assert np.allclose(found["weight"][i].numpy(), model.weight.grad.numpy(), atol=1e-6)
    models = [nn.Linear(3, 1) for _ in range(3)]
    stacked, buffers = func.stack_module_state(models)
    assert stacked["weight"].requires_grad and not buffers
    out = func.vmap(lambda p: func.functional_call(models[0], p, (x,)))(stacked)
    assert np.allclose(out.detach().numpy(), np.stack([m(x).detach().numpy() for m in models]))
    with pytest.raises(ArgumentError, match="one class"):
        func.stack_module_state([nn.Linear(1, 1), nn.Identity()])


def test_errors_of_func():
    x = t(X)
    for call, error, match in (
            (lambda: func.grad(lambda x: x)(x), GraphError, "one floating-point number"),
            (lambda: func.grad(lambda x: 2.0)(x), GraphError, "must return tensors"),
            (lambda: func.grad(lambda x: x.sum(), argnums=1)(x), ArgumentError, "argnums"),
            (lambda: func.grad(lambda x: x.sum())(tg.arange(3)), GraphError, "floating-point"),
            (lambda: func.grad(lambda x: x.sum())(2.0), GraphError, "float"),
            (lambda: func.grad(lambda x: x.sum(), has_aux=True)(x), GraphError, "aux"),
            (lambda: func.vjp(lambda x: x, x)[1](t(X[:2])), ShapeError, "cotangents"),
            (lambda: func.jvp(lambda x: x, (x,), (t(X[:2]),)), ShapeError, "tangents"),
            (lambda: func.jvp(lambda x: x, x, x), ArgumentError, "tuples"),
            (lambda: func.vmap(lambda x: x)(2.0), ArgumentError, "in_dims"),
            (lambda: func.vmap(lambda x: x)(t(1.0)), ShapeError, "in_dims"),
            (lambda: func.vmap(lambda x: x)(), ArgumentError, "at least one"),
            (lambda: func.vmap(lambda x, y: x)(x, t(X[:2])), ShapeError, "one size"),
            (lambda: func.vmap(lambda x: 2)(x), ArgumentError, "must return tensors"),
            (lambda: func.vmap(lambda x: x, in_dims=(0, 0))(x), ArgumentError, "in_dims"),
            (lambda: func.vmap(lambda x: x, in_dims=None)(x), ArgumentError, "in_dims"),
            (lambda: func.vmap(lambda x: x, out_dims=3)(x), ShapeError, "out_dims"),
            (lambda: func.vmap(lambda x: x, randomness="some")(x), ArgumentError, "randomness"),
            (lambda: func.jacfwd(lambda x: x, randomness="some"), ArgumentError, "randomness"),
            (lambda: func.vmap(lambda x: x, chunk_size=0), ArgumentError, "chunk_size"),
            (lambda: func.jacrev(lambda x: x, chunk_size=0), ArgumentError, "chunk_size"),
            (lambda: func.functional_call(tg.nn.Linear(2, 1), {"weight": 3}, x), TypeError, "weight must be a tensor")):
        with pytest.raises(error, match=match):
            call()


# ---- against PyTorch ----

def both(call):
    """The same program in both libraries."""
    same(call(tg, tg.autograd.functional, func, t),
         call(torch, torch.autograd.functional, torch.func, lambda a: torch.tensor(np.asarray(a), dtype=torch.float64)))


PROGRAMS = {
    "jacobian of two": lambda lib, f, _, make: f.jacobian(lambda x, y: (x.exp() @ y, lib.outer(x, y)), (make(X), make(Y))),
    "hessian of two": lambda lib, f, _, make: f.hessian(lambda x, y: (x * y).sin().sum() * x.sum(), (make(X), make(Y))),
    "vjp of two": lambda lib, f, _, make: f.vjp(lambda x, y: (x * y, x.cos()), (make(X), make(Y)), (make(Y), make(X))),
    "jvp of two": lambda lib, f, _, make: f.jvp(lambda x, y: (x * y, x.cos()), (make(X), make(Y)), (make(Y), make(X))),
    "hvp of two": lambda lib, f, _, make: f.hvp(lambda x, y: (x.exp() * y).sum(), (make(X), make(Y)), (make(Y), make(X))),
    "vhp of two": lambda lib, f, _, make: f.vhp(lambda x, y: (x.exp() * y).sum(), (make(X), make(Y)), (make(Y), make(X))),
    "func.jacrev": lambda lib, _, f, make: f.jacrev(lambda x, y: (x.exp() * y, {"s": y.sum()}), argnums=(1, 0))(make(X), make(Y)),
    "func.hessian": lambda lib, _, f, make: f.hessian(lambda x: (x.sin() * x.sum()).sum())(make(X)),
    "func.hessian of two": lambda lib, _, f, make: f.hessian(lambda x, y: (x * y).sin().sum(), argnums=(0, 1))(make(X), make(Y)),
    "func.vjp": lambda lib, _, f, make: f.vjp(lambda x, y: (x * y, x.sum()), make(X), make(Y))[1]((make(X), make(2.0))),
    "func.jvp": lambda lib, _, f, make: f.jvp(lambda x, y: (x * y, x.sum()), (make(X), make(Y)), (make(Y), make(X))),
    "func.vjp of one tuple": lambda lib, _, f, make: f.vjp(lambda x: (x * 2,), make(X))[1]((make(Y),)),
    "vmap of grad": lambda lib, _, f, make: f.vmap(f.grad(lambda x, y: (x * y).sin().sum()), in_dims=(1, None))(make(W), make(X[:2])),
    "vmap out": lambda lib, _, f, make: f.vmap(lambda x, y: (lib.outer(x, y), x.sum()), out_dims=(2, 0))(make(W), make(W)),
    "vmap negative": lambda lib, _, f, make: f.vmap(lambda x: x * 2, in_dims=-1, out_dims=-1)(make(W)),
    "jacrev of vmap": lambda lib, _, f, make: f.jacrev(f.vmap(lambda x: x.prod()))(make(W)),
}


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # PyTorch's own forward mode
@pytest.mark.parametrize("name", PROGRAMS)
def test_pytorch_agrees(name):
    both(PROGRAMS[name])
