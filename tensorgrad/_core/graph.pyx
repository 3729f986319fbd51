"""The graph: nodes, grad mode, saved values with their versions, and how in-place writes change history.

A Node is one application of an op: parents (nodes, never tensors), the values that the formulas name, and what the
gradient of its output must look like. engine.pyx goes backward over it.
"""

cimport cython
from cpython.weakref cimport PyWeakref_NewRef

from _thread import _local

from .csrc cimport int64_t
from .dtype cimport dtype_of
from .maps cimport is_number
from .op cimport Op
from .tensor cimport TensorBase, alias, overlaps_itself, shape_of

from .errors import GraphError

cdef extern from *:
    """
    static _Thread_local int tg_grad_mode = 1;
    static _Thread_local int tg_inference_mode = 0;
    static _Thread_local int tg_saved_hooks = 0;
    """
    int tg_grad_mode
    int tg_inference_mode
    int tg_saved_hooks               # how many pairs of saved-tensor hooks this thread has

cdef bint ANOMALY = False
cdef bint CHECK_NAN = True
cdef Op AS_STRIDED = None            # the records by which in-place writes to views are told: set by ops/shape.py
cdef Op SCATTER_WINDOW = None


def set_view_ops(Op as_strided, Op scatter_window):
    """The records that refresh and rebase use."""
    global AS_STRIDED, SCATTER_WINDOW
    AS_STRIDED, SCATTER_WINDOW = as_strided, scatter_window


# ---- modes ----

cdef bint grad_enabled() noexcept:
    return tg_grad_mode


cdef bint set_grad(bint on) noexcept:
    global tg_grad_mode
    cdef bint before = tg_grad_mode
    tg_grad_mode = on
    return before


def is_grad_enabled():
    """Whether operations are recorded on this thread. Source: torch.is_grad_enabled.

    >>> import tensorgrad
    >>> tensorgrad.is_grad_enabled()
    True
    """
    return bool(tg_grad_mode)


def switch_grad(bint on):
    """Set the mode of this thread and return what it was."""
    return bool(set_grad(on))


def is_inference_mode_enabled():
    """Whether this thread is inside inference_mode. Source: torch.is_inference_mode_enabled.

    >>> import tensorgrad
    >>> tensorgrad.is_inference_mode_enabled()
    False
    """
    return bool(tg_inference_mode)


def switch_inference(bint on):
    """Set inference mode of this thread and return what it was."""
    global tg_inference_mode
    before = bool(tg_inference_mode)
    tg_inference_mode = on
    return before


def set_detect_anomaly(bint on, bint check_nan=True):
    """Remember the forward call of each node and (check_nan) stop at the first NaN gradient. Returns what both were."""
    global ANOMALY, CHECK_NAN
    before = ANOMALY, CHECK_NAN
    ANOMALY, CHECK_NAN = on, check_nan
    return before


def is_anomaly_enabled():
    """Whether anomaly mode is on. Source: torch.is_anomaly_enabled.

    >>> import tensorgrad
    >>> tensorgrad.is_anomaly_enabled()
    False
    """
    return bool(ANOMALY)


def is_anomaly_check_nan_enabled():
    """Whether anomaly mode looks for NaN. Source: torch.is_anomaly_check_nan_enabled.

    >>> import tensorgrad
    >>> tensorgrad.is_anomaly_check_nan_enabled()
    True
    """
    return bool(CHECK_NAN)


cdef bint anomaly() noexcept:
    return ANOMALY


cdef bint anomaly_checks() noexcept:
    return CHECK_NAN


# ---- profiling ----

cdef object PROFILER = None


def set_profiler(profiler):
    """profiler.enter(name, inputs, attributes) and profiler.leave(outcome) around every op from now on; None: nobody. Returns who
    was before."""
    global PROFILER
    before = PROFILER
    PROFILER = profiler
    return before


def get_profiler():
    """Who watches the ops, or None."""
    return PROFILER


cdef bint profiling() noexcept:
    return PROFILER is not None


