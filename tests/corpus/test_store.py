"""The store: one export in, all or nothing; the same rows twice change nothing; what comes out equals what went in."""

from __future__ import annotations

import io
import json
import marshal
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from note_strategies import NOTE_IDS, notes

from creator_kit.clock import BEIJING
from creator_kit.corpus import batches, store
from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.readers.byte_lines import BLOCK_BYTES
from creator_kit.corpus.reading import ReadOptions, RowProblem, SeriesPoint
from creator_kit.corpus.store import export_jsonl, import_export, iter_days, iter_histories, load_notes
from creator_kit.errors import InputError, RefusedError, StorageError, WorkspaceError
from creator_kit.workspace import Workspace, folder, init_workspace

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
KEY = b"0123456789abcdef"


class FakeExport:
    """An export of given rows, so that these tests say nothing of any format."""

    format_id = "fake"
    is_divisible = False

    def __init__(self, path: Path, rows: Any, own: bool) -> None:
        self.path, self.own, self._rows = path, own, rows

    def rows(self) -> Iterator[Any]:
        yield from self._rows

    def progress(self) -> tuple[int, int | None]:
        return 1, None


class Shelf:
    """A workspace and a way to import rows into it; each call is a file with bytes of its own."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.workspace = init_workspace(root, hash_key=KEY)
        self.patch = patch
        self.n_files = 0

    def add(self, rows: Any, *, now: datetime = NOW, own: bool = False, **settings: Any) -> store.ImportReport:
        self.n_files += 1
        path = self.workspace.root / f"export-{self.n_files}"
        path.write_text(str(self.n_files), encoding="utf-8")
        self.patch.setattr(batches, "open_export", lambda path, options: FakeExport(path, rows, own))
        return import_export(self.workspace, path, ReadOptions(hash_key=KEY), now=now, **settings)

    def state(self) -> tuple[Any, ...]:
        """Everything the store holds of notes, in an order of its own."""
        held = sorted(load_notes(self.workspace), key=lambda note: note.note_id)
        return held, sorted(iter_histories(self.workspace), key=lambda history: history[0].note.note_id)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path, monkeypatch)
    yield shelf
    shelf.workspace.close()


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Empty workspaces, many and cheap: an empty store is made once and copied."""
    with pytest.MonkeyPatch.context() as patch:
        made: list[Shelf] = []
        root = tmp_path_factory.mktemp("empty")
        init_workspace(root, hash_key=KEY).close()
        content = {path.name: path.read_bytes() for path in root.iterdir()}

        def make() -> Shelf:
            copy = tmp_path_factory.mktemp("shelf")
            for name, data in content.items():
                (copy / name).write_bytes(data)
            made.append(Shelf(copy, patch))
            return made[-1]

        yield make
        for shelf in made:
            shelf.workspace.close()


quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# A bound without a time, which is above the count of a row that was left out for saying nothing new.
OVERTAKEN = [
    Note(NOTE_IDS[0], source="MediaCrawler", **fields)
    for fields in (
        {},
        {"body": "早餐"},
        {"collects": 0, "observed_at": "2026-06-01T08:00:00+08:00"},
        {"body": "早餐", "collects": 0},
        {"collects": 1, "floors": frozenset({"collects"}), "keyword": "早餐"},
    )
]


@quick
@given(rows=st.lists(notes(), max_size=12))
@example(rows=OVERTAKEN)
def test_what_comes_out_is_what_went_in_and_again_changes_nothing(shelves: Any, rows: list[Note]) -> None:
    shelf = shelves()
    report = shelf.add(rows)
    assert report.n_added == len({row.note_id for row in rows})
    assert report.n_added + report.n_updated + report.n_unchanged == len(rows)
    by_id: dict[str, list[Note]] = {}
    for row in rows:
        by_id.setdefault(row.note_id, []).append(row)
    held, before = {note.note_id: note for note in load_notes(shelf.workspace)}, shelf.state()
    assert held.keys() == by_id.keys()
    for note_id, seen in by_id.items():
        if len(seen) == 1:
            assert held[note_id] == seen[0]
    again = shelf.add(rows, now=NOW + timedelta(days=3))
    assert (again.n_added, again.n_updated) == (0, 0)
    assert shelf.state() == before


