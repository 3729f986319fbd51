"""Attention with several heads."""

from .._core.errors import ArgumentError
from ..ops.create import empty
from . import functional as F
from . import init
from .convert import check_cpu
from .linear import Linear
from .module import Module
from .parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """Linear, under the name that PyTorch's reprs give the output projection."""


class MultiheadAttention(Module):
    """The heads softmax(q k^T / sqrt(head_dim)) v, one behind the other, times W_o plus b_o; q, k and v are num_heads parts, each of
    head_dim = embed_dim / num_heads features, of query W_q + b_q, key W_k + b_k and value W_v + b_v. See
    functional.multi_head_attention_forward.

    query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim) -> the output (L, N, embed_dim) and the heads' mean weights (N, L, S);
    batch_first: (N, L, ...); or all without N. in_proj_weight (3 embed_dim, embed_dim), or q_, k_ and v_proj_weight where kdim or vdim
    differ, start as Xavier uniform, the biases 0. Errors: ArgumentError unless num_heads divides embed_dim and for dropout outside [0,
    1], ShapeError, DTypeError. Source: torch.nn.MultiheadAttention; Vaswani et al., Attention is all you need, 2017.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(5, 2, 8)
    >>> y, weights = tensorgrad.nn.MultiheadAttention(8, 2)(x, x, x)
    >>> y.shape, weights.shape
    (tensorgrad.Size([5, 2, 8]), tensorgrad.Size([2, 5, 5]))
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, vdim=None,
                 batch_first=False, device=None, dtype=None):
        check_cpu(device)
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ArgumentError(f"MultiheadAttention: embed_dim must be a positive multiple of num_heads, got embed_dim={embed_dim} "
                                f"and num_heads={num_heads}")
        if not 0 <= dropout <= 1:
            raise ArgumentError(f"MultiheadAttention: dropout must be in [0, 1], got {dropout}")
        super().__init__()
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = embed_dim if kdim is None else kdim, embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        same = self._qkv_same_embed_dim
        shapes = {"in_proj_weight": (3 * embed_dim, embed_dim)} if same else {
            "q_proj_weight": (embed_dim, embed_dim), "k_proj_weight": (embed_dim, self.kdim), "v_proj_weight": (embed_dim, self.vdim)}
        missing = ("q_proj_weight", "k_proj_weight", "v_proj_weight") if same else ("in_proj_weight",)
        for name, shape in shapes.items():
            self.register_parameter(name, Parameter(empty(shape, dtype=dtype)))
        for name in missing:
            self.register_parameter(name, None)
        self.register_parameter("in_proj_bias", Parameter(empty(3 * embed_dim, dtype=dtype)) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            if add_bias_kv:
                self.register_parameter(name, Parameter(empty((1, 1, embed_dim), dtype=dtype)))
            else:
                setattr(self, name, None)
        self._reset_parameters()

    def _reset_parameters(self):
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True,
                is_causal=False):
        swap = self.batch_first and query.dim() == key.dim() == value.dim() == 3
        if swap:
            swapped = {id(x): x.transpose(0, 1) for x in (query, key, value)}  # one tensor three times stays one
            query, key, value = swapped[id(query)], swapped[id(key)], swapped[id(value)]
        y, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k, self.bias_v,
            self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias, training=self.training,
            key_padding_mask=key_padding_mask, need_weights=need_weights, attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim, q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight, v_proj_weight=self.v_proj_weight, average_attn_weights=average_attn_weights,
            is_causal=is_causal)
        return (y.transpose(0, 1) if swap else y), weights
