"""A fitted title scorer as a file of plain numbers (JSON, no pickle) with its card, read without scikit-learn."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np

from creator_kit.corpus.note import Note
from creator_kit.datafiles import write_text
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.mining.scorer import (
    N_FOLDS,
    ScorerCard,
    judge_titles,
    measure_titles,
    sample_authors,
    select_titles,
)
from creator_kit.mining.template import Interval, Lift, TitleTemplate
from creator_kit.mining.title_library import format_skeleton, parse_skeleton
from creator_kit.mining.titles import HasHeat, MiningOptions, mine_titles

FILE = Path("templates") / "ranking" / "title_scorer.json"
SHAPE_SCALE = 10.0
# Folds that are judged, and the fit.
N_STEPS = N_FOLDS + 1


class TitleScorer(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """A ridge on character n-grams and the marks of a title, with its card and the day it was fitted.

    ``grams`` gives each n-gram (idf, weight); ``lifts`` each skeleton its lift. ``middle`` and ``spread`` are the
    mean and standard deviation of its scores over the titles it was fitted to. ``card`` None: not judged.
    """

    fitted_on: str
    sources: dict[str, int]
    n_titles: int
    card: ScorerCard | None
    grams: dict[str, tuple[float, float]]
    marks: tuple[tuple[float, float, float], ...]
    intercept: float
    lifts: dict[str, float | None]
    middle: float
    spread: float
    schema_version: int = 1

    @cached_property
    def _templates(self) -> tuple[TitleTemplate, ...]:
        return tuple(
            TitleTemplate(name, parse_skeleton(name), 0, 0, "common", _as_lift(lift))
            for name, lift in self.lifts.items()
        )

    @property
    def is_useful(self) -> bool:
        """Whether it beat character n-grams on authors it had not seen."""
        return self.card is not None and self.card.is_useful

    def score_titles(self, titles: Sequence[str]) -> list[float]:
        """The expected heat rank of each title (about 0 to 1, not clipped)."""
        if not titles:
            return []
        stripped = [title.strip() for title in titles]
        shapes = measure_titles(stripped, self._templates)
        out = []
        for title, row in zip(stripped, shapes.tolist(), strict=True):
            value = self.intercept + self._score_grams(title)
            for x, (mean, scale, weight) in zip(row, self.marks, strict=True):
                value += (x - mean) / scale / SHAPE_SCALE * weight
            out.append(value)
        return out

    def standardise(self, title: str) -> float:
        """The score in standard deviations from the middle of the titles it was fitted to, within ±2."""
        z = (self.score_titles([title])[0] - self.middle) / (self.spread or 1.0)
        return max(-2.0, min(2.0, z))

    def _score_grams(self, title: str) -> float:
        # As scikit-learn's TfidfVectorizer counts: lower case, runs of white space one space.
        text = re.sub(r"\s\s+", " ", title.lower())
        counts = Counter(text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1))
        found = [(1 + math.log(k), *self.grams[gram]) for gram, k in counts.items() if gram in self.grams]
        norm = math.sqrt(sum((tf * idf) ** 2 for tf, idf, _weight in found))
        return sum(tf * idf * weight for tf, idf, weight in found) / norm if norm else 0.0


def _as_lift(value: float | None) -> Lift | None:
    return None if value is None else Lift(value, Interval(value, value), 0, 0, "")


def judge_and_fit(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    rng: np.random.Generator,
    *,
    today: str,
    advance: Callable[[int], None] = lambda _n: None,
) -> TitleScorer | None:
    """The scorer of a corpus with its card, fitted to the titles that it was judged on (``sample_authors``).

    None where too few titles compare to judge one. ``advance`` is called with 1 for each of ``N_STEPS``.
    """
    kept = select_titles(notes, heats)
    chosen = sample_authors(kept)
    card = judge_titles(chosen, rng, n_available=len(kept), advance=advance)
    if card is None:
        return None
    scorer = _fit(chosen, card, today, None)
    advance(1)
    return scorer


def fit_title_scorer(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    card: ScorerCard | None,
    *,
    today: str,
    options: MiningOptions | None = None,
) -> TitleScorer:
    """The scorer fitted to all comparable titles; ``card`` is what ``evaluate_scorer`` found on the same notes.

    Raises ValueError with fewer than two comparable titles.
    """
    kept = select_titles(notes, heats)
    if len(kept) < 2:
        raise ValueError("a scorer needs at least two comparable titles")
    return _fit(kept, card, today, options)


def _fit(
    kept: Sequence[tuple[Note, HasHeat]], card: ScorerCard | None, today: str, options: MiningOptions | None
) -> TitleScorer:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    titles = [note.title.strip() for note, _heat in kept]
    rank = np.array([heat.rank for _note, heat in kept], np.float64)
    library = mine_titles([note for note, _ in kept], [heat for _, heat in kept], options or MiningOptions())
    lifts = {
        format_skeleton(template.parts): template.lift.value if template.lift else None
        for template in library.templates
    }
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=min(2, len(titles)), sublinear_tf=True)
    grams = words.fit_transform(titles)
    scaler = StandardScaler()
    shapes = scaler.fit_transform(measure_titles(titles, library.templates)) / SHAPE_SCALE
    ridge = Ridge(alpha=3.0, solver="sparse_cg").fit(hstack([grams, csr_matrix(shapes)]).tocsr(), rank)
    weights = [round(float(w), 7) for w in ridge.coef_]
    vocabulary = words.get_feature_names_out().tolist()
    sources = Counter(note.source for note, _heat in kept)
    scores = ridge.predict(hstack([grams, csr_matrix(shapes)]).tocsr())
    return TitleScorer(
        fitted_on=today,
        sources=dict(sorted(sources.items())),
        n_titles=len(titles),
        card=card,
        grams={
            gram: (round(float(idf), 6), weight)
            for gram, idf, weight in zip(vocabulary, words.idf_, weights[: len(vocabulary)], strict=True)
        },
        marks=tuple(
            (float(mean), float(scale), weight)
            for mean, scale, weight in zip(scaler.mean_, scaler.scale_, weights[len(vocabulary) :], strict=True)
        ),
        intercept=float(ridge.intercept_),
        lifts=lifts,
        middle=round(float(scores.mean()), 6),
        spread=round(float(scores.std()), 6),
    )


def save_scorer(scorer: TitleScorer, root: Path) -> Path:
    """Write the scorer under ``root``, whole or not at all."""
    path = root / FILE
    write_text(path, msgspec.json.format(msgspec.json.encode(scorer), indent=1).decode() + "\n")
    return path


def renew_scorer(scorer: TitleScorer | None, root: Path) -> Path | None:
    """Save ``scorer`` under ``root``; None removes an older one, which no longer is of this corpus."""
    if scorer is not None:
        return save_scorer(scorer, root)
    (root / FILE).unlink(missing_ok=True)
    return None


def load_scorer(root: Path | None) -> TitleScorer | None:
    """The scorer of the workspace ``root``; None where none was saved. Raises InputError on a broken file."""
    if root is None or not (root / FILE).is_file():
        return None
    try:
        return msgspec.json.decode((root / FILE).read_bytes(), type=TitleScorer)
    except (msgspec.DecodeError, OSError) as error:
        raise InputError(
            _("the title scorer cannot be read: {error}").format(error=error),
            where=str(root / FILE),
            hint=_("fit it anew: creator-kit mine"),
        ) from error
