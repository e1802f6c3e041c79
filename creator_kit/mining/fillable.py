"""Whether a person could fill a skeleton: does its frame tell what belongs in its slots?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from creator_kit.mining.cutting import is_mark
from creator_kit.mining.forms import FORM_TYPES
from creator_kit.mining.template import SlotPart

# Literal runs of a template are frames, not sentences: a longer one could be somebody's own words.
MAX_HAN_RUN = 11
MAX_RUN = 13
# Particles, copula, pronouns: they hold a sentence together and say nothing about what belongs in a slot.
FUNCTION_CHARACTERS = frozenset("的了是在和与也都就被把给我你他她它们这那有")
# Single characters that are words of their own between two slots (从…到…，A比B…), not halves of one.
_LINKS = frozenset("从到比才却再又还跟对为以靠让用变成")
_CORRELATIVES = frozenset(
    map(
        tuple,
        (
            "从到",
            "从变",
            "太了",
            "最的",
            "被了",
            "把了",
            "别了",
            "比更",
            "越越",
            "又又",
            "边边",
            "一就",
            "连都",
            "再也",
            "不不",
        ),
    )
)
_SEPARATORS = "｜|丨‖/／【】《》「」：:—-·&×"


def is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def is_head(word: str) -> bool:
    """Whether ``word`` tells enough where it opens or ends a title (为什么…): two characters, no particles."""
    return len(word) >= 2 and sum(is_han(c) and c not in FUNCTION_CHARACTERS and c not in "一个们些" for c in word) >= 2


def _is_correlative(parts: Sequence[str | SlotPart]) -> bool:
    """Whether two literals are a construction of the language (太…了): it tells what stands in it."""
    literals = [part.strip() for part in parts if isinstance(part, str)]
    return any((a[-1:], b[:1]) in _CORRELATIVES for a, b in pairwise(literals))


def _said(parts: Sequence[str | SlotPart]) -> float:
    """How much the frame tells: a Chinese character or run of marks 1, a function word or Latin letter ½; words
    that go with each other (从…到…) two more."""
    total = 0.0
    for part in parts:
        if isinstance(part, str):
            total += sum(0.5 if c in FUNCTION_CHARACTERS else 1.0 for c in part if is_han(c))
            total += sum(c.isascii() and c.isalnum() for c in part) / 2
            total += len(re.findall(r"[^\w\s]+", part))
    return total + 2 * _is_correlative(parts)


def frame_strength(parts: Sequence[str | SlotPart]) -> float:
    """``_said``, one for each typed slot, and half for each end of the title that the frame holds."""
    n_typed = sum(isinstance(part, SlotPart) and part.type in FORM_TYPES for part in parts)
    return _said(parts) + n_typed + sum(isinstance(end, str) for end in (parts[0], parts[-1])) / 2


def _is_free(part: str | SlotPart) -> bool:
    return isinstance(part, SlotPart) and part.type not in FORM_TYPES


def _is_lone_character(part: str | SlotPart) -> bool:
    return isinstance(part, str) and len(part) == 1 and is_han(part) and part not in FUNCTION_CHARACTERS | _LINKS


def is_fillable(parts: Sequence[str | SlotPart]) -> bool:
    """Whether a person can tell what belongs in the slots, and the frame is no sentence of somebody's.

    A frame of two characters carries one free slot, three carry two, five carry three; a typed slot counts as one
    character, an end of the title as half of one. Less is enough where a literal stands between any two slots
    ("从…到…，…"), least where punctuation does ("…，…！"), which then carries up to three slots.
    """
    literals = [part for part in parts if isinstance(part, str)]
    slots = [part for part in parts if isinstance(part, SlotPart)]
    n_typed = sum(slot.type in FORM_TYPES for slot in slots)
    n_free = len(slots) - n_typed
    if not slots or any(len(text) > MAX_RUN or sum(map(is_han, text)) > MAX_HAN_RUN for text in literals):
        return False
    if any(not text.strip() for text in literals):
        return False  # a lone blank between two slots cannot be told from a blank inside one
    inner = zip(parts, parts[1:], parts[2:], strict=False)
    if not _is_correlative(parts) and any(
        _is_lone_character(middle) and _is_free(left) and _is_free(right) for left, middle, right in inner
    ):
        return False  # 字节…端…: half a word, cut off by the segmentation
    strength = frame_strength(parts)
    n_marks = sum(map(is_mark, literals))
    if not any(any(map(str.isalnum, text)) for text in literals):
        # Punctuation alone is a rhythm: two marks at least, or one that parts what stands beside it.
        return 2 <= len(slots) <= 3 and (
            n_marks >= 2 or (n_marks == 1 == len(literals) and all(c in _SEPARATORS for c in literals[0].strip()))
        )
    if (
        not n_typed
        and not _is_correlative(parts)
        and all(c in FUNCTION_CHARACTERS for text in literals for c in text if c.isalnum())
    ):
        return False  # …的…！, …，…了: any sentence is like that
    if len(literals) >= max(n_free - 1, 2) and strength >= n_free + 0.5:
        return True  # a literal stands between any two slots: 从…到…，…
    if n_marks and len(literals) >= 2 and len(slots) <= 3 and strength >= n_free:
        return True
    n_letters = sum(is_han(c) or c.isalnum() for text in literals for c in text)
    # 3个…, …吗？: a number that opens the title, or a mark that ends it behind a word, counts for a character.
    is_counted = isinstance(parts[0], SlotPart) and parts[0].type == "number"
    is_toned = isinstance(parts[-1], str) and n_letters > 0 and is_mark(parts[-1][-1])
    return n_letters + (is_counted or is_toned) >= 2 and strength >= max(2 * n_free - 1, 2)
