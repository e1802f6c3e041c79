"""The SQL of notes, their observations, the account's days and the imports; corpus.rows gives the rows their meaning.

A *note row* holds ``COLUMNS``; the first ``N_PLAIN`` are enough for a note of which nothing else is known.
Body and tags (a JSON list) are UTF-8 bytes in rows that go in and text in rows that come out.
An *observation row* holds ``OBSERVATION_COLUMNS``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Row = tuple[Any, ...]

_PLAIN = (
    "note_id", "author", "title", "body", "tags", "type", "likes", "collects", "comments", "shares",
    "published_at", "observed_at", "is_timed", "source", "keyword",
)  # fmt: skip
_FLOORS = ("likes_floor", "collects_floor", "comments_floor", "shares_floor")
_OWN_METRICS = ("impressions", "views", "cover_ctr", "new_followers", "avg_watch_seconds", "danmaku")

COLUMNS = (*_PLAIN, *_FLOORS, "followers", "title_is_body_prefix", "body_truncated", *_OWN_METRICS, "is_own")
N_PLAIN = len(_PLAIN)
OBSERVATION_COLUMNS = (
    "note", "observed_at", "is_timed", "content",
    "likes", "collects", "comments", "shares", *_FLOORS, "followers", *_OWN_METRICS,
)  # fmt: skip


def _marks(columns: Sequence[str]) -> str:
    # These come as UTF-8 bytes: SQLite stores those, so nothing is decoded and encoded again on the way.
    return ", ".join("CAST(? AS TEXT)" if column in ("body", "tags") else "?" for column in columns)


# Every bound value costs about 0.15 µs, a third of an import's time: most notes are inserted with N_PLAIN of them.
_INSERT_PLAIN = f"INSERT INTO notes ({', '.join(_PLAIN)}) VALUES ({_marks(_PLAIN)}) ON CONFLICT (note_id) DO NOTHING"
_INSERT_FULL = f"INSERT INTO notes ({', '.join(COLUMNS)}) VALUES ({_marks(COLUMNS)}) ON CONFLICT (note_id) DO NOTHING"
_UPDATE = f"UPDATE notes SET ({', '.join(COLUMNS)}) = ({_marks(COLUMNS)}) WHERE note = ?"
_INSERT_OBSERVATION = (
    f"INSERT INTO observations ({', '.join(OBSERVATION_COLUMNS)}) VALUES ({', '.join('?' * len(OBSERVATION_COLUMNS))})"
)
_MAX_BOUND = 900  # SQLite before 3.32 binds at most 999 values


def insert_new(db: sqlite3.Connection, plain: Sequence[Row], full: Sequence[Row]) -> set[str] | None:
    """Insert those rows whose note the store does not hold.

    Returns None when all went in, else the ids of the notes that did.
    """
    last = db.execute("SELECT max(note) FROM notes").fetchone()[0] or 0
    n_inserted = 0
    if plain:
        n_inserted += db.executemany(_INSERT_PLAIN, plain).rowcount
    if full:
        n_inserted += db.executemany(_INSERT_FULL, full).rowcount
    if n_inserted == len(plain) + len(full):
        return None
    return {row[0] for row in db.execute("SELECT note_id FROM notes WHERE note > ?", (last,))}


def fetch_notes(db: sqlite3.Connection, note_ids: Sequence[str]) -> dict[str, tuple[int, Row]]:
    """(key, note row) by note id, of those that the store holds."""
    found: dict[str, tuple[int, Row]] = {}
    for marks, chunk in _chunks(note_ids):
        sql = f"SELECT note, {', '.join(COLUMNS)} FROM notes WHERE note_id IN ({marks})"
        for row in db.execute(sql, chunk):
            found[row[1]] = (row[0], row[1:])
    return found


def fetch_observations(db: sqlite3.Connection, notes: Sequence[int]) -> dict[int, list[Row]]:
    """Observation rows by note key, oldest first; notes that were seen once have none."""
    found: dict[int, list[Row]] = {}
    for marks, chunk in _chunks(notes):
        sql = (
            f"SELECT {', '.join(OBSERVATION_COLUMNS)} FROM observations WHERE note IN ({marks})"
            " ORDER BY note, observed_at"
        )
        for row in db.execute(sql, chunk):
            found.setdefault(row[0], []).append(row)
    return found


def update_notes(db: sqlite3.Connection, rows: Sequence[Row], observations: Sequence[Row]) -> None:
    """Write note rows (each followed by its key) and, for those notes, all their observations anew."""
    db.executemany("DELETE FROM observations WHERE note = ?", [(row[-1],) for row in rows])
    db.executemany(_UPDATE, rows)
    db.executemany(_INSERT_OBSERVATION, observations)


def iter_note_rows(db: sqlite3.Connection, *, own: bool | None, texts: bool) -> Iterator[Row]:
    """Note rows in the order of their import; without ``texts`` title, body and tags are empty."""
    columns = [{"title": "''", "body": "''", "tags": "'[]'"}.get(name, name) if not texts else name for name in COLUMNS]
    where = "" if own is None else f" WHERE is_own = {int(own)}"
    yield from db.execute(f"SELECT {', '.join(columns)} FROM notes{where} ORDER BY note")


def iter_observation_rows(db: sqlite3.Connection, *, own: bool | None) -> Iterator[tuple[str, Row]]:
    """(note id, observation row) of all notes that were seen more than once, by note and time."""
    columns = ", ".join(f"o.{name}" for name in OBSERVATION_COLUMNS)
    where = "" if own is None else f" WHERE n.is_own = {int(own)}"
    sql = (
        f"SELECT n.note_id, {columns} FROM observations o JOIN notes n ON n.note = o.note{where}"
        " ORDER BY o.note, o.observed_at"
    )
    for row in db.execute(sql):
        yield row[0], row[1:]


def save_days(db: sqlite3.Connection, rows: Iterable[Row]) -> tuple[int, int]:
    """Write rows (account, metric, day, value, observed_at); an older one never overwrites a newer.

    Returns how many were new and how many changed a value.
    """
    n_added = n_updated = 0
    for account, metric, day, value, observed_at in rows:
        known = db.execute(
            "SELECT value, observed_at FROM account_days WHERE account = ? AND metric = ? AND day = ?",
            (account, metric, day),
        ).fetchone()
        # At the same moment the larger value wins, so that the order of two files does not matter.
        if known is not None and (known[1], known[0]) >= (observed_at, value):
            continue
        db.execute(
            "INSERT OR REPLACE INTO account_days VALUES (?, ?, ?, ?, ?)", (account, metric, day, value, observed_at)
        )
        n_added += known is None
        n_updated += known is not None and known[0] != value
    return n_added, n_updated


def iter_day_rows(db: sqlite3.Connection) -> Iterator[Row]:
    """Rows (account, metric, day, value, observed_at), in that order."""
    yield from db.execute("SELECT account, metric, day, value, observed_at FROM account_days ORDER BY 1, 2, 3")


def has_import_of_size(db: sqlite3.Connection, n_bytes: int) -> bool:
    """Whether a file of as many bytes was ever imported."""
    return db.execute("SELECT 1 FROM imports WHERE n_bytes = ? LIMIT 1", (n_bytes,)).fetchone() is not None


def find_import(db: sqlite3.Connection, digest: str, settings: str) -> Row | None:
    """(format_id, is_own, number of notes, n_days) of a clean import of the same bytes read the same way."""
    row = db.execute(
        "SELECT format_id, is_own, n_added + n_updated + n_unchanged, n_days FROM imports"
        " WHERE digest = ? AND settings = ? AND n_problems = 0 LIMIT 1",
        (digest, settings),
    ).fetchone()
    return tuple(row) if row else None


def record_import(db: sqlite3.Connection, row: Row) -> None:
    """Write one row of ``imports``: all its columns but the key."""
    db.execute(f"INSERT INTO imports VALUES (NULL, {', '.join('?' * len(row))})", row)


def _chunks(values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    for start in range(0, len(values), _MAX_BOUND):
        chunk = values[start : start + _MAX_BOUND]
        yield ",".join("?" * len(chunk)), chunk
