"""Normalisation: batch, instance, layer, group, RMS, local response."""

import warnings

from .._core.dtype import find_dtype
from .._core.errors import ArgumentError, ShapeError
from ..ops.create import ones, tensor, zeros
from ..ops.declare import check_tensors
from . import functional as F
from . import init
from .convert import check_cpu
from .linear import new_parameter
from .module import Module


class _NormBase(Module):
    """Weight, bias and running statistics of num_features channels."""

    _version = 2
    dims: tuple[int, ...] = ()  # the numbers of dimensions that forward takes

    def __init__(self, num_features, eps, momentum, affine, track_running_stats, device, dtype, bias):
        super().__init__()
        check_cpu(device)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.register_parameter("weight", new_parameter(num_features, dtype=dtype) if affine else None)
        self.register_parameter("bias", new_parameter(num_features, dtype=dtype) if affine and bias else None)
        track = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, dtype=dtype) if track else None)
        self.register_buffer("running_var", ones(num_features, dtype=dtype) if track else None)
        self.register_buffer("num_batches_tracked", tensor(0, dtype=find_dtype("int64")) if track else None)
        self.reset_parameters()

    def reset_running_stats(self):
        """Mean 0, variance 1, no batches seen.

        >>> from tensorgrad import nn, randn
        >>> layer = nn.BatchNorm1d(2)
        >>> y = layer(randn(8, 2))
        >>> layer.reset_running_stats()
        >>> layer.running_mean, layer.running_var, layer.num_batches_tracked
        (tensor([0., 0.]), tensor([1., 1.]), tensor(0))
        """
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self):
        """Weight 1, bias 0, and reset_running_stats().

        >>> from tensorgrad import nn
        >>> layer = nn.BatchNorm1d(2)
        >>> layer.weight.data.fill_(7)
        tensor([7., 7.])
        >>> layer.reset_parameters()
        >>> layer.weight.data
        tensor([1., 1.])
        """
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input):
        check_tensors(type(self).__name__, input=input)
        if input.dim() not in self.dims:
            wanted = " or ".join(f"{n}D" for n in self.dims)
            raise ShapeError(f"{type(self).__name__}: expected {wanted} input (got {input.dim()}D input of shape "
                             f"{tuple(input.shape)})")

    def extra_repr(self):
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
                f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}")

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *lists):
        """States that do not say their version, or an old one, may lack num_batches_tracked: it keeps its value."""
        key = prefix + "num_batches_tracked"
        if local_metadata.get("version", 1) < 2 and self.track_running_stats:
            state_dict.setdefault(key, self.num_batches_tracked)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *lists)


class _BatchNorm(_NormBase):
    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None,
                 dtype=None,
                 *, bias=True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input):
        self._check_input_dim(input)
        factor = 0.0 if self.momentum is None else self.momentum
        mean, var = self.running_mean, self.running_var
        if self.training:
            if not self.track_running_stats:
                mean = var = None
            elif self.num_batches_tracked is not None:
                self.num_batches_tracked.add_(1)
                if self.momentum is None:
                    factor = 1.0 / float(self.num_batches_tracked)
        return F.batch_norm(input, mean, var, self.weight, self.bias, self.training or (mean is None and var is None),
                            factor,
                            self.eps)


