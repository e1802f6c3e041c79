"""Making a plan: gather candidates and wishes, solve, explain; and changing one slot by hand afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from creator_kit.clock import start_of_day
from creator_kit.corpus.note import Note
from creator_kit.drafting.document import draft_from_json
from creator_kit.errors import InputError, RefusedError
from creator_kit.locale import _
from creator_kit.planning.calendar import load_occasions
from creator_kit.planning.candidates import (
    Subject,
    find_alike,
    find_template,
    fixed_subject,
    limit_pool,
    load_subjects,
    propose_ideas,
    with_deadline,
)
from creator_kit.planning.explain import describe_conflict, describe_rule, explain_slot, find_unmet
from creator_kit.planning.hours import HourChoice, fit_hours
from creator_kit.planning.optimise import find_conflict, solve_plan
from creator_kit.planning.problem import Candidate, Past, PlanProblem, find_violations
from creator_kit.planning.slot import (
    SCHEDULE_FROM,
    Reason,
    Slot,
    change_slot,
    load_slots,
    make_slot_id,
    save_slots,
    to_beijing,
)
from creator_kit.planning.wishes import Appointment, Wishes
from creator_kit.workspace import Workspace, plan_table

TASK_MINUTES = 15


@dataclass(frozen=True, slots=True)
class HandTask:
    """A task of the ladder for a person to do by hand: what, how often, and of which grade."""

    task_id: str
    text: str
    grade: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as made: ``slots`` that stand (earliest first), ``dropped`` ones, ``unmet`` wishes with reasons, what is
    known of ``hours``, and the solver's ``objective`` and ``bound`` (no plan is worth more)."""

    slots: tuple[Slot, ...]
    dropped: tuple[Slot, ...]
    unmet: tuple[Reason, ...]
    hours: HourChoice
    n_drafts: int
    objective: float
    bound: float
    wishes: Wishes


def make_plan(
    workspace: Workspace,
    wishes: Wishes,
    own_notes: Sequence[Note],
    *,
    now: datetime,
    seed: int,
    n_grade_posts: int = 0,
    hand_tasks: Sequence[HandTask] = (),
) -> Plan:
    """Plan from ``now`` on around what is fixed; nothing is written (see ``save_plan``).

    ``n_grade_posts`` notes are wished before ``wishes.grade.by``; ``hand_tasks`` become slots of their own. Raises
    RefusedError that names the wishes when they contradict each other, InputError for a draft that is not there.
    """
    first, n_days = now.date(), 7 * wishes.weeks
    last = first + timedelta(days=n_days - 1)
    hours = fit_hours(own_notes, seed=seed)
    occasions = load_occasions(first, last, workspace.root)
    old = load_slots(workspace)
    kept, past = _split_old(old, own_notes, now)
    by_id = {slot.slot_id: slot for slot in old}
    appointments = _keep_known([_appointment_slot(item, workspace, now) for item in wishes.appointments], by_id, now)
    kept = [slot for slot in kept if slot.slot_id not in {a.slot_id for a in appointments}]
    fixed = [slot for slot in (*kept, *appointments) if now <= slot.starts_at < start_of_day(last) + timedelta(days=1)]
    finished = {slot.slot_id for slot in old if slot.state in ("done", "skipped")}
    taken = frozenset(finished | {slot.slot_id for slot in fixed})
    drafts = _apply_deadlines(load_subjects(workspace, occasions, taken=taken), wishes, now)
    n_places = wishes.posts_per_week * wishes.weeks
    pool, waiting = limit_pool(drafts, n_places)
    ideas: list[Subject] = []
    if wishes.fill_with_ideas and len(pool) < n_places:
        ideas = propose_ideas(workspace, occasions, n_ideas=n_places - len(pool), taken=taken)
    posts = [fixed_subject(workspace, slot) for slot in fixed if slot.is_post]
    subjects = [*posts, *pool, *ideas]
    busy = [slot for slot in fixed if not slot.is_post]
    problem = build_problem(subjects, wishes, hours, past, busy, now=now, n_grade_posts=n_grade_posts)
    if subjects and all(cell.hour in problem.quiet for cell in problem.cells) and not posts:
        raise RefusedError(
            _("no hour is left to post in: quiet_hours = {quiet}, hours = {hours}, {n} days off").format(
                quiet=wishes.quiet_hours, hours=list(wishes.hours) or _("any"), n=len(wishes.days_off)
            ),
            hint=_("leave out or loosen any one of them"),
        )
    solution = solve_plan(problem)
    if solution.placement is None:
        conflict = find_conflict(problem)
        lines = "\n  ".join(describe_conflict(wishes, conflict, len(subjects)))
        raise RefusedError(
            _("these wishes cannot hold together:\n  {lines}").format(lines=lines),
            hint=_("leave out or loosen any one of them"),
        )
    slots = []
    before = past[-1].at if past and (now - past[-1].at).days < 7 else None
    for i, cell in solution.placement:
        reasons = explain_slot(problem, subjects[i], cell, hours, before=before)
        before = problem.cells[cell]
        slots.append(_slot_of(subjects[i], problem.cells[cell], reasons, by_id, fixed, now))
    slots += busy
    slots += _task_slots(hand_tasks, wishes, slots, by_id, now=now, last=last)
    planned = {slot.slot_id for slot in slots}
    dropped = tuple(
        change_slot(slot, now=now, state="dropped")
        for slot in old
        # What is over stays as it was: an appointment of last week is no event to cancel.
        if slot.state == "planned" and slot.slot_id not in planned and slot not in kept and slot.starts_at >= now
    )
    far = [slot for slot in kept if slot.slot_id not in planned]
    unmet = find_unmet(problem, subjects, solution.placement, waiting, wishes.is_off)
    return Plan(
        tuple(sorted((*slots, *far), key=lambda slot: (slot.starts_at, slot.slot_id))),
        dropped,
        tuple(unmet),
        hours,
        len(drafts),
        solution.objective,
        solution.bound,
        wishes,
    )


