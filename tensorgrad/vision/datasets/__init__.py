"""Data sets that are read from local files; nothing is downloaded."""

from .digits import Digits
from .mnist import MNIST, read_idx

__all__ = ["MNIST", "Digits", "read_idx"]
