"""The READMEs cannot lie: their console blocks run, in order, in one new folder with a fixed date and seed.

``$ command`` lines are run; lines below one must stand in its output (``…`` stands for anything, a line of
``…`` for any lines). ``# exit 1`` at the end of a command says which exit code it has.
A block with ../笔记列表明细表.xlsx runs with the sheet of a real account, on the day after its last note.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")


OWN_SHEET = "creator_centre/笔记列表明细表_41rows.xlsx"


def write_own_sheets(shared: Path, folder: Path) -> None:
    """The sheet of a real account, and the one of a week later: every note has grown, and one more is out."""
    first = folder / "笔记列表明细表.xlsx"
    shutil.copyfile(shared / "raw" / OWN_SHEET, first)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the real sheet has no default style
        book = openpyxl.load_workbook(first)
    sheet = book.active
    for row in sheet.iter_rows(min_row=3):
        for cell in row[3:11]:
            if cell.column != 6 and isinstance(cell.value, float):
                cell.value = float(round(cell.value * 1.1))
    sheet.insert_rows(3)
    posted = ("番茄牛腩，一个人也要炖", "2026年07月14日20时03分11秒", "图文", 2100, 320, 0.12, 61, 2, 18, 1, 1, 9, 0)
    for column, value in enumerate(posted, 1):
        sheet.cell(3, column, value)
    book.save(folder / "一周后的明细表.xlsx")


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
@pytest.mark.parametrize(
    ("name", "own_sheet"),
    # The Chinese README shows nothing of the walk with an own sheet but its commands, which the English one runs.
    [("README.md", False), ("README.zh-CN.md", False), ("README.md", True)],
    ids=["en", "zh", "own-sheet"],
)
def test_console_blocks_run(name: str, own_sheet: bool, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if own_sheet:
        write_own_sheets(request.getfixturevalue("shared"), tmp_path)
    bin_dir = Path(sys.executable).parent
    if not (bin_dir / "creator-kit").exists():
        pytest.skip("creator-kit is not installed in this environment")
    environment = {
        **os.environ,
        "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
        "CREATOR_KIT_LANG": "zh" if "zh" in name else "en",
        "CREATOR_KIT_TODAY": "2026-07-12" if own_sheet else "2026-11-24",
        "CREATOR_KIT_SEED": "7",
        "COLUMNS": "80",
    }
    folder = tmp_path
    for block in blocks(name, "console"):
        if ("../笔记列表明细表.xlsx" in block) != own_sheet:
            continue
        for command, expected in steps(block):
            if command.startswith("cd "):
                folder = folder / command[3:]
                continue
            command, _, code = command.partition("  # exit ")
            run = subprocess.run(
                command, shell=True, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
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
