"""Templates made ready for filling: what a form states by itself, and what stands beside each of its slots."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from creator_kit.drafting.lexicon import Frame, Lexicon
from creator_kit.mining import SlotPart, TitleTemplate
from creator_kit.text.emoji import find_emoji
from creator_kit.text.length import count_half_units
from creator_kit.text.segment import Token, segment

_FILED_KINDS = ("work", "study")
BOUNDARY = "｜|，,！!？?：:～~…。 、丨·—-（）()"
NEUTRAL_EMOJI = frozenset("✨🔥❗‼✅📌💡⭐👇❓❤🥹👍📝🌟💥🙌👏🆘❣💯📣🎉☑➕→😭📖📚🤔😂💪👀")
_TOPIC_SLOTS = ("topic", "verb_phrase", "phrase")
_INNER_BRACKET = re.compile(r"[(（][^)）]*[)）].*\{")
_NEEDS_STEPS = re.compile(r"教程|步骤|流程|做法")
_NEEDS_POINTS = re.compile(r"清单|合集|要点|技巧|方法|建议|思路|攻略|指南")
# jieba's flags of names, verbs, qualities, numbers, times and set phrases; "" is in no word.
_CONTENT_POS = ("n", "v", "a", "i", "t", "l", "j", "b", "z", "s", "m")
# A question stands before its mark, a bar, a blank or nothing; 怎么存钱！ and 怎么选，一岁看形状 are no sentences.
AFTER_QUESTION = re.compile(r"^(?:[？?｜|\s]|（写给|$)")
_EMPTY_WORDS = ("一", "一个", "这个", "那个")
ADJACENT = {
    ("count_unit", "topic"),
    ("size", "topic"),
    ("age", "topic"),
    ("price", "topic"),
    ("audience", "topic"),
    ("scenario", "topic"),
    ("place", "topic"),
    ("ordinal", "topic"),
    ("size", "audience"),
    ("duration", "topic"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One slot of a form and what stands beside it; places of equal ``key`` take the same words of a brief."""

    part: SlotPart
    before: str | SlotPart
    after: str | SlotPart
    key: int
    stands_free: bool


# Numbers for what decides which words a place takes, so that hundreds of places are looked up by a small number.
_place_keys: dict[tuple[object, ...], int] = {}


