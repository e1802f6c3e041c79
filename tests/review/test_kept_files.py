"""Rule files that an earlier run found in order are the same rules; what is damaged or changed is read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_kit.errors import InputError
from creator_kit.kept import keep
from creator_kit.paths import list_data_files
from creator_kit.review import rule_files

PATHS = list_data_files("rules", ".toml", None)


def test_kept_files_are_the_same_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path))
    fresh = rule_files.load_rule_files(PATHS)
    with monkeypatch.context() as patch:
        patch.setattr(rule_files, "load_rule_file", None)  # cannot be called
        kept = rule_files.load_rule_files(PATHS)
    assert kept == fresh == [rule_files.load_rule_file(path) for path in PATHS]
    assert [file.model_fields_set for file in kept] == [file.model_fields_set for file in fresh]


def test_what_is_damaged_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path))
    key = rule_files._name_key(PATHS)
    assert key is not None
    fresh = rule_files.load_rule_files(PATHS)
    for content in (b"", b"\x90", b"no such thing", b"\x91\x80"):
        keep("review-files", key, content)
        assert rule_files.load_rule_files(PATHS) == fresh
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-100])
    assert rule_files.load_rule_files(PATHS) == fresh


def test_a_file_that_was_changed_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path / "cache"))
    rule_files.load_rule_files(PATHS)
    changed = tmp_path / PATHS[0].name
    text = PATHS[0].read_text(encoding="utf-8")
    changed.write_text(text + '\n[lists]\nzz = ["(("]\n[adjust."a.b"]\nunless_near = 3\n', encoding="utf-8")
    with pytest.raises(InputError):
        rule_files.load_rule_files([changed, *PATHS[1:]])