class BatchNorm1d(_BatchNorm):
    """(x - mean) / sqrt(var + eps) * weight + bias, statistics a channel: (N, C) or (N, C, L), which the result has.

    Training takes the batch's statistics and moves the running ones by `momentum` (None: their plain average); eval uses these. Errors:
    ShapeError, DTypeError for integers, ArgumentError for one value a channel in training. Source: torch.nn.BatchNorm1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.BatchNorm1d(4)(tensorgrad.ones(2, 4)).shape
    tensorgrad.Size([2, 4])
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """(x - mean) / sqrt(var + eps) * weight + bias, statistics a channel: (N, C, H, W), which the result has; training and eval as in
    BatchNorm1d. Errors: ShapeError, DTypeError for integers, ArgumentError for one value a channel in training. Source:
    torch.nn.BatchNorm2d.

    >>> import tensorgrad
    >>> norm = tensorgrad.nn.BatchNorm2d(3)
    >>> norm(tensorgrad.ones(2, 3, 4, 4)).shape, norm.num_batches_tracked
    (tensorgrad.Size([2, 3, 4, 4]), tensor(1))
    """

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """(x - mean) / sqrt(var + eps) * weight + bias, statistics a channel: (N, C, D, H, W), which the result has; training and eval as in
    BatchNorm1d. Errors: ShapeError, DTypeError for integers, ArgumentError for one value a channel in training. Source:
    torch.nn.BatchNorm3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.BatchNorm3d(4)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8, 8])
    """

    dims = (5,)


class _InstanceNorm(_NormBase):
    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, device=None,
                 dtype=None,
                 *, bias=True):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input):
        self._check_input_dim(input)
        alone = input.dim() == self.dims[0]  # no batch dimension
        channels = input.shape[0 if alone else 1]
        if channels != self.num_features:
            message = (f"{type(self).__name__}: expected {self.num_features} channels, "
                       f"got input of shape {tuple(input.shape)}")
            if self.affine:
                raise ShapeError(message)
            warnings.warn(message + "; without affine parameters num_features is not used")
        y = F.instance_norm(input.unsqueeze(0) if alone else input, self.running_mean, self.running_var, self.weight,
                            self.bias,
                            self.training or not self.track_running_stats, 0.0 if self.momentum is None
                            else self.momentum,
                            self.eps)
        return y.squeeze(0) if alone else y


class InstanceNorm1d(_InstanceNorm):
    """(x - mean) / sqrt(var + eps), with affine * weight + bias, statistics a sample and channel: (C, L) or (N, C, L), which the result
    has; with track_running_stats eval uses the running ones. Errors: ShapeError, DTypeError for integers, ArgumentError for one value a
    channel. Source: torch.nn.InstanceNorm1d.

    >>> import tensorgrad
    >>> tensorgrad.nn.InstanceNorm1d(4)(tensorgrad.ones(1, 4, 8)).shape
    tensorgrad.Size([1, 4, 8])
    """

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """(x - mean) / sqrt(var + eps), with affine * weight + bias, statistics a sample and channel: (C, H, W) or (N, C, H, W), which the
    result has; with track_running_stats eval uses the running ones. Errors: ShapeError, DTypeError for integers, ArgumentError for one
    value a channel. Source: torch.nn.InstanceNorm2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.InstanceNorm2d(4)(tensorgrad.ones(1, 4, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8])
    """

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """(x - mean) / sqrt(var + eps), with affine * weight + bias, statistics a sample and channel: (C, D, H, W) or (N, C, D, H, W), which
    the result has; with track_running_stats eval uses the running ones. Errors: ShapeError, DTypeError for integers, ArgumentError for
    one value a channel. Source: torch.nn.InstanceNorm3d.

    >>> import tensorgrad
    >>> tensorgrad.nn.InstanceNorm3d(4)(tensorgrad.ones(1, 4, 8, 8, 8)).shape
    tensorgrad.Size([1, 4, 8, 8, 8])
    """

    dims = (4, 5)


class LayerNorm(Module):
    """(x - mean) / sqrt(var + eps) * weight + bias, statistics over the last dimensions, which are normalized_shape: (...,
    *normalized_shape), which the result has. Errors: ShapeError for others, DTypeError for integers, ArgumentError for a device that is
    not the CPU. Source: torch.nn.LayerNorm.

    >>> import tensorgrad
    >>> tensorgrad.nn.LayerNorm(4)(tensorgrad.ones(2, 4)).shape
    tensorgrad.Size([2, 4])
    """

    def __init__(self, normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        shape = self.normalized_shape
        self.register_parameter("weight", new_parameter(*shape, device=device, dtype=dtype) if elementwise_affine
                                else None)
        self.register_parameter("bias", new_parameter(*shape, device=device, dtype=dtype) if elementwise_affine
                                and bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Weight 1, bias 0.

        >>> from tensorgrad import nn
        >>> layer = nn.LayerNorm(2)
        >>> layer.weight.data.fill_(7)
        tensor([7., 7.])
        >>> layer.reset_parameters()
        >>> layer.weight.data
        tensor([1., 1.])
        """
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
                f"bias={self.bias is not None}")


