"""Lines that break between Chinese characters.

rich breaks a line at spaces alone: a Chinese sentence has none, so it would be cut with "…" in a help panel and
leave half of a table's column empty. Its splitter into words is private; where a later rich has none, texts
break at spaces as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDE = (
    "\u2e80-\u3000\u3012-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U00020000-\U0003ffff"
)
# No line begins with one of the first, or ends with one of the second.
_CLOSING = "，。、；：？！）］】》〉」』”…·％～｜"
_OPENING = "（［【《〈「『“"
_WORD = re.compile(
    rf"\s*[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+)?[{_CLOSING}]*\s*",
)


def split_words(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, piece) of the pieces of ``text`` between which a line may break; together they are ``text``.

    A Chinese character is a piece of its own, with the punctuation that must not leave it; a word of another
    script is one with the spaces behind it.
    """
    position = 0
    while position < len(text):
        match = _WORD.match(text, position)
        end = match.end() if match and match.end() > position else position + 1
        yield position, end, text[position:end]
        position = end


def break_between_characters() -> None:
    """Let rich break lines by ``split_words`` from here on."""
    try:
        import rich._wrap as wrap
    except ImportError:
        return
    if hasattr(wrap, "words"):
        wrap.words = split_words
