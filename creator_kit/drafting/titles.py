"""Titles: templates filled with the words of a brief and a pack, kept only where they read and hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

import msgspec

from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN, Brief, SlotFill
from creator_kit.drafting.facts import brief_text, untraced_claims, untraced_numbers
from creator_kit.drafting.forms import ADJACENT, AFTER_QUESTION, BOUNDARY, NEUTRAL_EMOJI, Form, Place, is_edge
from creator_kit.drafting.grammar import is_question
from creator_kit.drafting.lexicon import Lexicon
from creator_kit.drafting.readable import find_stumbles
from creator_kit.drafting.words import STRESSED_TOPIC, Word
from creator_kit.mining import SlotPart, TitleTemplate
from creator_kit.text.length import TITLE_LIMIT
from creator_kit.text.slots import SLOT_PATTERNS, SLOT_TYPES

# Enough that every pairing of a few words is tried, few enough that one template cannot eat the time of a batch.
MAX_FILLINGS = 48
# Hundreds are enough to choose five from; a library of thousands of templates must not cost more than they bring.
MAX_CANDIDATES = 260
# A topic of that many units tells by itself what a note is about.
MIN_TELLING_UNITS = 9
_NAMED_BY_TITLE = ("record",)
# A dish, a shop or a thing is named in the title: 辣椒另放，让老板单独给一碟 tells nobody where.
_NAMED_THINGS = ("dish", "shop", "thing")
# Types that a person can supply later; a topic or an adjective that is missing leaves no title at all.
_FILLABLE = ("price", "duration", "size", "place", "age", "time")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
# What may stand right before and after a topic in a frame that was mined: a noun that a topic takes, or a mark.
_BEFORE_TOPIC = re.compile(r"(?:的|关于|说说|聊聊|讲讲|讲清|讲透|分享|写给)$")
_AFTER_TOPIC = {
    "dish": re.compile(r"^(?:的|做法|教程|步骤|这样做|怎么做)"),
    "shop": re.compile(r"^(?:的|攻略|指南|怎么点)"),
    "thing": re.compile(r"^(?:的|指南|怎么选|怎么用)"),
    "method": re.compile(r"^(?:的|指南|攻略|教程|步骤|思路|技巧|小技巧|方法|建议|清单|要点|怎么|流程)"),
}
_NOUN_KINDS = {
    "方法": ("home", "study", "money", "garden", "fitness", "craft", "work"),
    "攻略": ("travel", "study", "food", "parenting", "beauty"),
    "技巧": ("home", "study", "beauty", "fitness", "work", "craft", "digital"),
    "流程": ("home", "work", "travel", "craft", "beauty"),
}
_AFTER_AUDIENCE = re.compile(r"^(?:必看|看过来|请进|进来|看这里|照着|专属|注意)")
# Points that are a title of their own; only a frame that asks for them takes them.
_OWN_TITLES = ("whole", "naming")
# What a frame says right before a slot decides what may stand in it.
_BEFORE_VERB = re.compile(r"(?:怎么|如何|一定要|千万|不要|别|要|会|能|可以|想|学会|开始|记得)$")
_HAN_END = re.compile(r"[\u3400-\u9fff]$")
_MEASURED = ("duration", "ordinal")
_TOPIC_SOURCES = ("brief.topic", STRESSED_TOPIC)
_FIGURES = ("size", "count_unit", "age")
_FIGURE = re.compile(r"[0-9]+")


class Filled(msgspec.Struct, frozen=True):
    """A title before ranking: its template, which word fills each slot, and how often words come twice.

    ``pieces`` are its literals and words in order, ``words_half_units`` what the words take of its length.
    """

    title: str
    form: Form
    words: tuple[Word, ...]
    pieces: list[str]
    words_half_units: int = 0
    n_missing: int = 0
    n_repeats: int = 0
    is_fallback: bool = False

    @property
    def template(self) -> TitleTemplate:
        return self.form.template

    @property
    def fills(self) -> tuple[SlotFill, ...]:
        return tuple(SlotFill(word.type, word.text, word.source) for word in self.words if word.text)


@dataclass(frozen=True, slots=True)
class TitleTask:
    """What one brief asks of titles.

    ``emoji`` are the marks that suit its topic, ``palette`` all that the pack uses; ``holds`` names what the brief
    offers to frames that need it (steps, points, pitfalls, event, place_in_topic, no_place_in_topic).
    """

    brief: Brief
    words: Mapping[str, Sequence[Word]]
    kind: str
    lexicon: Lexicon
    emoji: Sequence[str]
    holds: frozenset[str] = frozenset()
    subject: str = ""
    register: str = ""
    palette: frozenset[str] = frozenset()
    options: dict[int, tuple[Word, ...]] = field(default_factory=dict, compare=False)


def fill_titles(forms: Sequence[Form], task: TitleTask, *, may_miss: bool = False) -> list[Filled]:
    """Every title that the forms and the words of the task make and that reads well, ``MAX_CANDIDATES`` at most.

    ``forms`` are those that ``suit``, the best first. Whether a title holds (``is_traced``) and may be posted is asked
    of those that are about to be chosen. With ``may_miss`` one slot a title may stay ［待补：…］; such titles alone are
    given then.
    """
    said = brief_text(task.brief)
    offered = set(task.words)
    found: list[Filled] = []
    for form in forms:
        if (may_miss or form.slot_types <= offered) and _fits(form, task, said):
            found += _fill(form, task, may_miss)
            if len(found) >= MAX_CANDIDATES:
                break
    return found[:MAX_CANDIDATES]


def _fits(form: Form, task: TitleTask, said: str) -> bool:
    frame = form.frame
    if frame is not None:
        topic = task.brief.topic
        if frame.needs and not task.holds.issuperset(frame.needs):
            return False
        for word in frame.avoid:
            if word in topic:
                return False
        return not frame.wants or any(word in topic for word in frame.wants)
    if form.needs_steps and len(task.brief.steps) < 2:
        return False
    if form.needs_points and (len(task.brief.points) + len(task.brief.steps) < 2 or task.subject in ("record", "")):
        return False
    if any(mark not in task.palette for mark in form.loud_emoji):
        return False
    return all(word in said for word in form.foreign_words(task.lexicon, task.kind))


def _fill(form: Form, task: TitleTask, may_miss: bool) -> list[Filled]:
    choices: list[Sequence[Word]] = []
    found: list[Filled] = []
    for place in form.places:
        options: Sequence[Word] | None = task.options.get(place.key)
        if options is None:
            options = task.options[place.key] = tuple(_list_words(form, place, task))
        if may_miss and not options and place.part.type in _FILLABLE:
            name = SLOT_TYPES[place.part.type][0]
            options = (Word(place.part.type, f"{MISSING_OPEN}{name}{MISSING_CLOSE}", "missing"),)
        if not options:
            return found
        choices.append(options)
    is_mined, several, parts = form.frame is None, len(choices) > 1, form.parts
    room = 2 * TITLE_LIMIT - form.half_units
    seen: set[str] = set()
    for words in islice(product(*choices), MAX_FILLINGS * 4):
        length = 0
        for word in words:
            length += word.half_units
        if (
            length > room
            or (several and _uses_twice(words))
            or (is_mined and not _leads_with_topic(form, words, task.subject))
        ):
            continue
        n_missing = 0
        if may_miss:
            n_missing = sum(word.source == "missing" for word in words)
            if n_missing != 1:
                continue
        rest = iter(words)
        pieces = [part if part.__class__ is str else next(rest).text for part in parts]
        title = "".join(pieces)
        if title in seen:
            continue
        seen.add(title)
        n_repeats = find_stumbles(title)
        if n_repeats is not None:
            found.append(
                Filled(
                    title,
                    form,
                    words,
                    pieces,
                    length,
                    n_missing,
                    n_repeats,
                    _is_fallback(form, words, length, task),
                )
            )
            if len(found) >= MAX_FILLINGS:
                break
    if found and not is_mined:
        found += _vary_ends(form, found, task)
    return found


def _vary_ends(form: Form, found: Sequence[Filled], task: TitleTask) -> list[Filled]:
    """The titles of a frame of ours once more with the ends that people give them: a shout, the topic's mark."""
    varied = []
    ends: list[tuple[Form, str, tuple[Word, ...], int]] = []
    if form.may_shout and task.register != "calm":
        ends.append((form.shouted, "！", (), 0))
    if form.may_show and task.emoji:
        mark = Word("emoji", task.emoji[0], "persona.voice.emoji")
        ends.append((form.shown, mark.text, (mark,), mark.half_units))
    for one in found:
        if one.is_fallback or not _HAN_END.search(one.title):
            continue
        for other, end, words, half_units in ends:
            length = one.words_half_units + half_units
            if other.half_units + length <= 2 * TITLE_LIMIT:
                varied.append(
                    Filled(
                        one.title + end,
                        other,
                        one.words + words,
                        [*one.pieces, end],
                        length,
                        one.n_missing,
                        one.n_repeats,
                    )
                )
    return varied


