"""How an author writes, measured from the author's own notes, and how far another text lies from that.

Only rates and quantiles are kept, and short expressions that come back in several notes; no sentence of a note is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from creator_kit.corpus import Note
from creator_kit.datafiles import write_text
from creator_kit.errors import InputError
from creator_kit.locale import _, ngettext
from creator_kit.text.emoji import find_emoji
from creator_kit.text.length import count_title_units

LEARNED_NAME = "learned.toml"
# Below this many notes a rate of 0 or 1 is chance; learning says so and still gives the figures.
FEW_NOTES = 12
# A mark that fewer than one note in ten has (or lacks) counts as foreign (or missed) when it is there (is not).
RARE_RATE = 0.1
# An expression is a habit when it stands in this many notes.
MIN_NOTES_PER_PHRASE = 3
_MAX_PHRASES = 12
_MAX_EMOJI = 12

# What a reader sees of a title at a glance; each is there or not.
TITLE_MARKS: Mapping[str, re.Pattern[str]] = {
    "comma": re.compile("[，,]"),
    "space": re.compile(r"\S\s+\S"),
    "bar": re.compile("[｜|丨]"),
    "shout": re.compile("[！!‼❗]"),
    "ask": re.compile("[？?]"),
    "colon": re.compile("[：:]"),
    "bracket": re.compile("[【（(「《“]"),
    "wave": re.compile("[～~]"),
    "dots": re.compile(r"…|\.\.\.|。。"),
    "particle": re.compile("[啊呀呢嘛啦哦吧哈噢]|了(?:[！!～~…。]|$)"),
    "digit": re.compile("[0-9]"),
    "first_person": re.compile("我"),
    "address": re.compile("你|大家|姐妹|宝子|家人|朋友"),
}
EMOJI_MARK = "emoji"
_SENTENCE = re.compile(r"[\n。！？!?；;…～~]+")
_CLAUSE = re.compile(r"[\n，。！？、；：!?;:,～~…\s]+")
_HASHTAG = re.compile(r"#[^#\s]+(?:\[话题\]#)?")
_STICKER = re.compile(r"\[[\u4e00-\u9fff]{1,4}R\]")


class Spread(BaseModel):
    """The 10th, 50th and 90th percentile of a count, over ``n`` notes (0: a file of before they were counted)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    p10: float
    p50: float
    p90: float
    n: int = Field(0, ge=0)

    @property
    def is_few(self) -> bool:
        return 0 < self.n < FEW_NOTES

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies where four in five notes lie."""
        return self.p10 <= value <= self.p90


class VoiceStats(BaseModel):
    """``learned.toml``: what ``n_notes`` of the author's own notes show. Rates are shares of ``n_titles`` titles, 0..1.

    ``n_cut`` bodies were cut short by their export: they say nothing of the length of a body.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    n_notes: int = Field(ge=1)
    n_titles: int = Field(ge=0)
    n_bodies: int = Field(ge=0)
    n_cut: int = Field(0, ge=0)
    first_on: date | None = None
    last_on: date | None = None
    title_mark_rates: dict[str, float] = Field(default_factory=dict)
    title_units: Spread | None = None
    title_emoji: tuple[str, ...] = ()
    body_characters: Spread | None = None
    sentence_characters: Spread | None = None
    body_lines: Spread | None = None
    emoji_per_100_characters: Spread | None = None
    body_emoji: tuple[str, ...] = ()
    n_tags: Spread | None = None
    phrases: tuple[str, ...] = ()

    @property
    def is_few(self) -> bool:
        return self.n_notes < FEW_NOTES


@dataclass(frozen=True, slots=True)
class VoiceDistance:
    """``distance`` is the share (0..1) of the ``n_measured`` habits that a text breaks; ``outside`` names those."""

    distance: float
    n_measured: int
    outside: tuple[str, ...]


def find_title_marks(title: str) -> frozenset[str]:
    """Names of the marks (``TITLE_MARKS`` and ``emoji``) that ``title`` has."""
    found = {name for name, pattern in TITLE_MARKS.items() if pattern.search(title)}
    if find_emoji(title) or _STICKER.search(title):
        found.add(EMOJI_MARK)
    return frozenset(found)


def measure_marks(titles: Sequence[str]) -> dict[str, float]:
    """Share of ``titles`` that have each mark, 0..1; empty for no titles."""
    counts = Counter(mark for title in titles for mark in find_title_marks(title))
    return {name: round(counts[name] / len(titles), 4) for name in (*TITLE_MARKS, EMOJI_MARK)} if titles else {}


def measure_voice(notes: Iterable[Note]) -> VoiceStats:
    """The habits of ``notes``, each counted once. Raises InputError for no text at all, and for several authors."""
    titles, bodies, whole, n_tags, days = [], [], [], [], []
    authors = set()
    for note in notes:
        # A title that an export made of the body's beginning is none of the author's.
        title = "" if note.title_is_body_prefix else note.title.strip()
        body = _HASHTAG.sub("", note.body or "").strip()
        if not title and not body:
            continue
        titles.append(title)
        bodies.append(body)
        if body and not note.body_truncated:
            whole.append(body)
        n_tags.append(len(note.tags or ()))
        if note.author:
            authors.add(note.author)
        if note.published_at:
            days.append(date.fromisoformat(note.published_at[:10]))
    if not bodies:
        raise InputError(
            _("no note here has a title or a body to learn from"),
            hint=_("name a file of your own notes: --from FILE; or add your sheets: creator-kit results add FILE"),
        )
    if len(authors) > 1:
        raise InputError(
            _("these notes are by {n} authors, and a voice is one author's").format(n=len(authors)),
            hint=_("give a file with your own notes alone: --from FILE"),
        )
    real_titles, real_bodies = [text for text in titles if text], [text for text in bodies if text]
    return VoiceStats(
        n_notes=len(bodies),
        n_titles=len(real_titles),
        n_bodies=len(real_bodies),
        n_cut=len(real_bodies) - len(whole),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
        title_mark_rates=measure_marks(real_titles),
        title_units=_spread([count_title_units(title) for title in real_titles]),
        title_emoji=_common_emoji(real_titles),
        body_characters=_spread([len(body) for body in whole]),
        sentence_characters=_spread([n for body in whole for n in list_sentence_lengths(body)], n_notes=len(whole)),
        body_lines=_spread([_n_lines(body) for body in whole]),
        emoji_per_100_characters=_spread([_emoji_rate(body) for body in real_bodies]),
        body_emoji=_common_emoji(real_bodies),
        n_tags=_spread([n for n in n_tags if n]),
        phrases=_phrases(real_bodies),
    )


