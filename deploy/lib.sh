# shellcheck shell=bash
# What the scripts beside this file share: messages, missing Debian packages, the Swift compiler. Sourced, never run.

say() { printf '\n==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
die() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

missing=()

# need PACKAGE TEST...: remembers the Debian package when its test fails, so that what was built from source counts too.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root is needed for: $*"
    fi
}

# Installs what `need` found missing. Touches neither apt nor sudo when there is nothing to do.
install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "this is no Debian; install these (or what your system calls them) yourself: ${missing[*]}"
    local failed=
    say "Installing ${missing[*]}"
    as_root apt-get update -q
    case " ${missing[*]} " in *" postgresql "*) forbid_debian_postgres ;; esac
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" || failed=1
    case " ${missing[*]} " in *" redis-server "*) silence_debian_redis ;; esac
    case " ${missing[*]} " in *" postgresql "*) allow_debian_postgres ;; esac
    [ -z "$failed" ] || die "apt-get could not install these: ${missing[*]}"
    missing=()
}

# Debian starts a Redis on port 6379 when the package comes in. Only the program is wanted here.
silence_debian_redis() {
    if [ -d /run/systemd/system ]; then
        as_root systemctl disable --now redis-server.service >/dev/null 2>&1 || true
    else
        as_root service redis-server stop >/dev/null 2>&1 || true
        as_root update-rc.d redis-server disable >/dev/null 2>&1 || true
    fi
    note "Debian's own redis-server service is off: token-budget starts a private one."
}

# Debian makes a database and starts its server when PostgreSQL comes in. Only the programs are wanted here.
postgres_rule=/etc/postgresql-common/createcluster.d/token-budget.conf
forbid_debian_postgres() {
    as_root mkdir -p "${postgres_rule%/*}"
    echo "create_main_cluster = false" | as_root tee "$postgres_rule" >/dev/null
}
allow_debian_postgres() { as_root rm -f "$postgres_rule"; }

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_libpq_headers() { [ -e /usr/include/postgresql/libpq-fe.h ] || [ -e /usr/include/libpq-fe.h ]; }
has_cxx_headers() { compgen -G '/usr/include/c++/*/vector' >/dev/null; }

# What building and running takes besides Swift.
install_requirements() {
    need libhiredis-dev test -e /usr/include/hiredis/hiredis.h
    need libsqlite3-dev test -e /usr/include/sqlite3.h
    need libpq-dev has_libpq_headers
    need zlib1g-dev test -e /usr/include/zlib.h
    need g++ has_cxx_headers
    need redis-server command -v redis-server
    need git command -v git
    need curl command -v curl
    need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
    install_missing
}

# Prometheus' checker, for .build/tools. Debian has it in the package prometheus only, which would start a server: so the one program
# is taken out of the package and nothing is installed. Where that fails the tests that need it are left out, and that is said.
fetch_promtool() {
    local tools=$1/.build/tools folder
    if command -v promtool >/dev/null || [ -x "$tools/promtool" ]; then return 0; fi
    folder=$(mktemp -d)
    chmod 755 "$folder"
    mkdir -p "$tools"
    if (cd "$folder" && apt-get download -q prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb |
        tar -xO ./usr/bin/promtool >promtool && chmod +x promtool && ./promtool --version) >/dev/null 2>&1; then
        mv "$folder/promtool" "$tools/promtool"
    else
        note "no promtool: what Prometheus thinks of metrics and alerts is left out"
    fi
    rm -rf "$folder"
}

# require_swift MAJOR MINOR
require_swift() {
    local text version major minor
    command -v swift >/dev/null || die "Swift $1.$2 or later is needed and \"swift\" is not on the PATH. See https://www.swift.org/install/linux/"
    text=$(swift --version 2>&1) || die "\"swift --version\" fails: $text"
    version=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<<"$text" | head -n 1)
    major=${version%%.*}
    minor=${version#*.}
    [ -n "$version" ] || die "\"swift --version\" says nothing known: $text"
    if [ "$major" -lt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -lt "$2" ]; }; then
        die "Swift $1.$2 or later is needed; this is $version ($(command -v swift))"
    fi
}

# build_release PROGRAM: optimised, into .build/release. Swift counts every access to a class's property to trap on two that overlap;
# debug builds, which all tests run, keep that, and a release saves it: benchmarks/README.md says how much, under "What a decision costs".
build_release() {
    say "Building $1 (release); the first build takes several minutes"
    swift build -c release -Xswiftc -enforce-exclusivity=unchecked --product "$1"
}

# The tests and the program, debug, with warnings as errors: what deploy/test.sh runs and deploy/contract.sh starts.
build_tests() {
    export TOKEN_BUDGET_STRICT=1
    say "Building the tests; the first build takes several minutes"
    swift build --build-tests --explicit-target-dependency-import-check error
}

# The tools of deploy/contract.sh, in a Python environment of their own, $contract. Fails where they cannot be had.
contract=.build/contract
contract_tools() {
    cmp -s Tests/Contract/requirements.txt "$contract/requirements.txt" && return 0
    missing=()
    need python3 command -v python3
    need python3-venv python3 -c "import ensurepip, venv"
    (install_missing) || return 1
    say "Installing schemathesis and what checks an OpenAPI document"
    python3 -m venv --clear "$contract" &&
        "$contract/bin/pip" install --quiet --disable-pip-version-check -r Tests/Contract/requirements.txt &&
        cp Tests/Contract/requirements.txt "$contract/requirements.txt"
}
