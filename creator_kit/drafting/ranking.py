"""Which titles are offered first, and a choice of them that does not say the same thing five times."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

import msgspec

from creator_kit.drafting.draft import TitleCandidate
from creator_kit.drafting.forms import Form
from creator_kit.drafting.titles import Filled
from creator_kit.drafting.words import STRESSED_TOPIC, Word
from creator_kit.locale import _, ngettext, pick
from creator_kit.mining import TitleTemplate
from creator_kit.persona import Persona
from creator_kit.text.length import count_title_units
from creator_kit.text.segment import segment

# Weights of the parts of a rank. They are choices of this project, made by reading titles, not measurements.
TIER_WEIGHTS = {"reliable": 2.0, "promising": 1.2, "common": 0.5, "avoided": -9.0}
AUTHORED_WEIGHT = 1.0
MAX_LIFT_WEIGHT = 1.0
PREFERRED_WEIGHT = 7.0
REPEAT_WEIGHT = -0.9
MISSING_WEIGHT = -3.0
FALLBACK_WEIGHT = -1.5
HYPHEN_TASTE = -0.6
# Chance (Gumbel noise) among titles of near rank, so that a batch shows what it offers in its natural proportions.
JITTER_WEIGHT = 0.4
FLUENCY_WEIGHT = 1.7
HABIT_WEIGHT = 0.6
# Of a scorer that proved itself on the workspace's corpus: held-out ρ is 0.3 at best, so it only tips near equals.
HEAT_WEIGHT = 0.3
# A title of 9 to 17 units uses the line without being cut; each unit outside costs.
GOOD_UNITS = (9, 17)
UNIT_WEIGHT = -0.12
MAX_SHARED_WORDS = 0.6
# Three good titles are more use than five of which two are padding.
ENOUGH_TITLES = 3
MIN_RANK = -7.0


class Ranked(msgspec.Struct, frozen=True):
    """A title with its rank, the sum of its parts; ``heard`` are the parts that its text as a whole has.

    The parts are told for the few that are shown; among hundreds only the sum is asked.
    """

    filled: Filled
    rank: float
    heard: tuple[float, float, float, float]
    is_preferred: bool = False

    @property
    def parts(self) -> dict[str, float]:
        """The parts that are not 0, by name."""
        filled = self.filled
        words = filled.words
        parts = dict(zip(("tier", "lift", "taste"), _form_parts(filled.form), strict=True))
        parts["preferred"] = PREFERRED_WEIGHT * self.is_preferred
        parts["specifics"] = _count_news(words)
        parts["length"] = UNIT_WEIGHT * _units_outside(filled)
        parts["repeats"] = REPEAT_WEIGHT * filled.n_repeats
        parts["missing"] = MISSING_WEIGHT * filled.n_missing
        parts["fallback"] = FALLBACK_WEIGHT * filled.is_fallback
        for word in words:
            name, cost = word.cost
            if cost:
                parts[name] = parts.get(name, 0.0) + cost
        parts |= dict(zip(("fluency", "voice", "heat", "jitter"), self.heard, strict=True))
        return {name: value for name, value in parts.items() if value}


def rank_titles(
    titles: Iterable[Filled],
    persona: Persona,
    *,
    salt: str,
    fluency: Callable[[Sequence[str]], float] | None = None,
    habits: Callable[[str], float] | None = None,
    heat: Callable[[str], float] | None = None,
    fixed: dict[int, tuple[float, bool]] | None = None,
) -> list[Ranked]:
    """Best first; ties are broken by the title itself, and ``salt`` (seed, topic) decides between near equals.

    ``fluency`` gives the log-odds that people write such titles (of their pieces), ``habits`` those that this author
    does; ``heat`` how hot the corpus makes such titles, in standard deviations. ``fixed`` remembers what each form
    brings to the same persona, by ``id``.
    """
    preferred = frozenset(persona.templates.preferred)
    register = persona.voice.register_
    chance = crc32(salt.encode())
    fixed = {} if fixed is None else fixed
    voices: dict[tuple[int, int], float] = {}
    log = math.log
    least, most_units = GOOD_UNITS
    ranked = []
    for filled in titles:
        form, title = filled.form, filled.title
        known = fixed.get(id(form))
        if known is None:
            is_preferred = form.template.template_id in preferred or form.skeleton in preferred
            known = fixed[id(form)] = (sum(_form_parts(form)) + PREFERRED_WEIGHT * is_preferred, is_preferred)
        rank, is_preferred = known
        most = second = 0.0
        n_emoji = form.n_emoji
        for word in filled.words:
            news = word.news
            if news > most:
                most, second = news, most
            elif news > second:
                second = news
            rank += word.cost[1]
            n_emoji += word.n_emoji
        voice = voices.get((n_emoji, form.n_shouts))
        if voice is None:
            voice = voices[n_emoji, form.n_shouts] = _voice_fit(n_emoji, form.n_shouts, register)
        heard = (
            FLUENCY_WEIGHT * fluency(filled.pieces) if fluency is not None else 0.0,
            HABIT_WEIGHT * habits(title) if habits is not None else voice,
            HEAT_WEIGHT * heat(title) if heat is not None else 0.0,
            JITTER_WEIGHT * -log(-log(0.001 + 0.998 * (crc32(title.encode(), chance) / 2**32))),
        )
        rank += most + second + heard[0] + heard[1] + heard[2] + heard[3]
        units = (form.half_units + filled.words_half_units + 1) // 2
        if not least <= units <= most_units:
            rank += UNIT_WEIGHT * (least - units if units < least else units - most_units)
        if filled.n_repeats or filled.n_missing or filled.is_fallback:
            rank += REPEAT_WEIGHT * filled.n_repeats + MISSING_WEIGHT * filled.n_missing
            rank += FALLBACK_WEIGHT * filled.is_fallback
        ranked.append(Ranked(filled, rank, heard, is_preferred))
    ranked.sort(key=lambda item: (-item.rank, item.filled.title))
    return ranked


def _form_parts(form: Form) -> tuple[float, float, float]:
    """What a template brings whatever fills it: its tier, its lift, and how we like it."""
    template = form.template
    tier = AUTHORED_WEIGHT if template.origin == "authored" else TIER_WEIGHTS[template.tier]
    lift = 0.0
    if template.lift is not None and template.origin == "mined":
        low = math.log(max(template.lift.interval.low, 0.05))
        lift = max(-MAX_LIFT_WEIGHT, min(MAX_LIFT_WEIGHT, low))
    # A hyphen joins names (美团-后端) more than clauses.
    taste = form.frame.taste if form.frame is not None else HYPHEN_TASTE * any("-" in text for text in form.literals)
    return tier, lift, taste


def _count_news(words: Sequence[Word]) -> float:
    """What a reader learns from the two words that tell most."""
    most = second = 0.0
    for word in words:
        news = word.news
        if news > most:
            most, second = news, most
        elif news > second:
            second = news
    return most + second


def _units_outside(filled: Filled) -> int:
    units = (filled.form.half_units + filled.words_half_units + 1) // 2
    if units < GOOD_UNITS[0]:
        return GOOD_UNITS[0] - units
    return units - GOOD_UNITS[1] if units > GOOD_UNITS[1] else 0


def _voice_fit(n_emoji: int, n_shouts: int, register: str) -> float:
    """How near the marks of a title are to the pack's register: a lively voice shows emoji, a calm one does not."""
    if register == "lively":
        return 0.2 * min(n_emoji, 1) - 0.3 * max(n_emoji - 2, 0)
    limit = 0 if register == "calm" else 1
    return -0.15 * max(n_emoji - limit, 0) - 0.2 * max(n_shouts - limit, 0)


