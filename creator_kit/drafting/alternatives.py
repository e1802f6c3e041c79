"""One part of a draft alone, in other words: another title, opening, closing, or other topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from creator_kit.drafting.bodies import list_lines
from creator_kit.drafting.draft import Brief
from creator_kit.drafting.drafter import Drafter
from creator_kit.drafting.gates import describe_blocks, review_draft
from creator_kit.drafting.lexicon import find_subject
from creator_kit.errors import UsageError
from creator_kit.locale import _

Part = Literal["title", "hook", "closing", "tags"]
PARTS: tuple[str, ...] = get_args(Part)
_LINE_FIELDS = {"hook": "openings", "closing": "closings"}


@dataclass(frozen=True, slots=True)
class Alternative:
    """``text`` could stand in that part; ``source`` says where it is from, ``why`` what speaks for it."""

    text: str
    source: str
    why: str = ""


def list_alternatives(
    drafter: Drafter, brief: Brief, part: str, *, n: int, today: date, without: Sequence[str] = ()
) -> list[Alternative]:
    """Up to ``n`` texts for ``part`` (title, hook, closing, tags) that pass the gates, best first.

    ``without`` are texts that the person has already. Raises UsageError for another part.
    """
    if part not in PARTS:
        raise UsageError(
            _("'{part}' is no part of a draft; parts are {known}").format(part=part, known=", ".join(PARTS))
        )
    taken = set(without)
    if part == "title":
        options = replace(drafter.options, n_titles=min(n + len(taken), 50))
        more = drafter.with_options(options).draft(brief, today=today)
        return [Alternative(item.title, item.template_id, item.why) for item in more.titles if item.title not in taken][
            :n
        ]
    draft = drafter.draft(brief, today=today)
    if part == "tags":
        found = [(fill.text, fill.source) for fill in drafter.list_tags(brief)]
        return [Alternative(text, source) for text, source in found if text not in taken][:n]
    structure = drafter.structures[draft.body_template]
    subject = find_subject(brief, draft.kind, drafter.lexicon)
    lines = list_lines(brief, drafter.persona, structure, draft.kind, subject, _LINE_FIELDS[part])
    allowed = []
    for text, source in lines:
        # The line alone, so that a fault elsewhere in the body is not held against it.
        alone = replace(draft, title="", body=text, tags=())
        if text not in taken and not describe_blocks(review_draft(alone, drafter.persona, drafter.rules)):
            allowed.append(Alternative(text, source))
    return allowed[:n]
