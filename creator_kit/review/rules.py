"""Rules as a person writes them: TOML files, checked on load, compiled once.

Shipped rules lie in ``templates/rules``; a workspace's ``templates/rules`` adds files of its own, hides a
shipped file by its name, and adjusts single rules by id.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from creator_kit.datafiles import load_model, suggest
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files
from creator_kit.review.finding import Severity
from creator_kit.review.folding import Stretch
from creator_kit.review.patterns import check_bounded, spell_out

if TYPE_CHECKING:
    from creator_kit.review.engine import Engine

Family = Literal[
    "limits",
    "absolute",
    "medical",
    "health",
    "cosmetics",
    "finance",
    "education",
    "property",
    "disclosure",
    "diversion",
    "privacy",
    "experience",
    "ai_label",
    "spam",
    "originality",
    "missing",
    "taboo",
]
TextField = Literal["cover", "title", "body", "tags"]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=400)]

# What a rule's sentence may name in braces.
PLACEHOLDERS = ("matched", "n", "limit", "extra", "other")


# Where ``@name`` may stand.
_LISTABLE = ("terms", "unless_inside", "unless_near", "only_near", "unless_post", "only_post")


class _Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Base):
    """Where a rule comes from: a law with its article, or a platform rule with its date."""

    zh: str
    en: str
    article: str = ""
    date: str = ""


class Rule(_Base):
    """One rule. It matches by ``terms``, by ``pattern``, by both (the terms wake the pattern), by ``parts`` or by
    ``check``.

    ``terms`` may hold alternatives: ``[微薇]信``, ``(加|+)v``; ``@name`` stands for all of the list ``name``, here and
    in contexts. ``parts`` are two or three lists of terms: one of each must stand in the same sentence, in any order,
    each at most ``within`` folded characters from the next (a channel and an action). ``heard`` are names of the first
    part that are taken by their sound and in pinyin letters too (see ``sounds``), words of the dictionary left out.

    Contexts are bounded regular expressions over the folded text: ``unless_inside`` takes in the match or a part of
    it; ``unless_near`` and ``only_near`` stand within ``window`` characters of it in the same sentence,
    ``unless_post`` and ``only_post`` anywhere in the note. ``only_altered`` counts a match only where the writer
    spelled it otherwise (微❤信), and never where it is written as one of ``unless_spelled`` (威信 is a word).
    ``severity_in_ad`` holds where the note sells something, ``only_in_ad`` keeps quiet elsewhere;
    ``severity_altered`` holds where a match was spelled otherwise: who disguises a word means it. ``fix`` gives
    safe replacements by folded match.
    """

    id: RuleId
    family: Family
    severity: Severity
    severity_in_ad: Severity | None = None
    severity_altered: Severity | None = None
    only_in_ad: bool = False
    terms: tuple[Phrase, ...] = ()
    parts: tuple[tuple[Phrase, ...], ...] = ()
    within: Annotated[int, Field(ge=0, le=40)] = 8
    heard: tuple[Phrase, ...] = ()
    pattern: str = ""
    check: str = ""
    options: dict[str, int | float | str | list[str]] = {}
    stretch: Stretch = "light"
    sounds: bool = False
    fields: tuple[TextField, ...] = ("cover", "title", "body", "tags")
    window: Annotated[int, Field(ge=1, le=60)] = 12
    unless_inside: tuple[Phrase, ...] = ()
    unless_near: tuple[Phrase, ...] = ()
    only_near: tuple[Phrase, ...] = ()
    unless_post: tuple[Phrase, ...] = ()
    only_post: tuple[Phrase, ...] = ()
    only_altered: bool = False
    unless_spelled: tuple[Phrase, ...] = ()
    source: str
    zh: str
    en: str
    fix: dict[str, str] = {}
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()

    @field_validator("pattern")
    @classmethod
    def _bounded(cls, pattern: str) -> str:
        if pattern:
            check_bounded(pattern)
        return pattern

    @field_validator("unless_inside", "unless_near", "only_near", "unless_post", "only_post")
    @classmethod
    def _all_bounded(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            check_bounded(pattern)
        return patterns

    @field_validator("terms")
    @classmethod
    def _spellable(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        for term in terms:
            spell_out(term)
        return terms

    @field_validator("parts")
    @classmethod
    def _composable(cls, parts: tuple[tuple[Phrase, ...], ...]) -> tuple[tuple[Phrase, ...], ...]:
        if parts and (not 2 <= len(parts) <= 3 or not all(parts)):
            raise ValueError(_("parts are two or three lists of terms, none of them empty"))
        for part in parts:
            for term in part:
                spell_out(term)
        return parts

    @field_validator("zh", "en")
    @classmethod
    def _known_placeholders(cls, text: str) -> str:
        for _literal, name, _spec, _conversion in string.Formatter().parse(text):
            if name is not None and name not in PLACEHOLDERS:
                raise ValueError(
                    _("unknown placeholder {name}; known: {known}").format(name=name, known=", ".join(PLACEHOLDERS))
                )
        return text

    @model_validator(mode="after")
    def _matches_somehow(self) -> Rule:
        if not (self.terms or self.pattern or self.parts or self.check):
            raise ValueError(_("a rule needs terms, parts, a pattern or a check"))
        if self.check and (self.terms or self.pattern or self.parts):
            raise ValueError(_("a rule with a check takes no terms, no parts and no pattern"))
        if self.parts and (self.terms or self.pattern):
            raise ValueError(_("a rule with parts takes no terms and no pattern"))
        if self.heard and not (self.parts and self.stretch == "all"):
            raise ValueError(_('heard goes with parts and stretch = "all"'))
        if self.check:
            from creator_kit.review.checks import CHECKS

            if self.check not in CHECKS:
                near = suggest(self.check, sorted(CHECKS))
                raise ValueError(
                    _("no check '{name}'; did you mean '{near}'?").format(name=self.check, near=near)
                    if near
                    else _("no check '{name}'; known: {known}").format(name=self.check, known=", ".join(CHECKS))
                )
        return self

    def describe(self, params: Mapping[str, object]) -> str:
        """The rule's sentence in the reader's language, with what was found in it."""
        return pick(self.zh, self.en).format_map({**dict.fromkeys(PLACEHOLDERS, ""), **params})


class Adjustment(_Base):
    """What a workspace or a persona pack changes about a rule that it did not write, or about all of a family
    (``[adjust.diversion]``)."""

    severity: Literal["block", "warn", "advise", "off"] | None = None
    terms: tuple[Phrase, ...] = ()
    unless_inside: tuple[Phrase, ...] = ()
    unless_near: tuple[Phrase, ...] = ()


class RuleFile(_Base):
    """A rule file: sources by name, lists of terms by name, rules, sound-alikes (one spelling to all that stand in
    for it). Lists of one name in several files are one list: a workspace adds to a shipped one."""

    source: dict[str, Source] = {}
    lists: dict[str, tuple[Phrase, ...]] = {}
    sounds: dict[str, str] = {}
    commerce: tuple[Phrase, ...] = ()
    rule: tuple[Rule, ...] = ()
    adjust: dict[str, Adjustment] = {}

    @field_validator("lists")
    @classmethod
    def _spellable(cls, lists: dict[str, tuple[Phrase, ...]]) -> dict[str, tuple[Phrase, ...]]:
        for terms in lists.values():
            for term in terms:
                spell_out(term)
        return lists


@dataclass(frozen=True)
class RuleSet:
    """All rules in force, in the order of their files, and the engine that runs them."""

    rules: tuple[Rule, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)
    commerce: tuple[str, ...] = ()

    @cached_property
    def engine(self) -> Engine:
        """The compiled rules; made at first use."""
        from creator_kit.review.engine import Engine

        return Engine(self)

    def describe_source(self, rule: Rule) -> str:
        """Law and article, or platform rule and date, in the reader's language."""
        source = self.sources[rule.source]
        name = pick(source.zh, source.en)
        if source.article:
            name = f"{name} {source.article}"
        return f"{name} ({source.date})" if source.date else name


