"""Words that are set in two lines: 国家, line break, 级. Where a line breaks off within a term it is read on.

Lists have one thing a line, so a break counts only where the lines before and after it make something together that
neither has alone; the rules then judge the text with the break left out.
"""

from __future__ import annotations

import re

from creator_kit.review.signs import PlainTable
from creator_kit.review.term_finder import TermFinder
from creator_kit.review.vocabulary import Owner, Vocabulary, join_bits

_Span = tuple[int, int]

# A line that does not end a sentence, and one that goes on with one.
_BREAK = re.compile(r"(?<=[\w，,、：:%“【])[ \t\u3000]*\n[ \t\u3000]*(?=[\w%，：:”】])(?!\d{1,2}[.、)）])")
# Three digits or more on either side, in any writing.
_DIGIT = "[0-9０-９〇零幺一二两三四五六七八九①-⑨⓪][ \ufe0f\u20e3-]{0,3}"
_NUMBER_BEFORE = re.compile(f"(?:{_DIGIT}){{3,16}}$")
_NUMBER_AFTER = re.compile(f"[ -]?(?:{_DIGIT}){{3,16}}")
_REACH = 24
# The shortest telephone number has eight digits with its area's.
_MIN_DIGITS = 8


# So near to a break the parts of a rule stand, in folded characters.
_NEAR = 16
# More lines than this that end without a stop are a list: only a term that is broken off counts there.
_MAX_LINES = 2


class LineReader:
    """Finds breaks at which a text is to be read on: where terms of ``known``, all parts of a rule or what an
    expression matches stand on both sides together and on neither alone. Texts are folded by ``to_plain``."""

    def __init__(self, known: Vocabulary, to_plain: PlainTable) -> None:
        self._known = known
        self._to_plain = to_plain
        self._letters = frozenset(known.letters)
        self._finder = TermFinder(known.terms)

    def find(self, text: str) -> list[_Span]:
        """The breaks of ``text`` within something that a rule is about."""
        if "\n" not in text:
            return []
        breaks = [match.span() for match in _BREAK.finditer(text)]
        is_list = len(breaks) > _MAX_LINES
        return [span for span in breaks if splits_number(text, *span) or self._is_split(text, *span, is_list=is_list)]

    def _is_split(self, text: str, start: int, end: int, *, is_list: bool) -> bool:
        before = text[max(0, start - _NEAR) : start].translate(self._to_plain)
        after = text[end : end + _NEAR].translate(self._to_plain)
        for number in () if is_list else self._known.pairs.get(before[-1:] + after[:1], ()):
            expression = self._known.expressions[number]
            near, rest = text[max(0, start - _REACH) : start], text[end : end + _REACH]
            if expression.is_in(near + rest) and not expression.is_in(f"{near}\n{rest}"):
                return True
        left = right = everything = 0
        across: list[Owner] = []
        place = len(before)
        joined = before + after
        for first, last in self._finder.find(joined):
            owners = self._known.terms[joined[first:last]]
            for _bit, needed in owners:
                everything |= needed
            if last <= place:
                left |= join_bits([owners])
            elif first >= place:
                right |= join_bits([owners])
            else:
                across += owners
        if is_list and not across:
            return False
        for char in self._letters.intersection(before):
            left |= self._known.letters[char]
        for char in self._letters.intersection(after):
            right |= self._known.letters[char]
        whole = left | right | join_bits([across])
        if any(whole & parts == parts for _bit, parts in across):
            return True
        return not is_list and any(
            whole & parts == parts and left & parts != parts and right & parts != parts
            for parts in self._known.rules
            if everything & parts
        )


def splits_number(text: str, start: int, end: int) -> bool:
    """Whether one number seems to stand on both sides of the break."""
    before = _NUMBER_BEFORE.search(text, max(0, start - 2 * _REACH), start)
    after = _NUMBER_AFTER.match(text, end) if before else None
    return before is not None and after is not None and _count(before[0]) + _count(after[0]) >= _MIN_DIGITS


def _count(number: str) -> int:
    return sum(char.isalnum() for char in number)
