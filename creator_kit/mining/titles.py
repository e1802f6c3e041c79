"""Notes in, a library of title templates out: skeletons, typed slots, support, lift, tiers, provenance."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol

import numpy as np

from creator_kit.corpus.heat import HOT_RANK
from creator_kit.corpus.note import Note
from creator_kit.mining.encoding import (
    HOME_SHARE,
    MIN_CONTEXT,
    PLACEHOLDERS,
    EncodedTitles,
    TitleRow,
    encode_titles,
    find_topical,
    is_mark,
)
from creator_kit.mining.engine import Engine
from creator_kit.mining.library import METHOD_VERSION, TIER_ORDER, LibrarySummary, TitleLibrary
from creator_kit.mining.lift import Comparison, LiftResult, estimate_lifts
from creator_kit.mining.matching import read_all
from creator_kit.mining.skeletons import Ints, Skeleton, SkeletonOptions, find_skeletons
from creator_kit.mining.template import SlotPart, TitleTemplate
from creator_kit.text.segment import segment_batch
from creator_kit.text.slots import SLOT_PATTERNS, type_slot, type_words

MAX_CHARACTERS = 60
# Literal runs of a template are frames, not sentences: a longer one could be somebody's own words.
MAX_HAN_RUN = 11
MAX_RUN = 13
# Particles, copula, pronouns: they hold a sentence together and say nothing about what belongs in a slot.
_FUNCTION_CHARACTERS = frozenset("的了是在和与也都就被把给我你他她它们这那有")
_SEPARATORS = "｜|丨‖/／【】《》「」：:—-·&×"


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
    """

    hot_rank: float = HOT_RANK
    min_notes: int = 5
    min_authors: int = 3
    max_templates: int = 300
    max_fillers: int = 12
    sample_titles: int = 50_000


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
    options = replace(options, min_notes=max(options.min_notes, 5), min_authors=max(options.min_authors, 3))
    corpus = _gather(notes, heats, options)
    rows = corpus.rows
    if not rows:
        return TitleLibrary((), corpus.summary)
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
    spread = _spread_test(titles)

    def accept(skeleton: Skeleton) -> bool:
        parts = _parts_of(titles, skeleton)
        if not _is_fillable(parts) or (_strength(parts) < 4 and not spread(skeleton.rows)):
            return False
        words = [titles.names[item] for item in skeleton.items if not titles.is_typed[item]]
        # One word between two slots ("…年轻人…") is a subject, not a frame; a word said twice is an accident.
        return (len(words) > 1 or skeleton.n_gaps < 2) and all(
            words.count(word) == 1 for word in words if any(map(_is_han, word)) and len(word) > 1
        )

    skeletons = find_skeletons(titles, limits, accept=accept, engine=engine)
    templates = _build(titles, skeletons, topical, options, engine)
    results = estimate_lifts(corpus.comparison, [matched for _, matched in templates])
    finished = [
        _finish(template, matched, result, corpus)
        for (template, matched), result in zip(templates, results, strict=True)
    ]
    finished.sort(key=_order)
    covered = len(np.unique(np.concatenate([matched for _, matched in templates]))) if templates else 0
    tiers: Counter[str] = Counter(template.tier for template in finished)
    summary = replace(
        corpus.summary,
        n_tiers={tier: tiers[tier] for tier in TIER_ORDER},
        covered_rate=round(covered / len(rows), 4),
    )
    return TitleLibrary(tuple(finished), summary)


def _order(template: TitleTemplate) -> tuple[int, float, int, str]:
    lift = template.lift.value if template.lift and template.tier != "common" else 0.0
    return TIER_ORDER.index(template.tier), -lift, -template.support, template.skeleton


def _gather(notes: Iterable[Note], heats: Sequence[HasHeat | None], options: MiningOptions) -> _Corpus:
    raw: list[_Row] = []
    hot_only: set[str] = set()
    n_of_source: Counter[str] = Counter()
    authors_seen: set[str] = set()
    keywords: set[str] = set()
    n_notes = n_floors = n_nameless = 0
    for note, heat in zip_longest(notes, heats):
        if note is None:
            break
        n_notes += 1
        n_of_source[note.source] += 1
        n_floors += "likes" in note.floors
        n_nameless += not note.author
        authors_seen.add(note.author)
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
        n_authors=len(authors_seen - {""}),
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


def _build(
    titles: EncodedTitles,
    skeletons: Sequence[Skeleton],
    topical: frozenset[str],
    options: MiningOptions,
    engine: Engine | None,
) -> list[tuple[TitleTemplate, Ints]]:
    """Templates with the numbers of all titles that ``extract`` reads with them."""
    shapes: dict[tuple[str | SlotPart, ...], None] = {}
    for skeleton in skeletons:
        shapes.setdefault(_parts_of(titles, skeleton))
    probes = [TitleTemplate("", parts, 0, 0, "common") for parts in shapes]
    drafts: list[tuple[TitleTemplate, Ints, list[list[str]]]] = []
    vocabulary: set[str] = set()
    read = read_all([row.title for row in titles.rows], probes, engine)
    for probe, (numbers, fillings) in zip(probes, read, strict=True):
        if len(numbers) >= options.min_notes:
            drafts.append((probe, np.asarray(numbers, np.int64), fillings))
            vocabulary |= {word.strip() for words in fillings for word in words}
    types = _type_all(sorted(vocabulary), topical)
    spread = _spread_test(titles)
    out: dict[str, tuple[TitleTemplate, Ints]] = {}
    for probe, matched, fillings in drafts:
        template = _with_slots(probe, matched, fillings, titles, types, options, spread)
        if template is not None and template.skeleton not in out:
            out[template.skeleton] = (template, matched)
    return _prune(list(out.values()))


