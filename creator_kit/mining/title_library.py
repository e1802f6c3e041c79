"""The template library: mined from notes, written as TOML that a person can read, and read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from creator_kit.datafiles import load_model, write_text
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.mining.library_file import LiftModel, list_library_files, write_lift
from creator_kit.mining.template import SlotPart, TitleTemplate
from creator_kit.text.slots import SLOT_TYPES

KIND = "titles"
METHOD = "closed skeletons of bound words by MDL cover; MH lift, EB-shrunk, author-clustered"
METHOD_VERSION = 3
TIER_ORDER = ("reliable", "promising", "common", "avoided")

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}|[^{}]+|[{}]")


@dataclass(frozen=True, slots=True)
class LibrarySummary:
    """What was mined and what could be compared.

    ``n_titles`` are the titles that were read, ``n_authors`` those who wrote them (``n_skipped`` notes had no
    title, a body's beginning in its place, or more than a title can hold); ``n_compared`` the notes whose heat
    has peers; ``hot_only_sources`` those whose notes are all hot, so that nothing in them is ordinary.
    ``halves_share``: of the first templates of half of the authors, the share that the other half holds too
    (None: not measured, or too few).
    """

    n_notes: int = 0
    n_authors: int = 0
    n_titles: int = 0
    n_skipped: int = 0
    n_compared: int = 0
    n_floors: int = 0
    n_without_author: int = 0
    n_keywords: int = 0
    published_first: str | None = None
    published_last: str | None = None
    sources: dict[str, int] = field(default_factory=dict)
    hot_only_sources: tuple[str, ...] = ()
    n_tiers: dict[str, int] = field(default_factory=dict)
    covered_rate: float = 0.0
    halves_share: float | None = None

    @property
    def hot_only(self) -> bool:
        """Whether no source has ordinary notes beside its hot ones."""
        return bool(self.sources) and set(self.hot_only_sources) >= set(self.sources)


@dataclass(frozen=True, slots=True)
class TitleLibrary:
    """Templates, best first (tier, then lift; common ones by the titles they add), and the summary of the corpus."""

    templates: tuple[TitleTemplate, ...] = ()
    summary: LibrarySummary = field(default_factory=LibrarySummary)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _TemplateModel(_Model):
    id: str = Field(min_length=1)
    skeleton: str = Field(min_length=1)
    origin: Literal["mined", "authored"] = "authored"
    tier: Literal["reliable", "promising", "common", "avoided"] = "common"
    support: int = Field(default=0, ge=0)
    authors: int = Field(default=0, ge=0)
    kinds: list[str] = []
    fillers: list[list[str]] = []
    lift: LiftModel | None = None
    provenance: dict[str, object] = {}


class _LibraryModel(_Model):
    schema_version: Literal[1] = 1
    about: str = ""
    method: str = ""
    method_version: int = 1
    sources: dict[str, int] = {}
    published_first: str = ""
    published_last: str = ""
    halves_share: float | None = Field(default=None, ge=0, le=1)
    templates: list[_TemplateModel] = []


def parse_skeleton(skeleton: str, fillers: Sequence[Sequence[str]] = ()) -> tuple[str | SlotPart, ...]:
    """``"挑战{duration}{topic}"`` as parts; "{{" and "}}" stand for braces.

    Raises ValueError for an unknown slot type, a lone brace, or more lists of fillers than slots.
    """
    parts: list[str | SlotPart] = []
    rest = [tuple(words) for words in fillers]
    for match in _PIECE.finditer(skeleton):
        piece = match.group()
        if match.group(1):
            if match.group(1) not in SLOT_TYPES:
                raise ValueError(_("'{type}' is no slot type").format(type=match.group(1)))
            parts.append(SlotPart(match.group(1), rest.pop(0) if rest else ()))
            continue
        if piece in ("{", "}"):
            raise ValueError(_("a lone brace in '{skeleton}'").format(skeleton=skeleton))
        text = {"{{": "{", "}}": "}"}.get(piece, piece)
        if parts and isinstance(parts[-1], str):
            parts[-1] += text
        else:
            parts.append(text)
    if rest:
        raise ValueError(_("more lists of fillers than slots in '{skeleton}'").format(skeleton=skeleton))
    return tuple(parts)


def format_skeleton(parts: Sequence[str | SlotPart]) -> str:
    """The inverse of ``parse_skeleton`` without the fillers."""
    return "".join(
        part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else "{" + part.type + "}" for part in parts
    )


def save_library(library: TitleLibrary, folder: Path, *, name: str = "mined") -> list[Path]:
    """Write ``folder/<name>.toml``, whole or not at all; the same library gives the same bytes."""
    path = folder / f"{name}.toml"
    summary = library.summary
    data: dict[str, object] = {
        "schema_version": 1,
        "about": _about(summary),
        "method": METHOD,
        "method_version": METHOD_VERSION,
        "sources": dict(sorted(summary.sources.items())),
        "published_first": summary.published_first or "",
        "published_last": summary.published_last or "",
        **({} if summary.halves_share is None else {"halves_share": round(summary.halves_share, 3)}),
        "templates": [_to_table(template) for template in library.templates],
    }
    write_text(path, tomli_w.dumps(data))
    return [path]


def _about(summary: LibrarySummary) -> str:
    return f"mined from {summary.n_titles} titles of {summary.n_authors} authors"


def _to_table(template: TitleTemplate) -> dict[str, object]:
    table: dict[str, object] = {
        "id": template.template_id,
        "skeleton": format_skeleton(template.parts),
        "origin": template.origin,
        "tier": template.tier,
        "support": template.support,
        "authors": template.n_authors,
        "kinds": list(template.kinds),
        "fillers": [list(slot.fillers) for slot in template.slots],
    }
    table |= write_lift(template.lift)
    if template.provenance:
        table["provenance"] = template.provenance
    return table


def load_file(path: Path) -> list[TitleTemplate]:
    """The templates of one TOML file. Raises InputError naming file, template and field."""
    model = load_model(path, _LibraryModel)
    out = []
    for number, item in enumerate(model.templates):
        where = f"{path}:templates.{number}"
        try:
            parts = parse_skeleton(item.skeleton, item.fillers)
        except ValueError as error:
            raise InputError(
                str(error), where=f"{where}.skeleton", hint=_("slot types: {types}").format(types=", ".join(SLOT_TYPES))
            ) from error
        if not any(isinstance(part, str) for part in parts):
            raise InputError(_("a template needs words between its slots"), where=f"{where}.skeleton")
        out.append(
            TitleTemplate(
                template_id=item.id,
                parts=parts,
                support=item.support,
                n_authors=item.authors,
                tier=item.tier,
                lift=item.lift.read() if item.lift else None,
                origin=item.origin,
                kinds=tuple(item.kinds),
                provenance={"file": path.name, **item.provenance},
            )
        )
    return out


def load_library(user_root: Path | None = None) -> list[TitleTemplate]:
    """All title templates: the user's own (``user_root/templates/titles``) first, then the shipped ones.

    A template id or skeleton that was seen already is not repeated; a user's file hides a shipped file of its name.
    """
    seen: set[str] = set()
    out = []
    for path in list_library_files(KIND, user_root):
        for template in load_file(path):
            if template.template_id not in seen and template.skeleton not in seen:
                seen |= {template.template_id, template.skeleton}
                out.append(template)
    return out
