"""Everything that review reads, brought to one shape: text files, folders, JSON lines, stdin, exports, packs."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Protocol

from creator_kit.datafiles import MAX_HAND_WRITTEN_BYTES, decoding_error, read_text, storage_error
from creator_kit.errors import InputError, RefusedError
from creator_kit.locale import _
from creator_kit.review.documents import (
    EmptyNoteError,
    decode_json,
    find_document,
    find_published_at,
    find_rows,
    is_ours,
    parse_document,
    parse_rows,
)
from creator_kit.review.finding import Field, PostText

TEXT_SUFFIXES = (".txt", ".md")
JSON_LINES_SUFFIXES = (".jsonl", ".ndjson")
TABLE_SUFFIXES = (".xlsx", ".xls", ".csv", ".tsv")
EXPORT_SUFFIXES = (*TABLE_SUFFIXES, ".db", ".sqlite", ".sqlite3", ".html", ".htm")
# What is looked for in a folder: pages and databases in one are seldom exports.
FOLDER_SUFFIXES = (*TEXT_SUFFIXES, *JSON_LINES_SUFFIXES, ".json", *TABLE_SUFFIXES)
# A note has a thousand characters; a line this long is not one.
MAX_LINE_BYTES = 4_000_000

_BOM = b"\xef\xbb\xbf"
_TAG = re.compile(r"#([^#\s\[\]]{1,60})(?:\[话题\]#|#(?=\s|$))?")
_TAG_LINE = re.compile(r"\s*(?:#[^#\s]{1,60}#?\s*)+")
# A text may begin with a bracket, too: [置顶] is no list.
_JSON_START = re.compile(rb"\s*(?:\{\s*(?:\"|\}|$)|\[\s*(?:\{|\]|$))")


class _Lines(Protocol):
    def readline(self, size: int = -1, /) -> bytes: ...


OnProblem = Callable[[str, str], None]
OnUnread = Callable[[InputError], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A note and where it was read: a file, its line (0: unknown), and where in the file's text its fields begin.

    ``tag_spans`` are the places of its topics in that text; ``index`` its place in a JSON list; ``files`` the file of
    each field where they have one each. ``published_at`` is its day and hour if it was posted: then the platform took
    it, and its limits are no question any more (``is_published``). ``draft_id`` names the draft of the store that it
    is, ``row`` is the JSON object that it was.
    """

    post: PostText
    path: Path | None = None
    line: int = 1
    offsets: Mapping[Field, int] = field(default_factory=dict)
    tag_spans: tuple[tuple[int, int], ...] = ()
    index: int | None = None
    files: Mapping[Field, Path] = field(default_factory=dict)
    is_published: bool = False
    published_at: str = ""
    draft_id: str = ""
    row: Mapping[str, Any] | None = None

    @property
    def where(self) -> str:
        """``file:line``, ``file:[place in the list]``, the file, or the note's name."""
        if self.path is None:
            return self.post.name
        if self.index is not None:
            return f"{self.path}:[{self.index}]"
        return f"{self.path}:{self.line}" if self.line else str(self.path)


def read_sources(
    path: Path, on_problem: OnProblem | None = None, on_unread: OnUnread | None = None
) -> Iterator[Source]:
    """The notes in a file, or in the files of a folder, in the order of their names.

    A text file is one note: its first line is the title, topics on its last lines are the tags. A folder that
    holds ``title.txt`` and ``body.txt`` (a hand-off pack) is one note. Exports of posted notes are read by the
    corpus's readers. A row without words, and a file of a folder that is no export, is told to ``on_problem``
    (where, what); a line or a file that cannot be read to ``on_unread``, where that is given, and the others are
    read. Raises InputError, RefusedError or StorageError.
    """
    if not path.is_dir():
        yield from _read_file(path, on_problem, on_unread)
        return
    if (path / "body.txt").is_file():
        yield _read_pack(path)
        return
    try:
        entries = sorted(path.rglob("*"))
    except OSError as error:
        raise storage_error(error, path) from error
    packs = {entry.parent for entry in entries if entry.name == "body.txt"}
    files = [entry for entry in entries if entry.suffix.lower() in FOLDER_SUFFIXES]
    files = [entry for entry in files if not _is_hidden(entry.relative_to(path))]
    files = [entry for entry in files if entry.is_file() and packs.isdisjoint(entry.parents)]
    # A file and a link to it are one note; the file goes by its own name.
    names = {entry.resolve(): entry for entry in sorted(files, key=lambda entry: not entry.is_symlink())}
    files = [entry for entry in files if names[entry.resolve()] is entry]
    if not files and not packs:
        raise InputError(
            _("no notes in this folder (looked for {suffixes})").format(suffixes=", ".join(FOLDER_SUFFIXES)),
            where=str(path),
        )
    for pack in sorted(packs):
        try:
            yield _read_pack(pack)
        except InputError as error:
            if on_unread is None:
                raise
            on_unread(error)
    for file in files:
        try:
            yield from _read_file(file, on_problem, on_unread)
        except (InputError, RefusedError) as error:
            if on_problem is not None and file.suffix.lower() not in (*TEXT_SUFFIXES, *JSON_LINES_SUFFIXES):
                # A folder holds other tables and settings too.
                on_problem(str(error.where or file), _("left out: {why}").format(why=error.what))
            elif on_unread is None or not isinstance(error, InputError):
                raise
            else:
                on_unread(error)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in ("node_modules", "__pycache__") for part in path.parts)


