"""Layers and losses that PyTorch does not have: Maxout, DropConnect, RBF; log-cosh, MSLE, RMSE and hinge losses."""

import math

from .._core.errors import ArgumentError, ShapeError
from ..ops.declare import check_tensors
from . import functional as F
from . import init
from .linear import Linear, new_parameter
from .loss import _Loss
from .module import Module

# ---- layers ----


class Maxout(Module):
    """y[..., j] = max over i < pieces of (x W^T + b)[..., j pieces + i]: (..., in_features) -> (..., out_features).

    The maximum of `pieces` linear functions: a convex activation that is learned. The functions are one Linear, `linear`, of out_features
    * pieces outputs. Errors: ArgumentError for pieces < 1, ShapeError for other features, DTypeError for another dtype. Source:
    Goodfellow et al., Maxout networks, 2013.

    >>> import tensorgrad
    >>> tensorgrad.nn.Maxout(4, 3, pieces=2)(tensorgrad.ones(5, 4)).shape
    tensorgrad.Size([5, 3])
    """

    def __init__(self, in_features, out_features, pieces=2, bias=True, device=None, dtype=None):
        super().__init__()
        if pieces < 1:
            raise ArgumentError(f"Maxout: pieces must be at least 1, got {pieces}")
        self.in_features, self.out_features, self.pieces = in_features, out_features, pieces
        self.linear = Linear(in_features, out_features * pieces, bias, device, dtype)

    def forward(self, input):
        return self.linear(input).unflatten(-1, (self.out_features, self.pieces)).max(-1).values

    def extra_repr(self):
        return f"{self.in_features}, {self.out_features}, pieces={self.pieces}"


class DropConnect(Module):
    """A layer some of whose weights are 0 in training: y = layer(x) with layer.name * mask / (1 - p), each element of the mask 0 with
    probability p, else 1; in eval the layer itself.

    Inputs and results have the layer's shapes; the draws are those of functional.dropout. Errors: ArgumentError for p outside [0, 1] and
    for a parameter that the layer does not have, TypeError for what is no layer; the layer's own, as of a Linear ShapeError and
    DTypeError. Source: Wan et al., Regularization of neural networks using DropConnect, 2013.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> layer = nn.DropConnect(nn.Linear(3, 2), p=0.25)
    >>> layer(tensorgrad.ones(5, 3)).shape, list(layer.state_dict())
    (tensorgrad.Size([5, 2]), ['layer.weight', 'layer.bias'])
    """

    def __init__(self, layer, p=0.5, name="weight"):
        super().__init__()
        if not 0 <= p <= 1:
            raise ArgumentError(f"DropConnect: the probability p must be in [0, 1], got {p}")
        if not isinstance(layer, Module):
            raise TypeError(f"DropConnect: layer must be a Module, got {type(layer).__name__}")
        if layer._parameters.get(name) is None:
            raise ArgumentError(f"DropConnect: {type(layer).__name__} has no parameter {name!r}")
        self.layer, self.p, self.name = layer, p, name

    def forward(self, *args, **kwargs):
        if not self.training or self.p == 0:
            return self.layer(*args, **kwargs)
        table, weight = self.layer._parameters, self.layer._parameters[self.name]
        table[self.name] = F.dropout(weight, self.p)
        try:
            return self.layer(*args, **kwargs)
        finally:
            table[self.name] = weight

    def extra_repr(self):
        return f"p={self.p}, name={self.name!r}"


