"""Persona packs: who writes, in which voice, and which facts that person can back."""

from creator_kit.persona.claims import Claim, find_claims
from creator_kit.persona.pack import PackFinding, Persona, check_pack, list_personas, load_persona

__all__ = ["Claim", "PackFinding", "Persona", "check_pack", "find_claims", "list_personas", "load_persona"]
