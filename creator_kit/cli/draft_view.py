"""A draft as a person reads it at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from creator_kit.cli.output import say, show, show_table
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.drafting import Draft


def summarise_draft(one: Draft) -> dict[str, Any]:
    """What a listing of drafts says of one, as JSON."""
    return {
        "draft_id": one.draft_id,
        "created_on": one.created_on,
        "topic": one.topic,
        "title": one.title,
        "persona": one.persona,
        "missing": one.missing,
        "sponsored": one.sponsored,
    }


def show_draft(one: Draft) -> None:
    """Titles with their reasons, the body, the topics on stdout; what is left to do on stderr."""
    if one.title not in {item.title for item in one.titles}:
        # A model's title, or one that a person filled in: the candidates below are not what stands.
        show(one.title)
        show("")
    show_table(
        [("", "right"), _("Title"), (_("Units"), "right"), _("Tier"), _("Why")],
        [
            (number, item.title, item.n_units, _tier(item.tier), item.why)
            for number, item in enumerate(one.titles, start=1)
        ],
    )
    show("")
    show(one.body)
    show("")
    show(" ".join(f"#{tag}" for tag in one.tags))
    _show_notes(one)


def _show_notes(one: Draft) -> None:
    notes: list[str] = []
    if one.missing:
        notes.append(_("you fill in: {gaps}").format(gaps="；".join(one.missing)))
    if one.left_out:
        notes.append(_("left out for length: {texts}").format(texts="；".join(text[:20] for text in one.left_out)))
    notes += one.remarks
    if one.model_used:
        notes.append(
            _("the model {name} reworded title and body; cover and hand-off carry the AI label").format(
                name=one.extra.get("model", "")
            )
        )
    notes += [_("may not be posted yet: {why}").format(why=why) for why in one.blocked]
    for note in notes:
        say("· " + note)


def _tier(name: str) -> str:
    return {
        "reliable": _("reliable"),
        "promising": _("promising"),
        "common": _("common"),
        "avoided": _("avoided"),
        "authored": _("authored"),
    }.get(name, name)
