#!/bin/sh
# Renews requirements.lock: hashes for every platform, no index addresses. uv is fetched
# into a folder of its own because nothing else needs it.
set -eu
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
.venv/bin/python -m venv "$tool"
"$tool/bin/python" -m pip install --quiet uv
"$tool/bin/uv" pip compile pyproject.toml --group dev --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-header --no-strip-extras \
    --output-file requirements.lock "$@"
