"""Archives of packs: the same bytes each time, and nothing but a pack gets in."""

from __future__ import annotations

import json
import shutil
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.persona import install_persona, load_persona, pack_persona
from creator_kit.persona.archive import MANIFEST_NAME, _manifest


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return pack_persona(load_persona("dorm-cook"), tmp_path / "out").path


def rewrite(
    archive: Path,
    change: dict[str, bytes],
    mode: int = 0o644,
    kind: int = stat.S_IFREG,
    *,
    vouch: bool = False,
) -> None:
    with zipfile.ZipFile(archive) as before:
        files = {name: before.read(name) for name in before.namelist()} | change
    if vouch and MANIFEST_NAME not in change:
        files[MANIFEST_NAME] = _manifest("dorm-cook", "1.0.0", {n: c for n, c in files.items() if n != MANIFEST_NAME})
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
        ("suid.md", b"x", 0o4644, stat.S_IFREG),
        ("C:evil.md", b"x", 0o644, stat.S_IFREG),
        ("\\\\server\\evil.md", b"x", 0o644, stat.S_IFREG),
        ("con.md", b"x", 0o644, stat.S_IFREG),
        ("NUL.toml", b"x = 1", 0o644, stat.S_IFREG),
        ("PHOTO.md", b"x", 0o644, stat.S_IFREG),
        ("run.md", b"#!/bin/sh\nrm -rf ~\n", 0o644, stat.S_IFREG),
        ("run.md", b"\x7fELF\x02", 0o644, stat.S_IFREG),
        ("run.md", b"MZ\x90\x00", 0o644, stat.S_IFREG),
        ("run.md", b"text\0text", 0o644, stat.S_IFREG),
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
    # The manifest vouches for all but the two that it is to catch: a stranger's archive may vouch for itself.
    vouch = content not in (b"not vouched for", b"changed")
    rewrite(archive, {name: content}, mode, kind, vouch=vouch)
    with pytest.raises(RefusedError):
        install_persona(archive, tmp_path / "space")
    assert not (tmp_path / "space" / "templates").exists()


@pytest.mark.parametrize("told_bytes", [50_000_000, 100])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, archive: Path, told_bytes: int) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
        after.writestr("big.md", bytes(50_000_000))
    content = bomb.read_bytes()
    assert len(content) < 100_000
    # The second one lies about its size.
    bomb.write_bytes(content.replace((50_000_000).to_bytes(4, "little"), told_bytes.to_bytes(4, "little")))
    tracemalloc.start()
    with pytest.raises(CreatorKitError):
        install_persona(bomb, tmp_path / "space")
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 5_000_000 and not (tmp_path / "space" / "templates").exists()


def test_a_program_with_an_archive_behind_it_is_no_archive(tmp_path: Path, archive: Path) -> None:
    archive.write_bytes(b"#!/bin/sh\necho\n" + archive.read_bytes())
    with pytest.raises(InputError):
        install_persona(archive, tmp_path / "space")


def test_what_a_system_could_run_is_not_packed_either(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(load_persona("dorm-cook").root, mine)
    (mine / "run.md").write_text("#!/bin/sh\n", encoding="utf-8")
    with pytest.raises(RefusedError, match=r"run\.md"):
        pack_persona(load_persona(str(mine)), tmp_path / "out")


def test_a_failed_replacement_leaves_the_old_pack_and_names_the_archive(tmp_path: Path, archive: Path) -> None:
    space = tmp_path / "space"
    install_persona(archive, space)
    rewrite(archive, {"photo.md": "拍照".encode("gb18030")}, vouch=True)
    with pytest.raises(InputError) as caught:
        install_persona(archive, space, replace=True)
    assert caught.value.where == f"{archive}:photo.md"
    assert load_persona("dorm-cook", space).guides == load_persona("dorm-cook").guides
    assert [path.name for path in (space / "templates" / "personas").iterdir()] == ["dorm-cook"]


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
