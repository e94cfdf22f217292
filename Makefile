# Every command installs what it misses first; a second call finds it there.
PYTHON := .venv/bin/python
SOURCES := addresses bench clients cluster demo examples proxy pulse recorder stack tests tools/check-python tools/dist
# Tests wait more than they compute, so four run at a time; those of a file stay in one process, and in their order,
# so that what a folder shares is made once for each process.
PYTEST = $(PYTHON) -m pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder
# What depends on the server's version; run on others than the default one too, and of it the short ones each time.
DATABASE_TESTS = $(addprefix tests/,migrations model pgtap plans polling snapshot versions)
SHORT_DATABASE_TESTS = $(addprefix tests/,pgtap snapshot)
COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(PYTHON) -m piptools compile --quiet --strip-extras --generate-hashes \
	--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(LOCK_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help install demo up down status cluster cluster-down psql explain check test test-long faults soak \
	lint format bench bench-cluster audit dist lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install:
	@tools/install

demo: install ## Run everything with sample sessions, and record live ones, until Ctrl-C
	@$(PYTHON) -m demo

up: install ## Start everything in the background; see .local/stack.env
	@$(PYTHON) -m stack up

down: ## End what up or demo started; the data stays
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m stack down; fi

status: install ## Tell what of up or demo runs, since when, and what had to be started again
	@$(PYTHON) -m stack status

cluster: ## Start the product over a PostgreSQL cluster (Patroni, etcd, HAProxy); see .local/cluster.env
	@tools/install --cluster
	@$(PYTHON) -m cluster up

cluster-down: ## End what cluster started, with its data
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m cluster down; fi

psql: install ## Open psql as the tables' owner, on what up or demo started
	@$(PYTHON) -m stack psql

explain: install ## Show the plans behind a page: SESSION=<id>, or REQUEST=<id> of the log, OPTIONS="--type error"
	@$(PYTHON) -m stack explain $(SESSION) $(if $(REQUEST),--request $(REQUEST)) $(OPTIONS)

check test: export STACK_DATA = $(shell tools/test-data)
check: lint ## What to run before a commit: lint, and the tests of the SQL and of the API, in some two minutes
	@$(PYTEST) tests/pgtap tests/http

test: ## Run every test but the long ones, and those of the functions on PostgreSQL 18 too
	@tools/install --browser
	@POSTGRES_MAJOR=18 $(PYTEST) $(SHORT_DATABASE_TESTS)
	@$(PYTEST)

test-long: export HYPOTHESIS_PROFILE = nightly
test-long: export LONG = 1
test-long: ## Run every test, with more examples and the slow ones, on PostgreSQL 16 to 18, with calls of other sizes
	@tools/install --long
	@for major in 16 17 18; do POSTGRES_MAJOR=$$major $(PYTEST) $(DATABASE_TESTS) || exit; done
	@for polls in 1 1000; do POLLS_PER_CALL=$$polls $(PYTEST) tests/http tests/model || exit; done
	@$(PYTEST)

lint: install ## Check style, types, layers, and that no file names what belongs to one machine
	@$(PYTHON) -m ruff check $(SOURCES)
	@$(PYTHON) -m ruff format --check $(SOURCES)
	@$(PYTHON) -m mypy
	@node_modules/.bin/biome check --error-on-warnings
	@$(PYTHON) tools/check-python
	@tools/check-lines
	@tools/check-portable

format: install ## Put the sources into the form that lint wants
	@$(PYTHON) -m ruff check --fix-only $(SOURCES)
	@$(PYTHON) -m ruff format $(SOURCES)
	@node_modules/.bin/biome check --write

faults: install ## Break every part in turn under pollers, and write the figures into docs/operations.md: 5 minutes
	@$(PYTHON) -m tests.faults

soak: install ## Poll with 100 clients for ten minutes, with 1,000 for two: no error, and nothing that grows
	@LONG=1 $(PYTHON) -m pytest -s tests/soak

bench: install ## Measure, side by side with the peers
	@$(PYTHON) -m bench

audit: install ## Look for known vulnerabilities in what is pinned; says so where the registry does not answer
	@tools/audit

dist: install ## Build the archive that a server is installed from, into dist/
	@$(PYTHON) tools/dist

bench-cluster: ## Measure what a poll costs each part of a cluster of one, two and three nodes
	@tools/install --cluster
	@$(PYTHON) -m bench.cluster

lock: install ## Pin versions anew; LOCK_OPTIONS=--upgrade takes the newest
	@for name in runtime dev bench audit; do \
		$(COMPILE) requirements/$$name.in --output-file requirements/$$name.txt || exit; done
	@for place in . requirements/servers; do \
		npm install --prefix $$place --package-lock-only --loglevel=error || exit; done
	@tools/check-portable

clean: down cluster-down ## Remove the environments, and the private cluster with its data
	@data=$$(readlink -f .local/postgres 2>/dev/null) && rm -rf "$$data"; \
		rm -rf .local .venv node_modules requirements/servers/node_modules
