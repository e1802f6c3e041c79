"""What review reads and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["block", "warn", "advise"]
Field = Literal["title", "body", "tags", "images", "note", "cover"]

SEVERITIES: tuple[Severity, ...] = ("block", "warn", "advise")
# The fields that hold text, in the order in which a reader meets them.
TEXT_FIELDS: tuple[Field, ...] = ("cover", "title", "body", "tags")


@dataclass(frozen=True, slots=True)
class PostText:
    """What a note would publish: a draft, a file or a row of a sheet brought to one shape.

    ``n_images`` is None where images are not known yet (limits on them are then not checked).
    ``cover_texts`` are the lines that our own cover shows. ``sponsored`` and ``ai_assisted`` are None
    where nobody said; review then judges by the words alone. ``title_frame`` are the words of the title that
    belong to its template, ``body_frame`` the sentences of the body that belong to its structure: originality leaves
    both out of the count. ``scheduled_at`` is when the app is to post it and ``reviewed_at`` the moment from which that
    counts (both aware; None: not checked).
    """

    title: str
    body: str
    tags: tuple[str, ...] = ()
    n_images: int | None = None
    name: str = ""
    cover_texts: tuple[str, ...] = ()
    sponsored: bool | None = None
    ai_assisted: bool | None = None
    has_video: bool = False
    title_frame: tuple[str, ...] = ()
    body_frame: tuple[str, ...] = ()
    scheduled_at: datetime | None = None
    reviewed_at: datetime | None = None

    def text_of(self, field: Field) -> str:
        """The text that ``start`` and ``end`` of a finding in ``field`` count in.

        Tags are joined as ``#a #b``, lines of the cover by line breaks; "" for fields without a text.
        """
        if field == "title":
            return self.title
        if field == "body":
            return self.body
        if field == "tags":
            return " ".join(f"#{tag.lstrip('#')}" for tag in self.tags)
        if field == "cover":
            return "\n".join(self.cover_texts)
        return ""

    def texts(self) -> list[tuple[Field, str]]:
        """The fields that hold a text, with it, in the order of TEXT_FIELDS."""
        texts: list[tuple[Field, str]] = []
        if self.cover_texts:
            texts.append(("cover", self.text_of("cover")))
        if self.title:
            texts.append(("title", self.title))
        if self.body:
            texts.append(("body", self.body))
        if self.tags:
            texts.append(("tags", self.text_of("tags")))
        return [pair for pair in texts if pair[1]] if self.cover_texts or self.tags else texts


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an editor would point at: ``field`` and characters ``start`` to ``end`` of it (-1: all of it).

    ``message`` is in the reader's language and says why and what to write instead; ``source`` names the law
    or platform rule; ``fix`` replaces the span where a safe replacement exists ("" removes it).
    """

    rule_id: str
    family: str
    severity: Severity
    field: Field
    message: str
    source: str
    start: int = -1
    end: int = -1
    matched: str = ""
    fix: str | None = None
