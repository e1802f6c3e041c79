"""The grade ladder as data: tasks joined by AND and OR, each with where it comes from and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from creator_kit.datafiles import read_toml, suggest, validate_model
from creator_kit.errors import InputError
from creator_kit.locale import _, ngettext, pick
from creator_kit.paths import find_shipped_dir

LADDER_NAME = "grades.toml"
Action = Literal[
    "browse", "like", "collect", "comment", "follow", "post", "topic_note", "video_note", "note_reach"
]  # fmt: skip
HAND_ACTIONS = ("browse", "like", "collect", "comment", "follow")
NOTE_ACTIONS = ("post", "topic_note", "video_note", "note_reach")
ACTIONS: tuple[str, ...] = (*HAND_ACTIONS, *NOTE_ACTIONS)
Confidence = Literal["OFF", "ENG", "PAP", "CODE", "LORE", "CALC", "SEED", "CLONE", "JUDGE"]
N_GRADES = 10


class _Sourced(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=3)
    source_zh: str = ""
    date: date
    confidence: Confidence
    reconstructed: bool = False

    @property
    def source_text(self) -> str:
        """Where it comes from, in the reader's language."""
        return pick(self.source_zh or self.source, self.source)


class Task(_Sourced):
    """One task: a leaf (``action`` with ``count``) or several joined by ``all`` or ``any`` (ids of tasks).

    ``browse`` counts minutes. ``note_reach`` counts own notes that have at least ``collects`` collects or
    ``likes`` likes (either is enough); ``post``, ``topic_note`` and ``video_note`` may ask for that as well.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    action: Action | None = None
    count: int = Field(1, ge=1, le=1_000_000)
    collects: int | None = Field(None, ge=1)
    likes: int | None = Field(None, ge=1)
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _known_action(cls, value: Any) -> Any:
        action = value.get("action") if isinstance(value, dict) else None
        if isinstance(action, str) and action not in ACTIONS:
            near = suggest(action, list(ACTIONS))
            text = _("unknown action '{action}'; known are: {known}").format(action=action, known=", ".join(ACTIONS))
            raise ValueError(text + (_("; did you mean '{near}'?").format(near=near) if near else ""))
        return value

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        if sum((self.action is not None, bool(self.all), bool(self.any))) != 1:
            raise ValueError(_("task '{id}' needs exactly one of action, all, any").format(id=self.id))
        has_bar = self.collects is not None or self.likes is not None
        if self.action == "note_reach" and not has_bar:
            raise ValueError(_("task '{id}': note_reach needs collects or likes").format(id=self.id))
        if has_bar and self.action not in NOTE_ACTIONS:
            raise ValueError(_("task '{id}': only notes can be asked for collects or likes").format(id=self.id))
        return self

    @property
    def children(self) -> tuple[str, ...]:
        """Ids of the tasks that this one joins; none for a leaf."""
        return self.all or self.any


class Grade(_Sourced):
    """A grade: its ``number`` (1 to 10), name and the task that earns it."""

    number: int = Field(ge=1, le=N_GRADES)
    name: str = Field(min_length=1)
    name_en: str = ""
    needs: str


class Privilege(_Sourced):
    """What a grade (or, where the grade does not count, a number of ``followers``) opens; or a mere ``claim``."""

    kind: Literal["reward", "access", "ads", "claim"]
    grade: int | None = Field(None, ge=1, le=N_GRADES)
    followers: int | None = Field(None, ge=1)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> str:
        """What it is, in the reader's language."""
        return pick(self.zh, self.en)


