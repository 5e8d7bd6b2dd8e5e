#!/usr/bin/env bash
# Builds programs as they run in production.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/lib.sh
. "$root/deploy/lib.sh"

usage() {
    cat <<'END_OF_USAGE'
usage: deploy/build.sh [PROGRAM ...] [--help]

Installs missing Debian packages and builds, optimised, into .build/release: token-budget (the service and its command
line; unless others are named), budget-load, budget-ledger.
END_OF_USAGE
}

for argument in "$@"; do
    case $argument in
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        die "there is no option \"$argument\""
        ;;
    esac
done

cd "$root"
require_swift 6 2
install_requirements
for program in "${@:-token-budget}"; do build_release "$program"; done