@quick
@given(a=st.lists(notes(timed=True), max_size=6), b=st.lists(notes(timed=True), max_size=6))
def test_the_order_of_two_timed_exports_does_not_matter(shelves: Any, a: list[Note], b: list[Note]) -> None:
    one, two = shelves(), shelves()
    one.add(a)
    one.add(b)
    two.add(b)
    two.add(a)
    assert one.state() == two.state()


@quick
@given(rows=st.lists(notes(own=True), max_size=6))
def test_own_results_keep_all_their_figures(shelves: Any, rows: list[Note]) -> None:
    rows = list({row.note_id: row for row in rows}.values())
    shelf = shelves()
    shelf.add(rows, own=True)
    held = load_notes(shelf.workspace, own=True)
    assert sorted(held, key=lambda note: note.note_id) == sorted(rows, key=lambda note: note.note_id)
    assert load_notes(shelf.workspace, own=False) == []


def note(n: int = 0, **fields: Any) -> Note:
    return Note(NOTE_IDS[n], source="test", **fields)


def test_a_later_export_updates_the_counts_and_keeps_the_earlier_ones(shelf: Shelf) -> None:
    shelf.add([note(likes=10, body="正文", observed_at="2026-06-01")])
    report = shelf.add([note(likes=25, observed_at="2026-06-08"), note(1, likes=1)])
    assert (report.n_added, report.n_updated, report.n_unchanged) == (1, 1, 0)
    assert shelf.state()[0][0] == note(likes=25, body="正文", observed_at="2026-06-08")
    (history,) = iter_histories(shelf.workspace)
    assert [(seen.at, seen.note.likes, seen.note.body) for seen in history] == [
        ("2026-06-01", 10, "正文"),
        ("2026-06-08", 25, ""),
    ]


def test_an_older_export_does_not_overwrite_newer_counts(shelf: Shelf) -> None:
    shelf.add([note(likes=25, observed_at="2026-06-08")])
    shelf.add([note(likes=10, title="早餐", observed_at="2026-06-01")])
    assert load_notes(shelf.workspace) == [note(likes=25, title="早餐", observed_at="2026-06-08")]


def test_without_a_time_of_export_the_time_of_import_counts(shelf: Shelf) -> None:
    shelf.add([note(likes=10)])
    shelf.add([note(likes=12)], now=NOW + timedelta(days=1))
    assert load_notes(shelf.workspace)[0].likes == 12
    assert load_notes(shelf.workspace)[0].observed_at is None
    # The first file again, saved anew: nothing in it exceeds what is known, so it is no third observation.
    assert shelf.add([note(likes=10)], now=NOW + timedelta(days=2)).n_unchanged == 1
    assert load_notes(shelf.workspace)[0].likes == 12


def test_the_same_bytes_are_not_read_twice_unless_they_are_read_differently(shelf: Shelf) -> None:
    first = shelf.add([note(likes=1)])
    path = first.path
    shelf.patch.setattr(batches, "open_export", lambda path, options: pytest.fail("read again"))
    repeat = import_export(shelf.workspace, path, ReadOptions(hash_key=KEY), now=NOW)
    assert repeat.is_repeat and repeat.n_unchanged == 1 and repeat.n_added == 0
    other = ReadOptions(hash_key=KEY, source="another")
    with pytest.raises(pytest.fail.Exception):
        import_export(shelf.workspace, path, other, now=NOW)


def test_a_file_with_bad_rows_is_read_again_so_that_they_are_told_again(shelf: Shelf) -> None:
    rows = [note(likes=1), RowProblem("x.csv:3:likes", "not a count")]
    path = shelf.add(rows).path
    report = import_export(shelf.workspace, path, ReadOptions(hash_key=KEY), now=NOW)
    assert not report.is_repeat and report.n_problems == 1 and report.n_unchanged == 1


def test_bad_rows_are_counted_and_the_first_are_kept(shelf: Shelf) -> None:
    problems = [RowProblem(f"x.csv:{row}:likes", "not a count") for row in range(50)]
    report = shelf.add([*problems, note()])
    assert report.n_problems == 50 and report.n_added == 1
    assert report.problems == tuple(problems[: store.MAX_PROBLEMS_KEPT])


