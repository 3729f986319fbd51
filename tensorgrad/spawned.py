"""The main module of a process that a program under `python -m tensorgrad run` has started by spawn or forkserver: the program again,
as multiprocessing wants it, with torch meaning tensorgrad."""

import os
import runpy

from tensorgrad.alias import install

if __name__ == "__mp_main__":
    install()
    globals().update(runpy.run_path(os.environ["TENSORGRAD_SCRIPT"], run_name=__name__))
