"""What a draft is made from and where it goes: the workspace, its persona, templates and texts; the store."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from creator_kit.cli.options import enter_workspace
from creator_kit.cli.output import say
from creator_kit.locale import _
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from creator_kit.corpus import Note
    from creator_kit.drafting import Draft, DrafterRecipe
    from creator_kit.workspace import Workspace

DEFAULT_PERSONA = "blank"


def find_workspace_at(folder: Path | None) -> Workspace | None:
    if folder is not None or find_workspace(Path.cwd()) is not None:
        return enter_workspace(folder)
    return None


def make_recipe(
    workspace: Workspace | None, persona_name: str | None, *, n: int, seed: int, shape: str, day: date
) -> DrafterRecipe:
    from creator_kit.drafting import DrafterRecipe, DraftOptions
    from creator_kit.mining import load_library
    from creator_kit.persona import load_persona

    root = workspace.root if workspace is not None else None
    name = persona_name or (workspace.settings.persona if workspace is not None else "")
    if not name:
        name = DEFAULT_PERSONA
        say(_("no persona chosen: a neutral voice writes; `creator-kit persona list` shows the packs"))
    elif persona_name is None and root is not None and (root / name).is_dir():
        name = str(root / name)  # creator.toml may name a folder beside it
    known, tags = _known_texts(workspace, day) if workspace is not None else ((), ())
    return DrafterRecipe(
        load_persona(name, root),
        tuple(load_library(root)),
        DraftOptions(n_titles=n, seed=seed, shape=shape),
        known=known,
        user_root=root,
        corpus_tags=tags,
    )


def _known_texts(
    workspace: Workspace, day: date
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, int], ...]]:
    """(id, title, body) of what no draft may copy, and the corpus's tags with their numbers of notes.

    Of drafts of earlier days the titles count; today's are left out, so that a rerun gives the same. An author's
    own bodies share the pack's sentences and are not held against each other.
    """
    from creator_kit.corpus.store import iter_notes
    from creator_kit.drafting import count_tags, draft_from_json

    texts: list[tuple[str, str, str]] = []

    def pass_on() -> Iterator[Note]:
        for note in iter_notes(workspace):
            if note.title or note.body:
                texts.append((note.note_id, note.title, note.body))
            yield note

    tags = count_tags(pass_on())
    drafts = (draft_from_json(document) for document in workspace.list_drafts())
    texts += [(one.draft_id, one.title, "") for one in drafts if one.created_on < day.isoformat()]
    return tuple(texts), tuple(tags.items())


def save_draft(workspace: Workspace | None, one: Draft) -> bool:
    """Keep ``one`` in the store; False where that has the same draft with a person's fill-ins, which stays."""
    from creator_kit.drafting import draft_from_json, draft_to_json
    from creator_kit.errors import InputError

    if workspace is None:
        return True
    try:
        before = draft_from_json(workspace.load_draft(one.draft_id))
    except InputError:
        before = None
    if before is not None and _is_filled(before) and not _is_filled(one):
        say(_("{id} holds your fill-ins and stays as it was; another --seed drafts beside it").format(id=one.draft_id))
        return False
    workspace.save_draft(one.draft_id, topic=one.topic, created_on=one.created_on, document=draft_to_json(one))
    return True


def _is_filled(one: Draft) -> bool:
    return any(fill.source == "person" for fill in one.body_fills)


def say_next(one: Draft, workspace: Workspace | None, out: Path | None) -> None:
    if workspace is not None:
        say(_("saved as {id}").format(id=one.draft_id))
        say("  → " + _("next: creator-kit cover {id}").format(id=one.draft_id))
    elif out is not None:
        say(_("written to {path}").format(path=out))
    else:
        say(_("not saved: no workspace here (creator-kit init) and no --out FILE"))
