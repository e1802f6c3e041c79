"""The READMEs cannot lie: their console blocks run, in order, in one new folder with a fixed date and seed.

``$ command`` lines are run; lines below one must stand in its output (``…`` stands for anything, a line of
``…`` for any lines). ``# exit 1`` at the end of a command says which exit code it has.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def steps(block: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line.rstrip())
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are written for a POSIX shell")
@pytest.mark.parametrize("name", READMES)
def test_console_blocks_run(name: str, tmp_path: Path) -> None:
    bin_dir = Path(sys.executable).parent
    if not (bin_dir / "creator-kit").exists():
        pytest.skip("creator-kit is not installed in this environment")
    environment = {
        **os.environ,
        "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
        "CREATOR_KIT_LANG": "zh" if "zh" in name else "en",
        "CREATOR_KIT_TODAY": "2026-11-24",
        "CREATOR_KIT_SEED": "7",
        "COLUMNS": "80",
    }
    for block in blocks(name, "console"):
        for command, expected in steps(block):
            command, _, code = command.partition("  # exit ")
            run = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
            )
            shown = run.stdout + run.stderr
            assert run.returncode == int(code or 0), f"$ {command}\n{shown}"
            lines = [" ".join(line.split()) for line in shown.splitlines()]
            for want in (" ".join(line.split()) for line in expected):
                pattern = ".*".join(map(re.escape, want.split("…")))
                assert any(re.fullmatch(pattern, line) for line in lines), f"$ {command}\nno line {want!r} in\n{shown}"


def test_both_languages_show_the_same_commands() -> None:
    commands = [
        [command for block in blocks(name, "console") for command, _ in steps(block)] + blocks(name, "sh")
        for name in READMES
    ]
    assert commands[0]
    assert commands[0] == commands[1]


@pytest.mark.parametrize("name", READMES)
def test_pictures_and_links_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), f"{name} links to {target}, which is not there"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_ci_finds_the_test_command() -> None:
    script = "sed -n '/<!-- test command -->/,/^```$/p' README.md | sed -e '/^<!--/d' -e '/^```/d'"
    run = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pytest" in run.stdout
    assert run.stdout in (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
