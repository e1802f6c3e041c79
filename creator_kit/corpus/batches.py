"""An export as batches of store rows, read in this process or, when it is large, in a second one beside it.

Decoding, cleaning and hashing a note costs about as much as storing it; with a second core both go on at once.
The second process runs this module, receives its orders on stdin and writes marshalled batches to stdout, in
the order of the file: what is imported does not depend on where it was read.
"""

from __future__ import annotations

import marshal
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from creator_kit import errors
from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import Export, ReadOptions, RowProblem, SeriesPoint
from creator_kit.corpus.rows import to_row
from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.locale import _, current_language, use_language
from creator_kit.workspace.note_table import N_PLAIN, Row

_BATCH_NOTES = 1000
# Below this a second process would not have started before the first is done.
_ASIDE_BYTES = 100_000_000
# References between equal strings, which newer versions look for, cost more than they save.
_MARSHAL_VERSION = 2


class Header(NamedTuple):
    """What is known of an export once it is opened."""

    format_id: str
    is_own: bool


class Batch(NamedTuple):
    """Some rows of an export: note rows short and full (workspace.note_table), points (metric, day, value),
    problems (where, what), and how far the file is read (``n_total`` None when unknown)."""

    plain: list[Row]
    full: list[Row]
    points: list[tuple[str, str, float]]
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
    if path.stat().st_size < _ASIDE_BYTES or _n_cores() < 2:
        stream = _read(path, options, at, own)
        yield Header(*next(stream)), (Batch(*item) for item in stream)
        return
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", "from creator_kit.corpus.batches import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        pickle.dump((str(path), options, at, own, current_language()), process.stdin)
        process.stdin.close()
        stream = _receive(process.stdout, path)
        yield Header(*next(stream)), (Batch(*item) for item in stream)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _read(path: Path, options: ReadOptions, at: str, own: bool | None) -> Iterator[tuple[Any, ...]]:
    """First a Header, then Batches."""
    export = open_export(path, options)
    if own is False and export.own:
        raise RefusedError(
            _("this is a sheet of your own results ({format})").format(format=export.format_id),
            where=str(path),
            hint=_("add it with: creator-kit results add FILE"),
        )
    is_own = export.own if own is None else own
    yield Header(export.format_id, is_own)
    yield from _rows(export, at, is_own)


def _rows(export: Export, at: str, is_own: bool) -> Iterator[Batch]:
    must_have_results = is_own and not export.own
    batch = Batch([], [], [], [], 0, None)
    n = 0
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
        elif isinstance(row, RowProblem):
            batch.problems.append((row.where, row.what))
        elif isinstance(row, SeriesPoint):
            batch.points.append((row.metric, row.day, row.value))
        n += 1
        if n == _BATCH_NOTES:
            yield Batch(*batch[:4], *export.progress())
            batch, n = Batch([], [], [], [], 0, None), 0
    if n:
        yield Batch(*batch[:4], *export.progress())


def serve() -> None:
    """The second process: orders on stdin, batches on stdout, an error as its last word."""
    out = sys.stdout.buffer
    path, options, at, own, language = pickle.load(sys.stdin.buffer)
    use_language(language)
    try:
        for item in _read(Path(path), options, at, own):
            _send(out, tuple(item))
        _send(out, None)
    except CreatorKitError as error:
        _send(out, ("error", type(error).__name__, error.what, error.where, error.hint))
    except KeyboardInterrupt:
        return
    except Exception:
        _send(out, ("bug", traceback.format_exc()))
    out.flush()


def _send(out: IO[bytes], item: tuple[Any, ...] | None) -> None:
    data = marshal.dumps(item, _MARSHAL_VERSION)
    out.write(len(data).to_bytes(8, "little") + data)


def _receive(source: IO[bytes], path: Path) -> Iterator[tuple[Any, ...]]:
    while True:
        n_bytes = int.from_bytes(source.read(8), "little")
        data = source.read(n_bytes)
        if not n_bytes or len(data) < n_bytes:
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
        yield item


def _n_cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
