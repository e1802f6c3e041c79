"""A trainer's checks over many trainees' drafts: rules broken, distance to the persona's voice, originality."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from creator_kit.datafiles import read_text, storage_error
from creator_kit.drafting.document import draft_from_json
from creator_kit.drafting.draft import Draft
from creator_kit.drafting.gates import review_draft
from creator_kit.errors import CreatorKitError, InputError
from creator_kit.locale import _
from creator_kit.persona import Persona, measure_distance
from creator_kit.review.originality import KnownTexts, Overlap
from creator_kit.review.rules import RuleSet

SUFFIXES = (".json", ".jsonl")
CHUNK = 16
MAX_FILE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Trainee:
    """One draft of a class: the file (and line) it came from, and the draft, or why it cannot be read."""

    where: str
    draft: Draft | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a trainer sees of one draft.

    ``rules`` are the ids of the rules it broke with how often, those that forbid posting in ``blocking``.
    ``voice_distance`` is the share (0..1) of the persona's ``n_habits`` habits, stated and learned, that it breaks
    (``outside``); None for what cannot be read. ``copied_rate`` is the share (0..1) of the body that stands in another
    draft of the class or in a known text, ``copied_from`` which.
    """

    where: str
    draft_id: str = ""
    title: str = ""
    rules: dict[str, int] | None = None
    blocking: tuple[str, ...] = ()
    voice_distance: float | None = None
    n_habits: int = 0
    outside: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    copied_rate: float = 0.0
    copied_from: str = ""
    n_missing: int = 0
    error: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing forbids posting it and no gap is open."""
        return not (self.error or self.blocking or self.forbidden or self.n_missing)


def read_drafts(folder: Path) -> list[Trainee]:
    """Drafts of a folder and those below it: .json documents, .jsonl of batches, note.json of hand-off packs; by name.

    A file or line that cannot be read is there with its error. Raises InputError for a folder without any.
    """
    if not folder.is_dir():
        raise InputError(_("no such folder"), where=str(folder))
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise InputError(
            _("no drafts here (.json or .jsonl)"),
            where=str(folder),
            hint=_("trainees write them with: creator-kit draft TOPIC --out FILE.json"),
        )
    return [trainee for path in paths for trainee in _read(path, str(path.relative_to(folder)))]


def _read(path: Path, name: str) -> Iterator[Trainee]:
    try:
        text = read_text(path, max_bytes=MAX_FILE_BYTES)
    except CreatorKitError as error:
        yield Trainee(name, error=error.what.strip())
        return
    except OSError as error:
        raise storage_error(error, path) from error
    if path.suffix.lower() == ".json":
        yield from _parse(text, name)
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield from _parse(line, f"{name}:{number}")


def _parse(text: str, where: str) -> Iterator[Trainee]:
    """The draft in a document: itself, that of a batch's line, or that of a hand-off pack (``note.json``).

    Grades that an earlier run wrote beside the drafts are no drafts and are passed over.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Trainee(where, error=_("not valid JSON: {error}").format(error=error))
        return
    kind = table.get("kind") if isinstance(table, dict) else None
    if kind == "grade":
        return
    if kind == "failure":
        yield Trainee(where, error=str(table.get("error", "")))
        return
    if isinstance(table, dict) and isinstance(table.get("draft"), dict):
        table = table["draft"]
    try:
        yield Trainee(where, draft_from_json(json.dumps(table, ensure_ascii=False)))
    except InputError as error:
        yield Trainee(where, error=error.what.strip())


def grade_drafts(
    trainees: Iterable[Trainee], persona: Persona, rules: RuleSet, known: Iterable[tuple[str, str, str]] = ()
) -> list[Grade]:
    """A grade for each, in order. ``known`` are (id, title, body) that the class must not copy either.

    Originality is asked of what the trainees wrote: sentences of the pack, which all of them share, are cut out.
    """
    trainees, texts = list(trainees), list(known)
    shared = sorted((line.text for line in persona.lines), key=len, reverse=True)
    bodies = {trainee.where: _without(trainee.draft, shared) for trainee in trainees if trainee.draft is not None}
    copies = _find_copies(bodies, texts)
    grades = []
    for trainee in trainees:
        draft = trainee.draft
        if draft is None:
            grades.append(Grade(trainee.where, error=trainee.error))
            continue
        overlap = copies.get(trainee.where)
        findings = [item for item in review_draft(draft, persona, rules) if item.family != "missing"]
        counts = Counter(item.rule_id for item in findings)
        blocking = {item.rule_id for item in findings if item.severity == "block"}
        text = f"{draft.title}\n{draft.body}"
        distance = measure_distance(persona, title=draft.title, body=draft.body, n_tags=len(draft.tags))
        grades.append(
            Grade(
                trainee.where,
                draft.draft_id,
                draft.title,
                rules=dict(sorted(counts.items())),
                blocking=tuple(sorted(blocking)),
                voice_distance=distance.distance,
                n_habits=distance.n_measured,
                outside=distance.outside,
                forbidden=tuple(word for word in persona.voice.forbidden if word in text),
                copied_rate=round(overlap.share_rate, 4) if overlap is not None else 0.0,
                copied_from=overlap.known_id if overlap is not None else "",
                n_missing=len(draft.missing),
            )
        )
    return grades


def _find_copies(bodies: dict[str, str], known: list[tuple[str, str, str]]) -> dict[str, Overlap]:
    """The other text that each body shares most with.

    A body is not to be compared with itself: of each chunk the rest of the class is indexed once, the chunk's own
    others once a body.
    """
    found: dict[str, Overlap] = {}
    names = list(bodies)
    for start in range(0, len(names), CHUNK):
        chunk = names[start : start + CHUNK]
        rest = KnownTexts.of([*known, *((name, "", bodies[name]) for name in names if name not in chunk)])
        for name in chunk:
            near = KnownTexts.of((other, "", bodies[other]) for other in chunk if other != name)
            overlaps = [texts.find_body(bodies[name]) for texts in (rest, near) if len(texts)]
            best = max((item for item in overlaps if item is not None), key=lambda item: item.share_rate, default=None)
            if best is not None:
                found[name] = best
    return found


def _without(draft: Draft, shared: list[str]) -> str:
    own = {fill.text for fill in draft.body_fills if fill.source.startswith("persona.")}
    body = draft.body
    for text in (*sorted(own, key=len, reverse=True), *shared):
        body = body.replace(text, "\n")
    return body
