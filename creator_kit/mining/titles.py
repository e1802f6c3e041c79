"""Notes in, a library of title templates out: skeletons, typed slots, support, lift, tiers, provenance."""

from __future__ import annotations

import heapq
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol

import numpy as np

from creator_kit.corpus.heat import HOT_RANK
from creator_kit.corpus.note import Note
from creator_kit.mining.building import BuildOptions, build_templates, measure_spread, read_parts
from creator_kit.mining.candidates import Ints, SkeletonOptions
from creator_kit.mining.cover import Skeleton
from creator_kit.mining.cutting import PLACEHOLDERS
from creator_kit.mining.encoding import encode_titles
from creator_kit.mining.engine import Engine
from creator_kit.mining.fillable import frame_strength, is_fillable, is_han
from creator_kit.mining.lift import Comparison, LiftResult, estimate_lifts
from creator_kit.mining.skeletons import find_skeletons
from creator_kit.mining.stability import measure_halves
from creator_kit.mining.template import TitleTemplate
from creator_kit.mining.title_library import METHOD_VERSION, TIER_ORDER, LibrarySummary, TitleLibrary
from creator_kit.mining.topics import TitleRow, find_topical
from creator_kit.workers import without_gc

MAX_CHARACTERS = 60


class HasHeat(Protocol):
    """What mining needs of ``corpus.heat.Heat``: ``rank`` in (0, 1) among peers or None, ``basis`` names them;
    ``from_hot_list``: the peers are themselves all hits; ``age_band``: how old the note was, in steps."""

    @property
    def rank(self) -> float | None: ...

    @property
    def basis(self) -> str: ...

    @property
    def from_hot_list(self) -> bool: ...

    @property
    def age_band(self) -> int: ...


@dataclass(frozen=True, slots=True)
class MiningOptions:
    """``hot_rank``: a note is hot when its rank among comparable notes is at least this.

    ``min_notes`` and ``min_authors`` cannot go below 5 and 3. ``sample_titles``: which words are
    topics is learned from at most so many titles (chosen by hash, so that order does not matter).
    ``halves_up_to``: of corpora of up to so many titles the halves are mined too, to see how stable the library is.
    """

    hot_rank: float = HOT_RANK
    min_notes: int = 5
    min_authors: int = 3
    max_templates: int = 300
    max_fillers: int = 12
    sample_titles: int = 50_000
    halves_up_to: int = 0


class _Row(NamedTuple):
    """One usable title with what is known of its note; ``hot`` is 1, 0, or NaN where nothing compares."""

    title: str
    author: str
    topics: tuple[str, ...]
    source: str
    day: str
    stratum: tuple[str, ...]
    within_author: bool
    hot: float
    context: tuple[str, str]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class _Corpus:
    raw: list[_Row]
    rows: list[TitleRow]
    comparison: Comparison
    summary: LibrarySummary


