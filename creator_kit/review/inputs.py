"""Everything that review reads, brought to one shape: text files, folders, JSON lines, stdin, a draft's document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from creator_kit.clock import BEIJING
from creator_kit.datafiles import read_text, storage_error
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.locale.validation_texts import translate_validation
from creator_kit.review.finding import Field, PostText

TEXT_SUFFIXES = (".txt", ".md")
JSON_LINES_SUFFIXES = (".jsonl", ".ndjson")
EXPORT_SUFFIXES = (".xlsx", ".xls", ".csv", ".tsv", ".db", ".sqlite", ".sqlite3", ".html", ".htm")
SUFFIXES = (*TEXT_SUFFIXES, *JSON_LINES_SUFFIXES, ".json", *EXPORT_SUFFIXES)
# A note has a thousand characters; a line this long is not one.
MAX_LINE_BYTES = 4_000_000

_TAG = re.compile(r"#([^#\s\[\]]{1,60})(?:\[话题\]#)?")
_TAG_LINE = re.compile(r"\s*(?:#[^#\s]{1,60}#?\s*)+")


class EmptyNoteError(InputError):
    """A document that has neither a title nor a body."""


@dataclass(frozen=True, slots=True)
class Source:
    """A note and where it was read: a file, its line, and where in the file's text its fields begin.

    ``is_published``: from an export of posted notes; the platform took it, so its limits are no question any more.
    """

    post: PostText
    path: Path | None = None
    line: int = 1
    offsets: Mapping[Field, int] = field(default_factory=dict)
    is_published: bool = False

    @property
    def where(self) -> str:
        """``file:line``, or the note's name."""
        return f"{self.path}:{self.line}" if self.path else self.post.name


def read_sources(
    path: Path,
    on_problem: Callable[[str, str], None] | None = None,
    on_unread: Callable[[InputError], None] | None = None,
) -> Iterator[Source]:
    """The notes in a file, or in the files of a folder, in the order of their names.

    A text file is one note: its first line is the title, topics on its last lines are the tags. A folder that
    holds ``title.txt`` and ``body.txt`` (a hand-off pack) is one note. Exports of posted notes are read by the
    corpus's readers; a row that these leave out is told to ``on_problem`` (where, what). In a folder only texts
    and JSON lines are looked for; one that cannot be read is told to ``on_unread``, where that is given, and the others
    are read. Raises InputError, RefusedError or StorageError.
    """
    if not path.is_dir():
        yield from _read_file(path, on_problem)
        return
    if (path / "body.txt").is_file():
        yield _read_pack(path)
        return
    try:
        entries = sorted(path.rglob("*"))
    except OSError as error:
        raise storage_error(error, path) from error
    packs = {entry.parent for entry in entries if entry.name == "body.txt"}
    files = [entry for entry in entries if entry.suffix.lower() in (*TEXT_SUFFIXES, *JSON_LINES_SUFFIXES)]
    files = [entry for entry in files if entry.is_file() and entry.parent not in packs]
    if not files and not packs:
        raise InputError(
            _("no notes in this folder (looked for {suffixes})").format(suffixes=", ".join(SUFFIXES)), where=str(path)
        )
    for pack in sorted(packs):
        yield _read_pack(pack)
    for file in files:
        try:
            yield from _read_file(file, on_problem)
        except InputError as error:
            if on_unread is None:
                raise
            on_unread(error)


def _read_file(path: Path, on_problem: Callable[[str, str], None] | None) -> Iterator[Source]:
    suffix = path.suffix.lower()
    if suffix in JSON_LINES_SUFFIXES:
        yield from _read_json_lines(path, on_problem)
    elif suffix == ".json":
        yield from parse_json_text(read_text(path), path)
    elif suffix in EXPORT_SUFFIXES:
        yield from _read_export(path, on_problem)
    else:
        yield parse_text(read_text(path), path)


def _read_export(path: Path, on_problem: Callable[[str, str], None] | None) -> Iterator[Source]:
    from creator_kit.corpus.note import Note
    from creator_kit.corpus.readers import open_export
    from creator_kit.corpus.reading import ReadOptions, RowProblem

    for row in open_export(path, ReadOptions(hash_key=b"review")).rows():
        if isinstance(row, RowProblem):
            if on_problem is not None and row.what:
                on_problem(row.where, row.what)
        elif isinstance(row, Note) and (row.title or row.body):
            # Such sheets cut or lack the body; what is not there is not found wanting.
            post = PostText(row.title, row.body, row.tags, name=row.note_id, has_video=row.type == "视频")
            yield Source(post, path, is_published=True)


