# Everything a developer or CI runs. `make` alone lists the targets; the environment is .venv.

.DEFAULT_GOAL := help
PY := .venv/bin/python
CODE := libs services cli
CHECKED := $(CODE) clients/python tests scripts deploy $(wildcard bench benchmarks)
N ?= 1000
ARGS ?=
# Where this is set, every process compiles anew whatever it imports, which doubles the time that its start takes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo up test check bench eval simulate proof fuzz clients lock format runtime dev

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: runtime ## Run the whole journey on the sample inventory, in one process
	@.venv/bin/caravan demo $(ARGS)

up: runtime ## Start the embedded platform and keep it up
	@.venv/bin/caravan up $(ARGS)

test: dev check ## Everything CI runs: the checks, then every test in two processes (one with ARGS=-n0)
	@$(PY) -m pytest -n 2 $(ARGS)

check: dev ## Format, lint, types, import rules
	@.venv/bin/ruff format --check $(CHECKED)
	@.venv/bin/ruff check $(CHECKED)
	@.venv/bin/mypy $(CODE) clients/python tests/support scripts deploy
	@.venv/bin/lint-imports

format: dev ## Rewrite the code as `make check` wants it, where a tool can
	@.venv/bin/ruff format $(CHECKED)
	@.venv/bin/ruff check --fix $(CHECKED)

bench: dev ## Measure; one JSON line per case
	@$(PY) -m benchmarks.run $(ARGS)

eval: dev ## Put the shipped cases before a model: make eval CARAVAN_LLM=provider/model
	@$(PY) -m benchmarks.judging $(ARGS)

simulate: dev ## Simulate N random histories of failures: make simulate N=10000
	@$(PY) -m tests.simulation --histories $(N) $(ARGS)

proof: dev ## Everything too long for `make test`
	@$(MAKE) --no-print-directory simulate N=10000
	@$(PY) -m pytest -m proof $(ARGS)

fuzz: dev ## Call every route of the gateway wrongly and rightly, 5,000 times
	@$(PY) scripts/fuzz_gateway.py $(ARGS)

clients: dev ## Write docs/openapi.json and make both clients from it
	@$(PY) -m tests.contract.test_openapi
	@$(PY) scripts/clients.py

lock: dev ## Resolve requirements/*.in again; newer versions with ARGS=-U
	@scripts/lock $(ARGS)

runtime:
	@PYTHON='$(PYTHON)' scripts/bootstrap runtime

dev:
	@PYTHON='$(PYTHON)' scripts/bootstrap dev
