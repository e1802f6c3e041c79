"""What a pack says of advertising, held against a draft: brands that pay its author, and what is never advertised."""

from __future__ import annotations

import re
from collections.abc import Iterator

from creator_kit.drafting.draft import Draft
from creator_kit.locale import _
from creator_kit.persona import Persona
from creator_kit.review import Field, Finding

FAMILY = "commercial"
BRAND_RULE, REFUSED_RULE = "pack-brand-undisclosed", "pack-refused"
# 减肥产品 is refused wherever a paid note speaks of 减肥: the second word only says that it is something sold.
_SOLD = re.compile(r"(?:产品|用品|商品|食品|电器|类|等)+$")


def check_commercial(draft: Draft, persona: Persona) -> Iterator[Finding]:
    """Findings that forbid posting: a paying brand named without a sponsor, something refused in a paid note."""
    rules = persona.commercial
    if draft.sponsored:
        sources: tuple[tuple[Field, str], ...] = (("note", draft.brief.sponsor), *_fields(draft))
        for words in rules.refused:
            named = _SOLD.sub("", words) or words
            if found := next((field for field, text in sources if named in text), None):
                message = _("the pack refuses to advertise '{words}'").format(words=words)
                yield _finding(REFUSED_RULE, found, message, draft, named)
        return
    for brand in rules.brands:
        for field, text in _fields(draft):
            if brand in text:
                message = _("'{brand}' pays this author: name it as the sponsor, so that the note says so").format(
                    brand=brand
                )
                yield _finding(BRAND_RULE, field, message, draft, brand)


def _fields(draft: Draft) -> tuple[tuple[Field, str], ...]:
    return ("title", draft.title), ("body", draft.body), ("tags", " ".join(f"#{tag}" for tag in draft.tags))


def _finding(rule: str, field: Field, message: str, draft: Draft, words: str) -> Finding:
    start = dict(_fields(draft)).get(field, "").find(words)
    return Finding(
        rule_id=rule,
        family=FAMILY,
        severity="block",
        field=field,
        message=message,
        source=_("commercial rules of the persona pack"),
        start=start,
        end=start + len(words) if start >= 0 else -1,
        matched=words,
    )
