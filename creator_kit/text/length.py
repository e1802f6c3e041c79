"""How the platform counts: a title's units and a body's characters."""

from __future__ import annotations

TITLE_LIMIT = 20
BODY_LIMIT = 1000
TAGS_LIMIT = 10
IMAGES_LIMIT = 18


def count_title_units(title: str) -> int:
    """Units of ``title`` under the platform's rule; 20 are allowed.

    Each UTF-16 code unit above 127 counts 2, any other 1, and half the sum is rounded up
    (xiaohongshu-mcp, pull request 410): a Chinese character is 1, two Latin letters are 1, 😀 is 2.
    """
    return (count_half_units(title) + 1) // 2


def count_half_units(text: str) -> int:
    """Half units of ``text``; those of two texts joined are the sum of theirs, which whole units are not."""
    n_code_units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return 2 * n_code_units - len(text.encode("ascii", "ignore"))


def count_body_characters(body: str) -> int:
    """Characters of ``body``; 1,000 are allowed.

    Counted as UTF-16 code units, as the platform's own editor (a web page) counts; an emoji is 2,
    so that the count errs on the safe side.
    """
    return len(body.encode("utf-16-le", "surrogatepass")) // 2
