#!/usr/bin/env bash
# From a fresh Debian with Swift to a first decision: installs what is missing, builds, starts the service, asks it once.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/lib.sh
. "$root/deploy/lib.sh"

usage() {
    cat <<'END'
usage: deploy/quickstart.sh [--debug-build] [--stop] [--help]

Installs missing Debian packages, builds token-budget, starts it in the background on a Redis of its own with
deploy/policies/demo.yaml, and shows a first decision. Data, log and process id are kept in data/.

  --debug-build   build without optimisation (quicker to build, slower to run)
  --stop          stop what this script started
  --help          this text

TOKEN_BUDGET_LISTEN and TOKEN_BUDGET_CONTROL_LISTEN move the two listeners from 127.0.0.1:8080 and 127.0.0.1:8081.
END
}

configuration=release
action=start
for argument in "$@"; do
    case $argument in
    --debug-build) configuration=debug ;;
    --stop) action=stop ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        die "there is no option \"$argument\""
        ;;
    esac
done

listen=${TOKEN_BUDGET_LISTEN:-127.0.0.1:8080}
control=${TOKEN_BUDGET_CONTROL_LISTEN:-127.0.0.1:8081}
# A quickstart is the same for everybody: settings of another deployment must not leak into it.
unset "${!TOKEN_BUDGET_@}"

cd "$root"
data=data
log=$data/token-budget.log
pid_file=$data/token-budget.pid
policy=deploy/policies/demo.yaml

# The service this script started, if it still runs.
running_pid() {
    local pid
    pid=$(cat "$pid_file" 2>/dev/null) || return 1
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = token-budget ] && echo "$pid"
}

# The address of the decision API, from the line the service prints when it is ready.
announced() { sed -nE 's/^token-budget ready: decisions on ([^,]*), .*/\1/p' "$log" 2>/dev/null | tail -n 1; }

answers_ready() { curl -fsS -m 2 "$1/readyz" 2>/dev/null | grep -q '"status":"ready"'; }

stop() {
    local pid
    pid=$(running_pid) || {
        echo "token-budget is not running (as far as $data/ knows)"
        return 0
    }
    echo "stopping token-budget (process $pid); requests in flight finish first"
    kill -TERM "$pid"
    for _ in $(seq 1 300); do
        [ -d "/proc/$pid" ] || break
        sleep 0.2
    done
    [ ! -d "/proc/$pid" ] || die "process $pid does not end; see $root/$log"
    rm -f "$pid_file"
    echo "stopped; counters are kept in $root/$data for the next start"
}

build() {
    require_swift 6 2
    if [ "$configuration" = release ]; then
        build_release token-budget
    else
        say "Building token-budget (debug); the first build takes several minutes"
        swift build --product token-budget
    fi
    binary=.build/$configuration/token-budget
    [ -x "$binary" ] || die "the build left no $binary"
}

require_free_port() {
    local host=${2%:*} port=${2##*:}
    [ "$port" != 0 ] || return 0
    if (: <"/dev/tcp/$host/$port") 2>/dev/null; then
        die "$2 is taken by another program. Choose another address: $1=127.0.0.1:PORT deploy/quickstart.sh"
    fi
}

start() {
    say "Starting token-budget on $listen with $policy"
    mkdir -p "$data"
    chmod 700 "$data"
    : >"$log"
    # In a session of its own, so that Ctrl-C here does not reach it.
    setsid "$binary" serve --policy "$policy" --data "$data" --listen "$listen" --control-listen "$control" --log-format text \
        >>"$log" 2>&1 </dev/null &
    local pid=$!
    echo "$pid" >"$pid_file"
    for _ in $(seq 1 150); do
        address=$(announced)
        if [ -n "$address" ] && answers_ready "$address"; then
            note "ready; log: $root/$log"
            return 0
        fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 20 "$log" >&2
    die "token-budget did not become ready; the end of $root/$log stands above"
}

# ask TITLE PATH [BODY]: shows a call and its answer, one allowance a line.
ask() {
    printf '\n# %s\n' "$1"
    if [ $# -gt 2 ]; then
        printf "curl %s -H 'content-type: application/json' -d '%s'\n" "$address$2" "$3"
        answer=$(curl -sS -m 5 "$address$2" -H 'content-type: application/json' -d "$3")
    else
        printf 'curl %s\n' "$address$2"
        answer=$(curl -sS -m 5 "$address$2")
    fi
    sed -e 's/"allowances":\[{/\n "allowances":[\n  {/' -e 's/},{/},\n  {/g' <<<"$answer"
}

show_first_decision() {
    local user="demo-$$" id
    say "A first decision"
    ask "May $user send 1,500 tokens to gpt-4o and get up to 500 back? The most this can cost is held." /reserve \
        "{\"user\":\"$user\",\"feature\":\"chat\",\"model\":\"gpt-4o\",\"input_tokens\":1500,\"max_output_tokens\":500}"
    id=$(sed -nE 's/.*"reservation_id":"([^"]*)".*/\1/p' <<<"$answer")
    [ -n "$id" ] || die "no reservation: see the answer above"
    ask "The model has answered: report its usage as the provider sent it. What was not used is free again." /commit \
        "{\"reservation_id\":\"$id\",\"usage\":{\"prompt_tokens\":1500,\"completion_tokens\":321,\"total_tokens\":1821}}"
    ask "What $user has used, and what is left." "/users/$user"
}

if [ "$action" = stop ]; then
    stop
    exit 0
fi

install_requirements
if pid=$(running_pid) && address=$(announced) && answers_ready "$address"; then
    say "token-budget already runs on $address (process $pid); nothing is built or started"
elif answers_ready "http://$listen"; then
    address=http://$listen
    say "a token-budget that this script did not start already answers on $address; nothing is built or started"
else
    require_free_port TOKEN_BUDGET_LISTEN "$listen"
    require_free_port TOKEN_BUDGET_CONTROL_LISTEN "$control"
    build
    start
fi
show_first_decision
cat <<END

==> token-budget runs in the background on $address
    stop it            deploy/quickstart.sh --stop
    change the policy  edit $policy, then: kill -HUP \$(cat $data/token-budget.pid)    (docs/policy.md)
    every call         docs/api.md
    why it is so       ARCHITECTURE.md
END
