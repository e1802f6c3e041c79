"""One spelling for the many ways to write a word, with every position kept.

A text is folded character by character, so that where a folded character came from is never in doubt:
compatibility forms (full width, circled, mathematical), case, traditional characters, look-alike letters,
and whatever was put between the characters of a word to hide it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Literal

Stretch = Literal["none", "light", "all"]
"""What may stand between the characters of a term: nothing but what is invisible; blanks, emoji and ornaments;
or anything that is neither letter nor digit, line breaks and punctuation included."""

STRETCHES: tuple[Stretch, ...] = ("none", "light", "all")

# Punctuation that ends or divides a sentence: light folding keeps it, so that no term is read across it.
_DIVIDERS = frozenset("，,。．！!？?；;：:、\n…“”\"'‘’（）()《》<>【】［］[]〔〕「」『』%％¥￥#@&")
# Letters of other scripts that are drawn like Latin ones; NFKC leaves them alone.
_LOOK_ALIKES = str.maketrans("аеорсхуіѕјкмтвнνοριυκѵһԁɡոԛԝɑӏϲь", "aeopcxyisjkmtbhvopiukvhdgnqwalcb")
# Full-width marks that Chinese texts use as they are; the others (％, ．, ／, ＠) stand for the narrow ones.
_WIDE_MARKS = frozenset("！（），：；？")
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc"})
# Drawn as nothing but classed as letters: hangul fillers, braille blank.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def common_characters() -> str:
    """The 6,763 characters of GB 2312, small Latin letters and digits."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", "ignore") for pair in cells) + "abcdefghijklmnopqrstuvwxyz0123456789"


def _simplify(char: str) -> str:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return str(_to_simplified().convert(char))
    # The character set of mainland Chinese: simplified already, and OpenCC's tables need not be loaded.
    return char


# Runs of characters that may change are kept at hand up to this length, and so many of them.
_MAX_RUN, _MAX_RUNS = 4, 20_000
# A longer text is folded piece by piece.
_CHUNK_LENGTH = 1 << 16


class _Runs(dict[str, str]):
    """The folded forms of runs of characters that may change; short ones (a comma, an emoji) come again."""

    def __init__(self, table: FoldTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, run: str) -> str:
        folded = run.translate(self._table)
        if len(run) <= _MAX_RUN and len(self) < _MAX_RUNS:
            self[run] = folded
        return folded


class _Offsets(dict[str, tuple[int, ...]]):
    """For each character of such a run, folded, the character of the run that it comes from."""

    def __init__(self, table: FoldTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, run: str) -> tuple[int, ...]:
        table = self._table
        offsets = tuple([at for at, char in enumerate(run) for _piece in table[ord(char)]])
        if len(run) <= _MAX_RUN and len(self) < _MAX_RUNS:
            self[run] = offsets
        return offsets


class FoldTable(dict[int, str]):
    """A table for ``str.translate``, filled as characters are met.

    ``sounds`` maps a folded character to the one it stands in for (薇 → 微).
    """

    def __init__(self, stretch: Stretch, sounds: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._stretch = stretch
        self._sounds = dict(sounds or {})
        # What certainly stays as it is: simplified characters, small Latin letters and digits without a sound-alike.
        stays = "".join(char for char in common_characters() if char not in self._sounds)
        self._stays = stays
        self.runs = _Runs(self)
        self.offsets = _Offsets(self)

    @cached_property
    def split(self) -> Callable[[str], list[Any]]:
        """Cuts a text into what stays (the first and every other piece) and what may change."""
        return re.compile(f"([^{self._stays}]+)").split

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        self[code] = folded
        return folded

    def _fold(self, char: str) -> str:
        if char in self._sounds:
            return self._sounds[char]
        if char == "\n":
            return "" if self._stretch == "all" else char
        if unicodedata.category(char) in _INVISIBLE or char in _BLANK_LETTERS:
            return ""
        plain = unicodedata.normalize("NFKC", char).casefold().translate(_LOOK_ALIKES)
        if not all(piece.isalnum() for piece in plain):
            # Punctuation keeps its own form: "，" and "," are both written on purpose.
            return self._separator(char)
        plain = "".join(_simplify(piece) for piece in plain)
        return "".join(self._sounds.get(piece, piece) for piece in plain)

    def _separator(self, char: str) -> str:
        if "！" <= char <= "～" and char not in _WIDE_MARKS:
            char = chr(ord(char) - 0xFEE0)
        if self._stretch == "none":
            return " " if char.isspace() else char
        if self._stretch == "light" and char in _DIVIDERS:
            return char
        return ""


def fold(text: str, table: FoldTable) -> str:
    """``text`` in its folded form: ``text.translate(table)``, which looks up every character, done only where
    one may change. Most characters of a note are common ones that fold to themselves (10 times as fast)."""
    if len(text) > _CHUNK_LENGTH:
        return "".join([fold(text[at : at + _CHUNK_LENGTH], table) for at in range(0, len(text), _CHUNK_LENGTH)])
    pieces = table.split(text)
    if len(pieces) == 1:
        return text
    pieces[1::2] = map(table.runs.__getitem__, pieces[1::2])
    return "".join(pieces)


def map_positions(text: str, table: FoldTable) -> list[int]:
    """For each character of ``fold(text, table)``, the index in ``text`` that it came from."""
    origins: list[int] = []
    at = 0
    offsets = table.offsets
    pieces = table.split(text)
    for stays, changes in zip(pieces[::2], pieces[1::2], strict=False):
        if stays:
            end = at + len(stays)
            origins += range(at, end)
            at = end
        kept = offsets[changes]
        if len(kept) == 1:
            origins.append(at + kept[0])
        elif kept:
            origins += [at + offset for offset in kept]
        at += len(changes)
    origins += range(at, len(text))
    return origins
