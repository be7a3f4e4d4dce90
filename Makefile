# Two commands: `make run` and `make test`. Both install what they need from the lock.
PYTHON ?= python3
SAMPLE ?= demo
VENV := .venv
READY := $(VENV)/.ready
PY := $(VENV)/bin/python
SEGMENTS := $(VENV)/bin/segments

ifeq ($(SAMPLE),retail)
export SEGMENTS_HOME ?= .segments/retail
export SEGMENTS_LANDING := samples/retail/landing
export SEGMENTS_DECLARATIONS := samples/retail
export SEGMENTS_REPORTING_CURRENCY := GBP
LAST_NIGHT := 2011-03-31
FIRST_NIGHT := 2011-03-30
else
# The last business day that is over, and the one before.
LAST_NIGHT = $$($(PY) -m dagster_project.days)
FIRST_NIGHT = $$($(PY) -m dagster_project.days --before)
endif

.PHONY: help run test check soak dev bench lint docs sql contract lock clean landing
help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

$(READY): requirements.lock tools/install.sh
	@sh tools/install.sh "$(PYTHON)" "$(VENV)"
	@touch $(READY)

landing: $(READY)
	@[ "$(SAMPLE)" != demo ] || $(SEGMENTS) demo --up-to-date

run: landing ## the last two nights of the demo company (SAMPLE=retail: real data; AS_OF=YYYY-MM-DD: one night)
	@if [ -n "$(AS_OF)" ]; then $(SEGMENTS) run --as-of "$(AS_OF)"; \
	else $(SEGMENTS) run --from "$(FIRST_NIGHT)" --as-of "$(LAST_NIGHT)"; fi

dev: landing ## the Dagster UI with schedule, sensors and all assets
	@DAGSTER_HOME="$$($(PY) -m dagster_project.defs.launch)" \
	    $(PY) -m dagster dev -h 127.0.0.1 -p 3000 -w workspace.yaml

test: $(READY) ## every test
	@sh tools/test.sh $(PY)

check: $(READY) lint ## lint, types and unit tests in under a minute
	@$(PY) -m pytest -m "not soak and not night and not slow" tests/unit tests/declarations

lint: $(READY)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

contract: $(READY) ## the monthly table's columns and docs/features.md, after a change of customer_features.yml
	@$(PY) -m tools.contract

docs: $(READY) ## the models, their columns and their lineage as one page to open offline
	@$(PY) -m tools.docs

sql: $(READY) ## lint the SQL of every model (half a minute; pre-commit lints what changed)
	@$(PY) -m sqlfluff lint --nocolor --processes 2 dbt/models dbt/tests

soak: $(READY) ## the long campaigns; last results are in docs/reliability.md
	@$(PY) -m pytest -m soak

bench: $(READY) ## benchmarks in CPU-seconds; last results are in bench/RESULTS.md
	@$(PY) -m bench.nights
	@$(PY) -m bench.ingest
	@$(PY) -m bench.features

lock: $(READY) ## renew requirements.lock
	@sh tools/lock.sh

clean: ## delete the environment and all that the product wrote
	@rm -rf $(VENV) .segments .pytest_cache .ruff_cache .mypy_cache .hypothesis dbt/target dbt/logs
