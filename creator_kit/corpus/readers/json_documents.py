"""One JSON document: arrays of notes, search lists, API answers, and the page state of a note (__INITIAL_STATE__)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from creator_kit.corpus.anonymise import is_platform_id
from creator_kit.corpus.readers.encodings import TextEncoding
from creator_kit.corpus.readers.families import lay_out
from creator_kit.corpus.readers.json_rows import (
    SAMPLE_ROWS,
    BadLine,
    decode_object,
    flatten,
    is_no_note,
    iter_lines,
    plan_rows,
    read_objects,
)
from creator_kit.corpus.readers.notes import NoteMaker
from creator_kit.corpus.readers.opened import Item, OpenedExport, Progress, list_columns
from creator_kit.corpus.reading import ReadOptions
from creator_kit.datafiles import storage_error
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.locale.validation_texts import translate_validation

# A document is held whole; larger collections come as JSONL, which streams.
MAX_DOCUMENT_BYTES = 400_000_000
_MAX_DEPTH = 8
_NAN = re.compile(rb"[\[:,\s](?:-?Infinity|NaN)\b")
_STATE = re.compile(r"window\.__INITIAL_STATE__\s*=\s*")


def open_document(path: Path, encoding: TextEncoding, options: ReadOptions) -> OpenedExport:
    """A file that is one JSON value. Raises InputError, RefusedError."""
    data = _read(path, encoding)
    if data.lstrip()[:1] == b"[":
        items = _decode_array(data, path)
        return _open_items(items, path, options)
    return _open_value(_decode(data, path), path, options)


def open_page(path: Path, encoding: TextEncoding, options: ReadOptions) -> OpenedExport:
    """A saved page of a note, or the script in it, with ``window.__INITIAL_STATE__ = {…}``."""
    text = _read(path, encoding).decode("utf-8", "replace")
    match = _STATE.search(text)
    if match is None:
        raise InputError(
            _("this is a web page without note data"),
            where=str(path),
            hint=_(
                "a spreadsheet saved as a web page must be saved again as xlsx; a note's page must hold"
                " __INITIAL_STATE__"
            ),
        )
    state = re.sub(r"(?<=[:\[,])\s*undefined\b", "null", text[match.end() :])
    try:
        value, _end = json.JSONDecoder(strict=False).raw_decode(state)
    except (ValueError, RecursionError) as error:
        raise InputError(_("not valid JSON: {error}").format(error=error), where=str(path)) from error
    return _open_value(value, path, options)


def _read(path: Path, encoding: TextEncoding) -> bytes:
    try:
        n_bytes = path.stat().st_size
        if n_bytes > MAX_DOCUMENT_BYTES:
            raise InputError(
                _("{n} MB are too many for one JSON document (limit {limit} MB)").format(
                    n=n_bytes // 1_000_000, limit=MAX_DOCUMENT_BYTES // 1_000_000
                ),
                where=str(path),
                hint=_("save it as JSONL, one note a line, which may be of any size"),
            )
        data = path.read_bytes()
    except OSError as error:
        raise storage_error(error, path) from error
    if encoding.codec in ("utf-8", "utf-8-sig"):
        return data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode(encoding.codec).lstrip("\ufeff").encode("utf-8", "surrogatepass")
    except UnicodeError as error:
        raise InputError(
            _("the text is not {encoding}").format(encoding=encoding.codec.upper()),
            where=str(path),
            hint=_("save it as UTF-8"),
        ) from error


def _decode_array(data: bytes, path: Path) -> Sequence[bytes | msgspec.Raw]:
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])  # views of ``data``, decoded one by one
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        value = _decode_leniently(data, path, error)
    if not isinstance(value, list):
        raise InputError(_("not a JSON array"), where=str(path))
    return [json.dumps(item).encode() for item in value]


def _decode(data: bytes, path: Path) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _decode_leniently(data, path, error)


def _decode_leniently(data: bytes, path: Path, error: Exception) -> Any:
    """Python's own reader takes NaN and lone surrogates; whatever it refuses as well is reported."""
    if isinstance(error, RecursionError):
        raise InputError(_("the JSON is nested too deeply"), where=str(path)) from None
    if isinstance(error, UnicodeDecodeError):
        raise InputError(
            _("the text is not UTF-8 (byte {position})").format(position=error.start),
            where=str(path),
            hint=_("save it as UTF-8, or name its encoding with --encoding"),
        ) from error
    if _NAN.search(data) or b"\\ud" in data or b"\\uD" in data:
        try:
            return json.loads(data.decode("utf-8"), strict=False)
        except RecursionError:
            raise InputError(_("the JSON is nested too deeply"), where=str(path)) from None
        except ValueError:
            pass
    if "truncated" in str(error):
        raise InputError(
            _("the JSON stops in the middle: the file is cut off"), where=str(path), hint=_("export or copy it again")
        ) from None
    what = translate_validation(str(error))
    raise InputError(_("not valid JSON: {error}").format(error=what), where=str(path)) from None


