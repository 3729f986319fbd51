"""Small modules that models are made of."""

import tensorgrad
from tensorgrad import nn


class Conv2dNormActivation(nn.Sequential):
    """Convolution, norm, activation; padding None keeps the size at stride 1, bias None: only without a norm. (N, in_channels, H,
    W) -> (N, out_channels, H', W'). Errors: ValueError for channels that groups do not divide, ShapeError for images of other
    channels. Source: torchvision.ops.Conv2dNormActivation.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> ops.Conv2dNormActivation(3, 4)(torch.ones(1, 3, 5, 5)).shape
    tensorgrad.Size([1, 4, 5, 5])
    """

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=None, groups=1,
                 norm_layer=nn.BatchNorm2d, activation_layer=nn.ReLU, dilation=1, inplace=True, bias=None):
        if padding is None:
            kernels, dilations = (v if isinstance(v, tuple) else (v, v) for v in (kernel_size, dilation))
            padding = tuple((k - 1) // 2 * d for k, d in zip(kernels, dilations, strict=True))
        layers = [nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups,
                            norm_layer is None if bias is None else bias)]
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer() if inplace is None else activation_layer(inplace=inplace))
        super().__init__(*layers)
        self.out_channels = out_channels


class FrozenBatchNorm2d(nn.Module):
    """Batch norm with fixed statistics and fixed scale: y = (x - mean) / sqrt(var + eps) weight + bias, (N, num_features, H, W) ->
    the same shape. Errors: ShapeError for other channels and a negative num_features. Source: torchvision.ops.FrozenBatchNorm2d.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import ops
    >>> len(list(ops.FrozenBatchNorm2d(3).parameters()))
    0
    """

    def __init__(self, num_features, eps=1e-5):
        super().__init__()
        self.eps = eps
        for name, make in (("weight", tensorgrad.ones), ("bias", tensorgrad.zeros), ("running_mean", tensorgrad.zeros),
                           ("running_var", tensorgrad.ones)):
            self.register_buffer(name, make(num_features))

    def forward(self, x):
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)

    def extra_repr(self):
        return f"{self.weight.shape[0]}, eps={self.eps}"
