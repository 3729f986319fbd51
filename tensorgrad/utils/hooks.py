"""torch.utils.hooks: what registering a hook returns."""

from .._core.graph import Handle as RemovableHandle

__all__ = ["RemovableHandle"]
