"""Titles: templates filled with the words of a brief and a pack, kept only where they read and hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN, Brief, SlotFill
from creator_kit.drafting.facts import brief_text, untraced_claims, untraced_numbers
from creator_kit.drafting.lexicon import Frame, Lexicon
from creator_kit.drafting.words import Word
from creator_kit.mining import SlotPart, TitleTemplate
from creator_kit.text.emoji import find_emoji
from creator_kit.text.length import TITLE_LIMIT, count_title_units
from creator_kit.text.segment import Token, segment
from creator_kit.text.slots import SLOT_PATTERNS, SLOT_TYPES

# Enough that every pairing of a few words is tried, few enough that one template cannot eat the time of a batch.
MAX_FILLINGS = 48
_MAX_CHARACTERS = 2 * TITLE_LIMIT  # all Latin: half a unit each
_BOUNDARY = "｜|，,！!？?：:～~…。 、丨·—-（）()"
_NEUTRAL_EMOJI = frozenset("✨🔥❗‼✅📌💡⭐👇❓❤🥹👍📝🌟💥🙌👏🆘❣💯📣🎉☑➕→😭📖📚🤔😂💪👀")
# Types that a person can supply later; a topic or an adjective that is missing leaves no title at all.
_FILLABLE = ("price", "duration", "size", "place", "age", "time")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_TOPIC_SLOTS = ("topic", "verb_phrase", "phrase")
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
_INNER_BRACKET = re.compile(r"[(（][^)）]*[)）].*\{")
_ASKS = re.compile(r"怎么|如何|为什么|为啥|什么|哪|吗|呢|多少|几|要不要|值不值|能不能|该不该")
_NEEDS_STEPS = re.compile(r"教程|步骤|流程|做法")
_NEEDS_POINTS = re.compile(r"清单|合集|要点|技巧|方法|建议|思路|攻略|指南")
_AFTER_AUDIENCE = re.compile(r"^(?:必看|看过来|请进|进来|看这里|照着|专属|注意)")
# jieba's flags of names, verbs, qualities, numbers, times and set phrases; "" is in no word.
_CONTENT_POS = ("n", "v", "a", "i", "t", "l", "j", "b", "z", "s", "m")
# Points that are a title of their own; only a frame that asks for them takes them.
_OWN_TITLES = ("whole", "naming")
_EMPTY_WORDS = ("一", "一个", "这个", "那个")
_ADJACENT = {
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
class Filled:
    """A title before ranking: its template, which word fills each slot, and how often words come twice."""

    title: str
    template: TitleTemplate
    words: tuple[Word, ...]
    n_missing: int = 0
    n_repeats: int = 0
    is_fallback: bool = False

    @property
    def fills(self) -> tuple[SlotFill, ...]:
        return tuple(SlotFill(word.type, word.text, word.source) for word in self.words)


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
    def content(self) -> tuple[str, ...]:
        """Words of the frame that state something: names, verbs, qualities, numbers, times."""
        return tuple(token.text for literal in self.literals for token in segment(literal) if _states_something(token))

    @cached_property
    def loud_emoji(self) -> tuple[str, ...]:
        """Marks of the frame that say something (🍲), which only a pack that uses them takes."""
        found = (mark for literal in self.literals for mark in find_emoji(literal))
        return tuple(mark for mark in found if mark.rstrip("\ufe0f") not in _NEUTRAL_EMOJI)

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

    def foreign_words(self, lexicon: Lexicon, kind: str) -> tuple[str, ...]:
        """Words of the frame that state something and are no frame words: the brief itself must say them."""
        if kind not in self._foreign:
            self._foreign[kind] = tuple(word for word in self.content if not lexicon.is_frame_word(word, kind))
        return self._foreign[kind]

    @cached_property
    def is_sound(self) -> bool:
        """Whether slots that touch are of kinds that go together, and clauses stand between boundaries."""
        if not any(isinstance(part, SlotPart) and part.type in _TOPIC_SLOTS for part in self.parts):
            return False
        for left, right in zip(self.parts, self.parts[1:], strict=False):
            if isinstance(left, SlotPart) and isinstance(right, SlotPart):
                pair = (left.type, right.type)
                if "emoji" not in pair and pair not in _ADJACENT:
                    return False
        return True

    def stands_free(self, position: int) -> bool:
        """Whether a clause may stand in that slot: between the ends of the title, marks or emoji."""
        before = self.parts[position - 1] if position else ""
        after = self.parts[position + 1] if position + 1 < len(self.parts) else ""
        return _is_edge(before, -1) and _is_edge(after, 0)


def _states_something(token: Token) -> bool:
    if token.kind in ("latin", "number") or "我" in token.text:
        return True
    return token.kind == "word" and token.pos[:1] in _CONTENT_POS and token.text not in _EMPTY_WORDS


@dataclass(frozen=True, slots=True)
class TitleTask:
    """What one brief asks of titles.

    ``emoji`` are the marks that suit its topic, ``palette`` all that the pack uses; ``holds`` names what the brief
    offers to frames that need it (steps, points, pitfalls, place_in_topic, no_place_in_topic).
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


