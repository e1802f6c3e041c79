"""Drafts and pillar ideas as candidates of a plan: their pillar, template, occasions, and which are near-alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

from creator_kit.drafting.document import draft_from_json
from creator_kit.drafting.draft import Draft
from creator_kit.drafting.lexicon import match_pillars
from creator_kit.errors import InputError
from creator_kit.persona import Persona, load_persona
from creator_kit.planning.calendar import Occasion, match_occasions
from creator_kit.planning.problem import IDEA_VALUE, Candidate
from creator_kit.planning.slot import Slot, SlotKind, make_slot_id
from creator_kit.workspace import Workspace

# Titles (or bodies) that share this much of their pairs of characters are near-alike (Jaccard).
ALIKE_TITLE, ALIKE_BODY = 0.5, 0.6
# So many drafts for each place are looked at; the rest wait (oldest first, each pillar in turn).
POOL_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """A candidate with what the plan shows of it. ``text`` is what occasions and likeness are read from."""

    candidate: Candidate
    kind: SlotKind
    ref: str
    text: str
    body: str = ""
    is_video: bool = False
    is_topic: bool = False
    occasions: tuple[Occasion, ...] = ()

    @property
    def key(self) -> str:
        """The id that its slot will have."""
        return self.candidate.key


def load_subjects(workspace: Workspace, occasions: Sequence[Occasion], *, taken: frozenset[str]) -> list[Subject]:
    """The workspace's drafts as subjects, oldest first, without those whose slot ids are ``taken``."""
    personas: dict[str, Persona | None] = {}
    subjects = []
    for text in workspace.list_drafts():
        draft = draft_from_json(text)
        if make_slot_id("draft", draft.draft_id) not in taken:
            persona = _persona(draft.persona or workspace.settings.persona, workspace, personas)
            subjects.append(_subject_of(draft, persona, occasions))
    return subjects


def list_persona_wishes(workspace: Workspace) -> dict[str, Any]:
    """The wishes that the workspace's persona pack has of its own: how rarely a note may be a paid one."""
    persona = _persona(workspace.settings.persona, workspace, {})
    return {} if persona is None else {"sponsored_one_in": persona.commercial.ordinary_notes_per_ad + 1}


def propose_ideas(
    workspace: Workspace, occasions: Sequence[Occasion], *, n_ideas: int, taken: frozenset[str]
) -> list[Subject]:
    """``n_ideas`` ideas from the persona's pillars, each pillar in turn and through its scenarios; [] without one."""
    persona = _persona(workspace.settings.persona, workspace, {})
    if persona is None or not persona.pillars:
        return []
    ideas: list[Subject] = []
    turn = 0
    # A round gives each pillar one idea; an idea that is there already is passed over.
    while len(ideas) < n_ideas and turn < n_ideas + len(taken) + 1:
        for pillar in persona.pillars:
            scenarios = pillar.scenarios or (pillar.name,)
            scenario, number = scenarios[turn % len(scenarios)], turn // len(scenarios)
            key = make_slot_id("idea", pillar.name, scenario, str(number))
            if key in taken or len(ideas) >= n_ideas:
                continue
            title = scenario if scenario == pillar.name else f"{pillar.name} · {scenario}"
            matched = tuple(match_occasions(f"{pillar.name} {scenario}", list(occasions)))
            candidate = Candidate(
                key,
                title,
                value=IDEA_VALUE,
                is_written=False,
                pillar=pillar.name,
                template=f"idea:{pillar.name}:{scenario}",
                windows=_windows(matched),
            )
            ideas.append(Subject(candidate, "idea", "", title, occasions=matched))
        turn += 1
    return ideas


