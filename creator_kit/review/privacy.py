"""Data about a person that must not be published: telephone, identity and bank card numbers, mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from creator_kit.review.finding import Field
from creator_kit.review.hit import AS_WRITTEN, Hit, NoteInReview, Options, span
from creator_kit.review.scanned import AT, Scanned
from creator_kit.review.settling import keep_longest
from creator_kit.review.view import View, fold_views

_NUMERALS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789"[:13])
_CHINESE_NUMERAL = re.compile("[〇零一幺二两三四五六七八九]")
# What people put between digits: blanks, dashes, dots, emoji; not what lists and prices are made of.
_GAP = r"[^0-9a-z\u3400-\u9fff,，。:：/¥￥×*\n]{0,3}"
_MOBILE = re.compile(rf"(?<![0-9a-z])1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9a-z])")
_LANDLINE = re.compile(r"(?<![0-9-])(?:0[0-9]{2,3}-[2-9][0-9]{6,7}|400-?[0-9]{3}-?[0-9]{4})(?![0-9-])")
# Whose landline everybody may know, and which numbers only look like a mobile's; said right before.
_PUBLIC = re.compile(
    "投诉|举报|派出所|急救|救援|援助|街道办|社区|居委|图书馆|博物馆|景区|政务|税务|社保|消协|供电|燃气|自来水|铁路|疾控|反诈|官方"
)
_OTHER_NUMBER = re.compile("(?:订单|运单|快递单|单|编|货|批次|芯片|流水|条形码|序列)号[:： 是为]{0,2}$")
_SAID_BEFORE = 14
# A number that is said to be one may be set apart in any way (13 80 01 38 00 0, or over lines).
_WIDE = r"[^0-9a-z\u3400-\u9fff×*]{0,3}"
_SAID = re.compile(
    r"(?:电话|手机|号码|座机|拨打?|打给|打过来|联系|致电|加我|找我|找他|找她|微信|私人号|tel|call)[^0-9\n]{0,8}?"
    rf"(1{_WIDE}[3-9](?:{_WIDE}[0-9]){{9}}|0[0-9]{{2,3}}{_WIDE}[0-9]{{7,8}})(?![0-9])"
)
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
    for field, text, view in _number_passages(note):
        folded = view.folded
        has_words = _CHINESE_NUMERAL.search(folded) is not None
        found: set[tuple[int, int]] = set()
        for plain in (folded, folded.translate(_NUMERALS)) if has_words else (folded,):
            for match in _MOBILE.finditer(plain):
                if _is_grouped(match.group()) and not _OTHER_NUMBER.search(_before(folded, match)):
                    found.add(match.span())
            found.update(match.span(1) for match in _SAID.finditer(plain) if not _PUBLIC.search(_before(folded, match)))
        found.update(m.span() for m in _LANDLINE.finditer(folded) if not _PUBLIC.search(_before(folded, m)))
        for start, end in keep_longest(list(found)):
            origin = view.origin
            yield span(field, text, view.begin + origin[start], view.begin + origin[end - 1] + 1)


def _before(folded: str, match: re.Match[str]) -> str:
    return folded[max(0, match.start() - _SAID_BEFORE) : match.start()]


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
