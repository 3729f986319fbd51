"""The switches of PyTorch's back ends that programs set or ask: none of them changes anything on the CPU."""

from . import cudnn, mps

__all__ = ["cudnn", "mps"]
