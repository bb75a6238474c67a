#!/usr/bin/env bash
# replug.sh CARGO-ARGUMENTS...: every class of device unplugged and plugged in again and again, all classes at once; writes a dated report.
# MOTCUA_REPLUGS: how many times a class (1000). MOTCUA_REPLUG_CLASSES: which, by the short names in hardware/tests/replug/classes (all).
set -euo pipefail

readonly ROUNDS=${MOTCUA_REPLUGS:-1000} LOGS=target/replug
readonly CLASSES=${MOTCUA_REPLUG_CLASSES:-$(sed -n 's/^    ("\([a-z-]*\)", ||.*/\1/p' hardware/tests/replug/classes/mod.rs)}
readonly DAY=$(date +%F)
readonly REPORT=docs/reports/$DAY-replug.md

main() {
    mkdir -p "$LOGS" docs/reports
    rm -f "$LOGS"/*.log
    local version load failed=0 class pids=()
    version=$(git rev-parse --short HEAD)$(git diff --quiet || echo ", with changes that are not committed")
    load=$(cut -d' ' -f1 /proc/loadavg)
    # Compiled once, before they all ask for it.
    cargo test --locked "$@" --test replug --no-run
    for class in $CLASSES; do
        MOTCUA_REPLUGS=$ROUNDS MOTCUA_REPLUG_CLASS=$class cargo test --locked "$@" --test replug -- --nocapture >"$LOGS/$class.log" 2>&1 &
        pids+=($!)
    done
    for class in "${pids[@]}"; do
        wait "$class" || failed=1
    done
    report "$failed" "$version" "$load" >"$REPORT"
    echo "replug: $REPORT"
    return "$failed"
}

report() {
    local verdict="each class was back in service in time, and nothing grew" class
    (($1)) && verdict="FAILED; the lines below say where"
    cat <<EOF
# Devices replugged, $DAY: $verdict

| | |
|---|---|
| version | $2 |
| machine | $(nproc) cores, $(. /etc/os-release && echo "$PRETTY_NAME"), debug build, load $3 before and $(cut -d' ' -f1 /proc/loadavg) after |
| rounds | $ROUNDS a class, every class a process, all at the same time (the two of the chip in turns: they have one service) |

A round: the far side goes away, the station misses it, the far side is back, the device does its work again (a slip is confirmed, a code is
scanned, a call is on the glass, a press is heard, a card is read, a page is scanned, a document is handed over). Counted from the moment it is
back to the end of that work. Limits: back in service within 5 s each time; threads and descriptors of the process no more than before; memory
of its own grown by less than 4 MiB.

| class | rounds | back, median | back, worst | threads before, after | descriptors before, after | memory | grown by | took |
|---|---|---|---|---|---|---|---|---|
$(for class in $CLASSES; do row "$LOGS/$class.log" "$class"; done)

What is unplugged: lines over TCP and ptys are closed and refuse to be opened; the card readers' service (pcscd, with vpcd's reader) is killed and
ended kindly in turns; the card is taken out of that reader; SANE's test backend loses its second scanner; the folder is moved away; cupsd is
killed. Not shown, because there was none: a USB bus, a device with a cable, a reader with a field. An idle document scanner is looked for once
a minute and an idle queue every three seconds; here whoever asks hears at once.

Again: \`MOTCUA_REPLUGS=$ROUNDS scripts/replug.sh -p hardware\`; as a part of it all, \`make soak\`.
EOF
}

# row LOG CLASS: the class's line of the table; what its test said, where it failed.
row() {
    local line
    line=$(grep -m1 '^replug: {' "$1") || { echo "| $2 | FAILED: $(grep -m1 -A1 'panicked at' "$1" | tail -1) | | | | | | | |" && return; }
    field() { sed -E "s/.*\"$1\":\"?([^\",}]*).*/\1/" <<<"$line"; }
    echo "| $(field class) | $(field rounds) | $(field back_ms_p50) ms | $(field back_ms_max) ms | $(field threads_before), $(field threads) |" \
        "$(field descriptors_before), $(field descriptors) | $(field memory_kb) kB | $(field grown_kb) kB | $(field took_s) s |"
}

main "$@"
