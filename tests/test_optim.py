"""Optimisers and schedulers: against trajectories stored from PyTorch 2.13 (optim_torch.json), against plain NumPy, and
what they promise about state, groups and bad input."""

import copy
import itertools
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from store_optim import OPTIMIZERS, SCHEDULERS, SEEN, rates, trajectory

import tensorgrad
from tensorgrad import optim
from tensorgrad._core import runtime
from tensorgrad._core.kernels import update as kernels
from tensorgrad.optim.muon import orthogonal

STORED = json.loads((Path(__file__).parent / "optim_torch.json").read_text())
NAMES = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"]


def label(value):
    return value if isinstance(value, str) else None


SWITCHES = {"foreach": [*NAMES, "Adafactor"],
            "fused": ["SGD", "Adagrad", "Adam", "AdamW"],
            "capturable": ["Adam", "AdamW", "RMSprop", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"]}


@pytest.mark.parametrize(("switch", "name"), [(switch, name) for switch, names in SWITCHES.items() for name in names])
def test_pytorchs_switches_change_nothing(switch, name):
    """There is one implementation; see below for differentiable."""
    one, two = [trajectory(tensorgrad, name, {**OPTIMIZERS[name][1], switch: on}, tensorgrad.float64) for on in (False, True)]
    assert one == two


def close(got, expected, bound):
    return np.allclose(got, expected, rtol=bound, atol=bound * 1e-2)


@pytest.mark.parametrize(("name", "options", "expected"), STORED["optimizers"], ids=label)
def test_trajectory_equals_torch(name, options, expected):
    got = trajectory(tensorgrad, name, options, tensorgrad.float64)
    assert [len(p) for p in got] == [len(p) for p in expected] and len(got) == len(SEEN)
    assert close(got, expected, 1e-7 if name == "LBFGS" else 1e-9)  # L-BFGS divides by differences of gradients


@pytest.mark.parametrize(("name", "options"), [(name, options[-1]) for name, options in OPTIMIZERS.items()], ids=label)
def test_single_precision_follows_double(name, options):
    single, double = (trajectory(tensorgrad, name, options, d) for d in (tensorgrad.float32, tensorgrad.float64))
    assert close(single[:3], double[:3], 2e-3 if name in ("Muon", "LBFGS") else 1e-4)


@pytest.mark.parametrize(("name", "expected"), STORED["schedulers"], ids=label)
def test_rates_equal_torch(name, expected):
    assert close(rates(tensorgrad, name), expected, 1e-11)


SIZES = [(3, 4), (), (0, 2), (40000,), (5,)]
SGD_OPTIONS = [{"momentum": m, "dampening": d, "weight_decay": w, "nesterov": n, "maximize": x}
               for m, d, w, n, x in itertools.product([0, 0.9], [0, 0.3], [0, 0.1], [False, True], [False, True])
               if not (n and (m == 0 or d))]
ADAM_OPTIONS = [{"weight_decay": w, "amsgrad": a, "maximize": x, "decoupled_weight_decay": d}
                for w, a, x, d in itertools.product([0, 0.1], [False, True], [False, True], [False, True])]


def gradients(rng, arrays):
    return [rng.standard_normal(a.shape) for a in arrays]


def run(make, arrays, steps):
    """The parameters after steps with gradients from a fixed stream."""
    rng = np.random.default_rng(1)
    params = [tensorgrad.tensor(a, requires_grad=True) for a in arrays]
    optimizer = make(params)
    for _ in range(steps):
        for p, g in zip(params, gradients(rng, arrays), strict=True):
            p.grad = tensorgrad.tensor(g)
        optimizer.step()
    return [p.detach().numpy() for p in params]


@pytest.mark.parametrize("options", SGD_OPTIONS, ids=str)
def test_sgd_is_its_definition(options):
    arrays = gradients(np.random.default_rng(0), [np.empty(s) for s in SIZES])
    expected, buffers = [a.copy() for a in arrays], [None] * len(arrays)
    rng = np.random.default_rng(1)
    for _ in range(4):
        for i, g in enumerate(gradients(rng, arrays)):
            g = (-g if options["maximize"] else g) + options["weight_decay"] * expected[i]
            if options["momentum"]:
                old = buffers[i]
                buffers[i] = g if old is None else options["momentum"] * old + (1 - options["dampening"]) * g
                g = g + options["momentum"] * buffers[i] if options["nesterov"] else buffers[i]
            expected[i] = expected[i] - 0.1 * g
    for a, b in zip(run(lambda p: optim.SGD(p, lr=0.1, **options), arrays, 4), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("options", ADAM_OPTIONS, ids=str)
def test_adam_is_its_definition(options):
    arrays = gradients(np.random.default_rng(0), [np.empty(s) for s in SIZES])
    expected = [a.copy() for a in arrays]
    m, v, top = ([np.zeros(a.shape) for a in arrays] for _ in range(3))
    rng = np.random.default_rng(1)
    lr, b1, b2, eps, decay = 0.1, 0.8, 0.95, 1e-6, options["weight_decay"]
    for t in range(1, 5):
        for i, g in enumerate(gradients(rng, arrays)):
            g = -g if options["maximize"] else g
            if options["decoupled_weight_decay"]:
                expected[i] = expected[i] * (1 - lr * decay)
            else:
                g = g + decay * expected[i]
            m[i] = b1 * m[i] + (1 - b1) * g
            v[i] = b2 * v[i] + (1 - b2) * g * g
            top[i] = np.maximum(top[i], v[i])
            second = (top if options["amsgrad"] else v)[i] / (1 - b2 ** t)
            expected[i] = expected[i] - lr * m[i] / (1 - b1 ** t) / (np.sqrt(second) + eps)
    got = run(lambda p: optim.Adam(p, lr=lr, betas=(b1, b2), eps=eps, **options), arrays, 4)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


FACTORED = [(), (5,), (70000,), (3, 4), (2, 3, 50, 41), (1, 90000), (90000, 2), (4, 300, 500)]


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1, "maximize": True},
                                     {"d": 2.0, "eps": (1e-3, 1e-2), "beta2_decay": -0.5}], ids=str)
