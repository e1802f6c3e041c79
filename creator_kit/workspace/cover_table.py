"""The SQL of measured covers; creator_kit.corpus.cover_measures gives the documents their meaning."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_MAX_BOUND = 900  # SQLite before 3.32 binds at most 999 values


def find_notes_by_id(db: sqlite3.Connection, note_ids: Sequence[str]) -> dict[str, int]:
    """Key of each note of ``note_ids`` (hashed) that the store holds."""
    rows = _select(db, "SELECT note_id, note FROM notes WHERE note_id IN", note_ids)
    return {row[0]: row[1] for row in rows}


def find_notes_by_time(db: sqlite3.Connection, times: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """(key, title) of the notes published at each of ``times`` (ISO 8601, as the store writes them)."""
    found: dict[str, list[tuple[int, str]]] = {}
    for at, note, title in _select(db, "SELECT published_at, note, title FROM notes WHERE published_at IN", times):
        found.setdefault(at, []).append((note, title))
    return found


def find_measured(db: sqlite3.Connection, method: int) -> set[int]:
    """Keys of the notes whose cover was measured by ``method``."""
    return {row[0] for row in db.execute("SELECT note FROM covers WHERE method = ?", (method,))}


def save_covers(db: sqlite3.Connection, rows: Iterable[tuple[int, int, str]]) -> None:
    """Write rows (note key, method, JSON document); an older measurement of the note is replaced."""
    db.executemany("INSERT OR REPLACE INTO covers (note, method, document) VALUES (?, ?, ?)", rows)


def iter_covers(db: sqlite3.Connection, method: int) -> Iterator[tuple[str, str]]:
    """(note id, JSON document) of all covers measured by ``method``, in the order of the notes."""
    yield from db.execute(
        "SELECT n.note_id, c.document FROM covers c JOIN notes n ON n.note = c.note WHERE c.method = ? ORDER BY c.note",
        (method,),
    )


def _select(db: sqlite3.Connection, sql: str, values: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(values), _MAX_BOUND):
        chunk = values[start : start + _MAX_BOUND]
        yield from db.execute(f"{sql} ({','.join('?' * len(chunk))})", chunk)
