"""Notes into the store and out of it: import of one export, streams of notes, our own JSONL.

An import is one transaction: an interruption, a full disk or (with ``strict``) one bad row leaves the
store as it was. Rows go in by the thousand; only a note that is already there is merged in Python.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import Event
from typing import IO, Any

import msgspec

from creator_kit import __version__
from creator_kit.clock import BEIJING
from creator_kit.corpus.batches import Batch, open_batches
from creator_kit.corpus.merging import Observation, add_observation, fold
from creator_kit.corpus.note import METRICS, Note
from creator_kit.corpus.note_series import place_series
from creator_kit.corpus.reading import NoteSeries, ReadOptions, RowProblem, SeriesPoint
from creator_kit.corpus.rows import to_full_row, to_history, to_note, to_observation_row
from creator_kit.datafiles import storage_error
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.workers import without_gc
from creator_kit.workspace import Workspace, note_table
from creator_kit.workspace.note_table import Row

MAX_PROBLEMS_KEPT = 20
# From this size on an import takes the store for itself (Workspace.transaction, ``bulk``).
_BULK_BYTES = 32_000_000
_DIGEST_PIECE_BYTES = 1 << 20

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one file did to the store.

    ``n_added`` are notes new to the store, ``n_updated`` rows that changed a note, ``n_unchanged`` rows
    that said nothing new, ``n_days`` values of account series that were new or changed. ``problems`` are
    the first ``MAX_PROBLEMS_KEPT`` of ``n_problems``. ``is_repeat``: the same bytes were imported before.
    """

    path: Path
    format_id: str
    is_own: bool
    n_added: int = 0
    n_updated: int = 0
    n_unchanged: int = 0
    n_days: int = 0
    n_problems: int = 0
    problems: tuple[RowProblem, ...] = ()
    is_repeat: bool = False


