"""Which slots can be told by form: those of ``text.slots``, and places by a reviewed list of names."""

from __future__ import annotations

import re
from functools import cache

from pydantic import BaseModel, ConfigDict

from creator_kit.datafiles import load_model
from creator_kit.paths import find_shipped_dir
from creator_kit.text.slots import SLOT_PATTERNS

FORM_TYPES = frozenset({*SLOT_PATTERNS, "place"})


class _Places(BaseModel):
    model_config = ConfigDict(extra="forbid")

    schema_version: int = 1
    names: dict[str, str]


@cache
def load_places() -> frozenset[str]:
    """The names of ``templates/slots/places.toml``."""
    model = load_model(find_shipped_dir("templates") / "slots" / "places.toml", _Places)
    return frozenset(name for group in model.names.values() for name in group.split())


@cache
def find_pattern(slot_type: str) -> str | None:
    """The pattern of a slot type that is told by form, None where any text may stand."""
    if slot_type == "place":
        return "(?:" + "|".join(map(re.escape, sorted(load_places(), key=lambda name: (-len(name), name)))) + ")"
    return SLOT_PATTERNS.get(slot_type)
