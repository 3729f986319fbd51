"""Layers, losses and machines that PyTorch does not have, against their definitions."""

import math

import numpy as np
import pytest

import tensorgrad
from tensorgrad import nn, optim
from tensorgrad.nn import functional as F

DOUBLE = tensorgrad.float64


def gradcheck(function, *shapes):
    tensorgrad.manual_seed(1)
    return tensorgrad.autograd.gradcheck(function, [tensorgrad.randn(*s, dtype=DOUBLE, requires_grad=True) for s in shapes])


def test_maxout_is_the_maximum_of_linear_functions():
    layer, x = nn.Maxout(3, 2, pieces=4, dtype=DOUBLE), tensorgrad.randn(5, 3, dtype=DOUBLE)
    w, b = layer.linear.weight.detach().numpy(), layer.linear.bias.detach().numpy()
    expected = (x.numpy() @ w.T + b).reshape(5, 2, 4).max(-1)
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-12)
    assert gradcheck(layer, (4, 3)) and repr(layer).startswith("Maxout(\n  3, 2, pieces=4")
    with pytest.raises(ValueError, match="pieces"):
        nn.Maxout(3, 2, pieces=0)


def test_dropconnect_drops_weights():
    layer = nn.DropConnect(nn.Linear(50, 40, bias=False), p=0.25)
    x = tensorgrad.eye(50)
    with tensorgrad.no_grad():
        layer.layer.weight.fill_(3.0)
    dropped = layer(x)
    assert {round(v, 4) for v in dropped.flatten().tolist()} == {0.0, 4.0}
    assert 0.2 < (dropped == 0).float().mean().item() < 0.3
    dropped.sum().backward()  # of the weights that took part only
    assert ((layer.layer.weight.grad.t() == 0) == (dropped == 0)).all().item()
    assert isinstance(layer.layer.weight, nn.Parameter) and layer.eval()(x).unique().tolist() == [3.0]
    for call in (lambda: nn.DropConnect(nn.Linear(2, 2), p=2), lambda: nn.DropConnect(nn.Linear(2, 2), name="other")):
        with pytest.raises(ValueError, match="DropConnect"):
            call()
    broken = nn.DropConnect(nn.Linear(2, 2))
    weight = broken.layer.weight
    with pytest.raises(RuntimeError):
        broken(tensorgrad.ones(3))
    assert broken.layer.weight is weight


def test_rbf():
    layer, x = nn.RBF(3, 2, dtype=DOUBLE), tensorgrad.randn(4, 3, dtype=DOUBLE)
    with tensorgrad.no_grad():
        layer.gamma.copy_(tensorgrad.tensor([0.5, 2.0]))
    away = x.numpy()[:, None] - layer.centres.detach().numpy()
    np.testing.assert_allclose(layer(x).detach().numpy(), np.exp(-np.array([0.25, 4.0]) * (away**2).sum(-1)), rtol=1e-12)
    assert gradcheck(layer, (4, 3))
    with pytest.raises(ValueError, match="RBF"):
        layer(tensorgrad.ones(2))


LOSSES = [(nn.LogCoshLoss, lambda x, y: np.log(np.cosh(x - y))), (nn.MSLELoss,
          lambda x, y: (np.log1p(x) - np.log1p(y)) ** 2), (nn.HingeLoss, lambda x, y: np.maximum(0, 1 - x * y)),
          (lambda reduction: nn.HingeLoss(0.5, True, reduction), lambda x, y: np.maximum(0, 0.5 - x * y) ** 2)]


@pytest.mark.parametrize(("make", "definition"), LOSSES)
def test_losses(make, definition):
    tensorgrad.manual_seed(0)
    x, y = tensorgrad.rand(3, 4, dtype=DOUBLE), tensorgrad.rand(3, 4, dtype=DOUBLE)
    each = definition(x.numpy(), y.numpy())
    for reduction, expected in (("none", each), ("mean", each.mean()), ("sum", each.sum())):
        np.testing.assert_allclose(make(reduction=reduction)(x, y).numpy(), expected, rtol=1e-10, atol=1e-15)
    assert tensorgrad.autograd.gradcheck(lambda x: make(reduction="sum")(x, y), [x.requires_grad_()])
    with pytest.raises(ValueError, match="same"):
        make(reduction="mean")(x, y[0])
    with pytest.raises(ValueError, match="reduction"):
        make(reduction="max")