cdef object profiler():
    return PROFILER


# ---- what becomes of saved values ----

HOOKS = _local()                     # .pairs: [(pack, unpack), ...] of this thread


def push_saved_hooks(pack, unpack):
    """From now on this thread keeps pack(x) where a tensor x is saved, and gets unpack of that in the backward pass."""
    global tg_saved_hooks
    if not hasattr(HOOKS, "pairs"):
        HOOKS.pairs, HOOKS.forbidden = [], None
    if HOOKS.forbidden is not None:
        raise GraphError(HOOKS.forbidden)
    HOOKS.pairs.append((pack, unpack))
    tg_saved_hooks += 1


def pop_saved_hooks():
    """Forget the last pair."""
    global tg_saved_hooks
    HOOKS.pairs.pop()
    tg_saved_hooks -= 1


def forbid_saved_hooks(message):
    """Until it is called with None, saved-tensor hooks are an error with this message. Returns what was before."""
    if tg_saved_hooks and message is not None:
        raise GraphError(message)
    before = getattr(HOOKS, "forbidden", None)
    if not hasattr(HOOKS, "pairs"):
        HOOKS.pairs = []
    HOOKS.forbidden = message
    return before


cdef class Packed:
    """What a pack hook made of a saved tensor, with the tensor's place in the graph."""
    cdef object value, unpack
    cdef Node node
    cdef int output_nr

    def __init__(self, TensorBase t, bint output):
        cdef bint mode
        pack, self.unpack = HOOKS.pairs[len(HOOKS.pairs) - 1]
        if not output:  # an output's node is the one that saves it: holding it here would be a cycle
            self.node = edge(t)
            self.output_nr = t.output_nr
        mode = set_grad(False)
        try:
            self.value = pack(alias(t))
        finally:
            set_grad(mode)

    cdef TensorBase open(self):
        cdef bint mode = set_grad(False)
        try:
            found = self.unpack(self.value)
        finally:
            set_grad(mode)
        if not isinstance(found, TensorBase):
            raise TypeError(f"saved_tensors_hooks: the unpack hook must return a tensor, got {type(found).__name__}")
        return reattach(<TensorBase>found, self.node, self.output_nr)


def pack(value, bint output=False):
    """What to keep of a saved tensor while saved-tensor hooks are active: see Packed."""
    return Packed(value, output) if tg_saved_hooks and isinstance(value, TensorBase) else value


def unpacked(value):
    """The tensor of `pack`."""
    return (<Packed>value).open() if type(value) is Packed else value


cdef object pack_slot(object value, bint output):
    if isinstance(value, TensorBase):
        return Packed(value, output)
    if type(value) is tuple:
        return tuple([pack_slot(v, output) for v in <tuple>value])
    return value


cdef object unpack_slot(object value):
    if type(value) is Packed:
        return (<Packed>value).open()
    if type(value) is tuple:
        return tuple([unpack_slot(v) for v in <tuple>value])
    return value


def reattach(TensorBase x not None, Node node, int output_nr):
    """x as output `output_nr` of a node (None: of none)."""
    cdef TensorBase t = alias(x)
    t.node = node
    t.output_nr = output_nr
    return t


# ---- nodes ----

cdef list GRAVE = []
cdef int DEPTH = 0                   # nodes that are dying inside each other


