"""The switches of PyTorch's back ends that programs set or ask: none of them changes anything on the CPU."""

from . import cuda, cudnn, mkl, mkldnn, mps, openmp

__all__ = ["cuda", "cudnn", "mkl", "mkldnn", "mps", "openmp"]
