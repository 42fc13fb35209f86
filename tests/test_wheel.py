"""The wheel carries suites and fixtures, and a foreign pytest configuration does not disturb it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OAICHECK_")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_wheel_works_on_its_own(tmp_path: Path) -> None:
    built = run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, CHECKOUT),
        cwd=tmp_path,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("oaicheck-*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(programs / "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (elsewhere / "conftest.py").write_text("raise SystemExit('a foreign conftest was loaded')\n")
    done = run(programs / "oaicheck", "--report-dir", "report", cwd=elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((elsewhere / "report" / "report.json").read_text("utf-8"))
    assert report["verdict"] == "conformant"
    assert report["target"]["embedded"]
    listed = run(programs / "oaicheck", "list", cwd=elsewhere)
    assert "chat.framing.done-is-sent" in listed.stdout
