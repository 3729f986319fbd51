"""GoogLeNet: Inception blocks, which look at a place through four windows at once."""

from collections import namedtuple

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn import functional as F

from .catalogue import model

GoogLeNetOutputs = namedtuple("GoogLeNetOutputs", "logits aux_logits2 aux_logits1")
GoogLeNetOutputs.__doc__ = """What GoogLeNet answers in training: logits, aux_logits2 and aux_logits1, each of shape (N, num_classes). Any
values are taken, there are no errors. Source: torchvision.models.GoogLeNetOutputs.

>>> from tensorgrad.vision.models import GoogLeNetOutputs
>>> GoogLeNetOutputs(1, 2, 3).aux_logits2
2
"""

# ImageNet's mean and deviation of each channel, which undo torchvision's usual Normalize ...
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# ... for weights that were trained on values in [-1, 1].
CENTRE, SPREAD = 0.5, 0.5


class BasicConv2d(nn.Module):
    """Convolution without bias, batch norm, rectifier."""

    def __init__(self, in_channels, out_channels, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    """1 x 1, 1 x 1 then 3 x 3, 1 x 1 then 3 x 3, and pooling then 1 x 1, side by side along the channels.

    The third branch is the paper's 5 x 5; torchvision's weights have 3 x 3 there.
    """

    def __init__(self, in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj, conv_block=None):
        super().__init__()
        conv = conv_block or BasicConv2d
        self.branch1 = conv(in_channels, ch1x1, kernel_size=1)
        self.branch2 = nn.Sequential(conv(in_channels, ch3x3red, kernel_size=1),
                                     conv(ch3x3red, ch3x3, kernel_size=3, padding=1))
        self.branch3 = nn.Sequential(conv(in_channels, ch5x5red, kernel_size=1),
                                     conv(ch5x5red, ch5x5, kernel_size=3, padding=1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True),
                                     conv(in_channels, pool_proj, kernel_size=1))

    def forward(self, x):
        return tensorgrad.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    """A classifier on an inner layer, for the loss alone."""

    def __init__(self, in_channels, num_classes, conv_block=None, dropout=0.7):
        super().__init__()
        self.conv = (conv_block or BasicConv2d)(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(p=dropout)

    def forward(self, x):
        x = self.conv(F.adaptive_avg_pool2d(x, (4, 4)))
        x = F.relu(self.fc1(tensorgrad.flatten(x, 1)), inplace=True)
        return self.fc2(self.dropout(x))


# input, 1x1, 3x3 reduced, 3x3, 5x5 reduced, 5x5, pooled
BLOCKS = {
    "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64), "maxpool3": 3,
    "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64), "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64), "4e": (528, 256, 160, 320, 32, 128, 128), "maxpool4": 2,
    "5a": (832, 256, 160, 320, 32, 128, 128), "5b": (832, 384, 192, 384, 48, 128, 128),
}


class GoogLeNet(nn.Module):
    """(N, 3, 224, 224) -> (N, num_classes); in training with aux_logits GoogLeNetOutputs, with two inner classifiers.

    transform_input: the images were normalised with ImageNet's mean and deviation, the weights want [-1, 1]. Errors: ShapeError for
    a negative num_classes and for images of other channels, ValueError for other than three kinds of blocks. Source: Szegedy et
    al., Going deeper with convolutions, 2014; torchvision's names and initial weights.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import models
    >>> models.GoogLeNet(num_classes=5, init_weights=False).eval()(torch.ones(1, 3, 32, 32)).shape
    tensorgrad.Size([1, 5])
    """

    def __init__(self, num_classes=1000, aux_logits=True, transform_input=False, init_weights=True, blocks=None, dropout=0.2,
                 dropout_aux=0.7):
        super().__init__()
        conv, inception, aux = blocks or (BasicConv2d, Inception, InceptionAux)
        self.aux_logits, self.transform_input = aux_logits, transform_input
        self.conv1 = conv(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = conv(64, 64, kernel_size=1)
        self.conv3 = conv(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        for name, what in BLOCKS.items():
            if isinstance(what, int):
                setattr(self, name, nn.MaxPool2d(what, stride=2, ceil_mode=True))
            else:
                setattr(self, "inception" + name, inception(*what))
        self.aux1 = aux(512, num_classes, dropout=dropout_aux) if aux_logits else None
        self.aux2 = aux(528, num_classes, dropout=dropout_aux) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(p=dropout)
        self.fc = nn.Linear(1024, num_classes)
        if init_weights:
            for module in self.modules():
                if isinstance(module, (nn.Conv2d, nn.Linear)):
                    nn.init.trunc_normal_(module.weight, mean=0.0, std=0.01, a=-2, b=2)

    def adapted(self, state):
        """A checkpoint's names; without the inner classifiers where this model has none. No errors: load_state_dict finds what does
        not fit.

        >>> from tensorgrad.vision.models import GoogLeNet
        >>> class Plain:
        ...     aux_logits = False
        >>> list(GoogLeNet.adapted(Plain, {"aux1.fc1.weight": 0, "fc.weight": 1}))
        ['fc.weight']
        """
        return state if self.aux_logits else {k: v for k, v in state.items() if not k.startswith(("aux1.", "aux2."))}

    def forward(self, x):
        if self.transform_input:
            mean, std = (tensorgrad.tensor(v).view(3, 1, 1) for v in (MEAN, STD))
            x = x * (std / SPREAD) + (mean - CENTRE) / SPREAD
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        x = self.inception4a(x)
        with_aux = self.training and self.aux1 is not None
        aux1 = self.aux1(x) if with_aux else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))
        aux2 = self.aux2(x) if with_aux else None
        x = self.maxpool4(self.inception4e(x))
        x = self.avgpool(self.inception5b(self.inception5a(x)))
        x = self.fc(self.dropout(tensorgrad.flatten(x, 1)))
        return GoogLeNetOutputs(x, aux2, aux1) if self.training and self.aux_logits else x


@model(given={"transform_input": True, "aux_logits": False, "init_weights": False})
def googlenet(**kwargs):
    """GoogLeNet; with weights from a file, without the inner classifiers and for normalised images."""
    return GoogLeNet(**kwargs)
