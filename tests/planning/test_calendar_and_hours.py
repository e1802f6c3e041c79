"""Occasions as data, the month at 80 columns, and hours that are told only where they differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from creator_kit.cli import speak
from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.errors import InputError
from creator_kit.planning.calendar import load_occasions, match_occasions
from creator_kit.planning.hours import fit_hours
from creator_kit.planning.month import fit_width, months_of, render_month, split_width
from creator_kit.planning.slot import Slot
from creator_kit.planning.wishes import Wishes

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)


def test_lunar_and_solar_days_lie_where_they_do() -> None:
    occasions = {(o.id, o.starts_on.year): o for o in load_occasions(date(2026, 1, 1), date(2028, 12, 31))}
    for key, day in {
        ("spring-festival", 2026): date(2026, 2, 17),
        ("spring-festival", 2027): date(2027, 2, 6),
        ("dragon-boat", 2027): date(2027, 6, 9),
        ("mid-autumn", 2027): date(2027, 9, 15),
        ("winter-solstice", 2026): date(2026, 12, 22),
        ("sales-double-11", 2026): date(2026, 11, 9),
        ("gaokao", 2027): date(2027, 6, 7),
    }.items():
        assert occasions[key].starts_on == day
    assert occasions["national-day-leave", 2026].status == "official"
    for (name, year), occasion in occasions.items():
        if name.endswith("-leave") or name == "new-year":
            assert occasion.status == ("official" if year == 2026 else "estimated"), "no notice for later years yet"
    assert "(estimated)" in occasions["national-day-leave", 2027].name


def test_occasions_meet_the_notes_that_name_them() -> None:
    occasions = load_occasions(date(2026, 11, 24), date(2027, 2, 1))
    assert [o.id for o in match_occasions("冬至饺子怎么包", occasions)] == ["winter-solstice"]
    assert {o.id for o in match_occasions("考研宿舍复习", occasions)} >= {"postgraduate", "finals-winter"}
    assert match_occasions("番茄面", occasions) == []
    solstice = next(o for o in occasions if o.id == "winter-solstice")
    assert solstice.opens_on < solstice.closes_on < solstice.starts_on


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dates = [{ on = 2026-02-30, status = 'fixed' }]", "not valid TOML"),
        ("yearly = { from = '02-30', until = '03-01', status = 'fixed' }", "day is out of range|day .* must be"),
        ("dates = [{ on = 2026-03-02, until = 2026-03-01, status = 'fixed' }]", "ends before it starts"),
        ("dates = [{ on = 2026-03-02, status = 'sure' }]", "official"),
    ],
)
def test_a_calendar_file_that_cannot_be(tmp_path: Path, text: str, says: str) -> None:
    folder = tmp_path / "templates" / "calendar"
    folder.mkdir(parents=True)
    rest = "lead_days = [1, 3]\nwords = ['生日']\nsource = 'me, myself'\n"
    head = "[[occasions]]\nid = 'birthday'\nzh = '生日'\nen = 'Birthday'\nkind = 'own'\n"
    (folder / "mine.toml").write_text(head + text + "\n" + rest, encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        load_occasions(date(2026, 1, 1), date(2026, 12, 31), tmp_path)
    assert "mine.toml" in (caught.value.where or "")


def make_slot(day: int, title: str, **more: object) -> Slot:
    at = NOW.replace(hour=20, minute=0) + timedelta(days=day)
    return Slot(slot_id=f"{day:08d}", kind="draft", starts_at=at, title=title, changed_at=NOW, **more)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.text(max_size=30)), max_size=12), st.sampled_from(("zh", "en")))
def test_no_line_of_the_month_is_wider_than_80_columns(items: list[tuple[int, str]], language: str) -> None:
    speak(language)
    slots = [make_slot(day, title) for day, title in items]
    occasions = load_occasions(date(2026, 11, 1), date(2027, 1, 31))
    for year, month in months_of(slots, NOW.date()):
        lines = render_month(slots, occasions, year=year, month=month, now=NOW)
        assert all(0 <= wcswidth(line) <= 78 for line in lines)
        assert {wcswidth(line) for line in lines[1:]} == {78}, "the bars stand below each other"


@example("00ा0", 3)
@example("\u0ccd", 1)
@given(st.text(), st.integers(1, 20))
def test_texts_are_fitted_to_columns(text: str, columns: int) -> None:
    assert wcswidth(fit_width(text, columns)) == columns
    head, rest = split_width(text, columns)
    assert head + rest == text


def own_notes(hours: list[int], effect: dict[int, float], seed: int) -> list[Note]:
    rng = np.random.default_rng(seed)
    notes = []
    for i, hour in enumerate(hours):
        at = datetime(2026, 6, 1, hour, 5, tzinfo=BEIJING) + timedelta(days=i)
        level = 6 + effect.get(hour, 0.0) + rng.normal(0, 0.5)
        impressions = int(np.exp(level))
        notes.append(
            Note(
                f"{i:016x}",
                title=f"题{i}",
                type="图文",
                impressions=impressions,
                views=impressions // 5,
                likes=3,
                collects=2,
                comments=0,
                shares=0,
                published_at=at.isoformat(),
                observed_at="2026-11-20T00:00:00+08:00",
            )
        )
    return notes


def test_few_notes_tell_no_hour_and_many_tell_a_large_difference() -> None:
    few = fit_hours(own_notes([8, 20] * 5, {20: 1.5}, 0), seed=0)
    assert not few.is_told and few.effect_of(20) == 0
    many = fit_hours(own_notes([8, 12, 20] * 25, {20: 1.0}, 1), seed=0)
    assert many.is_told and many.effect_of(20) > 0.3 > many.effect_of(8)
    assert many.choose_hours(frozenset())[-1] in (19, 20), "the usual hour of that part of the day"
    assert fit_hours([], seed=0).choose_hours(Wishes().quiet) == (8, 12, 19, 21)
    assert 20 not in many.choose_hours(frozenset(range(18, 24)))


def test_where_hours_do_not_differ_they_are_rarely_told() -> None:
    told = sum(fit_hours(own_notes([8, 12, 20] * 15, {}, seed), seed=0).is_told for seed in range(40))
    assert told <= 6, "a test at 5 % of 40 accounts: more than 6 has a chance below 1 %"


def test_what_is_shrunk_never_passes_its_mean() -> None:
    choice = fit_hours(own_notes([8, 20] * 30, {20: 0.8}, 3), seed=0)
    assert 0 < choice.effect_of(20) < 0.8


@pytest.mark.parametrize(
    ("quiet", "hours"),
    [("23-7", {23, 0, 6}), ("", set()), ("1-3", {1, 2}), ("22-24", {22, 23}), ("0-24", set(range(24))), ("8-8", set())],
)
def test_quiet_hours_go_over_midnight(quiet: str, hours: set[int]) -> None:
    got = Wishes(quiet_hours=quiet).quiet
    assert hours <= got and (not hours or 12 not in got or quiet == "0-24")
