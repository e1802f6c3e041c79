"""Numbered, forward-only changes of the store; applied by sqlite-utils, imported only when one is pending."""

from __future__ import annotations

import secrets

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("creator_kit")

# Keep equal to the number of functions below; `PRAGMA user_version` holds the number a store has reached.
LATEST = 4

_COUNTS = """
    likes INTEGER, likes_floor INTEGER NOT NULL DEFAULT 0,
    collects INTEGER, collects_floor INTEGER NOT NULL DEFAULT 0,
    comments INTEGER, comments_floor INTEGER NOT NULL DEFAULT 0,
    shares INTEGER, shares_floor INTEGER NOT NULL DEFAULT 0,
    followers INTEGER,
    impressions INTEGER, views INTEGER, cover_ctr REAL, new_followers INTEGER,
    avg_watch_seconds REAL, danmaku INTEGER
"""


@migrations(name="m001_ground")
def m001_ground(db: Database) -> None:
    """Notes with their observations, the account's days, imports, the hash key; drafts and forecasts as JSON."""
    execute = db.conn.execute
    execute("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT")
    # Random, so that nobody can hash a list of known user ids and look them up in an exported corpus.
    execute("INSERT INTO secrets VALUES ('hash_key', ?)", [secrets.token_bytes(16)])

    # A row is what is known of a note now. `note` is a small key for the tables beside it.
    # `observed_at` is the export's own time, or (is_timed = 0) the import's.
    execute(
        f"""CREATE TABLE notes (
            note INTEGER PRIMARY KEY, note_id TEXT NOT NULL UNIQUE, author TEXT NOT NULL,
            title TEXT NOT NULL, body TEXT NOT NULL, tags TEXT NOT NULL, type TEXT,
            published_at TEXT, observed_at TEXT NOT NULL, is_timed INTEGER NOT NULL,
            source TEXT NOT NULL, keyword TEXT,
            title_is_body_prefix INTEGER NOT NULL DEFAULT 0, body_truncated INTEGER NOT NULL DEFAULT 0,
            is_own INTEGER NOT NULL DEFAULT 0,{_COUNTS}
        ) STRICT"""
    )
    execute("CREATE INDEX notes_own ON notes (note) WHERE is_own = 1")

    # Only notes seen more than once have rows here: one for each time, the latest included.
    # `content` is a JSON list of the texts as they were then, NULL where they equal the note's present ones.
    execute(
        f"""CREATE TABLE observations (
            note INTEGER NOT NULL REFERENCES notes (note), observed_at TEXT NOT NULL, is_timed INTEGER NOT NULL,
            content TEXT,{_COUNTS}, PRIMARY KEY (note, observed_at)
        ) STRICT, WITHOUT ROWID"""
    )
    execute(
        """CREATE TABLE account_days (
            account TEXT NOT NULL, metric TEXT NOT NULL, day TEXT NOT NULL, value REAL NOT NULL,
            observed_at TEXT NOT NULL, PRIMARY KEY (account, metric, day)
        ) STRICT, WITHOUT ROWID"""
    )
    execute(
        """CREATE TABLE imports (
            import INTEGER PRIMARY KEY, digest TEXT NOT NULL, n_bytes INTEGER NOT NULL,
            settings TEXT NOT NULL, file_name TEXT NOT NULL,
            format_id TEXT NOT NULL, imported_at TEXT NOT NULL, is_own INTEGER NOT NULL,
            n_added INTEGER NOT NULL, n_updated INTEGER NOT NULL, n_unchanged INTEGER NOT NULL,
            n_days INTEGER NOT NULL, n_problems INTEGER NOT NULL
        ) STRICT"""
    )
    execute("CREATE INDEX imports_digest ON imports (digest)")

    execute(
        """CREATE TABLE drafts (
            draft_id TEXT PRIMARY KEY, topic TEXT NOT NULL, created_on TEXT NOT NULL, document TEXT NOT NULL
        ) STRICT"""
    )
    execute(
        """CREATE TABLE forecasts (
            forecast_id TEXT PRIMARY KEY, draft_id TEXT NOT NULL, made_at TEXT NOT NULL,
            inputs_hash TEXT NOT NULL, document TEXT NOT NULL
        ) STRICT"""
    )


@migrations(name="m002_planning")
def m002_planning(db: Database) -> None:
    """The task ledger, which only grows, and the plan: its slots and how it was made, as JSON."""
    execute = db.conn.execute
    # An undo is an entry too: `undoes` names the one that it takes back.
    execute(
        """CREATE TABLE task_events (
            event INTEGER PRIMARY KEY, action TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
            done_on TEXT NOT NULL, logged_at TEXT NOT NULL, remark TEXT NOT NULL DEFAULT '',
            undoes INTEGER UNIQUE REFERENCES task_events (event)
        ) STRICT"""
    )
    for verb in ("UPDATE", "DELETE"):
        execute(
            f"CREATE TRIGGER task_events_no_{verb.lower()} BEFORE {verb} ON task_events"
            " BEGIN SELECT RAISE(ABORT, 'the task ledger only grows'); END"
        )
    execute(
        """CREATE TABLE plan_slots (
            slot_id TEXT PRIMARY KEY, starts_at TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL
        ) STRICT"""
    )
    execute("CREATE TABLE plans (plan INTEGER PRIMARY KEY, made_at TEXT NOT NULL, document TEXT NOT NULL) STRICT")


@migrations(name="m003_covers")
def m003_covers(db: Database) -> None:
    """What was measured of notes' covers, as JSON; the pictures themselves are never kept."""
    db.conn.execute(
        """CREATE TABLE covers (
            note INTEGER PRIMARY KEY REFERENCES notes (note), method INTEGER NOT NULL, document TEXT NOT NULL
        ) STRICT"""
    )


@migrations(name="m004_forecast_ledger")
def m004_forecast_ledger(db: Database) -> None:
    """A forecast that is written down can be neither changed nor taken back."""
    for verb in ("UPDATE", "DELETE"):
        db.conn.execute(
            f"CREATE TRIGGER forecasts_no_{verb.lower()} BEFORE {verb} ON forecasts"
            " BEGIN SELECT RAISE(ABORT, 'a forecast that is written down stays as it is'); END"
        )
