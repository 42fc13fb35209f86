"""The language in which a check is written: its level, its sentence, and what it asserts.

The suites import these names from here; the modules of this room are for the rest of oaicheck.
"""

from oaicheck.rules.excerpts import (
    clipped,
    contrasted,
    first_difference,
    index_range,
    json_flaw,
    text_around,
)
from oaicheck.rules.judging import (
    Inconclusive,
    NoAnswer,
    NotApplicable,
    at_span,
    header_line,
    require,
    require_text,
    status_line,
)
from oaicheck.rules.requirement import MUST, SHOULD, Level, Requirement, requirement

__all__ = [
    "MUST",
    "SHOULD",
    "Inconclusive",
    "Level",
    "NoAnswer",
    "NotApplicable",
    "Requirement",
    "at_span",
    "clipped",
    "contrasted",
    "first_difference",
    "header_line",
    "index_range",
    "json_flaw",
    "require",
    "require_text",
    "requirement",
    "status_line",
    "text_around",
]
