"""The vocabulary for writing checks: levels, requirements, and what a check states.

The suites import these names from here. The rest of oaicheck imports the modules of this package.
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
    Unserved,
    at_span,
    header_line,
    require,
    require_text,
    status_line,
)
from oaicheck.rules.requirement import MUST, SHOULD, Level, Requirement, requirement
from oaicheck.rules.told import (
    NO_ARGUMENTS,
    NO_CALL,
    NO_CALL_INDEX,
    NO_CHOICES,
    NO_FINISH,
    NO_FUNCTION_CALL,
    NO_OUTPUT,
    NO_RESPONSE,
    NO_RESPONSE_STATUS,
    NO_RESPONSE_USAGE,
    NO_STREAMED_ITEM,
    NO_USAGE,
)

__all__ = [
    "MUST",
    "NO_ARGUMENTS",
    "NO_CALL",
    "NO_CALL_INDEX",
    "NO_CHOICES",
    "NO_FINISH",
    "NO_FUNCTION_CALL",
    "NO_OUTPUT",
    "NO_RESPONSE",
    "NO_RESPONSE_STATUS",
    "NO_RESPONSE_USAGE",
    "NO_STREAMED_ITEM",
    "NO_USAGE",
    "SHOULD",
    "Inconclusive",
    "Level",
    "NoAnswer",
    "NotApplicable",
    "Requirement",
    "Unserved",
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
