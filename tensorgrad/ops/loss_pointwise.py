"""Losses of one element of the input beside one of the target."""

import math
import warnings

from .._core.errors import ArgumentError, ShapeError
from .._core.kernels import loss as kernels
from .declare import bools, case, check_tensors, op, public
from .loss import reduced, reduction_of


def share(g, x, mean):
    """What each element gets of the gradient of their mean or sum."""
    return g / x.numel() if mean else g


# Means and sums of losses that have a map in csrc/kernels/kernels.def: one pass each way.
squared_raw = op("mse_loss", kernels.compared, inputs="x t",
                 x=lambda g, x, t, mean: share(g, x, mean) * 2 * (x - t),
                 t=lambda g, x, t, mean: share(g, x, mean) * 2 * (t - x),
                 fused=lambda needs, g, x, t, map, mean: (
                     kernels.compared_grad(share(g, x, mean), x, t, map + "_grad") if needs[0] else None,
                     kernels.compared_grad(share(g, x, mean), t, x, map + "_grad") if needs[1] else None))
bce_logits_total = op("bce_logits_total", kernels.compared, inputs="x t",
                      x=lambda g, x, t, mean: share(g, x, mean) * (x.sigmoid() - t),
                      t=lambda g, x, mean: -share(g, x, mean) * x,
                      fused=lambda needs, g, x, t, map, mean: (
                          kernels.compared_grad(share(g, x, mean), x, t, map + "_grad") if needs[0] else None,
                          -share(g, x, mean) * x if needs[1] else None))


def compare(op, input, target):
    """Sizes that differ broadcast, with PyTorch's warning."""
    check_tensors(op, input=input, target=target)
    if input.shape != target.shape:
        warnings.warn(f"{op}: Using a target size ({target.shape}) that is different to the input size "
                      f"({input.shape}). This will likely lead to incorrect results due to broadcasting. "
                      "Please ensure they have the same size.", stacklevel=3)


def weighted(op, loss, weight, input, reduction, over_weights=True):
    """The loss times a weight of the input's size; its mean divides by the sum of the weights."""
    if weight is None:
        return reduced(loss, reduction)
    check_tensors(op, weight=weight)
    if weight.shape != input.shape:
        raise ShapeError(f"{op}: Weights and input must have the same size, got weight of shape "
                         f"{tuple(weight.shape)} and input of shape {tuple(input.shape)}")
    loss = loss * weight
    return loss.sum() / weight.sum() if reduction == 1 and over_weights else reduced(loss, reduction)


def like_reduced(np, loss, reduction):
    """Definition, for the tests."""
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


def pairs(**kwargs):
    """Samples of losses that compare two tensors of one shape."""
    return [case((2, 3), (2, 3), **kwargs), case((4,), (4,), reduction="sum", **kwargs), case((), (), **kwargs),
            case((2, 1, 3), (2, 1, 3), reduction="none", **kwargs), case((0, 3), (0, 3), reduction="sum", **kwargs)]


@public(samples=[*pairs(), case((2, 3), (2, 3), weight=None)], namespace="nn.functional",
        like=lambda np, x, t, reduction="mean", weight=None: like_reduced(np, (x - t) ** 2, reduction))
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """(x - t)^2, averaged or summed.

    input, target: one shape (others broadcast, with a warning); weight: the same. Errors: ShapeError, ArgumentError for another
    reduction, DTypeError for the mean of integers. Source: torch.nn.functional.mse_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.mse_loss(tensorgrad.tensor([1.0, 3.0]), tensorgrad.tensor([0.0, 0.0])).item()
    5.0
    """
    number = reduction_of("mse_loss", reduction, size_average, reduce)
    compare("mse_loss", input, target)
    if number and weight is None and kernels.comparable(input, target):
        return squared_raw(input, target, map="squared_error", mean=number == 1)
    d = input - target
    return weighted("mse_loss", d * d, weight, input, number)


@public(samples=pairs(), namespace="nn.functional",
        like=lambda np, x, t, reduction="mean": like_reduced(np, abs(x - t), reduction))
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """|x - t|, averaged or summed.

    input, target: one shape (others broadcast, with a warning); weight: the same. Errors: ShapeError, ArgumentError for another
    reduction, DTypeError for bool and the mean of integers. Source: torch.nn.functional.l1_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.l1_loss(tensorgrad.tensor([1.0, 3.0]), tensorgrad.tensor([0.0, 0.0])).item()
    2.0
    """
    number = reduction_of("l1_loss", reduction, size_average, reduce)
    compare("l1_loss", input, target)
    return weighted("l1_loss", (input - target).abs(), weight, input, number)


