"""What a sentence is made of, weighed: single characters and pairs of neighbours, by family of rules.

The weights (``templates/claims/weights.json``) are fitted by ``benchmarks/fit_claims.py`` on labelled sentences. A
sentence is folded as the widest rule folds it (blanks, marks and emoji out, digits to 0, look-alikes and sound-alike
characters to what they stand for), and its score is the sum of the weights of its n-grams, each counted once, over the
root of how many of them are known: a long sentence needs more than a short one. The probability that goes with a score
was calibrated on sentences that the fit had not seen (Platt 1999).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat
from operator import add
from pathlib import Path
from typing import Annotated

import msgspec

from creator_kit.datafiles import read_text, write_text
from creator_kit.errors import AssetError, InputError
from creator_kit.locale import _
from creator_kit.paths import find_shipped_dir, list_data_files
from creator_kit.review.folding import FoldTable

FOLDER, FILE_NAME = "claims", "weights.json"
# The longest n-gram. Pairs do as well as longer ones on sentences left out, and nothing can be read back from them.
MAX_GRAM = 2
# Sentences shorter than this (in folded characters) are read with what follows, longer ones are cut at a comma.
MIN_LENGTH, MAX_LENGTH = 4, 40
# Weights are whole numbers of this many to one, so that a sum does not depend on its order.
SCALE = 10

SENTENCE_END, CLAUSE_END = "\n", "\t"
_SENTENCE_MARKS = frozenset("。！？!?\n；;")
_CLAUSE_MARKS = frozenset("，,、：:～~…|｜")
_DIGITS = str.maketrans("123456789", "0" * 9)

_PER_LINE = 12
_LONGEST_WORD = 4

Gram = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_GRAM)]
Weight = Annotated[int, msgspec.Meta(ge=-5_000, le=5_000)]


class FamilyWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weights of one family. ``figures`` are those of sentences and notes that the fit had not seen."""

    figures: dict[str, float]
    bias: float
    slope: Annotated[float, msgspec.Meta(gt=0)]
    offset: float
    grams: dict[Gram, Weight]


class ClaimWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: where the weights come from, and the weights by family."""

    about: str
    fitted_on: str
    counts: dict[str, int]
    families: dict[str, FamilyWeights]


class ClaimTable(dict[int, str]):
    """For ``str.translate``: the folded form of a character, and the signs at which a text is cut."""

    def __init__(self, sounds: Mapping[str, str]) -> None:
        super().__init__()
        self._folded = FoldTable("all", sounds)

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _SENTENCE_MARKS:
            made = SENTENCE_END
        elif char in _CLAUSE_MARKS or char.isspace():
            made = CLAUSE_END
        else:
            made = self._folded[code].translate(_DIGITS)
        self[code] = made
        return made


def fold_claim(text: str, table: ClaimTable) -> str:
    """``text`` as the weights know it, in one piece."""
    return text.translate(table).replace(CLAUSE_END, "").replace(SENTENCE_END, "")


def list_grams(folded: str) -> set[str]:
    """The n-grams of a folded sentence, each once."""
    return {*folded, *map(add, folded, folded[1:])}


def cut_pieces(n: int, ends: Sequence[int], commas: Sequence[int]) -> list[tuple[int, int]]:
    """Where ``n`` folded characters are cut; ``ends`` and ``commas`` say how many stand before each mark."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for end in (*ends, n):
        if end - start < MIN_LENGTH:
            continue
        while end - start > MAX_LENGTH:
            before = bisect_right(commas, start + MAX_LENGTH)
            comma = commas[before - 1] if before else 0
            cut = comma if comma >= start + MIN_LENGTH else start + MAX_LENGTH
            pieces.append((start, cut))
            start = cut
        pieces.append((start, end))
        start = end
    if start < n:
        if pieces and n - pieces[-1][0] <= MAX_LENGTH:
            pieces[-1] = (pieces[-1][0], n)
        else:
            pieces.append((start, n))
    return pieces


@dataclass(frozen=True, slots=True)
class Sentence:
    """A folded sentence; ``origin`` says for each of its characters where it stood."""

    folded: str
    origin: Sequence[int]