def _read_json_lines(path: Path, on_problem: Callable[[str, str], None] | None) -> Iterator[Source]:
    try:
        with path.open("rb") as stream:
            number = 0
            while line := stream.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise InputError(
                        _("line {n} is longer than {limit} bytes").format(n=number, limit=MAX_LINE_BYTES),
                        where=f"{path}:{number}",
                    )
                if not line.strip(b"\xef\xbb\xbf \t\r\n"):
                    continue
                try:
                    source = _parse_json_line(line.removeprefix(b"\xef\xbb\xbf"), path, number)
                except EmptyNoteError as error:
                    # A note of pictures alone: nothing to read, and no reason to leave the others unread.
                    if on_problem is None:
                        raise
                    on_problem(str(error.where), error.what)
                    continue
                yield source
    except OSError as error:
        raise storage_error(error, path) from error


def _parse_json_line(line: bytes, path: Path | None, number: int) -> Source:
    where = f"{path or '-'}:{number}"
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = translate_validation(str(error))
        raise InputError(_("not a JSON object: {error}").format(error=what), where=where) from error
    return Source(parse_document(row, where=where), path, number)


def parse_json_text(text: str, path: Path | None = None) -> Iterator[Source]:
    """The notes in a JSON text: one object, a list of them, an object with ``drafts`` or ``notes``, or lines."""
    try:
        data = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield _parse_json_line(line.encode(), path, number)
        return
    rows = data
    if isinstance(data, dict):
        rows = next((data[key] for key in ("drafts", "notes", "posts") if isinstance(data.get(key), list)), [data])
    if not isinstance(rows, list):
        raise InputError(_("expected a note or a list of notes"), where=str(path or "-"))
    for index, row in enumerate(rows):
        yield Source(parse_document(row, where=f"{path or '-'}:[{index}]"), path)


def parse_document(row: Any, *, where: str) -> PostText:
    """A note from a JSON object: ``title``, ``body`` (or ``desc``), ``tags``; a draft's other fields are understood.

    Raises InputError when it has neither a title nor a body.
    """
    if not isinstance(row, dict):
        raise InputError(_("expected a JSON object with title, body and tags"), where=where)
    title = _text(row, ("title",), where)
    body = _text(row, ("body", "desc", "content"), where)
    if not title.strip() and not body.strip():
        raise EmptyNoteError(
            _("neither a title nor a body"), where=where, hint=_("a note is {example}").format(example=_EXAMPLE)
        )
    tags = row.get("tags") or ()
    if isinstance(tags, str):
        tags = [tag for tag in re.split(r"[#,，\s]+", tags) if tag]
    if not isinstance(tags, (list, tuple)):
        raise InputError(_("tags must be a list of words"), where=f"{where}:tags")
    images = row.get("images")
    name = str(row.get("draft_id") or row.get("note_id") or row.get("id") or row.get("name") or "")
    sponsored = row.get("sponsored")
    model_used = row.get("model_used")
    return PostText(
        title=title,
        body=body,
        tags=tuple(str(tag).lstrip("#") for tag in tags),
        # A draft without pictures is a draft before its cover, not a note without images.
        n_images=len(images) if isinstance(images, (list, tuple)) and images else None,
        name=name or where,
        sponsored=sponsored if isinstance(sponsored, bool) else None,
        ai_assisted=model_used if isinstance(model_used, bool) else None,
        cover_texts=_cover_texts(row.get("cover_texts"), where),
        scheduled_at=_time(row.get("scheduled_at"), where),
    )


def _cover_texts(lines: object, where: str) -> tuple[str, ...]:
    """The lines that a cover shows: a list, or a text with line breaks."""
    if lines is None:
        return ()
    if isinstance(lines, str):
        lines = lines.split("\n")
    if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
        raise InputError(_("cover_texts must be a list of lines"), where=f"{where}:cover_texts")
    return tuple(lines)


def _time(text: object, where: str) -> datetime | None:
    """An ISO time; without an offset it is Beijing's."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None:
        raise InputError(
            _("'{text}' is not a time").format(text=text),
            where=f"{where}:scheduled_at",
            hint=_("write it as 2026-11-25T20:30"),
        )
    return at if at.tzinfo else at.replace(tzinfo=BEIJING)


_EXAMPLE = '{"title": "…", "body": "…", "tags": ["…"]}'


def _text(row: dict[str, Any], keys: tuple[str, ...], where: str) -> str:
    for key in keys:
        value = row.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InputError(_("expected a text"), where=f"{where}:{key}")
        return value
    return ""


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
    offsets: dict[Field, int] = {"title": start, "body": body_start}
    while body:
        line_start = body.rfind("\n") + 1
        if not _TAG_LINE.fullmatch(body[line_start:]):
            break
        tags = _TAG.findall(body[line_start:]) + tags
        body = body[:line_start].rstrip()
    post = PostText(title, body, tuple(tags), name=str(path) if path else "-")
    return Source(post, path, 1, offsets)


def _read_pack(folder: Path) -> Source:
    title_path, tags_path = folder / "title.txt", folder / "tags.txt"
    title = read_text(title_path).strip() if title_path.is_file() else ""
    tags = _TAG.findall(read_text(tags_path)) if tags_path.is_file() else []
    return Source(PostText(title, read_text(folder / "body.txt"), tuple(tags), name=str(folder)), folder)
