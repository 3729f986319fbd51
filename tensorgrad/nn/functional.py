"""The functions of nn.functional: what the records of tensorgrad/ops declare for it, and what it shares with the top level."""

from ..ops.families import door as _door

__getattr__, __dir__ = _door(globals(), "nn.functional", {
    name: name for name in ("channel_shuffle", "conv_tbc", "pdist", "pixel_shuffle", "pixel_unshuffle", "sigmoid", "tanh")})
