"""torch.nn.modules: the layers under the older name of their package. alias.py knows the modules inside it by their names here."""

from tensorgrad.nn import *  # noqa: F403
