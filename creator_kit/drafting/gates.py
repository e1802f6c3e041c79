"""What stands between a draft and posting, found the same way wherever a draft is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from creator_kit.drafting.commercial import check_commercial
from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN, Draft
from creator_kit.drafting.facts import backing, brief_text, untraced_claims, untraced_numbers
from creator_kit.locale import _
from creator_kit.persona import Persona
from creator_kit.review import Field, Finding, PostText, check_post

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet

FACTS_FAMILY = "facts"
NUMBER_RULE, CLAIM_RULE = "draft-untraced-number", "draft-untraced-claim"
_MISSING = re.compile(re.escape(MISSING_OPEN) + "(.*?)" + re.escape(MISSING_CLOSE))
# What a pack says in note after note (how it opens, closes, warns) is its pattern, as a structure's own lines are.
_PACK_LINES = "persona.voice."
_LIST_MARK = re.compile(r"(?m)^[0-9]{1,3}\. ")


def review_draft(
    draft: Draft, persona: Persona | None, rules: RuleSet | None, known: KnownTexts | None = None
) -> list[Finding]:
    """Every finding in ``draft``: what neither brief, pack nor the person's fill-ins back, what the pack's commercial
    rules forbid, then review's rules.

    ``persona`` None (a pack that is gone) leaves the facts to the brief; ``rules`` None leaves the rules out;
    ``known`` are other texts that body and title must not repeat.
    """
    findings = list(_untraced(draft, persona))
    if persona is not None:
        findings += check_commercial(draft, persona)
    if rules is not None:
        filled = [fill.text for fill in draft.body_fills if fill.source == "person"]
        facts = [fact.text for fact in persona.facts] if persona is not None else []
        findings += check_post(post_of(draft), rules, facts=[*facts, brief_text(draft.brief), *filled], known=known)
    return findings


def post_of(draft: Draft) -> PostText:
    """``draft`` as review reads it."""
    return PostText(
        title=draft.title,
        body=draft.body,
        tags=draft.tags,
        n_images=len(draft.images) or None,
        name=draft.draft_id,
        sponsored=draft.sponsored,
        ai_assisted=draft.model_used or None,
        title_frame=next((_literals(item.skeleton) for item in draft.titles if item.title == draft.title), ()),
        body_frame=(*draft.own_lines, *_pack_lines(draft)),
    )


def _pack_lines(draft: Draft) -> list[str]:
    """The pack's own lines in ``draft``, without what the brief says in them."""
    brief = draft.brief
    said = sorted(filter(None, (brief.topic, *brief.points, *brief.steps)), key=len, reverse=True)
    parted = re.compile("|".join(map(re.escape, said)) or r"(?!)")
    return [
        part
        for fill in draft.body_fills
        if fill.source.startswith(_PACK_LINES)
        for part in parted.split(fill.text)
        if part.strip()
    ]


def describe_blocks(findings: list[Finding]) -> tuple[str, ...]:
    """The findings that forbid posting, each once; a gap is listed in ``Draft.missing`` instead."""
    blocks = (item for item in findings if item.severity == "block" and item.family != "missing")
    return tuple(
        dict.fromkeys(
            item.message if item.family == FACTS_FAMILY else f"{item.rule_id}: {item.message}" for item in blocks
        )
    )


def _untraced(draft: Draft, persona: Persona | None) -> Iterator[Finding]:
    filled = "\n".join(fill.text for fill in draft.body_fills if fill.source == "person")
    said = f"{brief_text(draft.brief)}\n{filled}"
    facts = backing(persona, lines=False) if persona is not None else ""
    backed = backing(persona) if persona is not None else ""
    lines = "\n".join(line.text for line in persona.lines) if persona is not None else ""
    counts = (len(draft.brief.points), len(draft.brief.steps))
    # A pack's lines are sentences for the body; a title has to stand on facts and brief alone.
    fields: tuple[tuple[Field, str, str, str], ...] = (
        ("title", draft.title, f"{said}\n{facts}", f"{said}\n{facts}"),
        ("body", draft.body, f"{said}\n{backed}\n{lines}", f"{said}\n{backed}"),
    )
    for field, text, for_numbers, for_claims in fields:
        # Blanked at equal length, so that positions stay.
        plain = _MISSING.sub(_blank, _LIST_MARK.sub(_blank, text))
        for rule, found in (
            (NUMBER_RULE, untraced_numbers(plain, for_numbers, counts)),
            (CLAIM_RULE, untraced_claims(plain, for_claims)),
        ):
            for words in dict.fromkeys(found):
                start = plain.find(words)
                yield Finding(
                    rule_id=rule,
                    family=FACTS_FAMILY,
                    severity="block",
                    field=field,
                    message=_("nothing backs '{text}'").format(text=words),
                    source=_("brief and persona pack"),
                    start=start,
                    end=start + len(words) if start >= 0 else -1,
                    matched=words,
                )


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _literals(skeleton: str) -> tuple[str, ...]:
    return tuple(piece for piece in re.split(r"\{[a-z_]+\}", skeleton) if piece)