def choose_titles(ranked: Sequence[Ranked], n: int, *, accept: Callable[[Ranked], bool]) -> list[Ranked]:
    """Up to ``n`` of ``ranked``, best first, that ``accept`` lets pass: no two of one skeleton, nor of most words.

    A fact that one chosen title tells is told again only where nothing else is left, and a title that says nothing
    but its topic is offered only where fewer than ``ENOUGH_TITLES`` others are there.
    """
    chosen: list[Ranked] = []
    words: dict[str, frozenset[str]] = {}
    refused: set[str] = set()
    used: set[str] = set()
    told_before: list[frozenset[str]] = []
    for may_retell, may_be_bare in ((False, False), (True, False), (True, True)):
        for item in ranked:
            if len(chosen) >= n or (may_be_bare and len(chosen) >= ENOUGH_TITLES):
                break
            if len(chosen) >= ENOUGH_TITLES and item.rank < MIN_RANK:
                break
            filled = item.filled
            if filled.form.template.template_id in used or (filled.is_fallback and not may_be_bare):
                continue
            if filled.title in refused:
                continue
            if not may_retell:
                told = _told(filled)
                if told and any(told <= other for other in told_before):
                    continue
            if _stresses(filled) and any(_stresses(other.filled) for other in chosen):
                continue
            if any(is_near(filled, other.filled, words) for other in chosen):
                continue
            if accept(item):
                chosen.append(item)
                used.add(filled.form.template.template_id)
                told_before.append(_told(filled))
            else:
                refused.add(filled.title)
    return sorted(chosen, key=lambda item: (-item.rank, item.filled.title))


