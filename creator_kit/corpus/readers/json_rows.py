"""JSON objects as rows, one at a time: JSONL of any family, and arrays of objects.

Two kinds are decoded straight into typed structs, since they come by the million: MediaCrawler's contents and
our own records. Any other object, and any line of these that does not fit, goes through its keys as a table
row goes through its columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import kit_records, mediacrawler
from creator_kit.corpus.readers.byte_lines import ByteLines
from creator_kit.corpus.readers.encodings import BoundedLines, TextEncoding
from creator_kit.corpus.readers.families import Layout, find_family, lay_out
from creator_kit.corpus.readers.foreign import PLATFORMS, Platform, is_ours, platform_named, refuse_platform, wrong_kind
from creator_kit.corpus.readers.notes import BadCell, NoteMaker, RowReader
from creator_kit.corpus.readers.opened import MAX_LINE_BYTES, Item, OpenedExport, Progress, apply_mapping, plan_columns
from creator_kit.corpus.readers.tables import format_of, refuse_foreign_links
from creator_kit.corpus.reading import BLOCK_END, ReadOptions, RowProblem
from creator_kit.errors import InputError
from creator_kit.locale import _, pick

SAMPLE_ROWS = 50
# Parts of the platform's own objects that hold no field of ours but names like ours (a cover's "url").
_SKIPPED_PARTS = frozenset(
    {
        "cover",
        "image_list",
        "imageList",
        "images_list",
        "images",
        "video",
        "share_info",
        "shareInfo",
        "at_user_list",
        "atUserList",
    }
    | {"comments", "corner_tag_info", "cornerTagInfo", "widgets_context", "geo", "music", "extra"}
)
_USER_PARTS = frozenset({"user", "author", "user_info", "userInfo", "creator"})
_USER_KEYS = {
    "user_id": "user_id",
    "userId": "user_id",
    "userid": "user_id",
    "id": "user_id",
    "nickname": "nickname",
    "nick_name": "nickname",
    "nickName": "nickname",
    "name": "nickname",
    "fans": "followers",
    "followers": "followers",
    "red_id": "red_id",
}
_TAG_KEYS = frozenset({"tag_list", "tagList", "tags", "topics", "hash_tag", "hashTags"})

RowMaker = Callable[[bytes], Note]


class BadLine(Exception):
    """A line that is no JSON object."""


def flatten(row: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """An object with its parts laid flat: ``interact_info.liked_count`` → ``liked_count``, the author's too."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            if key in _USER_PARTS:
                for user_key, name in _USER_KEYS.items():
                    if user_key in value and not isinstance(value[user_key], (Mapping, list)):
                        flat.setdefault(name, value[user_key])
            elif key not in _SKIPPED_PARTS and depth < 4:
                for inner, found in flatten(value, depth + 1).items():
                    flat.setdefault(inner, found)
        elif isinstance(value, list):
            if key in _TAG_KEYS:
                flat[key] = [_tag_name(tag) for tag in value]
        else:
            flat[key] = value
    return flat


def _tag_name(tag: object) -> str:
    if isinstance(tag, Mapping):
        return (
            str(tag.get("name") or tag.get("tag_name") or "")
            if tag.get("type") in (None, "topic", "topic_page")
            else ""
        )
    return str(tag)


def decode_object(line: bytes) -> dict[str, Any]:
    """A line as a dict. ``NaN`` and lone surrogates, which exporters write, are read too. Raises BadLine."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, RecursionError):
            raise BadLine(_("the JSON is nested too deeply")) from None
        if isinstance(error, UnicodeDecodeError):
            raise BadLine(_("the line is not UTF-8 text")) from None
        try:
            value = json.loads(line.decode("utf-8", "strict"), strict=False)
        except RecursionError:
            raise BadLine(_("the JSON is nested too deeply")) from None
        except ValueError:
            raise BadLine(_("not valid JSON: {error}").format(error=error)) from None
    if not isinstance(value, dict):
        raise BadLine(_("the line is not a JSON object"))
    return value


def is_no_note(row: Mapping[str, Any]) -> bool:
    """Whether an item of a search's answer says that it is something else: a suggested query, an advertisement."""
    kind = row.get("model_type") or row.get("modelType")
    return isinstance(kind, str) and kind != "note" and "note_card" not in row and "noteCard" not in row


