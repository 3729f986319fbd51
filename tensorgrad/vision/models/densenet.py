"""DenseNet: every layer of a block sees the outputs of all layers before it."""

import re
from collections import OrderedDict

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn import functional as F

from .catalogue import model

# torchvision's files say "norm.1" where its modules are called "norm1".
OLD_NAME = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)$")


class DenseLayer(nn.Module):
    """growth_rate new channels from all channels so far, through a 1 x 1 and a 3 x 3 convolution."""

    def __init__(self, num_input_features, growth_rate, bn_size, drop_rate):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(num_input_features)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(num_input_features, bn_size * growth_rate, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)
        self.drop_rate = float(drop_rate)

    def forward(self, x):
        x = self.conv1(self.relu1(self.norm1(x)))
        x = self.conv2(self.relu2(self.norm2(x)))
        return F.dropout(x, self.drop_rate, self.training) if self.drop_rate > 0 else x


class DenseBlock(nn.ModuleDict):
    """num_layers dense layers; the result is everything, side by side."""

    def __init__(self, num_layers, num_input_features, bn_size, growth_rate, drop_rate):
        super().__init__()
        for i in range(num_layers):
            self.add_module(f"denselayer{i + 1}",
                            DenseLayer(num_input_features + i * growth_rate, growth_rate, bn_size, drop_rate))

    def forward(self, x):
        features = [x]
        for layer in self.values():
            features.append(layer(tensorgrad.cat(features, 1) if len(features) > 1 else x))
        return tensorgrad.cat(features, 1)


class Transition(nn.Sequential):
    """Between blocks: fewer channels, half the size."""

    def __init__(self, num_input_features, num_output_features):
        super().__init__(OrderedDict(norm=nn.BatchNorm2d(num_input_features), relu=nn.ReLU(inplace=True),
                                     conv=nn.Conv2d(num_input_features, num_output_features, 1, bias=False),
                                     pool=nn.AvgPool2d(2, stride=2)))


class DenseNet(nn.Module):
    """(N, 3, 224, 224) -> (N, num_classes): a stem, four dense blocks with transitions between them, a classifier.

    Errors: ShapeError for a negative num_classes and for images of other channels, ArgumentError at the call for drop_rate outside
    [0, 1]. Source: Huang, Liu, van der Maaten, Weinberger, Densely connected convolutional networks, 2016; torchvision's names.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import models
    >>> models.DenseNet(4, (1, 1), 8, num_classes=5)(torch.ones(1, 3, 32, 32)).shape
    tensorgrad.Size([1, 5])
    """

    def __init__(self, growth_rate=32, block_config=(6, 12, 24, 16), num_init_features=64, bn_size=4, drop_rate=0,
                 num_classes=1000):
        super().__init__()
        self.features = nn.Sequential(OrderedDict(
            conv0=nn.Conv2d(3, num_init_features, 7, stride=2, padding=3, bias=False),
            norm0=nn.BatchNorm2d(num_init_features), relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(3, stride=2, padding=1)))
        channels = num_init_features
        for i, num_layers in enumerate(block_config, 1):
            self.features.add_module(f"denseblock{i}", DenseBlock(num_layers, channels, bn_size, growth_rate, drop_rate))
            channels += num_layers * growth_rate
            if i < len(block_config):
                self.features.add_module(f"transition{i}", Transition(channels, channels // 2))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def adapted(self, state):
        """A checkpoint with the names of the modules, also from torchvision's older files. No errors: load_state_dict finds what
        does not fit.

        >>> from tensorgrad.vision.models import DenseNet
        >>> list(DenseNet.adapted(None, {"features.denseblock1.denselayer1.norm.1.weight": 0}))
        ['features.denseblock1.denselayer1.norm1.weight']
        """
        return OrderedDict((OLD_NAME.sub(r"\1\2", name), value) for name, value in state.items())

    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(tensorgrad.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


@model
def densenet121(**kwargs):
    """DenseNet-121."""
    return DenseNet(32, (6, 12, 24, 16), 64, **kwargs)


@model
def densenet161(**kwargs):
    """DenseNet-161."""
    return DenseNet(48, (6, 12, 36, 24), 96, **kwargs)


@model
def densenet169(**kwargs):
    """DenseNet-169."""
    return DenseNet(32, (6, 12, 32, 32), 64, **kwargs)


@model
def densenet201(**kwargs):
    """DenseNet-201."""
    return DenseNet(32, (6, 12, 48, 32), 64, **kwargs)
