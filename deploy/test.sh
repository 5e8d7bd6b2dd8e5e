#!/usr/bin/env bash
# Builds everything with warnings as errors and runs all tests. Arguments go to `swift test`: deploy/test.sh --filter Windows
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/lib.sh
. "$root/deploy/lib.sh"
cd "$root"

case ${1:-} in
-h | --help)
    sed -n '2s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

# Tests make certificates with it.
need openssl command -v openssl
# Tests of the ledger start a PostgreSQL of their own; without one they run on SQLite alone.
need postgresql has_postgres
install_requirements
fetch_promtool "$root"
require_swift 6 2
# Settings of a service must not leak into its tests. The seed of random tests is theirs.
for name in "${!TOKEN_BUDGET_@}"; do
    [ "$name" = TOKEN_BUDGET_SEED ] || unset "$name"
done
build_tests
# One test at a time: some freeze servers or wait on sockets, which others must not feel.
say "Running the tests"
swift test --skip-build --disable-xctest --no-parallel "$@"
