"""The options of linear_cross_entropy, loaded when they are first named: dataclasses cost 15 ms."""

from dataclasses import dataclass

from .._core.errors import ArgumentError


@dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """How PyTorch cuts linear_cross_entropy into chunks: chunking_method ('auto', 'aspect_ratio', either with ':factor', or None),
    batch_chunk_size (a positive number or None), acc_policy ('auto', 'accurate', 'balanced' or 'compact'), acc_dtype (floating or None)
    and allow_retain_graph. Accepted and checked here; the result is computed in one piece, which is what every choice of chunks amounts
    to. Errors: ArgumentError for other values. Source: torch.nn.LinearCrossEntropyOptions.

    >>> import tensorgrad
    >>> tensorgrad.nn.LinearCrossEntropyOptions().chunking_method
    'auto'
    """

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: object = None

    def __post_init__(self):
        name, _, factor = str(self.chunking_method or "auto").partition(":")
        size = self.batch_chunk_size
        if self.acc_policy not in ("auto", "accurate", "balanced", "compact"):
            raise ArgumentError(f"LinearCrossEntropyOptions: invalid acc_policy: {self.acc_policy!r}")
        if name not in ("auto", "aspect_ratio") or (factor and not (factor.isdigit() and int(factor) > 0)):
            raise ArgumentError(f"LinearCrossEntropyOptions: invalid chunking_method: {self.chunking_method!r}")
        if size is not None and not (isinstance(size, int) and size > 0):
            raise ArgumentError(f"LinearCrossEntropyOptions: batch_chunk_size must be positive int or None, got {size!r}")
        if self.acc_dtype is not None and not getattr(self.acc_dtype, "is_floating_point", False):
            raise ArgumentError(f"LinearCrossEntropyOptions: acc_dtype must be a floating dtype or None, got {self.acc_dtype!r}")
