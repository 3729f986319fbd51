"""Embedding: rows of a table by their numbers, one by one or a bag at a time."""

from ..ops.create import empty
from . import functional as F
from . import init
from .convert import check_cpu
from .module import Module
from .parameter import Parameter


class _Table(Module):
    """weight (num_embeddings, embedding_dim), N(0, 1) at first, but 0 in the row padding_idx."""

    def _make(self, num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, weight, freeze,
              device, dtype):
        name = type(self).__name__
        check_cpu(device)
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise AssertionError(f"{name}: padding_idx must be within num_embeddings {num_embeddings}, got {padding_idx}")
            padding_idx %= num_embeddings
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if weight is None:
            self.weight = Parameter(empty((num_embeddings, embedding_dim), dtype=dtype), requires_grad=not freeze)
            self.reset_parameters()
        else:
            if tuple(weight.shape) != (num_embeddings, embedding_dim):
                raise AssertionError(f"{name}: weight must have shape {(num_embeddings, embedding_dim)}, got {tuple(weight.shape)}")
            self.weight = Parameter(weight, requires_grad=not freeze)

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.Embedding(3, 2, padding_idx=0)
        >>> layer.reset_parameters()
        >>> layer.weight.data[0]
        tensor([0., 0.])
        """
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.detach()[self.padding_idx].zero_()


def rows_of(name, embeddings):
    """The shape of a table that was given."""
    if embeddings.dim() != 2:
        raise AssertionError(f"{name}.from_pretrained: expected a 2-D tensor, got shape {tuple(embeddings.shape)}")
    return embeddings.shape


class Embedding(_Table):
    """y[...] = weight[input[...]]: int (...) -> (..., embedding_dim); weight (num_embeddings, embedding_dim) starts as N(0, 1).

    The row padding_idx starts at 0 and gets no gradient; rows longer than max_norm (in norm_type) are scaled down when used. Errors:
    OutOfRangeError for indices that do not exist, DTypeError for those that are no integers, ShapeError for negative sizes, ArgumentError
    for a device that is not the CPU, AssertionError, as in PyTorch, for padding_idx outside the rows. Source: torch.nn.Embedding.

    >>> import tensorgrad
    >>> tensorgrad.nn.Embedding(10, 3)(tensorgrad.tensor([[1, 2], [4, 5]])).shape
    tensorgrad.Size([2, 2, 3])
    """

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
                 scale_grad_by_freq=False,
                 sparse=False, _weight=None, _freeze=False, device=None, dtype=None):
        super().__init__()
        self._make(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, _weight, _freeze,
                   device, dtype)

    def forward(self, input):
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
                           self.scale_grad_by_freq, self.sparse)

    def extra_repr(self):
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        text += f", padding_idx={self.padding_idx}" if self.padding_idx is not None else ""
        text += f", max_norm={self.max_norm}" if self.max_norm is not None else ""
        text += f", norm_type={self.norm_type}" if self.norm_type != 2 else ""
        text += f", scale_grad_by_freq={self.scale_grad_by_freq}" if self.scale_grad_by_freq else ""
        return text + (", sparse=True" if self.sparse else "")

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None, max_norm=None, norm_type=2.0,
                        scale_grad_by_freq=False,
                        sparse=False):
        """An Embedding with the rows of the 2-D tensor `embeddings`; freeze: they are not trained. Errors: AssertionError for
        other dimensions.

        >>> import tensorgrad
        >>> tensorgrad.nn.Embedding.from_pretrained(tensorgrad.eye(2))(tensorgrad.tensor([1]))
        tensor([[0., 1.]])
        """
        return cls(*rows_of("Embedding", embeddings), padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
                   _weight=embeddings, _freeze=freeze)


class EmbeddingBag(_Table):
    """The sum, mean or maximum (mode) of the rows in each bag, y[b] = sum over i in bag b of weight[input[i]]: int (B, N), or (N) with
    offsets (B), -> (B, embedding_dim).

    weight starts as N(0, 1); the row padding_idx is in no bag; per_sample_weights, of the input's shape, multiply the rows of a sum.
    Errors: OutOfRangeError for indices that do not exist, DTypeError for those that are no integers, ShapeError, ArgumentError for mode,
    offsets and other dimensions, AssertionError, as in PyTorch, for padding_idx outside the rows. Source: torch.nn.EmbeddingBag.

    >>> import tensorgrad
    >>> tensorgrad.nn.EmbeddingBag(10, 3)(tensorgrad.tensor([1, 2, 4, 5]), tensorgrad.tensor([0, 1])).shape
    tensorgrad.Size([2, 3])
    """

    def __init__(self, num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean",
                 sparse=False, _weight=None, include_last_offset=False, padding_idx=None, device=None, dtype=None):
        super().__init__()
        self._make(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, _weight, False,
                   device, dtype)
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(self, input, offsets=None, per_sample_weights=None):
        return F.embedding_bag(input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode,
                               self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx)

    def extra_repr(self):
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        text += f", max_norm={self.max_norm}" if self.max_norm is not None else ""
        text += f", norm_type={self.norm_type}" if self.norm_type != 2 else ""
        text += f", scale_grad_by_freq={self.scale_grad_by_freq}" if self.scale_grad_by_freq else ""
        text += f", mode={self.mode!r}"
        return text + (f", padding_idx={self.padding_idx}" if self.padding_idx is not None else "")

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean",
                        sparse=False, include_last_offset=False, padding_idx=None):
        """An EmbeddingBag with the rows of the 2-D tensor `embeddings`; freeze: they are not trained. Errors: AssertionError for
        other dimensions.

        >>> import tensorgrad
        >>> tensorgrad.nn.EmbeddingBag.from_pretrained(tensorgrad.eye(2))(tensorgrad.tensor([[0, 1]]))
        tensor([[0.5000, 0.5000]])
        """
        bag = cls(*rows_of("EmbeddingBag", embeddings), max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
                  include_last_offset, padding_idx)
        bag.weight.requires_grad_(not freeze)
        return bag
