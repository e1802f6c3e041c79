"""Words of the rules with a character or two written by sound: 减fei, zhi疗, 根制, 鲍录取 for 减肥, 治疗, 根治, 保录取.

A quick look at every pair of characters (``sieve``) says where there may be one, a dictionary of all terms by their
sounds (``soundalikes``) what may be meant, and the segmenter's dictionary whether that is any likelier than what was
written (``likelihood``). There the text is spelled plainly and read a second time; what then blocks counts. The rules'
own contexts decide as always, so a word by chance does no harm.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from creator_kit.review.finding import Field, Finding, PostText
from creator_kit.review.folding import common_characters
from creator_kit.review.hearing import Hearing
from creator_kit.review.letters import Letters
from creator_kit.review.likelihood import is_in_word, weigh
from creator_kit.review.line_breaks import splits_number
from creator_kit.review.soundalikes import Likeness
from creator_kit.review.sounds import load_readings

_Span = tuple[int, int]
Hints = tuple[list[_Span], list[Letters], list[_Span]]
"""Where a text may hold a word by its sound, pairs of characters and runs of letters; and line breaks within one."""

# Joins texts: no term reaches across.
_SEAM = "\n"
# How many ways to spell a text plainly are tried: 娓 is 微 or 薇.
_MAX_WAYS = 3
# By how much (logarithm of a likelihood) a plain spelling must be likelier than what was written; each character of the
# term that is written as it should be takes that much off.
_MIN_GAIN, _SAME = 0.0, 1.0
# The same where what was written is a word of its own (防止 for 防治), and where only two neighbours say so.
_MIN_GAIN_OF_WORD, _MIN_GAIN_OF_PAIR = 2.0, 0.0
# Stands in no term and sounds like none.
_NEUTRAL = "龘"


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
    """Spells texts plainly. ``load`` gives what hears them, when it is first needed."""

    def __init__(self, load: Callable[[], Hearing]) -> None:
        self._load = load

    @cached_property
    def _hearing(self) -> Hearing:
        return self._load()

    def sift(self, texts: Sequence[str]) -> list[Hints]:
        """Where in each of ``texts`` there may be something: one quick look at all of them."""
        sieve, lexicon = self._hearing.sieve, self._hearing.lexicon
        if len(texts) == 1:
            text = texts[0]
            return [(sieve.find(text), lexicon.letters.find(_lower(text)), lexicon.lines.find(text))]
        joined = _SEAM.join(texts)
        lowered = _lower(joined)
        starts = list(itertools.accumulate([len(text) + 1 for text in texts], initial=0))
        found: list[Hints] = [([], [], lexicon.lines.find(text)) for text in texts]
        for left, right in sieve.find(joined):
            owner = bisect_right(starts, left) - 1
            found[owner][0].append((left - starts[owner], right - starts[owner]))
        for start, end, pieces in lexicon.letters.find(lowered):
            owner = bisect_right(starts, start) - 1
            found[owner][1].append((start - starts[owner], end - starts[owner], pieces))
        return found

    def respell(self, text: str, hints: Hints | None = None) -> list[Respelled]:
        """``text`` with what may be words by their sound spelled plainly, the likeliest way first; ``hints`` are what
        ``sift`` gave."""
        pairs, runs, breaks = self.sift([text])[0] if hints is None else hints
        ways = [_spell_plainly(text, [(*span, "") for span in breaks])] if breaks else []
        if not pairs and not runs:
            return ways
        lowered = _lower(text)
        likely: dict[Likeness, float] = {}
        gains: dict[tuple[int, int, str], float] = {}
        for likeness in dict.fromkeys(self._find(lowered, pairs, runs)):
            for change in likeness.changes:
                if change not in gains:
                    gains[change] = weigh(text, *change)
            gain = min(map(gains.__getitem__, likeness.changes))
            least = _MIN_GAIN - _SAME * likeness.n_same if likeness.n_same else _MIN_GAIN_OF_PAIR
            if any(is_in_word(text, start, end) for start, end, _char in likeness.changes):
                least = _MIN_GAIN_OF_WORD
            if gain >= least:
                likely[likeness] = gain + _SAME * likeness.n_same
        ranked = sorted(likely, key=lambda each: (-likely[each], each.start, each.end, each.changes))
        for _way in range(_MAX_WAYS):
            if not ranked:
                break
            # By place, so that a long text takes no longer for each word: what is changed there, what is kept.
            changed: dict[int, tuple[int, int, str]] = {}
            kept: set[int] = set()
            others = []
            for likeness in ranked:
                if _agrees(likeness, changed, kept):
                    changed.update((at, change) for change in likeness.changes for at in range(*change[:2]))
                    kept.update(_places_kept(likeness))
                else:
                    others.append(likeness)
            ways.append(_spell_plainly(text, sorted(set(changed.values()))))
            ranked = others
        return ways

    def _find(self, text: str, pairs: Sequence[_Span], runs: Sequence[Letters]) -> Iterator[Likeness]:
        """What sounds like a term where the sieve or letters pointed at."""
        lexicon = self._hearing.lexicon
        for left, right in pairs:
            yield from lexicon.find_beside(text, left, right)
        for run in runs:
            yield from lexicon.find(text, run[0], run[1], run)


def _lower(text: str) -> str:
    """``text`` in small letters, where that changes no places (İ becomes two)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _places_kept(likeness: Likeness) -> set[int]:
    """Where ``likeness`` takes the text as it is written."""
    places = set(range(likeness.start, likeness.end))
    return places.difference(*(range(start, end) for start, end, _char in likeness.changes))


