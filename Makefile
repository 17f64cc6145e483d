# make lab        JupyterLab at your own copy of the first lesson; UPDATE=04 gets lesson 04's new edition first
# make test       everything that must hold: lint, unit, lessons, one after the other
# make lint       style, format, types
# make unit       unit tests, doctests, browser tests; one part: make unit PATHS=tests/engine/test_layers.py
# make test-oldest  unit tests with the oldest packages that pyproject.toml allows, in .venv-oldest
# make lessons    execute every lesson and solution, compare the outputs with the stored ones
# make notebooks  execute all lessons and store their outputs
# make format     put code and notebooks into the one format
# make coverage   which lines of the package no unit test runs
# make mutants    which planted errors the unit tests do not notice (ten minutes)
# make bench      speed against PyTorch, JAX and scikit-learn; scaling; memory (a quarter of an hour)
# make bench-explorers  frames a second of the explorers, and how soon a slider is answered
# make odd-input  50,000 random calls with what people hand in: the right answer, or an error that helps
# make proofs     the long ones: kills, damaged files, bad mirrors, other processors, odd input, diagnoses, MNIST, mistakes (an hour)
# Each sets up a virtual environment in .venv first, with uv where it is installed, else with pip.
# Without make: python tools/lab.py, python tools/check.py lint unit lessons

PYTHON ?= python3
VENV   ?= .venv
DIR    ?= workbook
BIN    := $(VENV)/bin
SETUP  := @$(PYTHON) tools/environment.py
export VENV

# One thread: faster for small matrices, and the same sums in the same order on every machine.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1

.PHONY: help lab test lint unit test-oldest lessons notebooks format coverage mutants bench bench-explorers odd-input proofs clean
help:
	@sed -n 's/^# //p;/^PYTHON/q' Makefile

# For example LABFLAGS="--port=8890".
lab:
	@$(PYTHON) tools/lab.py $(DIR) $(if $(UPDATE),--update $(UPDATE)) $(LABFLAGS)

test:
	@$(PYTHON) tools/check.py lint unit lessons

lint lessons:
	@$(PYTHON) tools/check.py $@

unit:
	@$(PYTHON) tools/check.py unit $(PATHS)

# For example PYTHON=python3.11 PATHS=tests/engine.
test-oldest:
	@$(PYTHON) tools/oldest.py $(PATHS)

notebooks:
	$(SETUP) lab test
	$(BIN)/python tools/run_notebooks.py

format:
	$(SETUP) lab test
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format
	$(BIN)/ruff check

coverage:
	$(SETUP) lab test
	NNLIB_PROGRESS=off $(BIN)/python -m pytest -q -n 2 tests nnlib --ignore=tests/browser --ignore=tests/notebooks --cov=nnlib --cov-report=term-missing:skip-covered

# Results are kept in mutants/, so a run that was stopped goes on where it was.
mutants:
	$(SETUP) lab test mutants
	MPLBACKEND=Agg $(BIN)/mutmut run --max-children 2
	$(BIN)/mutmut results

# For example BENCHFLAGS="--only networks --rounds 3".
bench:
	$(SETUP) lab bench
	$(BIN)/python -m benchmarks $(BENCHFLAGS)

bench-explorers:
	$(SETUP) lab
	$(BIN)/python -m benchmarks.explorers

# For example ODDFLAGS="--cases 1000 --seed 3".
odd-input:
	$(SETUP) lab test
	$(BIN)/python -m benchmarks.odd_input $(ODDFLAGS)

# Each writes its figures into tests/README.md. For example PROOFS="kills damage".
PROOFS := kills damage hostile_servers other_processors odd_input diagnoses mnist_cnn mistakes
proofs:
	$(SETUP) lab test
	for proof in $(PROOFS); do $(BIN)/python -m benchmarks.$$proof --record || exit 1; done

clean:
	rm -rf mutants $(VENV) .venv-oldest .mypy_cache .pytest_cache .ruff_cache .hypothesis

# For .ci/run, which adds packages: the environment's Python, which has pip.
.PHONY: print-python
print-python:
	$(SETUP)
