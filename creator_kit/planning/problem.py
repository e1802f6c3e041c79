"""The plan as a problem: candidates, cells of time, rules that hold and wishes that count. And its plain judge.

``find_violations`` and ``score_placement`` say in a few lines what the solver's matrix says in thousands: the
solver is tested against them, and a move by hand is checked by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil

# What one more of each wish is worth. The order is the point, not the figures (JUDGE): a draft placed outweighs
# everything soft, an idea less; then days that matter, the wished mix, good hours, even spacing.
DRAFT_VALUE = 100.0
IDEA_VALUE = 40.0
OCCASION_VALUE = 30.0
GRADE_SHORT_COST = 25.0
MIX_COST = 12.0
HOUR_VALUE = 6.0
HOUR_SPREAD_COST = 2.0
LATE_COST_A_DAY = 0.05
# A note that is written goes out before one that is only an idea: so much a place that it waits, in the first places.
WAIT_COST_A_PLACE = 1.0
WAIT_PLACES = 12
CROWDED_COST = 1.5
# Spans of so many days should hold no more posts than their part of a week's, rounded up.
EVEN_SPANS_DAYS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to post. ``windows`` are spans of days (both included) that suit it, ``by`` its firm last day,
    ``fixed_at`` the only moment it may have. ``template`` "" matches no other; ``key`` names it; an idea is not
    ``is_written``."""

    key: str
    title: str
    value: float = DRAFT_VALUE
    pillar: str = ""
    template: str = ""
    is_sponsored: bool = False
    windows: tuple[tuple[date, date], ...] = ()
    by: date | None = None
    fixed_at: datetime | None = None
    is_written: bool = True

    @property
    def is_must(self) -> bool:
        """Whether the plan must hold it: it is fixed, or has a firm last day."""
        return self.fixed_at is not None or self.by is not None

    def suits(self, day: date) -> bool:
        """Whether ``day`` lies in one of its windows."""
        return any(first <= day <= last for first, last in self.windows)


@dataclass(frozen=True, slots=True)
class Past:
    """A post that is out already, as far as the rules look back."""

    at: datetime
    key: str = ""
    template: str = ""
    is_sponsored: bool = False


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """``cells`` are the moments to choose from, ascending; a fixed candidate's moment is among them and taken by
    nothing else. ``hour_values`` (0 to 1, one a cell) say how good its hour is; all equal where no hour can be told
    from another, and then posts are spread over ``hours``. ``alike`` holds unordered pairs of keys.

    Weeks are blocks of seven days from ``first_day``. ``mix`` maps pillars to wished shares. ``grade_by`` with
    ``n_grade_posts``: so many posts are wished until that day. ``past`` is ordered, the latest last.
    """

    first_day: date
    n_days: int
    cells: tuple[datetime, ...]
    candidates: tuple[Candidate, ...]
    hour_values: tuple[float, ...] = ()
    is_hour_told: bool = False
    posts_per_week: int = 3
    at_least_per_week: int = 0
    posts_per_day: int = 1
    min_gap_hours: float = 20.0
    sponsored_one_in: int = 4
    alike: frozenset[frozenset[str]] = frozenset()
    mix: dict[str, float] = field(default_factory=dict)
    grade_by: date | None = None
    n_grade_posts: int = 0
    past: tuple[Past, ...] = ()
    quiet: frozenset[int] = frozenset()

    @property
    def n_weeks(self) -> int:
        return ceil(self.n_days / 7)

    def week_of(self, at: datetime) -> int:
        """The block of seven days that ``at`` lies in, from 0."""
        return (at.date() - self.first_day).days // 7

    def is_whole_week(self, week: int) -> bool:
        """Whether all seven days of the block belong to the plan."""
        return (week + 1) * 7 <= self.n_days

    def even_spans(self) -> Iterator[tuple[date, date, int]]:
        """(first day, last day, posts) of all spans in which more posts than that are crowded."""
        for n_days in EVEN_SPANS_DAYS:
            most = ceil(n_days * self.posts_per_week / 7)
            for start in range(self.n_days - n_days + 1):
                first = self.first_day + timedelta(days=start)
                yield first, first + timedelta(days=n_days - 1), most

    @property
    def hours(self) -> tuple[int, ...]:
        """Hours of the cells that are open to all."""
        fixed = {c.fixed_at for c in self.candidates if c.fixed_at is not None}
        return tuple(sorted({cell.hour for cell in self.cells if cell not in fixed}))


