"""Names in a persona pack that only covers and retouching know: a wrong one would silently do nothing."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from creator_kit.cover.palette import load_palettes
from creator_kit.cover.retouching import load_presets
from creator_kit.cover.spec import load_layouts
from creator_kit.datafiles import suggest
from creator_kit.locale import _
from creator_kit.persona import PackFinding, Persona


def check_pack_style(persona: Persona, user_root: Path | None = None) -> list[PackFinding]:
    """Palette, layout and retouch preset of ``persona`` that neither the workspace nor the shipped files have."""
    named: tuple[tuple[str, str, Collection[str], str], ...] = (
        ("cover.palette", persona.cover.palette, load_palettes(user_root), _("no palette '{name}'")),
        ("cover.layout", persona.cover.layout, load_layouts(user_root), _("no layout '{name}'")),
        ("photo.retouch", persona.photo.retouch, load_presets(user_root), _("no preset '{name}'")),
    )
    findings = []
    for where, name, known, message in named:
        if name and name not in known:
            near = suggest(name, list(known))
            text = message.format(name=name) + (_("; did you mean '{near}'?").format(near=near) if near else "")
            findings.append(PackFinding(where, text, name))
    return findings
