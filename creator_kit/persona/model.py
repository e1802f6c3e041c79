"""What a persona pack may say: the shape of ``persona.toml``. Unknown keys are errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from creator_kit.datafiles import suggest
from creator_kit.locale import _
from creator_kit.text.slots import SLOT_TYPES

Proof = Literal["photo", "receipt", "record", "measurement", "certificate", "public"]
PROOF_NAMES: Mapping[str, Callable[[], str]] = {
    "photo": lambda: _("photo"),
    "receipt": lambda: _("receipt"),
    "record": lambda: _("record"),
    "measurement": lambda: _("measurement"),
    "certificate": lambda: _("certificate"),
    "public": lambda: _("public source"),
}
Shape = Literal["list", "steps", "diary", "pitfalls", "qa"]
Subject = Literal["dish", "shop", "thing", "method"]
Goal = Literal["collect", "comment", "follow", "search"]

# A line of a pack has to fit a note of 1,000 characters together with the points.
MAX_LINE_CHARACTERS = 120
_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_SLOT = re.compile(r"\{([^{}]*)\}")
LINE_SLOTS = ("topic", "audience", "address", "place", "price", "scenario", "n_points", "n_steps")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_table(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


class VoiceLine(_Part):
    """A sentence of the author's; ``{topic}`` and its like are filled, and a line that lacks one is not used.

    ``fact`` names the fact that backs a first-person claim in it; ``shapes``, ``kinds``, ``subjects`` and
    ``goals`` say where it fits (empty: anywhere).
    """

    text: str = Field(min_length=1, max_length=MAX_LINE_CHARACTERS)
    fact: str = ""
    shapes: tuple[Shape, ...] = ()
    kinds: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    goals: tuple[Goal, ...] = ()

    @field_validator("text")
    @classmethod
    def _known_slots(cls, text: str) -> str:
        for name in _SLOT.findall(text):
            if name not in LINE_SLOTS:
                raise ValueError(_("'{name}' is not one of {known}").format(name=name, known=", ".join(LINE_SLOTS)))
        if "{" in _SLOT.sub("", text) or "}" in _SLOT.sub("", text):
            raise ValueError(_("a brace is not closed"))
        return text

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the slots, in order."""
        return tuple(_SLOT.findall(self.text))


Line = Annotated[VoiceLine, BeforeValidator(_as_table)]


class Author(_Part):
    """Who the author really is. The platform forbids made-up personas: this describes a person."""

    who: str = Field(min_length=1)
    background: str = ""


