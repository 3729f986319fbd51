"""What is done to a whole model at once: training mode, gradients, dtype."""

from .._core.errors import ArgumentError, GraphError
from ..ops.create import empty_like
from ..tensor import Tensor


def check_cpu(device):
    """Only the CPU exists: any other device is an error."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ArgumentError(f"device: only 'cpu' is available, got {device!r}")


class Convertible:
    """The part of Module that changes all modules, parameters and buffers below."""

    def train(self, mode=True):
        """Set training mode here and below; returns self. Errors: ArgumentError for what is no bool.

        >>> import tensorgrad
        >>> tensorgrad.nn.Dropout().train(False).training
        False
        """
        if not isinstance(mode, bool):
            raise ArgumentError(f"train: mode must be a bool, got {mode!r}")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """train(False): dropout passes everything, batch norm uses its running statistics.

        >>> import tensorgrad
        >>> tensorgrad.nn.Dropout().eval()(tensorgrad.ones(2))
        tensor([1., 1.])
        """
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Set requires_grad of every parameter; returns self. Errors: GraphError where integers are to require grad.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.requires_grad_(False).weight.requires_grad
        False
        """
        parameters = list(self.named_parameters())
        for name, parameter in parameters:
            if requires_grad and not parameter.is_floating_point():
                raise GraphError(f"requires_grad_: only floating-point tensors can require gradients, {name} is {parameter.dtype}")
        for _, parameter in parameters:
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Drop the gradients of all parameters, or fill them with zeros. No errors.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m(tensorgrad.ones(1)).backward()
        >>> m.zero_grad()
        >>> m.weight.grad is None
        True
        """
        for parameter in self.parameters():
            if parameter.grad is not None:
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad.detach_().zero_()

    def apply(self, fn):
        """Call fn(module) for the children, depth first, and for this module; returns self. Errors: TypeError for what cannot be
        called, those of fn.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m = m.apply(lambda module: tensorgrad.nn.init.ones_(module.weight))
        >>> m.weight.item()
        1.0
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn, recurse=True):
        """Replace the values of parameters, gradients and buffers by fn of them; the Parameter objects stay the
        same."""
        for module in self.children() if recurse else ():
            module._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                grad = parameter.grad
                value = fn(parameter.data)
                if value is not parameter.data:
                    parameter.grad = None
                    parameter.data = value
                    parameter.grad = None if grad is None else fn(grad.data).requires_grad_(grad.requires_grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def _cast(self, dtype):
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def to(self, *args, **kwargs):
        """to(dtype), to(device), to(tensor): convert the floating parameters and buffers; the device is always the CPU. Errors:
        TypeError for a dtype that is not floating, ArgumentError for another device.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.to(tensorgrad.float64).weight.dtype
        tensorgrad.float64
        """
        unknown = kwargs.keys() - {"device", "dtype", "non_blocking", "memory_format", "tensor"}
        if unknown:
            raise TypeError(f"Module.to: unexpected keyword {sorted(unknown)[0]!r}")
        dtype = kwargs.get("dtype")
        for value in [*args[:2], kwargs.get("tensor")]:
            if isinstance(value, Tensor):
                dtype = value.dtype
            elif hasattr(value, "is_floating_point"):
                dtype = value
            elif value is not None and not isinstance(value, bool):
                check_cpu(value)
        check_cpu(kwargs.get("device"))
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(f"Module.to: parameters need a floating dtype, got {dtype}")
        return self._cast(dtype)

    def type(self, dst_type):
        """Convert all parameters and buffers, also those that are not floating. Errors: ArgumentError for what is no dtype,
        GraphError for integers where a parameter requires grad.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.type(tensorgrad.float64).weight.dtype
        tensorgrad.float64
        """
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        """Floating parameters and buffers to float32.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.float().weight.dtype
        tensorgrad.float32
        """
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def double(self):
        """Floating parameters and buffers to float64.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.double().weight.dtype
        tensorgrad.float64
        """
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def half(self):
        """Floating parameters and buffers to float16.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.half().weight.dtype
        tensorgrad.float16
        """
        return self._apply(lambda t: t.half() if t.is_floating_point() else t)

    def bfloat16(self):
        """Floating parameters and buffers to bfloat16.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.bfloat16().weight.dtype
        tensorgrad.bfloat16
        """
        return self._apply(lambda t: t.bfloat16() if t.is_floating_point() else t)

    def cpu(self):
        """Self: everything is on the CPU.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.cpu() is m
        True
        """
        return self

    def to_empty(self, *, device=None, recurse=True):
        """Give every parameter and buffer new, uninitialised memory. Errors: ArgumentError for a device that is not the CPU.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.to_empty(device="cpu").weight.shape
        tensorgrad.Size([1, 1])
        """
        check_cpu(device)
        return self._apply(empty_like, recurse)

    def compile(self, *args, **kwargs):
        """PyTorch compiles forward here, in place; there is nothing to compile, so nothing changes. No errors.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.compile()
        """

    def share_memory(self):
        """Self, with the memory of parameters and buffers shared between processes.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> m.share_memory() is m
        True
        """
        return self._apply(lambda t: t.share_memory_())
