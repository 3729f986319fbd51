"""nn.utils: clipping of gradients, parameters as one vector, parametrizations, packed sequences.

The values of weight norm, spectral norm, orthogonal weights and pruning are held against PyTorch's in test_nn_torch.py.
"""

import copy

import pytest

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn.utils import (
    clip_grad_norm_,
    clip_grad_value_,
    parameters_to_vector,
    parametrizations,
    parametrize,
    rnn,
    vector_to_parameters,
)


def test_vector_of_parameters():
    a, b = nn.Parameter(tensorgrad.ones(2)), nn.Parameter(tensorgrad.zeros(1, 3))
    vector = parameters_to_vector([a, b])
    assert vector.tolist() == [1, 1, 0, 0, 0] and vector.requires_grad
    vector_to_parameters(vector.detach() + 2, [a, b])
    assert a.tolist() == [3, 3] and b.tolist() == [[2, 2, 2]] and b.requires_grad and b.is_leaf
    with pytest.raises(RuntimeError):
        vector_to_parameters(tensorgrad.ones(3), [a, b])


def test_clipping():
    w, v = nn.Parameter(tensorgrad.ones(1)), nn.Parameter(tensorgrad.ones(1))
    unused = nn.Parameter(tensorgrad.ones(1))
    (w * 3 + v * 4).sum().backward()
    parameters = [w, v, unused]
    assert clip_grad_norm_(parameters, 1.0).item() == pytest.approx(5.0)
    assert [w.grad.item(), v.grad.item()] == pytest.approx([0.6, 0.8], rel=1e-5) and unused.grad is None
    assert clip_grad_norm_(parameters, 10.0, norm_type=float("inf")).item() == pytest.approx(0.8, rel=1e-5)
    assert clip_grad_norm_(iter(parameters), 10.0, norm_type=1).item() == pytest.approx(1.4, rel=1e-5)
    assert [w.grad.item(), v.grad.item()] == pytest.approx([0.6, 0.8], rel=1e-5)
    clip_grad_value_(parameters, 0.7)
    assert [w.grad.item(), v.grad.item()] == pytest.approx([0.6, 0.7], rel=1e-5)
    assert clip_grad_norm_(unused, 1.0).item() == 0
    w.grad.fill_(float("nan"))
    with pytest.raises(RuntimeError, match="non-finite"):
        clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)


# ---- parametrizations ----

class Triangle(nn.Module):
    """The lower triangle, and its transpose above."""

    def forward(self, x):
        return x.tril() + x.tril(-1).T

    def right_inverse(self, x):
        return x.tril()


class Half(nn.Module):
    def forward(self, x):
        return x / 2


def test_parametrizations_chain_cache_and_go_away():
    layer = nn.Linear(3, 3)
    weight = layer.weight
    parametrize.register_parametrization(layer, "weight", Triangle())
    assert type(layer).__name__ == "ParametrizedLinear" and parametrize.type_before_parametrizations(layer) is nn.Linear
    assert layer.parametrizations.weight.original is weight and parametrize.is_parametrized(layer, "weight")
    assert (layer.weight == layer.weight.T).all().item() and not parametrize.is_parametrized(layer, "bias")
    layer.weight = tensorgrad.ones(3, 3)
    assert layer.weight.tolist() == [[1.0] * 3] * 3 and weight.tolist()[0] == [1, 0, 0]
    parametrize.register_parametrization(layer, "weight", Half())
    layer(tensorgrad.ones(2, 3)).sum().backward()
    assert layer.weight.tolist() == [[0.5] * 3] * 3 and weight.grad is not None
    with pytest.raises(RuntimeError, match="right_inverse"):
        layer.weight = tensorgrad.ones(3, 3)
    assert layer.weight is not layer.weight
    with parametrize.cached():
        assert layer.weight is layer.weight
    twin = copy.deepcopy(layer)
    twin.load_state_dict(layer.state_dict())
    assert twin.weight.tolist() == layer.weight.tolist() and twin.parametrizations.weight.original is not weight
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear and layer.weight is weight and weight.tolist() == [[0.5] * 3] * 3
    assert list(layer.state_dict()) == ["bias", "weight"] and type(twin).__name__ == "ParametrizedLinear"


