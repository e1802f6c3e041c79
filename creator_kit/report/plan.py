"""The plan as months with covers and festivals, and the ladder with its progress and dates."""

from __future__ import annotations

import calendar as stdlib_calendar
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from creator_kit.handoff.note_view import Picture, tell_to_do
from creator_kit.locale import Both, _, in_both, pick
from creator_kit.planning.account import Account, fit_account, planned_rate
from creator_kit.planning.calendar import Occasion, load_occasions
from creator_kit.planning.explain import describe_reason
from creator_kit.planning.grade_forecast import GradeDate, GradeForecast, forecast_grades
from creator_kit.planning.ladder import Grade, describe_task
from creator_kit.planning.month import WEEKDAYS_EN, WEEKDAYS_ZH, mark_slot, months_of
from creator_kit.planning.progress import TaskProgress
from creator_kit.planning.slot import Slot
from creator_kit.report.model import Day, Entry, Leaf, Month, PlanPart, Rung
from creator_kit.workspace import Workspace

MAX_MONTHS = 4
_N_REPLICATES = 2000


def collect_plan(
    workspace: Workspace,
    account: Account,
    thumbs: Mapping[str, Picture],
    describe_fit: Callable[[], str],
    *,
    now: datetime,
    seed: int,
) -> PlanPart:
    """Months from this one on (at most four) and all grades. ``thumbs`` are covers by draft id; ``describe_fit`` says
    what forecasts of this account rest on."""
    slots = [slot for slot in account.slots if slot.state != "dropped"]
    months = [
        _month(year, number, slots, thumbs, workspace, now)
        for year, number in months_of(slots, now.date())[:MAX_MONTHS]
    ]
    chances, pace = fit_account(workspace, account, seed=seed, today=now.date(), plan_rate=planned_rate(workspace))

    def forecast(n_replicates: int) -> GradeForecast:
        return forecast_grades(
            account.ladder, account.status, chances, pace, account.slots,
            now=now, seed=seed, n_replicates=n_replicates, with_levers=False,
        )  # fmt: skip

    # What the dates rest on is the same for any number of replicates; the last of it was told when it was fitted.
    assumptions = tell_to_do(lambda: [*forecast(100).assumptions[:-1], describe_fit()])
    return PlanPart(
        months=tuple(months) if slots else (),
        rungs=_rungs(account, forecast(_N_REPLICATES)),
        standing=in_both(lambda: _describe_standing(account)),
        steps=tell_to_do(lambda: _describe_steps(account)),
        assumptions=assumptions,
    )


def _month(
    year: int, number: int, slots: Sequence[Slot], thumbs: Mapping[str, Picture], workspace: Workspace, now: datetime
) -> Month:
    first = date(year, number, 1)
    n_days = stdlib_calendar.monthrange(year, number)[1]
    occasions = load_occasions(first, first + timedelta(days=n_days - 1), workspace.root)
    by_day: dict[date, list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: (slot.starts_at, slot.slot_id)):
        by_day.setdefault(slot.starts_at.date(), []).append(slot)
    days = [Day(0, "", _weekday(at), False, False, (), ()) for at in range(first.weekday())]
    for at in range(n_days):
        day = first + timedelta(days=at)
        days.append(
            Day(
                number=day.day,
                iso=day.isoformat(),
                weekday=_weekday(day.weekday()),
                is_today=day == now.date(),
                is_past=day < now.date(),
                occasions=tuple(
                    _name_occasion(o) for o in occasions if o.kind != "season" and o.starts_on <= day <= o.ends_on
                ),
                entries=tuple(_entry(slot, thumbs, now) for slot in by_day.get(day, ())),
            )
        )
    last = first + timedelta(days=n_days - 1)
    # Weeks that are over and hold nothing of the plan only push what is to come out of sight.
    while len(days) > 7 and all(day.is_past or not day.number for day in days[:7]) and not _holds_entries(days[:7]):
        days = days[7:]
    return Month(
        name=Both(f"{year}年{number}月", f"{first:%B} {year}"),
        days=tuple(days),
        seasons=tuple(
            Both(f"{o.zh} {o.starts_on:%m-%d}–{o.ends_on:%m-%d}", f"{o.en} {o.starts_on:%m-%d}–{o.ends_on:%m-%d}")
            for o in occasions
            if o.kind == "season" and o.starts_on <= last and o.ends_on >= first
        ),
    )


