"""torch.backends.cudnn: switches that programs set for reproducible or faster runs on a GPU. They are kept and have no effect."""

enabled = False
benchmark = False
deterministic = False
allow_tf32 = False


def version():
    """None: there is no cuDNN. Source: torch.backends.cudnn.version.

    >>> import tensorgrad
    >>> print(tensorgrad.backends.cudnn.version())
    None
    """
    return None


def is_available():
    """False. Source: torch.backends.cudnn.is_available.

    >>> import tensorgrad
    >>> tensorgrad.backends.cudnn.is_available()
    False
    """
    return False