def read_sentence(text: str, start: int, end: int, table: ClaimTable) -> Sentence:
    """Characters ``start`` to ``end`` of ``text`` as one sentence."""
    folded: list[str] = []
    origin: list[int] = []
    for at in range(start, end):
        made = table[ord(text[at])]
        if made != SENTENCE_END and made != CLAUSE_END:
            folded.append(made)
            origin += [at] * len(made)
    return Sentence("".join(folded), origin)


def cut_sentences(text: str, table: ClaimTable) -> list[Sentence]:
    """The sentences of ``text``, the short ones joined to what follows, the long ones cut."""
    marked = text.translate(table)
    pieces = cut_marked(marked)
    made = list(map(table.__getitem__, map(ord, text)))
    origin = [at for at, each in enumerate(made) if each != SENTENCE_END and each != CLAUSE_END for _char in each]
    ends = list(accumulate(map(len, pieces)))
    return [Sentence(piece, origin[end - len(piece) : end]) for piece, end in zip(pieces, ends, strict=True)]


def cut_marked(marked: str) -> list[str]:
    """The folded sentences that ``cut_sentences`` finds, of a text that ``ClaimTable`` translated."""
    pieces: list[str] = []
    pending = ""
    for segment in marked.split(SENTENCE_END):
        pending += segment
        plain = pending.replace(CLAUSE_END, "")
        if len(plain) < MIN_LENGTH:
            pending = plain
            continue
        if len(plain) > MAX_LENGTH:
            commas = list(accumulate(map(len, pending.split(CLAUSE_END))))
            pieces += [plain[start:end] for start, end in cut_pieces(len(plain), (), commas)]
        else:
            pieces.append(plain)
        pending = ""
    if pending:
        if pieces and len(pieces[-1]) + len(pending) <= MAX_LENGTH:
            pieces[-1] += pending
        else:
            pieces.append(pending)
    return pieces


class ClaimModel:
    """Weights ready to be summed: of all families at once, each in ``BITS`` of one whole number, above the count of
    known n-grams."""

    BITS = 24

    def __init__(self, weights: ClaimWeights) -> None:
        self.families = tuple(weights.families)
        self.figures = {name: family.figures for name, family in weights.families.items()}
        self._fitted = tuple(weights.families.values())
        self.grams = [family.grams for family in self._fitted]
        self.packed: dict[str, int] = {}
        for at, family in enumerate(self._fitted):
            shift = self.BITS * (at + 1)
            for gram, weight in family.grams.items():
                self.packed[gram] = self.packed.get(gram, 1) + (weight << shift)

    def weigh(self, gram: str) -> list[int]:
        """The weight of ``gram`` in each family."""
        return self._unpack(self.packed.get(gram, 0))[1]

    def _unpack(self, total: int) -> tuple[int, list[int]]:
        mask, half = (1 << self.BITS) - 1, 1 << (self.BITS - 1)
        n = total & mask
        total >>= self.BITS
        sums = []
        for _family in self._fitted:
            one = ((total + half) & mask) - half
            sums.append(one)
            total = (total - one) >> self.BITS
        return n, sums

    def score(self, folded: str) -> list[float]:
        """By family, the score of a folded sentence."""
        n, sums = self._unpack(sum(map(self.packed.get, list_grams(folded), repeat(0))))
        root = SCALE * math.sqrt(max(n, 1))
        return [family.bias + one / root for family, one in zip(self._fitted, sums, strict=True)]

    def calibrate(self, at: int, score: float) -> float:
        """The probability that goes with a score of the family ``at``."""
        family = self._fitted[at]
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, family.slope * score + family.offset))))

    def find_limit(self, at: int, probability: float) -> float:
        """The sum of weights over the root of their number, in parts of ``SCALE``, that gives ``probability``."""
        family = self._fitted[at]
        score = (math.log(probability / (1 - probability)) - family.offset) / family.slope
        return (score - family.bias) * SCALE

    def weigh_characters(self, folded: str, at: int) -> tuple[list[float], list[float]]:
        """For the family ``at``, what each pair of ``folded`` weighs with half of either character, and what each
        character weighs with half of either pair."""
        single = [self.weigh(char)[at] for char in folded]
        alone = [self.weigh(pair)[at] for pair in map(add, folded, folded[1:])]
        pairs = [pair + (one + other) / 2 for pair, one, other in zip(alone, single, single[1:], strict=False)]
        halves = [0, *(pair / 2 for pair in alone), 0]
        return pairs, [one + left + right for one, left, right in zip(single, halves, halves[1:], strict=False)]

    def explain(self, folded: str, at: int, n: int = 3) -> list[str]:
        """The words of ``folded`` that weigh most for the family ``at``, at most ``n``, in their order."""
        pairs, _characters = self.weigh_characters(folded, at)
        heavy = sorted((place for place, weight in enumerate(pairs) if weight > 0), key=lambda it: (-pairs[it], it))
        words: list[tuple[int, int]] = []
        for place in heavy:
            if "0" in folded[place : place + 2]:
                continue
            near = next((word for word in words if place + 2 > word[0] and place < word[1]), None)
            if near is not None:
                # 身份 and 份证 are one word.
                longer = min(near[0], place), max(near[1], place + 2)
                if longer[1] - longer[0] <= _LONGEST_WORD:
                    words[words.index(near)] = longer
            elif len(words) < n:
                words.append((place, place + 2))
        return [folded[start:end] for start, end in sorted(words)]

    def underline(self, folded: str, at: int) -> tuple[int, int]:
        """The run of characters of ``folded`` that weighs most for the family ``at``: its start and end."""
        _pairs, characters = self.weigh_characters(folded, at)
        best, low, high, sofar, begin = -math.inf, 0, len(folded), 0.0, 0
        for place, weight in enumerate(characters):
            if sofar <= 0:
                sofar, begin = 0.0, place
            sofar += weight
            if sofar > best:
                best, low, high = sofar, begin, place + 1
        return low, high


