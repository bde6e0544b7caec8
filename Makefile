# Every target sets up what it needs first (scripts/setup.sh), and nothing twice.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup scan report check format test test-long lock

# What the user typed reaches the program through the environment, byte for byte: neither make
# nor the shell reads `&`, `;`, `$` or quotes in it.
override TARGET := $(value TARGET)
override ARGS := $(value ARGS)
override DATE := $(value DATE)
export TARGET ARGS DATE

VENV ?= .venv
export VENV
PYTHON_RUN := $(VENV)/bin/python

# ARGS is split as a shell would split it, but nothing in it is run. The browser is the one that the
# set-up found to work.
define PRELUDE
args=(); if [[ -n "$${ARGS:-}" ]]; then \
  list="$$(xargs -r -n1 printf '%s\n' <<<"$$ARGS")"; mapfile -t args <<<"$$list"; fi; \
if [[ -z "$${PROMOWATCH_CHROMIUM:-}" && -f "$(VENV)/.setup/chromium" ]]; then \
  PROMOWATCH_CHROMIUM="$$(<"$(VENV)/.setup/chromium")"; export PROMOWATCH_CHROMIUM; fi;
endef

help: ## this list
	@echo "make scan                          scan the local demonstration site, for a first look"
	@echo "make scan TARGET=<url|id|file>     scan a page, a site, a target or a file"
	@echo "     ARGS='--depth 1 --lang zh'    with further options (promowatch scan --help)"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | grep -v '^scan|' | \
	  while IFS='|' read -r name text; do printf 'make %-29s %s\n' "$$name" "$$text"; done

setup: ## set up everything for development
	@scripts/setup.sh dev

scan: ## scan
	@scripts/setup.sh run
	@$(PRELUDE) \
	if [[ -n "$${TARGET:-}" ]]; then \
	  exec $(PYTHON_RUN) -m promowatch scan "$${args[@]}" -- "$$TARGET"; \
	else \
	  exec $(PYTHON_RUN) -m promowatch demo "$${args[@]}"; \
	fi

report: ## write the report of today, or of DATE=2026-11-21
	@scripts/setup.sh run
	@$(PRELUDE) \
	if [[ -n "$${DATE:-}" ]]; then args+=(--date "$$DATE"); fi; \
	exec $(PYTHON_RUN) -m promowatch report "$${args[@]}"

check: ## format, style, types, import rules, catalogue
	@scripts/setup.sh dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PYTHON_RUN) -m promowatch lint

format: ## put the code into its format
	@scripts/setup.sh dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

test: ## all tests but the long ones, a real browser included
	@scripts/setup.sh dev
	@$(PRELUDE) exec $(PYTHON_RUN) -m pytest -m "not long" "$${args[@]}"

# pytest ends with 5 when it finds no test at all.
test-long: ## fault, fuzz and scale tests
	@scripts/setup.sh dev
	@$(PRELUDE) $(PYTHON_RUN) -m pytest -m long "$${args[@]}" || { status=$$?; [[ $$status == 5 ]]; }

# `uv` writes locks for all platforms and Python versions at once; pip installs from them.
UV_COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --quiet --extra build
lock: ## write requirements.lock and requirements-dev.lock anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pipx install uv" >&2; exit 1; }
	$(UV_COMPILE) --upgrade pyproject.toml --output-file requirements.lock
	$(UV_COMPILE) --upgrade --extra dev --constraint requirements.lock pyproject.toml \
	  --output-file requirements-dev.lock
