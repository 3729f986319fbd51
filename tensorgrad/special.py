"""Special functions: what the records of tensorgrad/ops declare for this namespace, and the top level's by their names here."""

from .ops.families import door as _door

# name here -> name at the top level
SAME = {"expit": "sigmoid", "gammainc": "igamma", "gammaincc": "igammac", "gammaln": "lgamma", "multigammaln": "mvlgamma",
        "psi": "digamma"}
for _name in ("digamma", "erf", "erfc", "erfinv", "exp2", "expm1", "i0", "log1p", "log_softmax", "logit", "logsumexp", "polygamma",
              "round", "sinc", "softmax", "xlogy"):
    SAME[_name] = _name

__getattr__, __dir__ = _door(globals(), "special", SAME)
