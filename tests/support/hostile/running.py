"""Runs `oaicheck run` against one behaviour, in a process of its own, and says what went wrong."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from oaicheck.engine.run_ceiling import peak_memory
from support.commands import neutral
from support.hostile.behaviour import Behaviour
from support.hostile.connection import KEY
from support.hostile.served import served
from support.spellings import CHANGES, CHARSETS, ESCAPES, PACKINGS

REQUESTS = 7
LIMITS = (
    *("--connect-timeout", "2", "--first-byte-timeout", "2", "--gap-timeout", "2"),
    *("--total-timeout", "6", "--max-bytes", "2000000"),
    *("--max-requests", str(REQUESTS), "--no-overflow"),
)
"""The options of every run. A stuck request ends after 6 s."""

_HONEST = 2
"""Connections that are answered well in a run of the other kind: one that only shows whether the
port is open, and the first request."""

FOREIGN = re.compile(
    r"bytearray\(|\bhttpx\b|\bhttpcore\b|\bh11\b|\banyio\b|Receive buffer|Informational"
    r"|status_code should|illegal (chunk|header|status)|RemoteProtocolError|Traceback|INTERNAL"
    r"|internal error|Errno|Error\("
)
"""Words of libraries, of Python, and of a program that broke."""
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_COMMANDS = re.compile(
    r"^\s*(::(error|set-output|warning)|##(\[|vso)|section_start:)", re.MULTILINE
)
_CODE_SPAN = re.compile(rb"(`+)(?!`).*?(?<!`)\1(?!`)")
"""What Markdown shows as it is written."""
_ELEMENT = re.compile(rb"<script>hostile|<script src=//|<img src=hostile", re.IGNORECASE)
_LINK = re.compile(rb"\]\(javascript:", re.IGNORECASE)
_LIVE = {".html": (_ELEMENT,), ".md": (_ELEMENT, _LINK)}
"""What would come to life in a report, by the suffix of its file."""
_FORMS = {
    spelling.name: spelling.write(KEY.encode()).strip().lower()
    for spelling in (*CHANGES, *ESCAPES, *CHARSETS, *PACKINGS)
}
_READ: dict[str, Callable[[bytes], object]] = {
    "report.json": json.loads,
    "exchanges.jsonl": lambda data: [json.loads(line) for line in data.splitlines()],
    "junit.xml": ET.fromstring,
    "oaicheck.sarif": json.loads,
    "badge.json": json.loads,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run made of a behaviour. Megabytes are 10^6 bytes; `message` is what it printed."""

    name: str
    where: str
    """`first` or `later`: which requests met the behaviour."""
    code: int
    seconds: float
    cpu: float
    megabytes: float
    message: str
    flaws: tuple[str, ...]

    @property
    def last_line(self) -> str:
        """The line that says most: the problem of an endpoint, or the verdict."""
        lines = [line.strip() for line in self.message.splitlines() if line.strip()]
        for number, line in enumerate(lines[:-1]):
            if "cannot be judged" in line or "give a model" in line:
                return lines[number + 1]
        for line in lines:
            if re.match(r"(NON-)?CONFORMANT|INCOMPLETE|NOTHING|INTERNAL|GATE", line):
                return line
        return lines[-1] if lines else ""


