"""The title template: a skeleton that a person could fill, with its figures and its doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Tier = Literal["reliable", "promising", "common", "avoided"]
Origin = Literal["mined", "authored"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A credible interval at ``level`` (0.9 = 90 %)."""

    low: float
    high: float
    level: float = 0.9


@dataclass(frozen=True, slots=True)
class SlotPart:
    """A place to fill: ``type`` is a slot type of ``creator_kit.text.slots`` (number, topic, audience …).

    ``fillers`` are words seen there by at least three authors, most frequent first.
    """

    type: str
    fillers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more often notes of this template are hot than comparable ones; 1 is no difference.

    ``against`` says what they were compared with ("author", "source×keyword×type×age").
    """

    value: float
    interval: Interval
    n_hot: int
    n_ordinary: int
    against: str


@dataclass(frozen=True, slots=True)
class TitleTemplate:
    """``parts`` are literal strings and slots in the order of the title.

    ``lift`` is None where there are no ordinary notes to compare with ("prevalence only");
    ``support`` counts notes and ``n_authors`` distinct authors: never fewer than 5 and 3 for mined ones.
    """

    template_id: str
    parts: tuple[str | SlotPart, ...]
    support: int
    n_authors: int
    tier: Tier
    lift: Lift | None = None
    origin: Origin = "mined"
    kinds: tuple[str, ...] = ()
    provenance: dict[str, object] = field(default_factory=dict)

    @property
    def skeleton(self) -> str:
        """The template as a person reads it: ``挑战{number}天{topic}``."""
        return "".join(part if isinstance(part, str) else "{" + part.type + "}" for part in self.parts)

    @property
    def slots(self) -> tuple[SlotPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, SlotPart))
