"""``plan make``: wishes from the file and the command line into a plan."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.class_run import AllOption, run_class
from creator_kit.cli.options import (
    JsonLinesOption,
    JsonOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
)
from creator_kit.cli.output import print_json, print_json_line, say
from creator_kit.cli.plan_output import plan_document, say_doubts, show_class, show_made, slot_document
from creator_kit.errors import UsageError
from creator_kit.locale import _
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.matching import Matches
    from creator_kit.planning.planner import Plan
    from creator_kit.planning.wishes import Wishes


def add_commands(group: typer.Typer) -> None:
    """Add this file's command to the ``plan`` group."""
    group.command(
        "make",
        help=_(
            "Plan drafts and ideas over the next weeks. Wishes stand in plan.toml of the workspace; options here come"
            " before it. What you fixed stays. Exit code 1: the wishes contradict each other."
        ),
        epilog=_("Example: creator-kit plan make --weeks 4 --posts-per-week 3 --quiet 23-7"),
    )(make)


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
        run_class(
            everyone,
            lambda home: plan_document(_make_one(home, overrides, wishes_file, now, seed, dry_run=dry_run)[0]),
            show_class,
            kind="plan_class",
            label=_("planning"),
            as_json=as_json,
            as_lines=as_lines,
        )
        return
    with enter_workspace(workspace) as home:
        plan, matches = _make_one(home, overrides, wishes_file, now, seed, dry_run=dry_run)
    if as_lines:
        for slot in plan.slots:
            print_json_line(slot_document(slot))
        return
    if as_json:
        print_json("plan", plan_document(plan))
        return
    show_made(plan, now)
    say_doubts(matches)
    if not dry_run and plan.slots:
        say("  → " + _("next: creator-kit plan show"))


def _make_one(
    home: Workspace, overrides: dict[str, Any], file: Path | None, now: datetime, seed: int, *, dry_run: bool
) -> tuple[Plan, Matches]:
    from creator_kit.corpus.store import load_notes
    from creator_kit.planning.candidates import list_persona_wishes
    from creator_kit.planning.matching import settle_plan
    from creator_kit.planning.planner import make_plan, save_plan
    from creator_kit.planning.wishes import load_wishes

    wishes = load_wishes(home.root, overrides, file, of_persona=list_persona_wishes(home))
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
