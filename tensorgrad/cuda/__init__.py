"""There is no GPU here: what programs ask before they use one, and the calls that PyTorch makes harmless without one."""


def is_available():
    """False: tensorgrad computes on the CPU. Source: torch.cuda.is_available.

    >>> import tensorgrad as torch
    >>> torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device(type='cpu')
    """
    return False


def device_count():
    """0. Source: torch.cuda.device_count.

    >>> import tensorgrad
    >>> tensorgrad.cuda.device_count()
    0
    """
    return 0


def is_initialized():
    """False. Source: torch.cuda.is_initialized.

    >>> import tensorgrad
    >>> tensorgrad.cuda.is_initialized()
    False
    """
    return False


def is_bf16_supported():
    """False. Source: torch.cuda.is_bf16_supported.

    >>> import tensorgrad
    >>> tensorgrad.cuda.is_bf16_supported()
    False
    """
    return False


def manual_seed(seed):
    """Nothing to seed; any seed is taken, there are no errors. Source: torch.cuda.manual_seed, which is silent without a GPU too.

    >>> import tensorgrad
    >>> tensorgrad.cuda.manual_seed(0)
    """


def manual_seed_all(seed):
    """Nothing to seed; any seed is taken, there are no errors. Source: torch.cuda.manual_seed_all.

    >>> import tensorgrad
    >>> tensorgrad.cuda.manual_seed_all(0)
    """


def empty_cache():
    """Nothing to free. Source: torch.cuda.empty_cache.

    >>> import tensorgrad
    >>> tensorgrad.cuda.empty_cache()
    """


def _no_gpu(name):
    raise RuntimeError(f"cuda.{name}: tensorgrad computes on the CPU, there is no GPU to ask")


def current_device():
    """RuntimeError, as in PyTorch without a GPU."""
    _no_gpu("current_device")


def get_device_name(device=None):
    """RuntimeError, as in PyTorch without a GPU."""
    _no_gpu("get_device_name")


def synchronize(device=None):
    """RuntimeError, as in PyTorch without a GPU."""
    _no_gpu("synchronize")


def set_device(device):
    """RuntimeError: there is none to set."""
    _no_gpu("set_device")


def get_device_properties(device=None):
    """RuntimeError, as in PyTorch without a GPU."""
    _no_gpu("get_device_properties")


def memory_allocated(device=None):
    """0. No errors. Source: torch.cuda.memory_allocated; what the CPU holds: tensorgrad.show_config().

    >>> import tensorgrad
    >>> tensorgrad.cuda.memory_allocated()
    0
    """
    return 0


def max_memory_allocated(device=None):
    """0. No errors. Source: torch.cuda.max_memory_allocated.

    >>> import tensorgrad
    >>> tensorgrad.cuda.max_memory_allocated()
    0
    """
    return 0


def memory_reserved(device=None):
    """0. No errors. Source: torch.cuda.memory_reserved.

    >>> import tensorgrad
    >>> tensorgrad.cuda.memory_reserved()
    0
    """
    return 0


def reset_peak_memory_stats(device=None):
    """Nothing to reset. No errors. Source: torch.cuda.reset_peak_memory_stats.

    >>> import tensorgrad
    >>> tensorgrad.cuda.reset_peak_memory_stats()
    """


def __getattr__(name):
    if name == "amp":
        from importlib import import_module

        return import_module(".amp", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