def _open_items(items: Sequence[bytes | msgspec.Raw], path: Path, options: ReadOptions) -> OpenedExport:
    """The items of an array as rows; their number is their row."""
    if not items:
        raise InputError(_("the list is empty"), where=str(path))
    sample: list[dict[str, Any]] = []
    first_error = ""
    for item in items[: 4 * SAMPLE_ROWS]:
        try:
            sample.append(decode_object(bytes(item)))
        except BadLine as error:
            first_error = first_error or str(error)
        if len(sample) >= SAMPLE_ROWS:
            break
    if not sample:
        raise InputError(
            _("the list does not hold objects: {error}").format(error=first_error or type(items[0]).__name__),
            where=f"{path}:1",
        )
    if any("noteDetailMap" in row or "note_card" in row or "noteCard" in row for row in sample):
        rows = [row for item in items for row in _unwrap(decode_object(bytes(item)))]
        return _open_rows(rows, path, options, "initial-state" if any("currentTime" in row for row in rows) else None)
    format_id, own, _layout = plan_rows(sample, options, path)

    def rows_of(progress: Progress) -> Iterator[Item]:
        maker = NoteMaker(options, format_id)

        def numbered() -> Iterator[tuple[int, bytes]]:
            for number, item in enumerate(items, 1):
                progress.done = number
                yield number, bytes(item)

        yield from read_objects(numbered(), maker, options, path, format_id, sample)

    return OpenedExport(path, format_id, rows_of, own=own, total=len(items))


def open_answers(path: Path, encoding: TextEncoding, options: ReadOptions) -> OpenedExport | None:
    """JSONL whose lines are whole answers of the platform, each with a list of notes in it; None when it is not."""

    def notes(progress: Progress) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in iter_lines(path, encoding, progress):
            if line is not None and not line.isspace():
                try:
                    yield from ((number, note) for note in _find_rows(decode_object(line))[0])
                except BadLine:
                    continue

    sample = [note for _number, note in islice(notes(Progress()), SAMPLE_ROWS)]
    if not sample:
        return None
    format_id, own, _layout = plan_rows(sample, options, path)

    def rows(progress: Progress) -> Iterator[Item]:
        numbered = ((number, json.dumps(note).encode()) for number, note in notes(progress))
        yield from read_objects(numbered, NoteMaker(options, format_id), options, path, format_id, sample)

    return OpenedExport(path, format_id, rows, own=own, total=path.stat().st_size)


