"""Sentences that read like those that rules are about, though no rule knows their words.

Rules made of words name what they found and are nearly always right; of claims worded anew they miss many. Here each
sentence is weighed as a whole (see ``claim_weights``). Where the rules of its family found something already, nothing
is said; else the rule whose check is ``claims`` speaks, from the probability ``likely`` of its options on.

Nearly all sentences are far from any family. A quick pass counts an n-gram as often as it stands there and keeps what
comes near a limit; only that is weighed exactly.
"""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, repeat
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.review.claim_weights import (
    CLAUSE_END,
    MAX_LENGTH,
    MIN_LENGTH,
    SCALE,
    SENTENCE_END,
    ClaimModel,
    ClaimTable,
    Sentence,
    cut_marked,
    cut_pieces,
    cut_sentences,
    read_sentence,
)
from creator_kit.review.contexts import join_patterns
from creator_kit.review.finding import Field, Finding, PostText
from creator_kit.review.folding import fold
from creator_kit.review.hit import LIGHT
from creator_kit.review.settling import settle

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

# Topics are names, no sentences.
_FIELDS: tuple[Field, ...] = ("cover", "title", "body")
# By so much of a score the quick pass may be wrong, where a sentence repeats its characters (none of 1,976 found ones
# was farther off).
_MARGIN = 2.0
# One text up to here is looked at without numpy.
_SHORT = 600
_NOTHING = repeat(0)
# Characters weighed in one go.
_CHUNK_LENGTH = 200_000

_F32 = NDArray[np.float32]
_I64 = NDArray[np.int64]
_Place = tuple[Field, str, Sentence]


@dataclass(frozen=True)
class ClaimRule:
    """What the reader has to know of a rule: from which probability it speaks, and what keeps it quiet."""

    rule: Rule
    likely: float
    unless_near: re.Pattern[str] | None
    unless_post: re.Pattern[str] | None


