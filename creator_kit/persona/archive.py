"""A pack as one file to hand to a class, and back into a workspace without trusting it.

The archive is a zip of texts with a manifest of SHA-256 digests; the pack's digest is that of the manifest.
The same pack gives the same bytes. Installing refuses anything that is not such a pack: paths outside its
folder, links, other kinds of files, what a system could run, names that Windows or macOS would take for another
file's or for a device, too many or too large files, and files that the manifest does not vouch for.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from creator_kit.datafiles import replace_folder, storage_error, write_whole
from creator_kit.errors import CreatorKitError, InputError, RefusedError
from creator_kit.locale import _
from creator_kit.persona.pack import PACK_NAME, Persona, is_device_name, is_pack_name, load_persona

MANIFEST_NAME = "manifest.json"
MAX_FILES = 40
MAX_FILE_BYTES = 200_000
MAX_TOTAL_BYTES = 2_000_000
# Texts only: nothing in a pack can be run.
SUFFIXES = (".toml", ".md")
# What a system would run: a script's first line, programs of Linux, Windows and macOS.
_RUNS = (b"#!", b"\xef\xbb\xbf#!", b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
MIN_DIGEST_CHARACTERS = 12
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PackedPersona:
    """An archive that was written or read: its pack's name and version, and the digest to tell the receiver."""

    path: Path
    name: str
    version: str
    digest: str


def pack_persona(persona: Persona, folder: Path) -> PackedPersona:
    """Write ``folder/<name>-<version>.zip``, whole or not at all. Only the pack's texts go in."""
    if not is_pack_name(persona.name):
        raise InputError(_("a pack's folder is named in lower-case letters, digits, - and _"), where=str(persona.root))
    files = {
        path.name: path.read_bytes()
        for path in sorted(persona.root.iterdir())
        if path.is_file() and not path.is_symlink() and path.suffix in SUFFIXES
    }
    _check_sizes({name: len(content) for name, content in files.items()}, str(persona.root))
    for name, content in files.items():
        _check_content(name, content, str(persona.root))
    manifest = _manifest(persona.name, persona.version, files)
    path = folder / f"{persona.name}-{persona.version}.zip"
    with write_whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [(MANIFEST_NAME, manifest), *sorted(files.items())]:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return PackedPersona(path, persona.name, persona.version, hashlib.sha256(manifest).hexdigest())


def install_persona(path: Path, user_root: Path, *, digest: str | None = None, replace: bool = False) -> PackedPersona:
    """Install the archive into ``user_root/templates/personas``, whole or not at all.

    ``digest`` is what the sender told; a beginning of at least 12 characters is enough. Raises RefusedError for
    an archive that is not what it should be, InputError for a pack that does not load or is there already.
    """
    manifest, files = _read_archive(path)
    found = hashlib.sha256(manifest).hexdigest()
    if digest is not None and len(digest) < MIN_DIGEST_CHARACTERS:
        raise RefusedError(
            _("{n} characters of a digest prove little; give {min} or more").format(
                n=len(digest), min=MIN_DIGEST_CHARACTERS
            ),
            where=str(path),
        )
    if digest is not None and not found.startswith(digest.lower()):
        raise RefusedError(
            _("the digest is {found}, not {expected}").format(found=found, expected=digest), where=str(path)
        )
    table = _check_manifest(manifest, files, path)
    name, version = table["name"], table["version"]
    target = user_root / "templates" / "personas" / name
    if target.exists() and not replace:
        raise InputError(
            _("a pack '{name}' is here already").format(name=name),
            where=str(target),
            hint=_("--replace puts the new one in its place"),
        )
    with replace_folder(target) as building:
        for file_name, content in files.items():
            (building / file_name).write_bytes(content)
        if _load(building, path).version != version:
            raise RefusedError(_("the manifest names another version than the pack"), where=str(path))
    return PackedPersona(target, name, version, found)


