"""Does a title tell how hot its note will be? A scorer that has to prove it on authors it has never seen.

Evaluated by author-grouped cross-validation (no author on both sides), beside two baselines in the same folds:
a ridge on character n-grams, and the median of the author's other notes. Ours is that ridge with the shape of the
title and the lifts of the templates that the training fold's own mining found.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import msgspec
import numpy as np
from numpy.typing import NDArray

from creator_kit.corpus.note import Note
from creator_kit.mining.matching import read_all
from creator_kit.mining.template import TitleTemplate
from creator_kit.mining.titles import HasHeat, MiningOptions, mine_titles
from creator_kit.text.emoji import find_emoji
from creator_kit.text.length import count_title_units
from creator_kit.text.slots import find_typed

MIN_NOTES, MIN_AUTHORS, N_FOLDS = 200, 25, 5
# More titles hardly change the figures of a ridge on n-grams; they cost minutes.
MAX_SCORED_TITLES = 5_000
N_BOOTSTRAP = 400
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Held-out figures of one predictor: Spearman's ρ with the heat rank, and the AUC of hot against not."""

    spearman: float
    auc: float


@dataclass(frozen=True, slots=True)
class ScorerCard:
    """``gain_low`` and ``gain_high``: 90 % interval (authors resampled) of our ρ minus the n-gram ridge's.
    ``is_useful``: that interval lies above 0, and our own ρ is above 0; else drafts are ranked without it.
    ``n_available``: comparable titles of the corpus, of which ``n_notes`` were taken (0: not known)."""

    n_notes: int
    n_authors: int
    ours: HeldOut
    ngrams: HeldOut
    author_median: HeldOut
    gain_low: float
    gain_high: float
    n_available: int = 0

    @property
    def is_useful(self) -> bool:
        return self.gain_low > 0 and self.ours.spearman > 0


def evaluate_scorer(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    rng: np.random.Generator,
    options: MiningOptions | None = None,
) -> ScorerCard | None:
    """The held-out figures, or None with fewer than 200 comparable titles or 25 authors, or without hot ones."""
    kept = select_titles(notes, heats)
    return judge_titles(sample_authors(kept), rng, options, n_available=len(kept))


def judge_titles(
    kept: Sequence[tuple[Note, HasHeat]],
    rng: np.random.Generator,
    options: MiningOptions | None = None,
    *,
    n_available: int,
    advance: Callable[[int], None] = lambda _n: None,
) -> ScorerCard | None:
    """``evaluate_scorer`` for titles that were selected; ``advance`` is called with 1 after each of ``N_FOLDS``."""
    options = options or MiningOptions()
    authors = np.array([note.author for note, _ in kept])
    rank = np.array([heat.rank for _, heat in kept], np.float64)
    hot = rank >= options.hot_rank
    if len(kept) < MIN_NOTES or len(set(authors)) < MIN_AUTHORS or not 0 < hot.sum() < len(hot):
        return None
    from sklearn.model_selection import GroupKFold

    titles = [note.title.strip() for note, _ in kept]
    ours, ngrams = np.zeros(len(kept)), np.zeros(len(kept))
    for train, test in GroupKFold(N_FOLDS).split(titles, groups=authors):
        library = mine_titles([kept[i][0] for i in train], [kept[i][1] for i in train], options)
        ours[test], ngrams[test] = _predict(
            [titles[i] for i in train], rank[train], [titles[i] for i in test], library.templates
        )
        advance(1)
    median = _author_medians(authors, rank)
    low, high = _bootstrap_gain(authors, rank, ours, ngrams, rng)
    return ScorerCard(
        len(kept),
        len(set(authors)),
        _held_out(ours, rank, hot),
        _held_out(ngrams, rank, hot),
        _held_out(median, rank, hot),
        round(low, 4),
        round(high, 4),
        n_available,
    )


def select_titles(notes: Iterable[Note], heats: Sequence[HasHeat | None]) -> list[tuple[Note, HasHeat]]:
    """Notes whose title is their own and whose heat has peers, in an order of their own."""
    kept = [
        (msgspec.structs.replace(note, body=""), heat)
        for note, heat in zip_longest(notes, heats)
        if note is not None and heat is not None and heat.rank is not None and not heat.from_hot_list
        and note.author and note.title.strip() and not note.title_is_body_prefix and len(note.title) <= 60
    ]  # fmt: skip
    kept.sort(key=lambda pair: (pair[0].note_id, pair[0].title))
    return kept


