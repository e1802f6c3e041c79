"""Words that are written by their sound: 薇芯 and wei xin for 微信, 逗音 for 抖音, jia 微 for 加微.

A rule file's ``[sounds]`` names single sound-alikes and costs nothing; this module knows every character by its
pinyin. It therefore hears accidents too (为新手 in 因为新手), so that what it finds is evidence, to be weighed
with what stands around it: see ``Sounding.how`` and ``is_accident``.

    listener = Listener(("微信", "公众号", "加微", "v信"))
    for sounding in listener.find(text):
        text[sounding.start : sounding.end]  # what the person wrote, blanks and emoji in between included
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import ahocorasick_rs

from creator_kit.paths import find_shipped_dir
from creator_kit.review.folding import FoldTable, fold, map_positions
from creator_kit.text.segment import cut

How = Literal["plain", "altered", "sound", "letters"]
"""As it is spelled; with something in between, full width or traditional; with characters of the same sound;
with pinyin in letters in place of one character or all."""

# A sound is one character of the private area, so that one automaton reads sounds and letters alike.
_FIRST_SOUND = 0xE000
# Between two characters of one word nobody hides more than this; farther apart they are two words.
_MAX_GAP = 6
# How far to either side words are cut to tell an accident.
_REACH = 12
# What many people do not hear apart, and writers who dodge filters make use of.
_BLURRED_STARTS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@dataclass(frozen=True, slots=True)
class Sounding:
    """``text[start:end]`` reads aloud as ``name``."""

    start: int
    end: int
    name: str
    how: How


@lru_cache(maxsize=1)
def load_readings() -> Mapping[str, str]:
    """The toneless pinyin of each character (its first reading): ``{"薇": "wei", …}``."""
    readings: dict[str, str] = {}
    path = find_shipped_dir("templates") / "sounds" / "pinyin.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            syllable, characters = line.split(" ")
            readings.update(dict.fromkeys(characters, syllable))
    return readings


def blur(syllable: str) -> str:
    """``syllable`` without what is often not heard apart: zh, ch, sh become z, c, s; a final ng becomes n."""
    for start, plain in _BLURRED_STARTS:
        if syllable.startswith(start):
            syllable = plain + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


@lru_cache(maxsize=1)
def _sounds() -> tuple[dict[str, str], dict[int, str]]:
    """The sign of each blurred syllable, and for ``str.translate`` the sign of each character."""
    readings = load_readings()
    blurred = sorted({blur(syllable) for syllable in readings.values()})
    signs = {syllable: chr(_FIRST_SOUND + at) for at, syllable in enumerate(blurred)}
    return signs, {ord(char): signs[blur(syllable)] for char, syllable in readings.items()}


class Listener:
    """Finds ``names`` in a text by sound. Letters in a name stand for themselves (the v of v信)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._table = FoldTable("all")
        self._spoken = _sounds()[1]
        owners: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            folded = fold(name, self._table)
            for spelling in _spell(folded):
                known = owners.setdefault(spelling, [])
                if folded not in known:
                    known.append(folded)
        self._owners = tuple(tuple(names) for names in owners.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners))

    def find(self, text: str) -> list[Sounding]:
        """Where ``text`` reads as one of the names, in order; the longest where several share a place."""
        folded = fold(text, self._table)
        matches = self._automaton.find_matches_as_indexes(folded.translate(self._spoken), overlapping=True)
        if not matches:
            return []
        origin = map_positions(text, self._table)
        found: list[Sounding] = []
        for spelling, start, end in sorted(matches, key=lambda match: (match[1], -match[2], match[0])):
            left, right = origin[start], origin[end - 1] + 1
            if found and right <= found[-1].end:
                continue
            if any(origin[at + 1] - origin[at] > _MAX_GAP + 1 for at in range(start, end - 1)):
                continue
            if _cuts_latin(folded, origin, start, end):
                continue
            for name in self._owners[spelling]:
                found.append(Sounding(left, right, name, _describe(name, folded[start:end], text[left:right])))
        return found


def is_accident(text: str, sounding: Sounding) -> bool:
    """Whether the sound comes about across words (因为新手) or is a word in its own right (威信, 卫星).

    Cut by the dictionary alone (rjieba, loaded at the first call), so ask only about what is left to be weighed.
    """
    if sounding.how != "sound":
        return False
    low = max(0, sounding.start - _REACH)
    start = low
    around = text[low : sounding.end + _REACH].encode("utf-8", "replace").decode()  # half an emoji: a question mark
    for word in cut(around):  # no guesses: 薇芯 is no word
        end = start + len(word)
        if end > sounding.start and start < sounding.end and end - start > 1 and word.isalpha():
            return True
        start = end
    return False


def _spell(name: str) -> list[str]:
    """``name`` with each character as a sound or as its pinyin in letters."""
    spoken = _sounds()[1]
    readings = load_readings()
    parts = []
    for char in name:
        syllable = readings.get(char)
        parts.append((char,) if syllable is None else (spoken[ord(char)], *dict.fromkeys((syllable, blur(syllable)))))
    return list(dict.fromkeys(map("".join, itertools.product(*parts))))


def _cuts_latin(folded: str, origin: list[int], start: int, end: int) -> bool:
    """Whether a match begins or ends within a word in Latin letters."""

    def joined(at: int) -> bool:
        return folded[at].isascii() and folded[at + 1].isascii() and origin[at + 1] == origin[at] + 1

    return (start > 0 and joined(start - 1)) or (end < len(folded) and joined(end - 1))


def _describe(name: str, matched: str, written: str) -> How:
    if matched == name:
        return "plain" if written.casefold() == name else "altered"
    if sum(char.isascii() for char in matched) > sum(char.isascii() for char in name):
        return "letters"
    return "sound"
