"""python -m tensorgrad run SCRIPT ARGUMENTS...   run a program written for PyTorch, unchanged
python -m tensorgrad info                         print version, compiler, kernels, threads and memory"""

import sys
from pathlib import Path

USAGE = __doc__


def main(arguments):
    """The command line; answers the exit code."""
    match arguments:
        case ["info"]:
            from .config import show_config

            show_config()
            return 0
        case ["run", script, *rest]:
            if not Path(script).is_file():
                print(f"tensorgrad run: there is no file {script!r}", file=sys.stderr)
                return 2
            from .alias import run

            run(script, rest)
            return 0
        case ["-h" | "--help"]:
            print(USAGE)
            return 0
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
