"""A persona pack read from its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from creator_kit.datafiles import load_model, read_text, suggest
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import find_shipped_dir
from creator_kit.persona.model import (
    Audience,
    Author,
    Commercial,
    Copywriting,
    CoverStyle,
    Fact,
    PackTest,
    PersonaFile,
    Photo,
    Pillar,
    TemplateTaste,
    Voice,
    VoiceLine,
)
from creator_kit.persona.voice import LEARNED_NAME, VoiceStats

PACK_NAME = "persona.toml"
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
# Names of devices on Windows, whatever their suffix.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
# A pack is handed to a class as a folder of texts: nothing in it is large.
MAX_GUIDE_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Persona:
    """A persona pack. ``guides`` maps the name of each Markdown file of the folder to its text.

    ``learned`` are the habits that ``persona learn`` measured (``learned.toml``), None where it never did.
    """

    name: str
    title: str
    version: str
    root: Path
    author: Author
    facts: tuple[Fact, ...]
    voice: Voice
    pillars: tuple[Pillar, ...]
    audience: Audience
    templates: TemplateTaste
    cover: CoverStyle
    photo: Photo
    copywriting: Copywriting
    commercial: Commercial
    tests: tuple[PackTest, ...]
    lines: tuple[VoiceLine, ...] = ()
    guides: dict[str, str] = field(default_factory=dict)
    learned: VoiceStats | None = None
    title_en: str = ""

    @property
    def label(self) -> str:
        """The title in the reader's language."""
        return pick(self.title, self.title_en or self.title)

    def find_fact(self, fact_id: str) -> Fact | None:
        """The fact of that id."""
        return next((fact for fact in self.facts if fact.id == fact_id), None)


def is_pack_name(name: str) -> bool:
    """Whether a pack's folder may be called so on every system: lower-case letters, digits, - and _."""
    return _NAME.fullmatch(name) is not None and not is_device_name(name)


def is_device_name(name: str) -> bool:
    """Whether Windows takes a file of that name for a device."""
    return _DEVICE.fullmatch(name) is not None


def list_personas(user_root: Path | None = None) -> list[str]:
    """Names of all packs, the user's (``templates/personas`` below ``user_root``) and the shipped ones, sorted."""
    names = {
        path.parent.name for folder in _folders(user_root) if folder.is_dir() for path in folder.glob(f"*/{PACK_NAME}")
    }
    return sorted(names)


def load_persona(name_or_path: str, user_root: Path | None = None) -> Persona:
    """The pack of that name (the user's before the shipped one) or in that folder.

    Raises InputError naming file and field for anything wrong, with the nearest known name.
    """
    for folder in _folders(user_root):
        if name_or_path and (folder / name_or_path / PACK_NAME).is_file() and Path(name_or_path).name == name_or_path:
            return _read_pack(folder / name_or_path)
    path = Path(name_or_path)
    if name_or_path and path.is_dir():
        if not (path / PACK_NAME).is_file():
            raise InputError(_("this folder has no {name}").format(name=PACK_NAME), where=str(path))
        return _read_pack(path)
    if name_or_path and path.is_file() and path.name == PACK_NAME:
        return _read_pack(path.parent)
    known = list_personas(user_root)
    near = suggest(name_or_path, known)
    raise InputError(
        _("no persona pack '{name}'").format(name=name_or_path),
        hint=_("did you mean '{near}'?").format(near=near)
        if near
        else _("known packs: {names}; or give a folder").format(names=", ".join(known)),
    )


def _folders(user_root: Path | None) -> list[Path]:
    folders = [user_root / "templates" / "personas"] if user_root else []
    return [*folders, find_shipped_dir("templates") / "personas"]


def _read_pack(root: Path) -> Persona:
    file = load_model(root / PACK_NAME, PersonaFile)
    guides = {path.name: read_text(path, max_bytes=MAX_GUIDE_BYTES) for path in sorted(root.glob("*.md"))}
    for where, name in (("photo.guide", file.photo.guide), ("copywriting.guide", file.copywriting.guide)):
        if name and name not in guides:
            near = suggest(name, list(guides))
            raise InputError(
                _("the guide '{name}' is not in the pack").format(name=name),
                where=f"{root / PACK_NAME}:{where}",
                hint=_("did you mean '{near}'?").format(near=near)
                if near
                else _("put the Markdown file beside persona.toml"),
            )
    return Persona(
        name=root.resolve().name,
        title=file.title,
        version=file.version,
        root=root,
        author=file.author,
        facts=file.facts,
        voice=file.voice,
        pillars=file.pillars,
        audience=file.audience,
        templates=file.templates,
        cover=file.cover,
        photo=file.photo,
        copywriting=file.copywriting,
        commercial=file.commercial,
        tests=file.tests,
        lines=file.voice_lines(),
        guides=guides,
        learned=load_model(root / LEARNED_NAME, VoiceStats) if (root / LEARNED_NAME).is_file() else None,
        title_en=file.title_en,
    )
