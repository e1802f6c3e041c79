"""The calendar file, read by another library than the one that wrote it; and one that a calendar program edited."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.clock import BEIJING
from creator_kit.errors import InputError
from creator_kit.planning.export import make_uid, read_ics, render_csv, render_ics, render_markdown
from creator_kit.planning.slot import Slot, change_slot

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
KEY = b"0123456789abcdef"


def slot(number: int, title: str, **more: object) -> Slot:
    options = {"kind": "draft", "changed_at": NOW, "starts_at": NOW + timedelta(days=number, hours=8), **more}
    return Slot(slot_id=f"{number:08x}", title=title, **options)  # type: ignore[arg-type]


SLOTS = [
    slot(1, "冬至饺子，怎么包；不破皮？\\ 一次学会"),
    slot(2, "一个很长很长的标题，长到这一行要折起来才放得下，而且不能把一个汉字从中间切断" * 2, is_sponsored=True),
    slot(3, "评论 3 次", kind="task", is_post=False, minutes=15),
    slot(4, "已经不要了", state="dropped", sequence=2),
    slot(5, "发过了", state="done"),
]


def test_another_library_reads_what_was_written() -> None:
    data = render_ics(SLOTS, hash_key=KEY, calendar_name="我的计划")
    calendar = vobject.readOne(data.decode("utf-8"))
    assert calendar.version.value == "2.0" and calendar.prodid.value
    zone = calendar.vtimezone
    assert zone.tzid.value == "Asia/Shanghai"
    events = calendar.vevent_list
    assert len(events) == len(SLOTS)
    for event, known in zip(events, SLOTS, strict=True):
        assert event.uid.value == make_uid(known, KEY)
        assert event.dtstart.value.astimezone(UTC) == known.starts_at.astimezone(UTC)
        assert event.dtend.value - event.dtstart.value == timedelta(minutes=known.minutes)
        assert known.title in event.summary.value
        assert int(event.sequence.value) == known.sequence
        assert event.dtstamp.value.utcoffset() == timedelta(0)
    assert [e.status.value for e in events] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"]
    triggers = [alarm.trigger.value for alarm in events[0].valarm_list]
    assert triggers == [timedelta(minutes=-30), timedelta(hours=-24)]
    assert not hasattr(events[4], "valarm"), "what is done rings no more"


def test_the_bytes_keep_to_the_standard() -> None:
    data = render_ics(SLOTS, hash_key=KEY, calendar_name="我的计划")
    assert b"\n" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")  # no character is cut in two
    text = re.sub(rb"\r\n[ \t]", b"", data).decode("utf-8")
    assert "DTSTART;TZID=Asia/Shanghai:20261125T200000" in text
    assert "BEGIN:VTIMEZONE" in text and "TZOFFSETTO:+0800" in text
    assert data == render_ics(SLOTS, hash_key=KEY, calendar_name="我的计划"), "same slots, same bytes"


def test_a_uid_is_for_life_and_nobody_elses() -> None:
    moved = change_slot(SLOTS[0], now=NOW + timedelta(days=1), starts_at=NOW + timedelta(days=9))
    assert make_uid(moved, KEY) == make_uid(SLOTS[0], KEY) and moved.sequence == SLOTS[0].sequence + 1
    assert make_uid(SLOTS[0], b"another workspace") != make_uid(SLOTS[0], KEY)
    assert change_slot(moved, now=NOW, note_id="n").sequence == moved.sequence, "a calendar sees no difference"


titles = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028\u2029"), min_size=1, max_size=60
)


@settings(max_examples=40, deadline=None)
@given(st.lists(titles, min_size=1, max_size=4))
def test_any_title_survives_the_round_trip(names: list[str]) -> None:
    slots = [slot(i + 1, name) for i, name in enumerate(names)]
    calendar = vobject.readOne(render_ics(slots, hash_key=KEY, calendar_name="计划").decode("utf-8"))
    assert [event.summary.value for event in calendar.vevent_list] == [f"post: {name}" for name in names]


def edited(tmp_path: Path, change: dict[str, str], *, drop: int = -1, extra: str = "") -> Path:
    """What a calendar program might save: folded otherwise, other zone, an event gone, one of its own."""
    calendar = vobject.readOne(render_ics(SLOTS, hash_key=KEY, calendar_name="计划").decode("utf-8"))
    if drop >= 0:
        calendar.remove(calendar.vevent_list[drop])
    text = calendar.serialize()
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    if extra:
        text = text.replace("END:VCALENDAR", extra + "END:VCALENDAR")
    path = tmp_path / "计划.ics"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_what_was_not_touched_reads_as_no_change(tmp_path: Path) -> None:
    reading = read_ics(edited(tmp_path, {}), SLOTS, hash_key=KEY)
    assert reading.changes == () and reading.n_foreign == 0


def test_moves_zones_deletions_and_foreign_events_are_told_apart(tmp_path: Path) -> None:
    foreign = (
        "BEGIN:VEVENT\r\nUID:dentist@example\r\nDTSTAMP:20261124T000000Z\r\nDTSTART:20261201T010000Z\r\n"
        "SUMMARY:牙医\r\nEND:VEVENT\r\n"
    )
    path = edited(
        tmp_path,
        {"DTSTART;TZID=Asia/Shanghai:20261125T200000": "DTSTART:20261127T020000Z"},
        drop=1,
        extra=foreign,
    )
    reading = read_ics(path, SLOTS, hash_key=KEY)
    assert [(c.slot.slot_id, c.starts_at) for c in reading.changes] == [
        ("00000001", datetime(2026, 11, 27, 10, tzinfo=BEIJING)),
        ("00000002", None),
    ]
    assert reading.n_foreign == 1


def test_an_all_day_move_keeps_the_hour(tmp_path: Path) -> None:
    change = {
        "DTSTART;TZID=Asia/Shanghai:20261125T200000": "DTSTART;VALUE=DATE:20261128",
        "DTEND;TZID=Asia/Shanghai:20261125T203000": "DTEND;VALUE=DATE:20261129",
    }
    reading = read_ics(edited(tmp_path, change), SLOTS, hash_key=KEY)
    assert reading.changes[0].starts_at == datetime(2026, 11, 28, 20, tzinfo=BEIJING)


@pytest.mark.parametrize("text", ["", "not a calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_a_file_that_is_no_calendar_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ics"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="iCalendar"):
        read_ics(path, SLOTS, hash_key=KEY)


def test_csv_and_markdown_hold_every_slot() -> None:
    slots = [*SLOTS[:3], slot(9, '=HYPERLINK("x")')]
    rows = list(csv.DictReader(io.StringIO(render_csv(slots).removeprefix("\ufeff"))))
    assert [row["slot_id"] for row in rows] == [s.slot_id for s in slots]
    assert rows[1]["sponsored"] == "1" and rows[0]["starts_at"] == "2026-11-25 20:00"
    assert rows[3]["title"].startswith("'="), "a spreadsheet must not run a title"
    text = render_markdown([*slots, SLOTS[4]], title="计划")
    assert text.count("- [ ] ") == 4 and text.count("- [x] ") == 1 and "## week of 2026-11-23" in text
