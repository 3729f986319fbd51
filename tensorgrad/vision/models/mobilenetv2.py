"""MobileNetV2: depthwise convolutions between narrow layers that are added up."""

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn import functional as F

from ..ops.misc import Conv2dNormActivation
from .catalogue import model

# expansion, channels, blocks, stride of the first
SETTING = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def make_divisible(v, divisor):
    """v rounded to a multiple of divisor, but not below 0.9 v."""
    rounded = max(divisor, int(v + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * v else rounded


class InvertedResidual(nn.Module):
    """1 x 1 to more channels, 3 x 3 on each of them, 1 x 1 to few; plus the input where the shapes are equal."""

    def __init__(self, inp, oup, stride, expand_ratio, norm_layer=None):
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"InvertedResidual: stride must be 1 or 2, got {stride}")
        norm_layer = norm_layer or nn.BatchNorm2d
        hidden = round(inp * expand_ratio)
        self.stride, self.use_res_connect = stride, stride == 1 and inp == oup
        wide = []
        if expand_ratio != 1:
            wide.append(Conv2dNormActivation(inp, hidden, 1, norm_layer=norm_layer, activation_layer=nn.ReLU6))
        self.conv = nn.Sequential(
            *wide,
            Conv2dNormActivation(hidden, hidden, stride=stride, groups=hidden, norm_layer=norm_layer,
                                 activation_layer=nn.ReLU6),
            nn.Conv2d(hidden, oup, 1, bias=False), norm_layer(oup))
        self.out_channels = oup

    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    """(N, 3, 224, 224) -> (N, num_classes); width_mult scales the channels, to multiples of round_nearest.

    Errors: ValueError for a setting that is no rows of four and for dropout outside [0, 1], ShapeError for images of other
    channels. Source: Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, 2018; torchvision's names.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import models
    >>> models.MobileNetV2(num_classes=5, width_mult=0.25).eval()(torch.ones(1, 3, 32, 32)).shape
    tensorgrad.Size([1, 5])
    """

    def __init__(self, num_classes=1000, width_mult=1.0, inverted_residual_setting=None, round_nearest=8, block=None,
                 norm_layer=None, dropout=0.2):
        super().__init__()
        block, norm_layer = block or InvertedResidual, norm_layer or nn.BatchNorm2d
        setting = SETTING if inverted_residual_setting is None else inverted_residual_setting
        if not setting or any(len(row) != 4 for row in setting):
            raise ValueError(f"MobileNetV2: inverted_residual_setting must be rows of four numbers, got {setting}")
        channels = make_divisible(32 * width_mult, round_nearest)
        self.last_channel = make_divisible(1280 * max(1.0, width_mult), round_nearest)
        features = [Conv2dNormActivation(3, channels, stride=2, norm_layer=norm_layer, activation_layer=nn.ReLU6)]
        for expand, width, blocks, stride in setting:
            width = make_divisible(width * width_mult, round_nearest)
            for i in range(blocks):
                features.append(block(channels, width, stride if i == 0 else 1, expand_ratio=expand, norm_layer=norm_layer))
                channels = width
        features.append(Conv2dNormActivation(channels, self.last_channel, 1, norm_layer=norm_layer,
                                             activation_layer=nn.ReLU6))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), nn.Linear(self.last_channel, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(tensorgrad.flatten(x, 1))


@model
def mobilenet_v2(**kwargs):
    """MobileNetV2."""
    return MobileNetV2(**kwargs)