def _read_file(path: Path, on_problem: OnProblem | None, on_unread: OnUnread | None) -> Iterator[Source]:
    suffix = path.suffix.lower()
    if suffix in JSON_LINES_SUFFIXES:
        try:
            with path.open("rb") as stream:
                first = stream.readline(MAX_LINE_BYTES)
                if _is_crawled(first):
                    yield from _read_export(path, on_problem)
                    return
                stream.seek(0)
                yield from read_json_lines(stream, path, on_problem, on_unread)
        except OSError as error:
            raise storage_error(error, path) from error
    elif suffix == ".json":
        yield from _read_json(path, on_problem)
    elif suffix in EXPORT_SUFFIXES:
        yield from _read_export(path, on_problem)
    else:
        yield parse_text(read_text(path), path)


def _is_crawled(line: bytes) -> bool:
    try:
        return not is_ours([decode_json(line.removeprefix(_BOM), "")]) and b"title" in line
    except InputError:
        return False  # the line is told when it is read


def _read_json(path: Path, on_problem: OnProblem | None) -> Iterator[Source]:
    """A JSON document of notes; one in another's shape, or too large to be written by hand, is an export."""
    try:
        is_large = path.stat().st_size > MAX_HAND_WRITTEN_BYTES
    except OSError as error:
        raise storage_error(error, path) from error
    text = "" if is_large else read_text(path)
    rows = None
    if text:
        try:
            rows = find_rows(decode_json(text, str(path)))
        except InputError:
            rows = None
    if rows is not None and is_ours(rows):
        yield from parse_json_text(text, path)
        return
    try:
        yield from _read_export(path, on_problem)
    except InputError:
        if is_large:
            raise
        # Not an export either: what is wrong with it as a list of notes says more.
        yield from parse_json_text(text, path)


def _read_export(path: Path, on_problem: OnProblem | None) -> Iterator[Source]:
    from creator_kit.corpus.note import Note
    from creator_kit.corpus.readers import open_export
    from creator_kit.corpus.reading import ReadOptions, RowProblem

    seen: set[str] = set()
    is_empty = True
    for row in open_export(path, ReadOptions(hash_key=b"review")).rows():
        if isinstance(row, RowProblem):
            if on_problem is not None and row.what:
                on_problem(row.where, row.what)
        elif isinstance(row, Note):
            is_empty = False
            # A note that was crawled again is one note.
            if row.note_id in seen or not (row.title or row.body):
                continue
            seen.add(row.note_id)
            at = (row.published_at or "")[:16].replace("T", " ")
            # The hash that stands for its id says nothing; a person finds a note by its day and title.
            name = f"{at[:10]} {row.title[:20] or row.body[:20]}".replace("\n", " ").strip()
            # Such sheets cut or lack the body; what is not there is not found wanting.
            post = PostText(row.title, row.body, row.tags, name=name, has_video=row.type == "视频")
            yield Source(post, path, 0, is_published=True, published_at=at)
    if is_empty:
        raise InputError(
            _("there are no notes in this file"),
            where=str(path),
            hint=_("export the list of notes, not the account's daily figures"),
        )


