"""Profiles that the exposure tests share."""

from __future__ import annotations

import pytest

from creator_kit.exposure import RankingProfile, load_profile


@pytest.fixture(scope="session")
def explore() -> RankingProfile:
    return load_profile("explore")


@pytest.fixture(scope="session")
def seed_profile() -> RankingProfile:
    return load_profile("seed")
