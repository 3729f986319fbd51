"""The names of torchvision.transforms.v2: the transforms that exist, of images alone (no boxes, masks or videos)."""

from tensorgrad.nn import Identity as Identity

from . import *  # noqa: F403
