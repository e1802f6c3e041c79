"""Fixtures of this room's tests."""

from __future__ import annotations

import pytest
from showcase import hostile_page

import creator_kit.report.build as build

__all__ = ["bare", "hostile_page"]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of drafts alone, for tests to which forecast, templates and plan are nothing but seconds."""
    for name in ("collect_forecast", "collect_library", "collect_plan"):
        monkeypatch.setattr(build, name, lambda *_args, **_named: None)
