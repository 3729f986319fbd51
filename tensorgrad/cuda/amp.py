"""torch.cuda.amp, the older name of mixed precision on a GPU: switched off, since there is none."""

from functools import partial

from .. import amp
from .._core.dtype import BY_NAME

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]


class autocast(amp.autocast):
    """amp.autocast for "cuda". No errors. Source: torch.cuda.amp.autocast.

    >>> from tensorgrad.cuda.amp import autocast
    >>> with autocast() as region:
    ...     region.on
    False
    """

    def __init__(self, enabled=True, dtype=BY_NAME["float16"], cache_enabled=True):
        super().__init__("cuda", dtype, enabled, cache_enabled)


class GradScaler(amp.GradScaler):
    """amp.GradScaler for "cuda". Errors: ArgumentError for factors out of range. Source: torch.cuda.amp.GradScaler.

    >>> from tensorgrad.cuda.amp import GradScaler
    >>> GradScaler().get_scale()
    1.0
    """

    def __init__(self, init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)


custom_fwd, custom_bwd = partial(amp.custom_fwd, device_type="cuda"), partial(amp.custom_bwd, device_type="cuda")
