"""torch.random: the default generator's state."""

from contextlib import contextmanager

from .ops.random import get_rng_state, initial_seed, manual_seed, seed, set_rng_state

__all__ = ["fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]


@contextmanager
def fork_rng(devices=None, enabled=True, **unused):
    """Inside, the default generator goes on as ever; afterwards it stands where it stood before. No errors. Source:
    torch.random.fork_rng.

    >>> import tensorgrad as torch
    >>> with torch.random.fork_rng():
    ...     a = torch.rand(1)
    >>> bool(torch.rand(1) == a)
    True
    """
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)
