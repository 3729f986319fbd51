"""Gradients as a user asks for them: backward, grad, the modes, custom Functions."""

from ._core import graph
from ._core.errors import ArgumentError, GraphError, ShapeError
from ._core.op import Op
from ._core.tensor import TensorBase
from .ops.create import ones_like


def output_gradients(tensors, grads, name):
    """The weight of each output, ones for a single element."""
    grads = [None] * len(tensors) if grads is None else [grads] if isinstance(grads, TensorBase) else list(grads)
    if len(grads) != len(tensors):
        raise ArgumentError(f"{name}: {len(tensors)} tensors but {len(grads)} gradients")
    out = []
    for t, g in zip(tensors, grads, strict=True):
        if g is None:
            if t.requires_grad and t.numel() != 1:
                raise GraphError(f"{name}: a gradient can be implied for an output of one element only, this one has shape "
                                 f"{tuple(t.shape)}; pass gradient=")
            g = ones_like(t)
        elif not isinstance(g, TensorBase):
            raise TypeError(f"{name}: gradients must be tensors or None, got {type(g).__name__}")
        elif g.shape != t.shape:
            raise ShapeError(f"{name}: gradient of shape {tuple(g.shape)} for an output of shape {tuple(t.shape)}")
        out.append(g)
    return out


def as_list(tensors, name):
    """One tensor or a sequence of them."""
    out = [tensors] if isinstance(tensors, TensorBase) else list(tensors)
    for t in out:
        if not isinstance(t, TensorBase):
            raise TypeError(f"{name}: expected tensors, got {type(t).__name__}")
    return out


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Accumulate the gradients of the tensors (weighted with grad_tensors) into the leaves, or into `inputs` only. Source:
    torch.autograd.backward.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> tensorgrad.autograd.backward(x.sum() * 3)
    >>> x.grad
    tensor([3., 3.])
    """
    tensors = as_list(tensors, "backward")
    grads = output_gradients(tensors, grad_tensors, "backward")
    retain = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        graph.run_backward(tensors, grads, retain, create_graph, None)
        return
    inputs = as_list(inputs, "backward")
    if not inputs:
        raise ArgumentError("backward: inputs must not be empty")
    for t, g in zip(inputs, graph.run_backward(tensors, grads, retain, create_graph, inputs), strict=True):
        if g is not None:
            t.grad = g if t.grad is None else t.grad + g


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """The gradients of the outputs (weighted with grad_outputs) with respect to the inputs, as a tuple. create_graph: they
    can be differentiated again. allow_unused: None instead of an error for an input that the outputs do not depend on.
    Source: torch.autograd.grad.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor(2.0, requires_grad=True)
    >>> (g,) = tensorgrad.autograd.grad(x ** 3, x, create_graph=True)
    >>> tensorgrad.autograd.grad(g, x)
    (tensor(12.),)
    """
    outputs, inputs = as_list(outputs, "grad"), as_list(inputs, "grad")
    if not inputs:
        raise ArgumentError("grad: inputs must not be empty")
    if is_grads_batched:
        raise ArgumentError("grad: is_grads_batched=True is not offered; call grad once a row")
    grads = output_gradients(outputs, grad_outputs, "grad")
    retain = create_graph if retain_graph is None else retain_graph
    found = graph.run_backward(outputs, grads, retain, create_graph, inputs)
    if materialize_grads:
        return tuple(ones_like(t) * 0 if g is None else g for t, g in zip(inputs, found, strict=True))
    for i, g in enumerate(found):
        if g is None and not allow_unused:
            raise GraphError(f"grad: input {i} of shape {tuple(inputs[i].shape)} was not used to compute the outputs; "
                             "allow_unused=True gives None for it")
    return tuple(found)


class Mode:
    """A context manager and decorator that sets the grad mode of the thread."""

    on = True

    def __enter__(self):
        self.before = graph.switch_grad(self.on)

    def __exit__(self, *error):
        graph.switch_grad(self.before)

    def __call__(self, function):
        """Decorate: the function runs in this mode."""
        from functools import wraps

        @wraps(function)
        def inside(*args, **kwargs):
            with self.clone():
                return function(*args, **kwargs)
        return inside

    def clone(self):
        """A fresh manager, so that a decorated function may call itself."""
        return type(self)()


class no_grad(Mode):
    """Nothing is recorded inside. Source: torch.no_grad.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(1, requires_grad=True)
    >>> with tensorgrad.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    on = False

    def __new__(cls, function=None):
        self = super().__new__(cls)
        return self if function is None else self(function)


