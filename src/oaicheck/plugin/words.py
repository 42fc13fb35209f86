"""The words and letters of the outcomes on a terminal."""

from __future__ import annotations

from oaicheck.rules.verdict import Outcome

WORDS = {
    Outcome.PASS: ("passed", ".", ("PASS", {"green": True})),
    Outcome.FAIL: ("failed", "F", ("FAIL", {"red": True, "bold": True})),
    Outcome.WARN: ("warn", "W", ("WARN", {"yellow": True, "bold": True})),
    Outcome.NOT_APPLICABLE: ("not applicable", "-", ("NOT APPLICABLE", {"cyan": True})),
    Outcome.INCONCLUSIVE: ("inconclusive", "?", ("INCONCLUSIVE", {"purple": True})),
    Outcome.ERROR: ("error", "E", ("ERROR", {"red": True})),
}
"""Category, letter and word of each outcome, as `pytest_report_teststatus` returns them."""

KNOWN = ("known", "k", ("KNOWN", {"yellow": True}))
"""The same for a known failure of the baseline."""
