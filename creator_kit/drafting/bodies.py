"""The body: the brief's points, word for word, in a structure and between the author's own sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN, Brief, SlotFill
from creator_kit.drafting.lexicon import match_pillars
from creator_kit.drafting.structures import Structure
from creator_kit.drafting.words import says_already
from creator_kit.persona import Persona
from creator_kit.persona.model import VoiceLine
from creator_kit.text.length import BODY_LIMIT, count_body_characters
from creator_kit.text.slots import type_slot

_DONT = re.compile(r"^(?:千万)?(?:别|不要|不能|不建议|不用|避免|切忌|少买|慎|❌)")
_WARNS = re.compile(r"太|没有|缺点|小心|注意|容易|会压|会掉|会坏|麻烦|不如")
_COMPARES = re.compile(r"避坑|避雷|踩坑|对比|测评|怎么选|vs|VS|红黑榜|别买|值不值")
_ASKS = re.compile(r"[?？]")
_KEYCAPS = [f"{n}\ufe0f\u20e3" for n in range(1, 10)] + ["🔟"]
_SENTENCE_END = "。！？!?～~…）)"
_GOALS = (
    ("follow", ("关注", "涨粉", "粉丝")),
    ("comment", ("评论", "互动", "留言", "讨论")),
    ("collect", ("收藏", "干货", "教程")),
)
_NUMBER_MARKS = {"duration": "⏱️", "size": "📏", "time": "🗓️", "age": "🗓️", "ordinal": "🗓️", "price": "💰"}
_HAN_THEN_LATIN = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3400-\u9fff])")
_JOINED = re.compile(r"^(?:最后|然后|还有|另外|先|再|接着|也|而且|但|不过|所以)")


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered body with the source of each part, what did not fit, and its structure's own lines."""

    text: str
    structure: str
    fills: tuple[SlotFill, ...]
    left_out: tuple[str, ...] = ()
    own_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A point or step as a structure sees it; ``text`` is the brief's own, ``flowing`` opens with a connective."""

    mark: str
    text: str
    verdict: str
    sentence: str
    question: str
    answer: str
    flowing: str = ""


def choose_shape(brief: Brief, kind: str, usual: str = "list") -> str:
    """The shape that the brief's own content asks for: steps, questions, pitfalls, a visit, else the ``usual`` one."""
    said = f"{brief.topic}\n{brief.goal}"
    n_asked = sum(bool(_ASKS.search(point[:-1])) for point in brief.points)
    if n_asked >= 2:
        return "qa"
    if len(brief.steps) >= 2:
        return "steps"
    n_donts = sum(bool(_DONT.match(point)) for point in brief.points)
    if _COMPARES.search(said) or (n_donts >= 2 and 2 * n_donts >= len(brief.points)):
        return "pitfalls"
    if not brief.points and not brief.steps and kind in ("food", "craft") and "探店" not in said:
        return "steps"
    if any(word in said for word in ("记录", "日记", "复盘", "vlog", "Vlog", "探店", "的一天", "体验")):
        return "diary"
    # Steps are the author's to tell, and no corpus has them.
    return "list" if usual == "steps" and not brief.steps else usual


def is_pitfalls(brief: Brief) -> bool:
    """Whether the points warn: most of them say what not to do."""
    n_donts = sum(bool(_DONT.match(point)) for point in brief.points)
    return n_donts >= 2 and 2 * n_donts >= len(brief.points)


def warns_only(brief: Brief) -> bool:
    """Whether every point says what not to do, so that their number is a number of pitfalls."""
    return len(brief.points) >= 2 and all(_DONT.match(point) for point in brief.points)