def sample_authors(kept: Sequence[tuple[Note, HasHeat]]) -> list[tuple[Note, HasHeat]]:
    """All titles of some authors, ``MAX_SCORED_TITLES`` or a few less; authors by a hash, so that order is nothing."""
    if len(kept) <= MAX_SCORED_TITLES:
        return list(kept)
    n_of = Counter(note.author for note, _ in kept)
    chosen: set[str] = set()
    n = 0
    for author in sorted(n_of, key=lambda name: (zlib.crc32(name.encode()), name)):
        if n + n_of[author] <= MAX_SCORED_TITLES:
            chosen.add(author)
            n += n_of[author]
    return [pair for pair in kept if pair[0].author in chosen]


def _predict(
    train: list[str], rank: Floats, test: list[str], templates: Sequence[TitleTemplate]
) -> tuple[Floats, Floats]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    def ridge() -> Ridge:
        # Fixed for both, so that neither is tuned on what it is judged by; TF-IDF rows have length 1.
        return Ridge(alpha=3.0, solver="sparse_cg")

    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    a, b = words.fit_transform(train), words.transform(test)
    plain = ridge().fit(a, rank).predict(b)
    scaler = StandardScaler()
    # Scaled to the size of a TF-IDF row, so that one penalty suits both.
    shape_a = scaler.fit_transform(measure_titles(train, templates)) / 10
    shape_b = scaler.transform(measure_titles(test, templates)) / 10
    both = ridge().fit(hstack([a, csr_matrix(shape_a)]).tocsr(), rank)
    return both.predict(hstack([b, csr_matrix(shape_b)]).tocsr()), plain


def measure_titles(titles: list[str], templates: Sequence[TitleTemplate]) -> Floats:
    """Length, marks, typed expressions, and the summed log lift of the templates that read the title."""
    lifts = np.zeros(len(titles))
    n_read = np.zeros(len(titles))
    for template, (numbers, _) in zip(templates, read_all(titles, templates), strict=True):
        n_read[numbers] += 1
        if template.lift is not None:
            lifts[numbers] += np.log(template.lift.value)
    rows = [
        (
            count_title_units(title),
            len(find_emoji(title)),
            sum(title.count(mark) for mark in "！!‼"),
            sum(title.count(mark) for mark in "？?"),
            sum(title.count(mark) for mark in "｜|"),
            sum(kind != "emoji" for _, _, kind in find_typed(title)),
        )
        for title in titles
    ]
    return np.column_stack([np.array(rows, np.float64), lifts, n_read])


def _author_medians(authors: NDArray[np.str_], rank: Floats) -> Floats:
    """For each note the median rank of its author's other notes; 0.5 where there are none."""
    of: dict[str, list[int]] = defaultdict(list)
    for number, author in enumerate(authors.tolist()):
        of[author].append(number)
    out = np.full(len(rank), 0.5)
    for numbers in of.values():
        for number in numbers:
            others = [rank[other] for other in numbers if other != number]
            if others:
                out[number] = np.median(others)
    return out


def _held_out(predicted: Floats, rank: Floats, hot: NDArray[np.bool_]) -> HeldOut:
    from sklearn.metrics import roc_auc_score

    return HeldOut(round(_spearman(predicted, rank), 4), round(float(roc_auc_score(hot, predicted)), 4))


def _spearman(a: Floats, b: Floats) -> float:
    from scipy.stats import rankdata

    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def _bootstrap_gain(
    authors: NDArray[np.str_], rank: Floats, ours: Floats, ngrams: Floats, rng: np.random.Generator
) -> tuple[float, float]:
    names, who = np.unique(authors, return_inverse=True)
    rows_of = [np.flatnonzero(who == number) for number in range(len(names))]
    gains = []
    for _ in range(N_BOOTSTRAP):
        rows = np.concatenate([rows_of[i] for i in rng.integers(0, len(names), len(names))])
        gains.append(_spearman(ours[rows], rank[rows]) - _spearman(ngrams[rows], rank[rows]))
    low, high = np.quantile(gains, [0.05, 0.95])
    return float(low), float(high)
