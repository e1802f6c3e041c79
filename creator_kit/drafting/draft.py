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
    """A title with its template, the template's tier and figures in words, and its fillings.

    ``rank`` is the sum of ``rank_parts`` (tier, lift, specifics …); more is better. ``n_units`` is its length
    by the platform's rule.
    """

    title: str
    template_id: str
    skeleton: str
    tier: str
    why: str
    fills: tuple[SlotFill, ...] = ()
    rank: float = 0.0
    n_units: int = 0
    rank_parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A note ready for a person to finish. ``missing`` lists every ［待补：…］ left in it, in order.

    ``kind`` is the kind of life it is about ("" unknown). ``own_lines`` are the lines of the body that its structure
    says by itself, without a word of the brief or the pack. ``left_out`` are points that the platform's length
    left no room for; ``remarks`` tell the person what could not be done, in the reader's language;
    ``blocked`` names review rules that forbid posting the body or tags as they stand.
    """

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
    kind: str = ""
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
    extra: dict[str, object] = field(default_factory=dict)
    own_lines: tuple[str, ...] = ()