def write_body(
    brief: Brief,
    persona: Persona,
    structure: Structure,
    *,
    kind: str,
    subject: str = "",
    seed: int,
    emoji: Sequence[str],
    tags_text: str = "",
    audience: str = "",
    short_topic: str = "",
) -> Body:
    """The body in ``structure``; with ``tags_text`` it stays within the platform's 1,000 characters.

    Optional sentences go first when it is too long, then points from the end; what went is in ``left_out``.
    """
    writer = _Writer(brief, persona, structure, kind, subject, seed, emoji, audience, short_topic or brief.topic)
    n_points, n_steps, is_full = len(brief.points), len(brief.steps), True
    while True:
        body = writer.write(n_points, n_steps, is_full)
        length = count_body_characters(f"{body.text}\n\n{tags_text}")
        if length <= BODY_LIMIT or (n_points + n_steps <= 1 and not is_full):
            return body
        if is_full:
            is_full = False
        elif n_points >= n_steps:
            n_points -= 1
        else:
            n_steps -= 1


def list_lines(
    brief: Brief, persona: Persona, structure: Structure, kind: str, subject: str, field: str
) -> list[tuple[str, str]]:
    """(text, source) of every line of the pack's ``field`` (openings, closings) that suits the brief, nearest first."""
    writer = _Writer(brief, persona, structure, kind, subject, 0, (), "", brief.topic)
    return writer.list_lines(field)


