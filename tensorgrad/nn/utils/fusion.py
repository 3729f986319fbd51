"""Batch normalisation in eval mode folded into the layer before it."""

from copy import deepcopy

from ..._core.errors import ArgumentError, ShapeError
from ...ops.create import ones_like, zeros_like
from ..parameter import Parameter


def folded(weight, bias, mean, variance, eps, gamma, beta, shape):
    """(weight s, (bias - mean) s + beta) with s = gamma / sqrt(variance + eps), one number an output."""
    bias = zeros_like(mean) if bias is None else bias
    gamma = ones_like(mean) if gamma is None else gamma
    beta = zeros_like(mean) if beta is None else beta
    scale = gamma * (variance + eps).rsqrt()
    new_weight = (weight * scale.reshape(shape)).to(weight.dtype)
    new_bias = ((bias - mean) * scale + beta).to(bias.dtype)
    return (Parameter(new_weight.detach(), weight.requires_grad), Parameter(new_bias.detach(), bias.requires_grad))


def fuse_conv_bn_weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose=False):
    """(weight s, (bias - mean) s + beta), s = gamma / sqrt(variance + eps): (weight, bias) of a convolution, of conv_w's shape and [co],
    that does what convolution and batch norm (running statistics [co]) do. Errors: ShapeError where the channels differ. Source:
    torch.nn.utils.fusion.fuse_conv_bn_weights.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> zero, one = tensorgrad.zeros(1), tensorgrad.ones(1)
    >>> nn.utils.fusion.fuse_conv_bn_weights(tensorgrad.ones(1, 1, 1), None, zero, one, 0.0, 3 * one, one)[0].item()
    3.0
    """
    shape = [-1 if d == int(transpose) else 1 for d in range(conv_w.dim())]
    return folded(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, shape)


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    """(weight s, (bias - mean) s + beta), s = gamma / sqrt(variance + eps): (weight [o, i], bias [o]) of a linear layer that does what
    the layer and batch norm do. Errors: ShapeError where the features differ. Source: torch.nn.utils.fusion.fuse_linear_bn_weights.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> zero, one = tensorgrad.zeros(1), tensorgrad.ones(1)
    >>> nn.utils.fusion.fuse_linear_bn_weights(tensorgrad.ones(1, 1), None, zero, one, 0.0, 3 * one, one)[0].item()
    3.0
    """
    return folded(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, [-1, 1])


def fused(name, layer, bn, weights, *options):
    """A copy of the layer with the batch norm folded in."""
    if layer.training or bn.training:
        raise AssertionError(f"{name}: Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise ArgumentError(f"{name}: the batch norm has no running statistics")
    layer = deepcopy(layer)
    layer.weight, layer.bias = weights(layer.weight, layer.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias,
                                       *options)
    return layer


def fuse_conv_bn_eval(conv, bn, transpose=False):
    """A copy of the convolution that does what it and the batch norm behind it do in eval mode, with the same shapes; see
    fuse_conv_bn_weights.

    transpose: it is a transposed one. Errors: AssertionError in training, ShapeError where the channels differ, ArgumentError without
    running statistics. Source: torch.nn.utils.fusion.fuse_conv_bn_eval.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> conv, norm, x = nn.Conv2d(1, 2, 3).eval(), nn.BatchNorm2d(2).eval(), tensorgrad.ones(1, 1, 4, 4)
    >>> bool((nn.utils.fusion.fuse_conv_bn_eval(conv, norm)(x) - norm(conv(x))).abs().max() < 1e-5)
    True
    """
    return fused("fuse_conv_bn_eval", conv, bn, fuse_conv_bn_weights, transpose)


def fuse_linear_bn_eval(linear, bn):
    """A copy of the linear layer that does what it and the batch norm behind it do in eval mode, with the same shapes; see
    fuse_linear_bn_weights. Errors: AssertionError in training, ShapeError where the features differ, ArgumentError without running
    statistics. Source: torch.nn.utils.fusion.fuse_linear_bn_eval.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> linear, norm, x = nn.Linear(2, 3).eval(), nn.BatchNorm1d(3).eval(), tensorgrad.ones(1, 2)
    >>> tensorgrad.allclose(nn.utils.fusion.fuse_linear_bn_eval(linear, norm)(x), norm(linear(x)), atol=1e-6)
    True
    """
    if bn.num_features not in (linear.out_features, 1):
        raise ShapeError(f"fuse_linear_bn_eval: a batch norm of {bn.num_features} features does not fit {linear.out_features} outputs")
    return fused("fuse_linear_bn_eval", linear, bn, fuse_linear_bn_weights)
