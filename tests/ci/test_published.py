"""What a published project shows: its metadata, README, issue forms, workflows and hook."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from oaicheck import __version__
from support.commands import neutral

CHECKOUT = Path(__file__).parent.parent.parent
HOST = "https://github.com/oaicheck/oaicheck"
RAW = "https://raw.githubusercontent.com/oaicheck/oaicheck/main/"

PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
GITHUB = CHECKOUT / ".github"
FORMS = [GITHUB / "ISSUE_TEMPLATE" / name for name in ("false-alarm.yml", "missed-defect.yml")]
HOOKS = CHECKOUT / ".pre-commit-hooks.yaml"
YAML = sorted([*GITHUB.rglob("*.yml"), HOOKS])
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")

PLAIN = r"(?![-?:,{}&*!|>'%@`\"\[\]#])(?:(?!: | #).)+"
QUOTED = r'"[^"\\]*"'
LINE = re.compile(
    rf" *(?:- )?[\w-]+:(?: (?P<text>{PLAIN}|{QUOTED}|\[(?:(?:{QUOTED}|[\w-]+)(?:, )?)+\]|>-|\|))?"
    rf"(?: #.*)?| *- (?:{PLAIN}|{QUOTED})"
)

needs_sh = pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")


def text_of(path: str | Path) -> str:
    return (CHECKOUT / path).read_text("utf-8")


def links(page: str) -> Iterator[str]:
    """The targets of all links and images of a Markdown page; fails on an undefined label."""
    prose = re.sub(r"```[^`]*```|^ {4}.*$|`[^`\n]*`", "", page, flags=re.MULTILINE)
    defined = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", page, re.MULTILINE))
    yield from defined.values()
    yield from re.findall(r"\]\(([^)\s]+)\)", prose)
    yield from re.findall(r"(?:src|href)=\"([^\"]*)\"", prose)
    used = re.findall(r"\]\[([^\]]+)\]", prose)
    assert set(used) <= set(defined)


def in_checkout(link: str) -> Path | None:
    """The file that an absolute link into the repository shows, or None."""
    for start in (f"{HOST}/blob/main/", f"{HOST}/tree/main/", RAW):
        if link.startswith(start):
            return CHECKOUT / link.removeprefix(start).partition("#")[0]
    return None


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_metadata_is_complete() -> None:
    assert PROJECT["authors"] == [{"name": "oaicheck contributors"}]
    assert PROJECT["license"] == "Apache-2.0"
    assert all((CHECKOUT / name).is_file() for name in PROJECT["license-files"])
    assert not any(name.startswith("License ::") for name in PROJECT["classifiers"])
    for topic in ("Development Status", "Environment", "Framework", "Topic"):
        assert any(name.startswith(f"{topic} :: ") for name in PROJECT["classifiers"]), topic
    assert set(PROJECT["urls"]) == {"Homepage", "Documentation", "Issues", "Changelog", "Source"}
    for link in PROJECT["urls"].values():
        assert link.startswith(HOST)
        shown = in_checkout(link)
        assert shown is None or shown.exists(), link


def test_every_python_that_is_named_is_tested() -> None:
    start = "Programming Language :: Python :: 3."
    named = [name.removeprefix(start[:-2]) for name in PROJECT["classifiers"] if start in name]
    matrix = re.search(r"^ +python: (\[.*\])$", text_of(".github/workflows/ci.yml"), re.MULTILINE)
    assert matrix is not None
    assert json.loads(matrix[1]) == named
    assert PROJECT["requires-python"] == f">={named[0]}"


def test_the_sdist_has_what_belongs_to_it() -> None:
    included = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert all((CHECKOUT / name).exists() for name in included)
    assert {*PAGES, "LICENSE", "findings", "benchmarks", ".pre-commit-hooks.yaml"} <= set(included)


def test_a_package_index_can_show_the_readme() -> None:
    for link in links(text_of("README.md")):
        assert link.startswith(("https://", "#")), f"relative: {link}"


@pytest.mark.parametrize("page", PAGES)
def test_a_link_into_the_repository_leads_somewhere(page: str) -> None:
    for link in links(text_of(page)):
        relative = CHECKOUT / link if "://" not in link and not link.startswith("#") else None
        shown = in_checkout(link) or relative
        assert shown is None or shown.exists(), link
        heading = link.partition("#")[2]
        assert shown is None or not heading or heading in anchors_of(shown), link
        form = re.fullmatch(re.escape(f"{HOST}/issues/new?template=") + "(.+)", link)
        assert form is None or GITHUB / "ISSUE_TEMPLATE" / form[1] in FORMS


def test_the_changelog_has_this_version() -> None:
    sections = re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert sections[0] == "Unreleased"
    assert __version__ in sections


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_it_is_plain_yaml(path: Path) -> None:
    """Checks a stricter form than YAML's own, without a parser: one member or item on a line."""
    block = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        indent = len(line) - len(line.lstrip(" "))
        if block is not None and (indent > block or not line.strip()):
            continue
        block = None
        if line.lstrip().startswith("#"):
            continue
        matched = LINE.fullmatch(line)
        assert matched, f"{path.name}:{number}: {line}"
        assert indent % 2 == 0, f"{path.name}:{number}: {line}"
        if matched["text"] in (">-", "|"):
            block = indent


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_for_what_a_judge_needs(path: Path) -> None:
    head, *fields = re.split(r"^  - type: ", path.read_text("utf-8"), flags=re.MULTILINE)
    assert re.findall(r"^(\w+):", head, re.MULTILINE) == [
        *("name", "description", "title", "labels", "body")
    ]
    found = {}
    for each in fields:
        start = re.match(
            r"(?:input|textarea)\n    id: (\S+)\n    attributes:\n      label: (.+)\n", each
        )
        assert start is not None, each
        assert each.rstrip().endswith("validations:\n      required: true")
        found[start[1]] = start[2]
    assert list(found) == [
        *("version", "server", "requirement", "said", "should-have-said", "exchanges")
    ]
    assert found["exchanges"] == "exchanges.jsonl"
    assert "look through" in re.sub(r"\s+", " ", fields[-1])


