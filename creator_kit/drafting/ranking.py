"""Which titles are offered first, and a choice of them that does not say the same thing five times."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from creator_kit.drafting.draft import TitleCandidate
from creator_kit.drafting.titles import Filled
from creator_kit.drafting.words import Word
from creator_kit.locale import _, ngettext, pick
from creator_kit.mining import TitleTemplate
from creator_kit.persona import Persona
from creator_kit.text.emoji import find_emoji
from creator_kit.text.length import count_title_units
from creator_kit.text.segment import segment

# Weights of the parts of a rank. They are choices of this project, made by reading titles, not measurements.
TIER_WEIGHTS = {"reliable": 2.0, "promising": 1.2, "common": 0.5, "avoided": -9.0}
AUTHORED_WEIGHT = 1.0
MAX_LIFT_WEIGHT = 1.0
# What the reader learns from the title alone: a figure or a point of the note more than how many points it has.
SPECIFIC_WEIGHT = 0.75
COUNT_WEIGHT = 0.4
PACK_WORD_WEIGHT = 0.45
MAX_SPECIFICS = 2
PREFERRED_WEIGHT = 3.0
REPEAT_WEIGHT = -0.6
MISSING_WEIGHT = -3.0
STEP_AS_CLAUSE_WEIGHT = -0.7
FALLBACK_WEIGHT = -1.5
# Chance (Gumbel noise) among titles of near rank, so that a batch shows what it offers in its natural proportions.
JITTER_WEIGHT = 0.45
FLUENCY_WEIGHT = 1.0
HABIT_WEIGHT = 0.6
# Of a scorer that proved itself on the workspace's corpus: held-out ρ is 0.3 at best, so it only tips near equals.
HEAT_WEIGHT = 0.3
# A title that does not say what the note is about leans on its cover.
NO_TOPIC_WEIGHT = -0.4
# A title of 9 to 17 units uses the line without being cut; each unit outside costs.
GOOD_UNITS = (9, 17)
LONG_TOPIC_WEIGHT = -0.35
BARE_PRICE_WEIGHT = -0.3
UNIT_WEIGHT = -0.12
MAX_SHARED_WORDS = 0.6
# Three good titles are more use than five of which two are padding.
ENOUGH_TITLES = 3
MIN_RANK = -3.0

_SPECIFIC_TYPES = frozenset(
    ("price", "duration", "size", "place", "audience", "count_unit", "ordinal", "age", "number")
)
_SPECIFIC_ROLES = frozenset(("point", "price", "number"))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A title with the parts of its rank; the rank is their sum."""

    filled: Filled
    parts: Mapping[str, float]

    @property
    def rank(self) -> float:
        return sum(self.parts.values())


def rank_titles(
    titles: Iterable[Filled],
    persona: Persona,
    *,
    salt: str,
    fluency: Callable[[str], float] | None = None,
    habits: Callable[[str], float] | None = None,
    heat: Callable[[str], float] | None = None,
) -> list[Ranked]:
    """Best first; ties are broken by the title itself, and ``salt`` (seed, topic) decides between near equals.

    ``fluency`` gives the log-odds that people write such titles, ``habits`` those that this author does;
    ``heat`` how hot the corpus makes such titles, in standard deviations.
    """
    ranked = [Ranked(filled, _parts(filled, persona, salt, fluency, habits, heat)) for filled in titles]
    return sorted(ranked, key=lambda item: (-item.rank, item.filled.title))


