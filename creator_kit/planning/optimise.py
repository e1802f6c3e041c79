"""The plan as a mixed-integer linear programme, solved by HiGHS through SciPy.

Posts are positions in a row. z[k,t] = 1 puts the k-th post into cell t, x[c,k] = 1 gives it a draft of class c
(drafts that no rule and no wish tells apart are one class, which keeps the tree small). C[k,t] = Σ z[k,t'≤t] is 0 or 1
and makes "the next post comes later" a row of two numbers: C[k+1,t] ≤ C[k,t-1]. Neighbours are then k and k+1 whatever
days lie between, so "not side by side" and "one in n" are short rows over x; gaps, days and weeks are short rows over
z. A wish that ties a draft to days (f ≤ x, f ≤ Σ z over the days) costs one continuous variable a class and position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creator_kit.planning.problem import (
    CROWDED_COST,
    GRADE_SHORT_COST,
    HOUR_SPREAD_COST,
    HOUR_VALUE,
    LATE_COST_A_DAY,
    MIX_COST,
    OCCASION_VALUE,
    Candidate,
    Placement,
    PlanProblem,
    are_alike,
    waiting_cost,
)

# Wishes that hold firmly, in the order in which a conflict names them.
# Those whose absence widens the search most come last, when the others that are not needed are gone.
FIRM_WISHES = (
    "at_least_per_week", "sponsored_one_in", "same_template", "near_alike", "quiet_hours", "min_gap_hours",
    "deadlines", "appointments", "posts_per_day", "posts_per_week",
)  # fmt: skip
_CONTENT_WISHES = frozenset({"sponsored_one_in", "same_template", "near_alike"})
# Bounds the work, and unlike a time limit gives the same plan on a slow machine.
MAX_NODES = 400
_REL_GAP = 2e-3
_SMALL_CELLS = 2_500
_INFEASIBLE = 2  # scipy.optimize.OptimizeResult.status


@dataclass(frozen=True, slots=True)
class Solution:
    """``placement`` is None when no plan keeps every firm rule. ``objective`` and ``bound``: no plan is worth more
    than ``bound``; ``is_optimal`` when the two meet within the gap asked for."""

    placement: Placement | None
    objective: float = 0.0
    bound: float = 0.0
    is_optimal: bool = False


@dataclass(frozen=True, slots=True)
class _Class:
    """Candidates (by index) that are the same for every rule and wish."""

    members: tuple[int, ...]
    example: Candidate


def solve_plan(
    problem: PlanProblem, *, ignore: frozenset[str] = frozenset(), rel_gap: float = _REL_GAP, feasibility: bool = False
) -> Solution:
    """The best placement. ``ignore`` names firm wishes to leave out; ``feasibility`` only asks whether one exists."""
    return _Model(problem, ignore, feasibility).solve(rel_gap)


def find_conflict(problem: PlanProblem) -> tuple[str, ...]:
    """A smallest set of firm wishes that cannot hold together: leaving out any one of them makes a plan possible.

    By deletion: each wish that is not needed for the conflict is dropped in turn. () where a plan exists.
    """
    # Most conflicts are about time alone; without what tells drafts apart the search is many times smaller.
    plain = replace(
        problem,
        alike=frozenset(),
        candidates=tuple(replace(c, template="", is_sponsored=False, windows=()) for c in problem.candidates),
        past=tuple(replace(post, key="", template="", is_sponsored=False) for post in problem.past),
    )
    for trial in (plain, problem):
        if solve_plan(trial, feasibility=True).placement is None:
            return _shrink_conflict(trial, _CONTENT_WISHES if trial is plain else frozenset())
    return ()


def _shrink_conflict(problem: PlanProblem, ignored: frozenset[str]) -> tuple[str, ...]:
    for wish in FIRM_WISHES:
        trial = ignored | {wish}
        if wish in ignored:
            continue
        # With nothing that must be placed and no neighbours to mind, posts can always be taken out of a full week: the
        # cap is no part of the conflict, and the slowest of these proofs can be spared.
        is_idle_cap = (
            wish == "posts_per_week"
            and ignored >= _CONTENT_WISHES | {"deadlines", "appointments"}
            and problem.at_least_per_week <= problem.posts_per_week
        )
        if is_idle_cap or solve_plan(problem, ignore=trial, feasibility=True).placement is None:
            ignored = trial
    return tuple(wish for wish in FIRM_WISHES if wish not in ignored)


class _Model:
    """The matrix under construction: columns with bounds and costs, rows as triplets."""

    def __init__(self, problem: PlanProblem, ignore: frozenset[str], feasibility: bool) -> None:
        self.problem, self.ignore, self.feasibility = problem, ignore, feasibility
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.integral: list[int] = []
        self.entries: tuple[list[int], list[int], list[float]] = ([], [], [])
        self.row_low: list[float] = []
        self.row_high: list[float] = []
        self.classes = _classes(problem)
        self.x: dict[tuple[int, int], int] = {}
        self.z: dict[tuple[int, int], int] = {}
        self.n_positions = 0

    # -- columns and rows ---------------------------------------------------------------------------------------

    def column(self, *, gain: float = 0.0, upper: float = 1.0, integral: bool = False) -> int:
        self.cost.append(0.0 if self.feasibility else -gain)
        self.upper.append(upper)
        self.integral.append(int(integral))
        return len(self.cost) - 1

    def row(self, terms: Iterable[tuple[int, float]], low: float = -np.inf, high: float = np.inf) -> None:
        index = len(self.row_low)
        rows, columns, values = self.entries
        for column, value in terms:
            rows.append(index)
            columns.append(column)
            values.append(value)
        self.row_low.append(low)
        self.row_high.append(high)

    def on(self, wish: str) -> bool:
        return wish not in self.ignore

    # -- the model ----------------------------------------------------------------------------------------------

    def solve(self, rel_gap: float) -> Solution:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        problem = self.problem
        self._place_positions()
        if self.n_positions == 0:
            short = self.on("at_least_per_week") and problem.at_least_per_week > 0 and problem.is_whole_week(0)
            must = any(
                (c.by is not None and self.on("deadlines")) or (c.fixed_at is not None and self.on("appointments"))
                for c in problem.candidates
            )
            return Solution(None) if short or must else Solution((), is_optimal=True)
        self._give_candidates()
        self._keep_rules()
        if not self.feasibility:
            self._count_wishes()
        rows, columns, values = self.entries
        shape = (len(self.row_low), len(self.cost))
        matrix = csr_array((values, (rows, columns)), shape=shape)
        for n_nodes in (MAX_NODES, MAX_NODES * 50):
            result: Any = milp(
                np.array(self.cost),
                integrality=np.array(self.integral),
                bounds=Bounds(np.zeros(len(self.cost)), np.array(self.upper)),
                constraints=LinearConstraint(matrix, np.array(self.row_low), np.array(self.row_high)),
                options={"mip_rel_gap": rel_gap, "node_limit": n_nodes},
            )
            if result.x is not None or result.status == _INFEASIBLE:
                break
        if result.x is None:
            return Solution(None)
        bound = -float(result.mip_dual_bound) if result.mip_dual_bound is not None else -float(result.fun)
        return Solution(self._read(result.x), -float(result.fun), bound, result.status == 0)

    def _place_positions(self) -> None:
        """z and C: which cell each position takes, in order."""
        problem = self.problem
        quiet = problem.quiet if self.on("quiet_hours") else frozenset()
        fixed_cells = {c.fixed_at for c in problem.candidates if c.fixed_at is not None}
        self.open_cells = [t for t, at in enumerate(problem.cells) if at.hour not in quiet or at in fixed_cells]
        by_week: dict[int, int] = defaultdict(int)
        for t in self.open_cells:
            by_week[problem.week_of(problem.cells[t])] += 1
        most = min(problem.posts_per_week, 7 * problem.posts_per_day) if self.on("posts_per_week") else 99
        capacity = sum(min(n, most) for n in by_week.values())
        n_all = self.n_positions = min(len(problem.candidates), capacity)
        is_small = n_all * len(self.open_cells) <= _SMALL_CELLS
        late_cost = LATE_COST_A_DAY
        for k in range(n_all):
            # Before position k lie k posts, at most `most` a week; after it (in a full plan) n_all - 1 - k.
            first = k // most
            last = problem.n_weeks - 1 - (0 if is_small else max((n_all - 1 - k) // most - 1, 0))
            previous: int | None = None
            for t in self.open_cells:
                at = problem.cells[t]
                if not first <= problem.week_of(at) <= last:
                    continue
                gain = -late_cost * (at.date() - problem.first_day).days
                if problem.is_hour_told:
                    gain += HOUR_VALUE * problem.hour_values[t]
                self.z[k, t] = z = self.column(gain=gain, integral=True)
                total = self.column()
                terms = [(total, 1.0), (z, -1.0)]
                if previous is not None:
                    terms.append((previous, -1.0))
                self.row(terms, 0.0, 0.0)
                self.cumulative[k, t] = previous = total
        self._order_positions()

    @property
    def cumulative(self) -> dict[tuple[int, int], int]:
        if not hasattr(self, "_cumulative"):
            self._cumulative: dict[tuple[int, int], int] = {}
        return self._cumulative

    def _order_positions(self) -> None:
        cells = [[t for t in self.open_cells if (k, t) in self.z] for k in range(self.n_positions)]
        for k in range(self.n_positions - 1):
            own, following = cells[k], cells[k + 1]
            place = 0
            for t in following:
                while place < len(own) and own[place] < t:
                    place += 1
                term = (self.cumulative[k + 1, t], 1.0)
                if place == 0:  # position k cannot lie before t
                    self.row([term], high=0.0)
                else:
                    self.row([term, (self.cumulative[k, own[place - 1]], -1.0)], high=0.0)
        self.cells_of = cells

    def _give_candidates(self) -> None:
        """x: which class each position takes; as many as it takes cells, no class more often than it has members."""
        problem = self.problem
        for c, group in enumerate(self.classes):
            example = group.example
            for k in range(self.n_positions):
                inside = all(example.suits(problem.cells[t].date()) for t in self.cells_of[k])
                gain = example.value - waiting_cost(example, k)
                gain += OCCASION_VALUE if example.windows and inside else 0.0
                self.x[c, k] = self.column(gain=gain, integral=True)
            is_must = (example.by is not None and self.on("deadlines")) or (
                example.fixed_at is not None and self.on("appointments")
            )
            n = float(len(group.members))
            self.row(((self.x[c, k], 1.0) for k in range(self.n_positions)), n if is_must else 0.0, n)
            if example.fixed_at is not None and self.on("appointments"):
                cell = problem.cells.index(example.fixed_at)
                for k in range(self.n_positions):
                    terms = [(self.x[c, k], 1.0)]
                    if (k, cell) in self.z:
                        terms.append((self.z[k, cell], -1.0))
                    self.row(terms, 0.0, 0.0)
            if example.by is not None and self.on("deadlines"):
                for k in range(self.n_positions):
                    self.row([(self.x[c, k], 1.0), *self._early(k, example.by, -1.0)], high=0.0)
        for k in range(self.n_positions):
            terms = [(self.x[c, k], 1.0) for c in range(len(self.classes))]
            self.row([*terms, *((self.z[k, t], -1.0) for t in self.cells_of[k])], 0.0, 0.0)
            self.row(terms, high=1.0)

    def _early(self, k: int, day: Any, value: float) -> list[tuple[int, float]]:
        return [(self.z[k, t], value) for t in self.cells_of[k] if self.problem.cells[t].date() <= day]

    def _keep_rules(self) -> None:
        problem = self.problem
        at_cell: dict[int, list[int]] = defaultdict(list)
        for (_k, t), column in self.z.items():
            at_cell[t].append(column)
        cells = [t for t in self.open_cells if t in at_cell]
        if self.on("min_gap_hours"):
            self._keep_gaps(cells, at_cell)
        groups: list[tuple[dict[Any, list[int]], float, float, str]] = []
        by_day: dict[Any, list[int]] = defaultdict(list)
        by_week: dict[Any, list[int]] = {week: [] for week in range(problem.n_weeks)}
        for t in cells:
            by_day[problem.cells[t].date()] += at_cell[t]
            by_week[problem.week_of(problem.cells[t])] += at_cell[t]
        groups.append((by_day, 0.0, float(problem.posts_per_day), "posts_per_day"))
        groups.append((by_week, 0.0, float(problem.posts_per_week), "posts_per_week"))
        for table, low, high, wish in groups:
            if self.on(wish):
                for columns in table.values():
                    self.row(((column, 1.0) for column in columns), low, high)
        for t in cells:
            if len(at_cell[t]) > 1:
                self.row(((column, 1.0) for column in at_cell[t]), high=1.0)
        if problem.at_least_per_week and self.on("at_least_per_week"):
            for week, columns in by_week.items():
                if problem.is_whole_week(week):
                    self.row(((column, 1.0) for column in columns), low=float(problem.at_least_per_week))
        self._keep_neighbours()

    def _keep_gaps(self, cells: list[int], at_cell: dict[int, list[int]]) -> None:
        problem = self.problem
        gap = timedelta(hours=problem.min_gap_hours)
        if problem.past:
            for t in cells:
                if problem.cells[t] - problem.past[-1].at < gap:
                    for column in at_cell[t]:
                        self.upper[column] = 0.0
        covered = -1
        for start in range(len(cells)):
            end = start
            while end + 1 < len(cells) and problem.cells[cells[end + 1]] - problem.cells[cells[start]] < gap:
                end += 1
            if end > start and end > covered:
                self.row(((column, 1.0) for t in cells[start : end + 1] for column in at_cell[t]), high=1.0)
                covered = end

    def _keep_neighbours(self) -> None:
        problem, n = self.problem, self.n_positions
        if self.on("sponsored_one_in"):
            sponsored = [c for c, group in enumerate(self.classes) if group.example.is_sponsored]
            span = problem.sponsored_one_in
            for start in range(max(n - span + 1, 1)) if sponsored and span > 1 else ():
                columns = [self.x[c, k] for c in sponsored for k in range(start, min(start + span, n))]
                self.row(((column, 1.0) for column in columns), high=1.0)
            for back, post in enumerate(reversed(problem.past), 1):
                if post.is_sponsored:
                    for c in sponsored:
                        for k in range(min(max(span - back, 0), n)):
                            self.upper[self.x[c, k]] = 0.0
        by_template: dict[str, list[int]] = defaultdict(list)
        for c, group in enumerate(self.classes):
            if group.example.template:
                by_template[group.example.template].append(c)
        if self.on("same_template"):
            for members in by_template.values():
                for k in range(n - 1):
                    self.row(((self.x[c, j], 1.0) for c in members for j in (k, k + 1)), high=1.0)
        if self.on("near_alike"):
            place = {problem.candidates[i].key: c for c, group in enumerate(self.classes) for i in group.members}
            pairs = {
                tuple(sorted(place[key] for key in pair))
                for pair in problem.alike
                if len(pair) == 2 and all(key in place for key in pair)
            }
            for c, d in sorted(pairs):
                for k in range(n - 1):
                    self.row([(self.x[c, k], 1.0), (self.x[d, k + 1], 1.0)], high=1.0)
                    if c != d:
                        self.row([(self.x[d, k], 1.0), (self.x[c, k + 1], 1.0)], high=1.0)
        if problem.past:
            for c, group in enumerate(self.classes):
                rule = are_alike(problem, problem.past[-1], group.example)
                if rule and self.on(rule):
                    self.upper[self.x[c, 0]] = 0.0

    def _count_wishes(self) -> None:
        problem, n = self.problem, self.n_positions
        for c, group in enumerate(self.classes):
            example = group.example
            if not example.windows or example.fixed_at is not None:
                continue
            for k in range(n):
                suiting = [t for t in self.cells_of[k] if example.suits(problem.cells[t].date())]
                if not suiting or len(suiting) == len(self.cells_of[k]):
                    continue
                column = self.column(gain=OCCASION_VALUE)
                self.row([(column, 1.0), (self.x[c, k], -1.0)], high=0.0)
                self.row([(column, 1.0), *((self.z[k, t], -1.0) for t in suiting)], high=0.0)
        self._count_fixed_occasions()
        everything = list(self.x.items())
        for pillar, share in problem.mix.items():
            off = self.column(gain=-MIX_COST, upper=np.inf)
            terms = [
                (column, (1.0 if self.classes[c].example.pillar == pillar else 0.0) - share)
                for (c, _k), column in everything
            ]
            self.row([(off, 1.0), *((column, -value) for column, value in terms)], low=0.0)
            self.row([(off, 1.0), *terms], low=0.0)
        if not problem.is_hour_told and problem.hours:
            even = 1.0 / len(problem.hours)
            for hour in problem.hours:
                over = self.column(gain=-HOUR_SPREAD_COST, upper=np.inf)
                terms = [
                    (column, (1.0 if problem.cells[t].hour == hour else 0.0) - even)
                    for (_k, t), column in self.z.items()
                ]
                self.row([(over, 1.0), *((column, -value) for column, value in terms)], low=0.0)
        self._count_crowding()
        if problem.grade_by is not None and problem.n_grade_posts:
            short = self.column(gain=-GRADE_SHORT_COST, upper=np.inf)
            early = [term for k in range(n) for term in self._early(k, problem.grade_by, 1.0)]
            self.row([(short, 1.0), *early], low=float(problem.n_grade_posts))

    def _count_fixed_occasions(self) -> None:
        for c, group in enumerate(self.classes):
            example = group.example
            if example.fixed_at is not None and example.windows:
                inside = example.suits(example.fixed_at.date())
                for k in range(self.n_positions):
                    gain = example.value - waiting_cost(example, k) + (OCCASION_VALUE if inside else 0.0)
                    self.cost[self.x[c, k]] = -gain

    def _count_crowding(self) -> None:
        by_day: dict[Any, list[int]] = defaultdict(list)
        for (_k, t), column in self.z.items():
            by_day[self.problem.cells[t].date()].append(column)
        for first, last, most in self.problem.even_spans():
            days = [day for day in by_day if first <= day <= last]
            if sum(min(len(by_day[day]), self.problem.posts_per_day) for day in days) <= most:
                continue
            over = self.column(gain=-CROWDED_COST, upper=np.inf)
            self.row([(over, 1.0), *((column, -1.0) for day in days for column in by_day[day])], low=-float(most))

    def _read(self, values: NDArray[np.float64]) -> Placement:
        used = dict.fromkeys(range(len(self.classes)), 0)
        pairs = []
        for k in range(self.n_positions):
            cell = next((t for t in self.cells_of[k] if values[self.z[k, t]] > 0.5), None)
            if cell is None:
                continue
            c = next(c for c in range(len(self.classes)) if values[self.x[c, k]] > 0.5)
            pairs.append((self.classes[c].members[used[c]], cell))
            used[c] += 1
        return tuple(pairs)


def _classes(problem: PlanProblem) -> list[_Class]:
    """Candidates that no rule and no wish tells apart, in order of first appearance."""
    partners: dict[str, set[str]] = defaultdict(set)
    for pair in problem.alike:
        for key in pair:
            partners[key] |= set(pair) - {key}
    past_keys = {post.key for post in problem.past if post.key}
    groups: dict[Any, list[int]] = defaultdict(list)
    for i, candidate in enumerate(problem.candidates):
        own = partners.get(candidate.key)
        is_single = bool(own) or candidate.is_must or candidate.key in past_keys
        groups[(replace(candidate, key="", title=""), candidate.key if is_single else "")].append(i)
    return [_Class(tuple(members), problem.candidates[members[0]]) for members in groups.values()]
