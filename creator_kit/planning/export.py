"""The plan for other programs: iCalendar (RFC 5545), CSV, Markdown; and what a calendar program changed in ours.

An event keeps its UID for life and its SEQUENCE rises with each change, so importing the file again moves events
instead of doubling them; what left the plan comes once more as CANCELLED. Times are local to Asia/Shanghai with a
VTIMEZONE of one line of rules: China has had no daylight saving since 1991.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from creator_kit import __version__
from creator_kit.clock import BEIJING
from creator_kit.datafiles import read_text
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.planning.explain import describe_reason
from creator_kit.planning.slot import Slot, to_beijing

FORMATS = ("ics", "csv", "md")
TZID = "Asia/Shanghai"
ALARM_MINUTES = 30
# The evening before, so that a draft with gaps can still be finished.
DRAFT_ALARM_HOURS = 24
CSV_COLUMNS = (
    "slot_id", "starts_at", "state", "kind", "title", "draft_id", "pillar", "sponsored", "fixed", "minutes",
    "schedulable_from", "note_id", "why",
)  # fmt: skip


def make_uid(slot: Slot, hash_key: bytes) -> str:
    """The event's name for life: the same slot of the same workspace, the same UID; no other has it."""
    digest = hashlib.sha256(hash_key + slot.slot_id.encode("ascii")).hexdigest()[:24]
    return f"{digest}@creator-kit"


def render_ics(slots: Sequence[Slot], *, hash_key: bytes, calendar_name: str) -> bytes:
    """All slots as one iCalendar file. Same slots, same bytes: stamps are those of the slots, not of the export."""
    from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard
    from icalendar.prop import vDDDTypes

    calendar = Calendar()
    calendar.add("prodid", f"-//creator_kit//creator-kit {__version__}//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", calendar_name)
    calendar.add("x-wr-timezone", TZID)
    zone = Timezone()
    zone.add("tzid", TZID)
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    calendar.add_component(zone)

    def local(moment: datetime) -> Any:
        value = vDDDTypes(moment.astimezone(BEIJING).replace(tzinfo=None))
        value.params["TZID"] = TZID
        return value

    for slot in sorted(slots, key=lambda slot: (slot.starts_at, slot.slot_id)):
        event = Event()
        event.add("uid", make_uid(slot, hash_key))
        event.add("dtstamp", slot.changed_at.astimezone(UTC))
        event.add("last-modified", slot.changed_at.astimezone(UTC))
        event.add("sequence", slot.sequence)
        event["dtstart"] = local(slot.starts_at)
        event["dtend"] = local(slot.ends_at)
        event.add("summary", _summary(slot))
        event.add("description", "\n".join(_details(slot)))
        event.add("status", "CANCELLED" if slot.state in ("dropped", "skipped") else "CONFIRMED")
        event.add("categories", [slot.pillar or slot.kind])
        event.add("transp", "TRANSPARENT")
        event.add("x-creator-kit-slot", slot.slot_id)
        if slot.state == "planned":
            alarms = [
                (
                    timedelta(minutes=-ALARM_MINUTES),
                    _("in {n} minutes: {title}").format(n=ALARM_MINUTES, title=slot.title),
                )
            ]
            if slot.is_post:
                text = _("tomorrow: {title}. Is the note finished?").format(title=slot.title)
                alarms.append((timedelta(hours=-DRAFT_ALARM_HOURS), text))
            for trigger, text in alarms:
                alarm = Alarm()
                alarm.add("action", "DISPLAY")
                alarm.add("trigger", trigger)
                alarm.add("description", text)
                event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What a calendar program did to one of our events: ``starts_at`` (None: deleted or cancelled there)."""

    slot: Slot
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """``changes`` to our events, how many events of others stand in the file (they are left alone), and how many of
    ours are older than the plan, which has changed since the export (they are passed over)."""

    changes: tuple[CalendarChange, ...]
    n_foreign: int
    n_stale: int = 0


def read_ics(path: Path, slots: Sequence[Slot], *, hash_key: bytes) -> CalendarReading:
    """What differs in an .ics that a calendar program saved from the plan. Zones other than Beijing's are converted.

    An event of ours that is missing counts as deleted only if some event of ours is there. Raises InputError for a
    file that is no calendar.
    """
    from icalendar import Calendar

    text = read_text(path)
    try:
        # A file that was cut off reads as one with fewer events, and those would seem deleted.
        if not text.rstrip().upper().endswith("END:VCALENDAR"):
            raise ValueError(_("it does not end with END:VCALENDAR"))
        calendars = Calendar.from_ical(text, multiple=True)
    except ValueError as error:
        raise InputError(_("not an iCalendar file: {error}").format(error=error), where=str(path)) from error
    planned = {make_uid(slot, hash_key): slot for slot in slots if slot.state == "planned"}
    others = {make_uid(slot, hash_key) for slot in slots if slot.state != "planned"}
    changes: list[CalendarChange] = []
    seen: set[str] = set()
    n_foreign = n_stale = 0
    for event in (event for item in calendars for event in item.walk("VEVENT")):
        uid = str(event.get("uid", ""))
        slot = planned.get(uid)
        if slot is None:
            n_foreign += uid not in others
            continue
        if uid in seen:
            continue
        seen.add(uid)
        start = event.get("dtstart")
        if _is_stale(event, slot):
            n_stale += 1
            continue
        if str(event.get("status", "")).upper() == "CANCELLED" or start is None:
            changes.append(CalendarChange(slot, None))
            continue
        at = _moment(start.dt, slot)
        if at != slot.starts_at:
            changes.append(CalendarChange(slot, at))
    if seen:
        # A slot that was planned after the export cannot be in the file, and is not deleted by that.
        exported_at = max((_stamp(event) for item in calendars for event in item.walk("VEVENT")), default=None)
        changes += [
            CalendarChange(slot, None)
            for uid, slot in planned.items()
            if uid not in seen and exported_at is not None and slot.changed_at <= exported_at
        ]
    changes.sort(key=lambda change: (change.slot.starts_at, change.slot.slot_id))
    return CalendarReading(tuple(changes), n_foreign, n_stale)


def render_csv(slots: Sequence[Slot]) -> str:
    """One row a slot with a head of English names; a spreadsheet that cannot tell UTF-8 is helped by the BOM."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for slot in slots:
        writer.writerow(
            [
                slot.slot_id,
                f"{slot.starts_at:%Y-%m-%d %H:%M}",
                slot.state,
                slot.kind,
                _no_formula(slot.title),
                slot.ref,
                _no_formula(slot.pillar),
                int(slot.is_sponsored),
                int(slot.is_fixed),
                slot.minutes,
                f"{slot.schedulable_at:%Y-%m-%d %H:%M}" if slot.is_post else "",
                slot.note_id,
                "; ".join(describe_reason(reason) for reason in slot.reasons),
            ]
        )
    return "\ufeff" + out.getvalue()


