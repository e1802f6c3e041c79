"""The body library: shapes and habits as TOML that a person can read, and what they say in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from creator_kit.datafiles import load_model, write_text
from creator_kit.locale import _, ngettext
from creator_kit.mining.bodies import BodyLibrary, BodyShape, BodySummary, TagHabits
from creator_kit.mining.habits import Habit, Percentiles
from creator_kit.mining.library_file import LiftModel, list_library_files, write_lift
from creator_kit.mining.line_roles import Role
from creator_kit.mining.template import Tier

KIND = "bodies"
Structure = Literal["list", "steps", "diary", "qa"]
METHOD = (
    "line roles by rules; closed subsequences of outlines; MH lift within length, EB-shrunk, author-clustered;"
    " q over all families of the run"
)
METHOD_VERSION = 2


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _HabitModel(_Model):
    name: str
    support: int = Field(ge=0)
    authors: int = Field(ge=0)
    share: float = Field(ge=0, le=1)
    tier: Tier = "common"
    q_value: float = Field(default=1.0, ge=0, le=1)
    lift: LiftModel | None = None


class _ShapeModel(_Model):
    roles: list[Role] = Field(min_length=1)
    support: int = Field(ge=0)
    authors: int = Field(ge=0)
    exact: int = Field(ge=0)
    tier: Tier = "common"
    q_value: float = Field(default=1.0, ge=0, le=1)
    characters: tuple[int, int, int]
    lines: tuple[int, int, int]
    sources: dict[str, int] = {}
    published_first: str = ""
    published_last: str = ""
    method_version: int = METHOD_VERSION
    lift: LiftModel | None = None


class _LibraryModel(_Model):
    schema_version: Literal[1] = 1
    about: str = ""
    method: str = ""
    method_version: int = 1
    n_notes: int = 0
    n_bodies: int = 0
    n_authors: int = 0
    n_compared: int = 0
    sources: dict[str, int] = {}
    published_first: str = ""
    published_last: str = ""
    characters: tuple[int, int, int] = (0, 0, 0)
    lines: tuple[int, int, int] = (0, 0, 0)
    emoji: tuple[int, int, int] = (0, 0, 0)
    tags: tuple[int, int, int] = (0, 0, 0)
    share_of_tag_class: dict[str, float] = {}
    shapes: list[_ShapeModel] = []
    habits: list[_HabitModel] = []
    tag_habits: list[_HabitModel] = []


def save_bodies(library: BodyLibrary, folder: Path, *, name: str = "mined") -> Path:
    """Write ``folder/<name>.toml``, whole or not at all; the same library gives the same bytes. No text of a note."""
    summary = library.summary
    data: dict[str, object] = {
        "schema_version": 1,
        "about": f"mined from {summary.n_bodies} bodies of {summary.n_authors} authors",
        "method": METHOD,
        "method_version": METHOD_VERSION,
        "n_notes": summary.n_notes,
        "n_bodies": summary.n_bodies,
        "n_authors": summary.n_authors,
        "n_compared": summary.n_compared,
        "sources": summary.sources,
        "published_first": summary.published_first,
        "published_last": summary.published_last,
        "characters": _list(library.n_characters),
        "lines": _list(library.n_lines),
        "emoji": _list(library.n_emoji),
        "tags": _list(library.tags.n_tags),
        "share_of_tag_class": library.tags.share_of_class,
        "shapes": [
            {
                "roles": list(shape.roles),
                "support": shape.support,
                "authors": shape.n_authors,
                "exact": shape.n_exact,
                "tier": shape.tier,
                "q_value": shape.q_value,
                "characters": _list(shape.n_characters),
                "lines": _list(shape.n_lines),
                "sources": shape.sources,
                "published_first": shape.published_first,
                "published_last": shape.published_last,
                "method_version": METHOD_VERSION,
                **write_lift(shape.lift),
            }
            for shape in library.shapes
        ],
        "habits": [_habit_table(habit) for habit in library.habits],
        "tag_habits": [_habit_table(habit) for habit in library.tags.habits],
    }
    path = folder / f"{name}.toml"
    write_text(path, tomli_w.dumps(data))
    return path


def load_shapes(user_root: Path | None = None) -> list[BodyShape]:
    """All mined shapes: the workspace's own first, then the shipped ones; a shape seen already is not repeated.

    Raises InputError naming file and field.
    """
    seen: dict[tuple[Role, ...], BodyShape] = {}
    for path in list_library_files(KIND, user_root):
        for shape in load_bodies(path).shapes:
            seen.setdefault(shape.roles, shape)
    return list(seen.values())


def suggest_structure(shapes: Sequence[BodyShape]) -> Structure | None:
    """How to tell what a brief leaves open, by the best reliable shape that shows it; None without such a one.

    ``steps``: with steps; ``list``: with a numbered or emoji list; ``qa``: hook, question, telling; ``diary``: lines
    that only tell. Promising and common shapes do not count: what many do need not be what does better.
    """
    for shape in shapes:
        roles = [role for role in shape.roles if role not in ("hook", "tip", "price", "cta", "tags")]
        if shape.tier != "reliable" or not roles:
            continue
        if "step" in roles:
            return "steps"
        if "numbered" in roles or "bullet" in roles:
            return "list"
        if roles[-1] == "context":
            return "qa" if "question" in roles else "diary"
    return None


def load_bodies(path: Path) -> BodyLibrary:
    """The library of one file, as ``save_bodies`` wrote it. Raises InputError naming file and field."""
    model = load_model(path, _LibraryModel)
    summary = BodySummary(
        n_notes=model.n_notes,
        n_bodies=model.n_bodies,
        n_authors=model.n_authors,
        n_compared=model.n_compared,
        published_first=model.published_first,
        published_last=model.published_last,
        sources=model.sources,
    )
    return BodyLibrary(
        tuple(_read_shape(item) for item in model.shapes),
        tuple(_read_habit(item) for item in model.habits),
        Percentiles(*model.characters),
        Percentiles(*model.lines),
        Percentiles(*model.emoji),
        TagHabits(
            Percentiles(*model.tags), model.share_of_tag_class, tuple(_read_habit(item) for item in model.tag_habits)
        ),
        summary,
    )


def _read_shape(item: _ShapeModel) -> BodyShape:
    return BodyShape(
        tuple(item.roles),
        item.support,
        item.authors,
        item.exact,
        item.tier,
        item.lift.read() if item.lift else None,
        item.q_value,
        Percentiles(*item.characters),
        Percentiles(*item.lines),
        item.sources,
        item.published_first,
        item.published_last,
    )


def _read_habit(item: _HabitModel) -> Habit:
    lift = item.lift.read() if item.lift else None
    return Habit(item.name, item.support, item.authors, item.share, item.tier, lift, item.q_value)


def _list(percentiles: Percentiles) -> list[int]:
    return [percentiles.p10, percentiles.p50, percentiles.p90]


def _habit_table(habit: Habit) -> dict[str, object]:
    return {
        "name": habit.name,
        "support": habit.n_notes,
        "authors": habit.n_authors,
        "share": habit.share,
        "tier": habit.tier,
        "q_value": habit.q_value,
        **write_lift(habit.lift),
    }


def name_role(role: Role) -> str:
    """The role in the reader's language."""
    return {
        "hook": _("hook"),
        "context": _("telling"),
        "heading": _("heading"),
        "numbered": _("numbered list"),
        "step": _("steps"),
        "bullet": _("emoji list"),
        "price": _("price line"),
        "tip": _("tip"),
        "question": _("question"),
        "cta": _("call to action"),
        "tags": _("tag block"),
        "blank": _("blank line"),
    }[role]


