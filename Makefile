# One word for everything one does here. Works with make 3.81 (macOS) and later.

PYTHON ?= python3
BOOTSTRAP = $(PYTHON) -m tools.bootstrap
VENV_PYTHON = .venv/bin/python
PYTEST = $(VENV_PYTHON) -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo run test faults conformance bench check lock format browser pictures clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo:  ## play the whole story against local Okta orgs, then serve it (ONCE=1: only play)
	@$(BOOTSTRAP) runtime sandbox redis
	@$(VENV_PYTHON) manage.py demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

run:  ## run the service on this machine for real use (PORT=8000)
	@$(BOOTSTRAP) runtime redis
	@$(VENV_PYTHON) manage.py serve $(if $(PORT),--port $(PORT))

test:  ## run all tests, on SQLite and then on PostgreSQL
	@$(BOOTSTRAP) runtime sandbox dev redis postgres
	@echo "Tests on SQLite"
	@TEST_DATABASE=sqlite $(PYTEST) --numprocesses 2 --quiet
	@echo "Tests on PostgreSQL"
	@TEST_DATABASE=postgres $(PYTEST) --numprocesses 2 --quiet

faults:  ## kill, freeze and flush the real processes; a line for each fault (ONLY="ROW ...", SEED=N)
	@$(BOOTSTRAP) runtime sandbox dev redis postgres
	@$(VENV_PYTHON) -m tests.faults $(ONLY) $(if $(SEED),--seed $(SEED))

conformance:  ## the tests against recorded answers of real orgs (needs ../shared)
	@test -e ../shared/okta/recorded.ndjson || { echo "No recorded answers in ../shared/okta."; exit 1; }
	@$(BOOTSTRAP) runtime sandbox dev conformance redis
	@$(PYTEST) -m conformance --quiet tests/conformance

bench:  ## figures beside their goals (ONLY="NAME ...": wire, engine, engine.drain, …)
	@$(BOOTSTRAP) runtime sandbox dev redis postgres
	@$(VENV_PYTHON) -m tests.bench $(ONLY)

check:  ## style, types, templates, migrations, deploy settings, locks and containers
	@$(BOOTSTRAP) runtime sandbox dev
	@$(VENV_PYTHON) -m tools.check

lock:  ## pin the dependencies in pyproject.toml (UPGRADE=1: to their newest versions)
	@$(BOOTSTRAP) runtime
	@$(VENV_PYTHON) -m tools.lock $(if $(UPGRADE),--upgrade)

format:  ## put code and templates into the house's shape
	@$(BOOTSTRAP) runtime sandbox dev
	@$(VENV_PYTHON) -m ruff check --fix --quiet .
	@$(VENV_PYTHON) -m ruff format --quiet .
	@find templates tenants -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +

browser:  ## the tests that drive a real browser (needs Chromium on PATH)
	@$(BOOTSTRAP) runtime sandbox dev browser redis
	@$(PYTEST) -m browser tests/browser

pictures:  ## pictures of every page, wide and narrow, in var/pictures (needs Chromium on PATH)
	@$(BOOTSTRAP) runtime sandbox browser redis
	@$(VENV_PYTHON) -m tools.screenshots var/pictures

clean:  ## remove what was installed and cached here; var/ with its keys stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