def _holds_entries(days: Sequence[Day]) -> bool:
    return any(day.entries for day in days)


def _weekday(at: int) -> Both:
    return Both(WEEKDAYS_ZH[at], WEEKDAYS_EN[at])


def _name_occasion(occasion: Occasion) -> Both:
    return in_both(lambda: occasion.name)


def _entry(slot: Slot, thumbs: Mapping[str, Picture], now: datetime) -> Entry:
    return Entry(
        clock=f"{slot.starts_at:%H:%M}",
        title=slot.title,
        kind=in_both(lambda: _name_kind(slot)),
        mark=mark_slot(slot, now),
        state=in_both(lambda: _name_state(slot, now)),
        is_fixed=slot.is_fixed,
        is_sponsored=slot.is_sponsored,
        draft_id=slot.ref if slot.kind == "draft" else "",
        thumb=thumbs.get(slot.ref) if slot.kind == "draft" else None,
        reasons=tell_to_do(lambda: [describe_reason(reason) for reason in slot.reasons]),
    )


def _name_kind(slot: Slot) -> str:
    return {"draft": _("draft"), "idea": _("idea"), "task": _("task"), "appointment": _("appointment")}[slot.kind]


def _name_state(slot: Slot, now: datetime) -> str:
    if slot.state == "done":
        return _("done")
    if slot.state == "skipped":
        return _("skipped")
    if slot.starts_at < now:
        return _("overdue")
    return _("fixed") if slot.is_fixed else _("movable")


def _rungs(account: Account, forecast: GradeForecast) -> tuple[Rung, ...]:
    dates = {item.number: item for item in forecast.grades}
    state = account.status
    return tuple(
        Rung(
            number=grade.number,
            name=_name_grade(grade),
            percent=int(100 * progress.share),
            is_current=grade.number == state.grade,
            is_earned=grade.number <= max(state.grade, state.earned),
            is_reconstructed=account.ladder.is_reconstructed(grade.needs),
            dates=_dates(dates.get(grade.number)) if grade.number > state.grade else None,
            leaves=tuple(_leaves(progress, 0)),
        )
        for grade, progress in state.grades
    )


def _name_grade(grade: Grade) -> Both:
    return Both(grade.name, grade.name_en or grade.name)


def _dates(item: GradeDate | None) -> Both | None:
    if item is None:
        return None
    return in_both(
        lambda: _("P10 {p10} · P50 {p50} · P90 {p90}; {share} within 2 years").format(
            p10=item.p10 or _("later"),
            p50=item.p50 or _("later"),
            p90=item.p90 or _("later"),
            share=f"{item.p_in_time:.0%}",
        )
    )


def _leaves(progress: TaskProgress, depth: int) -> list[Leaf]:
    count = "" if progress.parts else f"{min(progress.done, progress.wanted):,}/{progress.wanted:,}"
    leaf = Leaf(
        in_both(lambda: describe_task(progress.task) + (pick("：", ":") if progress.parts else "")),
        count,
        int(100 * progress.share),
        min(depth, 4),
        progress.is_complete,
    )
    return [leaf, *(below for part in progress.parts for below in _leaves(part, depth + 1))]


def _describe_standing(account: Account) -> str:
    state = account.status
    grade = account.ladder.find_grade(state.grade)
    name = f"{state.grade} {pick(grade.name, grade.name_en or grade.name)}" if grade else _("none yet")
    source = (
        _("as creator.toml says") if state.is_stated else _("by what is known here; creator.toml can say otherwise")
    )
    return _("grade: {name} ({source})").format(name=name, source=source)


def _describe_steps(account: Account) -> list[str]:
    return [
        describe_task(step.task.model_copy(update={"count": step.n_missing}))
        + ("" if step.done == 0 else " " + _("({done} of {n} done)").format(done=step.done, n=step.wanted))
        for step in account.status.steps
    ]