def name_body_habit(name: str) -> str:
    """``family:value`` in the reader's language."""
    family, _colon, value = name.partition(":")
    if family == "length":
        return _("{n} characters").format(n=_name_band(value))
    if family == "lines":
        return _("one line") if value == "1" else _("{n} lines").format(n=_name_band(value))
    if family == "tags":
        return _("no topics") if value == "none" else _("{n} topics").format(n=_name_band(value))
    if family == "has":
        return _("with: {role}").format(role=name_role(value))  # type: ignore[arg-type]
    if family == "ends":
        return _("ends with: {role}").format(role=name_role(value))  # type: ignore[arg-type]
    return {
        "emoji:none": _("no emoji"),
        "emoji:few": _("an emoji in less than every other line"),
        "emoji:some": _("about one emoji a line"),
        "emoji:many": _("more than one emoji a line"),
        "emoji_place:line starts": _("emoji begin lines"),
        "emoji_place:elsewhere": _("emoji within or after lines"),
        "mix:broad": _("only broad topics"),
        "mix:narrow": _("no broad topic"),
        "mix:both": _("broad and narrow topics"),
        "mix:scenario": _("a topic that names a scenario"),
        "where:start": _("topics in a block at the beginning"),
        "where:end": _("topics in a block at the end"),
        "where:inline": _("topics within the text"),
    }[name]


