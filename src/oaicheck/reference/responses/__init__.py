"""The Responses API of the reference endpoint: objects, events, and state kept by the server."""
