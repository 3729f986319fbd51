"""Pruning: masks that keep parts of a parameter at zero. weight becomes weight_orig (parameter) * weight_mask (buffer), made anew
by a hook before each forward."""

from abc import ABC, abstractmethod

from ..._core.errors import ArgumentError, OutOfRangeError, ShapeError
from ...autograd import no_grad
from ...ops.create import ones_like
from ...ops.random import rand, rand_like
from ...ops.rearrange import cat
from ...tensor import Tensor


def checked_amount(amount):
    """A fraction in [0, 1] or a number of units."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise TypeError(f"prune: Invalid type for amount: {amount!r}. Must be int or float.")
    if amount < 0 or (isinstance(amount, float) and not amount <= 1):
        raise ArgumentError(f"prune: amount={amount} should either be a float in the range [0, 1] or a non-negative integer")
    return amount


def units(amount, size):
    """How many of `size` units an amount is."""
    if isinstance(amount, float):
        return round(amount * size)
    if amount > size:
        raise ArgumentError(f"prune: amount={amount} should be smaller than the number of parameters to prune={size}")
    return amount


def scores_for(name, tensor, scores):
    """The importance scores: those given, of the tensor's shape, or the tensor itself."""
    if scores is not None and scores.shape != tensor.shape:
        raise ShapeError(f"prune: importance_scores should have the same shape as {name}, got {tuple(scores.shape)} vs "
                         f"{tuple(tensor.shape)}")
    return tensor if scores is None else scores


def pruning_of(module, name=None):
    """[(its key, the pruning hook)] of a module, of one tensor or of all."""
    hooks = module._hooks.forward_pre if module._hooks is not None else {}
    return [(key, hook) for key, (hook, _) in hooks.items()
            if isinstance(hook, BasePruningMethod) and name in (None, hook._tensor_name)]


