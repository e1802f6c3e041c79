"""Words of a Chinese text with their parts of speech, emoji kept whole and positions kept exact."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    r"|(?P<number>(?:[0-9０-９](?!\ufe0f?\u20e3))+(?:[.．,](?:[0-9０-９](?!\ufe0f?\u20e3))+)*%?)"
    r"|(?P<latin>[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’\-]*)"
    r"|(?P<word>[\u3400-\u9fff\U00020000-\U0003134f々〇]+)"
    r"|(?P<space>\s+)"
    r"|(?P<punct>.)",
    re.DOTALL,
)


# Words of the platform that jieba's dictionary cuts in two. Part of the tagger itself, so that a cut does not
# depend on which room was imported first.
_DOMAIN_WORDS = (
    *(("穿搭", "n"), ("唇釉", "n"), ("早八", "n"), ("平替", "n"), ("好物", "n"), ("敏感肌", "n"), ("自由行", "n")),
    *(("避雷", "v"), ("探店", "v"), ("黄皮", "n"), ("水光", "n"), ("亲子游", "n"), ("显白", "v"), ("一人食", "n")),
)


@lru_cache(maxsize=1)
def _tagger():  # type: ignore[no-untyped-def]
    import rjieba

    for word, pos in _DOMAIN_WORDS:
        rjieba.add_word(word, 50_000, pos)
    return rjieba.tag


def cut(text: str) -> list[str]:
    """The words of ``text`` by the dictionary alone, without gaps; what is no word comes in single characters."""
    import rjieba

    _tagger()  # the same words whoever asked first
    words: list[str] = rjieba.cut(text, False)
    return words


def is_word(text: str) -> bool:
    """Whether ``text`` is a word of the segmenter's dictionary."""
    import rjieba

    return text.isalpha() and bool(rjieba.has_word(text))


def frequency(word: str) -> int:
    """How often ``word`` stands in the segmenter's corpus (of 60 million words); for what is no word, what would make
    it one."""
    import rjieba

    _tagger()
    return int(rjieba.suggest_freq(word))


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


def segment_batch(texts: Sequence[str]) -> list[list[tuple[str, TokenKind, str]]]:
    """``[(token.text, token.kind, token.pos) ...]`` of each text: what ``segment`` gives, for whole corpora.

    All Chinese runs of the batch go to the segmenter in one call, joined by line ends (one call a title costs
    more than the segmentation). Pass some thousands of texts at a time.
    """
    shapes: list[list[tuple[str, TokenKind]]] = [
        [(match.group(), match.lastgroup) for match in _CHUNK.finditer(text)]  # type: ignore[misc]
        for text in texts
    ]
    runs = [piece for shape in shapes for piece, kind in shape if kind == "word"]
    words: list[list[tuple[str, TokenKind, str]]] = [[]]
    for word, pos in _tagger()("\n".join(runs)) if runs else ():
        if word == "\n":
            words.append([])
        else:
            words[-1].append((word, "word", pos))
    flags = {"number": "m", "latin": "eng"}
    out: list[list[tuple[str, TokenKind, str]]] = []
    place = 0
    for shape in shapes:
        row: list[tuple[str, TokenKind, str]] = []
        for piece, kind in shape:
            if kind == "word":
                row += words[place]
                place += 1
            else:
                row.append((piece, kind, flags.get(kind, "")))
        out.append(row)
    return out
