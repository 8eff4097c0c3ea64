# Everything starts here: `make help`.
#
# A fresh machine needs Python 3.11 or newer, git and make. Packages are installed into .venv at the versions in
# constraints.txt, from wherever pip is configured to look. Stamps in .venv remember what is installed, so that a
# second call does nothing until pyproject.toml or constraints.txt changes.

PYTHON       ?= python3
WORKERS      ?= 2        # processes for `make test`
TEST_EXTRAS  ?= report,data,fast,ray,web # extras of the package, comma-separated, that tests need
BENCH_EXTRAS ?= report,data,fast,ray # … that benchmarks need
BENCH_GROUP  ?=          # dependency group in pyproject.toml that benchmarks need
ARGS         ?=          # further arguments, e.g. make test ARGS="-k money"

SHELL := /bin/sh
VENV  := .venv
PEERS := .venv-bench
EVM   := .venv-contracts
BIN   := $(VENV)/bin
PIP   := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Make keeps the blanks before a comment; these are the values without them.
strip_test_extras  := $(strip $(TEST_EXTRAS))
strip_bench_extras := $(strip $(BENCH_EXTRAS))
strip_bench_group  := $(strip $(BENCH_GROUP))

# The build backend is pinned like everything else, so it is taken from .venv and not from an isolated environment.
INSTALL := $(PIP) install -c constraints.txt --no-build-isolation

# A stranger's PYTHONPATH must not decide what is tested.
unexport PYTHONPATH
unexport PYTHONHOME

CHECKS := check-style check-format check-types check-spelling check-cli-page check-world-page check-links check-site

.DEFAULT_GOAL := help
.PHONY: help demo test test-contracts check bench docs constraints clean distclean programs $(CHECKS)

help: ## show this list
	@echo "daccord: decide together, in the open, which technologies to speed up and which to hold back"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
	@echo
	@echo "  Variables: PYTHON=$(strip $(PYTHON))  WORKERS=$(strip $(WORKERS))  ARGS=\"…\" for pytest"

demo: $(VENV)/.stamp-demo ## decide the example round and write its report (first call installs)
	@$(BIN)/python examples/demo.py

test: $(VENV)/.stamp-test programs $(EVM)/.stamp ## run all tests
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(strip $(WORKERS)) --dist worksteal $(ARGS)
	@$(MAKE) --no-print-directory test-contracts

test-contracts: $(EVM)/.stamp
	@$(EVM)/bin/python -m pytest -q -o pythonpath=src tests/scenario/test_distributor.py tests/scenario/test_chain_step.py tests/scenario/test_safe_batch.py tests/unit/test_settlement_tree.py

check: $(VENV)/.stamp-check ## style, types, spelling, documentation; all are run even if one fails
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

check-style:
	$(BIN)/ruff check .

check-format:
	$(BIN)/ruff format --check .

check-types:
	$(BIN)/mypy

check-spelling:
	$(BIN)/codespell

check-cli-page:
	$(BIN)/python docs/_make_cli.py --check

check-world-page:
	$(BIN)/python docs/_make_world_file.py --check

check-links:
	$(BIN)/python scripts/check_links.py

check-site:
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

bench: $(VENV)/.stamp-bench $(PEERS)/.stamp ## measure speed and print the figures
	@set -e; for script in benchmarks/[!_]*.py; do \
		[ -e "$$script" ] || { echo "benchmarks/ holds no script"; break; }; \
		case "$$script" in */fuzz_*) echo "== $$script: skipped, it takes half an hour; run it by itself"; continue;; esac; \
		echo "== $$script"; $(BIN)/python "$$script"; \
	done

docs: $(VENV)/.stamp-check ## build the documentation into build/docs
	@$(BIN)/python docs/_make_cli.py
	@$(BIN)/python docs/_make_attacks.py
	@$(BIN)/python docs/_make_world_file.py
	@$(BIN)/python docs/_make_reproduction.py
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	@echo "open build/docs/index.html"

constraints: ## write constraints.txt anew with the latest versions that fit
	@$(PYTHON) scripts/refresh_constraints.py

clean: ## remove what was built; keep .venv
	@rm -rf build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -not -path './$(PEERS)/*' -not -path './$(EVM)/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	@rm -rf $(VENV) $(PEERS) $(EVM)

programs:
	@sh scripts/ensure_programs.sh

# --- installing ------------------------------------------------------------------------------------------------------

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || \
		{ echo "$(PYTHON) was not found: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "daccord needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: on Debian and Ubuntu install python3-venv" >&2; exit 1; }

$(VENV)/.stamp-pip: constraints.txt | $(BIN)/python
	@echo "Preparing .venv …"
	@$(PIP) install -c constraints.txt --upgrade pip hatchling
	@touch $@

$(VENV)/.stamp-demo: $(VENV)/.stamp-pip pyproject.toml
	@echo "Installing daccord with its report …"
	@$(INSTALL) -e ".[report]"
	@touch $@

$(VENV)/.stamp-test: $(VENV)/.stamp-pip pyproject.toml
	@echo "Installing what the tests need …"
	@$(INSTALL) --group test -e ".[$(strip_test_extras)]"
	@touch $@

$(VENV)/.stamp-check: $(VENV)/.stamp-pip pyproject.toml
	@echo "Installing what the checks need …"
	@$(INSTALL) --group check -e ".[report]"
	@touch $@

$(VENV)/.stamp-bench: $(VENV)/.stamp-pip pyproject.toml
	@echo "Installing what the benchmarks need …"
	@$(INSTALL) $(if $(strip_bench_group),--group $(strip_bench_group)) -e ".[$(strip_bench_extras)]"
	@touch $@

# Other projects' packages, which benchmarks compare with, at versions of their own.
$(PEERS)/.stamp: pyproject.toml scripts/install_peers.py | $(BIN)/python
	@echo "Installing the packages that benchmarks compare with …"
	@$(BIN)/python scripts/install_peers.py $(PEERS)
	@touch $@

# The contract's compiler and virtual machine, which insist on an older packaging than constraints.txt has, and so have
# constraints of their own.
$(EVM)/.stamp: pyproject.toml contracts/constraints.txt | $(BIN)/python $(VENV)/.stamp-pip
	@echo "Installing what the contract's tests need …"
	@$(PYTHON) -m venv $(EVM)
	@$(EVM)/bin/python -m pip --quiet --disable-pip-version-check install --upgrade pip
	@$(EVM)/bin/python -m pip --quiet --disable-pip-version-check install -c contracts/constraints.txt --group contracts
	@touch $@
