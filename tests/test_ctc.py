"""CTC loss: its gradient against finite differences of what it supposes, samples that do not fit, bad input."""

import pytest

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn import functional as F


def loss_of_scores(reduction="sum", **more):
    """The loss as a function of scores: the gradient of ctc_loss holds for normalised log-probabilities."""
    targets = tensorgrad.tensor([[1, 1, 2], [2, 0, 0]])

    def loss(scores):
        return F.ctc_loss(scores.log_softmax(2), targets, (5, 3), (3, 1), reduction=reduction, **more)
    return loss


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_gradient_equals_finite_differences(reduction):
    tensorgrad.manual_seed(0)
    scores = tensorgrad.randn(5, 2, 3, dtype=tensorgrad.float64, requires_grad=True)
    assert tensorgrad.autograd.gradcheck(loss_of_scores(reduction), [scores])


def test_steps_behind_the_end_have_no_gradient():
    x = tensorgrad.randn(5, 2, 3, requires_grad=True)
    loss_of_scores()(x).backward()
    assert x.grad[3:, 1].abs().sum().item() == 0 and x.grad[:3, 1].abs().sum().item() > 0


def test_targets_that_do_not_fit():
    x = tensorgrad.zeros(2, 1, 3).log_softmax(2).requires_grad_()
    call = (tensorgrad.tensor([[1, 1]]), (2,), (2,))  # "1", blank, "1" takes three steps
    assert F.ctc_loss(x, *call).item() == float("inf")
    loss = F.ctc_loss(x, *call, zero_infinity=True)
    loss.backward()
    assert loss.item() == 0 and x.grad.abs().sum().item() == 0


def test_one_sample_and_rows_of_targets():
    tensorgrad.manual_seed(0)
    x = tensorgrad.randn(4, 2, 3).log_softmax(2)
    both = F.ctc_loss(x, tensorgrad.tensor([[1, 2], [2, 0]]), (4, 3), (2, 1), reduction="none")
    row = F.ctc_loss(x, tensorgrad.tensor([1, 2, 2]), tensorgrad.tensor([4, 3]), tensorgrad.tensor([2, 1]), reduction="none")
    alone = nn.CTCLoss(reduction="none")(x[:, 0], tensorgrad.tensor([1, 2]), 4, 2)
    assert both.tolist() == row.tolist() and alone.shape == () and alone.item() == both[0].item()
    assert F.ctc_loss(x, tensorgrad.zeros(2, 0, dtype=tensorgrad.int64), (4, 4), (0, 0), reduction="none").tolist() == pytest.approx(
        (-x[:, :, 0].sum(0)).tolist(), rel=1e-5)


def test_second_derivative_says_that_there_is_none():
    x = tensorgrad.randn(5, 2, 3, requires_grad=True)
    g, = tensorgrad.autograd.grad(loss_of_scores()(x), [x], create_graph=True)
    with pytest.raises(tensorgrad.GraphError, match="ctc_loss"):
        g.sum().backward()


@pytest.mark.parametrize(("targets", "steps", "counts", "options", "error"), [
    ([[3, 1]], (4,), (2,), {}, IndexError), ([[-1, 1]], (4,), (2,), {}, IndexError), ([[1, 2]], (5,), (2,), {}, ValueError),
    ([[1, 2]], (4,), (3,), {}, RuntimeError), ([[1, 2]], (-1,), (2,), {}, ValueError), ([[1, 2]], (4,), (-2,), {}, ValueError),
    ([[1, 2]], (4, 4), (2,), {}, RuntimeError), ([[1, 2]], (4,), (2,), {"blank": 3}, ValueError), ([1, 2], (4,), (1,), {}, RuntimeError),
    ([[1, 2]], (4,), (2,), {"reduction": "all"}, ValueError), ([[1.0, 2.0]], (4,), (2,), {}, TypeError),
    ([[[1]]], (4,), (1,), {}, RuntimeError)])
def test_bad_input(targets, steps, counts, options, error):
    with pytest.raises(error, match="ctc_loss"):
        F.ctc_loss(tensorgrad.zeros(4, 1, 3), tensorgrad.tensor(targets), steps, counts, **options)
