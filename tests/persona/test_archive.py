"""Archives of packs: the same bytes each time, and nothing but a pack gets in."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.persona import install_persona, load_persona, pack_persona


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return pack_persona(load_persona("dorm-cook"), tmp_path / "out").path


def rewrite(archive: Path, change: dict[str, bytes], mode: int = 0o644, kind: int = stat.S_IFREG) -> None:
    with zipfile.ZipFile(archive) as before:
        files = {name: before.read(name) for name in before.namelist()} | change
    with zipfile.ZipFile(archive, "w") as after:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((kind | mode) if name in change else (stat.S_IFREG | 0o644)) << 16
            after.writestr(info, content)


def test_round_trip_and_the_same_bytes(tmp_path: Path, archive: Path) -> None:
    again = pack_persona(load_persona("dorm-cook"), tmp_path / "again")
    assert again.path.read_bytes() == archive.read_bytes()
    installed = install_persona(archive, tmp_path / "space", digest=again.digest[:16])
    mine = load_persona("dorm-cook", tmp_path / "space")
    assert installed.digest == again.digest and mine.root.is_relative_to(tmp_path)
    assert mine.facts == load_persona("dorm-cook").facts and mine.guides == load_persona("dorm-cook").guides


def test_a_wrong_digest_is_refused(tmp_path: Path, archive: Path) -> None:
    for digest in ("0" * 64, "", "abc"):
        with pytest.raises(RefusedError):
            install_persona(archive, tmp_path / "space", digest=digest)
    assert not (tmp_path / "space" / "templates").exists()


def test_one_that_is_there_stays_unless_replaced(tmp_path: Path, archive: Path) -> None:
    space = tmp_path / "space"
    install_persona(archive, space)
    with pytest.raises(InputError, match="already"):
        install_persona(archive, space)
    install_persona(archive, space, replace=True)
    assert [path.name for path in (space / "templates" / "personas").iterdir()] == ["dorm-cook"]


@pytest.mark.parametrize(
    ("name", "content", "mode", "kind"),
    [
        ("../evil.md", b"x", 0o644, stat.S_IFREG),
        ("/etc/evil.md", b"x", 0o644, stat.S_IFREG),
        ("sub/evil.md", b"x", 0o644, stat.S_IFREG),
        ("a\\evil.md", b"x", 0o644, stat.S_IFREG),
        (".hidden.md", b"x", 0o644, stat.S_IFREG),
        ("run.sh", b"x", 0o644, stat.S_IFREG),
        ("run.py", b"x", 0o644, stat.S_IFREG),
        ("run.md", b"x", 0o755, stat.S_IFREG),
        ("link.md", b"/etc/passwd", 0o644, stat.S_IFLNK),
        ("big.md", b"x" * 300_000, 0o644, stat.S_IFREG),
        ("extra.md", b"not vouched for", 0o644, stat.S_IFREG),
        ("photo.md", b"changed", 0o644, stat.S_IFREG),
        ("manifest.json", b"{}", 0o644, stat.S_IFREG),
        ("manifest.json", b"\xff", 0o644, stat.S_IFREG),
    ],
)
def test_what_does_not_belong_is_refused_and_nothing_is_installed(
    tmp_path: Path, archive: Path, name: str, content: bytes, mode: int, kind: int
) -> None:
    rewrite(archive, {name: content}, mode, kind)
    with pytest.raises(RefusedError):
        install_persona(archive, tmp_path / "space")
    assert not (tmp_path / "space" / "templates").exists()


def test_a_name_in_the_manifest_cannot_leave_the_folder(tmp_path: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive) as before:
        table = json.loads(before.read("manifest.json"))
    table["name"] = "../outside"
    text = json.dumps(table, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    rewrite(archive, {"manifest.json": text.encode()})
    with pytest.raises(RefusedError):
        install_persona(archive, tmp_path / "space")


def test_a_pack_that_does_not_load_is_not_installed(tmp_path: Path) -> None:
    source = tmp_path / "spoilt"
    source.mkdir()
    good = load_persona("blank").root / "persona.toml"
    (source / "persona.toml").write_text(good.read_text(encoding="utf-8"), encoding="utf-8")
    packed = pack_persona(load_persona(str(source)), tmp_path)
    files = {"persona.toml": b"title = 3\n"}
    from creator_kit.persona.archive import _manifest

    rewrite(packed.path, {**files, "manifest.json": _manifest("spoilt", "1.0.0", files)})
    with pytest.raises(InputError):
        install_persona(packed.path, tmp_path / "space")
    assert not (tmp_path / "space" / "templates" / "personas" / "spoilt").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip" * 50])
def test_files_that_are_no_archives(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(CreatorKitError):
        install_persona(path, tmp_path / "space")
    with pytest.raises(CreatorKitError):
        install_persona(tmp_path / "none.zip", tmp_path / "space")