@pytest.mark.parametrize("shape", FACTORED, ids=str)
def test_adafactor_is_its_definition(shape, options):
    """Blocks of lines, chunks of vectors and batches of matrices against whole arrays."""
    rng = np.random.default_rng(3)
    p, lr = rng.standard_normal(shape), 0.05
    x = tensorgrad.tensor(p, requires_grad=True)
    optimizer = optim.Adafactor([x], lr=lr, **options)
    row, column = np.zeros((*p.shape[:-1], 1)), np.zeros((*p.shape[:-2], 1, *p.shape[-1:]))
    mean = np.zeros(shape)
    least, smallest = options.get("eps", (2.0 ** -52, 1e-3))
    for t in range(1, 4):
        g = rng.standard_normal(shape)
        x.grad = tensorgrad.tensor(g)
        optimizer.step()
        g = -g if options.get("maximize") else g
        fresh = t ** options.get("beta2_decay", -0.8)
        size = max(smallest, np.sqrt((p * p).mean())) * min(lr, t ** -0.5)
        p = p * (1 - lr * options.get("weight_decay", 0))
        if p.ndim > 1:
            row = row + fresh * ((g * g).mean(-1, keepdims=True) - row)
            column = column + fresh * ((g * g).mean(-2, keepdims=True) - column)
            variance = row @ column / np.maximum(row.mean(-2, keepdims=True), least)
        else:
            variance = mean = mean + fresh * (g * g - mean)
        move = g / np.sqrt(np.maximum(variance, least ** 2))
        p = p - size / max(1.0, np.sqrt((move * move).mean()) / options.get("d", 1.0)) * move
    np.testing.assert_allclose(x.detach().numpy(), p, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("kind", ["dead row", "dead column", "tiny", "dead matrix", "nan", "inf", "no least", "huge"])
@pytest.mark.parametrize("shape", [(70, 900), (3, 40, 50)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["single", "double"])
def test_adafactor_where_the_size_of_its_move_is_not_separable(shape, kind, dtype):
    """Second moments below the least one, zeros and what is not finite: the sum is then taken as it stands."""
    rng = np.random.default_rng(2)
    p, g = rng.standard_normal(shape), rng.standard_normal(shape)
    least = {"tiny": 0.3, "no least": 0.0}.get(kind, 2.0 ** -23)
    if kind == "dead row":
        g[..., 3, :] = 0
    elif kind == "dead column":
        g[..., 3] = 0
    elif kind == "dead matrix":
        g[...] = 0
    elif kind in ("nan", "inf"):
        g.flat[77] = float(kind)
    elif kind == "huge":
        g *= 1e15
    x = tensorgrad.tensor(p.astype(dtype), requires_grad=True)
    optimizer = optim.Adafactor([x], lr=0.05, eps=(least, 1e-3))
    x.grad = tensorgrad.tensor(g.astype(dtype))
    optimizer.step()
    row, column = (g * g).mean(-1, keepdims=True), (g * g).mean(-2, keepdims=True)
    with np.errstate(all="ignore"):
        move = g / np.sqrt(np.maximum(row @ column / np.maximum(row.mean(-2, keepdims=True), least), least ** 2))
        expected = p - 0.05 * np.sqrt((p * p).mean()) / max(1.0, np.sqrt((move * move).mean())) * move
    if kind == "inf":  # infinity over infinity
        assert np.isnan(x.detach().numpy().flat[77])
    else:
        np.testing.assert_allclose(x.detach().numpy(), expected, rtol=1e-11 if dtype is np.float64 else 2e-4, atol=1e-13 if dtype is
                                   np.float64 else 2e-6)


def plain_orthogonal(matrix, coefficients, steps, eps):
    """Muon's iteration as operations on tensors."""
    def half(x):
        return x.bfloat16().float()

    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    x = half(matrix.T if tall else matrix)
    x = half(x / half(x.norm()).clamp(min=eps))
    for _ in range(steps):
        gram = half(x @ x.T)
        x = half(a * x + half(b * gram + c * (gram @ gram)) @ x)
    return x.T if tall else x


@pytest.fixture(params=runtime.isas_available())
def isa(request):
    before = runtime.isa()
    runtime.select_isa(request.param)
    yield
    runtime.select_isa(before)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (16, 2), (100, 37), (150, 200), (7, 1000), (40, 5000), (130, 520)], ids=str)
