"""The words that a brief and a pack offer to slots, each with its type, its source and how it may be used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from creator_kit.drafting.draft import Brief
from creator_kit.drafting.grammar import find_phrase_form, find_topic_form, may_cut, says_something
from creator_kit.drafting.lexicon import Lexicon, match_pillars
from creator_kit.persona import Persona
from creator_kit.text.emoji import find_emoji
from creator_kit.text.length import count_half_units, count_title_units
from creator_kit.text.slots import find_typed, type_slot

# 羽绒服到底怎么选: said once among five titles it asks, said five times it nags.
STRESSED_TOPIC = "brief.topic#stressed"
# A clause that fills a slot of a title of 20 units has to leave room for the topic.
MAX_PHRASE_UNITS = 12
# What the reader learns from the title alone: a figure or a point of the note more than how many points it has.
SPECIFIC_WEIGHT = 0.75
COUNT_WEIGHT = 0.4
PACK_WORD_WEIGHT = 0.45
# What a word costs a title's rank. A title without its topic leans on its cover; half of a point says less than meant.
WORD_COSTS = {"long_topic": -0.35, "no_topic": -2.0, "bare_price": -0.3, "cut": -0.35}
_SPECIFIC_TYPES = frozenset(
    ("price", "duration", "size", "place", "audience", "count_unit", "ordinal", "age", "number")
)
_SPECIFIC_ROLES = frozenset(("point", "price", "number"))
_QUESTION_TAIL = re.compile(
    r"(?:到底|应该|该)?(?:怎么|如何)(?:选|挑|洗|做|穿|搭|买|写|用|养|办|准备|清洗|收纳|吃|安排|冲|泡|煮|拍|练|学|剪|叠|种)[？?]?$"
)
_HOW = re.compile(r"(?<!到底)(?:怎么|如何)(?=[\u3400-\u9fff]{1,3}$)")
_OPEN_CLAUSE = re.compile(r"^(?:如果|要是|当|虽然|因为|不是|除了|只要|即使|尽管|由于|等到|为了)")
# What points back to a sentence before it cannot be the title of a note.
_POINTS_BACK = re.compile(
    r"^(?:然后|所以|但|而|还|也|就|并|再|又|其|它|他|她|这|那|此|以及|或|另外|最后|不过|后来|接着|同时|尤其|比如|例如|其中|特别是)"
)
# A point that is a title of its own has to say something and to leave the line uncut.
MIN_WHOLE_UNITS, MAX_WHOLE_UNITS = 6, 18
# One that does not even name the subject has to say more: 缓苗三天别暴晒 leaves open what.
MIN_UNNAMED_UNITS = 11
_END_PUNCTUATION = "。！!～~；;，,、 .…"
# What may stand beside an amount without changing what it is an amount of.
_PRICE_FRAME = re.compile(
    r"^(?:一顿|一份|人均|每人|一餐|总共|一共|共|全套|一套|花了|花|约|大概|不到|合计|总价|到手|实付|单人|两人|一天|每天|一个月)?"
    r"$"
)
_PRICE_TAIL = re.compile(r"^(?:左右|出头|上下|搞定|以内|一顿|一份|一套|一餐|一人|每人|/人|一晚)?$")
_MONTHS_OLD = re.compile(r"[0-9一二三四五六七八九十]+(?:个月|个半月|月龄)")
_HAN_PAIR = re.compile(r"(?=([\u3400-\u9fff]{2}))")
_HAN_DIGITS = str.maketrans("123456789", "一二三四五六七八九")
_SPOKEN_DIGITS = str.maketrans("123456789", "一两三四五六七八九")
_AMOUNT = re.compile(
    r"[¥￥]\s?[0-9]+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?(?:万元|元|块钱|块)|[二三四五六七八九十百千两几]+(?:元|块钱|块)(?!头)"
)


@dataclass(frozen=True, slots=True)
class Word:
    """``text`` may fill a slot of ``type``. ``role`` says which part of the brief it is; ``form`` is its grammar.

    ``source`` is ``brief.points[0]``, ``persona.facts.height`` …; ``is_strict`` says that its form alone shows
    its type; ``is_part`` that the brief says it with more words (15元 of 一顿15元). ``root`` is the item of the brief
    or pack that it tells ("" for what tells none), ``half_units`` and ``n_emoji`` what it adds to a title, ``news`` how
    much a reader learns from it there and ``cost`` what speaks against it (both weights of the title's rank).
    """

    type: str
    text: str
    source: str
    role: str = ""
    form: str = "np"
    is_strict: bool = True
    is_part: bool = False
    root: str = field(init=False, compare=False)
    half_units: int = field(init=False, compare=False)
    n_emoji: int = field(init=False, compare=False)
    news: float = field(init=False, compare=False)
    cost: tuple[str, float] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        root = self.source.split("#")[0]
        if self.type == "emoji" or self.source == "missing":
            root = ""
        elif self.type in ("topic", "verb_phrase"):
            root = f"{root}/topic"  # a topic and a lead taken from it tell two things
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "half_units", count_half_units(self.text))
        object.__setattr__(self, "n_emoji", len(find_emoji(self.text)))
        object.__setattr__(self, "news", self._weigh_news())
        object.__setattr__(self, "cost", self._find_cost())

    def _find_cost(self) -> tuple[str, float]:
        name = ""
        if self.role == "long":
            name = "long_topic"
        elif self.role == "whole":
            name = "no_topic"
        elif self.is_part:
            name = "bare_price" if self.role == "price" else "cut"
        return name, WORD_COSTS.get(name, 0.0)

    def _weigh_news(self) -> float:
        if self.source == "missing":
            return 0.0
        if self.role in ("points", "steps"):
            return COUNT_WEIGHT
        if self.type not in _SPECIFIC_TYPES and not (self.type == "phrase" and self.role in _SPECIFIC_ROLES):
            return 0.0
        return PACK_WORD_WEIGHT if self.role == "pack" else SPECIFIC_WEIGHT


def find_form(topic: str, lexicon: Lexicon) -> str:
    """The grammatical form of a topic under the words of ``lexicon``."""
    return find_topic_form(topic, nominal=lexicon.nominal, acts=lexicon.acts)


def collect_words(brief: Brief, persona: Persona, kind: str, lexicon: Lexicon) -> dict[str, tuple[Word, ...]]:
    """All words for slots by slot type, the brief's before the pack's.

    The pack speaks only where the brief is silent (its audience, its places), only with facts that belong to
    the pillar that the brief is about, and never with a word that the brief's own contradicts.
    """
    words: list[Word] = []
    form = find_form(brief.topic, lexicon)
    topic = brief.topic.rstrip("？?。！! ") if form == "question" else brief.topic
    core = _core(brief)
    # The short name first: the scenario or audience in front of it has a slot of its own.
    for text in dict.fromkeys((core, topic)):
        words.append(Word("topic", text, "brief.topic", role="long" if text != core else "", form=form))
        if form == "question" and _HOW.search(text):
            stressed = _HOW.sub(lambda how: f"到底{how.group()}", text)
            words.append(Word("topic", stressed, STRESSED_TOPIC, "long", form))
        thing = _QUESTION_TAIL.sub("", text)
        if form == "question" and thing != text and len(thing) >= 3 and find_form(thing, lexicon) == "np":
            words.append(Word("topic", thing, "brief.topic"))
        if form == "vp":
            words.append(Word("verb_phrase", text, "brief.topic", form=form))
    if brief.scenario:
        words.append(Word("scenario", brief.scenario, "brief.scenario"))
    elif core != topic and topic.endswith(core):
        lead = topic[: len(topic) - len(core)]
        words.append(Word("audience" if lead == brief.audience else "scenario", lead, "brief.topic"))
    if brief.audience:
        words.append(Word("audience", brief.audience, "brief.audience"))
    for index, place in enumerate(brief.places):
        words.append(Word("place", place, f"brief.places[{index}]", role="place"))
    for index, price in enumerate(brief.prices):
        words += _price_words(price, f"brief.prices[{index}]")
    for index, number in enumerate(brief.numbers):
        if says_already(brief.topic, number):
            continue
        words += _number_words(number, f"brief.numbers[{index}]", brief, kind)
    for role, texts in (("point", brief.points), ("step", brief.steps)):
        for index, text in enumerate(texts):
            words += _clauses(text, f"brief.{role}s[{index}]", role)
    # A point of an English note says nothing of what the note is about.
    for index, text in enumerate(brief.points if form != "latin" else ()):
        words += _whole_clauses(text, f"brief.points[{index}]", core)
    words += _counts(brief, lexicon)
    words += _pack_words(brief, persona, kind, {word.type for word in words if word.role != "points"}, lexicon)
    grouped: dict[str, list[Word]] = {}
    for word in words:
        group = grouped.setdefault(word.type, [])
        if all(other.text != word.text or other.role != word.role for other in group):
            group.append(word)
    return {name: tuple(group) for name, group in grouped.items()}


def says_already(topic: str, number: str) -> bool:
    """Whether the topic tells a number itself, be it in words: 三天两夜 says 3天, 8月龄 says 8个月."""
    plain = number.replace("个", "")
    return any(said in topic for said in {plain, plain.translate(_HAN_DIGITS), plain.translate(_SPOKEN_DIGITS)})


def _core(brief: Brief) -> str:
    topic = brief.topic.rstrip("？?。！! ")
    for lead in (brief.scenario, brief.audience, "一人食"):
        if lead and topic.startswith(lead) and len(topic) - len(lead) >= 3 and topic[len(lead)] not in "的，、｜ ":
            return topic[len(lead) :]
    return topic


def _price_words(price: str, source: str) -> list[Word]:
    words = [Word("price", price, source, role="price", is_strict=False)] if len(price) <= 10 else []
    if count_title_units(price) <= MAX_PHRASE_UNITS:
        words.append(Word("phrase", price, source, role="price"))
    amounts = list(_AMOUNT.finditer(price))
    if len(amounts) == 1:
        amount = amounts[0]
        if _PRICE_FRAME.match(price[: amount.start()]) and _PRICE_TAIL.match(price[amount.end() :]):
            words.append(Word("price", amount.group(), source, role="price", is_part=amount.group() != price))
    return words


def _number_words(number: str, source: str, brief: Brief, kind: str) -> list[Word]:
    name = type_slot(number)
    if kind in ("parenting", "pets") and _MONTHS_OLD.fullmatch(number):
        name = "age"
    words = []
    # A figure that a point or a step tells (泡10分钟) is that one's, not the whole's: 10分钟搞定 would be untrue.
    is_inner = any(number in text for text in (*brief.points, *brief.steps))
    if name in ("number", "ordinal", "duration", "age", "size", "count_unit", "time", "price") and not is_inner:
        words.append(Word(name, number, source, role="number"))
    elif not is_inner:
        spans = find_typed(number)
        # "身高155cm": the label says what it is, and the bare figure still says it by its unit.
        if len(spans) == 1 and spans[0][2] in ("size", "age") and number[: spans[0][0]] in ("身高", "年龄", "面积"):
            words.append(Word(spans[0][2], number[spans[0][0] : spans[0][1]], source, role="number"))
    if count_title_units(number) <= MAX_PHRASE_UNITS and (len(number) >= 5 or name == "phrase") and not is_inner:
        words.append(Word("phrase", number, source, role="number"))
    return words


def _clauses(text: str, source: str, role: str) -> list[Word]:
    whole = text.strip(_END_PUNCTUATION)
    first, *rest = re.split(r"[，,；;。：:]", whole, maxsplit=1)
    first = first.strip()
    found = []
    for clause in dict.fromkeys((whole, first)):
        is_part = clause != whole
        if is_part and (_OPEN_CLAUSE.match(clause) or len(clause) < 5 or not may_cut(first, rest[0])):
            continue  # half a sentence
        if is_part and not says_something(clause):
            continue  # 上午开元寺
        if role == "step" and _POINTS_BACK.match(clause):
            continue  # 再炸8分钟 follows a step that the title does not tell
        if len(clause) >= 4 and count_title_units(clause) <= MAX_PHRASE_UNITS and "［" not in clause:
            found.append(Word("phrase", clause, source, role, find_phrase_form(clause), is_part=is_part))
    return found


def _whole_clauses(text: str, source: str, core: str) -> list[Word]:
    """A point, or its first half, as a title of its own; role ``naming`` where it names what the note is about."""
    whole = text.strip(_END_PUNCTUATION)
    first, *rest = re.split(r"[，,；;。：:]", whole, maxsplit=1)
    first = first.strip()
    found = []
    for clause in dict.fromkeys((whole, first)):
        if clause != whole and (_OPEN_CLAUSE.match(clause) or not may_cut(first, rest[0])):
            continue
        units = count_title_units(clause)
        if not MIN_WHOLE_UNITS <= units <= MAX_WHOLE_UNITS or "［" in clause or _POINTS_BACK.match(clause):
            continue
        if clause.count("，") > 1 or re.search(r"[：:、。；;?？]|^[0-9]+[.、)]", clause):
            continue
        is_naming = any(pair in clause for pair in _HAN_PAIR.findall(core))
        if is_naming or units >= MIN_UNNAMED_UNITS:
            found.append(Word("phrase", clause, source, "naming" if is_naming else "whole", is_part=clause != whole))
    return found


def _counts(brief: Brief, lexicon: Lexicon) -> list[Word]:
    found = []
    for role, items in (("points", brief.points), ("steps", brief.steps)):
        if 2 <= len(items) <= 12:
            for measure in lexicon.counts[role]:
                found.append(Word("count_unit", f"{len(items)}{measure}", f"brief.{role}#count", role=role))
    return found


def _pack_words(brief: Brief, persona: Persona, kind: str, given: set[str], lexicon: Lexicon) -> list[Word]:
    pillars = {pillar.name for pillar in match_pillars(brief, persona, kind)}
    if not pillars:
        return []
    found = []
    for fact in persona.facts:
        if fact.pillars and not pillars & set(fact.pillars):
            continue
        if brief.places and any(word not in brief.places for word in fact.words.get("place", ())):
            continue  # the brief happened elsewhere
        for name, texts in fact.words.items():
            for text in texts:
                slot = type_slot(text) if name == "number" else name
                if slot not in given:
                    found.append(Word(slot, text, f"persona.facts.{fact.id}", role="pack"))
    if "audience" not in given:
        found += [
            Word("audience", text, f"persona.audience.words[{index}]", role="pack")
            for index, text in enumerate(persona.audience.words)
            if not lexicon.clash(text, brief.topic)
        ]
    return found
