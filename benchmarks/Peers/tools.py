"""Programs and Python packages that a comparison needs, installed when they are missing."""
import glob
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "token-budget-benchmarks")


def say(text):
    print(text, file=sys.stderr, flush=True)


def built(parser, path):
    """The absolute path of a release build; ends the program with what to do where there is none."""
    if not os.access(path, os.X_OK):
        parser.error(f"{path} is not there: deploy/build.sh {os.path.basename(path)}")
    return os.path.abspath(path)


def install_packages(needed):
    """Debian packages by a file each brings along (a pattern). What is there is not touched."""
    missing = [package for package, pattern in needed.items() if not glob.glob(pattern)]
    if not missing:
        return
    say(f"installing {' '.join(missing)}")
    if not shutil.which("apt-get"):
        raise RuntimeError(f"this is no Debian; install these yourself: {' '.join(missing)}")
    root = [] if os.geteuid() == 0 else ["sudo"]
    run(root + ["apt-get", "update", "-q"])
    run(root + ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "--no-install-recommends", *missing])
    # Debian starts a daemon with its package. Only the programs are wanted here.
    if os.path.isdir("/run/systemd/system"):
        for package in {"redis-server", "webdis", "nginx"}.intersection(missing):
            subprocess.run(root + ["systemctl", "disable", "--now", package], check=False, capture_output=True)


COMPILER = {"gcc": "/usr/bin/gcc", "libc6-dev": "/usr/include/stdlib.h"}  # for install_packages


def compiled(source, made, *options):
    """The path `made` of what a C file was compiled to; raises with the compiler's words."""
    run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", made, source, *options])
    return made


def python_environment(name, requirements):
    """The folder of a virtual environment with these requirements (a file); made once, outside the repository."""
    with open(requirements, "rb") as file:
        folder = os.path.join(CACHE, f"{name}-{hashlib.sha256(file.read()).hexdigest()[:8]}")
    done = os.path.join(folder, ".complete")
    if not os.path.exists(done):
        if not importlib.util.find_spec("ensurepip"):  # Debian's Python comes without
            install_packages({"python3-venv": "/usr/lib/python3*/ensurepip/__init__.py"})
        say(f"installing what {name} needs into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(CACHE, exist_ok=True)
        run([sys.executable, "-m", "venv", folder])
        # Wheels only: installing then runs no code of the packages.
        run([os.path.join(folder, "bin/pip"), "install", "-q", "--only-binary", ":all:", "-r", requirements])
        with open(done, "w", encoding="utf-8"):
            pass
    return os.path.join(folder, "bin")


def package_version(environment, package):
    """The version of a Python package in such an environment."""
    program = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    return output([os.path.join(environment, "python"), "-c", program, package])


def debian_version(package):
    return output(["dpkg-query", "-W", "-f", "${Version}", package])


def commit(root):
    """The commit whose programs are measured; "-dirty" when anything differs but pages of results."""
    git = ["git", "-C", root]
    changes = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", ":/", ":!/benchmarks/results", ":!/docs/capacity.md"],
                             capture_output=True, check=False)
    return output([*git, "describe", "--always"]) + ("-dirty" if changes.returncode == 1 else "")


def output(words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def run(words):
    """What it prints; raises with the program's own last words when it fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words[:6])} ... fails: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout
