"""Recurrent layers and their cells over ops/rnn.py: RNN, LSTM, GRU."""

import math

from .._core.errors import ArgumentError, ShapeError
from ..ops import rnn as ops
from ..ops.create import zeros
from ..ops.declare import check_tensors
from ..ops.rearrange import cat, stack
from . import functional as F
from . import init
from .linear import new_parameter
from .module import Module
from .utils.rnn import PackedSequence

# mode -> what ops/rnn.py calls it
KINDS = {"RNN_TANH": "tanh", "RNN_RELU": "relu", "LSTM": "lstm", "GRU": "gru"}


class RNNBase(Module):
    """num_layers recurrent layers over (T, N, input_size), with batch_first (N, T, input_size), or (T, input_size); mode: 'RNN_TANH',
    'RNN_RELU', 'LSTM' or 'GRU', whose formulas stand at RNN, LSTM and GRU.

    Parameters of layer k: weight_ih_lk, weight_hh_lk, bias_ih_lk, bias_hh_lk (and weight_hr_lk), of the reverse direction with the suffix
    _reverse; all start as U(-b, b), b = 1/sqrt(hidden_size). Returns the outputs of the last layer, (T, N, directions * hidden_size), and
    the last states of all layers and directions, (num_layers * directions, N, hidden_size). Errors: ArgumentError for mode, sizes that
    are not positive, dropout outside [0, 1] and proj_size, ShapeError for other features and states, DTypeError. Source:
    torch.nn.RNNBase.

    >>> import tensorgrad
    >>> tensorgrad.nn.RNNBase("GRU", 3, 4)(tensorgrad.ones(5, 2, 3))[0].shape
    tensorgrad.Size([5, 2, 4])
    """

    def __init__(self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
                 bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        for what, value in (("hidden_size", hidden_size), ("num_layers", num_layers)):
            if not isinstance(value, int) or value <= 0:
                raise ArgumentError(f"{name}: {what} must be a positive integer, got {value!r}")
        if mode not in KINDS:
            raise ArgumentError(f"{name}: mode must be one of {tuple(KINDS)}, got {mode!r}")
        if not 0 <= dropout <= 1:
            raise ArgumentError(f"{name}: dropout must be in [0, 1], got {dropout!r}")
        if not 0 <= proj_size < hidden_size or (proj_size and mode != "LSTM"):
            raise ArgumentError(f"{name}: proj_size must be 0 or, of an LSTM, less than hidden_size {hidden_size}, got "
                             f"{proj_size}")
        self.mode, self.input_size, self.hidden_size, self.num_layers, self.bias = (
            mode, input_size, hidden_size, num_layers, bias)
        self.batch_first, self.dropout, self.bidirectional, self.proj_size = (
            batch_first, float(dropout), bidirectional, proj_size)
        rows, width = ops.GATES[KINDS[mode]] * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            columns = width * (1 + bidirectional) if layer else input_size
            for suffix in self._suffixes(layer):
                shapes = {"weight_ih": (rows, columns), "weight_hh": (rows, width)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
                for kind, shape in shapes.items():
                    self.register_parameter(kind + suffix, new_parameter(*shape, device=device, dtype=dtype))
        self.reset_parameters()

    def _suffixes(self, layer):
        return [f"_l{layer}", f"_l{layer}_reverse"][:1 + self.bidirectional]

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.LSTM(3, 4)
        >>> layer.reset_parameters()
        >>> bool((layer.weight_ih_l0.abs() <= 0.5).all())
        True
        """
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _states(self, input, batch, hx, batched):
        """The initial states as tensors (num_layers * directions, N, width): h, and c of an LSTM."""
        name, n = type(self).__name__, batch
        widths = [self.proj_size or self.hidden_size] + [self.hidden_size] * (self.mode == "LSTM")
        count = self.num_layers * (1 + self.bidirectional)
        if hx is None:
            return [zeros(count, n, width, dtype=input.dtype) for width in widths]
        given = list(hx) if self.mode == "LSTM" else [hx]
        if len(given) != len(widths):
            raise ShapeError(f"{name}: hx must be a tuple (h, c), got {len(given)} tensors")
        for state, width in zip(given, widths, strict=True):
            check_tensors(name, state=state)
            wanted = (count, n, width) if batched else (count, width)
            if tuple(state.shape) != wanted:
                raise ShapeError(f"{name}: a state must have the shape {wanted}, got {tuple(state.shape)}")
        return given if batched else [state.unsqueeze(1) for state in given]

    def forward(self, input, hx=None):
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        name = type(self).__name__
        check_tensors(name, input=input)
        if input.dim() not in (2, 3) or input.shape[-1] != self.input_size:
            raise ShapeError(f"{name}: expected 2 or 3 dimensions, the last of {self.input_size}, got "
                             f"{tuple(input.shape)}")
        batched = input.dim() == 3
        x = input if batched else input.unsqueeze(1)
        if batched and self.batch_first:
            x = x.transpose(0, 1)
        if x.shape[0] == 0:
            raise ShapeError(f"{name}: the sequence must have at least one step, got input of shape "
                             f"{tuple(input.shape)}")
        x, finals = self._layers(x, self._states(x, x.shape[1], hx, batched), self._run)
        if not batched:
            x, finals = x.squeeze(1), [final.squeeze(1) for final in finals]
        elif self.batch_first:
            x = x.transpose(0, 1)
        return x, (tuple(finals) if self.mode == "LSTM" else finals[0])

    def _forward_packed(self, input, hx):
        """The same for a PackedSequence, whose output is one too; the states are in the first order of the sequences."""
        data, batch_sizes, order, back = input
        if data.dim() != 2 or data.shape[-1] != self.input_size:
            raise ShapeError(f"{type(self).__name__}: expected packed data (sum of lengths, {self.input_size}), got "
                             f"{tuple(data.shape)}")
        sizes = batch_sizes.tolist()
        states = self._states(data, sizes[0], hx, True)
        if order is not None:
            states = [state.index_select(1, order) for state in states]
        y, finals = self._layers(data, states, lambda x, state, suffix: self._run(x, state, suffix, sizes))
        if back is not None:
            finals = [final.index_select(1, back) for final in finals]
        return PackedSequence(y, batch_sizes, order, back), (tuple(finals) if self.mode == "LSTM" else finals[0])

    def _layers(self, x, states, run):
        """All layers: (outputs of the last one, last states of all)."""
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for suffix in self._suffixes(layer):
                y, final = run(x, [state[len(last)] for state in states], suffix)
                outputs.append(y)
                last.append(final)
            x = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
            if self.dropout and self.training and layer + 1 < self.num_layers:
                x = F.dropout(x, self.dropout)
        return x, [stack(column) for column in zip(*last, strict=True)]

    def _run(self, x, state, suffix, sizes=None):
        """One layer in one direction: outputs (T, N, width), or packed ones where sizes are given, and the last state."""
        get = self._parameters.get
        gates = F.linear(x, get("weight_ih" + suffix), get("bias_ih" + suffix))  # all steps at once
        return ops.sequence(KINDS[self.mode], gates, state, get("weight_hh" + suffix), get("bias_hh" + suffix),
                            get("weight_hr" + suffix), sizes, suffix.endswith("_reverse"))

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        text += f", proj_size={self.proj_size}" if self.proj_size else ""
        text += f", num_layers={self.num_layers}" if self.num_layers != 1 else ""
        text += f", bias={self.bias}" if self.bias is not True else ""
        text += f", batch_first={self.batch_first}" if self.batch_first else ""
        text += f", dropout={self.dropout}" if self.dropout else ""
        return text + (f", bidirectional={self.bidirectional}" if self.bidirectional else "")


class RNN(RNNBase):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), or relu: RNN(input_size, hidden_size, num_layers, nonlinearity, ...). Shapes as
    in RNNBase: (T, N, input_size) -> outputs (T, N, directions * hidden_size), states (num_layers * directions, N, hidden_size). Errors:
    ArgumentError for another nonlinearity and what RNNBase refuses, ShapeError, DTypeError. Source: torch.nn.RNN.

    >>> import tensorgrad
    >>> y, h = tensorgrad.nn.RNN(3, 5)(tensorgrad.ones(7, 2, 3))
    >>> y.shape, h.shape
    (tensorgrad.Size([7, 2, 5]), tensorgrad.Size([1, 2, 5]))
    """

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """c_t = f c_(t-1) + i g, h_t = o tanh(c_t); i, f, o = sigmoid and g = tanh of the four blocks, in the order i, f, g, o, of W_ih x_t +
    b_ih + W_hh h_(t-1) + b_hh; proj_size > 0 makes W_hr h_t of h_t. Shapes as in RNNBase; the states are tuples (h, c), h of proj_size.
    Errors: ArgumentError for what RNNBase refuses, ShapeError, DTypeError. Source: Hochreiter, Schmidhuber 1997; torch.nn.LSTM.

    >>> import tensorgrad
    >>> y, (h, c) = tensorgrad.nn.LSTM(3, 5, num_layers=2)(tensorgrad.ones(7, 2, 3))
    >>> y.shape, c.shape
    (tensorgrad.Size([7, 2, 5]), tensorgrad.Size([2, 2, 5]))
    """

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)


class GRU(RNNBase):
    """h_t = (1 - z) n + z h_(t-1), n = tanh(W_in x_t + b_in + r (W_hn h_(t-1) + b_hn)); r, z = sigmoid(W_i x_t + b_i + W_h h_(t-1) +
    b_h), the blocks in the order r, z, n. Shapes as in RNNBase: (T, N, input_size) -> outputs (T, N, directions * hidden_size), states
    (num_layers * directions, N, hidden_size). Errors: ArgumentError for what RNNBase refuses, ShapeError, DTypeError. Source: Cho et al.
    2014; torch.nn.GRU.

    >>> import tensorgrad
    >>> tensorgrad.nn.GRU(3, 4)(tensorgrad.ones(5, 2, 3))[0].shape
    tensorgrad.Size([5, 2, 4])
    """

    def __init__(self, *args, **kwargs):
        super().__init__("GRU", *args, **kwargs)


class RNNCellBase(Module):
    """One step of one layer: weight_ih of shape [num_chunks * hidden_size, input_size], weight_hh [num_chunks * hidden_size,
    hidden_size], bias_ih and bias_hh [num_chunks * hidden_size], all U(-b, b) at first, b = 1/sqrt(hidden_size). Errors: ShapeError
    for negative sizes, DTypeError for what is no dtype, ArgumentError for a device that is not the CPU. Source:
    torch.nn.RNNCellBase.

    >>> import tensorgrad
    >>> [name for name, _ in tensorgrad.nn.GRUCell(3, 4).named_parameters()]
    ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh']
    """

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        self.weight_ih = new_parameter(rows, input_size, device=device, dtype=dtype)
        self.weight_hh = new_parameter(rows, hidden_size, device=device, dtype=dtype)
        self.register_parameter("bias_ih", new_parameter(rows, device=device, dtype=dtype) if bias else None)
        self.register_parameter("bias_hh", new_parameter(rows, device=device, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.GRUCell(3, 4)
        >>> layer.reset_parameters()
        >>> bool((layer.weight_ih.abs() <= 0.5).all())
        True
        """
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _step(self, mode, input, states):
        name = type(self).__name__
        check_tensors(name, input=input)
        if input.dim() not in (1, 2) or input.shape[-1] != self.input_size:
            raise ShapeError(f"{name}: expected 1 or 2 dimensions, the last of {self.input_size}, got "
                             f"{tuple(input.shape)}")
        wanted = (*input.shape[:-1], self.hidden_size)
        if states is None:
            states = [zeros(wanted, dtype=input.dtype)] * (2 if mode == "LSTM" else 1)
        for state in states:
            check_tensors(name, state=state)
            if tuple(state.shape) != wanted:
                raise ShapeError(f"{name}: a state must have the shape {wanted}, got {tuple(state.shape)}")
        return ops.cell(KINDS[mode], F.linear(input, self.weight_ih, self.bias_ih), states, self.weight_hh, self.bias_hh)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}" + (f", bias={self.bias}" if self.bias is not True else "")
        kind = getattr(self, "nonlinearity", "tanh")
        return text + (f", nonlinearity={kind}" if kind != "tanh" else "")


class RNNCell(RNNCellBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu: (N, input_size), (N, hidden_size) -> (N, hidden_size), or all without N; without
    h it is 0. Errors: ArgumentError for another nonlinearity, ShapeError, DTypeError for different dtypes. Source: torch.nn.RNNCell.

    >>> import tensorgrad
    >>> tensorgrad.nn.RNNCell(3, 4)(tensorgrad.ones(2, 3)).shape
    tensorgrad.Size([2, 4])
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(f"RNNCell: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        return self._step(f"RNN_{self.nonlinearity.upper()}", input, None if hx is None else [hx])[0]


class LSTMCell(RNNCellBase):
    """(h', c') of one LSTM step, c' = f c + i g, h' = o tanh(c') with LSTM's gates: (N, input_size), ((N, hidden_size), (N, hidden_size))
    -> ((N, hidden_size), (N, hidden_size)), or all without N; without (h, c) they are 0. Errors: ShapeError, DTypeError for different
    dtypes, ArgumentError for a device that is not the CPU. Source: torch.nn.LSTMCell.

    >>> import tensorgrad
    >>> tensorgrad.nn.LSTMCell(3, 4)(tensorgrad.ones(2, 3))[0].shape
    tensorgrad.Size([2, 4])
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        return self._step("LSTM", input, hx)


class GRUCell(RNNCellBase):
    """h' = (1 - z) n + z h of one GRU step, with GRU's gates: (N, input_size), (N, hidden_size) -> (N, hidden_size), or all without N;
    without h it is 0. Errors: ShapeError, DTypeError for different dtypes, ArgumentError for a device that is not the CPU. Source:
    torch.nn.GRUCell.

    >>> import tensorgrad
    >>> tensorgrad.nn.GRUCell(3, 4)(tensorgrad.ones(2, 3)).shape
    tensorgrad.Size([2, 4])
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        return self._step("GRU", input, None if hx is None else [hx])[0]