def save_plan(workspace: Workspace, plan: Plan, *, now: datetime) -> None:
    """Write the plan over the one before; slots that it dropped are kept as such, so that calendars cancel them."""
    document = {
        "made_at": now.isoformat(timespec="seconds"),
        "wishes": plan.wishes.model_dump(mode="json"),
        "unmet": [{"code": reason.code, "values": reason.values} for reason in plan.unmet],
    }
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    save_slots(workspace, (*plan.slots, *plan.dropped), plan_document=text, now=now)


@dataclass(frozen=True, slots=True)
class LastPlan:
    """How the last plan was made: its ``posts_per_week`` and the wishes that it could not meet."""

    posts_per_week: float
    unmet: tuple[Reason, ...]


def load_last_plan(workspace: Workspace) -> LastPlan | None:
    """What is remembered of the last plan; None before the first."""
    with workspace.reading() as db:
        text = plan_table.fetch_last_plan(db)
    if text is None:
        return None
    document = json.loads(text)
    unmet = tuple(Reason(item["code"], item["values"]) for item in document["unmet"])
    return LastPlan(float(document["wishes"]["posts_per_week"]), unmet)


def build_problem(
    subjects: Sequence[Subject],
    wishes: Wishes,
    hours: HourChoice,
    past: Sequence[Past],
    busy: Sequence[Slot],
    *,
    now: datetime,
    n_grade_posts: int = 0,
) -> PlanProblem:
    """The solver's problem: cells are the posting hours of each day that is not off, at least an hour ahead and
    outside what is ``busy``. Where no hour can be told from another, each day has ``posts_per_day`` of them in turn."""
    first, n_days = now.date(), 7 * wishes.weeks
    fixed_at = {s.candidate.fixed_at for s in subjects if s.candidate.fixed_at is not None}
    cells = set(fixed_at)
    choice = wishes.hours or hours.choose_hours(wishes.quiet)
    n_a_day = len(choice) if hours.is_told or wishes.posts_per_day > 1 else 1
    for d in range(n_days):
        day = first + timedelta(days=d)
        if wishes.is_off(day):
            continue
        start = start_of_day(day)
        # 3 is prime to 7 and to any usual number of hours, so that each weekday meets each hour in turn.
        for j in range(min(n_a_day, len(choice))):
            at = start + timedelta(hours=choice[(3 * d + j) % len(choice)])
            is_busy = any(slot.starts_at <= at < slot.ends_at for slot in busy)
            if at >= now + SCHEDULE_FROM and not is_busy:
                cells.add(at)
    ordered = tuple(sorted(cell for cell in cells if cell is not None))
    effects = [hours.effect_of(cell.hour) for cell in ordered]
    low, high = min(effects, default=0.0), max(effects, default=0.0)
    return PlanProblem(
        first_day=first,
        n_days=n_days,
        cells=ordered,
        candidates=tuple(s.candidate for s in subjects),
        hour_values=tuple((e - low) / (high - low) if high > low else 0.0 for e in effects),
        is_hour_told=hours.is_told,
        posts_per_week=wishes.posts_per_week,
        at_least_per_week=wishes.at_least_per_week,
        posts_per_day=wishes.posts_per_day,
        min_gap_hours=wishes.min_gap_hours,
        sponsored_one_in=wishes.sponsored_one_in,
        alike=find_alike(subjects),
        mix=dict(sorted(wishes.mix.items())),
        grade_by=wishes.grade.by if wishes.grade else None,
        n_grade_posts=n_grade_posts,
        past=tuple(past),
        quiet=wishes.quiet,
    )