class RMSNorm(Module):
    """x / sqrt(mean(x^2) + eps) * weight over the last dimensions, which are normalized_shape: (..., *normalized_shape), which the result
    has; eps None: the dtype's epsilon. Errors: ShapeError for others, DTypeError for integers, ArgumentError for a device that is not the
    CPU. Source: torch.nn.RMSNorm.

    >>> import tensorgrad
    >>> tensorgrad.nn.RMSNorm(4)(tensorgrad.ones(2, 4)).shape
    tensorgrad.Size([2, 4])
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        shape = self.normalized_shape
        self.register_parameter("weight", new_parameter(*shape, device=device, dtype=dtype) if elementwise_affine
                                else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Weight 1.

        >>> from tensorgrad import nn
        >>> layer = nn.RMSNorm(2)
        >>> layer.weight.data.fill_(7)
        tensor([7., 7.])
        >>> layer.reset_parameters()
        >>> layer.weight.data
        tensor([1., 1.])
        """
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """(x - mean) / sqrt(var + eps) * weight + bias, statistics a sample and group of channels: (N, C, ...), which the result has. Errors:
    ArgumentError unless num_groups divides num_channels and for one value a channel, ShapeError for another C, DTypeError for integers.
    Source: torch.nn.GroupNorm.

    >>> import tensorgrad
    >>> tensorgrad.nn.GroupNorm(2, 4)(tensorgrad.ones(1, 4, 3)).shape
    tensorgrad.Size([1, 4, 3])
    """

    def __init__(self, num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None, *, bias=True):
        super().__init__()
        if num_groups <= 0 or num_channels % num_groups:
            raise ArgumentError(f"GroupNorm: num_channels {num_channels} must be divisible by num_groups {num_groups}")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.register_parameter("weight", new_parameter(num_channels, device=device, dtype=dtype) if affine else None)
        self.register_parameter("bias", new_parameter(num_channels, device=device, dtype=dtype) if affine and bias
                                else None)
        self.reset_parameters()

    reset_parameters = LayerNorm.reset_parameters

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
                f"bias={self.bias is not None}")


class LocalResponseNorm(Module):
    """x / (k + alpha/n * sum of x^2 over n neighbouring channels)^beta, n = size: (N, C, ...), which the result has. Errors: ShapeError
    for less than 3 dimensions, ArgumentError for size < 1. Source: torch.nn.LocalResponseNorm.

    >>> import tensorgrad
    >>> tensorgrad.nn.LocalResponseNorm(2)(tensorgrad.ones(1, 4, 3)).shape
    tensorgrad.Size([1, 4, 3])
    """

    def __init__(self, size, alpha=0.0001, beta=0.75, k=1.0):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input):
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(Module):
    """x / (k + alpha/size * sum of x^2 over the 2 floor((size + 1) / 2) - 1 channels around it)^beta: (N, C, H, W), which the result has.

    PyTorch's, of the same name, never takes the first channel out of its running sum. Errors: ShapeError for other numbers of dimensions,
    ArgumentError for size < 1. Source: torch.nn.CrossMapLRN2d.

    >>> import tensorgrad
    >>> tensorgrad.nn.CrossMapLRN2d(2)(tensorgrad.ones(1, 4, 3, 3)).shape
    tensorgrad.Size([1, 4, 3, 3])
    """

    def __init__(self, size, alpha=0.0001, beta=0.75, k=1):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input):
        check_tensors("CrossMapLRN2d", input=input)
        if input.dim() != 4:
            raise ShapeError(f"CrossMapLRN2d: expected an input of 4 dimensions, got shape {tuple(input.shape)}")
        if self.size < 1:
            raise ArgumentError(f"CrossMapLRN2d: size must be at least 1, got {self.size}")
        width = 2 * ((self.size + 1) // 2) - 1
        return F.local_response_norm(input, width, self.alpha * width / self.size, self.beta, self.k)

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
