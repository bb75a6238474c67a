#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET...]: feeds each parser of hardware/fuzz and sync/fuzz for so long; no further one is begun after a crash, whose input is kept.
# fuzz.sh report: what the runs before said, as a page of Markdown.
# MOTCUA_FUZZ_JOBS: how many at a time (as many as there are processors).
# Needs no tool and no other compiler: libFuzzer is a dependency of the targets, and the flags below are those that make it see branches.
# New inputs that reach new branches are kept in target/fuzz/corpus/TARGET, so that a later run begins where this one ended.
set -euo pipefail

readonly PACKAGES=(hardware/fuzz sync/fuzz) BUILD=${CARGO_TARGET_DIR:-target}/fuzz
readonly JOBS=${MOTCUA_FUZZ_JOBS:-$(nproc)}
readonly FLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares"

main() {
    case ${1:-} in
        report) report ;;
        --run) fuzz "$2" "$3" "$4" ;;
        *[!0-9]* | "") sed -n '2,4s/^# //p' "$0" >&2 && exit 2 ;;
        *) all "$@" ;;
    esac
}

# all SECONDS [TARGET...]
all() {
    local seconds=$1 host
    shift
    host=$(rustc -vV | sed -n 's/^host: //p')
    local package
    for package in "${PACKAGES[@]}"; do
        # shellcheck disable=SC2086,SC2116  # one line of flags
        RUSTFLAGS=$(echo $FLAGS) CARGO_TARGET_DIR=$BUILD cargo build --locked --release --target "$host" --manifest-path "$package/Cargo.toml"
    done
    mkdir -p "$BUILD/logs" "$BUILD/crashes"
    # A run that ends with 255 lets no further one begin.
    for target in ${@:-$(targets)}; do echo "$target"; done |
        xargs -P "$JOBS" -I{} "$0" --run {} "$seconds" "$BUILD/$host/release/{}"
}

targets() {
    local package
    for package in "${PACKAGES[@]}"; do
        sed -n '/^\[\[bin\]\]/,/^$/s/^name = "\(.*\)"/\1/p' "$package/Cargo.toml"
    done
}

# fuzz TARGET SECONDS PROGRAM: with the seeds that are committed, and what earlier runs found.
fuzz() {
    local corpus=$BUILD/corpus/$1 crashes=$BUILD/crashes/$1- log=$BUILD/logs/$1.log seeds
    seeds=$(find "${PACKAGES[@]/%//seeds}" -maxdepth 1 -name "$1" -print -quit)
    mkdir -p "$corpus"
    # What other programs print is where the printer's interpreter begins.
    [[ $1 == escpos ]] && find fixtures/devices/captures -name '*.bin' -size -4k -exec cp -t "$corpus" {} +
    # An input slower than ten seconds, or one that takes a gigabyte, is a fault as well.
    "$3" -max_total_time="$2" -timeout=10 -rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$crashes" "$corpus" "$seeds" 2>"$log" || {
        tail -40 "$log" >&2
        echo "fuzz: $1 failed; its input is $crashes*" >&2
        exit 255
    }
    echo "fuzz: $1, $2 s: $(stat "$log" number_of_executed_units) runs, $(stat "$log" new_units_added) new inputs"
}

# stat LOG NAME: one of libFuzzer's last words.
stat() {
    sed -n "s/^stat::$2: *//p" "$1"
}

report() {
    local target log found=none
    find "$BUILD/crashes" -type f | grep -q . && found="**see below**"
    cat <<EOF
# Parsers fuzzed, $(date +%F)

| | |
|---|---|
| version | $(git rev-parse --short HEAD) |
| machine | $(nproc) cores, $(. /etc/os-release && echo "$PRETTY_NAME"); release build with overflow checks and debug assertions, no address sanitizer |
| crashes, time-outs (10 s), memory (1 GiB) | $found |

| target | seconds | runs | a second | branches, features | corpus | new inputs | slowest input | memory | end |
|---|---|---|---|---|---|---|---|---|---|
EOF
    for log in "$BUILD"/logs/*.log; do
        target=$(basename "$log" .log)
        echo "| $target | $(sed -n 's/^Done .* runs in \([0-9]*\) second.*/\1/p' "$log") | $(stat "$log" number_of_executed_units) |" \
            "$(stat "$log" average_exec_per_sec) | $(last "$log" 'cov: \([0-9]*\) ft: \([0-9]*\)' '\1, \2') |" \
            "$(last "$log" 'corp: \([0-9]*\)\/\([0-9A-Za-z]*\)' '\1 inputs, \2') | $(stat "$log" new_units_added) |" \
            "$(stat "$log" slowest_unit_time_sec) s | $(stat "$log" peak_rss_mb) MiB | $(ended "$log") |"
    done
    find "$BUILD/crashes" -type f -printf '\nFound: `%f`, %s bytes.\n'
}

# last LOG PATTERN FORM: what stands in the last line of progress.
last() {
    grep 'cov: ' "$1" | tail -1 | sed "s/.*$2.*/$3/"
}

ended() {
    if grep -q '^Done ' "$1"; then echo whole; elif grep -q 'run interrupted' "$1"; then echo interrupted; else echo "**crashed**"; fi
}

main "$@"
