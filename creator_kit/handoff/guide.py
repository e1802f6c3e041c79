"""What the persona pack asks of the person who finishes a note: pictures to take, proofs to keep at hand."""

from __future__ import annotations

import re

from creator_kit.drafting import Draft
from creator_kit.locale import _, pick
from creator_kit.persona import Persona
from creator_kit.persona.model import PROOF_NAMES, Fact

_FACT = re.compile(r"persona\.facts\.([a-z0-9_-]+)")
_LINE = re.compile(r"persona\.voice\.([a-z_]+)\[(\d+)\]")


def list_used_facts(draft: Draft, persona: Persona) -> list[Fact]:
    """The facts of the pack that the draft's title and body lean on, in the pack's order."""
    chosen = next((item.fills for item in draft.titles if item.title == draft.title), ())
    used = set()
    for fill in (*chosen, *draft.body_fills):
        if match := _FACT.match(fill.source):
            used.add(match[1])
        elif match := _LINE.match(fill.source):
            lines = getattr(persona.voice, match[1], ())
            used |= {line.fact for line in lines[int(match[2]) :][:1]}
    return [fact for fact in persona.facts if fact.id in used]


def tell_guide(draft: Draft, persona: Persona) -> list[str]:
    """Lines of Markdown for the checklist: the pack's shot list with light, angles and props, and proofs."""
    photo = persona.photo
    lines: list[str] = []
    if photo.shots or photo.guide:
        lines += ["", f"## {_('Pictures')}", "", *(f"- [ ] {shot}" for shot in photo.shots)]
        notes = ((_("Light"), photo.light), (_("Angles"), photo.angles), (_("Props"), photo.props))
        lines += ["- " + pick(f"{name}：", f"{name}: ") + "；".join(texts) for name, texts in notes if texts]
        if photo.guide:
            lines.append("- " + _("Guide: {file} of the pack {pack}").format(file=photo.guide, pack=persona.name))
        if photo.retouch:
            lines.append("- " + _("Retouch: {command}").format(command=f"creator-kit retouch --preset {photo.retouch}"))
    if facts := list_used_facts(draft, persona):
        lines += ["", f"## {_('Proofs to keep at hand')}", ""]
        for fact in facts:
            proof = pick("，", ", ").join(text for text in (PROOF_NAMES[fact.proof](), fact.proof_note) if text)
            lines.append(f"- {fact.text}" + pick(f"（{proof}）", f" ({proof})"))
    return lines