def _parts_of(titles: EncodedTitles, skeleton: Skeleton) -> tuple[str | SlotPart, ...]:
    parts: list[str | SlotPart] = []
    for item, gap in zip((*skeleton.items, None), skeleton.gaps, strict=True):
        if gap:
            parts.append(SlotPart("phrase"))
        if item is None:
            continue
        name = titles.names[item]
        if titles.is_typed[item]:
            parts.append(SlotPart(name[1:-1]))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += name
        else:
            parts.append(name)
    return tuple(parts)


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _said(parts: Sequence[str | SlotPart]) -> float:
    """How much the frame tells: a Chinese character or run of marks 1, a function word or Latin letter ½."""
    total = 0.0
    for part in parts:
        if isinstance(part, str):
            total += sum(0.5 if c in _FUNCTION_CHARACTERS else 1.0 for c in part if _is_han(c))
            total += sum(c.isascii() and c.isalnum() for c in part) / 2
            total += len(re.findall(r"[^\w\s]+", part))
    return total


def _strength(parts: Sequence[str | SlotPart]) -> float:
    """``_said``, one for each typed slot, and half for each end of the title that the frame holds."""
    n_typed = sum(isinstance(part, SlotPart) and part.type in SLOT_PATTERNS for part in parts)
    return _said(parts) + n_typed + sum(isinstance(end, str) for end in (parts[0], parts[-1])) / 2


def _is_free(part: str | SlotPart) -> bool:
    return isinstance(part, SlotPart) and part.type not in SLOT_PATTERNS


def _is_lone_character(part: str | SlotPart) -> bool:
    return isinstance(part, str) and len(part) == 1 and _is_han(part) and part not in _FUNCTION_CHARACTERS


def _is_fillable(parts: Sequence[str | SlotPart]) -> bool:
    """Whether a person can tell what belongs in the slots, and the frame is no sentence of somebody's.

    A frame of two characters carries one free slot, three carry two, five carry three; a typed slot counts
    as one character, an end of the title as half of one. A frame of separators alone carries up to three slots.
    """
    literals = [part for part in parts if isinstance(part, str)]
    slots = [part for part in parts if isinstance(part, SlotPart)]
    n_typed = sum(slot.type in SLOT_PATTERNS for slot in slots)
    n_free = len(slots) - n_typed
    if not slots or any(len(text) > MAX_RUN or sum(map(_is_han, text)) > MAX_HAN_RUN for text in literals):
        return False
    if any(not text.strip() for text in literals):
        return False  # a lone blank between two slots cannot be told from a blank inside one
    inner = zip(parts, parts[1:], parts[2:], strict=False)
    if any(_is_lone_character(middle) and _is_free(left) and _is_free(right) for left, middle, right in inner):
        return False  # 字节…端…: half a word, cut off by the segmentation
    strength = _strength(parts)
    n_marks = sum(map(is_mark, literals))
    if not any(any(map(str.isalnum, text)) for text in literals):
        # Punctuation alone is a rhythm: two marks at least, or one that parts what stands beside it.
        return 2 <= len(slots) <= 3 and (
            n_marks >= 2 or (n_marks == 1 == len(literals) and all(c in _SEPARATORS for c in literals[0].strip()))
        )
    if len(literals) >= max(n_free, 2) and strength >= n_free + 0.5:
        return True  # each free slot has a literal of its own beside it: 从…到…，…
    if n_marks and len(literals) >= 2 and len(slots) <= 3 and strength >= n_free:
        return True
    n_letters = sum(_is_han(c) or c.isalnum() for text in literals for c in text)
    return n_letters >= 2 and strength >= max(2 * n_free - 1, 2)


def _type_all(words: Sequence[str], topical: frozenset[str]) -> dict[str, str]:
    types: dict[str, str] = {}
    for word, tokens in zip(words, segment_batch([word.strip() for word in words]), strict=True):
        core = word.strip()
        if core.lower() in topical:
            types[word] = "topic"
            continue
        if not any(kind in ("word", "latin") for _, kind, _ in tokens):
            types[word] = type_slot(core)
        else:
            plain = [(text, pos) for text, kind, pos in tokens if kind in ("word", "latin", "number")]
            types[word] = type_words(core, plain)
    return types