def test_transfer_of_parametrizations():
    a, b = nn.Linear(3, 3), nn.Linear(3, 3)
    parametrize.register_parametrization(a, "weight", Triangle())
    parametrize.transfer_parametrizations_and_params(a, b)
    assert b.weight.tolist() == a.weight.tolist() and b.parametrizations.weight[0] is a.parametrizations.weight[0]


def test_norms_keep_their_promise_through_training():
    tensorgrad.manual_seed(0)
    for make, check in (
            (lambda m: parametrizations.spectral_norm(m, n_power_iterations=5), lambda w: tensorgrad.linalg.matrix_norm(w, 2)),
            (parametrizations.orthogonal, lambda w: (w @ w.T).diagonal().mean())):
        layer = make(nn.Linear(5, 4))
        step = tensorgrad.optim.SGD(layer.parameters(), lr=0.1)
        for _ in range(20):
            step.zero_grad()
            (layer(tensorgrad.ones(3, 5)) ** 2).sum().backward()
            step.step()
        assert check(layer.weight).item() == pytest.approx(1, abs=0.03)


# ---- packed sequences ----

@pytest.mark.parametrize(("mode", "options"), [
    ("RNN", {}), ("LSTM", {"proj_size": 2}), ("GRU", {"bidirectional": True, "num_layers": 2})])
def test_packed_sequences_run_as_each_would_alone(mode, options):
    tensorgrad.manual_seed(0)
    layer = getattr(nn, mode)(3, 4, **options).double()
    sequences = [tensorgrad.randn(n, 3, dtype=tensorgrad.float64) for n in (2, 5, 3, 5)]
    out, last = layer(rnn.pack_sequence(sequences, enforce_sorted=False))
    last = last if isinstance(last, tuple) else (last,)
    for i, (sequence, y) in enumerate(zip(sequences, rnn.unpack_sequence(out), strict=True)):
        alone, state = layer(sequence)
        assert (alone - y).abs().max().item() < 1e-12
        for a, b in zip(state if isinstance(state, tuple) else (state,), last, strict=True):
            assert (a - b[:, i]).abs().max().item() < 1e-12


def test_packing_and_padding_are_inverse_and_differentiable():
    x = tensorgrad.randn(4, 3, 2, dtype=tensorgrad.float64, requires_grad=True)
    packed = rnn.pack_padded_sequence(x, [2, 4, 1], enforce_sorted=False)
    padded, lengths = rnn.pad_packed_sequence(packed, total_length=6)
    assert lengths.tolist() == [2, 4, 1] and padded.shape == (6, 3, 2) and packed.batch_sizes.tolist() == [3, 2, 1, 1]
    padded.sum().backward()
    assert x.grad[:, :, 0].T.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
    assert packed.to(tensorgrad.float32).data.dtype is tensorgrad.float32 and packed.half().data.dtype is tensorgrad.float16


@pytest.mark.parametrize("order", [2, 1, 3, 0.5, 0, float("inf"), -float("inf"), "inf"])
def test_total_norms_of_every_order(order):
    """The norm of the tensors' norms, as PyTorch defines it: order 0 counts tensors that are not all zero."""
    import numpy as np
    grads = [tensorgrad.tensor([[3.0, -4.0], [0.0, 1.0]]), tensorgrad.tensor([0.5, 2.0], dtype=tensorgrad.float64)]
    expected = np.linalg.norm([np.linalg.norm(g.numpy().ravel(), float(order)) for g in grads], float(order))
    total = nn.utils.get_total_norm(grads, order)
    assert total.dtype is tensorgrad.float64 and total.item() == pytest.approx(float(expected), rel=1e-6)
