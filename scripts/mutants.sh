#!/usr/bin/env bash
# mutants.sh CARGO-ARGUMENTS...: plants each bug of tests/mutants in a copy of the tree and counts the steps that the simulation needs to find it.
# MOTCUA_SEEDS: how many seeds are tried for each (60). MOTCUA_MUTANTS: which, by the beginning of their names, as a pattern (all). Ends with 1 when one is not found, or when the tree itself is not clean.
set -euo pipefail

readonly SEEDS=${MOTCUA_SEEDS:-60} STEPS=2000
readonly TREE=$PWD/target/mutants/tree
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}

main() {
    rm -rf "$TREE"
    git worktree prune
    mkdir -p "$(dirname "$TREE")"
    git worktree add -q --detach "$TREE" HEAD
    trap 'git worktree remove --force "$TREE"' EXIT
    mkdir -p "$TREE/ui/dist"
    cp -r ui/dist/. "$TREE/ui/dist/"
    echo "| planted bug | found at seed | step | by |"
    echo "|---|---|---|---|"
    local patch lost=0
    for patch in tests/mutants/${MOTCUA_MUTANTS:-}*.patch; do
        git -C "$TREE" apply "$PWD/$patch"
        try "$(basename "$patch" .patch)" "$@" || lost=1
        git -C "$TREE" checkout -q .
    done
    exit "$lost"
}

# try NAME CARGO-ARGUMENTS...
try() {
    local name=$1 said
    shift
    said=$(cd "$TREE" && MOTCUA_SEED=1 MOTCUA_SEEDS=$SEEDS MOTCUA_STEPS=$STEPS timeout 600 cargo test --locked --workspace "$@" \
        --test simulation whatever_happens -- --nocapture 2>&1) && { echo "| $name | **not found** in $SEEDS seeds | | |" && return 1; }
    local line
    line=$(grep -m1 -E '^seed [0-9]+, step [0-9]+: ' <<<"$said") || {
        # A panic, or a log that does not open, is as good a find; a bug that does not compile is none.
        grep -q '^error' <<<"$said" && ! grep -q 'panicked at' <<<"$said" && { echo "| $name | **does not compile** | | |" && return 1; }
        line="seed ?, step ?: $(grep -m1 -A1 'panicked at' <<<"$said" | tail -1)"
    }
    sed -E "s/^seed ([0-9?]+), step ([0-9?]+): (.{0,110}).*/| $name | \1 | \2 | \3 |/" <<<"$line"
}

main "$@"
