"""What review reads and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["block", "warn", "advise"]
Field = Literal["title", "body", "tags", "images", "note"]


@dataclass(frozen=True, slots=True)
class PostText:
    """What a note would publish: a draft, a file or a row of a sheet brought to one shape.

    ``n_images`` is None where images are not known yet (limits on them are then not checked).
    """

    title: str
    body: str
    tags: tuple[str, ...] = ()
    n_images: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an editor would point at: ``field`` and characters ``start`` to ``end`` of it (-1: all of it).

    ``message`` is in the reader's language and says why and what to write instead; ``source`` names the law
    or platform rule; ``fix`` replaces the span where a safe replacement exists.
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
