"""Residual networks: ResNet, ResNeXt, wide ResNet; and the small ones for CIFAR's 32 x 32 images."""

import tensorgrad
from tensorgrad import nn
from tensorgrad._core.errors import ArgumentError
from tensorgrad.nn import functional as F

from .catalogue import model


def conv3x3(ci, co, stride=1, groups=1, dilation=1):
    """A 3 x 3 convolution that keeps the size (at stride 1), without bias."""
    return nn.Conv2d(ci, co, 3, stride, padding=dilation, dilation=dilation, groups=groups, bias=False)


def conv1x1(ci, co, stride=1):
    """A 1 x 1 convolution without bias."""
    return nn.Conv2d(ci, co, 1, stride, bias=False)


class BasicBlock(nn.Module):
    """relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)), 3 x 3 both."""

    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64, dilation=1, norm_layer=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        if groups != 1 or base_width != 64:
            raise ValueError(f"BasicBlock: groups must be 1 and base_width 64, got {groups} and {base_width}")
        if dilation > 1:
            raise NotImplementedError(f"BasicBlock: dilation must be 1, got {dilation}")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm_layer(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm_layer(planes)
        self.downsample, self.stride = downsample, stride

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Bottleneck(nn.Module):
    """1 x 1 to fewer channels, 3 x 3 (which takes the stride), 1 x 1 to four times as many, plus the shortcut."""

    expansion = 4

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64, dilation=1, norm_layer=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm_layer(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm_layer(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm_layer(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample, self.stride = downsample, stride

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


def init_residual(net, zero_init_residual=False):
    """He's normal weights in convolutions; batch norms start as the identity, with zero_init_residual each block does."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    if zero_init_residual:
        for module in net.modules():
            if isinstance(module, (Bottleneck, BasicBlock)):
                nn.init.zeros_((module.bn3 if isinstance(module, Bottleneck) else module.bn2).weight)


class ResNet(nn.Module):
    """(N, 3, 224, 224) -> (N, num_classes): a stem and four layers of residual blocks.

    replace_stride_with_dilation: for layers 2 to 4, whether a dilation takes the place of the stride of 2. Errors: ValueError for
    other than four layers or three dilations, ShapeError for a negative num_classes and for images of other channels. Source: He,
    Zhang, Ren, Sun, Deep residual learning for image recognition, 2015; torchvision's names.

    >>> import tensorgrad as torch
    >>> from tensorgrad.vision import models
    >>> from tensorgrad.vision.models.resnet import BasicBlock
    >>> models.ResNet(BasicBlock, [1, 1, 1, 1], num_classes=5)(torch.ones(2, 3, 32, 32)).shape
    tensorgrad.Size([2, 5])
    """

    def __init__(self, block, layers, num_classes=1000, zero_init_residual=False, groups=1, width_per_group=64,
                 replace_stride_with_dilation=None, norm_layer=None):
        super().__init__()
        dilate = (False, False, False) if replace_stride_with_dilation is None else tuple(replace_stride_with_dilation)
        if len(layers) != 4:
            raise ValueError(f"ResNet: layers must be four numbers of blocks, got {layers}")
        if len(dilate) != 3:
            raise ValueError(f"ResNet: replace_stride_with_dilation must be None or three bools, got "
                             f"{replace_stride_with_dilation}")
        self._norm_layer = norm_layer or nn.BatchNorm2d
        self.inplanes, self.dilation = 64, 1
        self.groups, self.base_width = groups, width_per_group
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], 2, dilate[0])
        self.layer3 = self._make_layer(block, 256, layers[2], 2, dilate[1])
        self.layer4 = self._make_layer(block, 512, layers[3], 2, dilate[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        init_residual(self, zero_init_residual)

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        before = self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        downsample = None
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(conv1x1(self.inplanes, planes * block.expansion, stride),
                                       self._norm_layer(planes * block.expansion))
        layers = [block(self.inplanes, planes, stride, downsample, self.groups, self.base_width, before, self._norm_layer)]
        self.inplanes = planes * block.expansion
        layers += [block(self.inplanes, planes, groups=self.groups, base_width=self.base_width, dilation=self.dilation,
                         norm_layer=self._norm_layer) for _ in range(1, blocks)]
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(tensorgrad.flatten(self.avgpool(x), 1))


class PadShortcut(nn.Module):
    """Every second pixel, and zeros for the new channels: the shortcut without parameters (option A of the paper)."""

    def __init__(self, new_channels):
        super().__init__()
        self.new_channels = new_channels

    def forward(self, x):
        before = self.new_channels // 2
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, before, self.new_channels - before))


class CifarResNet(nn.Module):
    """(N, 3, 32, 32) -> (N, num_classes): 6 n + 2 layers, three stages of n blocks with 16, 32, 64 channels.

    Errors: ArgumentError for n < 1, ShapeError for a negative num_classes and for images of other channels. Source: He, Zhang, Ren,
    Sun, Deep residual learning for image recognition, 2015, section 4.2.

    >>> from tensorgrad.vision.models import resnet20
    >>> sum(p.numel() for p in resnet20().parameters())
    269722
    """

    def __init__(self, n, num_classes=10):
        super().__init__()
        if n < 1:
            raise ArgumentError(f"CifarResNet: n must be positive, got {n}")
        self.conv1 = conv3x3(3, 16)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(*(BasicBlock(16, 16) for _ in range(n)))
        self.layer2 = self._stage(16, 32, n)
        self.layer3 = self._stage(32, 64, n)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(64, num_classes)
        init_residual(self)

    @staticmethod
    def _stage(ci, co, n):
        return nn.Sequential(BasicBlock(ci, co, 2, PadShortcut(co - ci)), *(BasicBlock(co, co) for _ in range(n - 1)))

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(tensorgrad.flatten(self.avgpool(x), 1))


def declare(name, doc, block, layers, **fixed):
    """The builder of one ResNet."""
    def build(**kwargs):
        return ResNet(block, layers, **{**fixed, **kwargs})

    build.__name__ = build.__qualname__ = name
    build.__doc__ = doc
    return model(build)


resnet18 = declare("resnet18", "ResNet-18.", BasicBlock, [2, 2, 2, 2])
resnet34 = declare("resnet34", "ResNet-34.", BasicBlock, [3, 4, 6, 3])
resnet50 = declare("resnet50", "ResNet-50.", Bottleneck, [3, 4, 6, 3])
resnet101 = declare("resnet101", "ResNet-101.", Bottleneck, [3, 4, 23, 3])
resnet152 = declare("resnet152", "ResNet-152.", Bottleneck, [3, 8, 36, 3])
resnext50_32x4d = declare("resnext50_32x4d", "ResNeXt-50 with 32 groups of 4 channels (Xie et al. 2016).", Bottleneck,
                          [3, 4, 6, 3], groups=32, width_per_group=4)
resnext101_32x8d = declare("resnext101_32x8d", "ResNeXt-101 with 32 groups of 8 channels.", Bottleneck, [3, 4, 23, 3],
                           groups=32, width_per_group=8)
resnext101_64x4d = declare("resnext101_64x4d", "ResNeXt-101 with 64 groups of 4 channels.", Bottleneck, [3, 4, 23, 3],
                           groups=64, width_per_group=4)
wide_resnet50_2 = declare("wide_resnet50_2", "ResNet-50 with inner layers twice as wide (Zagoruyko, Komodakis 2016).",
                          Bottleneck, [3, 4, 6, 3], width_per_group=128)
wide_resnet101_2 = declare("wide_resnet101_2", "ResNet-101 with inner layers twice as wide.", Bottleneck, [3, 4, 23, 3],
                           width_per_group=128)


@model
def resnet20(**kwargs):
    """ResNet-20 for CIFAR."""
    return CifarResNet(3, **kwargs)


@model
def resnet32(**kwargs):
    """ResNet-32 for CIFAR."""
    return CifarResNet(5, **kwargs)


@model
def resnet56(**kwargs):
    """ResNet-56 for CIFAR."""
    return CifarResNet(9, **kwargs)
