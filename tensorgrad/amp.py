"""Mixed precision, for programs that ask for it.

`autocast` chooses no other dtype here: float32 is what the kernels are made for, and half precision would be slower on a CPU and less
exact. It keeps what it was told, so that programs which ask get the answer that they expect. `GradScaler` really scales.
"""

from functools import partial, wraps

from ._core.dtype import BY_NAME
from ._core.errors import ArgumentError, GraphError
from ._core.tensor import TensorBase
from .autograd import no_grad

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]

DEVICES = ("cpu", "cuda", "mps", "xpu")


def on_this_machine(device):
    """Whether a type of device is the CPU. ArgumentError for a type that nobody knows."""
    kind = str(device).partition(":")[0]
    if kind not in DEVICES:
        raise ArgumentError(f"autocast: device_type must be one of {', '.join(DEVICES)}, got {device!r}")
    return kind == "cpu"


def is_autocast_available(device_type):
    """Whether autocast does anything for that type of device: for "cpu" it can be switched on. Errors: ArgumentError for a type
    that nobody knows. Source: torch.amp.is_autocast_available.

    >>> import tensorgrad
    >>> tensorgrad.amp.is_autocast_available("cpu"), tensorgrad.amp.is_autocast_available("cuda")
    (True, False)
    """
    return on_this_machine(device_type)


class autocast:
    """A region, or a function decorated with it, that may compute in half precision; here it computes in float32 as ever, tensors of any
    shape.

    dtype: bfloat16 (the default) or float16; another one switches it off, as in PyTorch. Errors: ArgumentError for a device_type that
    nobody knows. Source: torch.autocast, which on a CPU runs products and convolutions in bfloat16.

    >>> import tensorgrad as torch
    >>> with torch.autocast("cpu", dtype=torch.bfloat16):
    ...     torch.is_autocast_enabled("cpu"), (torch.ones(1, 2) @ torch.ones(2, 1)).dtype
    (True, tensorgrad.float32)
    """

    regions: list = []  # those that are open, the innermost last

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        self.device = self.device_type = device_type
        self.fast_dtype = dtype if dtype is not None else BY_NAME["bfloat16"]
        half = self.fast_dtype in (BY_NAME["bfloat16"], BY_NAME["float16"])
        self.on = on_this_machine(device_type) and bool(enabled) and half

    def __enter__(self):
        self.regions.append(self)
        return self

    def __exit__(self, *error):
        self.regions.pop()

    def __call__(self, function):
        @wraps(function)
        def inside(*args, **kwargs):
            with self:
                return function(*args, **kwargs)
        return inside


def innermost(device_type):
    """The open region of a type of device, or None."""
    return next((region for region in reversed(autocast.regions) if region.device_type == device_type), None)


def is_autocast_enabled(device_type="cuda"):
    """Whether the innermost autocast for that type of device is on; nothing is asked of tensors or shapes. Errors: ArgumentError for a
    type that nobody knows. Source: torch.is_autocast_enabled.

    >>> import tensorgrad
    >>> tensorgrad.is_autocast_enabled("cpu")
    False
    """
    on_this_machine(device_type)
    region = innermost(device_type)
    return region is not None and region.on


def get_autocast_dtype(device_type):
    """The dtype of the innermost autocast for that type of device, else bfloat16 ("cuda": float16), whatever the shapes. Errors:
    ArgumentError for a type that nobody knows. Source: torch.get_autocast_dtype.

    >>> import tensorgrad
    >>> tensorgrad.get_autocast_dtype("cpu")
    tensorgrad.bfloat16
    """
    region = innermost(device_type)
    return region.fast_dtype if region is not None else BY_NAME["bfloat16" if on_this_machine(device_type) else "float16"]


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """A decorator of Function.forward: float tensors of any shape among the arguments come in the dtype cast_inputs where an
    autocast is on. Errors: none of its own. Source: torch.amp.custom_fwd.

    >>> import tensorgrad
    >>> class Double(tensorgrad.autograd.Function):
    ...     @staticmethod
    ...     @tensorgrad.amp.custom_fwd(device_type="cpu", cast_inputs=tensorgrad.float64)
    ...     def forward(ctx, x):
    ...         return 2 * x
    >>> with tensorgrad.autocast("cpu"):
    ...     Double.apply(tensorgrad.ones(1)).dtype
    tensorgrad.float64
    """
    if fwd is None:
        return partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    def cast(x):
        return x.to(cast_inputs) if isinstance(x, TensorBase) and x.dtype.is_floating_point else x

    @wraps(fwd)
    def forward(ctx, *args, **kwargs):
        if cast_inputs is not None and is_autocast_enabled(device_type):
            args, kwargs = [cast(x) for x in args], {name: cast(x) for name, x in kwargs.items()}
        return fwd(ctx, *args, **kwargs)
    return forward