class _Writer:
    def __init__(
        self,
        brief: Brief,
        persona: Persona,
        structure: Structure,
        kind: str,
        subject: str,
        seed: int,
        emoji: Sequence[str],
        audience: str,
        short_topic: str,
    ) -> None:
        self.brief, self.persona, self.structure = brief, persona, structure
        self.kind, self.seed, self.emoji = kind, seed, emoji
        self.subject = subject
        self.pillars = {pillar.name for pillar in match_pillars(brief, persona, kind)}
        self.has_donts = any(_DONT.match(point) for point in brief.points)
        self.values = {
            "topic": short_topic,
            "audience": brief.audience or audience,
            "address": persona.voice.address,
            "place": brief.places[0] if brief.places else "",
            "price": brief.prices[0] if len(brief.prices) == 1 and len(brief.prices[0]) <= 8 else "",
            "scenario": brief.scenario,
            "n_points": str(len(brief.points)) if len(brief.points) > 1 else "",
            "n_steps": str(len(brief.steps)) if len(brief.steps) > 1 else "",
        }
        self.shape = structure.shape

    def write(self, n_points: int, n_steps: int, is_full: bool) -> Body:
        brief, persona = self.brief, self.persona
        fills: list[SlotFill] = []
        lines = persona.voice
        context: dict[str, Any] = {
            "disclosure": self._disclosure(fills),
            "hook": self._line("opening", "openings", lines.openings, fills),
            "lead": self._line("lead", "point_leads", lines.point_leads, fills),
            "step_lead": self._line("lead", "step_leads", lines.step_leads, fills),
            "tip": self._line("tip", "tips", lines.tips, fills) if is_full else "",
            "catchphrase": self._line("catchphrase", "catchphrases", lines.catchphrases, fills) if is_full else "",
            "question": self._line("closing", "closings", lines.closings, fills),
            "call": self._call(fills) if is_full else "",
            "facts": self._facts(fills),
            "points": self._items(brief.points[:n_points], "points", fills),
            "steps": self._items(brief.steps[:n_steps], "steps", fills),
            "topic": brief.topic,
            "scenario": brief.scenario,
            "audience": self.values["audience"],
        }
        self._leave_gaps(context)
        text = self.structure.render(context)
        used = tuple(fill for fill in fills if fill.text and _first_line(fill.text) in text)
        left_out = (*brief.points[n_points:], *brief.steps[n_steps:])
        own_lines = tuple(line for line in text.splitlines() if line in self.structure.sentences)
        return Body(text, self.structure.name, used, left_out, own_lines)

    def _leave_gaps(self, context: dict[str, Any]) -> None:
        """What the shape cannot do without and the brief does not give becomes a visible gap."""
        if self.shape == "steps" and not context["steps"]:
            context["steps"] = [_gap("步骤，一步一行")]
        elif self.shape != "steps" and not context["points"]:
            if context["steps"]:
                context["points"] = context["steps"] if self.shape in ("list", "diary", "qa") else []
            else:
                context["points"] = [_gap("要点，三条左右")]

    def _disclosure(self, fills: list[SlotFill]) -> str:
        if not self.brief.sponsor:
            return ""
        text = self.persona.commercial.disclosure.replace("{sponsor}", self.brief.sponsor)
        fills.append(SlotFill("disclosure", text, "persona.commercial.disclosure"))
        return text

    def _line(self, slot: str, field: str, lines: Sequence[VoiceLine], fills: list[SlotFill]) -> str:
        best = [(index, line) for index, line in enumerate(lines) if self._suits(line)]
        if not best:
            return ""
        # A line made for this shape or kind says more than one that fits anywhere.
        top = max(self._closeness(line) for _index, line in best)
        best = [(index, line) for index, line in best if self._closeness(line) >= top - 1]
        index, line = best[_pick(f"{self.seed}\0{self.brief.topic}\0{field}", len(best))]
        text = self._fill(line, field)
        fills.append(SlotFill(slot, text, f"persona.voice.{field}[{index}]"))
        return text

    def list_lines(self, field: str) -> list[tuple[str, str]]:
        lines: Sequence[VoiceLine] = getattr(self.persona.voice, field)
        suiting = [(index, line) for index, line in enumerate(lines) if self._suits(line)]
        suiting.sort(key=lambda item: (-self._closeness(item[1]), item[0]))
        return [(self._fill(line, field), f"persona.voice.{field}[{index}]") for index, line in suiting]

    def _fill(self, line: VoiceLine, field: str) -> str:
        text = line.text
        for name in line.slots:
            # The opening names the topic in full, what comes after it in short.
            value = self.brief.topic if name == "topic" and field == "openings" else self.values[name]
            text = text.replace("{" + name + "}", value)
        # 这篇写 A day at home: a blank where two scripts meet, but only around what was filled in.
        return _HAN_THEN_LATIN.sub(" ", text) if "topic" in line.slots and self.brief.topic.isascii() else text

    def _closeness(self, line: VoiceLine) -> int:
        return bool(line.shapes) + bool(line.kinds or line.subjects)

    def _suits(self, line: VoiceLine) -> bool:
        if line.shapes and self.shape not in line.shapes:
            return False
        if line.kinds and self.kind not in line.kinds:
            return False
        if line.kinds and self.persona.pillars and not self.pillars:
            return False  # what the author says of their own subject: this brief is about another
        if line.subjects and self.subject not in line.subjects:
            return False
        if any(not self.values[name] for name in line.slots):
            return False
        fact = self.persona.find_fact(line.fact) if line.fact else None
        if fact is not None:
            if fact.pillars and not self.pillars & set(fact.pillars):
                return False
            places = fact.words.get("place", ())
            if places and self.brief.places and not set(places) & set(self.brief.places):
                return False
        # A line that only repeats what the topic itself says reads like a stutter: 一人食…一个人吃饭.
        return not any(word in line.text.replace("{topic}", "") for word in _long_words(self.values["topic"]))

    def _call(self, fills: list[SlotFill]) -> str:
        wanted = next((name for name, words in _GOALS if any(word in self.brief.goal for word in words)), "collect")
        calls = [(index, line) for index, line in enumerate(self.persona.voice.calls) if self._suits(line)]
        fitting = [item for item in calls if wanted in item[1].goals]
        if not fitting:
            return ""
        own = [item for item in fitting if item[1].kinds or item[1].subjects] or fitting
        index, line = own[_pick(f"{self.seed}\0{self.brief.topic}\0calls", len(own))]
        fills.append(SlotFill("call", line.text, f"persona.voice.calls[{index}]"))
        return line.text

    def _facts(self, fills: list[SlotFill]) -> list[str]:
        """Places, prices and figures of the brief that its points do not tell already, one line a kind."""
        brief = self.brief
        told = "\n".join((*brief.points, *brief.steps))
        lines = []
        places = [(i, text) for i, text in enumerate(brief.places) if text not in told]
        if places:
            lines.append("📍" + "、".join(text for _i, text in places))
            fills += [SlotFill("place", text, f"brief.places[{i}]") for i, text in places]
        prices = [(i, text) for i, text in enumerate(brief.prices) if text not in told]
        if prices:
            lines.append("💰" + "，".join(text for _i, text in prices))
            fills += [SlotFill("price", text, f"brief.prices[{i}]") for i, text in prices]
        groups: dict[str, list[str]] = {}
        for i, text in enumerate(brief.numbers):
            if (
                text not in told
                and all(text not in price for price in brief.prices)
                and not says_already(brief.topic, text)
                and type_slot(text) != "count_unit"  # "5套" counts the note itself and belongs into its title
            ):
                groups.setdefault(_NUMBER_MARKS.get(_type_of(text), "📌"), []).append(text)
                fills.append(SlotFill("number", text, f"brief.numbers[{i}]"))
        lines += [mark + "，".join(texts) for mark, texts in groups.items()]
        return lines

    def _items(self, texts: Sequence[str], field: str, fills: list[SlotFill]) -> list[Item]:
        items = []
        for index, text in enumerate(texts):
            fills.append(SlotFill(field.removesuffix("s"), text, f"brief.{field}[{index}]"))
            mark = self._mark(index, len(texts), field)
            verdict = self._verdict(text) if self.has_donts else mark
            question, answer = _split_question(text)
            sentence = _as_sentence(text)
            flowing = self._join(index, len(texts), sentence)
            items.append(Item(mark, text, verdict, sentence, question, answer, flowing))
        return items

    def _join(self, index: int, n: int, sentence: str) -> str:
        """The sentence behind the pack's own connective: its last ones open the last of three points or more."""
        connectives = self.persona.voice.connectives
        from_end = n - index
        if n < 3 or from_end > min(2, len(connectives)) or _JOINED.match(sentence):
            return sentence
        return f"{connectives[-from_end]}，{sentence}"

    @staticmethod
    def _verdict(text: str) -> str:
        if _DONT.match(text):
            return "❌"
        return "⚠️" if _WARNS.search(text) else "✅"

    def _mark(self, index: int, n: int, field: str) -> str:
        bullet = self.persona.voice.bullet
        if field == "steps" or bullet == "keycap":
            return _KEYCAPS[index] if n <= len(_KEYCAPS) else f"{index + 1}."
        if bullet == "emoji" and (marks := self.emoji or self.persona.voice.emoji):
            return marks[index % len(marks)]
        return "•"


def _gap(what: str) -> Item:
    text = f"{MISSING_OPEN}{what}{MISSING_CLOSE}"
    return Item("", text, "", text, "", "")


def _split_question(text: str) -> tuple[str, str]:
    match = _ASKS.search(text)
    if match is None or match.end() == len(text):
        return "", ""
    return text[: match.end()], text[match.end() :].strip()


def _as_sentence(text: str) -> str:
    return text if text.endswith(tuple(_SENTENCE_END)) else f"{text}。"


def _first_line(text: str) -> str:
    return text.splitlines()[0]


def _type_of(text: str) -> str:
    found = type_slot(text)
    if found in _NUMBER_MARKS:
        return found
    for unit, name in (("分钟", "duration"), ("小时", "duration"), ("cm", "size"), ("kg", "size"), ("平", "size")):
        if unit in text:
            return name
    return found


def _long_words(topic: str) -> list[str]:
    return [topic[i : i + 3] for i in range(max(len(topic) - 2, 0))]


def _pick(text: str, n: int) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big") % n
