"""Notes as JSON: a row, a draft's document, a line of a batch, a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from creator_kit.clock import BEIJING
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.locale.validation_texts import translate_validation
from creator_kit.review.finding import PostText

# The first of these that a row has is its body.
BODY_KEYS = ("body", "desc", "content")
LIST_KEYS = ("drafts", "notes", "posts")
# What crawlers write beside a note's words: their files are for the corpus's readers.
_CRAWLED = frozenset({"liked_count", "collected_count", "interact_info", "interactInfo", "note_card", "noteCard"})

_EXAMPLE = '{"title": "…", "body": "…", "tags": ["…"]}'


class EmptyNoteError(InputError):
    """A document that has neither a title nor a body."""


def decode_json(text: bytes | str, where: str) -> Any:
    """The value of a JSON text. Raises InputError, naming ``where``."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        what = translate_validation(str(error))
        raise InputError(_("not a JSON object: {error}").format(error=what), where=where) from error


def find_rows(data: Any) -> list[Any] | None:
    """The notes in a JSON value: a list, the list under ``drafts``, ``notes`` or ``posts``, or the one object that it
    is; None for what holds no notes."""
    if isinstance(data, dict):
        return next((data[key] for key in LIST_KEYS if isinstance(data.get(key), list)), [data])
    return data if isinstance(data, list) else None


def is_ours(rows: list[Any]) -> bool:
    """Whether ``rows`` are in the shape that ``parse_document`` reads, not a crawler's."""
    first = find_document(rows[0]) if rows else None
    return isinstance(first, dict) and not _CRAWLED & first.keys() and bool({"title", *BODY_KEYS} & first.keys())


def find_document(row: Any) -> Any:
    """The note in ``row``: itself, or what a batch (``draft many``) keeps under ``draft``."""
    if isinstance(row, dict) and isinstance(row.get("draft"), dict) and "title" not in row:
        return row["draft"]
    return row


def parse_rows(rows: list[Any], where: str) -> Iterator[tuple[int, PostText]]:
    """The notes of ``rows``, each with its place in the list."""
    for index, row in enumerate(rows):
        yield index, parse_document(row, where=f"{where}:[{index}]")


def parse_document(row: Any, *, where: str) -> PostText:
    """A note from a JSON object: ``title``, ``body`` (or ``desc``), ``tags``; a draft's other fields are understood.

    Raises InputError when it has neither a title nor a body.
    """
    row = find_document(row)
    if not isinstance(row, dict):
        raise InputError(_("expected a JSON object with title, body and tags"), where=where)
    title = _text(row, ("title",), where)
    body = _text(row, BODY_KEYS, where)
    if not title.strip() and not body.strip():
        raise EmptyNoteError(
            _("neither a title nor a body"), where=where, hint=_("a note is {example}").format(example=_EXAMPLE)
        )
    images = row.get("images")
    name = str(row.get("draft_id") or row.get("note_id") or row.get("id") or row.get("name") or "")
    sponsored = row.get("sponsored")
    model_used = row.get("model_used")
    return PostText(
        title=title,
        body=body,
        tags=_tags(row, where),
        # A draft without pictures is a draft before its cover, not a note without images.
        n_images=len(images) if isinstance(images, (list, tuple)) and images else None,
        name=name or where,
        sponsored=sponsored if isinstance(sponsored, bool) else None,
        ai_assisted=model_used if isinstance(model_used, bool) else None,
        cover_texts=_cover_texts(row.get("cover_texts"), where),
        scheduled_at=_time(row.get("scheduled_at"), where),
    )


def find_published_at(row: Any) -> str:
    """When the note in ``row`` was posted, to the minute; "" for one that was not, or nobody knows when."""
    at = row.get("published_at") if isinstance(row, dict) else None
    return at[:16].replace("T", " ") if isinstance(at, str) else ""


def replace_texts(row: dict[str, Any], before: PostText, after: PostText) -> None:
    """Write what differs between the two into ``row``, in the shape in which it was read."""
    row = find_document(row)
    if after.title != before.title:
        row["title"] = after.title
    if after.body != before.body:
        row[next(key for key in BODY_KEYS if row.get(key) is not None)] = after.body
    if after.tags != before.tags:
        row["tags"] = ",".join(after.tags) if isinstance(row["tags"], str) else list(after.tags)


def _text(row: Mapping[str, Any], keys: tuple[str, ...], where: str) -> str:
    for key in keys:
        value = row.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InputError(_("expected a text"), where=f"{where}:{key}")
        return value
    return ""


def _tags(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    tags = row.get("tags") or ()
    if isinstance(tags, str):
        tags = [tag for tag in re.split(r"[#,，\s]+", tags) if tag]
    if not isinstance(tags, (list, tuple)) or not all(isinstance(tag, str) for tag in tags):
        raise InputError(_("tags must be a list of words"), where=f"{where}:tags")
    return tuple(tag.lstrip("#") for tag in tags)


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
