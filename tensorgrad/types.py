"""torch.types: names for annotations; and what new tensors are by default."""

from ._core.dtype import dtype as _dtype
from ._core.dtype import set_default_dtype
from ._core.errors import ArgumentError
from ._core.size import Size as _Size
from .tensor import CPU, OLD_TYPES
from .tensor import device as _device

Number = int | float | bool
Device = _device | str | int | None
_int, _float, _bool = int, float, bool

__all__ = ["Device", "Number", "_Size", "_bool", "_device", "_dtype", "_float", "_int"]


def get_default_device():
    """The CPU. Source: torch.get_default_device.

    >>> import tensorgrad
    >>> tensorgrad.get_default_device()
    device(type='cpu')
    """
    return CPU


def set_default_device(device):
    """Accepted for the CPU. Errors: ArgumentError for another device. Source: torch.set_default_device.

    >>> import tensorgrad
    >>> tensorgrad.set_default_device("cpu")
    """
    if device is not None:
        _device(device)


def set_default_tensor_type(t):
    """set_default_dtype by the older names, FloatTensor or "torch.FloatTensor". Errors: ArgumentError for another type. Source:
    torch.set_default_tensor_type.

    >>> import tensorgrad
    >>> tensorgrad.set_default_tensor_type(tensorgrad.FloatTensor)
    """
    kind = OLD_TYPES.get(t.rpartition(".")[2]) if isinstance(t, str) else t
    if kind not in OLD_TYPES.values():
        raise ArgumentError(f"set_default_tensor_type: must be one of {', '.join(OLD_TYPES)}, got {t!r}")
    set_default_dtype(kind.dtype)
