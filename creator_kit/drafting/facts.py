"""Every number and every first-person experience in a draft has to come from the brief or the pack."""

from __future__ import annotations

import re
from collections.abc import Iterable

from creator_kit.drafting.draft import Brief
from creator_kit.persona import Persona, find_claims

_DIGITS = re.compile(r"[0-9０-９]+(?:[.．][0-9０-９]+)?")
# Numerals in words count as numbers where a unit follows: 三天, 十五块. 一 alone is mostly a word (一个, 一下).
_HAN_NUMBER = re.compile(
    r"[二三四五六七八九十百千万两半几][一二三四五六七八九十百千万两半几]*"
    r"(?=元|块|毛|天|年|个月|小时|分钟|秒|斤|克|公里|次|遍|岁|家|款|道|件|套|种|步|招|条|支|双|人|倍|％|%|平|米|厘米)"
)
_KEYCAP = re.compile(r"[0-9]\ufe0f?\u20e3")


def brief_text(brief: Brief) -> str:
    """All that a brief says, one field a line."""
    fields = (brief.topic, brief.scenario, brief.audience, brief.goal, brief.sponsor)
    lists = (brief.points, brief.numbers, brief.prices, brief.places, brief.steps, brief.tags)
    return "\n".join((*fields, *(text for group in lists for text in group)))


def find_numbers(text: str) -> list[str]:
    """Numbers that ``text`` states, in digits or in words with a unit; list marks (1️⃣) are none."""
    plain = _KEYCAP.sub(" ", text)
    return [match.group() for match in _DIGITS.finditer(plain)] + [
        match.group() for match in _HAN_NUMBER.finditer(plain)
    ]


def untraced_numbers(text: str, sources: str, counts: Iterable[int] = ()) -> list[str]:
    """Numbers of ``text`` that ``sources`` does not state and that count nothing of the brief."""
    known = set(find_numbers(sources)) | {str(n) for n in counts}
    return [number for number in find_numbers(text) if number not in known]


def untraced_claims(text: str, sources: str) -> list[str]:
    """First-person claims of ``text`` that do not stand in ``sources`` word for word."""
    return [claim.text for claim in find_claims(text) if claim.text not in sources]


def backing(persona: Persona, *, lines: bool = True) -> str:
    """What the pack can back: its facts, and (for bodies) its own lines that name a fact."""
    texts = [fact.text for fact in persona.facts]
    texts += [word for fact in persona.facts for group in fact.words.values() for word in group]
    if lines:
        texts += [line.text for line in persona.lines if line.fact] + [persona.commercial.disclosure]
    return "\n".join(texts)
