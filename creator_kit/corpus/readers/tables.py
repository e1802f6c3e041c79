"""Tables with a header: csv in any common delimiter and encoding, and the loop that all tables share."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from creator_kit.corpus.anonymise import is_platform_id
from creator_kit.corpus.note import Note
from creator_kit.corpus.readers.creator_centre import is_series_header, read_series
from creator_kit.corpus.readers.encodings import BoundedLines, TextEncoding, find_encoding
from creator_kit.corpus.readers.families import Layout, is_known_name, lay_out
from creator_kit.corpus.readers.foreign import foreign_platform, platform_of_link, refuse_platform
from creator_kit.corpus.readers.notes import BadCell, NoteMaker, RowReader
from creator_kit.corpus.readers.opened import (
    HEADER_ROWS,
    MAX_LINE_BYTES,
    Item,
    OpenedExport,
    Progress,
    find_header,
    known_names,
    list_columns,
    plan_columns,
)
from creator_kit.corpus.reading import ReadOptions, RowProblem
from creator_kit.errors import CreatorKitError, InputError
from creator_kit.locale import _

# One cell: far beyond any body or list of image links, and small enough that an unclosed quote cannot eat the file.
MAX_CELL_CHARACTERS = 4_000_000
_DELIMITERS = (",", "\t", ";", "|", "，")
_SURROGATE = re.compile("[\ud800-\udfff]")

# MediaCrawler appends to the day's csv and writes no new header when its columns change: rows of another width are
# one of its other schemas.
_A = (
    "note_id,type,title,desc,video_url,time,last_update_time,user_id,nickname,avatar,liked_count,collected_count"
    ",comment_count,share_count,ip_location,image_list,tag_list,last_modify_ts,note_url"
)
_B = (
    "note_id,type,title,desc,video_url,time,last_update_time,creator_hash,nickname,liked_count,collected_count"
    ",comment_count,share_count,image_list,tag_list,last_modify_ts,note_url"
)
MEDIACRAWLER_SCHEMAS = tuple(
    tuple(names.split(","))
    for names in (_B + ",source_keyword,xsec_token", _A + ",source_keyword,xsec_token", _A + ",source_keyword", _A)
)


def open_csv(path: Path, head: bytes, options: ReadOptions) -> OpenedExport:
    """A delimited text file. Raises InputError, RefusedError."""
    encoding = find_encoding(path, head, options.encoding, whole=True)
    lines = BoundedLines(path, encoding, Progress())
    start = list(islice(iter(lines), 400))
    if lines.too_long and not any(line.strip() for line in start):
        raise InputError(
            _("line {line} is longer than {limit} characters").format(line=1, limit=MAX_LINE_BYTES),
            where=str(path),
            hint=_("this is no export of notes, or its line ends were lost"),
        )
    delimiter, records = _sniff(start, options)
    header = find_header(records, options.mapping)
    if header is None:
        series = next((index for index, record in enumerate(records[:HEADER_ROWS]) if is_series_header(record)), None)
        if series is not None:
            return _open_series_csv(path, encoding, delimiter, series, options)
        raise _no_header(path, records)
    if is_series_header(records[header]):
        return _open_series_csv(path, encoding, delimiter, header, options)
    layout = plan_columns(records[header], options.mapping, path)
    if layout.coverage < 4 and not options.mapping and not _fits(records[header + 1 :], len(layout.columns)):
        raise _no_header(path, records)
    refuse_foreign_links(layout, records[header + 1 :], path)
    format_id = format_of(layout, options)

    def rows(progress: Progress) -> Iterator[Item]:
        lines = BoundedLines(path, encoding, progress)
        maker = NoteMaker(options, format_id)
        numbered = _numbered(csv_records(lines, delimiter, path), start=1)
        yield from read_rows(
            islice(numbered, header + 1, None),
            layout,
            maker,
            path,
            options,
            is_dirty=encoding.is_dirty,
            too_long=lines.too_long,
        )

    return OpenedExport(path, format_id, rows, own=layout.family.own, total=path.stat().st_size)


def _fits(records: Sequence[Sequence[str]], width: int) -> bool:
    """Whether at least half of the rows are as wide as their header: prose with a comma or two is not."""
    filled = [record for record in records if any(cell.strip() for cell in record)]
    n_fitting = sum(len(record) == width or (not any(record[width:]) and len(record) > width) for record in filled)
    return 2 * n_fitting >= len(filled)


def format_of(layout: Layout, options: ReadOptions) -> str:
    """The name of the format: the family's, or "mapped-table" for a table that only the user's mapping explains."""
    if layout.family.format_id == "table" and options.mapping:
        return "mapped-table"
    return layout.family.format_id


def csv_records(lines: Iterable[str], delimiter: str, path: Path) -> Iterator[list[str] | csv.Error]:
    """The records of a csv; one that cannot be read comes as its error, and the next ones follow."""
    before = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        reader = csv.reader(lines, delimiter=delimiter)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield error
    finally:
        csv.field_size_limit(before)


def _numbered(records: Iterator[list[str] | csv.Error], start: int) -> Iterator[tuple[int, list[str] | csv.Error]]:
    return enumerate(records, start)


def _sniff(start: Sequence[str], options: ReadOptions) -> tuple[str, list[list[str]]]:
    """The delimiter under which the first lines show the most known columns, and their records."""
    lines = list(start)
    if lines and re.fullmatch(r"sep=.\s*", lines[0]):
        given = lines[0][4]
        return given, [record for record in csv_records(lines, given, Path()) if isinstance(record, list)]
    best: tuple[float, str, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        records = [record for record in islice(csv_records(lines, delimiter, Path()), 200) if isinstance(record, list)]
        if not records:
            continue
        header = find_header(records, options.mapping)
        top = records[header if header is not None else 0]
        score = (100.0 * known_names(top) if header is not None else 0.0) + min(len(top), 60)
        if is_series_header(top):
            score += 1000
        if best is None or score > best[0]:
            best = (score, delimiter, records)
    if best is None:
        return ",", []
    return best[1], best[2]


def _no_header(path: Path, records: Sequence[Sequence[object]]) -> CreatorKitError:
    for record in records[:HEADER_ROWS]:
        found = foreign_platform([cell for cell in record if cell is not None and str(cell).strip()])
        if found is not None:
            return refuse_platform(found[0], path, because=found[1])
    first = next((record for record in records if any(str(cell).strip() for cell in record)), [])
    if _was_misread(first):
        return InputError(
            _("the column names are garbled: an earlier program read them in the wrong encoding"),
            where=str(path),
            hint=_("export the file again, or give the original file"),
        )
    return InputError(
        _("no row of column names that any known export has; the first row is: {columns}").format(
            columns=list_columns(first)
        ),
        where=str(path),
        hint=_("name the columns with --map, for instance --map title=标题 --map likes=点赞"),
    )


def _was_misread(record: Sequence[object]) -> bool:
    """Whether Chinese in UTF-8 was taken for Western text and saved as that (``ç¬”è®°`` for ``笔记``)."""
    text = "".join(str(cell) for cell in record)
    for codec in ("latin-1", "cp1252"):
        try:
            return any("\u4e00" <= char <= "\u9fff" for char in text.encode(codec).decode("utf-8"))
        except UnicodeError:
            continue
    return False


def no_header(path: Path, records: Sequence[Sequence[object]]) -> CreatorKitError:
    """The error for a table without a header that anyone knows; the refusal where it is another platform's."""
    return _no_header(path, records)


