"""The focal loss: cross entropy that counts easy examples less."""

from tensorgrad import nn
from tensorgrad._core.errors import ArgumentError

from .boxes import reduced


def sigmoid_focal_loss(inputs, targets, alpha=0.25, gamma=2, reduction="none"):
    """a_t (1 - p_t)^gamma (-log p_t) of logits and targets (both of one shape, targets 0 or 1), p_t the probability of the target;
    a_t = alpha for 1, 1 - alpha for 0, or 1 where alpha is negative. The same shape, or a scalar under reduction 'mean' or 'sum'.
    Errors: ArgumentError for an alpha outside [0, 1] that is not -1 and for another reduction, ShapeError where the shapes differ.
    Source: Lin et al., Focal loss for dense object detection, 2017; torchvision.ops.sigmoid_focal_loss.

    >>> import tensorgrad
    >>> from tensorgrad.vision.ops import sigmoid_focal_loss
    >>> sigmoid_focal_loss(tensorgrad.tensor([0., 4.]), tensorgrad.tensor([1., 1.]))
    tensor([4.3322e-02, 1.4679e-06])
    """
    if not (0 <= alpha <= 1) and alpha != -1:
        raise ArgumentError(f"sigmoid_focal_loss: alpha must be in [0, 1] or -1, got {alpha}")
    p = inputs.sigmoid()
    entropy = nn.functional.binary_cross_entropy_with_logits(inputs, targets, reduction="none")
    loss = entropy * (1 - (p * targets + (1 - p) * (1 - targets))) ** gamma
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    return reduced("sigmoid_focal_loss", loss, reduction)
