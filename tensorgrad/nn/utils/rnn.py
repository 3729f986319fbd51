"""Sequences of different lengths: padded to one tensor, or packed step by step without padding."""

from collections import namedtuple

from ..._core.errors import ArgumentError, ShapeError
from ...ops.create import full, tensor
from ...ops.rearrange import cat
from ...tensor import Tensor


def invert_permutation(permutation):
    """Where each index went: result[permutation[i]] = i, of an int tensor [n]; None of None. Errors: AttributeError for what is no
    tensor. Source: torch.nn.utils.rnn.invert_permutation.

    >>> import tensorgrad
    >>> tensorgrad.nn.utils.rnn.invert_permutation(tensorgrad.tensor([2, 0, 1])).tolist()
    [1, 2, 0]
    """
    return None if permutation is None else permutation.argsort()


def cast_method(name):
    """A method of PackedSequence that is one of its data."""
    def cast(self):
        return self._replace(data=getattr(self.data, name)())
    cast.__name__, cast.__doc__ = name, f"data.{name}() with the rest as it is."
    return cast


class PackedSequence(namedtuple("PackedSequence", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"])):
    """The steps of sequences sorted by descending length, one after the other: data (sum of lengths, *), batch_sizes (T): how many
    sequences are still running at each step; sorted_indices (N): which sequence stands where, None if they came sorted. Errors:
    ArgumentError for less than data and batch_sizes. Source: torch.nn.utils.rnn.PackedSequence.

    >>> import tensorgrad
    >>> from tensorgrad.nn.utils.rnn import pack_sequence
    >>> packed = pack_sequence([tensorgrad.tensor([1, 2]), tensorgrad.tensor([5])])
    >>> packed.data, packed.batch_sizes
    (tensor([1, 5, 2]), tensor([2, 1]))
    """

    __slots__ = ()

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                raise ArgumentError("PackedSequence: give data and batch_sizes, or a pair of them")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs):
        """data.to(...) with the rest as it is."""
        return self._replace(data=self.data.to(*args, **kwargs))

    double, float, half, long, int, short, char, byte, cpu = map(
        cast_method, ("double", "float", "half", "long", "int", "short", "char", "byte", "cpu"))

    @property
    def is_cuda(self):
        """False: everything is on the CPU."""
        return False

    def is_pinned(self):
        """data.is_pinned()."""
        return self.data.is_pinned()


def checked(name, lengths, steps, batch):
    """The lengths as numbers: one a sequence, each in [1, steps]."""
    numbers = [int(n) for n in (lengths.tolist() if isinstance(lengths, Tensor) else lengths)]
    if len(numbers) != batch:
        raise ShapeError(f"{name}: Expected `len(lengths)` to be equal to batch_size, but got {len(numbers)} (batch_size={batch})")
    if not numbers or min(numbers) <= 0:
        raise ArgumentError(f"{name}: Length of all samples has to be greater than 0, got {numbers}")
    if max(numbers) > steps:
        raise ArgumentError(f"{name}: lengths must be at most {steps}, the steps of the input, got {numbers}")
    return numbers


def sizes_of(numbers):
    """How many of the lengths reach each step."""
    return [sum(n > t for n in numbers) for t in range(max(numbers))]


def places(sizes, batch):
    """Where the packed steps lie in a padded tensor of shape (T * batch, *)."""
    return tensor([t * batch + i for t, size in enumerate(sizes) for i in range(size)])


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """The PackedSequence of padded sequences (T, N, *), with batch_first (N, T, *), of the given lengths (N).

    enforce_sorted: they must come in descending order of length; otherwise they are sorted here. Errors: ArgumentError for lengths
    outside [1, T] or not in order, ShapeError for another number of them or less than 2 dimensions. Source:
    torch.nn.utils.rnn.pack_padded_sequence.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([[1, 2, 3], [4, 5, 0]])
    >>> tensorgrad.nn.utils.rnn.pack_padded_sequence(x, [3, 2], batch_first=True).data.tolist()
    [1, 4, 2, 5, 3]
    """
    name = "pack_padded_sequence"
    if input.dim() < 2:
        raise ShapeError(f"{name}: input must have at least the dimensions of time and batch, got shape {tuple(input.shape)}")
    input = input.transpose(0, 1) if batch_first else input
    steps, batch = input.shape[:2]
    numbers = checked(name, lengths, steps, batch)
    order = None
    if not enforce_sorted:
        indices = sorted(range(batch), key=lambda i: -numbers[i])
        order, numbers = tensor(indices), [numbers[i] for i in indices]
        input = input.index_select(1, order)
    elif numbers != sorted(numbers, reverse=True):
        raise ArgumentError(f"{name}: `lengths` must be sorted in decreasing order when `enforce_sorted` is True, got {numbers}; "
                            "enforce_sorted=False sorts them")
    sizes = sizes_of(numbers)
    data = input.reshape(steps * batch, *input.shape[2:]).index_select(0, places(sizes, batch))
    return PackedSequence(data, tensor(sizes), order)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """(padded sequences (T, N, *), with batch_first (N, T, *), lengths (N)) of a PackedSequence, in their first order.

    total_length: T, at least the longest length. Errors: ArgumentError for less. Source: torch.nn.utils.rnn.pad_packed_sequence.

    >>> import tensorgrad
    >>> rnn = tensorgrad.nn.utils.rnn
    >>> packed = rnn.pack_sequence([tensorgrad.tensor([1, 2, 3]), tensorgrad.tensor([4, 5])])
    >>> rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1)[0].tolist()
    [[1, 2, 3], [4, 5, -1]]
    """
    sizes = sequence.batch_sizes.tolist()
    steps, batch = len(sizes), sizes[0]
    if total_length is not None:
        if total_length < steps:
            raise ArgumentError("pad_packed_sequence: Expected total_length to be at least the length of the longest sequence in "
                                f"input, but got total_length={total_length} and max sequence length being {steps}")
        steps = total_length
    data = sequence.data
    padded = full((steps * batch, *data.shape[1:]), padding_value, dtype=data.dtype)
    padded = padded.index_copy(0, places(sizes, batch), data).reshape(steps, batch, *data.shape[1:])
    lengths = tensor([sum(size > i for size in sizes) for i in range(batch)])
    if sequence.unsorted_indices is not None:
        padded, lengths = padded.index_select(1, sequence.unsorted_indices), lengths[sequence.unsorted_indices]
    return (padded.transpose(0, 1) if batch_first else padded), lengths


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Sequences (L_i, *) in one tensor (T, N, *), with batch_first (N, T, *), T the longest, filled up with padding_value on
    padding_side. Errors: ShapeError where the other dimensions differ, ArgumentError for no sequences and another side. Source:
    torch.nn.utils.rnn.pad_sequence.

    >>> import tensorgrad
    >>> tensorgrad.nn.utils.rnn.pad_sequence([tensorgrad.tensor([1, 2]), tensorgrad.tensor([3])], batch_first=True).tolist()
    [[1, 2], [3, 0]]
    """
    if padding_side not in ("left", "right"):
        raise ArgumentError(f"pad_sequence: padding_side must be 'left' or 'right', got {padding_side!r}")
    sequences = list(sequences.unbind(0)) if isinstance(sequences, Tensor) else list(sequences)
    if not sequences:
        raise ArgumentError("pad_sequence: received an empty list of sequences")
    if any(s.dim() == 0 or s.shape[1:] != sequences[0].shape[1:] for s in sequences):
        raise ShapeError(f"pad_sequence: all dimensions but the first must be equal, got {[tuple(s.shape) for s in sequences]}")
    steps = max(s.shape[0] for s in sequences)
    rows = []
    for s in sequences:
        filling = full((steps - s.shape[0], *s.shape[1:]), padding_value, dtype=s.dtype)
        rows.append(cat([s, filling] if padding_side == "right" else [filling, s]))
    padded = cat([row.unsqueeze(0) for row in rows])
    return padded if batch_first else padded.transpose(0, 1).contiguous()


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The list of sequences (L_i, *) that pad_sequence joined in (T, N, *), given their lengths (N). Errors: ArgumentError for lengths
    outside [1, T], ShapeError for another number of them. Source: torch.nn.utils.rnn.unpad_sequence.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([[1, 2], [3, 0]])
    >>> [s.tolist() for s in tensorgrad.nn.utils.rnn.unpad_sequence(x, tensorgrad.tensor([2, 1]), batch_first=True)]
    [[1, 2], [3]]
    """
    padded = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    numbers = checked("unpad_sequence", lengths, padded.shape[1], padded.shape[0])
    return [row[:n] for row, n in zip(padded, numbers, strict=True)]


def pack_sequence(sequences, enforce_sorted=True):
    """pack_padded_sequence of a list of sequences (L_i, *): a PackedSequence. Errors: ArgumentError for no sequences and, with
    enforce_sorted, lengths not in descending order, ShapeError where the other dimensions differ. Source:
    torch.nn.utils.rnn.pack_sequence.

    >>> import tensorgrad
    >>> tensorgrad.nn.utils.rnn.pack_sequence([tensorgrad.tensor([1, 2]), tensorgrad.tensor([3])]).batch_sizes.tolist()
    [2, 1]
    """
    sequences = list(sequences)
    return pack_padded_sequence(pad_sequence(sequences), [s.shape[0] for s in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """The list of sequences (L_i, *) of a PackedSequence. Errors: AttributeError for what is none. Source:
    torch.nn.utils.rnn.unpack_sequence.

    >>> import tensorgrad
    >>> rnn = tensorgrad.nn.utils.rnn
    >>> [s.tolist() for s in rnn.unpack_sequence(rnn.pack_sequence([tensorgrad.tensor([1, 2]), tensorgrad.tensor([3])]))]
    [[1, 2], [3]]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
