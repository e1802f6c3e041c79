"""Data flows left to right: a room imports only rooms to its left."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import creator_kit

PACKAGE = Path(creator_kit.__file__).parent
# Under all of them, in their own order.
GROUND = ["locale", "errors", "clock", "datafiles", "kept", "paths", "workers", "workspace"]
ROOMS = [
    "text",
    "corpus",
    "mining",
    "persona",
    "review",
    "drafting",
    "cover",
    "exposure",
    "planning",
    "handoff",
    "report",
    "tour",
]
ORDER = [*GROUND, *ROOMS, "cli"]
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def room_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("creator_kit.")}
    return rooms - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_rooms_to_the_left(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    place = ORDER.index(room)
    wrong = {other for other in imported_rooms(path) if ORDER.index(other) > place}
    assert not wrong, f"{room} imports {sorted(wrong)}, which lies to its right"


def third_party(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_cli_talks_to_a_terminal_and_only_the_workspace_to_sql(path: Path) -> None:
    room, names = room_of(path), third_party(path)
    if room != "cli":
        assert not names & {"typer", "rich"}
    if room == "corpus":
        return  # readers open other programs' SQLite exports
    if room != "workspace":
        assert not names & {"sqlite3", "sqlite_utils"}


def test_only_paths_and_locale_know_where_the_package_lies() -> None:
    users = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        if any(
            isinstance(node, ast.Name) and node.id == "__file__"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    }
    assert users == {"paths.py", "locale/__init__.py"}
