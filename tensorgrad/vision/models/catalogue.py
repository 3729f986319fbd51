"""The models by name, and how a file of weights gets into them."""

import os
from functools import wraps

import tensorgrad
from tensorgrad._core.errors import ArgumentError

MODELS: dict = {}  # name -> builder


def model(build=None, *, given=None):
    """Decorator of a builder: adds the keywords weights and progress, and enters it into the list of models.

    given: defaults of a model that is built for a file of weights, where they differ from those of a fresh one.
    """
    if build is None:
        return lambda build: model(build, given=given)

    @wraps(build)
    def builder(*, weights=None, progress=True, **kwargs):
        if weights is None:
            return build(**kwargs)
        state = checkpoint(weights, build.__name__)
        net = build(**{**(given or {}), **kwargs})
        net.load_state_dict(net.adapted(state) if hasattr(net, "adapted") else state)
        return net

    MODELS[build.__name__] = builder
    return builder


def checkpoint(weights, name):
    """The state dict in a file (.pth of torchvision, or safetensors)."""
    try:
        path = os.fspath(weights)
    except TypeError:
        path = None
    if path is None or not os.path.exists(path):
        raise ArgumentError(f"{name}: weights must be the path of a .pth or safetensors file (nothing is downloaded), got "
                            f"{weights!r}")
    return tensorgrad.load(path)


def list_models(module=None, include=None, exclude=None):
    """The names of all models, sorted; include and exclude: shell patterns, one or several. Source:
    torchvision.models.list_models.

    >>> from tensorgrad.vision import models
    >>> models.list_models(include="resnet*", exclude=["*50", "*1??", "*152"])
    ['resnet18', 'resnet20', 'resnet32', 'resnet34', 'resnet56']
    """
    from fnmatch import fnmatch

    def any_of(name, patterns):
        return any(fnmatch(name, p) for p in ([patterns] if isinstance(patterns, str) else patterns))

    return sorted(name for name, builder in MODELS.items()
                  if (module is None or builder.__module__ == getattr(module, "__name__", module))
                  and (include is None or any_of(name, include)) and (exclude is None or not any_of(name, exclude)))


def get_model_builder(name):
    """The function that builds the model of that name. ArgumentError for one that is not in the list. Source:
    torchvision.models.get_model_builder."""
    if name.lower() not in MODELS:
        raise ArgumentError(f"get_model: no model {name!r}, known are {', '.join(sorted(MODELS))}")
    return MODELS[name.lower()]


def get_model(name, **config):
    """The model of that name, built with the keywords. Source: torchvision.models.get_model.

    >>> from tensorgrad.vision import models
    >>> type(models.get_model("squeezenet1_1", num_classes=10)).__name__
    'SqueezeNet'
    """
    return get_model_builder(name)(**config)
