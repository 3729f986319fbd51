"""Helpers on parameters and sequences: clipping, vectors, parametrizations, pruning, packed sequences, fusion."""

from importlib import import_module

from . import rnn as rnn
from .clip import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from .vector import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]

# What stands on the layers themselves is loaded when it is first named.
MODULES = {"fusion", "parametrizations", "parametrize", "prune"}
NAMES = {"weight_norm": "reparametrize", "remove_weight_norm": "reparametrize", "spectral_norm": "reparametrize",
         "remove_spectral_norm": "reparametrize", "fuse_conv_bn_eval": "fusion", "fuse_conv_bn_weights": "fusion",
         "fuse_linear_bn_eval": "fusion", "fuse_linear_bn_weights": "fusion"}


def __getattr__(name):
    if name in MODULES:
        return import_module(f".{name}", __name__)
    if name in NAMES:
        return getattr(import_module(f".{NAMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
