"""How far each task of the ladder is: from the ledger's entries and the creator's own published notes.

A leaf's progress is what was done over what is asked, at most 1. AND is the mean of its parts, OR the best of
them: both can only rise when something more is done, and both are 1 exactly when the task is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from creator_kit.corpus.note import Note
from creator_kit.planning.ladder import HAND_ACTIONS, Grade, Ladder, Task
from creator_kit.planning.ledger import TaskEvent

# Minutes that a task by hand takes a person (JUDGE); they only choose which of several ways is the shortest.
HAND_MINUTES = {"browse": 1.0, "like": 0.1, "collect": 0.1, "comment": 2.0, "follow": 0.2}
# Making one note, from the idea to the app (JUDGE).
NOTE_MINUTES = 90.0


@dataclass(frozen=True, slots=True)
class OwnNote:
    """What a task may ask of a published note. Counts that the sheet does not give are 0."""

    note_id: str
    title: str
    published_on: date
    is_video: bool
    collects: int
    likes: int
    is_topic: bool = False


@dataclass(frozen=True, slots=True)
class Doings:
    """Everything that counts: amounts by action from the ledger, and the own notes, oldest first."""

    amounts: Mapping[str, int]
    notes: tuple[OwnNote, ...]


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """A task with what is ``done`` of its ``wanted`` (1 for AND and OR), its ``share`` (0 to 1) and its parts.

    ``note_ids`` are the notes that count for a leaf about notes.
    """

    task: Task
    done: int
    wanted: int
    share: Fraction
    parts: tuple[TaskProgress, ...] = ()
    note_ids: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.share == 1

    @property
    def n_missing(self) -> int:
        return max(self.wanted - self.done, 0)


@dataclass(frozen=True, slots=True)
class Status:
    """Where the account stands. ``grade`` is what the person said (``is_stated``), else the highest grade of which
    this and all lower ones are earned by what is known here (0 for none); ``earned`` is always the latter.
    ``steps`` is the shortest way to ``next_grade``: its open leaves."""

    grade: int
    is_stated: bool
    earned: int
    next_grade: Grade | None
    next_progress: TaskProgress | None
    steps: tuple[TaskProgress, ...]
    grades: tuple[tuple[Grade, TaskProgress], ...]
    doings: Doings = field(repr=False)


def collect_doings(
    events: Iterable[TaskEvent], notes: Iterable[Note], *, until: date, topic_ids: frozenset[str] = frozenset()
) -> Doings:
    """What counts on the day ``until``: ``events`` that stand and own ``notes`` published by then.

    ``topic_ids`` are notes known to have taken part in a topic.
    """
    amounts: dict[str, int] = {}
    for event in events:
        if event.done_on <= until:
            amounts[event.action] = amounts.get(event.action, 0) + event.amount
    own = []
    for note in notes:
        day = _published_on(note)
        if day is not None and day <= until:
            own.append(
                OwnNote(
                    note.note_id,
                    note.title,
                    day,
                    note.type == "视频",
                    note.collects or 0,
                    note.likes or 0,
                    note.note_id in topic_ids,
                )
            )
    own.sort(key=lambda note: (note.published_on, note.note_id))
    return Doings(amounts, tuple(own))


def measure_task(ladder: Ladder, task_id: str, doings: Doings) -> TaskProgress:
    """The progress of a task and of all below it."""
    task = ladder.task(task_id)
    if task.action is None:
        parts = tuple(measure_task(ladder, child, doings) for child in task.children)
        shares = [part.share for part in parts]
        share = sum(shares, Fraction()) / len(shares) if task.all else max(shares)
        return TaskProgress(task, int(share == 1), 1, share, parts)
    note_ids: tuple[str, ...] = ()
    if task.action in HAND_ACTIONS:
        done = doings.amounts.get(task.action, 0)
    else:
        note_ids = tuple(note.note_id for note in doings.notes if does_count(task, note))
        done = len(note_ids)
        if task.action == "topic_note" and task.collects is None and task.likes is None:
            # Notes that the plan knows (`done --topic`), and those that were logged instead.
            done += doings.amounts.get("topic_note", 0)
    return TaskProgress(task, done, task.count, min(Fraction(done, task.count), Fraction(1)), note_ids=note_ids)


def does_count(task: Task, note: OwnNote) -> bool:
    """Whether ``note`` counts for the leaf ``task``."""
    if task.action == "video_note" and not note.is_video:
        return False
    if task.action == "topic_note" and not note.is_topic:
        return False
    if task.collects is None and task.likes is None:
        return True
    return (task.collects is not None and note.collects >= task.collects) or (
        task.likes is not None and note.likes >= task.likes
    )


def measure_status(ladder: Ladder, doings: Doings, *, stated_grade: int = 0) -> Status:
    """Where the account stands on ``ladder``. ``stated_grade`` is what the app shows the person, 0 for unknown."""
    grades = tuple((grade, measure_task(ladder, grade.needs, doings)) for grade in _sorted(ladder))
    earned = 0
    for grade, progress in grades:
        if not progress.is_complete:
            break
        earned = grade.number
    current = stated_grade or earned
    # The next grade is the first above the current one that is not earned yet.
    following = next(
        ((grade, progress) for grade, progress in grades if grade.number > current and not progress.is_complete), None
    )
    if following is None:
        return Status(current, bool(stated_grade), earned, None, None, (), grades, doings)
    steps = tuple(shortest_way(following[1]))
    return Status(current, bool(stated_grade), earned, following[0], following[1], steps, grades, doings)


def shortest_way(progress: TaskProgress, *, posts_per_success: Mapping[str, float] | None = None) -> list[TaskProgress]:
    """The open leaves on the way that asks for the least of a person's time.

    ``posts_per_success`` maps ids of leaves about notes to how many notes one success takes (1 where unknown).
    """
    return _way(progress, posts_per_success or {})[1]


def _way(progress: TaskProgress, factors: Mapping[str, float]) -> tuple[float, list[TaskProgress]]:
    task = progress.task
    if progress.is_complete:
        return 0.0, []
    if task.action is not None:
        each = HAND_MINUTES.get(task.action)
        minutes = each if each is not None else NOTE_MINUTES * factors.get(task.id, 1.0)
        return minutes * progress.n_missing, [progress]
    ways = [_way(part, factors) for part in progress.parts]
    if task.all:
        return sum(way[0] for way in ways), [step for way in ways for step in way[1]]
    return min(ways, key=lambda way: way[0])


def _sorted(ladder: Ladder) -> list[Grade]:
    return sorted(ladder.grades, key=lambda grade: grade.number)


def _published_on(note: Note) -> date | None:
    try:
        return date.fromisoformat((note.published_at or "")[:10])
    except ValueError:
        return None
