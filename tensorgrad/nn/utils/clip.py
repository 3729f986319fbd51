"""Clipping of gradients, in place."""

from ..._core.errors import ArgumentError
from ...autograd import no_grad
from ...ops.create import tensor
from ...ops.rearrange import stack
from ...tensor import Tensor


def gradients(parameters):
    """The gradients that are there; `parameters` may be one tensor."""
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in parameters if p.grad is not None]


@no_grad()
def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """(sum over all elements of all tensors of |x|^norm_type)^(1 / norm_type), a scalar, of tensors of any shapes. Errors: DTypeError for
    integers, ArgumentError where it is not finite and error_if_nonfinite. Source: torch.nn.utils.get_total_norm.

    >>> import tensorgrad
    >>> tensorgrad.nn.utils.get_total_norm([tensorgrad.tensor([3.0, 4.0])])
    tensor(5.)
    """
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    norm_type = float(norm_type)
    if not tensors:
        return tensor(0.0)
    total = stack([t.norm(norm_type) for t in tensors]).norm(norm_type)
    if error_if_nonfinite and not total.isfinite().item():
        raise ArgumentError(f"clip_grad_norm_: the total norm of order {norm_type} is non-finite ({total.item()}), "
                           "so the gradients cannot be clipped")
    return total


@no_grad()
def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Multiply all gradients by min(1, max_norm / (total norm + 1e-6)), in place; parameters: one or several, of any shapes; returns the
    total norm, a scalar. Errors: ArgumentError where it is not finite and error_if_nonfinite. Source: torch.nn.utils.clip_grad_norm_.

    >>> import tensorgrad
    >>> w = tensorgrad.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> tensorgrad.nn.utils.clip_grad_norm_([w], 1.0)
    tensor(5.)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    grads = gradients(parameters)
    total = get_total_norm(grads, norm_type, error_if_nonfinite)
    scale_all(grads, max_norm, total)
    return total


def scale_all(grads, max_norm, total):
    """Scale the gradients by min(1, max_norm / (total + 1e-6))."""
    scale = (float(max_norm) / (total + 1e-6)).clamp(max=1.0)
    for grad in grads:
        grad.mul_(scale)


@no_grad()
def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """Multiply all gradients by min(1, max_norm / (total_norm + 1e-6)), in place; parameters: one or several, of any shapes; total_norm:
    a scalar tensor that is known already. Errors: TypeError for a total_norm that is no tensor. Source:
    torch.nn.utils.clip_grads_with_norm_.

    >>> import tensorgrad
    >>> w = tensorgrad.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> tensorgrad.nn.utils.clip_grads_with_norm_([w], 1.0, tensorgrad.tensor(10.0))
    >>> w.grad
    tensor([0.3000, 0.4000])
    """
    if not isinstance(total_norm, Tensor):
        raise TypeError(f"clip_grads_with_norm_: total_norm must be a tensor, got {type(total_norm).__name__}")
    scale_all(gradients(parameters), max_norm, total_norm)


@no_grad()
def clip_grad_value_(parameters, clip_value, foreach=None):
    """Limit every element of the gradients to [-clip_value, clip_value], in place; parameters: one or several, of any shapes. Errors:
    ValueError for a clip_value that is no number. Source: torch.nn.utils.clip_grad_value_.

    >>> import tensorgrad
    >>> w = tensorgrad.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> tensorgrad.nn.utils.clip_grad_value_([w], 3.5)
    >>> w.grad
    tensor([3.0000, 3.5000])
    """
    for grad in gradients(parameters):
        grad.clamp_(-float(clip_value), float(clip_value))