class ClaimReader:
    """Finds sentences that ``rules`` (those whose check is ``claims``) are about. Use from one thread or several.

    ``find_silenced`` gives what rules would have found that somebody turned off: nor is that said in other words.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        model: ClaimModel,
        sounds: Mapping[str, str],
        describe_source: Callable[[Rule], str],
        find_silenced: Callable[[PostText], Sequence[Finding]] | None = None,
    ) -> None:
        self._model = model
        self._table = ClaimTable(sounds)
        self._describe_source = describe_source
        self._find_silenced = find_silenced
        self._rules: dict[str, ClaimRule] = {rule.family: _prepare(rule, model) for rule in rules}
        self._limits = [
            model.find_limit(at, self._rules[family].likely) - SCALE * _MARGIN if family in self._rules else math.inf
            for at, family in enumerate(model.families)
        ]
        self._quick = _QuickPass(model, self._limits, self._table)

    @cached_property
    def _grid(self) -> _Grid:
        """Made when texts come together or long: a single short one does without."""
        return _Grid(self._model, self._limits, self._table)

    def add(self, post: PostText, findings: list[Finding]) -> list[Finding]:
        """``findings`` of ``post``, and what else reads like a claim."""
        places: list[_Place] = []
        for name, text in post.texts():
            if name not in _FIELDS:
                continue
            if len(text) > _SHORT:
                places += [
                    (name, text, read_sentence(text, start, end, self._table))
                    for _at, start, end in self._grid.find([text])
                ]
            elif self._quick.may_hold(text):
                sentences = cut_sentences(text, self._table)
                places += [(name, text, sentence) for sentence in sentences if self._quick.reaches(sentence.folded)]
        return self._join(post, findings, places) if places else findings

    def add_all(self, posts: Sequence[PostText], findings: Sequence[list[Finding]]) -> list[list[Finding]]:
        """What ``add`` makes of each of ``posts``."""
        texts = [
            (owner, name, text) for owner, post in enumerate(posts) for name, text in post.texts() if name in _FIELDS
        ]
        places: dict[int, list[_Place]] = {}
        for at, start, end in self._grid.find([text for _owner, _name, text in texts]):
            owner, name, text = texts[at]
            places.setdefault(owner, []).append((name, text, read_sentence(text, start, end, self._table)))
        return [
            self._join(post, found, places[owner]) if owner in places else found
            for owner, (post, found) in enumerate(zip(posts, findings, strict=True))
        ]

    def score(self, text: str) -> list[tuple[Sentence, dict[str, float]]]:
        """Each sentence of ``text`` with its probability by family."""
        model = self._model
        return [
            (
                sentence,
                {
                    family: model.calibrate(at, score)
                    for at, (family, score) in enumerate(zip(model.families, model.score(sentence.folded), strict=True))
                },
            )
            for sentence in cut_sentences(text, self._table)
        ]

    def _join(self, post: PostText, findings: list[Finding], places: Sequence[_Place]) -> list[Finding]:
        said = _Said(findings)
        silenced = cache(lambda: _Said(self._find_silenced(post) if self._find_silenced is not None else ()))
        more = [finding for place in places if (finding := self._judge(post, said, silenced, *place)) is not None]
        return settle([*findings, *more]) if more else findings

    def _judge(
        self, post: PostText, said: _Said, silenced: Callable[[], _Said], name: Field, text: str, sentence: Sentence
    ) -> Finding | None:
        """What is said about a sentence of ``text``: the likeliest family speaks, if any."""
        start, end = sentence.origin[0], sentence.origin[-1] + 1
        best: tuple[float, int, ClaimRule] | None = None
        for at, score in enumerate(self._model.score(sentence.folded)):
            known = self._rules.get(self._model.families[at])
            if known is None:
                continue
            probability = self._model.calibrate(at, score)
            if best is None or probability > best[0]:
                best = probability, at, known
        if best is None or best[0] < best[2].likely:
            return None
        probability, at, known = best
        rule = known.rule
        if name not in rule.fields or said.touches(rule.family, name, start, end):
            return None
        if known.unless_near is not None and known.unless_near.search(fold(text[start:end], LIGHT)):
            return None
        if known.unless_post is not None and any(
            known.unless_post.search(fold(other, LIGHT)) for _name, other in post.texts()
        ):
            return None
        if silenced().touches(rule.family, name, start, end):
            return None
        low, high = self._model.underline(sentence.folded, at)
        low, high = _widen(text, sentence.origin[low], sentence.origin[high - 1] + 1, start, end, self._table)
        matched = text[low:high]
        words = "、".join(self._model.explain(sentence.folded, at))
        return Finding(
            rule_id=rule.id,
            family=rule.family,
            severity=rule.severity,
            field=name,
            message=rule.describe({"matched": matched, "other": words, "n": round(100 * probability)}),
            source=self._describe_source(rule),
            start=low,
            end=high,
            matched=matched,
        )


class _Said:
    """Where findings speak, by family and field; a text of one sentence over and over has as many as sentences."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        places: dict[tuple[str, Field], list[tuple[int, int]]] = {}
        for finding in findings:
            whole = finding.start < 0  # speaks of the field as a whole
            places.setdefault((finding.family, finding.field), []).append(
                (-1, sys.maxsize) if whole else (finding.start, finding.end)
            )
        self._starts: dict[tuple[str, Field], list[int]] = {}
        self._ends: dict[tuple[str, Field], list[int]] = {}
        for key, spans in places.items():
            spans.sort()
            self._starts[key] = [start for start, _end in spans]
            self._ends[key] = list(accumulate((end for _start, end in spans), max))

    def touches(self, family: str, field: Field, start: int, end: int) -> bool:
        """Whether a finding of ``family`` touches characters ``start`` to ``end`` of ``field``."""
        before = bisect_left(self._starts.get((family, field), []), end)
        return before > 0 and self._ends[family, field][before - 1] > start


def _prepare(rule: Rule, model: ClaimModel) -> ClaimRule:
    if rule.family not in model.families:
        raise InputError(
            _("rule '{id}': no weights are known for the family '{family}'; known: {known}").format(
                id=rule.id, family=rule.family, known=", ".join(model.families)
            )
        )
    likely = rule.options.get("likely", 0.9)
    if not isinstance(likely, int | float) or not 0 < likely < 1:
        raise InputError(_("rule '{id}': the option likely is a probability between 0 and 1").format(id=rule.id))
    return ClaimRule(rule, float(likely), join_patterns(rule.unless_near), join_patterns(rule.unless_post))


def _widen(text: str, low: int, high: int, start: int, end: int, table: ClaimTable) -> tuple[int, int]:
    """``low`` to ``high`` with the rest of the clauses that they begin and end in, marks at the ends left out."""
    marks = (CLAUSE_END, SENTENCE_END)
    while low > start and table[ord(text[low - 1])] not in marks:
        low -= 1
    while high < end and table[ord(text[high])] not in marks:
        high += 1
    return low, high


