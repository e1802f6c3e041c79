"""A template and a title: taking the fillings out, and putting them back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.mining.engine import PARTITION_TITLES, Engine, LocalEngine
from creator_kit.mining.forms import find_pattern
from creator_kit.mining.template import SlotPart, TitleTemplate

# The platform allows 20 units; anything far longer is a body in the title's place and is never matched.
MAX_TITLE_CHARACTERS = 200


@lru_cache(maxsize=4096)
def compile_parts(parts: tuple[str | SlotPart, ...]) -> re.Pattern[str]:
    """A pattern for a whole title, one group a slot; a slot takes at least one character, as few as it can."""
    return _compile(tuple(part if isinstance(part, str) else (part.type,) for part in parts))


@lru_cache(maxsize=4096)
def _compile(shape: tuple[str | tuple[str], ...]) -> re.Pattern[str]:
    pieces = []
    for part in shape:
        if isinstance(part, str):
            pieces.append(re.escape(part))
        else:
            pieces.append(f"({find_pattern(part[0]) or '.+?'})")
    return re.compile("".join(pieces), re.DOTALL)


def extract(template: TitleTemplate, title: str) -> list[str] | None:
    """The fillings of ``title`` in the order of the slots, or None where it is not of this template.

    ``fill(template, extract(template, title)) == title`` whenever the result is not None.
    """
    if len(title) > MAX_TITLE_CHARACTERS:
        return None
    match = compile_parts(template.parts).fullmatch(title)
    return None if match is None else list(match.groups())


Readings = list[tuple[list[int], list[list[str]]]]


def read_all(titles: Sequence[str], templates: Sequence[TitleTemplate], engine: Engine | None = None) -> Readings:
    """For each template the numbers of the titles that ``extract`` reads with it, and their fillings.

    One pass finds which literals stand in which title; only a title with all literals of a template is tried.
    """
    parts = [
        (list(titles[at : at + PARTITION_TITLES]), tuple(templates)) for at in range(0, len(titles), PARTITION_TITLES)
    ]
    out: Readings = [([], []) for _ in templates]
    for number, readings in enumerate((engine or LocalEngine()).map(_read_part, parts)):
        for (numbers, fillings), (more_numbers, more_fillings) in zip(out, readings, strict=True):
            numbers.extend(place + number * PARTITION_TITLES for place in more_numbers)
            fillings.extend(more_fillings)
    return out


def _read_part(part: tuple[list[str], tuple[TitleTemplate, ...]]) -> Readings:
    titles, templates = part
    out: Readings = [([], []) for _ in templates]
    literals = sorted({part for template in templates for part in template.parts if isinstance(part, str)})
    if not literals:
        return out
    from ahocorasick_rs import AhoCorasick

    number_of = {text: number for number, text in enumerate(literals)}
    needs = [frozenset(number_of[p] for p in template.parts if isinstance(p, str)) for template in templates]
    by_key: dict[int, list[int]] = {}
    for which, need in enumerate(needs):
        if need:
            by_key.setdefault(max(need, key=lambda number: (len(literals[number]), number)), []).append(which)
    finder = AhoCorasick(literals)
    for place, title in enumerate(titles):
        found = {match[0] for match in finder.find_matches_as_indexes(title, overlapping=True)}
        for literal in found:
            for which in by_key.get(literal, ()):
                if needs[which] <= found:
                    words = extract(templates[which], title)
                    if words is not None:
                        out[which][0].append(place)
                        out[which][1].append(words)
    return out


def fill(template: TitleTemplate, words: Sequence[str]) -> str:
    """The title that ``words``, one for each slot in order, make of ``template``.

    Raises InputError when their number is not the number of slots.
    """
    n_slots = len(template.slots)
    if len(words) != n_slots:
        raise InputError(
            _("the template {id} has {n_slots} slots, but {n_words} words were given").format(
                id=template.template_id, n_slots=n_slots, n_words=len(words)
            ),
            where=template.skeleton,
        )
    rest = iter(words)
    return "".join(part if isinstance(part, str) else next(rest) for part in template.parts)
