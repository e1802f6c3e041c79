"""A row of any export → a Note: the one place where text is cleaned, people are masked and ids are hashed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from creator_kit.corpus.anonymise import Anonymiser, is_hash, is_platform_id, mask_people
from creator_kit.corpus.note import Note, NoteType
from creator_kit.corpus.parsing import (
    is_coarse_time,
    is_edit_time,
    parse_count,
    parse_rate,
    parse_seconds,
    parse_time,
    shorten,
    time_of_note_id,
)
from creator_kit.corpus.readers.families import Layout
from creator_kit.corpus.readers.foreign import is_ours, platform_named, platform_of_link
from creator_kit.corpus.reading import ReadOptions
from creator_kit.locale import _, pick
from creator_kit.text.clean import (
    clean_body,
    clean_line,
    drop_dangling_code,
    find_topics,
    is_body_prefix,
    is_cut,
    unique_topics,
)

_TYPES: dict[str, NoteType] = {
    **dict.fromkeys(
        (
            "normal",
            "image",
            "images",
            "note",
            "图文",
            "图集",
            "图文笔记",
            "图片",
            "图文类",
            "livephoto",
            "live",
            "multi",
            "1",
        ),
        "图文",
    ),
    **dict.fromkeys(("圖文", "圖片"), "图文"),
    **dict.fromkeys(("視頻", "影片"), "视频"),
    **dict.fromkeys(("video", "视频", "视频笔记", "短视频", "视频类", "2"), "视频"),
}
_UNTITLED = frozenset({"无标题", "无", "untitled", "none", "null", "nan", "未命名", "无题目", "暂无标题"})
_TOTALS = frozenset(
    {"合计", "总计", "总和", "汇总", "小计", "平均", "平均值", "均值", "total", "grand total", "average"}
)
_NO_FLOORS: frozenset[str] = frozenset()
_ID_IN_LINK = re.compile(
    r"(?:/explore/|/discovery/item/|/item/|/note/|/profile/[0-9a-zA-Z]+/|note_?id=|noteId=)([0-9a-f]{24})(?![0-9a-f])",
    re.IGNORECASE,
)
_USER_IN_LINK = re.compile(r"/profile/([0-9a-f]{24})(?![0-9a-f])", re.IGNORECASE)
_MANGLED_ID = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_TAG_BREAKS = re.compile(r"[,，、;；|\n\t]+")
_NEEDS_CARE = re.compile(r"[#\[\s，、;；|&\u200b-\u200f\ufeff@0-9_]")


class BadCell(Exception):
    """A cell that cannot be used: the column's name and why."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column
        self.why = why


class NoteMaker:
    """Makes Notes under one set of options; ``exported_at`` is the file's own, when the options give none."""

    def __init__(self, options: ReadOptions, format_id: str, exported_at: datetime | None = None) -> None:
        self.options = options
        self.people = Anonymiser(options.hash_key)
        self.exported_at = options.exported_at or exported_at
        self.observed_at = parse_time(self.exported_at) if self.exported_at is not None else None
        self.source = options.source or format_id
        self.account_author = self.people.author_of_name("account\0" + options.account)

    def hash_note_id(self, note_id: str) -> str:
        """Our id of the platform's ``note_id``; one of our own hashes is kept."""
        note_id = note_id.strip().lower()
        return note_id if is_hash(note_id) else self.people.note(note_id)

    def make(
        self,
        note_id: str,
        author: str,
        nickname: str,
        title: str,
        body: str,
        tags: Sequence[str] | str | None,
        type_: NoteType | None,
        likes: int | None,
        collects: int | None,
        comments: int | None,
        shares: int | None,
        floors: frozenset[str],
        published_at: str | None,
        observed_at: str | None,
        source: str,
        keyword: str | None,
        followers: int | None = None,
    ) -> Note:
        """A Note from parsed values; ``note_id`` and ``author`` are hashes already, the texts are raw."""
        cut = is_prefix = False
        topics: tuple[str, ...] = ()
        if tags:
            topics = self.topics(tags, nickname)
        elif body and "#" in body:
            topics = self.topics(find_topics(body), nickname)
        if body:
            end = body[-8:]
            if (("[" in end and "]" not in end) or "." in end or "…" in end or "文" in end or "开" in end) and is_cut(
                body
            ):
                cut, body = True, drop_dangling_code(body)
            body = mask_people(clean_body(body), nickname)
        if title:
            title = mask_people(clean_line(title), nickname)
            is_prefix = is_body_prefix(title, body)
            if is_prefix or title.lower() in _UNTITLED:
                title = ""
        if observed_at is None and self.observed_at is not None:
            # A file made from an old template carries the template's date: no note is seen before it is published.
            observed_at = self.observed_at if not published_at or published_at <= self.observed_at else None
        return Note(
            note_id,
            author,
            title,
            body,
            topics,
            type_,
            likes,
            collects,
            comments,
            shares,
            floors,
            published_at,
            observed_at,
            source,
            keyword,
            followers,
            is_prefix,
            cut,
        )

    def topics(self, tags: Sequence[str] | str | None, nickname: str) -> tuple[str, ...]:
        """The topics of a cell: a list, or a text joined by commas, 、, spaces or "#"."""
        if not tags:
            return ()
        if isinstance(tags, str):
            if not _NEEDS_CARE.search(tags):
                names = tags.split(",")
                if "" not in names and nickname not in names and len(names) == len(set(names)):
                    return tuple(names)
            names = _split_topics(tags)
        else:
            names = [name for name in tags if isinstance(name, str)]
        topics = unique_topics(names)
        if nickname and nickname in topics:
            topics = tuple(topic for topic in topics if topic != nickname)
        return tuple(mask_people(topic) for topic in topics)