@cython.freelist(256)
cdef class Node:
    """One application of an op (`tensor.grad_fn`), to tensors of any shape: with what came before it in the graph, what it keeps for
    the backward pass, and hooks. Errors: GraphError where a saved value is read that was written to since. Source:
    torch.autograd.graph.Node.

    >>> import tensorgrad
    >>> (tensorgrad.ones(1, requires_grad=True) * 2).grad_fn.name()
    'MulBackward0'
    """

    def __dealloc__(self):
        # Dropping the last tensor of a long chain would recurse once a node; from a certain depth on what a dying node
        # holds is laid aside instead, and the outermost of them drops it piece by piece.
        global DEPTH
        if self.parents is None and self.saved is None:
            return
        if DEPTH == 64:
            GRAVE.append((self.parents, self.saved))
            return
        DEPTH += 1
        self.parents = self.saved = None
        while DEPTH == 1 and GRAVE:
            GRAVE.pop()
        DEPTH -= 1

    @property
    def next_functions(self):
        """((node, output number), ...), one an input. Source: torch.autograd.graph.Node.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> x.exp().sum().grad_fn.next_functions[0][0].name()
        'ExpBackward0'
        """
        parents = self.parents or ()
        return tuple((p, self.numbers[i] if self.numbers is not None else 0) for i, p in enumerate(parents))

    def name(self):
        """The class-like name that PyTorch prints.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> (x * 2).grad_fn.name(), (x * 2).grad_fn.next_functions[0][0].name()
        ('MulBackward0', 'AccumulateGrad')
        """
        if self.op is None:
            return "AccumulateGrad"
        if self.op.opaque:
            return self.op.name + "Backward"
        return "".join(w[:1].upper() + w[1:] for w in self.op.name.split("_")) + "Backward0"

    def __repr__(self):
        return f"<{self.name()} object at {<size_t><void *>self:#x}>"

    @property
    def variable(self):
        """The tensor of a leaf's node, while it lives.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> x.exp().grad_fn.next_functions[0][0].variable is x
        True
        """
        return self.leaf() if self.leaf is not None else None

    @property
    def op(self):
        """The record, None for a leaf.

        >>> import tensorgrad
        >>> (tensorgrad.ones(2, requires_grad=True) * 2).grad_fn.op.name
        'mul'
        """
        return self.op

    @property
    def attributes(self):
        """The attributes of the call.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> x.view(1, 2).grad_fn.attributes
        {'size': (1, 2)}
        """
        return dict(self.attributes or {})

    @property
    def output(self):
        """(shape, dtype) of the tensor it made; of several, of the first.

        >>> import tensorgrad
        >>> tensorgrad.ones(2, 3, requires_grad=True).sum(0).grad_fn.output
        ((3,), tensorgrad.float32)
        """
        return tuple([self.shape[i] for i in range(self.ndim)]), dtype_of(self.dtype)

    @property
    def saved_values(self):
        """What is kept for the backward pass: name of the input or output -> tensor, number, or tuple of tensors.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> x.exp().grad_fn.saved_values
        {'y': tensor([2.7183, 2.7183])}
        """
        cdef Py_ssize_t i
        if self.op is None or self.saved is None:
            return {}
        names = [name.lstrip("*") for name in self.op.inputs + self.op.outputs + self.op.aux]
        return {names[i]: unpack(self, i, False) for i in range(len(self.saved)) if self.saved[i] is not None}

    def register_prehook(self, hook):
        """Call hook(grad_outputs) before the node runs; a returned tuple replaces them. Errors: those of
        the hook when it runs. Source: torch.autograd.graph.Node.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> y = x.sum()
        >>> handle = y.grad_fn.register_prehook(lambda grads: (3 * grads[0],))
        >>> y.backward()
        >>> x.grad
        tensor([3., 3.])
        """
        if self.pre_hooks is None:
            self.pre_hooks = {}
        return Handle(self.pre_hooks, hook)

    def register_hook(self, hook):
        """Call hook(grad_inputs, grad_outputs) after the node ran; a returned tuple replaces grad_inputs. A leaf's node has no
        grad_inputs and hands over what arrived. Errors: those of the hook when it runs. Source: torch.autograd.graph.Node.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> y = x.sum()
        >>> handle = y.grad_fn.register_hook(lambda inputs, outputs: print(inputs, outputs))
        >>> y.backward()
        (tensor([1., 1.]),) (tensor(1.),)
        """
        return self.add_post_hook(hook if self.op is not None else lambda leaf, grad: hook((), (grad,)))

    def add_post_hook(self, hook):
        """A function that runs after the node: with the gradients of inputs and outputs, of a leaf with the leaf and what
        arrived. Errors: those of the hook when it runs.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> y = x.sum()
        >>> handle = y.grad_fn.add_post_hook(print)
        >>> y.backward()
        (tensor([1., 1.]),) (tensor(1.),)
        """
        if self.post_hooks is None:
            self.post_hooks = {}
        return Handle(self.post_hooks, hook)

    def add_hook(self, int number, hook):
        """hook(grad) on one output. Errors: TypeError for a number that is no integer, those of the hook when it runs.

        >>> import tensorgrad
        >>> x = tensorgrad.ones(2, requires_grad=True)
        >>> y = x.sum()
        >>> handle = y.grad_fn.add_hook(0, print)
        >>> y.backward()
        tensor(1.)
        """
        cdef dict functions
        if self.hooks is None:
            self.hooks = []
        functions = {}
        self.hooks.append((number, functions))
        return Handle(functions, hook)


