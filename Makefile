# The two commands are `make run` and `make test`; README.md says the rest.
export CGO_ENABLED ?= 0
GO ?= go
# Without a kernel for the emulated Pi its tests are skipped, and say so.
export ARK_VM_KERNEL ?=

.PHONY: run test quick bench bench-sound bench-sync bench-console chaos soak-sound mutants fuzz lint build cross deps clean

## run: a hub with its console and one van beside it, on this machine
run: build
	@scripts/run

## build: the three programs for this machine, into build/
build:
	$(GO) build -trimpath -o build/ ./cmd/...

## test: installs what the tests need (once, as root or with sudo) and runs them all
test: deps cross lint
	CGO_ENABLED=1 $(GO) test -race -count=1 -timeout 45m ./...

## quick: the inner loop: no browser, no emulated Pi, no packages
quick:
	ARK_QUICK=1 $(GO) test ./...

## deps: the packages that tests and benchmarks need, as root or with sudo
deps:
	@scripts/test-deps

## lint: formatting, go vet, staticcheck; and govulncheck where its database can be reached
lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@scripts/vulncheck

## cross: every program, without cgo, for each kind of machine that runs it
cross:
	@for arch in amd64 arm64 arm; do echo "build linux/$$arch"; GOOS=linux GOARCH=$$arch $(GO) build -trimpath -o build/linux-$$arch/ ./cmd/... || exit 1; done

## bench: figures beside their limits, as ratios; also into build/bench.jsonl
bench:
	@scripts/bench

## bench-sound: press to sound beside pygame, mpd, mpg123, aplay and paplay, 200 presses each; installs them (once, as root or with sudo)
bench-sound:
	@scripts/test-deps peers
	@scripts/bench -only peers -out build/bench-sound.jsonl

## bench-sync: one van's journal beside PouchDB's replication of the same 20,000 visits; installs it from npm into build/pouch
bench-sync:
	@scripts/test-deps pouch
	@scripts/bench -only pouch -out build/bench-sync.jsonl

## bench-console: what staff wait for, at 10,000 visits and at a million on SQLite and PostgreSQL, which are made once and kept under build/; beside ODK Central, fetched into build/central
bench-console:
	@scripts/test-deps central
	@scripts/bench -only console -out build/bench-console.jsonl

## chaos: the long form of the SIGKILL loop, of the disk that forgets, of the hostile clients and of a van's card
chaos:
	ARK_CHAOS=long $(GO) test -count=1 -timeout 30m -v -run 'Histories|Salvage' ./agent/store
	CGO_ENABLED=1 ARK_CHAOS=long $(GO) test -race -count=1 -timeout 30m -v -run 'Hostile' ./hub/endpoint
	CGO_ENABLED=1 ARK_CHAOS=long $(GO) test -race -count=1 -timeout 2h -v -run 'Chaos' ./internal/e2e

## soak-sound: a day of sounding, cuts and failing sound devices, in some six minutes
soak-sound:
	@scripts/soak-sound

## mutants: planted bugs, and which test finds each
mutants:
	@scripts/mutants

## fuzz: each decoder for FUZZTIME (30 s)
FUZZTIME ?= 30s
fuzz:
	@scripts/fuzz $(FUZZTIME)

clean:
	rm -rf build .run
