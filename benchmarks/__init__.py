"""The side-by-side suite, `make bench`: the same code under tensorgrad, NumPy and, where it is installed, PyTorch.

registry.py   what a case is              cases/*.py   the cases, one file a family; zoo.py has the models
worker.py     a process that runs cases   runner.py    the processes by turns, the rounds, the medians
machine.py    processor and memory        report.py    table, JSON, chart, RESULTS.md
startup.py    import time, wheel size     __main__.py  the command
"""