@public(samples=[*pairs(), *pairs(beta=0.5)], namespace="nn.functional",
        like=lambda np, x, t, reduction="mean", beta=1.0: like_reduced(
            np, np.where(abs(x - t) < beta, (x - t) ** 2 / (2 * beta), abs(x - t) - beta / 2), reduction))
def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """d^2 / (2 beta) where d = |x - t| < beta, d - beta / 2 elsewhere, averaged or summed.

    input, target: one shape (others broadcast, with a warning); beta >= 0. Errors: ArgumentError, ShapeError. Source: Girshick
    2015; torch.nn.functional.smooth_l1_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.smooth_l1_loss(tensorgrad.tensor([3.0]), tensorgrad.tensor([0.0])).item()
    2.5
    """
    number = reduction_of("smooth_l1_loss", reduction, size_average, reduce)
    compare("smooth_l1_loss", input, target)
    if not beta >= 0:
        raise ArgumentError(f"smooth_l1_loss: smooth_l1_loss does not support negative values for beta, got {beta}")
    d = (input - target).abs()
    if beta == 0:
        return reduced(d, number)
    near = d.clamp(max=beta)  # the parabola up to beta, the line above it, without a branch
    return reduced(near * near * (0.5 / beta) + (d - near), number)


@public(samples=[*pairs(), *pairs(delta=0.5)], namespace="nn.functional",
        like=lambda np, x, t, reduction="mean", delta=1.0: like_reduced(
            np, np.where(abs(x - t) <= delta, (x - t) ** 2 / 2, delta * (abs(x - t) - delta / 2)), reduction))
