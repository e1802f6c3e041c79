"""Which habits of covers go with hot notes: groups of measured covers, doubted like titles (``lift``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from creator_kit.corpus.cover_measures import TONES, CoverMeasures
from creator_kit.corpus.faces import INSTALL_HINT
from creator_kit.corpus.heat import HOT_RANK
from creator_kit.corpus.note import Note
from creator_kit.locale import _, ngettext
from creator_kit.mining.lift import Comparison, estimate_lifts
from creator_kit.mining.template import Lift, Tier
from creator_kit.mining.titles import HasHeat, read_heat

MIN_NOTES, MIN_AUTHORS = 5, 3
_TIERS: tuple[Tier, ...] = ("reliable", "promising", "common", "avoided")
# Shares of the picture under text: a caption, a title, a page of text.
_LITTLE_TEXT, _MUCH_TEXT = 0.015, 0.18


@dataclass(frozen=True, slots=True)
class CoverHabit:
    """Covers that have ``habit`` (``text:much``, ``tone:red`` …): how many, whose, and how much more often hot.

    ``share`` is of all measured covers. ``lift`` is None where nothing could be compared.
    """

    habit: str
    n_notes: int
    n_authors: int
    share: float
    tier: Tier
    lift: Lift | None
    q_value: float


@dataclass(frozen=True, slots=True)
class CoverReading:
    """All habits, the best first; ``n_compared`` of the ``n_measured`` covers had notes to be compared with.

    ``inseparable`` are groups of habits of a tier other than common that nearly the same covers have.
    ``n_with_faces_sought`` covers were measured where faces could be looked for.
    """

    habits: tuple[CoverHabit, ...]
    n_notes: int
    n_measured: int
    n_authors: int
    n_compared: int
    inseparable: tuple[tuple[str, ...], ...] = ()
    n_with_faces_sought: int = 0


def list_habits(cover: CoverMeasures) -> Iterator[str]:
    """The habits that ``cover`` has: one of each family, and a text's place only where there is text."""
    ratio = cover.width_px / cover.height_px
    shapes = (("3:4", 0.75), ("1:1", 1.0), ("4:3", 4 / 3), ("9:16", 9 / 16))
    yield "format:" + next((name for name, value in shapes if abs(ratio / value - 1) < 0.04), "other")
    yield "light:" + ("dark" if cover.brightness < 0.38 else "bright" if cover.brightness > 0.68 else "middle")
    yield "colour:" + ("muted" if cover.saturation < 0.12 else "vivid" if cover.saturation > 0.38 else "middle")
    if cover.tones:
        yield "tone:" + max(cover.tones, key=lambda name: (cover.tones[name], -TONES.index(name)))
    yield "look:" + ("drawn" if cover.flat_rate > 0.9 else "photo")
    if cover.text_rate < _LITTLE_TEXT:
        yield "text:little"
    else:
        yield "text:much" if cover.text_rate > _MUCH_TEXT else "text:some"
        place = max(range(3), key=lambda i: (cover.text_thirds[i], -i))
        yield "place:" + (("top", "middle", "bottom")[place] if cover.text_thirds[place] >= 0.55 else "spread")
    rows, columns = cover.grid
    n_cells = rows * columns
    if cover.n_faces is not None:
        yield "faces:" + ("none" if not cover.n_faces else "one" if cover.n_faces == 1 else "several")
    yield "collage:" + ("none" if n_cells == 1 else "two" if n_cells == 2 else "few" if n_cells <= 4 else "many")


def mine_cover_habits(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    measures: Mapping[str, CoverMeasures],
    *,
    hot_rank: float = HOT_RANK,
) -> CoverReading:
    """The habits with at least 5 covers by 3 authors. Notes are compared only with others whose cover was measured.

    ``heats[i]`` is the heat of note i, among all notes. The order of the notes does not matter.
    """
    rows: list[tuple[str, str, float, tuple[str, ...], bool]] = []
    n_notes = 0
    for note, heat in zip_longest(notes, heats):
        if note is None:
            break
        n_notes += 1
        if note.note_id in measures:
            hot, own, stratum = read_heat(note, heat, hot_rank)
            rows.append((note.note_id, note.author, hot, stratum, own))
    rows.sort(key=lambda row: row[0])
    holders: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for habit in list_habits(measures[row[0]]):
            holders[habit].append(number)
    author_ids = {author: i for i, author in enumerate(sorted({row[1] for row in rows}))}
    stratum_ids = {stratum: i for i, stratum in enumerate(sorted({row[3] for row in rows}))}
    n_of = {habit: len({rows[number][1] for number in numbers}) for habit, numbers in holders.items()}
    # What all covers share tells nothing.
    habits = sorted(
        habit
        for habit, numbers in holders.items()
        if MIN_NOTES <= len(numbers) < len(rows) and n_of[habit] >= MIN_AUTHORS
    )
    comparison = Comparison(
        np.array([row[2] for row in rows], np.float64),
        np.array([stratum_ids[row[3]] for row in rows], np.int64),
        np.array([author_ids[row[1]] for row in rows], np.int64),
        np.array([row[4] for row in rows], np.bool_),
    )
    results = estimate_lifts(comparison, [np.array(holders[habit], np.int64) for habit in habits]) if habits else []
    found = [
        CoverHabit(
            habit,
            len(holders[habit]),
            n_of[habit],
            round(len(holders[habit]) / len(rows), 4),
            result.tier,
            result.lift,
            result.q_value,
        )
        for habit, result in zip(habits, results, strict=True)
    ]
    found.sort(key=lambda one: (_TIERS.index(one.tier), -(one.lift.value if one.lift else 0.0), one.habit))
    n_compared = int((~np.isnan(comparison.is_hot)).sum())
    n_sought = sum(measures[row[0]].n_faces is not None for row in rows)
    telling = [one.habit for one in found if one.tier != "common"]
    inseparable = _group_alike(telling, {habit: frozenset(holders[habit]) for habit in telling})
    return CoverReading(tuple(found), n_notes, len(rows), len(author_ids), n_compared, inseparable, n_sought)


