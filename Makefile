# Everything a person runs here. Needs Python 3.11 or newer, pip, and make; the rest it brings.

SHELL := /bin/bash
.DEFAULT_GOAL := help
UV_VERSION := 0.13.8

# The first Python on PATH that is new enough and runs (a pyenv shim may exist and not run).
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
UV := UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv
PYTEST := $(BIN)/python -m pytest

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- set-up -----------------------------------------------------------------------------------

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer on PATH; install one and run make again."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.synced: pyproject.toml uv.lock | $(BIN)/uv
	@$(UV) sync --quiet --frozen --inexact --all-extras --group dev
	@touch $@

.PHONY: setup
setup: $(VENV)/.synced ## the locked environment in .venv

# --- use --------------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## strike the NAV of a real fund on the embedded engine
	@$(BIN)/tenuto demo

.PHONY: up
up: setup ## server, workers, and Temporal's page, until Ctrl-C
	@$(BIN)/tenuto up

# --- prove ------------------------------------------------------------------------------------

.PHONY: test
test: setup ## all the tests: unit, replay, integration on the real engine, docs
	@POLARS_MAX_THREADS=1 $(PYTEST) -q -n 4 --dist loadfile -m "not chaos"

.PHONY: attacks
attacks: setup ## every attack on rules, tickets, permits, tasks, and evidence
	@$(PYTEST) -q -n 2 --dist loadfile -m attack

.PHONY: chaos
chaos: setup ## the slow tests: further kills in the middle, demonstrations, whole sessions
	@POLARS_MAX_THREADS=1 $(PYTEST) -q -n 3 --dist loadfile -m chaos

.PHONY: conformance
conformance: setup ## the specification's conformance kit, on the real engine
	@$(PYTEST) -q tests/conformance/test_kit.py

.PHONY: fuzz
fuzz: setup ## loader and expressions under a coverage-guided fuzzer; FUZZ_S seconds each
	@$(UV) sync --quiet --frozen --inexact --group fuzz
	@for target in tests/fuzz/fuzz_*.py; do \
	  $(BIN)/python $$target -max_total_time=$${FUZZ_S:-60} || exit 1; done

.PHONY: long
long: setup ## the costly properties with ten times the examples, and the heavy tests
	@TENUTO_TEST_LONG=yes POLARS_MAX_THREADS=1 $(PYTEST) -q -n 2 --dist loadfile tests/unit/nav_steps \
	  tests/unit/pricing tests/unit/reconciliation tests/integration/test_fetch_sql_memory.py

.PHONY: unit
unit: setup ## the tests that need nothing outside the process
	@POLARS_MAX_THREADS=1 $(PYTEST) -q -n 3 --dist loadfile tests/unit

.PHONY: replay
replay: setup ## today's workflows accept every released history
	@$(PYTEST) -q tests/replay

.PHONY: docs-test
docs-test: setup ## documentation and code agree
	@$(PYTEST) -q tests/docs

.PHONY: format
format: setup ## rewrite the code in house format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: lint
lint: setup ## format and lint, nothing rewritten
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

.PHONY: types
types: setup ## strict types
	@$(BIN)/mypy

.PHONY: imports
imports: setup ## the import contracts
	@$(BIN)/lint-imports

.PHONY: check
check: lint types imports unit replay ## what a commit has to pass, in a few minutes

.PHONY: newest
newest: setup ## unit and replay tests on every newer Python installed here
	@tests/on_newer_pythons.sh

.PHONY: bench
bench: setup ## ratios against what one could have used instead
	@for bench in tests/bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

# --- keep -------------------------------------------------------------------------------------

.PHONY: lock
lock: $(BIN)/uv ## renew the lock file
	@$(UV) lock --upgrade && tests/lock_names_public_hosts.sh

.PHONY: clean
clean: ## remove environments, caches, and local state
	@rm -rf $(VENV) .venv-3* .tenuto .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
