# make demo   everything a newcomer needs: an environment, the server, its address
# make test   everything CI needs: system packages, tools, and every check
# Both are safe to run again; what is in place is not made twice. `make help` lists the rest.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# -qq below: a machine with an index of its own set up prints a warning a package otherwise.
PIP := $(BIN)/python -m pip --disable-pip-version-check
NPM := npm --prefix frontend
# A process a core; a file's tests stay together, because they share a server, a browser, a port.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile
SERVE = $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

# ---------------------------------------------------------------------------------------- for people

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: $(VENV)/.run ## install what is needed and serve the chat page (HOST=, PORT=)
	@exec $(BIN)/genui serve --assistant $(SERVE)

test: system dev ## install what the tests need and run every check (what CI runs)
	@failed=; \
	$(MAKE) -j2 --keep-going --output-sync=target lint types bundle frontend || failed=1; \
	$(PYTEST) || failed=1; \
	[ -z "$$failed" ] || { echo 'make test: something above failed' >&2; exit 1; }

lint: $(VENV)/.dev ## ruff: rules and format
	@echo '== ruff'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy --strict
	@echo '== mypy'
	@$(BIN)/mypy

frontend: frontend/node_modules/.installed ## tsc and the frontend's own tests
	@echo '== tsc and frontend tests'
	@$(NPM) run --silent check
	@$(NPM) test --silent

bundle: frontend/node_modules/.installed ## is the committed genui/static what the sources give?
	@echo '== bundle'
	@.ci/scripts/bundle-is-fresh

unit: $(VENV)/.dev ## pytest without browsers
	@$(PYTEST) --ignore tests/browser

browser: system $(VENV)/.dev ## pytest in headless Chromium only
	@$(PYTEST) tests/browser

screenshots: system $(VENV)/.dev ## a picture of every demo script, in build/screenshots
	@$(BIN)/python -m tests.browser.screenshots

bench-models: $(VENV)/.dev ## a model's stream from socket to event, next to the openai package's own (ARGS=first: the first event)
	@$(BIN)/python -m benchmarks.models $(ARGS)

bench-recognizer: $(VENV)/.dev benchmarks/recognizer/node_modules/.installed ## the recognizer next to its peers: benchmarks/recognizer.md (ARGS=)
	@$(BIN)/python -m benchmarks.recognizer $(ARGS)

bench-service: $(VENV)/.dev benchmarks/service/peers/node_modules/.installed ## the service next to its peers under load: benchmarks/service.md (ARGS=pace: a part of it)
	@$(BIN)/python -m benchmarks.service $(ARGS)

bench-frontend: system $(VENV)/.dev ## the chat page in Chromium under load: benchmarks/frontend.md (ARGS=memory: a part of it)
	@$(BIN)/python -m benchmarks.frontend $(ARGS)

bench-sizes: benchmarks/sizes/node_modules/.installed ## what a chat page weighs, beside others: benchmarks/sizes.md
	@node benchmarks/sizes/weigh.mjs

format: $(VENV)/.dev ## ruff, mending what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

static: frontend/node_modules/.installed ## build genui/static from frontend/src
	@$(NPM) run --silent build

lock: $(VENV)/.dev ## resolve .ci/requirements/*.lock anew from pyproject.toml
	@.ci/scripts/lock $(BIN)/python

dev: $(VENV)/.dev frontend/node_modules/.installed tests/protocols/agui/node_modules/.installed tests/protocols/aisdk/node_modules/.installed ## the developer's tools, without running anything

clean: ## remove everything that make made
	rm -rf $(VENV) frontend/node_modules benchmarks/recognizer/node_modules benchmarks/sizes/node_modules benchmarks/service/peers/node_modules tests/protocols/*/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --------------------------------------------------------------------------- what they stand on

system: ## Debian packages that the tests need, where they are missing
	@.ci/scripts/system-packages

$(BIN)/python:
	@.ci/scripts/make-venv $(VENV)

# A stamp is as new as its lock file, so that an unchanged lock costs nothing the second time. The project
# itself is installed editable, and rebuilt only when pyproject.toml (its scripts, its metadata) changes.
$(VENV)/.run: .ci/requirements/run.lock pyproject.toml $(BIN)/python
	@echo 'Installing genui and what it runs on (once; about ten seconds)...'
	@$(PIP) install -qq --require-hashes --requirement .ci/requirements/run.lock
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: .ci/requirements/dev.lock $(VENV)/.run
	@echo 'Installing the developer tools (once)...'
	@$(PIP) install -qq --require-hashes --requirement .ci/requirements/dev.lock
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json frontend/package.json | system
	@echo 'Installing Node packages by lock file (once)...'
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

# No install scripts: the only one there is sends telemetry.
benchmarks/recognizer/node_modules/.installed: benchmarks/recognizer/package-lock.json benchmarks/recognizer/package.json | system
	@echo 'Installing what the recognizer is measured against (once)...'
	@DO_NOT_TRACK=1 npm --prefix benchmarks/recognizer ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

benchmarks/service/peers/node_modules/.installed: benchmarks/service/peers/package-lock.json benchmarks/service/peers/package.json | system
	@echo 'Installing what the service is measured against (once)...'
	@DO_NOT_TRACK=1 npm --prefix benchmarks/service/peers ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

benchmarks/sizes/node_modules/.installed: benchmarks/sizes/package-lock.json benchmarks/sizes/package.json | system
	@echo 'Installing what the frontend is weighed beside (once)...'
	@DO_NOT_TRACK=1 npm --prefix benchmarks/sizes ci --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps
	@touch $@

tests/protocols/%/node_modules/.installed: tests/protocols/%/package-lock.json tests/protocols/%/package.json | system
	@echo 'Installing the clients of other protocols ($*; once)...'
	@DO_NOT_TRACK=1 npm --prefix tests/protocols/$* ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

.PHONY: bench-frontend bench-service bench-models help demo test lint types frontend bundle unit browser screenshots bench-recognizer bench-sizes format static lock dev clean system
