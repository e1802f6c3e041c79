"""Drafts as cards of a feed: what a reader would see, and behind it findings, template and forecast."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from creator_kit.datafiles import load_model
from creator_kit.drafting import Draft, TitleCandidate, review_draft
from creator_kit.errors import CreatorKitError
from creator_kit.exposure.picture import format_count
from creator_kit.handoff import NoteView, Picture, review_in_both, view_note
from creator_kit.locale import Both, _, in_both, pick
from creator_kit.mining import TitleTemplate
from creator_kit.mining.wording import format_lift, name_tier
from creator_kit.paths import list_data_files
from creator_kit.persona import Persona, load_persona
from creator_kit.planning.slot import Slot
from creator_kit.report.model import Card, DraftWhatIf, Estimate, Neighbour
from creator_kit.review.rules import RuleSet
from creator_kit.text.slots import SLOT_TYPES

# Card heights in hundredths of the feed's width: a column is about 48 wide, words and author below the cover.
COLUMN_WIDTH, WORDS_HEIGHT, CARD_GAP = 48.4, 25.5, 1.6
COVER_RATIOS = (0.75, 4 / 3)  # the platform crops what is flatter or taller
NO_COVER_RATIO = 4 / 3


class Packs:
    """Persona packs by name; one that is gone leaves its drafts to be judged by their briefs."""

    def __init__(self, root: Path | None) -> None:
        self._load = lru_cache(maxsize=None)(lambda name: _load_pack(name, root))

    def __call__(self, name: str) -> Persona | None:
        return self._load(name) if name else None


def _load_pack(name: str, root: Path | None) -> Persona | None:
    try:
        return load_persona(name, root)
    except CreatorKitError:
        return None


def make_view(
    draft: Draft, persona: Persona | None, rules: RuleSet, pictures: Sequence[Picture], *, note: Both | None = None
) -> NoteView:
    """``draft`` reviewed now, in both languages."""
    return view_note(draft, review_in_both(lambda: review_draft(draft, persona, rules)), pictures=pictures, note=note)


def make_card(
    draft: Draft,
    view: NoteView,
    thumb: Picture | None,
    *,
    picture_note: Both | None,
    templates: Mapping[str, TitleTemplate],
    forecast: Mapping[str, Any] | None,
    what_if: DraftWhatIf | None,
    slot: Slot | None,
) -> Card:
    """The card of ``draft``; ``forecast`` is its newest in the ledger."""
    score = draft.extra.get("cover_score")
    candidate = next((item for item in draft.titles if item.title == draft.title), None)
    template = templates.get(candidate.template_id) if candidate else None
    return Card(
        view=view,
        thumb=thumb,
        picture_note=picture_note,
        span=measure_span(thumb),
        persona=draft.persona,
        created_on=draft.created_on,
        skeleton=_name_skeleton(candidate),
        tier=in_both(lambda: _name_tier(candidate)),
        tier_code=candidate.tier if candidate else "",
        lift=in_both(lambda: _tell_lift(template)),
        why=candidate.why if candidate else "",
        estimate=_estimate(forecast),
        what_if=what_if,
        cover_score=round(score) if isinstance(score, (int, float)) and 0 <= score <= 100 and thumb else None,
        planned=f"{slot.starts_at:%Y-%m-%d %H:%M}" if slot is not None else "",
        find=f"{draft.topic} {draft.draft_id}".lower(),
    )


def newest_forecasts(documents: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The last forecast of each draft in the ledger's ``documents`` (oldest first)."""
    newest = {}
    for text in documents:
        document = json.loads(text)
        newest[str(document["draft_id"])] = document["forecast"]
    return newest


def measure_span(picture: Picture | None) -> int:
    """A card's height in hundredths of the feed's width."""
    ratio = picture.height_px / picture.width_px if picture else NO_COVER_RATIO
    return math.ceil(COLUMN_WIDTH * min(max(ratio, COVER_RATIOS[0]), COVER_RATIOS[1]) + WORDS_HEIGHT + CARD_GAP)


class _Neighbour(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    title: str


class _Neighbours(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    neighbour: tuple[_Neighbour, ...]


def load_neighbours(user_root: Path | None) -> tuple[Neighbour, ...]:
    """Made-up titles that stand among the drafts, on grey."""
    titles = [
        one.title
        for path in list_data_files("covers/feed", ".toml", user_root)
        for one in load_model(path, _Neighbours).neighbour
    ]
    spans = (measure_span(None), measure_span(Picture("", 1, 1)))
    return tuple(Neighbour(title, at % 4, spans[at % 3 == 1]) for at, title in enumerate(titles))


def _name_skeleton(candidate: TitleCandidate | None) -> Both:
    if candidate is None:
        return in_both(lambda: _("written by hand"))

    def tell() -> str:
        text = candidate.skeleton
        for name, words in SLOT_TYPES.items():
            text = text.replace("{" + name + "}", "{" + pick(*words) + "}")
        return text

    return in_both(tell)


def _name_tier(candidate: TitleCandidate | None) -> str:
    if candidate is None:
        return _("no template")
    if candidate.tier in ("reliable", "promising", "common", "avoided"):
        return name_tier(candidate.tier)  # type: ignore[arg-type]
    return _("our own frame, not measured")


def _tell_lift(template: TitleTemplate | None) -> str:
    if template is None or template.origin == "authored":
        return _("no interval")
    return format_lift(template.lift)


def _estimate(forecast: Mapping[str, Any] | None) -> Estimate | None:
    if forecast is None:
        return None
    total = forecast["quantiles"]["impressions"]
    p10, p50, p90 = (format_count(float(total[name])) for name in ("p10", "p50", "p90"))
    return Estimate(p10, p50, p90, int(forecast["horizon_days"]))
