#!/bin/sh
# Some tests drive programs of the system: browser tests chromium, the second verifier's tests node. Install them where
# that is possible without asking anyone (root on Debian); anywhere else say why one is missing and go on: those tests
# then skip with the same reason.

set -u

quick="-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o Acquire::Retries=1"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

missing() { # program, reason, what is skipped
    echo "No $1: $2. $3 will be skipped." >&2
}

ensure() { # program, package, what needs it
    command -v "$1" >/dev/null 2>&1 && return
    command -v apt-get >/dev/null 2>&1 || { missing "$1" "this system has no apt-get; install $1 so that it is on PATH" "$3"; return; }
    grep -qs '^ID=debian' /etc/os-release || { missing "$1" "only Debian's own package is installed for you; install $1 so that it is on PATH" "$3"; return; }
    [ "$(id -u)" -eq 0 ] || { missing "$1" "installing it needs root; run: sudo apt-get install $2" "$3"; return; }
    echo "Installing $2 …" >&2
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # the options are meant to be split
    if apt-get $quick update -qq >"$log" 2>&1 && apt-get $quick install -y -qq --no-install-recommends "$2" >>"$log" 2>&1
    then
        command -v "$1" >/dev/null 2>&1 || missing "$1" "apt-get installed it but it is not on PATH" "$3"
    else
        tail -n 5 "$log" >&2
        missing "$1" "apt-get could not install it (its last lines are above)" "$3"
    fi
}

ensure chromium chromium "Browser tests"
ensure node nodejs "Tests of the second verifier"
exit 0
