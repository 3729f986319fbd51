"""Recurrent layers: shapes, the recurrences written out, and PyTorch where it is installed."""

import math

import pytest

import tensorgrad
from tensorgrad import nn
from tensorgrad._core.errors import ShapeError
from tensorgrad._core.kernels import rnn as kernels

try:
    import torch
except ImportError:
    torch = None

LAYERS = [
    ("RNN", {}), ("RNN", {"nonlinearity": "relu", "num_layers": 2}), ("RNN", {"bias": False, "bidirectional": True}),
    ("LSTM", {}), ("LSTM", {"num_layers": 2, "bidirectional": True, "batch_first": True}), ("LSTM", {"proj_size": 2}),
    ("LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True}), ("GRU", {}), ("GRU", {"num_layers": 2}),
    ("GRU", {"bias": False, "bidirectional": True, "batch_first": True}),
]
CELLS = [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("LSTMCell", {}), ("GRUCell", {}), ("GRUCell",
                                                                                                     {"bias": False})]


def finite(t):
    return all(math.isfinite(v) for v in t.flatten().tolist())


def flat(result):
    return [result] if not isinstance(result, tuple) else [t for part in result for t in flat(part)]


def outcome(library, name, options, shape, with_state):
    """Outputs, gradient of the input and of all parameters."""
    library.manual_seed(0)
    layer = getattr(library.nn, name)(3, 4, **options)
    x = library.randn(*shape).requires_grad_()
    result = layer(x)
    if with_state:
        state = result if name.endswith("Cell") else result[1]
        result = layer(x, tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach())
    sum((t * t).sum() for t in flat(result)).backward()
    return [*flat(result), x.grad, *(p.grad for p in layer.parameters())], repr(layer), list(layer.state_dict())


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # PyTorch says which of its paths it takes
@pytest.mark.parametrize("with_state", [False, True])
@pytest.mark.parametrize(("name", "options", "shape"), [
    *((name, options, shape) for name, options in LAYERS for shape in ((5, 2, 3), (5, 3))),
    *((name, options, shape) for name, options in CELLS for shape in ((2, 3), (3,)))])
def test_recurrent(name, options, shape, with_state):
    values, text, names = outcome(tensorgrad, name, options, shape, with_state)
    assert all(finite(v) for v in values)
    if torch is not None:
        import numpy as np

        twins, their_text, their_names = outcome(torch, name, options, shape, with_state)
        assert text == their_text and names == their_names
        for value, twin in zip(values, twins, strict=True):
            np.testing.assert_allclose(value.detach().numpy(), twin.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_a_layer_is_its_cell_step_by_step():
    for name in ("RNN", "LSTM", "GRU"):
        layer, cell = getattr(nn, name)(3, 4), getattr(nn, name + "Cell")(3, 4)
        cell.load_state_dict({key.removesuffix("_l0"): value for key, value in layer.state_dict().items()})
        x, state = tensorgrad.randn(5, 2, 3), None
        for step in x:
            state = cell(step, state)
        h = layer(x)[1]
        for a, b in zip(flat(h), flat(state), strict=True):
            assert a[0].flatten().tolist() == pytest.approx(b.flatten().tolist(), abs=1e-6)


@pytest.mark.parametrize("name, options", [("LSTM", {"num_layers": 2}), ("LSTM", {"bidirectional": True}), ("GRU", {}), ("RNN", {})])
@pytest.mark.parametrize("dtype", [tensorgrad.float32, tensorgrad.float64])
def test_without_a_gradient_the_bits_are_the_same(name, options, dtype):
    """Nothing is kept then, and the cells are written over one another."""
    layer, x = getattr(nn, name)(5, 70, **options).to(dtype), tensorgrad.randn(9, 6, 5, dtype=dtype)
    for data in (x, nn.utils.rnn.pack_padded_sequence(x, [9, 7, 7, 4, 2, 1])):
        kept = flat(layer(data))
        with tensorgrad.no_grad():
            assert all((a == b).all() for a, b in zip(flat(layer(data)), kept, strict=True) if a is not None)


@pytest.mark.parametrize(("name", "args", "options"), [
    ("LSTM", (3, 0), {}), ("GRU", (3, 4), {"num_layers": 0}), ("RNN", (3, 4), {"nonlinearity": "sin"}),
    ("GRU", (3, 4), {"proj_size": 2}), ("LSTM", (3, 4), {"proj_size": 4}), ("LSTM", (3, 4), {"dropout": 2}),
    ("RNNCell", (3, 4), {"nonlinearity": "sin"})])
def test_wrong_arguments(name, args, options):
    with pytest.raises(ValueError):
        getattr(nn, name)(*args, **options)


def test_wrong_shapes():
    lstm, gru = nn.LSTM(3, 4), nn.GRU(3, 4)
    x = tensorgrad.ones(5, 2, 3)
    for call in (lambda: lstm(tensorgrad.ones(5, 2, 4)), lambda: lstm(tensorgrad.ones(3)), lambda: gru(x,
                                                                                                       tensorgrad.ones(1, 3, 4)),
                 lambda: lstm(x, (tensorgrad.ones(1, 2, 4),)), lambda: gru(tensorgrad.ones(0, 2, 3)),
                 lambda: nn.LSTMCell(3, 4)(tensorgrad.ones(2, 5)), lambda: nn.GRUCell(3, 4)(tensorgrad.ones(2, 3),
                                                                                            tensorgrad.ones(3, 4))):
        with pytest.raises(RuntimeError):
            call()


@pytest.mark.parametrize("sizes", [(3, 1), (2, 1, 1, 1), (5, 2), (7,), (1 << 62,) * 4])
@pytest.mark.parametrize("backwards", [False, True])
def test_batch_sizes_that_are_not_the_gates_rows(sizes, backwards):
    gates, state = tensorgrad.zeros(6, 0), tensorgrad.zeros(sizes[0], 0)
    with pytest.raises(ShapeError, match=f"add up to {sum(sizes)}"):
        kernels.gru(gates if sum(sizes) < 1 << 62 else gates[:0], state, tensorgrad.zeros(0, 0), None, sizes, backwards, False)
