"""Plans on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from creator_kit.cli.output import say, show, show_table
from creator_kit.locale import _, ngettext

if TYPE_CHECKING:
    from creator_kit.planning.matching import Matches
    from creator_kit.planning.planner import Plan
    from creator_kit.planning.slot import Reason, Slot

TITLE_COLUMNS = 26


def show_class(rows: Sequence[dict[str, Any]]) -> None:
    """One line a creator: posts planned and done, what is overdue, the next post, wishes not met."""
    table = []
    for row in rows:
        slots = row["slots"]
        following = next((s for s in slots if s["state"] == "planned" and s["is_post"]), None)
        table.append(
            [
                row["creator"],
                sum(s["state"] == "planned" and s["is_post"] for s in slots),
                sum(s["state"] == "done" for s in slots),
                row.get("n_overdue", 0),
                f"{following['starts_at'][5:16].replace('T', ' ')} {following['title']}" if following else "-",
                len(row["unmet"]),
            ]
        )
    show_table(
        [
            _("creator"),
            (_("planned"), "right"),
            (_("done"), "right"),
            (_("overdue"), "right"),
            _("next post"),
            (_("unmet"), "right"),
        ],
        table,
    )


def show_made(plan: Plan, now: datetime) -> None:
    """A plan just made: its size, what is known of hours, its slots, and what it could not meet."""
    if not plan.slots:
        show(_("nothing to plan: no drafts, and no pillars to take ideas from"))
        say("  → " + _("creator-kit draft TOPIC; or name a persona in creator.toml"))
        return
    posts = [slot for slot in plan.slots if slot.is_post]
    n_ideas = sum(slot.kind == "idea" for slot in posts)
    show(
        _("{n} posts in {weeks} weeks: {drafts} drafts, {ideas} ideas").format(
            n=len(posts), weeks=plan.wishes.weeks, drafts=len(posts) - n_ideas, ideas=n_ideas
        )
    )
    if plan.hours.is_told:
        show(
            _("hours: your {n} notes tell some from others (chance {p:.3f})").format(
                n=plan.hours.n_notes, p=plan.hours.chance
            )
        )
    else:
        show(
            _("hours: your {n} notes do not tell one hour from another, so posts are spread").format(
                n=plan.hours.n_notes
            )
        )
    show("")
    show_list(list(plan.slots), now, why=False)
    show_unmet(plan.unmet)
    if plan.dropped:
        n = len(plan.dropped)
        say(ngettext("{n} slot of the old plan was dropped", "{n} slots of the old plan were dropped", n).format(n=n))


def show_unmet(unmet: Sequence[Reason]) -> None:
    """The wishes that the plan does not meet, each with its reason."""
    from creator_kit.planning.explain import describe_reason

    if unmet:
        show("")
        show(_("wishes not met:"))
    for reason in unmet:
        show("  · " + describe_reason(reason))


def show_list(slots: list[Slot], now: datetime, *, why: bool) -> None:
    """The slots as a list, with the reasons for each place where ``why``."""
    from creator_kit.planning.explain import describe_reason
    from creator_kit.planning.month import describe_marks, fit_width, mark_slot

    weekdays = _("Mon Tue Wed Thu Fri Sat Sun").split()
    for slot in slots:
        day = f"{slot.starts_at:%m-%d} {weekdays[slot.starts_at.weekday()]} {slot.starts_at:%H:%M}"
        money = "$" if slot.is_sponsored else " "
        line = f"{mark_slot(slot, now)}{money}{day}  {fit_width(slot.title, 2 * TITLE_COLUMNS - 16)} {slot.slot_id}"
        print(f"{line}  {fit_width(slot.pillar, 11).rstrip()}".rstrip())
        if why:
            for reason in slot.reasons:
                print("      " + describe_reason(reason))
            if slot.is_post and slot.state == "planned" and slot.schedulable_at > now:
                print("      " + _("the app takes it from {day} on").format(day=f"{slot.schedulable_at:%m-%d %H:%M}"))
    print(describe_marks())


def say_doubts(matches: Matches) -> None:
    """Ask which note a slot became, where title and time do not tell."""
    for doubt in matches.doubts:
        say(
            _("is “{title}” (slot {slot}, {when}) one of these notes?").format(
                title=doubt.slot.title, slot=doubt.slot.slot_id, when=f"{doubt.slot.starts_at:%m-%d %H:%M}"
            )
        )
        for note in doubt.notes:
            published = (note.published_at or "")[:16].replace("T", " ")
            say("    " + "  ".join((note.note_id[:8], published, note.title)))
        say("  → " + _("creator-kit plan match {slot} --note NOTE_ID, or --none").format(slot=doubt.slot.slot_id))


def slot_document(slot: Slot) -> dict[str, Any]:
    """``slot`` for ``--json``."""
    from creator_kit.planning.explain import describe_reason

    return {
        "slot_id": slot.slot_id,
        "kind": slot.kind,
        "starts_at": slot.starts_at.isoformat(),
        "title": slot.title,
        "draft_id": slot.ref if slot.kind in ("draft", "appointment") else "",
        "task": slot.ref if slot.kind == "task" else "",
        "state": slot.state,
        "minutes": slot.minutes,
        "pillar": slot.pillar,
        "template_id": slot.template_id,
        "is_sponsored": slot.is_sponsored,
        "is_fixed": slot.is_fixed,
        "is_post": slot.is_post,
        "schedulable_at": slot.schedulable_at.isoformat() if slot.is_post else None,
        "published_at": slot.published_at.isoformat() if slot.published_at else None,
        "note_id": slot.note_id,
        "sequence": slot.sequence,
        "reasons": [{"code": reason.code, "text": describe_reason(reason)} for reason in slot.reasons],
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """``plan`` for ``--json``."""
    from creator_kit.planning.explain import describe_reason

    return {
        "n_slots": len(plan.slots),
        "slots": [slot_document(slot) for slot in plan.slots],
        "dropped": [slot.slot_id for slot in plan.dropped],
        "unmet": [
            {"code": r.code, "values": dict(sorted(r.values.items())), "text": describe_reason(r)} for r in plan.unmet
        ],
        "hours": {
            "is_told": plan.hours.is_told,
            "chance": round(plan.hours.chance, 4),
            "n_notes": plan.hours.n_notes,
            "parts": [asdict(part) for part in plan.hours.parts],
        },
        "objective": round(plan.objective, 3),
        "bound": round(plan.bound, 3),
    }


def matches_document(matches: Matches, slots: list[Slot]) -> dict[str, Any]:
    """``matches`` for ``--json``, with what was matched before."""
    return {
        "matched": [{"slot_id": slot.slot_id, "note_id": note.note_id} for slot, note in matches.sure],
        "known": [{"slot_id": s.slot_id, "note_id": s.note_id} for s in slots if s.note_id],
        "doubts": [
            {
                "slot_id": doubt.slot.slot_id,
                "title": doubt.slot.title,
                "notes": [
                    {"note_id": n.note_id, "title": n.title, "published_at": n.published_at} for n in doubt.notes
                ],
            }
            for doubt in matches.doubts
        ],
        "n_unseen": matches.n_unseen,
    }