class ObjectReader:
    """Objects of changing keys as notes: a layout for each set of keys, made once."""

    def __init__(self, maker: NoteMaker, options: ReadOptions, path: Path, family_keys: Iterable[str]) -> None:
        self._maker = maker
        self._options = options
        self._path = path
        self._family = find_family(family_keys)
        self._readers: dict[tuple[str, ...], RowReader] = {}

    def note(self, row: Mapping[str, Any]) -> Note | None:
        """The note in ``row``; None when it is empty or no note. Raises BadCell."""
        if is_no_note(row):
            return None
        platform = row_platform(row)
        if platform is not None:
            raise BadCell("platform", _("this row is from {platform}").format(platform=pick(platform.zh, platform.en)))
        flat = flatten(row)
        keys = tuple(flat)
        reader = self._readers.get(keys)
        if reader is None:
            if len(self._readers) > 500:
                self._readers.clear()
            reader = self._readers[keys] = RowReader(self._layout(keys), self._maker)
        return reader.note(list(flat.values()))

    def _layout(self, keys: tuple[str, ...]) -> Layout:
        sentence = wrong_kind(keys)
        if sentence is not None and not self._options.mapping:
            raise BadCell("comment_id", sentence)
        layout = lay_out(keys, self._family)
        mapping = {name: column for name, column in self._options.mapping.items() if column in keys}
        layout = apply_mapping(layout, mapping, self._path)
        if "title" not in layout.places and "body" not in layout.places and "note_id" not in layout.places:
            raise BadCell("title", _("the row has neither an id nor a text"))
        return layout


def row_platform(row: Mapping[str, Any]) -> Platform | None:
    """The other platform that a row names in ``platform`` or ``extra.platform``; None for ours."""
    extra = row.get("extra")
    for value in (row.get("platform"), extra.get("platform") if isinstance(extra, Mapping) else None):
        if isinstance(value, str) and not is_ours(value) and (platform := platform_named(value)) is not None:
            return platform
    return None


def plan_rows(sample: Sequence[Mapping[str, Any]], options: ReadOptions, path: Path) -> tuple[str, bool, Layout]:
    """(format, own, layout) of objects, from the first of them. Raises RefusedError, InputError."""
    platforms = [row_platform(row) for row in sample]
    if platforms and all(platform is not None for platform in platforms):
        raise refuse_platform(platforms[0] or PLATFORMS[0], path)
    flat = [flatten(row) for row in sample]
    # A line of comments among notes is that line's problem; a file of comments is the file's.
    if not options.mapping and (of_notes := [row for row in flat if wrong_kind(row) is None]):
        flat = of_notes
    keys: dict[str, None] = {}
    for row in flat:
        keys.update(dict.fromkeys(row))
    if kit_records.is_kit_record(sample[0]):
        return "creator-kit", False, lay_out(list(keys))
    layout = plan_columns(list(keys), options.mapping, path)
    table = [[row.get(key) for key in keys] for row in flat]
    refuse_foreign_links(layout, table, path)
    return format_of(layout, options), layout.family.own, layout


def open_jsonl(path: Path, encoding: TextEncoding, options: ReadOptions) -> OpenedExport:
    """A file of one object a line. Raises InputError when none of the first lines is a note."""
    sample: list[dict[str, Any]] = []
    first_problem: RowProblem | None = None
    for item in _sample_lines(path, encoding):
        if isinstance(item, RowProblem):
            first_problem = first_problem or item
        else:
            sample.append(item)
    if not sample:
        if first_problem is None:
            raise InputError(_("the file holds no rows"), where=str(path))
        raise InputError(first_problem.what, where=first_problem.where, hint=_("export the file again"))
    format_id, own, _layout = plan_rows(sample, options, path)

    is_utf8 = _is_utf8(encoding)

    def rows(progress: Progress) -> Iterator[Item]:
        maker = NoteMaker(options, format_id)
        if is_utf8:
            lines = ByteLines(path, progress, options.share)
            yield from read_objects(lines, maker, options, path, format_id, sample, number_of=lines.number)
        else:
            yield from read_objects(_decoded_lines(path, encoding, progress), maker, options, path, format_id, sample)

    return OpenedExport(path, format_id, rows, own=own, total=path.stat().st_size, is_divisible=is_utf8)


