"""torch.backends.mps: Apple's GPU, which tensorgrad does not use."""


def is_available():
    """False. Source: torch.backends.mps.is_available.

    >>> import tensorgrad
    >>> tensorgrad.backends.mps.is_available()
    False
    """
    return False


def is_built():
    """False. Source: torch.backends.mps.is_built.

    >>> import tensorgrad
    >>> tensorgrad.backends.mps.is_built()
    False
    """
    return False