@pytest.mark.usefixtures("isa")
def test_muons_iteration_in_place_has_the_bits_of_the_operations(shape):
    """Where the CPU multiplies bfloat16, too: pairs are added in the order of single steps. (Sums of more than 512 steps are cut at
    the same places if the pieces' length is even.)"""
    tensorgrad.manual_seed(3)
    arguments = (3.4445, -4.775, 2.0315), 5, 1e-7
    for dtype in (tensorgrad.float32, tensorgrad.float64, tensorgrad.bfloat16):
        rows, columns = tensorgrad.randn(*shape).to(dtype), tensorgrad.randn(*shape[::-1]).to(dtype).T
        for matrix in (rows, columns, tensorgrad.zeros(*shape, dtype=dtype)):
            expected, got = plain_orthogonal(matrix, *arguments), orthogonal(matrix.clone(), *arguments)
            assert got.dtype is expected.dtype and (got == expected).all()


@pytest.mark.usefixtures("isa")
def test_muons_iteration_lets_what_is_not_finite_show():
    arguments = (3.4445, -4.775, 2.0315), 5, 1e-7
    for value in (math.nan, math.inf):
        matrix = tensorgrad.ones(40, 70)
        matrix[3, 5] = value
        assert not orthogonal(matrix.clone(), *arguments).isfinite().any()
        kernels.newton_schulz(matrix, 1, *arguments[0])  # an infinite norm would have hidden the infinity
        assert not matrix[3].isfinite().any()


def test_muon_steps_through_views_and_other_dtypes():
    """The two passes around the iteration bring what is not contiguous or is half as wide into the kernels' form, and back."""
    rng = np.random.default_rng(5)
    values, g = rng.standard_normal((6, 4)), rng.standard_normal((6, 4))
    results = []
    for make in (lambda a: tensorgrad.tensor(a), lambda a: tensorgrad.tensor(np.ascontiguousarray(a.T)).T):
        x = make(values).requires_grad_()
        optimizer = optim.Muon([x], lr=0.1)
        for _ in range(3):
            x.grad = make(g)
            optimizer.step()
        results.append(x.detach().numpy())
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)
    half = tensorgrad.tensor(values).half().requires_grad_()
    optimizer = optim.Muon([half], lr=0.1)
    half.grad = tensorgrad.tensor(g).half()
    before = half.detach().clone()
    optimizer.step()
    assert half.dtype is tensorgrad.float16 and 1e-3 < (half.detach() - before).abs().max().item() < 1
    assert optimizer.state[half]["momentum_buffer"].dtype is tensorgrad.float16


