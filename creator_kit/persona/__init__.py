"""Persona packs: who writes, in which voice, and which facts that person can back."""

from creator_kit.persona.archive import PackedPersona, install_persona, pack_persona
from creator_kit.persona.changes import PackChange, diff_personas
from creator_kit.persona.checks import PackFinding, check_pack
from creator_kit.persona.claims import Claim, find_claims
from creator_kit.persona.distance import measure_distance
from creator_kit.persona.pack import Persona, list_personas, load_persona
from creator_kit.persona.questionnaire import create_persona, list_questions
from creator_kit.persona.voice import VoiceDistance, VoiceStats, compare_voice, measure_voice, save_voice

__all__ = [
    "Claim",
    "PackChange",
    "PackFinding",
    "PackedPersona",
    "Persona",
    "VoiceDistance",
    "VoiceStats",
    "check_pack",
    "compare_voice",
    "create_persona",
    "diff_personas",
    "find_claims",
    "install_persona",
    "list_personas",
    "list_questions",
    "load_persona",
    "measure_distance",
    "measure_voice",
    "pack_persona",
    "save_voice",
]
