"""Parameter and Buffer: tensors that a Module registers when they are assigned to it."""

from .._core.history import replace_data
from .._core.tensor import TensorBase
from ..ops import create
from ..tensor import Tensor


def wrap(cls, data, requires_grad):
    """A leaf of class `cls` on the memory of `data`."""
    if data is None:
        data = create.empty(0)
    if not isinstance(data, TensorBase):
        raise TypeError(f"{cls.__name__}: expected a tensor, got {type(data).__name__}")
    self = TensorBase.__new__(cls)
    replace_data(self, data.detach())
    return self.requires_grad_() if requires_grad else self


class Parameter(Tensor):
    """A tensor that `Module` registers as a parameter when it is assigned as an attribute.

    Of any shape; the memory of `data` is shared, not copied; without `data` it is an empty float tensor. Errors: TypeError for what is no
    tensor, GraphError for integers without requires_grad=False. Source: torch.nn.Parameter.

    >>> import tensorgrad
    >>> tensorgrad.nn.Parameter(tensorgrad.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data=None, requires_grad=True):
        return wrap(cls, data, requires_grad)

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()


class Buffer(Tensor):
    """A tensor that `Module` registers as a buffer when it is assigned as an attribute.

    Of any shape; the memory of `data` is shared, not copied; without `data` it is an empty float tensor. `persistent=False` keeps it out
    of the state dict. Errors: TypeError for what is no tensor. Source: torch.nn.Buffer.

    >>> import tensorgrad
    >>> module = tensorgrad.nn.Module()
    >>> module.steps = tensorgrad.nn.Buffer(tensorgrad.zeros(1))
    >>> [name for name, _ in module.named_buffers()]
    ['steps']
    """

    def __new__(cls, data=None, *, persistent=True):
        self = wrap(cls, data, getattr(data, "requires_grad", False))
        self.persistent = persistent
        return self
