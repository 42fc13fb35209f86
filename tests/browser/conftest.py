"""Debian's chromium, started once for a file of tests, and the pages that it opens."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from support.sample_run import HOSTILE, build_run

from .pages import comparison_of, merged_with_known_failures, report_of

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage "
    "--no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
PACKAGES = ("package.json", "package-lock.json")
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

IS_COMPLETE = "return location.href.startsWith(arguments[0]) && document.readyState === 'complete'"

Opener = Callable[..., WebDriver]


def program(name: str, packages: str) -> str:
    """Where a program is. Elsewhere than on Linux its tests are skipped without it: CI has it."""
    path = shutil.which(name)
    if path is None and sys.platform != "linux":
        pytest.skip(f"needs {name} on the PATH")
    if path is None:
        pytest.fail(f"{name} is missing: apt-get install {packages}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    options = Options()
    options.binary_location = program("chromium", "chromium")
    driver_path = program("chromedriver", "chromium-driver")
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as environment:
        for name in ("no_proxy", "NO_PROXY"):
            environment.setenv(name, "localhost,127.0.0.1")
        driver = webdriver.Chrome(options=options, service=Service(executable_path=driver_path))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def open_page(browser: WebDriver) -> Opener:
    """Opens a file at a width, in a colour scheme, and forgets what was logged before.

    With `media="print"` it is laid out as it is on paper.
    """

    def opened(
        file: Path,
        anchor: str = "",
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        media: str = "",
    ) -> WebDriver:
        browser.get("about:blank")
        browser.get_log("browser")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": features}
        )
        browser.get(file.as_uri() + anchor)
        # On a loaded machine, chromedriver may take the end of about:blank for that of this page.
        WebDriverWait(browser, 30).until(
            lambda _: browser.execute_script(IS_COMPLETE, file.as_uri())
        )
        return browser

    return opened


@pytest.fixture(scope="session")
def hostile_pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Every kind of page, with script, markup, escapes and bidi controls in every position."""
    return _pages(HOSTILE, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def harmless_pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The same pages, with a word of no meaning in those positions."""
    return _pages("harmless", tmp_path_factory.mktemp("harmless"))


def _pages(poison: str, folder: Path) -> Mapping[str, Path]:
    run = build_run(poison)
    return {
        "report": report_of(run, folder / "report.html"),
        "merged": merged_with_known_failures(run, poison, folder),
        "comparison": comparison_of(run, poison, folder),
    }


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The pinned axe-core as a script, installed for this session: its licence is not ours."""
    folder = tmp_path_factory.mktemp("axe")
    for name in PACKAGES:
        shutil.copy(Path(__file__).with_name(name), folder)
    npm = program("npm", "nodejs npm")
    done = subprocess.run([npm, *NPM_CI], cwd=folder, capture_output=True, check=False, timeout=120)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        pytest.fail(f"npm could not install axe-core: {said}", pytrace=False)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