class BasePruningMethod(ABC):
    """A way to choose what is pruned, weight = weight_mask * weight_orig with a mask of the tensor's shape: subclasses define
    compute_mask(t, default_mask) and PRUNING_TYPE ('unstructured', 'structured', which needs `dim`, or 'global'). Errors: TypeError for a
    class without compute_mask. Source: torch.nn.utils.prune.BasePruningMethod.

    >>> import tensorgrad
    >>> from tensorgrad.nn.utils import prune
    >>> class Small(prune.BasePruningMethod):
    ...     PRUNING_TYPE = "unstructured"
    ...     def compute_mask(self, t, default_mask):
    ...         return default_mask * (t.abs() > 0.5)
    >>> Small().prune(tensorgrad.tensor([0.1, 2.0]))
    tensor([0., 2.])
    """

    _tensor_name = None

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t, default_mask):
        """The mask for importance scores t: default_mask with what this method prunes set to 0."""

    def apply_mask(self, module):
        """weight_mask * weight_orig"""
        if self._tensor_name is None:
            raise AssertionError(f"{type(module).__name__} has to be pruned")
        original = getattr(module, self._tensor_name + "_orig")
        return getattr(module, self._tensor_name + "_mask").to(original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        """Prune the tensor `name` of a module, on top of what is pruned already; returns the method in charge."""
        method = cls(*args, **kwargs)
        method._tensor_name = name
        found = pruning_of(module, name)
        current = getattr(module, name, None)
        if not isinstance(current, Tensor) or (not found and name not in module._parameters):
            raise ArgumentError(f"prune: {type(module).__name__} has no parameter {name!r}")
        scores = scores_for(name, current, importance_scores).detach()
        if found:
            container = found[0][1] if isinstance(found[0][1], PruningContainer) else PruningContainer(found[0][1])
            mask = container.combined(method, scores, getattr(module, name + "_mask").detach().clone())
            container.add_pruning_method(method)
            del module._hooks.forward_pre[found[0][0]]
            method = container
        else:
            mask = method.compute_mask(scores, default_mask=ones_like(current.detach()))
            del module._parameters[name]
            module.register_parameter(name + "_orig", current)
        module.register_buffer(name + "_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t, default_mask=None, importance_scores=None):
        """t * compute_mask(importance_scores or t, default_mask)"""
        mask = ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(scores_for("tensor t", t, importance_scores), default_mask=mask)

    def remove(self, module):
        """Make the pruned values permanent: the parameter is called `name` again."""
        name = self._tensor_name
        with no_grad():
            value = self.apply_mask(module)
        original = module._parameters.pop(name + "_orig")
        del module._buffers[name + "_mask"]
        delattr(module, name)
        original.data = value
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """Several pruning methods of one tensor, of any shape, one on top of the other: each prunes what the ones before left. Errors:
    TypeError for what is no pruning method, ArgumentError for one of another tensor. Source: torch.nn.utils.prune.PruningContainer.

    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> layer = nn.Linear(2, 2)
    >>> for _ in range(2):
    ...     method = prune.L1Unstructured.apply(layer, "weight", amount=1)
    >>> type(method).__name__, len(method), int(layer.weight_mask.sum())
    ('PruningContainer', 2, 2)
    """

    def __init__(self, *args):
        self._pruning_methods = ()
        if len(args) == 1:
            self._tensor_name = getattr(args[0], "_tensor_name", None)
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method):
        """Add one that prunes the same tensor."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"PruningContainer: {type(method).__name__} is not a BasePruningMethod subclass")
        if method._tensor_name != self._tensor_name:
            raise ArgumentError(f"PruningContainer: can only add pruning methods acting on the parameter named "
                                f"'{self._tensor_name}', got '{method._tensor_name}'")
        self._pruning_methods += (method,)

    def __len__(self):
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, index):
        return self._pruning_methods[index]

    def compute_mask(self, t, default_mask):
        return self.combined(self._pruning_methods[-1], t, default_mask)

    @staticmethod
    def combined(method, t, mask):
        """The mask with what the method prunes of what is left of t."""
        mask, kind = mask.to(t.dtype), method.PRUNING_TYPE
        if kind == "unstructured":
            part = mask == 1
        elif kind == "structured":
            dim = dimension(t, method.dim)
            keep = mask.sum([d for d in range(t.dim()) if d != dim]) != 0
            part = tuple(keep if d == dim else slice(None) for d in range(t.dim()))
        elif kind == "global":
            part = (slice(None),) * t.dim()
        else:
            raise ArgumentError(f"prune: Unrecognized PRUNING_TYPE {kind!r}")
        new = mask.clone()
        new[part] = method.compute_mask(t[part], default_mask=mask[part]).to(mask.dtype)
        return new


class Identity(BasePruningMethod):
    """Prunes nothing, the mask is default_mask, of any shape: only makes the names. Errors: ArgumentError from apply for a name that is
    no parameter. Source: torch.nn.utils.prune.Identity.

    >>> from tensorgrad import tensor
    >>> from tensorgrad.nn.utils import prune
    >>> prune.Identity().prune(tensor([1.0, -3.0]))
    tensor([ 1., -3.])
    """

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return default_mask


class _Unstructured(BasePruningMethod):
    """The elements of the smallest `keys` are pruned."""

    PRUNING_TYPE = "unstructured"

    def __init__(self, amount):
        self.amount = checked_amount(amount)

    def compute_mask(self, t, default_mask):
        count, mask = units(self.amount, t.numel()), default_mask.clone()
        if count:
            mask.view(-1)[self.chosen(t, count)] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Elements of a tensor of any shape at random: the mask is 0 at `amount` (a fraction or a number) of them. Errors: ArgumentError for
    amounts outside [0, 1] or [0, elements], TypeError for an amount that is no number. Source: torch.nn.utils.prune.RandomUnstructured.

    >>> from tensorgrad import ones
    >>> from tensorgrad.nn.utils import prune
    >>> prune.RandomUnstructured(amount=0.5).prune(ones(2, 4)).sum()
    tensor(4.)
    """

    def chosen(self, t, count):
        return rand_like(t).reshape(-1).topk(count).indices


class L1Unstructured(_Unstructured):
    """The elements of a tensor of any shape nearest to 0: the mask is 0 at the `amount` (a fraction or a number) of least |x|. Errors:
    ArgumentError for amounts outside [0, 1] or [0, elements], TypeError for an amount that is no number. Source:
    torch.nn.utils.prune.L1Unstructured.

    >>> from tensorgrad import tensor
    >>> from tensorgrad.nn.utils import prune
    >>> prune.L1Unstructured(amount=1).prune(tensor([1.0, -3.0, 2.0]))
    tensor([ 0., -3.,  2.])
    """

    def chosen(self, t, count):
        return t.abs().reshape(-1).topk(count, largest=False).indices


def dimension(t, dim):
    """dim counted from the front."""
    if not -t.dim() <= dim < t.dim():
        raise OutOfRangeError(f"prune: dim {dim} is out of range [{-t.dim()}, {t.dim() - 1}] for shape {tuple(t.shape)}")
    return dim % t.dim()


class _Structured(BasePruningMethod):
    """Whole slices along dim are kept or pruned."""

    PRUNING_TYPE = "structured"

    def compute_mask(self, t, default_mask):
        if t.dim() <= 1:
            raise ShapeError("prune: Structured pruning can only be applied to a multidimensional tensor, got shape "
                             f"{tuple(t.shape)}")
        dim = dimension(t, self.dim)
        size = t.shape[dim]
        count = units(self.amount, size)
        if not count:
            return default_mask
        keep = ones_like(t)
        keep[tuple(self.chosen(t, dim, count, size) if d == dim else slice(None) for d in range(t.dim()))] = 0
        return keep * default_mask.to(keep.dtype)


class RandomStructured(_Structured):
    """Slices along dim at random: the mask is 0 in `amount` (a fraction or a number) of them. Errors: ArgumentError for amounts outside
    [0, 1] or [0, slices], TypeError for an amount that is no number, OutOfRangeError for another dim, ShapeError for a vector. Source:
    torch.nn.utils.prune.RandomStructured.

    >>> from tensorgrad import ones
    >>> from tensorgrad.nn.utils import prune
    >>> prune.RandomStructured(amount=1, dim=0).prune(ones(3, 4)).sum()
    tensor(8.)
    """

    def __init__(self, amount, dim=-1):
        self.amount, self.dim = checked_amount(amount), dim

    def chosen(self, t, dim, count, size):
        keep = rand(size).topk(size - count).indices.tolist() if size > count else []
        return [i for i in range(size) if i not in keep]


class LnStructured(_Structured):
    """The slices along dim of the smallest n-norm (sum |x|^n)^(1/n): the mask is 0 in `amount` (a fraction or a number) of them. Errors:
    ArgumentError for amounts outside [0, 1] or [0, slices], TypeError for an amount that is no number, OutOfRangeError for another dim,
    ShapeError for a vector. Source: torch.nn.utils.prune.LnStructured.

    >>> from tensorgrad import tensor
    >>> from tensorgrad.nn.utils import prune
    >>> prune.LnStructured(amount=1, n=2, dim=0).prune(tensor([[1.0, 2.0], [3.0, 0.0]]))
    tensor([[0., 0.],
            [3., 0.]])
    """

    def __init__(self, amount, n, dim=-1):
        self.amount, self.n, self.dim = checked_amount(amount), n, dim

    def chosen(self, t, dim, count, size):
        norms = t.norm(self.n, [d for d in range(t.dim()) if d != dim])
        keep = norms.topk(size - count).indices.tolist() if size > count else []
        return [i for i in range(size) if i not in keep]


class CustomFromMask(BasePruningMethod):
    """What a mask of the user, of the tensor's shape, says: default_mask * mask. Errors: ShapeError for another shape. Source:
    torch.nn.utils.prune.CustomFromMask.

    >>> from tensorgrad import tensor
    >>> from tensorgrad.nn.utils import prune
    >>> prune.CustomFromMask(tensor([1, 0])).prune(tensor([2.0, 5.0]))
    tensor([2., 0.])
    """

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        if self.mask.shape != default_mask.shape:
            raise ShapeError(f"prune: the mask has the shape {tuple(self.mask.shape)}, the tensor {tuple(default_mask.shape)}")
        return default_mask * self.mask.to(default_mask.dtype)


def identity(module, name):
    """Give module.<name>, of any shape, a mask of ones, which keeps everything; returns the module. Errors: ArgumentError for a name that
    is no parameter. Source: torch.nn.utils.prune.identity.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> prune.identity(nn.Linear(1, 2), "weight").weight_mask
    tensor([[1.],
            [1.]])
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    """Prune `amount` (a fraction or a number) of the elements of module.<name>, of any shape, at random; returns the module. Errors:
    ArgumentError for amounts outside [0, 1] or [0, elements] and a name that is no parameter, TypeError for an amount that is no number.
    Source: torch.nn.utils.prune.random_unstructured.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> (prune.random_unstructured(nn.Linear(2, 2), "weight", 0.5).weight == 0).sum()
    tensor(2)
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    """Prune the `amount` (a fraction or a number) of elements of module.<name>, of any shape, whose |x|, or |importance_scores|, is
    least; returns the module. Errors: ArgumentError for amounts outside [0, 1] or [0, elements] and a name that is no parameter,
    ShapeError for scores of another shape, TypeError for an amount that is no number. Source: torch.nn.utils.prune.l1_unstructured.

    >>> import tensorgrad
    >>> layer = tensorgrad.nn.utils.prune.l1_unstructured(tensorgrad.nn.Linear(2, 3), "weight", amount=4)
    >>> (layer.weight == 0).sum().item(), list(layer.state_dict())
    (4, ['bias', 'weight_orig', 'weight_mask'])
    """
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    """Prune `amount` (a fraction or a number) of the slices of module.<name> along dim at random; returns the module. Errors:
    ArgumentError for amounts outside [0, 1] or [0, slices] and a name that is no parameter, OutOfRangeError for another dim, ShapeError
    for a vector. Source: torch.nn.utils.prune.random_structured.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> (prune.random_structured(nn.Linear(2, 3), "weight", 1, dim=0).weight == 0).sum()
    tensor(2)
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    """Prune the `amount` (a fraction or a number) of slices of module.<name> along dim whose n-norm (sum |x|^n)^(1/n), of the tensor or
    of importance_scores, is least; returns the module. Errors: ArgumentError for amounts outside [0, 1] or [0, slices] and a name that is
    no parameter, OutOfRangeError for another dim, ShapeError for a vector and for scores of another shape. Source:
    torch.nn.utils.prune.ln_structured.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> (prune.ln_structured(nn.Linear(2, 3), "weight", 1, n=2, dim=0).weight == 0).sum()
    tensor(2)
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module, name, mask):
    """Prune module.<name> where the mask, of its shape, is 0; returns the module. Errors: ShapeError for another shape, ArgumentError for
    a name that is no parameter. Source: torch.nn.utils.prune.custom_from_mask.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> (prune.custom_from_mask(nn.Linear(2, 1), "weight", tensorgrad.tensor([[0, 1]])).weight == 0)
    tensor([[ True, False]])
    """
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    """Prune tensors of any shapes together, as if they were one: parameters [(module, name)], pruning_method an unstructured class, which
    kwargs are for. importance_scores: {(module, name): scores}. Errors: TypeError for other classes and scores, ArgumentError for amounts
    and for no parameters, ShapeError for scores of another shape. Source: torch.nn.utils.prune.global_unstructured.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> a, b = nn.Linear(2, 1), nn.Linear(2, 1)
    >>> prune.global_unstructured([(a, "weight"), (b, "weight")], prune.L1Unstructured, amount=3)
    >>> (a.weight == 0).sum() + (b.weight == 0).sum()
    tensor(3)
    """
    parameters = list(parameters)
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    tensors = [getattr(module, name) for module, name in parameters]
    relevant = [scores_for(name, t, scores.get((module, name))) for (module, name), t in zip(parameters, tensors, strict=True)]
    masks = [getattr(module, name + "_mask", None) for module, name in parameters]
    masks = [ones_like(t.detach()) if m is None else m for m, t in zip(masks, tensors, strict=True)]
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(f'global_unstructured(): only "unstructured" PRUNING_TYPE is supported, got {method.PRUNING_TYPE!r}')
    flat = cat([s.detach().reshape(-1) for s in relevant])
    whole = PruningContainer.combined(method, flat, cat([m.reshape(-1) for m in masks]))
    for (module, name), t, mask in zip(parameters, tensors, whole.split([t.numel() for t in tensors]), strict=True):
        custom_from_mask(module, name, mask.reshape(t.shape))


def remove(module, name):
    """Make the pruning of a tensor permanent: module.<name> is the parameter again, with weight_mask * weight_orig; returns the module.
    Errors: ArgumentError for what is not pruned. Source: torch.nn.utils.prune.remove.

    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> layer = prune.random_unstructured(nn.Linear(2, 2), "weight", 0.5)
    >>> list(prune.remove(layer, "weight").state_dict())
    ['bias', 'weight']
    """
    found = pruning_of(module, name)
    if not found:
        raise ArgumentError(f"prune.remove: parameter '{name}' of {type(module).__name__} has to be pruned before pruning can be "
                            "removed")
    key, hook = found[0]
    hook.remove(module)
    del module._hooks.forward_pre[key]
    return module


def is_pruned(module):
    """True where a pruning hook is on the module or one below it, else False. Errors: AttributeError for what is no module. Source:
    torch.nn.utils.prune.is_pruned.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import prune
    >>> layer = nn.Linear(1, 1)
    >>> prune.is_pruned(layer), prune.is_pruned(prune.identity(layer, "weight"))
    (False, True)
    """
    return any(pruning_of(below) for below in module.modules())