def compare_voice(stats: VoiceStats, *, title: str, body: str, n_tags: int) -> VoiceDistance:
    """How far a text lies from the habits: the share of them that it breaks.

    A quantity breaks its habit outside the 10th to 90th percentile; a mark does when it is there and at most one
    title in ten has it, or is not and nine in ten have it. An author breaks about a fifth of the quantities.
    """
    outside, n_measured = [], 0
    marks = find_title_marks(title)
    for name, rate in sorted(stats.title_mark_rates.items()):
        # A rate in the middle says nothing about one title; only decided habits are measured.
        if rate <= RARE_RATE or rate >= 1 - RARE_RATE:
            n_measured += 1
            if (name in marks) != (rate >= 1 - RARE_RATE):
                outside.append(f"title.{name}")
    plain = _HASHTAG.sub("", body).strip()
    lengths = sorted(list_sentence_lengths(plain))
    quantities: tuple[tuple[str, Spread | None, float | None], ...] = (
        ("title.units", stats.title_units, count_title_units(title) if title else None),
        ("body.characters", stats.body_characters, len(plain) if plain else None),
        ("body.sentence_characters", stats.sentence_characters, lengths[len(lengths) // 2] if lengths else None),
        ("body.lines", stats.body_lines, _n_lines(plain) if plain else None),
        ("body.emoji", stats.emoji_per_100_characters, _emoji_rate(plain) if plain else None),
        ("tags.n", stats.n_tags, n_tags),
    )
    for name, spread, value in quantities:
        if spread is not None and value is not None:
            n_measured += 1
            if not spread.holds(value):
                outside.append(name)
    return VoiceDistance(round(len(outside) / n_measured, 4) if n_measured else 0.0, n_measured, tuple(outside))


def describe_notes(stats: VoiceStats) -> str:
    """How many notes stand behind the figures, and whether that is enough, in the reader's language."""
    parts = [ngettext("learned from {n} note", "learned from {n} notes", stats.n_notes).format(n=stats.n_notes)]
    if stats.is_few:
        parts.append(_("too few to trust a rate; {n} or more would be better").format(n=FEW_NOTES))
    if stats.n_cut:
        parts.append(_("{n} bodies were cut short by the export and say nothing of lengths").format(n=stats.n_cut))
    elif not stats.n_bodies:
        parts.append(_("titles alone: no body was in the file"))
    return " · ".join(parts)


def save_voice(stats: VoiceStats, folder: Path) -> Path:
    """Write ``learned.toml`` into a pack's folder, whole or not at all."""
    path = folder / LEARNED_NAME
    table = stats.model_dump(exclude_none=True)
    head = "# 由作者自己的笔记量出来的习惯；`creator-kit persona learn` 会整个重写它。\n"
    write_text(path, head + tomli_w.dumps(table))
    return path


def _spread(values: Sequence[float], n_notes: int | None = None) -> Spread | None:
    if not values:
        return None
    ordered = sorted(values)

    def at(share: float) -> float:
        # Nearest rank: always a value that came.
        return round(float(ordered[min(int(share * len(ordered)), len(ordered) - 1)]), 2)

    return Spread(p10=at(0.1), p50=at(0.5), p90=at(0.9), n=len(values) if n_notes is None else n_notes)


def list_sentence_lengths(body: str) -> list[int]:
    """Lengths in characters of the sentences of ``body``, in order."""
    return [len(piece) for piece in (part.strip() for part in _SENTENCE.split(body)) if len(piece) > 1]


def _n_lines(body: str) -> int:
    return sum(bool(line.strip()) for line in body.splitlines())


def _emoji_rate(body: str) -> float:
    n = len(find_emoji(body)) + len(_STICKER.findall(body))
    return 100.0 * n / max(len(body), 1)


def _common_emoji(texts: Sequence[str]) -> tuple[str, ...]:
    counts = Counter(mark for text in texts for mark in set(find_emoji(text)))
    return tuple(mark for mark, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n > 1)[:_MAX_EMOJI]


def _phrases(bodies: Sequence[str]) -> tuple[str, ...]:
    """Whole clauses of 2 to 8 characters that stand in several notes: what the author keeps saying."""
    counts: Counter[str] = Counter()
    for body in bodies:
        counts.update({clause for clause in _CLAUSE.split(body) if re.fullmatch(r"[\u4e00-\u9fff]{2,8}", clause)})
    found = [(clause, n) for clause, n in counts.items() if n >= MIN_NOTES_PER_PHRASE]
    return tuple(clause for clause, _n in sorted(found, key=lambda item: (-item[1], item[0])))[:_MAX_PHRASES]
