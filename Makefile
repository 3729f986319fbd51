# demo: train on handwritten digits    test: the whole suite    bench: against NumPy (and torch, where it is installed)
# examples: every example, small
# lint: ruff, mypy, cython-lint        sanitize: the tests under ASan and UBSan        clean: remove what was built
# Everything runs in .venv, which is made with $(PYTHON).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := setup.py pyproject.toml $(shell find csrc tensorgrad -name '*.[ch]' -path 'csrc*' -o -name '*.def' -o -name '*.p[yx][xd]' 2>/dev/null)

.PHONY: demo examples test bench lint sanitize clean

demo: $(VENV)/demo.stamp
	$(BIN)/python examples/train_digits.py

examples: $(VENV)/test.stamp
	for program in $(filter-out examples/common.py examples/shapes.py examples/train_digits.py, $(wildcard examples/*.py)); do \
		echo "== $$program"; $(BIN)/python $$program --quick || exit 1; done
	$(BIN)/python examples/train_digits.py --epochs 2

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest

bench: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks

lint: $(VENV)/lint.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --strict --follow-imports=silent --config-file= tests/typed_program.py  # what a user's checker sees
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint tensorgrad  # it calls pycodestyle, which stands beside it

# An extra (demo, test, lint) installed with the project itself; done again when the compiled sources have changed.
$(VENV)/%.stamp: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install -q -e '.[$*]'
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# A build of its own: the sanitizers' runtime must be loaded before Python's allocator, leaks at exit are the interpreter's. The tests
# whose calls reach kernels run twice: on this CPU's table, and on the plain one with a team of three. -s: what the sanitizers print.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -g
REACH_KERNELS := attention autograd bad_input conv ctc data decompositions fft func gemm index layers linalg loss maps memory module \
	nn_torch optim optim_flat order out pool promotion random reduce registry resample rnn rows sequences tensor threads vision_ops winograd
sanitize: $(VENV)/test.stamp
	$(BIN)/python -m pip install -q 'setuptools>=77' 'Cython>=3.3'
	rm -rf build/sanitize && mkdir -p build/sanitize
	cp -r setup.py pyproject.toml README.md LICENSE csrc tensorgrad tests build/sanitize/
	find build/sanitize -name '*.so' -delete
	cd build/sanitize && TENSORGRAD_CFLAGS='$(SANITIZE)' $(CURDIR)/$(BIN)/python setup.py -q build_ext --inplace
	cd build/sanitize && for run in 'OMP_NUM_THREADS=1' 'OMP_NUM_THREADS=3 TENSORGRAD_ISA=scalar'; do echo "== $$run"; \
		env $$run LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 \
			PYTHONMALLOC=malloc PYTHONPATH="$$PWD" $(CURDIR)/$(BIN)/python -m pytest -s -x $(REACH_KERNELS:%=tests/test_%.py) || exit 1; done

clean:
	rm -rf build dist runs .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
	find tensorgrad -name '*.so' -delete
	find tensorgrad/_core -name '*.pyx' | sed 's/pyx$$/c/' | xargs rm -f
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