def move_slot(
    workspace: Workspace, slot: Slot, at: datetime, wishes: Wishes, *, now: datetime
) -> tuple[Slot, list[str]]:
    """Put ``slot`` at ``at``, where it stays; also returns what the move breaks, in words (the person decides).

    Raises InputError for a moment that is past, or a slot that is done.
    """
    if slot.state != "planned":
        raise InputError(_("'{title}' is {state} already").format(title=slot.title, state=slot.state))
    if at < now + SCHEDULE_FROM:
        raise InputError(
            _("{at} is less than an hour ahead: the app would not take it").format(at=f"{at:%Y-%m-%d %H:%M}"),
            where="--to",
        )
    moved = change_slot(slot, now=now, starts_at=at, is_fixed=True, reasons=(Reason("fixed"),))
    save_slots(workspace, [moved], now=now)
    others = [s for s in load_slots(workspace) if s.state == "planned" and s.is_post and s.slot_id != slot.slot_id]
    if not moved.is_post:
        return moved, []
    line = sorted((*others, moved), key=lambda s: s.starts_at)
    first = min(s.starts_at for s in line).date()
    cells = tuple(sorted({s.starts_at for s in line}))
    candidates = tuple(
        Candidate(s.slot_id, s.title, template=s.template_id, is_sponsored=s.is_sponsored, pillar=s.pillar)
        for s in line
    )
    place = line.index(moved)
    near = [fixed_subject(workspace, s) for s in line[max(place - 1, 0) : place + 2]]
    problem = PlanProblem(
        first,
        (line[-1].starts_at.date() - first).days + 1,
        cells,
        candidates,
        posts_per_week=wishes.posts_per_week,
        posts_per_day=wishes.posts_per_day,
        min_gap_hours=wishes.min_gap_hours,
        sponsored_one_in=wishes.sponsored_one_in,
        alike=find_alike(near),
        quiet=wishes.quiet,
    )
    placement = tuple((i, cells.index(s.starts_at)) for i, s in enumerate(line))
    broken = [v.rule for v in find_violations(problem, placement) if v.at == at or slot.slot_id in v.keys]
    return moved, [describe_rule(rule) for rule in dict.fromkeys(broken)]


def finish_slot(
    workspace: Workspace, slot: Slot, *, now: datetime, published_at: datetime | None, title: str = "", is_topic: bool
) -> Slot:
    """Mark ``slot`` as done: posted at ``published_at`` (its planned time without one), under ``title`` if given."""
    at = published_at or min(slot.starts_at, now)
    if at > now:
        raise InputError(_("{at} lies in the future").format(at=f"{at:%Y-%m-%d %H:%M}"), where="--at")
    done = change_slot(
        slot,
        now=now,
        state="done",
        published_at=at if slot.is_post else None,
        title=title or slot.title,
        is_topic=is_topic or slot.is_topic,
    )
    save_slots(workspace, [done], now=now)
    return done


def skip_slot(workspace: Workspace, slot: Slot, *, now: datetime) -> Slot:
    """Take ``slot`` out of the plan for good; a new plan leaves its draft out."""
    if slot.state == "done":
        raise InputError(_("'{title}' is {state} already").format(title=slot.title, state=slot.state))
    skipped = change_slot(slot, now=now, state="skipped")
    save_slots(workspace, [skipped], now=now)
    return skipped


def _split_old(old: Sequence[Slot], own_notes: Sequence[Note], now: datetime) -> tuple[list[Slot], list[Past]]:
    """(planned slots that a person fixed, posts that are out, oldest first)."""
    kept = [slot for slot in old if slot.state == "planned" and slot.is_fixed and slot.starts_at >= now]
    past = [
        Past(slot.published_at, slot.slot_id, slot.template_id, slot.is_sponsored)
        for slot in old
        if slot.state == "done" and slot.published_at is not None and slot.published_at <= now
    ]
    matched = {slot.note_id for slot in old if slot.note_id}
    for note in own_notes:
        at = _published_at(note)
        if at is not None and at <= now and note.note_id not in matched:
            past.append(Past(at))
    past.sort(key=lambda post: (post.at, post.key))
    return kept, past[-60:]


def _published_at(note: Note) -> datetime | None:
    try:
        return to_beijing(datetime.fromisoformat(note.published_at)) if note.published_at else None
    except ValueError:
        return None


