#!/usr/bin/env bash
# soak.sh CARGO-ARGUMENTS...: the crash trials for long, the walkthrough again and again, devices replugged, the primary database
# killed, parsers fuzzed; writes dated reports.
# MOTCUA_TRIALS: how many cuts (2000). MOTCUA_WALKS: how many walkthroughs (10). MOTCUA_SEED: repeats a run's cuts.
# MOTCUA_REPLUGS: how often each class of device is replugged (1000). MOTCUA_FUZZ_SECONDS: how long each parser is fuzzed (600).
# MOTCUA_KILLS: how often the primary database is killed (20), over at least MOTCUA_EVENTS events (200000).
set -euo pipefail

readonly TRIALS=${MOTCUA_TRIALS:-2000} WALKS=${MOTCUA_WALKS:-10} FUZZ_SECONDS=${MOTCUA_FUZZ_SECONDS:-600}
readonly BIN=${CARGO_TARGET_DIR:-target}/debug
readonly DAY=$(date +%F) LOG=target/soak.log
readonly REPORT=docs/reports/$DAY-soak.md FUZZ_REPORT=docs/reports/$DAY-fuzz.md

main() {
    mkdir -p target docs/reports
    : >"$LOG"
    scripts/step.sh "compile programs and tests" cargo build --locked --workspace --all-targets "$@"
    local failed=0 began=$SECONDS
    export MOTCUA_TRIALS=$TRIALS
    cargo test --locked --workspace "$@" --test trials -- --nocapture 2>&1 | tee -a "$LOG" || failed=1
    local trials_s=$((SECONDS - began)) walks=0
    began=$SECONDS
    while ((walks < WALKS)); do
        "$BIN/motcua-walkthrough" --out target/soak-walkthrough --bin-dir "$BIN" 2>&1 | tee -a "$LOG" || { failed=1 && break; }
        walks=$((walks + 1))
    done
    report "$failed" "$trials_s" "$walks" $((SECONDS - began)) >"$REPORT"
    echo "soak: $REPORT"
    scripts/replug.sh --workspace "$@" || failed=1
    MOTCUA_STRANGERS=10000 cargo test --locked --workspace "$@" --test it thousands -- --nocapture 2>&1 | tee -a "$LOG" || failed=1
    scripts/failover.sh --workspace "$@" || failed=1
    scripts/fuzz.sh "$FUZZ_SECONDS" || failed=1
    scripts/fuzz.sh report >"$FUZZ_REPORT"
    echo "soak: $FUZZ_REPORT"
    exit "$failed"
}

report() {
    local verdict="nothing was lost and nothing was doubled"
    (($1)) && verdict="FAILED; the lines below say where"
    cat <<EOF
# Soak of $DAY: $verdict

| | |
|---|---|
| version | $(git rev-parse --short HEAD)$(git diff --quiet || echo ", with changes that are not committed") |
| machine | $(nproc) cores, $(. /etc/os-release && echo "$PRETTY_NAME"), debug build |
| crash trials | MOTCUA_TRIALS=$TRIALS, $2 s |
| walkthroughs | $3 of $WALKS whole, $4 s |

What the trials and the walkthroughs said:

$(grep -E '^test |^test result|^walkthrough: [0-9]|FAILED|MOTCUA_SEED|[0-9]+ cuts' "$LOG" | sed 's/^/    /')

Again: \`MOTCUA_TRIALS=$TRIALS MOTCUA_WALKS=$WALKS make soak\`; with MOTCUA_SEED as above for the same cuts.
EOF
}

main "$@"
