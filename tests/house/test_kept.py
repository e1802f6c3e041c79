"""What is kept between runs is a convenience: damaged, missing or not to be written, it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_kit.kept import find_cache_dir, keep, load_kept, name_key

KEY = name_key([b"a", b"b"])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_kept_is_loaded(cache: Path) -> None:
    assert load_kept("some", KEY) is None
    keep("some", KEY, b"content")
    assert load_kept("some", KEY) == b"content"
    assert load_kept("other", KEY) is None
    assert load_kept("some", name_key([b"ab"])) is None


def test_a_key_tells_where_parts_end() -> None:
    assert name_key([b"ab", b"c"]) != name_key([b"a", b"bc"])


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 100])
def test_damage_is_noticed(cache: Path, damage: bytes) -> None:
    keep("some", KEY, b"content")
    (path,) = cache.iterdir()
    path.write_bytes(damage)
    assert load_kept("some", KEY) is None
    keep("some", KEY, b"content")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"X")
    assert load_kept("some", KEY) is None


def test_a_few_are_kept_and_the_newest_of_them(cache: Path) -> None:
    import os

    for at in range(12):
        keep("some", f"{at:02}", b"x")
        os.utime(cache / f"some-{at:02}.bin", (1_000_000 + at, 1_000_000 + at))
    keep("some", "last", b"x")
    assert len(list(cache.iterdir())) == 8
    assert load_kept("some", "last") == b"x"
    assert load_kept("some", "00") is None


def test_a_folder_that_cannot_be_written_changes_nothing(cache: Path) -> None:
    cache.write_text("a file where the folder should be", encoding="utf-8")
    keep("some", KEY, b"content")
    assert load_kept("some", KEY) is None


def test_no_folder_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", "")
    assert find_cache_dir() is None
    keep("some", KEY, b"content")
    assert load_kept("some", KEY) is None


def test_the_folder_is_the_system_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CREATOR_KIT_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert find_cache_dir() == tmp_path / "creator-kit"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert find_cache_dir() == tmp_path / "creator-kit" / "Cache"
    monkeypatch.delenv("LOCALAPPDATA")
    assert find_cache_dir() is None
