"""Tools beside the models: data loading, checkpointing. What a program may not need is loaded when it is first named."""

from importlib import import_module


def __getattr__(name):
    if name in {"data", "checkpoint", "hooks", "tensorboard"}:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
