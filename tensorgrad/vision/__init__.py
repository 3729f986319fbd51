"""Images: data sets, transforms, models, operations on boxes. Source: torchvision's names."""

from importlib import import_module as _import_module

from tensorgrad.config import __version__ as __version__

_LAZY = {"datasets", "io", "models", "ops", "transforms", "utils"}


def __getattr__(name):
    if name in _LAZY:
        return _import_module(f".{name}", __name__)
    raise AttributeError(f"module 'tensorgrad.vision' has no attribute {name!r}")
