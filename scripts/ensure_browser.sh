#!/bin/sh
# Browser tests drive the system's chromium. Install it where that is possible without asking anyone (root on Debian);
# anywhere else say why it is missing and go on: those tests then skip with the same reason.

set -u

if command -v chromium >/dev/null 2>&1; then
    exit 0
fi

missing() {
    echo "No chromium: $1. Browser tests will be skipped." >&2
    exit 0
}

command -v apt-get >/dev/null 2>&1 || missing "this system has no apt-get; install chromium so that it is on PATH"
grep -qs '^ID=debian' /etc/os-release || missing "only Debian's own package is installed for you; install chromium so that it is on PATH"
[ "$(id -u)" -eq 0 ] || missing "installing it needs root; run: sudo apt-get install chromium"

export DEBIAN_FRONTEND=noninteractive
quick="-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o Acquire::Retries=1"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "Installing chromium for the browser tests …" >&2
# shellcheck disable=SC2086 # the options are meant to be split
if apt-get $quick update -qq >"$log" 2>&1 && apt-get $quick install -y -qq --no-install-recommends chromium >>"$log" 2>&1
then
    command -v chromium >/dev/null 2>&1 || missing "apt-get installed it but it is not on PATH"
else
    tail -n 5 "$log" >&2
    missing "apt-get could not install it (its last lines are above)"
fi