def fill_titles(forms: Sequence[Form], task: TitleTask, *, may_miss: bool = False) -> Iterator[Filled]:
    """Every title that the forms and the words of the task make and that reads well.

    Whether it holds (``is_traced``) and may be posted is asked of those that are about to be chosen.
    With ``may_miss`` one slot a title may stay ［待补：…］; such titles alone are yielded then.
    """
    said = brief_text(task.brief)
    offered = set(task.words)
    for form in forms:
        if (not may_miss and not form.slot_types <= offered) or not _fits(form, task, said):
            continue
        yield from islice(_fill(form, task, may_miss), MAX_FILLINGS)


def _fits(form: Form, task: TitleTask, said: str) -> bool:
    template, frame = form.template, form.frame
    if template.tier == "avoided":
        return False
    if not task.lexicon.is_of_kind(template.kinds, task.kind):
        return False
    if frame is not None:
        return (
            (not frame.subjects or task.subject in frame.subjects)
            and (not frame.registers or task.register in frame.registers)
            and task.holds.issuperset(frame.needs)
            and not any(word in task.brief.topic for word in frame.avoid)
        )
    if not form.is_sound:
        return False
    # What stands in brackets amid a title was chosen for that one sentence; any other filling reads like a machine's.
    if _INNER_BRACKET.search(template.skeleton):
        return False
    # One looks at a method; a dish, a shop or a thing one eats, visits or buys.
    if task.subject in ("dish", "shop", "thing") and any("必看" in literal for literal in form.literals):
        return False
    if form.needs_steps and len(task.brief.steps) < 2:
        return False
    if form.needs_points and len(task.brief.points) + len(task.brief.steps) < 2:
        return False
    if any(mark not in task.palette for mark in form.loud_emoji):
        return False
    return all(word in said for word in form.foreign_words(task.lexicon, task.kind))


def _fill(form: Form, task: TitleTask, may_miss: bool) -> Iterator[Filled]:
    choices: list[list[Word]] = []
    for position, part in enumerate(form.parts):
        if isinstance(part, SlotPart):
            options = _options(form, position, part, task)
            if may_miss and not options and part.type in _FILLABLE:
                name = SLOT_TYPES[part.type][0]
                options = [Word(part.type, f"{MISSING_OPEN}{name}{MISSING_CLOSE}", "missing")]
            if not options:
                return
            choices.append(options)
    seen: set[str] = set()
    for words in islice(product(*choices), MAX_FILLINGS * 4):
        n_missing = sum(word.source == "missing" for word in words)
        if (n_missing == 1) != may_miss or _uses_twice(words):
            continue
        # Two steps torn from their order tell nothing: 焖好拌一勺生抽，土豆切小丁.
        if sum(word.role == "step" for word in words) > 1:
            continue
        rest = iter(words)
        title = "".join(part if isinstance(part, str) else next(rest).text for part in form.parts)
        if len(title) > _MAX_CHARACTERS or (form.frame is None and not _leads_with_topic(form, words)):
            continue
        if title in seen:
            continue
        seen.add(title)
        n_repeats = count_repeats(title)
        if not is_readable(title, n_repeats):
            continue
        yield Filled(
            title,
            form.template,
            tuple(word for word in words if word.text),
            n_missing,
            n_repeats,
            form.frame.is_fallback
            if form.frame is not None
            else all(word.source == "brief.topic" or word.type == "emoji" for word in words),
        )


def _options(form: Form, position: int, part: SlotPart, task: TitleTask) -> list[Word]:
    """The words that may stand here: of the slot's type, in a form that its neighbours allow."""
    after = form.parts[position + 1] if position + 1 < len(form.parts) else ""
    before = form.parts[position - 1] if position else ""
    frame = form.frame
    if part.type == "emoji":
        found = [Word("emoji", mark, "persona.voice.emoji") for mark in task.emoji[:2]]
        if frame is not None:
            # With and without: how often this author shows one decides.
            return [*found[:1], Word("emoji", "", "none")]
        return found or [Word("emoji", mark, "template.fillers") for mark in part.fillers[:1] if mark in _NEUTRAL_EMOJI]
    words: Sequence[Word] = task.words.get(part.type, ())
    if frame is not None:
        roles = (frame.roles or {}).get(part.type)
        only = (frame.only or {}).get(part.type)
        words = [
            word
            for word in words
            if (word.role in roles if roles else word.role not in _OWN_TITLES)
            and (not only or word.text in only)
            and (part.type not in ("topic", "verb_phrase") or word.form in frame.forms)
        ]
    elif part.type == "phrase":
        words = [word for word in words if word.role not in _OWN_TITLES and form.stands_free(position)]
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
    if frame is None and isinstance(after, str) and after.startswith(("？", "?")):
        words = [word for word in words if word.form == "question" or _ASKS.search(word.text)]
    if part.type == "count_unit":
        words = [word for word in words if _count_fits(word, after, task)]
    if part.type == "audience" and isinstance(after, SlotPart):
        # 小个子通勤穿搭 is one name; 在职考研的人考研英语 is two that bump into each other.
        words = [word for word in words if len(word.text) <= 5 and "的" not in word.text]
    return list(words)


