"""The Transformer: stacks of encoder and decoder layers. Source: Vaswani et al., Attention is all you need, 2017."""

from copy import deepcopy

from .._core.errors import ArgumentError, ShapeError
from ..ops.create import full
from ..ops.declare import check_tensors
from ..ops.rearrange import triu
from . import functional as F
from . import init
from .attention import MultiheadAttention
from .container import ModuleList
from .convert import check_cpu
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .norm import LayerNorm


def activation_of(activation):
    """A function by its name, or as it is."""
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise ArgumentError(f"Transformer: activation should be relu/gelu, not {activation}")
    return getattr(F, activation)


def causal_mask(size, dtype=None):
    """-inf above the diagonal, 0 elsewhere."""
    return triu(full((size, size), float("-inf"), dtype=dtype), 1)


def is_causal_mask(mask, hint, size):
    """The hint, or, without one, whether `mask` is the causal mask of this size."""
    if hint is not None or mask is None:
        return hint is True
    if tuple(mask.shape) != (size, size):
        return False
    causal = causal_mask(size)
    return bool((mask == (causal < 0 if mask.dtype.name == "bool" else causal)).all())


def length_of(x, batch_first):
    """The length of sequences (L, N, E), (N, L, E) with batch_first, or (L, E)."""
    check_tensors("Transformer", sequences=x)
    return x.shape[1] if batch_first and x.dim() == 3 else len(x) if x.dim() else 1


class _Layer(Module):
    """What encoder and decoder layers share: attention blocks, a feed-forward block, and a norm for each."""

    attentions: tuple[str, ...] = ()  # their names, in the order of use

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu, layer_norm_eps=1e-5,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        options = {"device": device, "dtype": dtype}
        for name in self.attentions:
            self.add_module(name, MultiheadAttention(d_model, nhead, dropout=dropout, bias=bias, batch_first=batch_first, **options))
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, **options)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, **options)
        self.norm_first = norm_first
        blocks = range(1, len(self.attentions) + 2)
        for i in blocks:
            self.add_module(f"norm{i}", LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **options))
        for i in blocks:
            self.add_module(f"dropout{i}", Dropout(dropout))
        self.activation = activation_of(activation)

    def _feed(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _residual(self, x, i, block):
        """Block i around x: x + block(norm(x)) with norm_first, else norm(x + block(x))."""
        norm, dropout = getattr(self, f"norm{i}"), getattr(self, f"dropout{i}")
        return x + dropout(block(norm(x))) if self.norm_first else norm(x + dropout(block(x)))


class TransformerEncoderLayer(_Layer):
    """norm1(x + a(x)), then norm2(x + f(x)): a is self-attention, f(x) = linear2(activation(linear1(x))), each with dropout; with
    norm_first x + a(norm1(x)), then x + f(norm2(x)). (S, N, d_model), with batch_first (N, S, d_model), or (S, d_model), which the result
    has. Errors: ShapeError, ArgumentError for nhead, dropout and activation, DTypeError. Source: torch.nn.TransformerEncoderLayer.

    >>> import tensorgrad
    >>> tensorgrad.nn.TransformerEncoderLayer(d_model=8, nhead=2)(tensorgrad.ones(5, 2, 8)).shape
    tensorgrad.Size([5, 2, 8])
    """

    attentions = ("self_attn",)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        x = self._residual(src, 1, lambda x: self.self_attn(
            x, x, x, key_padding_mask=src_key_padding_mask, need_weights=False, attn_mask=src_mask, is_causal=is_causal)[0])
        return self._residual(x, 2, self._feed)


class TransformerDecoderLayer(_Layer):
    """norm1(x + a(x)), norm2(x + b(x, memory)), norm3(x + f(x)) one after the other: a is self-attention, b attention to the encoder's
    output `memory`, f the feed-forward net of TransformerEncoderLayer; norm_first as there. tgt (T, N, d_model), memory (S, N, d_model),
    with batch_first (N, ...), or without N -> tgt's shape. Errors: ShapeError, ArgumentError for nhead, dropout and activation,
    DTypeError. Source: torch.nn.TransformerDecoderLayer.

    >>> import tensorgrad
    >>> tensorgrad.nn.TransformerDecoderLayer(8, 2)(tensorgrad.ones(5, 1, 8), tensorgrad.ones(3, 1, 8)).shape
    tensorgrad.Size([5, 1, 8])
    """

    attentions = ("self_attn", "multihead_attn")

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
                tgt_is_causal=False, memory_is_causal=False):
        x = self._residual(tgt, 1, lambda x: self.self_attn(
            x, x, x, key_padding_mask=tgt_key_padding_mask, need_weights=False, attn_mask=tgt_mask, is_causal=tgt_is_causal)[0])
        x = self._residual(x, 2, lambda x: self.multihead_attn(
            x, memory, memory, key_padding_mask=memory_key_padding_mask, need_weights=False, attn_mask=memory_mask,
            is_causal=memory_is_causal)[0])
        return self._residual(x, 3, self._feed)


