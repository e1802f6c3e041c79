"""``draft``: titles, body and topics for a brief or for many; ``drafts``: what was drafted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, SeedOption, TodayOption, WorkspaceOption, enter_workspace, resolve_today
from creator_kit.cli.output import print_json, print_json_line, say, show, show_table
from creator_kit.errors import CreatorKitError, UsageError
from creator_kit.locale import _, ngettext
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.drafting import Brief, Draft, Drafter
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
        epilog=_(
            "Example: creator-kit draft 番茄牛腩 -p dorm-cook --step 牛腩冷水下锅 --step 小火炖软"
        ),
    )(draft)
    app.command(
        "drafts",
        help=_("List the drafts of this workspace, or show one again."),
        epilog=_("Example: creator-kit drafts d1a2"),
    )(drafts)


def draft(
    topic: Annotated[str | None, typer.Argument(metavar="[TOPIC]", help=_("What the note is about."))] = None,
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
    shape: Annotated[
        str, typer.Option("--shape", help=_("Shape of the body: list, steps, diary, pitfalls, qa; else the brief's."))
    ] = "",
    seed: SeedOption = 0,
    today: TodayOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("Also write the draft (JSON), or all (JSON lines)."))
    ] = None,
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
        drafter = _make_drafter(workspace, persona, n=n, seed=seed, shape=shape, day=day)
        if brief_file is not None:
            failed = _draft_many(drafter, brief_file, workspace, day, out=out, as_json=as_json, as_lines=as_lines)
        else:
            brief = parse_brief({"topic": topic, **given}, where=_("the command line"))
            failed = _draft_one(drafter, brief, workspace, day, out=out, as_json=as_json, as_lines=as_lines)
    finally:
        if workspace is not None:
            workspace.close()
    if failed:
        raise typer.Exit(1)


def drafts(
    draft_id: Annotated[str | None, typer.Argument(metavar="[DRAFT]", help=_("A draft's id or its beginning."))] = None,
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
                _show_draft(one)
            return
        found = [draft_from_json(document) for document in workspace.list_drafts()]
    if as_json:
        print_json("drafts", {"drafts": [_summary(one) for one in found]})
        return
    if not found:
        say(_("no drafts yet: creator-kit draft TOPIC"))
        return
    show_table(
        [_("Draft"), _("Date"), _("Title"), _("Persona"), (_("Gaps"), "right")],
        [(one.draft_id, one.created_on, one.title, one.persona, len(one.missing) or "") for one in found],
    )


def _find_workspace(folder: Path | None) -> Workspace | None:
    if folder is not None or find_workspace(Path.cwd()) is not None:
        return enter_workspace(folder)
    return None


def _make_drafter(
    workspace: Workspace | None, persona_name: str | None, *, n: int, seed: int, shape: str, day: date
) -> Drafter:
    from creator_kit.drafting import Drafter, DraftOptions
    from creator_kit.mining import load_library
    from creator_kit.persona import load_persona
    from creator_kit.review import load_rules

    root = workspace.root if workspace is not None else None
    name = persona_name or (workspace.settings.persona if workspace is not None else "")
    if not name:
        name = DEFAULT_PERSONA
        say(_("no persona chosen: a neutral voice writes; `creator-kit persona list` shows the packs"))
    elif persona_name is None and root is not None and (root / name).is_dir():
        name = str(root / name)  # creator.toml may name a folder beside it
    return Drafter(
        load_persona(name, root),
        load_library(root),
        options=DraftOptions(n_titles=n, seed=seed, shape=shape),
        rules=load_rules(root),
        known=_known_titles(workspace, day) if workspace is not None else None,
        user_root=root,
    )


def _known_titles(workspace: Workspace, day: date) -> Any:
    """Titles of the corpus and of drafts of earlier days; today's are left out, so that a rerun gives the same."""
    from creator_kit.corpus.store import load_notes
    from creator_kit.drafting import draft_from_json
    from creator_kit.review.originality import KnownTexts

    titles = [(note.note_id, note.title, "") for note in load_notes(workspace) if note.title]
    for document in workspace.list_drafts():
        earlier = draft_from_json(document)
        if earlier.created_on < day.isoformat():
            titles.append((earlier.draft_id, earlier.title, ""))
    return KnownTexts.of(titles) if titles else None


def _draft_one(
    drafter: Drafter,
    brief: Brief,
    workspace: Workspace | None,
    day: date,
    *,
    out: Path | None,
    as_json: bool,
    as_lines: bool,
) -> bool:
    from creator_kit.datafiles import write_text
    from creator_kit.drafting import draft_to_json

    one = drafter.draft(brief, today=day)
    if out is not None:
        write_text(out, draft_to_json(one))
    _save(workspace, one)
    if as_json:
        print_json("draft", {"draft": asdict(one)})
    elif as_lines:
        print_json_line(_line(1, one))
    else:
        _show_draft(one)
    _say_next(one, workspace, out)
    return bool(one.blocked)


