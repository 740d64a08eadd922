.DEFAULT_GOAL := help
.PHONY: help run test test-large test-drivers lint bench bench-large bench-drivers k8s proto lock clean release-contracts client chaos history pages

PYTHON ?= python3
BIN := .venv/bin
# The tools of .venv first: buf, protoc's plugins and the services find each other there.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/gen
# Some images forbid to keep bytecode: every start of a process would compile all of it anew.
export PYTHONDONTWRITEBYTECODE :=
# File by file, and row by row: tests/rows.py.
PYTEST := $(BIN)/python -m pytest -q --numprocesses 3 --dist loadfile --no-loadscope-reorder \
  --max-worker-restart 0

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Made anew when the lock changes; otherwise `make` has nothing to do here.
.venv/ready: requirements/dev.txt
	@sh deploy/local/need.sh $(PYTHON)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: .venv/ready ## The whole suite on this machine, with the demo chain
	@GRPC_VERBOSITY=ERROR exec $(BIN)/python -m deploy.local.stack

test: .venv/ready ## Every test, on real engines
	@$(PYTEST) $(ARGS)

# Needs the real data, see docs/import.md; a test of it may take longer than others may.
test-large: .venv/ready ## Import and journey with 493,000 rows of stock in 200 shops
	@COMPTOIR_SHOPS_COUNT=200 $(BIN)/python -m pytest -q --timeout 1800 --log-level INFO -rsP \
	  tests/e2e/test_real_input.py $(ARGS)

# Pages and manifests know no driver.
test-drivers: .venv/ready ## What reaches MongoDB, and the journey, on PyMongo's own client
	@COMPTOIR_MONGO_DRIVER=pymongo $(PYTEST) -m engine \
	  --ignore tests/browser --ignore tests/deploy $(ARGS)

# SEED, SECONDS (of faults, 330), RATE, STALL_S; CONTROL=all for the runs that must not pass.
chaos: .venv/ready ## The suite under faults, with a verdict: docs/reliability.md
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) --seconds $(or $(SECONDS),330) \
	  $(if $(RATE),--per-s $(RATE)) $(if $(STALL_S),--stall-s $(STALL_S)) \
	  $(if $(CONTROL),--control $(CONTROL)) $(ARGS)

# SEED, SECONDS (of faults, 90), STALL_S; CONTROL=all for the runs that must not pass.
history: .venv/ready ## Stock alone under faults and wrong clocks, its history replayed: docs/stock.md
	@$(BIN)/python -m tests.history $(if $(SEED),--seed $(SEED)) --seconds $(or $(SECONDS),90) \
	  $(if $(STALL_S),--stall-s $(STALL_S)) $(if $(CONTROL),--control $(CONTROL)) $(ARGS)

lint: .venv/ready ## Everything CI checks short of running the code
	buf lint protos
	buf format --diff --exit-code protos
	buf breaking protos --against protos/released.binpb
	ruff check .
	ruff format --check .
	mypy
	lint-imports

bench-drivers: .venv/ready ## The second driver against the first, in the same run
	@$(BIN)/python -m benchmarks.drivers

bench-large: .venv/ready ## The same with a million stock rows; some 4 GB of disk
	@$(BIN)/python -m benchmarks.large

bench: .venv/ready ## Speed, as ratios to bare baselines in the same run
	@$(BIN)/python -m benchmarks.run

k8s: .venv/ready ## Render and validate the manifests of deploy/k8s (needs kubectl)
	@$(BIN)/python -m deploy.k8s

proto: .venv/ready ## Regenerate gen/ from protos/
	rm -rf gen/comptoir && mkdir -p gen
	cd protos && python -m grpc_tools.protoc --proto_path=. --python_out=../gen --grpc_python_out=../gen \
	  --mypy_out=quiet:../gen --mypy_grpc_out=quiet:../gen $$(find comptoir -name '*.proto' | sort)

pages: .venv/ready ## Put the modules of each web page into one script (needs esbuild)
	@$(BIN)/python -m deploy.pages

release-contracts: .venv/ready ## Keep today's contracts and records as those that may not be broken
	buf build protos --exclude-source-info --output protos/released.binpb
	python -m tests.architecture.kept_records > protos/released_records.json

client: .venv/ready ## The Python package for other teams, into dist/
	@$(BIN)/python -m clients.python

lock: .venv/ready ## Resolve requirements/*.in anew, with hashes, for every platform
	sh requirements/lock.sh

clean: ## Remove the local stack's data
	rm -rf .comptoir
