"""Replacements written into the files that the notes were read from, and nothing else in them changed."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from creator_kit.datafiles import read_text, storage_error, write_whole
from creator_kit.errors import InputError, StorageError
from creator_kit.locale import _
from creator_kit.review.documents import decode_json, find_rows, replace_texts
from creator_kit.review.finding import PostText
from creator_kit.review.inputs import JSON_LINES_SUFFIXES, TEXT_SUFFIXES, Source

_BOM = b"\xef\xbb\xbf"
Change = tuple[Source, PostText]


def is_writable(source: Source) -> bool:
    """Whether replacements can be written to where ``source`` was read: a text, JSON lines, a JSON document. An
    export is the platform's, a pack is made from its draft, and a pipe has no way back."""
    path = source.path
    if path is None or source.files or (source.is_published and source.line == 0):
        return False
    return path.suffix.lower() in (*TEXT_SUFFIXES, *JSON_LINES_SUFFIXES, ".json")


def write_changes(path: Path, changes: Sequence[Change]) -> None:
    """Write ``changes``, all of notes in ``path``, whole or not at all. What is not replaced keeps its bytes: line
    ends, byte order mark, other keys, other lines. Raises StorageError for a file that may not be written, InputError
    where it changed since it was read."""
    path = path.resolve()  # a link stays one
    try:
        if not path.stat().st_mode & 0o222:
            raise StorageError(
                _("this file may not be written; nothing in it was changed"),
                where=str(path),
                hint=_("make it writable, or use --diff to see the replacements"),
            )
        before = path.read_bytes()
    except OSError as error:
        raise storage_error(error, path) from error
    suffix = path.suffix.lower()
    bom = _BOM if before.startswith(_BOM) else b""
    if suffix in JSON_LINES_SUFFIXES or (suffix == ".json" and changes[0][0].index is None):
        after = _change_lines(before, changes, path)
    elif suffix == ".json":
        after = bom + _change_document(read_text(path), changes, path)
    else:
        after = bom + _change_text(read_text(path), *changes[0], path).encode("utf-8")
    with write_whole(path) as temporary:
        temporary.write_bytes(after)
        shutil.copymode(path, temporary)
        mode = temporary.stat().st_mode
    if os.name == "posix":
        path.chmod(mode)  # write_whole gives new files the usual rights; this one had its own


def _change_text(text: str, source: Source, fixed: PostText, path: Path) -> str:
    post = source.post
    edits = [
        (start, start + len(old), old, new)
        for start, old, new in (
            (source.offsets["title"], post.title, fixed.title),
            (source.offsets["body"], post.body, fixed.body),
        )
        if old != new
    ]
    for start, end, old, _new in edits:
        if text[start:end] != old:
            raise _changed_meanwhile(path)
    # From the end to the beginning, so that places before stay where they are.
    text = _change_tags(text, source, fixed.tags, path)
    ends_with_cr = "\r\n" in text and not re.search(r"(?<!\r)\n", text)
    for start, end, _old, new in reversed(edits):
        if ends_with_cr:
            new = re.sub(r"(?<!\r)\n", "\r\n", new)
        text = text[:start] + new + text[end:]
    return text


def _change_tags(text: str, source: Source, tags: Sequence[str], path: Path) -> str:
    before, spans = source.post.tags, source.tag_spans
    if tuple(tags) == before:
        return text
    matcher = difflib.SequenceMatcher(None, before, tags, autojunk=False)
    for kind, low, high, new_low, new_high in reversed(matcher.get_opcodes()):
        if kind == "equal":
            continue
        new = tags[new_low:new_high]
        for at in range(high - 1, low - 1, -1):
            start, end = spans[at]
            if not text.startswith(f"#{before[at]}", start):
                raise _changed_meanwhile(path)
            if at - low < len(new):
                text = f"{text[:start]}#{new[at - low]}{text[start + 1 + len(before[at]) :]}"
            else:
                text = _cut_tag(text, start, end)
    return text


def _cut_tag(text: str, start: int, end: int) -> str:
    """``text`` without a topic and the blanks that set it apart, and without its line if it stood alone in it."""
    left, right = text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
    if left and not left.endswith("\n"):
        return left + text[end:]
    if not left.endswith("\n") or not right.startswith(("\n", "\r\n")):
        return left + right
    return left + right.partition("\n")[2]


def _change_lines(content: bytes, changes: Sequence[Change], path: Path) -> bytes:
    lines = content.split(b"\n")
    for source, fixed in changes:
        line = lines[source.line - 1] if source.line <= len(lines) else b""
        bom = _BOM if line.startswith(_BOM) else b""
        end = b"\r" if line.endswith(b"\r") else b""
        row = _decode_again(line.removeprefix(_BOM), path)
        replace_texts(row, source.post, fixed)
        lines[source.line - 1] = bom + msgspec.json.encode(row) + end
    return b"\n".join(lines)


def _change_document(text: str, changes: Sequence[Change], path: Path) -> bytes:
    data = _decode_again(text, path)
    rows = find_rows(data) or []
    for source, fixed in changes:
        if source.index is None or source.index >= len(rows):
            raise _changed_meanwhile(path)
        replace_texts(rows[source.index], source.post, fixed)
    if "\n" not in text.strip():
        return msgspec.json.encode(data) + text[len(text.rstrip()) :].encode()
    first = text.split("\n", 2)[1]
    indent = len(first) - len(first.lstrip(" ")) or 2
    end = text[len(text.rstrip()) :]
    dumped = json.dumps(data, ensure_ascii=False, indent=indent) + end.replace("\r\n", "\n")
    return dumped.replace("\n", "\r\n" if "\r\n" in text else "\n").encode("utf-8")


def _decode_again(text: bytes | str, path: Path) -> Any:
    try:
        return decode_json(text, str(path))
    except InputError as error:
        raise _changed_meanwhile(path) from error


def _changed_meanwhile(path: Path) -> InputError:
    return InputError(
        _("this file changed while it was reviewed; nothing in it was replaced"),
        where=str(path),
        hint=_("run the command again"),
    )
