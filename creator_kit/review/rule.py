"""A rule as a person writes it: what a rule file may hold, checked on load."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from creator_kit.datafiles import suggest
from creator_kit.locale import _, pick
from creator_kit.review.checks import CHECKS
from creator_kit.review.finding import Severity
from creator_kit.review.folding import Stretch
from creator_kit.review.patterns import check_bounded, spell_out

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
LISTABLE = ("terms", "unless_inside", "unless_near", "only_near", "unless_post", "only_post")


# The context for ``model_validate`` of what was found in order before: that no expression runs long is not asked again.
CHECKED = "checked"


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
    def _bounded(cls, pattern: str, info: ValidationInfo) -> str:
        if pattern and info.context != CHECKED:
            check_bounded(pattern)
        return pattern

    @field_validator("unless_inside", "unless_near", "only_near", "unless_post", "only_post")
    @classmethod
    def _all_bounded(cls, patterns: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for pattern in () if info.context == CHECKED else patterns:
            check_bounded(pattern)
        return patterns

    @field_validator("terms")
    @classmethod
    def _spellable(cls, terms: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for term in () if info.context == CHECKED else terms:
            spell_out(term)
        return terms

    @field_validator("parts")
    @classmethod
    def _composable(cls, parts: tuple[tuple[Phrase, ...], ...], info: ValidationInfo) -> tuple[tuple[Phrase, ...], ...]:
        if parts and (not 2 <= len(parts) <= 3 or not all(parts)):
            raise ValueError(_("parts are two or three lists of terms, none of them empty"))
        for part in () if info.context == CHECKED else parts:
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
        if self.check and self.check not in CHECKS:
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
    options: dict[str, int | float | str | list[str]] = {}
    terms: tuple[Phrase, ...] = ()
    unless_inside: tuple[Phrase, ...] = ()
    unless_near: tuple[Phrase, ...] = ()


class RuleFile(_Base):
    """A rule file: sources by name, lists of terms by name, rules, sound-alikes (one spelling to all that stand in
    for it), ``spoken`` words that are read by their sound too (see ``respelling``). Lists of one name in several files
    are one list: a workspace adds to a shipped one."""

    source: dict[str, Source] = {}
    lists: dict[str, tuple[Phrase, ...]] = {}
    sounds: dict[str, str] = {}
    spoken: tuple[Annotated[str, StringConstraints(pattern=r"^[\u4e00-\u9fff]{2,4}$")], ...] = ()
    commerce: tuple[Phrase, ...] = ()
    rule: tuple[Rule, ...] = ()
    adjust: dict[str, Adjustment] = {}

    @field_validator("lists")
    @classmethod
    def _spellable(cls, lists: dict[str, tuple[Phrase, ...]], info: ValidationInfo) -> dict[str, tuple[Phrase, ...]]:
        for terms in () if info.context == CHECKED else lists.values():
            for term in terms:
                spell_out(term)
        return lists
