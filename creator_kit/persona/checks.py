"""What a pack says without a proof, or against its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from creator_kit.locale import _
from creator_kit.persona.claims import find_claims
from creator_kit.persona.distance import find_other_addresses, find_other_persons
from creator_kit.persona.model import Fact, VoiceLine
from creator_kit.persona.pack import Persona
from creator_kit.text.segment import segment


@dataclass(frozen=True, slots=True)
class PackFinding:
    """Something in a pack that its owner should mend: ``where`` is the field, ``text`` the words meant."""

    where: str
    message: str
    text: str = ""


def check_pack(persona: Persona) -> list[PackFinding]:
    """What stands in the pack without a proof or against its own rules; an empty list is a clean pack.

    A first-person claim is backed when its line names a fact that shares a word with it.
    """
    findings = [finding for line in persona.lines for finding in _check_line(line, persona)]
    findings += [
        PackFinding("guides", _("the guide is empty"), name)
        for name in (persona.photo.guide, persona.copywriting.guide)
        if name and not persona.guides.get(name, "").strip()
    ]
    if both := sorted(set(persona.commercial.brands) & set(persona.commercial.refused)):
        findings.append(PackFinding("commercial", _("both advertised and refused"), "、".join(both)))
    return findings


def _check_line(line: VoiceLine, persona: Persona) -> Iterator[PackFinding]:
    voice = persona.voice
    claims = find_claims(line.text)
    fact = persona.find_fact(line.fact) if line.fact else None
    if fact is None:
        for claim in claims:
            message = _("no fact backs the first-person claim '{claim}'").format(claim=claim.text)
            yield PackFinding("voice", message, line.text)
    elif not _shares_word(line.text, fact):
        yield PackFinding("voice", _("the fact '{id}' does not speak of this line").format(id=fact.id), line.text)
    if len(line.text) > voice.sentence_characters:
        message = _("a line of {n} characters, longer than the voice's {limit}").format(
            n=len(line.text), limit=voice.sentence_characters
        )
        yield PackFinding("voice", message, line.text)
    for word in voice.forbidden:
        if word in line.text:
            message = _("a line of the pack uses its own forbidden word '{word}'").format(word=word)
            yield PackFinding("voice", message, line.text)
    yield from _check_names(line, persona)


def _check_names(line: VoiceLine, persona: Persona) -> Iterator[PackFinding]:
    """Whether a line calls author and readers what the pack calls them."""
    person, address = persona.voice.person, persona.voice.address
    for found in find_other_persons(line.text, person):
        message = _("the author is '{found}' here and '{person}' in the pack").format(found=found, person=person)
        yield PackFinding("voice.person", message, line.text)
    for found in find_other_addresses(line.text, address):
        message = _("readers are '{found}' here and '{address}' in the pack").format(found=found, address=address)
        yield PackFinding("voice.address", message, line.text)
    if "address" in line.slots and not address:
        message = _("the line needs an address, and the pack has none")
        yield PackFinding("voice.address", message, line.text)


def _shares_word(text: str, fact: Fact) -> bool:
    words = {token.text for token in segment(text) if len(token.text) > 1 or token.kind == "number"}
    backing = fact.text + " " + " ".join(word for group in fact.words.values() for word in group)
    return any(word in backing for word in words)
