#!/usr/bin/env bash
# Does the service answer as its OpenAPI document says? Starts one of its own, checks the document, and has schemathesis try every
# call of both listeners: the document's examples, edge cases, random values, calls after one another. Arguments go to schemathesis.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/lib.sh
. "$root/deploy/lib.sh"
cd "$root"

case ${1:-} in
-h | --help)
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

# A service of another deployment must not leak its settings into this one.
unset "${!TOKEN_BUDGET_@}"
install_requirements
require_swift 6 2
contract_tools || die "schemathesis cannot be installed; see above"
build_tests
binary=$(swift build --show-bin-path)/token-budget

folder=$(mktemp -d)
service=
cleanup() {
    if [ -n "$service" ] && kill -TERM "$service" 2>/dev/null; then wait "$service" || true; fi
    rm -rf "$folder"
}
trap cleanup EXIT

# line KEY ROLE: of the keys file. These keys guard nothing: the service ends with this script.
line() { printf -- '- {key_sha256: %s, role: %s}\n' "$(printf %s "$1" | sha256sum | cut -d ' ' -f 1)" "$2"; }

# The address of a listener, from the line the service prints when it is ready.
announced() { sed -nE "s/.*$1 on (http[^, ]*).*/\1/p" "$folder/ready"; }

start() {
    say "Starting a service of its own"
    { line contract-app app && line contract-ops ops; } >"$folder/keys.yaml"
    "$binary" serve --policy deploy/policies/demo.yaml --data "$folder/data" --keys "$folder/keys.yaml" \
        --listen 127.0.0.1:0 --control-listen 127.0.0.1:0 >"$folder/ready" 2>"$folder/log" &
    service=$!
    for _ in $(seq 1 150); do
        if [ -n "$(announced control)" ]; then return 0; fi
        kill -0 "$service" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 20 "$folder/log" >&2
    die "the service did not start"
}

# ask LISTENER URL KEY [ARGUMENTS...]
ask() {
    local listener=$1 url=$2 key=$3
    shift 3
    say "What the $listener API answers, beside the document"
    # Where it runs it leaves files of its own.
    (cd "$folder" && "$root/$contract/bin/st" --config-file "$root/Tests/Contract/schemathesis.toml" \
        run "$listener.json" --url "$url" --header "Authorization: Bearer $key" "$@")
}

start
say "The document"
"$contract/bin/python" Tests/Contract/document.py "$(announced control)" "$folder"
failed=
ask decision "$(announced decisions)" contract-app "$@" || failed="the decision API"
ask control "$(announced control)" contract-ops "$@" || failed="${failed:+$failed and }the control API"
kill -0 "$service" || die "the service has ended: $(tail -n 5 "$folder/log")"
[ -z "$failed" ] || die "not as the document says: $failed"
