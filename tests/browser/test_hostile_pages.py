"""What an endpoint sends stays text on every page, and breaks no page's layout."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

from .pages import DRAW_EVERYTHING

pytestmark = pytest.mark.browser

PAGES = ("report", "merged", "comparison")

WHAT_IT_IS_MADE_OF = """
const all = [...document.querySelectorAll("*")];
return {
  elements: [...new Set(all.map((element) => element.localName))].sort(),
  attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))].sort(),
  programs: all.filter((element) => element.matches("script, style")).length,
  links: [...new Set(all.map((e) => e.getAttribute("href")).filter(Boolean))].sort(),
};
"""
ALL_TEXT = """
return document.title + [...document.querySelectorAll("#oaicheck > :not(script, style)")]
  .map((element) => element.textContent).join();
"""
TOO_WIDE = """
const aside = ".skip, .said, thead, thead *, .scrolled *";
return [...document.querySelectorAll("#oaicheck, #oaicheck *")]
  .filter((element) => !element.matches(aside))
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([element, box]) => `${element.tagName}.${element.className} ends at ${box.right}`)
  .concat(document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : []);
"""


def made_of(driver: WebDriver) -> Any:
    driver.execute_async_script(DRAW_EVERYTHING)
    return driver.execute_script(WHAT_IT_IS_MADE_OF)


@pytest.mark.parametrize("name", PAGES)
def test_what_the_endpoint_sent_stays_text_that_can_be_seen(
    open_page, hostile_pages, harmless_pages, name
):
    harmless = made_of(open_page(harmless_pages[name]))
    driver = open_page(hostile_pages[name])
    assert made_of(driver) == harmless
    assert not [attribute for attribute in harmless["attributes"] if attribute.startswith("on")]
    assert all(link.startswith(("#", "https://")) for link in harmless["links"])
    assert driver.execute_script("return typeof window.pwned") == "undefined"
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert driver.get_log("browser") == []
    text = driver.execute_script(ALL_TEXT)
    assert "<script>window.pwned=1</script>" in text
    assert "\\u202e" in text
    assert not set(text) & set("\x00\x07\x1b\u202e\u2066\u2028\u2029")
    assert driver.find_element(By.TAG_NAME, "h1").is_displayed()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["merged", "comparison"])
def test_no_text_makes_the_page_wider_than_its_window(open_page, hostile_pages, name, width):
    driver = open_page(hostile_pages[name], width=width)
    assert driver.execute_script(TOO_WIDE) == []
    driver.execute_async_script(DRAW_EVERYTHING)
    assert driver.execute_script(TOO_WIDE) == []