def _apply_deadlines(subjects: list[Subject], wishes: Wishes, now: datetime) -> list[Subject]:
    for item in wishes.deadlines:
        found = [i for i, s in enumerate(subjects) if s.ref.startswith(item.draft) or item.draft in s.candidate.title]
        if len(found) != 1:
            raise InputError(
                _("the deadline names '{draft}', which fits {n} open drafts").format(draft=item.draft, n=len(found)),
                where="plan.toml:deadlines",
                hint=_("`creator-kit drafts` lists them"),
            )
        if item.by < now.date():
            raise InputError(
                _("the deadline of '{draft}' ({by}) is over").format(draft=item.draft, by=item.by),
                where="plan.toml:deadlines",
            )
        subjects[found[0]] = with_deadline(subjects[found[0]], item.by)
    return subjects


def _appointment_slot(item: Appointment, workspace: Workspace, now: datetime) -> Slot:
    at = to_beijing(item.at)
    slot_id, title, ref, template = make_slot_id("appointment", at.isoformat(), item.title), item.title, "", ""
    is_sponsored = item.sponsored
    if item.draft:
        draft = draft_from_json(workspace.load_draft(item.draft))
        slot_id, title, ref = make_slot_id("draft", draft.draft_id), draft.title or draft.topic, draft.draft_id
        template, is_sponsored = find_template(draft), item.sponsored or draft.sponsored
    return Slot(
        slot_id=slot_id,
        kind="draft" if item.draft else "appointment",
        starts_at=at,
        title=title,
        ref=ref,
        minutes=item.minutes,
        template_id=template,
        is_sponsored=is_sponsored,
        is_fixed=True,
        is_post=item.post or bool(item.draft),
        changed_at=now,
        reasons=(Reason("fixed"),),
    )


def _keep_known(appointments: Sequence[Slot], by_id: dict[str, Slot], now: datetime) -> list[Slot]:
    """``appointments`` without those that are done or skipped; known ones keep their sequence."""
    kept = []
    for slot in appointments:
        known = by_id.get(slot.slot_id)
        if known is None:
            kept.append(slot)
        elif known.state not in ("done", "skipped"):
            names = ("starts_at", "title", "minutes", "kind", "is_sponsored", "template_id", "is_post", "reasons")
            changes = {name: getattr(slot, name) for name in names}
            kept.append(change_slot(known, now=now, state="planned", is_fixed=True, **changes))
    return kept


def _slot_of(
    subject: Subject,
    at: datetime,
    reasons: tuple[Reason, ...],
    by_id: dict[str, Slot],
    fixed: Sequence[Slot],
    now: datetime,
) -> Slot:
    known = next((slot for slot in fixed if slot.slot_id == subject.key), None) or by_id.get(subject.key)
    candidate = subject.candidate
    if known is None:
        return Slot(
            slot_id=subject.key,
            kind=subject.kind,
            starts_at=at,
            title=candidate.title,
            ref=subject.ref,
            pillar=candidate.pillar,
            template_id=candidate.template,
            is_sponsored=candidate.is_sponsored,
            is_video=subject.is_video,
            is_topic=subject.is_topic,
            changed_at=now,
            reasons=reasons,
        )
    return change_slot(
        known,
        now=now,
        starts_at=at,
        title=candidate.title,
        state="planned",
        pillar=candidate.pillar,
        template_id=candidate.template,
        is_sponsored=candidate.is_sponsored,
        reasons=reasons,
    )


def _task_slots(
    hand_tasks: Sequence[HandTask],
    wishes: Wishes,
    posts: Sequence[Slot],
    by_id: dict[str, Slot],
    *,
    now: datetime,
    last: date,
) -> list[Slot]:
    """Tasks by hand, one a day from tomorrow, before the grade's deadline, half an hour after a post where there is one
    (a person is in the app then anyway)."""
    if not hand_tasks:
        return []
    by = min(wishes.grade.by or last, last) if wishes.grade else last
    n_days = max((by - now.date()).days, 1)
    waking = [hour for hour in (20, 12, 18, 9, *range(24)) if hour not in wishes.quiet] or [12]
    post_at = {slot.starts_at.date(): slot.ends_at for slot in posts if slot.is_post}
    slots = []
    for number, task in enumerate(hand_tasks):
        day = now.date() + timedelta(days=1 + number * (n_days - 1) // max(len(hand_tasks), 1))
        at = post_at.get(day, start_of_day(day) + timedelta(hours=waking[0]))
        slot_id = make_slot_id("task", task.task_id)
        reason = Reason("task", {"grade": str(task.grade), "by": by.isoformat()})
        known = by_id.get(slot_id)
        if known is not None and known.state in ("done", "skipped"):
            continue
        if known is not None:
            slots.append(change_slot(known, now=now, starts_at=at, title=task.text, state="planned", reasons=(reason,)))
            continue
        slots.append(
            Slot(
                slot_id=slot_id,
                kind="task",
                starts_at=at,
                title=task.text,
                ref=task.task_id,
                minutes=TASK_MINUTES,
                is_post=False,
                changed_at=now,
                reasons=(reason,),
            )
        )
    return slots
