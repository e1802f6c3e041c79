"""How far a text lies from a pack's voice: what the pack says of it, and the habits that were learned."""

from __future__ import annotations

import re

from creator_kit.persona.pack import Persona
from creator_kit.persona.voice import VoiceDistance, compare_voice, list_sentence_lengths
from creator_kit.text.emoji import find_emoji

# What one may call oneself; 我们 and 咱们 take the reader in and are no name of the author's.
_SELF = re.compile("(?:我|咱)(?!们)|俺|笔者|小编|本人")
# What one may call readers; 你 and 你们 go with any of them.
_ADDRESS = re.compile("姐妹|集美|宝子|宝宝们|家人们|朋友们|同学们|大家|友友|老铁")


def find_other_persons(text: str, person: str) -> list[str]:
    """What the author is called in ``text`` besides ``person``."""
    return [found for found in dict.fromkeys(_SELF.findall(text)) if found not in person]


def find_other_addresses(text: str, address: str) -> list[str]:
    """What readers are called in ``text`` besides ``address``; nothing where the pack has none."""
    return [found for found in dict.fromkeys(_ADDRESS.findall(text)) if found not in address] if address else []


def measure_distance(persona: Persona, *, title: str, body: str, n_tags: int) -> VoiceDistance:
    """The share (0..1) of the voice's habits that a text breaks: those that ``persona.toml`` states, and the learned.

    Stated are ``voice.person``, ``voice.address``, ``voice.forbidden``, ``voice.emoji`` (of the title) and
    ``voice.sentence_characters`` (against the text's median sentence).
    """
    voice, text = persona.voice, f"{title}\n{body}"
    lengths = sorted(list_sentence_lengths(body))
    palette = {*voice.emoji, *voice.emoji_words.values(), *find_emoji(" ".join(line.text for line in persona.lines))}
    stated = {
        "voice.person": bool(find_other_persons(text, voice.person)),
        "voice.address": bool(find_other_addresses(text, voice.address)) if voice.address else None,
        "voice.forbidden": any(word in text for word in voice.forbidden) if voice.forbidden else None,
        "voice.emoji": any(mark not in palette for mark in find_emoji(title)) if voice.emoji else None,
        "voice.sentence_characters": lengths[len(lengths) // 2] > voice.sentence_characters if lengths else None,
    }
    learned = (
        compare_voice(persona.learned, title=title, body=body, n_tags=n_tags)
        if persona.learned is not None
        else VoiceDistance(0.0, 0, ())
    )
    n = learned.n_measured + sum(is_broken is not None for is_broken in stated.values())
    outside = (*(name for name, is_broken in stated.items() if is_broken), *learned.outside)
    return VoiceDistance(round(len(outside) / n, 4), n, outside)
