"""Connectionist temporal classification: the loss of a label sequence that is not aligned with its input."""

from .._core.dtype import BY_NAME
from .._core.errors import DTypeError, GraphError, ShapeError
from .._core.kernels import ctc as kernels
from .._core.tensor import TensorBase
from .create import arange, tensor
from .declare import case, check_tensors, ints, op, public
from .index import masked_fill
from .loss import reduced, reduction_of
from .reduce import cumsum
from .shape import reshape, unsqueeze_op

LONG = BY_NAME["int64"]


def no_second(g):
    raise GraphError("ctc_loss: its gradient has no derivative (as in PyTorch)")


ctc_grad = op("ctc_loss_grad", kernels.ctc_grad, "g x labels start steps counts alpha loss", g=no_second, x=no_second)
ctc_raw = op("ctc_loss",
             lambda x, labels, start, steps, counts, blank, zero_infinity: kernels.ctc(x, labels, start, steps, counts, blank),
             "x labels start steps counts", aux="alpha loss",
             x=lambda g, x, labels, start, steps, counts, alpha, loss, blank, zero_infinity: ctc_grad(
                 g, x, labels, start, steps, counts, alpha, loss, blank=blank, zero_infinity=zero_infinity))


def lengths(name, value):
    """Lengths as an int64 tensor."""
    value = value if isinstance(value, TensorBase) else tensor(value, dtype=LONG)
    if value.is_floating_point() or value.dtype.name == "bool":
        raise DTypeError(f"ctc_loss: {name} must be integers, got {value.dtype} of shape {tuple(value.shape)}")
    return reshape(value.to(LONG), (-1,)).contiguous()


def like_ctc(np, x, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """The probability of every path that spells the labels, one by one."""
    from itertools import groupby, product

    losses, at = [], 0
    for i, (steps, count) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        row = targets[i] if targets.ndim == 2 else targets[at:]
        wanted, at = list(row[:count]), at + count
        paths = (p for p in product(range(x.shape[2]), repeat=steps) if [k for k, _ in groupby(p) if k != blank] == wanted)
        total = sum(np.exp(sum(x[t, i, c] for t, c in enumerate(p))) for p in paths)
        losses.append(0.0 if zero_infinity and total == 0 else -np.log(total))
    losses = np.array(losses, x.dtype)
    if reduction == "mean":
        return (losses / np.maximum(target_lengths, 1)).mean()
    return losses.sum() if reduction == "sum" else losses


# The gradient supposes log-probabilities, so finite differences of these samples would disagree: tests/test_ctc.py
@public(samples=[case((4, 2, 3), ints((2, 2), 1, 3), input_lengths=(4, 3), target_lengths=(2, 1)),
                 case((3, 2, 3), ints((3,), 1, 3), input_lengths=(3, 2), target_lengths=(2, 1), reduction="none"),
                 case((3, 1, 3), ints((1, 3), 1, 3), input_lengths=(2,), target_lengths=(3,), zero_infinity=True),
                 case((4, 1, 3), ints((1, 2), 0, 2), input_lengths=(4,), target_lengths=(0,), blank=2, reduction="sum")],
        on=(-3, -0.1), like=like_ctc, grad=False, namespace="nn.functional")
def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """-log of the probability that log_probs spell the targets: the sum over all paths that say them in order, each as long
    as they like, with blanks between.

    log_probs: [t, n, c] or [t, c], logarithms of probabilities; targets: int64 [n, s] or all in one row [sum of
    target_lengths]; lengths: [n], tensors or tuples. 'mean' divides each loss by its target length first. zero_infinity: 0, and
    no gradient, where the targets do not fit the input. Errors: OutOfRangeError, ArgumentError, ShapeError, DTypeError.
    Source: Graves et al., Connectionist temporal classification, 2006; torch.nn.functional.ctc_loss.

    >>> import tensorgrad
    >>> x = tensorgrad.zeros(2, 1, 2).log_softmax(2)  # 3 of the 4 paths of two steps say "1"
    >>> round(tensorgrad.nn.functional.ctc_loss(x, tensorgrad.tensor([[1]]), (2,), (1,)).exp().item(), 5)
    1.33333
    """
    check_tensors("ctc_loss", log_probs=log_probs, targets=targets)
    number = reduction_of("ctc_loss", reduction)
    if targets.is_floating_point() or targets.dtype.name == "bool":
        raise DTypeError(f"ctc_loss: targets must be integers, got {targets.dtype} of shape {tuple(targets.shape)}")
    single = log_probs.ndim == 2
    x = unsqueeze_op(log_probs, dim=1) if single else log_probs
    steps, counts = lengths("input_lengths", input_lengths), lengths("target_lengths", target_lengths)
    if targets.ndim == 1:
        start = cumsum(counts, 0) - counts
        if not single and counts.sum().item() != targets.shape[0]:
            raise ShapeError(f"ctc_loss: targets in one row of shape {tuple(targets.shape)} must be as many as target_lengths "
                             f"add up to, {counts.sum().item()}")
    elif targets.ndim == 2 and x.ndim == 3 and targets.shape[0] == x.shape[1]:
        s = targets.shape[1]
        start = arange(x.shape[1]) * s
        if counts.numel() and counts.max().item() > s:
            raise ShapeError(f"ctc_loss: Expected targets to have at least {counts.max().item()} columns, got shape "
                             f"{tuple(targets.shape)}")
    else:
        raise ShapeError(f"ctc_loss: targets must be of shape (N, S) or (sum of target_lengths,), got {tuple(targets.shape)} for "
                         f"log_probs of shape {tuple(log_probs.shape)}")
    loss = ctc_raw(x, targets.to(LONG).contiguous(), start, steps, counts, blank=blank, zero_infinity=zero_infinity)[0]
    if zero_infinity:
        loss = masked_fill(loss, loss == float("inf"), 0.0)
    if number == 1:
        loss = loss / counts.clamp(min=1).to(loss.dtype)
    return reshape(loss, ()) if single and number == 0 else reduced(loss, number)
