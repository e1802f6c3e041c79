"""What a piece of a text sounds like: terms of the rules that differ from it in a character or two, but not in sound.

All terms are in one automaton, spelled by their sounds (toneless pinyin). What is found counts where the rest of the
rule is near: the other parts, in any spelling, or what its expression asks for.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from creator_kit.review.folding import FoldTable
from creator_kit.review.letters import LetterReader, Letters
from creator_kit.review.line_breaks import LineReader
from creator_kit.review.signs import (
    CODE_BITS,
    MAX_GAP,
    Numbers,
    PlainTable,
    SignTable,
    encode,
    find_neighbour,
    is_syllable,
    load_signs,
    number_pairs,
    number_pieces,
)
from creator_kit.review.term_finder import TermFinder
from creator_kit.review.vocabulary import Vocabulary, join_bits
from creator_kit.text.segment import is_word

_Change = tuple[int, int, str]
# Of a term of so many characters two may differ, of a shorter one one.
_LONG = 5
# A word that is all pinyin has so many letters: shorter ones are English words as often as not.
_MIN_LETTERS = 6
# The longest terms have some 15 characters; the other parts of a rule stand so near.
_LONGEST = 14
_REACH = 24
_LATIN = re.compile("[a-z]+")
# So many pairs, and words of two, are kept in mind: those of a text recur.
_MAX_KNOWN = 1 << 15
_is_word = lru_cache(maxsize=_MAX_KNOWN)(is_word)
# What a letter may be in place of a syllable.
_NOTHING = "\0"


@dataclass(frozen=True, slots=True)
class Likeness:
    """``text[start:end]`` sounds like a term. In ``changes`` are the places where it is written otherwise (a character,
    or a syllable in letters) with the term's character; ``n_same`` characters are as the term has them (0: of a pair
    of neighbours one is)."""

    start: int
    end: int
    changes: tuple[_Change, ...]
    n_same: int


@dataclass(frozen=True, slots=True)
class _Window:
    """A piece of a text as signs, one for each folded character (for a syllable in letters, ``folded`` has _NOTHING);
    where each begins and ends."""

    folded: str
    signs: str
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Side:
    """What a pair is if one of its characters is only heard: a term of two, a part of a longer one, and neighbours (the
    character, and both) that are joined or stand in an expression."""

    is_short: bool
    is_long: bool
    terms: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two characters: what they are if the first or the second is only heard, and the signs of both."""

    first: _Side
    second: _Side
    sounds: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands side by side in a vocabulary, numbered by ``encode``: pairs with one of their characters as a sound
    that are terms (``short``) and that are part of a longer one (``long``); all sounds by two and by three.

    ``after`` and ``before`` are pairs that only their neighbour speaks for, with one character as a sound, and what
    that character may be: the second, the first.
    """

    short: Numbers
    long: Numbers
    twos: Numbers
    threes: Numbers
    after: Mapping[str, str]
    before: Mapping[str, str]


def find_neighbours(known: Vocabulary) -> Neighbours:
    """The neighbours in what ``known`` holds."""
    spoken = load_signs()[1]
    short = [term for term in known.terms if len(term) == 2]
    long = [term for term in known.terms if len(term) > 2]
    pairs = list(dict.fromkeys(itertools.chain(known.joints, known.pairs)))
    twos = number_pieces("\n".join(itertools.chain(known.terms, pairs)).translate(spoken), 2)
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    heard = "".join(pairs).translate(spoken)
    for pair, sound in zip(pairs, map("".join, zip(heard[::2], heard[1::2], strict=True)), strict=True):
        if sound[1] != pair[1]:
            key = pair[0] + sound[1]
            after[key] = after.get(key, "") + pair[1]
        if sound[0] != pair[0]:
            key = sound[0] + pair[1]
            before[key] = before.get(key, "") + pair[0]
    threes = number_pieces("\n".join(long).translate(spoken), 3)
    return Neighbours(number_pairs(short), number_pairs(long), twos, threes, after, before)


class Lexicon:
    """``known`` by its sounds; texts are folded by ``table``, as it was."""

    def __init__(self, known: Vocabulary, table: FoldTable, neighbours: Neighbours | None = None) -> None:
        self._known = known
        self._to_signs = SignTable(table)
        self._to_plain = PlainTable(table)
        neighbours = find_neighbours(known) if neighbours is None else neighbours
        self._short, self._long = neighbours.short, neighbours.long
        self._twos, self._threes = neighbours.twos, neighbours.threes
        self._after, self._before = neighbours.after, neighbours.before
        latin = frozenset(_LATIN.findall("\n".join(known.terms)))
        self.letters = LetterReader(latin, self._are_neighbours, self._to_plain)
        self.lines = LineReader(known, self._to_plain)
        self._masks: dict[str, int] = {}
        self._pairs: dict[str, _Pair] = {}

    @cached_property
    def _by_sound(self) -> tuple[dict[str, str], dict[str, list[str]], TermFinder]:
        """A term of each sound, all terms of those that have several, and what finds the sounds."""
        terms = self._known.terms
        sounds = "\n".join(terms).translate(load_signs()[1]).split("\n")
        one = dict(zip(sounds, terms, strict=True))
        several: dict[str, list[str]] = {}
        for sound, term in zip(sounds, terms, strict=True):
            if one[sound] != term:
                several.setdefault(sound, []).append(term)
        for sound, others in several.items():
            others.append(one[sound])
        return one, several, TermFinder(one)

    def _list_terms(self, sound: str) -> Sequence[str]:
        one, several, _finder = self._by_sound
        return several.get(sound) or (one[sound],)

    def _find_mask(self, sound: str) -> int:
        """The parts of rules that ``sound`` may be."""
        mask = self._masks.get(sound)
        if mask is None:
            mask = self._masks[sound] = join_bits(map(self._known.terms.__getitem__, self._list_terms(sound)))
        return mask

    def find_beside(self, text: str, left: int, right: int) -> Iterator[Likeness]:
        """What the pair at ``left`` and ``right`` may be part of, and is not written like."""
        pair = self._pairs.get(text[left] + text[right]) or self._know_pair(text[left] + text[right])
        is_near = right == left + 1
        # What makes a word with its other neighbour is no character put in for another (球我 within 足球我).
        first, second = pair.first, pair.second
        hears_first = (first.is_short or first.is_long or (is_near and bool(first.terms))) and not (
            left and _is_word(text[left - 1 : left + 1])
        )
        hears_second = (second.is_short or second.is_long or (is_near and bool(second.terms))) and not (
            right + 1 < len(text) and _is_word(text[right : right + 2])
        )
        is_short = (hears_first and first.is_short) or (hears_second and second.is_short)
        is_long = (hears_first and first.is_long) or (hears_second and second.is_long)
        if is_short or (is_long and self._stands_in_three(text, left, right, pair.sounds)):
            yield from self.find(text, left, right + 1)
        if hears_first and is_near:
            for char, term in first.terms:
                if self._is_backed(term, text, (left, right, char)):
                    yield Likeness(left, right + 1, ((left, right, char),), 0)
        if hears_second and is_near:
            for char, term in second.terms:
                if self._is_backed(term, text, (right, right + 1, char)):
                    yield Likeness(left, right + 1, ((right, right + 1, char),), 0)

    def _stands_in_three(self, text: str, left: int, right: int, sounds: str) -> bool:
        """Whether the pair and a neighbour of it sound like three characters of a term."""
        before = find_neighbour(text, left - 1, -1, self._to_signs)
        if encode(before + sounds) in self._threes:
            return True
        return encode(sounds + find_neighbour(text, right + 1, 1, self._to_signs)) in self._threes

    def _know_pair(self, written: str) -> _Pair:
        """What two characters may be, looked up when they first stand side by side."""
        plain, signs = self._to_plain, self._to_signs
        a, b = (plain[ord(char)] for char in written)
        sound, other = (signs[ord(char)] for char in written)
        keys = ord(sound) << CODE_BITS | ord(b), ord(a) << CODE_BITS | ord(other)
        heard = (
            tuple([(char, char + b) for char in self._before.get(sound + b, "")]),
            tuple([(char, a + char) for char in self._after.get(a + other, "")]),
        )
        first, second = (
            _Side(key in self._short, key in self._long, terms) for key, terms in zip(keys, heard, strict=True)
        )
        pair = _Pair(first, second, sound + other)
        if len(self._pairs) < _MAX_KNOWN:
            self._pairs[written] = pair
        return pair

    def _is_backed(self, pair: str, text: str, change: _Change) -> bool:
        """Whether the rest of a rule that has ``pair`` is there, once ``change`` is made: the term that a letter is
        joined to, or what matches the expression."""
        start, end, char = change
        if pair in self._known.joints:
            after = text[end : end + _LONGEST].translate(self._to_plain) if char == pair[0] else ""
            if self._known.follow(pair, after):
                return True
            before = text[max(0, start - _LONGEST) : start].translate(self._to_plain) if char == pair[1] else ""
            if self._known.lead(pair, before):
                return True
        numbers = self._known.pairs.get(pair)
        if numbers is None:
            return False
        near = text[max(0, start - _REACH) : start] + char + text[end : end + _REACH]
        return any(self._known.expressions[number].is_in(near) for number in numbers)

    def _are_neighbours(self, left: str, right: str) -> bool:
        """Whether the two, one or both of them a sound, stand side by side in a term."""
        pair = left + right
        code = encode(pair)
        return (
            pair in self._before
            or pair in self._after
            or any(code in known for known in (self._short, self._long, self._twos))
        )

    def _look(self, text: str, low: int, high: int, letters: Letters | None = None) -> _Window:
        """``text[low:high]``, with a run of letters read as syllables."""
        if letters is None:
            piece = text[low:high]
            folded, signs = piece.translate(self._to_plain), piece.translate(self._to_signs)
            if len(folded) == len(piece):
                return _Window(folded, signs, range(low, high), range(low + 1, high + 1))
            plain = self._to_plain
            starts = [at for at, char in enumerate(piece, low) if plain[ord(char)]]
            return _Window(folded, signs, starts, [at + 1 for at in starts])
        start, end, pieces = letters
        before, after = self._look(text, low, start), self._look(text, end, high)
        folded, signs, starts, ends = before.folded, before.signs, list(before.starts), list(before.ends)
        for piece in pieces:
            if is_syllable(piece):
                folded, signs = folded + _NOTHING, signs + load_signs()[0][piece]
                starts.append(start)
                ends.append(start + len(piece))
            else:
                folded, signs = folded + piece, signs + piece
                starts += range(start, start + len(piece))
                ends += range(start + 1, start + len(piece) + 1)
            start += len(piece)
        return _Window(folded + after.folded, signs + after.signs, [*starts, *after.starts], [*ends, *after.ends])

    def find(self, text: str, left: int, right: int, letters: Letters | None = None) -> Iterator[Likeness]:
        """What takes in ``text[left:right]``, sounds like a term and is not written like one, where the rest of the
        term's rule is near; ``letters`` are to be read as syllables."""
        low, high = max(0, left - _LONGEST), min(len(text), right + _LONGEST)
        window = self._look(text, low, high, letters)
        folded, starts, ends = window.folded, window.starts, window.ends
        found: list[tuple[int, int, Sequence[str]]] = []
        as_written: list[tuple[int, int]] = []
        for start, end in self._by_sound[2].find(window.signs):
            terms = self._list_terms(window.signs[start:end])
            if folded[start:end] in terms:
                as_written.append((start, end))
            elif starts[start] < right and ends[end - 1] > left:
                found.append((start, end, terms))
        near: tuple[int, int] | None = None
        for start, end, terms in found:
            if ends[end - 1] - starts[start] > end - start and any(
                starts[at + 1] - ends[at] > MAX_GAP for at in range(start, end - 1)
            ):
                continue
            for term in terms:
                owners = self._known.terms[term]
                differing = [at for at in range(start, end) if folded[at] != term[at - start]]
                if len(differing) > (2 if len(term) >= _LONG else 1) and not _is_pinyin(window, start, end):
                    continue
                if not any(left <= starts[at] < right for at in differing):
                    continue
                if as_written and _are_in(differing, as_written, end - start):
                    continue  # 信 of 微信 stands for nothing else
                if all(needed for _bit, needed in owners):
                    if near is None:
                        near = self._find_parts(text, left, right, letters)
                    mask = near[len(term) - len(differing) > 1]
                    if not any((mask | bit) & needed == needed for bit, needed in owners):
                        continue
                changes = tuple((starts[at], ends[at], term[at - start]) for at in differing)
                yield Likeness(starts[start], ends[end - 1], changes, len(term) - len(differing))
        if letters is not None:
            yield from self._find_pairs(text, window)

    def _find_pairs(self, text: str, window: _Window) -> Iterator[Likeness]:
        """Pairs that a syllable in letters makes with what is beside it."""
        for at in range(len(window.signs) - 1):
            pair, heard = window.folded[at : at + 2], window.signs[at : at + 2]
            if pair[0] == _NOTHING != pair[1]:
                some, place = self._before.get(heard[0] + pair[1], ""), at
            elif pair[1] == _NOTHING != pair[0]:
                some, place = self._after.get(pair[0] + heard[1], ""), at + 1
            else:
                continue
            for char in some:
                known = char + pair[1] if place == at else pair[0] + char
                change = (window.starts[place], window.ends[place], char)
                if self._is_backed(known, text, change):
                    yield Likeness(window.starts[at], window.ends[at + 1], (change,), 0)

    def _find_parts(
        self, text: str, left: int, right: int, letters: Letters | None, reach: int = _REACH
    ) -> tuple[int, int]:
        """The parts of rules that stand near, as they are written, and in any spelling."""
        window = self._look(text, max(0, left - _REACH), min(len(text), right + _REACH), letters)
        written = heard = 0
        for start, end in self._by_sound[2].find(window.signs):
            heard |= self._find_mask(window.signs[start:end])
            if owners := self._known.terms.get(window.folded[start:end]):
                written |= join_bits([owners])
        for char in self._known.letters.keys() & set(window.folded):
            written |= self._known.letters[char]
        return written, heard | written


def _are_in(places: Sequence[int], spans: Sequence[tuple[int, int]], n_least: int) -> bool:
    """Whether one of ``places`` is in one of ``spans`` that is of ``n_least`` or longer."""
    return any(end - start >= n_least and start <= at < end for start, end in spans for at in places)


def _is_pinyin(window: _Window, start: int, end: int) -> bool:
    return all(window.folded[at] == _NOTHING for at in range(start, end)) and (
        sum(window.ends[at] - window.starts[at] for at in range(start, end)) >= _MIN_LETTERS
    )
