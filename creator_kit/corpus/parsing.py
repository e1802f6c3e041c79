"""Counts, times, rates and durations as exports write them.

Every function takes what a cell may hold (text, number, datetime, None), returns None for a cell that says
"nothing here", and raises ValueError, in the reader's language, for anything that it does not understand:
a wrong number is worse than a missing one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from creator_kit.clock import BEIJING
from creator_kit.locale import _

# Written where there is no value, by people, by pandas and by the platforms.
_NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "null",
        "none",
        "nan",
        "nat",
        "n/a",
        "#n/a",
        "undefined",
        "未知",
        "暂无",
        "无",
    }
    | {"unknown", "暂无数据", "数据计算中", "计算中"}
)
# What the page shows before the number loads, or for zero.
_ZERO_LABELS = frozenset({"赞", "点赞", "收藏", "评论", "分享", "转发", "喜欢", "抢首评", "like", "likes", "comment"})
_UNITS = {
    None: 1,
    "十": 10,
    "百": 100,
    "千": 1_000,
    "k": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "w": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "m": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}
_COUNT = re.compile(
    r"(?P<more>>=?|≥|超过?)?\s*(?P<number>[0-9]{1,15}(?:\.[0-9]{1,10})?|[0-9](?:\.[0-9]{1,14})?e\+?[0-9]{1,2})\s*"
    r"(?P<unit>十万|百万|千万|[十百千万萬亿kwm])?\s*(?P<floor>\++|以上|多)?\s*(?:次|人|个|条|赞|点赞|收藏|评论|分享|转发|粉丝)?"
)
# More than any account has; larger numbers are ids or times in the wrong column, and 64 bits are not endless.
MAX_COUNT = 10**12


def parse_count(value: object, *, signed: bool = False) -> tuple[int | None, bool]:
    """(number, is a floor) of ``value``: ``1.2万`` → (12000, False), ``10万+`` → (100000, True), "" → (None, False).

    ``-1`` is an export's "absent" unless ``signed``. ``赞`` and the other labels are zero.
    Raises ValueError for what is no count.
    """
    if value.__class__ is str:
        if value.isdecimal() and len(value) < 13:
            return int(value), False
        return _count_in_text(value, signed)
    if value is None:
        return None, False
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        if isinstance(value, str):
            return _count_in_text(value, signed)
        raise _no_count(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None, False
        if not math.isfinite(value) or value != int(value):
            raise _no_count(value)
        value = int(value)
    return _checked(value, value, signed), False


@lru_cache(maxsize=8192)  # "1.2万" comes again and again
def _count_in_text(text: str, signed: bool) -> tuple[int | None, bool]:
    plain = unicodedata.normalize("NFKC", text).strip().lower() if len(text) < 64 else text
    plain = plain.strip("\u200b\ufeff\u200c\u200d\u2060 '\t\"=")  # ="34" is Excel's text
    if plain in _NOTHING:
        return None, False
    if plain in _ZERO_LABELS:
        return 0, False
    if match := re.fullmatch(r"[0-9]{1,3}([, ])[0-9]{3}(?:\1[0-9]{3})*(?:\.0+)?", plain):
        plain = plain.replace(match[1], "")
    negative = plain.startswith(("-", "−"))
    match = _COUNT.fullmatch(plain[1:] if negative else plain)
    if match is None:
        raise _no_count(text)
    try:
        number = Decimal(match["number"]) * _UNITS[match["unit"]]
    except InvalidOperation as error:
        raise _no_count(text) from error
    if number != number.to_integral_value():
        raise _no_count(text)
    count = -int(number) if negative else int(number)
    return _checked(count, text, signed), bool(match["floor"] or match["more"])


def _checked(count: int, shown: object, signed: bool) -> int | None:
    if count == -1 and not signed:
        return None
    if (count < 0 and not signed) or abs(count) > MAX_COUNT:
        raise _no_count(shown)
    return count


def _no_count(value: object) -> ValueError:
    return ValueError(_("'{value}' is not a count").format(value=shorten(value)))


def shorten(value: object) -> str:
    """``value`` as one short line for a message."""
    text = " ".join(str(value).split()) if not isinstance(value, int) else str(value % 10**40)
    return text if len(text) <= 40 else text[:40] + "…"


# --- times ---------------------------------------------------------------------------------------------------

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02d}+08:00" for second in range(60))
_DAYS: dict[int, str] = {}
_EXCEL_EPOCH = datetime(1899, 12, 30)

_CLOCK = (
    r"(?P<half>上午|下午|中午|晚上|凌晨|am|pm)?\s*(?P<hour>\d{1,2})[:时點点](?P<minute>\d{1,2})?分?"
    r"(?::?(?P<second>\d{1,2})(?:[.,]\d{1,9})?秒?)?\s*(?P<half2>am|pm)?"
)
_FULL = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?(?:[\st_,]*" + _CLOCK + r")?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?"
)
_COMPACT = re.compile(
    r"(?P<year>20\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?:[\s_t]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)
_YEARLESS = re.compile(r"(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?(?:[\st_]*" + _CLOCK + r")?")
_DAY_WORD = re.compile(r"(?P<word>今天|昨天|昨日|前天|today|yesterday)(?:[\s,]*" + _CLOCK + r")?")
_AGO = re.compile(
    r"(?P<n>\d{1,4}|半|一|两|an?)\s*个?(?P<unit>秒钟?|分钟?|小时|天|日|周|星期|月|年"
    r"|seconds?|minutes?|mins?|hours?|days?|weeks?|months?|years?)\s*(?:之?前|ago)"
)
_NOW = frozenset({"刚刚", "刚才", "just now", "now"})
_AGO_SECONDS = {"秒": 1, "分": 60, "小": 3600, "s": 1, "h": 3600}
_AGO_DAYS = {"天": 1, "日": 1, "周": 7, "星": 7, "月": 30, "年": 365, "d": 1, "w": 7, "y": 365}
_DAY_BACK = {"今天": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
_PREFIX = re.compile(
    r"^(?:最后)?(?:编辑于|发布于|发表于|更新于|edited(?: on)?|posted(?: on)?)\s*[:：]?\s*", re.IGNORECASE
)
# The page shows the author's province behind the time: "03-21 广东".
_PLACE = re.compile(r"\s+[\u4e00-\u9fff]{2,8}$")


class NeedsExportTime(ValueError):
    """A time such as "3天前" that means nothing without the time of the export."""


def is_edit_time(value: object) -> bool:
    """Whether ``value`` says when a note was last edited, not when it was published."""
    return isinstance(value, str) and value.lstrip()[:6].lower().startswith(("编辑于", "最后编辑", "更新于", "edited"))


def is_coarse_time(value: object) -> bool:
    """Whether ``value`` is less exact than a note id's own time: relative, without a year, or mangled by Excel."""
    if not isinstance(value, str):
        return False
    text = value.strip().lower()
    return bool(
        is_edit_time(text) or _AGO.search(text) or text in _NOW or text[:2] in ("昨天", "前天", "今天", "昨日")
    ) or ("e+" in text or _YEARLESS.match(_PREFIX.sub("", text)) is not None)


