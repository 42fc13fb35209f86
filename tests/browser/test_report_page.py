"""The report in a real browser: what the endpoint sent stays text, and people can use the page."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from oaicheck.report.html import fragment
from oaicheck.report.run import Run
from support.sample_run import HOSTILE, build_run

pytestmark = pytest.mark.browser

ELEMENTS = re.compile(
    "html|head|body|title|main|meta|style|a|header|p|h[1-5]|d[ltd]|div|code|strong|time|section|"
    "[ou]l|li|span|bdi|pre|table|thead|tbody|t[rhd]|form|fieldset|legend|label|input|select|"
    "option|output|button|details|summary|script|mark|figure|figcaption|svg|g|path|line|rect|text"
)
DRAW_EVERYTHING = """
const done = arguments[arguments.length - 1];
(async () => {
  for (let round = 0; round < 6; round++) {
    for (const details of document.querySelectorAll("details:not([open])")) details.open = true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const button of document.querySelectorAll(".row button, .rows button")) button.click();
  done();
})();
"""
OUT_OF_SIGHT = ".skip, .said, thead, thead *"
TOO_WIDE = f"""
return [...document.querySelectorAll("#oaicheck, #oaicheck *")]
  .filter((element) => !element.matches("{OUT_OF_SIGHT}"))
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([element, box]) => `${{element.tagName}}.${{element.className}} ends at ${{box.right}}`)
  .concat(document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : []);