def custom_bwd(bwd=None, *, device_type):
    """A decorator of Function.backward; it changes nothing, and there are no errors. Source: torch.amp.custom_bwd.

    >>> import tensorgrad
    >>> tensorgrad.amp.custom_bwd(abs, device_type="cpu") is abs
    True
    """
    return partial(custom_bwd, device_type=device_type) if bwd is None else bwd


class GradScaler:
    """Multiplies a loss by `scale`, so that small gradients survive half precision, and divides the gradients by it again.

    A step whose gradients hold an infinity or NaN is left out and the scale multiplied by backoff_factor; after growth_interval good
    steps it grows by growth_factor. For another device than "cpu" it is switched off, as in PyTorch without that device. Errors:
    ArgumentError for factors out of range, GraphError for a second unscale_ between two updates. Source: torch.amp.GradScaler.

    >>> import tensorgrad as torch
    >>> w = torch.ones(1, requires_grad=True)
    >>> optimizer, scaler = torch.optim.SGD([w], lr=0.5), torch.amp.GradScaler("cpu", init_scale=8.0)
    >>> loss = scaler.scale((2 * w).sum())
    >>> loss.backward()
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> loss.item(), w.item()
    (16.0, 0.0)
    """

    def __init__(self, device="cuda", init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
        if growth_factor <= 1 or not 0 < backoff_factor < 1:
            raise ArgumentError(f"GradScaler: growth_factor must be > 1 and backoff_factor in (0, 1), got {growth_factor} and "
                                f"{backoff_factor}")
        self._enabled = bool(enabled) and on_this_machine(device)
        self._scale, self._growth_factor, self._backoff_factor = float(init_scale), growth_factor, backoff_factor
        self._growth_interval, self._good_steps = growth_interval, 0
        self._found = {}  # id of an optimiser -> whether its gradients, already unscaled, hold an infinity or NaN

    def is_enabled(self):
        """Whether it scales."""
        return self._enabled

    def get_scale(self):
        """The present scale, 1 where it is switched off."""
        return self._scale if self._enabled else 1.0

    def get_growth_factor(self):
        """What the scale grows by."""
        return self._growth_factor

    def get_backoff_factor(self):
        """What the scale shrinks by."""
        return self._backoff_factor

    def get_growth_interval(self):
        """After how many good steps in a row it grows."""
        return self._growth_interval

    def scale(self, outputs):
        """The outputs (a tensor, or tensors in lists, tuples and dicts) times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, TensorBase):
            return outputs * self._scale
        if isinstance(outputs, dict):
            return {name: self.scale(x) for name, x in outputs.items()}
        return type(outputs)(self.scale(x) for x in outputs)

    @no_grad()
    def unscale_(self, optimizer):
        """Divide the gradients of an optimiser's parameters by the scale, for clipping before the step."""
        if not self._enabled:
            return
        if id(optimizer) in self._found:
            raise GraphError("GradScaler: unscale_() has already been called on this optimizer since the last update()")
        bad = False
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad.mul_(1 / self._scale)
                    bad = bad or not bool(p.grad.isfinite().all())
        self._found[id(optimizer)] = bad

    def step(self, optimizer, *args, **kwargs):
        """optimizer.step(*args, **kwargs), unless a gradient is infinite or NaN; returns what that returns."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if id(optimizer) not in self._found:
            self.unscale_(optimizer)
        return None if self._found[id(optimizer)] else optimizer.step(*args, **kwargs)

    def update(self, new_scale=None):
        """Adjust the scale, or set it, at the end of an iteration."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif any(self._found.values()):
            self._scale, self._good_steps = self._scale * self._backoff_factor, 0
        else:
            self._good_steps += 1
            if self._good_steps == self._growth_interval:
                self._scale, self._good_steps = self._scale * self._growth_factor, 0
        self._found.clear()

    def state_dict(self):
        """What a checkpoint keeps; empty where it is switched off."""
        if not self._enabled:
            return {}
        return {"scale": self._scale, "growth_factor": self._growth_factor, "backoff_factor": self._backoff_factor,
                "growth_interval": self._growth_interval, "_growth_tracker": self._good_steps}

    def load_state_dict(self, state_dict):
        """Take over a checkpoint's state."""
        if self._enabled:
            self._scale, self._good_steps = state_dict["scale"], state_dict["_growth_tracker"]
            self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
            self._growth_interval = state_dict["growth_interval"]
