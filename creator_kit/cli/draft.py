"""``draft``: titles, body and topics for a brief or for many; ``drafts``: what was drafted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creator_kit.cli.draft_covers import BATCH_NAME, with_covers, with_model
from creator_kit.cli.draft_many import draft_many
from creator_kit.cli.draft_recipe import find_workspace_at, make_recipe, save_draft, say_next
from creator_kit.cli.draft_saved import drafts, offer_alternatives, refill_saved
from creator_kit.cli.draft_view import show_draft
from creator_kit.cli.options import JsonOption, SeedOption, TodayOption, WorkspaceOption, resolve_today
from creator_kit.cli.output import print_json, print_text_line
from creator_kit.errors import UsageError
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.drafting import Brief, DrafterRecipe
    from creator_kit.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    app.command(
        "draft",
        help=_(
            "Titles, body and topics for a note. Only what the brief or the persona pack says is stated;"
            " what is missing stays ［待补：…］."
        ),
        epilog=_("Example: creator-kit draft 番茄牛腩 -p dorm-cook --step 牛腩冷水下锅 --step 小火炖软"),
    )(draft)
    app.command(
        "drafts",
        help=_("List the drafts of this workspace, or show one again."),
        epilog=_("Example: creator-kit drafts d1a2"),
    )(drafts)


def draft(
    topic: Annotated[str | None, typer.Argument(metavar="TOPIC", help=_("What the note is about."))] = None,
    brief_file: Annotated[
        str | None,
        typer.Option("--brief", metavar="FILE|-", help=_("Briefs from JSON lines or TOML; - reads stdin.")),
    ] = None,
    point: Annotated[list[str] | None, typer.Option("--point", help=_("A point to make; again for more."))] = None,
    step: Annotated[list[str] | None, typer.Option("--step", help=_("A step, in order; again for more."))] = None,
    number: Annotated[
        list[str] | None, typer.Option("--number", help=_("A figure with its unit: 40分钟, 155cm, 5套."))
    ] = None,
    price: Annotated[list[str] | None, typer.Option("--price", help=_("A price: 一顿15元."))] = None,
    place: Annotated[list[str] | None, typer.Option("--place", help=_("Where it happened."))] = None,
    audience: Annotated[str, typer.Option("--audience", help=_("Whom it is for: 住校生."))] = "",
    scenario: Annotated[str, typer.Option("--scenario", help=_("The situation: 一人食."))] = "",
    goal: Annotated[str, typer.Option("--goal", help=_("What the note is to do: 收藏, 评论, 关注, 避坑."))] = "",
    sponsor: Annotated[
        str, typer.Option("--sponsor", help=_("Who pays for it; the draft then says so in its first line."))
    ] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", help=_("A topic of your own; again for more."))] = None,
    persona: Annotated[
        str | None, typer.Option("--persona", "-p", metavar="NAME|DIR", help=_("The persona pack."))
    ] = None,
    n: Annotated[int, typer.Option("--n", min=1, max=50, help=_("How many titles."))] = 5,
    refill: Annotated[
        str | None,
        typer.Option("--refill", metavar="DRAFT", help=_("Put your fill-ins into the gaps of a saved draft.")),
    ] = None,
    fill: Annotated[
        list[str] | None,
        typer.Option("--fill", help=_("A fill-in, in the order of the gaps; at a terminal you are asked.")),
    ] = None,
    shape: Annotated[
        str, typer.Option("--shape", help=_("Shape of the body: list, steps, diary, pitfalls, qa; else the brief's."))
    ] = "",
    seed: SeedOption = 0,
    today: TodayOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE|DIR",
            help=_("Also write the draft (JSON), or all (JSON lines; an interrupted run goes on); with --covers DIR."),
        ),
    ] = None,
    covers: Annotated[
        bool, typer.Option("--covers", help=_("With --brief and --out DIR: draw each draft's cover too."))
    ] = False,
    alternatives: Annotated[
        str | None,
        typer.Option(
            "--alternatives", metavar="PART", help=_("Only other versions of one part: title, hook, closing or tags.")
        ),
    ] = None,
    of: Annotated[
        str | None, typer.Option("--of", metavar="DRAFT", help=_("With --alternatives: of this saved draft."))
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help=_("Let a model of the llm library reword within the same gates (extra llm; the AI label follows)."),
        ),
    ] = None,
    model_timeout: Annotated[
        float, typer.Option("--model-timeout", min=1, metavar="SECONDS", help=_("Wait this long for an answer."))
    ] = 60.0,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help=_("Processes that draft, with --brief."))
    ] = 1,
    as_json: JsonOption = False,
    as_lines: Annotated[bool, typer.Option("--jsonl", help=_("One JSON object a brief on stdout."))] = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.drafting import parse_brief

    given = {
        "points": point or [],
        "steps": step or [],
        "numbers": number or [],
        "prices": price or [],
        "places": place or [],
        "audience": audience,
        "scenario": scenario,
        "goal": goal,
        "sponsor": sponsor,
        "tags": tag or [],
    }
    if refill is not None:
        if topic is not None or brief_file is not None or any(given.values()):
            raise UsageError(_("--refill takes a saved draft; leave the topic and the brief out"))
        refill_saved(refill, fill or [], folder, as_json=as_json)
        return
    if fill:
        raise UsageError(_("--fill goes with --refill DRAFT"))
    if of is not None and alternatives is None:
        raise UsageError(_("--of goes with --alternatives PART"))
    if alternatives is not None:
        if brief_file is not None or (topic is None) == (of is None):
            raise UsageError(_("--alternatives takes a topic with its points, or --of DRAFT"))
        if model is not None:
            raise UsageError(_("--alternatives are the pack's and the templates' own; leave --model out"))
        settings = {"n": n, "seed": seed, "shape": shape}
        offer_alternatives(alternatives, of, topic, given, persona, folder, today, settings, as_json=as_json)
        return
    if covers and (brief_file is None or out is None):
        raise UsageError(
            _("--covers goes with --brief FILE and --out DIR"), hint=_("for one draft: creator-kit cover DRAFT")
        )
    if (topic is None) == (brief_file is None):
        raise UsageError(
            _("give a topic, or --brief FILE, and not both"),
            hint=_("creator-kit draft 番茄牛腩 --point 番茄去皮炒出沙"),
        )
    if brief_file is not None and any(given.values()):
        raise UsageError(_("--brief takes everything from the file; leave --point and its like out"))
    if as_json and as_lines:
        raise UsageError(_("--json gives one document and --jsonl many lines: choose one"))
    workspace = find_workspace_at(folder)
    try:
        day = resolve_today(today)
        recipe = make_recipe(workspace, persona, n=n, seed=seed, shape=shape, day=day)
        if model is not None:
            recipe = with_model(recipe, model, model_timeout)
        if covers and out is not None:
            recipe = with_covers(recipe, out, workspace)
            out = out / BATCH_NAME
        if brief_file is not None:
            failed = draft_many(
                recipe, brief_file, workspace, day, out=out, n_workers=workers, as_json=as_json, as_lines=as_lines
            )
        else:
            brief = parse_brief({"topic": topic, **given}, where=_("the command line"))
            failed = draft_one(recipe, brief, workspace, day, out=out, as_json=as_json, as_lines=as_lines)
    finally:
        if workspace is not None:
            workspace.close()
    if failed:
        raise typer.Exit(1)


def draft_one(
    recipe: DrafterRecipe,
    brief: Brief,
    workspace: Workspace | None,
    day: date,
    *,
    out: Path | None,
    as_json: bool,
    as_lines: bool,
) -> bool:
    from creator_kit.datafiles import write_text
    from creator_kit.drafting import BatchLine, draft_to_json

    one = recipe.draft(brief, today=day)
    if out is not None:
        write_text(out, draft_to_json(one))
    is_saved = save_draft(workspace, one)
    if as_json:
        print_json("draft", {"draft": asdict(one)})
    elif as_lines:
        print_text_line(BatchLine(1, one).to_json())
    else:
        show_draft(one)
    if is_saved:
        say_next(one, workspace, out)
    return bool(one.blocked)