def _load(folder: Path, archive: Path) -> Persona:
    """The pack in ``folder``; an error names the archive and its file, not the folder that is gone by then."""
    try:
        return load_persona(str(folder))
    except CreatorKitError as error:
        inside = (error.where or "").replace(str(folder), "").lstrip("/\\")
        error.where = f"{archive}:{inside}"
        raise


def _read_archive(path: Path) -> tuple[bytes, dict[str, bytes]]:
    try:
        with path.open("rb") as stream:
            if stream.read(4) != b"PK\x03\x04":
                raise InputError(_("not a persona archive"), where=str(path))
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            # As Windows and macOS see names: without case, and é as one character.
            names = [unicodedata.normalize("NFC", info.filename).casefold() for info in infos]
            if len(set(names)) != len(names):
                raise RefusedError(_("a file is in the archive twice"), where=str(path))
            for info in infos:
                _check_entry(info, path)
            _check_sizes({info.filename: info.file_size for info in infos}, str(path))
            # A zip may lie about its sizes: read no more than is allowed.
            files = {}
            for info in infos:
                with archive.open(info) as stream:
                    files[info.filename] = stream.read(MAX_FILE_BYTES + 1)
            _check_sizes({name: len(content) for name, content in files.items()}, str(path))
            for name, content in files.items():
                _check_content(name, content, str(path))
    except OSError as error:
        raise storage_error(error, path) from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(_("not a persona archive: {error}").format(error=error), where=str(path)) from error
    if MANIFEST_NAME not in files or PACK_NAME not in files:
        raise RefusedError(_("the archive lacks {name}").format(name=f"{MANIFEST_NAME} / {PACK_NAME}"), where=str(path))
    return files.pop(MANIFEST_NAME), files


def _check_entry(info: zipfile.ZipInfo, path: Path) -> None:
    name, mode = info.filename, info.external_attr >> 16
    is_plain = re.fullmatch(r"[\w.-]+", name) is not None and not name.startswith(".") and ".." not in name
    kind = stat.S_IFMT(mode)
    if not is_plain or is_device_name(name) or info.is_dir() or kind not in (0, stat.S_IFREG):
        raise RefusedError(_("'{name}' does not belong into a pack").format(name=name), where=str(path))
    if mode & 0o7111 or (name != MANIFEST_NAME and not name.endswith(SUFFIXES)):
        raise RefusedError(_("'{name}' is no text of a pack").format(name=name), where=str(path))


def _check_content(name: str, content: bytes, where: str) -> None:
    if content.startswith(_RUNS) or b"\0" in content:
        raise RefusedError(_("'{name}' is no text of a pack").format(name=name), where=where)


def _check_sizes(sizes: dict[str, int], where: str) -> None:
    if len(sizes) > MAX_FILES + 1:
        raise RefusedError(_("{n} files are too many for a pack").format(n=len(sizes)), where=where)
    for name, n_bytes in sizes.items():
        if n_bytes > MAX_FILE_BYTES:
            raise RefusedError(_("'{name}' is too large for a pack").format(name=name), where=where)
    if sum(sizes.values()) > MAX_TOTAL_BYTES:
        raise RefusedError(_("the pack is too large"), where=where)


def _manifest(name: str, version: str, files: dict[str, bytes]) -> bytes:
    digests = {file: hashlib.sha256(content).hexdigest() for file, content in sorted(files.items())}
    table = {"schema_version": 1, "kind": "persona", "name": name, "version": version, "files": digests}
    return (json.dumps(table, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _check_manifest(manifest: bytes, files: dict[str, bytes], path: Path) -> dict[str, str]:
    try:
        table = json.loads(manifest)
        name, version = table["name"], table["version"]
        expected = _manifest(name, version, files)
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(_("the manifest cannot be read"), where=str(path)) from error
    if expected != manifest:
        raise RefusedError(_("the files are not those that the manifest vouches for"), where=str(path))
    if not isinstance(name, str) or not is_pack_name(name) or not isinstance(version, str):
        raise RefusedError(_("the manifest names no pack"), where=str(path))
    return {"name": name, "version": version}
