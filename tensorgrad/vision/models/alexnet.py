"""AlexNet: five convolutions and three linear layers."""

import tensorgrad
from tensorgrad import nn

from .catalogue import model


class AlexNet(nn.Module):
    """(N, 3, 224, 224) -> (N, num_classes), in the one-tower form.

    Errors: ShapeError for a negative num_classes and for images of other channels or too small, ValueError for dropout outside [0,
    1]. Source: Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014; torchvision's names.

    >>> from tensorgrad.vision import models
    >>> models.get_model_builder("alexnet") is models.alexnet
    True
    """

    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(inplace=True),
            nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes))

    def forward(self, x):
        return self.classifier(tensorgrad.flatten(self.avgpool(self.features(x)), 1))


@model
def alexnet(**kwargs):
    """AlexNet."""
    return AlexNet(**kwargs)