def _is_fallback(form: Form, words: Sequence[Word], length: int, task: TitleTask) -> bool:
    """Whether a title says nothing but its topic, and that is too little.

    A long topic (百度暑期实习后端面经) says enough, and what is told rather than taught is called by its name.
    """
    if task.subject in _NAMED_BY_TITLE:
        return False
    if form.frame is None:
        is_bare = all(word.source in _TOPIC_SOURCES or word.type == "emoji" for word in words)
    else:
        # 周末 杭州两日游 says nothing that its topic does not.
        is_bare = form.frame.is_fallback or (
            form.has_no_words and all(word.text in task.brief.topic or word.type == "emoji" for word in words)
        )
    if not is_bare:
        return False
    told = length - sum(word.half_units for word in words if word.type == "emoji")
    return told < 2 * MIN_TELLING_UNITS


def _list_words(form: Form, place: Place, task: TitleTask) -> list[Word]:
    """The words that may stand here: of the slot's type, in a form that its neighbours allow."""
    part, before, after, frame = place.part, place.before, place.after, form.frame
    if part.type == "emoji":
        found = [Word("emoji", mark, "persona.voice.emoji") for mark in task.emoji[:2]]
        if frame is not None:
            # With and without: how often this author shows one decides.
            return [*found[:1], Word("emoji", "", "none")]
        return found or [Word("emoji", mark, "template.fillers") for mark in part.fillers[:1] if mark in NEUTRAL_EMOJI]
    words: Sequence[Word] = task.words.get(part.type, ())
    if frame is not None:
        roles = frame.roles.get(part.type, ())
        only = frame.only.get(part.type, ())
        words = [
            word
            for word in words
            if _has_role(word, roles)
            and not (word.role == "whole" and task.subject in _NAMED_THINGS)
            and (not only or word.text in only)
            and (part.type not in ("topic", "verb_phrase") or word.form in frame.forms)
            and (part.type != "phrase" or not frame.phrases or word.form in frame.phrases)
            and (not frame.units or part.type not in _MEASURED or word.text.endswith(frame.units))
        ]
    elif part.type == "phrase":
        # A step torn from its order tells nothing: 焖好拌一勺生抽.
        words = [word for word in words if word.role not in (*_OWN_TITLES, "step") and place.stands_free]
        if isinstance(before, str) and before.endswith(("？", "?")):
            words = [word for word in words if word.role not in ("price", "number")]  # figures answer no question
        if isinstance(after, str) and _AFTER_AUDIENCE.match(after):
            words = task.words.get("audience", ())
        words = [
            *(word for word in task.words.get("topic", ()) if _topic_fits(word, before, after, task)),
            *words,
        ]
    else:
        words = [word for word in words if word.is_strict and _matches_type(word, part.type)]
        if part.type in ("topic", "verb_phrase"):
            words = [word for word in words if _topic_fits(word, before, after, task)]
    if isinstance(before, str) and before.endswith("…"):
        # The dots promise a turn: 地铁通勤包…别买没有隔层的, not 双廊的海景房….
        words = [word for word in words if word.form in ("dont", "question")]
    if isinstance(after, str):
        if frame is None and after.startswith(("？", "?")):
            words = [word for word in words if word.form == "question" or is_question(word.text)]
        elif not AFTER_QUESTION.match(after):
            words = [word for word in words if word.form != "question"]
    if part.type == "count_unit":
        measures = frame.measures if frame is not None else ()
        words = [
            word for word in words if (_measure_of(word) in measures if measures else _count_fits(word, after, task))
        ]
    if part.type == "audience" and (isinstance(after, SlotPart) or after.startswith("版")):
        # 小个子通勤穿搭 is one name; 在职考研的人考研英语 is two that bump into each other.
        words = [word for word in words if len(word.text) <= 5 and "的" not in word.text]
    return list(words)