def test_a_state_that_does_not_fit_is_an_error():
    x = tensorgrad.ones(3, 4, requires_grad=True)
    optimizer = optim.Adafactor([x])
    x.grad = tensorgrad.ones(3, 4)
    optimizer.step()
    optimizer.state[x]["row_var"] = tensorgrad.ones(5, 1)
    before = x.detach().clone()
    with pytest.raises(RuntimeError, match="does not fit"):
        optimizer.step()
    assert (x.detach() == before).all()


@pytest.mark.parametrize("name", [*NAMES, "Adafactor", "Muon"])
def test_bits_do_not_depend_on_threads(name):
    shapes = [(50, 700), (300, 900)] + ([] if name == "Muon" else [(70000,), (3,)])
    arrays = gradients(np.random.default_rng(0), [np.empty(s) for s in shapes])
    before = tensorgrad.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3, 8):
            tensorgrad.set_num_threads(threads)
            results.append([a.tobytes() for a in run(lambda p: getattr(optim, name)(p, lr=0.01), arrays, 3)])
    finally:
        tensorgrad.set_num_threads(before)
    assert all(r == results[0] for r in results)


def trained(name, steps=3, **options):
    tensorgrad.manual_seed(0)
    params = [tensorgrad.rand(3, 2, requires_grad=True), tensorgrad.rand(4, requires_grad=True)]
    optimizer = getattr(optim, name)([{"params": params[:1]}, {"params": params[1:], "lr": 0.05}], lr=0.1, **options)
    for _ in range(steps):
        for p in params:
            p.grad = tensorgrad.rand_like(p)
        optimizer.step()
    return params, optimizer


@pytest.mark.parametrize("name", NAMES)
def test_state_dict_goes_on(name):
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    params, optimizer = trained(name, **options)
    state = pickle.loads(pickle.dumps(optimizer.state_dict()))
    twins = [p.detach().clone().requires_grad_() for p in params]
    other = getattr(optim, name)([{"params": twins[:1]}, {"params": twins[1:]}], lr=7.0, **options)
    other.load_state_dict(state)
    assert [g["lr"] for g in other.param_groups] == [0.1, 0.05]
    for _ in range(3):
        for p, q in zip(params, twins, strict=True):
            p.grad = tensorgrad.rand_like(p)
            q.grad = p.grad.clone()
        optimizer.step()
        other.step()
    assert [p.tolist() for p in params] == [q.tolist() for q in twins]
    assert "lr: 0.1" in repr(other)


def test_load_state_dict_is_all_or_nothing():
    _, optimizer = trained("Adam")
    before = copy.deepcopy(optimizer.state_dict())
    broken = copy.deepcopy(before)
    broken["state"][1]["exp_avg"] = tensorgrad.zeros(9)
    broken["param_groups"][0]["lr"] = 5.0
    missing = copy.deepcopy(before)
    missing["param_groups"].pop()
    for bad in (broken, missing):
        with pytest.raises(ValueError):
            optimizer.load_state_dict(bad)
        assert str(optimizer.state_dict()) == str(before)


def test_a_bad_gradient_stops_the_whole_step():
    params, optimizer = trained("Adam")
    params[0].grad = tensorgrad.ones(3, 2)
    params[1].grad = tensorgrad.ones(4)
    before = [p.tolist() for p in params]
    optimizer.state[params[1]]["exp_avg"] = tensorgrad.zeros(9)
    optimizer.param_groups[0]["params"], optimizer.param_groups[1]["params"] = params, []
    with pytest.raises(RuntimeError):
        optimizer.step()
    assert [p.tolist() for p in params] == before and float(optimizer.state[params[0]]["step"]) == 3


def test_params_without_gradient_stay():
    w, b = tensorgrad.ones(2, requires_grad=True), tensorgrad.ones(2, requires_grad=True)
    optimizer = optim.Adam([w, b], lr=0.5)
    (w * 2).sum().backward()
    optimizer.step()
    assert b.tolist() == [1.0, 1.0] and close(w.tolist(), 0.5, 1e-6) and b not in optimizer.state


@pytest.mark.parametrize("dtype", [tensorgrad.float16, tensorgrad.bfloat16])
def test_half_parameters(dtype):
    w = tensorgrad.ones(3).to(dtype).requires_grad_()
    w.grad = tensorgrad.ones(3).to(dtype)
    optimizer = optim.Adam([w], lr=0.5)
    optimizer.step()
    assert w.dtype is dtype and w.tolist() == [0.5] * 3 and optimizer.state[w]["exp_avg"].dtype is dtype