def test_a_vulnerability_is_reported_in_private() -> None:
    private = f"{HOST}/security/advisories/new"
    assert private in text_of("SECURITY.md")
    assert f"url: {private}\n" in text_of(".github/ISSUE_TEMPLATE/config.yml")


def test_a_release_passes_the_gate_and_stores_no_token() -> None:
    release = text_of(".github/workflows/release.yml")
    assert 'tags: ["v*"]' in release
    assert "run: bash .ci/run\n" in release
    *_, publish = release.partition("\n  publish:\n")
    assert "needs: [gate, build]" in publish
    assert "id-token: write" in publish
    assert "uses: pypa/gh-action-pypi-publish@" in publish
    assert "secrets." not in release


@pytest.mark.parametrize("name", ["ci.yml", "release.yml"])
def test_a_workflow_ends_and_names_no_host(name: str) -> None:
    workflow = text_of(f".github/workflows/{name}")
    assert workflow.count("runs-on:") == workflow.count("timeout-minutes:")
    assert "run: bash .ci/run\n" in workflow
    assert "://" not in workflow


def hook(name: str) -> str:
    """A member of the hook; of one that is folded, the lines joined."""
    found = re.search(
        rf"^  {name}: (?:>-\n((?:    .*\n)+)|(.*)\n)", HOOKS.read_text("utf-8"), re.MULTILINE
    )
    assert found
    return " ".join((found[1] or found[2]).split())


@needs_sh
def test_the_hook_fails_on_a_bad_file_whatever_its_place(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "oaicheck"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m oaicheck "$@"\n', "utf-8")
    program.chmod(0o755)
    good = {
        "provider": {
            "local": {
                "options": {
                    "baseURL": "http://localhost/v1",
                    "headers": {"Authorization": "Bearer {env:OAICHECK_API_KEY}"},
                },
                "models": {"m": {"name": "m", "tool_call": True, "tools": True}},
            }
        },
        "model": "local/m",
    }
    (tmp_path / "a folder").mkdir()
    names = {"good": "opencode.json", "bad": "a folder/opencode.jsonc"}
    (tmp_path / names["good"]).write_text(json.dumps(good), "utf-8")
    (tmp_path / names["bad"]).write_text(json.dumps({**good, "model": "elsewhere/m"}), "utf-8")
    assert all(re.search(hook("files"), name) for name in names.values())
    assert not re.search(hook("files"), "myopencode.json")

    def run(*files: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*shlex.split(hook("entry")), *(names[file] for file in files)],
            cwd=tmp_path,
            env=neutral({"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    done = run("good")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "opencode.json: " in done.stdout
    done = run("bad", "good")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAIL  opencode.config.model-known  a folder/opencode.jsonc:1:" in done.stdout
    assert "\nopencode.json: " in done.stdout
