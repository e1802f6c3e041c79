"""The workspace's store as a file: made once, opened by many, honest about what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from creator_kit.errors import StorageError, WorkspaceError
from creator_kit.workspace import Workspace, folder, init_workspace, open_workspace
from creator_kit.workspace.migrations import LATEST, migrations


def test_the_version_is_the_number_of_migrations(tmp_path: Path) -> None:
    assert LATEST == folder.SCHEMA_VERSION == len(migrations._migrations)
    with init_workspace(tmp_path) as workspace:
        assert workspace.db.execute("PRAGMA user_version").fetchone()[0] == LATEST
        assert workspace.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_every_table_is_strict(tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        tables = workspace.db.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    own = {name: strict for name, strict in tables if not name.startswith(("sqlite_", "_sqlite_"))}
    assert {"notes", "observations", "account_days", "imports", "secrets"} <= own.keys() and all(own.values())


def test_the_hash_key_is_random_made_once_and_can_be_given(tmp_path: Path) -> None:
    with init_workspace(tmp_path / "a") as one, init_workspace(tmp_path / "b") as two:
        key = one.hash_key
        assert len(key) == 16 and key != two.hash_key
    with init_workspace(tmp_path / "a", hash_key=b"another") as again:
        assert again.hash_key == key
    with init_workspace(tmp_path / "c", hash_key=b"given") as given:
        assert given.hash_key == b"given"


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    init_workspace(tmp_path).close()
    db = sqlite3.connect(tmp_path / "kit.db")
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(WorkspaceError, match=r"newer.*999") as caught:
        _ = open_workspace(tmp_path).db
    assert "upgrade" in (caught.value.hint or "")


@pytest.mark.parametrize("content", [b"this is no database at all, but long enough to be one" * 40, b"\x00" * 4096])
def test_a_file_that_is_no_store_is_told(tmp_path: Path, content: bytes) -> None:
    init_workspace(tmp_path).close()
    (tmp_path / "kit.db").write_bytes(content)
    with pytest.raises(WorkspaceError, match="damaged") as caught:
        _ = open_workspace(tmp_path).db
    assert "kit.db" in (caught.value.where or "")
    assert (tmp_path / "kit.db").read_bytes() == content


def test_damage_inside_is_told_when_it_is_met(tmp_path: Path) -> None:
    from creator_kit.corpus.store import iter_notes

    with init_workspace(tmp_path) as workspace, workspace.transaction() as db:
        db.executemany(
            "INSERT INTO notes (note_id, author, title, body, tags, observed_at, is_timed, source)"
            " VALUES (?, '', '', ?, '[]', '2026', 0, '')",
            [(str(n), "x" * 2000) for n in range(500)],
        )
    data = bytearray((tmp_path / "kit.db").read_bytes())
    for start in range(200_000, len(data), 8192):
        data[start : start + 4096] = os.urandom(4096)
    (tmp_path / "kit.db").write_bytes(data)
    with open_workspace(tmp_path) as workspace, pytest.raises(WorkspaceError, match="damaged"):
        list(iter_notes(workspace))


def test_two_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    init_workspace(tmp_path).close()
    for name in ("kit.db", "kit.db-wal", "kit.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    failures: list[BaseException] = []
    keys: list[bytes] = []

    def start() -> None:
        try:
            with Workspace(tmp_path) as workspace:
                keys.append(workspace.hash_key)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(set(keys)) == 1 and len(keys) == 4


def test_a_locked_store_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LOCK_TIMEOUT_SECONDS", 0.05)
    with init_workspace(tmp_path) as workspace:
        other = sqlite3.connect(workspace.store_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WorkspaceError, match="another process"):
            workspace.save_draft("d1", topic="t", created_on="2026-11-24", document="{}")
        other.execute("ROLLBACK")
        other.close()
        workspace.save_draft("d1", topic="t", created_on="2026-11-24", document="{}")
        assert workspace.list_drafts() == ["{}"]


def test_a_store_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        workspace.db.execute("PRAGMA query_only = ON")
        with pytest.raises(StorageError, match="permission"):
            workspace.save_draft("d1", topic="t", created_on="2026-11-24", document="{}")


@pytest.mark.skipif(sys.platform == "win32" or getattr(os, "geteuid", lambda: 0)() == 0, reason="needs a plain user")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    init_workspace(tmp_path).close()
    (tmp_path / "kit.db").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(StorageError, match="permission"), open_workspace(tmp_path) as workspace:
            workspace.save_draft("d1", topic="t", created_on="2026-11-24", document="{}")
    finally:
        tmp_path.chmod(0o755)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from creator_kit.errors import StorageError
from creator_kit.workspace import open_workspace

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
workspace = open_workspace(Path(sys.argv[1]))
try:
    with workspace.transaction(bulk=sys.argv[3] == "bulk") as db:
        for n in range(3000):
            db.execute("INSERT INTO drafts VALUES (?, '', '', ?)", (str(n), "x" * 5000))
except StorageError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
@pytest.mark.parametrize("mode", ["plain", "bulk"])
def test_a_file_that_may_not_grow_is_a_storage_error_and_loses_nothing(tmp_path: Path, mode: str) -> None:
    with init_workspace(tmp_path) as workspace:
        workspace.save_draft("kept", topic="t", created_on="2026-11-24", document="{}")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), "2000000", mode], capture_output=True, text=True
    )
    assert done.returncode == StorageError.exit_code, done.stdout + done.stderr
    with open_workspace(tmp_path) as workspace:
        assert workspace.list_drafts() == ["{}"]
        assert workspace.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_bulk_transaction_ends_in_the_usual_journal(tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        with workspace.transaction(bulk=True) as db:
            assert db.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
            db.execute("INSERT INTO drafts VALUES ('a', '', '', '{}')")
        assert workspace.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        with pytest.raises(ZeroDivisionError), workspace.transaction(bulk=True) as db:
            db.execute("INSERT INTO drafts VALUES ('b', '', '', '{}')")
            _ = 1 / 0
        assert workspace.count_rows("drafts") == 1
        assert workspace.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