class enable_grad(no_grad):
    """Operations are recorded inside, also within no_grad. Source: torch.enable_grad.

    >>> import tensorgrad
    >>> with tensorgrad.no_grad(), tensorgrad.enable_grad():
    ...     tensorgrad.is_grad_enabled()
    True
    """

    on = True


class set_grad_enabled(Mode):
    """Record or not, from now on; as a context manager, until its end. Source: torch.set_grad_enabled.

    >>> import tensorgrad
    >>> with tensorgrad.set_grad_enabled(False):
    ...     tensorgrad.is_grad_enabled()
    False
    """

    def __init__(self, mode):
        self.on = bool(mode)
        self.before = graph.switch_grad(self.on)

    def __enter__(self):
        graph.switch_grad(self.on)

    def __call__(self, function):
        graph.switch_grad(self.before)
        return super().__call__(function)

    def clone(self):
        """A fresh manager of the same mode."""
        return set_grad_enabled(self.on)


class inference_mode(Mode):
    """no_grad for code that will never need gradients. Source: torch.inference_mode.

    >>> import tensorgrad
    >>> with tensorgrad.inference_mode():
    ...     tensorgrad.is_inference_mode_enabled()
    True
    """

    def __new__(cls, mode=True):
        self = super().__new__(cls)
        return self(mode) if callable(mode) else self

    def __init__(self, mode=True):
        self.inference = bool(mode)
        self.on = not self.inference

    def __enter__(self):
        self.before_inference = graph.switch_inference(self.inference)
        super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        graph.switch_inference(self.before_inference)

    def clone(self):
        """A fresh manager of the same mode."""
        return inference_mode(self.inference)


class set_detect_anomaly(Mode):
    """Stop at the first NaN gradient and tell which forward call it came from. Source: torch.autograd.set_detect_anomaly."""

    def __init__(self, mode, check_nan=True):
        self.on = bool(mode)
        self.before = graph.set_detect_anomaly(self.on)

    def __enter__(self):
        return None

    def __exit__(self, *error):
        graph.set_detect_anomaly(self.before)


def detect_anomaly(check_nan=True):
    """set_detect_anomaly(True) as a context manager. Source: torch.autograd.detect_anomaly."""
    return set_detect_anomaly(True)


