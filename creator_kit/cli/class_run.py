"""The same command over many workspaces: one table, one JSON document, or one JSON line a creator as it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from creator_kit.cli.output import print_json, print_json_line, progress, say_error
from creator_kit.errors import CreatorKitError
from creator_kit.locale import _
from creator_kit.workspace import Workspace

AllOption = Annotated[
    Path | None, typer.Option("--all", metavar="DIR", help=_("All workspaces in this folder: one table for a class."))
]
Row = dict[str, Any]


def run_class(
    root: Path,
    ask: Callable[[Workspace], Row],
    show_rows: Callable[[Sequence[Row]], None],
    *,
    kind: str,
    label: str,
    as_json: bool,
    as_lines: bool,
) -> None:
    """Print what ``ask`` says of each workspace in ``root``. One that cannot be read is told and the others go on;
    then the exit code is 1. ``kind`` names the JSON document, ``label`` the progress bar."""
    from creator_kit.planning.account import find_workspaces

    folders = find_workspaces(root)
    rows: list[Row] = []
    failures = 0
    with progress(label, len(folders)) as advance:
        for folder in folders:
            try:
                with Workspace(folder) as home:
                    row = {"creator": folder.name, **ask(home)}
            except CreatorKitError as error:
                failures += 1
                say_error(f"{folder.name}: {error}")
                continue
            finally:
                advance(1)
            rows.append(row)
            if as_lines:
                print_json_line(row)
    if as_json:
        print_json(kind, {"creators": rows, "n_failures": failures})
    elif not as_lines:
        show_rows(rows)
    if failures:
        raise typer.Exit(1)
