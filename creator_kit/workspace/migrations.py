"""Numbered, forward-only changes of the store; applied by sqlite-utils, imported only when one is pending."""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("creator_kit")

# Keep equal to the number of functions below; `PRAGMA user_version` holds the number a store has reached.
LATEST = 1


@migrations(name="m001_ground")
def m001_ground(db: Database) -> None:
    """Drafts and forecasts as the JSON documents that their rooms define."""
    db.conn.execute(
        """CREATE TABLE drafts (
            draft_id TEXT PRIMARY KEY, topic TEXT NOT NULL, created_on TEXT NOT NULL, document TEXT NOT NULL
        ) STRICT"""
    )
    db.conn.execute(
        """CREATE TABLE forecasts (
            forecast_id TEXT PRIMARY KEY, draft_id TEXT NOT NULL, made_at TEXT NOT NULL,
            inputs_hash TEXT NOT NULL, document TEXT NOT NULL
        ) STRICT"""
    )
