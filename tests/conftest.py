"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from creator_kit.cli import speak

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

os.environ["CREATOR_KIT_LANG"] = "en"
os.environ.pop("CREATOR_KIT_TODAY", None)
os.environ.pop("CREATOR_KIT_SEED", None)
# Over a hundred processes are started here; each would compile the package anew where this forbids to keep it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
speak("en")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports, which a stranger's clone does not have."""
    if not (SHARED / "corpora").is_dir():
        pytest.skip("the folder of real exports (../shared) is not here")
    return SHARED


@pytest.fixture(autouse=True)
def english() -> None:
    """Each test starts in English, whatever the one before it spoke."""
    speak("en")
