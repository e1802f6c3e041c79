"""Every number and every first-person experience in a draft has to come from the brief or the pack."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from creator_kit.drafting.draft import Brief
from creator_kit.persona import Persona, find_claims

# Of what there is a number matters: a brief's 15元 backs no 15分钟, and three points back no 3元.
_MONEY, _TIME = "元|块|毛|角|刀|美元|万元", "个?半?小时|分钟|秒|天|周|星期|个?半?月|年|岁|日|号|点"
_THINGS = (
    "斤|克|公里|米|厘米|毫米|平|升|毫升|度|寸|倍|％|%|折|成|次|遍|家|款|道|件|套|种|步|招|条|支|双|人|名|位|个|只|瓶|杯|片|颗|张"
    "|课|题|站|层|楼|圈|组|页|本|份|节|篇"
)
_UNIT = re.compile(rf"(?P<money>{_MONEY})|(?P<time>{_TIME})")
_DIGITS = r"[0-9０-９]+(?:,[0-9]{3})*(?:[.．][0-9０-９]+)?"
# Numerals in words count as numbers where a unit follows: 三天, 十五块. 一 alone is mostly a word (一个, 一下) but for
# what nobody counts without meaning it (一小时, 一年).
_HAN = (
    rf"(?:[零一二三四五六七八九十百千万两半几俩]{{2,}}|[二三四五六七八九十百千万两半几俩]|[零一](?=点[零一二三四五六七八九]))"
    rf"(?:点[零一二三四五六七八九]+|(?<=[十百千万])[来多余])?(?={_MONEY}|{_TIME}|{_THINGS})"
    r"|一(?=元|块钱|斤|公里|个?小时|分钟|个月|岁|年(?!级)|周(?!年))"
)
_NUMBER = re.compile(rf"{_DIGITS}|{_HAN}|半价|对折")
_KEYCAP = re.compile(r"[0-9]\ufe0f?\u20e3")
_PLAIN = str.maketrans("０１２３４５６７８９．", "0123456789.")
_HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


def brief_text(brief: Brief) -> str:
    """All that a brief says, one field a line."""
    fields = (brief.topic, brief.scenario, brief.audience, brief.goal, brief.sponsor)
    lists = (brief.points, brief.numbers, brief.prices, brief.places, brief.steps, brief.tags)
    return "\n".join((*fields, *(text for group in lists for text in group)))


def untraced_numbers(text: str, sources: str, counts: Iterable[int] = ()) -> list[str]:
    """Numbers of ``text``, in digits or in words with a unit, that ``sources`` does not state and that count nothing
    of the brief; list marks (1️⃣) are none.

    十五块 states what 15元 does; the same number of money, of time and of things are three statements.
    """
    known = {(value, of) for _number, value, of in _read_numbers(sources)} | {(str(n), "") for n in counts}
    return [number for number, value, of in _read_numbers(text) if (value, of) not in known]


@lru_cache(maxsize=256)  # the sources of a brief are read for each of its titles
def _read_numbers(text: str) -> tuple[tuple[str, str, str], ...]:
    """(as written, its value, ``money``, ``time`` or "" for all else) of each number."""
    plain = _KEYCAP.sub(" ", text)
    found = []
    for match in _NUMBER.finditer(plain):
        unit = _UNIT.match(plain, match.end())
        of = (unit.lastgroup or "") if unit else ""
        if plain[: match.start()].rstrip().endswith(("¥", "￥")):
            of = "money"
        found.append((match.group(), _read_value(match.group()), of))
    return tuple(found)


def _read_value(number: str) -> str:
    """The value in digits; a numeral that names no one value (两三, 十几, 十来, 半) stays as it is."""
    if number[0].translate(_PLAIN).isascii():
        whole, _point, rest = number.translate(_PLAIN).replace(",", "").partition(".")
        rest = rest.rstrip("0")
        return f"{int(whole)}.{rest}" if rest else str(int(whole))
    total = section = digit = 0
    was_digit = False
    whole, point, rest = number.partition("点")
    if point:
        decimals = "".join(str(_HAN_DIGITS[char]) for char in rest).rstrip("0")
        value = _read_value(whole)
        return f"{value}.{decimals}" if value.isascii() and decimals else value if value.isascii() else number
    for char in number:
        if char in _HAN_DIGITS:
            if was_digit and char != "零":
                return number
            digit, was_digit = _HAN_DIGITS[char], char != "零"
        elif char in _HAN_TENS:
            tens = _HAN_TENS[char]
            if tens == 10_000:
                total, section = (total + section + digit) * tens, 0
            else:
                section += (digit or 1) * tens
            digit, was_digit = 0, False
        else:
            return number
    return str(total + section + digit)


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
