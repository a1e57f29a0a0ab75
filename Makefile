# Needs make (3.81 or later), a POSIX shell and Python 3.11 or later. Everything else is installed into $(VENV), in the
# versions and with the hashes of the lock files. Paths are relative, so the checkout may lie anywhere.

PYTHON ?=
VENV = .venv
DOCS = data/docs
OUT = data/rules.json
HTML =
AGAINST =
REPORT =
CHANGES =
ACCEPT_SHRINK =
MAX_SHRINK =
SARIF =
MARKDOWN =
FAIL_ON =
JOBS =
PYTEST_ARGS =
BENCH_ARGS =
PROFILE_ARGS =
LOCK_ARGS =

SHELL = /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help extract report test lint docs bench profile screenshot lock clean

# One word for the shell, whatever is in it.
quote = '$(subst ','\'',$(1))'

python = $(VENV)/bin/python
pip_install = $(python) -m pip install -qq --no-input --disable-pip-version-check
compile = $(python) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(LOCK_ARGS)

help: ## Show this list
	@echo 'Targets:'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables, as in `make extract DOCS=incoming OUT=/tmp/rules.json`:'
	@echo '  DOCS      folder of documents (data/docs)'
	@echo '  OUT       where the rules go (data/rules.json)'
	@echo '  REPORT    where the report goes (data/report.json; x.report.json beside another OUT x.json; nowhere for -)'
	@echo '  HTML      where the review page goes (report.html beside OUT)'
	@echo '  AGAINST   an older rules.json: the review page begins with what changed since (nothing)'
	@echo '  CHANGES   the feed of changes (data/changes.json; nowhere for another OUT)'
	@echo '  ACCEPT_SHRINK, MAX_SHRINK   why less than before may be published, and how much less may be without saying so (10 percent)'
	@echo '  SARIF     where the findings go as SARIF, for code scanning (nowhere)'
	@echo '  MARKDOWN  where a summary goes as Markdown, for a pull request (nowhere)'
	@echo '  FAIL_ON   what fails the run: error, warning, note, unresolved or never (error)'
	@echo '  JOBS      processes that read documents (what the program thinks best)'
	@echo '  PYTHON    the interpreter to make the virtual environment with (the newest of 3.11 to 3.13 that runs)'
	@echo '  VENV      the virtual environment (.venv)'
	@echo '  PYTEST_ARGS, BENCH_ARGS, PROFILE_ARGS, LOCK_ARGS   passed on, as in `make bench BENCH_ARGS="--only start"`'

extract: $(VENV)/.runtime ## Extract the rules of DOCS into OUT, and say what changed
	@out=$(call quote,$(OUT)); report=$(call quote,$(REPORT)); \
	name=$${out##*/}; stem=$${name%.*}; \
	case "$$report:$$out" in \
	  :-) ;; \
	  :data/rules.json) report=data/report.json ;; \
	  :*) report="$${out%"$$name"}$${stem:-$$name}.report.json" ;; \
	esac; \
	changes=$(call quote,$(CHANGES)); \
	case "$$changes:$$out" in :data/rules.json) changes=data/changes.json ;; esac; \
	$(python) -m extract run $(call quote,$(DOCS)) --out "$$out" $${report:+--report "$$report"} $${changes:+--changes "$$changes"} \
	  $(if $(SARIF),--sarif $(call quote,$(SARIF))) $(if $(MARKDOWN),--markdown $(call quote,$(MARKDOWN))) \
	  $(if $(MAX_SHRINK),--max-shrink $(call quote,$(MAX_SHRINK))) \
	  $(if $(ACCEPT_SHRINK),--accept-shrink $(call quote,$(ACCEPT_SHRINK))) \
	  $(if $(FAIL_ON),--fail-on $(call quote,$(FAIL_ON))) $(if $(JOBS),--jobs $(call quote,$(JOBS)))

report: $(VENV)/.runtime ## Write the review page: the documents of DOCS beside the rules in OUT
	@$(python) -m extract report $(call quote,$(OUT)) --docs $(call quote,$(DOCS)) $(if $(REPORT),--report $(call quote,$(REPORT))) \
	  $(if $(HTML),--html $(call quote,$(HTML))) $(if $(AGAINST),--against $(call quote,$(AGAINST)))

test: $(VENV)/.dev ## Run the tests, on all cores
	@$(python) -m pytest -q -n auto $(PYTEST_ARGS)

