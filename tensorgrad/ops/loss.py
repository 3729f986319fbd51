"""Losses of labels: cross entropy of logits and the negative log-likelihood of log-probabilities."""

import warnings

from .._core.errors import ArgumentError, DTypeError, ShapeError
from .._core.kernels import loss as kernels
from .declare import case, check_tensors, floats, ints, op, public
from .linalg import linear
from .rows import log_softmax_raw, softmax_raw

REDUCTIONS = {"none": 0, "mean": 1, "sum": 2, 0: 0, 1: 1, 2: 2}  # numbers: torch.<loss>(..., reduction=1)


def reduction_of(op, reduction, size_average=None, reduce=None):
    """0 none, 1 mean, 2 sum, also from PyTorch's old pair of flags (None: not given)."""
    if size_average is not None or reduce is not None:
        average, reduce = size_average is None or size_average, reduce is None or reduce
        reduction = "none" if not reduce else "mean" if average else "sum"
        warnings.warn(f"{op}: size_average and reduce args will be deprecated, please use reduction={reduction!r} "
                      "instead.", stacklevel=4)
    try:
        return REDUCTIONS[reduction]
    except (KeyError, TypeError):
        raise ArgumentError(f"{op}: {reduction!r} is not a valid value for reduction: 'none', 'mean', 'sum'") from None


def reduced(loss, reduction):
    """The loss of every element, their mean or their sum."""
    return loss if reduction == 0 else loss.mean() if reduction == 1 else loss.sum()


# ---- integer labels ----

def class_dim(x):
    """The dimension of the classes: the only one, or the one after the batch."""
    return 0 if x.ndim == 1 else 1


def target_weights(x, labels, weight, ignored, smoothing):
    """The constant t of the loss -sum_c t[c] logp[c]: labels one-hot, smoothed, times weights; zero where ignored."""
    x, labels, weight = x.detach(), labels.detach(), None if weight is None else weight.detach()
    one = x.new_ones(())
    t = -kernels.nll_grad(one, x, labels, weight, one, one, False, ignored, 0.0, 2)
    if not smoothing:
        return t
    d = class_dim(x)
    spread = x.new_ones((x.shape[d],)) if weight is None else weight
    spread = spread.reshape((-1,) + (1,) * (x.ndim - 1 - d)) * (labels != ignored).unsqueeze(d).to(x.dtype)
    return t * (1 - smoothing) + spread * (smoothing / x.shape[d])


def row_scale(g, x, total, reduction):
    """The gradient of every label's loss, so that it broadcasts over the classes."""
    if reduction == 0:
        return g.unsqueeze(class_dim(x))
    if reduction == 2:
        return g
    total = total.to(g.dtype)
    return g / (total + (total == 0).to(g.dtype))  # no label counts: their gradient is zero, whatever it is divided by


def cross_entropy_x(g, x, labels, weight, total, logits, ignored, smoothing, reduction):
    """p sum_c t - t for logits, -t for log-probabilities."""
    t = target_weights(x, labels, weight, ignored, smoothing)
    slope = softmax_raw(x, dim=class_dim(x)) * t.sum(class_dim(x), True) - t if logits else -t
    return row_scale(g, x, total, reduction) * slope


nll_raw = op("nll_loss", kernels.nll, inputs="x labels weight", aux="stats total", x=cross_entropy_x,
             fused=lambda needs, g, x, labels, weight, stats, total, logits, ignored, smoothing, reduction: (
                 kernels.nll_grad(g, x, labels, weight, stats, total, logits, ignored, smoothing, reduction),
                 None, None))


