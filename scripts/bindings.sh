#!/usr/bin/env bash
# bindings.sh MOTCUA: fails when the committed bindings of the pages are not those that the program's commands make.
set -euo pipefail

made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$1" bindings "$made"
diff -u ui/src/bindings.ts "$made" || {
    echo "The commands have changed: run '$1 bindings ui/src/bindings.ts' and commit it." >&2
    exit 1
}
