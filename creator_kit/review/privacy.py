"""Data about a person that must not be published: telephone, identity and bank card numbers, mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from creator_kit.review.finding import Field
from creator_kit.review.hit import AS_WRITTEN, Hit, NoteInReview, Options, span
from creator_kit.review.scanned import AT, Scanned
from creator_kit.review.view import View, fold_views

_NUMERALS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789"[:13])
_CHINESE_NUMERAL = re.compile("[〇零一幺二两三四五六七八九]")
# What people put between digits: blanks, dashes, dots, emoji; not what lists and prices are made of.
_GAP = r"[^0-9a-z\u3400-\u9fff,，。:：/¥￥\n]{0,3}"
_MOBILE = re.compile(rf"(?<![0-9a-z])1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9a-z])")
_LANDLINE = re.compile(r"(?<![0-9-])(?:0[0-9]{2,3}-[2-9][0-9]{6,7}|400-?[0-9]{3}-?[0-9]{4})(?![0-9-])")
_IDENTITY = re.compile(r"(?<![0-9a-z])[1-9][0-9]{5} ?(?:19|20)[0-9]{2}[01][0-9][0-3][0-9] ?[0-9]{3}[0-9x](?![0-9a-z])")
_CARD = re.compile(r"(?<![0-9])[3-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?(?![0-9])")
_MAIL = re.compile(
    r"[a-z0-9][a-z0-9._%+-]{1,40}(?:@| ?(?:\(at\)|\[at\]|艾特) ?)[a-z0-9-]{2,30}"
    r"(?:\.| ?(?:点|dot) ?)(?:com|cn|net|org|edu|io|me)"
)


# The shortest number that is looked for is a landline's; its digits are not farther apart than this.
_MIN_DIGITS, _MAX_APART = 10, 16
_NUMBER_REACH, _MAIL_REACH = 24, 90
_NO_AT = re.compile(r"[(\[][\x00-@\[-`\u3000-\u9fff\uff00-\uff20]|[(\[]$|艾(?!.{0,20}特)", re.DOTALL)

_Passage = tuple[Field, str, View]


def _number_passages(note: NoteInReview) -> list[_Passage]:
    """The parts of the note that hold enough digits for a number, as written; worked out once for all checks."""
    passages: list[_Passage] | None = note.noted.get(_number_passages)
    if passages is None:
        passages = note.noted[_number_passages] = [
            (field, scanned.text, view)
            for field, scanned in note.scanned
            if (places := _number_places(scanned))
            for view in fold_views(scanned.text, AS_WRITTEN, places)
        ]
    return passages


def _number_places(scanned: Scanned) -> list[tuple[int, int, int]]:
    if 2 * scanned.n_digits < _MIN_DIGITS:  # a character is two digits at most
        return []
    digits, n_each = scanned.digits()
    if n_each.sum() < _MIN_DIGITS:
        return []
    ends = [*(np.flatnonzero(np.diff(digits) > _MAX_APART) + 1).tolist(), len(digits)]
    groups = zip([0, *ends[:-1]], ends, strict=True)
    return [
        (int(digits[start]), int(digits[end - 1]), _NUMBER_REACH)
        for start, end in groups
        if n_each[start:end].sum() >= _MIN_DIGITS
    ]


def _mail_passages(note: NoteInReview) -> Iterator[_Passage]:
    """The parts of the note around what may stand for the sign of a mail address."""
    for field, scanned in note.scanned:
        if scanned.kinds & AT:
            signs = [at for at in scanned.places(AT) if not _NO_AT.match(scanned.text, at)]
            for view in fold_views(scanned.text, AS_WRITTEN, [(at, at, _MAIL_REACH) for at in signs]):
                yield field, scanned.text, view


def _hits(passages: Iterable[_Passage], pattern: re.Pattern[str]) -> Iterator[tuple[Hit, str]]:
    for field, text, view in passages:
        for match in pattern.finditer(view.folded):
            yield _span(field, text, view, match), match.group()


def _span(field: Field, text: str, view: View, match: re.Match[str]) -> Hit:
    origin = view.origin
    return span(field, text, view.begin + origin[match.start()], view.begin + origin[match.end() - 1] + 1)


def check_phone(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Mobile numbers, also with digits set apart, circled, full width or written in Chinese; landline numbers."""
    passages = _number_passages(note)
    for hit, number in _hits(passages, _MOBILE):
        if _is_grouped(number):
            yield hit
    for hit, _number in _hits(passages, _LANDLINE):
        yield hit
    for field, text, view in passages:
        if not _CHINESE_NUMERAL.search(view.folded):
            continue
        for match in _MOBILE.finditer(view.folded.translate(_NUMERALS)):
            written = view.folded[match.start() : match.end()]
            if _CHINESE_NUMERAL.search(written) and _is_grouped(match.group()):
                yield _span(field, text, view, match)


def _is_grouped(number: str) -> bool:
    """138 0013 8000, or every digit set apart; a row of small numbers has gaps at random."""
    n_gaps = len(re.findall(r"(?<=[0-9])[^0-9]+(?=[0-9])", number))
    return n_gaps <= 3 or n_gaps == 10


def check_identity_number(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Resident identity numbers whose check digit is right (GB 11643-1999)."""
    for hit, number in _hits(_number_passages(note), _IDENTITY):
        if has_valid_check_digit(number.replace(" ", "")):
            yield hit


def has_valid_check_digit(number: str) -> bool:
    """Whether the last character of an 18-character identity number fits the other 17 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return number[17].lower() == "10x98765432"[total % 11]


def check_bank_card(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Card numbers of 16 to 19 digits that pass the Luhn test."""
    for hit, number in _hits(_number_passages(note), _CARD):
        digits = [int(char) for char in number if char.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
        if sum(doubled) % 10 == 0 and len(set(digits)) > 1:
            yield hit


def check_mail_address(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Mail addresses, also with the @ written out."""
    for hit, _address in _hits(_mail_passages(note), _MAIL):
        yield hit
