#!/bin/sh
# Every test but the long campaigns, on two cores: most whole nights beside all others.
# Usage: test.sh PYTHON [ARGUMENTS OF PYTEST]
set -u
python=$1
shift
# As many nights as it takes for both to end at the same time.
nights="tests/pipeline/test_arrivals_over_nights.py tests/pipeline/test_clusters_over_nights.py
tests/pipeline/test_forget.py tests/pipeline/test_reloaded_files.py
tests/pipeline/test_retail_night.py tests/pipeline/test_vendors_night.py"
aside=$(for file in $nights; do printf -- '--ignore %s ' "$file"; done)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
"$python" -m pytest -m "not soak" "$@" $aside tests/pipeline >"$log" 2>&1 &
pipeline=$!
trap 'kill $pipeline 2>/dev/null; rm -f "$log"' INT TERM
# shellcheck disable=SC2086
"$python" -m pytest -m "not soak" "$@" tests/declarations tests/reference tests/unit $nights
others=$?
wait $pipeline
nights=$?
echo "the other whole nights:"
cat "$log"
[ $others -eq 0 ] && [ $nights -eq 0 ]