def parse_time(value: object, exported_at: datetime | None = None) -> str | None:
    """``value`` as ISO 8601 in Beijing time; the date alone where there is no hour.

    Numbers are seconds, milliseconds or microseconds since 1970, or an Excel day number. ``3天前``, ``昨天 12:30``
    and ``03-21`` are taken relative to ``exported_at`` and raise NeedsExportTime without it. A number in
    Excel's short form (``1.62056E+12``) has lost its minutes: the date is returned.
    Raises ValueError for what is no time between 2000 and 2100.
    """
    if isinstance(value, str):
        text = value.strip("\u200b\ufeff \t\r\n'\"\xa0")
        if text.isdecimal():
            if len(text) >= 20:
                raise _no_time(value)
            return _from_number(int(text), text)
        return _from_text(text, exported_at)
    if value is None:
        return None
    if isinstance(value, bool):
        raise _no_time(value)
    if isinstance(value, (int, float)):
        if isinstance(value, float) and math.isnan(value):
            return None
        return _from_number(value, value)
    if isinstance(value, datetime):
        return _iso(value if value.tzinfo else value.replace(tzinfo=BEIJING))
    if isinstance(value, date):
        return _day(value)
    raise _no_time(value)


def time_of_epoch(seconds: int) -> str:
    """Seconds since 1970 as ISO in Beijing time (``2026-06-25T12:01:35+08:00``); no checks, made for speed."""
    day, rest = divmod(seconds + 28_800, 86_400)
    text = _DAYS.get(day)
    if text is None:
        text = _DAYS[day] = date.fromordinal(719_163 + day).isoformat()
    minute, second = divmod(rest, 60)
    return text + _MINUTES[minute] + _SECONDS[second]


