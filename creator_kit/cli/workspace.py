"""``init``, and the way that ``creator-kit`` alone shows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from creator_kit.cli.output import say
from creator_kit.locale import _, current_language
from creator_kit.workspace import init_workspace


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    app.command("init", help=_("Make a folder a workspace: creator.toml and kit.db."))(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help=_("The folder; it is made if need be."))] = Path(),
) -> None:
    workspace = init_workspace(folder.resolve(), language=current_language())
    workspace.close()
    say(_("workspace ready: {path}").format(path=workspace.root))
    say("  → " + _("next: creator-kit corpus add FILE..."))


def show_way() -> None:
    """The stages in order and the next sensible command for this workspace."""
    say("")
