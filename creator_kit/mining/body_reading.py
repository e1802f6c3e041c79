"""A body as mining sees it: the outline of its lines' roles, a few counts and habits; no sentence is kept.

Bodies are read in parts, so that any engine may read them and one part's texts at a time are in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.engine import Engine, LocalEngine
from creator_kit.mining.line_roles import Role, outline, tag_lines
from creator_kit.mining.tagging import PLACES, find_place
from creator_kit.text.emoji import EMOJI_RE, find_emoji

PART_BODIES = 4_000
# So many parts wait at once for an engine of several processes; bounds memory whatever the corpus.
_PARTS_AHEAD = 8
LENGTH_BANDS = ((60, "under 60"), (150, "60-149"), (300, "150-299"), (600, "300-599"))
LONGEST_BAND = "600 or more"


@dataclass(frozen=True, slots=True)
class BodyRead:
    """One body: its outline, habits (``family:value``, the band of its length first) and counts."""

    outline: tuple[Role, ...]
    habits: tuple[str, ...]
    n_characters: int
    n_lines: int
    n_emoji: int


@dataclass(frozen=True)
class BodyPart:
    """Bodies of some notes in their order. ``kind[i]`` is a place in ``kinds`` (outline, habits), −1 without a body;
    ``counts[i]`` its characters, lines and emoji; ``place[i]`` a place in ``tagging.PLACES``."""

    kinds: tuple[tuple[tuple[Role, ...], tuple[str, ...]], ...]
    kind: NDArray[np.int32]
    counts: NDArray[np.int32]
    has_break: NDArray[np.bool_]
    place: NDArray[np.int8]


def read_body(body: str) -> BodyRead:
    """The outline, counts and habits of one body."""
    lines = [line for line in tag_lines(body) if line.role != "blank"]
    told = [line.text.strip() for line in lines if line.role != "tags"]
    n_characters = sum(len(text) for text in told)
    n_emoji = sum(len(find_emoji(text)) for text in told)
    roles = [line.role for line in lines]
    habits = tuple(_list_habits(told, [role for role in roles if role != "tags"], n_characters, n_emoji))
    return BodyRead(outline(lines), habits, n_characters, len(told), n_emoji)


def flatten(read: BodyRead) -> BodyRead:
    """What a body still says whose line breaks its export took out: its length."""
    return replace(read, outline=(), habits=tuple(habit for habit in read.habits if habit.startswith("length:")))


def read_parts(
    bodies: Iterable[str], *, engine: Engine | None = None, advance: Callable[[int], None] = lambda _n: None
) -> Iterator[BodyPart]:
    """``bodies`` ("" for none, or for one that its export cut short) read part by part, in their order."""
    rest = iter(bodies)
    while ahead := list(islice(_cut_parts(rest), 1 if engine is None else _PARTS_AHEAD)):
        for part in (engine or LocalEngine()).map(_read_part, ahead):
            yield part
            advance(len(part.kind))


def _cut_parts(bodies: Iterator[str]) -> Iterator[list[str]]:
    while part := list(islice(bodies, PART_BODIES)):
        yield part


def _read_part(bodies: list[str]) -> BodyPart:
    kinds: dict[tuple[tuple[Role, ...], tuple[str, ...]], int] = {}
    kind = np.full(len(bodies), -1, np.int32)
    counts = np.zeros((len(bodies), 3), np.int32)
    has_break = np.zeros(len(bodies), np.bool_)
    place = np.zeros(len(bodies), np.int8)
    for number, body in enumerate(bodies):
        place[number] = PLACES.index(find_place(body))
        if body.strip():
            read = read_body(body)
            kind[number] = kinds.setdefault((read.outline, read.habits), len(kinds))
            counts[number] = read.n_characters, read.n_lines, read.n_emoji
            has_break[number] = "\n" in body.strip()
    return BodyPart(tuple(kinds), kind, counts, has_break, place)


def _list_habits(told: list[str], roles: list[Role], n_characters: int, n_emoji: int) -> Iterator[str]:
    if not told:
        return
    yield "length:" + next((name for edge, name in LENGTH_BANDS if n_characters < edge), LONGEST_BAND)
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