def refuse_foreign_links(layout: Layout, records: Sequence[Sequence[object]], path: Path) -> None:
    """Raises RefusedError when the links of the first rows all lead to one other platform."""
    place = layout.places.get("url")
    if place is None:
        return
    links = [record[place] for record in records[:50] if len(record) > place and record[place]]
    found = [platform_of_link(link) for link in links]
    if found and found[0] is not None and all(platform is found[0] for platform in found):
        raise refuse_platform(found[0], path)


def read_rows(
    numbered: Iterable[tuple[int, Sequence[object] | csv.Error]],
    layout: Layout,
    maker: NoteMaker,
    path: Path,
    options: ReadOptions,
    *,
    is_dirty: bool = False,
    too_long: list[int] | None = None,
    prefix: str = "",
) -> Iterator[Item]:
    """Notes and problems from the numbered records of a table whose header is behind us."""
    reader = RowReader(layout, maker)
    width = len(layout.columns)
    first_name = layout.columns[0].strip() if layout.columns else ""
    name = path.name

    for number, record in numbered:
        if too_long:
            for line in too_long:
                yield RowProblem(
                    f"{name}:{line}", _("the line is longer than {limit} characters").format(limit=MAX_LINE_BYTES)
                )
            too_long.clear()
        where = f"{name}:{prefix}{number}"
        if isinstance(record, csv.Error):
            yield RowProblem(where, _("the row cannot be read: {error}").format(error=record))
            continue
        if not record:
            continue
        first = record[0]
        if isinstance(first, str) and len(first) < 20 and (first.strip() == first_name or is_known_name(first)):
            again = _header_again(record)
            if again is not None:
                layout = again
                reader, width, first_name = RowReader(layout, maker), len(layout.columns), layout.columns[0].strip()
                continue
        if is_dirty and any(isinstance(cell, str) and _SURROGATE.search(cell) for cell in record):
            yield RowProblem(where, _("the row holds bytes that are not text in this encoding"))
            continue
        active = reader
        if len(record) != width:
            fitted = _fit(record, layout, maker)
            if fitted is None:
                if any(str(cell).strip() for cell in record):
                    what = _("the row has {n} cells, the header has {width}").format(n=len(record), width=width)
                    yield RowProblem(where, what)
                continue
            active, record = fitted[0] or reader, fitted[1]
        try:
            note = active.note(record)
        except BadCell as error:
            yield RowProblem(f"{where}:{error.column}", error.why)
            continue
        if note is not None:
            yield note
    if too_long:
        for line in too_long:
            yield RowProblem(
                f"{name}:{line}", _("the line is longer than {limit} characters").format(limit=MAX_LINE_BYTES)
            )
        too_long.clear()


