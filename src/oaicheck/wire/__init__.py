"""Bytes as they came over the wire: exchanges, Server-Sent Events, located JSON values.

This package knows nothing of chat and imports nothing else of the project.
"""
