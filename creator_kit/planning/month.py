"""The plan as a month for a terminal of 80 columns; Chinese characters take two of them."""

from __future__ import annotations

import calendar as stdlib_calendar
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from unicodedata import category

from wcwidth import wcswidth, wcwidth

from creator_kit.locale import _, pick
from creator_kit.planning.calendar import Occasion
from creator_kit.planning.slot import Slot

CELL_COLUMNS = 10
# Seven cells with a bar before each and one at the end: 78 columns.
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_SLOT_LINES = 4


def mark_slot(slot: Slot, now: datetime) -> str:
    """One character that says what the slot is and how it stands; ASCII, so that its width is never in doubt."""
    if slot.state == "done":
        return "v"
    if slot.state == "skipped":
        return "x"
    if slot.starts_at < now:
        return "!"
    if not slot.is_post:
        return "#"
    if slot.is_fixed:
        return "*"
    return "?" if slot.kind == "idea" else "+"


def describe_marks() -> str:
    """The legend of ``mark_slot``."""
    return _("+ draft  ? idea  * fixed  # other  v done  ! overdue  x skipped  $ sponsored")


def render_month(
    slots: Sequence[Slot], occasions: Sequence[Occasion], *, year: int, month: int, now: datetime
) -> list[str]:
    """Lines of at most 78 columns: a head, then for each week its days, what they are, and their slots."""
    names = pick("|".join(WEEKDAYS_ZH), "|".join(WEEKDAYS_EN)).split("|")
    rule = "+" + ("-" * CELL_COLUMNS + "+") * 7
    lines = [
        _("{year}-{month:02d}").format(year=year, month=month).center(len(rule)).rstrip(),
        rule,
        _row([name.center(CELL_COLUMNS - (wcswidth(name) - len(name))) for name in names]),
        rule,
    ]
    by_day: dict[date, list[Slot]] = {}
    for slot in slots:
        if slot.state != "dropped":
            by_day.setdefault(slot.starts_at.date(), []).append(slot)
    for week in stdlib_calendar.Calendar().monthdatescalendar(year, month):
        inside = [day if day.month == month else None for day in week]
        lines.append(_row([_day_head(day, occasions, now.date()) for day in inside]))
        entries = [_day_lines(by_day.get(day, []) if day else [], now) for day in inside]
        for i in range(max(map(len, entries))):
            lines.append(_row([entry[i] if i < len(entry) else "" for entry in entries]))
        lines.append(rule)
    return lines


def fit_width(text: str, columns: int) -> str:
    """``text`` cut or padded to exactly ``columns`` terminal columns."""
    text = " ".join(text.split())
    if wcswidth(text) < 0:  # a control character: a terminal must not see it
        text = "".join(character for character in text if wcwidth(character) >= 0)
    fitted = _pad(text, columns)
    # A mark that joins the bar before the cell or the blank behind it: without marks every character counts.
    if wcswidth(fitted) != columns or wcswidth(f"|{fitted}|") != columns + 2:
        plain = (character for character in text if wcwidth(character) > 0 and category(character)[0] != "M")
        fitted = _pad("".join(plain), columns)
    return fitted


def _pad(text: str, columns: int) -> str:
    if wcswidth(text) > columns:
        text = split_width(text, columns - 1)[0] + "~"
    return text + " " * (columns - wcswidth(text))


def split_width(text: str, columns: int) -> tuple[str, str]:
    """``text`` in two: as much as fits ``columns``, and the rest."""
    for i in range(1, len(text) + 1):
        # The whole so far, not its characters one by one: a mark can widen or narrow what it joins.
        if wcswidth(text[:i]) > columns:
            return text[: i - 1], text[i - 1 :]
    return text, ""


def months_of(slots: Sequence[Slot], today: date) -> list[tuple[int, int]]:
    """(year, month) of the present month and of all later ones that hold a slot, without gaps."""
    last = max((s.starts_at.date() for s in slots if s.state != "dropped"), default=today)
    months, day = [], today.replace(day=1)
    while day <= max(last, today):
        months.append((day.year, day.month))
        day = (day + timedelta(days=32)).replace(day=1)
    return months


def _row(cells: Sequence[str]) -> str:
    return "|" + "|".join(fit_width(cell, CELL_COLUMNS) if cell.strip() else " " * CELL_COLUMNS for cell in cells) + "|"


def _day_head(day: date | None, occasions: Sequence[Occasion], today: date) -> str:
    if day is None:
        return ""
    number = f"[{day.day}]" if day == today else f"{day.day}"
    # Seasons last for weeks and would fill every cell.
    name = next((pick(o.zh, o.en) for o in occasions if o.starts_on == day and o.kind != "season"), "")
    return f"{number} {name}"


def _day_lines(slots: Sequence[Slot], now: datetime) -> list[str]:
    ordered = sorted(slots, key=lambda slot: (slot.starts_at, slot.slot_id))
    lines = []
    for slot in ordered:
        mark = mark_slot(slot, now) + ("$" if slot.is_sponsored else "")
        head, rest = split_width(" ".join(slot.title.split()), CELL_COLUMNS)
        lines += [f"{mark}{slot.starts_at:%H:%M}", head, *([rest] if rest else [])]
    if len(ordered) > MAX_SLOT_LINES:
        lines = [*lines[: 3 * MAX_SLOT_LINES], _("+{n} more").format(n=len(ordered) - MAX_SLOT_LINES)]
    return lines
