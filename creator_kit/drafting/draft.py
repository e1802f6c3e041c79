"""The brief (what to write) and the draft (what was written, and where each word of it came from)."""

from __future__ import annotations

from dataclasses import dataclass, field

SCHEMA_VERSION = 1
MISSING_OPEN, MISSING_CLOSE = "［待补：", "］"


@dataclass(frozen=True, slots=True)
class Brief:
    """What a note is to say. Only what stands here or in the persona pack may be stated as fact."""

    topic: str
    scenario: str = ""
    audience: str = ""
    points: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    goal: str = ""
    sponsor: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotFill:
    """``text`` stands in a slot of ``type``; ``source`` is ``brief.topic``, ``persona.facts.f3``, ``missing`` …"""

    type: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class TitleCandidate:
    """A title with its template, the template's tier and figures in words, and its fillings."""

    title: str
    template_id: str
    skeleton: str
    tier: str
    why: str
    fills: tuple[SlotFill, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A note ready for a person to finish. ``missing`` lists every ［待补：…］ left in it, in order."""

    draft_id: str
    topic: str
    persona: str
    created_on: str
    title: str
    body: str
    tags: tuple[str, ...]
    titles: tuple[TitleCandidate, ...]
    brief: Brief
    body_template: str
    body_fills: tuple[SlotFill, ...] = ()
    missing: tuple[str, ...] = ()
    sponsored: bool = False
    model_used: bool = False
    seed: int = 0
    images: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
    extra: dict[str, object] = field(default_factory=dict)
