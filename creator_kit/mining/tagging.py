"""Topics (hashtags) of notes: how many, broad or narrow, where they stand, and which habit goes with hot notes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from creator_kit.corpus.note import Note
from creator_kit.mining.scenarios import BROAD_RATE
from creator_kit.text.slots import type_slot

TagClass = Literal["broad", "scenario", "narrow", "rare"]
TAG_CLASSES: tuple[TagClass, ...] = get_args(TagClass)
Place = Literal["", "end", "start", "inline"]
PLACES: tuple[Place, ...] = get_args(Place)
MIN_AUTHORS = 3
_IN_BODY = re.compile(r"[#＃][^\s#＃]+")


@dataclass(frozen=True, slots=True)
class TagCounts:
    """Distinct authors behind each topic (lower case), among ``n_authors`` who use topics at all."""

    n_authors: int = 0
    authors: Mapping[str, int] = field(default_factory=dict)


def count_tags(notes: Iterable[Note]) -> TagCounts:
    """Who uses which topic; platform stickers that exports list as topics are left out."""
    users: dict[str, set[str]] = defaultdict(set)
    everyone: set[str] = set()
    for note in notes:
        for tag in clean_tags(note):
            users[tag].add(note.author)
            everyone.add(note.author)
    return TagCounts(len(everyone), {tag: len(users[tag]) for tag in sorted(users)})


def clean_tags(note: Note) -> tuple[str, ...]:
    """The topics of ``note``, lower case, without stickers and repeats, in their order."""
    return tuple(dict.fromkeys(tag.strip().lower() for tag in note.tags if tag.strip() and not tag.startswith("[")))


def classify_tag(tag: str, counts: TagCounts) -> TagClass:
    """``broad``: a tenth of the corpus's authors or more use it; ``scenario``: it names a situation or a
    measure (一人食, 155cm穿搭); ``narrow``: 3 authors or more use it; ``rare``: fewer."""
    name = tag.strip().lstrip("#＃").lower()
    n = counts.authors.get(name, 0)
    if n >= MIN_AUTHORS and n >= BROAD_RATE * counts.n_authors:
        return "broad"
    if _is_scenario(name):
        return "scenario"
    return "narrow" if n >= MIN_AUTHORS else "rare"


@cache
def _is_scenario(name: str) -> bool:
    return type_slot(name) == "scenario" or re.search(r"[0-9](?:cm|斤|平|岁|天|元)", name) is not None


def count_classes(tags: Iterable[str], counts: TagCounts) -> Counter[TagClass]:
    """How many of ``tags`` are broad, scenario, narrow, rare."""
    return Counter(classify_tag(tag, counts) for tag in tags)


def list_tag_habits(note: Note, counts: TagCounts) -> Iterator[str]:
    """The habits of one note: one of each family (``tags``, ``mix``, ``where``); of no topics only their number."""
    classes = count_classes(clean_tags(note), counts)
    place = "" if note.body_truncated else find_place(note.body)
    yield from name_tag_habits(classes.total(), classes["broad"], classes["scenario"], place)


def name_tag_habits(n: int, n_broad: int, n_scenario: int, place: Place) -> tuple[str, ...]:
    """The habits of ``n`` topics of which ``n_broad`` and ``n_scenario`` are of these classes."""
    band = "none" if not n else "1-3" if n <= 3 else "4-6" if n <= 6 else "7-10" if n <= 10 else "over 10"
    if not n:
        return (f"tags:{band}",)
    mix = "broad" if n_broad == n else "narrow" if not n_broad else "both"
    return (
        f"tags:{band}",
        f"mix:{mix}",
        *(["mix:scenario"] if n_scenario else []),
        *([f"where:{place}"] if place else []),
    )


def find_place(body: str) -> Place:
    """``end``: all topics in one block that ends the body; ``start``: in one that begins it; ``inline``: some within
    the text; "": not to be seen."""
    text = body.strip()
    found = list(_IN_BODY.finditer(text))
    if not found:
        return ""
    if not _say(text[found[0].start() :]):
        return "end"
    return "start" if found[0].start() == 0 and not _say(text[: found[-1].end()]) else "inline"


def _say(text: str) -> str:
    """What is said beside topics and their marks."""
    return re.sub(r"\[话题\]|[\s\u00a0#＃]", "", _IN_BODY.sub("", text))
