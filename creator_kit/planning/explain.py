"""Why a slot lies where it lies, which wishes were not met and why, and which ones contradict each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from creator_kit.locale import _, ngettext, pick
from creator_kit.planning.candidates import Subject
from creator_kit.planning.hours import HourChoice
from creator_kit.planning.problem import Placement, PlanProblem, find_violations
from creator_kit.planning.slot import Reason
from creator_kit.planning.wishes import Wishes

# So many drafts that found no place are explained one by one.
MAX_EXPLAINED = 20


def explain_slot(
    problem: PlanProblem, subject: Subject, cell: int, hours: HourChoice, *, before: datetime | None
) -> tuple[Reason, ...]:
    """Why ``subject`` lies in ``cell``: what fixed it, then what spoke for the day (``before`` is the post before it),
    then for the hour."""
    at = problem.cells[cell]
    candidate = subject.candidate
    reasons = []
    if candidate.fixed_at is not None:
        return (Reason("fixed"),)
    if candidate.by is not None:
        reasons.append(Reason("deadline", {"by": candidate.by.isoformat()}))
    for occasion in subject.occasions:
        if occasion.opens_on <= at.date() <= occasion.closes_on:
            values = {"zh": occasion.zh, "en": occasion.en, "on": occasion.starts_on.isoformat()}
            reasons.append(Reason("occasion_estimated" if occasion.status == "estimated" else "occasion", values))
    if problem.grade_by is not None and at.date() <= problem.grade_by and problem.n_grade_posts:
        reasons.append(Reason("grade", {"by": problem.grade_by.isoformat()}))
    if candidate.pillar in problem.mix:
        reasons.append(Reason("mix", {"pillar": candidate.pillar, "share": f"{problem.mix[candidate.pillar]:.0%}"}))
    if subject.kind == "idea":
        reasons.append(Reason("idea"))
    if before is None:
        reasons.append(Reason("first"))
    else:
        reasons.append(Reason("spacing", {"days": f"{(at - before).total_seconds() / 86400:.1f}"}))
    if hours.is_told:
        part = hours.parts[at.hour // 3]
        reasons.append(
            Reason("hour_told", {"percent": f"{100 * (2.718281828**part.effect - 1):+.0f}", "n": str(part.n_notes)})
        )
    else:
        reasons.append(Reason("hour_spread", {"n": str(hours.n_notes)}))
    return tuple(reasons)


def find_unmet(
    problem: PlanProblem,
    subjects: Sequence[Subject],
    placement: Placement,
    waiting: Sequence[Subject],
    is_off: Callable[[date], bool],
) -> list[Reason]:
    """Every soft wish that the plan does not meet, each with the reason that a check of the plan finds."""
    placed = {i for i, _cell in placement}
    unmet: list[Reason] = []
    unplaced = [i for i, s in enumerate(subjects) if i not in placed and s.kind == "draft"]
    for i in unplaced[:MAX_EXPLAINED]:
        rule = _what_blocks(problem, placement, i)
        unmet.append(Reason("left_out", {"title": subjects[i].candidate.title, "rule": rule}))
    n_more = len(unplaced) - MAX_EXPLAINED if len(unplaced) > MAX_EXPLAINED else 0
    if n_more + len(waiting):
        unmet.append(Reason("more_left_out", {"n": str(n_more + len(waiting))}))
    for i, cell in placement:
        subject, day = subjects[i], problem.cells[cell].date()
        if subject.candidate.windows and subject.candidate.fixed_at is None and not subject.candidate.suits(day):
            nearest = min(subject.occasions, key=lambda o: (o.starts_on, o.id))
            values = {"title": subject.candidate.title, "zh": nearest.zh, "en": nearest.en}
            unmet.append(Reason("occasion_missed", values | {"rule": _why_not_in_window(problem, placement, i, cell)}))
    per_week = Counter(problem.week_of(problem.cells[cell]) for _i, cell in placement)
    for week in range(problem.n_weeks):
        first = problem.first_day + timedelta(days=7 * week)
        n_days = min(7, problem.n_days - 7 * week)
        wished = problem.posts_per_week if n_days == 7 else problem.posts_per_week * n_days // 7
        if per_week[week] < wished:
            why = "drafts"
            if unplaced:
                why = _what_blocks(problem, placement, unplaced[0], week=week)
            elif sum(is_off(first + timedelta(days=d)) for d in range(n_days)) > n_days - wished:
                why = "days_off"
            values = {"on": first.isoformat(), "n": str(per_week[week]), "wished": str(wished), "rule": why}
            unmet.append(Reason("week_short", values))
    n = len(placement)
    for pillar, share in problem.mix.items():
        got = sum(subjects[i].candidate.pillar == pillar for i, _cell in placement)
        if n and abs(got - share * n) >= 1:
            stock = sum(s.candidate.pillar == pillar for s in subjects)
            rule = "drafts" if got < share * n and got == stock else "others"
            values = {"pillar": pillar, "n": str(got), "wished": f"{share * n:.1f}", "rule": rule}
            unmet.append(Reason("mix_off", values))
    if problem.grade_by is not None:
        early = sum(problem.cells[cell].date() <= problem.grade_by for _i, cell in placement)
        if early < problem.n_grade_posts:
            values = {"n": str(early), "wished": str(problem.n_grade_posts), "by": problem.grade_by.isoformat()}
            unmet.append(Reason("grade_short", values))
    return unmet


def describe_reason(reason: Reason) -> str:
    """``reason`` as a sentence in the reader's language."""
    values = dict(reason.values)
    if "zh" in values:
        values["name"] = pick(values["zh"], values["en"])
    if "rule" in values:
        values["why"] = describe_rule(values["rule"])
    texts = {
        "fixed": _("fixed by you"),
        "task": _("a task of grade {grade}, by {by}"),
        "deadline": _("has to be out by {by}"),
        "occasion": _("fits {name} ({on})"),
        "occasion_estimated": _("fits {name} (about {on}, estimated)"),
        "grade": _("notes for the next grade come before {by}"),
        "mix": _("{pillar}: wished share {share}"),
        "idea": _("no draft left for this place: an idea to write"),
        "first": _("day: the first that is free"),
        "spacing": _("day: {days} days after the post before it, evenly spaced as far as the rest allows"),
        "hour_told": _("hour: impressions {percent}% against your average ({n} of your notes)"),
        "hour_spread": _("hour: none can be told from another ({n} notes of yours), so posts are spread"),
        "left_out": _("no place for “{title}”: {why}"),
        "more_left_out": _("{n} more drafts wait: there are more drafts than places"),
        "occasion_missed": _("“{title}” does not lie near {name}: {why}"),
        "week_short": _("week of {on}: {n} of {wished} posts: {why}"),
        "mix_off": _("{pillar}: {n} posts, wished {wished}: {why}"),
        "grade_short": _("{n} posts by {by}, the grade is likely to need {wished}"),
    }
    return texts[reason.code].format(**values)


