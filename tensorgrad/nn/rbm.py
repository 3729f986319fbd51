"""Restricted Boltzmann machines, trained by contrastive divergence, and deep belief nets stacked from them."""

from itertools import pairwise

from .._core.errors import ArgumentError, ShapeError
from ..autograd import no_grad
from ..ops.create import zeros
from ..ops.declare import check_tensors
from . import functional as F
from . import init
from .activation import Sigmoid
from .container import ModuleList, Sequential
from .linear import Linear, new_parameter
from .module import Module


class RBM(Module):
    """A restricted Boltzmann machine of binary units: p(v, h) ~ exp(b_v v + b_h h + h W v).

    weight (hidden, visible) starts as N(0, 0.01), the biases visible_bias and hidden_bias as 0. forward gives p(h = 1 | v) = sigmoid(W v
    + b_h): (N, visible) -> (N, hidden), or without N. `contrastive_divergence` sets the gradients that an optimiser then steps along
    (CD-k: data minus k steps of Gibbs sampling); equivalently, `loss` is a number with that gradient. Errors: ArgumentError for visible,
    hidden or k < 1, ShapeError for other units, DTypeError for another dtype. Sources: Smolensky 1986; Hinton, Training products of
    experts by minimizing contrastive divergence, 2002, and A practical guide to training restricted Boltzmann machines, 2010.

    >>> import tensorgrad
    >>> from tensorgrad import nn, optim
    >>> rbm = nn.RBM(4, 3)
    >>> step = optim.SGD(rbm.parameters(), lr=0.1)
    >>> error = rbm.contrastive_divergence(tensorgrad.ones(8, 4), k=1)
    >>> step.step()
    >>> rbm(tensorgrad.ones(8, 4)).shape
    tensorgrad.Size([8, 3])
    """

    def __init__(self, visible, hidden, k=1, device=None, dtype=None):
        super().__init__()
        if visible < 1 or hidden < 1 or k < 1:
            raise ArgumentError(f"RBM: visible, hidden and k must be at least 1, got {visible}, {hidden}, {k}")
        self.visible, self.hidden, self.k = visible, hidden, k
        self.weight = new_parameter(hidden, visible, device=device, dtype=dtype)
        self.visible_bias = new_parameter(visible, device=device, dtype=dtype)
        self.hidden_bias = new_parameter(hidden, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the initial values anew.

        >>> from tensorgrad import nn
        >>> layer = nn.RBM(3, 2)
        >>> layer.reset_parameters()
        >>> layer.weight.shape
        tensorgrad.Size([2, 3])
        """
        init.normal_(self.weight, 0.0, 0.01)
        init.zeros_(self.visible_bias)
        init.zeros_(self.hidden_bias)

    def _check(self, v, size):
        check_tensors("RBM", units=v)
        if v.dim() not in (1, 2) or v.shape[-1] != size:
            raise ShapeError(f"RBM: expected units of shape (N, {size}) or ({size},), got {tuple(v.shape)}")

    def hidden_probabilities(self, v):
        """p(h = 1 | v): (N, visible) -> (N, hidden). Errors: ShapeError for other units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.hidden_probabilities(v).shape
        tensorgrad.Size([2, 3])
        """
        self._check(v, self.visible)
        return F.linear(v, self.weight, self.hidden_bias).sigmoid()

    def visible_probabilities(self, h):
        """p(v = 1 | h): (N, hidden) -> (N, visible). Errors: ShapeError for other units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.visible_probabilities(tensorgrad.ones(2, 3)).shape
        tensorgrad.Size([2, 4])
        """
        self._check(h, self.hidden)
        return F.linear(h, self.weight.t(), self.visible_bias).sigmoid()

    def forward(self, v):
        return self.hidden_probabilities(v)

    @no_grad()
    def gibbs(self, v, k=None):
        """v after k steps v -> h -> v of Gibbs sampling, drawn from the default generator. Errors: ShapeError for other units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.gibbs(v, k=2).shape
        tensorgrad.Size([2, 4])
        """
        for _ in range(self.k if k is None else k):
            h = self.hidden_probabilities(v).bernoulli()
            v = self.visible_probabilities(h).bernoulli()
        return v

    def free_energy(self, v):
        """F(v) = -b_v v - sum over j of log(1 + exp(b_h + W v)[j]), so that p(v) ~ exp(-F(v)): (N, visible) -> (N). Errors:
        ShapeError for other units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.free_energy(v).shape
        tensorgrad.Size([2])
        """
        self._check(v, self.visible)
        return -(v @ self.visible_bias) - F.softplus(F.linear(v, self.weight, self.hidden_bias)).sum(-1)

    def loss(self, v, k=None):
        """mean F(v) - mean F(v after k steps): its gradient is the one of contrastive divergence CD-k. Errors: ShapeError for other
        units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.loss(v).backward()
        >>> rbm.weight.grad.shape
        tensorgrad.Size([3, 4])
        """
        model = self.gibbs(v.detach(), k)
        return self.free_energy(v).mean() - self.free_energy(model).mean()

    @no_grad()
    def contrastive_divergence(self, v, k=None, persistent=None):
        """Add the gradients of CD-k to .grad of the parameters; the mean squared error of one reconstruction of v is returned.
        persistent: a batch of visible units from which sampling goes on, changed in place (PCD). Errors: ShapeError for other
        units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.contrastive_divergence(v) < 1, rbm.weight.grad.shape
        (True, tensorgrad.Size([3, 4]))
        """
        start = v if persistent is None else persistent
        model = self.gibbs(start, k)
        if persistent is not None:
            persistent.copy_(model)
        data, fantasy = self.hidden_probabilities(v), self.hidden_probabilities(model)
        n, m = max(v.shape[0], 1), max(model.shape[0], 1)
        gradients = {"weight": fantasy.t() @ model / m - data.t() @ v / n,
                     "visible_bias": model.mean(0) - v.mean(0), "hidden_bias": fantasy.mean(0) - data.mean(0)}
        for name, gradient in gradients.items():
            parameter = self._parameters[name]
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        return F.mse_loss(self.visible_probabilities(data), v).item()

    def reconstruct(self, v):
        """p(v = 1 | p(h = 1 | v)): what the machine makes of v. Errors: ShapeError for other units.

        >>> import tensorgrad
        >>> rbm, v = tensorgrad.nn.RBM(4, 3), tensorgrad.ones(2, 4)
        >>> rbm.reconstruct(v).shape
        tensorgrad.Size([2, 4])
        """
        return self.visible_probabilities(self.hidden_probabilities(v))

    def extra_repr(self):
        return f"visible={self.visible}, hidden={self.hidden}, k={self.k}"


class DBN(Module):
    """A deep belief net: restricted Boltzmann machines one on top of the other, DBN([784, 256, 64]): y = sigmoid(W_n ... sigmoid(W_1 v +
    b_1) ... + b_n), (N, sizes[0]) -> (N, sizes[-1]), or without N.

    `pretrain` trains them layer by layer, each on the hidden probabilities of the one below; forward gives those of the top. `to_network`
    makes a Sequential of Linear and Sigmoid layers with their weights, for fine-tuning by backpropagation. Errors: ArgumentError for less
    than two sizes, sizes < 1 and k < 1, ShapeError, DTypeError for another dtype. Source: Hinton, Osindero, Teh, A fast learning
    algorithm for deep belief nets, 2006.

    >>> import tensorgrad
    >>> from tensorgrad import nn, optim
    >>> net = nn.DBN([6, 4, 2])
    >>> data = tensorgrad.rand(20, 6).bernoulli()
    >>> errors = net.pretrain([data], epochs=2, optimizer=lambda p: optim.SGD(p, lr=0.1))
    >>> net(data).shape, net.to_network(classes=3)(data).shape
    (tensorgrad.Size([20, 2]), tensorgrad.Size([20, 3]))
    """

    def __init__(self, sizes, k=1, device=None, dtype=None):
        super().__init__()
        sizes = list(sizes)
        if len(sizes) < 2:
            raise ArgumentError(f"DBN: at least two sizes are needed, got {sizes}")
        self.rbms = ModuleList([RBM(a, b, k, device, dtype) for a, b in pairwise(sizes)])

    def forward(self, v):
        for rbm in self.rbms:
            v = rbm(v)
        return v

    def pretrain(self, batches, epochs, optimizer):
        """Train one machine after the other by contrastive divergence. batches: what can be iterated over once an epoch (a list, a
        DataLoader) and gives tensors (N, visible); optimizer: parameters -> an optimiser. Returns the mean reconstruction error of
        each epoch of each machine. Errors: ShapeError for batches of other units, those of the optimiser.

        >>> import tensorgrad
        >>> dbn = tensorgrad.nn.DBN([4, 3, 2])
        >>> errors = dbn.pretrain([tensorgrad.ones(8, 4)], 2, lambda parameters: tensorgrad.optim.SGD(parameters, lr=0.1))
        >>> [len(machine) for machine in errors]
        [2, 2]
        """
        history = []
        for depth, rbm in enumerate(self.rbms):
            step, errors = optimizer(rbm.parameters()), []
            for _ in range(epochs):
                total = count = 0
                for v in batches:
                    with no_grad():
                        for below in self.rbms[:depth]:
                            v = below(v)
                    step.zero_grad()
                    total += rbm.contrastive_divergence(v)
                    step.step()
                    count += 1
                errors.append(total / max(count, 1))
            history.append(errors)
        return history

    @no_grad()
    def to_network(self, classes=None):
        """Linear and Sigmoid layers with copies of the weights, and, with `classes`, a new Linear layer of so many outputs. Errors:
        ShapeError for negative classes.

        >>> import tensorgrad
        >>> dbn = tensorgrad.nn.DBN([4, 3, 2])
        >>> dbn.to_network(classes=5)(tensorgrad.ones(8, 4)).shape
        tensorgrad.Size([8, 5])
        """
        layers = []
        for rbm in self.rbms:
            linear = Linear(rbm.visible, rbm.hidden, dtype=rbm.weight.dtype)
            linear.weight.copy_(rbm.weight)
            linear.bias.copy_(rbm.hidden_bias)
            layers += [linear, Sigmoid()]
        if classes is not None:
            layers.append(Linear(self.rbms[-1].hidden, classes, dtype=self.rbms[-1].weight.dtype))
        return Sequential(*layers)

    @no_grad()
    def generate(self, n, steps=100):
        """n samples: `steps` of Gibbs sampling in the top machine from random units, then down to probabilities (n, visible).
        Errors: ShapeError for a negative n.

        >>> import tensorgrad
        >>> dbn = tensorgrad.nn.DBN([4, 3, 2])
        >>> dbn.generate(6, steps=2).shape
        tensorgrad.Size([6, 4])
        """
        top = self.rbms[-1]
        v = zeros(n, top.visible, dtype=top.weight.dtype) + 0.5
        v = top.gibbs(v.bernoulli(), steps)
        for rbm in reversed(list(self.rbms)[:-1]):
            v = rbm.visible_probabilities(v)
        return v
