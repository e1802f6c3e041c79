"""When the next grades come: the plan and the creator's own rates, run through the ladder many times.

In each replicate notes come out as planned (then at the creator's own rate), each reaches a bar with a chance that is
itself drawn (chances.BarChance), tasks by hand go on at the ledger's rate; AND waits for the last part, OR takes the
first. The dates are quantiles over replicates, never means.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

import numpy as np
from numpy.typing import NDArray

from creator_kit.errors import InputError
from creator_kit.exposure.forecast import Quantiles
from creator_kit.exposure.sampling import Streams
from creator_kit.locale import _
from creator_kit.planning.chances import Chances
from creator_kit.planning.ladder import HAND_ACTIONS, Ladder, Task, describe_bar, describe_task
from creator_kit.planning.ledger import TaskEvent
from creator_kit.planning.progress import Doings, Status, TaskProgress, measure_task
from creator_kit.planning.slot import Slot

Array = NDArray[np.float64]
HORIZON_DAYS = 730
RATE_WINDOW_DAYS = 56
HAND_WINDOW_DAYS = 28
MAX_POSTS = 400
_NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things get done. ``posts_per_week`` is drawn around ``rate`` as its ``n_seen`` posts in ``seen_days``
    allow (both 0: the plan's own rate, taken as it is). ``video_share`` and ``topic_share`` (0 to 1) are those of own
    notes; ``hand_rates`` are amounts a day by action. ``source`` is ``own``, ``plan`` or ``none``."""

    rate: float
    source: str
    n_seen: int = 0
    seen_days: float = 0.0
    video_share: float = 0.0
    topic_share: float = 0.0
    hand_rates: dict[str, float] | None = None
    kept_share: float = 1.0