def _sample_lines(path: Path, encoding: TextEncoding) -> Iterator[dict[str, Any] | RowProblem]:
    found = 0
    for number, line in iter_lines(path, encoding, Progress()):
        if found >= SAMPLE_ROWS or number > 20 * SAMPLE_ROWS:
            return
        if line is None:
            yield _too_long(path, number)
        elif not line.isspace():
            try:
                yield decode_object(line)
                found += 1
            except BadLine as error:
                yield RowProblem(f"{path.name}:{number}", str(error))


def _too_long(path: Path, number: int) -> RowProblem:
    return RowProblem(
        f"{path.name}:{number}", _("the line is longer than {limit} characters").format(limit=MAX_LINE_BYTES)
    )


def _is_utf8(encoding: TextEncoding) -> bool:
    return encoding.codec in ("utf-8", "utf-8-sig")


def iter_lines(path: Path, encoding: TextEncoding, progress: Progress) -> Iterable[tuple[int, bytes | None]]:
    """(number, UTF-8 bytes) of each line; None for one that is too long to hold."""
    return ByteLines(path, progress) if _is_utf8(encoding) else _decoded_lines(path, encoding, progress)


def _decoded_lines(path: Path, encoding: TextEncoding, progress: Progress) -> Iterator[tuple[int, bytes | None]]:
    """(number, UTF-8 bytes) of each line of a file in another encoding; None for one that is too long to hold."""
    lines = BoundedLines(path, encoding, progress)
    for number, text in enumerate(lines, 1):
        if lines.too_long and lines.too_long[0] == number:
            lines.too_long.clear()
            yield number, None
        else:
            yield number, text.encode("utf-8", "surrogatepass")
    if lines.too_long:
        yield lines.too_long[0], None


def read_objects(
    lines: Iterable[tuple[int, bytes | None]],
    maker: NoteMaker,
    options: ReadOptions,
    path: Path,
    format_id: str,
    sample: Sequence[Mapping[str, Any]],
    *,
    number_of: Callable[[int], int] = int,
) -> Iterator[Item]:
    """Notes and problems from numbered JSON objects; ``number_of`` says what to call a number in a message."""
    name = path.name
    keys: dict[str, None] = {}
    for row in sample:
        keys.update(dict.fromkeys(flatten(row)))
    general = ObjectReader(maker, options, path, keys)
    fast: RowMaker | None = None
    if format_id == "creator-kit" and not options.mapping:
        fast = kit_records.record_maker(maker)
    elif format_id == "mediacrawler" and not options.mapping and mediacrawler.has_plain_rows(sample):
        fast = mediacrawler.row_maker(maker)

    for number, line in lines:
        if line is None:
            yield _too_long(path, number_of(number)) if number else BLOCK_END
            continue
        if fast is not None:
            try:
                yield fast(line)
                continue
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
                pass  # an unusual line: read it by its keys, which says what is wrong with it
            except BadCell as error:
                yield RowProblem(f"{name}:{number_of(number)}:{error.column}", error.why)
                continue
        if line.isspace() or not line:
            continue
        try:
            row = decode_object(line)
            if format_id == "creator-kit":
                yield kit_records.note_of(row, maker)
                continue
            note = general.note(row)
        except BadLine as error:
            yield RowProblem(f"{name}:{number_of(number)}", str(error))
        except BadCell as error:
            yield RowProblem(f"{name}:{number_of(number)}:{error.column}", error.why)
        else:
            if note is not None:
                yield note
