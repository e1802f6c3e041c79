"""``handoff``: the folder from which a person posts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace
from creator_kit.cli.output import print_json, say, show_table
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.drafting import Draft
    from creator_kit.persona import Persona
    from creator_kit.review import Finding
    from creator_kit.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "handoff",
        help=_(
            "Write the hand-off pack of drafts: title, body, tags, images, a checklist and note.json. You post it."
            " Exit code 1 when something must still be done before posting; the pack is written all the same."
        ),
        epilog=_("Example: creator-kit handoff d1a2 --out 待发布"),
    )(handoff)


def handoff(
    drafts: Annotated[list[str], typer.Argument(metavar="DRAFT...", help=_("Drafts of this workspace, by id."))],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help=_("Where; else the workspace's handoff folder."))
    ] = None,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.drafting import draft_from_json
    from creator_kit.handoff import review_in_both, write_handoff
    from creator_kit.locale import current_language
    from creator_kit.persona import load_persona

    packs = []
    with enter_workspace(folder) as workspace:
        target = out or workspace.root / "handoff"
        forecasts = _last_forecasts(workspace)
        for draft_id in drafts:
            draft = draft_from_json(workspace.load_draft(draft_id))
            persona = load_persona(draft.persona, workspace.root) if draft.persona else None
            found = review_in_both(lambda draft=draft, pack=persona: _review(workspace, draft, pack))  # type: ignore[misc]
            pack = write_handoff(
                draft,
                target,
                images=[workspace.root / image for image in draft.images],
                findings=found[current_language()],
                forecast=forecasts.get(draft.draft_id),
                findings_in_both=found,
                persona=persona,
            )
            packs.append((draft, pack))
    if as_json:
        print_json(
            "handoffs",
            {
                "packs": [
                    {
                        "draft_id": draft.draft_id,
                        "folder": str(pack.folder),
                        "ready": pack.is_ready,
                        "n_to_do": pack.n_to_do,
                    }
                    for draft, pack in packs
                ]
            },
        )
    else:
        show_table(
            [_("Draft"), _("Title"), _("Ready"), (_("To do"), "right")],
            [
                (draft.draft_id, draft.title, _("yes") if pack.is_ready else _("not yet"), pack.n_to_do)
                for draft, pack in packs
            ],
        )
        for _draft, pack in packs:
            say(_("written: {path}").format(path=pack.folder))
    if not all(pack.is_ready for _draft, pack in packs):
        say("  → " + _("see checklist.md in the pack for what is left to do"))
        raise typer.Exit(1)


def _review(workspace: Workspace, draft: Draft, persona: Persona | None) -> list[Finding]:
    from creator_kit.drafting import review_draft
    from creator_kit.review import load_rules

    rules = load_rules(workspace.root, pack_root=persona.root if persona else None)
    return review_draft(draft, persona, rules)


def _last_forecasts(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """The newest forecast in the ledger of each draft."""
    newest: dict[str, tuple[str, dict[str, Any]]] = {}
    for text in workspace.list_forecasts():
        document = json.loads(text)
        made_at, draft_id = str(document["made_at"]), str(document["draft_id"])
        if draft_id not in newest or newest[draft_id][0] <= made_at:
            newest[draft_id] = (made_at, document["forecast"])
    return {draft_id: forecast for draft_id, (_made_at, forecast) in newest.items()}
