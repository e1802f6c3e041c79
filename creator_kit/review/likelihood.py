"""Which of two spellings is the likelier one, by the dictionary of the segmenter: 高收益 or 高寿益, 作为 or 作微."""

from __future__ import annotations

import math
from functools import lru_cache

from creator_kit.text.segment import cut, frequency

# Words are cut so far to either side.
_REACH = 6
_TOTAL = math.log(6e7)


def weigh(text: str, start: int, end: int, plain: str) -> float:
    """How much likelier (natural logarithm) ``text`` is with ``plain`` in place of ``text[start:end]``."""
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    written = text[start:end]
    if len(written) > 1 or not written.strip():
        written = "\0"
    return _estimate(before + plain + after) - _estimate(before + written + after)


def is_in_word(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is part of a word of several characters."""
    at = max(0, start - _REACH)
    for word in _cut(text[at : end + _REACH]):
        if at < end and start < at + len(word):
            return len(word) > 1 and word.isalpha() and end - start == 1
        at += len(word)
    return False


def _cut(text: str) -> list[str]:
    return cut(text.encode("utf-8", "replace").decode())  # half an emoji: a question mark


def _estimate(text: str) -> float:
    return math.fsum(map(_estimate_word, _cut(text)))


@lru_cache(maxsize=50_000)
def _estimate_word(word: str) -> float:
    return math.log(max(1, frequency(word))) - _TOTAL
