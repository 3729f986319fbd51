"""torch.xpu: Intel's GPU, which tensorgrad does not use."""


def is_available():
    """False. Source: torch.xpu.is_available."""
    return False


def device_count():
    """0. Source: torch.xpu.device_count."""
    return 0