def _spread_test(titles: EncodedTitles) -> Callable[[Ints], bool]:
    """Whether titles come from more than one context; always true where the corpus has hardly any."""
    context = np.fromiter((row.context for row in titles.rows), np.int64, len(titles.rows))
    n_large = int((np.bincount(context) >= MIN_CONTEXT).sum())

    def is_spread(rows: Ints) -> bool:
        return n_large < 3 or np.bincount(context[rows]).max() <= HOME_SHARE * len(rows)

    return is_spread


_NOUN_LIKE = ("topic", "place", "audience", "scenario", "time", "size", "age")


def _with_slots(
    probe: TitleTemplate,
    matched: Ints,
    fillings: list[list[str]],
    titles: EncodedTitles,
    types: dict[str, str],
    options: MiningOptions,
    spread: Callable[[Ints], bool],
) -> TitleTemplate | None:
    """``probe`` with its slots typed by who filled them with what, and its counts.

    None when too few authors stand behind it or one of them owns it, or when a short frame is at home in one
    context only (a frame is shared across topics; a topic is not).
    """
    authors = [titles.rows[number].author for number in matched]
    n_authors = len(set(authors))
    per_author = Counter(authors).most_common(1)[0][1]
    if n_authors < options.min_authors or per_author > max(0.5 * len(authors), 2):
        return None
    if _strength(probe.parts) < 4 and not spread(matched):
        return None
    slots: list[SlotPart] = []
    for place, slot in enumerate(probe.slots):
        who: dict[str, set[int]] = defaultdict(set)
        for words, author in zip(fillings, authors, strict=True):
            who[words[place].strip()].add(author)
        blank = len(who.pop("", ()))
        if slot.type not in SLOT_PATTERNS and (len(who) < options.min_authors or blank > len(who)):
            return None  # everybody says the same here, or nothing: not a slot
        slots.append(SlotPart(_slot_type(slot, who, types), _fillers(who, options)))
    rest = iter(slots)
    parts = tuple(part if isinstance(part, str) else next(rest) for part in probe.parts)
    template = TitleTemplate("", parts, len(matched), n_authors, "common")
    mark = hashlib.blake2b(template.skeleton.encode(), digest_size=4).hexdigest()
    return replace(template, template_id=f"t-{mark}")


def _slot_type(slot: SlotPart, who: dict[str, set[int]], types: dict[str, str]) -> str:
    if slot.type in SLOT_PATTERNS:
        return slot.type
    votes: Counter[str] = Counter()
    for word, authors in who.items():
        found = types[word]
        votes["topic" if found in SLOT_PATTERNS else found] += len(authors)
    total = sum(votes.values())
    name, n = min(votes.items(), key=lambda item: (-item[1], item[0]), default=("phrase", 0))
    if name != "phrase" and n >= 0.5 * total:
        return name
    if sum(votes[kind] for kind in _NOUN_LIKE) >= 0.5 * total:
        return "topic"
    return "phrase"


def _fillers(who: dict[str, set[int]], options: MiningOptions) -> tuple[str, ...]:
    good = [
        (word, len(authors))
        for word, authors in who.items()
        if len(authors) >= 3 and len(word) <= 10 and not any(p in word for p in PLACEHOLDERS)
    ]
    good.sort(key=lambda item: (-item[1], item[0]))
    return tuple(word for word, _ in good[: options.max_fillers])


def _prune(templates: list[tuple[TitleTemplate, Ints]]) -> list[tuple[TitleTemplate, Ints]]:
    """The templates without repeats, told by the titles that they read.

    Gone are: another spelling with blanks of a more frequent one; one whose titles a more telling template
    nearly all reads (closedness); and one that names a filling of another and holds less than half of it.
    """
    spelled: dict[str, tuple[TitleTemplate, Ints]] = {}
    for item in sorted(templates, key=lambda item: (-item[0].support, item[0].skeleton)):
        spelled.setdefault("".join(item[0].skeleton.split()), item)
    ranked = sorted(
        spelled.values(), key=lambda item: (-sum(map(len, _literals(item[0]))), -item[0].support, item[0].skeleton)
    )
    kept: list[tuple[TitleTemplate, Ints]] = []
    for template, matched in ranked:
        if all(len(np.intersect1d(matched, other, assume_unique=True)) < 0.9 * len(matched) for _, other in kept):
            kept.append((template, matched))
    return [
        (template, matched)
        for template, matched in kept
        if not any(
            2 * len(matched) < len(other)
            and _spells_out(_literals(template), _literals(host))
            and len(np.intersect1d(matched, other, assume_unique=True)) >= 0.9 * len(matched)
            for host, other in kept
        )
    ]


def _literals(template: TitleTemplate) -> list[str]:
    return [part for part in template.parts if isinstance(part, str)]


def _spells_out(longer: list[str], shorter: list[str]) -> bool:
    """Whether ``longer`` has the same literals but for one that is longer at one end, or one that is more."""
    if len(longer) == len(shorter):
        differing = [(a, b) for a, b in zip(longer, shorter, strict=True) if a != b]
        return len(differing) == 1 and (
            differing[0][0].startswith(differing[0][1]) or differing[0][0].endswith(differing[0][1])
        )
    return len(longer) == len(shorter) + 1 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


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
