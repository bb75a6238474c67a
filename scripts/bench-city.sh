#!/usr/bin/env bash
# bench-city.sh [STATIONS] [BACKLOG]: a day of the city, scaled to this machine; prints a line of JSON a run.
# Stations and sites are varied one at a time, so that it shows with what the cost grows.
set -euo pipefail

readonly STATIONS=${1:-128} BACKLOG=${2:-300}
readonly TARGET=${CARGO_TARGET_DIR:-target}

main() {
    ulimit -n "$(ulimit -Hn)"
    cargo build --locked --release -p central --bins --example sync_bench
    run "$STATIONS" 126 "$BACKLOG" sqlite
    run "$((STATIONS / 2))" 126 "$BACKLOG" sqlite
    run "$STATIONS" 12 "$BACKLOG" sqlite
    run "$STATIONS" 126 "$((BACKLOG / 3))" sqlite
    run "$STATIONS" 126 "$BACKLOG" postgres
}

# run STATIONS SITES BACKLOG STORE
run() {
    echo "== $1 stations, $2 sites, $3 records each, $4" >&2
    "$TARGET/release/examples/sync_bench" city "$TARGET/release/motcua-central" "$@" | tee -a "$TARGET/bench-city.jsonl"
}

main
