"""Topics: what a person would search for, from narrow to broad, ten at most."""

from __future__ import annotations

import re
from collections.abc import Iterable

from creator_kit.drafting.draft import Brief, SlotFill
from creator_kit.drafting.lexicon import Lexicon, match_pillars
from creator_kit.persona import Persona
from creator_kit.text.length import TAGS_LIMIT

MAX_TAG_CHARACTERS = 20
# More than this many broad ones look like stuffing and find nobody.
MAX_BROAD = 3
_NOT_IN_TAG = re.compile(r"[#＃\s，。！？、；：,.!?;:｜|～~（）()\[\]［］【】「」\"'“”]+")


def choose_tags(
    brief: Brief, persona: Persona, kind: str, lexicon: Lexicon, topics: Iterable[str]
) -> tuple[SlotFill, ...]:
    """Up to 10 topics with their sources: the brief's own, the topic, the scenario, the pack's, then broad ones."""
    found: list[SlotFill] = []

    def add(text: str, source: str) -> None:
        tag = _NOT_IN_TAG.sub("", text)
        known = {fill.text.lower() for fill in found}
        if tag and len(tag) <= MAX_TAG_CHARACTERS and tag.lower() not in known and len(found) < TAGS_LIMIT:
            found.append(SlotFill("tag", tag, source))

    for index, tag in enumerate(brief.tags):
        add(tag, f"brief.tags[{index}]")
    for topic in topics:
        add(topic, "brief.topic")
    add(brief.scenario, "brief.scenario")
    add(brief.audience, "brief.audience")
    for index, place in enumerate(brief.places[:2]):
        if kind == "travel":
            add(place, f"brief.places[{index}]")
    pillars = match_pillars(brief, persona, kind)
    for pillar in pillars[:1]:
        for index, tag in enumerate(pillar.tags[:4]):
            add(tag, f"persona.pillars.{pillar.name}.tags[{index}]")
    for index, tag in enumerate(lexicon.tags.get(kind, ())[:MAX_BROAD]):
        add(tag, f"words.tags.{kind}[{index}]")
    if brief.sponsor and all(fill.text != "广告" for fill in found):
        found = [*found[: TAGS_LIMIT - 1], SlotFill("tag", "广告", "brief.sponsor")]
    return tuple(found)