# A placement: (index of candidate, index of cell), by cell.
Placement = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A firm rule that a placement breaks: ``rule`` is the name of the wish, ``at`` where it shows."""

    rule: str
    at: datetime | None
    keys: tuple[str, ...] = ()


def are_alike(problem: PlanProblem, one: Candidate | Past, other: Candidate | Past) -> str:
    """The rule that forbids the two side by side ("same_template", "near_alike"), or ""."""
    if one.template and one.template == other.template:
        return "same_template"
    return "near_alike" if one.key and frozenset((one.key, other.key)) in problem.alike else ""


def find_violations(problem: PlanProblem, placement: Placement) -> list[Violation]:
    """Every firm rule that ``placement`` breaks, in order of time; [] for a plan that holds."""
    found: list[Violation] = []
    posts = sorted(((problem.cells[cell], problem.candidates[i]) for i, cell in placement), key=lambda post: post[0])
    for at, candidate in posts:
        if candidate.fixed_at is not None and candidate.fixed_at != at:
            found.append(Violation("appointments", at, (candidate.key,)))
        if candidate.by is not None and at.date() > candidate.by:
            found.append(Violation("deadlines", at, (candidate.key,)))
        if at.hour in problem.quiet and candidate.fixed_at is None:  # who fixed it there meant it
            found.append(Violation("quiet_hours", at, (candidate.key,)))
    for candidate in problem.candidates:
        if candidate.is_must and candidate.key not in {post.key for _at, post in posts}:
            found.append(Violation("deadlines" if candidate.by else "appointments", None, (candidate.key,)))
    line: list[tuple[datetime, Candidate | Past]] = [(post.at, post) for post in problem.past]
    n_past = len(line)
    line += posts
    for here in range(max(n_past, 1), len(line)):
        before_at, before = line[here - 1]
        at, post = line[here]
        if at - before_at < timedelta(hours=problem.min_gap_hours):
            found.append(Violation("min_gap_hours", at, (before.key, post.key)))
        rule = are_alike(problem, before, post)
        if rule:
            found.append(Violation(rule, at, (before.key, post.key)))
        if post.is_sponsored:
            near = line[max(here - problem.sponsored_one_in + 1, 0) : here]
            sponsored = [other.key for _at, other in near if other.is_sponsored]
            if sponsored:
                found.append(Violation("sponsored_one_in", at, (*sponsored, post.key)))
    for day in sorted({at.date() for at, _post in posts}):
        if sum(at.date() == day for at, _post in posts) > problem.posts_per_day:
            found.append(Violation("posts_per_day", next(at for at, _p in posts if at.date() == day)))
    for week in range(problem.n_weeks):
        n = sum(problem.week_of(at) == week for at, _post in posts)
        first = next((at for at, _post in posts if problem.week_of(at) == week), None)
        if n > problem.posts_per_week:
            found.append(Violation("posts_per_week", first))
        if n < problem.at_least_per_week and problem.is_whole_week(week):
            found.append(Violation("at_least_per_week", first))
    return found


def waiting_cost(candidate: Candidate, place: int) -> float:
    """What it costs that ``candidate`` is the ``place``-th post (from 0) of the plan."""
    return WAIT_COST_A_PLACE * min(place, WAIT_PLACES) * candidate.is_written


def score_placement(problem: PlanProblem, placement: Placement) -> float:
    """How much of the soft wishes ``placement`` meets; more is better. Rules are not looked at."""
    posts: Sequence[tuple[int, int]] = sorted(placement, key=lambda pair: pair[1])
    n = len(posts)
    total = 0.0
    for place, (i, cell) in enumerate(posts):
        candidate, at = problem.candidates[i], problem.cells[cell]
        total += candidate.value - waiting_cost(candidate, place)
        total += OCCASION_VALUE * candidate.suits(at.date())
        if problem.is_hour_told:
            total += HOUR_VALUE * problem.hour_values[cell]
        total -= LATE_COST_A_DAY * (at.date() - problem.first_day).days
    if not problem.is_hour_told and problem.hours:
        for hour in problem.hours:
            n_here = sum(problem.cells[cell].hour == hour for _i, cell in posts)
            total -= HOUR_SPREAD_COST * max(n_here - n / len(problem.hours), 0.0)
    for pillar, share in problem.mix.items():
        n_here = sum(problem.candidates[i].pillar == pillar for i, _cell in posts)
        total -= MIX_COST * abs(n_here - share * n)
    days = [problem.cells[cell].date() for _i, cell in posts]
    for first, last, most in problem.even_spans():
        total -= CROWDED_COST * max(sum(first <= day <= last for day in days) - most, 0)
    if problem.grade_by is not None:
        early = sum(problem.cells[cell].date() <= problem.grade_by for _i, cell in posts)
        total -= GRADE_SHORT_COST * max(problem.n_grade_posts - early, 0)
    return total