def _parts(
    filled: Filled,
    persona: Persona,
    salt: str,
    fluency: Callable[[str], float] | None,
    habits: Callable[[str], float] | None,
    heat: Callable[[str], float] | None = None,
) -> dict[str, float]:
    template, title = filled.template, filled.title
    parts = {"tier": AUTHORED_WEIGHT if template.origin == "authored" else TIER_WEIGHTS[template.tier]}
    if template.lift is not None and template.origin == "mined":
        low = math.log(max(template.lift.interval.low, 0.05))
        parts["lift"] = max(-MAX_LIFT_WEIGHT, min(MAX_LIFT_WEIGHT, low))
    weights = sorted((_specific_weight(word) for word in filled.words), reverse=True)
    parts["specifics"] = sum(weights[:MAX_SPECIFICS])
    if {template.template_id, template.skeleton} & set(persona.templates.preferred):
        parts["preferred"] = PREFERRED_WEIGHT
    units = count_title_units(title)
    outside = max(GOOD_UNITS[0] - units, units - GOOD_UNITS[1], 0)
    parts["length"] = UNIT_WEIGHT * outside
    if habits is None:
        parts["voice"] = _voice_fit(title, persona)
    if filled.n_repeats:
        parts["repeats"] = REPEAT_WEIGHT * filled.n_repeats
    if filled.n_missing:
        parts["missing"] = MISSING_WEIGHT * filled.n_missing
    if any(word.type == "phrase" and word.role == "step" for word in filled.words):
        parts["step_as_clause"] = STEP_AS_CLAUSE_WEIGHT
    if any(word.role == "long" for word in filled.words):
        parts["long_topic"] = LONG_TOPIC_WEIGHT
    if any(word.role == "price" and word.is_part for word in filled.words):
        parts["bare_price"] = BARE_PRICE_WEIGHT
    if filled.is_fallback:
        parts["fallback"] = FALLBACK_WEIGHT
    if fluency is not None:
        parts["fluency"] = FLUENCY_WEIGHT * fluency(title)
    if habits is not None:
        parts["habits"] = HABIT_WEIGHT * habits(title)
    if heat is not None:
        parts["heat"] = HEAT_WEIGHT * heat(title)
    if any(word.role == "whole" for word in filled.words):
        parts["no_topic"] = NO_TOPIC_WEIGHT
    chance = _unit_hash(f"{salt}\0{template.template_id}\0{title}")
    parts["jitter"] = JITTER_WEIGHT * -math.log(-math.log(0.001 + 0.998 * chance))
    return parts


def _specific_weight(word: Word) -> float:
    if word.source == "missing":
        return 0.0
    if word.role in ("points", "steps"):
        return COUNT_WEIGHT
    if word.type not in _SPECIFIC_TYPES and not (word.type == "phrase" and word.role in _SPECIFIC_ROLES):
        return 0.0
    return PACK_WORD_WEIGHT if word.role == "pack" else SPECIFIC_WEIGHT


def _voice_fit(title: str, persona: Persona) -> float:
    """How near the marks of a title are to the pack's register: a lively voice shows emoji, a calm one does not."""
    n_emoji = len(find_emoji(title))
    n_shouts = title.count("！") + title.count("!")
    register = persona.voice.register_
    if register == "lively":
        return 0.2 * min(n_emoji, 1) - 0.3 * max(n_emoji - 2, 0)
    limit = 0 if register == "calm" else 1
    return -0.15 * max(n_emoji - limit, 0) - 0.2 * max(n_shouts - limit, 0)


def choose_titles(
    ranked: Sequence[Ranked], n: int, *, topics: Sequence[str], accept: Callable[[Ranked], bool]
) -> list[Ranked]:
    """Up to ``n`` of ``ranked``, best first, that ``accept`` lets pass: no two of one skeleton, nor of most words.

    A fact that one chosen title tells is told again only where nothing else is left.
    """
    chosen: list[Ranked] = []
    words: dict[str, frozenset[str]] = {}
    for may_retell in (False, True):
        for item in ranked:
            if len(chosen) >= n:
                return chosen
            if len(chosen) >= ENOUGH_TITLES and item.rank < MIN_RANK:
                break
            told = _told(item)
            if not may_retell and told and any(told <= _told(other) for other in chosen):
                continue
            if item in chosen or any(is_near(item.filled, other.filled, topics, words) for other in chosen):
                continue
            if accept(item):
                chosen.append(item)
    return sorted(chosen, key=lambda item: (-item.rank, item.filled.title))


def _told(item: Ranked) -> frozenset[str]:
    return frozenset(
        word.source.split("#")[0]
        for word in item.filled.words
        if word.type not in ("topic", "verb_phrase", "emoji", "scenario")
    )


def is_near(
    one: Filled, other: Filled, topics: Sequence[str] = (), words: dict[str, frozenset[str]] | None = None
) -> bool:
    """Whether two titles are one in other clothes: of one skeleton, or sharing most of their words.

    The topic stands in every title and is left out of the count. ``words`` remembers titles cut before.
    """
    if one.title == other.title or one.template.skeleton == other.template.skeleton:
        return True
    seen = {} if words is None else words
    for title in (one.title, other.title):
        if title not in seen:
            seen[title] = _words(title, topics)
    mine, yours = seen[one.title], seen[other.title]
    if not mine or not yours:
        return mine == yours
    return len(mine & yours) / min(len(mine), len(yours)) > MAX_SHARED_WORDS


def _words(title: str, topics: Sequence[str]) -> frozenset[str]:
    for topic in sorted(topics, key=len, reverse=True):
        title = title.replace(topic, "｜")
    return frozenset(token.text for token in segment(title) if token.kind in ("word", "latin", "number"))


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
    n_specifics = sum(_specific_weight(word) > 0 for word in item.filled.words)
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


def _unit_hash(text: str) -> float:
    """A number in 0..1 that ``text`` alone decides."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big") / 2**32
