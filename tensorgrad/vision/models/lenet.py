"""LeNet-5, for 28 x 28 images of one channel."""

import tensorgrad
from tensorgrad import nn
from tensorgrad.nn import functional as F

from .catalogue import model


class LeNet(nn.Module):
    """LeNet-5 as it is taught today, with rectifiers and max pooling: (N, in_channels, 28, 28) -> (N, num_classes).

    Errors: ShapeError for a negative num_classes and for images of other channels or sizes. Source: LeCun, Bottou, Bengio, Haffner,
    Gradient-based learning applied to document recognition, 1998.

    >>> import tensorgrad
    >>> from tensorgrad.vision.models import LeNet
    >>> LeNet()(tensorgrad.ones(2, 1, 28, 28)).shape
    tensorgrad.Size([2, 10])
    """

    def __init__(self, num_classes=10, in_channels=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = tensorgrad.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


@model
def lenet(**kwargs):
    """LeNet-5."""
    return LeNet(**kwargs)
