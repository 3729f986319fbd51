"""torch.backends.cuda: switches of a GPU's arithmetic. They are kept and have no effect."""

from types import SimpleNamespace

matmul = SimpleNamespace(allow_tf32=False, allow_fp16_reduced_precision_reduction=True, allow_bf16_reduced_precision_reduction=True)


def is_built():
    """False. Source: torch.backends.cuda.is_built.

    >>> import tensorgrad
    >>> tensorgrad.backends.cuda.is_built()
    False
    """
    return False
