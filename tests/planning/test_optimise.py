"""The solver against every possible plan, on small problems; and the rules on large ones."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creator_kit.clock import BEIJING
from creator_kit.planning.optimise import FIRM_WISHES, find_conflict, solve_plan
from creator_kit.planning.problem import (
    Candidate,
    Past,
    Placement,
    PlanProblem,
    find_violations,
    score_placement,
)

FIRST = date(2026, 11, 24)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, 24, hour, tzinfo=BEIJING) + timedelta(days=day)


def every_plan(problem: PlanProblem) -> list[Placement]:
    """All ways to fill the cells, the empty one included."""
    plans = []
    for choice in product(range(-1, len(problem.candidates)), repeat=len(problem.cells)):
        used = [i for i in choice if i >= 0]
        if len(used) == len(set(used)):
            plans.append(tuple((i, cell) for cell, i in enumerate(choice) if i >= 0))
    return plans


@st.composite
def small_problems(draw: st.DrawFn) -> PlanProblem:
    n = draw(st.integers(1, 4))
    days = draw(st.lists(st.integers(0, 13), min_size=1, max_size=5, unique=True).map(sorted))
    cells = tuple(at(day, draw(st.sampled_from((8, 20)))) for day in days)
    candidates = []
    for i in range(n):
        start = draw(st.integers(0, 13))
        candidates.append(
            Candidate(
                f"d{i}",
                f"t{i}",
                value=draw(st.sampled_from((100.0, 40.0))),
                pillar=draw(st.sampled_from(("a", "b"))),
                template=draw(st.sampled_from(("", "T1", "T2"))),
                is_sponsored=draw(st.booleans()),
                windows=((FIRST + timedelta(days=start), FIRST + timedelta(days=start + 3)),)
                if draw(st.booleans())
                else (),
                by=FIRST + timedelta(days=draw(st.integers(2, 13))) if draw(st.integers(0, 5)) == 0 else None,
                fixed_at=draw(st.sampled_from(cells)) if draw(st.integers(0, 7)) == 0 else None,
                is_written=draw(st.booleans()),
            )
        )
    pairs = [frozenset((f"d{i}", f"d{j}")) for i in range(n) for j in range(i)]
    alike = frozenset(pair for pair in pairs if draw(st.integers(0, 3)) == 0)
    fixed = {c.fixed_at for c in candidates}
    told = draw(st.booleans())
    return PlanProblem(
        first_day=FIRST,
        n_days=14,
        cells=cells,
        candidates=tuple(candidates),
        hour_values=tuple(0.25 if cell.hour == 8 else 1.0 for cell in cells),
        is_hour_told=told,
        posts_per_week=draw(st.integers(1, 3)),
        at_least_per_week=draw(st.sampled_from((0, 0, 0, 1))),
        min_gap_hours=draw(st.sampled_from((0.0, 30.0, 60.0))),
        sponsored_one_in=draw(st.integers(1, 3)),
        alike=alike,
        mix=draw(st.sampled_from(({}, {"a": 0.5, "b": 0.5}, {"a": 1.0}))),
        grade_by=draw(st.sampled_from((None, FIRST + timedelta(days=6)))),
        n_grade_posts=2,
        past=draw(
            st.sampled_from(((), (Past(at(-1, 20), "d9", "T1", True),), (Past(at(-3), "d9"), Past(at(-1, 23), "d0"))))
        ),
        quiet=frozenset((8,)) if draw(st.integers(0, 5)) == 0 and at(0, 8) not in fixed else frozenset(),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(small_problems())
def test_the_solver_finds_what_trying_everything_finds(problem: PlanProblem) -> None:
    solution = solve_plan(problem, rel_gap=0.0)
    good = [plan for plan in every_plan(problem) if not find_violations(problem, plan)]
    if not good:
        assert solution.placement is None
        return
    assert solution.placement is not None
    assert not find_violations(problem, solution.placement)
    best = max(score_placement(problem, plan) for plan in good)
    assert score_placement(problem, solution.placement) == pytest.approx(best, abs=1e-5)
    assert solution.objective == pytest.approx(best, abs=1e-5), "the matrix says the same as the judge"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(small_problems())
def test_a_conflict_is_one_and_is_as_small_as_can_be(problem: PlanProblem) -> None:
    conflict = find_conflict(problem)
    if not conflict:
        assert solve_plan(problem).placement is not None
        return
    assert solve_plan(problem).placement is None
    others = frozenset(FIRM_WISHES) - set(conflict)
    assert solve_plan(problem, ignore=others, feasibility=True).placement is None, "these alone contradict each other"
    for wish in conflict:
        assert solve_plan(problem, ignore=others | {wish}, feasibility=True).placement is not None


def large_problem(seed: int, *, n: int, weeks: int, posts_per_week: int) -> PlanProblem:
    r = random.Random(seed)
    hours = (8, 12, 19, 21)
    cells = tuple(at(d, hours[3 * d % 4]) for d in range(7 * weeks))
    candidates = []
    for i in range(n):
        start = FIRST + timedelta(days=r.randrange(7 * weeks))
        candidates.append(
            Candidate(
                f"d{i}",
                f"t{i}",
                pillar=r.choice("abcd"),
                template=r.choice(["", *(f"T{j}" for j in range(12))]),
                is_sponsored=r.random() < 0.15,
                windows=((start, start + timedelta(days=r.choice((5, 10, 20)))),) if r.random() < 0.4 else (),
                by=FIRST + timedelta(days=r.randrange(14, 7 * weeks)) if r.random() < 0.05 else None,
            )
        )
    alike = {frozenset((f"d{r.randrange(n)}", f"d{r.randrange(n)}")) for _ in range(n // 3)}
    return PlanProblem(
        FIRST,
        7 * weeks,
        cells,
        tuple(candidates),
        posts_per_week=posts_per_week,
        min_gap_hours=20,
        alike=frozenset(pair for pair in alike if len(pair) == 2),
        mix={"a": 0.4, "b": 0.3, "c": 0.2},
        grade_by=FIRST + timedelta(days=20),
        n_grade_posts=8,
        past=(Past(at(-1, 20), "d0", "T1", True),),
    )


@pytest.mark.parametrize("seed", range(4))
def test_every_rule_holds_on_large_plans(seed: int) -> None:
    problem = large_problem(seed, n=20 + 8 * seed, weeks=4 + seed, posts_per_week=4 + seed % 2)
    solution = solve_plan(problem)
    assert solution.placement is not None
    assert not find_violations(problem, solution.placement)
    assert len({i for i, _cell in solution.placement}) == len(solution.placement)
    assert score_placement(problem, solution.placement) == pytest.approx(solution.objective, abs=1e-4)
    assert solution.objective <= solution.bound + 1e-6
    assert solution.bound - solution.objective <= 0.01 * solution.bound


def test_the_same_problem_gives_the_same_plan() -> None:
    problem = large_problem(1, n=20, weeks=4, posts_per_week=4)
    assert solve_plan(problem) == solve_plan(problem)


def test_twins_are_one_class_and_keep_their_order() -> None:
    problem = PlanProblem(
        FIRST, 14, tuple(at(d) for d in range(14)), tuple(Candidate(f"d{i}", f"t{i}") for i in range(5))
    )
    solution = solve_plan(problem)
    assert solution.placement is not None
    assert [i for i, _cell in solution.placement] == [0, 1, 2, 3, 4]


def test_a_note_that_is_written_goes_out_before_the_ideas() -> None:
    ideas = tuple(Candidate(f"i{i}", f"t{i}", value=40.0, is_written=False) for i in range(5))
    problem = PlanProblem(FIRST, 14, tuple(at(d) for d in range(14)), (*ideas, Candidate("d", "written")))
    solution = solve_plan(problem)
    assert solution.placement is not None
    assert len(solution.placement) == 6 and solution.placement[0][0] == 5


def test_nothing_to_post_is_an_empty_plan() -> None:
    problem = PlanProblem(FIRST, 14, tuple(at(d) for d in range(14)), ())
    assert solve_plan(problem).placement == ()
    assert find_conflict(problem) == ()
