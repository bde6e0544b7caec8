#!/usr/bin/env bash
# Sets up what a command needs, and nothing twice: a virtual environment with the locked
# dependencies, a Chromium, fonts for Chinese text.
#
#   scripts/setup.sh run          to scan
#   scripts/setup.sh dev          to check and test as well
#   scripts/setup.sh dev --plan   says what would be done, and does nothing
#
# Debian or Ubuntu; root, or a user with sudo where a package of the distribution is missing.
# VENV is the folder of the environment (.venv), PYTHON the interpreter to make it with,
# PROMOWATCH_CHROMIUM a browser to use instead of the one that would be found.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
MODE="${1:-run}"
PLAN="${2:-}"
VENV="${VENV:-$ROOT/.venv}"
STAMPS="$VENV/.setup"
CHROMIUM_NAMES=(chromium chromium-browser google-chrome google-chrome-stable)
PYTHON_NAMES=(python3 python3.14 python3.13 python3.12 python3.11)

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

planning() { [[ "$PLAN" == --plan ]]; }

# -- the distribution's packages ---------------------------------------------------------

can_install_packages() {
    command -v apt-get >/dev/null && { [[ "$(id -u)" == 0 ]] || command -v sudo >/dev/null; }
}

as_root() {
    if [[ "$(id -u)" == 0 ]]; then "$@"; else sudo "$@"; fi
}

PACKAGES_LISTED=""
install_package() {
    can_install_packages || return 1
    if [[ -z "$PACKAGES_LISTED" ]]; then
        as_root apt-get update -qq >/dev/null 2>&1 || true
        PACKAGES_LISTED=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1
}

# -- Python and the virtual environment --------------------------------------------------

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} "${PYTHON_NAMES[@]}"; do
        if command -v "$name" >/dev/null && is_recent "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

venv_works() {
    [[ -x "$VENV/bin/python" ]] && is_recent "$VENV/bin/python" &&
        "$VENV/bin/python" -c 'import pip' >/dev/null 2>&1
}

make_venv() {
    local python version
    python="$(find_python)" ||
        fail "Python 3.11 or newer is needed; install it (apt-get install python3) or name it with PYTHON="
    version="$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        planning && { plan "environment: install $version-venv, then make $VENV with $python"; return; }
        say "installing $version-venv"
        install_package "$version-venv" || install_package python3-venv ||
            fail "Python's venv module is missing and could not be installed; run: sudo apt-get install python3-venv"
    fi
    planning && { plan "environment: make $VENV with $python"; return; }
    say "making the virtual environment with $python"
    if [[ -e "$VENV" ]]; then
        [[ -f "$VENV/pyvenv.cfg" ]] || fail "$VENV is in the way and no virtual environment; move it away"
        rm -rf "$VENV"
    fi
    "$python" -m venv "$VENV" ||
        fail "the virtual environment could not be made in $VENV; check the folder's rights and free space"
}

# -- dependencies ------------------------------------------------------------------------

lock_file() { if [[ "$MODE" == dev ]]; then echo requirements-dev.lock; else echo requirements.lock; fi; }

# What an installation depends on, as one digest.
wanted() {
    (cd "$ROOT" && cat requirements.lock requirements-dev.lock pyproject.toml) | sha256sum | cut -d' ' -f1
}

# An installation for development serves to run as well.
installed() {
    local stamp digest
    digest="$(wanted)"
    for stamp in "$STAMPS/dev" "$STAMPS/$MODE"; do
        if [[ -f "$stamp" && "$(<"$stamp")" == "$digest" ]]; then return; fi
    done
    return 1
}

install_dependencies() {
    local lock
    lock="$(lock_file)"
    planning && { plan "dependencies: install $lock"; return; }
    say "installing the dependencies of $lock (some minutes the first time)"
    local pip=("$VENV/bin/python" -m pip --disable-pip-version-check --quiet --quiet install)
    "${pip[@]}" --require-hashes -r "$ROOT/$lock" ||
        fail "the dependencies could not be installed; check the network and \`pip config list\`, then run this again"
    "${pip[@]}" --no-deps --no-build-isolation --editable "$ROOT" ||
        fail "promowatch itself could not be installed into $VENV; run \`$VENV/bin/python -m pip install -e .\` to see why"
    mkdir -p "$STAMPS"
    wanted >"$STAMPS/$MODE"
}

# -- Chromium ----------------------------------------------------------------------------

