"""Which published note a planned one became: by title and time, and where that is not plain, a question, no guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from creator_kit.corpus.note import Note
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.planning.slot import Slot, change_slot, load_slots, save_slots, to_beijing
from creator_kit.workspace import Workspace

# The same title within three days of the planned (or stated) time is the note; a title that was touched up must lie
# within half a day. Whatever is only near is asked about.
SAME_TITLE_DAYS = 3.0
TOUCHED_SHARE, TOUCHED_HOURS = 0.8, 12.0
NEAR_SHARE, NEAR_DAYS = 0.5, 7.0
# A done slot and a note posted within this time of each other are asked about whatever their titles.
SAME_TIME_HOURS = 2.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A slot that may be one of ``notes`` (best first); the person says which, or none."""

    slot: Slot
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """``sure`` pairs, ``doubts`` to ask about, and slots that are done without any note that could be theirs."""

    sure: tuple[tuple[Slot, Note], ...]
    doubts: tuple[Doubt, ...]
    n_unseen: int


def match_published(slots: Sequence[Slot], own_notes: Iterable[Note]) -> Matches:
    """Match slots that are done, or were due, with own notes that no slot has yet. Order-independent."""
    taken = {slot.note_id for slot in slots if slot.note_id}
    notes = sorted(
        (note for note in own_notes if note.note_id not in taken and published_at(note) is not None),
        key=lambda note: (note.published_at or "", note.note_id),
    )
    open_slots = [s for s in slots if s.is_post and s.state in ("planned", "done") and not s.note_id]
    sure_of: dict[str, list[Note]] = {}
    near_of: dict[str, list[Note]] = {}
    claims: dict[str, list[str]] = {}
    for slot in open_slots:
        for note in notes:
            if note.note_id in slot.rejected_note_ids:
                continue
            verdict = _compare(slot, note)
            if verdict == "sure":
                sure_of.setdefault(slot.slot_id, []).append(note)
                claims.setdefault(note.note_id, []).append(slot.slot_id)
            elif verdict == "near":
                near_of.setdefault(slot.slot_id, []).append(note)
    sure, doubts = [], []
    n_unseen = 0
    settled: set[str] = set()
    for slot in open_slots:
        found = sure_of.get(slot.slot_id, [])
        if len(found) == 1 and len(claims[found[0].note_id]) == 1:
            sure.append((slot, found[0]))
            settled.add(found[0].note_id)
    for slot in open_slots:
        if any(slot.slot_id == known.slot_id for known, _note in sure):
            continue
        choice = [
            note
            for note in (*sure_of.get(slot.slot_id, []), *near_of.get(slot.slot_id, []))
            if note.note_id not in settled
        ]
        if choice:
            choice.sort(key=lambda note: (-_share(slot.title, note.title), _gap_hours(slot, note), note.note_id))
            doubts.append(Doubt(slot, tuple(choice[:5])))
        elif slot.state == "done":
            n_unseen += 1
    return Matches(tuple(sure), tuple(doubts), n_unseen)


def settle_plan(workspace: Workspace, own_notes: Sequence[Note], *, now: datetime) -> Matches:
    """Write the sure matches into the plan (their slots are done then); doubts are only returned."""
    matches = match_published(load_slots(workspace), own_notes)
    if matches.sure:
        save_slots(workspace, [_matched(slot, note, now) for slot, note in matches.sure], now=now)
    return matches


def confirm_match(
    workspace: Workspace, slot: Slot, note: Note | None, rejected: Sequence[Note], *, now: datetime
) -> Slot:
    """What the person answered: ``slot`` became ``note``, or (None) none of ``rejected``.

    Raises InputError when another slot has that note already.
    """
    if note is None:
        ids = (*slot.rejected_note_ids, *(n.note_id for n in rejected))
        changed = change_slot(slot, now=now, rejected_note_ids=tuple(dict.fromkeys(ids)))
    else:
        owner = next(
            (s for s in load_slots(workspace) if s.note_id == note.note_id and s.slot_id != slot.slot_id), None
        )
        if owner is not None:
            raise InputError(
                _("this note belongs to slot {id} “{title}” already").format(id=owner.slot_id, title=owner.title)
            )
        changed = _matched(slot, note, now)
    save_slots(workspace, [changed], now=now)
    return changed


def published_at(note: Note) -> datetime | None:
    """When ``note`` was published, in Beijing time."""
    try:
        return to_beijing(datetime.fromisoformat(note.published_at)) if note.published_at else None
    except ValueError:
        return None


def _matched(slot: Slot, note: Note, now: datetime) -> Slot:
    return change_slot(slot, now=now, state="done", note_id=note.note_id, published_at=published_at(note))


def _compare(slot: Slot, note: Note) -> str:
    gap = _gap_hours(slot, note)
    share = _share(slot.title, note.title)
    if slot.kind == "idea" and slot.state != "done":
        share = 0.0  # an idea has no title yet
    if share == 1.0 and gap <= 24 * SAME_TITLE_DAYS:
        return "sure"
    if share >= TOUCHED_SHARE and gap <= TOUCHED_HOURS:
        return "sure"
    if share >= NEAR_SHARE and gap <= 24 * NEAR_DAYS:
        return "near"
    if share == 1.0 and (slot.state == "done" or gap <= 24 * 30):
        return "near"
    return "near" if slot.state == "done" and gap <= SAME_TIME_HOURS else ""


def _gap_hours(slot: Slot, note: Note) -> float:
    at = published_at(note)
    if at is None:
        return float("inf")
    wanted = slot.published_at or slot.starts_at
    if len(note.published_at or "") <= 10:  # a day without an hour: any hour of it
        return max(abs((at + timedelta(hours=12) - wanted).total_seconds() / 3600) - 12, 0.0)
    return abs((at - wanted).total_seconds()) / 3600


def _share(one: str, other: str) -> float:
    a, b = _plain(one), _plain(other)
    if not a or not b:
        return 0.0
    return 1.0 if a == b else min(SequenceMatcher(None, a, b, autojunk=False).ratio(), 0.999)


def _plain(title: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", title).lower() if c.isalnum())
