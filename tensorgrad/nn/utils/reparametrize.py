"""The older weight_norm and spectral_norm: parameters under new names, and a hook that makes the weight before each forward."""

import warnings

from ..._core.errors import ArgumentError
from ...autograd import no_grad
from ..parameter import Parameter
from .parametrizations import as_matrix, drawn, norms, output_dim, power_steps


def hook_of(module, cls, name):
    """(its key, the forward pre-hook of this class for the tensor `name`), or None."""
    hooks = module._hooks.forward_pre if module._hooks is not None else {}
    for key, (hook, _) in hooks.items():
        if isinstance(hook, cls) and hook.name == name:
            return key, hook
    return None


def install(module, hook):
    """Let the hook make the weight before each forward; a tensor has one such hook."""
    if hook_of(module, type(hook), hook.name):
        raise ArgumentError(f"Cannot register two {hook.label} hooks on the same parameter {hook.name}")
    weight = module._parameters.get(hook.name)
    if weight is None:
        raise ArgumentError(f"{hook.label}: {type(module).__name__} has no parameter {hook.name!r}")
    hook.take(module, weight)
    module.register_forward_pre_hook(hook)
    return module


def uninstall(module, cls, name):
    """Leave the weight as it is now, as an ordinary parameter."""
    found = hook_of(module, cls, name)
    if found is None:
        raise ArgumentError(f"{cls.label} of '{name}' not found in {type(module).__name__}")
    key, hook = found
    with no_grad():
        weight = hook.weight(module, False).detach().clone()
    for part in (name, *(name + suffix for suffix in cls.parts)):
        delattr(module, part)
    del module._hooks.forward_pre[key]
    module.register_parameter(name, Parameter(weight))
    return module


class WeightNorm:
    """weight = weight_g weight_v / |weight_v|"""

    label = "weight_norm"
    parts: tuple[str, ...] = ("_g", "_v")

    def __init__(self, name, dim):
        self.name, self.dim = name, -1 if dim is None else dim

    def take(self, module, weight):
        del module._parameters[self.name]
        module.register_parameter(self.name + "_g", Parameter(norms(weight.detach(), self.dim)))
        module.register_parameter(self.name + "_v", Parameter(weight.detach()))
        self(module, ())

    def weight(self, module, training):
        g, v = getattr(module, self.name + "_g"), getattr(module, self.name + "_v")
        return v * (g / norms(v, self.dim))

    def __call__(self, module, args):
        setattr(module, self.name, self.weight(module, module.training))


class SpectralNorm(WeightNorm):
    """weight = weight_orig / sigma, by power iteration from weight_u, weight_v"""

    label = "spectral_norm"
    parts = ("_u", "_v", "_orig")

    def __init__(self, name, n_power_iterations, dim, eps):
        if n_power_iterations <= 0:
            raise ArgumentError(f"spectral_norm: Expected n_power_iterations to be positive, but got {n_power_iterations}")
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def take(self, module, weight):
        u, v = drawn(weight, as_matrix(weight.detach(), self.dim).shape, self.eps)
        delattr(module, self.name)
        module.register_parameter(self.name + "_orig", weight)
        setattr(module, self.name, weight.data)
        module.register_buffer(self.name + "_u", u)
        module.register_buffer(self.name + "_v", v)

    def weight(self, module, training):
        weight, u, v = (getattr(module, self.name + part) for part in ("_orig", "_u", "_v"))
        matrix = as_matrix(weight, self.dim)
        if training:
            power_steps(matrix.detach(), u, v, self.n_power_iterations, self.eps, v_first=True)
            u, v = u.clone(), v.clone()  # the next call overwrites them
        return weight / u.dot(matrix.mv(v))


def weight_norm(module, name="weight", dim=0):
    """weight = weight_g weight_v / |weight_v|, the norm over all dimensions but dim (None: over all); weight_v has the weight's shape;
    returns the module. Deprecated, as in PyTorch: use parametrizations.weight_norm. Errors: ArgumentError for a name that is no
    parameter, OutOfRangeError for another dim, ArgumentError where the weight has this hook already. Source: Salimans, Kingma,
    arXiv:1602.07868; torch.nn.utils.weight_norm.

    >>> import tensorgrad
    >>> import warnings, tensorgrad
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     layer = tensorgrad.nn.utils.weight_norm(tensorgrad.nn.Linear(2, 3))
    >>> list(layer.state_dict())
    ['bias', 'weight_g', 'weight_v']
    """
    warnings.warn("nn.utils.weight_norm is deprecated in favor of nn.utils.parametrizations.weight_norm.", FutureWarning,
                  stacklevel=2)
    return install(module, WeightNorm(name, dim))


def remove_weight_norm(module, name="weight"):
    """Undo weight_norm: the weight, weight_g weight_v / |weight_v| as it is now, becomes a parameter again; returns the module. Errors:
    ArgumentError where there is none to undo. Source: torch.nn.utils.remove_weight_norm.

    >>> import warnings
    >>> from tensorgrad import nn
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # PyTorch deprecated it
    ...     layer = nn.utils.weight_norm(nn.Linear(2, 1))
    >>> list(nn.utils.remove_weight_norm(layer).state_dict())
    ['bias', 'weight']
    """
    return uninstall(module, WeightNorm, name)


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """weight = weight_orig / its largest singular value (of the weight, of any shape, as a matrix with dim in front), estimated by power
    iteration; returns the module. Errors: ArgumentError for n_power_iterations < 1 and a name that is no parameter, OutOfRangeError for
    another dim, ArgumentError where the weight has this hook already. Source: Miyato et al., arXiv:1802.05957;
    torch.nn.utils.spectral_norm.

    >>> import tensorgrad
    >>> list(tensorgrad.nn.utils.spectral_norm(tensorgrad.nn.Linear(4, 3)).state_dict())
    ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    return install(module, SpectralNorm(name, n_power_iterations, output_dim(module, dim), eps))


def remove_spectral_norm(module, name="weight"):
    """Undo spectral_norm: the weight, weight_orig / its largest singular value as it is now, becomes a parameter again; returns the
    module. Errors: ArgumentError where there is none to undo. Source: torch.nn.utils.remove_spectral_norm.

    >>> from tensorgrad import nn
    >>> list(nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 1))).state_dict())
    ['bias', 'weight']
    """
    return uninstall(module, SpectralNorm, name)