def _unwrap(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if is_no_note(row):
        return []
    if "noteDetailMap" in row or "note" in row:
        found = _notes_of_state(row)
        if found:
            return found
    card = row.get("note_card") or row.get("noteCard")
    if isinstance(card, Mapping):
        return [{**card, "note_id": card.get("note_id") or card.get("noteId") or row.get("id")}]
    return [dict(row)]


def _open_value(value: Any, path: Path, options: ReadOptions) -> OpenedExport:
    if isinstance(value, list):
        return _open_items([json.dumps(item).encode() for item in value], path, options)
    if not isinstance(value, dict):
        raise InputError(_("the JSON holds neither a list nor an object"), where=str(path))
    if _holds_state(value):
        rows = _notes_of_state(value)
        if not rows:
            raise InputError(
                _("this page state holds no note: the page was not loaded, or the note is gone"),
                where=str(path),
                hint=_("save the page again while it shows the note"),
            )
        return _open_rows(rows, path, options, "initial-state")
    rows, is_search = _find_rows(value)
    if not rows:
        raise InputError(
            _("this JSON holds no notes; its keys are: {keys}").format(keys=list_columns(list(value)) or "{}"),
            where=str(path),
            hint=_("give a list of notes, or one note a line (JSONL)"),
        )
    return _open_rows(rows, path, options, "search-list" if is_search else None)


def _open_rows(rows: list[dict[str, Any]], path: Path, options: ReadOptions, format_id: str | None) -> OpenedExport:
    rows = [dict(row) for row in rows if row]
    if not rows:
        raise InputError(_("this JSON holds no notes"), where=str(path))
    if format_id == "initial-state":
        _names, own, _layout = plan_rows(rows[:SAMPLE_ROWS], options, path)
        own = False
    else:
        found, own, _layout = plan_rows(rows[:SAMPLE_ROWS], options, path)
        format_id = found if found != "table" or format_id is None else format_id
    named = format_id

    def rows_of(progress: Progress) -> Iterator[Item]:
        maker = NoteMaker(options, named)

        def numbered() -> Iterator[tuple[int, bytes]]:
            for number, row in enumerate(rows, 1):
                progress.done = number
                yield number, json.dumps(row).encode()

        yield from read_objects(numbered(), maker, options, path, named, rows[:SAMPLE_ROWS])

    return OpenedExport(path, named, rows_of, own=own, total=len(rows))


def _holds_state(value: Any, depth: int = 0) -> bool:
    if not isinstance(value, Mapping) or depth > 4:
        return False
    return "noteDetailMap" in value or any(_holds_state(part, depth + 1) for part in value.values())


def _notes_of_state(value: Any, depth: int = 0) -> list[dict[str, Any]]:
    """The notes below every ``noteDetailMap``, with the time at which the page was loaded."""
    if not isinstance(value, Mapping) or depth > 5:
        return []
    found: list[dict[str, Any]] = []
    details = value.get("noteDetailMap")
    if isinstance(details, Mapping):
        for detail in details.values():
            if not isinstance(detail, Mapping):
                continue
            note = detail.get("note")
            if isinstance(note, Mapping) and (note.get("noteId") or note.get("desc") or note.get("title")):
                found.append({**note, "currentTime": detail.get("currentTime")})
        return found
    for part in value.values():
        found += _notes_of_state(part, depth + 1)
    return found


def _find_rows(value: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """The list of objects below ``value`` that most look like notes, and whether it stands beside a search's terms."""
    best: tuple[int, list[dict[str, Any]]] = (0, [])
    for rows in _lists_of_objects(value, 0):
        unwrapped = [note for row in rows for note in _unwrap(row)]
        keys: dict[str, None] = {}
        for row in unwrapped[:SAMPLE_ROWS]:
            keys.update(dict.fromkeys(flatten(row)))
        layout = lay_out(list(keys))
        if "title" not in layout.places and "body" not in layout.places:
            continue
        score = layout.coverage * 1000 + min(len(unwrapped), 999)
        if layout.coverage >= 3 and score > best[0]:
            best = (score, unwrapped)
    return best[1], any("search" in str(key).lower() for key in value)


def _lists_of_objects(value: Any, depth: int) -> Iterator[list[Mapping[str, Any]]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, Mapping)]
        if objects:
            yield objects
        for item in objects[:3]:
            yield from _lists_of_objects(dict(item), depth + 1)
    elif isinstance(value, Mapping):
        parts = list(value.values())
        if (
            parts
            and all(isinstance(part, Mapping) for part in parts)
            and all(is_platform_id(str(key).lower()) for key in value)
        ):
            yield parts
        yield [value]
        for part in parts:
            if isinstance(part, (list, Mapping)):
                yield from _lists_of_objects(part, depth + 1)
