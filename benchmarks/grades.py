"""Are the dates of `grade forecast` as good as they say? The whole way, exposure model included, on simulated creators.

    python benchmarks/grades.py [--creators 60]

Each creator has a level of impressions, rates of reads, likes and collects and a pace of posting that the forecast does
not know; it sees 8 to 40 notes of ten weeks, as a sheet would show them. Then the truth goes on until the next good
notes are reached. Reported beside the plainest alternative, "missing / (share of good notes x posts a week)": the
share of creators whose truth came by P10, P50, P90 (10, 50, 90 % are right), and the median error of P50 in days.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

import numpy as np

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.exposure import load_profile
from creator_kit.planning.chances import fit_chances
from creator_kit.planning.grade_forecast import forecast_grades, learn_pace
from creator_kit.planning.ladder import Grade, Ladder, Task
from creator_kit.planning.progress import collect_doings, measure_status

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
META = {"source": "a benchmark", "date": NOW.date(), "confidence": "JUDGE"}
DAYS = 70


class Creator:
    """The truth about one account."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.level = rng.normal(6.2, 0.9)
        self.read_rate = float(np.clip(np.exp(rng.normal(np.log(0.18), 0.4)), 0.02, 0.6))
        self.like_rate = float(np.exp(rng.normal(np.log(0.05), 0.5)))
        self.collect_rate = float(np.exp(rng.normal(np.log(0.03), 0.6)))
        self.per_week = float(rng.gamma(6, 0.5))

    def note(self, number: int, days_ago: float) -> Note:
        """One note as a sheet shows it when it is settled."""
        rng = self.rng
        impressions = int(np.exp(rng.normal(self.level, 0.8)))
        views = rng.binomial(impressions, self.read_rate)
        good = np.exp(rng.normal(0, 0.5))
        at = NOW - timedelta(days=days_ago)
        return Note(
            f"{number:016x}",
            title=f"{number}",
            type="图文",
            impressions=impressions,
            views=int(views),
            likes=int(rng.poisson(views * self.like_rate * good)),
            collects=int(rng.poisson(views * self.collect_rate * good)),
            comments=0,
            shares=0,
            new_followers=0,
            published_at=at.isoformat(),
            observed_at=NOW.isoformat(),
        )


def is_good(note: Note) -> bool:
    """The low bar of the ladder."""
    return (note.collects or 0) >= 5 or (note.likes or 0) >= 10


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--creators", type=int, default=60)
    args = parser.parse_args()
    profile = load_profile("explore")
    came_by = {0.1: 0, 0.5: 0, 0.9: 0}
    plain_by = 0
    errors, plain_errors = [], []
    for seed in range(args.creators):
        rng = np.random.default_rng(seed)
        creator = Creator(rng)
        n = int(np.clip(rng.poisson(creator.per_week * DAYS / 7), 8, 40))
        notes = [creator.note(i, float(d)) for i, d in enumerate(np.sort(rng.uniform(0.5, DAYS, n))[::-1])]
        missing = int(rng.integers(1, 6))
        n_good = sum(map(is_good, notes))
        task = Task(id="good", action="note_reach", count=n_good + missing, collects=5, likes=10, **META)
        ladder = Ladder(tasks=(task,), grades=(Grade(number=1, name="1", needs="good", **META),))
        doings = collect_doings([], notes, until=NOW.date())
        chances = fit_chances(ladder, profile, notes, doings.notes, seed=0, today=NOW.date())
        pace = learn_pace(doings, [], [], today=NOW.date())
        status = measure_status(ladder, doings)
        result = forecast_grades(ladder, status, chances, pace, [], now=NOW, seed=0, with_levers=False).grades[0]
        day, left, rate = 0.0, missing, 7 * n / DAYS
        while left and day < 2000:
            day += float(rng.exponential(1 / (rate / 7)))
            left -= is_good(creator.note(0, -day))
        day += 1.0  # a bar is reached about a day after posting
        for level, date in ((0.1, result.p10), (0.5, result.p50), (0.9, result.p90)):
            came_by[level] += day <= ((date - NOW.date()).days if date else 730) + 0.5
        plain = missing / (max(n_good, 0.5) / n * rate) * 7
        plain_by += day <= plain
        middle = (result.p50 - NOW.date()).days if result.p50 else 730
        errors.append(abs(middle - min(day, 730)))
        plain_errors.append(abs(min(plain, 730) - min(day, 730)))
    n_all = args.creators
    print("truth came by " + ", ".join(f"P{100 * q:.0f}: {k / n_all:.0%}" for q, k in came_by.items()))
    print(f"truth came by the plain estimate: {plain_by / n_all:.0%} (it gives no interval)")
    print(f"median error of P50 {np.median(errors):.1f} days, of the plain estimate {np.median(plain_errors):.1f} days")


if __name__ == "__main__":
    main()
