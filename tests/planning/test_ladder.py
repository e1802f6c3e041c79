"""The ladder: AND and OR against a plain evaluator, progress that never falls, files that contradict themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.planning.ladder import ACTIONS, HAND_ACTIONS, Grade, Ladder, Task, describe_task, load_ladder
from creator_kit.planning.progress import Doings, OwnNote, does_count, measure_status, measure_task

META = {"source": "a test", "date": date(2026, 1, 1), "confidence": "JUDGE"}
NAMES = ["尿布薯", "奶瓶薯", "困困薯", "泡泡薯", "甜筒薯", "小马薯", "文化薯", "铜冠薯", "银冠薯", "金冠薯"]


def test_the_shipped_ladder_has_the_ten_grades_in_order_and_marks_what_is_guessed() -> None:
    ladder = load_ladder()
    assert [grade.name for grade in sorted(ladder.grades, key=lambda g: g.number)] == NAMES
    for grade in ladder.grades:
        assert ladder.is_reconstructed(grade.needs) == (grade.number >= 4)
    assert all(task.source and task.date and task.confidence for task in ladder.tasks)
    assert all(task.confidence in ("LORE", "CLONE", "JUDGE") for task in ladder.tasks)
    assert {"follow", "collect", "comment", "post"} <= {leaf.action for leaf in ladder.iter_leaves("grade-1")}
    second = ladder.task("good-note-1")
    assert (second.count, second.collects, second.likes) == (1, 5, 10)
    assert ladder.task("grade-2").any == ("good-note-1", "topic-note-1")
    ads = [item for item in ladder.privileges if item.kind == "ads"]
    assert ads and all(item.grade is None and item.followers for item in ads), "ads go by followers, not by grade"


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Any tree of tasks: leaves first, then joints over what is there."""
    tasks = []
    for i in range(draw(st.integers(1, 5))):
        action = draw(st.sampled_from(ACTIONS))
        bar = action == "note_reach" or (action not in HAND_ACTIONS and draw(st.booleans()))
        collects = draw(st.one_of(st.none(), st.integers(1, 9))) if bar else None
        likes = draw(st.integers(1, 9)) if bar and (collects is None or draw(st.booleans())) else None
        count = draw(st.integers(1, 4))
        tasks.append(Task(id=f"t{i}", action=action, count=count, collects=collects, likes=likes, **META))
    for i in range(draw(st.integers(0, 4))):
        known = [task.id for task in tasks]
        children = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)))
        joint = {draw(st.sampled_from(("all", "any"))): children}
        tasks.append(Task(id=f"j{i}", **joint, **META))
    grades = [Grade(number=1, name="一", needs=tasks[-1].id, **META), Grade(number=2, name="二", needs="t0", **META)]
    return Ladder(tasks=tuple(tasks), grades=tuple(grades))


notes = st.builds(
    OwnNote,
    note_id=st.uuids().map(str),
    title=st.just("题"),
    published_on=st.dates(date(2026, 1, 1), date(2026, 11, 1)),
    is_video=st.booleans(),
    collects=st.integers(0, 10),
    likes=st.integers(0, 10),
    is_topic=st.booleans(),
)
amounts = st.dictionaries(st.sampled_from((*HAND_ACTIONS, "topic_note")), st.integers(0, 5))
doings = st.builds(Doings, amounts=amounts, notes=st.lists(notes, max_size=6).map(tuple))


def is_met(ladder: Ladder, task_id: str, done: Doings) -> bool:
    """The ladder read as plain logic."""
    task = ladder.task(task_id)
    if task.all:
        return all(is_met(ladder, child, done) for child in task.all)
    if task.any:
        return any(is_met(ladder, child, done) for child in task.any)
    if task.action in HAND_ACTIONS:
        return done.amounts.get(task.action, 0) >= task.count

    def good(note: OwnNote) -> bool:
        if (task.action == "video_note" and not note.is_video) or (task.action == "topic_note" and not note.is_topic):
            return False
        wanted = [(note.collects, task.collects), (note.likes, task.likes)]
        asked = [(has, want) for has, want in wanted if want is not None]
        return not asked or any(has >= want for has, want in asked)

    n = len([note for note in done.notes if good(note)])
    if task.action == "topic_note" and task.collects is None and task.likes is None:
        n += done.amounts.get("topic_note", 0)
    return n >= task.count


@settings(max_examples=150, deadline=None)
@given(ladders(), doings)
def test_complete_means_what_plain_logic_says(ladder: Ladder, done: Doings) -> None:
    for task in ladder.tasks:
        progress = measure_task(ladder, task.id, done)
        assert progress.is_complete == is_met(ladder, task.id, done)
        assert 0 <= progress.share <= 1
    status = measure_status(ladder, done)
    met = [is_met(ladder, grade.needs, done) for grade in ladder.grades]
    assert status.earned == (2 if all(met) else 1 if met[0] else 0)


