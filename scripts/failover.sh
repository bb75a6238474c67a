#!/usr/bin/env bash
# failover.sh CARGO-ARGUMENTS...: the primary database killed again and again in a storm of pushes; writes a dated report.
# MOTCUA_KILLS: how often (20). MOTCUA_EVENTS: over at least so many events (200000).
set -euo pipefail

export MOTCUA_KILLS=${MOTCUA_KILLS:-20} MOTCUA_EVENTS=${MOTCUA_EVENTS:-200000}
readonly LOG=target/failover.log
readonly DAY=$(date +%F)
readonly REPORT=docs/reports/$DAY-failover.md

main() {
    mkdir -p target docs/reports
    local version load failed=0 began
    version=$(git rev-parse --short HEAD)$(git diff --quiet || echo ", with changes that are not committed")
    load=$(cut -d' ' -f1 /proc/loadavg)
    cargo test --locked "$@" --test cluster --no-run
    began=$SECONDS
    cargo test --locked "$@" --test cluster -- --nocapture no_acknowledged >"$LOG" 2>&1 || failed=1
    report "$failed" "$version" "$load" $((SECONDS - began)) >"$REPORT"
    echo "failover: $REPORT"
    return "$failed"
}

report() {
    local verdict="nothing that was acknowledged was lost"
    (($1)) && verdict="FAILED; the lines below say where"
    cat <<REPORT
# The primary database killed in a storm of pushes, $DAY: $verdict

| | |
|---|---|
| version | $2 |
| machine | $(nproc) cores, $(. /etc/os-release && echo "$PRETTY_NAME"), debug build, load $3 before and $(cut -d' ' -f1 /proc/loadavg) after |
| parts | $(installed postgresql-15), $(installed patroni) (ttl 8, loop_wait 1, strict synchronous mode), $(installed etcd-server), one node of the centre, four stations with the shipping engine |
| kills | $MOTCUA_KILLS asked for: SIGKILL of the primary's Patroni and of its database at once, each at another count of events |
| the whole | $4 s |

$(grep -E '^[0-9]+ kills|^test |^test result|panicked|waited too long|are lost' "$LOG" | sed 's/^/    /')

An event counts as acknowledged when its station holds the centre's signed receipt for it. The check reads the surviving
database through \`motcua-central verify\` and \`export\`: every acknowledged id is there, each id once, and the ids there are exactly
those that the stations wrote.

What it does not show: a loss of power (SIGKILL leaves the kernel's cache), a network that splits the two databases, a standby that
is lost at the same time as the primary (writes then wait, as strict mode says).

Again: \`MOTCUA_KILLS=$MOTCUA_KILLS MOTCUA_EVENTS=$MOTCUA_EVENTS scripts/failover.sh -p central\`; \`make soak\` does it among the rest, \`make test\` with one kill.
REPORT
}

installed() {
    dpkg-query -W -f='${Package} ${Version}' "$1" 2>/dev/null || echo "$1"
}

main "$@"