class Ladder(BaseModel):
    """All tasks, grades (lowest first after checking) and privileges. Raises ValueError that names what is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    extends: Literal["shipped"] | None = None
    tasks: tuple[Task, ...] = ()
    grades: tuple[Grade, ...] = ()
    privileges: tuple[Privilege, ...] = ()

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        for name, keys in (
            ("task", [task.id for task in self.tasks]),
            ("grade", [str(grade.number) for grade in self.grades]),
            ("grade", [grade.name for grade in self.grades]),
        ):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise ValueError(_("{what} '{key}' stands here twice").format(what=name, key=twice[0]))
        by_id = {task.id: task for task in self.tasks}
        for owner, wanted in [(task.id, child) for task in self.tasks for child in task.children] + [
            (grade.name, grade.needs) for grade in self.grades
        ]:
            if wanted not in by_id:
                near = suggest(wanted, list(by_id))
                text = _("'{owner}' asks for task '{id}', which is not there").format(owner=owner, id=wanted)
                raise ValueError(text + (_("; did you mean '{near}'?").format(near=near) if near else ""))
        circle = _find_circle(by_id)
        if circle:
            raise ValueError(_("tasks ask for each other in a circle: {path}").format(path=" → ".join(circle)))
        numbers = sorted(grade.number for grade in self.grades)
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(_("grades must be numbered 1, 2, 3 … without a gap; these are {n}").format(n=numbers))
        return self

    def task(self, task_id: str) -> Task:
        """The task of that id (KeyError for none)."""
        return self._by_id[task_id]

    @property
    def _by_id(self) -> dict[str, Task]:
        return {task.id: task for task in self.tasks}

    def find_grade(self, number: int) -> Grade | None:
        """The grade of that number; None for 0 or above the last."""
        return next((grade for grade in self.grades if grade.number == number), None)

    def iter_leaves(self, task_id: str) -> Iterator[Task]:
        """The leaves below a task, in order; one that is asked for twice comes twice."""
        task = self.task(task_id)
        if not task.children:
            yield task
        for child in task.children:
            yield from self.iter_leaves(child)

    def is_reconstructed(self, task_id: str) -> bool:
        """Whether the task or anything below it is marked as reconstructed."""
        task = self.task(task_id)
        return task.reconstructed or any(self.is_reconstructed(child) for child in task.children)


def load_ladder(user_root: Path | None = None) -> Ladder:
    """The ladder: ``templates/grades.toml`` of ``user_root`` when it is there, else the shipped one.

    A user's file that says ``extends = "shipped"`` gives only what differs: tasks by ``id``, grades by
    ``number`` (down to single keys); its privileges, if any, take the place of the shipped ones.
    Raises InputError naming the file and field.
    """
    shipped = find_shipped_dir("templates") / LADDER_NAME
    own = user_root / "templates" / LADDER_NAME if user_root else None
    if own is None or not own.is_file():
        return validate_model(read_toml(shipped), Ladder, where=str(shipped))
    table = read_toml(own)
    if table.get("extends") == "shipped":
        table = _merge(read_toml(shipped), table, where=str(own))
    return validate_model(table, Ladder, where=str(own))


def describe_task(task: Task) -> str:
    """A leaf in words: "3 notes with 5 collects or 10 likes"."""
    if task.action is None:
        return _("all of these") if task.all else _("one of these")
    n = task.count
    texts = {
        "browse": ngettext("browse for {n} minute", "browse for {n} minutes", n),
        "like": ngettext("like {n} note", "like {n} notes", n),
        "collect": ngettext("collect {n} note", "collect {n} notes", n),
        "comment": ngettext("comment once", "comment {n} times", n),
        "follow": ngettext("follow {n} account", "follow {n} accounts", n),
        "post": ngettext("publish {n} note", "publish {n} notes", n),
        "topic_note": ngettext("publish {n} topic note", "publish {n} topic notes", n),
        "video_note": ngettext("publish {n} video note", "publish {n} video notes", n),
        "note_reach": ngettext("{n} note", "{n} notes", n),
    }
    text = texts[task.action].format(n=f"{n:,}")
    bar = describe_bar(task)
    return _("{task} with {bar}").format(task=text, bar=bar) if bar else text


def describe_bar(task: Task) -> str:
    """What a note must reach, in words; "" where nothing is asked."""
    if task.collects is not None and task.likes is not None:
        return _("{collects} collects or {likes} likes").format(collects=task.collects, likes=task.likes)
    if task.collects is not None:
        return _("{n} collects").format(n=task.collects)
    return _("{n} likes").format(n=task.likes) if task.likes is not None else ""


def _find_circle(by_id: dict[str, Task]) -> list[str]:
    """The first circle that following ``children`` runs into, as a path of ids; [] for none."""
    done: set[str] = set()
    for start in by_id:
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, is_leaving = stack.pop()
            if is_leaving:
                path.pop()
                done.add(name)
                continue
            if name in path:
                return [*path[path.index(name) :], name]
            if name in done:
                continue
            path.append(name)
            stack.append((name, True))
            stack += [(child, False) for child in reversed(by_id[name].children)]
    return []


def _merge(shipped: dict[str, Any], own: dict[str, Any], *, where: str) -> dict[str, Any]:
    merged = dict(shipped) | {key: value for key, value in own.items() if key not in ("tasks", "grades")}
    for name, key in (("tasks", "id"), ("grades", "number")):
        rows = own.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) and key in row for row in rows):
            raise InputError(_("each entry needs its '{key}'").format(key=key), where=f"{where}:{name}")
        keys = [row[key] for row in rows]
        twice = [str(k) for k in keys if keys.count(k) > 1]
        if twice:
            raise InputError(_("'{key}' stands here twice").format(key=twice[0]), where=f"{where}:{name}")
        table = {row[key]: row for row in shipped[name]}
        for row in rows:
            table[row[key]] = _override(table.get(row[key], {}), row)
        merged[name] = list(table.values())
    return merged


def _override(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """``new`` over ``old``; another kind of task (leaf, all, any) drops the keys of the old kind."""
    shape = ("action", "all", "any")
    kind = next((key for key in shape if key in new), None)
    if kind is not None and kind not in old:
        old = {key: value for key, value in old.items() if key not in (*shape, "count", "collects", "likes")}
    if "source" in new:
        old = {key: value for key, value in old.items() if key != "source_zh"}
    return old | new
