#!/bin/sh
# Judges an endpoint for a pipeline; the exit code is the gate's. Everything comes by variables:
#
#   GATE_ENDPOINT    base URL, or the word `embedded`; may be empty where oaicheck.toml names one
#   GATE_MODEL, GATE_PROFILE, GATE_LEVEL (must or should), GATE_BASELINE
#   GATE_REPORT_DIR  where the report goes: oaicheck-report
#   GATE_ARGS        further options of `oaicheck run`, separated by blanks, without quotes
#   GATE_OUTPUT      the file to which the outputs are added, NAME=VALUE a line
#   GATE_PREFIX      what stands before each NAME
#   GATE_VENV        where install.sh installed
#   OAICHECK_API_KEY the key
set -uf
venv=${GATE_VENV:-.oaicheck-venv}
oaicheck=oaicheck
for place in "$venv/bin" "$venv/Scripts"; do
    [ ! -d "$place" ] || oaicheck=$place/oaicheck
done
folder=${GATE_REPORT_DIR:-oaicheck-report}
output=${GATE_OUTPUT:-/dev/stdout}
endpoint=${GATE_ENDPOINT:-}
args=${GATE_ARGS:-}

# Ends a run that has no report of its own.
without_report() {
    printf '%s\n' "${GATE_PREFIX:-}verdict=none" "${GATE_PREFIX:-}exit_code=$1" >>"$output"
    exit "$1"
}

# Without an endpoint oaicheck judges the one that it carries in itself: no gate may rest on that.
case " $args" in *" --config"* | *" --endpoint"* | *" --replay"*) named=yes ;; *) named= ;; esac
if [ -z "$endpoint$named${OAICHECK_ENDPOINT:-}" ] && [ ! -f oaicheck.toml ]; then
    echo "oaicheck: no endpoint is named: set the input 'endpoint', or add an oaicheck.toml" >&2
    without_report 4
fi

set -- --report-dir "$folder"
[ -z "$endpoint" ] || [ "$endpoint" = embedded ] || set -- "$@" --endpoint "$endpoint"
[ -z "${GATE_MODEL:-}" ] || set -- "$@" --model "$GATE_MODEL"
[ -z "${GATE_PROFILE:-}" ] || set -- "$@" --profile "$GATE_PROFILE"
[ -z "${GATE_LEVEL:-}" ] || set -- "$@" --gate "$GATE_LEVEL"
[ -z "${GATE_BASELINE:-}" ] || set -- "$@" --baseline "$GATE_BASELINE"
# A report that is there already is that of another run, which oaicheck does not overwrite.
[ -f "$folder/report.json" ] && earlier=yes || earlier=
# shellcheck disable=SC2086 # the options are meant to be split
"$oaicheck" run "$@" $args
code=$?
if [ -n "$earlier" ] || [ ! -f "$folder/report.json" ]; then
    without_report "$code"
fi
"$oaicheck" outputs "$folder" --prefix "${GATE_PREFIX:-}" >>"$output"
exit "$code"
