"""A new pack from a few answers: who writes, what that person can prove, how that person talks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from creator_kit.datafiles import replace_folder, validate_model, write_text
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.persona.model import PersonaFile, Proof
from creator_kit.persona.pack import PACK_NAME, is_pack_name

_SPLIT = re.compile(r"[、，,;；\s]+")
# Sentences that fit any author, for whoever has none yet; they claim nothing.
_OPENINGS = ("今天写{topic}，慢慢说清楚。", "{topic}，一条一条写在下面。")
_CLOSINGS = ("还有什么想知道的？评论区见。", "你有别的办法吗？欢迎补充。")


class Answer(BaseModel):
    """A fact as it is answered."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=200)
    proof: Proof
    proof_note: str = ""


class PillarAnswer(BaseModel):
    """One subject of the account."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Answers(BaseModel):
    """What ``persona new`` asks, or reads from a TOML file in a script."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1)
    who: str = Field(min_length=1)
    background: str = ""
    audience: str = Field(min_length=1)
    audience_words: tuple[str, ...] = ()
    person: str = "我"
    address: str = ""
    register_: str = Field("plain", alias="register")
    pillars: tuple[PillarAnswer, ...] = Field(min_length=1)
    facts: tuple[Answer, ...] = ()
    openings: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()
    emoji: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question at a terminal; ``many`` answers are separated by commas, ``default`` is taken for none."""

    field: str
    text: str
    many: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


def list_questions() -> Iterator[Question]:
    """The questions in order, in the reader's language. Facts and subjects are asked again until an empty answer."""
    yield Question("title", _("A name for this persona"))
    yield Question("who", _("Who are you really? (age, work, where you live; nothing made up)"))
    yield Question("audience", _("Whom do you write for?"))
    yield Question("audience_words", _("What would a title call them? (住校生, 小个子)"), many=True, default="-")
    yield Question("register", _("How do you talk?"), default="plain", choices=("plain", "lively", "calm"))
    yield Question("address", _("What do you call your readers? (姐妹们)"), default="-")
    yield Question("openings", _("A sentence that you open with ({topic} stands for the subject)"), default="-")
    yield Question("closings", _("A question that you close with"), default="-")
    yield Question("emoji", _("Emoji that you use"), many=True, default="-")
    yield Question("forbidden", _("Words that you never use"), many=True, default="-")
    yield Question("refused", _("What you never advertise"), many=True, default="-")
    yield Question("brands", _("Brands that pay you now"), many=True, default="-")
    yield Question("watermark", _("Your handle, small on covers"), default="-")


def split_answers(text: str) -> list[str]:
    """The items of an answer that may name several; "-" is none."""
    return [] if text.strip() in ("", "-") else [item for item in _SPLIT.split(text.strip()) if item]


def create_persona(name: str, answers: dict[str, Any], folder: Path, *, where: str) -> Path:
    """Write the pack ``folder/name`` (persona.toml and two guides to fill in), whole or not at all.

    Raises InputError for a name that is none, a pack that is there already, and every wrong answer below ``where``.
    """
    if not is_pack_name(name):
        raise InputError(_("a pack's folder is named in lower-case letters, digits, - and _"), where=name)
    root = folder / name
    if root.exists():
        raise InputError(_("a pack '{name}' is here already").format(name=name), where=str(root))
    given = validate_model(answers, Answers, where=where)
    table = _to_pack(given)
    validate_model(table, PersonaFile, where=where)
    head = _("# Made by `creator-kit persona new`. Say only what is true; `creator-kit persona check` reads it again.")
    with replace_folder(root) as building:
        write_text(
            building / "copywriting.md", _("# How I write\n\n- What every note of mine has:\n- What none has:\n")
        )
        guide = _("# How I take pictures\n\n- Light:\n- Angles:\n- What is always in the picture:\n")
        write_text(building / "photo.md", guide)
        write_text(building / PACK_NAME, f"{head}\n{tomli_w.dumps(table)}")
    return root


def _to_pack(given: Answers) -> dict[str, Any]:
    pillar = given.pillars[0]
    return {
        "schema_version": 1,
        "title": given.title,
        "version": "1.0.0",
        "author": {"who": given.who, "background": given.background},
        "facts": [
            {"id": f"f{number}", **fact.model_dump(exclude_defaults=True)}
            for number, fact in enumerate(given.facts, start=1)
        ],
        "voice": {
            "person": given.person,
            "register": given.register_,
            "address": given.address,
            "openings": list(given.openings or _OPENINGS),
            "closings": list(given.closings or _CLOSINGS),
            "emoji": list(given.emoji),
            "forbidden": list(given.forbidden),
        },
        "pillars": [item.model_dump() for item in given.pillars],
        "audience": {"who": given.audience, "words": list(given.audience_words)},
        "cover": {"watermark": given.watermark},
        "photo": {"guide": "photo.md"},
        "copywriting": {"guide": "copywriting.md"},
        "commercial": {"brands": list(given.brands), "refused": list(given.refused)},
        "tests": [
            {
                "name": pillar.name,
                "brief": {"topic": pillar.name, "points": ["第一个要点", "第二个要点"]},
                "must": [pillar.name, "第一个要点"],
                "must_not": ["待补", *given.forbidden],
            }
        ],
    }
