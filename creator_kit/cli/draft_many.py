"""``draft --brief``: one draft a brief, as JSON lines that an interrupted run goes on with."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from creator_kit.cli.draft_covers import count_briefs
from creator_kit.cli.draft_recipe import save_draft
from creator_kit.cli.output import print_json, print_text_line, progress, say, show_table
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.drafting import DrafterRecipe
    from creator_kit.workspace import Workspace


def draft_many(
    recipe: DrafterRecipe,
    source: str,
    workspace: Workspace | None,
    day: date,
    *,
    out: Path | None,
    n_workers: int,
    as_json: bool,
    as_lines: bool,
) -> bool:
    import json

    from creator_kit.drafting import BatchFile, draft_batch, iter_briefs

    items = iter_briefs(source)
    tally = {"draft": 0, "failure": 0, "blocked": 0, "no_cover": 0}
    kept: list[dict[str, Any]] = []

    def take(text: str) -> None:
        table = json.loads(text)
        tally[table["kind"]] += 1
        tally["blocked"] += bool(table["kind"] == "draft" and table["draft"]["blocked"])
        tally["no_cover"] += bool(table["kind"] == "draft" and "cover_error" in table["draft"]["extra"])
        if as_lines:
            print_text_line(text)
        else:
            kept.append(table)

    with ExitStack() as stack:
        stream: IO[str] | None = None
        file = BatchFile(out, recipe.digest_inputs(day)) if out is not None else None
        n_done = 0
        if file is not None:
            n_done = len(file.done)
            items = file.skip_done(items)
            stream = stack.enter_context(file.writing())
            for text in file.done:
                take(text)
        if n_done:
            say(_("resuming: {n} briefs were drafted before").format(n=n_done))
        n_briefs = count_briefs(source)
        advance = stack.enter_context(progress(_("drafting"), n_briefs))
        advance(n_done)
        lines = draft_batch(recipe, items, today=day, n_workers=n_workers, first_number=n_done + 1)
        try:
            for line in lines:
                text = line.to_json()
                if stream is not None:
                    stream.write(text + "\n")
                    stream.flush()
                if line.draft is not None:
                    save_draft(workspace, line.draft)
                take(text)
                advance(1)
        except KeyboardInterrupt:
            if stream is not None:
                n_done = tally["draft"] + tally["failure"]
                say(_("the same command goes on behind the {n} briefs that are done").format(n=n_done))
            raise
    if as_json:
        print_json("drafts", {"results": kept})
    elif not as_lines:
        _show_batch(kept)
    say(
        _("{n} drafted, {failed} failed, {blocked} may not be posted yet").format(
            n=tally["draft"], failed=tally["failure"], blocked=tally["blocked"]
        )
    )
    if tally["no_cover"]:
        say(_("{n} covers could not be drawn; their lines say why").format(n=tally["no_cover"]))
    return bool(tally["failure"] or tally["blocked"] or tally["no_cover"])


def _show_batch(tables: list[dict[str, Any]]) -> None:
    show_table(
        [("", "right"), _("Draft"), _("Title"), (_("Titles"), "right"), (_("Gaps"), "right")],
        [
            (
                table["number"],
                table["draft"]["draft_id"],
                table["draft"]["title"],
                len(table["draft"]["titles"]),
                len(table["draft"]["missing"]) or "",
            )
            for table in tables
            if table["kind"] == "draft"
        ],
    )
    for table in tables:
        if table["kind"] == "failure":
            say(_("failed: {where}: {error}").format(where=table["where"], error=table["error"]))