def mine_titles(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    options: MiningOptions | None = None,
    *,
    engine: Engine | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> TitleLibrary:
    """The title templates of ``notes``; ``heats[i]`` is the heat of note i, None where nothing is known of it.

    The order of the notes does not matter. ``advance`` is called with the number of titles done (each title
    counts once). A corpus too small for a template gives an empty library whose summary says so.
    """
    options = options or MiningOptions()
    corpus, templates = _seek(notes, heats, options, engine, advance)
    if not templates:
        return TitleLibrary((), corpus.summary)
    results = estimate_lifts(corpus.comparison, [matched for _, matched in templates])
    finished = [
        (_finish(template, matched, result, corpus), matched)
        for (template, matched), result in zip(templates, results, strict=True)
    ]
    ordered = _order(finished, len(corpus.rows))
    covered = len(np.unique(np.concatenate([matched for _, matched in templates])))
    tiers: Counter[str] = Counter(template.tier for template in ordered)
    summary = replace(
        corpus.summary,
        n_tiers={tier: tiers[tier] for tier in TIER_ORDER},
        covered_rate=round(covered / len(corpus.rows), 4),
    )
    return TitleLibrary(tuple(ordered), summary)


def find_chance_findings(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    rng: np.random.Generator,
    n_permutations: int,
    options: MiningOptions | None = None,
) -> int:
    """In how many of ``n_permutations`` any template is reliable or avoided although who is hot was drawn anew.

    Hot and ordinary change places within each stratum. Which templates are sought does not depend on the heat, so
    they are sought once; every permutation estimates and judges all of them as ``mine_titles`` does.
    """
    corpus, templates = _seek(notes, heats, options or MiningOptions(), None, lambda _n: None)
    if not templates:
        return 0
    groups = [matched for _, matched in templates]
    comparison = corpus.comparison
    known = np.flatnonzero(~np.isnan(comparison.is_hot))
    by_stratum = known[np.argsort(comparison.stratum[known], kind="stable")]
    n_found = 0
    for _ in range(n_permutations):
        drawn = known[np.lexsort((rng.random(len(known)), comparison.stratum[known]))]
        is_hot = comparison.is_hot.copy()
        is_hot[by_stratum] = comparison.is_hot[drawn]
        results = estimate_lifts(replace(comparison, is_hot=is_hot), groups)
        n_found += any(result.tier in ("reliable", "avoided") for result in results)
    return n_found


def _seek(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    options: MiningOptions,
    engine: Engine | None,
    advance: Callable[[int], None],
) -> tuple[_Corpus, list[tuple[TitleTemplate, Ints]]]:
    """The corpus, and its templates with the numbers of the titles that they read; heat plays no part in them."""
    with without_gc():  # it would walk through millions of rows again and again
        return _seek_all(notes, heats, options, engine, advance)


def _seek_all(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    options: MiningOptions,
    engine: Engine | None,
    advance: Callable[[int], None],
) -> tuple[_Corpus, list[tuple[TitleTemplate, Ints]]]:
    options = replace(options, min_notes=max(options.min_notes, 5), min_authors=max(options.min_authors, 3))
    corpus = _gather(notes, heats, options)
    if not corpus.rows:
        return corpus, []
    templates = _seek_rows(corpus.rows, options, engine, advance)
    if len(corpus.rows) <= options.halves_up_to:

        def seek(rows: Sequence[TitleRow]) -> list[TitleTemplate]:
            return _order(_seek_rows(rows, options, engine, lambda _n: None), len(rows)) if rows else []

        summary = replace(corpus.summary, halves_share=measure_halves(corpus.rows, seek))
        corpus = replace(corpus, summary=summary)
    return corpus, templates


def _seek_rows(
    rows: Sequence[TitleRow], options: MiningOptions, engine: Engine | None, advance: Callable[[int], None]
) -> list[tuple[TitleTemplate, Ints]]:
    chosen = _sample(rows, options.sample_titles)
    topical = find_topical([rows[i] for i in chosen] if len(chosen) < len(rows) else rows, options.min_authors)
    titles = encode_titles(
        rows,
        min_notes=options.min_notes,
        min_authors=options.min_authors,
        topical=topical,
        engine=engine,
        advance=advance,
    )
    limits = SkeletonOptions(options.min_notes, options.min_authors, max_templates=options.max_templates)
    spread = measure_spread(titles)

    def accept(skeleton: Skeleton) -> bool:
        parts = read_parts(titles, skeleton)
        if not is_fillable(parts) or (frame_strength(parts) < 4 and not spread(skeleton.rows)):
            return False
        words = [titles.names[item] for item in skeleton.items if not titles.is_typed[item]]
        # One word between two slots ("…年轻人…") is a subject, not a frame; a word said twice is an accident.
        return (len(words) > 1 or skeleton.n_gaps < 2) and all(
            words.count(word) == 1 for word in words if any(map(is_han, word)) and len(word) > 1
        )

    skeletons = find_skeletons(titles, limits, accept=accept, engine=engine)
    build = BuildOptions(options.min_notes, options.min_authors, options.max_fillers)
    return build_templates(titles, skeletons, topical, build, engine)


# A frame that says this much counts whole in the order of common templates; "…，…！" counts for less.
_FULL_STRENGTH = 4.0


def _order(templates: Sequence[tuple[TitleTemplate, Ints]], n_titles: int) -> list[TitleTemplate]:
    """By tier; within it by lift, and where that says nothing (common) by how many titles a template reads that
    none before it reads (greedy maximum coverage, Nemhauser et al. 1978, doi:10.1007/BF01588971)."""
    by_lift = [item for item in templates if item[0].tier != "common"]
    by_lift.sort(
        key=lambda item: (
            TIER_ORDER.index(item[0].tier),
            -(item[0].lift.value if item[0].lift else 0.0),
            -item[0].support,
            item[0].skeleton,
        )
    )
    is_read = np.zeros(n_titles, np.bool_)
    weight = [min(frame_strength(template.parts) / _FULL_STRENGTH, 1.0) for template, _ in templates]
    queue = [
        (-weight[number] * len(matched), template.skeleton, number)
        for number, (template, matched) in enumerate(templates)
        if template.tier == "common"
    ]
    heapq.heapify(queue)
    common = []
    while queue:
        before, skeleton, number = heapq.heappop(queue)
        template, matched = templates[number]
        now = -weight[number] * int((~is_read[matched]).sum())
        if now > before and queue and now > queue[0][0]:
            heapq.heappush(queue, (now, skeleton, number))
            continue
        is_read[matched] = True
        common.append(template)
    above = [template for template, _ in by_lift if TIER_ORDER.index(template.tier) < TIER_ORDER.index("common")]
    below = [template for template, _ in by_lift if TIER_ORDER.index(template.tier) > TIER_ORDER.index("common")]
    return [*above, *common, *below]


def _gather(notes: Iterable[Note], heats: Sequence[HasHeat | None], options: MiningOptions) -> _Corpus:
    raw: list[_Row] = []
    hot_only: set[str] = set()
    n_of_source: Counter[str] = Counter()
    keywords: set[str] = set()
    n_notes = n_floors = n_nameless = 0
    for note, heat in zip_longest(notes, heats):
        if note is None:
            break
        n_notes += 1
        n_of_source[note.source] += 1
        n_floors += "likes" in note.floors
        n_nameless += not note.author
        if note.keyword:
            keywords.add(note.keyword)
        if heat is not None and heat.from_hot_list:
            hot_only.add(note.source)
        title = note.title.strip()
        if title and not note.title_is_body_prefix and "\n" not in title and len(title) <= MAX_CHARACTERS:
            raw.append(_read_row(note, title, heat, options.hot_rank))
    # All further work sees the titles in this order, whatever order the notes came in.
    raw.sort(key=lambda row: (*row[:7], str(row.hot), row.tags))
    authors = _number(row.author for row in raw)
    contexts = _number(row.context for row in raw)
    strata = _number(row.stratum for row in raw)
    days = sorted({row.day for row in raw if row.day})
    comparison = Comparison(
        is_hot=np.array([row.hot for row in raw], np.float64),
        stratum=np.array([strata[row.stratum] for row in raw], np.int64),
        author=np.array([authors[row.author] for row in raw], np.int64),
        within_author=np.array([row.within_author for row in raw], np.bool_),
    )
    summary = LibrarySummary(
        n_notes=n_notes,
        n_authors=len({row.author for row in raw} - {""}),
        n_titles=len(raw),
        n_skipped=n_notes - len(raw),
        n_compared=int((~np.isnan(comparison.is_hot)).sum()),
        n_floors=n_floors,
        n_without_author=n_nameless,
        n_keywords=len(keywords),
        published_first=days[0] if days else None,
        published_last=days[-1] if days else None,
        sources=dict(sorted(n_of_source.items())),
        hot_only_sources=tuple(sorted(hot_only)),
    )
    rows = [TitleRow(row.title, authors[row.author], row.topics, contexts[row.context]) for row in raw]
    return _Corpus(raw, rows, comparison, summary)


def _read_row(note: Note, title: str, heat: HasHeat | None, hot_rank: float) -> _Row:
    topics = {tag.lower() for tag in note.tags}
    if note.keyword:
        topics.add(note.keyword.lower())
    hot, within_author, stratum = read_heat(note, heat, hot_rank)
    return _Row(
        title=title,
        author=note.author,
        topics=tuple(sorted(topics)),
        source=note.source,
        day=(note.published_at or "")[:10],
        stratum=stratum,
        within_author=within_author,
        hot=hot,
        context=(note.source, note.keyword or ""),
        tags=tuple(sorted(set(note.tags))),
    )


def read_heat(note: Note, heat: HasHeat | None, hot_rank: float) -> tuple[float, bool, tuple[str, ...]]:
    """(1 hot, 0 not, NaN unknown; compared within its author; its stratum) of one note."""
    if heat is None or heat.rank is None or heat.from_hot_list:
        # The best of a list of hits are not hotter than ordinary notes: nothing there is ordinary.
        return float("nan"), False, ()
    band = heat.age_band
    if heat.basis == "author":
        return float(heat.rank >= hot_rank), True, ("author", note.author, "fresh" if band == 0 else "settled")
    return float(heat.rank >= hot_rank), False, (note.source, note.keyword or "", note.type or "", str(band))


def _number(values: Iterable[Any]) -> dict[Any, int]:
    """Each distinct value with its place in their order."""
    return {value: number for number, value in enumerate(sorted(set(values)))}


def _sample(rows: Sequence[TitleRow], n: int) -> Ints:
    """Numbers of at most ``n`` rows, picked by a hash of their text, ascending."""
    if len(rows) <= n:
        return np.arange(len(rows))
    marks = np.fromiter((zlib.crc32(f"{row.title}\0{row.author}".encode()) for row in rows), np.int64, len(rows))
    return np.sort(np.argsort(marks, kind="stable")[:n])


def _finish(template: TitleTemplate, matched: Ints, result: LiftResult, corpus: _Corpus) -> TitleTemplate:
    raw = [corpus.raw[number] for number in matched]
    sources = Counter(row.source for row in raw)
    days = sorted(row.day for row in raw if row.day)
    tag_authors: dict[str, set[str]] = defaultdict(set)
    for row in raw:
        for tag in row.tags:
            if tag not in PLACEHOLDERS:
                tag_authors[tag].add(row.author)
    kinds = sorted((tag for tag in tag_authors if len(tag_authors[tag]) >= 3), key=lambda t: (-len(tag_authors[t]), t))
    provenance: dict[str, object] = {
        "method_version": METHOD_VERSION,
        "sources": {source: sources[source] for source in sorted(sources)},
        "n_titles": corpus.summary.n_titles,
    }
    if days:
        provenance |= {"published_first": days[0], "published_last": days[-1]}
    if result.lift is not None:
        provenance |= {"q_value": result.q_value, "wrong_sign_rate": result.wrong_sign_rate}
    return replace(template, tier=result.tier, lift=result.lift, kinds=tuple(kinds[:3]), provenance=provenance)
