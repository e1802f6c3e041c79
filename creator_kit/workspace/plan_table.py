"""The SQL of the task ledger and the plan; creator_kit.planning gives the rows their meaning."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

Row = tuple[Any, ...]


def insert_event(
    db: sqlite3.Connection,
    *,
    action: str,
    amount: int,
    done_on: str,
    logged_at: str,
    remark: str,
    undoes: int | None = None,
) -> int:
    """Append one entry to the ledger; returns its number (1, 2 …)."""
    cursor = db.execute(
        "INSERT INTO task_events (action, amount, done_on, logged_at, remark, undoes) VALUES (?, ?, ?, ?, ?, ?)",
        (action, amount, done_on, logged_at, remark, undoes),
    )
    return int(cursor.lastrowid or 0)


def fetch_events(db: sqlite3.Connection) -> list[Row]:
    """Rows (event, action, amount, done_on, logged_at, remark, undoes) in the order of writing."""
    return db.execute(
        "SELECT event, action, amount, done_on, logged_at, remark, undoes FROM task_events ORDER BY event"
    ).fetchall()


def save_slots(db: sqlite3.Connection, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Write rows (slot_id, starts_at, state, JSON document); those of the same id are replaced."""
    db.executemany("INSERT OR REPLACE INTO plan_slots (slot_id, starts_at, state, document) VALUES (?, ?, ?, ?)", rows)


def fetch_slots(db: sqlite3.Connection) -> list[str]:
    """JSON documents of all slots, earliest first."""
    return [row[0] for row in db.execute("SELECT document FROM plan_slots ORDER BY starts_at, slot_id")]


def insert_plan(db: sqlite3.Connection, *, made_at: str, document: str) -> None:
    """Keep how a plan was made: its wishes, explanations and what could not be met."""
    db.execute("INSERT INTO plans (made_at, document) VALUES (?, ?)", (made_at, document))


def fetch_last_plan(db: sqlite3.Connection) -> str | None:
    """The document of the last plan that was made, or None."""
    row = db.execute("SELECT document FROM plans ORDER BY plan DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])
