"""Whether operations are recorded: context managers and decorators."""

from .._core import graph


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
        """A fresh manager, so that a decorated function may call itself.

        >>> import tensorgrad
        >>> type(tensorgrad.no_grad().clone()).__name__
        'no_grad'
        """
        return type(self)()


class no_grad(Mode):
    """Nothing is recorded inside: results of any shape have requires_grad=False. As a decorator it takes a function. Errors: none.
    Source: torch.no_grad.

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
    """Operations on tensors of any shape are recorded inside, also within no_grad. As a decorator it takes a function. Errors:
    none. Source: torch.enable_grad.

    >>> import tensorgrad
    >>> with tensorgrad.no_grad(), tensorgrad.enable_grad():
    ...     tensorgrad.is_grad_enabled()
    True
    """

    on = True


class set_grad_enabled(Mode):
    """Record or not (the truth of `mode`), from now on; as a context manager, until its end. Tensors of any shape; no errors.
    Source: torch.set_grad_enabled.

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
    """no_grad for code that will never need gradients; mode=False records as before. Tensors of any shape; no errors. Source:
    torch.inference_mode.

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
    """Switch anomaly mode on or off, from now on or, as a context manager, until its end; see detect_anomaly. Tensors of any shape.
    Errors: none by itself; the backward pass then ends in a GraphError at the first NaN gradient. Source:
    torch.autograd.set_detect_anomaly.

    >>> import tensorgrad
    >>> with tensorgrad.autograd.set_detect_anomaly(True):
    ...     tensorgrad.is_anomaly_enabled()
    True
    """

    def __init__(self, mode, check_nan=True):
        self.on, self.check_nan = bool(mode), bool(check_nan)
        self.before = graph.set_detect_anomaly(self.on, self.check_nan)

    def __enter__(self):
        return None

    def __exit__(self, *error):
        graph.set_detect_anomaly(*self.before)

    def clone(self):
        """A fresh manager of the same mode."""
        return set_detect_anomaly(self.on, self.check_nan)

    def __call__(self, function):
        graph.set_detect_anomaly(*self.before)
        return super().__call__(function)


class detect_anomaly(Mode):
    """Inside, every node remembers the line that made it: an error in the backward pass shows it, and (check_nan) the first NaN
    gradient, of a tensor of any shape, is an error that shows it. Slow; for debugging. Errors: GraphError at that NaN. Source:
    torch.autograd.detect_anomaly.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor(-1.0, requires_grad=True)
    >>> with tensorgrad.autograd.detect_anomaly():
    ...     try:
    ...         x.sqrt().backward()
    ...     except RuntimeError as error:
    ...         print(str(error).split(",")[0])
    SqrtBackward0 returned nan values for input 0
    """

    def __init__(self, check_nan=True):
        self.check_nan = bool(check_nan)

    def __enter__(self):
        self.before = graph.set_detect_anomaly(True, self.check_nan)

    def __exit__(self, *error):
        graph.set_detect_anomaly(*self.before)

    def clone(self):
        """A fresh manager of the same mode."""
        return detect_anomaly(self.check_nan)
