"""``init``, and the way that ``creator-kit`` alone shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from creator_kit.cli.options import enter_workspace
from creator_kit.cli.output import say, show, show_table
from creator_kit.errors import UsageError
from creator_kit.locale import _, current_language
from creator_kit.workspace import Settings, Workspace, find_workspace, init_workspace


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    app.command(
        "init",
        help=_("Make a folder a workspace: creator.toml and kit.db."),
        epilog=_("Example: creator-kit init 我的账号 --persona dorm-cook --grade 3"),
    )(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help=_("The folder; it is made if need be."))] = Path(),
    account: Annotated[str, typer.Option("--account", help=_("A name for your account."))] = "me",
    persona: Annotated[
        str, typer.Option("--persona", "-p", metavar="NAME|DIR", help=_("The persona pack to draft with."))
    ] = "",
    grade: Annotated[int, typer.Option("--grade", min=0, max=10, help=_("Your grade as the app shows it."))] = 0,
    followers: Annotated[int, typer.Option("--followers", min=0, help=_("How many followers you have."))] = 0,
) -> None:
    existed = find_workspace(folder.resolve()) == folder.resolve()
    settings = Settings(account=account, persona=persona, language=current_language(), followers=followers, grade=grade)
    if existed and settings != Settings(language=settings.language):
        raise UsageError(
            _("already a workspace: {path}").format(path=folder.resolve()),
            hint=_("its settings are in {file}; change them there").format(file=folder.resolve() / "creator.toml"),
        )
    if persona:
        from creator_kit.persona import load_persona

        load_persona(persona, folder.resolve())
    workspace = init_workspace(folder.resolve(), settings=settings)
    workspace.close()
    message = _("already a workspace: {path}") if existed else _("workspace ready: {path}")
    say(message.format(path=workspace.root))
    say("  → " + _("next: creator-kit corpus add FILE... (in that folder)"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the way: what the workspace holds of it and the command that makes more."""

    name: str
    holds: str
    command: str
    is_done: bool
    is_needed: bool = True


def show_way() -> None:
    """The stages in order and the next sensible command for this workspace."""
    root = find_workspace(Path.cwd())
    if root is None:
        stages = _list_stages(None)
        next_command = "creator-kit tour"
        why = _("no workspace here yet: see the whole way on what ships in the box, or begin: creator-kit init")
    else:
        with enter_workspace(root) as workspace:
            stages = _list_stages(workspace)
        waiting = next((stage for stage in stages if stage.is_needed and not stage.is_done), None)
        next_command = waiting.command if waiting else "creator-kit draft TOPIC"
        why = _("workspace: {path}").format(path=root)
    show_table(
        [_("Stage"), _("Here"), _("Command")],
        [("✓ " + stage.name if stage.is_done else "· " + stage.name, stage.holds, stage.command) for stage in stages],
    )
    show("")
    show(why)
    show(_("next: {command}").format(command=next_command))
    show(_("all commands: creator-kit --help"))


def _list_stages(workspace: Workspace | None) -> list[Stage]:
    notes = own = drafts = forecasts = templates = covers = packs = 0
    if workspace is not None:
        notes, own = workspace.count_notes(own=False), workspace.count_notes(own=True)
        drafts, forecasts = workspace.count_rows("drafts"), workspace.count_rows("forecasts")
        templates = len(list((workspace.root / "templates" / "titles").glob("*.toml")))
        # Inner pages are named after their cover: ID.png, ID-2.png.
        covers = len({path.stem.partition("-")[0] for path in (workspace.root / "covers").rglob("*.png")})
        packs = len(list((workspace.root / "handoff").glob("*/note.json")))
    mined = _("mined here") if templates else _("the shipped library")
    return [
        Stage(_("corpus"), _("{n} notes").format(n=notes), "creator-kit corpus add FILE...", notes > 0),
        Stage(_("own results"), _("{n} notes").format(n=own), "creator-kit results add FILE...", own > 0, False),
        Stage(_("templates"), mined, "creator-kit mine", templates > 0),
        Stage(_("drafts"), _("{n} drafts").format(n=drafts), "creator-kit draft TOPIC", drafts > 0),
        Stage(_("covers"), _("{n} covers").format(n=covers), "creator-kit cover DRAFT", covers > 0),
        Stage(_("review"), "", "creator-kit review DRAFT", packs > 0),
        Stage(_("exposure"), _("{n} forecasts").format(n=forecasts), "creator-kit simulate DRAFT", forecasts > 0),
        Stage(_("hand-off"), _("{n} packs").format(n=packs), "creator-kit handoff DRAFT", packs > 0),
    ]
