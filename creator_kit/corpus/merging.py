"""What several sightings of one note say together, whatever the order in which they were read.

Two operations, both pure:

- ``join``: two rows about the same moment. Each field takes the greater of the two by a total order (a
  known value over none, an exact count over a floor, a real title over one cut from the body), so the
  result does not depend on their order.
- ``fold``: a history, oldest first. Newer values win, but an empty field never erases a known one, a
  floor never replaces an exact count that it does not exceed, and a cut text never replaces a whole one.

A note's present state is the fold of all its observations, so A then B equals B then A.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import msgspec

from creator_kit.corpus.note import METRICS, Note

# Fields of the creator's own sheets, and the author's followers: plain numbers without floors.
NUMBERS = (
    "followers",
    "impressions",
    "views",
    "cover_ctr",
    "new_followers",
    "avg_watch_seconds",
    "danmaku",
)
_WORDS = ("author", "type", "source", "keyword")


@dataclass(frozen=True, slots=True)
class Observation:
    """A note as it was at ``at`` (ISO 8601): the export's own time, or the import's if ``note.observed_at`` is None."""

    at: str
    note: Note

    @property
    def is_timed(self) -> bool:
        return self.note.observed_at is not None


def join(one: Note, two: Note) -> Note:
    """One note from two rows about the same moment; commutative, associative and idempotent."""
    if one == two:
        return one
    merged: dict[str, Any] = {"observed_at": max(one.observed_at or "", two.observed_at or "") or None}
    for name in _WORDS:
        a, b = getattr(one, name), getattr(two, name)
        merged[name] = max(a, b) if a and b else a or b
    merged["title"], cut_title = max(
        (one.title, one.title_is_body_prefix), (two.title, two.title_is_body_prefix), key=_text_rank
    )
    merged["body"], cut_body = max((one.body, one.body_truncated), (two.body, two.body_truncated), key=_text_rank)
    merged["title_is_body_prefix"], merged["body_truncated"] = cut_title, cut_body
    merged["tags"] = max(one.tags, two.tags, key=lambda tags: (len(tags), tags))
    merged["published_at"] = max(one.published_at or "", two.published_at or "", key=_time_rank) or None
    floors = set()
    for name in METRICS:
        merged[name], is_floor = max(_count(one, name), _count(two, name), key=_count_rank)
        if is_floor:
            floors.add(name)
    merged["floors"] = frozenset(floors)
    for name in NUMBERS:
        a, b = getattr(one, name), getattr(two, name)
        merged[name] = max(a, b) if a is not None and b is not None else b if a is None else a
    return Note(note_id=one.note_id, **merged)


def fold(history: list[Observation]) -> Note:
    """The present state of a note from its observations, oldest first."""
    return reduce(_follow, (observation.note for observation in history))


def add_observation(history: list[Observation], new: Observation) -> list[Observation]:
    """``history`` with ``new`` in its place; the same list object when ``new`` says nothing more.

    An observation without a time of its own could be of any time up to its import. One that says nothing
    beyond another is therefore taken for a copy of it and left out. (It is held against each observation and
    not against their fold: what a note says only grows, so that a row, once left out, stays out when its file
    is read again, while the fold forgets what newer values replace.)
    """
    if not new.is_timed and any(is_within(new.note, old.note) for old in history):
        return history
    for old in history:
        if old.at == new.at:
            joined = join(old.note, new.note)
            if joined == old.note:
                return history
            new = Observation(new.at, joined)
            break
    kept = [old for old in history if old.at != new.at and (old.is_timed or not is_within(old.note, new.note))]
    return sorted([*kept, new], key=lambda observation: observation.at)


def is_within(note: Note, other: Note) -> bool:
    """True if ``note`` says nothing that ``other`` does not (times of observation aside)."""
    if note.observed_at != other.observed_at:
        note = msgspec.structs.replace(note, observed_at=other.observed_at)
    return join(note, other) == other


def _follow(earlier: Note, later: Note) -> Note:
    merged: dict[str, Any] = {"observed_at": later.observed_at}
    for name in _WORDS:
        merged[name] = getattr(later, name) or getattr(earlier, name)
    for text, flag in (("title", "title_is_body_prefix"), ("body", "body_truncated")):
        is_worse = not getattr(later, text) or (
            getattr(later, flag) and getattr(earlier, text) and not getattr(earlier, flag)
        )
        source = earlier if is_worse else later
        merged[text], merged[flag] = getattr(source, text), getattr(source, flag)
        if not merged[text]:
            merged[flag] = getattr(earlier, flag) or getattr(later, flag)
    merged["tags"] = later.tags or earlier.tags
    a, b = earlier.published_at or "", later.published_at or ""
    merged["published_at"] = (b if len(b) >= len(a) else a) or None
    floors = set()
    for name in METRICS:
        old, new = _count(earlier, name), _count(later, name)
        # A bound below what was known says nothing; buckets differ from page to page ("10+", "1千+").
        says_less = new[0] is None or (new[1] and old[0] is not None and new[0] <= old[0])
        merged[name], is_floor = old if says_less else new
        if is_floor:
            floors.add(name)
    merged["floors"] = frozenset(floors)
    for name in NUMBERS:
        value = getattr(later, name)
        merged[name] = getattr(earlier, name) if value is None else value
    return Note(note_id=earlier.note_id, **merged)


def _count(note: Note, name: str) -> tuple[int | None, bool]:
    value: int | None = getattr(note, name)
    return value, value is not None and name in note.floors


def _count_rank(count: tuple[int | None, bool]) -> tuple[bool, bool, int]:
    value, is_floor = count
    return value is not None, not is_floor, value or 0


def _text_rank(text: tuple[str, bool]) -> tuple[bool, bool, int, str]:
    value, is_cut = text
    # Of two empty ones the marked says more: that the note has no title of its own.
    return bool(value), is_cut != bool(value), len(value), value


def _time_rank(time: str) -> tuple[int, str]:
    return len(time), time
