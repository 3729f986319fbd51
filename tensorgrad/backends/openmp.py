"""torch.backends.openmp: whether the kernels run on several threads."""

from .._core.runtime import has_openmp as is_available

__all__ = ["is_available"]
