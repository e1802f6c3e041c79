"""How much a title reads like one that people post: log-odds of its character n-grams, from aggregated counts.

The shipped weights (``templates/drafting/fluency.toml``) tell real titles from candidates that drafting itself
made of the same notes, so they reward what people write and drafting writes too seldom (a blank between two
clauses, a closing particle) and dampen what it writes too often. An n-gram is kept only when notes of several
authors in more than one collection hold it, so that neither a sentence nor one subject's jargon gets in.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import add
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict

from creator_kit.datafiles import load_model, write_text
from creator_kit.paths import list_data_files
from creator_kit.persona.voice import VoiceStats, find_title_marks

# Beyond this the odds say the same thing: it does, or does not, read like a title.
MAX_SCORE = 6.0
MIN_AUTHORS = 3
MIN_COLLECTIONS = 2
MIN_WEIGHT = 0.02
# Pieces whose sums are kept; a batch of any length stays within some megabytes.
MAX_REMEMBERED = 50_000
PRIOR_NOTES = 10
# Marks that are style; digits and the person addressed depend on what the note says.
STYLE_MARKS = ("comma", "space", "bar", "shout", "ask", "colon", "bracket", "wave", "dots", "particle", "emoji")
FILE_NAME = "fluency.toml"


class FluencyFile(BaseModel):
    """``fluency.toml``: where the weights come from, the rates of marks in real titles, and the weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    about: str
    n_titles: int
    n_authors: int
    bias: float
    mark_rates: dict[str, float]
    weights: dict[str, float]


@dataclass(frozen=True)
class Fluency:
    """``weights`` by n-gram of 1 to 3 characters (``^`` and ``$`` stand for the ends), ``mark_rates`` by mark."""

    weights: Mapping[str, float]
    bias: float = 0.0
    mark_rates: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _hundredths(self) -> dict[str, int]:
        # Whole numbers: a sum of floats would depend on the order of its parts.
        return {gram: round(100 * weight) for gram, weight in self.weights.items()}

    @cached_property
    def _known_pieces(self) -> dict[str, tuple[int, str, str, int]]:
        return {}

    @cached_property
    def _known_joints(self) -> dict[tuple[str, str], int]:
        return {}

    def score(self, title: str) -> float:
        """Log-odds that ``title`` is a real one, within ±``MAX_SCORE``."""
        return self.score_pieces((title,))

    def score_pieces(self, pieces: Iterable[str]) -> float:
        """``score`` of the pieces joined; what lies within a piece, and between two, is summed up once.

        Hundreds of titles of a brief are made of the same few dozen pieces.
        """
        measured, joints = self._known_pieces, self._known_joints
        total, tail, n_characters = 0, "^", 0
        for text in pieces:
            if not text:
                continue
            found = measured.get(text)
            if found is None:
                found = self._measure_piece(text)
            within, head, end, length = found
            between = joints.get((tail, head))
            if between is None:
                between = self._measure_joint(tail, head)
            total += within + between
            tail = end if length > 1 else (tail + end)[-2:]
            n_characters += length
        between = joints.get((tail, "$"))
        if between is None:
            between = self._measure_joint(tail, "$")
        weights = self._hundredths
        total += between + weights.get("^", 0) + weights.get("$", 0) + weights.get(_LENGTHS[min(n_characters, 20)], 0)
        return max(-MAX_SCORE, min(MAX_SCORE, self.bias + total / 100))

    def _measure_piece(self, text: str) -> tuple[int, str, str, int]:
        """Sum of the n-grams within ``text``, its first and last two characters, its length."""
        weights, folded = self._hundredths, _fold(text)
        total = sum([weights.get(gram, 0) for gram in _grams_within(folded)])
        if len(self._known_pieces) > MAX_REMEMBERED:
            self._known_pieces.clear()
        found = self._known_pieces[text] = (total, folded[:2], folded[-2:], len(folded))
        return found

    def _measure_joint(self, tail: str, head: str) -> int:
        """Sum of the n-grams that begin in ``tail`` and end in ``head``, at most two characters each."""
        weights = self._hundredths
        total = weights.get(tail[-1] + head[0], 0)
        if len(tail) == 2:
            total += weights.get(tail + head[0], 0)
        if len(head) == 2:
            total += weights.get(tail[-1] + head, 0)
        if len(self._known_joints) > MAX_REMEMBERED:
            self._known_joints.clear()
        self._known_joints[tail, head] = total
        return total

    def measure_habits(self, stats: VoiceStats | None) -> Callable[[str], float] | None:
        """Log-odds by which an author's marks differ from everybody's; None where nothing was learned.

        The author's rates are drawn towards everybody's by ``PRIOR_NOTES`` notes, so that three notes say little.
        """
        if stats is None or not stats.n_titles or not self.mark_rates:
            return None
        odds: dict[str, tuple[float, float]] = {}
        for name, common in self.mark_rates.items():
            if name not in STYLE_MARKS:
                continue
            common = min(max(common, 0.005), 0.995)
            own = stats.title_mark_rates.get(name, common)
            own = (own * stats.n_titles + common * PRIOR_NOTES) / (stats.n_titles + PRIOR_NOTES)
            odds[name] = (math.log(own / common), math.log((1 - own) / (1 - common)))

        def score(title: str) -> float:
            marks = find_title_marks(title)
            return sum(there if name in marks else not_there for name, (there, not_there) in odds.items())

        return score