def _leads_with_topic(form: Form, words: Sequence[Word]) -> bool:
    """Whether a mined frame names the topic, and names it before a point: 热水一次加够: 番茄牛腩 is backwards.

    A point that is called out (热水一次加够！番茄牛腩) may come first.
    """
    position = next((i for i, word in enumerate(words) if word.source == "brief.topic"), None)
    if position is None:
        return False
    before = [word for word in words[:position] if word.type == "phrase"]
    return not before or any("！" in literal or "!" in literal for literal in form.literals)


def _matches_type(word: Word, name: str) -> bool:
    pattern = SLOT_PATTERNS.get(name)
    return pattern is None or re.fullmatch(pattern, word.text) is not None


def _topic_fits(word: Word, before: str | SlotPart, after: str | SlotPart, task: TitleTask) -> bool:
    """Whether a mined frame takes the topic here. Its words were seen around other topics, so only a few pass."""
    ends_clause = _is_edge(after, 0)
    starts_clause = _is_edge(before, -1)
    if word.form in ("question", "latin"):
        return ends_clause and starts_clause
    if word.form == "vp" and isinstance(before, str) and before.endswith("的"):
        return False
    if not starts_clause and (isinstance(before, SlotPart) or not _BEFORE_TOPIC.search(before)):
        return isinstance(before, SlotPart) and ends_clause and (before.type, "topic") in _ADJACENT
    if ends_clause:
        return True
    pattern = _AFTER_TOPIC.get(task.subject, _AFTER_TOPIC["method"])
    if not isinstance(after, str) or not pattern.match(after):
        return False
    return all(task.kind in kinds for noun, kinds in _NOUN_KINDS.items() if after.startswith(noun))


def _is_edge(part: str | SlotPart, end: int) -> bool:
    """Whether ``part`` (its first or last character) bounds a clause."""
    if isinstance(part, SlotPart):
        return part.type == "emoji"
    return not part or part[end] in _BOUNDARY or bool(find_emoji(part[-2:] if end else part[:2]))


def _count_fits(word: Word, after: str | SlotPart, task: TitleTask) -> bool:
    measure = word.text.lstrip("0123456789０１２３４５６７８９+")
    if word.role in ("points", "steps"):
        followers = task.lexicon.counts[word.role].get(measure, ())
        if isinstance(after, SlotPart):
            return False
        if not after or after[0] in _BOUNDARY:
            return "" in followers
        return any(follower and after.startswith(follower) for follower in followers)
    if isinstance(after, SlotPart) and after.type == "topic":
        return measure in task.lexicon.measures.get(task.kind, ())
    return isinstance(after, SlotPart) or not after or after[0] in _BOUNDARY


def _uses_twice(words: Sequence[Word]) -> bool:
    """One item of the brief says one thing in a title; a topic and a lead taken from it are two."""
    seen: set[str] = set()
    for word in words:
        if word.type == "emoji" or word.source == "missing":
            continue
        source = f"{word.source}/topic" if word.type in ("topic", "verb_phrase") else word.source.split("#")[0]
        if source in seen:
            return True
        seen.add(source)
    texts = [word.text for word in words if word.text and word.type != "emoji"]
    for i, text in enumerate(texts):
        for j, other in enumerate(texts):
            if i != j and text in other and not any(words[k].type == "phrase" for k in range(len(words))):
                return True
    return False


def count_repeats(title: str) -> int:
    """How many two-character pieces of the title come twice (番茄牛腩牛腩: 1, 清洗清洗: 2 …)."""
    pieces = [run[i : i + 2] for run in _HAN_RUN.findall(title) for i in range(len(run) - 1)]
    return len(pieces) - len(set(pieces))


def is_readable(title: str, n_repeats: int) -> bool:
    """Whether a title has no doubled words, particles or marks, and is within the platform's length."""
    if not title.strip() or count_title_units(title) > TITLE_LIMIT:
        return False
    if re.search(
        r"的的|了了|，，|｜｜|[，｜、：]$|^[，｜、：]|[？！][，｜～…：]|：｜|？！|！？|(.{2,})\1|的[^，｜？！：]{0,8}的",
        title,
    ):
        return False
    # 番茄牛腩｜番茄去皮 is how people talk; 清洗银器的清洗 is not.
    return n_repeats <= (1 if re.search(r"[｜，？]", title) else 0)


def is_neutral(mark: str) -> bool:
    """Whether an emoji fits any topic (✨, 🔥, ❗), so that it can stand where nothing is known of the subject."""
    return mark.rstrip("\ufe0f") in _NEUTRAL_EMOJI


def is_traced(title: str, brief: Brief, sources: str) -> bool:
    """Whether every number and first-person claim of ``title`` stands in ``sources`` or counts the brief's items."""
    if untraced_claims(title, sources):
        return False
    return not untraced_numbers(title, sources, (len(brief.points), len(brief.steps)))