def find_weights(user_root: Path | None = None) -> Path:
    """Where the workspace's own weights are, else those shipped."""
    for path in list_data_files(FOLDER, ".json", user_root):
        if path.name == FILE_NAME:
            return path
    return find_shipped_dir("templates") / FOLDER / FILE_NAME


def load_weights(path: Path) -> ClaimModel:
    """The weights in ``path``. Raises AssetError where it is missing and InputError, naming the place, where it holds
    something else."""
    if not path.is_file():
        raise AssetError(
            _("the weights of claims are missing"),
            where=str(path),
            hint=_("install creator-kit again: pip install --force-reinstall creator-kit"),
        )
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, _changed_at: int) -> ClaimModel:
    try:
        weights = msgspec.json.decode(read_text(path), type=ClaimWeights)
    except msgspec.DecodeError as error:
        raise InputError(
            _("no weights of claims: {error}").format(error=error),
            where=str(path),
            hint=_("restore the file, or remove yours so that the shipped one is read"),
        ) from error
    return ClaimModel(weights)


def save_weights(weights: ClaimWeights, path: Path) -> None:
    """Write ``weights``, n-grams sorted, some to a line."""
    table = msgspec.to_builtins(weights)
    families = table.pop("families")
    lines = [f"  {_dump(key)}: {_dump(value)}," for key, value in table.items()]
    blocks = []
    for name, family in families.items():
        grams = family.pop("grams")
        head = [f"      {_dump(key)}: {_dump(value)}," for key, value in family.items()]
        pairs = [f"{_dump(gram)}:{weight}" for gram, weight in sorted(grams.items())]
        rows = [",".join(pairs[at : at + _PER_LINE]) for at in range(0, len(pairs), _PER_LINE)]
        body = [f"    {_dump(name)}: {{", *head, '      "grams": {', ",\n".join(rows), "      }", "    }"]
        blocks.append("\n".join(body))
    write_text(path, "\n".join(["{", *lines, '  "families": {', ",\n".join(blocks), "  }", "}", ""]))


def _dump(value: object) -> str:
    return msgspec.json.encode(value).decode()