def like_nll(np, x, labels, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Definition, for the tests: one label after the other."""
    x = np.moveaxis(x, 0 if x.ndim == 1 else 1, -1)
    weight = np.ones(x.shape[-1]) if weight is None else weight
    loss, total = np.zeros(labels.shape), 0
    for i in np.ndindex(labels.shape):
        if labels[i] != ignore_index:
            t = label_smoothing / x.shape[-1] * weight
            t[labels[i]] += (1 - label_smoothing) * weight[labels[i]]
            loss[i] = -(t * x[i]).sum()
            total += weight[labels[i]]
    return loss if reduction == "none" else loss.sum() / total if reduction == "mean" else loss.sum()


def like_cross_entropy(np, x, labels, *args, **kwargs):
    """Definition, for the tests."""
    d = 0 if x.ndim == 1 else 1
    if x.shape == labels.shape:
        return like_soft(np, x, labels, *args, **kwargs)
    return like_nll(np, x - np.log(np.exp(x).sum(d, keepdims=True)), labels, *args, **kwargs)


def like_soft(np, x, t, weight=None, reduction="mean", label_smoothing=0.0):
    """Definition with class probabilities."""
    d = 0 if x.ndim == 1 else 1
    logp, c = x - np.log(np.exp(x).sum(d, keepdims=True)), x.shape[d]
    if weight is not None:
        logp = logp * weight.reshape((-1,) + (1,) * (x.ndim - 1 - d))
    loss = -(logp * (t * (1 - label_smoothing) + label_smoothing / c)).sum(d)
    return loss if reduction == "none" else loss.sum() / (x.size / c) if reduction == "mean" else loss.sum()


# Class weights are constants, which no sample can say: tests/test_loss.py has them.
LABELS = [case((3, 4), ints((3,), 0, 4)), case((4,), ints((), 0, 4)), case((3, 4), ints((3,), 0, 4), reduction="none"),
          case((2, 3, 4), ints((2, 4), 0, 3), reduction="sum"),
          case((2, 3, 2, 5), ints((2, 2, 5), 0, 3), ignore_index=1), case((3, 2), ints((3,), 0, 2), ignore_index=1),
          case((0, 4), ints((0,), 0, 4), reduction="sum")]


@public(samples=LABELS, like=like_nll, on=(0.2, 2), namespace="nn.functional")
def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """-weight[target] x[target] of log-probabilities x; the mean divides by the sum of the weights.

    input: [c], [n, c] or [n, c, d...]; target: int64 (or uint8) classes [], [n] or [n, d...], ignore_index for none; weight: [c]. Errors:
    ArgumentError for another reduction, OutOfRangeError for a target that is no class, DTypeError for one that is no integer, ShapeError.
    An empty mean is nan. Source: torch.nn.functional.nll_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.nll_loss(tensorgrad.tensor([[-0.5, -1.0]]), tensorgrad.tensor([1])).item()
    1.0
    """
    number = reduction_of("nll_loss", reduction, size_average, reduce)
    return nll_raw(input, target, weight, logits=False, ignored=int(ignore_index), smoothing=0.0, reduction=number)[0]


@public(samples=[*LABELS, case((3, 4), ints((3,), 0, 4), label_smoothing=0.3),
                 case((2, 3, 4), ints((2, 4), 0, 3), reduction="none", label_smoothing=0.1, ignore_index=0),
                 case((3, 4), (3, 4)), case((2, 3, 4), (2, 3, 4), (3,), reduction="none", label_smoothing=0.2),
                 case((4,), (4,), reduction="sum")],
        like=like_cross_entropy, on=(0.2, 2), namespace="nn.functional")
def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    """-weight[target] log_softmax(x)[target] of logits x; the mean divides by the sum of the weights.

    input: [c], [n, c] or [n, c, d...]; target: int64 (or uint8) classes [], [n] or [n, d...], ignore_index for none,
    or class probabilities of the input's shape (then the mean is over the rows); weight: [c]; label_smoothing in [0,
    1] mixes the targets with the uniform distribution. Errors: OutOfRangeError for a target that is no class,
    DTypeError, ShapeError, ArgumentError. An empty mean is nan. Source: torch.nn.functional.cross_entropy.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.cross_entropy(tensorgrad.zeros(1, 4), tensorgrad.tensor([2])).exp().item()
    4.0
    """
    check_tensors("cross_entropy", input=input, target=target)
    number = reduction_of("cross_entropy", reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(f"cross_entropy: label_smoothing must be between 0.0 and 1.0, got {label_smoothing}")
    if input.shape == target.shape:
        return soft_cross_entropy(input, target, weight, ignore_index, number, label_smoothing)
    return nll_raw(input, target, weight, logits=True, ignored=int(ignore_index), smoothing=float(label_smoothing),
                   reduction=number)[0]


def soft_cross_entropy(x, target, weight, ignored, reduction, smoothing):
    """cross_entropy with a distribution for each row."""
    shapes = f"input {tuple(x.shape)} and target {tuple(target.shape)}"
    if not target.is_floating_point():
        raise DTypeError("cross_entropy: Expected floating point type for target with class probabilities, got "
                         f"{target.dtype}; {shapes}")
    if ignored >= 0:
        raise ArgumentError(f"cross_entropy: ignore_index={ignored} is not supported for floating point target; "
                            f"{shapes}")
    if x.ndim == 0:
        raise ShapeError(f"cross_entropy: input needs a dimension of classes; {shapes}")
    d, c = class_dim(x), x.shape[class_dim(x)]
    if weight is not None and tuple(weight.shape) != (c,):
        raise ShapeError(f"cross_entropy: weight of shape {tuple(weight.shape)} for {c} classes; {shapes}")
    logp = log_softmax_raw(x, dim=d)
    if smoothing > 0:
        target = target * (1 - smoothing) + smoothing / c
    if weight is not None:
        logp = logp * weight.reshape((-1,) + (1,) * (x.ndim - 1 - d))
    if reduction == 0:
        return -(logp * target).sum(d)
    total = -(logp * target).sum()
    return total if reduction == 2 else total / (x.numel() / c if c else 0.0)


@public(samples=[case((3, 2), (4, 2), ints((3,), 0, 4)), case((2,), (4, 2), ints((), 0, 4), linear_bias=floats((4,))),
                 case((3, 2), (4, 5, 2), ints((3, 5), 0, 4), reduction="sum", label_smoothing=0.1), case((3, 2), (4, 2), (3, 4))],
        like=lambda np, x, w, t, linear_bias=0, **more: like_cross_entropy(
            np, np.tensordot(x, w, (-1, -1)) + linear_bias, t, **more),
        on=(0.2, 2), namespace="nn.functional")
def linear_cross_entropy(input, linear_weight, target, *, linear_bias=None, weight=None, reduction="mean", ignore_index=None,
                         label_smoothing=0.0, options=None):
    """cross_entropy(input @ linear_weight^T + linear_bias, target, ...).

    input: [f] or [n, f]; linear_weight: [c, f] or [c, d..., f]; linear_bias: [c, d...]; target: see cross_entropy. options (how PyTorch
    cuts the batch) change nothing here. Errors: OutOfRangeError for a target that is no class, ShapeError, ArgumentError, DTypeError,
    those of cross_entropy. Source: torch.nn.functional.linear_cross_entropy.

    >>> import tensorgrad
    >>> x, w = tensorgrad.ones(1, 2), tensorgrad.zeros(4, 2)
    >>> tensorgrad.nn.functional.linear_cross_entropy(x, w, tensorgrad.tensor([3])).exp().item()
    4.0
    """
    name = "linear_cross_entropy"
    check_tensors(name, input=input, linear_weight=linear_weight, target=target)
    shapes = f"input {tuple(input.shape)} and linear_weight {tuple(linear_weight.shape)}"
    if input.ndim not in (1, 2) or linear_weight.ndim < 2 or input.shape[-1] != linear_weight.shape[-1]:
        raise ShapeError(f"{name}: expected an input (f) or (n, f) and a linear_weight (c, ..., f), got {shapes}")
    c, *more, f = linear_weight.shape
    if linear_bias is not None:
        check_tensors(name, linear_bias=linear_bias)
    if linear_bias is not None and tuple(linear_bias.shape) != (c, *more):
        raise ShapeError(f"{name}: expected linear_bias shape {(c, *more)}, got {tuple(linear_bias.shape)}; {shapes}")
    if more and input.ndim == 1:
        raise ShapeError(f"{name}: a linear_weight of more than two dimensions requires batched input; {shapes}")
    wanted = (*input.shape[:-1], c, *more)
    if ignore_index is not None and tuple(target.shape) == wanted:
        raise ArgumentError(f"{name}: ignore_index cannot be specified when target contains probabilities; {shapes}")
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    logits = linear(input, linear_weight.reshape((-1, f)), bias).reshape(wanted)
    return cross_entropy(logits, target, weight, ignore_index=-100 if ignore_index is None else ignore_index,
                         reduction=reduction, label_smoothing=label_smoothing)
