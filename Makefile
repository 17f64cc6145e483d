# make lab        JupyterLab at your own copy of the first lesson
# make test       everything that must hold: lint, types, unit tests, doctests, every notebook
# make notebooks  execute all lessons and store their outputs
# make format     put code and notebooks into the one format
# make coverage   which lines of the package no unit test runs
# make mutants    which planted errors the unit tests do not notice (ten minutes)
# make bench      speed against PyTorch, JAX and scikit-learn; scaling; memory (a quarter of an hour)
# make bench-explorers  frames a second of the explorers, and how soon a slider is answered
# Each sets up a virtual environment in .venv first, with uv where it is installed, else with pip.

PYTHON ?= python3
VENV   ?= .venv
DIR    ?= workbook
BIN    := $(VENV)/bin
NBVAL  := --nbval --nbval-current-env --nbval-cell-timeout 120 --nbval-sanitize-with tools/nbval_sanitize.cfg

# One thread: faster for small matrices, and the same sums in the same order on every machine.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1

.PHONY: help lab test lint unit lessons notebooks format coverage mutants bench bench-explorers clean
help:
	@sed -n 's/^# //p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@if command -v uv >/dev/null; then uv venv -q --python $(PYTHON) $(VENV); else $(PYTHON) -m venv $(VENV); fi

define install
	@echo "setting up $(VENV) for $(1) …"
	@if command -v uv >/dev/null; then uv pip install -q --python $(BIN)/python -e ".[$(1)]"; else $(BIN)/python -m pip install -q --disable-pip-version-check -e ".[$(1)]"; fi
	@touch $@
endef

$(VENV)/.lab: pyproject.toml | $(BIN)/python
	$(call install,lab)

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(call install,lab$(comma)test)
	@touch $(VENV)/.lab
comma := ,

lab: $(VENV)/.lab
	@$(BIN)/python tools/workbook.py $(DIR)
	$(BIN)/python -m jupyterlab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/$(DIR)/00_start_here.ipynb $(LABFLAGS)

test: lint unit lessons

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

unit: $(VENV)/.test
	NNLIB_PROGRESS=off $(BIN)/python -m pytest -q -n 2 --dist loadgroup

lessons: $(VENV)/.test
	$(BIN)/python tools/run_notebooks.py --check
	NNLIB_PROGRESS=off $(BIN)/python -m pytest -q -n 2 --dist loadfile $(NBVAL) -o addopts= -o python_files= -W default notebooks

notebooks: $(VENV)/.test
	$(BIN)/python tools/run_notebooks.py

format: $(VENV)/.test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

coverage: $(VENV)/.test
	NNLIB_PROGRESS=off $(BIN)/python -m pytest -q -n 2 tests/test_*.py tests/parity nnlib --cov=nnlib --cov-report=term-missing:skip-covered

$(VENV)/.mutants: $(VENV)/.test
	$(call install,mutants)

# Results are kept in mutants/, so a run that was stopped goes on where it was.
mutants: $(VENV)/.mutants
	MPLBACKEND=Agg $(BIN)/mutmut run --max-children 2
	$(BIN)/mutmut results

$(VENV)/.bench: $(VENV)/.lab
	$(call install,bench)

# For example BENCHFLAGS="--only networks --rounds 3".
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(BENCHFLAGS)

bench-explorers: $(VENV)/.lab
	$(BIN)/python -m benchmarks.explorers

clean:
	rm -rf mutants $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# For .ci/run, which adds packages: the environment's Python, which has pip.
.PHONY: print-python
print-python: $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip -q
	@echo $(BIN)/python