"""
FAINT = f"""
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (colour) => colour.slice(0, 3)
  .map((part) => part / 255)
  .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (element) => {{
  for (let at = element; at; at = at.parentElement) {{
    const colour = rgb(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }}
  return [255, 255, 255];
}};
const faint = new Set();
for (const element of document.querySelectorAll("#oaicheck *:not(script, style, option, svg *)")) {{
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || element.matches("{OUT_OF_SIGHT}")) continue;
  const pair = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < 4.5) faint.add(`${{element.tagName}}.${{element.className}} ${{ratio.toFixed(2)}}`);
}}
return [...faint];
"""
SHOWN = "return [...document.querySelectorAll('details.rule:not([hidden])')].map((rule) => rule.id)"
HAS_KEYS = "return document.activeElement.closest('details.rule')?.id ?? null"


def write(folder: Path, run: Run) -> Path:
    """The fragment in a bare page: no policy, as in pytest-html's page."""
    file = folder / "report.html"
    head = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>report</title></head>'
    file.write_text(f"{head}<body>{fragment(run)}</body></html>", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The sample run with script, markup, terminal escapes and bidi controls in every position."""
    return write(tmp_path_factory.mktemp("hostile"), build_run(HOSTILE))


def test_nothing_that_the_endpoint_sent_comes_to_life(open_page, page):
    driver = open_page(page)
    driver.execute_async_script(DRAW_EVERYTHING)
    assert driver.execute_script("return typeof window.pwned") == "undefined"
    assert driver.get_log("browser") == []
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0
    names = driver.execute_script(
        "return [...new Set([...document.querySelectorAll('*')].map((e) => e.localName))]"
    )
    assert {"svg", "mark", "figure"} < set(names)
    assert [name for name in names if not ELEMENTS.fullmatch(name)] == []
    alive = (
        "return [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes])"
        ".filter((a) => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)).length"
    )
    assert driver.execute_script(alive) == 0
    count = "return ['script', 'style'].map((name) => document.querySelectorAll(name).length)"
    assert driver.execute_script(count) == [2, 1]
    assert driver.find_element(By.TAG_NAME, "h1").is_displayed()
    assert "<script>window.pwned=1</script>" in driver.find_element(By.ID, "oaicheck").text


def test_what_hides_or_turns_text_around_is_shown_as_an_escape(open_page, page):
    driver = open_page(page)
    driver.execute_async_script(DRAW_EVERYTHING)
    text = driver.execute_script(
        "return document.title + [...document.querySelectorAll('#oaicheck > :not(script, style)')]"
        ".map((element) => element.textContent).join()"
    )
    assert not set(text) & set("\x00\x07\x1b\u202e\u2066\u2028\u2029")
    assert "\\u202e" in text


@pytest.mark.parametrize("width", [1280, 390])
def test_no_text_makes_the_page_wider_than_its_window(open_page, page, width):
    driver = open_page(page, width=width)
    assert driver.execute_script(TOO_WIDE) == []
    driver.execute_async_script(DRAW_EVERYTHING)
    assert driver.execute_script(TOO_WIDE) == []


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(252, 252, 250)"), ("dark", "rgb(21, 24, 27)")]
)
def test_both_colour_schemes_can_be_read(open_page, page, scheme, background):
    driver = open_page(page, scheme=scheme)
    driver.execute_async_script(DRAW_EVERYTHING)
    colour = "return getComputedStyle(document.body).backgroundColor"
    assert driver.execute_script(colour) == background
    assert driver.execute_script(FAINT) == []


def test_the_filters_leave_what_was_asked_for(open_page, page):
    driver = open_page(page)
    every = driver.execute_script(SHOWN)
    assert len(every) == 8
    for box in driver.find_elements(By.CSS_SELECTOR, 'input[name="outcome"]:not([value="fail"])'):
        box.click()
    failed = ["chat.finish-reason.null-until-end", "chat.framing.done-once-and-last"]
    assert sorted(driver.execute_script(SHOWN)) == failed
    assert driver.find_element(By.NAME, "shown").text == "2 of 8 requirements shown"
    driver.find_element(By.NAME, "text").send_keys("NULL finish_reason")
    assert driver.execute_script(SHOWN) == failed[:1]
    driver.refresh()
    # By typing, as a user would: chromedriver's way of choosing an option sends no input event.
    driver.find_element(By.NAME, "section").send_keys("models")
    assert driver.execute_script(SHOWN) == ["models.list"]
    headings = driver.find_elements(By.CSS_SELECTOR, ".part > h3")
    assert [h.text for h in headings if h.is_displayed()] == ["models"]


def test_the_levels_are_a_filter(open_page, page):
    driver = open_page(page)
    driver.find_element(By.CSS_SELECTOR, 'input[name="level"][value="MUST"]').click()
    assert sorted(driver.execute_script(SHOWN)) == ["chat.chunk.created", "images.input.accepted"]


def test_a_shared_link_opens_its_requirement_and_gives_it_the_focus(open_page, page):
    id_ = "errors.authentication.wrong-key"
    driver = open_page(page, f"#{id_}")
    rule = driver.find_element(By.ID, id_)
    assert rule.get_attribute("open") is not None
    WebDriverWait(driver, 5).until(lambda _: driver.execute_script(HAS_KEYS) == id_)
    top = driver.execute_script("return arguments[0].getBoundingClientRect().top", rule)
    assert 0 <= top < 900


def test_a_link_finds_what_a_filter_hides(open_page, page):
    driver = open_page(page)
    driver.find_element(By.NAME, "text").send_keys("no such words")
    assert driver.execute_script(SHOWN) == []
    driver.find_element(By.CSS_SELECTOR, '.broken a[href="#chat.chunk.created"]').click()
    driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert driver.find_element(By.ID, "chat.chunk.created").get_attribute("open") is not None
    assert driver.execute_script(HAS_KEYS) == "chat.chunk.created"


def test_a_link_opens_the_exchange(open_page, page):
    driver = open_page(page, "#exchange:stream/text%231")
    exchange = driver.find_element(By.ID, "exchange:stream/text#1")
    assert exchange.get_attribute("open") is not None
    driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert exchange.find_element(By.CSS_SELECTOR, "figure svg").is_displayed()


def test_the_keyboard_reaches_and_turns_the_filters(open_page, page):
    driver = open_page(page)

    def press(*keys: str) -> None:
        ActionChains(driver).send_keys(*keys).perform()

    press(Keys.TAB)
    assert driver.switch_to.active_element.get_attribute("class") == "skip"
    press(Keys.ENTER)
    press(Keys.TAB)
    box = driver.switch_to.active_element
    assert box.get_attribute("name") == "outcome"
    before = len(driver.execute_script(SHOWN))
    press(Keys.SPACE)
    assert len(driver.execute_script(SHOWN)) < before
    reached = set()
    for _ in range(14):
        press(Keys.TAB)
        reached.add(driver.switch_to.active_element.get_attribute("name"))
    assert {"outcome", "level", "section", "text", "open", "close"} <= reached


def test_every_control_has_a_name(open_page, page):
    driver = open_page(page)
    names = "input, select, .tools button, summary, .broken a, .sections a, details[open] a"
    driver.find_element(By.NAME, "open").click()
    # What is far off is not drawn yet, and chromedriver finds no names there.
    everything = "for (const e of document.querySelectorAll('.part')) e.style = arguments[0]"
    driver.execute_script(everything, "content-visibility: visible")
    controls = driver.find_elements(By.CSS_SELECTOR, names)
    shown = [control for control in controls if control.is_displayed()]
    assert len(shown) > 40
    assert [c.get_attribute("outerHTML") for c in shown if not c.accessible_name.strip()] == []


def test_a_thousand_broken_checks_open_at_once(open_page, tmp_path):
    run = build_run(many=1000)
    worst = run.results[0]
    broken = tuple(
        dataclasses.replace(worst, requirement=r.requirement, scenario=r.scenario)
        for r in run.results
    )
    file = write(tmp_path, dataclasses.replace(run, results=broken))
    assert file.stat().st_size < 3_000_000
    driver = open_page(file)
    assert driver.execute_script("return document.querySelectorAll('details.rule').length") > 500
    loaded = driver.execute_script("return performance.getEntriesByType('navigation')[0].duration")
    assert 0 < loaded < 3000