def test_losses_far_away_and_at_zero():
    x = tensorgrad.tensor([800.0, -800.0], requires_grad=True)
    loss = nn.LogCoshLoss(reduction="sum")(x, tensorgrad.zeros(2))
    loss.backward()
    assert loss.item() == pytest.approx(2 * (800 - math.log(2))) and x.grad.tolist() == [1.0, -1.0]
    assert nn.RMSELoss()(tensorgrad.tensor([3.0, 5.0]), tensorgrad.tensor([0.0, 1.0])).item() == pytest.approx(12.5**0.5)
    same = tensorgrad.ones(3, requires_grad=True)
    nn.RMSELoss()(same, tensorgrad.ones(3)).backward()
    assert same.grad.tolist() == [0, 0, 0] and gradcheck(lambda x: nn.RMSELoss(0.1)(x, x.detach() * 0), (3, 2))


# ---- Boltzmann machines ----

def states(n):
    return [[i >> k & 1 for k in range(n)] for i in range(2**n)]


def small():
    tensorgrad.manual_seed(3)
    rbm = nn.RBM(3, 2, dtype=DOUBLE)
    with tensorgrad.no_grad():
        for p in rbm.parameters():
            p.normal_(0, 1)
    return rbm


def test_free_energy_sums_over_the_hidden_states():
    rbm = small()
    w, a, b = (p.detach().numpy() for p in (rbm.weight, rbm.visible_bias, rbm.hidden_bias))
    for v in states(3):
        joint = [np.exp(a @ v + b @ h + h @ w @ v) for h in np.array(states(2))]
        given = rbm(tensorgrad.tensor([v], dtype=DOUBLE))
        assert rbm.free_energy(tensorgrad.tensor([v], dtype=DOUBLE)).item() == pytest.approx(-np.log(sum(joint)), rel=1e-9)
        assert given.tolist()[0] == pytest.approx((np.array(joint) @ states(2) / sum(joint)).tolist(), rel=1e-9)


def test_contrastive_divergence_is_the_gradient_of_the_loss():
    rbm, v = small(), tensorgrad.tensor(states(3), dtype=DOUBLE)
    tensorgrad.manual_seed(5)
    rbm.loss(v, k=2).backward()
    by_loss = [p.grad.tolist() for p in rbm.parameters()]
    rbm.zero_grad()
    tensorgrad.manual_seed(5)
    rbm.contrastive_divergence(v, k=2)
    for a, p in zip(by_loss, rbm.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), a, rtol=1e-9, atol=1e-12)


def test_gibbs_sampling_reaches_the_distribution():
    rbm = small()
    v = rbm.gibbs(tensorgrad.zeros(20000, 3, dtype=DOUBLE), k=20)
    every = tensorgrad.tensor(states(3), dtype=DOUBLE)
    wanted = (-rbm.free_energy(every)).softmax(0)
    code = (v @ tensorgrad.tensor([1.0, 2.0, 4.0], dtype=DOUBLE)).long().bincount(minlength=8).double() / 20000
    assert (code - wanted).abs().max().item() < 0.015


def test_training_learns_two_patterns():
    tensorgrad.manual_seed(0)
    data = tensorgrad.tensor([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]).repeat(20, 1)
    rbm = nn.RBM(6, 4)
    step = optim.SGD(rbm.parameters(), lr=0.2, momentum=0.5)
    chain, before = tensorgrad.rand(40, 6).bernoulli(), F.mse_loss(rbm.reconstruct(data), data).item()
    for epoch in range(300):
        step.zero_grad()
        rbm.contrastive_divergence(data, persistent=chain if epoch % 2 else None)
        step.step()
    noisy = tensorgrad.tensor([[1.0, 0, 1, 0, 0, 0]])
    assert F.mse_loss(rbm.reconstruct(data), data).item() < before / 10
    assert rbm.reconstruct(noisy).round().tolist() == [[1, 1, 1, 0, 0, 0]]


def test_deep_belief_net():
    tensorgrad.manual_seed(0)
    data = tensorgrad.tensor([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]).repeat(20, 1)
    net = nn.DBN([6, 5, 3])
    history = net.pretrain([data[:20], data[20:]], epochs=100, optimizer=lambda p: optim.SGD(p, lr=0.5))
    assert [len(h) for h in history] == [100, 100] and history[0][-1] < history[0][0] / 4
    network = net.to_network()
    np.testing.assert_allclose(network(data).detach().numpy(), net(data).detach().numpy(), rtol=1e-5)
    assert net.to_network(classes=2)[-1].out_features == 2 and net.generate(7, steps=3).shape == (7, 6)
    for call in (lambda: nn.DBN([3]), lambda: nn.RBM(0, 3), lambda: net(tensorgrad.ones(2, 5))):
        with pytest.raises(ValueError, match=r"DBN|RBM"):
            call()
