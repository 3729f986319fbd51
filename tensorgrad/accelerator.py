"""torch.accelerator, for programs that ask for a GPU of any make before they use one."""


def is_available():
    """False: tensorgrad computes on the CPU. Source: torch.accelerator.is_available."""
    return False


def device_count():
    """0. Source: torch.accelerator.device_count."""
    return 0


def current_accelerator(check_available=False):
    """None: there is no accelerator. Source: torch.accelerator.current_accelerator."""
    return None
