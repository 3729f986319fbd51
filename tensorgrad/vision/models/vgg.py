"""VGG: columns of 3 x 3 convolutions between poolings."""

import tensorgrad
from tensorgrad import nn

from .catalogue import model

# Channels of each convolution, group by group; a group ends with 2 x 2 max pooling.
GROUPS = {
    11: ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    13: ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    16: ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3),
    19: ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4),
}


class VGG(nn.Module):
    """(N, 3, 224, 224) -> (N, num_classes); `features` makes (N, 512, h, w) of the images.

    Errors: ShapeError for a negative num_classes and for images that the features do not take, ValueError for dropout outside [0,
    1]. Source: Simonyan, Zisserman, Very deep convolutional networks for large-scale image recognition, 2014; torchvision's names
    and initial weights.

    >>> from tensorgrad.vision import models
    >>> models.list_models(include="vgg1?")
    ['vgg11', 'vgg13', 'vgg16', 'vgg19']
    """

    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, num_classes))
        if init_weights:
            for module in self.modules():
                if isinstance(module, nn.Conv2d):
                    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                    nn.init.zeros_(module.bias)
                elif isinstance(module, nn.Linear):
                    nn.init.normal_(module.weight, 0, 0.01)
                    nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.classifier(tensorgrad.flatten(self.avgpool(self.features(x)), 1))


def column(groups, batch_norm):
    """The convolutions of all groups."""
    layers, channels = [], 3
    for group in groups:
        for width in group:
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU(inplace=True))
            channels = width
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


def declare(depth, batch_norm):
    """The builder of one VGG."""
    def build(**kwargs):
        return VGG(column(GROUPS[depth], batch_norm), **kwargs)

    build.__name__ = build.__qualname__ = f"vgg{depth}{'_bn' if batch_norm else ''}"
    build.__doc__ = f"VGG with {depth} layers that have weights{', with batch normalisation' if batch_norm else ''}."
    return model(build, given={"init_weights": False})


vgg11, vgg13, vgg16, vgg19 = (declare(depth, False) for depth in GROUPS)
vgg11_bn, vgg13_bn, vgg16_bn, vgg19_bn = (declare(depth, True) for depth in GROUPS)