def load_rules(user_root: Path | None = None, *, extra: Sequence[Path] = ()) -> RuleSet:
    """Shipped rules with those of the workspace at ``user_root`` and the files ``extra`` (a persona pack's).

    Raises InputError for an unknown key, an unbounded regular expression, or two rules of one id.
    """
    paths = [*extra, *list_data_files("rules", ".toml", user_root)]
    return join_rules((load_model(path, RuleFile), str(path)) for path in paths)


def pack_rules(pack_root: Path) -> tuple[Path, ...]:
    """The rule file of a persona pack (``rules.toml`` in its folder), if it has one; for ``extra`` of load_rules."""
    path = pack_root / "rules.toml"
    return (path,) if path.is_file() else ()


def join_rules(files: Iterable[tuple[RuleFile, str]]) -> RuleSet:
    """The rules of ``files`` (each with the name to report it by) as one set."""
    rules: dict[str, tuple[Rule, str]] = {}
    sources: dict[str, Source] = {}
    sounds: dict[str, str] = {}
    lists: dict[str, tuple[Phrase, ...]] = {}
    commerce: list[str] = []
    adjustments: list[tuple[str, Adjustment, str]] = []
    for content, where in files:
        for name, source in content.source.items():
            sources.setdefault(name, source)
        for target, variants in content.sounds.items():
            for variant in variants:
                sounds.setdefault(variant, target)
        for name, terms in content.lists.items():
            lists[name] = lists.get(name, ()) + terms
        commerce.extend(content.commerce)
        for rule in content.rule:
            if rule.id in rules:
                raise InputError(
                    _("two rules are called '{id}' (the other one is in {other})").format(
                        id=rule.id, other=rules[rule.id][1]
                    ),
                    where=where,
                    hint=_('rename yours, or change the other one with [adjust."{id}"]').format(id=rule.id),
                )
            rules[rule.id] = (rule, where)
        adjustments.extend((rule_id, change, where) for rule_id, change in content.adjust.items())
    for rule, where in rules.values():
        if rule.source not in sources:
            near = suggest(rule.source, sorted(sources))
            raise InputError(
                _("rule '{id}' names an unknown source '{source}'").format(id=rule.id, source=rule.source),
                where=where,
                hint=_("did you mean '{near}'?").format(near=near) if near else _("add it as [source.NAME]"),
            )
    in_force = {rule_id: _fill_lists(rule, lists, where) for rule_id, (rule, where) in rules.items()}
    # Earlier files are nearer to the person: their adjustment is applied last and wins.
    for rule_id, change, where in reversed(adjustments):
        members = [known for known, (rule, _where) in rules.items() if rule_id in (known, rule.family)]
        if not members:
            near = suggest(rule_id, sorted({*rules, *(rule.family for rule, _where in rules.values())}))
            raise InputError(
                _("no rule '{id}' to adjust").format(id=rule_id),
                where=where,
                hint=_("did you mean '{near}'?").format(near=near) if near else None,
            )
        for member in members:
            if change.severity == "off":
                in_force.pop(member, None)
            elif member in in_force:
                in_force[member] = _fill_lists(_adjust(in_force[member], change), lists, where)
    return RuleSet(tuple(in_force.values()), sources, sounds, tuple(commerce))


