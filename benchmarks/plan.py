"""The plan of twelve weeks and sixty drafts: the solver beside a greedy loop, in one run.

    python benchmarks/plan.py [--seeds 5]

Both get the same problem. The greedy loop takes the cells in order and gives each the draft that scores best there
without
breaking a rule. Reported: seconds, posts placed, and the score (problem.score_placement) as a share of the solver's
bound, which no plan can pass.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import date, datetime, timedelta

from creator_kit.clock import BEIJING
from creator_kit.planning.optimise import solve_plan
from creator_kit.planning.problem import Candidate, Placement, PlanProblem, find_violations, score_placement

FIRST = date(2026, 11, 24)
HOURS = (8, 12, 19, 21)


def make_problem(seed: int, *, n: int = 60, weeks: int = 12, posts_per_week: int = 5) -> PlanProblem:
    """Sixty drafts over twelve weeks with every rule in play."""
    r = random.Random(seed)
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=BEIJING)
    cells = tuple(start + timedelta(days=d, hours=HOURS[3 * d % 4]) for d in range(7 * weeks))
    candidates = []
    for i in range(n):
        first = FIRST + timedelta(days=r.randrange(7 * weeks))
        candidates.append(
            Candidate(
                f"d{i}",
                f"t{i}",
                pillar=r.choice("abcd"),
                template=r.choice(["", *(f"T{j}" for j in range(12))]),
                is_sponsored=r.random() < 0.12,
                windows=((first, first + timedelta(days=r.choice((5, 10, 20)))),) if r.random() < 0.4 else (),
                by=FIRST + timedelta(days=r.randrange(14, 7 * weeks)) if r.random() < 0.05 else None,
            )
        )
    alike = (frozenset((f"d{r.randrange(n)}", f"d{r.randrange(n)}")) for _ in range(n // 4))
    return PlanProblem(
        FIRST,
        7 * weeks,
        cells,
        tuple(candidates),
        posts_per_week=posts_per_week,
        alike=frozenset(pair for pair in alike if len(pair) == 2),
        mix={"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1},
        grade_by=FIRST + timedelta(days=20),
        n_grade_posts=12,
    )


def place_greedily(problem: PlanProblem) -> Placement:
    """Cell by cell, the draft that adds most without breaking a rule that is not broken yet."""
    placement: Placement = ()
    for cell in range(len(problem.cells)):
        used = {i for i, _cell in placement}
        # What must be placed is missing until it is: those violations do not count against a cell.
        known = {v for v in find_violations(problem, placement) if v.at is None}
        best: tuple[float, Placement] | None = None
        for i in range(len(problem.candidates)):
            if i in used:
                continue
            trial = (*placement, (i, cell))
            if set(find_violations(problem, trial)) - known:
                continue
            score = score_placement(problem, trial)
            if best is None or score > best[0]:
                best = (score, trial)
        if best is not None and best[0] > score_placement(problem, placement):
            placement = best[1]
    return placement


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    solve_plan(make_problem(0, n=6, weeks=2, posts_per_week=3))  # imports SciPy, which is not what is measured
    rows = []
    for seed in range(args.seeds):
        problem = make_problem(seed)
        began = time.perf_counter()
        solution = solve_plan(problem)
        solver_s = time.perf_counter() - began
        began = time.perf_counter()
        greedy = place_greedily(problem)
        greedy_s = time.perf_counter() - began
        assert solution.placement is not None and not find_violations(problem, solution.placement)
        broken = len(find_violations(problem, greedy))
        row = (
            solver_s,
            greedy_s,
            len(solution.placement),
            len(greedy),
            solution.objective / solution.bound,
            score_placement(problem, greedy) / solution.bound,
            broken,
        )
        rows.append(row)
        print(
            f"seed {seed}: solver {row[0]:5.1f} s {row[2]} posts {row[4]:.4f} of the bound | "
            f"greedy {row[1]:5.1f} s {row[3]} posts {row[5]:.4f}, rules broken {broken}"
        )
    print(
        f"median: solver {statistics.median(r[0] for r in rows):.1f} s, "
        f"score {statistics.median(r[4] / r[5] for r in rows):.3f} times the greedy loop's"
    )


if __name__ == "__main__":
    main()
