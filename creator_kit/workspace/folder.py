"""Finding, making and opening a workspace; its settings, its store and the documents in it."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from creator_kit.datafiles import read_toml, suggest, write_text
from creator_kit.errors import CreatorKitError, InputError, StorageError, WorkspaceError
from creator_kit.locale import LANGUAGES, _

SETTINGS_NAME = "creator.toml"
STORE_NAME = "kit.db"
LAST_DRAFT = "last"  # no id is spelled so: they begin with d and go on in hex digits
LOCK_TIMEOUT_SECONDS = 10.0
# Larger than SQLite's 4096: a note with its body fills a third of that, and a page holds whole rows only.
_PAGE_BYTES = 16_384
# Enough for the index of a million note ids; the pages of texts are written once and pass through.
_CACHE_KIB = 40_000
SCHEMA_VERSION = 4  # equals migrations.LATEST; repeated here so that opening needs no heavy import


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``creator.toml`` says, table ``[creator]``.

    ``account`` names the creator's account and is part of the key of official rows (those sheets carry no
    note id); ``followers`` and ``grade`` (1 to 10, 0 for unknown) feed the forecast.
    """

    account: str = "me"
    persona: str = ""
    language: str = ""
    followers: int = 0
    grade: int = 0
    profile: str = "explore"


_SETTINGS_TEXT = """\
# {comment}
[creator]
account = {account:<12}  # {account_note}
persona = {persona:<12}  # {persona_note}
language = {language:<11}  # zh | en | ""
followers = {followers:<10}  # {followers_note}
grade = {grade:<14}  # {grade_note}
profile = {profile:<12}  # {profile_note}
"""


