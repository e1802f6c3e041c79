"""What the page shows, as plain values: each text that is ours in both languages, each that is a person's as it is."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from creator_kit.handoff import NoteView, Picture
from creator_kit.locale import Both


@dataclass(frozen=True, slots=True)
class Chart:
    """``svg`` is safe to set into a page; ``summary`` says in words what it shows."""

    svg: Markup
    title: Both
    summary: Both


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under ``heads``; the first column names the row."""

    heads: tuple[Both, ...]
    rows: tuple[tuple[Both, ...], ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """P10, P50 and P90 of impressions as a reader sees them."""

    p10: str
    p50: str
    p90: str
    days: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A scenario against the account's usual note; ``is_told`` False: no difference can be told.

    ``low`` and ``high`` are P10 and P90 of the change in per cent.
    """

    scenario: Both
    now: str
    then: str
    change: Both
    is_told: bool
    low: float
    high: float

    @property
    def range(self) -> str:
        return f"{round(self.low):+d}% … {round(self.high):+d}%"


@dataclass(frozen=True, slots=True)
class DraftWhatIf:
    """A draft's ``title`` against its other candidates (by title), and its cover against another (None: not scored).

    ``untold`` stands for the titles of which nothing can be told; ``rows`` are all in short, those in one row.
    """

    draft_id: str
    title: str
    titles: dict[str, WhatIf]
    cover: WhatIf | None
    untold: WhatIf | None
    rows: tuple[WhatIf, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A draft in the feed and beside others. ``span`` is its height in hundredths of the feed's width; it is found by
    ``find`` besides its texts."""

    view: NoteView
    thumb: Picture | None
    picture_note: Both | None
    span: int
    persona: str
    created_on: str
    skeleton: Both
    tier: Both
    tier_code: str
    lift: Both
    why: str
    estimate: Estimate | None
    what_if: DraftWhatIf | None
    cover_score: int | None
    planned: str
    find: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A made-up card among the drafts."""

    title: str
    shade: int
    span: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A constant of the profile and what P50 and P90 become from its low to its high end."""

    note: Both
    span: str
    p50: str
    p90: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class ForecastPart:
    """What to expect of a note of this account, and how much to trust it."""

    heading: Both
    basis: Both
    fan: Chart
    fan_table: Table
    funnel: Chart
    funnel_table: Table
    reach: Table
    what_ifs: tuple[WhatIf, ...]
    drafts: tuple[DraftWhatIf, ...]
    n_shown_drafts: int
    on_titles: Both
    unknowns: tuple[Unknown, ...]
    trust: tuple[Both, ...]
    calibration: Chart | None
    calibration_table: Table | None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A title template. ``needs`` says what would make it reliable; ``examples`` are titles made by us with it."""

    template_id: str
    skeleton: Both
    tier: str
    tier_name: Both
    origin: str
    figures: Both
    lift: Both
    whisker: Markup | None
    kinds: tuple[str, ...]
    examples: tuple[str, ...]
    is_made_here: bool
    needs: Both


@dataclass(frozen=True, slots=True)
class LibraryPart:
    """The template library with the axis that all its whiskers share."""

    rows: tuple[TemplateRow, ...]
    kinds: tuple[str, ...]
    tiers: tuple[tuple[str, Both, int], ...]
    axis: Markup | None
    summary: Both
    doubts: tuple[Both, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A slot of the plan on its day."""

    clock: str
    title: str
    kind: Both
    mark: str
    state: Both
    is_fixed: bool
    is_sponsored: bool
    draft_id: str
    thumb: Picture | None
    reasons: tuple[Both, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month view; ``number`` 0 pads the first week."""

    number: int
    iso: str
    weekday: Both
    is_today: bool
    is_past: bool
    occasions: tuple[Both, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Month:
    name: Both
    days: tuple[Day, ...]
    seasons: tuple[Both, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A grade of the ladder, with its progress (0 to 100 %) and when it may come."""

    number: int
    name: Both
    percent: int
    is_current: bool
    is_earned: bool
    is_reconstructed: bool
    dates: Both | None
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A task of a grade, ``depth`` steps below it."""

    text: Both
    count: str
    percent: int
    depth: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class PlanPart:
    months: tuple[Month, ...]
    rungs: tuple[Rung, ...]
    standing: Both
    steps: tuple[Both, ...]
    assumptions: tuple[Both, ...]


@dataclass(frozen=True, slots=True)
class TraineeRow:
    """A trainee's draft: where the file lies in the class's folder, the rules it broke by id, its view."""

    where: str
    anchor: str
    title: str
    is_clean: bool
    counts: tuple[tuple[int, bool], ...]  # how often each rule was broken, and whether that forbids posting
    n_gaps: int
    copied: Both
    voice: Both
    error: str


@dataclass(frozen=True, slots=True)
class ClassPart:
    """Trainees × ``rules`` (ids)."""

    rules: tuple[str, ...]
    rows: tuple[TraineeRow, ...]
    lead: Both


@dataclass(frozen=True, slots=True)
class Report:
    """One page. Parts that have nothing to show are None; ``steps`` are commands to go on with."""

    title: str
    day: str
    cards: tuple[Card, ...]
    n_drafts: int
    neighbours: tuple[Neighbour, ...]
    personas: tuple[str, ...]
    forecast: ForecastPart | None
    patterns: LibraryPart | None
    plan: PlanPart | None
    trainees: ClassPart | None
    steps: tuple[tuple[str, Both], ...]
    pages: tuple[tuple[str, str, bool], ...]  # (address, range, is this one)
    store: tuple[Picture, ...] = ()  # pictures that the page itself holds