@dataclass(frozen=True, slots=True)
class GradeDate:
    """When a grade comes. A date is None where it lies beyond the horizon; ``p_in_time`` is the share of replicates
    within it. ``reconstructed``: the tasks are a guess, and so is the date."""

    number: int
    name: str
    p10: date | None
    p50: date | None
    p90: date | None
    p_in_time: float
    reconstructed: bool


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that would bring the next grade earlier, by ``days_gained`` at P50 (None: beyond the horizon now)."""

    code: str
    days_gained: float


@dataclass(frozen=True, slots=True)
class GradeForecast:
    """Dates of the grades above the present one, the posts that the next one takes, levers (best first) and in words
    what all this rests on."""

    grades: tuple[GradeDate, ...]
    posts_needed: Quantiles | None
    to_go: tuple[str, ...]
    levers: tuple[Lever, ...]
    pace: Pace
    assumptions: tuple[str, ...]
    n_replicates: int
    seed: int


def learn_pace(
    doings: Doings, events: Sequence[TaskEvent], slots: Sequence[Slot], *, today: date, plan_rate: float | None = None
) -> Pace:
    """The pace of the last weeks; ``plan_rate`` (posts a week) stands in where nothing was posted.

    Raises InputError for a negative rate.
    """
    if plan_rate is not None and plan_rate < 0:
        raise InputError(_("a number of posts is not negative"), where="posts_per_week")
    recent = [n for n in doings.notes if 0 <= (today - n.published_on).days < RATE_WINDOW_DAYS]
    # An account that began a week ago has been seen for a week, not for eight.
    first = min((n.published_on for n in doings.notes), default=today)
    seen_days = float(min((today - first).days + 1, RATE_WINDOW_DAYS))
    n_notes = len(doings.notes)
    video = sum(n.is_video for n in doings.notes) / n_notes if n_notes else 0.0
    n_topic = sum(n.is_topic for n in doings.notes) + doings.amounts.get("topic_note", 0)
    hand = {
        action: sum(e.amount for e in events if e.action == action and 0 <= (today - e.done_on).days < HAND_WINDOW_DAYS)
        / HAND_WINDOW_DAYS
        for action in HAND_ACTIONS
    }
    due = [s for s in slots if s.is_post and s.starts_at.date() < today and s.state in ("planned", "done", "skipped")]
    kept = (4 + sum(s.state == "done" for s in due)) / (4 + len(due))
    topic = min(n_topic / n_notes, 1.0) if n_notes else 0.0
    if recent and seen_days >= 7:
        rate = 7 * len(recent) / seen_days
        return Pace(rate, "own", len(recent), seen_days, video, topic, hand, kept)
    if plan_rate:
        return Pace(plan_rate, "plan", 0, 0.0, video, topic, hand, kept)
    return Pace(0.0, "none", 0, 0.0, video, topic, hand, kept)


def forecast_grades(
    ladder: Ladder,
    status: Status,
    chances: Chances,
    pace: Pace,
    slots: Sequence[Slot],
    *,
    now: datetime,
    seed: int,
    n_replicates: int = 2000,
    with_levers: bool = True,
) -> GradeForecast:
    """The dates of the grades above ``status.grade``. Same arguments, same forecast."""
    if not 100 <= n_replicates <= 50_000:
        raise InputError(
            _("{n} replicates: give 100 to {most}").format(n=n_replicates, most=50_000), where="replicates"
        )
    grades = [grade for grade, _p in status.grades if grade.number > status.grade]
    run = _Run(ladder, status, chances, pace, slots, now, Streams(seed, n_replicates))
    reached = np.zeros(n_replicates)
    dates = []
    for grade in grades:
        reached = np.maximum(reached, run.days_until(measure_task(ladder, grade.needs, status.doings)))
        dates.append(
            GradeDate(
                grade.number,
                grade.name,
                p10=_date(reached, 0.1, now),
                p50=_date(reached, 0.5, now),
                p90=_date(reached, 0.9, now),
                p_in_time=float((reached <= HORIZON_DAYS).mean()),
                reconstructed=grade.reconstructed or ladder.is_reconstructed(grade.needs),
            )
        )
    levers: list[Lever] = []
    posts: Quantiles | None = None
    if status.next_progress is not None:
        posts = run.posts_until(status.next_progress)
        if with_levers:
            levers = _find_levers(run, status.next_progress)
    return GradeForecast(
        tuple(dates),
        posts,
        tuple(_to_go(step) for step in status.steps),
        tuple(levers),
        pace,
        tuple(_assumptions(run, chances, pace)),
        n_replicates,
        seed,
    )


def posts_needed(status: Status, chances: Chances, pace: Pace) -> int:
    """About how many posts the next grade takes: what is missing on the shortest way over its chance; 0 for none."""
    most = 0
    for step in status.steps:
        if step.task.action in HAND_ACTIONS or step.task.action is None:
            continue
        chance = chances.of(step.task, pace.video_share > 0.5)
        most = max(most, ceil(step.n_missing / max(chance.p if chance else 1.0, 0.02)))
    return min(most, MAX_POSTS)


class _Run:
    """One set of random numbers; days from now, ``inf`` for never."""

    def __init__(
        self,
        ladder: Ladder,
        status: Status,
        chances: Chances,
        pace: Pace,
        slots: Sequence[Slot],
        now: datetime,
        streams: Streams,
        *,
        all_topic: bool = False,
        all_video: bool = False,
        extra_posts: float = 0.0,
    ) -> None:
        self.base = (ladder, status, chances, pace, slots, now, streams)
        self.status, self.chances, self.pace, self.now, self.streams = status, chances, pace, now, streams
        self.planned = sorted(
            (s for s in slots if s.state == "planned" and s.is_post and s.starts_at >= now),
            key=lambda s: (s.starts_at, s.slot_id),
        )
        self.task_days = {
            s.ref: (s.starts_at - now).total_seconds() / 86400
            for s in slots
            if s.kind == "task" and s.state == "planned" and s.starts_at >= now
        }
        n = streams.n
        self.is_waiting = True
        # One draw for the account: a creator whose notes do better than believed does so at every bar.
        self.ability = _uniform(streams, "grade:ability")
        self.when = self._post_days(extra_posts)
        n_posts = self.when.shape[1]
        self.luck = _table(streams, "grade:luck", n_posts)
        self.wait = _table(streams, "grade:wait", n_posts)
        kind = _table(streams, "grade:kind", n_posts)
        self.is_video = np.ones((n, n_posts), bool) if all_video else kind < pace.video_share
        topic = _table(streams, "grade:topic", n_posts)
        self.is_topic = np.ones((n, n_posts), bool) if all_topic else topic < pace.topic_share
        for j, slot in enumerate(self.planned[:n_posts]):
            if slot.kind == "draft" and not all_video:
                self.is_video[:, j] = slot.is_video
            self.is_topic[:, j] |= slot.is_topic

    def variant(self, **changes: float | bool) -> _Run:
        """The same creator and the same luck, with something done otherwise."""
        return _Run(*self.base, **changes)  # type: ignore[arg-type]

    def _post_days(self, extra_posts: float) -> Array:
        n = self.streams.n
        planned = [(s.starts_at - self.now).total_seconds() / 86400 for s in self.planned]
        out = np.tile(np.array(planned, dtype=np.float64), (n, 1)) if planned else np.zeros((n, 0))
        for j in range(out.shape[1]):  # a planned post comes out with the share of planned posts that did so far
            out[_uniform(self.streams, f"grade:kept:{j}") > self.pace.kept_share, j] = _NEVER
        weekly = np.full(n, self.pace.rate)
        if self.pace.source == "own":
            from scipy.special import gammaincinv

            level = _uniform(self.streams, "grade:rate")
            weekly = 7 * np.asarray(gammaincinv(self.pace.n_seen + 0.5, level)) / self.pace.seen_days
        start = max(planned, default=0.0)
        n_more = min(ceil(float(np.quantile(weekly, 0.9)) * (HORIZON_DAYS - start) / 7), MAX_POSTS)
        columns = [out]
        if n_more > 0:
            gaps = -np.log(np.maximum(_table(self.streams, "grade:gap", n_more), 1e-12))
            columns.append(start + np.cumsum(gaps, axis=1) * (7 / np.maximum(weekly, 1e-9))[:, None])
        if extra_posts > 0:
            n_extra = min(ceil(extra_posts * HORIZON_DAYS / 7), MAX_POSTS)
            columns.append(np.tile((np.arange(n_extra) + 0.5) * 7 / extra_posts, (n, 1)))
        merged = np.concatenate(columns, axis=1) if len(columns) > 1 or out.shape[1] else np.full((n, 1), _NEVER)
        return np.where(merged <= HORIZON_DAYS, merged, _NEVER)

    def days_until(self, progress: TaskProgress) -> Array:
        """Days until a task is complete, (n,)."""
        task = progress.task
        if progress.is_complete:
            return np.zeros(self.streams.n)
        if progress.parts:
            parts = np.stack([self.days_until(part) for part in progress.parts])
            return np.asarray(parts.max(axis=0) if task.all else parts.min(axis=0))
        if task.action in HAND_ACTIONS:
            return self._hand_days(task, progress.n_missing)
        return self._nth(self._success_days(task), progress.n_missing)

    def posts_until(self, progress: TaskProgress) -> Quantiles | None:
        """How many posts come out until the task is complete; None where half the replicates never see it."""
        # Counted to the note that will reach the bar, not to the day on which it has.
        self.is_waiting = False
        days = self.days_until(progress)
        self.is_waiting = True
        n = (self.when <= days[:, None]).sum(axis=1).astype(float)
        n[~np.isfinite(days)] = np.inf
        p10, p50, p90 = (float(x) for x in np.quantile(n, [0.1, 0.5, 0.9], method="inverted_cdf"))
        return Quantiles(p10, p50, p90) if np.isfinite(p50) else None

    def _hand_days(self, task: Task, n_missing: int) -> Array:
        n = self.streams.n
        if task.id in self.task_days:
            return np.full(n, self.task_days[task.id])
        rate = (self.pace.hand_rates or {}).get(task.action or "", 0.0)
        if rate > 0:
            return np.full(n, n_missing / rate)
        return 1.0 + 6.0 * _uniform(self.streams, f"grade:hand:{task.id}")

    def _success_days(self, task: Task) -> Array:
        days = np.where(np.isfinite(self.when), self.when, _NEVER)
        if task.action == "video_note":
            days = np.where(self.is_video, days, _NEVER)
        if task.action == "topic_note":
            days = np.where(self.is_topic, days, _NEVER)
        out = days
        for is_video in (False, True):
            chance = self.chances.of(task, is_video)
            if chance is None:
                continue
            p = chance.draw(self.ability)
            delays = np.array(chance.delay_days)
            late = delays[np.minimum((self.wait * len(delays)).astype(int), len(delays) - 1)]
            done = np.where(self.luck < p[:, None], days + late * self.is_waiting, _NEVER)
            out = np.where(self.is_video == is_video, done, out)
        return out

    @staticmethod
    def _nth(days: Array, n: int) -> Array:
        if n > days.shape[1]:
            return np.full(len(days), _NEVER)
        return np.asarray(np.partition(days, n - 1, axis=1)[:, n - 1])


def _find_levers(run: _Run, progress: TaskProgress) -> list[Lever]:
    now = float(np.quantile(run.days_until(progress), 0.5, method="inverted_cdf"))
    now = min(now, HORIZON_DAYS)
    actions = {leaf.action for leaf in _open_leaves(progress)}
    trials: dict[str, dict[str, float | bool]] = {}
    if run.pace.source != "none":
        trials["one_more_post"] = {"extra_posts": 1.0}
    if "topic_note" in actions:
        trials["topic_notes"] = {"all_topic": True}
    if "video_note" in actions and run.pace.video_share < 1:
        trials["video_notes"] = {"all_video": True}
    levers = []
    for code, changes in trials.items():
        then = float(np.quantile(run.variant(**changes).days_until(progress), 0.5, method="inverted_cdf"))
        if now - then >= 0.5:
            levers.append(Lever(code, round(now - then, 1)))
    if any(leaf.action in HAND_ACTIONS for leaf in _open_leaves(progress)):
        quick = replace(run.pace, hand_rates=dict.fromkeys(HAND_ACTIONS, 1e6))
        ladder, status, chances, _pace, slots, at, streams = run.base
        posts_only = [s for s in slots if s.kind != "task"]
        other = _Run(ladder, status, chances, quick, posts_only, at, streams)
        then = float(np.quantile(other.days_until(progress), 0.5, method="inverted_cdf"))
        if now - then >= 0.5:
            levers.append(Lever("hand_tasks_today", round(now - then, 1)))
    return sorted(levers, key=lambda lever: (-lever.days_gained, lever.code))


def describe_lever(lever: Lever) -> str:
    """A lever as a sentence."""
    texts = {
        "one_more_post": _("one more post a week: {days} days earlier"),
        "topic_notes": _("making the next notes topic notes: {days} days earlier"),
        "video_notes": _("making the next notes video notes: {days} days earlier"),
        "hand_tasks_today": _("doing the open tasks by hand today: {days} days earlier"),
    }
    return texts[lever.code].format(days=f"{lever.days_gained:g}")


def _open_leaves(progress: TaskProgress) -> list[Task]:
    if progress.is_complete:
        return []
    if not progress.parts:
        return [progress.task]
    return [leaf for part in progress.parts for leaf in _open_leaves(part)]


def _to_go(step: TaskProgress) -> str:
    missing = step.task.model_copy(update={"count": step.n_missing})
    return describe_task(missing)


def _assumptions(run: _Run, chances: Chances, pace: Pace) -> list[str]:
    lines = []
    if pace.source == "own":
        lines.append(
            _("{rate:.1f} posts a week, as in your last {days:.0f} days ({n} notes)").format(
                rate=pace.rate, days=pace.seen_days, n=pace.n_seen
            )
        )
    elif pace.source == "plan":
        lines.append(
            _("{rate:g} posts a week, as the plan wishes: you have posted too little yet to know your own").format(
                rate=pace.rate
            )
        )
    else:
        lines.append(_("no posts a week are known: give --posts-per-week, or make a plan"))
    if run.planned:
        lines.append(
            _("{n} planned posts first, each with a chance of {share:.0%} to come out as planned").format(
                n=len(run.planned), share=pace.kept_share
            )
        )
    for leaf in _coming_bars(run):
        chance = chances.of(leaf, pace.video_share > 0.5)
        if chance is None:
            continue
        bar = describe_bar(leaf)
        if chance.n_own:
            text = _(
                "{bar}: a note of yours gets there with a chance of about {p:.0%} "
                "({k} of your {n} settled notes did; the model says {m:.0%})"
            )
            lines.append(text.format(bar=bar, p=chance.p, k=chance.n_reached, n=chance.n_own, m=chance.p_model))
        else:
            text = _("{bar}: a note gets there with a chance of about {p:.0%}, by the model alone")
            lines.append(text.format(bar=bar, p=chance.p))
    if any(step.task.action in HAND_ACTIONS for step in run.status.steps):
        lines.append(_("tasks by hand: as planned, else at your ledger's rate, else within a week"))
    lines.append(chances.basis)
    return lines


def _coming_bars(run: _Run) -> list[Task]:
    """One open leaf for each bar that the next three grades ask for."""
    bars: dict[tuple[int | None, int | None], Task] = {}
    for progress in [p for grade, p in run.status.grades if grade.number > run.status.grade][:3]:
        for leaf in _open_leaves(progress):
            bars.setdefault((leaf.collects, leaf.likes), leaf)
    return list(bars.values())


def _date(days: Array, level: float, now: datetime) -> date | None:
    value = float(np.quantile(days, level, method="inverted_cdf"))
    return (now + timedelta(days=value)).date() if value <= HORIZON_DAYS else None


def _uniform(streams: Streams, label: str) -> Array:
    return streams.uniform(label)


def _table(streams: Streams, label: str, n_columns: int) -> Array:
    """(n, n_columns) levels in (0, 1); the first columns are the same however many there are."""
    rng = np.random.default_rng([streams.seed, zlib.crc32(label.encode())])
    return rng.random((n_columns, streams.n)).T