def render_markdown(slots: Sequence[Slot], *, title: str) -> str:
    """A checklist by week."""
    lines = [f"# {title}", ""]
    week: date | None = None
    for slot in slots:
        if slot.state == "dropped":
            continue
        day = slot.starts_at.date()
        monday = day - timedelta(days=day.weekday())
        if monday != week:
            week = monday
            lines += ["", "## " + _("week of {day}").format(day=monday.isoformat()), ""]
        box = {"done": "x", "skipped": "-"}.get(slot.state, " ")
        extra = " · ".join(
            [part for part in (slot.pillar, _("sponsored") if slot.is_sponsored else "", slot.ref[:8]) if part]
        )
        name = " ".join(slot.title.split()).replace("|", "\\|")
        lines.append(f"- [{box}] {slot.starts_at:%m-%d %H:%M} **{name}**" + (f" ({extra})" if extra else ""))
        lines += [f"  - {describe_reason(reason)}" for reason in slot.reasons]
    return "\n".join(lines) + "\n"


def _summary(slot: Slot) -> str:
    if slot.kind == "idea":
        return _("idea: {title}").format(title=slot.title)
    if not slot.is_post:
        return slot.title
    return _("post: {title}").format(title=slot.title)


def _details(slot: Slot) -> list[str]:
    lines = [describe_reason(reason) for reason in slot.reasons]
    if slot.is_post:
        lines.append(
            _("the app takes it as a scheduled post from {day} on (1 hour to 14 days ahead)").format(
                day=f"{slot.schedulable_at:%Y-%m-%d %H:%M}"
            )
        )
    if slot.ref and slot.kind == "draft":
        lines.append(f"creator-kit handoff {slot.ref[:8]} --out handoff")
    lines.append(f"creator-kit plan done {slot.slot_id}")
    return lines


def _stamp(event: Any) -> datetime:
    """When the event was last changed, by what it says itself."""
    stamps = [event.get(name) for name in ("last-modified", "dtstamp")]
    moments = [to_beijing(stamp.dt) for stamp in stamps if isinstance(getattr(stamp, "dt", None), datetime)]
    return max(moments, default=datetime(1970, 1, 1, tzinfo=BEIJING))


def _is_stale(event: Any, slot: Slot) -> bool:
    """Whether the plan changed this slot after the event was exported, and no calendar touched it since."""
    try:
        sequence = int(event.get("sequence", 0))
    except (TypeError, ValueError):
        sequence = 0
    return sequence < slot.sequence and _stamp(event) < slot.changed_at


def _moment(value: Any, slot: Slot) -> datetime:
    if isinstance(value, datetime):
        return to_beijing(value)
    # An all-day event: the day moved, the hour is kept.
    return datetime.combine(value, slot.starts_at.timetz())


def _no_formula(text: str) -> str:
    # A title that begins with = would run as a formula in a spreadsheet.
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