class RBF(Module):
    """y[..., j] = exp(-gamma[j]^2 |x - centres[j]|^2): (..., in_features) -> (..., out_features).

    Radial basis functions around out_features points; centres (out_features, in_features) start as N(0, 1), gamma (out_features) as 1.
    Errors: ShapeError for other features and for negative sizes, DTypeError for what is no dtype, ArgumentError for a device that is not
    the CPU. Source: Broomhead, Lowe, Multivariable functional interpolation and adaptive networks, 1988.

    >>> import tensorgrad
    >>> layer = tensorgrad.nn.RBF(3, 2)
    >>> layer(layer.centres[0]).tolist()[0]
    1.0
    """

    def __init__(self, in_features, out_features, device=None, dtype=None):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.centres = new_parameter(out_features, in_features, device=device, dtype=dtype)
        self.gamma = new_parameter(out_features, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the initial centres anew.

        >>> from tensorgrad import nn
        >>> layer = nn.RBF(2, 3)
        >>> layer.reset_parameters()
        >>> bool(layer.centres.isfinite().all())
        True
        """
        init.normal_(self.centres)
        init.ones_(self.gamma)

    def forward(self, input):
        check_tensors("RBF", input=input)
        if input.dim() == 0 or input.shape[-1] != self.in_features:
            raise ShapeError(f"RBF: expected an input whose last dimension is {self.in_features}, got shape {tuple(input.shape)}")
        away = input.unsqueeze(-2) - self.centres
        return (-(self.gamma * self.gamma) * (away * away).sum(-1)).exp()

    def extra_repr(self):
        return f"{self.in_features}, {self.out_features}"


# ---- losses ----


class _ElementLoss(_Loss):
    """A loss of every element of two tensors of one shape, averaged or summed."""

    def __init__(self, reduction="mean"):
        super().__init__(reduction=reduction)
        if reduction not in ("mean", "sum", "none"):
            raise ArgumentError(f"{type(self).__name__}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")

    def forward(self, input, target):
        check_tensors(type(self).__name__, input=input, target=target)
        if input.shape != target.shape:
            raise ShapeError(f"{type(self).__name__}: input {tuple(input.shape)} and target {tuple(target.shape)} must have the same "
                             "shape")
        loss = self.of(input, target)
        return loss if self.reduction == "none" else getattr(loss, self.reduction)()


class LogCoshLoss(_ElementLoss):
    """log(cosh(x - y)), averaged or summed over two tensors of one shape to a scalar, or, with reduction='none', of that shape: like (x -
    y)^2 / 2 near 0, like |x - y| - log 2 far away; no overflow at any distance. Errors: ShapeError for different shapes, ArgumentError
    for another reduction. Source: tf.keras.losses.LogCosh.

    >>> import tensorgrad
    >>> round(tensorgrad.nn.LogCoshLoss()(tensorgrad.tensor([1000.0]), tensorgrad.zeros(1)).item(), 2)
    999.31
    """

    def of(self, input, target):
        """log(cosh(x - y)) of each element. Errors: ShapeError where the shapes do not broadcast.

        >>> from tensorgrad import nn, tensor
        >>> nn.LogCoshLoss().of(tensor([1.0]), tensor([0.0]))
        tensor([0.4338])
        """
        away = (input - target).abs()
        return away + F.softplus(-2 * away) - math.log(2)


class MSLELoss(_ElementLoss):
    """(log(1 + x) - log(1 + y))^2, averaged or summed over two tensors of one shape to a scalar, or, with reduction='none', of that
    shape: the mean squared logarithmic error of numbers above -1. Errors: ShapeError for different shapes, ArgumentError for another
    reduction. Source: tf.keras.losses.MeanSquaredLogarithmicError.

    >>> import tensorgrad
    >>> tensorgrad.nn.MSLELoss()(tensorgrad.ones(2), tensorgrad.ones(2)).item()
    0.0
    """

    def of(self, input, target):
        """(log(1 + x) - log(1 + y))^2 of each element. Errors: ShapeError where the shapes do not broadcast.

        >>> from tensorgrad import nn, tensor
        >>> nn.MSLELoss().of(tensor([1.0]), tensor([0.0]))
        tensor([0.4805])
        """
        away = input.log1p() - target.log1p()
        return away * away


class RMSELoss(Module):
    """sqrt(mean((x - y)^2) + eps), a scalar, of x and y of one shape; eps 0 by default: then the gradient where x equals y is 0. Errors:
    ShapeError for different shapes, ArgumentError for eps < 0. Source: sklearn.metrics.root_mean_squared_error.

    >>> import tensorgrad
    >>> tensorgrad.nn.RMSELoss()(tensorgrad.tensor([3.0, 1.0]), tensorgrad.tensor([1.0, 3.0])).item()
    2.0
    """

    def __init__(self, eps=0.0):
        super().__init__()
        if not eps >= 0:
            raise ArgumentError(f"RMSELoss: eps must be >= 0, got {eps}")
        self.eps = eps

    def forward(self, input, target):
        check_tensors("RMSELoss", input=input, target=target)
        if input.shape != target.shape:
            raise ShapeError(f"RMSELoss: input {tuple(input.shape)} and target {tuple(target.shape)} must have the same shape")
        if self.eps:
            return (F.mse_loss(input, target) + self.eps).sqrt()
        return (input - target).norm() / math.sqrt(max(input.numel(), 1))


class HingeLoss(_ElementLoss):
    """max(0, margin - y x) of scores x and labels y in {-1, 1}, averaged or summed over two tensors of one shape to a scalar, or, with
    reduction='none', of that shape; squared=True: its square. Errors: ShapeError for different shapes, ArgumentError for another
    reduction. Source: tf.keras.losses.Hinge, SquaredHinge.

    >>> import tensorgrad
    >>> tensorgrad.nn.HingeLoss()(tensorgrad.tensor([0.5, 3.0]), tensorgrad.tensor([1.0, -1.0])).item()
    2.25
    """

    def __init__(self, margin=1.0, squared=False, reduction="mean"):
        super().__init__(reduction)
        self.margin, self.squared = margin, squared

    def of(self, input, target):
        """max(0, margin - y x), or its square, of each element. Errors: ShapeError where the shapes do not broadcast.

        >>> from tensorgrad import nn, tensor
        >>> nn.HingeLoss().of(tensor([0.25, 2.0]), tensor([1.0, 1.0]))
        tensor([0.7500, 0.0000])
        """
        loss = (self.margin - target * input).clamp(min=0)
        return loss * loss if self.squared else loss
