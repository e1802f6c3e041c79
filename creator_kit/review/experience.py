"""First-person claims (I used it for three months) against the facts that the persona can back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from creator_kit.review.finding import Field
from creator_kit.review.folding import FoldTable, fold
from creator_kit.review.hit import Hit, NoteInReview, Options, span

_TABLE = FoldTable("all")
_CLAUSE = re.compile(r"[^，。！？；,!?;\n]+")
_CLAIM = re.compile(
    r"(?:我|本人|自己|我家|我妈|亲身)[^，。！？；,!?;\n]{0,8}?(?:用|吃|喝|穿|买|住|去|试|练|学|坚持|回购|囤|瘦|考|带|做|租|养|跑)(?:了|过|完|到第)"
    r"|亲测|自用|用空|空瓶|无限回购|真实体验|(?:用|吃|喝|穿|住|试|坚持|回购)了[^，。！？；,!?;\n]{0,4}(?:天|周|月|年|次|瓶|支|盒|罐)"
    r"|我[^，。！？；,!?;\n]{0,8}?(?:用|住|租|做|学|练|坚持|工作|养|开)[^，。！？；,!?;\n]{0,6}?[0-9一二三四五六七八九十两半]{1,3}(?:个)?(?:年|月|周|天|次)"
    r"|(?:第)[0-9一二三四五六七八九十]{1,3}(?:次|瓶|支|盒)(?:回购|购入|入手)"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百千万两半]+(?=[个天周月年次瓶支盒罐斤元块分家])")
_DIGITS = {"一": "1", "两": "2", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}
# A claim that shares this much of its bigrams with a fact says the same; above it wording differs only.
DEFAULT_SHARE_RATE = 0.4


def check_experience(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Claims of experience that no fact backs; nothing where the facts are not known."""
    if note.facts is None:
        return
    min_rate = float(options.get("share_rate", DEFAULT_SHARE_RATE))
    backed = [_content(fact) for fact in note.facts]
    fields: tuple[Field, ...] = ("title", "body")
    for field in fields:
        text = note.post.text_of(field)
        for clause in _CLAUSE.finditer(text):
            if _CLAIM.search(clause.group()) and not _is_backed(clause.group(), backed, min_rate):
                stripped = clause.group().strip()
                start = clause.start() + clause.group().index(stripped)
                yield span(field, text, start, start + len(stripped))


def _content(text: str) -> tuple[frozenset[str], frozenset[str]]:
    folded = fold(text, _TABLE)
    numbers = frozenset(_DIGITS.get(number, number) for number in _NUMBER.findall(folded))
    return frozenset(folded[at : at + 2] for at in range(len(folded) - 1)), numbers


def _is_backed(claim: str, facts: Sequence[tuple[frozenset[str], frozenset[str]]], min_rate: float) -> bool:
    grams, numbers = _content(claim)
    if not grams:
        return True
    return any(numbers <= known and len(grams & other) / len(grams) >= min_rate for other, known in facts)