def read_json_lines(
    stream: _Lines, path: Path | None, on_problem: OnProblem | None = None, on_unread: OnUnread | None = None
) -> Iterator[Source]:
    """The notes in the lines of ``stream``. A line without words is told to ``on_problem``, one that is no note to
    ``on_unread``; without these they raise InputError."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = f"{path or '-'}:{number}"
        rest = line
        while len(line) > MAX_LINE_BYTES and rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        if not line.strip(_BOM + b" \t\r\n"):
            continue
        try:
            if len(line) > MAX_LINE_BYTES:
                raise InputError(
                    _("line {n} is longer than {limit} bytes").format(n=number, limit=MAX_LINE_BYTES), where=where
                )
            yield _parse_json_line(line.removeprefix(_BOM), path, number)
        except EmptyNoteError as error:
            # A note of pictures alone: nothing to read, and no reason to leave the others unread.
            if on_problem is None:
                raise
            on_problem(str(error.where), error.what)
        except InputError as error:
            if on_unread is None:
                raise
            on_unread(error)


def _parse_json_line(line: bytes, path: Path | None, number: int) -> Source:
    where = f"{path or '-'}:{number}"
    row = decode_json(line, where)
    at = find_published_at(row)
    post = parse_document(row, where=where)
    return Source(post, path, number, is_published=bool(at), published_at=at, row=find_document(row))


def parse_json_text(text: str, path: Path | None = None) -> Iterator[Source]:
    """The notes in a JSON text: one object, a list of them, an object with ``drafts`` or ``notes``, or lines."""
    where = str(path or "-")
    try:
        data = decode_json(text, where)
    except InputError:
        # Lines of JSON, unless it is one document with a mistake in it.
        if "\n" not in text.strip() or text.lstrip()[:1] == "[":
            raise
        yield from read_json_lines(io.BytesIO(text.encode("utf-8", "replace")), path)
        return
    rows = find_rows(data)
    if rows is None:
        raise InputError(_("expected a note or a list of notes"), where=where)
    for index, post in parse_rows(rows, where):
        at = find_published_at(rows[index])
        row = find_document(rows[index])
        yield Source(post, path, index=index, is_published=bool(at), published_at=at, row=row)


def read_stream(
    stream: IO[bytes], on_problem: OnProblem | None = None, on_unread: OnUnread | None = None
) -> Iterator[Source]:
    """The notes that a pipe brings: JSON lines of any number, a JSON document, or a text as one note.

    Raises InputError for what is empty, no UTF-8, or a single text of more than 4 MB.
    """
    head = stream.readline(MAX_HAND_WRITTEN_BYTES + 1)
    is_json = bool(_JSON_START.match(head.removeprefix(_BOM)))
    if is_json and head.strip().endswith(b"}"):
        # A line that is an object, and others after it: they are read as they come.
        yield from read_json_lines(_Chained(head, stream), None, on_problem, on_unread)
        return
    content = head + stream.read(max(0, MAX_HAND_WRITTEN_BYTES + 1 - len(head)))
    if len(content) > MAX_HAND_WRITTEN_BYTES:
        raise InputError(
            _("a text of more than {limit} bytes is no note").format(limit=MAX_HAND_WRITTEN_BYTES), where="-"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise decoding_error(error, "-") from error
    if is_json:
        yield from parse_json_text(text)
    else:
        yield parse_text(text)


class _Chained:
    """A line that was read already, and what follows it."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readline(self, size: int = -1, /) -> bytes:
        head, self._head = self._head, b""
        return head or self._rest.readline(size)


def parse_text(text: str, path: Path | None = None) -> Source:
    """One note from a plain text: the first line is its title, topics alone on the last lines are its tags.

    Raises InputError when the text is empty.
    """
    if not text.strip():
        raise InputError(_("there is nothing to review: the text is empty"), where=str(path or "-"))
    start = len(text) - len(text.lstrip())
    title_end = text.find("\n", start)
    title_end = len(text) if title_end < 0 else title_end
    title = text[start:title_end].rstrip()
    body_start = title_end
    while body_start < len(text) and text[body_start].isspace():
        body_start += 1
    body = text[body_start:].rstrip()
    tags: list[str] = []
    spans: list[tuple[int, int]] = []
    offsets: dict[Field, int] = {"title": start, "body": body_start}
    while body:
        line_start = body.rfind("\n") + 1
        if not _TAG_LINE.fullmatch(body[line_start:]):
            break
        found = list(_TAG.finditer(body, line_start))
        tags = [match[1] for match in found] + tags
        spans = [(body_start + match.start(), body_start + match.end()) for match in found] + spans
        body = body[:line_start].rstrip()
    post = PostText(title, body, tuple(tags), name=str(path) if path else "-")
    return Source(post, path, 1, offsets, tuple(spans))


def read_again(source: Source, fixed: PostText) -> Source:
    """``source`` after ``fixed`` was written into its file: the places of its fields moved."""
    if source.path is None or not source.offsets:
        return replace(source, post=fixed)
    return parse_text(read_text(source.path), source.path)


def _read_pack(folder: Path) -> Source:
    files: dict[Field, Path] = {"title": folder / "title.txt", "body": folder / "body.txt", "tags": folder / "tags.txt"}
    files = {name: path for name, path in files.items() if path.is_file()}
    title = read_text(files["title"]).strip() if "title" in files else ""
    tags = tuple(match[1] for match in _TAG.finditer(read_text(files["tags"]))) if "tags" in files else ()
    body = read_text(files["body"])
    if not title and not body.strip():
        raise EmptyNoteError(_("neither a title nor a body"), where=str(folder))
    # A pack's folder is called by its draft's id: the draft in the store is the same note.
    return Source(PostText(title, body, tags, name=folder.resolve().name), folder, 0, files=files)
