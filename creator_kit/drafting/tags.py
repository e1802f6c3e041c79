"""Topics: what a person would search for, from narrow to broad, ten at most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from operator import add as join_pair

from creator_kit.corpus import Note
from creator_kit.drafting.draft import Brief, SlotFill
from creator_kit.drafting.lexicon import Lexicon, match_pillars
from creator_kit.persona import Persona
from creator_kit.text.length import TAGS_LIMIT

MAX_TAG_CHARACTERS = 20
# More than this many broad ones look like stuffing and find nobody.
MAX_BROAD = 3
# A tag of the corpus counts from this many authors on; each sort of them gets this many places.
MIN_TAG_AUTHORS = 3
MAX_CORPUS_TAGS = 5000
MAX_NARROW_FROM_CORPUS, MAX_BROAD_FROM_CORPUS, MAX_SCENARIOS_FROM_CORPUS = 2, 2, 1
_NOT_IN_TAG = re.compile(r"[#＃\s，。！？、；：,.!?;:｜|～~（）()\[\]［］【】「」\"'“”]+")


def choose_tags(
    brief: Brief,
    persona: Persona,
    kind: str,
    lexicon: Lexicon,
    topics: Iterable[str],
    corpus: Mapping[str, int] | None = None,
    *,
    limit: int = TAGS_LIMIT,
    subject: str = "",
) -> tuple[SlotFill, ...]:
    """Up to 10 topics with their sources: the brief's own, the topic, the scenario, the corpus's, the pack's, broad.

    ``corpus`` are tags in use with their numbers of notes (``count_tags``). Of those only what the brief itself
    says is taken: a narrow one around the topic, a broad one within it, one of its scenario. A ``subject`` (shop,
    thing) is searched for in other words than what one makes: 探店, not 美食教程.
    """
    topics = list(topics)
    said = "\n".join((brief.topic, brief.scenario, *brief.places))
    found: list[SlotFill] = []

    def add(text: str, source: str) -> None:
        tag = _NOT_IN_TAG.sub("", text)
        known = {fill.text.lower() for fill in found}
        if tag and len(tag) <= MAX_TAG_CHARACTERS and tag.lower() not in known and len(found) < limit:
            found.append(SlotFill("tag", tag, source))

    for index, tag in enumerate(brief.tags):
        add(tag, f"brief.tags[{index}]")
    for topic in topics:
        add(topic, "brief.topic")
    add(brief.scenario, "brief.scenario")
    if "的" not in brief.audience:  # nobody searches for 第一次去的人
        add(brief.audience, "brief.audience")
    for index, place in enumerate(brief.places[:2]):
        if kind == "travel":
            add(place, f"brief.places[{index}]")
    for tag, sort in _from_corpus(corpus or {}, brief, kind, lexicon, topics):
        add(tag, f"corpus.tags.{sort}")
    pillars = match_pillars(brief, persona, kind)
    is_listing = limit > TAGS_LIMIT
    for pillar in pillars if is_listing else pillars[:1]:
        for index, tag in enumerate(pillar.tags if is_listing else pillar.tags[:4]):
            if subject == "shop" and not any(pair in said for pair in map(join_pair, tag, tag[1:])):
                continue
            add(tag, f"persona.pillars.{pillar.name}.tags[{index}]")
    group = subject if subject in lexicon.tags and kind != "outfits" else kind
    for index, tag in enumerate(lexicon.tags.get(group, ())[: None if is_listing else MAX_BROAD]):
        add(tag, f"words.tags.{group}[{index}]")
    if brief.sponsor and all(fill.text != "广告" for fill in found):
        found = [*found[: limit - 1], SlotFill("tag", "广告", "brief.sponsor")]
    return tuple(found)


def count_tags(notes: Iterable[Note]) -> dict[str, int]:
    """Number of notes of each tag that several authors use, the most used first."""
    counts: Counter[str] = Counter()
    authors: dict[str, set[str]] = {}
    for note in notes:
        for tag in set(note.tags or ()):
            tag = _NOT_IN_TAG.sub("", tag)
            if 2 <= len(tag) <= MAX_TAG_CHARACTERS:
                counts[tag] += 1
                group = authors.setdefault(tag, set())
                if len(group) < MIN_TAG_AUTHORS:
                    group.add(note.author or note.note_id)
    kept = [(tag, n) for tag, n in counts.items() if len(authors[tag]) >= MIN_TAG_AUTHORS]
    return dict(sorted(kept, key=lambda item: (-item[1], item[0]))[:MAX_CORPUS_TAGS])


def _from_corpus(
    corpus: Mapping[str, int], brief: Brief, kind: str, lexicon: Lexicon, topics: list[str]
) -> list[tuple[str, str]]:
    narrow: list[str] = []
    broad: list[str] = []
    scenarios: list[str] = []
    for tag in corpus:
        if tag in topics:
            continue
        rest = next((tag.replace(topic, "", 1) for topic in topics if len(topic) > 1 and topic in tag), None)
        if rest is not None:
            # What is added to the topic must state nothing: 番茄牛腩做法, not 成都番茄牛腩.
            if lexicon.is_frame_word(rest, kind) or rest in (brief.scenario, brief.audience):
                narrow.append(tag)
        elif any(tag in topic for topic in topics):
            broad.append(tag)
        elif len(brief.scenario) > 1 and (tag in brief.scenario or _is_frame_of(tag, brief.scenario, lexicon, kind)):
            scenarios.append(tag)
    return [
        *((tag, "narrow") for tag in narrow[:MAX_NARROW_FROM_CORPUS]),
        *((tag, "scenario") for tag in scenarios[:MAX_SCENARIOS_FROM_CORPUS]),
        *((tag, "broad") for tag in broad[:MAX_BROAD_FROM_CORPUS]),
    ]


def _is_frame_of(tag: str, scenario: str, lexicon: Lexicon, kind: str) -> bool:
    return scenario in tag and lexicon.is_frame_word(tag.replace(scenario, "", 1), kind)