class Handle:
    """Removes a hook, by remove() or at the end of a `with`. Errors: TypeError for hooks that are no dict. Source:
    torch.utils.hooks.RemovableHandle.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(1, requires_grad=True)
    >>> with x.register_hook(print):
    ...     (2 * x).backward()
    tensor([2.])
    >>> (2 * x).backward()
    """

    next_id = 0

    def __init__(self, hooks, hook):
        Handle.next_id += 1
        self.id, self.hooks = Handle.next_id, hooks
        hooks[self.id] = hook

    def remove(self):
        """Take the hook away; a second call does nothing."""
        self.hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()


cdef object users_stack():
    """The stack of this call, down to the user's line: frames of this package below it are left out."""
    import os
    import traceback
    frames = traceback.extract_stack()
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    while len(frames) > 1 and frames[len(frames) - 1].filename.startswith(package):
        frames.pop()
    return frames


cdef Node new_node(Op op, TensorBase out):
    cdef Node node = Node.__new__(Node)
    cdef int i
    node.op = op
    node.dtype = out.v.dtype
    node.ndim = out.v.ndim
    for i in range(out.v.ndim):
        node.shape[i] = out.v.shape[i]
    if ANOMALY:
        node.trace = users_stack()
    return node


cdef Node leaf_node(TensorBase t):
    cdef Node node = new_node(None, t)
    node.leaf = PyWeakref_NewRef(t, None)
    t.node = node
    return node


cdef Node edge(TensorBase t):
    if t.base is not None and t.node_version != t.storage.version:
        refresh(t)
    if t.node is not None:
        return <Node>t.node
    return leaf_node(t) if t.wants_grad else None


cdef bint requires_grad(TensorBase t) noexcept:
    return t.wants_grad or t.node is not None or (t.base is not None and t.node_version != t.storage.version
                                                  and (t.base.wants_grad or t.base.node is not None))


cdef dict geometry(TensorBase view, TensorBase base):
    return {"size": shape_of(view), "stride": tuple([view.v.strides[i] for i in range(view.v.ndim)]),
            "offset": (view.v.data - base.v.data) // dtype_of(base.v.dtype).itemsize,
            "layout": tuple([base.v.strides[i] for i in range(base.v.ndim)])}


cdef int refresh(TensorBase t) except -1:
    """The base (or another view of it) was written in place since t's node was made: t is now a view of what the base is."""
    cdef Node node
    if requires_grad(t.base):
        node = new_node(AS_STRIDED, t)
        link(node, t.base)
        node.shapes = (shape_of(t.base),)
        node.attributes = geometry(t, t.base)
        t.node = node
        t.output_nr = 0
        t.wants_grad = False
    t.node_version = t.storage.version
    return 0


cdef int link(Node node, TensorBase parent) except -1:
    cdef Node p = edge(parent)
    node.parents = (p,)
    node.rank = p.rank + 1
    if parent.output_nr:
        node.numbers = (parent.output_nr,)
    return 0


cdef int64_t version_of(object value) except -1:
    cdef int64_t total = 0
    if isinstance(value, TensorBase):
        return (<TensorBase>value).storage.version
    if type(value) is tuple:
        for v in <tuple>value:
            if isinstance(v, TensorBase):
                total += (<TensorBase>v).storage.version
    return total


