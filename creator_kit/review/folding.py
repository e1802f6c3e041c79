"""One spelling for the many ways to write a word, with every position kept.

A text is folded character by character, so that where a folded character came from is never in doubt:
compatibility forms (full width, circled, mathematical), case, traditional characters, look-alike letters,
and whatever was put between the characters of a word to hide it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
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


_MAX_RUN, _MAX_RUNS = 4, 20_000


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
        self.changing = re.compile(f"[^{stays}]+")
        self._runs: dict[str, str] = {}

    def fold_match(self, match: re.Match[str]) -> str:
        """The folded form of a run of characters that may change; short ones (a comma, an emoji) come again."""
        run = match[0]
        folded = self._runs.get(run)
        if folded is None:
            folded = run.translate(self)
            if len(run) <= _MAX_RUN and len(self._runs) < _MAX_RUNS:
                self._runs[run] = folded
        return folded

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
    one may change. Most characters of a note are common ones that fold to themselves (6 times as fast)."""
    return table.changing.sub(table.fold_match, text)


def map_positions(text: str, table: FoldTable) -> list[int]:
    """For each character of ``fold(text, table)``, the index in ``text`` that it came from."""
    lengths = list(map(len, map(table.__getitem__, map(ord, text))))
    if max(lengths, default=0) <= 1:
        return [index for index, length in enumerate(lengths) if length]
    return [index for index, length in enumerate(lengths) for _ in range(length)]
