"""A note as the rows of the store's tables, and back."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from creator_kit.corpus.merging import Observation
from creator_kit.corpus.note import METRICS, Note
from creator_kit.workspace import note_table
from creator_kit.workspace.note_table import Row

# A million notes pass here: rows are built from the struct's own tuple, whose order this line guards.
assert Note.__struct_fields__ == (
    "note_id", "author", "title", "body", "tags", "type", "likes", "collects", "comments", "shares", "floors",
    "published_at", "observed_at", "source", "keyword", "followers", "title_is_body_prefix", "body_truncated",
    "impressions", "views", "cover_ctr", "new_followers", "avg_watch_seconds", "danmaku",
)  # fmt: skip
_REST = 15  # fields from here on are in few exports
_EMPTY_REST = (0, 0, 0, 0, None, 0, 0, None, None, None, None, None, None, 0)
_NO_REST = (None, False, False, None, None, None, None, None, None)
_astuple = msgspec.structs.astuple
_encode = msgspec.json.Encoder().encode
_decode_tags = msgspec.json.Decoder(tuple[str, ...]).decode
_FLOOR_SETS = {
    flags: frozenset(name for name, flag in zip(METRICS, flags, strict=True) if flag)
    for flags in ((a, b, c, d) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1))
}


def to_row(note: Note, at: str, is_own: bool) -> Row:
    """A note row, short where the rest of it is empty; ``at`` stands in for a missing time of observation."""
    values = _astuple(note)
    if values[10] or is_own or values[_REST:] != _NO_REST:
        return to_full_row(note, at, is_own)
    (note_id, author, title, body, tags, type_, likes, collects, comments, shares,
     _floors, published_at, observed_at, source, keyword, *_rest) = values  # fmt: skip
    return (
        note_id, author, title, body.encode(), _encode(tags) if tags else b"[]", type_, likes, collects, comments,
        shares, published_at, observed_at or at, 0 if observed_at is None else 1, source, keyword,
    )  # fmt: skip


def to_full_row(note: Note, at: str, is_own: bool) -> Row:
    """A note row with all columns."""
    # Flags as plain int: sqlite3 takes three times as long over a bool.
    return (
        note.note_id, note.author, note.title, note.body.encode(), _encode(note.tags), note.type,
        note.likes, note.collects, note.comments, note.shares,
        note.published_at, note.observed_at or at, int(note.observed_at is not None), note.source, note.keyword,
        *_flags(note), note.followers, int(note.title_is_body_prefix), int(note.body_truncated),
        note.impressions, note.views, note.cover_ctr, note.new_followers, note.avg_watch_seconds, note.danmaku,
        int(is_own),
    )  # fmt: skip


def _flags(note: Note) -> Iterable[int]:
    return (int(name in note.floors) for name in METRICS)


def to_note(row: Row) -> Note:
    """The note in a row, short or full."""
    if len(row) == note_table.N_PLAIN:
        row += _EMPTY_REST
    (note_id, author, title, body, tags, type_, likes, collects, comments, shares, published_at, at, is_timed,
     source, keyword, f1, f2, f3, f4, followers, is_prefix, is_cut, *own, _is_own) = row  # fmt: skip
    text = body.decode() if isinstance(body, bytes) else body
    return Note(
        note_id, author, title, text, _decode_tags(tags), type_, likes, collects, comments, shares,
        _FLOOR_SETS[f1, f2, f3, f4], published_at, at if is_timed else None, source, keyword, followers,
        is_prefix == 1, is_cut == 1, *own,
    )  # fmt: skip


_Content = tuple[str, str, str, tuple[str, ...], str | None, str | None, str, str | None, bool, bool]
_decode_content = msgspec.json.Decoder(_Content).decode


def _content(note: Note) -> _Content:
    return (
        note.author, note.title, note.body, note.tags, note.type, note.published_at, note.source, note.keyword,
        note.title_is_body_prefix, note.body_truncated,
    )  # fmt: skip


def to_observation_row(key: int, observation: Observation, now: Note) -> Row:
    """An observation row of the note with ``key``, whose present state is ``now``."""
    note = observation.note
    content = _content(note)
    return (
        key, observation.at, int(observation.is_timed), None if content == _content(now) else _encode(content).decode(),
        note.likes, note.collects, note.comments, note.shares, *_flags(note), note.followers,
        note.impressions, note.views, note.cover_ctr, note.new_followers, note.avg_watch_seconds, note.danmaku,
    )  # fmt: skip


def to_history(row: Row, observation_rows: list[Row]) -> list[Observation]:
    """A note's observations from its row and, if it was seen more than once, those of its observations."""
    now = to_note(row)
    if not observation_rows:
        return [Observation(row[note_table.COLUMNS.index("observed_at")], now)]
    history = []
    for (_key, at, is_timed, content, likes, collects, comments, shares, f1, f2, f3, f4,
         followers, *own) in observation_rows:  # fmt: skip
        author, title, body, tags, type_, published_at, source, keyword, is_prefix, is_cut = (
            _content(now) if content is None else _decode_content(content)
        )
        note = Note(
            now.note_id, author, title, body, tags, type_, likes, collects, comments, shares,  # type: ignore[arg-type]
            _FLOOR_SETS[f1, f2, f3, f4], published_at, at if is_timed else None, source, keyword, followers,
            is_prefix, is_cut, *own,
        )  # fmt: skip
        history.append(Observation(at, note))
    return history
