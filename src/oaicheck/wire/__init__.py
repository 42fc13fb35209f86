"""The bytes on the wire, and what is read from them: exchanges, Server-Sent Events, JSON values.

This package knows nothing about the chat API and imports nothing else from this project.
"""