def _draft_many(
    drafter: Drafter,
    source: str,
    workspace: Workspace | None,
    day: date,
    *,
    out: Path | None,
    as_json: bool,
    as_lines: bool,
) -> bool:
    import json

    from creator_kit.datafiles import write_text
    from creator_kit.drafting import BriefFailure, iter_briefs

    made: list[Draft] = []
    lines: list[dict[str, Any]] = []
    n_failed = n_blocked = n_made = 0
    keeps = as_json or not as_lines or out is not None
    for number, item in enumerate(iter_briefs(source), start=1):
        failure: CreatorKitError | None = item.error if isinstance(item, BriefFailure) else None
        one: Draft | None = None
        if not isinstance(item, BriefFailure):
            try:
                one = drafter.draft(item, today=day)
            except CreatorKitError as error:
                failure = error
        if one is None:
            assert failure is not None
            n_failed += 1
            line = _failure_line(number, failure)
            if not as_lines:
                say(str(failure))
        else:
            n_made += 1
            n_blocked += bool(one.blocked)
            _save(workspace, one)
            line = _line(number, one)
        if as_lines:
            print_json_line(line)
        if keeps:
            lines.append(line)
            if one is not None:
                made.append(one)
    if out is not None:
        write_text(out, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    if as_json:
        print_json("drafts", {"results": lines})
    elif not as_lines:
        if len(made) == 1 and not n_failed:
            _show_draft(made[0])
        else:
            show_table(
                [_("Draft"), _("Title"), _("Titles"), _("Gaps")],
                [(one.draft_id, one.title, len(one.titles), len(one.missing) or "") for one in made],
            )
    say(
        ngettext(
            "{n} draft, {failed} failed, {blocked} may not be posted",
            "{n} drafts, {failed} failed, {blocked} may not be posted",
            n_made,
        ).format(n=n_made, failed=n_failed, blocked=n_blocked)
    )
    return bool(n_failed or n_blocked)


def _save(workspace: Workspace | None, one: Draft) -> None:
    if workspace is not None:
        from creator_kit.drafting import draft_to_json

        workspace.save_draft(one.draft_id, topic=one.topic, created_on=one.created_on, document=draft_to_json(one))


def _line(number: int, one: Draft) -> dict[str, Any]:
    return {"schema_version": 1, "kind": "draft", "number": number, "draft": asdict(one)}


def _failure_line(number: int, error: CreatorKitError) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "kind": "failure",
        "number": number,
        "where": error.where or "",
        "error": error.what.strip(),
        "hint": error.hint or "",
    }


def _summary(one: Draft) -> dict[str, Any]:
    return {
        "draft_id": one.draft_id,
        "created_on": one.created_on,
        "topic": one.topic,
        "title": one.title,
        "persona": one.persona,
        "missing": one.missing,
        "sponsored": one.sponsored,
    }


def _show_draft(one: Draft) -> None:
    show_table(
        [("", "right"), _("Title"), (_("Units"), "right"), _("Tier"), _("Why")],
        [
            (number, item.title, item.n_units, _tier(item.tier), item.why)
            for number, item in enumerate(one.titles, start=1)
        ],
    )
    show("")
    show(one.body)
    show("")
    show(" ".join(f"#{tag}" for tag in one.tags))
    _show_notes(one)


def _show_notes(one: Draft) -> None:
    notes: list[str] = []
    if one.missing:
        notes.append(_("you fill in: {gaps}").format(gaps="；".join(one.missing)))
    if one.left_out:
        notes.append(_("left out for length: {texts}").format(texts="；".join(text[:20] for text in one.left_out)))
    notes += one.remarks
    notes += [_("may not be posted yet: {why}").format(why=why) for why in one.blocked]
    for note in notes:
        say("· " + note)


def _tier(name: str) -> str:
    return {
        "reliable": _("reliable"),
        "promising": _("promising"),
        "common": _("common"),
        "avoided": _("avoided"),
        "authored": _("authored"),
    }.get(name, name)


def _say_next(one: Draft, workspace: Workspace | None, out: Path | None) -> None:
    if workspace is not None:
        say(_("saved as {id}").format(id=one.draft_id))
        say("  → " + _("next: creator-kit cover {id}").format(id=one.draft_id))
    elif out is not None:
        say(_("written to {path}").format(path=out))
    else:
        say(_("not saved: no workspace here (creator-kit init) and no --out FILE"))
