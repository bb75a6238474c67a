#!/usr/bin/env bash
# architecture.sh: who may depend on whom, and what a crate may not know, each rule of ARCHITECTURE.md that cargo can prove.
set -euo pipefail

readonly OURS="intake hardware sync station central motcua tests"
broken=0

main() {
    may_know intake ""
    may_know hardware ""
    may_know sync "intake"
    may_know station "intake hardware sync"
    may_know central "intake sync"
    may_know motcua "intake hardware sync station"

    knows_nothing_of intake rusqlite tokio ureq tauri axum
    knows_nothing_of hardware rusqlite tokio ureq tauri axum
    knows_nothing_of sync tokio tauri axum
    knows_nothing_of station tauri
    knows_nothing_of central tauri serialport

    says_nothing_of "the domain reads no clock, no chance, no file and no network" intake/src \
        "SystemTime|(Instant|Timestamp|Zoned)::now|Uuid::(now|new)_v|getrandom|std::(fs|net|env|process|thread)::"
    says_nothing_of "the log is told the time and reads no clock" sync/src "(SystemTime|Instant|Timestamp|Zoned)::now"
    says_nothing_of "only the store knows SQL" "sync/src station/src central/src" \
        "rusqlite::|Connection::open" "sync/src/store"
    says_nothing_of "only the PostgreSQL store knows PostgreSQL" "sync/src station/src central/src" \
        "postgres::(Client|Transaction|Config|Row)|\.copy_in\(" "central/src/store/postgres"
    says_nothing_of "only the shell knows Tauri" "intake hardware sync station central" "tauri::"
    says_nothing_of "the checker and the walkthrough share no decoder with what they judge" \
        "tests/src/checker tests/src/walkthrough tests/src/webdriver" "(^|[^a-z_:])(intake|hardware|sync|station|central)::"
    says_nothing_of "tests wait for what they need and never sleep" \
        "intake/tests hardware/tests sync/tests station/tests central/tests tests/tests" "thread::sleep"
    says_nothing_of "the pages talk to nothing but the commands" ui/src \
        "fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon"
    exit "$broken"
}

# may_know CRATE "OURS": of our crates, it depends on these and no others, directly or not.
may_know() {
    local crate=$1 allowed=" $1 $2 " name
    for name in $(depends_on "$crate"); do
        [[ " $OURS " == *" $name "* && $allowed != *" $name "* ]] && breaks "$crate must not depend on $name"
    done
    return 0
}

# knows_nothing_of CRATE FOREIGN...: it does not depend on these, directly or not.
knows_nothing_of() {
    local crate=$1 name known
    shift
    known=" $(depends_on "$crate" | tr '\n' ' ') "
    for name in "$@"; do
        [[ $known == *" $name "* ]] && breaks "$crate must not depend on $name"
    done
    return 0
}

# says_nothing_of RULE "FOLDERS" PATTERN [EXCEPT]: no line of the sources there matches, but for those in one folder.
says_nothing_of() {
    local found
    # shellcheck disable=SC2086  # several folders
    found=$(grep -rnE --include='*.rs' --include='*.ts' --include='*.svelte' "$3" $2 | grep -v "^${4:-nowhere}/" || true)
    [[ -z $found ]] && return 0
    echo "$found" >&2
    breaks "$1"
}

# The names of all crates that a crate is built from; what only its tests need does not count.
depends_on() {
    cargo tree --locked --package "$1" --edges normal,build --prefix none --format '{p}' | cut -d' ' -f1 | sort -u
}

breaks() {
    echo "architecture: $*" >&2
    broken=1
}

main
