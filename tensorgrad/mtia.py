"""There is no such accelerator here: what programs ask before they use one. See cuda."""


def is_available():
    """False: tensorgrad computes on the CPU. Source: torch.mtia.is_available.

    >>> import tensorgrad as torch
    >>> torch.mtia.is_available()
    False
    """
    return False


def is_initialized():
    """False. Source: torch.mtia.is_initialized.

    >>> import tensorgrad
    >>> tensorgrad.mtia.is_initialized()
    False
    """
    return False


def device_count():
    """0. Source: torch.mtia.device_count.

    >>> import tensorgrad
    >>> tensorgrad.mtia.device_count()
    0
    """
    return 0


def manual_seed(seed):
    """Nothing to seed; any seed is taken, there are no errors. Source: torch.mtia.manual_seed, which is silent without a device
    too.

    >>> import tensorgrad
    >>> tensorgrad.mtia.manual_seed(0)
    """


def manual_seed_all(seed):
    """Nothing to seed. No errors. Source: torch.mtia.manual_seed_all.

    >>> import tensorgrad
    >>> tensorgrad.mtia.manual_seed_all(0)
    """


def memory_allocated(device=None):
    """0. No errors. Source: torch.mtia.memory_allocated.

    >>> import tensorgrad
    >>> tensorgrad.mtia.memory_allocated()
    0
    """
    return 0


def synchronize(device=None):
    """RuntimeError, as in PyTorch without a device."""
    raise RuntimeError("mtia.synchronize: tensorgrad computes on the CPU, there is no accelerator to wait for")


def current_device():
    """RuntimeError, as in PyTorch without a device."""
    raise RuntimeError("mtia.current_device: tensorgrad computes on the CPU, there is no accelerator to ask")
