"""The grade forecast on creators whose truth is known: its dates hold as often as they say."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from creator_kit.clock import BEIJING
from creator_kit.errors import InputError
from creator_kit.planning.chances import Chances, find_bars, weigh_own
from creator_kit.planning.grade_forecast import GradeForecast, forecast_grades, learn_pace
from creator_kit.planning.ladder import Grade, Ladder, Task
from creator_kit.planning.ledger import TaskEvent
from creator_kit.planning.progress import Doings, OwnNote, measure_status
from creator_kit.planning.slot import Slot

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
TODAY = NOW.date()
META = {"source": "a test", "date": date(2026, 1, 1), "confidence": "JUDGE"}
DELAYS = tuple(float(x) for x in np.linspace(0.1, 5, 50))


def ladder_of(n_good: int, *, or_posts: int = 10_000) -> Ladder:
    tasks = (
        Task(id="good", action="note_reach", count=n_good, collects=5, likes=10, **META),
        Task(id="many", action="post", count=or_posts, **META),
        Task(id="goal", any=("good", "many"), **META),
    )
    return Ladder(tasks=tasks, grades=(Grade(number=1, name="一", needs="goal", **META),))


def notes_of(rng: np.random.Generator, *, p: float, per_week: float, days: int) -> list[OwnNote]:
    """Notes of the last ``days`` by a creator who posts at random and whose notes are good with chance ``p``."""
    n = rng.poisson(per_week * days / 7)
    when = np.sort(rng.uniform(0, days, n))
    return [
        OwnNote(f"{i}", "题", TODAY - timedelta(days=days - int(t)), False, 6 if rng.random() < p else 1, 0)
        for i, t in enumerate(when)
    ]


def forecast(ladder: Ladder, notes: list[OwnNote], *, p_model: float = 0.35, **more: object) -> GradeForecast:
    doings = Doings({}, tuple(notes))
    chances = Chances(
        {
            (bar, video): weigh_own(p_model, DELAYS, bar, video, notes, today=TODAY)
            for bar in find_bars(ladder)
            for video in (False, True)
        },
        "a test",
        len(notes),
    )
    pace = learn_pace(doings, [], [], today=TODAY, plan_rate=more.pop("plan_rate", None))  # type: ignore[arg-type]
    status = measure_status(ladder, doings)
    options = {"now": NOW, "seed": 0, "n_replicates": 300, "with_levers": False} | more
    return forecast_grades(ladder, status, chances, pace, [], **options)  # type: ignore[arg-type]


def test_dates_hold_as_often_as_they_say_on_simulated_creators() -> None:
    rng = np.random.default_rng(7)
    below = {0.1: 0, 0.5: 0, 0.9: 0}
    n_creators = 0
    while n_creators < 160:
        p = rng.beta(2, 3.7)  # creators differ; the model knows only their average
        per_week = rng.gamma(6, 0.6)
        notes = notes_of(rng, p=p, per_week=per_week, days=70)
        n_good = sum(note.collects >= 5 for note in notes)
        if len(notes) < 2:
            continue
        n_creators += 1
        ladder = ladder_of(n_good + int(rng.integers(1, 6)))
        grade = forecast(ladder, notes).grades[0]
        missing = ladder.task("good").count - n_good
        at, t = [], 0.0
        while len(at) < missing and t < 2000:
            t += rng.exponential(7 / per_week)
            if rng.random() < p:
                at.append(t + rng.choice(DELAYS))
        truth = np.sort(at)[missing - 1] if len(at) >= missing else 1e9
        for level, day in ((0.1, grade.p10), (0.5, grade.p50), (0.9, grade.p90)):
            limit = (day - TODAY).days + 0.5 if day is not None else 730
            below[level] += truth <= limit
    shares = {level: n / n_creators for level, n in below.items()}
    # Two standard errors of a share at 160 creators, and a little for dates being whole days.
    assert 0.05 <= shares[0.1] <= 0.17, shares
    assert 0.42 <= shares[0.5] <= 0.59, shares
    assert 0.84 <= shares[0.9] <= 0.96, shares


def test_two_good_notes_to_go_take_about_two_over_p_posts() -> None:
    rng = np.random.default_rng(1)
    notes = notes_of(rng, p=0.5, per_week=5, days=56)
    n_good = sum(note.collects >= 5 for note in notes)
    result = forecast(ladder_of(n_good + 2), notes)
    assert result.to_go == ("2 notes with 5 collects or 10 likes",)
    assert result.posts_needed is not None and 4 <= result.posts_needed.p50 <= 6, "14 of 35 were good"
    assert result.posts_needed.p10 <= result.posts_needed.p50 <= result.posts_needed.p90


def test_an_or_takes_whichever_comes_first() -> None:
    notes = [OwnNote(f"{i}", "题", TODAY - timedelta(days=3 * i), False, 0, 0) for i in range(18)]
    far = forecast(ladder_of(9), notes, p_model=0.02).grades[0]
    near = forecast(ladder_of(9, or_posts=len(notes) + 3), notes, p_model=0.02).grades[0]
    assert near.p50 is not None and (far.p50 is None or near.p50 < far.p50)
    assert near.p50 <= TODAY + timedelta(days=14)


def test_more_posts_never_make_it_later_and_levers_say_by_how_much() -> None:
    notes = [OwnNote(f"{i}", "题", TODAY - timedelta(days=7 * i + 1), False, 6 * (i % 3 == 0), 0) for i in range(8)]
    result = forecast(ladder_of(8), notes, with_levers=True)
    gains = {lever.code: lever.days_gained for lever in result.levers}
    assert gains["one_more_post"] > 0
    slow, fast = (forecast(ladder_of(8), [], plan_rate=rate).grades[0].p50 for rate in (1.0, 5.0))
    assert fast is not None and (slow is None or fast < slow)


def test_a_plan_that_is_kept_comes_before_the_usual_pace() -> None:
    ladder = ladder_of(99, or_posts=3)
    slots = [
        Slot(
            slot_id=f"{i}", kind="draft", title="题", starts_at=NOW + timedelta(days=2 + 2 * i), changed_at=NOW,
        )
        for i in range(3)
    ]  # fmt: skip
    doings = Doings({}, ())
    chances = Chances({}, "a test", 0)
    pace = learn_pace(doings, [], slots, today=TODAY)
    result = forecast_grades(ladder, measure_status(ladder, doings), chances, pace, slots, now=NOW, seed=0)
    assert result.grades[0].p50 == (NOW + timedelta(days=6)).date()


def test_tasks_by_hand_go_at_the_ledgers_rate() -> None:
    task = Task(id="talk", action="comment", count=15, **META)
    ladder = Ladder(tasks=(task,), grades=(Grade(number=1, name="一", needs="talk", **META),))
    events = [TaskEvent(i, "comment", 1, TODAY - timedelta(days=2 * i), NOW) for i in range(14)]
    doings = Doings({"comment": 14}, ())
    pace = learn_pace(doings, events, [], today=TODAY)
    result = forecast_grades(ladder, measure_status(ladder, doings), Chances({}, "", 0), pace, [], now=NOW, seed=0)
    assert result.grades[0].p50 == TODAY + timedelta(days=2)


def test_nothing_known_gives_no_date_and_numbers_that_cannot_be_are_refused() -> None:
    result = forecast(ladder_of(2), [])
    assert result.grades[0].p50 is None and result.pace.source == "none" and result.levers == ()
    with pytest.raises(InputError):
        learn_pace(Doings({}, ()), [], [], today=TODAY, plan_rate=-1)
    with pytest.raises(InputError):
        forecast(ladder_of(2), [], n_replicates=1)


def test_the_same_seed_gives_the_same_dates() -> None:
    notes = [OwnNote(f"{i}", "题", TODAY - timedelta(days=4 * i), False, 6, 0) for i in range(6)]
    assert forecast(ladder_of(9), notes) == forecast(ladder_of(9), notes)
    assert forecast(ladder_of(9), notes) != forecast(ladder_of(9), notes, seed=1)