def _has_role(word: Word, roles: Sequence[str]) -> bool:
    if not roles:
        return word.role not in _OWN_TITLES
    return word.role in roles or (f"first_{word.role}" in roles and word.source.endswith("[0]"))


def _measure_of(word: Word) -> str:
    return word.text.lstrip("0123456789０１２３４５６７８９+")


def _leads_with_topic(form: Form, words: Sequence[Word], subject: str) -> bool:
    """Whether a mined frame names the topic, and names it before a point: 热水一次加够: 番茄牛腩 is backwards.

    What is called out (厦大到沙坡尾走半天！厦门citywalk) may come first, where it is no instruction.
    """
    for position, word in enumerate(words):
        if word.source in _TOPIC_SOURCES:
            may_call = form.n_shouts > 0 and subject != "method"
            return may_call or all(other.type != "phrase" for other in words[:position])
    return False


def _matches_type(word: Word, name: str) -> bool:
    pattern = SLOT_PATTERNS.get(name)
    return pattern is None or re.fullmatch(pattern, word.text) is not None


def _topic_fits(word: Word, before: str | SlotPart, after: str | SlotPart, task: TitleTask) -> bool:
    """Whether a mined frame takes the topic here. Its words were seen around other topics, so only a few pass."""
    ends_clause = is_edge(after, 0)
    starts_clause = is_edge(before, -1)
    if word.form in ("question", "latin", "clause"):
        return ends_clause and starts_clause
    if isinstance(before, str) and before:
        # A noun does not fill a verb's place, nor a verb a noun's.
        if word.form == "vp" and before.endswith("的"):
            return False
        if word.form != "vp" and _BEFORE_VERB.search(before):
            return False
    if not starts_clause and (isinstance(before, SlotPart) or not _BEFORE_TOPIC.search(before)):
        return isinstance(before, SlotPart) and ends_clause and (before.type, "topic") in ADJACENT
    if ends_clause:
        return True
    pattern = _AFTER_TOPIC.get(task.subject, _AFTER_TOPIC["method"])
    if not isinstance(after, str) or not pattern.match(after):
        return False
    return all(task.kind in kinds for noun, kinds in _NOUN_KINDS.items() if after.startswith(noun))