class Workspace:
    """An open workspace. Use as a context manager, or call ``close``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = load_settings(root)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def store_path(self) -> Path:
        return self.root / STORE_NAME

    @cached_property
    def db(self) -> sqlite3.Connection:
        """The store in WAL mode, autocommit; write inside ``transaction()``."""
        return _open_store(self.store_path)

    def close(self) -> None:
        """Close the store, if it was opened."""
        opened = self.__dict__.pop("db", None)
        if opened is not None:
            opened.close()

    @cached_property
    def hash_key(self) -> bytes:
        """The secret that keys this workspace's anonymising hash; made once with the store."""
        with self.reading() as db:
            return bytes(db.execute("SELECT value FROM secrets WHERE name = 'hash_key'").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The store for reading: what SQLite says of a damaged or locked one becomes a CreatorKitError."""
        try:
            yield self.db
        except sqlite3.Error as error:
            raise _store_error(error, self.store_path) from error

    @contextmanager
    def transaction(self, *, bulk: bool = False) -> Iterator[sqlite3.Connection]:
        """All or nothing: commits on success, rolls back on any exception, Ctrl-C included.

        ``bulk`` is for many megabytes of new rows: while it lasts the store has a rollback journal, which
        holds only the few old pages that change, instead of a write-ahead log, which would take every new
        page and copy it again (a quarter of an import's time, and twice the disk). Other processes wait
        that long.
        """
        db = self.db
        try:
            if bulk:
                _set_journal(db, "DELETE")
            try:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.commit()
                except BaseException:
                    db.rollback()
                    raise
            finally:
                if bulk:
                    _set_journal(db, "WAL")
        except sqlite3.Error as error:
            raise _store_error(error, self.store_path) from error

    def save_draft(self, draft_id: str, *, topic: str, created_on: str, document: str) -> None:
        """Keep a draft's JSON ``document``; one of the same id is replaced."""
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO drafts (draft_id, topic, created_on, document) VALUES (?, ?, ?, ?)",
                (draft_id, topic, created_on, document),
            )

    def load_draft(self, draft_id: str) -> str:
        """The JSON document of a draft, by its id, an unambiguous beginning of it, or ``last``: the one that
        was drafted or changed last.

        Raises InputError when none or several match.
        """
        if draft_id == LAST_DRAFT:
            rows = self.db.execute("SELECT draft_id, document FROM drafts ORDER BY rowid DESC LIMIT 1").fetchall()
        else:
            rows = self.db.execute(
                "SELECT draft_id, document FROM drafts WHERE substr(draft_id, 1, ?) = ? ORDER BY draft_id LIMIT 5",
                (len(draft_id), draft_id),
            ).fetchall()
        exact = [row for row in rows if row[0] == draft_id]
        if len(exact or rows) == 1:
            return str((exact or rows)[0][1])
        if rows:
            raise InputError(
                _("'{id}' begins several draft ids: {ids}").format(id=draft_id, ids=", ".join(row[0] for row in rows))
            )
        raise InputError(
            _("no draft '{id}' in this workspace").format(id=draft_id),
            hint=_("`creator-kit drafts` lists them"),
        )

    def list_drafts(self) -> list[str]:
        """JSON documents of all drafts, oldest first."""
        return [row[0] for row in self.db.execute("SELECT document FROM drafts ORDER BY created_on, rowid").fetchall()]

    def save_forecast(self, forecast_id: str, *, draft_id: str, made_at: str, inputs_hash: str, document: str) -> None:
        """Write a forecast into the ledger; one that is there already stays as it was."""
        with self.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO forecasts (forecast_id, draft_id, made_at, inputs_hash, document)"
                " VALUES (?, ?, ?, ?, ?)",
                (forecast_id, draft_id, made_at, inputs_hash, document),
            )

    def count_notes(self, *, own: bool) -> int:
        """How many of the notes are the creator's own (or everybody else's)."""
        with self.reading() as db:
            return int(db.execute("SELECT count(*) FROM notes WHERE is_own = ?", (int(own),)).fetchone()[0])

    def list_forecasts(self) -> list[str]:
        """JSON documents of the ledger, oldest first."""
        return [row[0] for row in self.db.execute("SELECT document FROM forecasts ORDER BY made_at, rowid").fetchall()]

    def count_rows(self, table: str) -> int:
        """How many rows ``table`` holds (one of the store's own tables)."""
        known = {row[0] for row in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if table not in known:
            raise ValueError(table)
        return int(self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def find_workspace(start: Path) -> Path | None:
    """The nearest folder at or above ``start`` that holds a ``creator.toml``."""
    for folder in (start, *start.parents):
        if (folder / SETTINGS_NAME).is_file():
            return folder
    return None


def open_workspace(start: Path) -> Workspace:
    """The workspace at or above ``start``. Raises WorkspaceError when there is none."""
    root = find_workspace(start.resolve())
    if root is None:
        raise WorkspaceError(
            _("no workspace here or above (no {name})").format(name=SETTINGS_NAME),
            where=str(start),
            hint=_("make one: creator-kit init"),
        )
    return Workspace(root)


def init_workspace(root: Path, *, settings: Settings | None = None, hash_key: bytes | None = None) -> Workspace:
    """Make ``root`` a workspace with ``settings``; one that is there already is left as it is.

    ``hash_key`` replaces the random key of a new store: workspaces that share it give the same people and
    notes the same ids.
    """
    settings_path = root / SETTINGS_NAME
    chosen = settings or Settings()
    if not settings_path.exists():
        write_text(
            settings_path,
            _SETTINGS_TEXT.format(
                comment=_("creator_kit: settings of this workspace"),
                account_note=_("a name for your account; keep it, it is part of each note's key"),
                persona_note=_("a persona pack: its name, or a folder"),
                followers_note=_("how many followers you have; feeds the forecast"),
                grade_note=_("your grade, 1 (尿布薯) to 10 (金冠薯); 0 = unknown"),
                profile_note=_("ranking profile of the forecast: explore | seed | a file"),
                # A JSON string is a TOML one, escapes included.
                **{name: json.dumps(value, ensure_ascii=False) for name, value in asdict(chosen).items()},
            ),
        )
    workspace = Workspace(root)
    is_new = not workspace.store_path.exists()
    workspace.db.execute("SELECT 1")  # makes the store now, not at the first import
    if is_new and hash_key is not None:
        with workspace.transaction() as db:
            db.execute("UPDATE secrets SET value = ? WHERE name = 'hash_key'", (hash_key,))
    return workspace


def load_settings(root: Path) -> Settings:
    """The settings in ``root``; unknown keys and wrong types are errors that name the field."""
    path = root / SETTINGS_NAME
    table = read_toml(path).get("creator", {})
    known = {field.name: type(field.default) for field in fields(Settings)}
    for key, value in table.items():
        if key not in known:
            near = suggest(key, list(known))
            raise InputError(
                _("unknown key"),
                where=f"{path}:creator.{key}",
                hint=_("did you mean '{near}'?").format(near=near) if near else None,
            )
        if type(value) is not known[key]:
            raise InputError(
                _("expected {kind}, got {value!r}").format(kind=known[key].__name__, value=value),
                where=f"{path}:creator.{key}",
            )
    settings = Settings(**table)
    if not 0 <= settings.grade <= 10:
        raise InputError(_("a grade is 1 to 10, or 0 for unknown"), where=f"{path}:creator.grade")
    if settings.followers < 0:
        raise InputError(_("a number of followers is not negative"), where=f"{path}:creator.followers")
    if settings.language and settings.language not in LANGUAGES:
        raise InputError(_("a language is zh or en"), where=f"{path}:creator.language")
    return settings


def peek_language(start: Path) -> str | None:
    """The workspace's language for the first message of a process; never raises."""
    root = find_workspace(start)
    if root is None:
        return None
    try:
        table: dict[str, Any] = tomllib.loads((root / SETTINGS_NAME).read_text(encoding="utf-8-sig"))
        return str(table.get("creator", {}).get("language") or "") or None
    except (OSError, ValueError, AttributeError):
        return None


def _open_store(path: Path) -> sqlite3.Connection:
    db = None
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=LOCK_TIMEOUT_SECONDS)
        version = _read_version(db, path)
        if version < SCHEMA_VERSION:
            db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # heeded only while the file is empty
            _migrate(db, path)
        _set_journal(db, "WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    except BaseException as error:
        if db is not None:
            db.close()
        if isinstance(error, sqlite3.Error):
            raise _store_error(error, path) from error
        raise
    return db


def _read_version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise WorkspaceError(
            _("a newer creator-kit made this workspace (store version {found}, this one knows {known})").format(
                found=version, known=SCHEMA_VERSION
            ),
            where=str(path),
            hint=_("pip install --upgrade creator-kit"),
        )
    return version


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    from sqlite_utils import Database

    from creator_kit.workspace.migrations import LATEST, migrations

    db.execute("BEGIN IMMEDIATE")  # of two processes that find an old store, one waits for the other
    try:
        if _read_version(db, path) < SCHEMA_VERSION:
            migrations.apply(Database(db))
            db.execute(f"PRAGMA user_version = {LATEST}")
        db.commit()
    except BaseException:
        db.rollback()
        raise


def _set_journal(db: sqlite3.Connection, mode: str) -> None:
    """Change the journal unless another process has the store open; either mode is safe, only not as fast."""
    try:
        db.execute(f"PRAGMA journal_mode = {mode}")
    except sqlite3.OperationalError as error:
        if not _is_busy(error):
            raise


def _is_busy(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _store_error(error: sqlite3.Error, path: Path) -> CreatorKitError:
    code = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if code.startswith("SQLITE_FULL") or "full" in text:
        return StorageError(
            _("the disk is full; nothing was changed"), where=str(path), hint=_("free some space and run it again")
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StorageError(
            _("no permission to read or write here; nothing was changed"),
            where=str(path),
            hint=_("choose another folder or change its permissions"),
        )
    if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return WorkspaceError(
            _("the store is damaged or not a store ({error})").format(error=text),
            where=str(path),
            hint=_("restore a backup, or move the file away and import again"),
        )
    if _is_busy(error):
        return WorkspaceError(
            _("another process is writing to this workspace"), where=str(path), hint=_("wait for it, then run again")
        )
    return StorageError(text, where=str(path))
