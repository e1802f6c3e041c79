"""MediaCrawler's contents as JSON, both schemas, decoded into a struct: the fast way for files of millions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from creator_kit.corpus.anonymise import mask_people
from creator_kit.corpus.note import Note
from creator_kit.corpus.parsing import parse_count, parse_time, time_of_epoch, time_of_note_id
from creator_kit.corpus.readers.families import lay_out
from creator_kit.corpus.readers.notes import BadCell, NoteMaker, note_type
from creator_kit.text.clean import clean_line

_Cell = str | int | float | None
_NO_FLOORS: frozenset[str] = frozenset()
_MAX_KNOWN_COUNTS = 30_000
_FIRST_MS, _LAST_MS = 946_656_000_000, 4_102_416_000_000  # 2000 to 2100, in Beijing


class _Row(msgspec.Struct, gc=False):
    note_id: str
    type: str | None = None
    title: str | None = ""
    desc: str | None = ""
    time: _Cell = None
    user_id: str | None = None
    creator_hash: str | None = None
    nickname: str | None = ""
    liked_count: _Cell = None
    collected_count: _Cell = None
    comment_count: _Cell = None
    share_count: _Cell = None
    tag_list: str | list[str] | None = ""
    last_modify_ts: _Cell = None
    source_keyword: str | None = ""
    comment_id: str | None = None


_KEYS = frozenset(_Row.__struct_fields__)
# Fields that a row with an id and an author can do without.
_SPARED = frozenset({"url", "author_url", "platform", "image_count"})


def has_plain_rows(sample: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all sampled rows use the program's own flat names, so that the struct misses nothing."""
    needed = {"note_id", "liked_count"}
    if not all(needed <= row.keys() and ("title" in row or "desc" in row) for row in sample):
        return False
    layout = lay_out(list(dict.fromkeys(key for row in sample for key in row)))
    return all(layout.name(field) in _KEYS for field in layout.places if field not in _SPARED)


def row_maker(maker: NoteMaker) -> Callable[[bytes], Note]:
    """A function from a JSON object's bytes to its Note.

    It raises msgspec's errors for what is no such object, ValueError for a row without an id of the platform,
    BadCell for a count or time that cannot be read.
    """
    decode = msgspec.json.Decoder(_Row).decode
    people, make, source = maker.people, maker.make, maker.source
    note_hash, id_hash, digest_hash = people.note, people.author_of_id, people.author_of_digest
    exported_at = maker.exported_at
    keywords: dict[str, str | None] = {"": None}
    known_counts: dict[_Cell, int] = {}
    known_count = known_counts.get

    def count(value: _Cell, column: str, floors: list[str], metric: str) -> int | None:
        try:
            number, is_floor = parse_count(value)
        except ValueError as error:
            raise BadCell(column, str(error)) from None
        if is_floor:
            floors.append(metric)
        elif number is not None and len(known_counts) < _MAX_KNOWN_COUNTS:
            known_counts[value] = number  # most counts are small, so they come again: a look-up is half of reading
        return number

    def moment(value: _Cell, column: str) -> str | None:
        try:
            return parse_time(value, exported_at)
        except ValueError as error:
            raise BadCell(column, str(error)) from None

    def row_to_note(line: bytes) -> Note:
        row = decode(line)
        published, modified = row.time, row.last_modify_ts
        note_id = row.note_id
        if len(note_id) != 24 or row.comment_id is not None:
            raise ValueError(note_id)
        floors: list[str] = []
        likes = known_count(row.liked_count)
        if likes is None:
            likes = count(row.liked_count, "liked_count", floors, "likes")
        collects = known_count(row.collected_count)
        if collects is None:
            collects = count(row.collected_count, "collected_count", floors, "collects")
        comments = known_count(row.comment_count)
        if comments is None:
            comments = count(row.comment_count, "comment_count", floors, "comments")
        shares = known_count(row.share_count)
        if shares is None:
            shares = count(row.share_count, "share_count", floors, "shares")
        title, body = row.title or "", row.desc or ""
        if not title and not body and likes is collects is comments is shares is None:
            raise ValueError(note_id)
        word = row.source_keyword or ""
        if word in keywords:
            keyword = keywords[word]
        else:
            if len(keywords) > 10_000:
                keywords.clear()
            keyword = keywords[word] = mask_people(clean_line(word)) or None
        if row.creator_hash:
            author = digest_hash(row.creator_hash)
        elif row.user_id:
            author = id_hash(row.user_id)
        else:
            author = people.author_of_name(row.nickname) if row.nickname else ""
        type_ = row.type
        return make(
            note_hash(note_id.lower()),
            author,
            row.nickname or "",
            title,
            body,
            row.tag_list,
            "图文" if type_ == "normal" else "视频" if type_ == "video" else note_type(type_),
            likes,
            collects,
            comments,
            shares,
            frozenset(floors) if floors else _NO_FLOORS,
            (
                time_of_epoch(published // 1000)
                if published.__class__ is int and _FIRST_MS <= published < _LAST_MS
                else moment(published, "time")
            )
            or time_of_note_id(note_id),
            time_of_epoch(modified // 1000)
            if modified.__class__ is int and _FIRST_MS <= modified < _LAST_MS
            else moment(modified, "last_modify_ts"),
            source,
            keyword,
        )

    return row_to_note
