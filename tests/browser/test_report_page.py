"""People can use the report: its filters, its links and the keyboard."""

from __future__ import annotations

import dataclasses

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from support.sample_run import build_run

from .pages import report_of

pytestmark = pytest.mark.browser

A4 = 794
SHOWN = "return [...document.querySelectorAll('details.rule:not([hidden])')].map((rule) => rule.id)"
HAS_KEYS = "return document.activeElement.closest('details.rule')?.id ?? null"


@pytest.fixture
def page(hostile_pages):
    return hostile_pages["report"]


def test_the_filters_leave_what_was_asked_for(open_page, page):
    driver = open_page(page)
    every = driver.execute_script(SHOWN)
    assert len(every) == 8
    for box in driver.find_elements(By.CSS_SELECTOR, 'input[name="outcome"]:not([value="fail"])'):
        box.click()
    failed = [
        "chat.finish-reason.null-until-end",
        "chat.framing.done-once-and-last",
        "errors.authentication.wrong-key",
    ]
    assert sorted(driver.execute_script(SHOWN)) == failed
    assert driver.find_element(By.NAME, "shown").text == "3 of 8 requirements shown"
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


def test_on_paper_what_is_broken_is_laid_open_and_nothing_is_squeezed(open_page, page):
    driver = open_page(page, width=A4, media="print")
    driver.execute_script("dispatchEvent(new Event('beforeprint'))")
    broken = driver.find_elements(By.CSS_SELECTOR, "details.rule[data-broken]")
    assert len(broken) == 4
    for rule in broken:
        assert rule.get_attribute("open") is not None
        assert rule.find_element(By.CSS_SELECTOR, ".about").is_displayed()
    assert not driver.find_element(By.CSS_SELECTOR, ".filter-form").is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, "table.sections").size["width"] > 0.9 * A4
    driver.execute_script("dispatchEvent(new Event('afterprint'))")
    assert not driver.find_elements(By.CSS_SELECTOR, "details.rule[open]")


def test_a_thousand_broken_checks_can_be_filtered(open_page, tmp_path):
    run = build_run(many=1000)
    worst = run.results[0]
    broken = tuple(
        dataclasses.replace(worst, requirement=r.requirement, scenario=r.scenario)
        for r in run.results
    )
    file = report_of(dataclasses.replace(run, results=broken), tmp_path / "report.html")
    assert file.stat().st_size < 3_000_000
    driver = open_page(file)
    assert len(driver.execute_script(SHOWN)) == 508
    driver.find_element(By.NAME, "text").send_keys("rule-499")
    assert driver.execute_script(SHOWN) == ["bulk.section-9.rule-499"]
