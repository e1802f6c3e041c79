"""Options that many commands share, so that they are spelled and explained the same everywhere."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from creator_kit.clock import BEIJING, parse_day
from creator_kit.errors import UsageError
from creator_kit.locale import _, use_language
from creator_kit.workspace import Workspace, find_workspace, open_workspace

JsonOption = Annotated[bool, typer.Option("--json", help=_("One JSON document on stdout instead of a table."))]
JsonLinesOption = Annotated[bool, typer.Option("--jsonl", help=_("One JSON object a line on stdout."))]
SeedOption = Annotated[
    int, typer.Option("--seed", envvar="CREATOR_KIT_SEED", help=_("Same seed and inputs, same bytes."), min=0)
]
TodayOption = Annotated[
    str | None,
    typer.Option("--today", envvar="CREATOR_KIT_TODAY", metavar="YYYY-MM-DD", help=_("Take this as today's date.")),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", metavar="DIR", help=_("The workspace; else the one at or above this folder.")),
]

LimitOption = Annotated[int, typer.Option("--limit", "-n", min=0, help=_("Show at most this many; 0 shows all."))]


def resolve_today(text: str | None) -> date:
    """The ``--today`` date, else today in Beijing."""
    if text is None:
        return datetime.now(BEIJING).date()
    try:
        return parse_day(text)
    except ValueError as error:
        raise UsageError(
            _("'{text}' is not a date").format(text=text), where="--today", hint=_("write it as 2026-11-24")
        ) from error


def resolve_now(text: str | None) -> datetime:
    """This moment in Beijing; with ``--today`` noon of that day, so that a fixed date gives fixed bytes."""
    if text is None:
        return datetime.now(BEIJING)
    day = resolve_today(text)
    return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING)


def enter_workspace(folder: Path | None) -> Workspace:
    """The workspace that a command works in; its language setting takes effect from here on."""
    from creator_kit.locale import detect_language

    workspace = open_workspace(folder or Path.cwd())
    use_language(detect_language(workspace.settings.language))
    return workspace


def find_root(folder: Path | None) -> Path | None:
    """The folder of the workspace that is named, or at or above this one; None where there is none to be found."""
    if folder is None and find_workspace(Path.cwd()) is None:
        return None
    with enter_workspace(folder) as workspace:
        return workspace.root
