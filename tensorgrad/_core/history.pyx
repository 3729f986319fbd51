"""A tensor's place in the graph, as Tensor's attributes and autograd ask for it: requires_grad, grad, hooks, data, Functions."""

from cpython.weakref cimport PyWeakref_NewRef

from .dtype cimport dtype_of
from .graph cimport Node, check_in_place, edge, new_node, rebase, requires_grad
from .op cimport Op
from .tensor cimport TensorBase, alias, same_shape, shape_of

from .errors import GraphError, ShapeError


def get_requires_grad(TensorBase t not None):
    """Whether a gradient of t is wanted."""
    return bool(requires_grad(t))


def set_requires_grad(TensorBase t not None, bint on):
    """Make a leaf require grad, or not."""
    node = edge(t)
    if node is not None and (<Node>node).op is not None:
        if not on:
            raise GraphError(f"requires_grad: only a leaf can be changed, this tensor of shape {shape_of(t)} was made by "
                             f"{(<Node>node).op.name}; use detach()")
        return
    if on and not dtype_of(t.v.dtype).is_floating_point:
        raise GraphError(f"requires_grad: only floating-point tensors can require gradients, this one is {dtype_of(t.v.dtype)}")
    t.wants_grad = on
    if not on:
        t.node = None


def get_node(TensorBase t not None):
    """The node that a gradient of t goes to: the one that made t, or a leaf's own; None where no gradient is wanted."""
    return edge(t)


def increment_version(TensorBase t not None):
    """t's memory was written to."""
    t.storage.version += 1


def depends_on_others(list tensors, list leaves):
    """Whether any tensor was computed from a leaf that is not in the list."""
    cdef set seen = {edge(t) for t in leaves}
    cdef list stack = [edge(t) for t in tensors]
    cdef Node node
    while stack:
        node = <Node>stack.pop()
        if node is None or node in seen:
            continue
        if node.op is None:
            return True
        seen.add(node)
        stack.extend(node.parents)
    return False


def get_grad_fn(TensorBase t not None):
    """The node that made t, None for a leaf."""
    cdef Node node
    if t.base is None and t.node is None:
        return None
    node = edge(t)
    return None if node is None or node.op is None else node


def get_grad(TensorBase t not None):
    """The accumulated gradient."""
    return t.grad_


def set_grad_of(TensorBase t not None, g):
    """Replace the accumulated gradient."""
    if g is not None:
        if not isinstance(g, TensorBase):
            raise TypeError(f"grad: expected a tensor or None, got {type(g).__name__}")
        if not same_shape(t, <TensorBase>g):
            raise ShapeError(f"grad: shape {shape_of(g)} is not the tensor's shape {shape_of(t)}")
        if t.v.dtype != (<TensorBase>g).v.dtype:
            raise GraphError(f"grad: dtype {dtype_of((<TensorBase>g).v.dtype)} is not the tensor's {dtype_of(t.v.dtype)}")
    t.grad_ = g


def detach(TensorBase t not None):
    """The same memory outside the graph. Source: torch.Tensor.detach."""
    return alias(t)


def detach_(TensorBase t not None):
    """Cut t out of the graph in place."""
    if t.base is not None:
        raise GraphError(f"detach_: this tensor of shape {shape_of(t)} is a view; use detach()")
    t.node = None
    t.wants_grad = False
    t.output_nr = 0
    return t


def replace_data(TensorBase t not None, TensorBase other not None):
    """t.data = other: t becomes a window on other's memory."""
    if other.v.dtype != t.v.dtype and requires_grad(t) and not dtype_of(other.v.dtype).is_floating_point:
        raise GraphError(f"data: {dtype_of(other.v.dtype)} cannot hold a tensor that requires grad")
    if t.node is not None and (<Node>t.node).op is None:
        t.node = None  # the accumulation node remembers the old shape
    t.v = other.v
    t.storage = other.storage


def become(TensorBase t not None, TensorBase view not None):
    """t takes over the memory, the shape and the place in the graph of a view of it."""
    t.v = view.v
    t.storage = view.storage
    t.node, t.output_nr = view.node, view.output_nr
    t.node_version = view.node_version


def add_tensor_hook(TensorBase t not None, hook):
    """hook(grad) before grad goes on; a returned tensor replaces it. Source: torch.Tensor.register_hook."""
    node = edge(t)
    if node is None:
        raise GraphError(f"register_hook: this tensor of shape {shape_of(t)} does not require grad")
    return (<Node>node).add_hook(t.output_nr, hook)


def add_accumulate_hook(TensorBase t not None, hook):
    """hook(tensor) after its grad was accumulated. Source: torch.Tensor.register_post_accumulate_grad_hook."""
    node = edge(t)
    if node is None or (<Node>node).op is not None:
        raise GraphError("register_post_accumulate_grad_hook: only a leaf that requires grad accumulates one")
    return (<Node>node).add_post_hook(lambda leaf, grad: hook(leaf))


def retain_grad(TensorBase t not None):
    """Keep the gradient of a tensor that is not a leaf. Source: torch.Tensor.retain_grad."""
    cdef Node node = edge(t)
    if node is None:
        raise GraphError(f"retain_grad: this tensor of shape {shape_of(t)} does not require grad")
    if node.op is not None:
        if node.retained is None:
            node.retained = []
        if not retains_grad(t):
            node.retained.append((t.output_nr, PyWeakref_NewRef(t, None)))


def retains_grad(TensorBase t not None):
    """Whether retain_grad was called on a tensor that is not a leaf."""
    if t.node is None or (<Node>t.node).retained is None:
        return False
    return any([reference() is t for _, reference in (<Node>t.node).retained])


def record_function(Op op, list tensors, list outputs, list dirty, dict attributes):
    """A node for a user's Function: op.fused(needs, g, **attributes) is its backward. Outputs become its results; those in
    `dirty` are inputs that forward wrote to, which take their new place in the graph as after any in-place operation."""
    cdef Node node = new_node(op, <TensorBase>outputs[0]), parent
    cdef TensorBase t
    cdef list parents = [], numbers = []
    for t in dirty:
        check_in_place(t, op.name)
        if t.base is not None and len(outputs) > 1:
            raise GraphError(f"{op.name}: of several outputs none may be a view that forward wrote to; this one has shape "
                             f"{shape_of(t)}")
    for x in tensors:
        parent = edge(<TensorBase>x) if isinstance(x, TensorBase) else None
        parents.append(parent)
        numbers.append((<TensorBase>x).output_nr if parent is not None else 0)
        if parent is not None and parent.rank >= node.rank:
            node.rank = parent.rank + 1
    node.parents = tuple(parents)
    node.numbers = tuple(numbers)
    node.attributes = attributes
    node.others = tuple([(<object>(<TensorBase>t).v.dtype, shape_of(t)) for t in outputs])
    for i, t in enumerate(outputs):
        if t.base is not None and not any([d is t for d in dirty]):
            t.base = None
        if t.base is not None:
            rebase(t, node)
            continue
        t.node = node
        t.output_nr = i
        t.wants_grad = False
    return node
