#!/bin/sh
# Installs the oaicheck that this script belongs to into $GATE_VENV, for judge.sh.
set -eu
venv=${GATE_VENV:-.oaicheck-venv}
"${PYTHON:-python3}" -m venv "$venv"
bin=$venv/bin
[ -d "$bin" ] || bin=$venv/Scripts
"$bin/pip" install --quiet --disable-pip-version-check "$(dirname "$0")/.."
"$bin/oaicheck" run --version
