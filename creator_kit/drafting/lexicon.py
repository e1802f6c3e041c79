"""What drafting knows about words: kinds of life, frame words, counts, measures (``templates/drafting``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from creator_kit.datafiles import load_model
from creator_kit.drafting.draft import Brief
from creator_kit.drafting.grammar import PhraseForm, TopicForm, find_topic_form, is_event, teaches
from creator_kit.errors import AssetError, InputError
from creator_kit.locale import _
from creator_kit.mining import TitleTemplate
from creator_kit.mining.title_library import parse_skeleton
from creator_kit.paths import list_data_files
from creator_kit.persona import Persona
from creator_kit.persona.model import Pillar

# fmt: off
Role = Literal[
    "point", "step", "first_point", "first_step", "price", "number", "place", "points", "steps", "whole", "naming",
    "pack",
]
# fmt: on


# A word of topic or scenario counts three times.
MIN_PILLAR_HITS = 3


class _WordsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[str, tuple[str, ...]]
    tags: dict[str, tuple[str, ...]]
    frame: dict[str, tuple[str, ...]]
    counts: dict[str, dict[str, tuple[str, ...]]]
    measures: dict[str, tuple[str, ...]]
    nominal: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    subjects: dict[str, tuple[str, ...]] = {}
    kind_names: dict[str, str] = {}
    clashes: dict[str, tuple[str, ...]] = {}


class _FrameFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    skeleton: str
    kinds: tuple[str, ...] = ()
    subjects: tuple[Literal["dish", "shop", "thing", "method", "record", ""], ...] = ()
    forms: tuple[TopicForm, ...] = ("np", "vp")
    phrases: tuple[PhraseForm, ...] = ()
    measures: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    roles: dict[str, tuple[Role, ...]] = {}
    needs: tuple[
        Literal[
            "steps", "points", "pitfalls", "only_pitfalls", "place_in_topic", "no_place_in_topic", "event", "advice"
        ],
        ...,
    ] = ()
    registers: tuple[Literal["plain", "lively", "calm"], ...] = ()
    avoid: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    only: dict[str, tuple[str, ...]] = {}
    fallback: bool = False
    taste: float = Field(0.0, ge=-3, le=3)


class _FramesFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    frames: tuple[_FrameFile, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of ``words.toml``; sets and tuples by kind of life. ``kind_words`` are (kind, word, its worth)."""

    kinds: dict[str, tuple[str, ...]]
    tags: dict[str, tuple[str, ...]]
    frame: dict[str, frozenset[str]]
    counts: dict[str, dict[str, tuple[str, ...]]]
    measures: dict[str, tuple[str, ...]]
    nominal: frozenset[str]
    acts: frozenset[str]
    subjects: dict[str, tuple[str, ...]]
    kind_names: dict[str, str]
    clashes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kind_words: tuple[tuple[str, str, float], ...] = ()

    def is_of_kind(self, kinds: Sequence[str], kind: str) -> bool:
        """Whether a template of those kinds (English or Chinese names) fits a note of that kind.

        Names that are no kind of life (a mined template's keywords) rule nothing out.
        """
        known = {self.kind_names.get(name, name) for name in kinds} & set(self.kinds)
        return not known or kind in known

    def is_frame_word(self, word: str, kind: str) -> bool:
        """Whether a template's own text may hold ``word`` in a note of that kind without a fact behind it."""
        return word in self.frame["any"] or word in self.frame.get(kind, frozenset())

    def clash(self, audience: str, topic: str) -> bool:
        """Whether a reader that the brief did not name would not read of that topic (租房党, 老房装修)."""
        return any(word in topic for word in self.clashes.get(audience, ()))


@dataclass(frozen=True, slots=True)
class Frame:
    """A title template written by us, with the conditions that make its filling read well."""

    template: TitleTemplate
    subjects: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    forms: tuple[str, ...] = ("np", "vp", "clause")
    phrases: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_fallback: bool = False
    taste: float = 0.0


def load_lexicon(user_root: Path | None = None) -> Lexicon:
    """The lexicon; a workspace's own ``templates/drafting/words.toml`` stands in for the shipped one."""
    return _read_lexicon(_find("words.toml", user_root))


def load_frames(user_root: Path | None = None) -> tuple[Frame, ...]:
    """The title frames written by us. Raises InputError naming file and field."""
    return _read_frames(_find("frames.toml", user_root))


def _find(name: str, user_root: Path | None) -> Path:
    for path in list_data_files("drafting", ".toml", user_root):
        if path.name == name:
            return path
    raise AssetError(_("the shipped file '{name}' is missing").format(name=f"templates/drafting/{name}"))


@lru_cache(maxsize=8)
def _read_lexicon(path: Path) -> Lexicon:
    file = load_model(path, _WordsFile)
    return Lexicon(
        kinds=file.kinds,
        tags=file.tags,
        frame={kind: frozenset(words) for kind, words in {"any": (), **file.frame}.items()},
        counts=file.counts,
        measures=file.measures,
        nominal=frozenset(file.nominal),
        acts=frozenset(file.acts),
        subjects=file.subjects,
        kind_names=file.kind_names,
        clashes=file.clashes,
        kind_words=tuple(
            (kind, word.lower(), len(word) - 0.7) for kind, words in file.kinds.items() for word in dict.fromkeys(words)
        ),
    )