def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d^2 / 2 where d = |x - t| <= delta, delta (d - delta / 2) elsewhere, averaged or summed.

    input, target: one shape (others broadcast, with a warning); weight: the same; delta > 0. Errors: ShapeError,
    ArgumentError. Source: Huber 1964; torch.nn.functional.huber_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.huber_loss(tensorgrad.tensor([3.0]), tensorgrad.tensor([0.0]), delta=2.0).item()
    4.0
    """
    number = reduction_of("huber_loss", reduction)
    compare("huber_loss", input, target)
    if not delta > 0:
        raise ArgumentError(f"huber_loss: huber_loss does not support non-positive values for delta, got {delta}")
    d = (input - target).abs()
    near = d.clamp(max=delta)
    return weighted("huber_loss", near * near * 0.5 + (d - near) * delta, weight, input, number, over_weights=False)


# ---- cross entropy of two classes ----

def bce(x, t):
    """The loss of every element, its logarithms not below -100."""
    if not ((x >= 0) & (x <= 1)).all().item():
        low, high = x.min().item(), x.max().item()
        raise ArgumentError("binary_cross_entropy: all elements of input should be between 0 and 1, got values in "
                            f"[{low}, {high}] in an input of shape {tuple(x.shape)}")
    return (t - 1) * (-x).log1p().clamp(min=-100) - t * x.log().clamp(min=-100)


bce_raw = op("binary_cross_entropy", bce, inputs="x t",
             x=lambda g, x, t: g * (x - t) / (x * (1 - x)).clamp(min=1e-12),
             t=lambda g, x: g * ((-x).log1p() - x.log()))


@public(samples=pairs(), on=(0.1, 0.9),
        like=lambda np, x, t, reduction="mean": like_reduced(
            np, -(t * np.log(x) + (1 - t) * np.log(1 - x)), reduction), namespace="nn.functional")
def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """-weight (t log x + (1 - t) log(1 - x)) with logarithms of at least -100, averaged or summed.

    input: probabilities in [0, 1]; target: the same shape; weight: broadcasts to it. Errors: ShapeError; ArgumentError for an input
    outside [0, 1], DTypeError. Source: torch.nn.functional.binary_cross_entropy.

    >>> import tensorgrad
    >>> x, t = tensorgrad.tensor([1.0, 0.0]), tensorgrad.tensor([1.0, 1.0])
    >>> tensorgrad.nn.functional.binary_cross_entropy(x, t).item()
    50.0
    """
    number = reduction_of("binary_cross_entropy", reduction, size_average, reduce)
    same("binary_cross_entropy", input, target)
    if weight is not None:
        check_tensors("binary_cross_entropy", weight=weight)
    loss = bce_raw(input, target)
    return reduced(loss if weight is None else loss * weight.expand(target.shape), number)


def same(op, input, target):
    """One shape."""
    check_tensors(op, input=input, target=target)
    if input.shape != target.shape:
        raise ShapeError(f"{op}: Target size ({target.shape}) must be the same as input size ({input.shape})")


# log(1 + exp(x)) for any x
softplus = op("softplus", lambda x: (-x.abs()).exp().log1p() + x.clamp(min=0), inputs="x",
              x=lambda g, x: g * x.sigmoid())


def bce_logits(x, t, pos):
    """The loss of every element."""
    return (1 - t) * x + (softplus(-x) if pos is None else (1 + (pos - 1) * t) * softplus(-x))


def bce_logits_x(g, x, t, pos):
    """The gradient of the logits."""
    return g * (x.sigmoid() - t if pos is None else ((pos - 1) * t + 1) * x.sigmoid() - pos * t)


bce_logits_raw = op("binary_cross_entropy_with_logits", bce_logits, inputs="x t pos", x=bce_logits_x,
                    t=lambda g, x, pos: -g * x if pos is None else g * (pos * softplus(-x) - softplus(x)),
                    pos=lambda g, x, t: g * t * softplus(-x))


@public(samples=pairs(),
        like=lambda np, x, t, reduction="mean": like_reduced(np, np.log1p(np.exp(-x)) + (1 - t) * x, reduction),
        namespace="nn.functional")
def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean",
                                     pos_weight=None):
    """-weight (pos_weight t log s + (1 - t) log(1 - s)) with s = sigmoid(x), without its underflow; averaged or summed.

    input: logits; target: the same shape; weight, pos_weight: broadcast to it. Errors: ArgumentError for another reduction, ShapeError,
    DTypeError. Source: torch.nn.functional.binary_cross_entropy_with_logits.

    >>> import tensorgrad
    >>> x, t = tensorgrad.tensor([1e4, -1e4]), tensorgrad.tensor([1.0, 1.0])
    >>> tensorgrad.nn.functional.binary_cross_entropy_with_logits(x, t).item()
    5000.0
    """
    number = reduction_of("binary_cross_entropy_with_logits", reduction, size_average, reduce)
    same("binary_cross_entropy_with_logits", input, target)
    if number and weight is None and pos_weight is None and kernels.comparable(input, target):
        return bce_logits_total(input, target, map="bce_logits", mean=number == 1)
    loss = bce_logits_raw(input, target, pos_weight)
    return reduced(loss if weight is None else loss * weight, number)


# ---- likelihoods ----

@public(samples=[case((2, 3), (2, 3), reduction="batchmean"), case((2, 3), (2, 3), reduction="none"),
                 case((2, 3), (2, 3), reduction="sum", log_target=True)], on=(0.2, 2), namespace="nn.functional",
        like=lambda np, x, t, reduction="mean", log_target=False: like_kl(
            np, x, np.exp(t) if log_target else t, reduction))
def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """t (log t - x) of log-probabilities x and probabilities t (or their logarithms), averaged or summed.

    input, target: shapes that broadcast. reduction="batchmean" divides the sum by the first size. Errors: ArgumentError,
    ShapeError. Source: Kullback, Leibler 1951; torch.nn.functional.kl_div.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.kl_div(tensorgrad.tensor([[-1.0]]), tensorgrad.tensor([[1.0]]), reduction="sum").item()
    1.0
    """
    check_tensors("kl_div", input=input, target=target)
    batch = reduction == "batchmean" and size_average is None and reduce is None
    if reduction == "mean" and size_average is None and reduce is None:
        warnings.warn("kl_div: reduction: 'mean' divides the total loss by both the batch size and the support size. "
                      "'batchmean' divides only by the batch size, and aligns with the KL div math definition.",
                      stacklevel=2)
    number = 2 if batch else reduction_of("kl_div", reduction, size_average, reduce)
    loss = target.exp() * (target - input) if log_target else target.xlogy(target) - target * input
    loss = reduced(loss, number)
    return loss / input.shape[0] if batch and input.ndim else loss


def like_kl(np, x, t, reduction):
    """Definition, for the tests."""
    loss = t * (np.log(t) - x)
    return loss.sum() / len(x) if reduction == "batchmean" else like_reduced(np, loss, reduction)


@public(samples=[case((2, 3), (2, 3)), case((4,), (4,), log_input=False, reduction="sum")], on=(0.2, 0.9),
        like=lambda np, x, t, log_input=True, reduction="mean": like_reduced(
            np, np.exp(x) - t * x if log_input else x - t * np.log(x + 1e-8), reduction), namespace="nn.functional")
def poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None,
                     reduction="mean"):
    """exp(x) - t x, or x - t log(x + eps) without log_input; full adds Stirling's approximation of log t! for t > 1.

    input, target: shapes that broadcast. Errors: ArgumentError, ShapeError. Source: torch.nn.functional.poisson_nll_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.poisson_nll_loss(tensorgrad.tensor([0.0]), tensorgrad.tensor([3.0])).item()
    1.0
    """
    check_tensors("poisson_nll_loss", input=input, target=target)
    number = reduction_of("poisson_nll_loss", reduction, size_average, reduce)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return reduced(loss, number)


@public(samples=[case((2, 3), (2, 3), (2, 3)), case((2, 3), (2, 3), (2, 1), full=True),
                 case((2, 3), (2, 3), (2,), reduction="sum"), case((3,), (3,), 0.5, reduction="none")], on=(0.2, 2),
        like=lambda np, x, t, var, full=False, reduction="mean": like_gaussian(np, x, t, var, full, reduction),
        namespace="nn.functional")
def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log v + (x - t)^2 / v) / 2 with v = max(var, eps); full adds log(2 pi) / 2. Averaged or summed.

    input, target: one shape; var >= 0: a number, the same shape, the shape without its last dimension, or with 1 there.
    Errors: ShapeError, ArgumentError. Source: Nix, Weigend 1994; torch.nn.functional.gaussian_nll_loss.

    >>> import tensorgrad
    >>> one = tensorgrad.ones(2)
    >>> tensorgrad.nn.functional.gaussian_nll_loss(3 * one, one, one).item()
    2.0
    """
    check_tensors("gaussian_nll_loss", input=input, target=target)
    number = reduction_of("gaussian_nll_loss", reduction)
    if isinstance(var, float):
        var = input.new_full(input.shape, var)
    if (var < 0).any().item():
        raise ArgumentError(f"gaussian_nll_loss: var has negative entry/entries, the least is {var.min().item()}")
    if var.shape != input.shape:
        if tuple(var.shape) == tuple(input.shape[:-1]):
            var = var.unsqueeze(-1)
        elif var.ndim != input.ndim or sum(b for a, b in zip(input.shape, var.shape, strict=True) if a != b) != 1:
            raise ShapeError(f"gaussian_nll_loss: var is of incorrect size: {tuple(var.shape)} for an input of shape "
                             f"{tuple(input.shape)}")
    # The clamp takes no part in the gradient: v moves with var even below eps.
    var = var + (var.detach().clamp(min=eps) - var.detach())
    d = input - target
    loss = 0.5 * (var.log() + d * d / var)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, number)


