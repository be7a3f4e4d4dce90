#!/bin/sh
# Makes the environment from the lock. Usage: install.sh PYTHON VENV
set -eu
python=$1 venv=$2
command -v "$python" >/dev/null || { echo "$python not found: install Python 3.11 or later, or say make PYTHON=/path/to/python3" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "$("$python" --version) is too old: Python 3.11 or later is needed (make PYTHON=python3.12 ...)" >&2; exit 1; }
"$python" -m venv "$venv" || {
    echo "$python cannot make virtual environments: on Debian and Ubuntu install python3-venv" >&2; exit 1; }
echo "installing from requirements.lock (once, about a minute)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
# The project runs from the checkout: no build step, and edits count at once.
"$venv/bin/python" - "$PWD" <<'PYTHON'
import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "segments.pth").write_text(sys.argv[1] + "\n")
PYTHON
cat > "$venv/bin/segments" <<'SH'
#!/bin/sh
exec "$(dirname "$0")/python" -m dagster_project.cli "$@"
SH
chmod +x "$venv/bin/segments"
