"""The compiled core."""

import os

# The GNU OpenMP runtime's idle threads spin for milliseconds before they sleep. That is right on a machine of one's own, but
# where others compute too it takes the processor from the thread that is waited for: a training step took 10 times as long.
# About 0.1 ms bridges the gap between two ops. The library reads this once, when it is loaded, and other programs shall not.
_SPIN = {} if {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys() else {"GOMP_SPINCOUNT": "10000"}
os.environ.update(_SPIN)
from . import dtype as _first  # noqa: E402, F401  loads libtensorgrad

for _name in _SPIN:
    del os.environ[_name]
