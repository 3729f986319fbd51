"""nn.utils: clipping of gradients, parameters as one vector."""

import pytest

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn.utils import clip_grad_norm_, clip_grad_value_, parameters_to_vector, vector_to_parameters


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