def _count_fits(word: Word, after: str | SlotPart, task: TitleTask) -> bool:
    measure = _measure_of(word)
    if word.role in ("points", "steps"):
        followers = task.lexicon.counts[word.role].get(measure, ())
        if isinstance(after, SlotPart):
            return False
        if not after or after[0] in BOUNDARY:
            return "" in followers
        return any(follower and after.startswith(follower) for follower in followers)
    if isinstance(after, SlotPart) and after.type == "topic":
        return measure in task.lexicon.measures.get(task.kind, ())
    return isinstance(after, SlotPart) or not after or after[0] in BOUNDARY


def _uses_twice(words: Sequence[Word]) -> bool:
    """One item of the brief says one thing in a title; a topic and a lead taken from it are two."""
    roots = [word.root for word in words if word.root]
    if len(roots) < 2:
        return False
    if len(set(roots)) < len(roots):
        return True
    for place, word in enumerate(words[:-1]):
        if word.type in _FIGURES and _runs_together(word, words[place + 1]):
            return True
    names = [word for word in words if word.root and word.type != "phrase"]
    if len(names) < 2:
        return False
    # 周末的周末杭州两日游: a scenario or a reader that the topic names already, or calls by its end.
    for one in names:
        said = one.text[-2:] if one.type == "audience" else one.text
        if any(said in other.text for other in names if other is not one):
            return True
    return False


def _runs_together(left: Word, right: Word) -> bool:
    """155cm 155小个子 says its figure twice; 3个5公里跑步 runs two into one."""
    if right.type not in ("topic", "audience"):
        return False
    mine, other = _FIGURE.match(left.text), _FIGURE.match(right.text)
    return bool(mine and other and (left.type == "count_unit" or mine.group() == other.group()))


def is_traced(title: str, brief: Brief, sources: str) -> bool:
    """Whether every number and first-person claim of ``title`` stands in ``sources`` or counts the brief's items."""
    if untraced_claims(title, sources):
        return False
    return not untraced_numbers(title, sources, (len(brief.points), len(brief.steps)))
