#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET...]: feeds each parser of hardware/fuzz for so long; ends at the first crash, whose input it keeps.
# Needs no tool and no other compiler: libFuzzer is a dependency of the targets, and the flags below are those that make it see branches.
# New inputs that reach new branches are kept in target/fuzz/corpus/TARGET, so that a later run begins where this one ended.
set -euo pipefail

readonly FUZZ=hardware/fuzz HOST=$(rustc -vV | sed -n 's/^host: //p')
readonly BUILD=${FUZZ_TARGET_DIR:-target/fuzz}
readonly FLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares"

main() {
    [[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '2,4s/^# //p' "$0" >&2 && exit 2; }
    local seconds=$1 target
    shift
    RUSTFLAGS=$(echo $FLAGS) CARGO_TARGET_DIR=$BUILD cargo build --locked --release --target "$HOST" --manifest-path "$FUZZ/Cargo.toml"
    for target in ${@:-$(targets)}; do
        fuzz "$target" "$seconds"
    done
}

targets() {
    sed -n '/^\[\[bin\]\]/,/^$/s/^name = "\(.*\)"/\1/p' "$FUZZ/Cargo.toml"
}

# fuzz TARGET SECONDS: with the seeds that are committed, and what earlier runs found.
fuzz() {
    local corpus=$BUILD/corpus/$1 crashes=$BUILD/crashes/$1-
    mkdir -p "$corpus" "$BUILD/crashes"
    # What other programs print is where the printer's interpreter begins.
    [[ $1 == escpos ]] && find fixtures/devices/captures -name '*.bin' -size -4k -exec cp -t "$corpus" {} +
    echo "fuzz: $1, $2 s"
    # An input slower than ten seconds, or one that takes a gigabyte, is a fault as well.
    "$BUILD/$HOST/release/$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$crashes" "$corpus" "$FUZZ/seeds/$1" 2>"$BUILD/$1.log" || {
        tail -40 "$BUILD/$1.log" >&2
        echo "fuzz: $1 failed; its input is $crashes*" >&2
        exit 1
    }
    sed -n 's/^stat::number_of_executed_units: */    runs: /p; s/^stat::new_units_added: */    new inputs: /p' "$BUILD/$1.log"
}

main "$@"