@settings(max_examples=150, deadline=None)
@given(
    ladders(), doings, st.one_of(notes, st.tuples(st.sampled_from((*HAND_ACTIONS, "topic_note")), st.integers(1, 3)))
)
def test_progress_never_falls_when_something_is_done(
    ladder: Ladder, done: Doings, more: OwnNote | tuple[str, int]
) -> None:
    if isinstance(more, OwnNote):
        after = Doings(done.amounts, (*done.notes, more))
    else:
        after = Doings({**done.amounts, more[0]: done.amounts.get(more[0], 0) + more[1]}, done.notes)
    for task in ladder.tasks:
        assert measure_task(ladder, task.id, after).share >= measure_task(ladder, task.id, done).share
    assert measure_status(ladder, after).earned >= measure_status(ladder, done).earned


@settings(max_examples=80, deadline=None)
@given(ladders(), doings)
def test_the_shortest_way_completes_the_next_grade(ladder: Ladder, done: Doings) -> None:
    status = measure_status(ladder, done)
    if status.next_grade is None:
        return
    now = dict(done.amounts)
    own = list(done.notes)
    for step in status.steps:
        task = step.task
        if task.action in HAND_ACTIONS:
            now[task.action] = max(now.get(task.action, 0), task.count)
        else:
            good = OwnNote("n", "题", date(2026, 1, 1), True, 99, 99, True)
            own += [good] * step.n_missing
            assert does_count(task, good)
    after = Doings(now, tuple(own))
    assert measure_task(ladder, status.next_grade.needs, after).is_complete


HEAD = (
    '[[grades]]\nnumber = 1\nname = "尿布薯"\nneeds = "a"\nsource = "test"\ndate = 2026-01-01\nconfidence = "JUDGE"\n'
)
LEAF = '[[tasks]]\nid = "{id}"\n{body}\nsource = "test"\ndate = 2026-01-01\nconfidence = "JUDGE"\n'


@pytest.mark.parametrize(
    ("tasks", "says"),
    [
        ({"a": 'all = ["b"]', "b": 'any = ["c"]', "c": 'all = ["a"]'}, "circle: a → b → c → a"),
        ({"a": 'all = ["a"]'}, "circle: a → a"),
        ({"a": 'action = "coment"'}, "unknown action 'coment'.*did you mean 'comment'"),
        ({"a": 'action = "comment"\ncount = 0'}, "must be 1 or more"),
        ({"a": 'action = "comment"\ncount = -3'}, "must be 1 or more"),
        ({"a": 'action = "comment"\nlikes = 10'}, "only notes can be asked"),
        ({"a": 'action = "note_reach"'}, "needs collects or likes"),
        ({"a": 'all = ["bb"]', "b": 'action = "like"'}, "asks for task 'bb'"),
        ({"a": 'action = "like"\nall = ["a"]'}, "exactly one of"),
        ({"a": 'action = "like"\nsourc = "x"'}, "did you mean 'source'"),
    ],
)
def test_a_ladder_that_cannot_be_is_told(tmp_path: Path, tasks: dict[str, str], says: str) -> None:
    (tmp_path / "templates").mkdir()
    text = HEAD + "".join(LEAF.format(id=name, body=body) for name, body in tasks.items())
    (tmp_path / "templates" / "grades.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        load_ladder(tmp_path)
    assert "grades.toml" in (caught.value.where or "")


@pytest.mark.parametrize(
    "second", [HEAD, HEAD.replace("number = 1", "number = 2"), HEAD.replace("number = 1", "number = 3")]
)
def test_a_duplicate_or_missing_grade_is_told(tmp_path: Path, second: str) -> None:
    (tmp_path / "templates").mkdir()
    text = HEAD + (second if "3" not in second[:30] else second.replace("尿布薯", "别的"))
    text += LEAF.format(id="a", body='action = "like"')
    (tmp_path / "templates" / "grades.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"twice|gap"):
        load_ladder(tmp_path)


def test_a_users_file_may_change_one_task_and_keep_the_rest(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    own = 'extends = "shipped"\n[[tasks]]\nid = "good-note-3"\ncount = 2\nsource = "my app"\nconfidence = "OFF"\n'
    own += '[[tasks]]\nid = "grade-4"\naction = "post"\ncount = 9\nsource = "my app"\nconfidence = "OFF"\n'
    own += "reconstructed = false\n"
    (tmp_path / "templates" / "grades.toml").write_text(own, encoding="utf-8")
    ladder, shipped = load_ladder(tmp_path), load_ladder()
    assert ladder.task("good-note-3").count == 2 and ladder.task("good-note-3").collects == 5
    assert ladder.task("grade-4").action == "post" and not ladder.task("grade-4").any
    assert not ladder.is_reconstructed("grade-4") and ladder.is_reconstructed("grade-5")
    assert ladder.task("grade-1") == shipped.task("grade-1") and len(ladder.grades) == 10


def test_tasks_read_as_a_person_would_say_them() -> None:
    ladder = load_ladder()
    assert describe_task(ladder.task("good-note-3")) == "3 notes with 5 collects or 10 likes"
    assert describe_task(ladder.task("comment-1")) == "comment once"