def _agrees(likeness: Likeness, changed: Mapping[int, tuple[int, int, str]], kept: set[int]) -> bool:
    """Whether ``likeness`` goes with what was ``changed`` and with what was ``kept`` as it is."""
    if any(at in kept for start, end, _char in likeness.changes for at in range(start, end)):
        return False
    return all(changed[at] in likeness.changes for at in range(likeness.start, likeness.end) if at in changed)


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


@dataclass(frozen=True)
class RespelledPost:
    """``post`` with words spelled plainly in the fields ``changed``."""

    post: PostText
    changed: Mapping[Field, Respelled]

    def neutral(self, post: PostText) -> RespelledPost:
        """``post`` with a character that is in no term in place of each that was changed; what was more than a
        character, or no letter, is as it was written."""
        changed = {}
        for field, respelled in self.changed.items():
            text = post.text_of(field)
            spans = [
                (start, end, _NEUTRAL if end - start == 1 and text[start].isalnum() else text[start:end])
                for start, end in respelled.spans
            ]
            changed[field] = _spell_plainly(text, spans)
        return RespelledPost(_put(post, changed), changed)

    def has_number(self, post: PostText) -> bool:
        """Whether a number is in one line that ``post`` has in two."""
        return any(
            splits_number(post.text_of(field), start, end)
            for field, respelled in self.changed.items()
            for start, end in respelled.spans
            if not post.text_of(field)[start:end].strip()
        )

    def map_back(self, findings: Iterable[Finding], post: PostText) -> list[Finding]:
        """Those of ``findings`` that take in a word spelled otherwise, with their places in ``post`` as written."""
        kept = []
        for finding in findings:
            respelled = self.changed.get(finding.field)
            if respelled is None or not 0 <= finding.start < finding.end:
                continue
            start, end = respelled.find_written(finding.start, finding.end)
            before = bisect_left(respelled.spans, (end, 0))
            if before and respelled.spans[before - 1][1] > start:
                written = post.text_of(finding.field)[start:end]
                message = finding.message.replace(finding.matched, written) if finding.matched else finding.message
                kept.append(replace(finding, start=start, end=end, matched=written, message=message, fix=None))
        return kept


def _put(post: PostText, changed: Mapping[Field, Respelled]) -> PostText:
    texts: dict[str, str] = {field: respelled.text for field, respelled in changed.items()}
    return replace(
        post,
        title=texts.get("title", post.title),
        body=texts.get("body", post.body),
        tags=tuple(texts["tags"].split(" ")) if "tags" in texts else post.tags,
        cover_texts=tuple(texts["cover"].split("\n")) if "cover" in texts else post.cover_texts,
    )


def respell_post(post: PostText, respeller: Respeller, hints: Sequence[Hints] | None = None) -> list[RespelledPost]:
    """``post`` with what may be words by their sound spelled plainly, the likeliest way first; ``hints`` are what
    ``sift`` gave for its texts."""
    texts = post.texts()
    if hints is None:
        hints = respeller.sift([text for _field, text in texts]) if texts else ()
    if not any(map(any, hints)):
        return []
    by_field = {
        field: ways for (field, text), some in zip(texts, hints, strict=True) if (ways := respeller.respell(text, some))
    }
    found: list[RespelledPost] = []
    if not by_field:
        return found
    for way in range(max(map(len, by_field.values()), default=0)):
        changed = {field: ways[way] for field, ways in by_field.items() if way < len(ways)}
        plain = _put(post, changed)
        # A tag with a blank in it is two by now: its places are lost, so it is not read again.
        kept = {field: respelled for field, respelled in changed.items() if plain.text_of(field) == respelled.text}
        if kept:
            found.append(RespelledPost(plain, kept))
    return found
