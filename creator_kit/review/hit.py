"""What a named check is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from creator_kit.review.finding import Field, PostText

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


def whole(field: Field, **params: object) -> Hit:
    """A hit on all of ``field``."""
    return Hit(field, -1, -1, params)


def span(field: Field, text: str, start: int, end: int, *, fix: str | None = None, **params: object) -> Hit:
    """A hit on characters ``start`` to ``end`` of ``text``."""
    return Hit(field, start, end, {"matched": text[start:end], **params}, fix)