class Form:
    """A template made ready: what its own text states, and how its slots stand to each other."""

    def __init__(self, template: TitleTemplate, frame: Frame | None = None) -> None:
        self.template = template
        self.frame = frame
        self.parts = template.parts
        self._foreign: dict[str, tuple[str, ...]] = {}

    @cached_property
    def literals(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if isinstance(part, str))

    @cached_property
    def skeleton(self) -> str:
        return self.template.skeleton

    @cached_property
    def bare_skeleton(self) -> str:
        """The skeleton without the marks that it may end in: with and without them it is one sentence."""
        return self.template.skeleton.replace("{emoji}", "").rstrip("！!～~")

    @cached_property
    def half_units(self) -> int:
        """Length of the literals, in half units of a title."""
        return sum(count_half_units(literal) for literal in self.literals)

    @cached_property
    def n_emoji(self) -> int:
        return sum(len(find_emoji(literal)) for literal in self.literals)

    @cached_property
    def n_shouts(self) -> int:
        return sum(literal.count("！") + literal.count("!") for literal in self.literals)

    @cached_property
    def own_words(self) -> frozenset[str]:
        """All words of the literals, for telling how much two titles share."""
        return frozenset(
            token.text
            for literal in self.literals
            for token in segment(literal)
            if token.kind in ("word", "latin", "number")
        )

    @cached_property
    def has_no_words(self) -> bool:
        return not self.own_words

    @cached_property
    def content(self) -> tuple[str, ...]:
        """Words of the frame that state something: names, verbs, qualities, numbers, times."""
        return tuple(token.text for literal in self.literals for token in segment(literal) if _states_something(token))

    @cached_property
    def loud_emoji(self) -> tuple[str, ...]:
        """Marks of the frame that say something (🍲), which only a pack that uses them takes."""
        found = (mark for literal in self.literals for mark in find_emoji(literal))
        return tuple(mark for mark in found if mark.rstrip("\ufe0f") not in NEUTRAL_EMOJI)

    @cached_property
    def needs_steps(self) -> bool:
        return any(_NEEDS_STEPS.search(literal) for literal in self.literals)

    @cached_property
    def needs_points(self) -> bool:
        return any(_NEEDS_POINTS.search(literal) for literal in self.literals)

    @cached_property
    def slot_types(self) -> frozenset[str]:
        """Types of slots that only a word of the brief or pack can fill."""
        return frozenset(part.type for part in self.parts if isinstance(part, SlotPart)) - {"emoji", "phrase"}

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(
            self._place(position, part) for position, part in enumerate(self.parts) if isinstance(part, SlotPart)
        )

    def _place(self, position: int, part: SlotPart) -> Place:
        before = self.parts[position - 1] if position else ""
        after = self.parts[position + 1] if position + 1 < len(self.parts) else ""
        stands_free = is_edge(before, -1) and is_edge(after, 0)
        frame = self.frame
        left, right = (side if isinstance(side, str) else f"{{{side.type}}}" for side in (before, after))
        if frame is None:
            key: tuple[object, ...] = (part.type, left, right, part.fillers if part.type == "emoji" else ())
        else:
            roles, only = frame.roles.get(part.type, ()), frame.only.get(part.type, ())
            key = (part.type, "frame", roles, only, bool(AFTER_QUESTION.match(right)), left.endswith("…"))
            if part.type in ("topic", "verb_phrase"):
                key += frame.forms
            elif part.type == "phrase":
                key += frame.phrases
            elif part.type == "count_unit":
                key += (*frame.measures, right)
            elif part.type == "audience":
                key += (right[:1],)
            elif part.type in ("duration", "ordinal"):
                key += frame.units
        return Place(part, before, after, _place_keys.setdefault(key, len(_place_keys)), stands_free)

    @cached_property
    def may_shout(self) -> bool:
        """Whether a shout may be put behind it: a frame of ours without another, a question or a mark at its end."""
        marks = "！!～~…）】"
        return not any(mark in text for text in self.literals for mark in marks) and self.may_show

    @cached_property
    def may_show(self) -> bool:
        """Whether a mark may be put behind it: a frame of ours that has none and does not end in a slot for one."""
        last = self.parts[-1]
        ends_free = last.type != "emoji" if isinstance(last, SlotPart) else last[-1] not in "！!～~…？?"
        return (
            self.frame is not None
            and not self.frame.is_fallback
            and ends_free
            and not (self.n_emoji or any(slot.part.type == "emoji" for slot in self.places))
        )

    @cached_property
    def shouted(self) -> Form:
        """The same with a shout at its end."""
        return self._ending_in("！")

    @cached_property
    def shown(self) -> Form:
        """The same with a mark of the topic's at its end."""
        return self._ending_in(SlotPart("emoji"))

    def _ending_in(self, end: str | SlotPart) -> Form:
        parts = list(self.parts)
        if isinstance(end, str) and isinstance(parts[-1], str):
            parts[-1] += end
        else:
            parts.append(end)
        return Form(replace(self.template, parts=tuple(parts)), self.frame)

    def foreign_words(self, lexicon: Lexicon, kind: str) -> tuple[str, ...]:
        """Words of the frame that state something and are no frame words: the brief itself must say them."""
        if kind not in self._foreign:
            self._foreign[kind] = tuple(word for word in self.content if not lexicon.is_frame_word(word, kind))
        return self._foreign[kind]

    @cached_property
    def is_sound(self) -> bool:
        """Whether a topic has its slot, and slots that touch are of kinds that go together."""
        if not any(isinstance(part, SlotPart) and part.type in _TOPIC_SLOTS for part in self.parts):
            return False
        # What stands in brackets amid a title was chosen for that one sentence; any other filling reads like a
        # machine's.
        if _INNER_BRACKET.search(self.template.skeleton):
            return False
        for left, right in zip(self.parts, self.parts[1:], strict=False):
            if isinstance(left, SlotPart) and isinstance(right, SlotPart):
                pair = (left.type, right.type)
                if "emoji" not in pair and pair not in ADJACENT:
                    return False
        return True

    def suits(self, lexicon: Lexicon, kind: str, subject: str, register: str) -> bool:
        """Whether it may be used for notes of that kind, subject and register at all, whatever the brief says."""
        template, frame = self.template, self.frame
        lift = template.lift
        if template.tier == "avoided" or (lift is not None and lift.interval.high < 1):
            return False
        if not lexicon.is_of_kind(template.kinds, kind):
            return False
        if frame is not None:
            return (not frame.subjects or subject in frame.subjects) and (
                not frame.registers or register in frame.registers
            )
        if not self.is_sound:
            return False
        # 公司-岗位-一面 is how interviews are filed; elsewhere a hyphen is how a machine joins what it has.
        if kind not in _FILED_KINDS and any("-" in literal for literal in self.literals):
            return False
        # One looks at a method; a dish, a shop or a thing one eats, visits or buys.
        return subject not in ("dish", "shop", "thing") or all("必看" not in literal for literal in self.literals)


def _states_something(token: Token) -> bool:
    if token.kind in ("latin", "number") or "我" in token.text:
        return True
    return token.kind == "word" and token.pos[:1] in _CONTENT_POS and token.text not in _EMPTY_WORDS


def is_edge(part: str | SlotPart, end: int) -> bool:
    """Whether ``part`` (its first or last character) bounds a clause."""
    if isinstance(part, SlotPart):
        return part.type == "emoji"
    return not part or part[end] in BOUNDARY or bool(find_emoji(part[-2:] if end else part[:2]))


def is_neutral(mark: str) -> bool:
    """Whether an emoji fits any topic (✨, 🔥, ❗), so that it can stand where nothing is known of the subject."""
    return mark.rstrip("\ufe0f") in NEUTRAL_EMOJI
