#!/bin/sh
# Makes .venv with Python 3.10 and the locked packages; does nothing when that is done already.
# usage: scripts/setup.sh [dev | clients]
#   dev      makes .venv-dev with the tools that check the code
#   clients  makes .venv-clients with other people's clients of the platform, for tests; does
#            without when they cannot be had
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "motcua: $*" >&2; }

runs_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

# The interpreter itself, not an environment of it that may be removed in a moment.
base_of() { "$1" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if runs_310 "$PYTHON"; then base_of "$PYTHON"; return; fi
        say "PYTHON=$PYTHON is no Python 3.10: set it to one, or unset it"
        exit 3
    fi
    for candidate in python3.10 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python \
        /usr/local/bin/python3.10 /opt/python3.10/bin/python3.10 /opt/homebrew/bin/python3.10; do
        if runs_310 "$candidate"; then base_of "$candidate"; return; fi
    done
    if command -v uv >/dev/null 2>&1; then
        candidate=$(uv python find 3.10 2>/dev/null || true)
        if [ -z "$candidate" ] && uv python install 3.10 >&2; then
            candidate=$(uv python find 3.10 2>/dev/null || true)
        fi
        if [ -n "$candidate" ] && runs_310 "$candidate"; then base_of "$candidate"; return; fi
    fi
    say "no Python 3.10 found (Rasa runs on nothing newer): install it with 'pyenv install 3.10'" \
        "or 'uv python install 3.10', or set PYTHON to one, then try again"
    exit 3
}

fingerprint() { cksum "$1" | cut -d' ' -f1,2; }

install() { # folder, lock file, free space needed in MiB
    stamp="$1/.installed"
    if [ -x "$1/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint "$2")" ]; then
        return
    fi
    python=$(find_python)
    free=$(df -Pm . | awk 'NR==2 {print $4}')
    if [ "$free" -lt "$3" ]; then
        say "only $free MiB free here and the packages of $2 need $3: free some space and try again"
        exit 4
    fi
    if [ ! -w . ]; then say "cannot write in $(pwd): clone into a folder of your own"; exit 5; fi
    say "installing the packages of $2 into $1 (once; needs a few minutes)"
    rm -rf "$1"
    "$python" -m venv "$1"
    quiet=-qq
    if [ -t 1 ]; then quiet=""; fi # a person sees the progress bars
    # shellcheck disable=SC2086 - no word when a person looks on
    if ! "$1/bin/python" -m pip install $quiet --disable-pip-version-check \
        --require-hashes -r "$2"; then
        say "packages could not be installed: see the lines above (network? disk?), then try again"
        rm -rf "$1"
        exit 6
    fi
    fingerprint "$2" > "$stamp"
}

if [ "${1:-}" = dev ]; then
    install .venv-dev requirements-dev.txt 400
elif [ "${1:-}" = clients ]; then
    export PIP_TIMEOUT=10 PIP_RETRIES=1 # offline must be noticed soon
    (install .venv-clients requirements-clients.txt 100) ||
        say "without .venv-clients: the tests with other people's clients are skipped"
else
    install .venv requirements.txt 4000
fi
