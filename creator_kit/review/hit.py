"""What a named check is given and what it returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from creator_kit.review.finding import Field, PostText
from creator_kit.review.folding import FoldTable, fold
from creator_kit.review.scanned import EMOJI, LETTER, Scanned

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts

# Shared by all notes: a table only grows by the characters that it has met.
AS_WRITTEN = FoldTable("none")
LIGHT = FoldTable("light")

# What a note has, below the kinds of its characters (see ``scanned``); ``find_traits`` brings them together.
TITLE, BODY, TAGS, IMAGES, VIDEO, SCHEDULED, SPONSORED, AI_ASSISTED = (1 << at for at in range(8))
TOPICS, LONG_BODY, MISSING, FACTS, KNOWN, NUMBER, NO_LETTER, BODY_EMOJI = (1 << at for at in range(8, 16))
_KINDS = ~0xFFFF
# A long body has room for a word that is repeated; the shortest telephone number has ten digits, two to a character.
_LONG_BODY, _MIN_NUMERALS = 40, 5


def find_traits(
    post: PostText, scanned: Sequence[tuple[Field, Scanned]], facts: Sequence[str] | None, known: KnownTexts | None
) -> int:
    """What ``post`` has of that by which checks are woken, as bits."""
    traits = 0
    for name, text in scanned:
        kinds = text.kinds
        traits |= kinds & _KINDS
        if kinds & EMOJI and name == "body":
            traits |= BODY_EMOJI
        if text.n_digits >= _MIN_NUMERALS:
            traits |= NUMBER
        if not kinds & LETTER:
            traits |= NO_LETTER
        if "待补" in text.text:
            traits |= MISSING
    if post.title:
        traits |= TITLE
    if post.body:
        traits |= BODY
        if len(post.body) >= _LONG_BODY:
            traits |= LONG_BODY
        if "#" in post.body:
            traits |= TOPICS
    if post.tags:
        traits |= TAGS
    if post.n_images is not None:
        traits |= IMAGES
    if post.has_video:
        traits |= VIDEO
    if post.scheduled_at is not None:
        traits |= SCHEDULED
    if post.sponsored:
        traits |= SPONSORED
    if post.ai_assisted:
        traits |= AI_ASSISTED
    if facts is not None:
        traits |= FACTS
    if known is not None:
        traits |= KNOWN
    return traits


class NoteInReview:
    """One note with what several rules want to know about it, each worked out once.

    ``texts`` are its fields as the scan saw them. ``facts`` are what its persona can back (None: unknown),
    ``known`` the texts that it must not repeat. ``has_commerce`` says, when somebody asks, whether its words sell;
    in ``noted`` checks keep what they share.
    """

    def __init__(
        self,
        post: PostText,
        scanned: Sequence[tuple[Field, Scanned]],
        facts: Sequence[str] | None = None,
        known: KnownTexts | None = None,
        has_commerce: Callable[[NoteInReview], bool] | None = None,
    ) -> None:
        self.post = post
        self.scanned = scanned
        self.facts = facts
        self.known = known
        self.noted: dict[object, Any] = {}
        self._has_commerce = has_commerce
        self._has: dict[re.Pattern[str], bool] = {}

    @property
    def texts(self) -> list[tuple[Field, str]]:
        """The fields that are not empty, with their texts."""
        return [(name, scanned.text) for name, scanned in self.scanned]

    def count(self, field: Field, kinds: int) -> int:
        """How many characters of ``field`` are of one of ``kinds``."""
        return next((scanned.count(kinds) for name, scanned in self.scanned if name == field), 0)

    @cached_property
    def folded(self) -> str:
        """All texts of the note, folded lightly, one a line."""
        return "\n".join(fold(text, LIGHT) for _name, text in self.texts)

    @cached_property
    def sells(self) -> bool:
        """Whether the note is an advertisement: its writer said so, or its words say so."""
        if self.post.sponsored is not None:
            return self.post.sponsored
        return self._has_commerce is not None and self._has_commerce(self)

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether ``pattern`` is anywhere in the note, folded lightly."""
        known = self._has.get(pattern)
        if known is None:
            known = self._has[pattern] = pattern.search(self.folded) is not None
        return known


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a rule points at, what its sentence may name, and a safe replacement."""

    field: Field
    start: int
    end: int
    params: Mapping[str, object]
    fix: str | None = None


Options = Mapping[str, Any]
Check = Callable[[NoteInReview, Options], Iterable[Hit]]


def whole(field: Field, **params: object) -> Hit:
    """A hit on all of ``field``."""
    return Hit(field, -1, -1, params)


def span(field: Field, text: str, start: int, end: int, *, fix: str | None = None, **params: object) -> Hit:
    """A hit on characters ``start`` to ``end`` of ``text``."""
    return Hit(field, start, end, {"matched": text[start:end], **params}, fix)
