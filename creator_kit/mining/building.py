"""Skeletons of items become templates of text: slots typed by who filled them with what, repeats taken out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from creator_kit.mining.candidates import Ints
from creator_kit.mining.cover import Skeleton
from creator_kit.mining.cutting import PLACEHOLDERS
from creator_kit.mining.encoding import EncodedTitles
from creator_kit.mining.engine import Engine
from creator_kit.mining.fillable import frame_strength
from creator_kit.mining.forms import FORM_TYPES
from creator_kit.mining.matching import read_all
from creator_kit.mining.template import SlotPart, TitleTemplate
from creator_kit.mining.topics import HOME_SHARE, MIN_CONTEXT
from creator_kit.text.segment import segment_batch
from creator_kit.text.slots import type_slot, type_words


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Least notes and authors of a template, and how many fillers of a slot are kept."""

    min_notes: int
    min_authors: int
    max_fillers: int


def build_templates(
    titles: EncodedTitles,
    skeletons: Sequence[Skeleton],
    topical: frozenset[str],
    options: BuildOptions,
    engine: Engine | None,
) -> list[tuple[TitleTemplate, Ints]]:
    """Templates with the numbers of all titles that ``extract`` reads with them."""
    shapes: dict[tuple[str | SlotPart, ...], None] = {}
    for skeleton in skeletons:
        shapes.setdefault(read_parts(titles, skeleton))
    probes = [TitleTemplate("", parts, 0, 0, "common") for parts in shapes]
    drafts: list[tuple[TitleTemplate, Ints, list[list[str]]]] = []
    vocabulary: set[str] = set()
    read = read_all([row.title for row in titles.rows], probes, engine)
    for probe, (numbers, fillings) in zip(probes, read, strict=True):
        if len(numbers) >= options.min_notes:
            drafts.append((probe, np.asarray(numbers, np.int64), fillings))
            vocabulary |= {word.strip() for words in fillings for word in words}
    types = _type_all(sorted(vocabulary), topical)
    spread = measure_spread(titles)
    out: dict[str, tuple[TitleTemplate, Ints]] = {}
    for probe, matched, fillings in drafts:
        template = _with_slots(probe, matched, fillings, titles, types, options, spread)
        if template is not None and template.skeleton not in out:
            out[template.skeleton] = (template, matched)
    return _prune(list(out.values()))


def read_parts(titles: EncodedTitles, skeleton: Skeleton) -> tuple[str | SlotPart, ...]:
    parts: list[str | SlotPart] = []
    for item, gap in zip((*skeleton.items, None), skeleton.gaps, strict=True):
        if gap:
            parts.append(SlotPart("phrase"))
        if item is None:
            continue
        name = titles.names[item]
        if titles.is_typed[item]:
            parts.append(SlotPart(name[1:-1]))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += name
        else:
            parts.append(name)
    return tuple(parts)


def _type_all(words: Sequence[str], topical: frozenset[str]) -> dict[str, str]:
    types: dict[str, str] = {}
    for word, tokens in zip(words, segment_batch([word.strip() for word in words]), strict=True):
        core = word.strip()
        if core.lower() in topical:
            types[word] = "topic"
            continue
        if not any(kind in ("word", "latin") for _, kind, _ in tokens):
            types[word] = type_slot(core)
        else:
            plain = [(text, pos) for text, kind, pos in tokens if kind in ("word", "latin", "number")]
            types[word] = type_words(core, plain)
    return types


def measure_spread(titles: EncodedTitles) -> Callable[[Ints], bool]:
    """Whether titles come from more than one context; always true where the corpus has hardly any."""
    context = np.fromiter((row.context for row in titles.rows), np.int64, len(titles.rows))
    n_large = int((np.bincount(context) >= MIN_CONTEXT).sum())

    def is_spread(rows: Ints) -> bool:
        return n_large < 3 or np.bincount(context[rows]).max() <= HOME_SHARE * len(rows)

    return is_spread


_EXPORTED = re.compile("[\u4e00-\u9fff]{1,4}R|作者|用户")
_NOUN_LIKE = ("topic", "place", "audience", "scenario", "time", "size", "age")