def import_export(
    workspace: Workspace,
    path: Path,
    options: ReadOptions,
    *,
    now: datetime,
    own: bool | None = None,
    strict: bool = False,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Read the export at ``path`` into the store, all or nothing.

    ``now`` (aware) is the time of observation of rows that carry none. ``own``: True takes only the
    creator's own results, False only other people's notes, None whatever the file is.

    Raises InputError for a file that cannot be read and, with ``strict``, for its first bad row;
    RefusedError for a file that belongs to the other command; StorageError or WorkspaceError for the
    store. The store is then as it was.
    """
    settings = _describe(options, own)
    n_bytes = _count_bytes(path)
    with _digesting(path) as take_digest:
        with workspace.reading() as db:
            # The same bytes are as many bytes: only then is it worth waiting for the digest.
            known = None
            if note_table.has_import_of_size(db, n_bytes):
                known = note_table.find_import(db, take_digest(), settings)
        if known is not None:
            format_id, is_own, n_notes, n_days = known
            return ImportReport(path, format_id, bool(is_own), n_unchanged=n_notes + n_days, is_repeat=True)

        at = _moment(now)
        with without_gc(), open_batches(path, options, at=at, own=own) as (header, batches):
            load = _Load(at=at, is_own=header.is_own, strict=strict)
            with workspace.transaction(bulk=n_bytes > _BULK_BYTES) as db:
                for batch in batches:
                    load.write(db, batch)
                    if on_progress is not None:
                        on_progress(batch.n_done, batch.n_total)
                load.place(db)
                # These sheets do not say when they were made; their last day does, whenever they are imported.
                last_day = max((day for _metric, day, _value in load.points), default="")
                series_at = _moment(options.exported_at) if options.exported_at else last_day
                rows = [(options.account, *point, series_at) for point in load.points]
                n_new, n_changed = note_table.save_days(db, rows)
                n_days = n_new + n_changed
                n_unchanged = load.n_unchanged + len(rows) - n_days
                counts = (load.n_added, load.n_updated, n_unchanged, n_days, load.n_problems)
                note_table.record_import(
                    db, (take_digest(), n_bytes, settings, path.name, header.format_id, at, int(header.is_own), *counts)
                )
        return ImportReport(
            path,
            header.format_id,
            header.is_own,
            n_added=load.n_added,
            n_updated=load.n_updated,
            n_unchanged=n_unchanged,
            n_days=n_days,
            n_problems=load.n_problems,
            problems=tuple(load.problems),
        )


class _Load:
    """One export on its way into the store."""

    def __init__(self, *, at: str, is_own: bool, strict: bool) -> None:
        self.at = at
        self.is_own = is_own
        self.strict = strict
        self.points: list[tuple[str, str, float]] = []
        self.series: list[NoteSeries] = []
        self.problems: list[RowProblem] = []
        self.n_added = self.n_updated = self.n_unchanged = self.n_problems = 0

    def write(self, db: sqlite3.Connection, batch: Batch) -> None:
        """Insert the new notes of ``batch``, merge the others, set points and problems aside."""
        for where, what in batch.problems:
            self._leave_out(RowProblem(where, what))
        self.points += batch.points
        self.series += (NoteSeries(*fields) for fields in batch.series)
        inserted = note_table.insert_new(db, batch.plain, batch.full)
        if inserted is None:
            self.n_added += len(batch.plain) + len(batch.full)
            return
        self.n_added += len(inserted)
        by_id: dict[str, list[Note]] = {}
        for row in (*batch.plain, *batch.full):
            by_id.setdefault(row[0], []).append(to_note(row))
        rest: list[Note] = []
        for note_id, notes in by_id.items():
            if note_id in inserted:
                if len(notes) == 1:
                    continue
                self.n_unchanged -= 1  # one of these twins went in; which one does not matter, merging it says nothing
            rest += notes
        self._merge(db, rest)

    def place(self, db: sqlite3.Connection) -> None:
        """Merge the series of single notes into the own notes that they are of. Raises InputError where there is none:
        then the file is not taken for imported, and can be added again after the note list."""
        if not self.series:
            return
        own = [to_note(row) for row in note_table.iter_note_rows(db, own=True, texts=True)]
        for series in self.series:
            n_updated, n_unchanged = self.n_updated, self.n_unchanged
            self._merge(db, place_series(series, own))
            # However many hours it has, it is one note.
            is_new = self.n_updated > n_updated
            self.n_updated, self.n_unchanged = n_updated + is_new, n_unchanged + (not is_new)

    def _leave_out(self, problem: RowProblem) -> None:
        if self.strict:
            raise InputError(problem.what, where=problem.where, hint=_("without --strict the other rows go in"))
        self.n_problems += 1
        if len(self.problems) < MAX_PROBLEMS_KEPT:
            self.problems.append(problem)

    def _merge(self, db: sqlite3.Connection, notes: list[Note]) -> None:
        known = note_table.fetch_notes(db, list(dict.fromkeys(note.note_id for note in notes)))
        seen = note_table.fetch_observations(db, [key for key, _row in known.values()])
        histories: dict[str, list[Observation]] = {}
        own = {note_id: bool(row[-1]) for note_id, (_key, row) in known.items()}
        changed: dict[str, None] = {}
        for note in notes:
            note_id = note.note_id
            history = histories.get(note_id)
            if history is None:
                key, row = known[note_id]
                history = histories[note_id] = to_history(row, seen.get(key, []))
            merged = add_observation(history, Observation(note.observed_at or self.at, note))
            if merged is history and (own[note_id] or not self.is_own):
                self.n_unchanged += 1
                continue
            self.n_updated += 1
            histories[note_id] = merged
            own[note_id] = own[note_id] or self.is_own
            changed[note_id] = None
        rows: list[Row] = []
        observations: list[Row] = []
        for note_id in changed:
            key, history = known[note_id][0], histories[note_id]
            now = fold(history)
            rows.append((*to_full_row(now, history[-1].at, own[note_id]), key))
            if len(history) > 1:
                observations += (to_observation_row(key, item, now) for item in history)
        if rows:
            note_table.update_notes(db, rows, observations)


def iter_notes(workspace: Workspace, *, own: bool | None = None, texts: bool = True) -> Iterator[Note]:
    """The store's notes, one at a time, in the order of their import.

    ``own`` True gives the creator's own, False the others. Without ``texts`` title, body and tags are
    empty, which is enough for heat and several times faster.
    """
    with workspace.reading() as db:
        for row in note_table.iter_note_rows(db, own=own, texts=texts):
            yield to_note(row)


def load_notes(workspace: Workspace, *, own: bool | None = None, texts: bool = True) -> list[Note]:
    """All of ``iter_notes`` in memory (about 2 KB a note with its texts)."""
    return list(iter_notes(workspace, own=own, texts=texts))


def iter_histories(workspace: Workspace, *, own: bool | None = None) -> Iterator[list[Observation]]:
    """For each note that was seen more than once, its observations, oldest first."""
    with workspace.reading() as db:
        for note_id, pairs in groupby(note_table.iter_observation_rows(db, own=own), key=itemgetter(0)):
            _key, now = note_table.fetch_notes(db, [note_id])[note_id]
            yield to_history(now, [row for _id, row in pairs])


def iter_days(workspace: Workspace) -> Iterator[tuple[str, SeriesPoint]]:
    """(account, point) of the account's daily series, by account, metric and day."""
    with workspace.reading() as db:
        for account, metric, day, value, _at in note_table.iter_day_rows(db):
            yield account, SeriesPoint(metric, day, value)


def export_jsonl(workspace: Workspace, out: IO[bytes], *, own: bool | None = False) -> int:
    """Write the notes as our own JSONL, one record a line; returns how many. Importing it gives the same notes."""
    encode = msgspec.json.Encoder().encode
    n_notes = 0
    for note in iter_notes(workspace, own=own):
        out.write(encode(render_record(note)) + b"\n")
        n_notes += 1
    return n_notes


def render_record(note: Note) -> dict[str, Any]:
    """``note`` as a record of our JSONL: a floor is no count, it stands in ``extra.count_floor``."""
    record: dict[str, Any] = {
        "note_id": note.note_id,
        "author": note.author,
        "title": note.title,
        "body": note.body,
        "tags": note.tags,
        "type": note.type,
    }
    for name in METRICS:
        record[name] = None if name in note.floors else getattr(note, name)
    record |= {"published_at": note.published_at, "source": note.source, "keyword": note.keyword}
    extra: dict[str, Any] = {}
    if note.floors:
        extra["count_floor"] = {name: getattr(note, name) for name in METRICS if name in note.floors}
    for key, value in (
        ("observed_at", note.observed_at),
        ("author_followers", note.followers),
        ("title_was_body_prefix", note.title_is_body_prefix or None),
        ("body_truncated", note.body_truncated or None),
        ("impressions", note.impressions),
        ("views", note.views),
        ("cover_ctr", note.cover_ctr),
        ("new_followers", note.new_followers),
        ("avg_watch_s", note.avg_watch_seconds),
        ("danmaku", note.danmaku),
    ):
        if value is not None:
            extra[key] = value
    if extra:
        record["extra"] = extra
    return record


def _moment(moment: datetime) -> str:
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def _count_bytes(path: Path) -> int:
    if path.is_dir():
        raise InputError(_("this is a folder, not a file"), where=str(path))
    try:
        return path.stat().st_size
    except OSError as error:
        raise storage_error(error, path) from error


@contextmanager
def _digesting(path: Path) -> Iterator[Callable[[], str]]:
    """A call that waits for the file's digest, which a thread computes meanwhile (hashing frees the interpreter).

    Leaving the block early, by Ctrl-C too, ends the thread at its next piece.
    """
    is_left = Event()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(_digest, path, is_left)
        try:
            yield future.result
        finally:
            is_left.set()


def _digest(path: Path, is_left: Event) -> str:
    """SHA-256 of the file, and of the write-ahead log beside it if it is a live SQLite database."""
    digest = hashlib.sha256()
    try:
        for part in (path, path.with_name(path.name + "-wal")):
            if part == path or part.is_file():
                with part.open("rb") as file:
                    while not is_left.is_set() and (piece := file.read(_DIGEST_PIECE_BYTES)):
                        digest.update(piece)
    except OSError as error:
        raise storage_error(error, path) from error
    return digest.hexdigest()


def _describe(options: ReadOptions, own: bool | None) -> str:
    """The settings that change what a file's bytes mean; another version may read them better."""
    return msgspec.json.encode(
        [
            __version__,
            own,
            options.account,
            options.source,
            sorted(options.mapping.items()),
            options.exported_at.isoformat() if options.exported_at else None,
            options.encoding,
        ]
    ).decode()
