#!/usr/bin/env bash
# bench-sync.sh [RECORDS] [RUNS]: sync beside PouchDB and beside a bare COPY, the same records in one run; prints lines of JSON and a table.
set -euo pipefail

readonly RECORDS=${1:-100000} RUNS=${2:-3}
readonly TARGET=${CARGO_TARGET_DIR:-target} PEER=${CARGO_TARGET_DIR:-target}/peers/pouchdb
readonly PROGRAM=$TARGET/release/examples/sync_bench

main() {
    cargo build --locked --release -p central --bins --example sync_bench
    mkdir -p "$PEER"
    cp tests/peers/pouchdb/* "$PEER/"
    [[ -d $PEER/node_modules ]] || npm --prefix "$PEER" ci --no-audit --no-fund --loglevel=error
    local work
    work=$(mktemp -d)
    trap 'rm -rf "'"$work"'"' EXIT
    "$PROGRAM" records "$RECORDS" >"$work/records.jsonl"
    local run
    for ((run = 1; run <= RUNS; run++)); do
        node "$PEER/peer.cjs" "$work/peer$run" "$work/records.jsonl" | sed 's/^{/{"who":"pouchdb",/'
        rm -rf "$work/peer$run"
        "$PROGRAM" ours "$RECORDS" "$TARGET/release/motcua-central"
        "$PROGRAM" postgres "$RECORDS" "$TARGET/release/motcua-central" "$work/records.jsonl"
    done | tee "$TARGET/bench-sync.jsonl"
    "$PROGRAM" table "$TARGET/bench-sync.jsonl"
}

main