@lru_cache(maxsize=8)
def _read_frames(path: Path) -> tuple[Frame, ...]:
    file = load_model(path, _FramesFile)
    return tuple(_frame(frame, f"{path}:frames.{number}") for number, frame in enumerate(file.frames))


def _frame(frame: _FrameFile, where: str) -> Frame:
    try:
        parts = parse_skeleton(frame.skeleton)
    except ValueError as error:
        raise InputError(str(error), where=f"{where}.skeleton") from error
    # Named by what it says, so that adding a frame above does not rename those below.
    digest = blake2b(frame.skeleton.encode(), digest_size=4).hexdigest()
    return Frame(
        template=TitleTemplate(
            template_id=f"frame-{digest}",
            parts=parts,
            support=0,
            n_authors=0,
            tier="common",
            origin="authored",
            kinds=frame.kinds,
        ),
        subjects=frame.subjects,
        registers=frame.registers,
        forms=(*frame.forms, "clause") if _takes_clauses(frame) else frame.forms,
        phrases=frame.phrases,
        measures=frame.measures,
        units=frame.units,
        roles=dict(frame.roles),
        needs=frame.needs,
        avoid=frame.avoid,
        wants=frame.wants,
        only=dict(frame.only),
        is_fallback=frame.fallback,
        taste=frame.taste,
    )


def _takes_clauses(frame: _FrameFile) -> bool:
    """What takes a noun and a thing done alike, and begins with it, takes a clause too (旧手机当监控只要3步)."""
    return {"np", "vp"} <= set(frame.forms) and bool(re.search(r"(?:^|[｜，：！】）])\{topic\}", frame.skeleton))


def infer_kind(brief: Brief, persona: Persona, lexicon: Lexicon) -> str:
    """The kind of life that a brief is about ("" where nothing tells): by the longest words that it holds.

    The topic counts three times, and once more the word that it ends in (办公室肩颈拉伸 is about 拉伸), the scenario
    twice, points and steps once; a pillar of the persona breaks ties.
    """
    weighted = [(brief.topic, 3), (brief.scenario, 2), ("".join((*brief.points, *brief.steps)), 1)]
    said = [(text.lower(), weight) for text, weight in weighted if text]
    topic = brief.topic.lower()
    own = {pillar.kind for pillar in persona.pillars}
    # One character alone says little: 面 is in 地面 and 面试 too.
    pillars = [
        (pillar.kind, word.lower(), len(word) - 0.7)
        for pillar in persona.pillars
        for word in pillar.words
        if len(word) > 1 and word not in lexicon.kinds.get(pillar.kind, ())
    ]
    votes: dict[str, float] = {}
    for text, weight in said:
        for kind, word, worth in (*lexicon.kind_words, *dict.fromkeys(pillars)):
            if word in text:
                is_head = weight == 3 and topic.endswith(word)
                votes[kind] = votes.get(kind, 0.0) + (weight + is_head) * worth
    return max(votes, key=lambda kind: (votes[kind] + (0.2 if kind in own else 0.0), kind), default="")


def find_subject(brief: Brief, kind: str, lexicon: Lexicon) -> str:
    """What the topic names: ``shop``, ``thing`` (an object one buys), ``record`` (面经, 日记), ``dish`` or ``method``.

    "" where points tell what happened rather than what to do, and where nothing shows that there is a method.
    """
    topic = brief.topic
    # 开面馆 is something one does, no place to eat at.
    if any((word in topic and f"开{word}" not in topic) or word in brief.goal for word in lexicon.subjects["shop"]):
        return "shop"
    if any(word in topic for word in lexicon.subjects.get("record", ())):
        return "record"
    # 钩针杯垫 with steps is made, not bought.
    if len(brief.steps) < 2 and topic.endswith(lexicon.subjects.get("thing", ())):
        return "thing"
    if kind == "food" and not any(word in topic for word in ("怎么", "如何", "收纳", "买菜")):
        return "dish"
    if len(brief.steps) >= 2:
        return "method"
    form = find_topic_form(topic, nominal=lexicon.nominal, acts=lexicon.acts)
    is_named = bool(kind) or form in ("question", "latin") or is_event(topic, form, lexicon.acts)
    return "method" if teaches(brief.points, is_named) else ""


def match_pillars(brief: Brief, persona: Persona, kind: str) -> list[Pillar]:
    """The pillars of that kind whose words the brief uses most; none where topic and scenario use none of them.

    One word amid a point (the fridge in a note on sharing a flat) is no subject; three are.
    """
    said = "\n".join((brief.topic, brief.scenario, *brief.points, *brief.steps))
    of_kind = [pillar for pillar in persona.pillars if pillar.kind == kind]
    # The topic says more about what a note is than a word in one of its points.
    named = f"{brief.topic}\n{brief.scenario}"
    hits = {pillar.name: sum((word in said) + 2 * (word in named) for word in pillar.words) for pillar in of_kind}
    best = max(hits.values(), default=0)
    return [pillar for pillar in of_kind if best >= MIN_PILLAR_HITS and hits[pillar.name] == best]