def test_strict_stops_at_a_bad_row_and_leaves_the_store_as_it_was(shelf: Shelf) -> None:
    rows = [*(Note(f"{n:016x}") for n in range(5000)), RowProblem("x.csv:9:likes", "not a count")]
    with pytest.raises(InputError, match="not a count") as caught:
        shelf.add(rows, strict=True)
    assert caught.value.where == "x.csv:9:likes"
    assert shelf.state() == ([], []) and shelf.workspace.count_rows("imports") == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, InputError("broken in the middle")])
@pytest.mark.parametrize("bulk", [False, True])
def test_any_interruption_leaves_the_store_as_it_was(shelf: Shelf, error: Any, bulk: bool) -> None:
    shelf.add([note(likes=1, observed_at="2026-06-01"), note(1)])
    before = shelf.state()

    def rows() -> Iterator[Note]:
        yield note(likes=2, observed_at="2026-06-02")
        yield from (Note(f"{n:016x}") for n in range(100, 9000))
        raise error

    shelf.patch.setattr(store, "_BULK_BYTES", 0 if bulk else 10**9)
    with pytest.raises(error if isinstance(error, type) else type(error)):
        shelf.add(rows())
    assert shelf.state() == before
    assert shelf.workspace.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert shelf.workspace.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("bulk", [False, True])
def test_a_full_disk_is_told_and_loses_nothing(shelf: Shelf, bulk: bool) -> None:
    shelf.add([note(likes=1)])
    before = shelf.state()
    shelf.patch.setattr(store, "_BULK_BYTES", 0 if bulk else 10**9)
    pages = shelf.workspace.db.execute("PRAGMA page_count").fetchone()[0]
    shelf.workspace.db.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(StorageError, match="full"):
        shelf.add(Note(f"{n:016x}", body="长" * 300) for n in range(100, 4000))
    assert shelf.state() == before


def test_the_order_of_columns_survives_notes_with_and_without_rare_fields(shelf: Shelf) -> None:
    rows = [
        note(0, likes=3),
        note(1, likes=10, floors=frozenset({"likes"}), followers=7),
        note(2, title="题", title_is_body_prefix=True),
        note(3, shares=0, collects=4),
    ]
    shelf.add(rows)
    assert sorted(load_notes(shelf.workspace), key=lambda n: n.note_id) == rows
    thin = load_notes(shelf.workspace, texts=False)
    assert all(n.title == n.body == "" for n in thin) and {n.likes for n in thin} == {3, 10, None}


