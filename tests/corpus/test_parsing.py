"""Counts, times, rates and durations: every form that exports were seen to use, and what must never pass."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.clock import BEIJING
from creator_kit.corpus.parsing import (
    MAX_COUNT,
    NeedsExportTime,
    parse_count,
    parse_rate,
    parse_seconds,
    parse_time,
    time_of_epoch,
    time_of_note_id,
)

EXPORTED = datetime(2026, 6, 25, 15, 0, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("shown", "number", "is_floor"),
    [
        ("0", 0, False),
        ("921", 921, False),
        (" 921 ", 921, False),
        ("１２３", 123, False),
        ("1,234", 1234, False),
        ("12,345,678", 12_345_678, False),
        ("1万", 10_000, False),
        ("1.2万", 12_000, False),
        ("9.6万", 96_000, False),
        ("1.1万+", 11_000, True),
        ("10万+", 100_000, True),
        ("10w+", 100_000, True),
        ("2.1w", 21_000, False),
        ("1.2k", 1_200, False),
        ("1k+", 1_000, True),
        ("1w+", 10_000, True),
        ("3千", 3_000, False),
        ("1千+", 1_000, True),
        ("10+", 10, True),
        ("2100+", 2_100, True),
        ("999+", 999, True),
        ("10万以上", 100_000, True),
        ("1.5亿", 150_000_000, False),
        ("439.0", 439, False),
        ("1.2E+4", 12_000, False),
        ("赞", 0, False),
        ("收藏", 0, False),
        ("评论", 0, False),
        ("分享", 0, False),
        ("-1", None, False),
        ("", None, False),
        ("  ", None, False),
        ("-", None, False),
        ("nan", None, False),
        ("None", None, False),
        ("未知", None, False),
        (None, None, False),
        (-1, None, False),
        (7, 7, False),
        (439.0, 439, False),
        (float("nan"), None, False),
    ],
)
def test_counts(shown: object, number: int | None, is_floor: bool) -> None:
    assert parse_count(shown) == (number, is_floor)


@pytest.mark.parametrize(
    "shown",
    [
        "abc",
        "很多",
        "1.23",
        "12.5",
        "1万2",
        "1..2万",
        "-5",
        -5,
        1.5,
        "10^6",
        "1/2",
        True,
        "++",
        "万",
        float("inf"),
        10**15,
        "9" * 20,
        "9" * 5000,
        "2024-06-17",
        "1.62056E+12x",
        b"12",
        [1],
        "12 34",
        "图文",
    ],
)
def test_what_is_no_count_is_an_error_not_a_zero(shown: object) -> None:
    with pytest.raises(ValueError, match="not a count"):
        parse_count(shown)


def test_signed_counts_keep_minus_one() -> None:
    assert parse_count("-1", signed=True) == (-1, False)
    assert parse_count(-12, signed=True) == (-12, False)


@given(st.integers(0, MAX_COUNT))
def test_a_count_survives_its_own_text(number: int) -> None:
    assert parse_count(str(number)) == parse_count(number) == parse_count(float(number)) == (number, False)
    assert parse_count(f"{number:,}") == (number, False)
    assert parse_count(f"{number}+") == (number, True)


@given(st.integers(1, 9_999), st.sampled_from(["万", "w", "W", "萬"]), st.booleans())
def test_tenths_of_ten_thousand_are_exact(tenths: int, unit: str, is_floor: bool) -> None:
    text = f"{tenths // 10}.{tenths % 10}{unit}{'+' if is_floor else ''}"
    assert parse_count(text) == (tenths * 1000, is_floor)


@given(st.text(max_size=30))
@settings(max_examples=300)
def test_any_text_is_a_count_or_a_clear_error(text: str) -> None:
    try:
        number, is_floor = parse_count(text)
    except ValueError as error:
        assert "not a count" in str(error)
    else:
        assert number is None or 0 <= number <= MAX_COUNT
        assert not (is_floor and number is None)


@pytest.mark.parametrize(
    ("shown", "iso"),
    [
        ("2026年06月25日12时01分35秒", "2026-06-25T12:01:35+08:00"),
        ("2026年6月5日 9时05分", "2026-06-05T09:05:00+08:00"),
        ("2026年06月25日", "2026-06-25"),
        ("2024.06.17", "2024-06-17"),
        ("2024/6/7", "2024-06-07"),
        ("2024-06-17_10:11:12", "2024-06-17T10:11:12+08:00"),
        ("2024-06-17 10:11:12", "2024-06-17T10:11:12+08:00"),
        ("2024-06-17T10:11:12", "2024-06-17T10:11:12+08:00"),
        ("2024-06-17T02:11:12Z", "2024-06-17T10:11:12+08:00"),
        ("2024-06-17T10:11:12.345+08:00", "2024-06-17T10:11:12+08:00"),
        ("2024-06-17 10:11", "2024-06-17T10:11:00+08:00"),
        ("2024/6/7 下午3:20", "2024-06-07T15:20:00+08:00"),
        ("20240617", "2024-06-17"),
        ("编辑于 2025-05-26", "2025-05-26"),
        ("编辑于 2025-05-26 江苏", "2025-05-26"),
        ("发布于2025-05-26", "2025-05-26"),
        ("1718590272", "2024-06-17T10:11:12+08:00"),
        ("1718590272000", "2024-06-17T10:11:12+08:00"),
        (1718590272, "2024-06-17T10:11:12+08:00"),
        (1718590272000, "2024-06-17T10:11:12+08:00"),
        (1718590272.5, "2024-06-17T10:11:12+08:00"),
        ("1718590272.123", "2024-06-17T10:11:12+08:00"),
        ("1.62056E+12", "2021-05-09"),
        (45460, "2024-06-17"),
        (45460.5, "2024-06-17T12:00:00+08:00"),
        (datetime(2024, 6, 17, 10, 11, 12), "2024-06-17T10:11:12+08:00"),
        (datetime(2024, 6, 17, 2, 11, 12, tzinfo=UTC), "2024-06-17T10:11:12+08:00"),
        (date(2024, 6, 17), "2024-06-17"),
        ("03-21", "2026-03-21"),
        ("03-21 广东", "2026-03-21"),
        ("编辑于 03-21", "2026-03-21"),
        ("12-31", "2025-12-31"),
        ("3月21日", "2026-03-21"),
        ("02-29", "2024-02-29"),
        ("3天前", "2026-06-22"),
        ("3天前 上海", "2026-06-22"),
        ("1周前", "2026-06-18"),
        ("2小时前", "2026-06-25T13:00:00+08:00"),
        ("5分钟前", "2026-06-25T14:55:00+08:00"),
        ("半小时前", "2026-06-25T14:30:00+08:00"),
        ("刚刚", "2026-06-25T15:00:00+08:00"),
        ("昨天 12:30", "2026-06-24T12:30:00+08:00"),
        ("昨天", "2026-06-24"),
        ("前天 08:00", "2026-06-23T08:00:00+08:00"),
        ("今天 09:00 北京", "2026-06-25T09:00:00+08:00"),
        ("2 days ago", "2026-06-23"),
        ("Yesterday 12:30", "2026-06-24T12:30:00+08:00"),
        ("", None),
        ("未知", None),
        (None, None),
        (0, None),
        (float("nan"), None),
        ("0000-00-00 00:00:00", None),
    ],
)
def test_times(shown: object, iso: str | None) -> None:
    assert parse_time(shown, EXPORTED) == iso


@pytest.mark.parametrize("shown", ["3天前", "昨天 12:30", "03-21", "刚刚", "编辑于 昨天"])
def test_relative_times_need_the_day_of_the_export(shown: str) -> None:
    with pytest.raises(NeedsExportTime, match="depends on the day of the export"):
        parse_time(shown)


@pytest.mark.parametrize(
    "shown",
    [
        "2024-02-30",
        "2024-13-01",
        "13-45",
        "abc",
        "99",
        99,
        -5,
        True,
        "2024-06-17 25:00",
        "1850-01-01",
        "9" * 30,
        1e300,
        "十天",
        b"2024",
        "2150-01-01",
        float("inf"),
        "12:30",
    ],
)
def test_what_is_no_time_is_an_error(shown: object) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_time(shown, EXPORTED)


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=BEIJING)
    )
)
def test_one_moment_in_every_form(moment: datetime) -> None:
    iso = moment.isoformat()
    seconds = int(moment.timestamp())
    assert time_of_epoch(seconds) == iso
    assert parse_time(seconds) == parse_time(str(seconds * 1000)) == parse_time(iso) == iso
    assert parse_time(moment.strftime("%Y年%m月%d日%H时%M分%S秒")) == iso
    assert parse_time(moment.strftime("%Y-%m-%d_%H:%M:%S")) == iso
    assert parse_time(moment.strftime("%Y.%m.%d")) == iso[:10]


@given(st.integers(0, 400))
def test_a_day_without_a_year_is_the_latest_that_is_not_in_the_future(days: int) -> None:
    on = (EXPORTED - timedelta(days=days % 365)).date()
    assert parse_time(on.strftime("%m-%d"), EXPORTED) == on.isoformat()


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_any_text_is_a_time_or_a_clear_error(text: str) -> None:
    try:
        moment = parse_time(text, EXPORTED)
    except ValueError as error:
        assert "not a time" in str(error)
    else:
        assert moment is None or datetime.fromisoformat(moment).year >= 2000


def test_a_note_id_carries_its_time() -> None:
    assert time_of_note_id("5b30bf7e00000000000000b2") == "2018-06-25T18:10:06+08:00"
    assert time_of_note_id("0000000000000000000000b2") is None
    assert time_of_note_id("5b30bf7e") is None
    assert time_of_note_id("z" * 24) is None


@pytest.mark.parametrize(
    ("shown", "rate"),
    [
        ("10.6%", 0.106),
        (0.106, 0.106),
        ("0.106", 0.106),
        (19, 0.19),
        ("0%", 0.0),
        ("-", None),
        (None, None),
        (1, 1.0),
    ],
)
def test_rates(shown: object, rate: float | None) -> None:
    assert parse_rate(shown) == rate


def test_a_column_in_percent_is_in_percent() -> None:
    assert parse_rate(0.9, percent=True) == 0.009
    assert parse_rate("10.6", percent=True) == 0.106


@pytest.mark.parametrize("shown", ["abc", -0.1, "12%%", True, "--5", 1e9])
def test_what_is_no_rate_is_an_error(shown: object) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_rate(shown)


@pytest.mark.parametrize(
    ("shown", "seconds"),
    [
        ("24秒", 24.0),
        ("1030秒", 1030.0),
        ("9分9秒", 549.0),
        ("1小时2分3秒", 3723.0),
        ("36s", 36.0),
        ("00:01:30", 90.0),
        ("1:30", 90.0),
        (36.5, 36.5),
        (clock_time(0, 1, 30), 90.0),
        (timedelta(seconds=5), 5.0),
        ("", None),
        (None, None),
    ],
)
def test_durations(shown: object, seconds: float | None) -> None:
    assert parse_seconds(shown) == seconds


@pytest.mark.parametrize("shown", ["abc", "1:2:3:4", -1, True, "分", datetime(2024, 1, 1)])
def test_what_is_no_duration_is_an_error(shown: object) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_seconds(shown)