class _QuickPass:
    """Says of a short text in a few microseconds whether one of its sentences may come near a limit."""

    def __init__(self, model: ClaimModel, limits: Sequence[float], table: ClaimTable) -> None:
        self._table = table
        self._weigh = model.packed.get
        self._n_mask = (1 << model.BITS) - 1
        # A field's top bit shows where its sum reached the limit that goes with so many n-grams.
        top = 1 << (model.BITS - 1)
        shifts = [model.BITS * (at + 1) for at in range(len(limits))]
        self._tops = sum(top << shift for shift in shifts)
        never = top >> 1
        self._offsets = [
            sum(
                (top - (never if limit == math.inf else math.floor(limit * math.sqrt(max(n, 1))))) << shift
                for limit, shift in zip(limits, shifts, strict=True)
            )
            for n in range(2 * (MAX_LENGTH + MIN_LENGTH))
        ]

    def may_hold(self, text: str) -> bool:
        marked = text.translate(self._table)
        if SENTENCE_END not in marked:
            folded = marked.replace(CLAUSE_END, "") if CLAUSE_END in marked else marked
            if len(folded) <= MAX_LENGTH:
                return bool(folded) and self.reaches(folded)
        return any(map(self.reaches, cut_marked(marked)))

    def reaches(self, folded: str) -> bool:
        """Whether a folded sentence comes near a limit."""
        weigh, nothing = self._weigh, _NOTHING
        total = sum(map(weigh, map(add, folded, folded[1:]), nothing), sum(map(weigh, folded, nothing)))
        return (total + self._offsets[total & self._n_mask]) & self._tops != 0


# What a character may be for the grid; known ones come after.
_DROPPED, _END, _COMMA, _UNKNOWN, _FIRST = range(5)
_NEW, _SEVERAL = 0xFFFF, 0xFFFE
# Beyond this no letters are left (variation selectors, private use); see ``scanning``.
_TABLE_SIZE = 0x33500