class FunctionCtx:
    """What forward tells backward. Source: torch.autograd.function.FunctionCtx."""

    def __init__(self):
        self.saved, self.versions, self.dirty, self.not_differentiable = (), (), (), ()
        self.materialize, self.needs_input_grad, self.outputs, self.freed = True, (), {}, False

    def save_for_backward(self, *tensors):
        """Keep tensors for backward; an in-place write to one of them in between is an error there."""
        self.saved = tensors
        self.versions = tuple(None if t is None else t._version for t in tensors)

    @property
    def saved_tensors(self):
        """The tensors of save_for_backward."""
        if self.freed:
            raise GraphError("saved_tensors: trying to go backward a second time; the saved values were freed. Pass "
                             "retain_graph=True to the first backward() or grad()")
        for t, version in zip(self.saved, self.versions, strict=True):
            if t is not None and t._version != version:
                raise GraphError(f"saved_tensors: a tensor of shape {tuple(t.shape)} was modified in place: it is at version "
                                 f"{t._version}, expected {version}")
        return tuple(self.outputs.get(id(t), t) for t in self.saved)

    def mark_dirty(self, *tensors):
        """Inputs that forward wrote to and returns."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors):
        """Outputs without a gradient."""
        self.not_differentiable = tensors

    def set_materialize_grads(self, value):
        """False: backward gets None instead of zeros for outputs without a gradient."""
        self.materialize = value


class Function:
    """An operation with a gradient of its own: subclass it with static methods forward(ctx, ...) and backward(ctx, ...),
    call it with `apply`. Source: torch.autograd.Function.

    >>> import tensorgrad
    >>> class Double(tensorgrad.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> Double.apply(x).sum().backward()
    >>> x.grad
    tensor([2., 2.])
    """

    @staticmethod
    def forward(ctx, *args):
        """Compute the outputs."""
        raise NotImplementedError("Function: forward(ctx, *args) must be defined as a static method")

    @staticmethod
    def backward(ctx, *grads):
        """One gradient (or None) an input of forward."""
        raise NotImplementedError("Function: backward(ctx, *grads) must be defined as a static method")

    @classmethod
    def apply(cls, *args):
        """Run forward and record it."""
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, TensorBase) and a.requires_grad for a in args)
        with no_grad():
            if hasattr(cls, "setup_context"):
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        outputs = [result] if not isinstance(result, tuple) else list(result)
        if not (graph.is_grad_enabled() and any(ctx.needs_input_grad)):
            return result
        inputs = {id(a) for a in args if isinstance(a, TensorBase)}
        dirty = {id(t) for t in ctx.dirty}
        excluded = {id(t) for t in ctx.not_differentiable}
        for i, t in enumerate(outputs):
            if isinstance(t, TensorBase) and id(t) in inputs and id(t) not in dirty:
                outputs[i] = t.detach()  # an input returned as it is gets a node of its own
        recorded = [t for t in outputs
                    if isinstance(t, TensorBase) and t.dtype.is_floating_point and id(t) not in excluded]
        if recorded:
            tensors = [a if isinstance(a, TensorBase) else None for a in args]
            saved = {id(t) for t in ctx.saved}
            for t in recorded:  # an output that is saved would keep its own node alive: save the bare memory
                if id(t) in saved:
                    ctx.saved = tuple(s.detach() if s is t else s for s in ctx.saved)
            record = Op(cls.__name__, None, tuple(f"x{i}" for i in range(min(len(args), 16))), {}, fused=run_backward,
                        opaque=True, outputs=len(recorded))
            graph.record_function(record, tensors, recorded, {"ctx": ctx, "function": cls, "shapes": [
                (t.dtype, tuple(t.shape)) for t in recorded], "places": [
                next((k for k, r in enumerate(recorded) if r is t), None) for t in outputs]})
        return tuple(outputs) if isinstance(result, tuple) else outputs[0]


def run_backward(needs, g, ctx, function, shapes, places):
    """The derivative of every Function: its backward, with zeros for outputs that got no gradient."""
    from .ops.create import zeros
    g = g if isinstance(g, tuple) else (g,)
    if ctx.materialize:
        g = tuple(zeros(s, dtype=d) if x is None else x for x, (d, s) in zip(g, shapes, strict=True))
    result = function.backward(ctx, *(None if p is None else g[p] for p in places))
    result = result if isinstance(result, tuple) else (result,)
    if len(result) > len(needs) and all(r is None for r in result[len(needs):]):
        result = result[:len(needs)]
    if len(result) != len(needs):
        raise GraphError(f"{function.__name__}: backward returned {len(result)} gradients for {len(needs)} inputs")
    return result


def once_differentiable(backward):
    """Decorator of a Function's backward that cannot be differentiated again. Source: torch.autograd.function."""
    from functools import wraps

    @wraps(backward)
    def inside(ctx, *grads):
        with no_grad():
            return backward(ctx, *grads)
    return inside


def Variable(data, requires_grad=False, volatile=False):
    """The tensor itself: old scripts wrap their data in it. Source: torch.autograd.Variable.

    >>> import tensorgrad
    >>> tensorgrad.autograd.Variable(tensorgrad.ones(1), requires_grad=True).requires_grad
    True
    """
    return data.detach().requires_grad_(requires_grad and not volatile) if requires_grad or volatile else data