def _split_topics(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        try:  # a Python or JSON list written as text
            names = ast.literal_eval(text)
            if isinstance(names, list):
                return [str(name.get("name", "")) if isinstance(name, dict) else str(name) for name in names]
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            text = text[1:-1].replace("'", "").replace('"', "")
    text = text.replace("[话题]", "")
    if "#" in text or "＃" in text:
        return re.split(r"[#＃]+", _TAG_BREAKS.sub("#", text))
    if _TAG_BREAKS.search(text):
        return _TAG_BREAKS.split(text)
    return text.split()


def note_type(value: object) -> NoteType | None:
    """图文 or 视频; None for what says neither."""
    if not isinstance(value, str):
        return None
    known = _TYPES.get(value)
    if known is not None:
        return known
    text = clean_line(value).lower()
    return _TYPES.get(text) or ("视频" if "视频" in text else "图文" if "图" in text else None)


class RowReader:
    """Reads the rows of one table whose columns are laid out as ``layout``."""

    def __init__(self, layout: Layout, maker: NoteMaker) -> None:
        self.layout = layout
        self.maker = maker
        self.family = layout.family
        self.own = layout.family.own
        self.is_kit = layout.family.format_id == "creator-kit"
        self._places = dict(layout.places)

    def note(self, row: Sequence[object]) -> Note | None:
        """The Note in ``row``; None for an empty row. Raises BadCell."""
        places, maker = self._places, self.maker

        def text(field: str) -> str:
            place = places.get(field)
            if place is None:
                return ""
            value = row[place]
            if value.__class__ is str:
                return value
            return _as_text(value)

        def count(field: str, signed: bool = False) -> int | None:
            place = places.get(field)
            if place is None:
                return None
            value = row[place]
            try:
                number, is_floor = parse_count(value, signed=signed)
            except ValueError as error:
                raise BadCell(self.layout.columns[place], str(error)) from None
            if is_floor:
                floors.append(field)
            return number

        title, body = text("title"), text("body")
        raw_id, link = text("note_id").strip(), text("url").strip()
        if (
            not raw_id
            and not link
            and not title.strip()
            and not body.strip()
            and not any(_is_filled(cell) for cell in row)
        ):
            return None
        if not link and not body and self._is_total(row):
            return None
        if "platform" in places:
            self._check_platform(row[places["platform"]])
        if link and (platform := platform_of_link(link)) is not None:
            raise BadCell(self.layout.name("url"), _other_platform(platform))

        floors: list[str] = []
        likes, collects, comments, shares = count("likes"), count("collects"), count("comments"), count("shares")
        followers = count("followers")
        while "followers" in floors:
            floors.remove("followers")  # a follower count is a scale, not a result: its floor is near enough

        platform_id = self._platform_id(raw_id, link)
        nickname = text("nickname").strip()
        published_at = self._published(row, platform_id)
        observed_at = self._observed(row)
        if not platform_id and not title.strip() and not body.strip() and not self.own:
            raise BadCell(self.layout.name("title"), _("the row has neither an id nor a text"))
        if not title.strip() and not body.strip() and likes is collects is comments is shares is None and not self.own:
            raise BadCell(self.layout.name("title"), _("the row has neither a text nor a count"))

        if self.own:
            author = maker.account_author
        else:
            author = self._author(text, nickname)
        if platform_id:
            note_id = maker.hash_note_id(platform_id)
        elif self.own:
            if published_at is None:
                raise BadCell(self.layout.name("published"), _("without a note id the time of publishing is needed"))
            note_id = maker.people.note("\0".join(("own", maker.options.account, published_at, clean_line(title))))
        else:
            note_id = maker.people.note(
                "\0".join(("row", author, published_at or "", clean_line(title), clean_body(body)[:200]))
            )

        keyword: str | None = clean_line(text("keyword")) or None
        tags: object = row[places["tags"]] if "tags" in places else None
        if tags is None and keyword and len(_TAG_BREAKS.split(keyword)) > 2:
            tags, keyword = keyword, None  # a list of words is the note's topics, one word is what was searched
        if isinstance(tags, (list, tuple)):
            tags = [str(tag.get("name", "")) if isinstance(tag, Mapping) else str(tag) for tag in tags]
        elif tags is not None and not isinstance(tags, str):
            tags = _as_text(tags)
        note = maker.make(
            note_id,
            author,
            "" if self.is_kit else nickname,
            title,
            body,
            tags,
            note_type(row[places["type"]]) if "type" in places else None,
            likes,
            collects,
            comments,
            shares,
            frozenset(floors) if floors else _NO_FLOORS,
            published_at,
            observed_at,
            maker.source,
            mask_people(keyword) if keyword else None,
            followers,
        )
        return self._with_own_figures(note, row) if self.own else note

    def _is_total(self, row: Sequence[object]) -> bool:
        """Whether a row adds up or averages the others: its first cell says so, and it was never published."""
        published = self._places.get("published")
        if published is not None and _is_filled(row[published]):
            return False
        first = next((cell for cell in row if _is_filled(cell)), None)
        return isinstance(first, str) and first.strip(" :：").lower() in _TOTALS

    def _with_own_figures(self, note: Note, row: Sequence[object]) -> Note:
        import msgspec

        def figure(field: str, parse: object) -> object:
            place = self._places.get(field)
            if place is None:
                return None
            try:
                return parse(row[place])  # type: ignore[operator]
            except ValueError as error:
                raise BadCell(self.layout.columns[place], str(error)) from None

        def whole(value: object) -> int | None:
            return parse_count(value)[0]

        percent = "%" in self.layout.name("cover_ctr") or "％" in self.layout.name("cover_ctr")
        impressions, views = figure("impressions", whole), figure("views", whole)
        cover_ctr = figure("cover_ctr", lambda value: parse_rate(value, percent=percent))
        if impressions == 0 and views:
            # The newest note is seen before its impressions are counted: nothing is known of them yet.
            impressions = cover_ctr = None
        return msgspec.structs.replace(
            note,
            impressions=impressions,
            views=views,
            cover_ctr=cover_ctr,
            new_followers=figure("new_followers", lambda value: parse_count(value, signed=True)[0]),
            avg_watch_seconds=figure("avg_watch_seconds", parse_seconds),
            danmaku=figure("danmaku", whole),
        )

    def _check_platform(self, value: object) -> None:
        if not is_ours(value) and (platform := platform_named(value)) is not None:
            raise BadCell(self.layout.name("platform"), _other_platform(platform))

    def _platform_id(self, raw_id: str, link: str) -> str:
        lowered = raw_id.lower()
        if is_platform_id(lowered) or (self.is_kit and is_hash(lowered)):
            return lowered
        for text in (link, raw_id):
            match = _ID_IN_LINK.search(text) if text else None
            if match:
                return match.group(1).lower()
        if _MANGLED_ID.fullmatch(raw_id):
            raise BadCell(
                self.layout.name("note_id"),
                _("'{value}' is a note id that a spreadsheet turned into a number").format(value=raw_id),
            )
        if raw_id:
            return raw_id
        return link.split("?")[0].rstrip("/") if link.startswith("http") else ""

    def _author(self, text, nickname: str) -> str:  # type: ignore[no-untyped-def]
        people = self.maker.people
        if digest := text("creator_hash").strip():
            return people.author_of_digest(digest)
        if user_id := text("user_id").strip():
            return user_id if self.is_kit and is_hash(user_id) else people.author_of_id(user_id)
        if match := _USER_IN_LINK.search(text("author_url")):
            return people.author_of_id(match.group(1).lower())
        if self.is_kit and is_hash(nickname):
            return nickname
        if red_id := text("red_id").strip():
            # With the name: vendors blank these numbers out, all to the same one.
            return people.author_of_name(f"red\0{red_id}\0{nickname}")
        return people.author_of_name(nickname) if nickname else ""

    def _published(self, row: Sequence[object], platform_id: str) -> str | None:
        of_id = time_of_note_id(platform_id) if platform_id else None
        first_error: BadCell | None = None
        for field in ("published", "published_on"):
            place = self._places.get(field)
            if place is None:
                continue
            value = row[place]
            if of_id is not None and (is_edit_time(value) or is_coarse_time(value)):
                return of_id  # exact to the second, where the page says "3 days ago" or when it was last edited
            try:
                moment = parse_time(value, self.maker.exported_at)
            except ValueError as error:
                first_error = first_error or BadCell(self.layout.columns[place], str(error))
                continue
            if moment is not None:
                return moment
        if first_error is not None and of_id is None:
            raise first_error
        return of_id

    def _observed(self, row: Sequence[object]) -> str | None:
        place = self._places.get("observed")
        if place is None:
            return None
        try:
            return parse_time(row[place], self.maker.exported_at)
        except ValueError as error:
            raise BadCell(self.layout.columns[place], str(error)) from None


def _other_platform(platform: object) -> str:
    return _("this row is from {platform}").format(platform=pick(platform.zh, platform.en))  # type: ignore[attr-defined]


def _is_filled(cell: object) -> bool:
    return cell is not None and cell != "" and (not isinstance(cell, str) or cell.strip() != "")


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        if value != value:
            return ""
        if abs(value) < 1e15 and value == int(value):
            return str(int(value))
        return repr(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, int):
        return str(value) if value.bit_length() < 4096 else shorten(value)
    if isinstance(value, (list, tuple)):
        return "\n".join(_as_text(item) for item in value)
    return str(value) if not isinstance(value, Mapping) else ""
