"""The graph in a user's hands: what is saved for the backward pass, and hooks on several gradients at once."""

from .._core import graph, history
from .._core.engine import at_end
from .._core.errors import ArgumentError, GraphError
from .._core.graph import Node
from .backward import as_list

__all__ = ["Node", "disable_saved_tensors_hooks", "get_gradient_edge", "increment_version", "register_multi_grad_hook",
           "save_on_cpu", "saved_tensors_hooks"]


class saved_tensors_hooks:
    """Inside, pack_hook(x) is kept in place of each tensor x, of any shape, that a derivative needs, and unpack_hook(packed) gives
    it back in the backward pass. pack_hook sees x outside the graph and must not write to it; unpack_hook must return a tensor of
    the same shape and values. Of nested pairs the inner one counts. Errors: GraphError within disable_saved_tensors_hooks,
    TypeError where unpack_hook returns no tensor. Source: torch.autograd.graph.saved_tensors_hooks.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([1.0, 2.0], requires_grad=True)
    >>> with tensorgrad.autograd.graph.saved_tensors_hooks(lambda x: x.tolist(), tensorgrad.tensor):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self):
        graph.push_saved_hooks(self.pack_hook, self.unpack_hook)

    def __exit__(self, *error):
        graph.pop_saved_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Inside, saved tensors of any shape are kept as copies in CPU memory (where they are anyway: a write in place no longer
    disturbs the backward pass). Errors: GraphError within disable_saved_tensors_hooks. Source: torch.autograd.graph.save_on_cpu.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([1.0, 2.0], requires_grad=True)
    >>> with tensorgrad.autograd.graph.save_on_cpu():
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pin_memory=False, device_type="cuda"):
        super().__init__(lambda x: x.clone(), lambda x: x)


class disable_saved_tensors_hooks:
    """Inside, saved_tensors_hooks is an error with this message, whatever the shapes of the tensors. Errors: GraphError. Source:
    torch.autograd.graph.disable_saved_tensors_hooks.

    >>> import tensorgrad
    >>> with tensorgrad.autograd.graph.disable_saved_tensors_hooks("not here"):
    ...     with tensorgrad.autograd.graph.save_on_cpu():
    ...         pass
    Traceback (most recent call last):
    ...
    tensorgrad._core.errors.GraphError: not here
    """

    def __init__(self, error_message):
        self.message = error_message

    def __enter__(self):
        self.before = graph.forbid_saved_hooks(self.message)

    def __exit__(self, *error):
        graph.forbid_saved_hooks(self.before)


def get_gradient_edge(tensor):
    """(node, output number): where a gradient of the tensor, of any shape, goes. Errors: GraphError for a tensor that does not
    require grad, TypeError for what is no tensor. Source: torch.autograd.graph.get_gradient_edge.

    >>> import tensorgrad
    >>> y = tensorgrad.ones(1, requires_grad=True) * 2
    >>> tensorgrad.autograd.graph.get_gradient_edge(y)[0] is y.grad_fn
    True
    """
    node = history.get_node(tensor)
    if node is None:
        raise GraphError(f"get_gradient_edge: the tensor of shape {tuple(tensor.shape)} does not require grad")
    return node, tensor.output_nr


def increment_version(tensor):
    """Tell the graph that the memory of a tensor (or of several), of any shape, was written to from outside: a backward pass that
    needs the former values is an error then. Errors: TypeError for what is no tensor. Source:
    torch.autograd.graph.increment_version.

    >>> import tensorgrad
    >>> x = tensorgrad.zeros(2)
    >>> tensorgrad.autograd.graph.increment_version(x)
    >>> x._version
    1
    """
    for t in as_list(tensor, "increment_version"):
        history.increment_version(t)


def register_multi_grad_hook(tensors, fn, *, mode="all"):
    """mode="all": fn(grads) once a backward pass, when all gradients are known (None for tensors that it did not reach; the others
    of the shapes of their tensors); mode="any": fn(grad) for the first of them. Errors: ArgumentError for another mode, GraphError
    for a tensor that does not require grad, TypeError for what is no tensor. Source: torch.autograd.graph.register_multi_grad_hook.

    >>> import tensorgrad
    >>> a, b = (tensorgrad.ones(1, requires_grad=True) for _ in range(2))
    >>> handle = tensorgrad.autograd.graph.register_multi_grad_hook((a, b), lambda grads: print([g.item() for g in grads]))
    >>> (a * 2 + b * 3).backward()
    [2.0, 3.0]
    """
    if mode not in ("all", "any"):
        raise ArgumentError(f"register_multi_grad_hook: mode must be 'all' or 'any', got {mode!r}")
    tensors = as_list(tensors, "register_multi_grad_hook")
    for i, t in enumerate(tensors):
        if not t.requires_grad:
            raise GraphError(f"register_multi_grad_hook: tensor {i} of shape {tuple(t.shape)} does not require grad")
    arrived = {}

    def end():
        grads = [arrived.get(k) for k in range(len(tensors))]
        arrived.clear()
        if mode == "all":
            fn(grads)

    def hook_of(i):
        def hook(grad):
            if not arrived:
                at_end(end)
                if mode == "any":
                    fn(grad)
            arrived[i] = grad
        return hook

    return Handles([t.register_hook(hook_of(i)) for i, t in enumerate(tensors)])


class Handles:
    """Removes several hooks."""

    def __init__(self, handles):
        self.handles = handles

    def remove(self):
        """Take the hooks away."""
        for h in self.handles:
            h.remove()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()
