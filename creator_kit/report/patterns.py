"""The template library as the page shows it: tiers, intervals, examples of ours, and what more data would say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from creator_kit.drafting import Draft
from creator_kit.locale import Both, _, in_both, pick
from creator_kit.mining import TitleTemplate, fill
from creator_kit.mining.reliability import describe_need
from creator_kit.mining.title_library import TIER_ORDER
from creator_kit.mining.wording import format_lift, name_tier
from creator_kit.report.charts import draw_whiskers
from creator_kit.report.examples import ExampleWords, make_examples
from creator_kit.report.model import LibraryPart, TemplateRow
from creator_kit.text.length import TITLE_LIMIT, count_title_units
from creator_kit.text.slots import SLOT_TYPES

MAX_EXAMPLES = 3
MAX_ROWS = 400
_N_KINDS = 24


def collect_library(
    templates: Sequence[TitleTemplate], drafts: Iterable[Draft], words: ExampleWords
) -> LibraryPart | None:
    """The library with examples from ``drafts``, else in ``words``; None where there are no templates."""
    if not templates:
        return None
    # What was measured before what was not, best tier first.
    ordered = sorted(templates, key=lambda item: (TIER_ORDER.index(item.tier), item.lift is None))
    shown = ordered[:MAX_ROWS]
    made: dict[str, list[str]] = defaultdict(list)
    for draft in drafts:
        for candidate in draft.titles:
            if candidate.title not in made[candidate.template_id]:
                made[candidate.template_id].append(candidate.title)
    whiskers, axis = draw_whiskers(
        [
            (item.template_id, item.lift.interval.low, item.lift.value, item.lift.interval.high)
            for item in shown
            if item.lift is not None
        ],
        axis_name=in_both(lambda: _("lift: times as often hot as comparable notes")),
    )
    rows = tuple(
        TemplateRow(
            template_id=item.template_id,
            skeleton=name_skeleton(item),
            tier=item.tier,
            tier_name=in_both(lambda item=item: name_tier(item.tier)),  # type: ignore[misc]
            origin=item.origin,
            figures=in_both(lambda item=item: _describe_figures(item)),  # type: ignore[misc]
            lift=in_both(lambda item=item: format_lift(item.lift) if item.origin == "mined" else "–"),  # type: ignore[misc]
            whisker=whiskers.get(item.template_id),
            kinds=item.kinds,
            is_made_here=bool(made[item.template_id]),
            examples=tuple(_examples(item, made[item.template_id], words)),
            needs=in_both(lambda item=item: describe_need(item)),  # type: ignore[misc]
        )
        for item in shown
    )
    tiers: Counter[str] = Counter(item.tier for item in templates)
    kinds = [kind for kind, _n in Counter(kind for item in shown for kind in item.kinds).most_common(_N_KINDS)]
    n_measured = sum(item.lift is not None for item in templates)
    return LibraryPart(
        rows=rows,
        kinds=tuple(kinds),
        tiers=tuple(
            (tier, in_both(lambda tier=tier: name_tier(tier)), tiers[tier])  # type: ignore[misc]
            for tier in TIER_ORDER
        ),
        axis=axis,
        summary=in_both(
            lambda: _("{n} templates; {measured} could be compared with similar notes.").format(
                n=len(templates), measured=n_measured
            )
        ),
        doubts=() if tiers["reliable"] else (in_both(_no_reliable),),
    )


def name_skeleton(template: TitleTemplate) -> Both:
    """The skeleton with its slots named in either language: 挑战{时长}{主题}."""
    return in_both(
        lambda: "".join(
            part if isinstance(part, str) else "{" + pick(*SLOT_TYPES[part.type]) + "}" for part in template.parts
        )
    )


def _no_reliable() -> str:
    return _("No template here is reliable yet: no lift survives the control for chance and for single authors.")


def _describe_figures(template: TitleTemplate) -> str:
    if template.origin == "authored" and not template.support:
        return _("written by us, not mined: no figures")
    return _("{notes} notes by {authors} authors").format(
        notes=f"{template.support:,}", authors=f"{template.n_authors:,}"
    )


def _examples(template: TitleTemplate, made: Sequence[str], words: ExampleWords) -> list[str]:
    """Titles made with ``template``: those of drafts here; else, for a frame of ours, its slots filled with the words
    that it lists; else with words of our own. What a corpus said in a frame's slots is never put together again."""
    titles = list(made[:MAX_EXAMPLES])
    if not titles and template.origin == "authored" and all(slot.fillers for slot in template.slots):
        for at in range(MAX_EXAMPLES if template.slots else 1):
            if any(at >= len(slot.fillers) for slot in template.slots):
                break
            title = fill(template, [slot.fillers[at] for slot in template.slots])
            if count_title_units(title) <= TITLE_LIMIT and title not in titles:
                titles.append(title)
    return titles or make_examples(template, words)