def test_a_million_could_come_twins_across_batches_merge(shelf: Shelf) -> None:
    rows = [Note(f"{n % 5000:016x}", likes=n // 5000, observed_at="2026-06-01") for n in range(10_000)]
    report = shelf.add(rows)
    assert (report.n_added, report.n_updated, report.n_unchanged) == (5000, 5000, 0)
    assert {n.likes for n in load_notes(shelf.workspace)} == {1}


def test_days_of_the_account_are_kept_and_the_newer_value_wins(shelf: Shelf) -> None:
    points = [SeriesPoint("views", "2026-06-01", 30.0), SeriesPoint("views", "2026-06-02", 5.0)]
    assert shelf.add(points, own=True).n_days == 2
    later = [SeriesPoint("views", "2026-06-02", 50.0), SeriesPoint("views", "2026-06-01", 30.0)]
    report = shelf.add(later, own=True, now=NOW + timedelta(days=1))
    assert (report.n_days, report.n_unchanged) == (1, 1)
    assert [point.value for _account, point in iter_days(shelf.workspace)] == [30.0, 50.0]
    # A sheet of an earlier day, imported late, knows less of its last day than the one that followed.
    early = [SeriesPoint("views", "2026-05-31", 8.0), SeriesPoint("views", "2026-06-01", 3.0)]
    assert shelf.add(early, own=True, now=NOW + timedelta(days=9)).n_days == 1
    assert [point.value for _account, point in iter_days(shelf.workspace)] == [8.0, 30.0, 50.0]


def test_each_side_points_to_the_other(shelf: Shelf) -> None:
    with pytest.raises(RefusedError) as caught:
        import_export_as(shelf, [note(views=1)], file_is_own=True, own=False)
    assert "results add" in str(caught.value)
    with pytest.raises(RefusedError) as caught:
        import_export_as(shelf, [note(likes=1)], file_is_own=False, own=True)
    assert "corpus add" in str(caught.value)
    assert shelf.state() == ([], [])
    report = import_export_as(shelf, [note(impressions=9, views=1)], file_is_own=False, own=True)
    assert report.is_own and load_notes(shelf.workspace, own=True)


def import_export_as(shelf: Shelf, rows: list[Note], *, file_is_own: bool, own: bool) -> store.ImportReport:
    path = shelf.workspace.root / "sheet"
    path.write_text(f"{file_is_own} {own} {rows}", encoding="utf-8")
    shelf.patch.setattr(batches, "open_export", lambda path, options: FakeExport(path, rows, file_is_own))
    return import_export(shelf.workspace, path, ReadOptions(hash_key=KEY), now=NOW, own=own)


def test_a_folder_and_a_missing_file_are_told(shelf: Shelf) -> None:
    for path in (shelf.workspace.root, shelf.workspace.root / "没有.xlsx"):
        with pytest.raises(InputError) as caught:
            import_export(shelf.workspace, path, ReadOptions(hash_key=KEY), now=NOW)
        assert str(path) in str(caught.value)


def test_a_workspace_that_another_process_writes_to_is_told(shelf: Shelf) -> None:
    other = sqlite3.connect(shelf.workspace.store_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    shelf.workspace.db.execute("PRAGMA busy_timeout = 50")
    for size in (0, 10**9):
        shelf.patch.setattr(store, "_BULK_BYTES", size)
        with pytest.raises(WorkspaceError, match="another process"):
            shelf.add([note()])
    other.execute("ROLLBACK")
    other.close()
    assert shelf.add([note()]).n_added == 1


def test_another_process_may_read_while_a_large_import_runs(shelf: Shelf) -> None:
    shelf.patch.setattr(store, "_BULK_BYTES", 0)
    with Workspace(shelf.workspace.root) as reader:
        assert load_notes(reader) == []
        shelf.add(Note(f"{n:016x}") for n in range(5000))
        assert len(load_notes(reader)) == 5000


IMPORT_THAT_STALLS = """
import sys, time
from datetime import datetime
from pathlib import Path
from creator_kit.corpus import batches, store
from creator_kit.corpus.note import Note
from creator_kit.corpus.reading import ReadOptions
from creator_kit.clock import BEIJING
from creator_kit.workspace import open_workspace

class Stalling:
    path, format_id, own, is_divisible = Path(sys.argv[2]), "fake", False, False
    def rows(self):
        for n in range(20_000):
            yield Note(f"{n:016x}", body="长" * 300)
        Path(sys.argv[2] + ".ready").touch()
        time.sleep(60)
    def progress(self):
        return 1, None

batches.open_export = lambda path, options: Stalling()
store._BULK_BYTES = int(sys.argv[3])
store.import_export(open_workspace(Path(sys.argv[1])), Stalling.path, ReadOptions(hash_key=b"k"),
                    now=datetime(2026, 11, 24, tzinfo=BEIJING))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("bulk_bytes", [0, 10**9])
def test_a_killed_import_leaves_the_store_as_it_was(shelf: Shelf, how: str, bulk_bytes: int) -> None:
    shelf.add([note(likes=1)])
    before = shelf.state()
    shelf.workspace.close()
    export = shelf.workspace.root / "big"
    export.write_text("big", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT_THAT_STALLS, str(shelf.workspace.root), str(export), str(bulk_bytes)],
        stderr=subprocess.DEVNULL,
    )
    ready = export.with_name("big.ready")
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ready.exists()
    os.kill(process.pid, getattr(signal, how))
    assert process.wait(20) != 0
    assert shelf.state() == before
    assert shelf.workspace.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_the_exported_record_has_the_documented_shape(shelf: Shelf, tmp_path: Path) -> None:
    times = {"observed_at": "2026-06-01", "published_at": "2026-05-01"}
    floored = {"likes": 10, "floors": frozenset({"likes"})}
    shelf.add([note(collects=3, tags=("早餐",), followers=8, type="图文", **floored, **times)])
    with (tmp_path / "out.jsonl").open("wb") as out:
        assert export_jsonl(shelf.workspace, out) == 1
    assert msgspec.json.decode((tmp_path / "out.jsonl").read_bytes()) == {
        "note_id": NOTE_IDS[0], "author": "", "title": "", "body": "", "tags": ["早餐"], "type": "图文",
        "likes": None, "collects": 3, "comments": None, "shares": None, "published_at": "2026-05-01",
        "source": "test", "keyword": None,
        "extra": {"count_floor": {"likes": 10}, "observed_at": "2026-06-01", "author_followers": 8},
    }  # fmt: skip


def test_lock_timeout_is_short_enough_for_a_person() -> None:
    assert 1 <= folder.LOCK_TIMEOUT_SECONDS <= 30


LINES = 4321  # some blocks and a rest


def write_lines(path: Path, *, n_bad: int = 0) -> None:
    with path.open("w", encoding="utf-8") as file:
        for n in range(LINES):
            likes = "许多" if n < n_bad * 900 and n % 900 == 7 else str(n)
            note = {"note_id": f"{0x66000000 + n:08x}{n % 4000:016x}", "liked_count": likes, "title": f"第{n}天"}
            note["desc"] = "晴，" * 150
            file.write("" if n % 50 == 3 else json.dumps(note, ensure_ascii=False))
            file.write("\n")


@pytest.fixture
def lines_and_store(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Workspace]:
    """A file of lines, some of them bad or empty, to be read by other processes, and an empty workspace."""
    path = tmp_path / "lines.jsonl"
    write_lines(path, n_bad=3)
    assert path.stat().st_size > 4 * BLOCK_BYTES
    monkeypatch.setattr(batches, "open_export", open_export)
    monkeypatch.setattr(batches, "_ASIDE_BYTES", 0)
    monkeypatch.setattr(batches, "_n_cores", lambda: 3)
    return path, shelf.workspace


@pytest.mark.parametrize("n_cores", [2, 3, 8])
def test_readers_beside_give_what_one_process_gives(
    lines_and_store: tuple[Path, Workspace], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, n_cores: int
) -> None:
    path, workspace = lines_and_store
    monkeypatch.setattr(batches, "_n_cores", lambda: n_cores)
    report = import_export(workspace, path, ReadOptions(hash_key=KEY), now=NOW)
    monkeypatch.setattr(batches, "_n_cores", lambda: 1)
    with init_workspace(tmp_path / "other", hash_key=KEY) as other:
        assert import_export(other, path, ReadOptions(hash_key=KEY), now=NOW) == report
        assert load_notes(other) == load_notes(workspace)
    assert report.n_problems == 3 and report.n_added > 3900


def test_what_a_reader_beside_refuses_is_told_and_nothing_is_kept(lines_and_store: tuple[Path, Workspace]) -> None:
    path, workspace = lines_and_store
    with pytest.raises(InputError) as caught:
        import_export(workspace, path, ReadOptions(hash_key=KEY), now=NOW, strict=True)
    assert "lines.jsonl:8" in (caught.value.where or "")
    with pytest.raises(RefusedError, match="impressions"):
        import_export(workspace, path, ReadOptions(hash_key=KEY), now=NOW, own=True)
    assert load_notes(workspace) == [] and workspace.count_rows("imports") == 0


def test_a_reader_that_dies_is_told_and_nothing_is_kept(
    lines_and_store: tuple[Path, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, workspace = lines_and_store
    command = [sys.executable, "-c", "import os; os._exit(1)"]
    started = lambda orders: subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: E731
    monkeypatch.setattr(batches, "_start_reader", started)
    with pytest.raises(InputError, match="died"):
        import_export(workspace, path, ReadOptions(hash_key=KEY), now=NOW)
    assert load_notes(workspace) == []


def test_a_batch_goes_whole_through_a_stream_that_takes_little_at_a_time() -> None:
    class Narrow(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data[:7]))

    out = Narrow()
    batches._send(out, ("x" * 1000, 5))
    sent = out.getvalue()
    assert int.from_bytes(sent[:8], "little") == len(sent) - 8
    assert marshal.loads(sent[8:]) == ("x" * 1000, 5)
