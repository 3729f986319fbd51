"""What a tensor has of the graph: Tensor's attributes and methods about gradients."""

from .._core import history
from .._core.tensor import TensorBase
from .backward import backward


class Recorded(TensorBase):
    """A tensor that knows how it was computed: the part of Tensor that is about that."""

    __slots__ = ()

    @property
    def requires_grad(self):
        """Whether operations on this tensor are recorded; settable. Errors: GraphError for integers, and to switch it off on what is no
        leaf. Source: torch.Tensor.requires_grad.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> x.requires_grad, (2 * x).requires_grad, x.detach().requires_grad
        (True, True, False)
        """
        return history.get_requires_grad(self)

    @requires_grad.setter
    def requires_grad(self, on):
        history.set_requires_grad(self, on)

    def requires_grad_(self, requires_grad=True):
        """Set requires_grad; returns self. Errors: GraphError for integers, and for False where an op made the tensor. Source:
        torch.Tensor.requires_grad_.

        >>> import tensorgrad
        >>> tensorgrad.ones(2).requires_grad_()
        tensor([1., 1.], requires_grad=True)
        """
        history.set_requires_grad(self, requires_grad)
        return self

    @property
    def grad_fn(self):
        """The node that made this tensor, None for a leaf. Source: torch.Tensor.grad_fn.

        >>> import tensorgrad
        >>> tensorgrad.ones(1, requires_grad=True).exp().grad_fn.name()
        'ExpBackward0'
        """
        return history.get_grad_fn(self)

    @property
    def is_leaf(self):
        """Whether no recorded operation made this tensor. Source: torch.Tensor.is_leaf.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(1, requires_grad=True)
        >>> x.is_leaf, x.exp().is_leaf
        (True, False)
        """
        return history.get_grad_fn(self) is None

    @property
    def grad(self):
        """The gradient that backward() accumulated, of this shape, or None; settable. Errors: ShapeError, GraphError (another dtype).
        Source: torch.Tensor.grad.

        >>> import tensorgrad
        >>> x = tensorgrad.tensor(3.0, requires_grad=True)
        >>> x.square().backward()
        >>> x.grad
        tensor(6.)
        """
        return history.get_grad(self)

    @grad.setter
    def grad(self, value):
        history.set_grad_of(self, value)

    @grad.deleter
    def grad(self):
        history.set_grad_of(self, None)

    @property
    def data(self):
        """The same memory outside the graph; assigning makes this tensor a window on another's memory. Source: torch.Tensor.data.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> x.data[0] = 5
        >>> x
        tensor([5., 1.], requires_grad=True)
        """
        return history.detach(self)

    @data.setter
    def data(self, value):
        history.replace_data(self, value)

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        """Accumulate d self / d leaf into every leaf's grad. gradient: the weight of each element of self, needed unless self
        has one element. Errors: GraphError. Source: torch.Tensor.backward.

        >>> import tensorgrad
        >>> x = tensorgrad.tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.grad
        tensor(6.)
        """
        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def detach(self):
        """The same memory outside the graph. Source: torch.Tensor.detach.

        >>> import tensorgrad
        >>> tensorgrad.ones(1, requires_grad=True).detach()
        tensor([1.])
        """
        return history.detach(self)

    def detach_(self):
        """Cut this tensor out of the graph; returns self. Errors: GraphError for a view. Source: torch.Tensor.detach_.

        >>> import tensorgrad
        >>> y = tensorgrad.ones(2, requires_grad=True).exp().detach_()
        >>> y.is_leaf, y.requires_grad
        (True, False)
        """
        return history.detach_(self)

    def register_hook(self, hook):
        """Call hook(grad) when the gradient of this tensor is known; what it returns replaces it. Returns a handle whose remove() takes
        the hook back. Errors: GraphError where no gradient is wanted. Source: torch.Tensor.register_hook.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> handle = x.register_hook(lambda grad: -grad)
        >>> x.sum().backward()
        >>> x.grad
        tensor([-1., -1.])
        """
        return history.add_tensor_hook(self, hook)

    def register_post_accumulate_grad_hook(self, hook):
        """Call hook(self) after a gradient was accumulated into self.grad. Errors: GraphError for what is no leaf. Source:
        torch.Tensor.register_post_accumulate_grad_hook.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> handle = x.register_post_accumulate_grad_hook(lambda leaf: print(leaf.grad))
        >>> x.sum().backward()
        tensor([1., 1.])
        """
        return history.add_accumulate_hook(self, hook)

    def retain_grad(self):
        """Keep the gradient of this tensor though it is no leaf. Errors: GraphError where none is wanted. Source:
        torch.Tensor.retain_grad.

        >>> import tensorgrad
        >>> y = tensorgrad.ones(2, requires_grad=True) * 3
        >>> y.retain_grad()
        >>> y.sum().backward()
        >>> y.grad
        tensor([1., 1.])
        """
        history.retain_grad(self)

    @property
    def retains_grad(self):
        """Whether this non-leaf keeps its gradient. Source: torch.Tensor.retains_grad.

        >>> import tensorgrad
        >>> tensorgrad.ones(2, requires_grad=True).exp().retains_grad
        False
        """
        return history.retains_grad(self)
