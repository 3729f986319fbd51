"""All parameters of a model as one vector."""

from ..._core.errors import ShapeError
from ...ops.rearrange import cat


def parameters_to_vector(parameters):
    """The elements of all parameters, of any shapes, one after the other in one 1-D tensor. Errors: ArgumentError where there is none.
    Source: torch.nn.utils.parameters_to_vector.

    >>> import tensorgrad
    >>> tensorgrad.nn.utils.parameters_to_vector([tensorgrad.ones(1), tensorgrad.zeros(2)])
    tensor([1., 0., 0.])
    """
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec, parameters):
    """Give the parameters, of any shapes, the elements of a vector [n] one after the other (each becomes a view of it). Errors:
    ShapeError where the sizes differ. Source: torch.nn.utils.vector_to_parameters.

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.zeros(2))
    >>> tensorgrad.nn.utils.vector_to_parameters(tensorgrad.ones(2), [w])
    >>> w.tolist()
    [1.0, 1.0]
    """
    parameters = list(parameters)
    sizes = [p.numel() for p in parameters]
    if vec.dim() != 1 or vec.numel() != sum(sizes):
        raise ShapeError(f"vector_to_parameters: {sum(sizes)} elements are needed in one dimension, got "
                         f"{tuple(vec.shape)}")
    for p, piece in zip(parameters, vec.split(sizes), strict=True):
        p.data = piece.reshape(p.shape).data
