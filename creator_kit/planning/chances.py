"""How likely one more note of this creator reaches a bar ("5 collects or 10 likes"), and how soon it does.

The exposure model fitted to own results gives a first answer; own notes that did or did not reach the bar then
weigh against it: p ~ Beta(m·p_model + reached, m·(1 - p_model) + not reached) with m = PRIOR_NOTES.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from creator_kit.corpus.note import Note
from creator_kit.exposure import FittedProfile, NoteInput, RankingProfile, fit_profile
from creator_kit.exposure.growth import Growth
from creator_kit.exposure.simulate import outcome_draws, simulate_replicates
from creator_kit.planning.ladder import Ladder, Task
from creator_kit.planning.progress import OwnNote

Bar = tuple[int | None, int | None]  # (collects, likes): either is enough
# The model's answer weighs as much as so many own notes (JUDGE; the calibration test holds it to account).
PRIOR_NOTES = 4.0
# A note younger than this may still reach a bar: it says nothing yet.
SETTLED_DAYS = 7
HORIZON_DAYS = 30
_N_REPLICATES = 2000
_N_DELAYS = 200


@dataclass(frozen=True, slots=True)
class BarChance:
    """The chance that a note reaches a bar: Beta(``a``, ``b``). ``n_reached`` of ``n_own`` own settled notes did;
    ``p_model`` is the exposure model's answer. ``delay_days`` are sorted draws of how long it takes when it does."""

    a: float
    b: float
    p_model: float
    n_own: int
    n_reached: int
    delay_days: tuple[float, ...]

    @property
    def p(self) -> float:
        """The middle of what is believed, 0 to 1."""
        return self.a / (self.a + self.b)

    def draw(self, quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chances at these quantiles (0 to 1) of what is believed."""
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.a, self.b, quantiles), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Chances:
    """Chances by (bar, is_video), and what they rest on in words (``basis``)."""

    by_bar: dict[tuple[Bar, bool], BarChance]
    basis: str
    n_own: int

    def of(self, task: Task, is_video: bool) -> BarChance | None:
        """The chance for a leaf's bar; None for a task that asks for none."""
        return self.by_bar.get(((task.collects, task.likes), is_video))


def find_bars(ladder: Ladder) -> list[Bar]:
    """The different bars that the ladder asks of notes, in order of appearance."""
    bars = [(t.collects, t.likes) for t in ladder.tasks if t.collects is not None or t.likes is not None]
    return list(dict.fromkeys(bars))


def fit_chances(
    ladder: Ladder,
    profile: RankingProfile,
    own_notes: Sequence[Note],
    settled: Sequence[OwnNote],
    *,
    followers: int = 0,
    grade: int = 0,
    grown: Sequence[Growth] = (),
    seed: int,
    today: date,
) -> Chances:
    """The chances for all bars of ``ladder``, by the exposure model fitted to ``own_notes`` and what they reached.

    ``grown`` are own notes that were seen at several ages (creator_kit.exposure.growth)."""
    fitted = fit_profile(profile, own_notes, grown=grown, followers=followers, grade=grade)
    bars = find_bars(ladder)
    by_bar: dict[tuple[Bar, bool], BarChance] = {}
    for is_video in (False, True):
        answers = _ask_model(fitted, bars, is_video, followers=followers, grade=grade, seed=seed)
        for bar, (p_model, delays) in answers.items():
            by_bar[bar, is_video] = weigh_own(p_model, delays, bar, is_video, settled, today=today)
    return Chances(by_bar, fitted.describe(None), len(settled))


def weigh_own(
    p_model: float, delays: Sequence[float], bar: Bar, is_video: bool, notes: Sequence[OwnNote], *, today: date
) -> BarChance:
    """The model's answer with the weight of own notes of that type that are at least SETTLED_DAYS old."""
    old = [n for n in notes if n.is_video == is_video and n.published_on <= today - timedelta(days=SETTLED_DAYS)]
    reached = sum(_reaches(bar, note) for note in old)
    # Never 0 or 1: what was not seen in 4,000 replicates may still happen.
    p = min(max(p_model, 0.002), 0.998)
    return BarChance(
        PRIOR_NOTES * p + reached, PRIOR_NOTES * (1 - p) + len(old) - reached, p_model, len(old), reached, tuple(delays)
    )


def _reaches(bar: Bar, note: OwnNote) -> bool:
    collects, likes = bar
    return (collects is not None and note.collects >= collects) or (likes is not None and note.likes >= likes)


def _ask_model(
    fitted: FittedProfile, bars: Sequence[Bar], is_video: bool, *, followers: int, grade: int, seed: int
) -> dict[Bar, tuple[float, list[float]]]:
    note = NoteInput(type="视频" if is_video else "图文", followers=followers, grade=grade)
    replicates = simulate_replicates(fitted, note, n_replicates=_N_REPLICATES, horizon_days=HORIZON_DAYS, seed=seed)
    draws = outcome_draws(replicates)
    curve = np.asarray(replicates.cumulative, dtype=np.float64)
    total = np.maximum(curve[:, -1:], 1e-9)
    answers: dict[Bar, tuple[float, list[float]]] = {}
    for collects, likes in bars:
        # How far along its curve a note is when its n-th collect comes: actions follow the reads.
        share = np.full(len(curve), np.inf)
        if collects is not None:
            share = np.minimum(share, collects / np.maximum(draws["collects"], 0.5))
        if likes is not None:
            share = np.minimum(share, likes / np.maximum(draws["likes"], 0.5))
        reached = share <= 1.0
        hours = (curve / total < np.minimum(share, 1.0)[:, None]).sum(axis=1)[reached]
        delays = np.quantile(hours / 24, (np.arange(_N_DELAYS) + 0.5) / _N_DELAYS) if reached.any() else np.array([2.0])
        answers[collects, likes] = (float(reached.mean()), [round(float(d), 3) for d in delays])
    return answers
