# What people do most. Needs nothing but Python 3.11 or newer and make (3.81, as on macOS, will do).

VENV    := .venv
BIN     := $(VENV)/bin
PYTHONS := python3.13 python3.12 python3.11 python3
ONCE    ?=
ID      ?=
PEERS   ?=
SEEDS   ?= 10000
HOURS   ?= 1000000
TRIES   ?= 10000000

.PHONY: help run test bench soak docs clean

help:
	@echo "make run          a small mesh on this machine reads a story (ONCE=1: and ends)"
	@echo "make test         format, lint, types, layers, and all tests"
	@echo "make bench        list the benchmarks"
	@echo "make bench ID=P1  run one (PEERS=0: without the systems it is compared with)"
	@echo "make soak         break simulated meshes for hours, and count (SEEDS, HOURS, TRIES: how much)"
	@echo "make docs         write docs/protocol.md anew from the messages"
	@echo "make clean        remove what these commands have made, but never .cogmesh"

# The first Python that is new enough and can make environments; Debian ships some that cannot.
$(BIN)/python:
	@for candidate in $(PYTHONS); do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	      >/dev/null 2>&1; then \
	    echo "making $(VENV) with $$candidate"; \
	    exec $$candidate -m venv $(VENV); \
	  fi; \
	done; \
	echo "make: Python 3.11 or newer is needed, with its venv module: install it from" >&2; \
	echo "      https://www.python.org/downloads/ (on Debian: apt install python3 python3-venv)" >&2; \
	exit 1

# A stamp for each set of packages; they are installed again when pyproject.toml changes.
$(VENV)/.installed: $(BIN)/python pyproject.toml
	@echo "installing cogmesh and what it needs"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

run: $(VENV)/.installed
	@$(BIN)/python examples/first_run.py $(if $(ONCE),--once)

test: $(VENV)/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2

bench: $(VENV)/.installed
	@$(BIN)/python -m benchmarks $(ID) $(if $(filter 0,$(PEERS)),--no-peers)

soak: $(VENV)/.installed
	@mkdir -p build/soak
	@$(BIN)/cogmesh simulate --seeds $(SEEDS) --first 200 --jobs 2
	@$(BIN)/python -m benchmarks F5
	@$(BIN)/python -m benchmarks F3 --size $(HOURS) --keep build/soak/f3.jsonl
	@$(BIN)/python -m benchmarks F4 --size $(TRIES) --keep build/soak/f4.jsonl

docs: $(VENV)/.installed
	@$(BIN)/python docs/make_protocol.py
	@$(BIN)/python docs/make_text_layers.py
	@$(BIN)/python docs/make_simulation.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
