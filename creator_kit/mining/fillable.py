"""Whether a person could fill a skeleton: does its frame tell what belongs in its slots?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from creator_kit.mining.encoding import is_mark
from creator_kit.mining.template import SlotPart
from creator_kit.text.slots import SLOT_PATTERNS

# Literal runs of a template are frames, not sentences: a longer one could be somebody's own words.
MAX_HAN_RUN = 11
MAX_RUN = 13
# Particles, copula, pronouns: they hold a sentence together and say nothing about what belongs in a slot.
_FUNCTION_CHARACTERS = frozenset("的了是在和与也都就被把给我你他她它们这那有")
# Single characters that are words of their own between two slots (从…到…，A比B…), not halves of one.
_LINKS = frozenset("从到比才却再又还跟对为以靠让用变成")
_SEPARATORS = "｜|丨‖/／【】《》「」：:—-·&×"


def is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _said(parts: Sequence[str | SlotPart]) -> float:
    """How much the frame tells: a Chinese character or run of marks 1, a function word or Latin letter ½."""
    total = 0.0
    for part in parts:
        if isinstance(part, str):
            total += sum(0.5 if c in _FUNCTION_CHARACTERS else 1.0 for c in part if is_han(c))
            total += sum(c.isascii() and c.isalnum() for c in part) / 2
            total += len(re.findall(r"[^\w\s]+", part))
    return total


def frame_strength(parts: Sequence[str | SlotPart]) -> float:
    """``_said``, one for each typed slot, and half for each end of the title that the frame holds."""
    n_typed = sum(isinstance(part, SlotPart) and part.type in SLOT_PATTERNS for part in parts)
    return _said(parts) + n_typed + sum(isinstance(end, str) for end in (parts[0], parts[-1])) / 2


def _is_free(part: str | SlotPart) -> bool:
    return isinstance(part, SlotPart) and part.type not in SLOT_PATTERNS


def _is_lone_character(part: str | SlotPart) -> bool:
    return isinstance(part, str) and len(part) == 1 and is_han(part) and part not in _FUNCTION_CHARACTERS | _LINKS


def is_fillable(parts: Sequence[str | SlotPart]) -> bool:
    """Whether a person can tell what belongs in the slots, and the frame is no sentence of somebody's.

    A frame of two characters carries one free slot, three carry two, five carry three; a typed slot counts as one
    character, an end of the title as half of one. Less is enough where a literal stands between any two slots
    ("从…到…，…"), least where punctuation does ("…，…！"), which then carries up to three slots.
    """
    literals = [part for part in parts if isinstance(part, str)]
    slots = [part for part in parts if isinstance(part, SlotPart)]
    n_typed = sum(slot.type in SLOT_PATTERNS for slot in slots)
    n_free = len(slots) - n_typed
    if not slots or any(len(text) > MAX_RUN or sum(map(is_han, text)) > MAX_HAN_RUN for text in literals):
        return False
    if any(not text.strip() for text in literals):
        return False  # a lone blank between two slots cannot be told from a blank inside one
    inner = zip(parts, parts[1:], parts[2:], strict=False)
    if any(_is_lone_character(middle) and _is_free(left) and _is_free(right) for left, middle, right in inner):
        return False  # 字节…端…: half a word, cut off by the segmentation
    strength = frame_strength(parts)
    n_marks = sum(map(is_mark, literals))
    if not any(any(map(str.isalnum, text)) for text in literals):
        # Punctuation alone is a rhythm: two marks at least, or one that parts what stands beside it.
        return 2 <= len(slots) <= 3 and (
            n_marks >= 2 or (n_marks == 1 == len(literals) and all(c in _SEPARATORS for c in literals[0].strip()))
        )
    if len(literals) >= max(n_free - 1, 2) and strength >= n_free + 0.5:
        return True  # a literal stands between any two slots: 从…到…，…
    if n_marks and len(literals) >= 2 and len(slots) <= 3 and strength >= n_free:
        return True
    n_letters = sum(is_han(c) or c.isalnum() for text in literals for c in text)
    return n_letters >= 2 and strength >= max(2 * n_free - 1, 2)
