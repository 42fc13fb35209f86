"""Reads an `opencode.json` as the source of a target."""
