"""What takes long to make and comes out the same each time, kept between runs in the user's cache folder.

A convenience: what is missing, damaged or cannot be written is made again, and nobody is told.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from creator_kit.datafiles import write_whole
from creator_kit.errors import CreatorKitError

# So many of one name are kept: shipped rules, those of some workspaces and packs, of this version and the last.
_N_KEPT = 8
_DIGEST_SIZE = 16
_DAY_SECONDS = 86_400


def find_cache_dir() -> Path | None:
    """The folder for what is kept: ``$CREATOR_KIT_CACHE`` ("" for none), else below the system's folder for caches."""
    folder = os.environ.get("CREATOR_KIT_CACHE")
    if folder is not None:
        return Path(folder) if folder else None
    try:
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            return Path(local) / "creator-kit" / "Cache" if local else None
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "creator-kit"
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "creator-kit"
    except RuntimeError:  # a user without a home
        return None


def name_key(parts: Iterable[bytes]) -> str:
    """A key for all that an outcome depends on."""
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def load_kept(name: str, key: str) -> bytes | None:
    """What was kept as ``name`` under ``key``; None where nothing is, or it is damaged."""
    folder = find_cache_dir()
    if folder is None:
        return None
    path = folder / f"{name}-{key}.bin"
    try:
        data = path.read_bytes()
        content = data[_DIGEST_SIZE:]
        if hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest() != data[:_DIGEST_SIZE]:
            return None
        if time.time() - path.stat().st_mtime > _DAY_SECONDS:  # still in use: not the first to go
            os.utime(path)
    except OSError:
        return None
    return content


def keep(name: str, key: str, content: bytes) -> None:
    """Keep ``content`` for the next run, and no more than _N_KEPT of one ``name``."""
    folder = find_cache_dir()
    if folder is None:
        return
    with suppress(OSError, CreatorKitError):
        with write_whole(folder / f"{name}-{key}.bin") as temporary:
            temporary.write_bytes(hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest() + content)
        kept = sorted(folder.glob(f"{name}-*.bin"), key=lambda path: (path.stat().st_mtime, path.name))
        for path in kept[:-_N_KEPT]:
            path.unlink(missing_ok=True)
