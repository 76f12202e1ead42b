# disburse. `make demo` shows the whole main job; `make test` proves it.

GO ?= go
# People in the benchmarks. The figures in docs/evidence.md are for a million.
BENCH_PEOPLE ?= 1000000
# Which benchmarks evidence measures, and how often each.
BENCH ?= .
RUNS ?= 3
# How long each fuzz target runs in fuzz-short.
FUZZTIME ?= 10s
# Kills in a campaign of torture, and the seed that repeats one.
KILLS ?= 300
SEED ?=
# How many random lives engine and judge are compared in by lives.
LIVES ?= 20000
# What mutants tries, and with what. Policy takes hours: MUTANTS=./internal/policy.
MUTANTS ?= ./internal/ledger ./internal/policy/lang ./internal/payrun/engine ./internal/payrun/explain
# The race detector makes tests five to ten times slower, so `race` runs what fits into
# about two minutes on two cores: all of payrun, ledger, policy and office, and of console
# the tests in which requests, caches, background work and runs meet. Its others drive one
# page after another and have nothing to race. -short lets rapid draw a fifth of its cases;
# the skipped test wants them all and says so.
RACE_ALL ?= ./internal/payrun/... ./internal/ledger/... ./internal/policy/... ./internal/office/...
RACE_CONSOLE ?= AtOnce|WaitForNobody|FirstVisitorLeaves|KeptUp|FollowsWhatRuns|RunFromThePage|IndexingWhileWritten|MadeOnce|Cache|Newest|Trials|Beside|LeavesThePlace
# Checks the program's libraries against the list of known vulnerabilities.
GOVULNCHECK ?= golang.org/x/vuln/cmd/govulncheck@v1.9.0
GREMLINS ?= github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0

.PHONY: demo test bench evidence fuzz-short torture lives mutants shots schema lint race vuln ci build setup-db setup clean

## demo: roster in, two months computed, signed, all sheets written to out/
demo: setup-db
	$(GO) run ./cmd/disburse demo

## test: everything, on a real PostgreSQL; workbooks are also read by LibreOffice
test: setup
	$(GO) test -timeout 40m ./...

## bench: ratios against a baseline measured in the same run; a package after the other, so that none disturbs another's
bench: setup-db
	DISBURSE_BENCH_PEOPLE=$(BENCH_PEOPLE) $(GO) test -p 1 -run='^$$' -bench='$(BENCH)' -benchtime=1x -timeout=2h ./...

## evidence: the same RUNS times, on a quiet machine and a committed tree; writes docs/evidence.json and the tables of docs/evidence.md
evidence: setup-db
	$(GO) run ./scripts/evidence measure -date $(shell date -I) -people $(BENCH_PEOPLE) -runs $(RUNS) -bench '$(BENCH)'

## fuzz-short: each fuzz target for FUZZTIME
fuzz-short: setup-db
	scripts/fuzz.sh $(FUZZTIME)

## torture: kill the program and its database at random moments, KILLS times; the record goes to docs/torture.txt
torture: setup-db
	DISBURSE_KILLS=$(KILLS) DISBURSE_SEED=$(SEED) DISBURSE_RECORD=$(CURDIR)/docs/torture.txt \
		$(GO) test ./cmd/disburse -run '^TestKilledAtAnyMoment$$' -v -count=1 -timeout=0

## lives: engine and judge compared in LIVES random lives of twelve months; test does it in 8,000
lives:
	AGREE_PEOPLE=$(LIVES) $(GO) test ./internal/judge -run '^TestEngineAgreesWithJudge$$' -v -count=1 -timeout=0

## mutants: turn round one operator after another and see that a test fails; docs/mutation.txt says what may live
mutants:
	for p in $(MUTANTS); do GOFLAGS=-vet=off nice -n 10 $(GO) run $(GREMLINS) unleash --workers 1 --timeout-coefficient 30 $$p || exit 1; done

## shots: take the pictures of the console in docs/images anew
shots: setup
	scripts/shots.sh

## schema: write docs/schema.sql anew from the migrations; a test compares it
schema: setup-db
	$(GO) test ./internal/postgres -run '^TestSchemaIsDocumented$$' -count=1 -update

## race: the race detector over the tests where things happen at once; needs a C compiler
race: setup
	CGO_ENABLED=1 $(GO) test -race -short -timeout 20m -skip '^TestAlikeAreGrantedAlike$$' $(RACE_ALL)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 20m -run '$(RACE_CONSOLE)' ./internal/console/...

## vuln: known vulnerabilities in what the program calls; needs network, so CI does not run it
vuln:
	$(GO) run $(GOVULNCHECK) ./...

## lint: formatting, vet, golangci-lint (.golangci.yml), dead code, go.mod, import direction
lint:
	scripts/lint.sh

## ci: all that must pass before a change is taken
ci:
	.ci/run

## build: the one binary, bin/disburse
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/disburse ./cmd/disburse

## setup-db: install PostgreSQL if it is missing
setup-db:
	@scripts/setup.sh db

## setup: install PostgreSQL and what the tests need if it is missing
setup:
	@scripts/setup.sh db tests

## clean: remove what was built and written; never a database
clean:
	rm -rf bin out
