"""axe-core finds nothing to object to, whichever way a page is looked at."""

from __future__ import annotations

import pytest

from .pages import OPEN_DETAILS

pytestmark = pytest.mark.browser

JUDGE = """
const done = arguments[0];
const objection = ({ id, impact, nodes }) =>
  nodes.map((node) => `${impact} ${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`);
axe.run(document, { resultTypes: ["violations"] }).then(
  ({ passes, violations }) => done([passes.map(({ id }) => id), violations.flatMap(objection)]),
  (error) => done([[], [String(error)]]),
);
"""
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"


# The merged page is a report with all that a report can have. No colour depends on the width, so
# that each of both has to be seen once, and not each with each.
@pytest.mark.parametrize("name", ["merged", "comparison"])
@pytest.mark.parametrize(
    ("width", "scheme", "background"),
    [(1280, "light", "rgb(252, 252, 250)"), (390, "dark", "rgb(21, 24, 27)")],
)
def test_axe_finds_nothing(open_page, hostile_pages, axe, name, width, scheme, background):
    driver = open_page(hostile_pages[name], width=width, scheme=scheme)
    driver.execute_async_script(OPEN_DETAILS)
    assert driver.execute_script(BACKGROUND) == background
    driver.execute_script(axe)
    passed, objections = driver.execute_async_script(JUDGE)
    assert objections == []
    assert {"color-contrast", "summary-name", "region"} <= set(passed)
