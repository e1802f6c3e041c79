"""Exports in, notes out: one reader per format found by its columns, people anonymised at the door, heat."""

from creator_kit.corpus.note import METRICS, Note

__all__ = ["METRICS", "Note"]
