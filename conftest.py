"""Wires the plugin in, so that `pytest suites` works in a checkout; nothing else happens here."""

pytest_plugins = ["oaicheck.preflight.hooks"]
