"""The functions of nn.functional: what the records of tensorgrad/ops declare for it, and what it shares with the top
level."""

from ..ops.declare import REGISTRY
from ..ops.families import load
from ..ops.grouped import ScalingType as ScalingType
from ..ops.grouped import SwizzleType as SwizzleType

# names of the top level that nn.functional has too
ALSO = """
    adaptive_avg_pool1d adaptive_max_pool1d alpha_dropout avg_pool1d batch_norm bilinear
    binary_cross_entropy_with_logits celu celu_ channel_shuffle conv1d conv2d conv3d conv_tbc conv_transpose1d
    conv_transpose2d conv_transpose3d cosine_embedding_loss cosine_similarity ctc_loss dropout embedding
    embedding_bag feature_alpha_dropout fold gelu group_norm hardshrink hinge_embedding_loss instance_norm kl_div
    layer_norm log_softmax logsigmoid margin_ranking_loss max_pool1d max_pool2d max_pool3d pairwise_distance pdist
    pixel_shuffle pixel_unshuffle poisson_nll_loss prelu relu relu_ rms_norm rrelu rrelu_ selu selu_ sigmoid softmax
    softplus softshrink tanh threshold threshold_ triplet_margin_loss unfold
"""

load()
globals().update({name: REGISTRY["", name].function for name in ALSO.split() if ("", name) in REGISTRY})
globals().update({name: entry.function for (space, name), entry in REGISTRY.items() if space == "nn.functional"})
