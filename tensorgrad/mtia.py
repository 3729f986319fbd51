"""There is no such accelerator here: what programs ask before they use one. See cuda."""


def is_available():
    """False: tensorgrad computes on the CPU. Source: torch.mtia.is_available.

    >>> import tensorgrad as torch
    >>> torch.mtia.is_available()
    False
    """
    return False


def is_initialized():
    """False. Source: torch.mtia.is_initialized."""
    return False


def device_count():
    """0. Source: torch.mtia.device_count."""
    return 0


def manual_seed(seed):
    """Nothing to seed. Source: torch.mtia.manual_seed, which is silent without a device too."""


def manual_seed_all(seed):
    """Nothing to seed. Source: torch.mtia.manual_seed_all."""


def memory_allocated(device=None):
    """0. Source: torch.mtia.memory_allocated."""
    return 0


def synchronize(device=None):
    """RuntimeError, as in PyTorch without a device."""
    raise RuntimeError("mtia.synchronize: tensorgrad computes on the CPU, there is no accelerator to wait for")


def current_device():
    """RuntimeError, as in PyTorch without a device."""
    raise RuntimeError("mtia.current_device: tensorgrad computes on the CPU, there is no accelerator to ask")
