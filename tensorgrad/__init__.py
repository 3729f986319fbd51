"""tensorgrad: a small, fast deep-learning library for the CPU with PyTorch's public API.

`import tensorgrad as torch` and the program runs. docs/architecture.md tells how it is built.
"""

from importlib import import_module as _import_module
from math import e, inf, nan, pi

from . import autograd
from ._core.dtype import BY_NAME as _BY_NAME
from ._core.dtype import can_cast, dtype, get_default_dtype, promote_types, set_default_dtype
from ._core.errors import (
    ArgumentError,
    DTypeError,
    FileFormatError,
    GraphError,
    OutOfMemoryError,
    OutOfRangeError,
    ShapeError,
    UnsafeFileError,
)
from ._core.graph import is_anomaly_check_nan_enabled, is_anomaly_enabled, is_grad_enabled, is_inference_mode_enabled
from ._core.random import Generator, default_generator
from ._core.runtime import get_num_threads, set_num_threads
from ._core.size import Size
from .autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from .config import __version__, show_config
from .ops.declare import REGISTRY as _REGISTRY
from .ops.families import FIRST as _FIRST
from .ops.families import door as _door
from .ops.families import load as _load
from .printing import set_printoptions
from .tensor import OLD_TYPES as _OLD_TYPES
from .tensor import Later as _Later
from .tensor import Tensor, device, from_dlpack, layout, strided
from .tensor import attach as _attach

_load(_FIRST)
_attach()
# The dtypes (float32, int64, ...) and the public functions of the first families of tensorgrad/ops.
globals().update(_BY_NAME | _OLD_TYPES)
globals().update({name: entry.function for (space, name), entry in _REGISTRY.items() if not space})
newaxis = None

# What a program may not need is loaded when it is first named: the functions of the later families, and these.
_LAZY = {"nn", "optim", "distributions", "utils", "vision", "io", "training", "cuda", "mtia", "accelerator", "backends", "func",
         "graphs", "linalg", "special", "fft", "amp", "compiler", "distributed", "hub", "jit", "multiprocessing", "profiler",
         "random", "testing", "types", "version", "xpu"}
_LAZY_NAMES = {"save": "io", "load": "io", "vmap": "func", "explain": "graphs", "make_dot": "graphs", "stft": "fft", "istft": "fft"}
_LAZY_NAMES.update(dict.fromkeys(("get_default_device", "set_default_device", "set_default_tensor_type"), "types"))
_LAZY_NAMES.update(dict.fromkeys(("autocast", "is_autocast_enabled", "get_autocast_dtype"), "amp"))
_LAZY_NAMES.update(dict.fromkeys(("complex", "polar", "view_as_complex", "view_as_real", "complex64", "complex128", "cfloat", "cdouble"),
                                 "complex_tensor"))
_function, __dir__ = _door(globals(), "")


def __getattr__(name):
    if name in _LAZY:
        return _import_module(f".{name}", __name__)
    if name in _LAZY_NAMES:
        return getattr(_import_module(f".{_LAZY_NAMES[name]}", __name__), name)
    return _function(name)


# A method that is a function of one of these modules.
Tensor.stft, Tensor.istft = _Later("stft", __getattr__), _Later("istft", __getattr__)
