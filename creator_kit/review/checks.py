"""Checks that no list of words can express; a rule names one by ``check`` and sets its ``options``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from creator_kit.review.finding import TEXT_FIELDS, Field, PostText
from creator_kit.text.length import (
    BODY_LIMIT,
    IMAGES_LIMIT,
    TAGS_LIMIT,
    TITLE_LIMIT,
    count_body_characters,
    count_title_units,
)

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts


class NoteView(Protocol):
    """What a check may ask about the whole note."""

    @property
    def folded(self) -> str:
        """All texts of the note, folded lightly, one a line."""

    @property
    def sells(self) -> bool:
        """Whether the note is an advertisement."""


@dataclass(frozen=True, slots=True)
class CheckInput:
    """The note, the facts that its persona can back (None: unknown), and the texts it must not repeat."""

    post: PostText
    facts: Sequence[str] | None
    known: KnownTexts | None
    note: NoteView


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a rule points at, what its sentence may name, and a safe replacement."""

    field: Field
    start: int
    end: int
    params: Mapping[str, object]
    fix: str | None = None


Options = Mapping[str, Any]
Check = Callable[[CheckInput, Options], Iterator[Hit]]

_MISSING = re.compile(r"[［\[]待补[：:]?[^］\]\n]{0,60}[］\]]?")


def _over(field: Field, n: int, limit: int) -> Iterator[Hit]:
    if n > limit:
        yield Hit(field, -1, -1, {"n": n, "limit": limit, "extra": n - limit})


def check_title_length(work: CheckInput, options: Options) -> Iterator[Hit]:
    limit = int(options.get("limit", TITLE_LIMIT))
    title = work.post.title
    n = count_title_units(title)
    if n > limit:
        # Underline what does not fit any more.
        keep = len(title)
        while keep and count_title_units(title[:keep]) > limit:
            keep -= 1
        yield Hit("title", keep, len(title), {"matched": title[keep:], "n": n, "limit": limit, "extra": n - limit})


def check_body_length(work: CheckInput, options: Options) -> Iterator[Hit]:
    yield from _over("body", count_body_characters(work.post.body), int(options.get("limit", BODY_LIMIT)))


def check_tags_count(work: CheckInput, options: Options) -> Iterator[Hit]:
    yield from _over("tags", len(work.post.tags), int(options.get("limit", TAGS_LIMIT)))


def check_images_count(work: CheckInput, options: Options) -> Iterator[Hit]:
    if work.post.n_images is None:
        return
    n, limit = work.post.n_images, int(options.get("limit", IMAGES_LIMIT))
    yield from _over("images", n, limit)
    if n == 0 and not work.post.has_video:
        yield Hit("images", -1, -1, {"n": 0, "limit": limit, "extra": 0})


def check_images_with_video(work: CheckInput, options: Options) -> Iterator[Hit]:
    if work.post.has_video and work.post.n_images:
        yield Hit("images", -1, -1, {"n": work.post.n_images})


def check_missing_facts(work: CheckInput, options: Options) -> Iterator[Hit]:
    for field in TEXT_FIELDS:
        for match in _MISSING.finditer(work.post.text_of(field)):
            yield Hit(field, match.start(), match.end(), {"matched": match.group()})


CHECKS: dict[str, Check] = {
    "title_length": check_title_length,
    "body_length": check_body_length,
    "tags_count": check_tags_count,
    "images_count": check_images_count,
    "images_with_video": check_images_with_video,
    "missing_facts": check_missing_facts,
}
