"""torch.xpu: Intel's GPU, which tensorgrad does not use."""


def is_available():
    """False. Source: torch.xpu.is_available.

    >>> import tensorgrad
    >>> tensorgrad.xpu.is_available()
    False
    """
    return False


def device_count():
    """0. Source: torch.xpu.device_count.

    >>> import tensorgrad
    >>> tensorgrad.xpu.device_count()
    0
    """
    return 0
