"""SQLite files of other programs (MediaCrawler's sqlite_tables.db, XHS-Downloader's ExploreData.db), read only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from creator_kit.corpus.readers.families import Layout
from creator_kit.corpus.readers.notes import BadCell, NoteMaker, RowReader
from creator_kit.corpus.readers.opened import Item, OpenedExport, Progress, known_names, list_columns, plan_columns
from creator_kit.corpus.readers.tables import format_of
from creator_kit.corpus.reading import ReadOptions, RowProblem
from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.locale import _


def open_database(path: Path, options: ReadOptions) -> OpenedExport:
    """Every table of notes in an SQLite file. Raises InputError, RefusedError."""
    refusal: CreatorKitError | None = None
    plans: list[tuple[str, list[str], Layout, int]] = []
    seen: list[str] = []
    try:
        with closing(_connect(path)) as connection:
            for table, columns in _tables(connection):
                seen.append(table)
                if known_names(columns) < 3 and not options.mapping:
                    continue
                try:
                    layout = plan_columns(columns, options.mapping, path)
                except (InputError, RefusedError) as error:
                    refusal = refusal or error
                    continue
                if layout.coverage < 3 and not options.mapping:
                    continue
                n_rows = connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0]
                plans.append((table, columns, layout, n_rows))
    except sqlite3.Error as error:
        raise _damaged(path, error) from error
    filled = [plan for plan in plans if plan[3]]
    if not filled:
        if refusal is not None:
            raise refusal
        if plans:
            raise InputError(_("the table {table} has no rows").format(table=plans[0][0]), where=str(path))
        raise InputError(
            _("no table holds notes; the tables are: {tables}").format(tables=list_columns(seen) or "-"),
            where=str(path),
            hint=_("MediaCrawler's notes are in xhs_note, XHS-Downloader's in explore_data"),
        )

    def rows(progress: Progress) -> Iterator[Item]:
        try:
            with closing(_connect(path)) as connection:
                for table, columns, layout, _n in filled:
                    yield from _read_table(connection, path, table, columns, layout, options, progress)
        except sqlite3.Error as error:
            raise _damaged(path, error) from error

    total = sum(n for _table, _columns, _layout, n in filled)
    own = all(layout.family.own for _table, _columns, layout, _n in filled)
    return OpenedExport(path, format_of(filled[0][2], options), rows, own=own, total=total)


def _read_table(
    connection: sqlite3.Connection,
    path: Path,
    table: str,
    columns: list[str],
    layout: Layout,
    options: ReadOptions,
    progress: Progress,
) -> Iterator[Item]:
    reader = RowReader(layout, NoteMaker(options, format_of(layout, options)))
    names = ", ".join(_quoted(column) for column in columns)
    for number, row in enumerate(connection.execute(f"SELECT {names} FROM {_quoted(table)}"), 1):
        progress.done += 1
        try:
            note = reader.note(row)
        except BadCell as error:
            yield RowProblem(f"{path.name}:{table}!{number}:{error.column}", error.why)
            continue
        if note is not None:
            yield note


def _connect(path: Path) -> sqlite3.Connection:
    # Immutable: no lock, no journal written beside somebody else's file. A log that is still beside it holds the
    # newest rows, and only the ordinary read-only mode reads it.
    log = path.with_name(path.name + "-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size > 0 else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"file:{quote(path.resolve().as_posix())}?{mode}", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def _tables(connection: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    names = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return [
        (name, [row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(name)})")])
        for name in names
        if not name.startswith("sqlite_")
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(path: Path, error: sqlite3.Error) -> InputError:
    return InputError(
        _("the database cannot be read: {error}").format(error=error),
        where=str(path),
        hint=_("it may be damaged or cut off; copy it again while the program that writes it is closed"),
    )
