"""torchvision.models.feature_extraction: a model that returns what some of its modules compute."""

from collections import OrderedDict

from tensorgrad import nn
from tensorgrad._core.errors import ArgumentError


class Extractor(nn.Module):
    """model(x) as an OrderedDict: name -> output of a module, in the order in which they are computed."""

    def __init__(self, model, wanted):
        super().__init__()
        self.model, self.wanted = model, wanted

    def forward(self, *args, **kwargs):
        found = OrderedDict()
        modules = dict(self.model.named_modules())
        handles = [modules[path].register_forward_hook(lambda module, inputs, output, name=name: found.__setitem__(name, output))
                   for path, name in self.wanted.items()]
        try:
            self.model(*args, **kwargs)
        finally:
            for handle in handles:
                handle.remove()
        return found


def create_feature_extractor(model, return_nodes=None, train_return_nodes=None, eval_return_nodes=None, **unused):
    """A module that returns {name: output}, of the shapes that they have, of modules of the model, named by their paths: a list of
    paths, or a dict path -> name. Only modules can be named, no operations between them. Errors: ArgumentError for a path that is
    no module. Source: torchvision.models.feature_extraction.create_feature_extractor.

    >>> import tensorgrad
    >>> from tensorgrad.vision.models import feature_extraction, lenet
    >>> extractor = feature_extraction.create_feature_extractor(lenet(), {"conv1": "first"})
    >>> {name: tuple(y.shape) for name, y in extractor(tensorgrad.zeros(1, 1, 28, 28)).items()}
    {'first': (1, 6, 28, 28)}
    """
    wanted = return_nodes if return_nodes is not None else eval_return_nodes
    wanted = dict(wanted) if isinstance(wanted, dict) else {path: path for path in wanted}
    known = dict(model.named_modules())
    for path in wanted:
        if path not in known:
            raise ArgumentError(f"create_feature_extractor: the model has no module {path!r}, only {', '.join(filter(None, known))}")
    return Extractor(model, wanted)


def get_graph_node_names(model, *args, **kwargs):
    """The paths of all modules, twice: for training and for evaluation. Errors: AttributeError for what is no module. Source:
    torchvision.models.feature_extraction.get_graph_node_names.

    >>> import tensorgrad
    >>> from tensorgrad import nn, vision
    >>> vision.models.feature_extraction.get_graph_node_names(nn.Sequential(nn.ReLU()))
    (['0'], ['0'])
    """
    names = [name for name, _ in model.named_modules() if name]
    return names, names