class _Stack(Module):
    """num_layers copies of a layer, and a norm behind them."""

    def __init__(self, layer, num_layers, norm):
        super().__init__()
        if num_layers < 0:
            raise ArgumentError(f"{type(self).__name__}: num_layers must be at least 0, got {num_layers}")
        self.layers = ModuleList([deepcopy(layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm


class TransformerEncoder(_Stack):
    """norm(f_n(... f_1(x))), f_i num_layers copies of an encoder layer, norm if it is given: (S, N, d_model), with batch_first (N, S,
    d_model), which the result has. There are no nested tensors: enable_nested_tensor and mask_check change nothing. Errors: ArgumentError
    for num_layers < 0, the layers' ShapeError, ArgumentError, DTypeError. Source: torch.nn.TransformerEncoder.

    >>> import tensorgrad
    >>> tensorgrad.nn.TransformerEncoder(tensorgrad.nn.TransformerEncoderLayer(8, 2), 2)(tensorgrad.ones(5, 1, 8)).shape
    tensorgrad.Size([5, 1, 8])
    """

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__(encoder_layer, num_layers, norm)
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        causal = is_causal_mask(mask, is_causal, length_of(src, self.layers[0].self_attn.batch_first)) if self.num_layers else False
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(_Stack):
    """norm(f_n(... f_1(x, memory), memory)), f_i num_layers copies of a decoder layer, norm if it is given: tgt (T, N, d_model), memory
    (S, N, d_model), with batch_first (N, ...) -> tgt's shape. Errors: ArgumentError for num_layers < 0, the layers' ShapeError,
    ArgumentError, DTypeError. Source: torch.nn.TransformerDecoder.

    >>> import tensorgrad
    >>> layer = tensorgrad.nn.TransformerDecoderLayer(8, 2)
    >>> tensorgrad.nn.TransformerDecoder(layer, 2)(tensorgrad.ones(5, 1, 8), tensorgrad.ones(3, 1, 8)).shape
    tensorgrad.Size([5, 1, 8])
    """

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__(decoder_layer, num_layers, norm)

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
                tgt_is_causal=None, memory_is_causal=False):
        causal = False
        if self.num_layers:
            causal = is_causal_mask(tgt_mask, tgt_is_causal, length_of(tgt, self.layers[0].self_attn.batch_first))
        for layer in self.layers:
            tgt = layer(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                        memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=causal, memory_is_causal=memory_is_causal)
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """decoder(tgt, encoder(src)): src (S, N, d_model), tgt (T, N, d_model) -> (T, N, d_model); batch_first: (N, S, d_model), (N, T,
    d_model); or without N. Encoder and decoder are a TransformerEncoder and a TransformerDecoder, or those given; matrices start as
    Xavier uniform. Errors: ShapeError, ArgumentError for nhead, numbers of layers, dropout and activation, DTypeError. Source: Vaswani et
    al., Attention is all you need, 2017; torch.nn.Transformer.

    >>> import tensorgrad
    >>> net = tensorgrad.nn.Transformer(8, 2, 1, 1, 16)
    >>> net(tensorgrad.ones(5, 2, 8), tensorgrad.ones(3, 2, 8)).shape
    tensorgrad.Size([3, 2, 8])
    """

    def __init__(self, d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048, dropout=0.1,
                 activation=F.relu, custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-5, batch_first=False,
                 norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        options = {"device": device, "dtype": dtype}
        shape = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        self.encoder, self.decoder = custom_encoder, custom_decoder
        if custom_encoder is None:
            layer = TransformerEncoderLayer(*shape, **options)
            self.encoder = TransformerEncoder(layer, num_encoder_layers, LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **options))
        if custom_decoder is None:
            layer = TransformerDecoderLayer(*shape, **options)
            self.decoder = TransformerDecoder(layer, num_decoder_layers, LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **options))
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
                tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None,
                memory_is_causal=False):
        check_tensors("Transformer", src=src, tgt=tgt)
        n = 0 if self.batch_first else 1
        if src.dim() == 3 and (tgt.dim() != 3 or src.shape[n] != tgt.shape[n]):
            raise ShapeError("Transformer: the batch number of src and tgt must be equal, got src "
                             f"{tuple(src.shape)} and tgt {tuple(tgt.shape)}")
        if not src.shape[-1:] == tgt.shape[-1:] == (self.d_model,):
            raise ShapeError(f"Transformer: the feature number of src and tgt must be equal to d_model {self.d_model}, got src "
                             f"{tuple(src.shape)} and tgt {tuple(tgt.shape)}")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
                            memory_is_causal=memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=None):
        """The causal mask (sz, sz): -inf above the diagonal, 0 elsewhere. Errors: ShapeError for a negative sz, OverflowError for a
        dtype without infinity.

        >>> import tensorgrad
        >>> tensorgrad.nn.Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        check_cpu(device)
        return causal_mask(sz, dtype)

    def _reset_parameters(self):
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)