def time_of_note_id(note_id: str) -> str | None:
    """When a note with the platform's id of 24 hex digits was made: its first 8 digits are Unix seconds."""
    if len(note_id) != 24:
        return None
    try:
        seconds = int(note_id[:8], 16)
    except ValueError:
        return None
    # The platform opened in June 2013; an id outside its life is not one of its ids.
    return time_of_epoch(seconds) if 1_370_000_000 < seconds < 2_100_000_000 else None


def _from_number(number: int | float, shown: object) -> str | None:
    if not math.isfinite(number):
        raise _no_time(shown)
    if number == 0:
        return None
    if 20_000_101 <= number <= 21_001_231 and number == int(number):
        return _from_text(f"{int(number)}", None)
    if 36_526 <= number < 73_051:  # Excel's day numbers of 2000 to 2100
        moment = _EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))
        return _day(moment.date()) if number == int(number) else _iso(moment.replace(tzinfo=BEIJING))
    for unit in (1, 1_000, 1_000_000):
        seconds = number / unit
        if 946_656_000 <= seconds < 4_102_416_000:
            return time_of_epoch(int(number // unit))
    raise _no_time(shown)


def _from_text(text: str, exported_at: datetime | None) -> str | None:
    lowered = unicodedata.normalize("NFKC", text).strip().lower() if len(text) < 64 else text
    lowered = _PREFIX.sub("", lowered)
    if lowered in _NOTHING or lowered.startswith("0000-00-00"):
        return None
    if re.fullmatch(r"[0-9](?:\.[0-9]+)?e\+?[0-9]{1,2}", lowered):
        moment = _from_number(float(lowered), text)
        return moment[:10] if moment else None
    if re.fullmatch(r"[0-9]{5,16}\.[0-9]+", lowered):
        return _from_number(float(lowered), text)
    bare = _PLACE.sub("", lowered)
    if match := _FULL.fullmatch(bare) or _COMPACT.fullmatch(bare):
        parts = match.groupdict()
        return _assemble(int(parts["year"]), int(parts["month"]), int(parts["day"]), parts, text)
    reference = exported_at
    if reference is not None:
        reference = reference.astimezone(BEIJING) if reference.tzinfo else reference.replace(tzinfo=BEIJING)
    if match := _YEARLESS.fullmatch(bare):
        parts = match.groupdict()
        month, day = int(parts["month"]), int(parts["day"])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise _no_time(text)
        return _assemble(_year_of(month, day, _needs(reference, text), text), month, day, parts, text)
    if match := _DAY_WORD.fullmatch(bare):
        on = (_needs(reference, text) - timedelta(days=_DAY_BACK[match["word"]])).date()
        return _assemble(on.year, on.month, on.day, match.groupdict(), text)
    if bare in _NOW:
        return _iso(_needs(reference, text))
    if match := _AGO.fullmatch(bare):
        return _ago(match["n"], match["unit"], _needs(reference, text))
    raise _no_time(text)


def _needs(reference: datetime | None, text: str) -> datetime:
    if reference is None:
        raise NeedsExportTime(
            _("'{value}' depends on the day of the export, which is not known").format(value=shorten(text))
        )
    return reference


def _year_of(month: int, day: int, reference: datetime, text: str) -> int:
    """The latest year in which this day is not after the export."""
    for year in range(reference.year, reference.year - 9, -1):
        try:
            if date(year, month, day) <= reference.date():
                return year
        except ValueError:
            continue
    raise _no_time(text)


def _ago(n: str, unit: str, reference: datetime) -> str:
    half = n == "半"
    number = {"半": 1, "一": 1, "两": 2, "a": 1, "an": 1}.get(n) or int(n)
    key = "小" if unit.startswith(("小", "h")) else unit[0]
    if unit.startswith("mi"):
        key = "分"
    if key in _AGO_SECONDS:
        seconds = number * _AGO_SECONDS[key]
        return _iso(reference - timedelta(seconds=seconds // 2 if half else seconds))
    days = number * (30 if unit.startswith("month") else _AGO_DAYS[key])
    return _day((reference - timedelta(days=days // 2 if half else days)).date())


def _assemble(year: int, month: int, day: int, parts: dict[str, str | None], text: str) -> str:
    try:
        on = date(year, month, day)
        hour_text = parts.get("hour")
        if hour_text is None:
            return _day(on)
        hour, minute = int(hour_text), int(parts.get("minute") or 0)
        half = parts.get("half") or parts.get("half2")
        if half in ("下午", "晚上", "pm") and hour < 12:
            hour += 12
        elif half in ("上午", "凌晨", "am") and hour == 12:
            hour = 0
        if hour == 24 and minute == 0:
            on, hour = on + timedelta(days=1), 0
        moment = datetime.combine(on, time(hour, minute, int(parts.get("second") or 0)), BEIJING)
        zone = parts.get("zone")
        if zone:
            if zone in ("z", "utc", "gmt"):
                offset = timedelta()
            else:
                digits = zone[1:].replace(":", "")
                offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
                offset = -offset if zone[0] == "-" else offset
            moment = moment - offset + timedelta(hours=8)
        return _iso(moment)
    except (ValueError, OverflowError) as error:
        raise _no_time(text) from error


def _day(on: date) -> str:
    if not _FIRST_YEAR <= on.year <= _LAST_YEAR:
        raise _no_time(on)
    return on.isoformat()


def _iso(moment: datetime) -> str:
    moment = moment.astimezone(BEIJING)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise _no_time(moment)
    return moment.isoformat(timespec="seconds")


def _no_time(value: object) -> ValueError:
    return ValueError(_("'{value}' is not a time").format(value=shorten(value)))


# --- rates and durations -------------------------------------------------------------------------------------

_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?(?:e-?[0-9]{1,2})?")
_DURATION = re.compile(
    r"(?:(?P<h>\d{1,6})\s*(?:小时|时|h))?\s*(?:(?P<m>\d{1,6})\s*(?:分钟?|min|m))?\s*(?:(?P<s>\d{1,9}(?:\.\d{1,9})?)\s*(?:秒钟?|s|sec)?)?"
)


def parse_rate(value: object, *, percent: bool = False) -> float | None:
    """A share as a rate: ``10.6%`` → 0.106, 0.106 → 0.106. ``percent`` says that the column is in percent.

    A bare number above 1 is taken for percent, since no share is larger than 1. Raises ValueError.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        raise _no_number(value)
    if isinstance(value, (int, float)):
        number = float(value)
    else:
        text = unicodedata.normalize("NFKC", str(value)).strip().lower() if len(str(value)) < 64 else str(value)
        if text in _NOTHING:
            return None
        if text.endswith("%"):
            text, percent = text[:-1].strip(), True
        if not _NUMBER.fullmatch(text):
            raise _no_number(value)
        number = float(text)
    if percent or number > 1:
        number /= 100
    if not 0 <= number <= 1000:
        raise _no_number(value)
    return round(number, 6)


def parse_seconds(value: object) -> float | None:
    """A duration in seconds: ``24秒``, ``9分9秒``, ``00:01:30``, 36.0, a time of day from Excel. Raises ValueError."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, time):
        return float(value.hour * 3600 + value.minute * 60 + value.second)
    if isinstance(value, (bool, date)):
        raise _no_number(value)
    if isinstance(value, (int, float)):
        if not 0 <= value < 10**10:
            raise _no_number(value)
        return float(value)
    text = unicodedata.normalize("NFKC", str(value)).strip().lower() if len(str(value)) < 64 else str(value)
    if text in _NOTHING:
        return None
    if re.fullmatch(r"\d{1,4}(?::\d{1,2}){1,2}", text):
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
        return float(total)
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise _no_number(value)
    return int(match["h"] or 0) * 3600 + int(match["m"] or 0) * 60 + float(match["s"] or 0)


def _no_number(value: object) -> ValueError:
    return ValueError(_("'{value}' is not a number").format(value=shorten(value)))
