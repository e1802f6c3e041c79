"""``draft``: titles, body and topics for a brief or for many; ``drafts``: what was drafted."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.draft_covers import BATCH_NAME, count_briefs, with_covers, with_model
from creator_kit.cli.draft_view import show_draft, summarise_draft
from creator_kit.cli.options import JsonOption, SeedOption, TodayOption, WorkspaceOption, enter_workspace, resolve_today
from creator_kit.cli.output import print_json, progress, say, show_table
from creator_kit.errors import UsageError
from creator_kit.locale import _
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from creator_kit.corpus import Note
    from creator_kit.drafting import Brief, Draft, DrafterRecipe
    from creator_kit.workspace import Workspace

DEFAULT_PERSONA = "blank"


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
        _refill(refill, fill or [], folder, as_json=as_json)
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
        _offer(alternatives, of, topic, given, persona, folder, today, n=n, seed=seed, shape=shape, as_json=as_json)
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
    workspace = _find_workspace(folder)
    try:
        day = resolve_today(today)
        recipe = _make_recipe(workspace, persona, n=n, seed=seed, shape=shape, day=day)
        if model is not None:
            recipe = with_model(recipe, model, model_timeout)
        if covers and out is not None:
            recipe = with_covers(recipe, out, workspace)
            out = out / BATCH_NAME
        if brief_file is not None:
            failed = _draft_many(
                recipe, brief_file, workspace, day, out=out, n_workers=workers, as_json=as_json, as_lines=as_lines
            )
        else:
            brief = parse_brief({"topic": topic, **given}, where=_("the command line"))
            failed = _draft_one(recipe, brief, workspace, day, out=out, as_json=as_json, as_lines=as_lines)
    finally:
        if workspace is not None:
            workspace.close()
    if failed:
        raise typer.Exit(1)


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


def print_line(text: str) -> None:
    """One line on stdout, flushed, so that a reader of a pipe sees it at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _refill(draft_id: str, texts: list[str], folder: Path | None, *, as_json: bool) -> None:
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
        _save(workspace, one)
        if as_json:
            print_json("draft", {"draft": asdict(one)})
        else:
            show_draft(one)
        _say_next(one, workspace, None)
    if one.blocked:
        raise typer.Exit(1)


def _offer(
    part: str,
    draft_id: str | None,
    topic: str | None,
    given: dict[str, Any],
    persona: str | None,
    folder: Path | None,
    today: str | None,
    *,
    n: int,
    seed: int,
    shape: str,
    as_json: bool,
) -> None:
    from creator_kit.drafting import draft_from_json, list_alternatives, parse_brief

    workspace = enter_workspace(folder) if draft_id is not None else _find_workspace(folder)
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
        recipe = _make_recipe(workspace, persona, n=n, seed=seed, shape=shape, day=day)
        found = list_alternatives(recipe.drafter, brief, part, n=n, today=day, without=without)
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


def _find_workspace(folder: Path | None) -> Workspace | None:
    if folder is not None or find_workspace(Path.cwd()) is not None:
        return enter_workspace(folder)
    return None


def _make_recipe(
    workspace: Workspace | None, persona_name: str | None, *, n: int, seed: int, shape: str, day: date
) -> DrafterRecipe:
    from creator_kit.drafting import DrafterRecipe, DraftOptions
    from creator_kit.mining import load_library
    from creator_kit.persona import load_persona

    root = workspace.root if workspace is not None else None
    name = persona_name or (workspace.settings.persona if workspace is not None else "")
    if not name:
        name = DEFAULT_PERSONA
        say(_("no persona chosen: a neutral voice writes; `creator-kit persona list` shows the packs"))
    elif persona_name is None and root is not None and (root / name).is_dir():
        name = str(root / name)  # creator.toml may name a folder beside it
    known, tags = _known_texts(workspace, day) if workspace is not None else ((), ())
    return DrafterRecipe(
        load_persona(name, root),
        tuple(load_library(root)),
        DraftOptions(n_titles=n, seed=seed, shape=shape),
        known=known,
        user_root=root,
        corpus_tags=tags,
    )


def _known_texts(
    workspace: Workspace, day: date
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, int], ...]]:
    """(id, title, body) of what no draft may copy, and the corpus's tags with their numbers of notes.

    Of drafts of earlier days the titles count; today's are left out, so that a rerun gives the same. An author's
    own bodies share the pack's sentences and are not held against each other.
    """
    from creator_kit.corpus.store import iter_notes
    from creator_kit.drafting import count_tags, draft_from_json

    texts: list[tuple[str, str, str]] = []

    def pass_on() -> Iterator[Note]:
        for note in iter_notes(workspace):
            if note.title or note.body:
                texts.append((note.note_id, note.title, note.body))
            yield note

    tags = count_tags(pass_on())
    drafts = (draft_from_json(document) for document in workspace.list_drafts())
    texts += [(one.draft_id, one.title, "") for one in drafts if one.created_on < day.isoformat()]
    return tuple(texts), tuple(tags.items())


def _draft_one(
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
    _save(workspace, one)
    if as_json:
        print_json("draft", {"draft": asdict(one)})
    elif as_lines:
        print_line(BatchLine(1, one).to_json())
    else:
        show_draft(one)
    _say_next(one, workspace, out)
    return bool(one.blocked)


def _draft_many(
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
            print_line(text)
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
        for line in lines:
            text = line.to_json()
            if stream is not None:
                stream.write(text + "\n")
                stream.flush()
            if line.draft is not None:
                _save(workspace, line.draft)
            take(text)
            advance(1)
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


def _save(workspace: Workspace | None, one: Draft) -> None:
    if workspace is not None:
        from creator_kit.drafting import draft_to_json

        workspace.save_draft(one.draft_id, topic=one.topic, created_on=one.created_on, document=draft_to_json(one))


def _say_next(one: Draft, workspace: Workspace | None, out: Path | None) -> None:
    if workspace is not None:
        say(_("saved as {id}").format(id=one.draft_id))
        say("  → " + _("next: creator-kit cover {id}").format(id=one.draft_id))
    elif out is not None:
        say(_("written to {path}").format(path=out))
    else:
        say(_("not saved: no workspace here (creator-kit init) and no --out FILE"))
