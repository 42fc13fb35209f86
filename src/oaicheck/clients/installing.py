"""Installs the pinned clients with npm and pip, each into its own folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

from oaicheck.clients.roster import Client, programs

_SECONDS = 300.0
_MARK = "installed.json"


class InstallError(RuntimeError):
    """A client could not be installed; the message says which and why."""


def missing(client: Client, root: Path) -> str | None:
    """Why a client cannot be run and how to fix that; None if it can be run."""
    tool = {"node": "node", "curl": "curl"}.get(client.runtime)
    if tool and shutil.which(tool) is None:
        return f"{client.title}: `{tool}` was not found: install it"
    if not client.packages:
        return None
    try:
        found = json.loads((client.folder(root) / _MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return f"{client.title}: not installed: run `oaicheck clients install {client.name}`"
    if found != dict(client.packages):
        return f"{client.title}: a different version is installed: run `oaicheck clients install`"
    for path in _parts(client, root):
        if not path.exists():
            return (
                f"{client.title}: {path} is missing: run `oaicheck clients install {client.name}`"
            )
    return None


def _parts(client: Client, root: Path) -> Iterator[Path]:
    """The files that an installed client needs."""
    if client.runtime in ("python", "opencode"):
        yield Path(client.command(root)[0])
    else:
        yield from (client.folder(root) / "node_modules" / name for name in client.packages)


def install(client: Client, root: Path) -> None:
    """Install a client, unless the pinned versions are installed. Raises InstallError."""
    folder = client.folder(root)
    if not client.packages:
        return
    if missing(client, root) is not None:
        folder.mkdir(parents=True, exist_ok=True)
        pins = [f"{name}=={version}" for name, version in client.packages.items()]
        if client.runtime == "python":
            venv.create(folder, with_pip=True)
            python = str(folder / "bin" / "python")
            quiet = ["--quiet", "--disable-pip-version-check"]
            _run(client, [python, "-m", "pip", "install", *quiet, *pins], folder)
        else:
            package = {"private": True, "type": "module", "dependencies": dict(client.packages)}
            (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n", "utf-8")
            npm = shutil.which("npm")
            if npm is None:
                raise InstallError(f"{client.title}: `npm` was not found: install Node.js")
            flags = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
            _run(client, [npm, "install", *flags], folder)
        (folder / _MARK).write_text(json.dumps(dict(client.packages)), "utf-8")
    refresh(client, root)


def refresh(client: Client, root: Path) -> None:
    """Copy this version's programs next to an installed client, where Node looks for packages.

    If the folder is not writable, the programs of the installation stay.
    """
    if client.runtime == "node":
        with contextlib.suppress(OSError):
            for program in programs().glob("*.mjs"):
                shutil.copy(program, client.folder(root))


def _run(client: Client, command: Sequence[str], folder: Path) -> None:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(f"{client.title}: {error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InstallError(f"{client.title}: {said[-1] if said else 'installation failed'}")
