"""Two libraries compared: which templates, shapes and habits are new, gone, rose or fell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from creator_kit.datafiles import read_toml
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.mining.body_library import load_bodies
from creator_kit.mining.template import Lift, Tier, TitleTemplate
from creator_kit.mining.title_library import TIER_ORDER, format_skeleton, load_file

Verdict = Literal["rose", "fell", "new", "gone", "same"]
Kind = Literal["title", "shape", "habit", "topics"]
VERDICTS: tuple[Verdict, ...] = ("rose", "fell", "new", "gone", "same")
KINDS: tuple[Kind, ...] = ("title", "shape", "habit", "topics")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a library says of one template, shape or habit; ``id`` is a title template's."""

    tier: Tier
    n_notes: int
    n_authors: int
    lift: Lift | None
    id: str = ""


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """One template, shape or habit in two libraries; ``before`` or ``after`` is None where it is missing.

    ``name`` is a title's skeleton, a shape's roles joined by "→", or a habit's ``family:value``. ``verdict`` is
    ``new``, ``gone``, ``rose`` or ``fell`` (a better or worse tier, else intervals that lie apart), ``same``.
    """

    kind: Kind
    name: str
    before: Figures | None
    after: Figures | None
    verdict: Verdict


Contents = dict[Kind, dict[str, Figures]]


def read_contents(path: Path) -> Contents:
    """What stands in a library: a file of titles or of bodies, or a folder with ``titles/`` and ``bodies/`` in it.

    Raises InputError for a file that is neither, and a folder that has neither.
    """
    if not path.is_dir():
        return _read_bodies(path) if "shapes" in read_toml(path) else {"title": _measure(load_file(path))}
    out: Contents = {}
    for file in sorted((path / "titles").glob("*.toml")):
        out["title"] = {**_measure(load_file(file)), **out.get("title", {})}
    for file in sorted((path / "bodies").glob("*.toml")):
        for kind, found in _read_bodies(file).items():
            out[kind] = {**found, **out.get(kind, {})}
    if not out:
        raise InputError(
            _("there is no library in this folder"),
            where=str(path),
            hint=_("name a folder that has titles/ or bodies/ with .toml files in it, or one such file"),
        )
    return out


def _measure(templates: Sequence[TitleTemplate]) -> dict[str, Figures]:
    return {
        format_skeleton(one.parts): Figures(one.tier, one.support, one.n_authors, one.lift, one.template_id)
        for one in templates
    }


def _read_bodies(path: Path) -> Contents:
    library = load_bodies(path)
    return {
        "shape": {one.name: Figures(one.tier, one.support, one.n_authors, one.lift) for one in library.shapes},
        "habit": {one.name: Figures(one.tier, one.n_notes, one.n_authors, one.lift) for one in library.habits},
        "topics": {one.name: Figures(one.tier, one.n_notes, one.n_authors, one.lift) for one in library.tags.habits},
    }


def diff_contents(before: Contents, after: Contents) -> list[LibraryChange]:
    """Titles first, then shapes, habits and topics; of each kind what rose and what fell first, by name.

    A kind that one side does not hold at all (a file of titles beside one of bodies) is left out.
    """
    return [
        change
        for kind in KINDS
        if kind in before and kind in after
        for change in _diff(kind, before[kind], after[kind])
    ]


def diff_libraries(before: Sequence[TitleTemplate], after: Sequence[TitleTemplate]) -> list[LibraryChange]:
    """What rose and what fell among title templates, changes first, by skeleton within a verdict."""
    return _diff("title", _measure(before), _measure(after))


def _diff(kind: Kind, before: Mapping[str, Figures], after: Mapping[str, Figures]) -> list[LibraryChange]:
    changes = []
    for name in sorted({*before, *after}):
        a, b = before.get(name), after.get(name)
        changes.append(LibraryChange(kind, name, a, b, _judge(a, b)))
    return sorted(changes, key=lambda change: VERDICTS.index(change.verdict))


def _judge(a: Figures | None, b: Figures | None) -> Verdict:
    if a is None:
        return "new"
    if b is None:
        return "gone"
    step = TIER_ORDER.index(a.tier) - TIER_ORDER.index(b.tier)
    if step:
        return "rose" if step > 0 else "fell"
    if a.lift and b.lift:
        if b.lift.interval.low > a.lift.interval.high:
            return "rose"
        if b.lift.interval.high < a.lift.interval.low:
            return "fell"
    return "same"