lint: $(VENV)/.dev ## Check style, format, types, the direction of imports, complexity and the versions of the schemas
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@$(VENV)/bin/lint-imports --no-logo
	@$(VENV)/bin/lizard extract .ci --CCN 15 --warnings_only --whitelist .ci/complex.txt
	@$(python) .ci/schemas.py

docs: $(VENV)/.docs ## Make a site of README and docs in build/site; a link that leads nowhere fails it
	@rm -rf build/pages build/site .cache
	@mkdir -p build/pages/tests
	@cp -R README.md SECURITY.md CHANGELOG.md LICENSE docs schemas build/pages
	@cp -R tests/pictures build/pages/tests
	@$(VENV)/docs/bin/zensical build --strict
	@$(python) .ci/links.py build/site

bench: $(VENV)/.dev ## Measure speed, beside other readers of the same pages
	@$(python) -m tests.bench $(BENCH_ARGS)

profile: $(VENV)/.dev ## Show where the time goes, into build/profile
	@$(python) -m tests.bench.profiling $(PROFILE_ARGS)

screenshot: $(VENV)/.dev ## Take the picture of the review page that README shows (needs Chromium)
	@$(python) -m tests.screenshot

# The first file holds what the commands of a checkout need: the extras too that pages, drawings and workbooks take. The second takes its
# versions from the first, so that tests run on what is shipped.
lock: $(VENV)/.dev ## Bring the lock files up to date with pyproject.toml
	@$(compile) --extra graph --extra xlsx --group build --output-file requirements.lock pyproject.toml
	@$(compile) --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@$(compile) --output-file .ci/docs.lock .ci/docs.in
	@.ci/consumers/lock $(VENV)/bin/uv

clean: ## Remove the virtual environment, caches and builds
	@if [ -f $(VENV)/pyvenv.cfg ]; then rm -rf $(VENV); fi
	@rm -rf build dist htmlcov .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find .ci extract tests -type d -name __pycache__ -prune -exec rm -rf {} +

# An interpreter that is gone (upgraded, uninstalled) leaves a dangling link: then all of the environment is made anew.
ifneq ($(shell [ -x $(VENV)/bin/python ] && echo runs),runs)
.PHONY: $(VENV)/bin/python
endif

# A name on the PATH proves nothing (version managers leave shims of versions that are not active), so each is run.
# Debian ships venv without ensurepip; such a Python is passed over as long as another one will do.
$(VENV)/bin/python:
	@if [ ! -f $(VENV)/pyvenv.cfg ] && [ -n "$$(ls -A $(VENV) 2>/dev/null)" ]; then \
	  echo 'error: $(VENV) is there and is no virtual environment; nothing was changed in it' >&2; \
	  exit 1; \
	fi; \
	unusable=; \
	for python in $(call quote,$(PYTHON)) python3.13 python3.12 python3.11 python3; do \
	  if [ -z "$$python" ]; then continue; fi; \
	  if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    if [ "$$python" = $(call quote,$(PYTHON)) ]; then \
	      echo "PYTHON=$$python is no Python 3.11 or later that runs; looking for another one" >&2; \
	    fi; \
	  elif ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    unusable="$$unusable $$python"; \
	  elif "$$python" -m venv --clear $(VENV); then \
	    exit 0; \
	  else \
	    rm -rf $(VENV); \
	    echo "error: $$python could not make a virtual environment in $(VENV)" >&2; \
	    exit 1; \
	  fi; \
	done; \
	if [ -n "$$unusable" ]; then \
	  echo "error: no pip for a virtual environment in:$$unusable" >&2; \
	  echo "       On Debian and Ubuntu: apt install python3-venv (or, say, python3.12-venv)" >&2; \
	else \
	  echo 'error: no Python 3.11 or later found (tried python3.13, python3.12, python3.11, python3)' >&2; \
	  echo '       Install one, or name it: make PYTHON=/path/to/python3' >&2; \
	fi; \
	exit 1

$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/bin/python
	@echo 'Installing the program and what it needs into $(VENV)'
	@$(pip_install) --require-hashes -r requirements.lock
	@$(pip_install) --no-deps --no-build-isolation -e .
	@touch $@

# In an environment of its own: it takes twice the room of the program, and nobody needs it but for this.
$(VENV)/.docs: .ci/docs.lock $(VENV)/bin/python
	@echo 'Installing what makes a site into $(VENV)/docs'
	@$(python) -m venv --clear $(VENV)/docs
	@$(VENV)/docs/bin/python -m pip install -qq --no-input --disable-pip-version-check --require-hashes -r .ci/docs.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo 'Installing the development tools into $(VENV)'
	@$(pip_install) --require-hashes -r requirements-dev.lock
	@touch $@