def like_gaussian(np, x, t, var, full, reduction):
    """Definition, for the tests."""
    var = np.asarray(var)
    var = var[..., None] if var.shape == x.shape[:-1] and var.ndim else var
    loss = 0.5 * (np.log(var) + (x - t) ** 2 / var) + (0.5 * math.log(2 * math.pi) if full else 0)
    return like_reduced(np, loss, reduction)


@public(samples=pairs(), namespace="nn.functional", torch=None,  # PyTorch's has no gradient for the target
        like=lambda np, x, t, reduction="mean": like_reduced(np, np.log1p(np.exp(-t * x)), reduction))
def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + exp(-t x)), averaged or summed; target: -1 or 1.

    input, target: shapes that broadcast. Errors: ArgumentError, ShapeError, DTypeError. Source:
    torch.nn.functional.soft_margin_loss.

    >>> import tensorgrad
    >>> tensorgrad.nn.functional.soft_margin_loss(tensorgrad.zeros(3), tensorgrad.ones(3)).exp().item()
    2.0
    """
    return reduced(softplus(-target * input), reduction_of("soft_margin_loss", reduction, size_average, reduce))


@public(samples=[case((2, 3), bools((2, 3)), reduction="mean"), case((3,), bools((3,)), reduction="sum", margin=2.0)],
        like=lambda np, x, t, margin=1.0, reduction="mean": like_reduced(
            np, np.where(t == 1, 0, np.maximum(margin - x, 0)) + x, reduction), namespace="nn.functional")
def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """x where the target is 1, max(0, margin - x) where it is -1, averaged or summed.

    input, target: shapes that broadcast. Errors: ArgumentError, ShapeError. Source: torch.nn.functional.hinge_embedding_loss.

    >>> import tensorgrad
    >>> x, t = tensorgrad.tensor([0.5, 0.25]), tensorgrad.tensor([1, -1])
    >>> tensorgrad.nn.functional.hinge_embedding_loss(x, t, reduction="none").tolist()
    [0.5, 0.75]
    """
    check_tensors("hinge_embedding_loss", input=input, target=target)
    number = reduction_of("hinge_embedding_loss", reduction, size_average, reduce)
    far = (margin - input).clamp(min=0).masked_fill(target == 1, 0)  # any other target has both terms, as in PyTorch
    return reduced(far + input.masked_fill(target == -1, 0), number)
