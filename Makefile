SHELL := bash
.DEFAULT_GOAL := help

# Arguments of `fledge demo`, as in: make demo DEMO="--definitions workflows/address-state.swift"
DEMO ?=
# Arguments of `swift test`, as in: make test TEST='--filter FledgeCoreTests'
TEST ?=

sources := Package.swift Sources Tests workflows migrations

# Tests that start whole daemons, and tests that train, with the tutorial, which asks the packaged model some 140 times: each
# kind runs by itself, for both wait on processes that need the cores. The latter run one after the other: two trainings at
# once take more than twice as long.
daemons := FledgeCLITests\.BadInput
trainings := FledgeDaemonTests\.|FledgeTrainingTests\.|FledgeCLITests\.Tutorial
# Every fault of a model server at every place, by a clock that runs fast: beside other tests it would be late.
faults := FaultTests\.
# Tests of that stage that are left out, as CI does for their time; `Tests/Parts/run kills` runs them.
SKIP ?=
# So many tests at once: most wait for a database, a process or a timer, and with all of them at once each waits for minutes.
width := --experimental-maximum-parallelization-width 24

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Take the use cases in workflows/ from prompts to releases, on this machine
	@.build/debug/fledge demo --trust-own $(DEMO)

.PHONY: test
test: packages ## Run every test, on a private PostgreSQL and a real model server
ifeq ($(strip $(TEST)),)
	@swift test --disable-xctest $(width) --skip '$(daemons)|$(trainings)|$(faults)'
	@swift test --disable-xctest --skip-build --filter '$(faults)'
	@swift test --disable-xctest --skip-build --filter '$(daemons)'
	@swift test --disable-xctest --skip-build --no-parallel --filter '$(trainings)' $(if $(SKIP),--skip '$(SKIP)')
else
	@swift test --disable-xctest $(width) $(TEST)
endif

.PHONY: build
build: packages ## Build everything for debugging, into .build/debug
	@swift build

.PHONY: release
release: packages ## Build everything optimised, into .build/release
	@swift build -c release

.PHONY: man
man: build ## Write the manual page into .build/man
	@swift package generate-manual --configuration debug >.build/man.log 2>&1 || { cat .build/man.log >&2; exit 1; }
	@mkdir -p .build/man && cp .build/plugins/GenerateManual/outputs/fledge/fledge.1 .build/man
	@echo "man -l .build/man/fledge.1"

.PHONY: docs
docs: build ## Write the reference of the DSL into .build/docs
	@.ci/documentation

.PHONY: packages
packages: ## Install the system packages that are missing
	@.ci/install-packages

.PHONY: format
format: ## Format the code in place
	@swift format format --in-place --parallel --recursive $(sources)

.PHONY: lint
lint: ## Check the format, that no conversion traps, that every test function runs, and that imports are declared
	@swift format lint --strict --parallel --recursive $(sources)
	@.ci/check-conversions
	@.ci/check-tests
	@.ci/check-imports

.PHONY: clean
clean: ## Remove everything that was built
	@rm -rf .build .build-fuzz .build-sanitize
