"""Examples of title templates in words of our own: what a frame looks like when it is filled, and nobody's title."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from creator_kit.datafiles import load_model
from creator_kit.mining import SlotPart, TitleTemplate, fill
from creator_kit.paths import find_shipped_dir
from creator_kit.text.length import TITLE_LIMIT, count_title_units

FILE = Path("report") / "examples.toml"
N_EXAMPLES = 2
Words = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class World(_Part):
    """Words that go together; ``passives`` are a thing and what is done to it, ``states`` what one asks about."""

    signs: Words = ()
    is_general: bool = False
    field: str
    topics: Words = Field(min_length=1)
    nouns: Words = Field(min_length=1)
    acts: Words = Field(min_length=1)
    chores: Words = Field(min_length=1)
    clauses: Words = Field(min_length=1)
    states: Words = Field(min_length=1)
    asides: Words = Field(min_length=1)
    editions: Words = Field(min_length=1)
    moments: Words = Field(min_length=1)
    passives: tuple[tuple[str, str], ...] = Field(min_length=1)
    qualities: Words = Field(min_length=1)
    numbers: Words = Field(min_length=1)
    counted: str
    span: str
    unknown: str


class _Rule(_Part):
    """``take`` is a field of a world, or after "=" the words themselves; ``types`` are slot types (none: all)."""

    types: Words = ()
    before: Words = ()
    after: Words = ()
    take: str

    def holds(self, slot_type: str, before: str, after: str) -> bool:
        return (
            (not self.types or slot_type in self.types)
            and (not self.before or before.endswith(self.before))
            and (not self.after or after.startswith(self.after))
        )


class ExampleWords(_Part):
    """The file of words."""

    schema_version: Literal[1]
    worlds: tuple[World, ...] = Field(min_length=1)
    typed: dict[str, str]
    rules: tuple[_Rule, ...]


def load_example_words(user_root: Path | None = None) -> ExampleWords:
    """The workspace's own words, else those that ship. Raises InputError."""
    own = user_root / "templates" / FILE if user_root is not None else None
    return _read(own if own is not None and own.is_file() else find_shipped_dir("templates") / FILE)


@lru_cache(maxsize=4)
def _read(path: Path) -> ExampleWords:
    return load_model(path, ExampleWords)


def make_examples(template: TitleTemplate, words: ExampleWords) -> list[str]:
    """Up to ``N_EXAMPLES`` titles made with ``template``, none longer than the platform takes; same template, same
    titles."""
    found: list[str] = []
    for world, turn in _choose_worlds(template, words.worlds):
        title = fill(template, _Filling(world, words, turn).fill_slots(template))
        if count_title_units(title) <= TITLE_LIMIT and title not in found:
            found.append(title)
        if len(found) == N_EXAMPLES:
            break
    return found


def _choose_worlds(template: TitleTemplate, worlds: Sequence[World]) -> list[tuple[World, int]]:
    """Worlds with the word that each begins with: those whose signs stand in the frame; else one by its subjects and
    then the general ones, beginning with another for each template."""
    frame = "".join(part for part in template.parts if isinstance(part, str))
    signed = [world for world in worlds if any(sign in frame for sign in world.signs)]
    if signed:
        return [(world, turn) for turn in (0, 1) for world in signed]
    subjects = " ".join(template.kinds)
    by_subject = [world for world in worlds if any(sign in subjects for sign in world.signs)][:1]
    general = [world for world in worlds if world.is_general] or list(worlds)
    start = int(hashlib.sha256(template.template_id.encode()).hexdigest(), 16) % len(general)
    chosen = [*by_subject, *general[start:], *general[:start]]
    return [(world, turn) for turn in (0, 1) for world in chosen]


class _Filling:
    """One filling: no word comes twice while there is another."""

    def __init__(self, world: World, words: ExampleWords, turn: int) -> None:
        self.world, self.words, self.turn = world, words, turn
        self.taken: dict[str, int] = {}

    def fill_slots(self, template: TitleTemplate) -> list[str]:
        around = ("^", *template.parts, "$")
        return [
            self._choose(part.type, *(_text(side) for side in (around[at - 1], around[at + 1])))
            for at, part in enumerate(template.parts, 1)
            if isinstance(part, SlotPart)
        ]

    def _choose(self, slot_type: str, before: str, after: str) -> str:
        if slot_type in self.words.typed:
            return self.words.typed[slot_type]
        if slot_type in ("number", "adjective"):
            return self._take("numbers" if slot_type == "number" else "qualities")
        for rule in self.words.rules:
            if rule.holds(slot_type, before, after):
                return rule.take[1:] if rule.take.startswith("=") else self._take(rule.take)
        return self._take({"topic": "topics", "verb_phrase": "acts"}.get(slot_type, "clauses"))

    def _take(self, name: str) -> str:
        if name.startswith("passive_"):  # the thing, then what is done to it: the same pair
            return self.world.passives[self.turn % len(self.world.passives)][name == "passive_done"]
        options = getattr(self.world, name)
        if isinstance(options, str):
            return options
        at = self.taken.get(name, self.turn)
        self.taken[name] = at + 1
        return str(options[at % len(options)])


def _text(part: str | SlotPart) -> str:
    return part.strip() if isinstance(part, str) else f"#{part.type}"
