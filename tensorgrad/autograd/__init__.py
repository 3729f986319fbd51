"""Gradients as a user asks for them: backward, grad, the modes, custom Functions, gradcheck.

`functional` (Jacobians), `graph` (hooks on what is saved) and `profiler` are loaded when they
are first named.
"""

from importlib import import_module as _import_module

from . import function
from .backward import Variable, backward, grad
from .function import Function
from .gradcheck import GradcheckError, gradcheck, gradgradcheck
from .modes import detect_anomaly, enable_grad, inference_mode, no_grad, set_detect_anomaly, set_grad_enabled

__all__ = [
    "Function", "GradcheckError", "Variable", "backward", "detect_anomaly", "enable_grad", "function", "functional", "grad",
    "gradcheck", "gradgradcheck", "graph", "inference_mode", "no_grad", "profiler", "set_detect_anomaly", "set_grad_enabled",
]


def __getattr__(name):
    if name in ("functional", "graph", "profiler"):
        return _import_module(f".{name}", __name__)
    raise AttributeError(f"module 'tensorgrad.autograd' has no attribute {name!r}")