def _header_again(record: Sequence[object]) -> Layout | None:
    """The new layout when a header stands between the rows (files joined, columns changed)."""
    names = [str(cell) for cell in record if str(cell).strip()]
    known = known_names(names)
    if known < 3 or known < 0.6 * len(names):
        return None
    return lay_out(list(record))


def _fit(
    record: Sequence[object], layout: Layout, maker: NoteMaker
) -> tuple[RowReader | None, Sequence[object]] | None:
    """A row of another width than its header: by another known schema, or by what stands empty at its end."""
    width = len(layout.columns)
    if layout.family.format_id == "mediacrawler":
        for schema in MEDIACRAWLER_SCHEMAS:
            if len(schema) == len(record) and _fits_schema(record, schema):
                return RowReader(lay_out(schema), maker), record
    if len(record) > width:
        return (None, record[:width]) if not any(str(cell).strip() for cell in record[width:]) else None
    if all(place < len(record) for place in layout.places.values()):
        return None, [*record, *([""] * (width - len(record)))]
    return None


def _fits_schema(record: Sequence[object], schema: Sequence[str]) -> bool:
    cells = dict(zip(schema, (str(cell).strip() for cell in record), strict=True))
    return (
        is_platform_id(cells["note_id"].lower())
        and cells["type"] in ("normal", "video", "")
        and (cells["time"].isdecimal() or not cells["time"])
        and (cells["last_modify_ts"].isdecimal() or not cells["last_modify_ts"])
        and (cells["note_url"].startswith("http") or not cells["note_url"])
    )


def _open_series_csv(
    path: Path, encoding: TextEncoding, delimiter: str, header: int, options: ReadOptions
) -> OpenedExport:
    lines = BoundedLines(path, encoding, Progress())
    records = [record for record in csv_records(lines, delimiter, path) if isinstance(record, list)]
    items = read_series(path, [("", records[header:])], options)

    def rows(progress: Progress) -> Iterator[Item]:
        progress.done = len(items)
        yield from items

    return OpenedExport(path, "creator-centre-series", rows, own=True, total=len(items))


def count_notes(items: Iterable[Item]) -> int:
    """How many notes a stream holds."""
    return sum(isinstance(item, Note) for item in items)
