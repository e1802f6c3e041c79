"""``plan``: drafts and ideas into dated slots, shown, changed by hand, exported, and matched with what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import (
    JsonLinesOption,
    JsonOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
)
from creator_kit.cli.output import print_json, print_json_line, progress, say, say_error, show, show_table
from creator_kit.errors import CreatorKitError, RefusedError, UsageError
from creator_kit.locale import _, ngettext
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.export import CalendarChange
    from creator_kit.planning.matching import Matches
    from creator_kit.planning.planner import Plan
    from creator_kit.planning.slot import Reason, Slot
    from creator_kit.planning.wishes import Wishes

AllOption = Annotated[
    Path | None, typer.Option("--all", metavar="DIR", help=_("All workspaces in this folder: one table for a class."))
]
SlotArgument = Annotated[str, typer.Argument(metavar="SLOT", help=_("A slot's id, its draft's id, or its title."))]
TITLE_COLUMNS = 26


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("The plan: which note when, and why. A person posts."))
    group.command(
        "make",
        help=_(
            "Plan drafts and ideas over the next weeks. Wishes stand in plan.toml of the workspace; options here come"
            " before it. What you fixed stays. Exit code 1: the wishes contradict each other."
        ),
        epilog=_("Example: creator-kit plan make --weeks 4 --posts-per-week 3 --quiet 23-7"),
    )(make)
    group.command(
        "show", help=_("The plan as a month, or as a list."), epilog=_("Example: creator-kit plan show --list --why")
    )(show_plan)
    group.command(
        "move",
        help=_("Put a slot at another time, where it stays; says which rules that breaks."),
        epilog=_("Example: creator-kit plan move 3f9a --to '2026-12-01 20:00'"),
    )(move)
    group.command(
        "done",
        help=_("Say that a slot was posted (or a task done)."),
        epilog=_("Example: creator-kit plan done 3f9a --at '2026-12-01 20:05'"),
    )(done)
    group.command(
        "skip",
        help=_("Take a slot out for good; its draft is not planned again."),
        epilog=_("Example: creator-kit plan skip 3f9a"),
    )(skip)
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
    app.add_typer(group, name="plan")


def make(
    weeks: Annotated[int | None, typer.Option(help=_("Weeks from today (4)."))] = None,
    posts_per_week: Annotated[int | None, typer.Option(help=_("Posts a week at most, and wished (3)."))] = None,
    at_least: Annotated[
        int | None, typer.Option("--at-least", help=_("Posts that each whole week must have (0)."))
    ] = None,
    min_gap: Annotated[float | None, typer.Option("--min-gap", metavar="HOURS", help=_("Between two posts (20)."))] = (
        None
    ),
    quiet: Annotated[str | None, typer.Option("--quiet", metavar="23-7", help=_("Hours without posts."))] = None,
    hours: Annotated[
        str | None, typer.Option("--hours", metavar="8,12,20", help=_("Hours to choose from; else the program's."))
    ] = None,
    sponsored_one_in: Annotated[
        int | None, typer.Option("--sponsored-one-in", metavar="N", help=_("Of N posts in a row at most one (4)."))
    ] = None,
    mix: Annotated[
        list[str] | None, typer.Option("--mix", metavar="PILLAR=SHARE", help=_("Wished share of a pillar, 0 to 1."))
    ] = None,
    grade: Annotated[int | None, typer.Option("--grade", min=1, max=10, help=_("A grade to reach."))] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="YYYY-MM-DD", help=_("… by this day."))] = None,
    ideas: Annotated[
        bool | None, typer.Option("--ideas/--no-ideas", help=_("Fill empty places with ideas from your pillars."))
    ] = None,
    wishes_file: Annotated[
        Path | None, typer.Option("--wishes", metavar="FILE", help=_("Wishes in another file than plan.toml."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show the plan, keep the one there is."))] = False,
    everyone: AllOption = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    seed: SeedOption = 0,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    overrides: dict[str, Any] = {
        "weeks": weeks,
        "posts_per_week": posts_per_week,
        "at_least_per_week": at_least,
        "min_gap_hours": min_gap,
        "quiet_hours": quiet,
        "hours": _parse_hours(hours),
        "sponsored_one_in": sponsored_one_in,
        "mix": _parse_mix(mix),
        "fill_with_ideas": ideas,
        "grade": _parse_grade(grade, by),
    }
    now = resolve_now(today)
    if everyone is not None:
        _make_all(everyone, overrides, wishes_file, now, seed, dry_run=dry_run, as_json=as_json, as_lines=as_lines)
        return
    with enter_workspace(workspace) as home:
        plan, matches = _make_one(home, overrides, wishes_file, now, seed, dry_run=dry_run)
    if as_lines:
        for slot in plan.slots:
            print_json_line(_slot_document(slot))
        return
    if as_json:
        print_json("plan", _plan_document(plan))
        return
    _show_made(plan, now)
    _say_doubts(matches)
    if not dry_run and plan.slots:
        say("  → " + _("next: creator-kit plan show"))


def show_plan(
    as_list: Annotated[bool, typer.Option("--list", help=_("As a list."))] = False,
    why: Annotated[bool, typer.Option("--why", help=_("With the reasons for each place (a list)."))] = False,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help=_("One month alone."))] = None,
    everyone: AllOption = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.calendar import load_occasions
    from creator_kit.planning.month import describe_marks, months_of, render_month
    from creator_kit.planning.planner import load_last_plan
    from creator_kit.planning.slot import load_slots

    now = resolve_now(today)
    if everyone is not None:
        _show_all(everyone, now, as_json=as_json, as_lines=as_lines)
        return
    with enter_workspace(workspace) as home:
        slots = [slot for slot in load_slots(home) if slot.state != "dropped"]
        root, last = home.root, load_last_plan(home) if why else None
    if month is not None:
        chosen = [_parse_month(month)]
        slots = [slot for slot in slots if (slot.starts_at.year, slot.starts_at.month) == chosen[0]]
    else:
        chosen = months_of(slots, now.date())
    if as_lines:
        for slot in slots:
            print_json_line(_slot_document(slot))
        return
    if as_json:
        print_json("plan", {"n_slots": len(slots), "slots": [_slot_document(slot) for slot in slots]})
        return
    if not slots:
        say(_("nothing is planned"))
        say("  → " + _("next: creator-kit plan make"))
        return
    if as_list or why:
        _show_list(slots, now, why=why)
        if last is not None:
            _show_unmet(last.unmet)
        return
    for year, number in chosen:
        first = date(year, number, 1)
        occasions = load_occasions(first, first + timedelta(days=31), root)
        for line in render_month(slots, occasions, year=year, month=number, now=now):
            print(line)
    show(describe_marks())


def move(
    slot: SlotArgument,
    to: Annotated[str, typer.Option("--to", metavar="TIME", help=_("Day and time, Beijing: 2026-12-01 20:00."))],
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.planner import move_slot
    from creator_kit.planning.slot import find_slot, load_slots, parse_moment
    from creator_kit.planning.wishes import load_wishes

    at = parse_moment(to, where="--to")
    with enter_workspace(workspace) as home:
        chosen = find_slot(load_slots(home), slot)
        moved, broken = move_slot(home, chosen, at, load_wishes(home.root, {}), now=resolve_now(today))
    if as_json:
        print_json("slot", _slot_document(moved) | {"breaks": broken})
        return
    show(_("{time}  {title} (fixed)").format(time=f"{moved.starts_at:%Y-%m-%d %H:%M}", title=moved.title))
    for rule in broken:
        say(_("against your wishes: {rule}").format(rule=rule))
    say("  → " + _("creator-kit plan make plans the rest around it"))


def done(
    slot: SlotArgument,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help=_("When it was posted, if not as planned."))
    ] = None,
    title: Annotated[str, typer.Option("--title", help=_("The title it was posted under, if it changed."))] = "",
    topic: Annotated[
        bool, typer.Option("--topic", help=_("It took part in a topic of the platform (then do not log it as well)."))
    ] = False,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.planner import finish_slot
    from creator_kit.planning.slot import find_slot, load_slots, parse_moment

    moment = parse_moment(at, where="--at") if at is not None else None
    with enter_workspace(workspace) as home:
        chosen = find_slot(load_slots(home), slot)
        finished = finish_slot(home, chosen, now=resolve_now(today), published_at=moment, title=title, is_topic=topic)
    if as_json:
        print_json("slot", _slot_document(finished))
        return
    show(_("done: {title}").format(title=finished.title))
    if finished.is_post:
        say("  → " + _("after your next export: creator-kit results add FILE settles its forecast and grade tasks"))
    else:
        say("  → " + _("write it into the ledger too: creator-kit grade log"))


def skip(
    slot: SlotArgument,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.planner import skip_slot
    from creator_kit.planning.slot import find_slot, load_slots

    with enter_workspace(workspace) as home:
        skipped = skip_slot(home, find_slot(load_slots(home), slot), now=resolve_now(today))
    if as_json:
        print_json("slot", _slot_document(skipped))
        return
    show(_("skipped: {title}").format(title=skipped.title))
    say("  → " + _("creator-kit plan make fills its place"))


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
        print_json("plan_matches", _matches_document(matches, slots))
        return
    for known, published in matches.sure:
        show(_("matched: {title} = {note}").format(title=known.title, note=published.note_id[:8]))
    n_known = sum(bool(s.note_id) for s in slots)
    show(ngettext("{n} slot has its note", "{n} slots have their notes", n_known).format(n=n_known))
    _say_doubts(matches)


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
    from creator_kit.planning.export import read_ics
    from creator_kit.planning.planner import move_slot, skip_slot
    from creator_kit.planning.slot import load_slots
    from creator_kit.planning.wishes import load_wishes

    now = resolve_now(today)
    with enter_workspace(workspace) as home:
        reading = read_ics(file, load_slots(home), hash_key=home.hash_key)
        failures: list[str] = []
        for change in reading.changes if apply else ():
            try:
                if change.starts_at is None:
                    skip_slot(home, change.slot, now=now)
                else:
                    move_slot(home, change.slot, change.starts_at, load_wishes(home.root, {}), now=now)
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
    _say_doubts(matches)


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


def _make_one(
    home: Workspace, overrides: dict[str, Any], file: Path | None, now: datetime, seed: int, *, dry_run: bool
) -> tuple[Plan, Matches]:
    from creator_kit.corpus.store import load_notes
    from creator_kit.planning.matching import settle_plan
    from creator_kit.planning.planner import make_plan, save_plan
    from creator_kit.planning.wishes import load_wishes

    wishes = load_wishes(home.root, overrides, file)
    notes = load_notes(home, own=True)
    matches = settle_plan(home, notes, now=now)
    n_posts, tasks = _grade_needs(home, wishes, now, seed)
    plan = make_plan(home, wishes, notes, now=now, seed=seed, n_grade_posts=n_posts, hand_tasks=tasks)
    if not dry_run:
        save_plan(home, plan, now=now)
    return plan, matches


def _grade_needs(home: Workspace, wishes: Wishes, now: datetime, seed: int) -> tuple[int, list[Any]]:
    """How many posts the wished grade is likely to take, and its open tasks by hand."""
    if wishes.grade is None:
        return 0, []
    from creator_kit.planning.account import fit_account, load_account
    from creator_kit.planning.grade_forecast import posts_needed
    from creator_kit.planning.ladder import HAND_ACTIONS, describe_task
    from creator_kit.planning.planner import HandTask

    account = load_account(home, today=now.date())
    following = account.status.next_grade
    if following is None or account.status.grade >= wishes.grade.target:
        say(_("grade {n} is reached already").format(n=wishes.grade.target))
        return 0, []
    chances, pace = fit_account(home, account, seed=seed, today=now.date(), plan_rate=float(wishes.posts_per_week))
    tasks = [
        HandTask(step.task.id, describe_task(step.task.model_copy(update={"count": step.n_missing})), following.number)
        for step in account.status.steps
        if step.task.action in HAND_ACTIONS
    ]
    return posts_needed(account.status, chances, pace), tasks


def _make_all(
    root: Path,
    overrides: dict[str, Any],
    file: Path | None,
    now: datetime,
    seed: int,
    *,
    dry_run: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    from creator_kit.planning.account import find_workspaces

    folders = find_workspaces(root)
    rows: list[dict[str, Any]] = []
    failures = 0
    with progress(_("planning"), len(folders)) as advance:
        for folder in folders:
            try:
                with Workspace(folder) as home:
                    plan, _matches = _make_one(home, overrides, file, now, seed, dry_run=dry_run)
            except CreatorKitError as error:
                failures += 1
                say_error(f"{folder.name}: {error}")
                continue
            finally:
                advance(1)
            rows.append({"creator": folder.name, **_plan_document(plan)})
            if as_lines:
                print_json_line(rows[-1])
    if as_json:
        print_json("plan_class", {"creators": rows, "n_failures": failures})
    elif not as_lines:
        _show_class(rows)
    if failures:
        raise typer.Exit(1)


def _show_all(root: Path, now: datetime, *, as_json: bool, as_lines: bool) -> None:
    from creator_kit.planning.account import find_workspaces
    from creator_kit.planning.slot import load_slots

    rows: list[dict[str, Any]] = []
    failures = 0
    for folder in find_workspaces(root):
        try:
            with Workspace(folder) as home:
                slots = [slot for slot in load_slots(home) if slot.state != "dropped"]
        except CreatorKitError as error:
            failures += 1
            say_error(f"{folder.name}: {error}")
            continue
        documents = [_slot_document(slot) for slot in slots]
        n_overdue = sum(slot.state == "planned" and slot.starts_at < now for slot in slots)
        rows.append({"creator": folder.name, "slots": documents, "n_overdue": n_overdue, "unmet": []})
        if as_lines:
            print_json_line(rows[-1])
    if as_json:
        print_json("plan_class", {"creators": rows, "n_failures": failures})
    elif not as_lines:
        _show_class(rows)
    if failures:
        raise typer.Exit(1)


def _show_class(rows: list[dict[str, Any]]) -> None:
    table = []
    for row in rows:
        slots = row["slots"]
        following = next((s for s in slots if s["state"] == "planned" and s["is_post"]), None)
        table.append(
            [
                row["creator"],
                sum(s["state"] == "planned" and s["is_post"] for s in slots),
                sum(s["state"] == "done" for s in slots),
                row.get("n_overdue", 0),
                f"{following['starts_at'][5:16].replace('T', ' ')} {following['title']}" if following else "-",
                len(row["unmet"]),
            ]
        )
    show_table(
        [
            _("creator"),
            (_("planned"), "right"),
            (_("done"), "right"),
            (_("overdue"), "right"),
            _("next post"),
            (_("unmet"), "right"),
        ],
        table,
    )


def _show_made(plan: Plan, now: datetime) -> None:
    if not plan.slots:
        show(_("nothing to plan: no drafts, and no pillars to take ideas from"))
        say("  → " + _("creator-kit draft TOPIC; or name a persona in creator.toml"))
        return
    posts = [slot for slot in plan.slots if slot.is_post]
    n_ideas = sum(slot.kind == "idea" for slot in posts)
    show(
        _("{n} posts in {weeks} weeks: {drafts} drafts, {ideas} ideas").format(
            n=len(posts), weeks=plan.wishes.weeks, drafts=len(posts) - n_ideas, ideas=n_ideas
        )
    )
    if plan.hours.is_told:
        show(
            _("hours: your {n} notes tell some from others (chance {p:.3f})").format(
                n=plan.hours.n_notes, p=plan.hours.chance
            )
        )
    else:
        show(
            _("hours: your {n} notes do not tell one hour from another, so posts are spread").format(
                n=plan.hours.n_notes
            )
        )
    show("")
    _show_list(list(plan.slots), now, why=False)
    _show_unmet(plan.unmet)
    if plan.dropped:
        n = len(plan.dropped)
        say(ngettext("{n} slot of the old plan was dropped", "{n} slots of the old plan were dropped", n).format(n=n))


def _show_unmet(unmet: Sequence[Reason]) -> None:
    from creator_kit.planning.explain import describe_reason

    if unmet:
        show("")
        show(_("wishes not met:"))
    for reason in unmet:
        show("  · " + describe_reason(reason))


def _show_list(slots: list[Slot], now: datetime, *, why: bool) -> None:
    from creator_kit.planning.explain import describe_reason
    from creator_kit.planning.month import describe_marks, fit_width, mark_slot

    weekdays = _("Mon Tue Wed Thu Fri Sat Sun").split()
    for slot in slots:
        day = f"{slot.starts_at:%m-%d} {weekdays[slot.starts_at.weekday()]} {slot.starts_at:%H:%M}"
        money = "$" if slot.is_sponsored else " "
        line = f"{mark_slot(slot, now)}{money}{day}  {fit_width(slot.title, 2 * TITLE_COLUMNS - 16)} {slot.slot_id}"
        print(f"{line}  {fit_width(slot.pillar, 11).rstrip()}".rstrip())
        if why:
            for reason in slot.reasons:
                print("      " + describe_reason(reason))
            if slot.is_post and slot.state == "planned" and slot.schedulable_at > now:
                print("      " + _("the app takes it from {day} on").format(day=f"{slot.schedulable_at:%m-%d %H:%M}"))
    print(describe_marks())


def _say_doubts(matches: Matches) -> None:
    for doubt in matches.doubts:
        say(
            _("is “{title}” (slot {slot}, {when}) one of these notes?").format(
                title=doubt.slot.title, slot=doubt.slot.slot_id, when=f"{doubt.slot.starts_at:%m-%d %H:%M}"
            )
        )
        for note in doubt.notes:
            published = (note.published_at or "")[:16].replace("T", " ")
            say("    " + "  ".join((note.note_id[:8], published, note.title)))
        say("  → " + _("creator-kit plan match {slot} --note NOTE_ID, or --none").format(slot=doubt.slot.slot_id))


def _slot_document(slot: Slot) -> dict[str, Any]:
    from creator_kit.planning.explain import describe_reason

    return {
        "slot_id": slot.slot_id,
        "kind": slot.kind,
        "starts_at": slot.starts_at.isoformat(),
        "title": slot.title,
        "draft_id": slot.ref if slot.kind in ("draft", "appointment") else "",
        "task": slot.ref if slot.kind == "task" else "",
        "state": slot.state,
        "minutes": slot.minutes,
        "pillar": slot.pillar,
        "template_id": slot.template_id,
        "is_sponsored": slot.is_sponsored,
        "is_fixed": slot.is_fixed,
        "is_post": slot.is_post,
        "schedulable_at": slot.schedulable_at.isoformat() if slot.is_post else None,
        "published_at": slot.published_at.isoformat() if slot.published_at else None,
        "note_id": slot.note_id,
        "sequence": slot.sequence,
        "reasons": [{"code": reason.code, "text": describe_reason(reason)} for reason in slot.reasons],
    }


def _plan_document(plan: Plan) -> dict[str, Any]:
    from creator_kit.planning.explain import describe_reason

    return {
        "n_slots": len(plan.slots),
        "slots": [_slot_document(slot) for slot in plan.slots],
        "dropped": [slot.slot_id for slot in plan.dropped],
        "unmet": [{"code": r.code, "values": _english(r.values), "text": describe_reason(r)} for r in plan.unmet],
        "hours": {
            "is_told": plan.hours.is_told,
            "chance": round(plan.hours.chance, 4),
            "n_notes": plan.hours.n_notes,
            "parts": [asdict(part) for part in plan.hours.parts],
        },
        "objective": round(plan.objective, 3),
        "bound": round(plan.bound, 3),
    }


def _english(values: dict[str, str]) -> dict[str, str]:
    return dict(sorted(values.items()))


def _matches_document(matches: Matches, slots: list[Slot]) -> dict[str, Any]:
    return {
        "matched": [{"slot_id": slot.slot_id, "note_id": note.note_id} for slot, note in matches.sure],
        "known": [{"slot_id": s.slot_id, "note_id": s.note_id} for s in slots if s.note_id],
        "doubts": [
            {
                "slot_id": doubt.slot.slot_id,
                "title": doubt.slot.title,
                "notes": [
                    {"note_id": n.note_id, "title": n.title, "published_at": n.published_at} for n in doubt.notes
                ],
            }
            for doubt in matches.doubts
        ],
        "n_unseen": matches.n_unseen,
    }


def _parse_hours(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(part) for part in text.replace("，", ",").split(",") if part.strip()]
    except ValueError as error:
        raise UsageError(
            _("'{text}' is no list of hours").format(text=text), where="--hours", hint=_("write it as 8,12,20")
        ) from error


def _parse_mix(pairs: list[str] | None) -> dict[str, float] | None:
    if not pairs:
        return None
    mix: dict[str, float] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        try:
            mix[name.strip()] = float(value.rstrip("%")) / (100 if value.endswith("%") else 1)
        except ValueError:
            sign = ""
        if not sign or not name.strip():
            raise UsageError(
                _("'{text}' is no pillar with a share").format(text=pair), where="--mix", hint=_("--mix 一人食=0.6")
            )
    return mix


def _parse_grade(grade: int | None, by: str | None) -> dict[str, Any] | None:
    if grade is None:
        if by is not None:
            raise UsageError(_("--by needs --grade"), where="--by")
        return None
    if by is None:
        return {"target": grade}
    try:
        return {"target": grade, "by": date.fromisoformat(by)}
    except ValueError as error:
        raise UsageError(
            _("'{text}' is not a date").format(text=by), where="--by", hint=_("write it as 2026-11-24")
        ) from error


def _parse_month(text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise UsageError(
            _("'{text}' is not a month").format(text=text), where="--month", hint=_("write it as 2026-12")
        ) from error
    return day.year, day.month
