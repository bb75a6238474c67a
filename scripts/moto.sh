#!/usr/bin/env bash
# moto.sh: puts an S3 emulator that we did not write (moto, every version pinned) into target/moto, once.
set -euo pipefail

readonly WANTED=central/tests/moto.txt HOME_OF_IT=target/moto
cmp -s "$WANTED" "$HOME_OF_IT/installed.txt" && exit 0
rm -rf "$HOME_OF_IT"
python3 -m venv "$HOME_OF_IT"
"$HOME_OF_IT/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$WANTED"
"$HOME_OF_IT/bin/moto_server" --help >/dev/null
# Last, so that it tells that an installation was whole.
cp "$WANTED" "$HOME_OF_IT/installed.txt"
