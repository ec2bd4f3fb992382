# The two commands of a newcomer are `make run` and `make test`; `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
DESK ?= demo-desk
PORT ?= 8501
# Set to 1 to start the workbench without a browser page, see that it answers, and stop it.
HEADLESS ?=
# What each command installs beyond the core. CI says TEST_EXTRAS=all,dev.
RUN_EXTRAS ?= workbench
TEST_EXTRAS ?= workbench,postgres,statistics,optimisation,scheduling,api,scale,dev
# Processes that share the test suite; 0 runs it in one process.
WORKERS ?= 2
# `make bench ONLY=ledger` runs the cases whose name contains "ledger".
ONLY ?=

# The command line of the program, in one place.
DESK_CREATE = $(VENV)/bin/riskplatform demo create $(DESK)
DESK_REPORT = $(VENV)/bin/riskplatform report morning --desk $(DESK)
WORKBENCH = $(VENV)/bin/riskplatform workbench --desk $(DESK) --port $(PORT)

PIP = $(VENV)/bin/python -m pip --disable-pip-version-check
# Twice quiet: errors only, not the remarks of every package index.
INSTALL = $(PIP) install -qq --constraint constraints.txt
PYTEST = $(VENV)/bin/python -m pytest -n $(WORKERS)
CHECK_TESTS = tests/checks tests/packaging tests/docs

# A stamp per state of the files that decide what is installed: a second run skips the installing.
FINGERPRINT := $(shell cat pyproject.toml setup.py constraints.txt 2>/dev/null | sha256sum | cut -c1-16)
RUN_STAMP := $(VENV)/stamps/run-$(FINGERPRINT)-$(shell echo '$(RUN_EXTRAS)' | tr ',' '_')
TEST_STAMP := $(VENV)/stamps/test-$(FINGERPRINT)-$(shell echo '$(TEST_EXTRAS)' | tr ',' '_')

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-long check bench format lock clean

help: ## Say what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_STAMP) ## Install, make the demo desk, print the morning report, open the workbench
	@if [ -d "$(DESK)" ]; then \
		echo "==> Using the desk that is already in $(DESK)"; \
	else \
		echo "==> Making the demo desk in $(DESK)"; \
		$(DESK_CREATE); \
	fi
	@echo "==> The morning report"
	@$(DESK_REPORT) || [ $$? -eq 3 ] # 3: printed, but some lines could not be valued
	@if [ "$(HEADLESS)" = 1 ]; then \
		echo "==> Starting the workbench without a page, to see that it answers"; \
		$(VENV)/bin/python tests/checks/workbench_answers.py --port $(PORT) -- $(WORKBENCH) --headless; \
	else \
		echo "==> Starting the workbench on port $(PORT); Ctrl-C stops it"; \
		$(WORKBENCH); \
	fi

test: check ## Install, run the checks and every test but the long runs
	@echo "==> Running the tests (all but the long runs)"
	$(PYTEST) -m "not long" $(addprefix --ignore=,$(CHECK_TESTS))

test-fast: $(TEST_STAMP) ## Run the tests that answer in under two minutes
	@echo "==> Running the fast tests"
	$(PYTEST) -m "not slow and not long and not browser and not postgres"

test-long: $(TEST_STAMP) ## Run the kill, fault, fuzz and browser runs at full count
	@echo "==> Running the long tests at full count"
	RISKPLATFORM_HYPOTHESIS=long $(PYTEST) -m long --timeout=1800

check: $(TEST_STAMP) ## Lint, types, import rules, file sizes, wheel, docs
	@echo "==> Checking style, types, import rules, file sizes, the wheel and the documentation"
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	PYTHONPATH=. $(VENV)/bin/lint-imports
	$(PYTEST) $(CHECK_TESTS)

bench: $(TEST_STAMP) ## Measure against the targets and a peer: make bench ONLY=ledger
	$(VENV)/bin/python -m tests.benchmarks.run $(if $(ONLY),--only "$(ONLY)")

format: $(TEST_STAMP) ## Put the code into its one format and write the README's reference anew
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/python -m riskplatform.cli.reference --write README.md

lock: $(TEST_STAMP) ## Resolve every extra afresh and write constraints.txt
	$(VENV)/bin/python tests/checks/write_constraints.py constraints.txt

clean: ## Remove the environment and what was built; desks are left alone
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@echo "==> Making the virtual environment $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
		|| { echo "riskplatform wants Python 3.11 or 3.12; name one: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

# setuptools comes from the constraints too and builds without isolation: every fresh install is alike.
$(VENV)/stamps/tools-$(FINGERPRINT): | $(VENV)/bin/python
	@$(INSTALL) pip setuptools
	@mkdir -p $(@D) && touch $@

$(RUN_STAMP): $(VENV)/stamps/tools-$(FINGERPRINT)
	@echo "==> Installing riskplatform with $(RUN_EXTRAS) (the first time takes a minute or two)"
	@$(INSTALL) --no-build-isolation --editable '.[$(RUN_EXTRAS)]'
	@touch $@

$(TEST_STAMP): $(VENV)/stamps/tools-$(FINGERPRINT)
	@echo "==> Installing riskplatform with $(TEST_EXTRAS) (the first time takes a few minutes)"
	@$(INSTALL) --no-build-isolation --editable '.[$(TEST_EXTRAS)]'
	@touch $@