def _stresses(filled: Filled) -> bool:
    return any(word.source == STRESSED_TOPIC for word in filled.words)


def _told(filled: Filled) -> frozenset[str]:
    return frozenset(
        [word.root for word in filled.words if word.root and word.type not in ("topic", "verb_phrase", "scenario")]
    )


def is_near(one: Filled, other: Filled, words: dict[str, frozenset[str]] | None = None) -> bool:
    """Whether two titles are one in other clothes: of one skeleton, or sharing most of their words.

    The topic stands in every title and is left out of the count. ``words`` remembers texts cut before.
    """
    mine, yours = one.form.template, other.form.template
    if (
        one.title == other.title
        or mine.template_id == yours.template_id
        or one.form.bare_skeleton == other.form.bare_skeleton
    ):
        return True
    known = {} if words is None else words
    left, right = _own_words(one, known), _own_words(other, known)
    if not left or not right:
        return left == right
    return len(left & right) / min(len(left), len(right)) >= MAX_SHARED_WORDS


def _own_words(filled: Filled, known: dict[str, frozenset[str]]) -> frozenset[str]:
    title = filled.title
    if title not in known:
        found = set(filled.form.own_words)
        for word in filled.words:
            if word.type in ("topic", "verb_phrase") or not word.text:
                continue
            if word.text not in known:
                tokens = segment(word.text)
                known[word.text] = frozenset(t.text for t in tokens if t.kind in ("word", "latin", "number"))
            found |= known[word.text]
        known[title] = frozenset(found)
    return known[title]


def describe(item: Ranked) -> TitleCandidate:
    """A ranked title as the draft keeps it, with its reasons in the reader's language."""
    filled = item.filled
    return TitleCandidate(
        title=filled.title,
        template_id=filled.template.template_id,
        skeleton=filled.template.skeleton,
        tier=filled.template.tier if filled.template.origin == "mined" else "authored",
        why=pick("；", "; ").join(_reasons(item)),
        fills=filled.fills,
        rank=round(item.rank, 3),
        n_units=count_title_units(filled.title),
        rank_parts={name: round(value, 3) for name, value in sorted(item.parts.items())},
    )


def _reasons(item: Ranked) -> list[str]:
    template = item.filled.template
    reasons = [_figures(template)]
    n_specifics = sum(word.news > 0 for word in item.filled.words)
    if n_specifics:
        reasons.append(ngettext("{n} concrete fact", "{n} concrete facts", n_specifics).format(n=n_specifics))
    if "preferred" in item.parts:
        reasons.append(_("the pack prefers it"))
    if "repeats" in item.parts:
        reasons.append(_("a word comes twice"))
    if "missing" in item.parts:
        reasons.append(_("a fact is missing"))
    if "fallback" in item.parts:
        reasons.append(_("the topic alone, since little else fits"))
    return reasons


def _figures(template: TitleTemplate) -> str:
    if template.origin == "authored":
        return _("our own frame, not measured")
    if template.lift is None:
        return _("mined from {n} notes of {authors} authors; nothing to compare with").format(
            n=template.support, authors=template.n_authors
        )
    return _(
        "mined from {n} notes of {authors} authors; hot {value:.1f} times as often ({low:.1f} to {high:.1f})"
    ).format(
        n=template.support,
        authors=template.n_authors,
        value=template.lift.value,
        low=template.lift.interval.low,
        high=template.lift.interval.high,
    )