cdef int save(Node node, tuple saved) except -1:
    cdef int i = 0, first = node.op.n_in, last = node.op.n_in + node.op.n_out
    if tg_saved_hooks:
        node.saved = tuple([pack_slot(v, first <= i < last) for i, v in enumerate(saved)])
        return 0
    node.saved = saved
    for value in saved:
        if value is not None and i < 8:
            node.versions[i] = version_of(value)
        i += 1
    return 0


cdef object unpack(Node node, int slot, bint create_graph):
    """A saved value, checked against in-place writes; an output is put back into the graph where that is wanted."""
    cdef object value = node.saved[slot]
    cdef TensorBase t
    cdef int number = slot - (node.op.n_in)
    if value is None or is_number(value):
        return value
    if type(value) is Packed or type(value) is tuple and any([type(v) is Packed for v in <tuple>value]):
        value = unpack_slot(value)
    elif slot < 8 and node.versions[slot] != version_of(value):
        names = list(node.op.inputs + node.op.outputs + node.op.aux)
        shape = str(shape_of(value)) if isinstance(value, TensorBase) else str([shape_of(v) for v in value])
        raise GraphError(f"{node.op.name}: its gradient needs {names[slot]} of shape {shape}, which was modified by an "
                         f"in-place operation since: it is at version {version_of(value)}, expected {node.versions[slot]}")
    if create_graph and 0 <= number < node.op.n_out:
        t = alias(<TensorBase>value)
        t.node = node
        t.output_nr = number
        return t
    return value


# ---- writing in place ----

cdef int check_in_place(TensorBase x, str op) except -1:
    if x.storage.readonly:
        raise GraphError(f"{op}: the memory of this tensor of shape {shape_of(x)} is read-only (a NumPy array that may not "
                         "be written to); write to a clone()")
    if overlaps_itself(x):
        raise GraphError(f"{op}: several elements of this tensor of shape {shape_of(x)} share one memory location (an expanded "
                         "tensor); clone() it before writing to it")
    if tg_grad_mode:
        if x.wants_grad:
            raise GraphError(f"{op}: a leaf tensor that requires grad (shape {shape_of(x)}) cannot be written to in place; use "
                             "no_grad(), or write to a clone()")
        if x.base is not None and x.base.wants_grad:
            raise GraphError(f"{op}: a view (shape {shape_of(x)}) of a leaf tensor that requires grad (shape "
                             f"{shape_of(x.base)}) cannot be written to in place; use no_grad(), or write to a clone()")
    return 0


cdef int rebase(TensorBase x, Node node) except -1:
    """x's memory now holds the output of `node` (None: of nothing recorded). A write to a view is a write to its base:
    the base becomes scatter_window(base, view) and the view an as_strided of the new base. A tensor of the graph that is
    overwritten with numbers from outside becomes a scatter_window of itself: it still requires grad, of which nothing comes
    through. The caller has bumped the version."""
    cdef TensorBase base = x.base
    cdef Node scatter, parent
    if base is None and node is None and x.node is not None:
        base = x
    elif base is None:
        x.node = node
        x.output_nr = 0
        x.wants_grad = False
        return 0
    if node is None and not requires_grad(base):
        return 0
    scatter = new_node(SCATTER_WINDOW, base)
    parent = edge(base)
    scatter.parents = (parent, node)
    scatter.rank = 1 + max(parent.rank if parent is not None else 0, node.rank if node is not None else 0)
    if base.output_nr:
        scatter.numbers = (base.output_nr, 0)
    scatter.shapes = (shape_of(base), shape_of(x))
    scatter.attributes = {"window": AS_STRIDED, "geometry": geometry(x, base)}
    base.node = scatter
    base.output_nr = 0
    base.wants_grad = False
    base.node_version = base.storage.version
    if x is base:
        return 0
    x.node_version = -1
    return refresh(x)
