"""Pictures of the computational graph: make_dot for graphviz, explain for a page that shows all numbers."""

from .dot import make_dot
from .page import explain

__all__ = ["explain", "make_dot"]
