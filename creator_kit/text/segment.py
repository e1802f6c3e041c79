"""Words of a Chinese text with their parts of speech, emoji kept whole and positions kept exact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from creator_kit.text.emoji import EMOJI_RE

TokenKind = Literal["word", "number", "latin", "emoji", "punct", "space"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text: ``text == original[start:start + len(text)]``.

    ``pos`` is jieba's part-of-speech flag (``n``, ``v``, ``m``, ``q`` …), "" where it has no meaning.
    """

    text: str
    start: int
    kind: TokenKind
    pos: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_CHUNK = re.compile(
    rf"(?P<emoji>{EMOJI_RE.pattern})"
    r"|(?P<number>[0-9０-９]+(?:[.．,][0-9０-９]+)*%?)"
    r"|(?P<latin>[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’\-]*)"
    r"|(?P<word>[\u3400-\u9fff\U00020000-\U0003134f々〇]+)"
    r"|(?P<space>\s+)"
    r"|(?P<punct>.)",
    re.DOTALL,
)


@lru_cache(maxsize=1)
def _tagger():  # type: ignore[no-untyped-def]
    import rjieba

    return rjieba.tag


def segment(text: str) -> list[Token]:
    """Tokens of ``text`` in order, without gaps: ``"".join(t.text for t in segment(x)) == x``.

    Emoji sequences, numbers and Latin words are taken out first, since jieba cuts through them;
    what is left is segmented and tagged by jieba's dictionary (rjieba).
    """
    tag = _tagger()
    tokens: list[Token] = []
    for match in _CHUNK.finditer(text):
        kind = match.lastgroup
        piece, start = match.group(), match.start()
        if kind == "word":
            for word, pos in tag(piece):
                tokens.append(Token(word, start, "word", pos))
                start += len(word)
        else:
            tokens.append(Token(piece, start, kind, {"number": "m", "latin": "eng"}.get(kind or "", "")))  # type: ignore[arg-type]
    return tokens
