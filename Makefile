# Two commands do everything: `make run` opens a demo centre, `make test` proves the whole. `make help` lists the rest.

SHELL := /bin/bash
# A cargo that rustup installed is found also where the shell's profile was not read.
export PATH := $(PATH):$(HOME)/.cargo/bin
# Relative paths in it are meant from here, as cargo means them.
TARGET := $(or $(CARGO_TARGET_DIR),target)
BIN := $(TARGET)/debug
STEP := scripts/step.sh

# All test builds have these features and no others, so that nothing is compiled twice: windows that WebDriver may drive,
# and named points where a trial cuts the power. `make run` and the release build have neither.
TRIALS := --features motcua/automation,motcua/crash-points
DRIVABLE := --features motcua/automation
PAGES := $(shell find ui/src ui/index.html ui/vite.config.ts ui/svelte.config.js fixtures/problems.json -type f)
# How long `make fuzz` feeds each parser; `make soak` does for ten minutes.
FUZZ_SECONDS ?= 3
DISPLAYED := $(DISPLAY)$(WAYLAND_DISPLAY)

.DEFAULT_GOAL := help
.PHONY: help run test walkthrough soak bench bench-sync bench-city simulate mutants release fmt lint doc architecture fuzz test-rust test-pages clean

help: ## Lists the commands.
	@echo "Một Cửa, the one-stop door. Commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Opens a demo centre on this machine: kiosk, counter, board and dock; with no display, plays the walkthrough.
ifeq ($(DISPLAYED),)
	@echo "make run: this machine has no display (DISPLAY and WAYLAND_DISPLAY are empty), so no window can open."
	@echo "make run: playing the walkthrough instead: the same windows, on a display that nobody sees."
	@$(MAKE) --no-print-directory walkthrough
else
	@scripts/install.sh run
	@$(MAKE) --no-print-directory ui/dist/index.html
	@$(STEP) "compile the programs" cargo build --locked --workspace --bins
	@echo "Opening the demo centre. Demo account at the counter: demo, PIN 246810. The dock plays the hardware."
	$(BIN)/motcua demo
endif

test: ## Proves the whole, as CI does: style, lints, docs, architecture, pages, every test, the walkthrough among them, a short fuzz.
	@scripts/install.sh test
	@$(MAKE) --no-print-directory ui/dist/index.html
	@$(STEP) "format (cargo fmt)" cargo fmt --all --check
	@$(STEP) "architecture (who may know whom)" scripts/architecture.sh
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory doc
	@$(MAKE) --no-print-directory test-pages
	@$(MAKE) --no-print-directory test-rust
	@$(MAKE) --no-print-directory fuzz

walkthrough: ## Plays the main job on windows that nobody sees; leaves target/walkthrough/.
	@scripts/install.sh walkthrough
	@$(MAKE) --no-print-directory ui/dist/index.html
	@$(STEP) "compile the programs, drivable by WebDriver" cargo build --locked --workspace --bins $(TRIALS)
	@$(STEP) "walkthrough" $(BIN)/motcua-walkthrough --out target/walkthrough --bin-dir $(BIN)

soak: ## Crash trials, devices replugged, parsers fuzzed, all for hours; writes docs/reports/<date>-*.md.
	@scripts/install.sh test
	@$(MAKE) --no-print-directory ui/dist/index.html
	@scripts/soak.sh $(TRIALS)

bench: ## Measures beside peers and limits of the same run; leaves target/bench.json.
	@scripts/install.sh bench
	@$(MAKE) --no-print-directory ui/dist/index.html
	@$(STEP) "compile as shipped, but drivable by WebDriver" cargo build --locked --release --workspace --bins $(DRIVABLE)
# Apart, because examples take along what tests add to the crates.
	@$(STEP) "compile an empty window to compare with" cargo build --locked --release --workspace --example empty $(DRIVABLE)
	@$(STEP) "bench" $(TARGET)/release/motcua-bench --out target/bench.json --bin-dir $(TARGET)/release

bench-sync: ## Measures sync beside PouchDB and a bare COPY; RECORDS=100000 RUNS=3.
	@scripts/install.sh test
	@$(STEP) "sync beside its peers" scripts/bench-sync.sh $(or $(RECORDS),100000) $(or $(RUNS),3)

bench-city: ## Plays a day of the city, scaled to this machine; STATIONS=128 BACKLOG=300.
	@scripts/install.sh test
	@$(STEP) "a day of the city" scripts/bench-city.sh $(or $(STATIONS),128) $(or $(BACKLOG),300)

simulate: ui/dist/index.html ## Runs one seed of the simulation: SEED=1 STEPS=2000; with SEEDS=n as many from there on.
	@MOTCUA_SEED=$(or $(SEED),1) MOTCUA_STEPS=$(or $(STEPS),2000) MOTCUA_SEEDS=$(or $(SEEDS),1) \
		cargo test --locked --workspace $(TRIALS) --test simulation whatever_happens -- --nocapture

mutants: ui/dist/index.html ## Plants each bug of tests/mutants and counts the steps that the simulation needs to find it.
	@scripts/mutants.sh $(TRIALS)

release: ## Builds motcua, motcua-central and motcua-hw as they are shipped, in target/release/.
	@scripts/install.sh run
	@$(MAKE) --no-print-directory ui/dist/index.html
	@$(STEP) "compile as shipped" cargo build --locked --release -p motcua -p central -p hardware

fmt: ## Formats the Rust sources.
	cargo fmt --all

lint: ui/dist/index.html ## Lints every Rust target; a warning is a failure.
	@$(STEP) "lints (clippy)" cargo clippy --locked --workspace --all-targets $(TRIALS) -- -D warnings

doc: ui/dist/index.html ## Builds the documentation; a warning is a failure.
	@RUSTDOCFLAGS="-D warnings" $(STEP) "documentation (cargo doc)" cargo doc --locked --workspace --no-deps $(TRIALS)

architecture: ## Checks who may depend on whom.
	@scripts/architecture.sh

test-pages: ui/dist/index.html ## Types, unit tests and audited screens of the pages.
	@$(STEP) "pages: types" npm --prefix ui run --silent check
	@$(STEP) "pages: unit tests" npm --prefix ui test --silent
	@$(STEP) "pages: journeys and accessibility in a browser" npm --prefix ui run --silent test:pages

test-rust: ui/dist/index.html ## Every Rust test; the programs that they start are compiled first.
	@$(STEP) "compile programs and tests" cargo build --locked --workspace --all-targets $(TRIALS)
	@$(STEP) "bindings of the pages are the commands' own" scripts/bindings.sh $(BIN)/motcua
	@$(STEP) "an S3 that is not ours (moto)" scripts/moto.sh
	@$(STEP) "tests (cargo test)" cargo test --locked --workspace --no-fail-fast $(TRIALS)

fuzz: ## Feeds each parser whatever comes, for FUZZ_SECONDS=3; a crash keeps its input in target/fuzz/crashes/.
	@$(STEP) "parsers fuzzed (libFuzzer)" scripts/fuzz.sh $(FUZZ_SECONDS)

# npm writes the hidden lock file last, so it tells that an installation was whole.
ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	@$(STEP) "pages: packages (npm ci)" npm --prefix ui ci --no-audit --no-fund --loglevel=error
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(PAGES)
	@$(STEP) "pages: build" npm --prefix ui run --silent build
	@touch $@

clean: ## Removes everything that was built.
	cargo clean
	rm -rf ui/dist ui/node_modules
