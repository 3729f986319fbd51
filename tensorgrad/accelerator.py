"""torch.accelerator, for programs that ask for a GPU of any make before they use one."""


def is_available():
    """False: tensorgrad computes on the CPU. Source: torch.accelerator.is_available.

    >>> import tensorgrad
    >>> tensorgrad.accelerator.is_available()
    False
    """
    return False


def device_count():
    """0. Source: torch.accelerator.device_count.

    >>> import tensorgrad
    >>> tensorgrad.accelerator.device_count()
    0
    """
    return 0


def current_accelerator(check_available=False):
    """None: there is no accelerator. No errors: check_available means nothing here. Source: torch.accelerator.current_accelerator.

    >>> import tensorgrad
    >>> print(tensorgrad.accelerator.current_accelerator())
    None
    """
    return None
