"""The console blocks of a page of docs/, run as a person would type them."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app

ROOT = Path(__file__).resolve().parents[2]


def read_blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of ``docs/<name>`` in that language, in order."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def walk_docs(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, today: str) -> int:
    """Run the ``$ commands`` of ``docs/<name>`` from ``folder`` and look for the lines below each in what it printed
    (``…`` stands for anything); the number of commands."""
    n_commands = 0
    shown, lines = "", [""]
    for line in (line for block in read_blocks(name, "console") for line in block.splitlines()):
        if line.startswith("$ "):
            n_commands += 1
            shown = _type(line[2:], folder, monkeypatch, today)
            lines = [" ".join(part.split()) for part in shown.splitlines()]
        elif line.strip():
            pattern = ".*".join(re.escape(part) for part in " ".join(line.split()).split("…"))
            assert any(re.fullmatch(pattern, part) for part in lines), f"no line {line!r} in\n{shown}"
    return n_commands


def _type(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch, today: str) -> str:
    """Run a line of the docs as a shell would, our own commands in this process (a start costs half a second)."""
    command, _, code = line.partition("  # exit ")
    output = ""
    for part in command.split(" && "):
        words = shlex.split(part)
        env = {"CREATOR_KIT_LANG": "en", "CREATOR_KIT_TODAY": today, "COLUMNS": "80"}
        while "=" in words[0]:
            name, value = words.pop(0).split("=", 1)
            env[name] = value
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0] == "creator-kit":
            monkeypatch.chdir(folder)
            result = CliRunner().invoke(app, words[1:], env=env)
            assert result.exit_code == int(code or 0), f"$ {command}\n{result.output}"
            output += result.output
        else:
            subprocess.run(part, shell=True, cwd=folder, check=True)
    return output
