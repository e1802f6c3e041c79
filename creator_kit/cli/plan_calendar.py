"""The plan and the world outside: calendars (``plan export``, ``sync``) and published notes (``plan match``)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, resolve_now
from creator_kit.cli.output import print_json, say, say_error, show
from creator_kit.cli.plan_output import matches_document, say_doubts
from creator_kit.errors import CreatorKitError, RefusedError, UsageError
from creator_kit.locale import _, ngettext
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.export import CalendarChange


def add_commands(group: typer.Typer) -> None:
    """Add this file's commands to the ``plan`` group."""
    group.command(
        "match",
        help=_("Which published notes the planned ones became; asks where it is not plain."),
        epilog=_("Example: creator-kit plan match 3f9a --note 85034d66"),
    )(match)
    group.command(
        "export",
        help=_("The plan as iCalendar, CSV or Markdown. Importing the .ics again updates events."),
        epilog=_("Example: creator-kit plan export --out plan.ics"),
    )(export)
    group.command(
        "sync",
        help=_("Take over what a calendar program changed in an exported .ics: moved events move slots."),
        epilog=_("Example: creator-kit plan sync plan.ics --apply"),
    )(sync)


def match(
    slot: Annotated[str | None, typer.Argument(metavar="[SLOT]", help=_("A slot to answer for."))] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="NOTE_ID", help=_("It became this note."))] = None,
    none: Annotated[bool, typer.Option("--none", help=_("None of the notes asked about is it."))] = False,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.store import load_notes
    from creator_kit.planning.matching import confirm_match, match_published, settle_plan
    from creator_kit.planning.slot import find_slot, load_slots

    now = resolve_now(today)
    if (slot is None) != (note is None and not none) or (note is not None and none):
        raise UsageError(_("to answer, name a slot and either --note NOTE_ID or --none"))
    with enter_workspace(workspace) as home:
        notes = load_notes(home, own=True)
        if slot is not None:
            chosen = find_slot(load_slots(home), slot)
            asked = next((d.notes for d in match_published([chosen], notes).doubts), ())
            answer = None
            if note is not None:
                found = [n for n in notes if n.note_id.startswith(note)]
                if len(found) != 1:
                    raise UsageError(_("'{id}' begins {n} note ids of yours").format(id=note, n=len(found)))
                answer = found[0]
            confirm_match(home, chosen, answer, asked, now=now)
        matches = settle_plan(home, notes, now=now)
        slots = load_slots(home)
    if as_json:
        print_json("plan_matches", matches_document(matches, slots))
        return
    for known, published in matches.sure:
        show(_("matched: {title} = {note}").format(title=known.title, note=published.note_id[:8]))
    n_known = sum(bool(s.note_id) for s in slots)
    show(ngettext("{n} slot has its note", "{n} slots have their notes", n_known).format(n=n_known))
    say_doubts(matches)