def _fill_lists(rule: Rule, lists: Mapping[str, tuple[Phrase, ...]], where: str) -> Rule:
    """``rule`` with the terms of the lists that it names by ``@name``."""

    def fill(terms: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
        filled: list[Phrase] = []
        for term in terms:
            if not term.startswith("@"):
                filled.append(term)
            elif term[1:] in lists:
                filled.extend(lists[term[1:]])
            else:
                near = suggest(term[1:], sorted(lists))
                raise InputError(
                    _("rule '{id}' names an unknown list '{name}'").format(id=rule.id, name=term),
                    where=where,
                    hint=_("did you mean '{near}'?").format(near=f"@{near}") if near else _("add it under [lists]"),
                )
        return tuple(filled)

    changed: dict[str, Any] = {}
    for name in _LISTABLE:
        terms = getattr(rule, name)
        if any(term.startswith("@") for term in terms):
            changed[name] = fill(terms)
    if any(term.startswith("@") for part in rule.parts for term in part):
        changed["parts"] = tuple(map(fill, rule.parts))
    return rule.model_copy(update=changed) if changed else rule


def _adjust(rule: Rule, change: Adjustment) -> Rule:
    update: dict[str, Any] = {
        "terms": rule.terms + change.terms,
        "unless_inside": rule.unless_inside + change.unless_inside,
        "unless_near": rule.unless_near + change.unless_near,
    }
    if change.severity is not None:
        update |= {"severity": change.severity, "severity_in_ad": None, "severity_altered": None}
    return rule.model_copy(update=update)
