"""torch.backends.mkldnn: oneDNN, which tensorgrad does without."""

enabled = False


def is_available():
    """False: the kernels are tensorgrad's own. Source: torch.backends.mkldnn.is_available.

    >>> import tensorgrad
    >>> tensorgrad.backends.mkldnn.is_available()
    False
    """
    return False
