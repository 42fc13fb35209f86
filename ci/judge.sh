#!/bin/sh
# Judges an endpoint for a pipeline; the exit code is the gate's. Variables configure it:
#
#   GATE_ENDPOINT    base URL, or the word `embedded`; may be empty if oaicheck.toml names one
#   GATE_MODEL, GATE_PROFILE, GATE_LEVEL (must or should), GATE_BASELINE
#   GATE_REPORT_DIR  folder for the report (default: oaicheck-report)
#   GATE_TIMEOUT     minutes after which the run is stopped; empty for no limit
#   GATE_ARGS        more options of `oaicheck run`, separated by spaces, without quotes
#   GATE_OUTPUT      file that gets the outputs, one NAME=VALUE a line
#   GATE_PREFIX      prefix of each NAME
#   GATE_VENV        virtual environment that install.sh made
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
minutes=${GATE_TIMEOUT:-}

# Ends a run that has no report of its own.
without_report() {
    printf '%s\n' "${GATE_PREFIX:-}verdict=none" "${GATE_PREFIX:-}exit_code=$1" >>"$output"
    exit "$1"
}

# Without an endpoint oaicheck judges its embedded one: that must never pass a gate.
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
set -- "$oaicheck" run "$@"
if [ -n "$minutes" ]; then
    case $minutes in
    *[!0-9.]* | *.*.* | .)
        echo "oaicheck: the timeout '$minutes' is not a number of minutes" >&2
        without_report 4
        ;;
    esac
    # On macOS coreutils has it as gtimeout. What Windows calls `timeout` is something else.
    limiter=
    for name in gtimeout timeout; do
        ! "$name" -s INT -k 30 1m true >/dev/null 2>&1 || limiter=$name
    done
    # On SIGINT oaicheck still writes its report.
    if [ -n "$limiter" ]; then
        set -- "$limiter" -s INT -k 30 "${minutes}m" "$@"
    else
        echo "oaicheck: there is no 'timeout' command here: this run has no time limit" >&2
    fi
fi
# An existing report belongs to another run: oaicheck does not overwrite it.
[ -f "$folder/report.json" ] && earlier=yes || earlier=
# shellcheck disable=SC2086 # the options are meant to be split
"$@" $args
code=$?
case $minutes:$code in
?*:124)
    echo "oaicheck: the run was stopped after $minutes minutes" >&2
    code=2
    ;;
?*:137)
    echo "oaicheck: the run was killed: it did not stop after $minutes minutes, or memory ran out" >&2
    ;;
esac
if [ -n "$earlier" ] || [ ! -f "$folder/report.json" ]; then
    without_report "$code"
fi
"$oaicheck" outputs "$folder" --prefix "${GATE_PREFIX:-}" >>"$output"
exit "$code"
