"""What a named check is given and what it returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from creator_kit.review.finding import TEXT_FIELDS, Field, PostText
from creator_kit.review.folding import FoldTable, fold

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts

# Shared by all notes: a table only grows by the characters that it has met.
AS_WRITTEN = FoldTable("none")
LIGHT = FoldTable("light")


class NoteInReview:
    """One note with what several rules want to know about it, each worked out once.

    ``facts`` are what its persona can back (None: unknown), ``known`` the texts that it must not repeat.
    """

    def __init__(
        self,
        post: PostText,
        facts: Sequence[str] | None = None,
        known: KnownTexts | None = None,
        commerce: re.Pattern[str] | None = None,
    ) -> None:
        self.post = post
        self.facts = facts
        self.known = known
        self._commerce = commerce
        self.texts = [(name, text) for name in TEXT_FIELDS if (text := post.text_of(name))]

    @cached_property
    def as_written(self) -> list[tuple[Field, str, str]]:
        """Each text with its folding that drops only what is invisible; see ``AS_WRITTEN``."""
        return [(name, text, fold(text, AS_WRITTEN)) for name, text in self.texts]

    @cached_property
    def folded(self) -> str:
        """All texts of the note, folded lightly, one a line."""
        return "\n".join(fold(text, LIGHT) for _name, text in self.texts)

    @cached_property
    def sells(self) -> bool:
        """Whether the note is an advertisement: its writer said so, or its words say so."""
        if self.post.sponsored is not None:
            return self.post.sponsored
        return self._commerce is not None and self._commerce.search(self.folded) is not None


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
