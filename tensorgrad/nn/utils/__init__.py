"""Helpers on parameters and sequences: clipping gradients, parameters as one vector, packed sequences."""

from . import rnn as rnn
from .clip import clip_grad_norm_, clip_grad_value_, get_total_norm
from .vector import parameters_to_vector, vector_to_parameters

__all__ = ["clip_grad_norm_", "clip_grad_value_", "get_total_norm", "parameters_to_vector", "vector_to_parameters"]
