"""What leaves at the right: the pack from which a person posts, and the view of a note in it."""

from creator_kit.handoff.note_view import NoteView, Picture, Remark, Segment, review_in_both, view_note
from creator_kit.handoff.pack import Handoff, list_to_do, write_handoff
from creator_kit.handoff.page import render_note_page, render_page

__all__ = [
    "Handoff",
    "NoteView",
    "Picture",
    "Remark",
    "Segment",
    "list_to_do",
    "render_note_page",
    "render_page",
    "review_in_both",
    "view_note",
    "write_handoff",
]