# A name on PATH is not enough: Ubuntu's `chromium-browser` is a stub that asks for a snap.
chromium_works() { [[ -n "$1" ]] && timeout 30 "$1" --version 2>/dev/null </dev/null | grep -qE '^(Chromium|Google Chrome)'; }

chromium_on_path() {
    local name path
    for name in "${CHROMIUM_NAMES[@]}"; do
        path="$(type -P "$name")" || continue
        if chromium_works "$path"; then
            echo "$path"
            return
        fi
    done
    return 1
}

playwrights_chromium() {
    local path
    [[ -x "$VENV/bin/python" ]] || return 1
    path="$("$VENV/bin/python" "$ROOT/scripts/playwright_chromium.py" 2>/dev/null)" || return 1
    chromium_works "$path" && echo "$path"
}

# The download first: where it fails, its system libraries are not needed either.
install_playwrights_chromium() {
    timeout 600 "$VENV/bin/python" -m playwright install chromium >/dev/null 2>&1 || return 1
    playwrights_chromium >/dev/null && return
    can_install_packages || return 1
    timeout 600 "$VENV/bin/python" -m playwright install-deps chromium >/dev/null 2>&1
}

find_chromium() {
    if [[ -n "${PROMOWATCH_CHROMIUM:-}" ]]; then
        chromium_works "$PROMOWATCH_CHROMIUM" || return 1
        echo "$PROMOWATCH_CHROMIUM"
        return
    fi
    chromium_on_path || playwrights_chromium
}

has_chromium() { [[ -f "$STAMPS/chromium" && -x "$(<"$STAMPS/chromium")" && -z "${PROMOWATCH_CHROMIUM:-}" ]]; }

get_chromium() {
    local found
    if [[ -n "${PROMOWATCH_CHROMIUM:-}" ]] && ! chromium_works "$PROMOWATCH_CHROMIUM"; then
        fail "PROMOWATCH_CHROMIUM is $PROMOWATCH_CHROMIUM, which is no Chromium that starts; unset it or correct it"
    fi
    if ! found="$(find_chromium)"; then
        planning && { plan "browser: install Playwright's Chromium, else the distribution's"; return; }
        say "installing Playwright's Chromium"
        if install_playwrights_chromium; then found="$(find_chromium)" || true; fi
        if [[ -z "$found" ]]; then
            say "Playwright's Chromium cannot be had here; installing the distribution's"
            if install_package chromium || install_package chromium-browser; then
                found="$(find_chromium)" || true
            fi
        fi
    fi
    planning && { plan "browser: $found"; return; }
    if [[ -n "$found" ]]; then
        mkdir -p "$STAMPS"
        echo "$found" >"$STAMPS/chromium"
    elif [[ "$MODE" == dev ]]; then
        fail "the tests need a Chromium and none could be installed; run: sudo apt-get install chromium"
    else
        say "no Chromium could be installed: pages built by script will be reported as not seen; to change that: sudo apt-get install chromium"
    fi
}

# -- fonts -------------------------------------------------------------------------------

has_fonts() { [[ -f "$STAMPS/fonts" ]] || { command -v fc-list >/dev/null && [[ -n "$(fc-list :lang=zh 2>/dev/null)" ]]; }; }

# Screenshots read better with them; nothing depends on it, so it is tried once and quietly.
get_fonts() {
    planning && { plan "fonts: install fonts-noto-cjk if that needs no password"; return; }
    if [[ "$(id -u)" == 0 ]] || sudo -n true 2>/dev/null; then
        install_package fonts-noto-cjk || true
    fi
    mkdir -p "$STAMPS"
    touch "$STAMPS/fonts"
}

# ----------------------------------------------------------------------------------------

plan() { printf '%s\n' "$*"; }

main() {
    case "$MODE" in run | dev) ;; *) fail "unknown mode \`$MODE\`; use run or dev" ;; esac
    if ! planning && venv_exists_and_complete; then return; fi
    if ! planning; then
        exec 9<"${BASH_SOURCE[0]}"
        flock 9 # two commands at once: the second waits and finds the work done
    fi
    if venv_works; then planning && plan "environment: $VENV is there"; else make_venv; fi
    if installed; then planning && plan "dependencies: $(lock_file) is installed"; else install_dependencies; fi
    if has_chromium; then planning && plan "browser: $(<"$STAMPS/chromium")"; else get_chromium; fi
    if has_fonts; then planning && plan "fonts: there"; else get_fonts; fi
    return 0
}

venv_exists_and_complete() {
    [[ -x "$VENV/bin/python" ]] && installed && has_chromium && has_fonts
}

main
