"""Measures how long chromium takes to open a report and to filter it.

    python benchmarks/report_opening.py reports/…/report.html

It opens the report several times and prints the best and the median time in milliseconds: until the
first paint, until the page is loaded, and until the filter has found a word in all requirements.
The goal is one second with 1,000 results, and less than 3 MB. It needs `apt-get install chromium
chromium-driver` and the project's `test` extra.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver

FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
NAMES = ("first paint", "loaded", "filtered")
MEASURE = """
const [navigation] = performance.getEntriesByType("navigation");
const [paint] = performance.getEntriesByName("first-contentful-paint");
const box = document.querySelector("#oaicheck input[name=text]");
const start = performance.now();
box.value = "usage";
box.dispatchEvent(new Event("input", { bubbles: true }));
document.body.offsetHeight;
return [paint.startTime, navigation.loadEventEnd, performance.now() - start];
"""


def browser(profile: str) -> WebDriver:
    options = Options()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in (*FLAGS.split(), f"--user-data-dir={profile}"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def openings(driver: WebDriver, report: Path, times: int) -> list[tuple[float, ...]]:
    found = []
    for _ in range(times):
        driver.get("about:blank")
        driver.get(report.resolve().as_uri())
        time.sleep(0.5)  # the first paint may happen after the page is loaded
        found.append(tuple(driver.execute_script(MEASURE)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure how long chromium takes to open and filter reports."
    )
    parser.add_argument(
        "reports", type=Path, nargs="+", metavar="REPORT.html", help="reports to open"
    )
    parser.add_argument(
        "--times", type=int, default=9, metavar="N", help="openings of each report (9)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as profile:
        driver = browser(profile)
        try:
            for report in options.reports:
                columns = zip(*openings(driver, report, options.times), strict=True)
                told = [
                    f"{name} {min(values):.0f} (median {statistics.median(values):.0f}) ms"
                    for name, values in zip(NAMES, columns, strict=True)
                ]
                print(f"{report}: {report.stat().st_size / 1e6:.2f} MB; {', '.join(told)}")
        finally:
            driver.quit()


if __name__ == "__main__":
    main()
