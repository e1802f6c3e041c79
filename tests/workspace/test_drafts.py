"""Drafts are found by id, by the beginning of one, or as the last that was touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_kit.errors import InputError
from creator_kit.workspace import Workspace, init_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = init_workspace(tmp_path)
    for draft_id in ("da1", "da2", "db1"):
        made.save_draft(draft_id, topic="t", created_on="2026-11-24", document=f'"{draft_id}"')
    return made


def test_by_id_or_its_beginning(workspace: Workspace) -> None:
    assert workspace.load_draft("da1") == '"da1"'
    assert workspace.load_draft("db") == '"db1"'
    with pytest.raises(InputError, match="da1, da2"):
        workspace.load_draft("da")
    with pytest.raises(InputError, match="no draft 'x_'"):
        workspace.load_draft("x_")


def test_last_is_the_one_touched_last(workspace: Workspace) -> None:
    assert workspace.load_draft("last") == '"db1"'
    workspace.save_draft("da1", topic="t", created_on="2026-11-24", document='"new"')
    assert workspace.load_draft("last") == '"new"'


def test_last_of_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no draft 'last'"):
        init_workspace(tmp_path).load_draft("last")
