"""What is done with a saved draft: list and show it, fill its gaps, offer other versions of a part."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from creator_kit.cli.draft_recipe import find_workspace_at, make_recipe, save_draft, say_next
from creator_kit.cli.draft_view import show_draft, summarise_draft
from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace, resolve_today
from creator_kit.cli.output import print_json, say, show_table
from creator_kit.locale import _


def drafts(
    draft_id: Annotated[str | None, typer.Argument(metavar="DRAFT", help=_("A draft's id or its beginning."))] = None,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.drafting import draft_from_json

    with enter_workspace(folder) as workspace:
        if draft_id is not None:
            one = draft_from_json(workspace.load_draft(draft_id))
            if as_json:
                print_json("draft", {"draft": asdict(one)})
            else:
                show_draft(one)
            return
        found = [draft_from_json(document) for document in workspace.list_drafts()]
    if as_json:
        print_json("drafts", {"drafts": [summarise_draft(one) for one in found]})
        return
    if not found:
        say(_("no drafts yet: creator-kit draft TOPIC"))
        return
    show_table(
        [_("Draft"), _("Date"), _("Title"), _("Persona"), (_("Gaps"), "right")],
        [(one.draft_id, one.created_on, one.title, one.persona, len(one.missing) or "") for one in found],
    )


def refill_saved(draft_id: str, texts: list[str], folder: Path | None, *, as_json: bool) -> None:
    from dataclasses import replace

    from creator_kit.drafting import describe_blocks, draft_from_json, refill_draft, review_draft
    from creator_kit.persona import load_persona
    from creator_kit.review import load_rules

    with enter_workspace(folder) as workspace:
        before = draft_from_json(workspace.load_draft(draft_id))
        if not texts and before.missing and sys.stdin.isatty():
            texts = [typer.prompt(gap, default="", show_default=False) for gap in before.missing]
        one = refill_draft(before, texts)
        persona = load_persona(one.persona, workspace.root) if one.persona else None
        rules = load_rules(workspace.root, pack_root=persona.root if persona else None)
        one = replace(one, blocked=describe_blocks(review_draft(one, persona, rules)))
        save_draft(workspace, one)
        if as_json:
            print_json("draft", {"draft": asdict(one)})
        else:
            show_draft(one)
        say_next(one, workspace, None)
    if one.blocked:
        raise typer.Exit(1)


def offer_alternatives(
    part: str,
    draft_id: str | None,
    topic: str | None,
    given: dict[str, Any],
    persona: str | None,
    folder: Path | None,
    today: str | None,
    settings: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    from creator_kit.drafting import draft_from_json, list_alternatives, parse_brief

    workspace = enter_workspace(folder) if draft_id is not None else find_workspace_at(folder)
    without: tuple[str, ...] = ()
    try:
        if draft_id is not None and workspace is not None:
            saved = draft_from_json(workspace.load_draft(draft_id))
            brief, persona = saved.brief, persona or saved.persona
            lines = tuple(fill.text for fill in saved.body_fills)
            without = (saved.title, *(item.title for item in saved.titles), *saved.tags, *lines)
        else:
            brief = parse_brief({"topic": topic, **given}, where=_("the command line"))
        day = resolve_today(today)
        recipe = make_recipe(workspace, persona, day=day, **settings)
        found = list_alternatives(recipe.drafter, brief, part, n=settings["n"], today=day, without=without)
    finally:
        if workspace is not None:
            workspace.close()
    if as_json:
        print_json("alternatives", {"part": part, "alternatives": [asdict(item) for item in found]})
    elif found:
        show_table(
            [("", "right"), _("Text"), _("Source")],
            [(number, item.text, item.source) for number, item in enumerate(found, start=1)],
        )
    if not found:
        say(_("nothing else fits: add points, or lines to the persona pack"))
        raise typer.Exit(1)
