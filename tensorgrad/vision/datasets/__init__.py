"""Data sets in their official file formats. Source: torchvision.datasets' names and layouts."""

from .base import VisionDataset
from .cifar import CIFAR10, CIFAR100
from .coco import CocoDetection
from .digits import Digits
from .fake import FakeData
from .folder import DatasetFolder, ImageFolder
from .mnist import EMNIST, KMNIST, MNIST, FashionMNIST, read_idx
from .stl10 import STL10
from .svhn import SVHN
from .voc import VOCDetection, VOCSegmentation

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "EMNIST",
    "KMNIST",
    "MNIST",
    "STL10",
    "SVHN",
    "CocoDetection",
    "DatasetFolder",
    "Digits",
    "FakeData",
    "FashionMNIST",
    "ImageFolder",
    "VOCDetection",
    "VOCSegmentation",
    "VisionDataset",
    "read_idx",
]
