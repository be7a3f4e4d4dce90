#!/bin/sh
# Every test but the long campaigns: whole nights beside all others, on two cores.
# Usage: test.sh PYTHON [ARGUMENTS OF PYTEST]
set -u
python=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$python" -m pytest -m "not soak" "$@" tests/pipeline >"$log" 2>&1 &
nights=$!
trap 'kill $nights 2>/dev/null; rm -f "$log"' INT TERM
"$python" -m pytest -m "not soak" "$@" --ignore tests/pipeline tests
others=$?
wait $nights
nights=$?
echo "whole nights:"
cat "$log"
[ $others -eq 0 ] && [ $nights -eq 0 ]
