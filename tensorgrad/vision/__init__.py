"""Images: data sets to learn from."""

from . import datasets as datasets
