#!/usr/bin/env bash
# install.sh run|walkthrough|test|bench: installs the Debian packages that are missing for it, saying first which and why.
set -euo pipefail

readonly BUILD=(
    "build-essential|the C compiler and linker (SQLite, zstd)"
    "pkg-config|finds the libraries below"
    "libwebkit2gtk-4.1-dev|the web view of the windows"
    "libpcsclite-dev|card readers, through the PC/SC service"
    "ca-certificates|to fetch crates and npm packages over TLS"
)
readonly RUN=(
    "espeak-ng|the voice that calls numbers, Vietnamese among its languages"
    "alsa-utils|plays calls of recorded clips"
)
readonly WALKTHROUGH=(
    "xvfb|a display that nobody sees"
    "webkit2gtk-driver|drives the windows as a person would"
    "poppler-utils|reads receipts, independently of us"
    "zbar-tools|reads QR codes, independently of us"
)
readonly TEST=(
    "chromium|runs the pages' journeys and accessibility audits"
    "procps|ends processes in trials"
    "pcscd|the card readers' service, for the chip"
    "vsmartcard-vpcd|a card reader with no hardware, into which the emulated card goes"
    "cups|a real print spooler: a ticket queue and a document printer"
    "cups-client|lp, lpstat and lpadmin for it"
    "sane-utils|a real scanner driver with no hardware (SANE's test backend)"
    "postgresql|a real database for the centre's other store"
    "haproxy|puts two nodes of the centre behind one address"
    "etcd-server|agrees on which PostgreSQL is the primary"
    "patroni|fails PostgreSQL over to its synchronous standby"
    "python3-etcd|Patroni's way to etcd"
    "python3-psycopg2|Patroni's way to PostgreSQL"
    "iproute2|gives a site's machines networks whose cables can be pulled"
    "faketime|turns their clocks on by days"
    "openssl|signs chips and verifies ours, independently of us"
    "python3-venv|independent writers of ESC/POS to compare with, and an S3 that is not ours"
    "tesseract-ocr|reads printed pages, as an eye that is not ours"
    "tesseract-ocr-vie|its Vietnamese"
)
readonly BENCH=("python3-venv|runs the peer beside which a ticket is measured")
readonly NODE_MAJOR=20

main() {
    local wanted=("${BUILD[@]}" "${RUN[@]}")
    case ${1:-} in
        run) ;;
        walkthrough) wanted+=("${WALKTHROUGH[@]}") ;;
        bench) wanted+=("${WALKTHROUGH[@]}" "${BENCH[@]}") ;;
        test) wanted+=("${WALKTHROUGH[@]}" "${TEST[@]}") ;;
        *) fail "usage: install.sh run|walkthrough|test|bench" ;;
    esac
    install_packages "${wanted[@]}"
    check_tools
}

install_packages() {
    local entry name missing=() why=()
    if ! command -v dpkg-query >/dev/null; then
        echo "install: this is no Debian. Needed, under whatever names: ${*%%|*}" >&2
        return
    fi
    for entry in "$@"; do
        name=${entry%%|*}
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
            missing+=("$name")
            why+=("$(printf '  %-24s %s' "$name" "${entry#*|}")")
        fi
    done
    ((${#missing[@]})) || return 0
    echo "install: these Debian packages are missing and are installed now, with what they depend on:"
    printf '%s\n' "${why[@]}"
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        fail "you are not root and there is no sudo; as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    apt update || echo "install: the package lists could not be refreshed; trying with those that are here"
    apt install -y --no-install-recommends "${missing[@]}"
}

# apt-get as root; another apt that is at work is waited for, and no service is started.
apt() {
    local as_root=(env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=900)
    ((EUID == 0)) || as_root=(sudo "${as_root[@]}")
    echo "install: ${as_root[*]} $*"
    "${as_root[@]}" "$@"
}

check_tools() {
    command -v cargo >/dev/null || fail "cargo is missing: install Rust 1.92 or newer"
    command -v node >/dev/null && command -v npm >/dev/null || fail "node is missing: install Node.js $NODE_MAJOR or newer, with npm"
    local major
    major=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
    ((major >= NODE_MAJOR)) || fail "node $(node --version) is too old: install $NODE_MAJOR or newer"
    local part
    for part in fmt clippy; do
        cargo "$part" --version >/dev/null 2>&1 && continue
        echo "install: the Rust component for cargo $part is missing and is installed now"
        rustup component add "${part/fmt/rustfmt}"
    done
}

fail() {
    echo "install: $*" >&2
    exit 1
}

main "$@"