def run(behaviour: Behaviour, where: str, folder: Path, patience: float = 1.0) -> Outcome:
    """Run once. The folder has to be empty; the report and the output stay there.

    `patience` multiplies the ceiling of seconds, for a machine that is busy with other things.
    """
    most = behaviour.seconds * patience
    key = folder / "key"
    key.write_text(KEY, "utf-8")
    report = folder / "report"
    number = 1 if where == "first" else 1 + _HONEST
    with served([behaviour.name], number) as ports:
        scheme = "http" if behaviour.scheme == "http" else "https"
        command = [
            *(sys.executable, "-m", "oaicheck", "run"),
            *("--endpoint", f"{scheme}://127.0.0.1:{ports[behaviour.name]}/v1", "--model", "m"),
            *("--key-file", str(key), "--report-dir", str(report), *LIMITS),
        ]
        with (folder / "output").open("wb") as output:
            began = time.monotonic()
            process = subprocess.Popen(
                command, cwd=folder, env=neutral({}), stdout=output, stderr=subprocess.STDOUT
            )
            code, used, peak = _wait(process, began + most)
            seconds = time.monotonic() - began
    said = (folder / "output").read_bytes()
    megabytes = peak / 1e6
    flaws = [
        *_flaws_of_the_end(behaviour, where, code, seconds > most, megabytes),
        *_flaws_of_the_output(said.decode("utf-8", "replace")),
        *_flaws_of_the_report(report, code),
        *_flaws_of_the_message(behaviour, where, said.decode("utf-8", "replace")),
        *key_in(said, "the output"),
    ]
    message = said.decode("utf-8", "replace")
    cpu = used.ru_utime + used.ru_stime
    return Outcome(behaviour.name, where, code, seconds, cpu, megabytes, message, tuple(flaws))


def _wait(
    process: subprocess.Popen[bytes], until: float
) -> tuple[int, resource.struct_rusage, int]:
    """The exit code, what the process used, and its peak of memory in bytes.

    It is killed if it takes too long. The peak that `wait4` tells may be that of the parent, from
    which the process was forked: so it is read while the process runs, where the system allows it.
    """
    peak = 0
    while True:
        peak = peak_memory(process.pid) or peak
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, used, peak or used.ru_maxrss * 1024
        if time.monotonic() > until:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.05)


def _flaws_of_the_end(
    behaviour: Behaviour, where: str, code: int, late: bool, megabytes: float
) -> Iterator[str]:
    if late:
        yield "did not end in time"
        return
    allowed = behaviour.first_codes if where == "first" else behaviour.later
    if code not in (allowed or ()):
        yield f"exit code {code}, not {' or '.join(map(str, sorted(allowed or ())))}"
    if megabytes > behaviour.megabytes:
        yield f"{megabytes:.0f} MB, more than {behaviour.megabytes:g}"


def _flaws_of_the_output(said: str) -> Iterator[str]:
    for found in sorted({each[0] for each in FOREIGN.finditer(said)}):
        yield f"says {found!r}"
    if control := CONTROLS.search(said):
        yield f"prints the character {ord(control[0]):#x}"
    if command := _COMMANDS.search(said):
        yield f"prints the command {command[0].strip()}"


def _flaws_of_the_message(behaviour: Behaviour, where: str, said: str) -> Iterator[str]:
    if where == "first" and not re.search(behaviour.first or "", said):
        yield f"does not say {behaviour.first!r}"


def _flaws_of_the_report(report: Path, code: int) -> Iterator[str]:
    if code == 4:
        if report.exists():
            yield "leaves a report although nothing was judged"
        return
    for name, read in _READ.items():
        try:
            read((report / name).read_bytes())
        except (OSError, ValueError, ET.ParseError) as error:
            yield f"{name} cannot be read: {error}"
    for name in ("report.html", "summary.md"):
        if not (report / name).exists() or not (report / name).read_bytes().strip():
            yield f"{name} is missing or empty"
    for path in sorted(report.iterdir()) if report.exists() else []:
        data = path.read_bytes()
        yield from key_in(data, path.name)
        shown = _CODE_SPAN.sub(b"", data) if path.suffix == ".md" else data
        for live in _LIVE.get(path.suffix, ()):
            if found := live.search(shown):
                yield f"{path.name} has {found[0]!r}"
        if path.suffix in (".md", ".json") and (found := FOREIGN.search(data.decode("utf-8"))):
            yield f"{path.name} says {found[0]!r}"
        if path.suffix == ".md" and _COMMANDS.search(data.decode("utf-8")):
            yield f"{path.name} has a command for a pipeline"


def key_in(data: bytes, where: str) -> Iterator[str]:
    data = data.lower()
    for form, written in _FORMS.items():
        if written in data:
            yield f"{where} has the key ({form})"