def test_strided_parameters():
    memory = tensorgrad.ones(3, 4)
    w = memory.t().detach().requires_grad_()
    w.grad = tensorgrad.arange(12.0).view(4, 3)
    optim.SGD([w], lr=1.0, momentum=0.9).step()
    assert w.tolist() == (1 - tensorgrad.arange(12.0).view(4, 3)).tolist() and memory.t().tolist() == w.tolist()


def test_step_invalidates_saved_values():
    w = tensorgrad.ones(2, requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="in-place"):
        loss.backward()


def test_closure_zero_grad_and_hooks():
    w = tensorgrad.ones(1, requires_grad=True)
    optimizer = optim.SGD([w], lr=0.25)
    seen = []
    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append("pre"))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append("post"))

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with tensorgrad.no_grad():
        assert float(optimizer.step(closure)) == 1.0
    before.remove()
    optimizer.step()
    assert seen == ["pre", "post", "post"] and w.item() == 0.0
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert w.grad is None


def test_plateau_lambda_and_combinations():
    def optimizer():
        return optim.SGD([tensorgrad.ones(2, requires_grad=True)], lr=0.3)

    def rates(o, scheduler, n, *metrics):
        out = []
        for i in range(n):
            out.append(round(o.param_groups[0]["lr"], 9))
            scheduler.step(*(m[i] for m in metrics))
        return out

    s = optim.lr_scheduler
    o = optimizer()
    assert rates(o, s.ReduceLROnPlateau(o, patience=1, cooldown=1), 8, [5, 4, 4, 4, 4, 4, 4, 4]) == [
        0.3, 0.3, 0.3, 0.3, 0.03, 0.03, 0.03, 0.003]
    o = optimizer()
    assert rates(o, s.LambdaLR(o, lambda epoch: 1 / (1 + epoch)), 3) == [0.3, 0.15, 0.1]
    o = optimizer()
    assert rates(o, s.MultiplicativeLR(o, lambda epoch: 0.5), 3) == [0.3, 0.15, 0.075]
    o = optimizer()
    chain = s.SequentialLR(o, [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)], [3])
    assert rates(o, chain, 6) == [0.03, 0.03, 0.3, 0.3, 0.27, 0.243]
    o = optimizer()
    both = s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)])
    assert rates(o, both, 4) == [0.03, 0.027, 0.243, 0.2187]
    o = optimizer()
    first = s.StepLR(o, 2)
    first.step()
    second = s.StepLR(optimizer(), 9)
    second.load_state_dict(first.state_dict())
    assert second.step_size == 2 and second.last_epoch == 1


def rosenbrock(optimizer, x):
    def closure():
        optimizer.zero_grad()
        loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        loss.backward()
        return loss

    return closure


@pytest.mark.parametrize("make", [
    lambda s: s.StepLR(1, 2), lambda s: s.LambdaLR(1, float), lambda s: s.MultiplicativeLR(1, float), lambda s: s.ReduceLROnPlateau(1),
    lambda s: s.OneCycleLR(1, 0.1, total_steps=3), lambda s: s.CyclicLR(1, 0.1, 0.2), lambda s: optim.swa_utils.SWALR(1, 0.1)])
def test_a_schedule_takes_an_optimizer_alone(make):
    with pytest.raises(TypeError, match="int is not an Optimizer"):
        make(optim.lr_scheduler)