class _Grid:
    """The same pass over any number of texts of any length, with numpy."""

    def __init__(self, model: ClaimModel, limits: Sequence[float], table: ClaimTable) -> None:
        self._table = table
        chars = sorted({char for gram in model.packed for char in gram})
        self._ids = {char: at for at, char in enumerate(chars, _FIRST)}
        self._n = _FIRST + len(chars)
        self._codes = np.full(_TABLE_SIZE, _NEW, dtype=np.uint16)
        self._codes[-1] = _DROPPED
        self._limits = np.array(limits, dtype=np.float32)
        pairs = {gram: at for at, gram in enumerate((gram for gram in model.packed if len(gram) == 2), 1)}
        self._pair_at = np.zeros(self._n * self._n, dtype=np.uint16 if len(pairs) < 0xFFFF else np.uint32)
        keys = [self._ids[pair[0]] * self._n + self._ids[pair[1]] for pair in pairs]
        self._pair_at[keys] = list(pairs.values())
        self._single: _F32 = np.zeros((self._n, len(limits) + 1), dtype=np.float32)
        self._pair: _F32 = np.zeros((len(pairs) + 1, len(limits) + 1), dtype=np.float32)
        # The last column counts.
        self._pair[1:, -1] = 1
        self._single[[self._ids[gram] for gram in model.packed if len(gram) == 1], -1] = 1
        for at, grams in enumerate(model.grams):
            for rows, ids in ((self._single, self._ids), (self._pair, pairs)):
                known = [gram for gram in grams if gram in ids]
                rows[[ids[gram] for gram in known], at] = [grams[gram] for gram in known]

    def find(self, texts: Sequence[str]) -> list[tuple[int, int, int]]:
        """The sentences that come near a limit: number of the text, start and end in it."""
        found: list[tuple[int, int, int]] = []
        begin = 0
        while begin < len(texts):
            if len(texts[begin]) > _CHUNK_LENGTH:
                for offset, part in self._split(texts[begin]):
                    found += [(begin, offset + start, offset + end) for _at, start, end in self._find([part])]
                begin += 1
                continue
            stop, n = begin, 0
            while stop < len(texts) and (stop == begin or n + len(texts[stop]) <= _CHUNK_LENGTH):
                n += len(texts[stop])
                stop += 1
            found += [(begin + at, start, end) for at, start, end in self._find(texts[begin:stop])]
            begin = stop
        return found

    def _split(self, text: str) -> Iterator[tuple[int, str]]:
        """Parts of a long text and where each begins: it is cut at the end of a sentence with so much before and
        behind it that no sentence is joined to one of another part."""
        begin, at = 0, _CHUNK_LENGTH
        while at < len(text) - MIN_LENGTH:
            if self._table[ord(text[at - 1])] == SENTENCE_END and all(
                len(made := self._table[ord(char)]) == 1 and made not in (SENTENCE_END, CLAUSE_END)
                for char in text[at - 1 - MIN_LENGTH : at - 1] + text[at : at + MIN_LENGTH]
            ):
                yield begin, text[begin:at]
                begin, at = at, at + _CHUNK_LENGTH
            else:
                at += 1
        yield begin, text[begin:]

    def _look_up(self, text: str) -> NDArray[np.uint16]:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        codes = self._codes.take(points, mode="clip")
        new = codes == _NEW
        if new.any():
            for point in np.unique(points[new]).tolist():
                made = self._table[point]
                if made in (SENTENCE_END, CLAUSE_END):
                    code = _END if made == SENTENCE_END else _COMMA
                elif len(made) > 1:
                    code = _SEVERAL
                else:
                    code = self._ids.get(made, _UNKNOWN) if made else _DROPPED
                self._codes[point] = code
            codes = self._codes.take(points, mode="clip")
        return codes

    def _find(self, texts: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        joined = "\n".join(texts)
        codes = self._look_up(joined)
        begins = np.array(list(accumulate([len(text) + 1 for text in texts[:-1]], initial=0)))
        if (codes == _SEVERAL).any():
            codes, origin = self._spell_out(joined, codes)
        else:
            origin = np.arange(len(codes))
        (kept,) = (codes > _COMMA).nonzero()
        if not len(kept):
            return
        (marks,) = ((codes == _END) | (codes == _COMMA)).nonzero()
        pieces = self._cut(codes, kept, marks, np.searchsorted(origin, begins))
        chars, starts = codes[kept].astype(np.int64), pieces[:, 0]
        for first, last in _chunks(starts):
            low, high = starts[first], pieces[last - 1, 1]
            sums = self._weigh(chars[low:high], starts[first:last] - low)
            roots = np.sqrt(np.maximum(sums[:, -1:], 1))
            near = np.flatnonzero((sums[:, :-1] >= self._limits * roots).any(axis=1))
            for at in near.tolist():
                start, end = pieces[first + at].tolist()
                start, end = int(origin[kept[start]]), int(origin[kept[end - 1]]) + 1
                owner = int(np.searchsorted(begins, start, side="right")) - 1
                begin = int(begins[owner])
                yield owner, start - begin, end - begin

    def _spell_out(self, text: str, codes: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], _I64]:
        """``codes`` with one for each character that a character stands for (㏄), and which of ``text`` it is."""
        (several,) = (codes == _SEVERAL).nonzero()
        times = np.ones(len(codes), dtype=np.int64)
        spelled = [[self._ids.get(piece, _UNKNOWN) for piece in self._table[ord(text[at])]] for at in several.tolist()]
        times[several] = [len(each) for each in spelled]
        origin = np.repeat(np.arange(len(codes)), times)
        codes = codes.repeat(times)
        codes[codes == _SEVERAL] = [code for each in spelled for code in each]
        return codes, origin

    def _cut(self, codes: NDArray[np.uint16], kept: _I64, marks: _I64, begins: _I64) -> _I64:
        """Start and end of each sentence, in kept characters; ``begins`` are where texts begin, in ``codes``."""
        n_before = np.searchsorted(kept, marks)
        is_end = codes[marks] == _END
        bounds = np.append(np.searchsorted(kept, begins), len(kept))
        edges = np.unique(np.concatenate([n_before[is_end], bounds]))
        starts, ends = edges[:-1], edges[1:]
        lengths = ends - starts
        odd = (lengths < MIN_LENGTH) | (lengths > MAX_LENGTH)
        if not odd.any():
            return np.stack([starts, ends], axis=1)
        # Texts with a sentence that is too short or too long are cut one by one.
        owner = np.searchsorted(bounds, starts, side="right") - 1
        by_hand = np.unique(owner[odd])
        rest = ~np.isin(owner, by_hand)
        cut = [np.stack([starts[rest], ends[rest]], axis=1)]
        firsts = np.searchsorted(n_before, bounds)
        for text in by_hand.tolist():
            low, high = int(bounds[text]), int(bounds[text + 1])
            here = slice(firsts[text], np.searchsorted(n_before, high, side="right"))
            at, ended = n_before[here] - low, is_end[here]
            cut.append(np.array(cut_pieces(high - low, at[ended].tolist(), at[~ended].tolist())) + low)
        pieces = np.concatenate(cut)
        return pieces[pieces[:, 0].argsort(kind="stable")]

    def _weigh(self, chars: _I64, starts: _I64) -> _F32:
        """By sentence, the sums of the weights in each family and how many n-grams are known."""
        weights = self._single.take(chars, axis=0)
        pairs = self._pair_at.take(chars[:-1] * self._n + chars[1:])
        pairs[starts[1:] - 1] = 0
        (known,) = pairs.nonzero()
        weights[known] += self._pair[pairs[known]]
        return np.add.reduceat(weights, starts, axis=0)


def _chunks(starts: _I64) -> Iterator[tuple[int, int]]:
    """Runs of sentences of some ``_CHUNK_LENGTH`` characters: the first, and the one after the last."""
    first = 0
    while first < len(starts):
        last = int(np.searchsorted(starts, starts[first] + _CHUNK_LENGTH))
        yield first, last
        first = last
