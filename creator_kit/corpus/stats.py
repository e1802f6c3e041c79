"""What a corpus holds and what it is good for, in figures and in plain findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from creator_kit.corpus.heat import HotListJudge
from creator_kit.corpus.note import METRICS, Note

# Fields whose coverage is told, in the order of a record.
COVERED = (
    "title",
    "body",
    "tags",
    "type",
    "author",
    *METRICS,
    "published_at",
    "observed_at",
    "keyword",
    "followers",
    "impressions",
    "views",
)

Contrast = Literal["mixed", "hot only", "part hot only", "too few"]
Warning_ = Literal["one author", "one week", "one keyword", "mostly floors", "no time", "no engagement"]

# Above this share of all notes one author, week or keyword is the corpus.
DOMINANT_RATE = 0.8


@dataclass(frozen=True, slots=True)
class SourceStats:
    """One source. ``likes`` are its P10, P50 and P90 of exact counts, None where it has fewer than 5.

    ``is_hot_list``: every note was chosen for its heat; None where too few counts are known to say.
    """

    source: str
    n_notes: int
    n_authors: int
    first_on: str | None
    last_on: str | None
    likes: tuple[int, int, int] | None
    floor_rate: float
    is_hot_list: bool | None


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """A corpus in figures; rates are 0 to 1.

    ``coverage_rate``: share of notes that have the field. ``floor_rate``: share of a metric's known counts
    that are floors ("10万+"). ``type_rate``: shares of ``image`` (图文), ``video`` (视频) and ``unknown``.
    ``contrast``: whether ordinary notes stand beside the hot ones ("part hot only": some of the sources are
    lists of hot notes).
    """

    n_notes: int
    n_authors: int
    n_without_author: int
    first_on: str | None
    last_on: str | None
    coverage_rate: dict[str, float] = field(default_factory=dict)
    floor_rate: dict[str, float] = field(default_factory=dict)
    type_rate: dict[str, float] = field(default_factory=dict)
    sources: tuple[SourceStats, ...] = ()
    contrast: Contrast = "too few"
    warnings: tuple[Warning_, ...] = ()


class _Tally:
    """Counts over some of the notes; everything that is needed passes by once."""

    def __init__(self) -> None:
        self.n = 0
        self.authors: Counter[str] = Counter()
        self.days: Counter[str] = Counter()
        self.likes: Counter[int] = Counter()
        self.n_floored = 0

    def add(self, note: Note) -> None:
        self.n += 1
        if note.author:
            self.authors[note.author] += 1
        if note.published_at:
            self.days[note.published_at[:10]] += 1
        if note.likes is not None and "likes" not in note.floors:
            self.likes[note.likes] += 1
        self.n_floored += bool(note.floors)

    def quantiles(self) -> tuple[int, int, int] | None:
        """P10, P50, P90 of the likes (nearest rank), None for fewer than 5 of them."""
        n = self.likes.total()
        if n < 5:
            return None
        found = []
        n_passed, ranks = 0, [max(1, -(-n * percent // 100)) for percent in (10, 50, 90)]
        for value in sorted(self.likes):
            n_passed += self.likes[value]
            while ranks and n_passed >= ranks[0]:
                found.append(value)
                ranks.pop(0)
        return found[0], found[1], found[2]


def compute_stats(notes: Iterable[Note]) -> CorpusStats:
    """The figures of ``notes`` in one pass; memory grows with authors and sources, not with texts."""
    whole = _Tally()
    by_source: dict[str, _Tally] = {}
    covered: Counter[str] = Counter()
    floored: Counter[str] = Counter()
    types: Counter[str] = Counter()
    keywords: Counter[str] = Counter()
    judge = HotListJudge()
    for note in notes:
        whole.add(note)
        by_source.setdefault(note.source, _Tally()).add(note)
        for name in COVERED:
            value = getattr(note, name)
            if value is not None and value != "" and value != ():
                covered[name] += 1
        for name in note.floors:
            floored[name] += 1
        types[note.type or "unknown"] += 1
        if note.keyword:
            keywords[note.keyword] += 1
        judge.add(note)
    hot_lists = judge.judge()
    n = whole.n
    sources = tuple(
        SourceStats(
            source,
            tally.n,
            len(tally.authors),
            min(tally.days, default=None),
            max(tally.days, default=None),
            tally.quantiles(),
            tally.n_floored / tally.n,
            hot_lists.get(source),
        )
        for source, tally in sorted(by_source.items(), key=lambda item: (-item[1].n, item[0]))
    )
    return CorpusStats(
        n_notes=n,
        n_authors=len(whole.authors),
        n_without_author=n - whole.authors.total(),
        first_on=min(whole.days, default=None),
        last_on=max(whole.days, default=None),
        coverage_rate={name: covered[name] / n if n else 0.0 for name in COVERED},
        floor_rate={name: floored[name] / covered[name] if covered[name] else 0.0 for name in METRICS},
        type_rate={
            name: types[kind] / n if n else 0.0
            for name, kind in (("image", "图文"), ("video", "视频"), ("unknown", "unknown"))
        },
        sources=sources,
        contrast=_judge_contrast(sources),
        warnings=tuple(_find_warnings(whole, covered, floored, keywords)),
    )


def _judge_contrast(sources: tuple[SourceStats, ...]) -> Contrast:
    judged = [source.is_hot_list for source in sources if source.is_hot_list is not None]
    if not judged:
        return "too few"
    return "hot only" if all(judged) else "part hot only" if any(judged) else "mixed"


def _find_warnings(
    whole: _Tally, covered: Counter[str], floored: Counter[str], keywords: Counter[str]
) -> Iterable[Warning_]:
    n = whole.n
    if n == 0:
        return
    if max(whole.authors.values(), default=0) > DOMINANT_RATE * n:
        yield "one author"
    if whole.days and _most_in_a_week(whole.days) > DOMINANT_RATE * n:
        yield "one week"
    if max(keywords.values(), default=0) > DOMINANT_RATE * n:
        yield "one keyword"
    if covered["likes"] and floored["likes"] > covered["likes"] / 2:
        yield "mostly floors"
    if covered["published_at"] < n / 2:
        yield "no time"
    if covered["likes"] + covered["collects"] + covered["comments"] == 0:
        yield "no engagement"


def _most_in_a_week(days: Counter[str]) -> int:
    """The most notes that any seven days in a row hold."""
    ordered = sorted((date.fromisoformat(day), n) for day, n in days.items())
    most = n_inside = first = 0
    for day, n in ordered:
        n_inside += n
        while day - ordered[first][0] >= timedelta(days=7):
            n_inside -= ordered[first][1]
            first += 1
        most = max(most, n_inside)
    return most


def is_unsettled(note: Note) -> bool:
    """True for an own note that has views but no impressions yet: the platform counts them a day later."""
    return bool(note.views) and not note.impressions
