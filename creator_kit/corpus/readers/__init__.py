"""Reading exports: any file in, a stream of notes out. What a file is, its content says, never its name."""

from __future__ import annotations

import re
from pathlib import Path

from creator_kit.corpus.readers.databases import open_database
from creator_kit.corpus.readers.encodings import TextEncoding, find_encoding, find_kind
from creator_kit.corpus.readers.json_documents import open_answers, open_document, open_page
from creator_kit.corpus.readers.json_rows import open_jsonl
from creator_kit.corpus.readers.opened import MAX_LINE_BYTES, mapped_field
from creator_kit.corpus.readers.tables import open_csv
from creator_kit.corpus.readers.workbooks import open_workbook
from creator_kit.corpus.reading import Export, ReadOptions
from creator_kit.errors import InputError, RefusedError
from creator_kit.locale import _

__all__ = ["open_export"]

_PACKED = ("gzip", "7z", "rar")


def open_export(path: Path, options: ReadOptions) -> Export:
    """The export in ``path``, found by its content.

    Raises RefusedError for another platform's export and for files of comments or authors, InputError for
    what cannot be read (empty, binary, cut off, locked, another shape), UsageError for a wrong mapping,
    StorageError when the disk or its permissions are in the way.
    """
    path = Path(path)
    for name in options.mapping:
        if name != "metric":
            mapped_field(name)
    kind, head = find_kind(path)
    if kind in ("zip", "ole"):
        return open_workbook(path, kind, options)
    if kind == "sqlite":
        return open_database(path, options)
    if kind in _PACKED:
        raise InputError(
            _("this file is packed ({kind})").format(kind=kind),
            where=str(path),
            hint=_("unpack it and give the file in it"),
        )
    if kind != "text":
        raise InputError(
            _("this is a {kind} file, not an export of notes").format(kind=kind),
            where=str(path),
            hint=_("give an export as xlsx, csv, json, jsonl or SQLite"),
        )
    encoding = find_encoding(path, head, options.encoding, whole=False)
    start = head.decode(encoding.codec, "ignore").lstrip("\ufeff \t\r\n\x00")
    if start[:1] in ("{", "["):
        return _open_json(path, start, encoding, options)
    if start[:1] == "<" or "window.__INITIAL_STATE__" in start[:2000]:
        return open_page(path, encoding, options)
    return open_csv(path, head, options)


def _open_json(path: Path, start: str, encoding: TextEncoding, options: ReadOptions) -> Export:
    """JSONL when the first line is a whole object and another follows, or when it is too long to be anything else."""
    if start[0] == "[":
        return open_document(path, encoding, options)
    first, newline, rest = start.partition("\n")
    if newline and first.rstrip().endswith("}") and rest.lstrip()[:1] in ("{", ""):
        if rest.strip() or path.stat().st_size > len(first.encode("utf-8")) + 8:
            return _open_lines(path, encoding, options)
        return open_document(path, encoding, options)
    if not newline and (_second_line_is_object(path) or path.stat().st_size > MAX_LINE_BYTES):
        # The first line goes on beyond what was looked at, and another object begins after it.
        return _open_lines(path, encoding, options)
    return open_document(path, encoding, options)


def _open_lines(path: Path, encoding: TextEncoding, options: ReadOptions) -> Export:
    """One note a line, else one answer with notes in it a line."""
    try:
        return open_jsonl(path, encoding, options)
    except RefusedError:
        raise
    except InputError:
        answers = open_answers(path, encoding, options)
        if answers is None:
            raise
        return answers


def _second_line_is_object(path: Path) -> bool:
    with path.open("rb") as file:
        line = file.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            return False
        return re.match(rb"\s*\{", file.read(4096)) is not None
