"""An export as batches of store rows, read in this process or, when it is large, in others beside it.

Decoding, cleaning and hashing a note costs twice as much as storing it; with more cores both go on at once. A
second process reads the file and, if it can be divided, a third and a fourth read every other block of it. They
run this module, receive their orders on stdin and write marshalled batches to stdout; the blocks are put in the
file's order again, so what is imported does not depend on where it was read.
"""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import IO, Any, BinaryIO, NamedTuple

from creator_kit import errors
from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import BLOCK_END, Export, NoteSeries, ReadOptions, RowProblem, SeriesPoint
from creator_kit.corpus.rows import to_row
from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.locale import _, current_language, use_language
from creator_kit.workspace.note_table import N_PLAIN, Row

_BATCH_NOTES = 1000
# Below this a second process would not have started before the first is done.
_ASIDE_BYTES = 60_000_000
# Messages of each reader that may wait for the one that writes; one is about a megabyte.
_MAX_WAITING = 4
# Three readers keep up with the one that writes.
_MAX_READERS = 3
# Its short form of ASCII text halves the time of version 2, and of pickle.
_MARSHAL_VERSION = 4


class Header(NamedTuple):
    """What is known of an export once it is opened."""

    format_id: str
    is_own: bool


class Batch(NamedTuple):
    """Some rows of an export: note rows short and full (workspace.note_table), points (metric, day, value), series of
    single notes (the fields of a NoteSeries), problems (where, what), and how far the file is read (``n_total`` None
    when unknown)."""

    plain: list[Row]
    full: list[Row]
    points: list[tuple[str, str, float]]
    series: list[tuple[Any, ...]]
    problems: list[tuple[str, str]]
    n_done: int
    n_total: int | None


@contextmanager
def open_batches(
    path: Path, options: ReadOptions, *, at: str, own: bool | None
) -> Iterator[tuple[Header, Iterator[Batch]]]:
    """The export at ``path`` as (header, batches). ``at`` and ``own`` as in store.import_export.

    Raises what ``open_export`` raises, and RefusedError for an export that belongs to the other command.
    """
    export = open_export(path, options)
    if own is False and export.own:
        raise RefusedError(
            _("this is a sheet of your own results ({format})").format(format=export.format_id),
            where=str(path),
            hint=_("add it with: creator-kit results add FILE"),
        )
    header = Header(export.format_id, export.own if own is None else own)
    n_cores = _n_cores()
    if path.stat().st_size < _ASIDE_BYTES or n_cores < 2:
        yield header, _rows(export, at, header.is_own)
        return
    n_readers = min(n_cores, _MAX_READERS) if export.is_divisible else 1
    readers: list[subprocess.Popen[bytes]] = []
    try:
        for part in range(n_readers):
            share = replace(options, share=(part, n_readers))
            readers.append(_start_reader((str(path), share, at, header.is_own, current_language())))
        yield header, _in_turn([_receive(reader, path) for reader in readers])
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()


def _start_reader(orders: tuple[Any, ...]) -> subprocess.Popen[bytes]:
    reader = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", "from creator_kit.corpus.batches import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert reader.stdin is not None
    pickle.dump(orders, reader.stdin)
    reader.stdin.flush()
    return reader


def _in_turn(streams: list[Iterator[Batch]]) -> Iterator[Batch]:
    """The blocks of all streams in the order of the file; the first stream without its next block ends it."""
    for stream in cycle(streams):
        batch = next(stream, None)
        if batch is None:
            return
        yield batch


def _rows(export: Export, at: str, is_own: bool, *, in_blocks: bool = False) -> Iterator[Batch]:
    """Batches of ``_BATCH_NOTES`` rows, or of whatever a block of lines held."""
    must_have_results = is_own and not export.own
    batch = Batch([], [], [], [], [], 0, None)
    n_rows = 0
    for row in export.rows():
        if row.__class__ is Note:
            if must_have_results and row.impressions is None and row.views is None:
                raise RefusedError(
                    _("these notes have neither impressions nor views, so they are not your own results"),
                    where=str(export.path),
                    hint=_("add other people's notes with: creator-kit corpus add FILE"),
                )
            values = to_row(row, at, is_own)
            (batch.plain if len(values) == N_PLAIN else batch.full).append(values)
        elif isinstance(row, SeriesPoint):
            batch.points.append((row.metric, row.day, row.value))
        elif isinstance(row, NoteSeries):
            batch.series.append((row.title, row.where, row.hours, row.days, row.exported_at))
        elif isinstance(row, RowProblem) and row is not BLOCK_END:
            batch.problems.append((row.where, row.what))
        n_rows += 1
        if row is BLOCK_END if in_blocks else n_rows == _BATCH_NOTES:
            yield Batch(*batch[:5], *export.progress())
            batch, n_rows = Batch([], [], [], [], [], 0, None), 0
    if n_rows:
        yield Batch(*batch[:5], *export.progress())


def serve() -> None:
    """A reader: orders on stdin, batches on stdout, an error as its last word."""
    out = sys.stdout.buffer
    path, options, at, is_own, language = pickle.load(sys.stdin.buffer)
    use_language(language)
    gc.disable()  # rows make no cycles, and this process ends with its last one
    try:
        for batch in _rows(open_export(Path(path), options), at, is_own, in_blocks=options.share[1] > 1):
            _send(out, tuple(batch))
        _send(out, None)
    except CreatorKitError as error:
        _send(out, ("error", type(error).__name__, error.what, error.where, error.hint))
    except KeyboardInterrupt:
        return
    except Exception:
        _send(out, ("bug", traceback.format_exc()))


def _send(out: BinaryIO, item: tuple[Any, ...] | None) -> None:
    data = marshal.dumps(item, _MARSHAL_VERSION)
    left = memoryview(len(data).to_bytes(8, "little") + data)
    # Under PYTHONUNBUFFERED a write ends early when the process is stopped (Ctrl-Z) and goes on.
    while left:
        left = left[out.write(left) :]
    out.flush()


def _receive(reader: subprocess.Popen[bytes], path: Path) -> Iterator[Batch]:
    source = reader.stdout
    assert source is not None
    for data in _read_ahead(source):
        if data is None:
            raise InputError(
                _("the process that was reading this file has died"),
                where=str(path),
                hint=_("free some memory and run it again"),
            )
        item = marshal.loads(data)
        if item is None:
            return
        if item[0] == "bug":
            raise RuntimeError(item[1])
        if item[0] == "error":
            _kind, name, what, where, hint = item
            raise getattr(errors, name)(what, where=where, hint=hint)
        yield Batch(*item)


def _read_ahead(source: IO[bytes]) -> Iterator[bytes | None]:
    """The messages of a reader, and None where it broke off. A thread takes them from the pipe, which holds less
    than one, so that neither side waits for the other all the time."""
    waiting: Queue[bytes | None] = Queue(_MAX_WAITING)

    def take() -> None:
        while True:
            n_bytes = int.from_bytes(source.read(8), "little")
            data = source.read(n_bytes)
            whole = data if n_bytes and len(data) == n_bytes else None
            while not is_left.is_set():
                try:
                    waiting.put(whole, timeout=0.1)
                    break
                except Full:
                    continue
            if whole is None or is_left.is_set():
                return

    is_left = Event()
    thread = Thread(target=take, daemon=True)
    thread.start()
    try:
        while True:
            yield waiting.get()
    finally:
        is_left.set()


def _n_cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
