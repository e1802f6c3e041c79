"""The notes that come in the box: written by us, illustrative, enough to walk the whole way without an export."""

from __future__ import annotations

from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import ReadOptions
from creator_kit.errors import AssetError
from creator_kit.locale import _
from creator_kit.paths import find_shipped_dir

SHIPPED_NAME = "notes.jsonl"


def load_shipped_notes() -> list[Note]:
    """The notes of ``hot_notes_corpus/notes.jsonl``, in its order. Raises AssetError when it is broken."""
    path = find_shipped_dir("hot_notes_corpus") / SHIPPED_NAME
    # Its ids are hashes already; the key is there for the reader's sake and touches nobody.
    notes = []
    for row in open_export(path, ReadOptions(hash_key=b"shipped")).rows():
        if not isinstance(row, Note):
            raise AssetError(
                _("the shipped corpus is damaged: {row}").format(row=row),
                where=str(path),
                hint=_("install creator-kit again: pip install --force-reinstall creator-kit"),
            )
        notes.append(row)
    return notes
