"""The models by name, and how a file of weights gets into them."""

import os
from functools import wraps

import tensorgrad
from tensorgrad._core.errors import ArgumentError

from .weights import ENUMS

MODELS: dict = {}  # name -> builder


def model(build=None, *, given=None):
    """Decorator of a builder: adds the keywords weights, progress and pretrained, and enters it into the list of models.

    given: defaults of a model that is built for trained weights, where they differ from those of a fresh one.
    """
    if build is None:
        return lambda build: model(build, given=given)

    @wraps(build)
    def builder(pretrained=False, progress=True, *, weights=None, **kwargs):
        if weights is None and isinstance(pretrained, bool):
            weights = "DEFAULT" if pretrained else None
        elif weights is None:  # torchvision's builders take weights in the first place, older ones pretrained
            weights = pretrained
        if weights is None:
            return build(**kwargs)
        state = checkpoint(weights, build.__name__, progress)
        net = build(**{**(given or {}), **kwargs})
        net.load_state_dict(net.adapted(state) if hasattr(net, "adapted") else state)
        return net

    name = build.__name__
    builder.__doc__ = f"""{(build.__doc__ or "").strip()} Images (N, C, H, W) -> scores (N, num_classes); keywords: those of the class.

    weights: a file, or published weights by name or member (pretrained=True: the best of them). Errors: ArgumentError for other
    weights, FileFormatError for a damaged file, those of the class. Source: torchvision.models.{name}.

    >>> from tensorgrad.vision import models
    >>> models.get_model_builder({name!r}) is models.{name}
    True
    """
    MODELS[name] = builder
    return builder


def checkpoint(weights, name, progress=True):
    """A state dict: of a file (.pth of torchvision, or safetensors), or of torchvision's weights by name or member."""
    enum = ENUMS.get(name)
    if isinstance(weights, str) and enum is not None:
        weights = enum.__members__.get(weights.removeprefix(f"{enum.__name__}."), weights)
    if enum is not None and isinstance(weights, enum):
        return weights.get_state_dict(progress=progress)
    if not isinstance(weights, (str, os.PathLike)) or not os.path.exists(weights):
        known = f" or one of {', '.join(enum.__members__)}" if enum is not None else ""
        raise ArgumentError(f"{name}: weights must be the path of a .pth or safetensors file{known}, got {weights!r}")
    return tensorgrad.load(weights)


def list_models(module=None, include=None, exclude=None):
    """The names of all models, sorted; include and exclude: shell patterns, one or several; module: that of the builders. Errors:
    TypeError for patterns that are no texts. Source: torchvision.models.list_models.

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
    """The function that builds the model of that name. Errors: ArgumentError for one that is not in the list. Source:
    torchvision.models.get_model_builder.

    >>> from tensorgrad.vision import models
    >>> models.get_model_builder("lenet") is models.lenet
    True
    """
    if str(name).lower() not in MODELS:
        raise ArgumentError(f"get_model: no model {name!r}, known are {', '.join(sorted(MODELS))}")
    return MODELS[name.lower()]


def get_model(name, **config):
    """The model of that name, built with the keywords. Errors: ArgumentError for a name that is not in the list, those of the
    builder. Source: torchvision.models.get_model.

    >>> from tensorgrad.vision import models
    >>> type(models.get_model("squeezenet1_1", num_classes=10)).__name__
    'SqueezeNet'
    """
    return get_model_builder(name)(**config)
