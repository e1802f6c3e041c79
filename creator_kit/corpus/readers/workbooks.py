"""Spreadsheets: xlsx, xls and ods through calamine, after a look that nothing in them explodes."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from creator_kit.corpus.readers.creator_centre import is_series_header, read_series
from creator_kit.corpus.readers.families import Layout
from creator_kit.corpus.readers.note_sheets import are_note_sheets, read_note_sheets
from creator_kit.corpus.readers.notes import NoteMaker
from creator_kit.corpus.readers.opened import HEADER_ROWS, Item, OpenedExport, Progress, find_header, plan_columns
from creator_kit.corpus.readers.tables import format_of, no_header, read_rows, refuse_foreign_links
from creator_kit.corpus.reading import ReadOptions
from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.locale import _

# The creator centre exports 1,000 rows, the largest crawls some 100,000: 200 MB of XML is a sheet of a million rows.
MAX_UNPACKED_BYTES = 600_000_000
MAX_RATIO = 200
MAX_CELLS = 20_000_000
_CHUNK = 1 << 20

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d{1,10})\"")
_WIDE_CELL = re.compile(rb"\br=\"([A-Z]{3,})(\d{1,10})\"")


def open_workbook(path: Path, kind: str, options: ReadOptions) -> OpenedExport:
    """A spreadsheet: every sheet of notes in it, or the account sheets. Raises InputError, RefusedError."""
    exported_at: datetime | None = None
    if kind == "zip":
        _check_zip(path)
        exported_at = _created_at(path)
    elif kind == "ole":
        _check_ole(path)
    sheets = _load(path)
    filled = [(name, rows) for name, rows in sheets if any(any(cell != "" for cell in row) for row in rows)]
    if not filled:
        raise InputError(_("the sheets are empty"), where=str(path))

    if are_note_sheets(filled):
        items = read_note_sheets(path, filled, options.exported_at or exported_at)
        return OpenedExport(path, "creator-centre-note", _given(items), own=True, total=len(items))
    series, plans = [], []
    refusal: CreatorKitError | None = None
    for name, rows in filled:
        start = next((index for index, row in enumerate(rows[:HEADER_ROWS]) if is_series_header(row)), None)
        if start is not None:
            series.append((name, rows[start:]))
            continue
        header = find_header(rows, options.mapping)
        if header is None:
            refusal = refusal or no_header(path, rows)
            continue
        try:
            layout = plan_columns(_column_names(rows[header]), options.mapping, path)
        except (InputError, RefusedError) as error:
            # A comments sheet beside the notes is passed over; alone it is the file's refusal.
            if refusal is None or isinstance(error, RefusedError):
                refusal = error
            continue
        refuse_foreign_links(layout, rows[header + 1 :], path)
        plans.append((name, rows, header, layout))
    if not plans:
        if series:
            items = read_series(path, series, options)
            return OpenedExport(path, "creator-centre-series", _given(items), own=True, total=len(items))
        raise refusal or no_header(path, filled[0][1])
    own = all(layout.family.own for _name, _rows, _header, layout in plans)
    format_id = format_of(plans[0][3], options)
    total = sum(len(rows) - header - 1 for _name, rows, header, _layout in plans)

    def rows_of(progress: Progress) -> Iterator[Item]:
        for name, rows, header, layout in plans:
            maker = NoteMaker(options, format_of(layout, options), exported_at)
            prefix = f"{name}!" if len(sheets) > 1 else ""
            yield from read_rows(_numbered(rows, header, layout, progress), layout, maker, path, options, prefix=prefix)

    return OpenedExport(path, format_id, rows_of, own=own, total=total)


def _numbered(
    rows: Sequence[Sequence[object]], header: int, layout: Layout, progress: Progress
) -> Iterator[tuple[int, Sequence[object]]]:
    width = len(layout.columns)
    for number in range(header + 1, len(rows)):
        progress.done += 1
        row = rows[number]
        yield number + 1, row[:width] if len(row) > width else row


def _given(items: Sequence[Item]):  # type: ignore[no-untyped-def]
    def rows(progress: Progress) -> Iterator[Item]:
        progress.done = len(items)
        yield from items

    return rows


def _column_names(row: Sequence[object]) -> list[str]:
    names = [str(cell).strip() for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def _load(path: Path) -> list[tuple[str, list[list[object]]]]:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets: list[tuple[str, list[list[object]]]] = []
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            # Row numbers in messages are the sheet's own: empty rows at the top are counted.
            sheets.append((name, [list(row) for row in sheet.to_python(skip_empty_area=False)]))
        return sheets
    except python_calamine.PasswordError as error:
        raise _locked(path) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InputError(
            _("the spreadsheet cannot be read: {error}").format(error=error),
            where=str(path),
            hint=_("it may be damaged or cut off; export it again, or save it as csv"),
        ) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic on a damaged file; it is no Exception
            raise
        raise InputError(
            _("the spreadsheet is damaged"), where=str(path), hint=_("export it again, or save it as csv")
        ) from error


def _locked(path: Path) -> InputError:
    return InputError(
        _("the spreadsheet is protected by a password"),
        where=str(path),
        hint=_("open it, remove the password and save it again"),
    )


def _check_ole(path: Path) -> None:
    """An encrypted xlsx is an old-style container that holds a stream called EncryptedPackage."""
    with path.open("rb") as file:
        data = file.read(8_000_000)
        if path.stat().st_size > len(data):
            file.seek(-min(path.stat().st_size, 1_000_000), 2)
            data += file.read()
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        raise _locked(path)
    if "Workbook".encode("utf-16-le") not in data and "Book".encode("utf-16-le") not in data:
        raise InputError(
            _("this is an old Office file, but no spreadsheet"),
            where=str(path),
            hint=_("give an xlsx, csv, json or jsonl file"),
        )


def _check_zip(path: Path) -> None:
    """Refuse what is no spreadsheet, is damaged, or would unpack to more than a spreadsheet of notes can be."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower() for entry in entries}
            if not any(name.startswith("xl/") for name in names) and "content.xml" not in names:
                raise InputError(
                    _("this is a zip archive, not a spreadsheet"),
                    where=str(path),
                    hint=_("unpack it and give the files in it"),
                )
            if any(entry.flag_bits & 1 for entry in entries):
                raise _locked(path)
            declared = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries) or 1
            if declared > MAX_UNPACKED_BYTES or (declared > 50_000_000 and declared > MAX_RATIO * packed):
                raise _bomb(path)
            for entry in entries:
                name = entry.filename.lower()
                # The directory may lie: what matters is unpacked once, in small pieces, and counted.
                is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
                if is_sheet or entry.compress_size * 1032 > MAX_UNPACKED_BYTES or name.endswith("content.xml"):
                    _check_entry(archive, entry, path, is_sheet)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise InputError(
            _("the spreadsheet is damaged or cut off: {error}").format(error=error),
            where=str(path),
            hint=_("export or copy it again"),
        ) from error


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, is_sheet: bool) -> None:
    n_bytes, last_row, last_column, tail = 0, 0, 702, b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            n_bytes += len(chunk)
            if n_bytes > MAX_UNPACKED_BYTES:
                raise _bomb(path)
            if not is_sheet:
                continue
            text = tail + chunk
            tail = chunk[-64:]
            for match in _ROW.finditer(text):
                last_row = max(last_row, int(match[1]))
            for match in _WIDE_CELL.finditer(text):
                last_column = max(last_column, _column_number(match[1]))
    # Calamine lays a sheet out as a full grid: two far cells would ask for the memory of all between them.
    if last_row > 1_048_576 or (last_column > 702 and last_row * last_column > MAX_CELLS) or last_row * 12 > MAX_CELLS:
        raise _bomb(path)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number


def _bomb(path: Path) -> InputError:
    return InputError(
        _("the spreadsheet would unpack to far more than it should hold; it is not opened"),
        where=str(path),
        hint=_("if it is really an export of notes, save it as csv"),
    )


def _created_at(path: Path) -> datetime | None:
    """The time of the export: ``created`` in the document's properties, which a later save leaves as it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            xml = archive.read("docProps/core.xml")[:20_000].decode("utf-8", "replace")
    except (KeyError, OSError, zipfile.BadZipFile, zlib.error, RuntimeError):
        return None
    match = re.search(r"<dcterms:created[^>]*>\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", xml)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(match[1])
    except ValueError:
        return None
    zone = match[2] or "Z"
    offset = timedelta() if zone == "Z" else timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[4:]))
    # 2006-09-16 is what Excel's empty workbook carries; before 2013 there was nothing to export.
    return moment.replace(tzinfo=timezone(offset)) if moment.year >= 2013 else None