def _group_alike(habits: Sequence[str], covers: Mapping[str, frozenset[int]]) -> tuple[tuple[str, ...], ...]:
    """Habits whose covers are the same but for a tenth, in groups; each is compared with its group's first."""
    groups: list[list[str]] = []
    for habit in habits:
        for group in groups:
            one, other = covers[group[0]], covers[habit]
            if len(one & other) >= 0.9 * len(one | other):
                group.append(habit)
                break
        else:
            groups.append([habit])
    return tuple(tuple(group) for group in groups if len(group) > 1)


def name_habit(habit: str) -> str:
    """``habit`` in the reader's language."""
    family, _colon, value = habit.partition(":")
    if family == "format":
        return _("another format") if value == "other" else _("format {ratio}").format(ratio=value)
    if family == "tone":
        return _("mostly {colour}").format(colour=_name_colour(value))
    return {
        "light:dark": _("dark"),
        "light:middle": _("neither dark nor bright"),
        "light:bright": _("bright"),
        "colour:muted": _("muted colours"),
        "colour:middle": _("moderate colours"),
        "colour:vivid": _("vivid colours"),
        "look:drawn": _("a drawn card"),
        "look:photo": _("a photo"),
        "text:little": _("hardly any text"),
        "text:some": _("some text"),
        "text:much": _("much text"),
        "place:top": _("text at the top"),
        "place:middle": _("text in the middle"),
        "place:bottom": _("text at the bottom"),
        "place:spread": _("text all over"),
        "faces:none": _("no face"),
        "faces:one": _("one face"),
        "faces:several": _("several faces"),
        "collage:none": _("one picture"),
        "collage:two": _("two pictures side by side"),
        "collage:few": _("a collage of three or four"),
        "collage:many": _("a collage of five or more"),
    }[habit]


def _name_colour(name: str) -> str:
    return {
        "white": _("white"),
        "black": _("black"),
        "grey": _("grey"),
        "red": _("red"),
        "orange": _("orange"),
        "yellow": _("yellow"),
        "green": _("green"),
        "blue": _("blue"),
        "purple": _("purple"),
        "pink": _("pink"),
        "brown": _("brown"),
    }[name]


def describe_covers(reading: CoverReading) -> list[str]:
    """Plain sentences about ``reading``: what was seen, and why it says no more."""
    if not reading.n_measured:
        return [
            _("No cover was measured yet; name the folder of pictures: creator-kit corpus add FILE --images FOLDER")
        ]
    lines = [
        ngettext(
            "{n} cover by {n_authors} authors was measured ({n_notes} notes in all).",
            "{n} covers by {n_authors} authors were measured ({n_notes} notes in all).",
            reading.n_measured,
        ).format(n=f"{reading.n_measured:,}", n_authors=f"{reading.n_authors:,}", n_notes=f"{reading.n_notes:,}"),
        _("Colours, brightness, text, collages and faces seen from the front were measured.")
        if reading.n_with_faces_sought == reading.n_measured
        else _("Colours, brightness, text and collages were measured; faces were not: {install}").format(
            install=INSTALL_HINT
        ),
    ]
    if not reading.n_compared:
        lines.append(_("None of these notes could be compared with its like: what stands here is prevalence only."))
    elif reading.n_compared < reading.n_measured:
        lines.append(
            _("{n} of them can be compared with similar notes; the others count for prevalence only.").format(
                n=f"{reading.n_compared:,}"
            )
        )
    if not reading.habits:
        lines.append(_("No habit is shared by 5 covers of 3 authors yet."))
    elif reading.n_compared and not any(habit.tier in ("reliable", "avoided") for habit in reading.habits):
        lines.append(
            _(
                "No habit stands out beyond chance and single authors:"
                " too few covers to say, or covers do not decide it."
            )
        )
    lines += [
        _("The same covers have these, so nothing here tells them apart: {habits}.").format(
            habits=" · ".join(name_habit(habit) for habit in group)
        )
        for group in reading.inseparable
    ]
    lines.append(_("A habit that goes with hot notes need not be what made them hot."))
    return lines