def list_grams(title: str) -> list[str]:
    """The n-grams of ``title``, lower case, every digit as 0 (which number it is says nothing), and its length.

    The length is one more feature, ``=12`` for 12 or 13 characters; ``=20`` for 20 and more.
    """
    return [*_grams_within(f"^{_fold(title)}$"), _LENGTHS[min(len(title), 20)]]


def _grams_within(text: str) -> list[str]:
    pairs = list(map(add, text, text[1:]))
    return [*text, *pairs, *map(add, pairs, text[2:])]


def _fold(text: str) -> str:
    return text.lower().translate(_DIGITS)


_LENGTHS = tuple(f"={n // 2 * 2}" for n in range(21))
_DIGITS = str.maketrans("123456789１２３４５６７８９０", "0" * 19)


def load_fluency(user_root: Path | None = None) -> Fluency:
    """The shipped weights, or the workspace's own; no file gives no opinion about any title."""
    for path in list_data_files("drafting", ".toml", user_root):
        if path.name == FILE_NAME:
            return _read(path)
    return Fluency({})


@lru_cache(maxsize=8)
def _read(path: Path) -> Fluency:
    file = load_model(path, FluencyFile)
    return Fluency(file.weights, file.bias, file.mark_rates)


def fit_fluency(
    real: Sequence[tuple[str, str, str]], candidates: Sequence[tuple[str, str, str]], *, strength: float = 0.3
) -> tuple[dict[str, float], float]:
    """Weights and bias of a logistic regression over n-grams that tells ``real`` titles from ``candidates``.

    Both are (title, author, collection); a candidate's author is that of the note that it was made of.
    ``strength`` is the inverse of the L2 penalty. Only n-grams of ``MIN_AUTHORS`` authors in
    ``MIN_COLLECTIONS`` collections take part.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    known = _shared_grams((*real, *candidates))
    rows = [
        Counter(gram for gram in list_grams(title) if gram in known) for title, _author, _from in (*real, *candidates)
    ]
    labels = [1] * len(real) + [0] * len(candidates)
    vectors = DictVectorizer()
    model = LogisticRegression(C=strength, max_iter=400, class_weight="balanced")
    model.fit(vectors.fit_transform(rows), labels)
    weights = {
        str(name): round(float(weight), 2)
        for name, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
        if abs(weight) >= MIN_WEIGHT
    }
    return weights, round(float(model.intercept_[0]), 3)


def save_fluency(file: FluencyFile, path: Path) -> None:
    """Write ``file`` with its weights sorted by n-gram."""
    table = file.model_dump()
    table["weights"] = dict(sorted(file.weights.items()))
    write_text(path, tomli_w.dumps(table))


def _shared_grams(texts: Iterable[tuple[str, str, str]]) -> set[str]:
    authors: dict[str, set[str]] = {}
    collections: dict[str, set[str]] = {}
    for title, author, collection in texts:
        for gram in list_grams(title):
            authors.setdefault(gram, set()).add(author)
            collections.setdefault(gram, set()).add(collection)
    return {
        gram for gram, who in authors.items() if len(who) >= MIN_AUTHORS and len(collections[gram]) >= MIN_COLLECTIONS
    }
