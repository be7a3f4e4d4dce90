#!/bin/sh
# Every test but the long campaigns, on two cores: most whole nights beside all others.
# Usage: test.sh PYTHON [ARGUMENTS OF PYTEST]
set -u
python=$1
shift
# As many nights as it takes for both to end at the same time. Modules that share the
# home of `firm` or of the retail sample stay together; the one with a dbt project of its
# own comes last, because whatever follows it would read the shipped project again.
nights=""
for name in arrivals_over_nights audit clusters_over_nights leak reloaded_files \
    same_content stripe_periods vendors_night identity_over_nights; do
    nights="$nights tests/pipeline/test_$name.py"
done
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