def _name_band(value: str) -> str:
    if value.startswith("under "):
        return _("under {n}").format(n=value.removeprefix("under "))
    if value.startswith("over "):
        return _("over {n}").format(n=value.removeprefix("over "))
    return _("{n} or more").format(n=value.removesuffix(" or more")) if value.endswith(" or more") else value


def describe_bodies(library: BodyLibrary) -> list[str]:
    """Plain sentences: what was read, its lengths, and why the figures say no more."""
    summary = library.summary
    if not summary.n_bodies:
        return [_("None of the notes has a whole body, so there are no shapes of bodies to find.")]
    c, n, e, t = library.n_characters, library.n_lines, library.n_emoji, library.tags.n_tags
    lines = [
        ngettext("{n} body by {n_authors} authors.", "{n} bodies by {n_authors} authors.", summary.n_bodies).format(
            n=f"{summary.n_bodies:,}", n_authors=f"{summary.n_authors:,}"
        ),
        _(
            "P10/P50/P90: {c10}/{c50}/{c90} characters, {l10}/{l50}/{l90} lines, {e10}/{e50}/{e90} emoji,"
            " {t10}/{t50}/{t90} topics."
        ).format(
            c10=c.p10, c50=c.p50, c90=c.p90, l10=n.p10, l50=n.p50, l90=n.p90,
            e10=e.p10, e50=e.p50, e90=e.p90, t10=t.p10, t50=t.p50, t90=t.p90,
        ),
    ]  # fmt: skip
    if not library.shapes:
        lines.append(_("No shape is shared by 5 bodies of 3 authors yet."))
    if summary.flat_sources:
        lines.append(
            _("Exports without line breaks count for lengths only: {sources}.").format(
                sources=", ".join(summary.flat_sources)
            )
        )
    return lines + _doubts(library)


def _doubts(library: BodyLibrary) -> list[str]:
    summary = library.summary
    tested: list[BodyShape | Habit] = [*library.habits, *library.tags.habits, *library.shapes]
    tiers = {one.tier for one in tested}
    lines = []
    if summary.n_authors == 1:
        lines.append(
            _(
                "All bodies are by one author, so habits and good bodies cannot be told apart."
                " Notes of other authors on the same subject would change that."
            )
        )
    if summary.n_hot_list == summary.n_notes:
        lines.append(
            _(
                "All of these notes are hits: shapes, lengths and topics count for prevalence only."
                " Ordinary notes beside them would change that."
            )
        )
    elif not any(one.lift for one in tested):
        lines.append(
            _(
                "No body could be compared with its like: counts are missing, all equal, or only floors such as 10+,"
                " or the notes are too few or too alike. Exports with exact counts, 20 notes or more of one search"
                " or 8 of one author, would change that."
            )
        )
    elif not tiers & {"reliable", "avoided"}:
        lines.append(
            _(
                "No shape or habit of bodies and topics stands out beyond chance and single authors."
                " More notes with exact counts by more authors would sharpen it."
            )
        )
    if summary.n_keywords == 1:
        lines.append(_("All searched bodies come from one keyword: these shapes may not fit other subjects."))
    if summary.spans_one_week:
        lines.append(_("All bodies were published within one week: a passing trend looks like a rule here."))
    if tiers & {"reliable", "promising"}:
        lines.append(
            _("Shapes and habits are compared with bodies of like length, lengths and topics with all of their kind.")
        )
        lines.append(_("A habit that goes with hot notes need not be what made them hot."))
    return lines
