"""Sensitive words with a character or all of them written by sound: 减fei, zhi疗, 根制 for 减肥, 治疗, 根治.

A rule file's ``spoken`` names words that are heard in any character of their sound; of all other terms a character is
heard that is written in letters or that hardly anybody uses (蕞好 for 最好). Looking for them costs a small part of a
review; only where one is found is the text spelled plainly and read a second time. The rules' own contexts then
decide as always, so a word by chance does no harm; an everyday word (一根|制作) is left alone at once.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import ahocorasick_rs

from creator_kit.review.finding import Field, Finding, PostText
from creator_kit.review.folding import common_characters
from creator_kit.review.sounds import Sounding, is_accident, load_readings

_MIN_LETTERS = 6  # of a word that is all pinyin: shorter ones are English words as often as not
# Between two characters of one word nobody hides more than this.
_MAX_GAP = 4
# Letters that may be a syllable; two expressions, for together they run at a fifth of their speed.
_SYLLABLE = re.compile("(?<![a-z])[a-z]{2,6}(?![a-z])")
_Span = tuple[int, int]
_Choices = dict[tuple[str, str], dict[str, int]]


@dataclass(frozen=True)
class Respelled:
    """A text spelled plainly: ``plain[i]`` of ``text`` stands for ``spans[i]`` of the text as written."""

    text: str
    spans: Sequence[_Span]
    plain: Sequence[_Span]

    def find_written(self, start: int, end: int) -> _Span:
        """What ``text[start:end]`` (not empty) stands for; a respelled word is one piece."""
        first, last = bisect_right(self.plain, (start, len(self.text))), bisect_left(self.plain, (end, 0))
        written_start = start + self._shift(first)
        if first and start < self.plain[first - 1][1]:
            written_start = self.spans[first - 1][0]
        written_end = end + self._shift(last)
        if last and end <= self.plain[last - 1][1]:
            written_end = self.spans[last - 1][1]
        return written_start, written_end

    def _shift(self, n_before: int) -> int:
        """By how much the text as written is ahead behind so many respelled words."""
        return self.spans[n_before - 1][1] - self.plain[n_before - 1][1] if n_before else 0


@lru_cache(maxsize=1)
def common_by_sound() -> dict[str, str]:
    """The characters of GB 2312 by their toneless syllable: ``{"wei": "威巍微…", …}``."""
    common = frozenset(common_characters())
    by_sound: dict[str, str] = {}
    for char, syllable in load_readings().items():
        if char in common:
            by_sound[syllable] = by_sound.get(syllable, "") + char
    return by_sound


class Respeller:
    """Finds words that are spelled by their sound: all of ``names``, and of ``terms`` whatever is written with a
    syllable in letters or with a character that hardly anybody uses (the second level of GB 2312)."""

    def __init__(self, names: Iterable[str], terms: Callable[[], Iterable[str]] = tuple) -> None:
        # Each spelling with its name and the character that was changed (-1: letters, no chance reading to rule out).
        self._spellings: dict[str, tuple[str, int]] = {}
        self._names = tuple(dict.fromkeys(names))
        self._terms = terms
        for name in self._names:
            self._add(name)
        for name in self._names:
            self._spellings.pop(name, None)
        self._known = tuple(self._spellings.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(self._spellings)) if self._spellings else None

    def _add(self, name: str) -> None:
        syllables = [load_readings().get(char) for char in name]
        for at, syllable in enumerate(syllables):
            if syllable is None:
                continue
            self._spellings.setdefault(name[:at] + syllable + name[at + 1 :], (name, -1))
            for other in common_by_sound().get(syllable, ""):
                if other != name[at]:
                    self._spellings.setdefault(name[:at] + other + name[at + 1 :], (name, at))
        letters = "".join(syllable or "" for syllable in syllables)
        if all(syllables) and len(letters) >= _MIN_LETTERS:
            self._spellings.setdefault(letters, (name, -1))

    @cached_property
    def _beside(self) -> tuple[_Choices, _Choices]:
        """Characters of the terms by the one or two before them and their syllable, and by their syllable and the
        one or two after; each with the number of terms that have it there."""
        after: _Choices = {}
        before: _Choices = {}
        readings = load_readings()
        for term in self._terms():
            for at, char in enumerate(term):
                syllable = readings.get(char)
                if syllable is None:
                    continue
                for size in (1, 2):
                    if at >= size:
                        chars = after.setdefault((term[at - size : at], syllable), {})
                        chars[char] = chars.get(char, 0) + 1
                    if at + size < len(term):
                        chars = before.setdefault((syllable, term[at + 1 : at + 1 + size]), {})
                        chars[char] = chars.get(char, 0) + 1
        return after, before

    @cached_property
    def _syllables(self) -> frozenset[str]:
        """Those that stand in a term beside another character."""
        after, before = self._beside
        return frozenset([syllable for _left, syllable in after] + [syllable for syllable, _right in before])

    def respell(self, text: str) -> Respelled | None:
        """``text`` with such words spelled plainly; None where there are none."""
        lowered = text.lower()
        if self._automaton is None or len(lowered) != len(text):
            return None
        found = self._find_names(text, lowered)
        taken = [(start, end) for start, end, _name in found]
        for match in itertools.chain(_SYLLABLE.finditer(lowered), _rare().finditer(lowered)):
            start, end = match.span()
            before = bisect_left(taken, (end, 0))  # they are in order and do not overlap
            if before and taken[before - 1][1] > start:
                continue
            if char := self._guess(text, lowered, start, end):
                found.append((start, end, char))
        return _spell_plainly(text, sorted(found)) if found else None

    def _find_names(self, text: str, lowered: str) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        if self._automaton is None:
            return found
        try:
            matches = self._automaton.find_matches_as_indexes(lowered, overlapping=True)
        except UnicodeEncodeError:  # half of a surrogate pair, from a file that was cut
            return found
        for index, start, end in sorted(matches, key=lambda match: (match[1], -match[2], match[0])):
            name, changed = self._known[index]
            if found and start < found[-1][1]:
                continue
            if changed < 0:
                if _touches_letters(lowered, start, end):
                    continue
            elif is_accident(text, Sounding(start + changed, start + changed + 1, name[changed], "sound")):
                continue
            found.append((start, end, name))
        return found

    def _guess(self, text: str, lowered: str, start: int, end: int) -> str:
        """The character that ``lowered[start:end]`` stands for beside its neighbours in a term, "" for none."""
        syllable = lowered[start:end] if end - start > 1 else load_readings().get(lowered[start], "")
        if syllable not in self._syllables:  # vlog, app: most words in letters
            return ""
        left, right = _neighbours(text, start - 1, -1), _neighbours(text, end, 1)
        after, before = self._beside
        votes: dict[str, int] = {}
        for size, weight in ((2, 1_000), (1, 1)):  # more neighbours say more
            for chars in (after.get((left[-size:], syllable)), before.get((syllable, right[:size]))):
                for char, n in (chars or {}).items():
                    votes[char] = votes.get(char, 0) + weight * n
        if not votes or lowered[start] in votes:
            return ""
        char = min(votes, key=lambda char: (-votes[char], char))
        if end - start == 1 and is_accident(text, Sounding(start, end, char, "sound")):
            return ""
        return char


@lru_cache(maxsize=1)
def _rare() -> re.Pattern[str]:
    """A character of the second level of GB 2312."""
    rare = "".join(
        bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xD8, 0xF8) for cell in range(0xA1, 0xFF)
    )
    return re.compile(f"[{rare}]")


def _neighbours(text: str, at: int, step: int) -> str:
    """The next two letters from ``at`` on, in reading order, over a few characters that are none."""
    letters, gap = "", 0
    while 0 <= at < len(text) and len(letters) < 2 and gap < _MAX_GAP:
        if text[at].isalnum():
            letters, gap = letters + text[at], 0
        else:
            gap += 1
        at += step
    return letters[::step]


def _touches_letters(text: str, start: int, end: int) -> bool:
    """Whether letters of the spelling at ``start`` to ``end`` run on into those around it."""
    before = start > 0 and text[start].isascii() and text[start - 1].isascii() and text[start - 1].isalpha()
    after = end < len(text) and text[end - 1].isascii() and text[end].isascii() and text[end].isalpha()
    return before or after


def _spell_plainly(text: str, found: Sequence[tuple[int, int, str]]) -> Respelled:
    pieces: list[str] = []
    plain: list[_Span] = []
    position = length = 0
    for start, end, name in found:
        pieces += [text[position:start], name]
        length += start - position
        plain.append((length, length + len(name)))
        length += len(name)
        position = end
    pieces.append(text[position:])
    return Respelled("".join(pieces), [(start, end) for start, end, _name in found], plain)


def respell_post(post: PostText, respeller: Respeller) -> tuple[PostText, dict[Field, Respelled]] | None:
    """``post`` with its words spelled plainly, and what was changed by field; None where nothing was."""
    changed: dict[Field, Respelled] = {}
    for field, text in post.texts():
        respelled = respeller.respell(text)
        if respelled is not None:
            changed[field] = respelled
    if not changed:
        return None
    texts: dict[str, str] = {field: respelled.text for field, respelled in changed.items()}
    plain = replace(
        post,
        title=texts.get("title", post.title),
        body=texts.get("body", post.body),
        tags=tuple(texts["tags"].split(" ")) if "tags" in texts else post.tags,
        cover_texts=tuple(texts["cover"].split("\n")) if "cover" in texts else post.cover_texts,
    )
    # A tag with a blank in it is two by now: its places are lost, so it is not read again.
    kept = {field: respelled for field, respelled in changed.items() if plain.text_of(field) == respelled.text}
    return (plain, kept) if kept else None


def map_back(findings: Iterable[Finding], changed: dict[Field, Respelled], post: PostText) -> list[Finding]:
    """Those of ``findings`` that take in a word spelled otherwise, with their places in ``post`` as it was written."""
    kept = []
    for finding in findings:
        respelled = changed.get(finding.field)
        if respelled is None or not 0 <= finding.start < finding.end:
            continue
        start, end = respelled.find_written(finding.start, finding.end)
        before = bisect_left(respelled.spans, (end, 0))
        if before and respelled.spans[before - 1][1] > start:
            written = post.text_of(finding.field)[start:end]
            message = finding.message.replace(finding.matched, written) if finding.matched else finding.message
            kept.append(replace(finding, start=start, end=end, matched=written, message=message, fix=None))
    return kept
