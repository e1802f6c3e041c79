"""Where a text may hold a word with a character written by its sound: a quick look at every pair of neighbours.

A pair is suspicious where one of its characters, replaced by another of the same sound, makes it one that stands in a
term (诚 beside 生, for 生成), and as it is written it stands in none and is nothing that people write every day. All
pairs of the 6,763 characters of GB 2312, letters and digits are bits of one table of 6 MB: a text costs a look-up a
character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creator_kit.paths import find_shipped_dir
from creator_kit.review.folding import FoldTable, common_characters
from creator_kit.review.sounds import load_readings

Pair = tuple[int, int]
"""Where its two characters stand in a text."""

# One text up to here is looked at without numpy.
_SHORT = 60
# Characters of a longer one that are looked at in one go.
_CHUNK_LENGTH = 200_000
# No letters beyond (variation selectors, private use).
_TABLE_SIZE = 0x32001
# Codes: a character that is dropped, one that stands in no pair, one that was not met yet; any digit, all others.
_DROPPED, _OTHER, _NEW, _DIGIT, _FIRST = range(5)
_COMMON_WORDS = "的了是在有一会就也都能不以和"
_BIT = (1 << np.arange(8)).astype(np.uint8)
_I64 = NDArray[np.int64]


@lru_cache(maxsize=1)
def _number_characters() -> dict[str, int]:
    letters = [char for char in common_characters() if not char.isdigit()]
    return dict.fromkeys("0123456789", _DIGIT) | {char: at for at, char in enumerate(letters, _FIRST)}


def _load_everyday_pairs() -> list[str]:
    path = find_shipped_dir("templates") / "sounds" / "everyday_pairs.txt"
    pairs: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            pairs += [line[0] + follower for follower in line[2:]]
    return pairs


class _Codes(dict[str, int]):
    """The code of a character, looked up when it is first met."""

    def __init__(self, table: FoldTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, char: str) -> int:
        folded = self._table[ord(char)]
        code = self[char] = _number_characters().get(folded[0], _OTHER) if folded else _DROPPED
        return code


class PairSieve:
    """Finds suspicious pairs in texts. ``pairs`` are strings of two that stand in terms, ``weak`` ones may be
    neighbours in a match: there a common word (的, 了) says nothing. Both are folded by ``table``. ``suspicious`` is
    what came of them before."""

    def __init__(
        self, pairs: Iterable[str], weak: Iterable[str], table: FoldTable, suspicious: bytes | None = None
    ) -> None:
        self._codes = _Codes(table)
        self._looked_up = np.full(_TABLE_SIZE, _NEW, dtype=np.uint16)
        self._looked_up[-1] = _DROPPED
        for char in common_characters():
            self._looked_up[ord(char)] = self._codes[char]
        self._n = max(_number_characters().values()) + 1
        self.suspicious = self._mark(list(pairs), list(weak)) if suspicious is None else suspicious
        self._bits = np.frombuffer(self.suspicious, dtype=np.uint8)
        if len(self._bits) != -(-self._n * self._n // 8):
            raise ValueError("a table of another size")

    def _mark(self, pairs: Sequence[str], weak: Sequence[str]) -> bytes:
        """The table: a bit for each pair that is suspicious."""
        suspicious = np.zeros(self._n * self._n, dtype=np.bool_)
        strong, other = self._encode(pairs), self._encode(weak)
        suspicious[self._vary(strong, ())] = True
        suspicious[self._vary(other, [self._codes[char] for char in _COMMON_WORDS])] = True
        for plain in (strong, other, self._encode(_load_everyday_pairs())):
            suspicious[plain[:, 0] * self._n + plain[:, 1]] = False
        return np.packbits(suspicious, bitorder="little").tobytes()

    def _encode(self, pairs: Sequence[str]) -> _I64:
        """The codes of ``pairs`` that have two, one pair a row."""
        points = np.frombuffer("".join(pairs).encode("utf-32-le"), dtype="<u4").reshape(-1, 2)
        codes = self._looked_up.take(points, mode="clip").astype(np.int64)
        return codes[(codes >= _DIGIT).all(axis=1)]

    def _vary(self, pairs: _I64, silent: Sequence[int]) -> _I64:
        """The places in the table of ``pairs`` with either character replaced by each of its sound, unless the other is
        one of ``silent``."""
        readings = load_readings()
        by_sound: dict[str, list[int]] = {}
        for char, code in _number_characters().items():
            if syllable := readings.get(char):
                by_sound.setdefault(syllable, []).append(code)
        sound = np.full(self._n, -1, dtype=np.int64)
        for number, codes in enumerate(by_sound.values()):
            sound[codes] = number
        counts = np.array([len(codes) for codes in by_sound.values()])
        starts = np.cumsum(counts) - counts
        members = np.concatenate([np.array(codes) for codes in by_sound.values()])
        places = []
        for side, weight, other_weight in ((0, self._n, 1), (1, 1, self._n)):
            some = pairs[(sound[pairs[:, side]] >= 0) & ~np.isin(pairs[:, 1 - side], silent)]
            keys = np.unique(sound[some[:, side]] * self._n + some[:, 1 - side])
            sounds, fixed = keys // self._n, keys % self._n
            n_alike = counts[sounds]
            first = np.repeat(starts[sounds], n_alike)
            within = np.arange(len(first)) - np.repeat(np.cumsum(n_alike) - n_alike, n_alike)
            places.append(members[first + within] * weight + np.repeat(fixed, n_alike) * other_weight)
        return np.concatenate(places)

    def find(self, text: str) -> list[Pair]:
        """The suspicious pairs of ``text``, in order."""
        return self._find_short(text) if len(text) <= _SHORT else self._find_long(text)

    def _find_short(self, text: str) -> list[Pair]:
        bits, n = self.suspicious, self._n
        found = []
        before, before_at = _OTHER, 0
        for at, code in enumerate(map(self._codes.__getitem__, text)):
            if code:
                place = before * n + code
                if bits[place >> 3] >> (place & 7) & 1:
                    found.append((before_at, at))
                before, before_at = code, at
        return found

    def _find_long(self, text: str) -> list[Pair]:
        found: list[Pair] = []
        last, last_at = _OTHER, 0
        for begin in range(0, len(text), _CHUNK_LENGTH):
            codes = self._look_up(text[begin : begin + _CHUNK_LENGTH])
            (at,) = codes.nonzero()
            if not len(at):
                continue
            kept = codes[at].astype(np.int32)
            if begin:  # the first one may be a pair with what came before
                kept, at = np.append(np.int32(last), kept), np.append(last_at, at + begin)
            places = kept[:-1] * np.int32(self._n) + kept[1:]
            (hits,) = (self._bits.take(places >> 3) & _BIT.take(places & 7)).nonzero()
            if len(hits):
                found += zip(at[hits].tolist(), at[hits + 1].tolist(), strict=True)
            last, last_at = int(kept[-1]), int(at[-1])
        return found

    def _look_up(self, text: str) -> NDArray[np.uint16]:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        codes = self._looked_up.take(points, mode="clip")
        new = codes == _NEW
        if new.any():
            for point in np.unique(points[new]).tolist():
                self._looked_up[point] = self._codes[chr(point)]
            codes = self._looked_up.take(points, mode="clip")
        return codes