def export(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("A file .ics, .csv or .md; else stdout."))
    ] = None,
    kind: Annotated[str | None, typer.Option("--format", metavar="ics|csv|md", help=_("Else by the file's name."))] = (
        None
    ),
    force: Annotated[
        bool, typer.Option("--force", help=_("Overwrite an .ics that a calendar program has changed."))
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    import sys

    from creator_kit.datafiles import write_text, write_whole
    from creator_kit.planning.export import FORMATS, read_ics, render_csv, render_ics, render_markdown
    from creator_kit.planning.slot import load_slots

    chosen = kind or (out.suffix.lstrip(".").lower() if out is not None else "ics")
    if chosen not in FORMATS:
        raise UsageError(
            _("unknown format '{kind}'; known are: {known}").format(kind=chosen, known=", ".join(FORMATS)),
            where="--format",
        )
    with enter_workspace(workspace) as home:
        slots = load_slots(home)
        name = _("plan of {account}").format(account=home.settings.account)
        if chosen == "ics":
            data = render_ics(slots, hash_key=home.hash_key, calendar_name=name)
            if out is None:
                sys.stdout.buffer.write(data)
                return
            if out.is_file() and not force and out.read_bytes() != data:
                reading = read_ics(out, slots, hash_key=home.hash_key)
                if reading.n_foreign or _edited_by_others(out):
                    raise RefusedError(
                        _("a calendar program has written this file; exporting over it would lose what it holds"),
                        where=str(out),
                        hint=_("creator-kit plan sync FILE takes its changes over; --force overwrites it"),
                    )
            with write_whole(out) as temporary:
                temporary.write_bytes(data)
        else:
            live = [slot for slot in slots if slot.state != "dropped"]
            text = render_csv(live) if chosen == "csv" else render_markdown(live, title=name)
            if out is None:
                sys.stdout.buffer.write(text.encode("utf-8"))
                return
            if chosen == "csv":
                with write_whole(out) as temporary:
                    temporary.write_bytes(text.encode("utf-8"))
            else:
                write_text(out, text)
    say(_("written: {path}").format(path=out))


def sync(
    file: Annotated[Path, typer.Argument(metavar="FILE.ics", help=_("An .ics that a calendar program saved."))],
    apply: Annotated[bool, typer.Option("--apply", help=_("Move the slots; else they are only shown."))] = False,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.candidates import list_persona_wishes
    from creator_kit.planning.export import read_ics
    from creator_kit.planning.planner import move_slot, skip_slot
    from creator_kit.planning.slot import load_slots
    from creator_kit.planning.wishes import load_wishes

    now = resolve_now(today)
    with enter_workspace(workspace) as home:
        reading = read_ics(file, load_slots(home), hash_key=home.hash_key)
        wishes = load_wishes(home.root, {}, of_persona=list_persona_wishes(home))
        failures: list[str] = []
        for change in reading.changes if apply else ():
            try:
                if change.starts_at is None:
                    skip_slot(home, change.slot, now=now)
                else:
                    move_slot(home, change.slot, change.starts_at, wishes, now=now)
            except CreatorKitError as error:
                failures.append(str(error))
    if as_json:
        document = [
            {"slot_id": c.slot.slot_id, "title": c.slot.title, "starts_at": c.starts_at and c.starts_at.isoformat()}
            for c in reading.changes
        ]
        counts = {"n_foreign": reading.n_foreign, "n_stale": reading.n_stale}
        print_json("calendar_changes", {"changes": document, **counts, "is_applied": apply})
    else:
        _show_changes(list(reading.changes), reading.n_foreign, applied=apply)
        if reading.n_stale:
            n = reading.n_stale
            say(
                ngettext(
                    "{n} event is older than the plan and is passed over: export again",
                    "{n} events are older than the plan and are passed over: export again",
                    n,
                ).format(n=n)
            )
    for text in failures:
        say_error(text)
    if failures:
        raise typer.Exit(1)


def settle(home: Workspace, *, now: datetime) -> None:
    """After an import of own results: match the plan with what came out, and ask where that is not plain."""
    if home.count_rows("plan_slots") == 0:
        return
    from creator_kit.corpus.store import load_notes
    from creator_kit.planning.matching import settle_plan

    matches = settle_plan(home, load_notes(home, own=True), now=now)
    for slot, note in matches.sure:
        say(_("matched: {title} = {note}").format(title=slot.title, note=note.note_id[:8]))
    say_doubts(matches)


def _show_changes(changes: list[CalendarChange], n_foreign: int, *, applied: bool) -> None:
    if not changes:
        show(_("the calendar has changed nothing"))
    for change in changes:
        if change.starts_at is None:
            show(_("{title}: deleted in the calendar").format(title=change.slot.title))
        else:
            show(
                _("{title}: {old} → {new}").format(
                    title=change.slot.title,
                    old=f"{change.slot.starts_at:%m-%d %H:%M}",
                    new=f"{change.starts_at:%m-%d %H:%M}",
                )
            )
    if n_foreign:
        say(
            ngettext("{n} event of yours is left alone", "{n} events of yours are left alone", n_foreign).format(
                n=n_foreign
            )
        )
    if changes and not applied:
        say("  → " + _("--apply takes this over"))


def _edited_by_others(path: Path) -> bool:
    return b"PRODID:-//creator_kit//" not in path.read_bytes()[:400]
