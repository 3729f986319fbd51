"""Special functions: what the records of tensorgrad/ops declare for this namespace, and the top level's by their names here."""

from .ops.declare import REGISTRY
from .ops.families import load

# name here -> name at the top level
SAME = {"expit": "sigmoid", "gammainc": "igamma", "gammaincc": "igammac", "gammaln": "lgamma", "multigammaln": "mvlgamma",
        "psi": "digamma"}
for _name in ("digamma", "erf", "erfc", "erfinv", "exp2", "expm1", "i0", "log1p", "log_softmax", "logit", "logsumexp", "polygamma",
              "round", "sinc", "softmax", "xlogy"):
    SAME[_name] = _name

load()
globals().update({name: REGISTRY["", other].function for name, other in SAME.items()})
globals().update({name: entry.function for (space, name), entry in REGISTRY.items() if space == "special"})