class Fact(_Part):
    """Something that the author can prove; ``words`` are what it offers to slots, by slot type."""

    id: str
    text: str = Field(min_length=1, max_length=200)
    proof: Proof
    proof_note: str = ""
    pillars: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("id")
    @classmethod
    def _plain_id(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError(_("an id is lower-case letters, digits, - and _"))
        return value

    @field_validator("words")
    @classmethod
    def _known_types(cls, words: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in words:
            if name not in SLOT_TYPES:
                near = suggest(name, list(SLOT_TYPES))
                raise ValueError(
                    _("'{name}' is no slot type; did you mean '{near}'?").format(name=name, near=near)
                    if near
                    else _("'{name}' is not one of {known}").format(name=name, known=", ".join(SLOT_TYPES))
                )
        return words


class Voice(_Part):
    """How the author talks: ``person`` is what the author calls themself, ``address`` what the readers are called.

    ``sentence_characters`` is the most that a line of the author's own has.
    """

    person: str = "我"
    register_: Literal["plain", "lively", "calm"] = Field("plain", alias="register")
    address: str = ""
    catchphrases: tuple[Line, ...] = ()
    openings: tuple[Line, ...] = Field(min_length=1)
    closings: tuple[Line, ...] = Field(min_length=1)
    calls: tuple[Line, ...] = ()
    point_leads: tuple[Line, ...] = ()
    step_leads: tuple[Line, ...] = ()
    connectives: tuple[str, ...] = ()
    tips: tuple[Line, ...] = ()
    emoji: tuple[str, ...] = ()
    emoji_words: dict[str, str] = Field(default_factory=dict)
    bullet: Literal["keycap", "emoji", "dot"] = "keycap"
    sentence_characters: int = Field(40, ge=8, le=MAX_LINE_CHARACTERS)
    forbidden: tuple[str, ...] = ()


class Pillar(_Part):
    """One subject of the account: ``kind`` of life (food, outfits, home …), the words that show it, its tags."""

    name: str
    kind: str
    words: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Audience(_Part):
    """Who reads: ``words`` as a title would call them (``住校生``); ``needs`` are told where a draft has gaps."""

    who: str
    words: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class TemplateTaste(_Part):
    """Title templates by id or skeleton: those to use first and those never to use."""

    preferred: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()


class CoverStyle(_Part):
    """How covers look; ``weight`` is the font's (100 to 900)."""

    palette: str = ""
    layout: str = ""
    weight: int = Field(800, ge=100, le=900)
    watermark: str = ""


class Photo(_Part):
    """What pictures to take (on the checklist of a hand-off pack), the guide and the name of a retouch preset.

    ``guide`` is a Markdown file of the pack; ``shots``, ``light``, ``angles`` and ``props`` are one line each.
    """

    guide: str = ""
    retouch: str = ""
    shots: tuple[str, ...] = ()
    light: tuple[str, ...] = ()
    angles: tuple[str, ...] = ()
    props: tuple[str, ...] = ()


class Copywriting(_Part):
    """The copywriting guide (a Markdown file of the pack); a language model is shown it."""

    guide: str = ""


class Commercial(_Part):
    """What the author advertises.

    A note that names one of ``brands`` (they pay the author) without a sponsor may not be posted, nor one that
    advertises what stands in ``refused``. ``disclosure`` opens a paid note and must hold ``{sponsor}`` and 广告 or
    利益相关; the plan keeps ``ordinary_notes_per_ad`` notes between two paid ones.
    """

    brands: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    disclosure: str = "【广告】利益相关：本篇与{sponsor}合作"
    ordinary_notes_per_ad: int = Field(3, ge=0, le=49)

    @field_validator("disclosure")
    @classmethod
    def _says_so(cls, text: str) -> str:
        if "{sponsor}" not in text:
            raise ValueError(_("the disclosure must hold '{slot}'").format(slot="{sponsor}"))
        if "广告" not in text and "利益相关" not in text:
            raise ValueError(_("the disclosure must say 广告 or 利益相关"))
        return text


class PackTest(_Part):
    """A brief and what its draft must and must never hold (plain text, looked for in titles, body and tags)."""

    name: str
    brief: dict[str, Any]
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    min_titles: int = Field(1, ge=0, le=20)
    complete: bool | None = None


class PersonaFile(_Part):
    """``persona.toml``."""

    schema_version: Literal[1]
    title: str
    title_en: str = ""
    version: str = Field("1.0.0", pattern=r"^\d+\.\d+\.\d+$")
    author: Author
    facts: tuple[Fact, ...] = ()
    voice: Voice
    pillars: tuple[Pillar, ...] = ()
    audience: Audience
    templates: TemplateTaste = TemplateTaste()
    cover: CoverStyle = CoverStyle()  # type: ignore[call-arg]
    photo: Photo = Photo()
    copywriting: Copywriting = Copywriting()
    commercial: Commercial = Commercial()  # type: ignore[call-arg]
    tests: tuple[PackTest, ...] = ()

    @model_validator(mode="after")
    def _names_hang_together(self) -> PersonaFile:
        ids = [fact.id for fact in self.facts]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(_("fact ids are used twice: {ids}").format(ids=", ".join(twice)))
        pillars = {pillar.name for pillar in self.pillars}
        for fact in self.facts:
            wrong = [name for name in fact.pillars if name not in pillars]
            if wrong:
                raise ValueError(
                    _("fact '{id}' names a pillar that is not there: {names}").format(
                        id=fact.id, names=", ".join(wrong)
                    )
                )
        for line in self.voice_lines():
            if line.fact and line.fact not in ids:
                raise ValueError(
                    _("the line '{line}' names a fact that is not there: {id}").format(line=line.text, id=line.fact)
                )
        return self

    def voice_lines(self) -> tuple[VoiceLine, ...]:
        """Every sentence of the voice that may stand in a draft."""
        voice = self.voice
        return (
            *voice.catchphrases,
            *voice.openings,
            *voice.closings,
            *voice.calls,
            *voice.point_leads,
            *voice.step_leads,
            *voice.tips,
        )