def _with_slots(
    probe: TitleTemplate,
    matched: Ints,
    fillings: list[list[str]],
    titles: EncodedTitles,
    types: dict[str, str],
    options: BuildOptions,
    spread: Callable[[Ints], bool],
) -> TitleTemplate | None:
    """``probe`` with its slots typed by who filled them with what, and its counts.

    None when too few authors stand behind it or one of them owns it, or when a short frame is at home in one
    context only (a frame is shared across topics; a topic is not).
    """
    authors = [titles.rows[number].author for number in matched]
    n_authors = len(set(authors))
    per_author = Counter(authors).most_common(1)[0][1]
    if n_authors < options.min_authors or per_author > max(0.5 * len(authors), 2):
        return None
    if frame_strength(probe.parts) < 4 and not spread(matched):
        return None
    slots: list[SlotPart] = []
    for place, slot in enumerate(probe.slots):
        who: dict[str, set[int]] = defaultdict(set)
        for words, author in zip(fillings, authors, strict=True):
            who[words[place].strip()].add(author)
        blank = len(who.pop("", ()))
        if 2 * sum(len(by) for word, by in who.items() if _EXPORTED.fullmatch(word)) > sum(map(len, who.values())):
            return None  # [得意R], [作者]: what exports write for a sticker or a name
        if slot.type not in FORM_TYPES and (len(who) < options.min_authors or blank > len(who)):
            return None  # everybody says the same here, or nothing: not a slot
        slots.append(SlotPart(_slot_type(slot, who, types), _fillers(who, options)))
    rest = iter(slots)
    parts = tuple(part if isinstance(part, str) else next(rest) for part in probe.parts)
    template = TitleTemplate("", parts, len(matched), n_authors, "common")
    mark = hashlib.blake2b(template.skeleton.encode(), digest_size=4).hexdigest()
    return replace(template, template_id=f"t-{mark}")


def _slot_type(slot: SlotPart, who: dict[str, set[int]], types: dict[str, str]) -> str:
    if slot.type in FORM_TYPES:
        return slot.type
    votes: Counter[str] = Counter()
    for word, authors in who.items():
        found = types[word]
        votes["topic" if found in FORM_TYPES else found] += len(authors)
    total = sum(votes.values())
    name, n = min(votes.items(), key=lambda item: (-item[1], item[0]), default=("phrase", 0))
    if name != "phrase" and n >= 0.5 * total:
        return name
    if sum(votes[kind] for kind in _NOUN_LIKE) >= 0.5 * total:
        return "topic"
    return "phrase"


def _fillers(who: dict[str, set[int]], options: BuildOptions) -> tuple[str, ...]:
    good = [
        (word, len(authors))
        for word, authors in who.items()
        if len(authors) >= 3
        and len(word) <= 10
        and any(map(str.isalnum, word))
        and not any(p in word for p in PLACEHOLDERS)
    ]
    good.sort(key=lambda item: (-item[1], item[0]))
    return tuple(word for word, _ in good[: options.max_fillers])


def _prune(templates: list[tuple[TitleTemplate, Ints]]) -> list[tuple[TitleTemplate, Ints]]:
    """The templates without repeats, told by the titles that they read.

    Gone are: another spelling (blanks, width) of a more frequent one; one with the words of a more frequent one, in the
    same order around other slots (…后端…一面…, …后端一面); one whose titles a more telling template
    nearly all reads (closedness); and one that names a filling of another and holds less than half of it.
    """
    spelled: dict[str, tuple[TitleTemplate, Ints]] = {}
    for item in sorted(templates, key=lambda item: (-item[0].support, item[0].skeleton)):
        spelled.setdefault(spell_skeleton(item[0]), item)
    ranked = sorted(spelled.values(), key=lambda item: (-_count_said(item[0]), -item[0].support, item[0].skeleton))
    kept: list[tuple[TitleTemplate, Ints]] = []
    said: set[str] = set()
    for template, matched in ranked:
        text = "^" * isinstance(template.parts[0], str) + spell_skeleton(template, slots=False)
        if text in said and any(map(str.isalnum, text)):
            continue
        if all(len(np.intersect1d(matched, other, assume_unique=True)) < 0.9 * len(matched) for _, other in kept):
            kept.append((template, matched))
            said.add(text)
    return [
        (template, matched)
        for template, matched in kept
        if not any(
            2 * len(matched) < len(other)
            and any(map(str.isalnum, "".join(_literals(host))))  # a rhythm of marks takes whole frames as fillings
            and _spells_out(_literals(template), _literals(host))
            and len(np.intersect1d(matched, other, assume_unique=True)) >= 0.9 * len(matched)
            for host, other in kept
        )
    ]


def _literals(template: TitleTemplate) -> list[str]:
    return [part for part in template.parts if isinstance(part, str)]


def _count_said(template: TitleTemplate) -> int:
    """Characters of the frame; a typed slot counts for one."""
    return sum(map(len, _literals(template))) + sum(slot.type in FORM_TYPES for slot in template.slots)


def spell_skeleton(template: TitleTemplate, *, slots: bool = True) -> str:
    """The skeleton as it is heard: no blanks, full and half width alike; free slots alike, or left out."""
    text = "".join(
        part if isinstance(part, str) else part.type if part.type in FORM_TYPES else "\0" * slots
        for part in template.parts
    )
    return "".join(unicodedata.normalize("NFKC", text).replace("丨", "|").split())


def _spells_out(longer: list[str], shorter: list[str]) -> bool:
    """Whether ``longer`` has the same literals but for one that is longer at one end, or one that is more."""
    if len(longer) == len(shorter):
        differing = [(a, b) for a, b in zip(longer, shorter, strict=True) if a != b]
        return len(differing) == 1 and (
            differing[0][0].startswith(differing[0][1]) or differing[0][0].endswith(differing[0][1])
        )
    return len(longer) == len(shorter) + 1 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
