"""What differs between two packs, or two versions of one: facts by id, sentences by what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from creator_kit.datafiles import read_text
from creator_kit.persona.pack import Persona

# The review rules of a pack's own; what they say is the review's to know.
RULES_NAME = "rules.toml"
_PARTS = ("author", "voice", "audience", "templates", "cover", "photo", "copywriting", "commercial")


@dataclass(frozen=True, slots=True)
class PackChange:
    """``before`` became ``after`` at ``where``; one of them is "" where something is new or gone."""

    where: str
    kind: Literal["added", "removed", "changed"]
    before: str = ""
    after: str = ""


def diff_personas(old: Persona, new: Persona) -> list[PackChange]:
    """Changes from ``old`` to ``new`` in the order of the pack's fields; empty where both say the same."""
    before, after = _flatten(old), _flatten(new)
    changes = []
    for where in (*before, *(key for key in after if key not in before)):
        left, right = before.get(where), after.get(where)
        if isinstance(left, tuple) or isinstance(right, tuple):
            mine, yours = left or (), right or ()
            changes += [PackChange(where, "removed", before=item) for item in mine if item not in yours]
            changes += [PackChange(where, "added", after=item) for item in yours if item not in mine]
        elif left is None:
            changes.append(PackChange(where, "added", after=str(right)))
        elif right is None:
            changes.append(PackChange(where, "removed", before=str(left)))
        elif left != right:
            changes.append(PackChange(where, "changed", str(left), str(right)))
    return changes


def _flatten(persona: Persona) -> dict[str, Any]:
    found: dict[str, Any] = {"title": persona.title, "version": persona.version}
    for name in _PARTS:
        found |= _leaves(name, getattr(persona, name).model_dump(by_alias=True))
    for group, items in (("facts", persona.facts), ("pillars", persona.pillars), ("tests", persona.tests)):
        for item in items:
            key = getattr(item, "id", None) or item.name  # type: ignore[union-attr]
            found |= _leaves(f"{group}.{key}", item.model_dump())
    found |= {f"guides.{name}": tuple(text.splitlines()) for name, text in sorted(persona.guides.items())}
    rules = persona.root / RULES_NAME
    if rules.is_file():
        found[RULES_NAME] = tuple(read_text(rules).splitlines())
    if persona.learned is not None:
        found |= _leaves("learned", persona.learned.model_dump(exclude_none=True))
    return found


def _leaves(where: str, value: Any) -> dict[str, Any]:
    return dict(_walk(where, value))


def _walk(where: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(f"{where}.{name}", inner)
    elif isinstance(value, (list, tuple)):
        yield where, tuple(_tell_line(item) for item in value)
    elif value not in ("", None):
        yield where, str(value)


def _tell_line(item: Any) -> str:
    """A sentence with the conditions under which it is used: they are part of what it says."""
    if not isinstance(item, Mapping):
        return str(item)
    more = [
        f"{name}: {value if isinstance(value, str) else ' '.join(map(str, value))}"
        for name, value in item.items()
        if name != "text" and value
    ]
    return f"{item['text']} [{'; '.join(more)}]" if more else str(item["text"])
