# Needs Python 3.11 or newer, git and make; everything else it fetches by itself into .venv.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= logical

bin := .venv/bin
pip := $(bin)/python -m pip --quiet --disable-pip-version-check
lock := compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes pyproject.toml
catalogs := $(wildcard petition/translations/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Say what there is to make.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{ printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/installed .venv/translated ## Make .venv with the locked packages and the petition command.

.PHONY: run
run: install ## Run the demo in your browser; PORT=8000 sets the port.
	@$(bin)/petition demo --port $(PORT)

.PHONY: test
test: .venv/tested .venv/translated ## Run all tests on SQLite and on PostgreSQL; WORKERS=2 sets how many run at once.
	@$(bin)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist worksteal

.PHONY: lint
lint: .venv/tested ## Check the format and the style.
	@$(bin)/ruff format --check --quiet
	@$(bin)/ruff check --quiet

.PHONY: types
types: .venv/tested ## Check the types.
	@$(bin)/mypy --no-error-summary

.PHONY: check
check: lint types test ## Everything to be sure of before a push.

.PHONY: sure
sure: check

.PHONY: bench
bench: .venv/tested .venv/translated ## Run the benchmarks; BENCH="--quick" takes minutes, see bench/README.md.
	@$(bin)/python -m bench.run $(BENCH)

.PHONY: requirements
requirements: ## Lock the newest packages in requirements/*.txt.
	@rm -rf .venv/uv && $(PYTHON) -m venv .venv/uv
	@.venv/uv/bin/python -m pip --quiet --disable-pip-version-check install uv
	.venv/uv/bin/uv pip $(lock) --upgrade --extra build --output-file requirements/run.txt
	.venv/uv/bin/uv pip $(lock) --upgrade --extra build --extra test --constraints requirements/run.txt \
		--output-file requirements/test.txt
	@rm -rf .venv/uv

.PHONY: sbom
sbom: .venv/installed ## Write what the platform is made of as CycloneDX to sbom.cdx.json.
	@$(bin)/python requirements/inventory.py sbom > sbom.cdx.json

.PHONY: audit
audit: .venv/installed ## Check the locked packages against a saved export of OSV, offline: OSV=all.zip.
	@$(bin)/python requirements/inventory.py audit "$(OSV)"

.PHONY: counter
counter: .venv/installed ## Release the scripts for partner sites as they are now; each copy is served for ever.
	@$(bin)/python -m petition.lib.embed_scripts static/embed

.PHONY: translations
translations: .venv/installed ## Bring new sentences of the interface into the catalogs.
	@$(bin)/pybabel --quiet extract --mapping-file pyproject.toml --keyword lazy_gettext \
		--no-location --sort-output --no-wrap --omit-header --output-file .venv/messages.pot .
	@$(bin)/pybabel --quiet update --input-file .venv/messages.pot --output-dir petition/translations \
		--no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@sed -i.bak -E '/^"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):/d; s/(Project-Id-Version:) +/\1 /' \
		petition/translations/*/LC_MESSAGES/messages.po && rm petition/translations/*/LC_MESSAGES/messages.po.bak
	@$(MAKE) --no-print-directory .venv/translated

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=…")'
	@echo "Making .venv and installing the locked packages; this takes a minute, once."
	@$(PYTHON) -m venv .venv

# The packages of the application, exactly as locked, then the application itself, so that edits are seen at once.
.venv/installed: requirements/run.txt pyproject.toml | .venv/bin/python
	@$(pip) install --require-hashes --requirement requirements/run.txt
	@$(pip) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: requirements/test.txt .venv/installed
	@$(pip) install --require-hashes --requirement requirements/test.txt
	@touch $@

.venv/translated: $(catalogs) .venv/installed
	@$(if $(catalogs),$(bin)/pybabel --quiet compile --directory petition/translations)
	@touch $@
