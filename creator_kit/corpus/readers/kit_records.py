"""Our own JSONL: what ``corpus export`` writes, and the same record with an ``extra`` from other collections.

Its people are hashed already: 16 hex digits stay as they are, anything else is hashed as a platform's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from creator_kit.corpus.anonymise import is_hash
from creator_kit.corpus.note import METRICS, Note
from creator_kit.corpus.parsing import parse_count, parse_rate, parse_seconds, parse_time, time_of_note_id
from creator_kit.corpus.readers.foreign import is_ours, platform_named
from creator_kit.corpus.readers.notes import BadCell, NoteMaker, note_type
from creator_kit.locale import _, pick
from creator_kit.locale.validation_texts import translate_validation

_Cell = str | int | float | None


class _Extra(msgspec.Struct, gc=False):
    count_floor: dict[str, _Cell] | None = None
    author_followers: _Cell = None
    observed_at: _Cell = None
    title_was_body_prefix: bool = False
    body_truncated: bool = False
    impressions: _Cell = None
    views: _Cell = None
    cover_ctr: _Cell = None
    new_followers: _Cell = None
    avg_watch_s: _Cell = None
    avg_watch_seconds: _Cell = None
    danmaku: _Cell = None
    impressions_not_settled: bool = False
    platform: str | None = None


class _Record(msgspec.Struct, gc=False):
    note_id: str
    author: str | None = ""
    title: str | None = ""
    body: str | None = ""
    tags: list[str] | str | None = None
    type: str | None = None
    likes: _Cell = None
    collects: _Cell = None
    comments: _Cell = None
    shares: _Cell = None
    published_at: _Cell = None
    source: str | None = ""
    keyword: str | None = None
    extra: _Extra | None = None
    # The fields of a Note, for records that carry them at the top.
    floors: list[str] | None = None
    observed_at: _Cell = None
    followers: _Cell = None
    title_is_body_prefix: bool = False
    body_truncated: bool = False
    impressions: _Cell = None
    views: _Cell = None
    cover_ctr: _Cell = None
    new_followers: _Cell = None
    avg_watch_seconds: _Cell = None
    danmaku: _Cell = None


_NO_EXTRA = _Extra()
_NO_FLOORS: frozenset[str] = frozenset()


def is_kit_record(row: Mapping[str, Any]) -> bool:
    """Whether an object has the keys of our own record."""
    return {"note_id", "title", "body"} <= row.keys() and bool({"likes", "published_at", "tags"} & row.keys())


def note_of(row: Mapping[str, Any], maker: NoteMaker) -> Note:
    """A decoded object as a Note. Raises BadCell, naming the field that has another type than ours."""
    try:
        record = msgspec.convert(row, _Record, strict=False)
    except msgspec.ValidationError as error:
        what, _at, place = str(error).partition(" - at ")
        column = place.strip("`").removeprefix("$.") or "note_id"
        if "missing required field" in what:
            column = what.split("`")[1] if "`" in what else column
        raise BadCell(
            column, _("the value has the wrong type: {error}").format(error=translate_validation(what))
        ) from None
    return _note(record, maker)


def record_maker(maker: NoteMaker) -> Callable[[bytes], Note]:
    """A function from a record's bytes to its Note; raises msgspec's errors and BadCell."""
    decode = msgspec.json.Decoder(_Record).decode

    def line_to_note(line: bytes) -> Note:
        return _note(decode(line), maker)

    return line_to_note


def _note(record: _Record, maker: NoteMaker) -> Note:
    extra = record.extra or _NO_EXTRA
    if extra.platform is not None and not is_ours(extra.platform):
        platform = platform_named(extra.platform)
        name = pick(platform.zh, platform.en) if platform else extra.platform
        raise BadCell("extra.platform", _("this row is from {platform}").format(platform=name))
    note_id = record.note_id.strip().lower()
    if not note_id:
        raise BadCell("note_id", _("the note has no id"))
    floors: list[str] = []
    counts: list[int | None] = []
    for metric, value in zip(METRICS, (record.likes, record.collects, record.comments, record.shares), strict=True):
        if value.__class__ is int and 0 <= value < 10**12:
            counts.append(value)
        else:
            number, is_floor = _count(value, metric)
            counts.append(number)
            if is_floor:
                floors.append(metric)
    if extra.count_floor:
        for place, metric in enumerate(METRICS):
            if counts[place] is None and metric in extra.count_floor:
                counts[place] = _count(extra.count_floor[metric], f"extra.count_floor.{metric}")[0]
                if counts[place] is not None:
                    floors.append(metric)
    if record.floors:
        floors += [metric for metric in record.floors if metric in METRICS and metric not in floors]
    author = record.author or ""
    if author and not is_hash(author):
        author = maker.people.author_of_id(author)
    published_at = _moment(record.published_at, "published_at", maker)
    note = maker.make(
        note_id if is_hash(note_id) else maker.people.note(note_id),
        author,
        "",
        record.title or "",
        record.body or "",
        record.tags,
        record.type if record.type in ("图文", "视频", None) else note_type(record.type),  # type: ignore[arg-type]
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        frozenset(floors) if floors else _NO_FLOORS,
        published_at or time_of_note_id(note_id),
        _moment(record.observed_at or extra.observed_at, "observed_at", maker),
        maker.options.source or record.source or maker.source,
        record.keyword or None,
        _count(record.followers if record.followers is not None else extra.author_followers, "author_followers")[0],
    )
    changes: dict[str, Any] = {}
    if record.title_is_body_prefix or extra.title_was_body_prefix:
        changes.update(title_is_body_prefix=True, title="")
    if record.body_truncated or extra.body_truncated:
        changes["body_truncated"] = True
    if (
        record.views is not None
        or extra.views is not None
        or record.impressions is not None
        or extra.impressions is not None
    ):
        changes.update(_own_figures(record, extra))
    return msgspec.structs.replace(note, **changes) if changes else note


def _own_figures(record: _Record, extra: _Extra) -> dict[str, Any]:
    def first(name: str) -> _Cell:
        value: _Cell = getattr(record, name)
        if value is None:
            value = getattr(extra, name)
        return value

    impressions, views = _count(first("impressions"), "impressions")[0], _count(first("views"), "views")[0]
    watch = first("avg_watch_seconds")
    try:
        cover_ctr = parse_rate(first("cover_ctr"))
        watch_seconds = parse_seconds(watch if watch is not None else extra.avg_watch_s)
        new_followers = parse_count(first("new_followers"), signed=True)[0]
        danmaku = parse_count(first("danmaku"))[0]
    except ValueError as error:
        raise BadCell("extra", str(error)) from None
    if extra.impressions_not_settled or (impressions == 0 and views):
        impressions = cover_ctr = None
    return {
        "impressions": impressions,
        "views": views,
        "cover_ctr": cover_ctr,
        "new_followers": new_followers,
        "avg_watch_seconds": watch_seconds,
        "danmaku": danmaku,
    }


def _count(value: _Cell, column: str) -> tuple[int | None, bool]:
    try:
        return parse_count(value)
    except ValueError as error:
        raise BadCell(column, str(error)) from None


def _moment(value: _Cell, column: str, maker: NoteMaker) -> str | None:
    if value is None:
        return None
    if (
        isinstance(value, str)
        and len(value) == 25
        and value[:2] == "20"
        and value[10] == "T"
        and value[19:] == "+08:00"
    ):
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise BadCell(column, str(error)) from None
        return value
    try:
        return parse_time(value, maker.exported_at)
    except ValueError as error:
        raise BadCell(column, str(error)) from None