def fixed_subject(workspace: Workspace, slot: Slot) -> Subject:
    """A slot that a person fixed, as a candidate that may lie only where it lies."""
    try:
        body = draft_from_json(workspace.load_draft(slot.ref)).body if slot.kind == "draft" else ""
    except InputError:
        body = ""  # the draft was deleted since: the slot still stands
    candidate = Candidate(
        slot.slot_id,
        slot.title,
        pillar=slot.pillar,
        template=slot.template_id,
        is_sponsored=slot.is_sponsored,
        fixed_at=slot.starts_at,
    )
    return Subject(
        candidate, slot.kind, slot.ref, slot.title, body=body, is_video=slot.is_video, is_topic=slot.is_topic
    )


def limit_pool(subjects: Sequence[Subject], n_places: int) -> tuple[list[Subject], list[Subject]]:
    """(looked at, left for later): all that must be placed, those with an occasion, then each pillar in turn."""
    most = POOL_FACTOR * n_places
    if len(subjects) <= most:
        return list(subjects), []
    first = [s for s in subjects if s.candidate.is_must]
    first += [s for s in subjects if s.candidate.windows and not s.candidate.is_must][: max(most // 2 - len(first), 0)]
    chosen = {s.key for s in first}
    by_pillar: dict[str, list[Subject]] = {}
    for subject in subjects:
        if subject.key not in chosen:
            by_pillar.setdefault(subject.candidate.pillar, []).append(subject)
    queues = list(by_pillar.values())
    while len(first) < most and any(queues):
        for queue in queues:
            if queue and len(first) < most:
                first.append(queue.pop(0))
    chosen = {s.key for s in first}
    return [s for s in subjects if s.key in chosen], [s for s in subjects if s.key not in chosen]


def find_alike(subjects: Iterable[Subject]) -> frozenset[frozenset[str]]:
    """Pairs of keys whose titles or bodies share most of their pairs of characters."""
    shapes = [
        (s.key, _pairs_of(s.candidate.title), _pairs_of(s.body)) for s in subjects if s.kind in ("draft", "appointment")
    ]
    return frozenset(
        frozenset((a, b))
        for (a, title_a, body_a), (b, title_b, body_b) in combinations(shapes, 2)
        if _share(title_a, title_b) >= ALIKE_TITLE or _share(body_a, body_b) >= ALIKE_BODY
    )


def with_deadline(subject: Subject, by: date) -> Subject:
    """``subject`` with a firm last day."""
    return replace(subject, candidate=replace(subject.candidate, by=by))


def _subject_of(draft: Draft, persona: Persona | None, occasions: Sequence[Occasion]) -> Subject:
    pillars = match_pillars(draft.brief, persona, draft.kind) if persona is not None else []
    text = " ".join((draft.topic, draft.title, draft.brief.scenario, *draft.tags))
    matched = tuple(match_occasions(text, list(occasions)))
    title = draft.title or draft.topic
    template = find_template(draft)
    candidate = Candidate(
        make_slot_id("draft", draft.draft_id),
        title,
        pillar=pillars[0].name if pillars else draft.kind,
        template=template,
        is_sponsored=draft.sponsored,
        windows=_windows(matched),
    )
    return Subject(
        candidate,
        "draft",
        draft.draft_id,
        text,
        body=draft.body,
        is_video=draft.extra.get("type") == "视频",
        is_topic=bool(draft.extra.get("topic_note")),
        occasions=matched,
    )


def find_template(draft: Draft) -> str:
    """The id of the title template that the draft's title was made from; "" for a title of one's own."""
    return next((t.template_id for t in draft.titles if t.title == draft.title), "")


def _windows(occasions: Sequence[Occasion]) -> tuple[tuple[date, date], ...]:
    return tuple(sorted({(o.opens_on, o.closes_on) for o in occasions}))


def _persona(name: str, workspace: Workspace, known: dict[str, Persona | None]) -> Persona | None:
    if name not in known:
        try:
            known[name] = load_persona(name, workspace.root) if name else None
        except InputError:
            known[name] = None  # a pack that was removed since: the draft keeps its kind as pillar
    return known[name]


def _pairs_of(text: str) -> frozenset[str]:
    plain = "".join(character for character in text if character.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 0.0
