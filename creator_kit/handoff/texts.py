"""The words of a note's view, in the language in use."""

from __future__ import annotations

from collections.abc import Callable

from creator_kit.locale import LANGUAGES, Both, _, speaking


def texts_in_both(tell: Callable[[], dict[str, str]]) -> dict[str, Both]:
    """The texts that ``tell`` gives by name, in both languages."""
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            found[code] = tell()
    return {name: Both(zh, found["en"][name]) for name, zh in found["zh"].items()}


def tell_note_texts() -> dict[str, str]:
    """What stands around a note."""
    return {
        "advise": _("could be better"),
        "block": _("must change"),
        "carousel": _("pictures of the note; scroll sideways"),
        "close": _("close"),
        "copied": _("copied"),
        "copy_body": _("copy the body"),
        "copy_tags": _("copy the tags"),
        "copy_title": _("copy the title"),
        "dark": _("light or dark"),
        "findings": _("Findings"),
        "fix": _("write instead:"),
        "fix_remove": _("leave these words out"),
        "gap_hint": _("［待补：…］ marks what only you can fill in."),
        "language": _("中文 / English"),
        "no_findings": _("Review found nothing."),
        "no_pictures": _("no picture yet"),
        "of_note": _("About the note as a whole"),
        "part_body": _("Body"),
        "part_tags": _("Tags"),
        "part_title": _("Title"),
        "picture": _("picture"),
        "reader": _("As readers see it"),
        "select": _("selected: copy it with your keyboard or a long press"),
        "skip": _("Skip to the content"),
        "state_block": _("must change first"),
        "state_gaps": _("gaps to fill"),
        "state_ready": _("ready"),
        "state_warn": _("look at it once more"),
        "to_do": _("Before and while posting"),
        "warn": _("look again"),
    }
