"""oaicheck: a conformance test suite for OpenAI-compatible endpoints."""

__version__ = "0.1.0"

CATALOGUES = ("2026.1", "2026.2")
"""The catalogues of requirements that this version can judge by."""

CATALOGUE = CATALOGUES[-1]
"""The newest catalogue of requirements that this version judges by."""