def describe_rule(rule: str) -> str:
    """The name of a rule or cause, as the end of a sentence that says why."""
    texts = {
        "posts_per_week": _("the posts a week are full"),
        "posts_per_day": _("the posts a day are full"),
        "min_gap_hours": _("too close to another post"),
        "quiet_hours": _("the hours left are quiet"),
        "sponsored_one_in": _("too near another sponsored note"),
        "same_template": _("a neighbour has the same title template"),
        "near_alike": _("a neighbour is nearly the same note"),
        "deadlines": _("others with a deadline come first"),
        "appointments": _("fixed appointments take the places"),
        "at_least_per_week": _("each week needs its posts"),
        "drafts": _("there are not enough drafts"),
        "days_off": _("days off"),
        "others": _("other wishes weighed more"),
        "closed": _("its days are over or lie after the plan"),
    }
    return texts[rule]


def describe_conflict(wishes: Wishes, conflict: Sequence[str], n_drafts: int) -> list[str]:
    """The wishes of a conflict with their values, one line each."""
    texts = {
        "posts_per_week": ("posts_per_week = {n}", wishes.posts_per_week),
        "at_least_per_week": ("at_least_per_week = {n}", wishes.at_least_per_week),
        "posts_per_day": ("posts_per_day = {n}", wishes.posts_per_day),
        "min_gap_hours": ("min_gap_hours = {n:g}", wishes.min_gap_hours),
        "quiet_hours": ("quiet_hours = {n}", wishes.quiet_hours),
        "sponsored_one_in": ("sponsored_one_in = {n}", wishes.sponsored_one_in),
    }
    lines = []
    for wish in conflict:
        if wish in texts:
            template, value = texts[wish]
            lines.append(template.format(n=value))
        elif wish == "deadlines":
            lines += [f"deadlines: {item.draft} ≤ {item.by}" for item in wishes.deadlines]
        elif wish == "appointments":
            fixed = [item for item in wishes.appointments if item.post or item.draft]
            lines += [f"appointments: {item.at:%Y-%m-%d %H:%M} {item.title}" for item in fixed]
            if not fixed:
                lines.append(_("slots that you fixed (creator-kit plan show --list marks them)"))
        elif wish == "same_template":
            lines.append(_("neighbours never share a title template"))
        elif wish == "near_alike":
            lines.append(_("neighbours are never nearly the same note"))
    if "at_least_per_week" in conflict and wishes.days_off:
        days = ", ".join(f"{off.on}" if off.until is None else f"{off.on} … {off.until}" for off in wishes.days_off)
        lines.append(f"days_off: {days}")
    if "at_least_per_week" in conflict:
        lines.append(
            ngettext("there is {n} draft or idea", "there are {n} drafts and ideas", n_drafts).format(n=n_drafts)
        )
    return lines


def _what_blocks(problem: PlanProblem, placement: Placement, i: int, *, week: int | None = None) -> str:
    """The rule that most often forbids putting candidate ``i`` into a free cell (of ``week``)."""
    used = {cell for _i, cell in placement}
    fixed = {c.fixed_at for c in problem.candidates}
    blocking: Counter[str] = Counter()
    before = Counter(v.rule for v in find_violations(problem, placement))
    for cell, at in enumerate(problem.cells):
        if cell in used or at in fixed or (week is not None and problem.week_of(at) != week):
            continue
        found = Counter(v.rule for v in find_violations(problem, (*placement, (i, cell)))) - before
        if not found:
            return "others"
        blocking.update(found.keys())
    if not blocking:
        return "posts_per_week"
    return max(sorted(blocking), key=lambda rule: blocking[rule])


def _why_not_in_window(problem: PlanProblem, placement: Placement, i: int, cell: int) -> str:
    candidate = problem.candidates[i]
    inside = [t for t, at in enumerate(problem.cells) if candidate.suits(at.date())]
    if not inside:
        return "closed"
    rest = tuple(pair for pair in placement if pair != (i, cell))
    used = {t for _i, t in rest}
    blocking: Counter[str] = Counter()
    for t in inside:
        if t not in used:
            found = {v.rule for v in find_violations(problem, (*rest, (i, t)))}
            if not found:
                return "others"
            blocking.update(found)
    if not blocking:
        return "posts_per_week"
    return max(sorted(blocking), key=lambda rule: blocking[rule])