@pytest.mark.parametrize("make", [optim.NonlinearCG, lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe")])
def test_closure_optimizers_find_the_minimum(make):
    x = tensorgrad.tensor([1.2, 0.7, 0.5, 2.0], dtype=tensorgrad.float64, requires_grad=True)
    optimizer = make([x])
    closure = rosenbrock(optimizer, x)
    losses = [optimizer.step(closure).item() for _ in range(12)]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 1e-8 and close(x.tolist(), 1.0, 1e-4)
    with pytest.raises(TypeError):
        optimizer.step()


def test_conjugate_gradients_solve_a_system_in_as_many_steps_as_it_has_unknowns():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((6, 6))
    a, b = root @ root.T + np.eye(6), rng.standard_normal(6)
    x = tensorgrad.zeros(6, dtype=tensorgrad.float64, requires_grad=True)
    optimizer = optim.NonlinearCG([x], max_iter=6, max_eval=1000)
    matrix, right = tensorgrad.tensor(a), tensorgrad.tensor(b)

    def closure():
        optimizer.zero_grad()
        loss = (x @ matrix @ x) / 2 - right @ x
        loss.backward()
        return loss

    optimizer.step(closure)
    expected = np.linalg.solve(a, b)
    assert np.abs(x.detach().numpy() - expected).max() < 0.05 * np.abs(expected).max()


def test_a_closure_optimizer_has_one_group():
    groups = [{"params": [tensorgrad.ones(2, requires_grad=True)]}, {"params": [tensorgrad.ones(2, requires_grad=True)]}]
    for name in ("LBFGS", "NonlinearCG"):
        with pytest.raises(ValueError, match="parameter groups"):
            getattr(optim, name)(groups)


@pytest.mark.parametrize("name", ["LBFGS", "NonlinearCG", "Adafactor", "Muon"])
def test_state_of_the_optimizers_in_python_round_trip(name):
    def make():
        tensorgrad.manual_seed(3)
        x = tensorgrad.rand(3, 2, requires_grad=True)
        optimizer = getattr(optim, name)([x], lr=0.1)
        return x, optimizer, rosenbrock(optimizer, x)

    x, optimizer, closure = make()
    for _ in range(2):
        optimizer.step(closure)
    y, twin, other = make()
    y.data.copy_(x.data)
    twin.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    for _ in range(2):
        optimizer.step(closure)
        twin.step(other)
    assert x.tolist() == y.tolist()


DIFFERENTIABLE = [(name, options) for name, all_options in OPTIMIZERS.items() if name in NAMES
                  for options in [*all_options[::5], all_options[-2]]]


def recorded(name, options, p, gradients, differentiable=True):
    """The parameter after a step with each gradient."""
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    p = p.clone() if differentiable else p.detach().clone().requires_grad_()
    optimizer = getattr(optim, name)([p], differentiable=differentiable, **options)
    for g in gradients:
        p.grad = g if differentiable else g.detach()
        optimizer.step()
    return p


@pytest.mark.parametrize(("name", "options"), DIFFERENTIABLE, ids=str)
def test_kernels_equal_the_formulas_of_differentiable_steps(name, options):
    tensorgrad.manual_seed(2)
    p = (tensorgrad.rand(3, 2, dtype=tensorgrad.float64) - 0.5).requires_grad_()
    gradients = [tensorgrad.rand(3, 2, dtype=tensorgrad.float64) - 0.5 for _ in range(8)]
    got = recorded(name, options, p, gradients)
    assert got.requires_grad and close(got.tolist(), recorded(name, options, p, gradients, False).tolist(), 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_steps_have_gradients(name):
    tensorgrad.manual_seed(4)
    p, *gradients = [(tensorgrad.rand(3, dtype=tensorgrad.float64) + 0.2).requires_grad_() for _ in range(3)]
    options = {"momentum": 0.9, "nesterov": True} if name == "SGD" else {}
    assert tensorgrad.autograd.gradcheck(lambda p, *g: recorded(name, options, p, g), (p, *gradients))


def test_the_rate_can_be_learned():
    rate = tensorgrad.tensor(0.1, dtype=tensorgrad.float64, requires_grad=True)
    w = tensorgrad.ones(2, dtype=tensorgrad.float64, requires_grad=True)
    recorded("SGD", {"lr": rate}, w, [tensorgrad.tensor([2.0, 3.0], dtype=tensorgrad.float64)]).sum().backward()
    assert rate.grad.item() == -5.0 and w.grad.tolist() == [1.0, 1.0]


def test_a_step_hook_may_replace_the_arguments():
    w = tensorgrad.ones(1, requires_grad=True)
    optimizer = optim.SGD([w], lr=0.25)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((args[0], lambda: 7.0), kwargs))
    assert optimizer.step() == 7.0
    optimizer.register_step_pre_hook(lambda o, args, kwargs: "no")
    with pytest.raises(RuntimeError, match="tuple"):
        optimizer.step()


def test_an_optimizer_of_ones_own():
    class Sign(optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        @tensorgrad.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad.sign(), alpha=-group["lr"])
                    self.state[p]["rows"] = p.grad.sum(0)

    w = tensorgrad.ones(3, 2, requires_grad=True)
    optimizer, seen = Sign([w]), []
    optimizer.register_step_post_hook(lambda *args: seen.append(args[1]))
    (w * w).sum().backward()
    optimizer.step()
    assert close(w.tolist(), 0.9, 1e-6) and seen == [(optimizer,)]
    twin = Sign([w.detach().clone().requires_grad_()])
    twin.load_state_dict(optimizer.state_dict())
    assert next(iter(twin.state.values()))["rows"].tolist() == [6.0, 6.0]


def test_a_rate_in_a_tensor_stays_one():
    rate = tensorgrad.tensor(0.5)
    w = tensorgrad.ones(1, requires_grad=True)
    optimizer = optim.SGD([w], lr=rate)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    w.grad = tensorgrad.ones(1)
    optimizer.step()
    before = scheduler.get_last_lr()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is rate and rate.item() == 0.25 and w.item() == 0.5
    assert before[0].item() == 0.5 and scheduler.get_last_lr()[0].item() == 0.25


def test_inverse_time_and_piecewise_constant():
    def rates_of(make, n):
        optimizer = optim.SGD([tensorgrad.ones(2, requires_grad=True)], lr=0.6)
        scheduler, out = make(optimizer), []
        for _ in range(n):
            out.append(optimizer.param_groups[0]["lr"])
            scheduler.step()
        return out

    s = optim.lr_scheduler
    assert close(rates_of(lambda o: s.InverseTimeLR(o, 0.5), 4), [0.6, 0.4, 0.3, 0.24], 1e-12)
    assert close(rates_of(lambda o: s.InverseTimeLR(o, 1.0, 2), 3), [0.6, 0.4, 0.3], 1e-12)
    assert close(rates_of(lambda o: s.InverseTimeLR(o, 1.0, 2, staircase=True), 5), [0.6, 0.6, 0.3, 0.3, 0.2], 1e-12)
    assert close(rates_of(lambda o: s.PiecewiseConstantLR(o, [1, 3], [1, 0.5, 0.1]), 5), [0.6, 0.3, 0.3, 0.06, 0.06], 1e-12)


@pytest.mark.parametrize("name", [n for n in SCHEDULERS if n not in ("sequential", "nested", "chained", "plateau", "lambda",
                                                                      "multiplicative", "cyclic own")])
def test_a_scheduler_goes_on_from_its_state(name):
    def make():
        optimizer = optim.SGD([tensorgrad.ones(2, requires_grad=True)], lr=0.3, momentum=0.8)
        return optimizer, SCHEDULERS[name](optim.lr_scheduler, optimizer)

    def go(optimizer, scheduler, n):
        for _ in range(n):
            scheduler.step(*([1.0] if "plateau" in name else []))
        return [dict(g, params=None) for g in optimizer.param_groups]

    one, two = make(), make()
    go(*one, 33)
    two[0].load_state_dict(copy.deepcopy(one[0].state_dict()))
    two[1].load_state_dict(copy.deepcopy(one[1].state_dict()))
    assert go(*one, 20) == go(*two, 20)


def leaf():
    return tensorgrad.ones(2, requires_grad=True)


BAD = {
    "empty": (ValueError, lambda: optim.SGD([], lr=0.1)),
    "tensor": (TypeError, lambda: optim.SGD(leaf(), lr=0.1)),
    "no tensor": (TypeError, lambda: optim.Adam([3])),
    "set": (TypeError, lambda: optim.Adam([{"params": {leaf()}}])),
    "non-leaf": (ValueError, lambda: optim.SGD([leaf() * 2], lr=0.1)),
    "lr": (ValueError, lambda: optim.SGD([leaf()], lr=-0.1)),
    "lr nan": (ValueError, lambda: optim.Adam([leaf()], lr=math.nan)),
    "momentum": (ValueError, lambda: optim.SGD([leaf()], momentum=-1)),
    "decay": (ValueError, lambda: optim.SGD([leaf()], weight_decay=-1)),
    "nesterov": (ValueError, lambda: optim.SGD([leaf()], nesterov=True)),
    "beta": (ValueError, lambda: optim.Adam([leaf()], betas=(1.0, 0.9))),
    "beta 2": (ValueError, lambda: optim.AdamW([leaf()], betas=(0.9, math.nan))),
    "eps": (ValueError, lambda: optim.RMSprop([leaf()], eps=-1)),
    "rho": (ValueError, lambda: optim.Adadelta([leaf()], rho=2)),
    "etas": (ValueError, lambda: optim.Rprop([leaf()], etas=(1.5, 1.2))),
    "lr tensor": (ValueError, lambda: optim.SGD([leaf()], lr=tensorgrad.ones(2))),
    "no matrix": (ValueError, lambda: optim.Muon([leaf()])),
    "adjust": (ValueError, lambda: optim.Muon([leaf()], adjust_lr_fn="no")),
    "beta2 decay": (ValueError, lambda: optim.Adafactor([leaf()], beta2_decay=0.1)),
    "threshold": (ValueError, lambda: optim.Adafactor([leaf()], d=0.5)),
    "eps pair": (ValueError, lambda: optim.Adafactor([leaf()], eps=(None, math.nan))),
    "line search": (ValueError, lambda: optim.LBFGS([leaf()], line_search_fn="armijo")),
    "no history": (ValueError, lambda: optim.LBFGS([leaf()], history_size=0)),  # PyTorch: IndexError in the second step
    "lbfgs lr": (ValueError, lambda: optim.LBFGS([leaf()], lr=math.nan)),
    "inverse": (ValueError, lambda: optim.lr_scheduler.InverseTimeLR(optim.SGD([leaf()]), -1)),
    "inverse steps": (ValueError, lambda: optim.lr_scheduler.InverseTimeLR(optim.SGD([leaf()]), 1, 0)),
    "pieces": (ValueError, lambda: optim.lr_scheduler.PiecewiseConstantLR(optim.SGD([leaf()]), [3], [1])),
    "pieces fall": (ValueError, lambda: optim.lr_scheduler.PiecewiseConstantLR(optim.SGD([leaf()]), [3, 2], [1, 2, 3])),
    "plateau in a chain": (ValueError, lambda: optim.lr_scheduler.ChainedScheduler(
        [optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf()]))])),
    "no optimizer": (TypeError, lambda: optim.lr_scheduler.StepLR(3, 1)),
    "factor": (ValueError, lambda: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf()]), factor=1.0)),
    "one cycle": (ValueError, lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()], momentum=0.9), 0.1)),
    "one cycle factor": (ValueError, lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()], momentum=0.9), 0.1, 5, div_factor=0)),
    "cosine": (ValueError, lambda: optim.lr_scheduler.CosineAnnealingLR(optim.SGD([leaf()]), 0)),
    "triangles": (ValueError, lambda: optim.lr_scheduler.CyclicLR(optim.SGD([leaf()], momentum=0.9), 0.1, 0.2, step_size_up=0)),
    "two implementations": (tensorgrad.ArgumentError, lambda: optim.SGD([leaf()], fused=True, foreach=True)),
    "resume": (KeyError, lambda: optim.lr_scheduler.StepLR(optim.SGD([leaf()]), 1, last_epoch=3)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    error, call = BAD[name]
    with pytest.raises(error):
        call()


def test_a_refused_cycle_changes_nothing():
    optimizer = optim.SGD([leaf()], lr=0.5, momentum=0.25)
    for options in ({"max_lr": [1, 2]}, {"max_lr": 1, "max_momentum": [1, 2]}):
        with pytest.raises(ValueError, match="expected 1 values"):
            optim.lr_scheduler.CyclicLR(optimizer, 0.1, **options)
        assert optimizer.param_groups[0]["lr"] == 0.5 and optimizer.param_groups[0]["momentum"] == 0.25


def test_update_bn_leaves_the_model_as_it_was_after_an_error():
    norm = tensorgrad.nn.BatchNorm1d(2, momentum=0.5).eval()
    with pytest.raises(RuntimeError):
        optim.swa_utils.update_bn([tensorgrad.ones(3, 2), tensorgrad.ones(3, 4)], norm)
    assert norm.momentum == 0.5 and not norm.training


def test_duplicates_change_nothing():
    w, v = leaf(), leaf()
    with pytest.raises(ValueError):
        optim.SGD([w, w], lr=0.1)
    optimizer = optim.SGD([w], lr=0.1)
    with pytest.raises(ValueError):
        optimizer.add_param_group({"params": [v, w]})
    assert len(optimizer.param_groups) == 1
    optimizer.add_param_group({"params": v, "lr": 0.5})
    assert [g["lr"] for g in optimizer.param_groups] == [0.1, 0.5]
