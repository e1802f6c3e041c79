"""The slot: a note, a task or an appointment with its day and hour; and the plan's rows in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from creator_kit.clock import BEIJING
from creator_kit.errors import InputError, WorkspaceError
from creator_kit.locale import _
from creator_kit.workspace import Workspace, plan_table

SlotKind = Literal["draft", "idea", "task", "appointment"]
SlotState = Literal["planned", "done", "skipped", "dropped"]
# A post scheduled in the app must lie between these two from the moment of scheduling (xiaohongshu-mcp, CODE).
SCHEDULE_FROM = timedelta(hours=1)
SCHEDULE_UNTIL = timedelta(days=14)


class Reason(msgspec.Struct, frozen=True):
    """Why a slot lies where it lies: a ``code`` (see explain.describe_reason) with the values that it names."""

    code: str
    values: dict[str, str] = {}


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the plan. ``starts_at`` is in Beijing time; ``ref`` is the draft's id or the ladder's task.

    ``is_fixed``: a person put it there, so a new plan leaves it. ``sequence`` rises with each change of time,
    title or state, as calendars want it. ``note_id`` is the published note it became, once that is known.
    ``dropped`` slots were planned once and are kept so that calendars can cancel them.
    """

    slot_id: str
    kind: SlotKind
    starts_at: datetime
    title: str
    ref: str = ""
    state: SlotState = "planned"
    minutes: int = 30
    pillar: str = ""
    template_id: str = ""
    is_sponsored: bool = False
    is_topic: bool = False
    is_video: bool = False
    is_fixed: bool = False
    is_post: bool = True
    sequence: int = 0
    changed_at: datetime
    reasons: tuple[Reason, ...] = ()
    note_id: str = ""
    rejected_note_ids: tuple[str, ...] = ()
    published_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def schedulable_at(self) -> datetime:
        """From when on the app takes it as a scheduled post (14 days before)."""
        return self.starts_at - SCHEDULE_UNTIL


def make_slot_id(*parts: str) -> str:
    """Eight hex digits that stay the same for the same draft, idea, task or appointment."""
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:8]


def change_slot(slot: Slot, *, now: datetime, **changes: object) -> Slot:
    """``slot`` with ``changes``; its sequence rises when a calendar would see a difference."""
    changed = msgspec.structs.replace(slot, **changes)
    seen = ("starts_at", "title", "state", "minutes", "kind", "is_sponsored")
    if any(getattr(slot, name) != getattr(changed, name) for name in seen):
        changed = msgspec.structs.replace(changed, sequence=slot.sequence + 1, changed_at=now)
    return changed


def load_slots(workspace: Workspace) -> list[Slot]:
    """All slots, earliest first. Raises WorkspaceError for one that cannot be read."""
    with workspace.reading() as db:
        documents = plan_table.fetch_slots(db)
    try:
        return [_in_beijing(msgspec.json.decode(text, type=Slot)) for text in documents]
    except msgspec.DecodeError as error:
        raise WorkspaceError(
            _("the plan cannot be read: {error}").format(error=error), where=str(workspace.store_path)
        ) from error


def save_slots(workspace: Workspace, slots: Iterable[Slot], *, plan_document: str = "", now: datetime) -> None:
    """Write ``slots`` over those of their ids, and with them how a new plan was made; all or nothing."""
    rows = [
        (slot.slot_id, slot.starts_at.isoformat(), slot.state, msgspec.json.encode(slot).decode()) for slot in slots
    ]
    with workspace.transaction() as db:
        plan_table.save_slots(db, rows)
        if plan_document:
            plan_table.insert_plan(db, made_at=now.isoformat(timespec="seconds"), document=plan_document)


def find_slot(slots: Iterable[Slot], text: str) -> Slot:
    """The slot whose id, draft id or title begins with ``text``. Raises InputError when none or several do."""
    live = [slot for slot in slots if slot.state != "dropped"]
    found = [slot for slot in live if text and slot.slot_id.startswith(text)]
    found = found or [slot for slot in live if text and slot.ref.startswith(text)]
    found = found or [slot for slot in live if text and text in slot.title]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            _("'{text}' fits several slots: {ids}").format(
                text=text, ids=", ".join(f"{slot.slot_id} {slot.title}" for slot in found[:6])
            )
        )
    raise InputError(
        _("no slot '{text}' in the plan").format(text=text), hint=_("creator-kit plan show --list lists them")
    )


def parse_moment(text: str, *, where: str) -> datetime:
    """``2026-12-01 20:00`` or with an offset, as Beijing time. Raises InputError for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            _("'{text}' is not a day and time").format(text=text), where=where, hint=_("write it as 2026-12-01T20:00")
        ) from error
    return to_beijing(moment)


def to_beijing(moment: datetime) -> datetime:
    """``moment`` in Beijing time; one without a zone is taken as Beijing's, whatever this computer's zone is."""
    return moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment.astimezone(BEIJING)


def _in_beijing(slot: Slot) -> Slot:
    return msgspec.structs.replace(
        slot,
        starts_at=to_beijing(slot.starts_at),
        changed_at=to_beijing(slot.changed_at),
        published_at=None if slot.published_at is None else to_beijing(slot.published_at),
    )
