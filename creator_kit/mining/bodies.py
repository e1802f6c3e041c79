"""Bodies of notes: frequent shapes (roles of lines in order), lengths, emoji and topic habits, each with its doubt.

A shape is a subsequence of outlines that no longer one with the same notes contains (closed: Pasquier et al. 1999,
doi:10.1007/3-540-49257-7_25), shared by 5 notes of 3 authors. No sentence of any note is kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, zip_longest

from creator_kit.corpus.heat import HOT_RANK
from creator_kit.corpus.note import Note
from creator_kit.mining.habits import (
    MIN_AUTHORS,
    MIN_NOTES,
    Habit,
    NoteRow,
    Percentiles,
    group_by_habit,
    measure_habits,
    measure_percentiles,
    rank_habit,
)
from creator_kit.mining.line_roles import Role, outline, tag_lines
from creator_kit.mining.tagging import TagCounts, clean_tags, count_classes, list_tag_habits
from creator_kit.mining.template import Lift, Tier
from creator_kit.mining.titles import HasHeat, read_heat
from creator_kit.text.emoji import EMOJI_RE, find_emoji

MAX_SHAPES = 40
MIN_PARTS = 2
# Of so many bodies of one export some have a line break, unless the export takes them out.
MIN_FLAT = 20


@dataclass(frozen=True, slots=True)
class BodyShape:
    """``roles`` in order, others may stand between; ``n_exact`` notes consist of just these.

    ``n_characters`` and ``n_lines`` are of its notes.
    """

    roles: tuple[Role, ...]
    support: int
    n_authors: int
    n_exact: int
    tier: Tier
    lift: Lift | None
    q_value: float
    n_characters: Percentiles
    n_lines: Percentiles


@dataclass(frozen=True, slots=True)
class BodySummary:
    """What was read: ``n_bodies`` of ``n_notes`` have a body, ``n_one_line`` of them without a line break;
    ``flat_sources`` have none in any body: their exports took them out."""

    n_notes: int = 0
    n_bodies: int = 0
    n_authors: int = 0
    n_compared: int = 0
    n_one_line: int = 0
    flat_sources: tuple[str, ...] = ()
    n_hot_list: int = 0
    n_keywords: int = 0
    published_first: str = ""
    published_last: str = ""
    sources: dict[str, int] = field(default_factory=dict)

    @property
    def spans_one_week(self) -> bool:
        """Whether all of at least 5 bodies were published within seven days."""
        if self.n_bodies < MIN_NOTES or not self.published_first:
            return False
        return (date.fromisoformat(self.published_last) - date.fromisoformat(self.published_first)).days < 7


@dataclass(frozen=True, slots=True)
class TagHabits:
    """Topics a note: how many, and how many of them broad, scenario, narrow or rare; ``habits`` best first."""

    n_tags: Percentiles
    share_of_class: dict[str, float]
    habits: tuple[Habit, ...]


@dataclass(frozen=True, slots=True)
class BodyLibrary:
    """Shapes and habits, best first (tier, then lift; common ones by support)."""

    shapes: tuple[BodyShape, ...]
    habits: tuple[Habit, ...]
    n_characters: Percentiles
    n_lines: Percentiles
    n_emoji: Percentiles
    tags: TagHabits
    summary: BodySummary


@dataclass(frozen=True, slots=True)
class _Read:
    """What is kept of a body: its outline and counts, never its text."""

    outline: tuple[Role, ...]
    habits: tuple[str, ...]
    n_characters: int
    n_lines: int
    n_emoji: int


def mine_bodies(
    notes: Callable[[], Iterable[Note]],
    heats: Sequence[HasHeat | None],
    *,
    hot_rank: float = HOT_RANK,
    max_shapes: int = MAX_SHAPES,
) -> BodyLibrary:
    """Shapes, habits and topics of a corpus; ``heats[i]`` is the heat of note i. The notes' order does not matter.

    ``notes`` gives the notes anew at each call (they are read once, but texts are not kept).
    """
    entries: list[tuple[NoteRow, Note, _Read | None]] = []
    n_hot_list, keywords, days, sources = 0, set[str](), list[str](), Counter[str]()
    n_broken = Counter[str]()
    for note, heat in zip_longest(notes(), heats):
        if note is None:
            break
        hot, own, stratum = read_heat(note, heat, hot_rank)
        n_hot_list += bool(heat is not None and heat.from_hot_list)
        row = NoteRow(note.note_id, note.author, hot, own, stratum)
        whole = bool(note.body.strip()) and not note.body_truncated
        # Only the topics are read again, once it is known who else uses them.
        place = tuple(h for h in list_tag_habits(note, TagCounts()) if h.startswith("where:"))
        slim = Note(
            note.note_id, note.author, tags=clean_tags(note), body=place[0] if place else "", source=note.source
        )
        entries.append((row, slim, read_body(note.body) if whole else None))
        if whole:
            sources[note.source] += 1
            n_broken[note.source] += "\n" in note.body.strip()
            if note.keyword:
                keywords.add(note.keyword)
            if note.published_at:
                days.append(note.published_at[:10])
    entries.sort(key=lambda entry: (entry[0].note_id, entry[0].author, entry[0].stratum, entry[1].tags))
    flat = {source for source, n in sources.items() if n >= MIN_FLAT and not n_broken[source]}
    kept = [(row, _flatten(read) if note.source in flat else read) for row, note, read in entries if read is not None]
    rows, reads = [row for row, _ in kept], [read for _, read in kept]
    # Long bodies hold more of everything, so that all but length is compared with bodies of like length.
    alike = [
        replace(row, stratum=(*row.stratum, read.habits[0])) if read.habits else row
        for row, read in zip(rows, reads, strict=True)
    ]
    holders = group_by_habit(reads, lambda read: read.habits)
    of_length = {name: numbers for name, numbers in holders.items() if name.startswith("length:")}
    others = {name: numbers for name, numbers in holders.items() if name not in of_length}
    habits = sorted([*measure_habits(rows, of_length), *measure_habits(alike, others)], key=rank_habit)
    found = _mine_shapes(alike, reads, max_shapes)
    told = [read for read in reads if read.outline]
    summary = BodySummary(
        n_notes=len(entries),
        n_bodies=len(rows),
        n_authors=len({row.author for row in rows}),
        n_compared=sum(row.hot == row.hot for row in rows),
        n_one_line=sum(read.n_lines == 1 for read in reads),
        flat_sources=tuple(sorted(flat)),
        n_hot_list=n_hot_list,
        n_keywords=len(keywords),
        published_first=min(days, default=""),
        published_last=max(days, default=""),
        sources=dict(sorted(sources.items())),
    )
    return BodyLibrary(
        tuple(found),
        tuple(habits),
        measure_percentiles([read.n_characters for read in reads]),
        measure_percentiles([read.n_lines for read in told]),
        measure_percentiles([read.n_emoji for read in told]),
        _mine_tags([(row, note) for row, note, _ in entries]),
        summary,
    )


def read_body(body: str) -> _Read:
    """The outline, counts and habits of one body."""
    lines = [line for line in tag_lines(body) if line.role != "blank"]
    told = [line.text.strip() for line in lines if line.role != "tags"]
    n_characters = sum(len(text) for text in told)
    n_emoji = sum(len(find_emoji(text)) for text in told)
    roles = [line.role for line in lines]
    return _Read(
        outline(lines),
        tuple(_list_habits(told, [role for role in roles if role != "tags"], n_characters, n_emoji)),
        n_characters,
        len(told),
        n_emoji,
    )


def _list_habits(told: list[str], roles: list[Role], n_characters: int, n_emoji: int) -> Iterator[str]:
    if not told:
        return
    bands = ((60, "under 60"), (150, "60-149"), (300, "150-299"), (600, "300-599"))
    yield "length:" + next((name for edge, name in bands if n_characters < edge), "600 or more")
    n = len(told)
    yield "lines:" + ("1" if n == 1 else "2-5" if n <= 5 else "6-12" if n <= 12 else "over 12")
    rate = n_emoji / n
    yield "emoji:" + ("none" if not n_emoji else "few" if rate < 0.5 else "some" if rate <= 1.2 else "many")
    if n_emoji:
        first = sum(EMOJI_RE.match(text) is not None for text in told)
        yield "emoji_place:" + ("line starts" if 2 * first >= n_emoji else "elsewhere")
    for role in ("bullet", "numbered", "step", "price", "tip"):
        if role in roles:
            yield f"has:{role}"
    if roles[-1] in ("question", "cta"):
        yield f"ends:{roles[-1]}"


def _mine_shapes(rows: list[NoteRow], reads: list[_Read], max_shapes: int) -> list[BodyShape]:
    of_outline: dict[tuple[Role, ...], list[int]] = defaultdict(list)
    for number, read in enumerate(reads):
        of_outline[read.outline].append(number)
    # A role stands once in an outline, so that its subsequences are at most 2^10.
    holders: dict[tuple[Role, ...], list[tuple[Role, ...]]] = defaultdict(list)
    for whole in sorted(of_outline):
        for size in range(MIN_PARTS, len(whole) + 1):
            for part in combinations(whole, size):
                holders[part].append(whole)
    support = {part: sum(len(of_outline[whole]) for whole in wholes) for part, wholes in holders.items()}
    frequent = {part for part, n in support.items() if n >= MIN_NOTES}
    # Open: some pattern with one role more has all its notes.
    swallowed = {
        part[:gap] + part[gap + 1 :]
        for part in frequent
        for gap in range(len(part))
        if support.get(part[:gap] + part[gap + 1 :]) == support[part]
    }
    groups = {
        "→".join(part): sorted(number for whole in holders[part] for number in of_outline[whole])
        for part in sorted(frequent - swallowed)
    }
    parts = {"→".join(part): part for part in frequent}
    out: list[BodyShape] = []
    for habit in measure_habits(rows, groups):
        roles = parts[habit.name]
        exact = of_outline.get(roles, [])
        is_written = len(exact) >= MIN_NOTES and len({rows[number].author for number in exact}) >= MIN_AUTHORS
        # Of patterns that contain one another the best stands for all, unless people write just the other, too.
        says_more = not any(other.tier == habit.tier and _nest(other.roles, roles) for other in out)
        if not is_written and (habit.tier == "common" or not says_more):
            continue
        numbers = groups[habit.name]
        out.append(
            BodyShape(
                roles,
                habit.n_notes,
                habit.n_authors,
                len(exact),
                habit.tier,
                habit.lift,
                habit.q_value,
                measure_percentiles([reads[number].n_characters for number in numbers]),
                measure_percentiles([reads[number].n_lines for number in numbers]),
            )
        )
    out.sort(key=lambda shape: (shape.tier == "common", -shape.n_exact if shape.tier == "common" else 0))
    return out[:max_shapes]


def _mine_tags(entries: list[tuple[NoteRow, Note]]) -> TagHabits:
    users: dict[str, set[str]] = defaultdict(set)
    for row, note in entries:
        for tag in note.tags:
            users[tag].add(row.author)
    tagged = [entry for entry in entries if entry[1].tags]
    counts = TagCounts(len({row.author for row, _ in tagged}), {tag: len(users[tag]) for tag in sorted(users)})

    def list_habits(entry: tuple[NoteRow, Note]) -> list[str]:
        place = [entry[1].body] if entry[1].body else []
        return list(list_tag_habits(Note("", tags=entry[1].tags), counts)) + place

    classes = count_classes((tag for _, note in tagged for tag in note.tags), counts)
    n_tags = sum(classes.values())
    rows = [row for row, _ in entries]
    # Sources without any topic (an export that drops them) say nothing about writing none.
    holders = group_by_habit(entries, list_habits) if tagged else {}
    return TagHabits(
        measure_percentiles([len(note.tags) for _, note in entries]),
        {name: round(classes[name] / n_tags, 4) for name in ("broad", "scenario", "narrow", "rare")} if n_tags else {},
        tuple(sorted(measure_habits(rows, holders), key=rank_habit)),
    )


def _nest(one: Sequence[Role], other: Sequence[Role]) -> bool:
    """Whether the shorter of two shapes is a subsequence of the longer."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return all(role in rest for role in short)


def _flatten(read: _Read) -> _Read:
    """What a body still says whose line breaks its export took out: its length."""
    return replace(read, outline=(), habits=tuple(habit for habit in read.habits if habit.startswith("length:")))
