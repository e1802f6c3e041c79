"""What of a draft goes onto its cover: only words that the brief or the title already has."""

from __future__ import annotations

from creator_kit.cover.layout import CoverTexts
from creator_kit.drafting.draft import MISSING_OPEN, Draft
from creator_kit.text.linebreak import count_cells

# Longer points are sentences for the body; on a cover nobody reads them.
MAX_POINT_CELLS, MAX_BADGE_CELLS, MAX_POINTS = 20.0, 8.0, 6


def list_preferred_layouts(draft: Draft, persona_layout: str) -> tuple[str, ...]:
    """Layouts to try first: the persona's, then the one for steps where the brief has steps."""
    return tuple(name for name in (persona_layout, "steps" if len(draft.brief.steps) >= 2 else "") if name)


def write_cover_texts(draft: Draft, *, watermark: str = "", label: str = "") -> CoverTexts:
    """The cover's texts: the draft's title; its steps or points as far as they are short; its scenario as a badge.

    A point with a gap (［待补：…］) stays off the cover. A price of the brief is offered as ``price`` when it has
    exactly one.
    """
    brief = draft.brief
    source = brief.steps if len(brief.steps) >= 2 else brief.points
    points = tuple(
        point.strip()
        for point in source
        if MISSING_OPEN not in point and 0 < count_cells(point.strip()) <= MAX_POINT_CELLS
    )[:MAX_POINTS]
    badges = [text for text in (brief.scenario, brief.topic) if text and count_cells(text) <= MAX_BADGE_CELLS]
    # A badge that only repeats words of the title adds nothing.
    badge = next((text for text in badges if text not in draft.title), "")
    return CoverTexts(
        title=draft.title,
        badge=badge,
        points=points if len(points) >= 2 else (),
        price=brief.prices[0] if len(brief.prices) == 1 else "",
        watermark=watermark,
        label=label,
    )


def list_cover_lines(draft: Draft) -> tuple[str, ...]:
    """The lines that the cover of ``draft`` shows beside its title: badge, points, price."""
    texts = write_cover_texts(draft)
    return tuple(line for line in (texts.badge, *texts.points, texts.price) if line)
