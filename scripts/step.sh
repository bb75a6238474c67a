#!/usr/bin/env bash
# step.sh WORDS COMMAND...: says what is done, does it, says how long it took.
set -uo pipefail

words=$1
shift
echo "==> $words"
SECONDS=0
"$@"
status=$?
if ((status == 0)); then
    echo "<== $words: ${SECONDS} s"
else
    echo "<== $words: FAILED with $status after ${SECONDS} s" >&2
fi
exit "$status"
