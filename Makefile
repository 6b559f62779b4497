# Two commands do all: `make demo` and `make test`. Both make their own environment, from a package index alone.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8000
BUYER_PORT ?= 8001
TESTS ?=
# Narrow a run with TESTS="tests/gateway -k retry"; choose other versions with CONSTRAINT="Django>=6.1,<6.2".
CONSTRAINT ?=

.PHONY: demo demo-reset test lint format bench proof docs screenshots messages clean

# An environment is made once for each set of extras, and again when the project's metadata changes.
$(VENV)/.demo $(VENV)/.test $(VENV)/.lint $(VENV)/.docs $(VENV)/.bench: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wagtail_punchout needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(EXTRAS)]" $(if $(CONSTRAINT),"$(CONSTRAINT)")
	@touch $@

$(VENV)/.demo: EXTRAS = demo
$(VENV)/.test: EXTRAS = demo,test,postgres,redis
$(VENV)/.lint: EXTRAS = demo,test,lint
$(VENV)/.docs: EXTRAS = demo,docs
$(VENV)/.bench: EXTRAS = demo,test,postgres

demo: $(VENV)/.demo
	@PORT=$(PORT) BUYER_PORT=$(BUYER_PORT) $(BIN)/python -m demo_site

demo-reset:
	rm -rf demo_site/var

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup $(TESTS)
	$(BIN)/python -m pytest --ds demo_site.buyer.settings --override-ini 'cache_dir=.pytest_cache/buyer' tests/demo_buyer

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/.lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

# Orders come in while everything that takes them in is killed: none is lost, none is there twice.
proof: $(VENV)/.bench
	$(BIN)/python -m benchmarks.killing

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W docs docs/_build/html

# The pictures in docs/images, taken again of the demo. Needs a Chromium.
screenshots: $(VENV)/.test
	$(BIN)/python -m docs.screenshots

messages: $(VENV)/.demo
	cd wagtail_punchout && ../$(BIN)/django-admin makemessages --locale de --no-location --no-obsolete
	cd wagtail_punchout && ../$(BIN)/django-admin compilemessages

clean:
	rm -rf $(VENV) docs/_build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
