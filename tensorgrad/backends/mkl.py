"""torch.backends.mkl: Intel's library, which tensorgrad does without."""


def is_available():
    """False: the kernels are tensorgrad's own. Source: torch.backends.mkl.is_available.

    >>> import tensorgrad
    >>> tensorgrad.backends.mkl.is_available()
    False
    """
    return False
